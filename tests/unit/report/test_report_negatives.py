"""Pertinent negatives, verdict on the sample and description of the assay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.inputs.assay import VARIANT_CLASSES
from targetboard.report.figures import depth_bar, power_mark
from targetboard.report.render import render
from targetboard.report.sections import assay, headline, identity, negatives
from targetboard.report.sections.words import ASSAY_CLASSES

Example = Callable[[str], dict[str, Any]]
NEW_KEYS = ("adequacy", "events", "negatives", "proteins")


@pytest.fixture
def alk(example: Example) -> dict[str, Any]:
    """NSCLC with an ALK fusion, a MET amplification and negatives in all five states."""
    return example("nsclc_alk_fusion")


def states(document: dict[str, Any]) -> dict[str, list[tuple[str, ...]]]:
    return {state.token: [row.labels for row in rows] for state, _, rows in negatives.view(document).groups}


def test_negatives_stand_by_state_and_share_a_row_only_without_figures(alk: dict[str, Any]) -> None:
    shown = states(alk)
    assert list(shown) == ["detected", "not_detected", "inconclusive", "failed", "not_assessed"]
    assert len(shown["not_detected"]) == 7
    assert shown["not_assessed"] == [
        ("CDKN2A homozygous deletion",),
        ("NTRK1 fusion", "NTRK2 fusion", "NTRK3 fusion", "NRG1 fusion", "RET fusion"),
    ]
    listed = sum(number for _, number, _ in negatives.view(alk).groups)
    assert listed == len(alk["negatives"])


def test_a_row_says_what_its_depth_is(alk: dict[str, Any]) -> None:
    rows = {row.labels[0]: row for _, _, rows in negatives.view(alk).groups for row in rows}
    exact, mean, failed = rows["EGFR L858R"], rows["ERBB2 exon 20 insertion"], rows["MET exon 14 skipping"]
    assert (exact.depth, exact.depth_detail, exact.power, exact.detectable) == (
        "701×",
        "lowest, mean 845×",
        ">\u00a099.9\u00a0%",
        "1.3\u00a0%",
    )
    assert (mean.depth, mean.depth_detail) == ("690×", "mean of the target")
    assert failed.bar is not None
    assert (failed.bar.low, failed.mark) == (True, None)


@pytest.mark.parametrize(
    ("coverage", "limitation", "said"),
    [(True, False, False), (True, True, True), (False, False, True), (False, True, True)],
)
def test_without_coverage_no_negative_is_stated(
    alk: dict[str, Any], coverage: bool, limitation: bool, said: bool
) -> None:
    if not coverage:
        alk["provenance"]["inputs"] = [e for e in alk["provenance"]["inputs"] if e["role"] != "coverage"]
    if limitation:
        alk["limitations"].append({"code": "no_coverage", "text": "Coverage data were not supplied."})
    view = negatives.view(alk)
    assert (view.statement == negatives.NO_COVERAGE) is said
    assert (headline.view(alk).silence == negatives.NO_COVERAGE) is said
    assert (headline.view(alk).negatives == ()) is said
    assert ({"detected", "not_assessed"} == set(states(alk))) is said
    assert all(not row.depth and not row.power for _, _, rows in view.groups for row in rows) is said


def test_events_may_be_absent_by_their_own_tables_without_coverage(alk: dict[str, Any]) -> None:
    alk["provenance"]["inputs"] = [e for e in alk["provenance"]["inputs"] if e["role"] != "coverage"]
    alk["negatives"][-1].update(state="not_detected", reason="called from RNA, none reported")
    view = headline.view(alk)
    assert view.silence == negatives.view(alk).statement == negatives.NO_COVERAGE_BUT_EVENTS
    assert [(state.token, names) for state, names in view.negatives] == [("not_detected", ("RET fusion",))]
    assert states(alk)["not_detected"] == [("RET fusion",)]


def test_glance_says_a_gene_once_and_leaves_out_what_was_found(alk: dict[str, Any]) -> None:
    shown = {state.token: names for state, names in headline.view(alk).negatives}
    assert list(shown) == ["not_detected", "inconclusive", "failed", "not_assessed"]
    assert shown["not_detected"][0] == "EGFR exon 19 deletion, exon 20 insertion, L858R, T790M"


@pytest.mark.parametrize(
    ("verdict", "reasons", "sentence", "detail"),
    [
        ("adequate", [], "", "The sample allows the answers that were asked of it."),
        ("limited", ["the purity is not given"], "", "The purity is not given."),
        ("not_stated", ["coverage data were not supplied"], "", "Coverage data were not supplied."),
        ("not_stated", [], "", "What a verdict rests on was not supplied."),
        (
            "inadequate",
            ["tumour cells 8%, the assay needs 20%", "5 of 7 failed"],
            "Inconclusive: repeat biopsy or liquid biopsy.",
            f"{headline.POSITIVES_STAND} Tumour cells 8%, the assay needs 20%; 5 of 7 failed.",
        ),
    ],
)
def test_verdict_on_the_sample(
    alk: dict[str, Any], verdict: str, reasons: list[str], sentence: str, detail: str
) -> None:
    alk["adequacy"] = {"verdict": verdict, "reasons": reasons}
    shown = headline.view(alk).adequacy
    assert (shown.sentence, shown.detail) == (sentence, detail)


def test_inadequate_sample_says_so_first_and_keeps_its_positives(example: Example) -> None:
    page = render(example("inadequate"))
    first = page.index("Inconclusive: repeat biopsy or liquid biopsy.")
    assert first < page.index("ALK fusion: may respond to crizotinib") < page.index("Treatment implications</h2>")
    assert "ALK_FUSION_NSCLC_CRIZOTINIB" in page
    assert page.count("Inconclusive: repeat biopsy") == 1


def test_front_page_names_drivers_with_their_values(alk: dict[str, Any]) -> None:
    shown = {word.token: drivers for word, drivers in headline.view(alk).drivers}
    assert shown["validated_driver"] == (("event-1", "EML4::ALK fusion", "63 reads"),)
    assert shown["likely_driver"][:2] == (
        ("event-0", "MET amplification", "14 copies"),
        ("variant-0", "ALK p.Gly1202Arg", "21.2\u00a0%"),
    )


def test_front_page_names_treatments_once_a_claim_with_what_is_open(alk: dict[str, Any]) -> None:
    (row,) = headline.view(alk).treatments.rows
    assert (row.biomarker, row.direction.token, row.amp, row.more) == ("ALK fusion", "sensitive", "I-A", 0)
    assert [(t.name, t.approvals, t.mark.token if t.mark else "") for t in row.treatments] == [
        ("lorlatinib", "EU 2019 conditional, US 2021", "open"),
        ("crizotinib", "US 2011 accelerated", ""),
        ("alectinib", "EU conditional, US 2015 accelerated", "not_met"),
        ("alectinib", "EU 2024, US 2024", "not_met"),
    ]


def test_front_page_says_how_many_treatments_it_leaves_out(alk: dict[str, Any]) -> None:
    first = alk["therapies"][0]
    alk["therapies"] = [{**first, "claim_id": f"C{n}"} for n in range(10)]
    alk["therapies"] += [{**first, "claim_id": f"B{n}", "biomarker": f"marker {n}"} for n in range(11)]
    alk["therapies"].append({**first, "claim_id": "X", "biomarker": "elsewhere", "tumour_match": "other_tumour"})
    shown = headline.view(alk).treatments
    assert (len(shown.rows), len(shown.rows[0].treatments), shown.rows[0].more, shown.more) == (10, 8, 2, 2)


def test_front_page_marks_a_treatment_with_resistance_to_it(example: Example) -> None:
    document = example("nsclc_egfr_t790m")
    marks = {t.name: t.mark.token for row in headline.view(document).treatments.rows for t in row.treatments if t.mark}
    assert marks["afatinib"] == "not_met"
    for claim in document["therapies"]:
        claim["conditions"] = []
    marks = {
        (row.direction.token, t.name): t.mark.token if t.mark else ""
        for row in headline.view(document).treatments.rows
        for t in row.treatments
    }
    assert (marks["sensitive", "afatinib"], marks["resistant", "afatinib"]) == ("resistance", "")


def test_a_claim_withheld_is_not_on_the_front_page(alk: dict[str, Any]) -> None:
    alk["events"][1]["driver_class"] = "likely_driver"
    assert headline.view(alk).treatments.rows == ()


def test_withdrawn_approvals_are_not_on_the_front_page(alk: dict[str, Any]) -> None:
    alk["therapies"][1]["approvals"][0]["status"] = "withdrawn"
    (row,) = headline.view(alk).treatments.rows
    assert row.treatments[1].approvals == ""


def test_document_without_the_newer_keys_says_nothing_instead_of_failing(alk: dict[str, Any]) -> None:
    for key in NEW_KEYS:
        del alk[key]
    del alk["sample"]["turnaround_days"]
    for claim in alk["therapies"]:
        del claim["devices"]
    page = render(alk)
    assert "Adequacy not stated" in page
    assert "Drivers on" not in page


@pytest.mark.parametrize(("days", "shown"), [(9, "9 days"), (1, "1 day"), (0, "0 days"), (None, "not provided")])
def test_turnaround_is_the_computed_value(alk: dict[str, Any], days: int | None, shown: str) -> None:
    alk["sample"]["turnaround_days"] = days
    facts = {fact.label: fact.value for _, group in identity.view(alk).groups for fact in group}
    assert facts["Collection to report"] == shown


def test_assay_says_what_it_does_not_state(alk: dict[str, Any]) -> None:
    view = assay.view(alk)
    rows = {row.label: (row.state.token, row.limit, row.longest) for row in view.classes}
    assert rows["Insertions"] == ("yes", "3.0\u00a0%", "40 bases")
    assert rows["Fusions from RNA"] == ("yes", "not stated", "–")
    assert rows["Fusions from DNA"] == ("no", "–", "–")
    assert "Promoter variants" in view.not_stated
    assert {fact.label for fact in view.facts if fact.missing} == {
        "Tumour mutational burden over",
        "Microsatellite loci",
    }
    assert (view.devices, view.status.label if view.status else "") == ((), "LDT")


def test_assay_not_described(alk: dict[str, Any]) -> None:
    alk["assay"] = None
    assert assay.view(alk).statement == assay.NOT_DESCRIBED
    assert "? this assay is not described" in render(alk)


def test_every_class_an_assay_can_name_has_words() -> None:
    assert tuple(ASSAY_CLASSES) == VARIANT_CLASSES


@pytest.mark.parametrize(
    ("depth", "minimum", "path", "low"),
    [
        (250, 250, "M0 2H32v6H0z", False),
        (249, 250, "M0 2H31.9v6H0z", True),
        (0, 250, "M0 2H1v6H0z", True),
        (900, 250, "M0 2H90l6 3l-6 3H0z", False),
        (500, None, "M0 2H48v6H0z", False),
    ],
)
def test_depth_bar_against_the_least_depth(depth: float, minimum: float | None, path: str, low: bool) -> None:
    bar = depth_bar(depth, minimum, 1000)
    assert bar is not None
    assert (bar.path, bar.low, bool(bar.minimum)) == (path, low, minimum is not None)


def test_power_mark_changes_its_shape_at_95_per_cent() -> None:
    assert [(mark.x, mark.enough) for mark in map(power_mark, (0.5, 0.95, 1.0)) if mark] == [
        ("42", False),
        ("79.8", True),
        ("84", True),
    ]
    assert (power_mark(None), depth_bar(None, 250, 0)) == (None, None)
