"""What each section makes of the document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.report.sections import (
    appendix,
    drivers,
    glossary,
    headline,
    identity,
    ledger,
    limits,
    markers,
    options,
    resistance,
    therapies,
    trail,
)

Example = Callable[[str], dict[str, Any]]


def groups(document: dict[str, Any]) -> dict[str, list[str]]:
    return {group.anchor: [claim.claim_id for claim in group.claims] for group in therapies.view(document).groups}


def test_claims_are_grouped_by_direction_tumour_and_state(nsclc: dict[str, Any]) -> None:
    assert groups(nsclc) == {
        "sensitive": ["TB0027", "TB0020"],
        "resistant": ["TB0028", "TB0029", "TB0030"],
        "not_indicated": ["TB0045"],
        "other_tumour": ["TB0158"],
        "conditional": ["TB0320"],
        "prognostic": ["TB0401", "TB0402"],
    }


@pytest.mark.parametrize(
    ("change", "group"),
    [
        ({"state": "unknown"}, "conditional"),
        ({"tumour_match": "ancestor"}, "conditional"),
        ({"tumour_match": "other_tumour"}, "other_tumour"),
        ({"tumour_match": "descendant"}, "sensitive"),
        ({"tumour_match": "pan_tumour"}, "sensitive"),
        ({"direction": "resistant"}, "resistant"),
        ({"direction": "resistant", "tumour_match": "other_tumour"}, "other_tumour"),
        ({"implication": "diagnostic", "direction": None}, "diagnostic"),
        ({"implication": "safety", "direction": None}, "safety"),
    ],
)
def test_group_of_one_claim(nsclc: dict[str, Any], change: dict[str, Any], group: str) -> None:
    nsclc["therapies"] = [{**nsclc["therapies"][0], **change}]
    assert groups(nsclc) == {group: ["TB0027"]}


@pytest.mark.parametrize("verdict", ["likely_driver", "uncertain", "likely_passenger", "passenger", "not_evaluable"])
def test_claim_on_anything_but_a_validated_driver_is_withheld(nsclc: dict[str, Any], verdict: str) -> None:
    nsclc["variants"][1]["driver_class"] = verdict
    view = therapies.view(nsclc)
    shown = {claim.claim_id for group in view.groups for claim in group.claims}
    assert shown.isdisjoint({"TB0027", "TB0028", "TB0029", "TB0030", "TB0402"})
    assert [entry.claim_id for entry in view.withheld][:2] == ["TB0027", "TB0028"]
    assert "not a validated driver" in view.withheld[0].reason


@pytest.mark.parametrize("change", [{"variants": [99]}, {"variants": [-1]}, {"direction": None}])
def test_inconsistent_claim_is_withheld(nsclc: dict[str, Any], change: dict[str, Any]) -> None:
    nsclc["therapies"] = [{**nsclc["therapies"][0], **change}]
    view = therapies.view(nsclc)
    assert view.groups == ()
    assert view.withheld[0].reason.startswith("integrity check")


def test_claim_with_a_condition_not_met_is_marked_and_last(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][:2] = reversed(nsclc["therapies"][:2])
    claims = therapies.view(nsclc).groups[0].claims
    assert [(claim.claim_id, claim.excluded) for claim in claims] == [("TB0027", False), ("TB0020", True)]


def test_conflict_points_at_the_other_claim(nsclc: dict[str, Any]) -> None:
    claims = {claim.claim_id: claim for group in therapies.view(nsclc).groups for claim in group.claims}
    assert claims["TB0020"].conflicts == (("TB0030", 4),)
    assert claims["TB0030"].conflicts == (("TB0020", 1),)


def test_withdrawn_approval_is_history_and_unsourced_year_is_said(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][0]["approvals"] = [
        {"jurisdiction": "US", "year": None, "status": "withdrawn", "label": "", "verified_in": ""}
    ]
    (approval,) = therapies.view(nsclc).groups[0].claims[0].approvals
    assert (approval.text, approval.history, approval.checked) == ("US year not sourced, withdrawn", True, "unverified")


def test_resistant_claims_list_no_side_effects(nsclc: dict[str, Any]) -> None:
    nsclc["therapies"][2]["side_effects"] = ["rash"]
    assert [entry.drugs for entry in therapies.view(nsclc).safety] == ["osimertinib", "afatinib", "pembrolizumab"]


def test_resistance_on_an_uncertain_variant_is_withheld(nsclc: dict[str, Any]) -> None:
    view = resistance.view(nsclc)
    assert ([e.alteration_id for e in view.found], [e.alteration_id for e in view.to_watch]) == (
        ["EGFR_T790M"],
        ["EGFR_C797S"],
    )
    nsclc["variants"][1]["driver_class"] = "uncertain"
    view = resistance.view(nsclc)
    assert (view.found, view.withheld) == ((), 1)


def test_empty_resistance_section_points_at_claims_of_resistance(nsclc: dict[str, Any]) -> None:
    nsclc["resistance"] = []
    assert resistance.view(nsclc).resistant_claims
    nsclc["therapies"] = [claim for claim in nsclc["therapies"] if claim["direction"] != "resistant"]
    assert not resistance.view(nsclc).resistant_claims


def test_driver_rows_carry_fraction_interval_and_codes(nsclc: dict[str, Any]) -> None:
    view = drivers.view(nsclc)
    assert [row.index for row in view.variants] == [0, 1, 2, 3]
    first = view.variants[0]
    assert (first.vaf, first.vaf_interval, first.depth) == ("38.2\u00a0%", "34.0–42.5\u00a0%", "191 of 500 reads")
    assert first.codes == (("OS1", "+4"), ("OS3", "+4"), ("OM1", "+2"))
    assert (first.points, first.points_range) == ("+10", "+10 to +12")


def test_validated_drivers_come_before_likely_ones(nsclc: dict[str, Any]) -> None:
    nsclc["variants"][0]["driver_class"] = "likely_driver"
    assert [row.index for row in drivers.view(nsclc).variants] == [1, 2, 0, 3]


def test_appendix_groups_by_class(nsclc: dict[str, Any]) -> None:
    view = appendix.view(nsclc)
    assert [(word.token, [row.index for row in rows]) for word, rows in view.groups] == [
        ("uncertain", [4, 5]),
        ("not_evaluable", [7]),
        ("passenger", [6]),
    ]


def test_trail_hides_mechanism_and_sources_of_non_drivers(example: Example) -> None:
    view = trail.view(example("only_uncertain"))
    assert view is not None
    (match,) = view.trails[3].matches
    assert (match.label, match.mechanism, match.sources) == ("EGFR E690K", "", ())


def test_markers_share_a_row_only_without_values(nsclc: dict[str, Any]) -> None:
    nsclc["markers"] += [
        {**nsclc["markers"][0], "marker_id": name, "label": name, "unit": "", "cutoff": None} for name in ("A", "B")
    ]
    nsclc["markers"].append({**nsclc["markers"][1], "label": "a second measurement"})
    view = markers.view(nsclc)
    assert [(state.token, [row.labels for row in rows]) for state, rows in view.groups] == [
        ("detected", [("Tumour mutational burden",)]),
        ("not_detected", [("Microsatellite instability",), ("a second measurement",)]),
        ("not_assessed", [("PD-L1 TPS",), ("A", "B")]),
    ]
    assert dict(view.groups)[view.groups[1][0]][0].value == "2.1 % unstable loci"


@pytest.mark.parametrize(
    ("consent", "shown"),
    [
        ("no", False),
        ("NO", False),
        ("withdrawn", False),
        ("refused", False),
        ("yes", True),
        ("unknown", True),
        ("", True),
    ],
)
def test_consent_governs_what_may_be_inherited(nsclc: dict[str, Any], consent: str, shown: bool) -> None:
    nsclc["sample"]["clinical"]["consent_germline"] = consent
    flags = [flag.token for row in drivers.view(nsclc).variants for flag in row.flags]
    kinds = [kind.token for kind, _ in headline.view(nsclc).lines]
    sample = limits.view(nsclc)
    assert sample is not None
    assert ("germline_suspect" in flags) is shown
    assert ("germline" in kinds) is shown
    assert ("germline_suspect" in [flag.token for flag in sample.flags]) is shown
    assert (sample.consent == limits.CONSENT_REFUSED) is not shown
    explained = [word.token for _, _, words in glossary.view(nsclc).vocabularies for word in words]
    assert ("germline_suspect" in explained) is shown
    assert "chip_suspect" in explained


def test_ledger_is_added_up_again(nsclc: dict[str, Any]) -> None:
    view = ledger.view(nsclc)
    assert view is not None
    assert (view.reported, view.filtered_sum, view.unparsed_sum, view.balances) == (8, 53, 5, True)
    nsclc["ledger"]["reported"] = 7
    view = ledger.view(nsclc)
    assert view is not None
    assert not view.balances


def test_options_are_left_out_where_there_are_none(example: Example) -> None:
    assert options.view(example("only_uncertain")) is None
    assert options.view(example("nsclc_egfr_t790m")) is not None


def test_headline_has_six_lines_at_most(nsclc: dict[str, Any]) -> None:
    nsclc["headline"] = [{"kind": "actionable", "text": str(number)} for number in range(9)]
    assert [text for _, text in headline.view(nsclc).lines] == ["0", "1", "2", "3", "4", "5"]


def test_what_is_not_settled_stands_before_the_six_lines(nsclc: dict[str, Any]) -> None:
    nsclc["headline"] = [{"kind": "unclear", "text": "open"}] + [
        {"kind": "actionable", "text": str(number)} for number in range(9)
    ]
    lines = headline.view(nsclc).lines
    assert [text for _, text in lines] == ["open", "0", "1", "2", "3", "4", "5"]
    assert (lines[0][0].label, lines[0][0].tone) == ("Not settled", "warn")


def test_condition_instead_of_tumour_type(nsclc: dict[str, Any]) -> None:
    nsclc["sample"].update(tumour_type=None, condition="RPE65-mediated retinal dystrophy")
    facts = {fact.label: fact.value for _, group in identity.view(nsclc).groups for fact in group}
    assert facts["Condition"] == "RPE65-mediated retinal dystrophy"
    assert therapies.view(nsclc).groups[0].title == "Sensitive in this condition"


@pytest.mark.parametrize(
    ("verified_in", "checked", "places"),
    [
        (
            "civic/ClinicalEvidence EID1; docm/variants x",
            "verified",
            ("civic/ClinicalEvidence EID1", "docm/variants x"),
        ),
        ("look-up: label, www.accessdata.fda.gov/x", "verified", ("look-up: label, www.accessdata.fda.gov/x",)),
        ("look-up: a reprint, example.org/label", "secondary", ("look-up: a reprint, example.org/label",)),
        ("unverified", "unverified", ()),
        ("", "unverified", ()),
    ],
)
def test_claims_say_where_they_were_checked(
    nsclc: dict[str, Any], verified_in: str, checked: str, places: tuple[str, ...]
) -> None:
    nsclc["therapies"][0]["verified_in"] = verified_in
    claim = therapies.view(nsclc).groups[0].claims[0]
    assert (claim.checked, claim.checked_in) == (checked, places)
