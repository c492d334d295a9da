"""The table for tumour boards: one line a statement, and nothing a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest

from targetboard.report.actions_tsv import COLUMNS, actions_tsv
from targetboard.report.render import render

Example = Callable[[str], dict[str, Any]]


def rows(document: dict[str, Any]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(actions_tsv(document)), delimiter="\t"))


def test_one_line_a_statement_with_the_values_of_the_document(nsclc: dict[str, Any]) -> None:
    table = rows(nsclc)
    claims = [row for row in table if row["row"] == "claim"]
    assert [row["id"] for row in claims] == [claim["claim_id"] for claim in nsclc["therapies"]]
    for row, claim in zip(claims, nsclc["therapies"], strict=True):
        assert row["drugs"].split("|") == claim["drugs"] or not claim["drugs"]
        assert row["state"] == claim["state"]
        assert row["amp"] == (claim["amp"] or "")
        assert len(row["alleles"].split("|")) == len(claim["variants"]) or not claim["variants"]
    watched = [row for row in table if row["row"].startswith("resistance_")]
    assert [row["id"] for row in watched] == [found["alteration_id"] for found in nsclc["resistance"]]


def test_conditions_stand_in_the_column_of_their_state(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][0]["conditions"] = [
        {"text": "first line", "state": "met"},
        {"text": "performance status 0-1", "state": "unknown"},
        {"text": "no resistance", "state": "not_met"},
    ]
    first = rows(nsclc)[0]
    assert first["conditions_met"] == "first line"
    assert first["conditions_unknown"] == "performance status 0-1"
    assert first["conditions_not_met"] == "no resistance"


def test_the_assay_is_companion_or_not_or_nobody_knows(nsclc: dict[str, Any]) -> None:
    device = {
        "device": "Example Test",
        "manufacturer": "",
        "jurisdiction": "US",
        "approval_id": "",
        "specimen": "tissue",
        "is_this_assay": True,
    }
    nsclc["therapies"][0]["devices"] = [device]
    assert rows(nsclc)[0]["assay_is_companion"] == "yes"
    nsclc["therapies"][0]["devices"] = [{**device, "is_this_assay": False}]
    assert rows(nsclc)[0]["assay_is_companion"] == "no"
    nsclc["therapies"][0]["devices"] = []
    assert rows(nsclc)[0]["assay_is_companion"] == ""


@pytest.mark.parametrize("name", ["failed_build"])
def test_header_alone_without_statements(name: str, example: Example) -> None:
    assert actions_tsv(example(name)) == "\t".join(COLUMNS) + "\n"


def test_hostile_table_keeps_its_shape(example: Example) -> None:
    document = example("hostile")
    table = rows(document)
    assert len(table) == sum(len(document[part]) for part in ("therapies", "resistance"))
    for row in table:
        assert None not in row
        assert None not in row.values()
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), cell


def test_what_rests_on_no_validated_biomarker_is_not_in_the_table(nsclc: dict[str, Any]) -> None:
    nsclc["options_without_biomarker"] = [{"option_id": "X", "drugs": ["freemab"], "conditions": [], "sources": []}]
    nsclc["withheld"] = [
        {"claim_id": "HELD", "biomarker": "held back", "drugs": ["heldinib"], "reason": "blood cells suspected"}
    ]
    table = actions_tsv(nsclc)
    assert "heldinib" not in table
    assert "freemab" not in table


def test_costs_of_a_claim_stand_in_the_table_and_in_the_report(nsclc: dict[str, Any]) -> None:
    assert "Costs and help" not in render(nsclc)
    nsclc["therapies"][0]["costs"] = ["osimertinib: band C (GB, 2026-01)"]
    assert rows(nsclc)[0]["costs"] == "osimertinib: band C (GB, 2026-01)"
    page = render(nsclc)
    assert "Costs and help" in page
    assert "band C (GB, 2026-01)" in page
