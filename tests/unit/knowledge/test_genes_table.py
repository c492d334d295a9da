"""The released genes, proteins, hotspots and domains against files that were not used to make them."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.match import match
from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.model import Allele, Assembly, TranscriptConsequence
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.reference import Reference

# Residues of Cancer Hotspots that the knowledge transcript does not have.
NOT_ON_THE_TRANSCRIPT = {("STK19", "89"), ("TCF3", "551")}
MOST_ACTIONABLE = ("BRCA1", "BRCA2", "PALB2", "MLH1", "MSH2", "MSH6", "RET")
CLONAL_HAEMATOPOIESIS = ("DNMT3A", "TET2", "ASXL1", "PPM1D", "JAK2", "SF3B1", "SRSF2", "U2AF1", "CBL", "GNB1", "BRCC3")
AWAY_FROM_EXONS = 20
# One panel file names a region of IDH1, with IDH1's transcript, IDH2.
MISNAMED_REGION = ("IDH2", "2")


@pytest.fixture(scope="module")
def base(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


def _rows(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def _outside(
    base: KnowledgeBase, assembly: Assembly, places: Iterable[tuple[str, str, int]]
) -> Iterator[tuple[str, str, int]]:
    """Places (gene, chromosome, position) that do not lie in the locus of their gene."""
    for name, chrom, position in places:
        gene = base.gene(name, "")
        span = gene.span(assembly) if gene is not None else None
        if gene is None or span is None or gene.chrom != chrom or not span[0] <= position <= span[1]:
            yield name, chrom, position


def test_the_table_is_large_and_its_identifiers_are_unique(base: KnowledgeBase) -> None:
    genes = list(base.genes.values())
    assert len(genes) >= 700
    assert sum(gene.role == "tumour_suppressor" for gene in genes) > 90
    for values in ([gene.hgnc_id for gene in genes], [t for gene in genes if (t := gene.transcript_refseq)]):
        assert len(set(values)) == len(values)
    assert all(gene.transcript_refseq or gene.transcript_ensembl for gene in genes)
    assert all(gene.span(Assembly.GRCH38) for gene in genes)
    assert [gene.gene for gene in genes if not gene.span(Assembly.GRCH37)] == ["DUX4"]


def test_names_of_callers_lead_to_the_approved_symbol(base: KnowledgeBase) -> None:
    for old, new in {"H3F3A": "H3-3A", "MLL3": "KMT2C", "MLL": "KMT2A", "FAM46C": "TENT5C", "MRE11A": "MRE11"}.items():
        found = base.gene(old, "")
        assert found is not None, old
        assert found.gene == new
    assert base.gene("MLL2", "") is None, "two genes were called so"


def test_lists_of_the_clinical_notes(base: KnowledgeBase) -> None:
    assert all(base.genes[name].germline_followup for name in (*MOST_ACTIONABLE, "ATM", "CHEK2"))
    assert all(base.genes[name].chip_gene for name in CLONAL_HAEMATOPOIESIS)
    assert not base.genes["EGFR"].germline_followup
    assert not base.genes["EGFR"].chip_gene


def test_both_products_of_cdkn2a_are_named(base: KnowledgeBase) -> None:
    gene = base.genes["CDKN2A"]
    assert "p16INK4a" in gene.numbering_note
    assert "p14ARF" in gene.numbering_note
    assert "NM_058195" in gene.legacy_transcript


def test_no_hotspot_row_repeats_the_reference(base: KnowledgeBase) -> None:
    rows = [row for group in base.hotspots.values() for row in group]
    assert len(rows) > 3000
    assert [row for row in rows if row.change == row.reference_aa] == []


def test_critical_regions_lie_inside_the_protein_and_are_sourced(base: KnowledgeBase) -> None:
    domains = [domain for group in base.domains.values() for domain in group]
    for domain in domains:
        assert domain.codon_first <= domain.codon_last, domain
        assert domain.verified_in not in {"", "unverified"}, domain
        whole = [w for w in base.proteins.get(domain.gene, ()) if w.start == 1 and w.residues.endswith("*")]
        assert all(domain.codon_last < len(w.residues) for w in whole), domain


@pytest.mark.real_data
def test_every_count_is_in_the_table_or_left_out_for_a_stated_reason(base: KnowledgeBase, shared_data: Path) -> None:
    held = {row.verified_in.partition(";")[0] for group in base.hotspots.values() for row in group}
    missing = []
    for name in ("residue_counts", "indel_counts"):
        for row in _rows(shared_data / f"hotspots/{name}.tsv"):
            gene, residue, change = row["gene"], row["residue"], row["change"]
            silent = name == "residue_counts" and change == row["reference_aa"] and not residue.endswith("_splice")
            there = f"hotspots/{name} {gene} {residue} {change}" in held
            if not (silent or there or (gene, residue) in NOT_ON_THE_TRANSCRIPT):
                missing.append((gene, residue, change))
    assert missing == []


@pytest.mark.real_data
@pytest.mark.parametrize("assembly", list(Assembly))
def test_loci_hold_the_attested_positions(base: KnowledgeBase, shared_data: Path, assembly: Assembly) -> None:
    places: list[tuple[str, str, int]] = []
    for line in (shared_data / f"hotspots/cancerhotspots_v2_{assembly}.tsv").read_text(encoding="utf-8").splitlines():
        fields = line.split("\t")
        if len(fields) >= 7 and fields[1].isdigit():
            places.append((fields[4], fields[0], int(fields[1])))
    if assembly is Assembly.GRCH37:
        docm = _rows(shared_data / "docm/variants.tsv.gz")
        places += [(row["gene"], row["chromosome"], int(row["start"])) for row in docm]
    for bed in sorted((shared_data / f"panels/TSO500_DNA_{assembly}").glob("*.bed")):
        for line in bed.read_text(encoding="utf-8").splitlines():
            chrom, _, end, name = line.split("\t")[:4]
            gene = name.partition("(")[0].strip()
            if re.fullmatch(r"[A-Z0-9-]+", gene) and base.gene(gene, "") and (gene, chrom) != MISNAMED_REGION:
                places.append((gene, chrom, int(end) - AWAY_FROM_EXONS))
    assert len(places) > 3000
    assert list(_outside(base, assembly, places)) == []
    name, chrom, _ = places[0]
    assert list(_outside(base, assembly, [(name, chrom, 1)]))


@pytest.mark.real_data
def test_loci_are_those_of_the_reference_records(base: KnowledgeBase, shared_data: Path) -> None:
    compared = 0
    for row in _rows(shared_data / "reference/lrg_index.tsv"):
        gene = base.gene(row["gene"], "")
        span = gene.span(Assembly(row["build"])) if gene is not None else None
        if gene is None or span is None:
            continue
        compared += 1
        assert gene.chrom == row["chrom"], gene.gene
        assert gene.strand == ("+" if row["lrg_strand"] == "1" else "-"), gene.gene
        assert int(row["start"]) <= span[1], gene.gene
        assert span[0] <= int(row["end"]), gene.gene
    assert compared > 300


@pytest.mark.real_data
def test_residues_of_docm_stand_in_the_proteins(base: KnowledgeBase, shared_data: Path) -> None:
    """Most DoCM changes are numbered on the knowledge transcript; those that are not are few and known genes."""
    agree, differ = 0, set()
    for row in _rows(shared_data / "docm/variants.tsv.gz"):
        change = re.match(r"p\.([A-Z])(\d+)", row["amino_acid"])
        gene = base.gene(row["gene"], "")
        if change is None or gene is None:
            continue
        found = _residue(base, gene, int(change[2]))
        if found is not None:
            agree += found == change[1]
            differ |= {gene.gene} if found != change[1] else set()
    assert agree > 700
    legacy = {name for name, gene in base.genes.items() if gene.legacy_transcript}
    assert differ - legacy <= {"RAF1", "FGFR2"}, differ - legacy


def _residue(base: KnowledgeBase, gene: Gene, position: int) -> str | None:
    for window in base.proteins.get(gene.gene, ()):
        if 0 <= position - window.start < len(window.residues):
            return window.residues[position - window.start]
    return None


def test_a_residue_outside_every_window_is_unknown(base: KnowledgeBase) -> None:
    assert _residue(base, base.genes["EGFR"], 858) == "L"
    assert _residue(base, base.genes["EGFR"], 100_000) is None
    names: Mapping[str, str] = {"MET": "D", "FGFR1": "N", "EZH2": "Y"}
    for name, position in (("MET", 1010), ("FGFR1", 546), ("EZH2", 646)):
        assert _residue(base, base.genes[name], position) == names[name]


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("position", "reference_bases", "alternative", "expected"),
    [
        (116771989, 1, "A", "matched"),  # p.Asp1010Asn, the last base of exon 14
        (116771990, 1, "A", "matched"),  # splice donor
        (116771847, 1, "T", "matched"),  # splice acceptor
        (116771969, 41, "", "matched"),  # deletion across the donor
        (116771818, 28, "", "told"),  # the polypyrimidine tract; the acceptor's bases stay
        (116771800, 251, "", "matched"),  # the whole exon
        (116771837, 12, "", "matched"),  # deletion of eleven bases up to the acceptor
        (116771984, 12, "", "matched"),  # deletion of eleven bases across the donor
        (116771829, 27, "", "matched"),  # deletion of 26 bases across the acceptor
        (116771829, 182, "", "matched"),  # the exon with 19 and 21 bases around it
        (116771994, 1, "C", "told"),  # donor, fifth base
        (116771859, 10, "", "told"),  # in frame inside the exon
        (116771995, 16, "", "told"),  # behind the donor
        (116771848, 4, "", "told"),  # the first three bases of the exon
        (116771653, 3, "", "elsewhere"),  # across the donor of exon 13
        (116774879, 3, "", "elsewhere"),  # across the acceptor of exon 15
    ],
)
def test_met_exon_14_on_the_legacy_transcript_is_never_missed(
    base: KnowledgeBase,
    shared_data: Path,
    tmp_path: Path,
    position: int,
    reference_bases: int,
    alternative: str,
    expected: str,
) -> None:
    """The reference files annotate MET on NM_001127500 only, whose residues count 18 more than the tables'."""
    fasta, gff3 = shared_data / "reference/GRCh38.sparse.fa.gz", shared_data / "reference/GRCh38.genes.gff3"
    with Reference(fasta) as reference:
        bases = reference.fetch("7", position, position + reference_bases - 1)
    allele = Allele("7", position, bases, alternative or bases[0])
    (consequences,) = compute_consequences([allele], fasta, gff3, tmp_path)
    assert {one.transcript for one in consequences} == {"NM_001127500.1"}
    result = match(base, Assembly.GRCH38, allele, consequences[0], consequences)
    matched = {one.alteration_id for one in result.matches}
    told = {one.alteration_id: one.reason for one in result.near_misses}
    if expected == "matched":
        assert "MET_EX14SKIP" in matched
        if len(allele.ref) > 1:
            rule = next(one.rule for one in result.matches if one.alteration_id == "MET_EX14SKIP")
            assert "on NM_001127500.1 (numbered on the legacy transcript, offset +18" in rule
    else:
        assert "MET_EX14SKIP" not in matched
        if expected == "told":
            assert "is not annotated to hit a splice site of exon 14" in told["MET_EX14SKIP"]


@pytest.mark.parametrize(
    ("gene", "there", "here"),
    [
        ("ABL1", "p.Thr334Ile", "ABL1_T315I"),
        ("EZH2", "p.Tyr641Asn", "EZH2_Y646N"),
        ("MET", "p.Asp1246Asn", "MET_D1228N"),
        ("MET", "p.Tyr1248Cys", "MET_Y1230C"),
    ],
)
def test_a_change_on_the_legacy_transcript_meets_its_row(base: KnowledgeBase, gene: str, there: str, here: str) -> None:
    """By its number less the offset, as the note of the gene says; never by the number as it stands."""
    curated = base.alterations[here].protein_changes[0]
    alleles = base.alleles_by_alteration[Assembly.GRCH38].get(here, ())
    position = alleles[0].pos if alleles else 5
    for hgvsp, expected in ((there, True), (curated, False)):
        found = TranscriptConsequence(
            gene=gene,
            transcript=f"{base.genes[gene].legacy_transcript[0]}.9",
            terms=("missense_variant",),
            source="CSQ",
            hgvsp=hgvsp,
        )
        # three bases as one allele: a route that no table lists, so that only the protein change can match
        allele = Allele(base.genes[gene].chrom, position, "NNN", "TTT")
        if not expected:
            allele = Allele(base.genes[gene].chrom, 5, "NNN", "TTT")
        result = match(base, Assembly.GRCH38, allele, found, (found,))
        assert (here in {one.alteration_id for one in result.matches}) is expected, hgvsp
        if expected:
            rule = next(one.rule for one in result.matches if one.alteration_id == here)
            assert f"numbered on the legacy transcript, offset {base.genes[gene].numbering_offset:+d}" in rule
        else:
            assert here in {one.alteration_id for one in result.near_misses}


@pytest.mark.parametrize(("gene", "there", "here"), [("FGFR1", "p.Asn577Lys", "FGFR1_N546K")])
def test_an_offset_is_not_applied_where_the_tables_cannot_contradict_the_number(
    base: KnowledgeBase, gene: str, there: str, here: str
) -> None:
    """Of FGFR1 a few residues are known: whether 577 is another residue here, the tables cannot say."""
    found = TranscriptConsequence(
        gene=gene, transcript="NM_001174067.2", terms=("missense_variant",), source="CSQ", hgvsp=there
    )
    result = match(base, Assembly.GRCH38, Allele(base.genes[gene].chrom, 5, "NNN", "TTT"), found, (found,))
    assert not result.matches
    (reason,) = [one.reason for one in result.near_misses if one.alteration_id == here]
    assert reason.startswith("annotated on the legacy transcript NM_001174067.2, whose numbering differs")
