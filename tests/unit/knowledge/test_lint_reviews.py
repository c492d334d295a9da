"""Lint of reviews, dates, validity, approvals, contradictions, numbering: each fault at its place, and only there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.cli import main
from targetboard.knowledge.findings import grouped
from targetboard.knowledge.lint import lint
from targetboard.knowledge.lint_numbering import residue_fault
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.records import ProteinWindow
from targetboard.knowledge.schema import Finding
from targetboard.vcf.hgvs import parse_protein

DIAGNOSTIC_HEADER = (
    "claim_id\tdevice\tmanufacturer\tjurisdiction\tapproval_id\tspecimen\tbiomarker_detail\tyear\tverified_in"
)
# Reviewed at the release of the test knowledge, which is dated by its manifest.
REVIEW = {"reviewers": "A. Reader|B. Checker", "review_date": "2026-01-01"}


def with_cells(text: str, row_key: str, cells: dict[str, str]) -> str:
    """Set cells of one row; columns that the table lacks are added empty."""
    lines = [line.split("\t") for line in text.splitlines()]
    for column in cells:
        if column not in lines[0]:
            lines[0].append(column)
            for line in lines[1:]:
                line.append("")
    row = next(line for line in lines[1:] if line[0] == row_key)
    for column, value in cells.items():
        row[lines[0].index(column)] = value
    return "".join("\t".join(line) + "\n" for line in lines)


def release_year(directory: Path) -> int:
    text = (directory / "MANIFEST.yaml").read_text()
    return int(text.partition("date: ")[2].strip("'\"")[:4])


def findings_of(directory: Path, table: str, change: Callable[[str], str]) -> list[Finding]:
    path = directory / f"{table}.tsv"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(change(text), encoding="utf-8")
    write_manifest(directory)
    return lint([directory])


def dated(directory: Path, day: str) -> None:
    path = directory / "MANIFEST.yaml"
    head, _, rest = path.read_text().partition("date: ")
    path.write_text(f"{head}date: {day}\n{rest.partition(chr(10))[2]}")


CASES: list[tuple[str, str, dict[str, str], str, str]] = [
    ("alterations", "INVO1_V60E", REVIEW, "", ""),
    ("alterations", "INVO1_V60E", REVIEW | {"reviewers": "A. Reader|a.  reader"}, "error", "one person stands twice"),
    ("alterations", "INVO1_V60E", REVIEW | {"reviewers": "A. Reader"}, "warning", "one reviewer only"),
    ("alterations", "INVO1_V60E", REVIEW | {"reviewers": ""}, "error", "date without reviewers"),
    ("alterations", "INVO1_V60E", REVIEW | {"review_date": ""}, "warning", "without a review date"),
    ("alterations", "INVO1_V60E", REVIEW | {"review_date": "2024-12-31"}, "warning", "is overdue"),
    ("alterations", "INVO1_V60E", REVIEW | {"review_date": "2025-02-01"}, "", ""),
    ("alterations", "INVO1_V60E", REVIEW | {"review_date": "2026-02-02"}, "error", "lies after the release"),
    ("alterations", "INVO1_V60E", REVIEW | {"review_date": "2025-02-30"}, "error", "no day of the calendar"),
    ("alterations", "INVO1_V60E", {"partner": "EML4"}, "error", "partner says nothing of a protein"),
    ("alterations", "INVO1_V60E", {"functional_effect": "oncogenic"}, "error", "needs its study"),
    (
        "alterations",
        "INVO1_V60E",
        {"functional_effect": "neutral", "functional_sources": "PMID:1"},
        "warning",
        "functional studies say neutral",
    ),
    ("therapies", "C1", REVIEW | {"review_date": "2020-01-01"}, "warning", "is overdue"),
    ("therapies", "C1", {"valid_from": "2024", "valid_to": "2023-05-01"}, "error", "lies after valid_to"),
    ("therapies", "C1", {"valid_from": "2024", "valid_to": "2024-05-01"}, "error", "until 2024-05-01 only"),
    ("therapies", "C1", {"valid_from": "2024", "valid_to": "2026-02-01"}, "", ""),
    ("therapies", "C1", {"valid_to": "2025-13-01"}, "error", "no day of the calendar"),
    ("drugs", "inventinib", {"first_approvals": "US:2020|EU:2021"}, "", ""),
    ("drugs", "inventinib", {"first_approvals": "US:2021"}, "error", "first approved in 2021"),
    ("drugs", "inventinib", {"cost_band": "high"}, "error", "band, country and date"),
    ("drugs", "inventinib", {"cost_band": "high", "cost_country": "DE", "cost_date": "2026-01"}, "", ""),
    ("genes", "INVO1", {"numbering_offset": "5"}, "", ""),
    ("genes", "INVT2", {"numbering_offset": "5"}, "error", "no legacy transcript is named"),
    (
        "genes",
        "INVO1",
        {"numbering_offset": "5", "numbering_note": "p.Val60Glu here is p.Val64Glu there"},
        "error",
        "the example of numbering_note says 4",
    ),
]


@pytest.mark.parametrize(("table", "row", "cells", "severity", "words"), CASES)
def test_each_fault(
    knowledge_dir: Path, table: str, row: str, cells: dict[str, str], severity: str, words: str
) -> None:
    dated(knowledge_dir, "2026-02-01")
    findings = findings_of(knowledge_dir, table, lambda text: with_cells(text, row, cells))
    if not words:
        assert findings == []
        return
    assert [f for f in findings if words in f.message and f.severity == severity], [f.one_line() for f in findings]


def resistant_twin(text: str) -> str:
    row = next(line for line in text.splitlines() if line.startswith("C1\t")).split("\t")
    head = text.splitlines()[0].split("\t")
    row[0] = "C9"
    row[head.index("direction")] = "resistant"
    return text + "\t".join(row) + "\n"


def test_a_contradiction_names_both_claims(knowledge_dir: Path) -> None:
    (finding,) = findings_of(knowledge_dir, "therapies", resistant_twin)
    assert (finding.severity, finding.row) == ("warning", "C9")
    assert "C9 says resistant and C1 says sensitive" in finding.message


def test_another_regimen_is_no_contradiction(knowledge_dir: Path) -> None:
    def other(text: str) -> str:
        return with_cells(resistant_twin(text), "C9", {"regimen": "inventinib twice daily"})

    assert findings_of(knowledge_dir, "therapies", other) == []


def test_a_withdrawal_comes_after_the_approval(knowledge_dir: Path) -> None:
    text = (knowledge_dir / "approvals.tsv").read_text()
    row = next(line for line in text.splitlines() if line.startswith("C1\tUS\t2020\t")).split("\t")
    row[2:4] = ["2019", "withdrawn"]
    findings = findings_of(knowledge_dir, "approvals", lambda t: t + "\t".join(row) + "\n")
    assert [f.message for f in findings] == ["withdrawn in 2019, before the approval of 2020"]


@pytest.mark.parametrize(
    ("claim", "year", "words"),
    [("C1", "2021", ""), ("C1", "2031", "after the release"), ("C5", "2021", "belongs to a therapy")],
)
def test_diagnostics(knowledge_dir: Path, claim: str, year: str, words: str) -> None:
    row = f"{claim}\tInventest\tInventor\tUS\tP000001\ttissue\tINVO1 V60E\t{year}\tinvented"
    findings = findings_of(knowledge_dir, "diagnostics", lambda _: f"{DIAGNOSTIC_HEADER}\n{row}\n")
    findings = [f for f in findings if f.table == "diagnostics"]
    assert [words in f.message for f in findings] == ([True] if words else [])


def test_a_coding_position_and_its_codon(knowledge_dir: Path) -> None:
    def shifted(text: str) -> str:
        assert "c.179T>A" in text
        return text.replace("c.179T>A", "c.182T>A")

    findings = findings_of(knowledge_dir, "alleles", shifted)
    assert {f.message for f in findings} == {"c.182T>A lies in codon 61, but p.Val60Glu is at residue 60"}


def test_a_change_to_the_reference_residue_is_no_hotspot(knowledge_dir: Path) -> None:
    findings = findings_of(knowledge_dir, "hotspots", lambda t: t.replace("\tE\t", "\tV\t", 1))
    assert [(f.severity, f.message) for f in findings if f.table == "hotspots"] == [
        ("warning", "the change V is the reference residue")
    ]


PROTEIN = (ProteinWindow("GENE", "NM_1.1", 1, "M" + "G" * 66 + "A" + "G" * 12 + "V*", "invented"),)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("p.Ala86Gly", "the protein has 81 residues; Ala stands at 68 (digits in another order)"),
        ("p.Ala65Gly", "residue 65 of the reference is Gly; Ala stands nearby at 68"),
        ("p.Ala40Gly", "residue 40 of the reference is Gly"),
        ("p.Ala68Gly", None),
        ("p.Ter82GlyextTer?", None),
        ("p.Gly82del", "residue 82 of the reference"),
    ],
)
def test_a_slip_of_the_pen_is_named(change: str, words: str | None) -> None:
    parsed = parse_protein(change)
    assert parsed is not None
    fault = residue_fault(parsed, PROTEIN)
    assert (fault is None) is (words is None)
    assert fault is None or fault.endswith(str(words)) or str(words) in fault


def test_warnings_are_grouped_by_kind() -> None:
    warnings = [Finding("genes", f"G{i}", "start", f"G{i} has none", "Give it.", severity="warning") for i in range(9)]
    error = Finding("drugs", "x", "drug", "wrong", "Mend it.")
    lines = grouped([*warnings, error], shown=2)
    assert lines[0].startswith("error: drugs, row x")
    assert lines[-1] == "warning: 7 more of this kind in genes.start (--all prints them)"
    assert len(lines) == 4


def test_lint_on_the_command_line(knowledge_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (knowledge_dir / "alterations.tsv").read_text()
    (knowledge_dir / "alterations.tsv").write_text(with_cells(text, "INVO1_V60E", REVIEW | {"reviewers": "A"}))
    write_manifest(knowledge_dir)
    assert main(["knowledge", "lint", "--knowledge", str(knowledge_dir)]) == 0
    out, err = capsys.readouterr()
    assert "warning: " in err
    assert "one reviewer only" in err
    rows = len(text.splitlines()) - 1
    assert f"not reviewed by two people: {rows} of {rows} alterations, " in out
    command = ["knowledge", "lint", "--knowledge", str(knowledge_dir), "--gff3-grch37", str(knowledge_dir / "x")]
    assert main(command) == 2
    assert "needs --fasta-grch37" in capsys.readouterr().err


@pytest.mark.real_data
def test_alleles_translate_to_what_their_rows_state(shared_data: Path) -> None:
    knowledge = Path(__file__).resolve().parents[3] / "resources/knowledge"
    reference = shared_data / "reference"
    fasta = {name: reference / f"{name}.sparse.fa.gz" for name in ("GRCh37", "GRCh38")}
    gff3 = {name: reference / f"{name}.genes.gff3" for name in ("GRCh37", "GRCh38")}
    findings = [f for f in lint([knowledge], fasta, gff3) if f.severity == "error"]
    assert [f.one_line() for f in findings] == []
