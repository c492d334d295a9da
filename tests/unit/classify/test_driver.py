"""Driver classes: curation, points, disagreement."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.driver import class_of_points, classify
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, Match, MatchLevel, Variant

COMMON = {"gnomADe_AF": "0.3"}


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    def row(name: str, **values: Any) -> dict[str, Any]:
        return {"alteration_id": name, "gene": "ONCO", "label": name.replace("_", " "), **values}

    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "ONCO"},
            {"gene": "TSG", "role": "tumour_suppressor", "lof_mechanism": True, "last_pathogenic_codon": 400},
        ],
        alterations=[
            row("VALID", sources=("CIViC:AID5",)),
            row("UNSOURCED", sources=()),
            row("UNVERIFIED", verified_in="unverified"),
            row("SUPPORTED", evidence="supported"),
            row("PRECLINICAL", evidence="preclinical"),
            row("NEUTRAL", kind="neutral", effect="neutral", evidence="supported", sources=()),
            {"alteration_id": "TSG_NEUTRAL", "gene": "TSG", "label": "TSG neutral", "kind": "neutral"},
        ],
    )


def judged(small: ModuleType, kb: KnowledgeBase, *args: Any, **options: Any) -> Variant:
    variant = small.make_variant(*args, **options)
    classify(variant, kb)
    return variant  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (10, "likely_driver"), (6, "likely_driver"), (5, "uncertain"), (0, "uncertain"), (-1, "likely_passenger"),
        (-6, "likely_passenger"), (-7, "passenger"), (-8, "passenger"),
    ],
)  # fmt: skip
def test_class_of_points(points: int, expected: str) -> None:
    assert class_of_points(points) == expected


@pytest.mark.parametrize(
    ("matches", "expected", "words"),
    [
        (("VALID",), "validated_driver", "is curated as a validated driver (VALID; CIViC:AID5)"),
        (("UNSOURCED",), "likely_driver", "whose source is not verified here"),
        (("UNVERIFIED",), "likely_driver", "whose source is not verified here"),
        (("SUPPORTED",), "likely_driver", "a driver with supporting evidence"),
        (("PRECLINICAL",), "likely_driver", "a driver with preclinical evidence"),
        (("SUPPORTED", "VALID"), "validated_driver", "VALID"),
        (("NEUTRAL",), "passenger", "is curated as neutral (NEUTRAL)"),
        ((), "uncertain", "is not curated and has 0 oncogenicity points (VUS): no code is met"),
    ],
)
def test_curation_decides(
    small: ModuleType, kb: KnowledgeBase, matches: tuple[str, ...], expected: str, words: str
) -> None:
    variant = judged(small, kb, "ONCO", "p.Gly300Ala", matches=matches)
    assert variant.driver_class == expected
    assert variant.class_reason.startswith("ONCO p.Gly300Ala ")
    assert words in variant.class_reason
    assert "conflict" not in variant.flags


def test_without_consequence_and_match_it_is_not_evaluable(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = judged(small, kb, "ONCO", annotated=False)
    assert variant.driver_class is DriverClass.NOT_EVALUABLE
    assert variant.oncogenicity is None
    assert "its consequence is not known" in variant.class_reason


def test_an_exact_allele_needs_no_consequence(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = judged(small, kb, "ONCO", annotated=False, matches=("VALID",), level=MatchLevel.EXACT_ALLELE)
    assert variant.driver_class is DriverClass.VALIDATED_DRIVER
    assert variant.oncogenicity is None


@pytest.mark.parametrize(
    ("matches", "extra", "expected"),
    [
        (("VALID",), COMMON, "validated_driver"),
        (("VALID", "NEUTRAL"), {}, "validated_driver"),
        (("SUPPORTED",), COMMON, "likely_driver"),
    ],
)
def test_disagreement_is_flagged_and_the_class_stays(
    small: ModuleType, kb: KnowledgeBase, matches: tuple[str, ...], extra: dict[str, str], expected: str
) -> None:
    variant = judged(small, kb, "ONCO", "p.Gly300Ala", matches=matches, consequence={"extra": extra})
    assert variant.driver_class == expected
    assert "conflict" in variant.flags
    assert any("review" in note for note in variant.notes)


def test_neutral_curation_against_points(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = judged(small, kb, "TSG", "p.Arg100Ter", ("stop_gained",), matches=("TSG_NEUTRAL",))
    assert variant.oncogenicity is not None
    assert variant.oncogenicity.points == 8
    assert variant.driver_class is DriverClass.PASSENGER
    assert "conflict" in variant.flags


def test_the_more_specific_of_two_curations_decides(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = small.make_variant("ONCO", "p.Gly300Ala")
    variant.matches = (
        Match("NEUTRAL", MatchLevel.EXACT_ALLELE, "allele"),
        Match("VALID", MatchLevel.GENE_CLASS, "class"),
    )
    classify(variant, kb)
    assert variant.driver_class is DriverClass.PASSENGER
    assert "conflict" in variant.flags


def test_points_alone_make_a_likely_driver(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = judged(small, kb, "TSG", "p.Arg100Ter", ("stop_gained",))
    assert variant.driver_class is DriverClass.LIKELY_DRIVER
    assert "8 oncogenicity points (Likely Oncogenic): from OVS1 +8" in variant.class_reason


@pytest.mark.parametrize(("frequency", "expected"), [("0.06", "passenger"), ("0.02", "likely_passenger")])
def test_common_variants_are_passengers(small: ModuleType, kb: KnowledgeBase, frequency: str, expected: str) -> None:
    fields = {f"gnomADe_{p}_AF": frequency for p in ("AFR", "AMR", "EAS", "NFE", "SAS")}
    variant = judged(small, kb, "ONCO", "p.Gly300Ala", consequence={"extra": fields})
    assert variant.driver_class == expected


def test_classification_is_repeatable(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = judged(small, kb, "ONCO", "p.Gly300Ala", matches=("VALID", "NEUTRAL"))
    before = (variant.driver_class, variant.class_reason, variant.flags, variant.notes, variant.oncogenicity)
    classify(variant, kb)
    assert before == (variant.driver_class, variant.class_reason, variant.flags, variant.notes, variant.oncogenicity)
