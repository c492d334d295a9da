"""Lint: a clean base says nothing; each fault is found at its place, and only there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.errors import KnowledgeError, UsageError
from targetboard.knowledge.lint import lint
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.profiles import ProfileTerm, profile_terms
from targetboard.knowledge.schema import Finding

Change = Callable[[str], str]


def swap(old: str, new: str, count: int = 1) -> Change:
    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, count)

    return change


def cell(row: str, column: str, value: str) -> Change:
    """Set one cell of the row whose first field is ``row``."""

    def change(text: str) -> str:
        lines = [line.split("\t") for line in text.splitlines()]
        index = next(i for i, fields in enumerate(lines) if fields[0] == row)
        lines[index][lines[0].index(column)] = value
        return "".join("\t".join(fields) + "\n" for fields in lines)

    return change


def drop(row_start: str) -> Change:
    def change(text: str) -> str:
        kept = [line for line in text.splitlines(keepends=True) if not line.startswith(row_start)]
        assert len(kept) < len(text.splitlines())
        return "".join(kept)

    return change


def faults(directory: Path, table: str, change: Change) -> list[Finding]:
    path = directory / f"{table}.tsv"
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())
    write_manifest(directory)
    return lint([directory])


def test_a_clean_base_says_nothing(knowledge_dir: Path) -> None:
    assert lint([knowledge_dir]) == []


def withdraw_all(text: str) -> str:
    return text.replace("conditional", "withdrawn").replace("approved", "withdrawn")


CASES: list[tuple[str, Change, str, str, str]] = [
    ("alterations", cell("INVO1_V60E", "protein_changes", "p.Lys60Glu"), "alterations", "INVO1_V60E", "Lys60 stated"),
    ("alterations", cell("INVO1_V60E", "protein_changes", "p.V60E"), "alterations", "INVO1_V60E", "spelled p.Val60Glu"),
    ("alterations", cell("INVO1_V60E", "protein_changes", "p.nonsense"), "alterations", "INVO1_V60E", "is no protein"),
    ("alterations", cell("INVO1_V60E", "protein_changes", "p.Val60="), "alterations", "INVO1_V60E", "recognise"),
    ("alterations", cell("INVO1_V60E", "protein_changes", ""), "alterations", "INVO1_V60E", "needs protein_changes"),
    ("alterations", cell("INVO1_V60", "codon_last", ""), "alterations", "INVO1_V60", "needs both ends"),
    ("alterations", cell("INVO1_V60", "codon_last", "59"), "alterations", "INVO1_V60", "after its last"),
    ("alterations", cell("INVO1_EX6", "exon", ""), "alterations", "INVO1_EX6", "exon or a codon window"),
    ("alterations", cell("INVO1_EX6", "classes", ""), "alterations", "INVO1_EX6", "needs classes"),
    ("alterations", cell("INVO1_EX3SKIP", "classes", "any"), "alterations", "INVO1_EX3SKIP", "splice classes only"),
    ("alterations", cell("INVO1_V60E", "sources", "HGNC:1"), "alterations", "INVO1_V60E", "functional source"),
    ("alterations", cell("INVO1_V60E", "sources", ""), "alterations", "INVO1_V60E", "functional source"),
    ("alterations", cell("INVO1_V60E", "verified_in", "unverified"), "alterations", "INVO1_V60E", "was checked"),
    ("alterations", cell("INVO1_S33N", "effect", "unknown"), "alterations", "INVO1_S33N", "disagree"),
    ("alterations", cell("INVO1_EX5INS", "excludes", "EGFR_L858R"), "alterations", "INVO1_EX5INS", "no alteration of"),
    ("alterations", cell("INVO1_EX5INS", "excludes", "INVO1_EX5INS"), "alterations", "INVO1_EX5INS", "excludes itself"),
    ("alterations", cell("INVO1_EX5INS", "excludes", "p.Lys85_Tyr86insTrp"), "alterations", "INVO1_EX5INS", "Lys85"),
    ("alterations", cell("ERBB2_YVMA", "protein_changes", "p.Tyr1772dup"), "alterations", "ERBB2_YVMA", "other"),
    ("alterations", cell("EGFR_EX20INS", "excludes", "p.Ala1763_Tyr1764insTrp"), "alterations", "EGFR_EX20INS", "slip"),
    ("alterations", cell("INVT1_LOF", "gene", "INVO1"), "alterations", "INVT1_LOF", "no mechanism of INVO1"),
    ("genes", cell("INVT2", "transcript_refseq", ""), "alterations", "INVT2_LOF", "no knowledge transcript"),
    ("genes", cell("INVO1", "aliases", "NEU"), "genes", "INVO1", "also a name of ERBB2"),
    ("genes", cell("INVT2", "start_GRCh37", "901"), "genes", "INVT2", "start lies after end"),
    ("genes", cell("INVT2", "start_GRCh38", ""), "genes", "INVT2", "no coordinates in GRCh38"),
    ("genes", cell("INVO1", "last_pathogenic_codon", "100"), "genes", "INVO1", "no mechanism of the gene"),
    ("proteins", swap("NM_900001.2", "NM_911111.1"), "proteins", "INVO1/NM_911111.1/1", "no knowledge transcript"),
    ("proteins", swap("\tMM", "\tKM"), "proteins", "INVO1/NM_900001.2/1", "residue 1 is no Met"),
    ("proteins", swap("\t850", "\t790"), "proteins", "EGFR/NM_005228.3/790", "differ"),
    ("alleles", drop("INVO1_V60E\tGRCh38"), "alleles", "INVO1_V60E/GRCh37/1/3179/T/A", "no counterpart"),
    ("alleles", drop("INVO1_PROM"), "alterations", "INVO1_PROM", "has no alleles"),
    ("alleles", swap("3179\tT\tA", "3179\tA\tA"), "alleles", "INVO1_V60E/GRCh37/1/3179/A/A", "the same"),
    ("alleles", swap("3179\tT\tA", "3179\tG\tA"), "alleles", "INVO1_V60E/GRCh37/1/3179/G/A", "strand is T>A"),
    ("alleles", swap("7000\tG\tA", "7000\tC\tT"), "alleles", "INVT1_R40W/GRCh37/2/7000/C/T", "on the - strand is G>A"),
    ("alleles", swap("1\t3179", "4\t3179"), "alleles", "INVO1_V60E/GRCh37/4/3179/T/A", "lies on chromosome 1"),
    ("alleles", swap("3179\tT", "93179\tT"), "alleles", "INVO1_V60E/GRCh37/1/93179/T/A", "lies outside INVO1"),
    ("alleles", swap("p.Val60Glu", "p.Val60Lys"), "alleles", "INVO1_V60E/GRCh37/1/3179/T/A", "none of the"),
    ("alleles", swap("p.Val60Glu", "p.Lys60Glu"), "alleles", "INVO1_V60E/GRCh37/1/3179/T/A", "Lys60 stated"),
    ("alleles", swap("3095\tAG\tTC", "3095\tAGG\tTCG"), "alleles", "INVO1_EX3SKIP/GRCh37/1/3095/AGG/TCG", "trimmed"),
    ("alleles", swap("3095\tAG\tTC", "3095\tA\tAGA"), "alleles", "INVO1_EX3SKIP/GRCh37/1/3095/A/AGA", "left-aligned"),
    ("hotspots", swap("\t70\t", "\t90\t"), "hotspots", "INVO1/60/E", "90 tumours with the change"),
    ("hotspots", swap("\t80\t", "\t81\t"), "hotspots", "INVO1/60/K", "differs from 81"),
    ("hotspots", swap("\tV\t", "\tK\t"), "hotspots", "INVO1/60/E", "another transcript"),
    ("domains", swap("\t50\t110", "\t110\t50"), "domains", "INVO1/kinase domain/110/50", "after the last"),
    ("tumour_types", cell("BOWEL", "parent", ""), "tumour_types", "BOWEL", "second root"),
    ("tumour_types", cell("LUNG", "parent", "LUAD"), "tumour_types", "LUNG", "circle"),
    ("markers", cell("MSI", "marker_id", "INVO1_V60E"), "markers", "INVO1_V60E", "also an alteration"),
    ("biomarkers", cell("INVO1_V60E", "profile", "NO_SUCH"), "biomarkers", "INVO1_V60E", "no alteration or marker"),
    ("biomarkers", cell("INVO1_V60E", "profile", "INVO1_V60E AND"), "biomarkers", "INVO1_V60E", "term is expected"),
    ("biomarkers", cell("INVO1_V60E", "profile", "INVO1_S33N"), "biomarkers", "INVO1_V60E", "neutral alteration"),
    ("biomarkers", cell("INVO1_V60E", "profile", "INVO1_V60"), "therapies", "C1", "rests on INVO1_V60"),
    ("biomarkers", cell("PHASED", "profile", "cis(INVO1_V60E, MSI)"), "biomarkers", "PHASED", "'MSI' is no alteration"),
    ("biomarkers", cell("PDL1_HIGH", "profile", "wild_type(NOGENE)"), "biomarkers", "PDL1_HIGH", "no gene, alter"),
    ("therapies", cell("C1", "drugs", ""), "therapies", "C1", "needs drugs"),
    ("therapies", cell("C1", "evidence_level", ""), "therapies", "C1", "needs an evidence level"),
    ("therapies", cell("C1", "direction", ""), "therapies", "C1", "needs a direction"),
    ("therapies", cell("C5", "direction", "sensitive"), "therapies", "C5", "has no direction"),
    ("therapies", cell("C1", "sources", ""), "therapies", "C1", "needs a source"),
    ("therapies", cell("C2", "excluded_tumour_types", "BOWEL|LUAD"), "", "", ""),
    ("therapies", cell("C1", "excluded_tumour_types", "LUAD"), "therapies", "C1", "included and excluded"),
    ("therapies", cell("C3", "tumour_types", "LUAD|BOWEL"), "", "", ""),
    ("approvals", swap("conditional", "withdrawn"), "", "", ""),
    ("approvals", withdraw_all, "therapies", "C1", "withdrawn"),
    ("approvals", swap("2021", "2031"), "approvals", "C1/EU/2031/conditional/invented", "after the release"),
    ("resistance", lambda t: t.replace("INVO1_G12DV", "").replace("inventinib", ""), "resistance", "R1", "no report"),
    ("drugs", cell("inventinib", "drug", "Inventinib"), "drugs", "Inventinib", "pattern"),
]  # fmt: skip


@pytest.mark.parametrize(("table", "change", "at", "row", "words"), CASES)
def test_each_fault_is_found(knowledge_dir: Path, table: str, change: Change, at: str, row: str, words: str) -> None:
    findings = faults(knowledge_dir, table, change)
    if not words:
        assert findings == []
        return
    hits = [f for f in findings if f.table == at and f.row == row and words in f.message]
    assert hits, [f.one_line() for f in findings]
    assert hits[0].remedy
    assert hits[0].line > 1
    assert f"{at}.tsv" in hits[0].one_line()


def test_the_same_statement_twice(knowledge_dir: Path) -> None:
    def double(text: str) -> str:
        row = next(line for line in text.splitlines() if line.startswith("C1\t"))
        return text + row.replace("C1\t", "C9\t", 1).replace("LUAD", "BOWEL|LUAD") + "\n"

    findings = faults(knowledge_dir, "therapies", double)
    assert [(f.row, f.message) for f in findings] == [("C9", "C1 already says this for LUAD")]


def test_other_conditions_are_another_statement(knowledge_dir: Path) -> None:
    def adjuvant(text: str) -> str:
        row = next(line for line in text.splitlines() if line.startswith("C1\t"))
        return cell("C9", "conditions", "after resection")(text + row.replace("C1\t", "C9\t", 1) + "\n")

    assert faults(knowledge_dir, "therapies", adjuvant) == []


def test_all_faults_at_once_in_order(knowledge_dir: Path) -> None:
    path = knowledge_dir / "genes.tsv"
    path.write_text(path.read_text().replace("tumour_suppressor", "suppressor"))
    (knowledge_dir / "markers.tsv").unlink()
    manifest = knowledge_dir / "MANIFEST.yaml"
    manifest.write_text(manifest.read_text().replace("licence: MIT", "licence: ''", 1))
    messages = [finding.message for finding in lint([knowledge_dir])]
    assert any("not there" in message for message in messages)
    assert any("has no licence" in message for message in messages)
    assert any("table markers.tsv is missing" in message for message in messages)
    assert sum("'suppressor' is none of" in message for message in messages) == 2
    assert messages == [finding.message for finding in lint([knowledge_dir])]


def test_reference_bases(knowledge_dir: Path, tmp_path: Path) -> None:
    pysam = pytest.importorskip("pysam")
    bases = ["C"] * 12000
    for position, base in ((3179, "T"), (876, "G"), (3095, "A"), (3096, "N")):
        bases[position - 1] = base
    fasta = tmp_path / "small.fa"
    fasta.write_text(">chr1\n" + "".join(bases) + "\n")
    pysam.faidx(str(fasta))
    assert lint([knowledge_dir], {"GRCh37": fasta}) == []
    fasta.write_text(">chr1\n" + "".join(bases).replace("G", "T") + "\n")
    findings = lint([knowledge_dir], {"GRCh37": fasta})
    assert [f.row for f in findings] == ["INVO1_PROM/GRCh37/1/876/G/A"]
    assert "REF G differs from the reference (T)" in findings[0].message
    with pytest.raises(UsageError):
        lint([knowledge_dir], {"hg19": fasta})
    with pytest.raises(UsageError):
        lint([])


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        ("A", [("id", "A", True)]),
        ("A AND NOT (B OR NOT C)", [("id", "A", True), ("id", "B", False), ("id", "C", True)]),
        ("cis(A, B) OR trans(A,C)", [("phased", n, True) for n in "ABAC"]),
        ("PD-L1_TPS >= 50 AND MSI == high", [("marker", "PD-L1_TPS", True), ("marker", "MSI", True)]),
        ("NOT wild_type(RAS)", [("wild_type", "RAS", False)]),
        ("NOT NOT A", [("id", "A", True)]),
    ],
)
def test_profile_terms(expression: str, terms: list[tuple[str, str, bool]]) -> None:
    assert profile_terms(expression) == tuple(ProfileTerm(*term) for term in terms)


@pytest.mark.parametrize(
    "expression",
    ["", "A B", "AND A", "A AND", "(A", "A)", "cis(A)", "wild_type(A,B)", "A >=", "A | B", "NOT", "cis(A,)", "(" * 500],
)
def test_profile_syntax_errors(expression: str) -> None:
    with pytest.raises(KnowledgeError):
        profile_terms(expression)
