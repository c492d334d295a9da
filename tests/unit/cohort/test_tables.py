"""Cohort rows come from documents only, hostile text stays one cell, and shares add up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from targetboard.cohort.collect import Cohort, collect
from targetboard.cohort.facts import OUTCOMES
from targetboard.cohort.summary import SUMMARY_COLUMNS, pooled, share, summary_rows, tumour_groups
from targetboard.cohort.tables import (
    ALTERATION_COLUMNS,
    COLUMNS,
    FAILURE_COLUMNS,
    TRIAL_COLUMNS,
    alteration_rows,
    as_tsv,
    trial_rows,
)

Make = Callable[..., dict[str, Any]]


def cells(cohort: Cohort, number: int = 0) -> dict[str, str]:
    return dict(zip(COLUMNS, cohort.rows[number], strict=True))


def test_row_counts_classes_and_names_drivers(make: Make, variant: Make, claim: Make) -> None:
    event = {
        "kind": "amplification",
        "gene": "MET",
        "label": "MET amplification",
        "driver_class": "likely_driver",
        "tier": {"amp": "II-C", "escat": None},
    }
    uncertain = variant("TP53", "p.Pro4Leu", driver_class="uncertain", tier={"amp": "III", "escat": None})
    row = cells(collect([make(variants=[variant(), uncertain], events=[event], therapies=[claim()])]))
    assert (row["validated_driver"], row["uncertain"], row["best_tier"]) == ("1", "1", "I-A")
    assert row["drivers"] == "BRAF p.Val600Glu; MET amplification"
    assert (row["response_outcome"], row["response_regimens"]) == ("I-A", "dabrafenib + trametinib")
    assert row["adequacy"] == "adequate"


def test_failed_sample_has_no_counts_and_a_failure_row(documents: dict[str, dict[str, Any]]) -> None:
    failed = {**documents["failed_build"]}
    failed["error"] = {"exit_code": 3, "kind": "MalformedInput", "what": "=bad\ttab", "where": "x", "remedy": ""}
    cohort = collect([failed])
    row = cells(cohort)
    assert (row["validated_driver"], row["status"], row["response_outcome"]) == ("", "failed", "")
    text = as_tsv(FAILURE_COLUMNS, cohort.failures)
    assert text.splitlines()[1].split("\t")[1:] == ["3", "'=bad tab", "x", ""]


def test_long_form_has_a_line_for_each_driver(mixed: Cohort) -> None:
    rows = list(alteration_rows(mixed.samples))
    assert len(rows) == sum(len(sample.alterations) for sample in mixed.samples) > 0
    assert all(len(row) == len(ALTERATION_COLUMNS) for row in rows)
    assert {len(row) for row in trial_rows(mixed.samples)} == {len(TRIAL_COLUMNS)}


def test_summary_counts_each_sample_once(make: Make, claim: Make, documents: dict[str, dict[str, Any]]) -> None:
    cohort = collect(
        [
            make("A", "LUAD", therapies=[claim()]),
            make("B", "LUAD", therapies=[claim("II-C")]),
            make("C", "LUAD"),
            make("D", "MEL", adequacy={"verdict": "inadequate", "reasons": []}),
            documents["failed_build"],
        ]
    )
    groups = tumour_groups(cohort.samples)
    assert [group.code for group in groups][:2] == ["all", "LUAD"]
    assert dict(zip(OUTCOMES, groups[0].outcomes, strict=True)) == {
        **dict.fromkeys(OUTCOMES, 0),
        "I-A": 1,
        "II-C": 1,
        "none": 1,
        "inconclusive": 1,
    }
    assert (groups[0].complete, groups[0].failed, groups[0].actionable) == (4, 1, 2)
    rows = [dict(zip(SUMMARY_COLUMNS, row, strict=True)) for row in summary_rows(groups)]
    luad = next(r for r in rows if (r["tumour_type"], r["outcome"]) == ("LUAD", "actionable"))
    assert (luad["samples"], luad["of"], luad["share"]) == ("2", "3", "0.6667")
    assert 0 < float(luad["low"]) < 0.6667 < float(luad["high"]) < 1


def test_a_sheet_of_failures_only_has_no_shares(documents: dict[str, dict[str, Any]]) -> None:
    rows = summary_rows(tumour_groups(collect([documents["failed_build"]]).samples))
    assert {row[-3:] for row in rows if row[0] == "response"} == {("", "", "")}


def test_small_types_are_pooled_without_loss(make: Make) -> None:
    groups = tumour_groups(collect([make(f"S{n}", f"T{n % 7}") for n in range(30)]).samples)
    few = pooled(groups, 3)
    assert [group.name for group in few][-1] == "5 other types"
    assert sum(group.complete for group in few[1:]) == few[0].complete == 30
    assert pooled(groups, 7) == groups


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share(number: int, of: int) -> None:
    middle, low, high = map(float, share(min(number, of), of))
    assert 0 <= low <= middle <= high <= 1
