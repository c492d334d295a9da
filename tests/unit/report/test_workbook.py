"""The workbook for tumour boards, read back with a library that did not write it."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from targetboard.report import actions_tsv, variants_tsv
from targetboard.report.workbook.xlsx import LONGEST_CELL, render_workbook, text_cell
from targetboard.signing.status import DRAFT

Example = Callable[[str], dict[str, Any]]
DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json"))


def read(document: dict[str, Any]) -> dict[str, list[list[Any]]]:
    book = openpyxl.load_workbook(io.BytesIO(render_workbook(document)))
    return {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}


def test_the_sheets_hold_what_the_tables_hold(nsclc: dict[str, Any]) -> None:
    found = read(nsclc)
    assert list(found) == ["Summary", "Actions", "Variants", "Negatives", "Markers", "Trials", "Limits"]
    assert len(found["Actions"]) == 1 + len(nsclc["therapies"]) + len(nsclc["resistance"])
    assert len(found["Variants"]) == 1 + len(nsclc["variants"])
    assert set(found["Actions"][0]) == {name.replace("_", " ") for name in (*actions_tsv.COLUMNS, "reviewer")}
    assert set(found["Variants"][0]) == {name.replace("_", " ") for name in (*variants_tsv.COLUMNS, "reviewer")}


def test_numbers_are_numbers_and_identifiers_are_text(nsclc: dict[str, Any]) -> None:
    header, *rows = read(nsclc)["Variants"]
    first = dict(zip(header, rows[0], strict=True))
    assert first["vaf"] == pytest.approx(0.382)
    assert first["pos"] == 55259515
    assert first["chrom"] == "7"


def test_identity_and_status_stand_on_the_first_sheet_and_on_printed_pages(nsclc: dict[str, Any]) -> None:
    summary = {row[0]: row[1] for row in read(nsclc)["Summary"] if row[0]}
    assert summary["Status"] == "DRAFT – NOT SIGNED OUT"
    assert summary["Patient"] == "P-0231"
    for sheet in openpyxl.load_workbook(io.BytesIO(render_workbook(nsclc))):
        assert "P-0231" in sheet.oddHeader.left.text
        assert "DRAFT" in sheet.oddHeader.right.text
        assert sheet.oddFooter.right.text == "Page &P of &N"


def test_a_reviewers_value_stands_beside_the_machines(nsclc: dict[str, Any]) -> None:
    entry = {"kind": "variant", "index": 0, "subject": "EGFR L858R", "field": "driver_class", "claims": (1,)}
    said = {"machine": "validated_driver", "reviewed": "uncertain", "reason": "seen in the normal", "by": "reviewer-7"}
    nsclc["sign_out"] = {**DRAFT, "overrides": ({**entry, **said},)}
    found = read(nsclc)
    header, *rows = found["Variants"]
    assert rows[0][header.index("reviewer")].endswith("Validated driver → Uncertain (reviewer-7: seen in the normal)")
    assert rows[0][header.index("driver class")] == "validated_driver"
    header, *rows = found["Actions"]
    assert [bool(row[header.index("reviewer")]) for row in rows[:2]] == [False, True]


def test_a_claim_that_rests_on_no_validated_driver_is_left_out(nsclc: dict[str, Any]) -> None:
    nsclc["variants"][1]["driver_class"] = "uncertain"
    header, *rows = read(nsclc)["Actions"]
    identifiers = {row[header.index("id")] for row in rows}
    assert not identifiers & {claim["claim_id"] for claim in nsclc["therapies"] if 1 in claim["variants"]}
    assert identifiers


def test_inherited_findings_are_left_out_where_consent_was_refused(nsclc: dict[str, Any]) -> None:
    nsclc["headline"].append({"kind": "germline", "text": "BRCA2 may be inherited"})
    assert "BRCA2 may be inherited" in str(read(nsclc))
    nsclc["sample"]["clinical"]["consent_germline"] = "no"
    found = str(read(nsclc))
    assert "BRCA2 may be inherited" not in found
    assert "germline_suspect" not in found


def test_a_failed_sample_has_no_results(example: Example) -> None:
    found = read(example("failed_build"))
    assert list(found) == ["Summary", "Limits"]
    assert any(row[0] == "Error" for row in found["Summary"])


@pytest.mark.parametrize("name", NAMES)
def test_no_cell_is_a_formula_a_link_or_hides_characters(name: str, example: Example) -> None:
    content = render_workbook(example(name))
    book = openpyxl.load_workbook(io.BytesIO(content))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                assert cell.data_type != "f"
                assert cell.hyperlink is None
                if isinstance(cell.value, str):
                    assert not cell.value.startswith(("=", "+", "-", "@", "\t", "\r"))
                    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b-\u200f\x00-\x08]", cell.value)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
    assert not [part for part in parts if "external" in part.lower() or "vba" in part.lower()]
    assert not [part for part, text in parts.items() if b"<f>" in text or b"TargetMode" in text]


@pytest.mark.parametrize(
    ("text", "cell"),
    [("=1+1", "'=1+1"), ("ok\n=cmd", "ok\n'=cmd"), ("a\u202eb", "a\\u202eb"), ("-4", "'-4"), ("plain", "plain")],
)
def test_text_is_guarded_line_by_line(text: str, cell: str) -> None:
    assert text_cell(text) == cell


def test_a_text_longer_than_a_cell_is_cut_with_a_mark() -> None:
    assert text_cell("x" * 40_000) == "x" * LONGEST_CELL + " … (cut)"


def test_two_processes_at_two_times_give_the_same_bytes(nsclc: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "document.json"
    path.write_text(json.dumps(nsclc), encoding="utf-8")
    program = (
        "import json,sys,hashlib; from targetboard.report.workbook.xlsx import render_workbook;"
        "print(hashlib.sha256(render_workbook(json.load(open(sys.argv[1])))).hexdigest())"
    )
    source = str(Path(__file__).resolve().parents[3] / "scripts")
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(path)],
            env={**os.environ, "PYTHONPATH": source, "PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo"))
    }
    assert digests == {hashlib.sha256(render_workbook(nsclc)).hexdigest()}
    with zipfile.ZipFile(io.BytesIO(render_workbook(nsclc))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
