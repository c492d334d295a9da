"""What a cohort keeps of a document, and the outcome it gives a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.cohort.facts import Trial, kind_of, sample_facts

Make = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("claims", "outcome"),
    [
        ([], "none"),
        ([{"amp": "II-C"}, {"amp": "I-B"}], "I-B"),
        ([{"amp": "I-A", "direction": "resistant"}], "none"),
        ([{"amp": "I-A", "direction": "not_indicated"}, {"amp": "II-D"}], "II-D"),
        ([{"amp": "I-A", "state": "unknown"}], "conditional"),
        ([{"amp": "I-A", "state": "unknown"}, {"amp": "II-C"}], "II-C"),
        ([{"amp": "I-A", "conflicts_with": ["OTHER"]}], "none"),
        ([{"amp": "I-A", "implication": "prognostic", "direction": None, "drugs": []}], "none"),
    ],
)
def test_outcome_is_the_best_tier_of_what_may_respond(
    make: Make, claim: Make, claims: list[dict[str, Any]], outcome: str
) -> None:
    assert sample_facts(make(therapies=[claim(**changes) for changes in claims])).outcome == outcome


def test_a_drug_with_a_found_resistance_is_not_counted(make: Make, claim: Make) -> None:
    found = {"kind": "found", "alteration_id": "MAP2K1_X", "mechanism": "m", "after": ["dabrafenib", "trametinib"]}
    watched = {**found, "kind": "to_watch"}
    assert sample_facts(make(therapies=[claim()], resistance=[found])).outcome == "none"
    assert sample_facts(make(therapies=[claim()], resistance=[found])).resistance == "m"
    assert sample_facts(make(therapies=[claim()], resistance=[watched])).outcome == "I-A"
    assert sample_facts(make(therapies=[claim()], resistance=[watched])).resistance == ""


def test_nothing_in_an_inadequate_sample_is_no_negative(make: Make, claim: Make) -> None:
    adequacy = {"verdict": "inadequate", "reasons": ["depth"]}
    assert sample_facts(make(adequacy=adequacy)).outcome == "inconclusive"
    assert sample_facts(make(adequacy=adequacy, therapies=[claim()])).outcome == "I-A"


def test_regimens_are_those_of_the_best_tier(make: Make, claim: Make) -> None:
    facts = sample_facts(
        make(therapies=[claim(), claim(), claim(regimen="a in words"), claim("II-C", drugs=["other"])])
    )
    assert facts.drugs == "dabrafenib + trametinib; a in words"


@pytest.mark.parametrize(
    ("terms", "kind"),
    [
        ("missense_variant", "missense"),
        ("missense_variant&splice_region_variant", "missense"),
        ("stop_gained&splice_region_variant", "truncating"),
        ("frameshift_variant", "truncating"),
        ("splice_donor_variant&intron_variant", "splice"),
        ("splice_region_variant&synonymous_variant", "splice"),
        ("inframe_deletion", "inframe"),
        ("upstream_gene_variant", "promoter_or_other"),
        ("", "promoter_or_other"),
    ],
)
def test_kind_follows_the_consequence(terms: str, kind: str) -> None:
    assert kind_of(terms) == kind


def test_only_drivers_are_kept_and_a_hidden_germline_suspicion_is_not(make: Make, variant: Make) -> None:
    variants = [
        variant(flags=["germline_suspect", "subclonal"]),
        variant("TP53", "p.Arg273His", driver_class="uncertain", tier={"amp": "III", "escat": None}),
        variant("TERT", "", hgvsc="c.-124C>T", driver_class="likely_driver", vaf=None),
    ]
    document = make(variants=variants)
    facts = sample_facts(document)
    assert [(found.gene, found.name, found.vaf) for found in facts.alterations] == [
        ("BRAF", "p.Val600Glu", "0.25"),
        ("TERT", "c.-124C>T", ""),
    ]
    assert facts.alterations[0].flags == "germline_suspect|subclonal"
    for word in ("No", "withdrawn"):
        document["sample"]["clinical"] = {"consent_germline": word}
        assert sample_facts(document).alterations[0].flags == "subclonal"


def test_a_gene_is_shown_absent_only_if_all_its_regions_are(make: Make) -> None:
    negatives = [
        {"gene": gene, "state": state}
        for gene, state in (
            ("KRAS", "not_detected"),
            ("KRAS", "not_detected"),
            ("EGFR", "not_detected"),
            ("EGFR", "failed"),
            ("ALK", "not_assessed"),
        )
    ]
    assert sample_facts(make(negatives=negatives)).absent == {"KRAS"}


def test_failed_sample_says_nothing_about_findings(documents: dict[str, dict[str, Any]]) -> None:
    facts = sample_facts(documents["failed_build"])
    assert facts.failed
    assert (facts.outcome, facts.adequacy, facts.alterations, facts.drugs) == ("", "", (), "")


def trial(**changes: Any) -> dict[str, Any]:
    base = {
        "trial_id": "NCT00000001",
        "arm": "",
        "title": "A basket",
        "phase": "2",
        "design": "basket",
        "status": "recruiting",
        "status_as_of": "2026-01-02",
        "countries": ["US", "FR"],
        "accessed": "2026-02-03",
        "drugs": ["dabrafenib"],
        "url": "",
        "state": "match",
        "biomarkers": ["BRAF_V600E"],
        "criteria": [
            {"criterion": "biomarker", "state": "met", "text": "BRAF V600E"},
            {"criterion": "age", "state": "unknown", "text": "18 years and older"},
        ],
    }
    return {**base, **changes}


def test_trials_that_do_not_match_are_left_out_and_equal_ones_kept_once(make: Make) -> None:
    known: dict[Trial, Trial] = {}
    document = make(trials=[trial(), trial(trial_id="NCT2", state="no_match")])
    first, second = sample_facts(document, known), sample_facts(document, known)
    assert [match.trial.trial_id for match in first.trials] == ["NCT00000001"]
    assert first.trials[0].trial is second.trials[0].trial
    assert (first.trials[0].met, first.trials[0].open_criteria) == ("BRAF V600E", "18 years and older")
    assert first.trials[0].trial.countries == "US|FR"
