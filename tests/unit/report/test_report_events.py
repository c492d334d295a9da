"""Events beside variants, drivers on their proteins, and companion diagnostics of claims."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.report.figures import fraction_chart, protein_figure
from targetboard.report.render import render
from targetboard.report.sections import appendix, drivers, resistance, therapies

Example = Callable[[str], dict[str, Any]]


@pytest.fixture
def alk(example: Example) -> dict[str, Any]:
    """NSCLC with an ALK fusion, a MET amplification and a ROS1 rearrangement."""
    return example("nsclc_alk_fusion")


def claims(document: dict[str, Any]) -> dict[str, therapies.Claim]:
    return {claim.claim_id: claim for group in therapies.view(document).groups for claim in group.claims}


def test_driver_events_stand_with_the_drivers_and_others_in_the_appendix(alk: dict[str, Any]) -> None:
    assert [event.label for event in drivers.view(alk).events] == ["EML4::ALK fusion", "MET amplification"]
    assert [event.label for event in appendix.view(alk).events] == [
        "CDKN2A homozygous deletion",
        "GOPC::ROS1 rearrangement",
    ]
    fusion = drivers.view(alk).events[0]
    assert (fusion.value, fusion.alterations, fusion.amp) == ("63 reads", ("EML4_ALK", "ALK_FUSION"), "I-A")


def test_rearrangement_is_no_driver_whatever_its_class(alk: dict[str, Any]) -> None:
    alk["events"][3]["driver_class"] = "validated_driver"
    assert "GOPC::ROS1 rearrangement" in [event.label for event in appendix.view(alk).events]


def test_claims_name_the_event_they_rest_on(alk: dict[str, Any]) -> None:
    claim = claims(alk)["ALK_FUSION_NSCLC_LORLATINIB"]
    assert [(event.index, event.name) for event in claim.events] == [(1, "EML4::ALK fusion")]
    assert claim.markers == ()
    assert 'href="#event-1"' in render(alk)


@pytest.mark.parametrize(
    "change", [{"driver_class": "likely_driver"}, {"driver_class": "uncertain"}, {"kind": "rearrangement"}]
)
def test_claim_on_an_event_that_is_no_validated_driver_is_withheld(alk: dict[str, Any], change: dict[str, Any]) -> None:
    alk["events"][1].update(change)
    assert claims(alk) == {}
    reasons = {entry.reason for entry in therapies.view(alk).withheld[:4]}
    assert reasons == {"integrity check: the claim rests on an event that is not a validated driver"}


def test_resistance_by_an_event_is_linked_or_withheld(alk: dict[str, Any]) -> None:
    found = {entry.alteration_id: entry for entry in resistance.view(alk).found}
    assert [event.name for event in found["MET_AMP"].events] == ["MET amplification"]
    alk["events"][0]["driver_class"] = "uncertain"
    view = resistance.view(alk)
    assert ([entry.alteration_id for entry in view.found], view.withheld) == (["ALK_G1202R"], 1)


def test_devices_say_whether_this_assay_is_one(alk: dict[str, Any]) -> None:
    assert claims(alk)["ALK_FUSION_NSCLC_LORLATINIB"].assay_and_device.label == "✗ this assay is not this device"
    assert claims(alk)["ALK_FUSION_NSCLC_CRIZOTINIB"].assay_and_device.label.endswith("one of these devices")
    alk["therapies"][0]["devices"][0].update(is_this_assay=True, approval_id="P012345")
    claim = claims(alk)["ALK_FUSION_NSCLC_LORLATINIB"]
    assert claim.assay_and_device.label == "✓ this assay is a device of this claim"
    assert claim.devices[0].detail == "Ventana Medical Systems (Roche), US P012345, FFPE tumour tissue"


def protein(length: int | None, *domains: tuple[str, int, int]) -> dict[str, Any]:
    return {
        "gene": "TP53",
        "transcript": "NM_000546.6",
        "length": length,
        "domains": [{"name": name, "first": first, "last": last} for name, first, last in domains],
    }


def found(*changes: str) -> list[dict[str, Any]]:
    return [{"hgvsp": change, "driver_class": "validated_driver"} for change in changes]


@pytest.mark.parametrize(
    ("length", "change"), [(None, "p.Arg273His"), (200, "p.Arg273His"), (393, ""), (393, "p.?"), (393, "no change")]
)
def test_nothing_is_drawn_without_a_length_or_a_place(length: int | None, change: str) -> None:
    assert protein_figure(protein(length), found(change), ["name"]) is None


def test_drivers_without_a_place_are_named() -> None:
    figure = protein_figure(protein(393), found("p.Arg273His", ""), ["R273H", "c.375+1G>T"])
    assert figure is not None
    assert ([head.label for head in figure.lollipops], figure.not_drawn) == (["R273H"], ("c.375+1G>T",))


def test_domains_are_clear_of_one_another_and_inside() -> None:
    domains = [("one", 1, 42), ("a long name of a domain", 43, 60), ("another", 61, 70), ("outside", 380, 500)]
    figure = protein_figure(protein(393, *domains), found("p.Arg273His"), ["R273H"])
    assert figure is not None
    assert [box.name for box in figure.domains] == ["one", "a long name of a domain", "another"]
    assert [bool(box.hatch) for box in figure.domains] == [False, True, False]
    names = [(box.label_y, float(box.label_x), len(box.name) * 3.2) for box in figure.domains]
    for number, (row, x, half) in enumerate(names):
        assert x - half >= -0.1
        assert all(
            row != other or abs(x - other_x) > half + other_half for other, other_x, other_half in names[:number]
        )


def test_sites_of_one_domain_share_one_name() -> None:
    sites = [("DNA binding: contact", 120, 120), ("DNA binding: zinc ligand", 176, 179), ("end", 320, 356)]
    figure = protein_figure(protein(393, *sites), found("p.Arg273His"), ["R273H"])
    assert figure is not None
    assert [box.name for box in figure.domains] == ["DNA binding", "", "end"]
    assert [bool(box.hatch) for box in figure.domains] == [False, False, True]


@given(st.lists(st.integers(min_value=1, max_value=393), min_size=1, max_size=30))
def test_labels_never_touch_and_no_stem_crosses_one(residues: list[int]) -> None:
    names = [f"p.Arg{residue}His 12.3 %" for residue in residues]
    figure = protein_figure(protein(393), found(*(f"p.Arg{residue}His" for residue in residues)), names)
    assert figure is not None
    heads = [(float(head.x), float(head.y), len(head.label) * 6.4) for head in figure.lollipops]
    for number, (x, y, width) in enumerate(heads):
        assert 0 < y < float(figure.bar_y)
        for other_x, other_y, _ in heads[number + 1 :]:
            if other_x <= x + 8 + width:
                assert other_y - y >= 16, "a head or stem further right would meet this label"


def test_ticks_begin_and_end_with_the_protein() -> None:
    for length in (1, 9, 188, 393, 1210, 1620, 4544, 34350):
        figure = protein_figure(protein(length), found("p.Met1Val"), ["M1V"])
        assert figure is not None
        labels = [label for _, label in figure.ticks]
        assert (labels[0], labels[-1]) == ("1", f"{length:,}")
        assert all(float(later) - float(earlier) > 20 for (earlier, _), (later, _) in pairwise(figure.ticks))


def test_chart_draws_the_limit_of_each_class_and_marks_what_lies_below() -> None:
    rows = [
        {"ref": "C", "alt": "T", "vaf": 0.01, "vaf_interval": None, "driver_class": "uncertain"},
        {"ref": "CA", "alt": "C", "vaf": 0.4, "vaf_interval": None, "driver_class": "uncertain"},
        {"ref": "C", "alt": "CA", "vaf": 0.3, "vaf_interval": None, "driver_class": "uncertain"},
    ]
    chart = fraction_chart(rows, ["a", "b", "c"], None, {"snv": 0.02, "deletion": 0.05, "mnv": 0.02})
    assert chart is not None
    assert chart.limits == (("snv", "2"), ("deletion", "5"))
    drawn = {row.label: (row.limit, row.value) for row in chart.rows if row.label}
    assert drawn == {"b": ("235", "40.0 %"), "c": ("", "30.0 %"), "a": ("222.4", "1.0 % ↓")}


def test_limits_of_the_assay_reach_the_chart(alk: dict[str, Any]) -> None:
    assert drivers.view(alk).limits == "single base changes 2 %"
    alk["assay"] = None
    assert drivers.view(alk).limits == ""
