"""The table of variants: one line each, numbers as numbers, nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.report.variants_tsv import COLUMNS, NUMERIC, variants_tsv

Example = Callable[[str], dict[str, Any]]


def rows(document: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(variants_tsv(document)), delimiter="\t"))


def test_one_line_a_variant_with_values_of_the_document(nsclc: dict[str, Any]) -> None:
    table = rows(nsclc)
    assert len(table) == len(nsclc["variants"])
    first = table[0]
    assert (first["chrom"], first["pos"], first["ref"], first["alt"]) == ("7", "55259515", "T", "G")
    assert (first["vaf"], first["depth"], first["alt_depth"]) == ("0.382", "500", "191")
    assert (first["driver_class"], first["amp"], first["alterations"]) == ("validated_driver", "I-A", "EGFR_L858R")
    assert (first["criteria_met"], first["criteria_not_evaluable"]) == ("OS1|OS3|OM1", "OP4|OP1")
    assert (first["input_chrom"], first["input_record"]) == ("chr7", "31")


def test_missing_values_are_empty_and_negative_points_stay_numbers(nsclc: dict[str, Any]) -> None:
    table = rows(nsclc)
    assert (table[7]["vaf"], table[7]["vaf_low"], table[7]["points"]) == ("", "", "")
    assert (table[6]["points"], table[6]["points_min"]) == ("-9", "-9")


@pytest.mark.parametrize("name", ["no_variants", "failed_build"])
def test_header_alone_without_variants(name: str, example: Example) -> None:
    assert variants_tsv(example(name)) == "\t".join(COLUMNS) + "\n"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tcmd", "' cmd"),
        ("\rcmd", "' cmd"),
        ("c.-124C>T", "c.-124C>T"),
        ("a\tb\nc", "a b c"),
        ("\u202ex", "\\u202ex"),
        ("", ""),
    ],
)
def test_text_cells_are_neutralised(nsclc: dict[str, Any], value: str, cell: str) -> None:
    nsclc["variants"][0]["class_reason"] = value
    assert rows(nsclc)[0]["class_reason"] == cell


def test_hostile_table_keeps_its_shape(example: Example) -> None:
    document = example("hostile")
    table = rows(document)
    assert len(table) == len(document["variants"])
    for row in table:
        assert None not in row
        assert None not in row.values()
        for name, cell in row.items():
            if name in NUMERIC:
                assert cell == "" or float(cell) == float(cell)
            else:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_leading_apostrophe_is_the_way_back(example: Example) -> None:
    document = example("nsclc_egfr_t790m")
    document["variants"][0]["class_reason"] = "=note"
    assert rows(document)[0]["class_reason"].removeprefix("'") == "=note"


def test_flags_of_inherited_findings_follow_consent(nsclc: dict[str, Any]) -> None:
    assert rows(nsclc)[3]["flags"] == "germline_suspect"
    nsclc["sample"]["clinical"]["consent_germline"] = "no"
    assert rows(nsclc)[3]["flags"] == ""


def test_table_needs_no_template_engine(root: Path) -> None:
    program = (
        "import sys, targetboard.report.variants_tsv; print({'jinja2', 'markupsafe'} & set(sys.modules) or 'neither')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(root / "scripts")}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "neither\n"), done.stderr
