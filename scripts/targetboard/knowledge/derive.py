r"""What the tables state, derived again from reference sequence and gene models: proteins, loci, numbering, alleles.

    python -m targetboard.knowledge.derive --knowledge resources/knowledge \\
        --fasta-grch37 A.fa.gz --gff3-grch37 A.gff3 --fasta-grch38 B.fa.gz --gff3-grch38 B.gff3

prints every disagreement with its row, and how many rows could be derived at all: a row whose transcript or locus the
reference files lack is counted, never guessed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import KnowledgeError, TargetboardError
from targetboard.knowledge.legacy import accession
from targetboard.knowledge.loader import load
from targetboard.knowledge.protein import curated_change, edit_of, same_event
from targetboard.knowledge.records import Gene, KnowledgeBase, KnownAllele, ProteinWindow
from targetboard.model import Allele, Assembly, TranscriptConsequence
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.gff3 import read_transcripts
from targetboard.vcf.hgvs import ProteinKind, parse_protein, split_accession
from targetboard.vcf.reference import Reference
from targetboard.vcf.transcripts import Transcript, reverse_complement, translate

_CHROMOSOMES = (*(str(number) for number in range(1, 23)), "X", "Y")
_WHOLE_CHROMOSOME = (1, 300_000_000)
# Share of the shorter protein that two transcripts must have in common before an offset between them means anything.
_SHARED_ENDS = 0.9
# How a row names residues in which the assemblies differ: "GRCh37 differs at N1983S".
_ASSEMBLIES_DIFFER = re.compile(r"GRCh37 differs at ((?:[A-Z]\d+[A-Z*](?:, )?)+)")
_LOCUS_SOURCE, _WIDER_LOCUS = "genes.gff3", "promoter"


@dataclass(slots=True, frozen=True)
class Disagreement:
    """A cell that the reference files do not give."""

    table: str
    row: str
    column: str
    stated: str
    derived: str

    def one_line(self) -> str:
        """The disagreement as the command prints it."""
        return f"{self.table}, row {self.row}, {self.column}: {self.stated} is stated, {self.derived} is derived"


@dataclass(slots=True, frozen=True)
class Derivation:
    """Disagreements, and per table the rows derived and the rows there are."""

    disagreements: tuple[Disagreement, ...]
    derived: Mapping[str, int]
    total: Mapping[str, int]


@dataclass(slots=True, frozen=True)
class Models:
    """Transcripts of one assembly, by accession without version, with the protein of each ("" where incomplete)."""

    transcripts: Mapping[str, tuple[Transcript, ...]]
    by_gene: Mapping[str, tuple[Transcript, ...]]
    proteins: Mapping[str, str]

    @classmethod
    def read(cls, base: KnowledgeBase, fasta: Path, gff3: Path) -> Models:
        """Read every transcript of a GFF3 file, filed under the knowledge base's symbol of its gene.

        Raises
        ------
        MalformedInput, UsageError
            The files cannot be read.
        """
        found = read_transcripts(gff3, {chrom: [_WHOLE_CHROMOSOME] for chrom in _CHROMOSOMES})
        by_accession: dict[str, list[Transcript]] = {}
        by_gene: dict[str, list[Transcript]] = {}
        proteins: dict[str, str] = {}
        with Reference(fasta) as reference:
            for transcript in found:
                by_accession.setdefault(accession(transcript.id), []).append(transcript)
                gene = base.gene(transcript.gene, transcript.hgnc_id)
                if gene is not None and gene.chrom == transcript.chrom:
                    by_gene.setdefault(gene.gene, []).append(transcript)
                    proteins[transcript.id] = coding_protein(transcript, reference)
        return cls(
            {name: tuple(group) for name, group in by_accession.items()},
            {name: tuple(group) for name, group in by_gene.items()},
            proteins,
        )

    def protein(self, transcript: str) -> str:
        """Protein of a transcript, the version read only where the file has several; "" where there is none."""
        group = self.transcripts.get(accession(transcript), ())
        exact = [one for one in group if one.id == transcript]
        return next((self.proteins[one.id] for one in exact or group if self.proteins.get(one.id)), "")


def coding_protein(transcript: Transcript, reference: Reference) -> str:
    """Translated coding sequence, the stop included; "" where it is incomplete, unknown in part or not open."""
    bases = "".join(reference.fetch(transcript.chrom, start, end) for start, end in transcript.cds)
    if not bases or len(bases) % 3 or set(bases) - set("ACGT") or not transcript.complete:
        return ""
    protein = translate(bases if transcript.strand == 1 else reverse_complement(bases))
    return protein if protein.endswith("*") and "*" not in protein[:-1] else ""


def derive(base: KnowledgeBase, files: Mapping[Assembly, tuple[Path, Path]], workdir: Path) -> Derivation:
    """Derive every row that the reference files allow, and compare.

    Parameters
    ----------
    base
        The knowledge base.
    files
        FASTA and GFF3 by assembly; one assembly is enough.
    workdir
        Existing folder for temporary files.

    Raises
    ------
    MalformedInput, UsageError
        The reference files cannot be read.
    """
    models = {assembly: Models.read(base, *files[assembly]) for assembly in sorted(files)}
    wrong: list[Disagreement] = []
    windows = [window for group in base.proteins.values() for window in group]
    derived = dict.fromkeys(("proteins", "genes", "numbering", "alleles"), 0)
    for window in windows:
        faults = protein_faults(base.genes[window.gene], window, models)
        if faults is not None:
            derived["proteins"] += 1
            wrong += faults
    for gene in base.genes.values():
        loci = locus_faults(gene, models)
        if loci is not None:
            derived["genes"] += 1
            wrong += loci
        offsets = offset_faults(gene, base.proteins.get(gene.gene, ()), models)
        if offsets is not None:
            derived["numbering"] += 1
            wrong += offsets
    for assembly, (fasta, gff3) in sorted(files.items()):
        count, faulty = allele_faults(base, assembly, fasta, gff3, workdir)
        derived["alleles"] += count
        wrong += faulty
    alleles = sum(len(group) for a in files for group in base.alleles_by_alteration.get(a, {}).values())
    total = {
        "proteins": len(windows),
        "genes": len(base.genes),
        "numbering": sum(gene.numbering_offset is not None for gene in base.genes.values()),
        "alleles": alleles,
    }
    return Derivation(tuple(wrong), derived, total)


def protein_faults(gene: Gene, window: ProteinWindow, models: Mapping[Assembly, Models]) -> list[Disagreement] | None:
    """Residues of a window that the transcript does not have; None where no assembly gives its protein.

    A transcript the gene models lack is compared with a legacy transcript of the gene, of which it must be the same but
    for one gap of the length that ``numbering_offset`` says. Residues in which the assemblies differ, and which the row
    names, are no fault.
    """
    told = _ASSEMBLIES_DIFFER.search(window.verified_in)
    named = set(told[1].split(", ")) if told else set()
    faults: list[Disagreement] = []
    reached = False
    for assembly, model in models.items():
        protein = model.protein(window.transcript)
        if not protein:
            legacy, offset = _legacy_protein(gene, model)
            reached |= bool(legacy)
            if legacy and not _agreeing_ends(window.residues, legacy, window.start - 1, offset):
                row = f"{window.gene} {window.transcript} {window.start}"
                stated, found = "another protein", f"that of a legacy transcript shifted by {offset}"
                faults.append(Disagreement("proteins", row, f"residues ({assembly})", stated, found))
            continue
        other = protein[window.start - 1 : window.start - 1 + len(window.residues)]
        reached = True
        for index in range(max(len(other), len(window.residues))):
            stated, found = window.residues[index : index + 1], other[index : index + 1]
            position = window.start + index
            explained = assembly is Assembly.GRCH37 and f"{found}{position}{stated}" in named
            if stated != found and not explained:
                row = f"{window.gene} {window.transcript} {window.start}"
                faults.append(
                    Disagreement("proteins", row, f"residue {position} ({assembly})", stated or "none", found or "none")
                )
                break
    return faults if reached else None


def _legacy_protein(gene: Gene, model: Models) -> tuple[str, int]:
    if gene.numbering_offset is not None:
        for name in gene.legacy_transcript:
            protein = model.protein(name)
            if protein:
                return protein, gene.numbering_offset
    return "", 0


def _agreeing_ends(residues: str, other: str, first: int, offset: int) -> bool:
    """Whether a window equals another protein from its first residue, and from its last one shifted by the offset."""
    if not other or first + offset + len(residues) <= 0:
        return False
    head = _common(residues, other[first:])
    tail = other[: first + offset + len(residues)]
    rest = _common(residues[::-1], tail[::-1])
    return head + rest >= _SHARED_ENDS * min(len(residues), len(other))


def _common(one: str, two: str) -> int:
    return next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))


def locus_faults(gene: Gene, models: Mapping[Assembly, Models]) -> list[Disagreement] | None:
    """Chromosome, strand and span against the transcripts of the gene; None where the models have none.

    A locus said to come from the gene models equals their span, unless the row says that it takes in the promoter; any
    other locus must hold it.
    """
    faults: list[Disagreement] = []
    reached = False
    for assembly, model in models.items():
        transcripts = model.by_gene.get(gene.gene, ())
        span = gene.span(assembly)
        if not transcripts or span is None:
            continue
        reached = True
        strand = "+" if transcripts[0].strand == 1 else "-"
        if gene.strand != strand:
            faults.append(Disagreement("genes", gene.gene, "strand", gene.strand, strand))
        first, last = min(one.start for one in transcripts), max(one.end for one in transcripts)
        exact = _LOCUS_SOURCE in gene.verified_in and _WIDER_LOCUS not in gene.verified_in.casefold()
        if (span != (first, last)) if exact else not (span[0] <= first and last <= span[1]):
            stated, found = f"{span[0]}-{span[1]}", f"{first}-{last}"
            faults.append(Disagreement("genes", gene.gene, f"locus in {assembly}", stated, found))
    return faults if reached else None


def offset_faults(
    gene: Gene, windows: Sequence[ProteinWindow], models: Mapping[Assembly, Models]
) -> list[Disagreement] | None:
    """``numbering_offset`` against the proteins of both transcripts; None where one of them is not at hand.

    The offset must hold at the end of the protein or, for a gap in its middle, for most of it.
    """
    if gene.numbering_offset is None:
        return None
    for model in models.values():
        legacy, offset = _legacy_protein(gene, model)
        if not legacy:
            continue
        for window in windows:
            own = window.residues
            held = sum(
                legacy[i : i + 1] == residue
                for i, residue in enumerate(own, window.start - 1 + offset)
                if 0 <= i < len(legacy)
            )
            shared = _common(own[::-1], legacy[: window.start - 1 + offset + len(own)][::-1])
            if shared >= len(own) // 4 and held > shared // 2:
                return []
        if windows:
            found = "no such offset"
            return [Disagreement("genes", gene.gene, "numbering_offset", str(gene.numbering_offset), found)]
    return None


def allele_faults(
    base: KnowledgeBase, assembly: Assembly, fasta: Path, gff3: Path, workdir: Path
) -> tuple[int, list[Disagreement]]:
    """REF, hgvsc and hgvsp of every allele of one assembly; and how many alleles the sequence reaches.

    ``hgvsp`` is compared as an event, so that two spellings of one change agree; ``hgvsc`` by its text.
    """
    rows = [row for group in base.alleles_by_alteration.get(assembly, {}).values() for row in group]
    alleles = [Allele(row.chrom, row.pos, row.ref, row.alt) for row in rows]
    wrong: list[Disagreement] = []
    reached = 0
    with Reference(fasta) as reference:
        for row, allele in zip(rows, alleles, strict=True):
            result = reference.check(allele)
            reached += result != "unchecked"
            if result == "mismatch":
                bases = reference.fetch(row.chrom, row.pos, row.pos + len(row.ref) - 1)
                wrong.append(Disagreement("alleles", _allele_name(row), "ref", row.ref, bases))
    for row, found in zip(rows, compute_consequences(alleles, fasta, gff3, workdir), strict=True):
        gene = base.genes[base.alterations[row.alteration_id].gene]
        wrong += _description_faults(base, gene, row, found)
    return reached, wrong


def _description_faults(
    base: KnowledgeBase, gene: Gene, row: KnownAllele, found: Sequence[TranscriptConsequence]
) -> Iterator[Disagreement]:
    known = {accession(name) for name in (gene.transcript_refseq, gene.transcript_ensembl) if name}
    windows = base.proteins.get(gene.gene, ())
    for one in found:
        if accession(one.transcript) not in known:
            continue
        name = _allele_name(row)
        derived = split_accession(one.hgvsc)[1] if one.hgvsc else ""
        stated = split_accession(row.hgvsc)[1] if row.hgvsc else ""
        if stated and derived and stated != derived:
            yield Disagreement("alleles", name, "hgvsc", stated, derived)
        curated = curated_change(row.hgvsp, windows) if row.hgvsp else None
        change = parse_protein(one.hgvsp) if one.hgvsp else None
        if curated is None or change is None:
            continue
        silent = change.kind is curated.change.kind is ProteinKind.SYNONYMOUS and change.start == curated.change.start
        start = change.kind is ProteinKind.START_LOST and curated.change.start == 1
        if not (silent or start or same_event(change, edit_of(change, windows), curated)):
            yield Disagreement("alleles", name, "hgvsp", row.hgvsp, one.hgvsp)


def _allele_name(row: KnownAllele) -> str:
    return f"{row.alteration_id} {row.assembly} {row.chrom}:{row.pos} {row.ref}>{row.alt}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m targetboard.knowledge.derive",
        description="derive what the knowledge tables state from reference files, and print what differs",
        allow_abbrev=False,
    )
    parser.add_argument("--knowledge", metavar="DIR", type=Path, default=Path("resources/knowledge"))
    for number in ("37", "38"):
        parser.add_argument(f"--fasta-grch{number}", metavar="FASTA", type=Path)
        parser.add_argument(f"--gff3-grch{number}", metavar="GFF3", type=Path)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 0 where nothing differs, else the exit code of a knowledge error."""
    options = _parser().parse_args(arguments)
    given = {
        Assembly.GRCH37: (options.fasta_grch37, options.gff3_grch37),
        Assembly.GRCH38: (options.fasta_grch38, options.gff3_grch38),
    }
    files = {assembly: pair for assembly, pair in given.items() if all(pair)}
    if not files:
        sys.stderr.write("error: give a FASTA and a GFF3 file of at least one assembly\n")
        return 2
    try:
        with tempfile.TemporaryDirectory() as workdir:
            result = derive(load([options.knowledge]), files, Path(workdir))
    except TargetboardError as error:
        sys.stderr.write(f"error: {error.one_line()}\n")
        return error.code
    for one in result.disagreements:
        sys.stdout.write(one.one_line() + "\n")
    for table, count in result.derived.items():
        sys.stdout.write(f"{table}: {count} of {result.total[table]} rows derived\n")
    return KnowledgeError.code if result.disagreements else 0


if __name__ == "__main__":
    raise SystemExit(main())
