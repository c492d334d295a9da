"""Which trials fit, which may, and why others do not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from targetboard.action.biomarkers import MeasuredMarker
from targetboard.action.sample_findings import findings_of
from targetboard.action.tumour_types import TumourTypes
from targetboard.knowledge.profile_grammar import parse
from targetboard.knowledge.records import KnowledgeBase, Trial
from targetboard.model import DriverClass, MarkerState, Variant
from targetboard.trials.matching import Patient, in_words, match_trials
from targetboard.trials.reading import UserTrials

RECRUITING = {"status": "recruiting", "status_as_of": "2026-09", "access_date": "2026-11-01"}


def trial(trial_id: str = "NCT00000001", biomarkers: str = "L858R", types: str = "NSCLC", **values: Any) -> Trial:
    texts = {"title": "A title with drugomab", "design": "single", "status": "", "access_date": "", "verified_in": "x"}
    given = {**texts, **values}
    return Trial(
        trial_id=trial_id,
        biomarkers=tuple(biomarkers.split("|")) if biomarkers else (),
        tumour_types=tuple(types.split("|")) if types else (),
        sources=given.pop("sources", ()),
        **given,
    )


@pytest.fixture
def match(kb: KnowledgeBase, small: ModuleType) -> Any:
    """Entries of trials for alterations found, a tumour type and columns of the sheet."""

    def run(
        trials: list[Trial],
        found: tuple[str, ...] = (),
        code: str | None = "LUAD",
        clinical: Mapping[str, str] | None = None,
        markers: Mapping[str, MeasuredMarker] | None = None,
        driver_class: DriverClass = DriverClass.VALIDATED_DRIVER,
        condition: str | None = None,
        flags: tuple[str, ...] = (),
    ) -> list[dict[str, Any]]:
        variants: list[Variant] = [
            small.make_variant(name.split("_")[0], matches=(name,), driver_class=driver_class, flags=flags)
            for name in found
        ]
        patient = Patient(
            TumourTypes(kb.tumour_types), code, condition, variants, findings_of(kb, variants, markers), clinical or {}
        )
        return match_trials(kb, UserTrials("own.tsv", tuple(trials)), patient)

    return run


def states(entry: Mapping[str, Any]) -> dict[str, str]:
    return {found["criterion"]: found["state"] for found in entry["criteria"]}


def texts(entry: Mapping[str, Any], criterion: str) -> list[str]:
    return [found["text"] for found in entry["criteria"] if found["criterion"] == criterion]


def test_a_trial_whose_every_criterion_is_met_is_a_match(match: Any) -> None:
    own = trial(
        prior_required=("after osimertinib",),
        age_min=18,
        specimens=("tissue",),
        countries=("CH", "US"),
        drugs=("drugomab",),
        **RECRUITING,
    )
    sheet = {"prior_therapies": "osimertinib", "age_years": "61", "specimen_type": "FFPE", "country": "CH"}
    (entry,) = match([own], ("EGFR_L858R",), clinical=sheet)
    assert entry["state"] == "match"
    assert set(states(entry).values()) == {"met"}
    assert (entry["title"], entry["drugs"]) == ("A title with drugomab", ["drugomab"])
    assert (entry["biomarkers"], entry["variants"], entry["list"]) == (["EGFR_L858R"], [0], "own.tsv")
    assert entry["url"] == "https://clinicaltrials.gov/study/NCT00000001"


@pytest.mark.parametrize(
    ("change", "sheet", "criterion", "state", "overall"),
    [
        ({}, {}, "recruitment", "met", "match"),
        ({"status": "completed"}, {}, "recruitment", "not_met", "no_match"),
        ({"status": "active_not_recruiting"}, {}, "recruitment", "not_met", "no_match"),
        ({"status": "not_yet_recruiting"}, {}, "recruitment", "unknown", "possible"),
        ({"status": ""}, {}, "recruitment", "unknown", "possible"),
        ({"status_as_of": ""}, {}, "recruitment", "unknown", "possible"),
        ({"status_as_of": "2024"}, {}, "recruitment", "unknown", "possible"),
        ({"status_as_of": "2026-01-01"}, {"report_date": "2026-12-31"}, "recruitment", "met", "match"),
        ({"status_as_of": "2026-01-01"}, {"report_date": "2027-01-02"}, "recruitment", "unknown", "possible"),
        ({"age_min": 18}, {}, "age", "unknown", "possible"),
        ({"age_min": 18}, {"age_years": "17"}, "age", "not_met", "no_match"),
        ({"age_min": 12, "age_max": 17}, {"age_years": "17"}, "age", "met", "match"),
        ({"age_max": 75}, {"age_years": "76"}, "age", "not_met", "no_match"),
        ({"age_max": 75}, {"age_years": "90+"}, "age", "not_met", "no_match"),
        ({"age_min": 18}, {"age_years": "90+"}, "age", "met", "match"),
        ({"age_max": 95}, {"age_years": "90+"}, "age", "unknown", "possible"),
        ({"specimens": ("tissue",)}, {"specimen_type": "plasma"}, "specimen", "unknown", "possible"),
        ({"specimens": ("tissue", "plasma")}, {"specimen_type": "plasma"}, "specimen", "met", "match"),
        ({"specimens": ("tissue",)}, {}, "specimen", "unknown", "possible"),
        ({"countries": ("US",)}, {"country": "CH"}, "country", "not_met", "match"),
        ({"countries": ("US",)}, {}, "country", "unknown", "match"),
        ({"other_criteria": ("ECOG 0 or 1",)}, {}, "other", "unknown", "match"),
        ({"prior_required": ("first line",)}, {}, "prior_therapy", "unknown", "possible"),
        ({"prior_required": ("first line",)}, {"prior_therapies": "none"}, "prior_therapy", "met", "match"),
        ({"prior_required": ("first line",)}, {"prior_therapies": "erlotinib"}, "prior_therapy", "not_met", "no_match"),
        ({"prior_excluded": ("sotorasib",)}, {}, "prior_therapy", "unknown", "possible"),
        ({"prior_excluded": ("sotorasib",)}, {"prior_therapies": "none"}, "prior_therapy", "met", "match"),
        ({"prior_excluded": ("sotorasib",)}, {"prior_therapies": "erlotinib"}, "prior_therapy", "met", "match"),
        ({"prior_excluded": ("sotorasib",)}, {"prior_therapies": "sotorasib"}, "prior_therapy", "not_met", "no_match"),
        ({"prior_excluded": ("newdrug",)}, {"prior_therapies": "erlotinib"}, "prior_therapy", "met", "match"),
        ({"prior_excluded": ("newdrug",)}, {"prior_therapies": "newdrug"}, "prior_therapy", "not_met", "no_match"),
        (
            {"prior_excluded": ("immunotherapy",)},
            {"prior_therapies": "pembrolizumab"},
            "prior_therapy",
            "unknown",
            "possible",
        ),
        (
            {"prior_excluded": ("systemic therapy",)},
            {"prior_therapies": "erlotinib"},
            "prior_therapy",
            "not_met",
            "no_match",
        ),
        (
            {"prior_excluded": ("EGFR tyrosine kinase inhibitor",)},
            {"prior_therapies": "osimertinib:2025"},
            "prior_therapy",
            "not_met",
            "no_match",
        ),
    ],
)
def test_criteria(
    match: Any, change: dict[str, Any], sheet: dict[str, str], criterion: str, state: str, overall: str
) -> None:
    (entry,) = match([trial(**{**RECRUITING, **change})], ("EGFR_L858R",), clinical=sheet)
    assert (states(entry)[criterion], entry["state"]) == (state, overall)


@pytest.mark.parametrize(
    ("code", "types", "excluded", "state", "overall"),
    [
        ("LUAD", "NSCLC", (), "met", "match"),
        ("LUAD", "ANY_SOLID", (), "met", "match"),
        ("LUAD", "", (), "met", "match"),
        ("NSCLC", "LUAD", (), "unknown", "possible"),
        ("COAD", "NSCLC", (), "not_met", "no_match"),
        ("COAD", "ANY_SOLID", ("COADREAD",), "not_met", "no_match"),
        ("COADREAD", "ANY_SOLID", ("COAD",), "unknown", "possible"),
    ],
)
def test_tumour_type(match: Any, code: str, types: str, excluded: tuple[str, ...], state: str, overall: str) -> None:
    own = trial(types=types, excluded_tumour_types=excluded, **RECRUITING)
    (entry,) = match([own], ("EGFR_L858R",), code=code)
    assert (states(entry)["tumour_type"], entry["state"]) == (state, overall)


def test_a_trial_without_its_biomarker_names_neither_title_nor_drugs(match: Any) -> None:
    own = trial(
        biomarkers="G12C", drugs=("drugomab",), prior_excluded=("sotorasib",), sources=("PMID:1",), **RECRUITING
    )
    (entry,) = match([own], ("EGFR_L858R",))
    assert entry["state"] == "no_match"
    # without coverage it is not said that the change is not there
    wanted = "asks for label of G12C; KRAS G12C: not called, and no coverage data show that it is absent"
    assert (states(entry)["biomarker"], texts(entry, "biomarker")) == ("unknown", [wanted])
    assert set(states(entry)) == {"biomarker", "tumour_type"}
    assert "drugomab" not in json.dumps(entry)
    assert "sotorasib" not in json.dumps(entry)


def test_a_biomarker_that_was_not_tested_is_no_match_and_says_so(match: Any) -> None:
    (entry,) = match([trial(biomarkers="ALK", **RECRUITING)], ("EGFR_L858R",))
    assert entry["state"] == "no_match"
    assert states(entry)["biomarker"] == "unknown"
    assert "fusion data were not given" in texts(entry, "biomarker")[0]


@pytest.mark.parametrize("driver_class", [c for c in DriverClass if c is not DriverClass.VALIDATED_DRIVER])
def test_only_validated_drivers_lead_to_a_trial(match: Any, driver_class: DriverClass) -> None:
    (entry,) = match([trial(drugs=("drugomab",), **RECRUITING)], ("EGFR_L858R",), driver_class=driver_class)
    assert (entry["state"], entry["drugs"], entry["title"]) == ("no_match", [], "")


def test_a_call_in_doubt_leaves_the_trial_possible(match: Any) -> None:
    (entry,) = match([trial(**RECRUITING)], ("EGFR_L858R",), flags=("chip_suspect",))
    assert (entry["state"], states(entry)["biomarker"]) == ("possible", "unknown")


def test_one_of_the_biomarkers_is_enough_and_the_profile_is_asked_beside(match: Any) -> None:
    both = trial(biomarkers="V600E|L858R", **RECRUITING)
    assert match([both], ("EGFR_L858R",))[0]["state"] == "match"
    without = replace(both, profile="NOT EGFR_T790M")
    assert match([without], ("EGFR_L858R",))[0]["state"] == "possible"
    (entry,) = match([without], ("EGFR_L858R", "EGFR_T790M"))
    assert entry["state"] == "no_match"
    assert "EGFR T790M was found" in texts(entry, "biomarker")[0]
    assert entry["title"], "a finding speaks on this trial, so it is named"


def test_what_the_profile_finds_does_not_stand_for_the_biomarker(match: Any) -> None:
    """A high PD-L1, or a driver that the trial excludes, names no trial whose own biomarker was not found."""
    high = {"PD-L1_TPS": MeasuredMarker(MarkerState.DETECTED, "80")}
    own = trial(biomarkers="G12C", profile="PD-L1_TPS >= 50 AND NOT EGFR_L858R", drugs=("drugomab",), **RECRUITING)
    (entry,) = match([own], ("EGFR_L858R",), markers=high)
    assert (entry["state"], entry["title"], entry["drugs"]) == ("no_match", "", [])
    assert "EGFR L858R was found" in texts(entry, "biomarker")[0]


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("EGFR_L858R", "EGFR L858R"),
        ("PD-L1_TPS >= 50 AND NOT EGFR_L858R", "PD-L1 TPS >= 50 and no EGFR L858R"),
        ("(KRAS_G12C OR BRAF_V600E) AND wild_type(EGFR)", "(KRAS G12C or BRAF V600E) and EGFR wild type"),
        ("cis(EGFR_L858R,EGFR_T790M)", "EGFR L858R and EGFR T790M on one haplotype"),
        ("trans(EGFR_L858R,EGFR_T790M)", "EGFR L858R and EGFR T790M on two haplotypes"),
    ],
)
def test_a_profile_is_told_in_words(kb: KnowledgeBase, profile: str, words: str) -> None:
    assert in_words(parse(profile), kb) == words


def test_a_measured_marker_counts_in_its_own_tumour_type_only(match: Any) -> None:
    high = {"PD-L1_TPS": MeasuredMarker(MarkerState.DETECTED, "80")}
    own = trial(biomarkers="PDL1", **RECRUITING)
    assert match([own], markers=high)[0]["state"] == "match"
    assert match([own], markers=high, code="MEL") == []


def test_another_tumour_is_told_where_the_biomarker_was_found_only(match: Any) -> None:
    own = trial(biomarkers="V600E", types="MEL", **RECRUITING)
    assert match([own]) == []
    assert [entry["state"] for entry in match([own], ("BRAF_V600E",))] == ["no_match"]


def test_a_trial_without_biomarker_is_listed_for_its_tumour_type(match: Any) -> None:
    own = trial(biomarkers="", **RECRUITING)
    assert [entry["state"] for entry in match([own])] == ["match"]
    assert match([own], code="MEL") == []


def test_a_condition_gets_the_trials_that_name_it(match: Any) -> None:
    own = trial(biomarkers="RPE", types="disease:RPE65-associated retinal dystrophy", **RECRUITING)
    solid = trial("NCT00000002", biomarkers="RPE", types="ANY", **RECRUITING)
    named = "disease:rpe65-associated retinal dystrophy"
    assert [e["trial_id"] for e in match([own, solid], ("RPE65_R91W",), None, condition=named)] == ["NCT00000001"]
    assert match([own], ("RPE65_R91W",), None, condition="disease:Other") == []


def test_reading_order_is_state_then_country_then_id(match: Any) -> None:
    trials = [
        trial("NCT00000001", biomarkers="G12C", **RECRUITING),
        trial("NCT00000004", countries=("US",), **RECRUITING),
        trial("NCT00000005", countries=("CH",), **RECRUITING),
        trial("NCT00000003", status="recruiting"),
        trial("NCT00000005", arm="B", countries=("CH",), **RECRUITING),
    ]
    found = match(trials, ("EGFR_L858R",), clinical={"country": "CH"})
    names = [(entry["trial_id"][-1], entry["arm"], entry["state"]) for entry in found]
    assert names == [
        ("5", "", "match"),
        ("5", "B", "match"),
        ("4", "", "match"),
        ("3", "", "possible"),
        ("1", "", "no_match"),
    ]
    assert match(trials[::-1], ("EGFR_L858R",), clinical={"country": "CH"}) == found


def test_the_users_row_stands_in_place_of_the_same_row_of_the_tables(kb: KnowledgeBase) -> None:
    ours = trial(title="ours", **RECRUITING)
    other = trial("NCT00000009", title="only ours", **RECRUITING)
    base = replace(kb, trials={ours.key: ours, other.key: other})
    patient = Patient(TumourTypes(kb.tumour_types), "LUAD", None, [], findings_of(kb, []), {})
    own = UserTrials("own.tsv", (replace(ours, status="completed"),))
    found = {entry["trial_id"]: (entry["status"], entry["list"]) for entry in match_trials(base, own, patient)}
    assert found == {"NCT00000001": ("completed", "own.tsv"), "NCT00000009": ("recruiting", "test")}


@given(
    found=st.sets(st.sampled_from(("EGFR_L858R", "EGFR_T790M", "BRAF_V600E", "KRAS_G12C"))),
    code=st.sampled_from(("LUAD", "NSCLC", "COAD", "MEL", "AML", "LUNG")),
    sheet=st.fixed_dictionaries(
        {},
        optional={
            "prior_therapies": st.sampled_from(("none", "osimertinib", "a drug|erlotinib")),
            "age_years": st.sampled_from(("1", "17", "64", "90+", "x")),
            "specimen_type": st.sampled_from(("FFPE", "plasma", "other")),
            "country": st.sampled_from(("CH", "US")),
            "report_date": st.sampled_from(("2026-11-24", "2030-01-01")),
        },
    ),
)
def test_every_sample_gives_a_valid_and_consistent_list(
    kb: KnowledgeBase, small: ModuleType, root: Path, found: set[str], code: str, sheet: dict[str, str]
) -> None:
    trials = (
        trial("NCT1", age_min=18, prior_excluded=("osimertinib",), drugs=("drugomab",), **RECRUITING),
        trial("NCT2", "V600E", "ANY_SOLID", excluded_tumour_types=("COADREAD",), specimens=("tissue",), **RECRUITING),
        trial("NCT3", "G12C|ALK", "LUNG|COADREAD", profile="NOT EGFR_T790M", countries=("US",), **RECRUITING),
        trial("NCT4", "", "", status="recruiting", other_criteria=("ECOG 0 or 1",)),
    )
    variants = [
        small.make_variant(name.split("_")[0], matches=(name,), driver_class=DriverClass.VALIDATED_DRIVER)
        for name in sorted(found)
    ]
    patient = Patient(TumourTypes(kb.tumour_types), code, None, variants, findings_of(kb, variants), sheet)
    entries = match_trials(kb, UserTrials("own.tsv", trials), patient)
    schema = json.loads((root / "workflow/schemas/document.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator({**schema["properties"]["trials"], "$defs": schema["$defs"]}).validate(entries)
    for entry in entries:
        deciding = {c["state"] for c in entry["criteria"] if c["criterion"] not in ("country", "other")}
        assert (entry["state"] == "match") is (deciding == {"met"})
        if entry["drugs"]:
            assert entry["biomarkers"]
