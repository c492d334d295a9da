"""Not detected is said only where the document proves it; every other case says what it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.patient.absence import State
from targetboard.patient.comparison import Compared, compare
from targetboard.patient.samples import order_samples

FILTERED = {"records_in": 9, "alleles_in": 9, "reported": 1, "unparsed": {}}


def judged(make_document: Callable, entry: dict[str, Any], **other: Any) -> Compared:
    """The comparison of a variant of sample A, which sample B does not list."""
    purity = {"purity": 0.5}
    about = {**purity, **other.pop("sample", {})}
    documents = [make_document("A", variants=[entry], sample=purity), make_document("B", sample=about, **other)]
    compared = compare(order_samples(documents)).variants
    assert len(compared) == 1
    return compared[0]


CASES: list[tuple[str, dict[str, Any], dict[str, Any], State, str]] = [
    ("covered", {"pos": 1500}, {}, State.NOT_DETECTED, "20.00% expected here"),
    ("outside", {"pos": 2500}, {}, State.NOT_COVERED, "not on the panel"),
    ("partly", {"pos": 1998, "ref": "CAAAA", "alt": "C"}, {}, State.NOT_COVERED, "not every base"),
    ("no data", {"pos": 1500}, {"coverage": None}, State.UNKNOWN, "not supplied"),
    ("no assay", {"pos": 1500}, {"assay": None}, State.UNKNOWN, "minimum depth is not stated"),
    (
        "shallow",
        {"pos": 1500},
        {"coverage": {"kind": "table", "stretches": {"7": ["1000-2000:90:80"]}}},
        State.NOT_COVERED,
        "80x is below 200x",
    ),
    ("long deletion", {"pos": 1500, "ref": "C" + "A" * 20, "alt": "C"}, {}, State.UNKNOWN, "validated up to 10"),
    ("few tumour cells", {"pos": 1500}, {"sample": {"purity": 0.06}}, State.BELOW_DETECTION, "below 5.0%"),
    ("small clone", {"pos": 1500, "vaf": 0.03}, {}, State.BELOW_DETECTION, "3.00% expected here"),
    ("failed", {"pos": 1500}, {"status": "failed", "error": {"what": "broken"}}, State.UNKNOWN, "not be analysed"),
    (
        "other assembly, no region",
        {"pos": 1500},
        {"sample": {"assembly": "GRCh37"}},
        State.UNKNOWN,
        "its position in GRCh37 is not known",
    ),
]


@pytest.mark.parametrize(("name", "entry", "other", "state", "words"), CASES, ids=[case[0] for case in CASES])
def test_states(
    make_document: Callable,
    make_variant: Callable,
    name: str,
    entry: dict[str, Any],
    other: dict[str, Any],
    state: State,
    words: str,
) -> None:
    curated = make_variant(**{"gene": "EGFR", "alteration": "EGFR_X", **entry})
    seen = judged(make_document, curated, **other).seen[1]
    assert seen.state is state, name
    assert seen.absent is not None
    assert words in seen.absent.reason


@pytest.mark.parametrize("reason", ["FILTER weak_evidence", "caller says germline", "consequence not evaluated"])
def test_an_uncurated_variant_may_hide_among_alleles_set_aside(
    make_document: Callable, make_variant: Callable, reason: str
) -> None:
    entry = make_variant("NF1", 1500)
    hidden = judged(make_document, entry, ledger={**FILTERED, "filtered": {reason: 3}}).seen[1]
    assert hidden.state is State.UNKNOWN
    other = {"no coding, splice or promoter consequence": 3, "outside the genes of the knowledge base": 2}
    assert judged(make_document, entry, ledger={**FILTERED, "filtered": other}).seen[1].state is State.NOT_DETECTED
    curated = make_variant("EGFR", 1500, alteration="EGFR_X")
    listed = judged(make_document, curated, ledger={**FILTERED, "filtered": {reason: 3}}).seen[1]
    assert listed.state is State.NOT_DETECTED


def test_another_knowledge_release_may_not_have_curated_it(make_document: Callable, make_variant: Callable) -> None:
    older = {"knowledge": [{"release": "0", "date": "", "sha256": "b" * 64}]}
    ledger = {**FILTERED, "filtered": {"FILTER weak_evidence": 3}}
    curated = make_variant("EGFR", 1500, alteration="EGFR_X")
    assert judged(make_document, curated, provenance=older, ledger=ledger).seen[1].state is State.UNKNOWN


def test_without_consequences_only_exact_alleles_are_recognised(
    make_document: Callable, make_variant: Callable
) -> None:
    plain = {"annotation": {"source": "none", "statement": ""}}
    exact = make_variant("TP53", 1500, alteration="TP53_X")
    assert judged(make_document, exact, **plain).seen[1].state is State.NOT_DETECTED
    by_class = make_variant("TP53", 1500, alteration="TP53_LOF")
    by_class["matches"][0]["level"] = "gene_class"
    assert judged(make_document, by_class, **plain).seen[1].state is State.UNKNOWN


def region(state: str, regions: list[str]) -> dict[str, Any]:
    return {
        "negative_id": "EGFR_T790",
        "gene": "EGFR",
        "label": "EGFR T790",
        "variant_class": "snv",
        "state": state,
        "reason": "",
        "regions": regions,
    }


def test_a_pertinent_region_translates_between_assemblies(make_document: Callable, make_variant: Callable) -> None:
    entry = make_variant("EGFR", 1500, alteration="EGFR_X")
    documents = [
        make_document("A", variants=[entry], sample={"purity": 0.5}, negatives=[region("detected", ["7:1499-1501"])]),
        make_document(
            "B",
            sample={"purity": 0.5, "assembly": "GRCh37"},
            negatives=[region("not_detected", ["7:1799-1801"])],
        ),
    ]
    seen = compare(order_samples(documents)).variants[0].seen[1]
    assert seen.state is State.NOT_DETECTED
    assert seen.absent is not None
    assert "judged over EGFR T790" in seen.absent.reason
    documents[1]["coverage"] = {"kind": "table", "stretches": {"7": ["1000-1600:800:600"]}}
    assert compare(order_samples(documents)).variants[0].seen[1].state is State.NOT_COVERED


def test_plasma_is_measured_by_what_both_show(make_document: Callable, make_variant: Callable) -> None:
    trunk = {"gene": "EGFR", "pos": 1400, "alteration": "EGFR_TRUNK"}
    branch = make_variant("EGFR", 1500, alteration="EGFR_BRANCH", vaf=0.1)
    plasma = {"clinical": {"specimen_type": "plasma"}}

    def state(here: float) -> State:
        documents = [
            make_document("A", variants=[make_variant(**trunk, vaf=0.4), branch], sample={"purity": 0.8}),
            make_document("B", variants=[make_variant(**trunk, vaf=here)], **plasma),
        ]
        seen = compare(order_samples(documents)).variants[1].seen[1]
        assert seen.absent is not None
        assert "in proportion to EGFR" in seen.absent.reason
        return seen.state

    assert state(0.35) is State.NOT_DETECTED
    assert state(0.06) is State.BELOW_DETECTION


def test_events_are_absent_only_by_a_statement_of_the_document(make_document: Callable) -> None:
    event = {
        "kind": "amplification",
        "gene": "MET",
        "partner": "",
        "label": "MET amplification",
        "alterations": ["MET_AMP"],
        "driver_class": "likely_driver",
        "value": "14 copies",
    }
    row = {**region("not_detected", []), "gene": "MET", "variant_class": "amplification", "reason": "2 copies"}

    def state(negatives: list[dict[str, Any]]) -> State:
        documents = [make_document("A", events=[event]), make_document("B", negatives=negatives)]
        return compare(order_samples(documents)).events[0].seen[1].state

    assert state([]) is State.UNKNOWN
    assert state([row]) is State.NOT_DETECTED
    assert state([{**row, "gene": "ERBB2"}]) is State.UNKNOWN
    assert state([{**row, "state": "not_assessed"}]) is State.UNKNOWN
    assert state([{**row, "state": "inconclusive"}]) is State.BELOW_DETECTION
