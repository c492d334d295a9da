"""The shipped knowledge on textbook findings: the same driver means different things in different tumours."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from targetboard.action.assess import assess_sample
from targetboard.action.therapies import profile_of
from targetboard.classify.driver import classify
from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, Variant


@pytest.fixture(scope="module")
def kb(root: Path) -> KnowledgeBase:
    return load([root / "resources" / "knowledge"])


@pytest.fixture(scope="module")
def sample(small: ModuleType, kb: KnowledgeBase) -> Any:
    def build(*alterations: str, code: str, **options: Any) -> tuple[list[Variant], dict[str, Any]]:
        variants = []
        for name in alterations:
            alteration = kb.alterations[name]
            changes = alteration.protein_changes
            variants.append(small.make_variant(alteration.gene, changes[0] if changes else "", matches=(name,)))
            classify(variants[-1], kb)
        return variants, assess_sample(kb, variants, code, None, {}, **options)

    return build


def test_every_profile_can_be_read(kb: KnowledgeBase) -> None:
    assert kb.claims
    for claim in kb.claims.values():
        profile_of(claim, kb)


# Finding, tumour type, regimens that must be active in this tumour type at tier I, drugs that must not be.
ACTIVE: list[tuple[str, str, list[tuple[str, ...]], list[str]]] = [
    ("BRAF_V600E", "MEL", [("dabrafenib", "trametinib"), ("encorafenib", "binimetinib")], ["cetuximab"]),
    ("BRAF_V600E", "NSCLC", [("dabrafenib", "trametinib")], ["cetuximab"]),
    ("BRAF_V600E", "COADREAD", [("encorafenib", "cetuximab")], ["dabrafenib", "vemurafenib"]),
    ("EGFR_L858R", "NSCLC", [("osimertinib",)], []),
    ("EGFR_L858R", "LUAD", [("osimertinib",)], []),
    ("EGFR_T790M", "NSCLC", [("osimertinib",)], ["erlotinib", "gefitinib"]),
    ("KRAS_G12D", "COADREAD", [], ["cetuximab", "panitumumab"]),
    ("KRAS_G12D", "PAAD", [], ["cetuximab", "panitumumab"]),
]


@pytest.mark.parametrize(("name", "code", "regimens", "not_active"), ACTIVE)
def test_textbook_findings(
    sample: Any, name: str, code: str, regimens: list[tuple[str, ...]], not_active: list[str]
) -> None:
    variants, result = sample(name, code=code)
    assert variants[0].driver_class is DriverClass.VALIDATED_DRIVER
    active = [
        row
        for row in result["therapies"]
        if row["direction"] == "sensitive" and row["tumour_match"] in {"exact", "descendant", "pan_tumour"}
    ]
    found = {tuple(row["drugs"]): row["amp"] for row in active if row["state"] == "met"}
    for regimen in regimens:
        assert found.get(regimen, "none").startswith("I-"), regimen
    alone = {tuple(row["drugs"]) for row in active}
    assert not {(drug,) for drug in not_active} & alone


def test_excluded_tumour_type_is_told(sample: Any) -> None:
    _, result = sample("BRAF_V600E", code="COADREAD")
    assert any("the claim excludes COADREAD" in row["reason"] for row in result["withheld"])


def test_an_exclusion_bars_evidence_from_elsewhere(sample: Any) -> None:
    _, result = sample("BRAF_V600E", code="COADREAD")
    shown = {tuple(row["drugs"]) for row in result["therapies"] if row["direction"] == "sensitive"}
    assert not {("dabrafenib",), ("trametinib",), ("dabrafenib", "trametinib")} & shown
    assert any("evidence is of other tumour types" in row["reason"] for row in result["withheld"])


def test_sensitive_and_resistant_findings_meet(sample: Any) -> None:
    _, result = sample("EGFR_L858R", "EGFR_T790M", code="NSCLC")
    rows = {row["claim_id"]: row for row in result["therapies"]}
    against = [row for row in rows.values() if row["direction"] == "resistant" and row["conflicts_with"]]
    assert against
    names = list(rows)
    for row in against:
        for other in row["conflicts_with"]:
            assert row["claim_id"] in rows[other]["conflicts_with"]
            assert names.index(row["claim_id"]) < names.index(other)
    actionable = " ".join(line["text"] for line in result["headline"] if line["kind"] == "actionable")
    assert "osimertinib" in actionable
    assert "erlotinib" not in actionable


def test_no_drug_name_for_a_variant_of_unproven_effect(small: ModuleType, kb: KnowledgeBase) -> None:
    for code in ("NSCLC", "COADREAD", "MEL", "BRCA", "AML", "GIST", "PRAD"):
        variants = [small.make_variant(gene, "p.Ala2Thr") for gene in sorted(kb.genes)]
        for variant in variants:
            classify(variant, kb)
        assert not any(variant.driver_class is DriverClass.VALIDATED_DRIVER for variant in variants)
        result = assess_sample(kb, variants, code, None, {})
        del result["options_without_biomarker"]
        said = json.dumps([result, [(v.class_reason, v.notes) for v in variants]]).casefold()
        assert not [drug for drug in kb.drugs if drug in said]


def test_everything_at_once_fits_the_document(sample: Any, kb: KnowledgeBase, root: Path) -> None:
    from jsonschema import Draft202012Validator

    schema = json.loads((root / "workflow/schemas/document.schema.json").read_text(encoding="utf-8"))
    names = sorted(a for a, row in kb.alterations.items() if row.event not in {"amplification", "fusion", "wild_type"})
    for code in ("NSCLC", "COADREAD", "AML"):
        _, result = sample(*names, code=code)
        assert len(result["headline"]) <= 6
        for part in ("therapies", "withheld", "resistance", "options_without_biomarker", "markers", "headline"):
            Draft202012Validator({**schema["properties"][part], "$defs": schema["$defs"]}).validate(result[part])
