from __future__ import annotations

from types import ModuleType

import pytest

from targetboard.action.tiers import amp_tier, escat_tier, variant_tiers
from targetboard.model import DriverClass


@pytest.mark.parametrize(
    ("level", "relation", "tier"),
    [
        ("A", "exact", "I-A"), ("B", "descendant", "I-B"), ("C", "pan_tumour", "II-C"), ("D", "exact", "II-D"),
        ("A", "other_tumour", "II-C"), ("B", "other_tumour", "II-C"), ("C", "other_tumour", "II-D"),
        ("D", "other_tumour", "II-D"), ("A", "ancestor", "II-C"), ("C", "ancestor", "II-D"), ("", "exact", None),
    ],
)  # fmt: skip
def test_amp(level: str, relation: str, tier: str | None) -> None:
    found, basis = amp_tier(level, relation)
    assert found == tier
    assert basis


def test_amp_basis_is_a_sentence_with_its_reason() -> None:
    assert amp_tier("A", "exact")[1] == "I-A: level A evidence in this tumour type"
    assert amp_tier("A", "ancestor")[1].endswith("; I-A if the diagnosis is that narrower type")
    assert amp_tier("A", "exact", "safety") == (None, "safety statements have no tier")


@pytest.mark.parametrize(
    ("curated", "relation", "expected"),
    [
        ("I-A", "exact", ("I-A", "curated")),
        ("I-A", "other_tumour", ("III-A", "derived: I-A in another tumour type")),
        ("II-B", "ancestor", ("III-A", "derived: II-B in another tumour type")),
        ("III-B", "other_tumour", ("III-B", "curated")),
        ("IV-A", "other_tumour", ("IV-A", "curated")),
        ("", "exact", (None, "")),
    ],
)
def test_escat(curated: str, relation: str, expected: tuple[str | None, str]) -> None:
    assert escat_tier(curated, relation) == expected


@pytest.mark.parametrize(
    ("driver_class", "tier"),
    [
        (DriverClass.UNCERTAIN, "III"),
        (DriverClass.LIKELY_PASSENGER, "IV"),
        (DriverClass.PASSENGER, "IV"),
        (DriverClass.LIKELY_DRIVER, None),
        (DriverClass.VALIDATED_DRIVER, None),
        (DriverClass.NOT_EVALUABLE, None),
    ],
)
def test_variants_without_claims(small: ModuleType, driver_class: DriverClass, tier: str | None) -> None:
    assert variant_tiers([small.make_variant(driver_class=driver_class)], []) == [{"amp": tier, "escat": None}]


def test_the_best_claim_gives_the_tier(small: ModuleType) -> None:
    variants = [small.make_variant(driver_class=DriverClass.VALIDATED_DRIVER) for _ in range(2)]
    rows = [
        {"variants": [0], "amp": "II-C", "escat": "III-A"},
        {"variants": [0], "amp": "I-B", "escat": None},
        {"variants": [0, 1], "amp": None, "escat": "I-B"},
    ]
    assert variant_tiers(variants, rows) == [{"amp": "I-B", "escat": "I-B"}, {"amp": None, "escat": "I-B"}]
