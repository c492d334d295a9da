"""Curated driver mutations (DoCM, GRCh37): our consequence of the bare allele against the curated protein change.

Counted as agreement: the same HGVS ``p.`` on one of our transcripts of the curated gene, or the same edit of that
transcript's protein (DoCM writes ``p.RD841-`` for ``p.R841_D842del``, and does not shift to the 3' end). Nothing else:
a change under another transcript's numbering, or a frameshift written as ``p.K267X``, is a difference. Every
difference stands in tests/data/docm_differences.tsv with its cause; a new one fails the test.
"""

import csv
import gzip
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf.csq import compute_consequences, not_evaluable
from targetboard.vcf.gff3 import read_transcripts
from targetboard.vcf.hgvs import ProteinChange, format_protein, parse_protein, protein_edit
from targetboard.vcf.normalise import left_align, trim
from targetboard.vcf.reference import Reference
from targetboard.vcf.transcripts import splice

REQUIRED_SHARE = 0.97


@dataclass(frozen=True)
class Curated:
    key: str
    gene: str
    mutation_type: str
    amino_acid: str
    allele: Allele

    def change(self) -> ProteinChange | None:
        """The curated change in HGVS; deletions (``p.RD841-``) and silent ones (``p.L862``) are respelled."""
        removed = re.fullmatch(r"p\.([A-Z]+)(\d+)-", self.amino_acid)
        if removed:
            first, residues = int(removed[2]), removed[1]
            last = first + len(residues) - 1
            span = f"{residues[0]}{first}" + (f"_{residues[-1]}{last}" if last > first else "")
            return parse_protein(f"p.{span}del")
        if self.mutation_type == "synonymous" and re.fullmatch(r"p\.[A-Z]\d+", self.amino_acid):
            return parse_protein(f"{self.amino_acid}=")
        if self.mutation_type == "frameshift" and self.amino_acid.endswith("X"):
            return None  # the X stands for an unfinished codon here, not for a stop
        return parse_protein(self.amino_acid)


def read_curated(folder: Path, loci: list[tuple[str, int, int]]) -> list[Curated]:
    """Rows of the TSV with the alleles of the VCF, which has the same rows in the same order."""
    with gzip.open(folder / "variants.tsv.gz", "rt") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    with gzip.open(folder / "variants.vcf.gz", "rt") as lines:
        records = [line.rstrip("\n").split("\t") for line in lines if not line.startswith("#")]
    assert len(rows) == len(records)
    found = []
    for row, (chrom, pos, _, ref, alt, *_) in zip(rows, records, strict=True):
        assert row["chromosome"] == chrom
        assert abs(int(row["start"]) - int(pos)) <= 1
        if any(chrom == name and first < int(pos) <= last for name, first, last in loci):
            allele = trim(chrom, int(pos), ref, alt)
            found.append(Curated(row["hgvs"], row["gene"], row["mutation_type"], row["amino_acid"], allele))
    return found


def agrees(curated: Curated, ours: list[TranscriptConsequence], proteins: dict[str, str]) -> bool:
    change = curated.change()
    if change is None:
        return False
    for one in ours:
        stated = parse_protein(one.hgvsp)
        window = (1, proteins[one.transcript])
        if one.hgvsp == format_protein(change):
            return True
        if stated is not None and (edit := protein_edit(stated, window)) and edit == protein_edit(change, window):
            return True
    return False


@pytest.mark.real_data
def test_curated_protein_changes(
    shared_data: Path, root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reference_folder = shared_data / "reference"
    fasta, gff3 = reference_folder / "GRCh37.sparse.fa.gz", reference_folder / "GRCh37.genes.gff3"
    with (reference_folder / "GRCh37.lrg_loci.bed").open() as lines:
        beds = [line.split("\t")[:3] for line in lines]
    curated = read_curated(shared_data / "docm", [(chrom, int(start), int(end)) for chrom, start, end in beds])
    assert len(curated) > 850
    with Reference(fasta) as reference:
        alleles = left_align([one.allele for one in curated], reference, tmp_path)
        loci: dict[str, list[tuple[int, int]]] = {}
        for allele in alleles:
            loci.setdefault(allele.chrom, []).append((allele.pos, allele.pos + len(allele.ref)))
        proteins = {one.id: splice(one, reference.fetch).protein for one in read_transcripts(gff3, loci)}
    found = compute_consequences(alleles, fasta, gff3, tmp_path)
    assert not_evaluable(found) == 0
    differences: dict[str, tuple[str, str]] = {}
    for one, consequences in zip(curated, found, strict=True):
        ours = [consequence for consequence in consequences if consequence.gene == one.gene]
        if not agrees(one, ours, proteins):
            spelled = " | ".join(f"{c.transcript} {c.hgvsc} {c.hgvsp}" for c in ours) or "none"
            differences[one.key] = (one.amino_acid, spelled)
    share = 1 - len(differences) / len(curated)
    with capsys.disabled():
        print(f"\nDoCM: {len(curated) - len(differences)} of {len(curated)} agree ({share:.2%})")  # noqa: T201
    with (root / "tests/data/docm_differences.tsv").open(encoding="utf-8") as lines:
        known = {row["key"]: row for row in csv.DictReader(lines, delimiter="\t")}
    assert {key: (row["curated"], row["ours"]) for key, row in known.items()} == differences
    assert all(row["cause"] for row in known.values())
    assert share >= REQUIRED_SHARE
