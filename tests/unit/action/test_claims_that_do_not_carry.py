"""Claims that look as if they applied and do not: other tumours, inherited labels, calls in doubt, same targets."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.action.assess import assess_sample
from targetboard.action.biomarkers import MeasuredMarker
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, MarkerState, Variant


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    def claim(name: str, biomarker: str, types: str, drugs: str, **values: Any) -> dict[str, Any]:
        row = {"claim_id": name, "biomarker_id": biomarker, "tumour_types": tuple(types.split("|"))}
        return {**row, "drugs": tuple(drugs.split("|")), **values}

    profiles = {
        "V600E": "BRAF_V600E",
        "PDL1": "PD-L1 >= 1",
        "LOSS": "BRCA1_LOF",
        "INHERITED": "BRCA1_LOF AND GERMLINE_BRCA == positive",
    }
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[{"gene": "BRAF"}, {"gene": "BRCA1"}, {"gene": "KIT"}],
        alterations=[
            {"alteration_id": "BRAF_V600E", "gene": "BRAF", "label": "BRAF V600E", "protein_changes": ("p.Val600Glu",)},
            {"alteration_id": "BRCA1_LOF", "gene": "BRCA1", "label": "BRCA1 loss", "event": "loss_of_function"},
        ],
        drugs=[
            {"drug": "dabrafenib", "target": "BRAF"},
            {"drug": "trametinib", "target": "MEK"},
            {"drug": "vemurafenib", "target": "BRAF"},
            {"drug": "cobimetinib", "target": "MEK1, MEK2"},
            {"drug": "sunitinib", "target": "KIT"},
            {"drug": "pembrolizumab", "target": "PD-1"},
            {"drug": "olaparib", "target": "PARP"},
        ],
        markers=[
            {"marker_id": "PD-L1", "label": "PD-L1"},
            {"marker_id": "GERMLINE_BRCA", "label": "germline BRCA", "kind": "germline test"},
        ],
        biomarkers=[{"biomarker_id": name, "label": name, "profile": text} for name, text in profiles.items()],
        therapies=[
            claim("SOLID", "V600E", "ANY_SOLID", "dabrafenib|trametinib", excluded_tumour_types=("COADREAD",)),
            claim("VEM_COBI", "V600E", "MEL", "vemurafenib|cobimetinib"),
            claim("SUNI", "V600E", "MEL", "sunitinib"),
            claim("OVERGROWTH", "V600E", "disease:overgrowth", "trametinib"),
            claim("PEMBRO", "PDL1", "NSCLC", "pembrolizumab"),
            claim("OLA", "LOSS", "LUAD", "olaparib"),
            claim("OLA_GERMLINE", "INHERITED", "LUAD", "olaparib"),
        ],
    )


def found(small: ModuleType, name: str, *, flags: tuple[str, ...] = (), **observed: Any) -> Variant:
    return small.make_variant(  # type: ignore[no-any-return]
        name.split("_")[0],
        matches=(name,),
        driver_class=DriverClass.VALIDATED_DRIVER,
        observation=observed,
        flags=flags,
    )


def claims(kb: KnowledgeBase, code: str, *variants: Variant, **markers: str) -> dict[str, dict[str, Any]]:
    measured = {name.replace("_", "-"): MeasuredMarker(MarkerState.DETECTED, value) for name, value in markers.items()}
    document = assess_sample(kb, variants, code, None, {}, markers=measured)
    rows = {row["claim_id"]: row["state"] for row in document["therapies"]}
    return {"shown": rows, "withheld": {row["claim_id"]: row["reason"] for row in document["withheld"]}}


def test_a_marker_means_something_in_its_own_tumour_type_only(kb: KnowledgeBase) -> None:
    assert "PEMBRO" in claims(kb, "LUAD", PD_L1="50")["shown"]
    assert claims(kb, "MEL", PD_L1="50")["shown"] == {}


def test_a_disease_that_is_no_tumour_says_nothing_of_one(kb: KnowledgeBase, small: ModuleType) -> None:
    assert "OVERGROWTH" not in claims(kb, "LUAD", found(small, "BRAF_V600E"))["shown"]


def test_an_exclusion_bars_other_drugs_of_the_same_targets(kb: KnowledgeBase, small: ModuleType) -> None:
    seen = claims(kb, "COADREAD", found(small, "BRAF_V600E"))
    assert set(seen["shown"]) == {"SUNI"}
    assert "SOLID excludes COADREAD" in seen["withheld"]["VEM_COBI"]
    assert {"SOLID", "VEM_COBI"} <= set(claims(kb, "MEL", found(small, "BRAF_V600E"))["shown"])


@pytest.mark.parametrize(
    ("normal", "state"),
    [
        ({"normal_vaf": 0.0, "normal_depth": 150}, None),
        ({"normal_vaf": 0.48, "normal_depth": 150}, "unknown"),
        ({"normal_vaf": 0.0, "normal_depth": 4}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_germline_label_is_withheld_for_a_variant_that_the_normal_lacks(
    kb: KnowledgeBase, small: ModuleType, normal: dict[str, Any], state: str | None
) -> None:
    seen = claims(kb, "LUAD", found(small, "BRCA1_LOF", **normal))
    assert seen["shown"]["OLA"] == "met"
    assert seen["shown"].get("OLA_GERMLINE") == state
    assert ("OLA_GERMLINE" in seen["withheld"]) is (state is None)


@pytest.mark.parametrize(
    ("flags", "state"),
    [
        ((), "met"),
        (("germline_suspect",), "met"),
        (("chip_suspect",), "unknown"),
        (("artefact_suspect",), "unknown"),
        (("low_support",), "met"),
    ],
)
def test_a_call_in_doubt_leaves_the_claim_open(
    kb: KnowledgeBase, small: ModuleType, flags: tuple[str, ...], state: str
) -> None:
    assert claims(kb, "LUAD", found(small, "BRCA1_LOF", flags=flags))["shown"]["OLA"] == state
    sure = found(small, "BRCA1_LOF")
    assert claims(kb, "LUAD", found(small, "BRCA1_LOF", flags=flags), sure)["shown"]["OLA"] == "met"
