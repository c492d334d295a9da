"""Negatives are stated only where depth, purity and the assay allow it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from targetboard.action.coverage import Region, judge_adequacy, judge_region, regions_of_text, worst
from targetboard.inputs.assay import Assay, ClassValidation
from targetboard.inputs.coverage import Coverage, Stretch
from targetboard.model import MarkerState

CODON = [Region("12", 101, 103)]
PANEL = Assay(
    "P",
    minimum_depth=200,
    minimum_purity=0.2,
    classes={
        "snv": ClassValidation(True, 0.05),
        "fusion_dna": ClassValidation(False),
        "deletion": ClassValidation(True),
    },
)


def coverage(lowest: int | None, mean: float | None = None, start: int = 50, end: int = 500) -> Coverage:
    return Coverage("table", {"12": (Stretch(start, end, mean if mean is not None else lowest, lowest),)})


@pytest.mark.parametrize(
    ("depths", "assay", "purity", "state", "says"),
    [
        (coverage(800), PANEL, 0.6, MarkerState.NOT_DETECTED, "800x (lowest)"),
        (coverage(None, 800.0), PANEL, 0.6, MarkerState.NOT_DETECTED, "800x (mean of the target)"),
        (coverage(800), PANEL, None, MarkerState.NOT_DETECTED, "purity not given"),
        (coverage(199), PANEL, 0.6, MarkerState.FAILED, "199x is below 200x"),
        (coverage(800), PANEL, 0.08, MarkerState.INCONCLUSIVE, "below 5.0%"),
        (coverage(200), PANEL, 0.101, MarkerState.INCONCLUSIVE, "validated from 20% on"),
        (coverage(200), replace(PANEL, minimum_purity=None), 0.101, MarkerState.NOT_DETECTED, "power 97"),
        (coverage(800, start=102), PANEL, 0.6, MarkerState.FAILED, "not every base"),
        (coverage(800, start=400), PANEL, 0.6, MarkerState.NOT_ASSESSED, "not on the panel"),
        (None, PANEL, 0.6, MarkerState.NOT_ASSESSED, "coverage data were not supplied"),
        (coverage(800), None, 0.6, MarkerState.NOT_ASSESSED, "minimum depth is not stated"),
        (coverage(800), Assay("P", minimum_depth=200), 0.6, MarkerState.NOT_DETECTED, "power"),
    ],
)
def test_states_of_a_codon(
    depths: Coverage | None, assay: Assay | None, purity: float | None, state: MarkerState, says: str
) -> None:
    result = judge_region(CODON, "snv", depths, assay, purity)
    assert result.state is state
    assert says in result.reason


def test_shallow_but_valid_depth_lacks_power() -> None:
    assay = Assay("P", minimum_depth=60, classes={"snv": ClassValidation(True, 0.02)})
    result = judge_region(CODON, "snv", coverage(60), assay, 0.1)
    assert result.state is MarkerState.INCONCLUSIVE
    assert result.power is not None
    assert result.power < 0.5


def test_classes_that_are_not_called_are_not_assessed() -> None:
    assert "does not call" in judge_region(CODON, "fusion_dna", coverage(800), PANEL, 0.6).reason
    result = judge_region(CODON, "fusion_rna", coverage(800), PANEL, 0.6)
    assert (result.state, "no statement" in result.reason) == (MarkerState.NOT_ASSESSED, True)


def test_every_region_counts() -> None:
    both = [*CODON, Region("12", 900, 903)]
    assert judge_region(both, "snv", coverage(800), PANEL, 0.6).state is MarkerState.NOT_ASSESSED
    assert judge_region([], "snv", coverage(800), PANEL, 0.6).state is MarkerState.NOT_ASSESSED


def test_per_base_zero_depth_has_failed() -> None:
    per_base = Coverage("per-base", {"12": (Stretch(1, 100, 500.0, 500),)})
    assert judge_region(CODON, "snv", per_base, PANEL, 0.6).state is MarkerState.FAILED


@pytest.mark.parametrize(
    ("states", "purity", "verdict"),
    [
        ([MarkerState.NOT_DETECTED] * 9, 0.6, "adequate"),
        ([MarkerState.NOT_DETECTED] * 9 + [MarkerState.FAILED], 0.6, "limited"),
        ([MarkerState.NOT_DETECTED] * 7 + [MarkerState.FAILED] * 2, 0.6, "inadequate"),
        ([MarkerState.NOT_DETECTED] * 9, 0.1, "inadequate"),
        ([MarkerState.NOT_DETECTED] * 9, None, "limited"),
        ([MarkerState.NOT_ASSESSED] * 9, 0.6, "not_stated"),
    ],
)
def test_adequacy(states: list[MarkerState], purity: float | None, verdict: str) -> None:
    assert judge_adequacy(states, PANEL, purity, coverage(800)).verdict == verdict


def test_low_purity_is_inadequate_even_without_coverage() -> None:
    assert judge_adequacy([], PANEL, 0.05, None).verdict == "inadequate"
    assert judge_adequacy([], PANEL, 0.5, None).verdict == "not_stated"


def test_one_failed_codon_leaves_a_wild_type_open() -> None:
    good, bad = MarkerState.NOT_DETECTED, MarkerState.FAILED
    assert worst({"KRAS 12": good, "NRAS 61": good}) is MarkerState.NOT_DETECTED
    assert worst({"KRAS 12": good, "NRAS 61": bad}) is MarkerState.INCONCLUSIVE
    assert worst({"KRAS 12": MarkerState.DETECTED, "NRAS 61": bad}) is MarkerState.DETECTED
    assert worst({"KRAS 12": MarkerState.NOT_ASSESSED}) is MarkerState.NOT_ASSESSED


def test_regions_of_text() -> None:
    assert regions_of_text("7:5-9|X:7-7") == (Region("7", 5, 9), Region("X", 7, 7))
    assert regions_of_text("") == ()
    for wrong in ("7:9-5", "7", "7:a-b", ":1-2", "7:0-5"):
        with pytest.raises(ValueError):
            regions_of_text(wrong)
