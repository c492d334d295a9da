"""Conditions are judged by what the sheet says, and by nothing else."""

from __future__ import annotations

import pytest

from targetboard.action.conditions import condition_state, course_of
from targetboard.action.therapies import cost_words
from targetboard.knowledge.records import Drug


def drug(name: str, modality: str, target: str) -> Drug:
    return Drug(drug=name, modality=modality, target=target, side_effects="", monitoring="", sources=(), verified_in="")


DRUGS = {
    one.drug: one
    for one in (
        drug("erlotinib", "small-molecule inhibitor", "EGFR"),
        drug("osimertinib", "small-molecule inhibitor", "EGFR"),
        drug("cetuximab", "monoclonal antibody", "EGFR"),
        drug("crizotinib", "small-molecule inhibitor", "ALK; ROS1; MET"),
        drug("pembrolizumab", "immune checkpoint inhibitor", "PD-1"),
        drug("letrozole", "endocrine therapy", "aromatase"),
        drug("enzalutamide", "endocrine therapy", "AR"),
        drug("abiraterone", "endocrine therapy", "CYP17A1"),
        drug("sorafenib", "small-molecule inhibitor", "RAF; VEGFR"),
        drug("trastuzumab", "monoclonal antibody", "HER2"),
    )
}


@pytest.mark.parametrize(
    ("text", "prior", "kind", "state"),
    [
        ("progressed on or after an EGFR tyrosine kinase inhibitor", "erlotinib:2025-03", "", "met"),
        ("progressed on or after an EGFR tyrosine kinase inhibitor", "cetuximab", "", "not_met"),
        ("progressed on or after an EGFR tyrosine kinase inhibitor", "", "", "unknown"),
        ("progressed on or after an EGFR tyrosine kinase inhibitor", "none", "", "not_met"),
        ("first line", "none", "", "met"),
        ("first line", "erlotinib", "", "not_met"),
        ("first line", "", "", "unknown"),
        ("metastatic, first line", "none", "metastasis", "met"),
        ("metastatic, first line", "none", "primary", "unknown"),
        ("unresectable or metastatic", "", "metastasis", "met"),
        ("locally advanced or metastatic", "", "", "unknown"),
        ("metastatic, castration-resistant", "", "metastasis", "unknown"),
        ("after sorafenib", "sorafenib", "", "met"),
        ("progressed after enzalutamide or abiraterone", "abiraterone:2024", "", "met"),
        ("progressed after enzalutamide or abiraterone", "letrozole", "", "not_met"),
        ("progressed on or after platinum-based chemotherapy", "carboplatin + pemetrexed", "", "met"),
        ("progressed on or after platinum-based chemotherapy", "erlotinib", "", "not_met"),
        ("prior fluoropyrimidine-, oxaliplatin- and irinotecan-based chemotherapy", "FOLFOX|FOLFIRI", "", "met"),
        ("prior fluoropyrimidine-, oxaliplatin- and irinotecan-based chemotherapy", "FOLFOX", "", "not_met"),
        ("at least one prior systemic therapy", "erlotinib", "", "met"),
        ("previously treated", "none", "", "not_met"),
        ("progressed after at least one line of endocrine therapy", "letrozole:2024-06", "", "met"),
        ("progressed after at least one line of endocrine therapy", "anastrozole", "", "met"),
        ("progressed after at least one line of endocrine therapy", "a trial drug", "", "unknown"),
        ("after sorafenib", "erlotinib|a trial drug", "", "unknown"),
        ("not a candidate for PD-1 or PD-L1 inhibitor therapy", "pembrolizumab", "", "unknown"),
        ("no previous ALK inhibitor", "crizotinib", "", "unknown"),
        ("after two or more lines of chemotherapy", "carboplatin", "", "unknown"),
        ("adults", "erlotinib", "metastasis", "unknown"),
        ("resistant or intolerant to prior therapy", "erlotinib", "", "unknown"),
        ("", "erlotinib", "", "unknown"),
    ],
)
def test_condition(text: str, prior: str, kind: str, state: str) -> None:
    course = course_of({"prior_therapies": prior, "sample_kind": kind}, DRUGS)
    assert condition_state(text, course) == state


def test_commas_inside_a_known_phrase_do_not_split_its_meaning() -> None:
    course = course_of({"prior_therapies": "oxaliplatin"}, DRUGS)
    text = "metastatic, prior fluoropyrimidine-, oxaliplatin- and irinotecan-based chemotherapy"
    assert condition_state(text, course) == "not_met"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ""),
        (
            {"cost_band": "high", "cost_country": "GB", "cost_date": "2026-01", "assistance": "a note"},
            "high (GB, 2026-01); a note",
        ),
        ({"cost_band": "high"}, "high (country and date not stated)"),
        ({"assistance": "a note"}, "a note"),
    ],
)
def test_costs_are_told_with_their_country_and_date(values: dict[str, str], said: str) -> None:
    assert cost_words(Drug("x", "antibody", "", "", "", (), "", **values)) == said  # type: ignore[arg-type]
