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


def test_where_there_is_no_tumour_only_curation_speaks(small: ModuleType, kb: KnowledgeBase) -> None:
    likely = small.make_variant("ONCO", "p.Val600Lys")
    classify(likely, kb, is_tumour=False)
    assert likely.driver_class is DriverClass.NOT_EVALUABLE
    assert likely.oncogenicity is None
    assert "a standard of tumours" in likely.class_reason
    assert likely.flags == ()


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


@pytest.fixture(scope="module")
def rules(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": name, "role": "tumour_suppressor", "lof_mechanism": True, "transcript_refseq": "NM_1.1"}
            for name in ("TSG", "TSG2")
        ],
        proteins=[
            {"gene": name, "transcript": "NM_1.1", "start": 1, "residues": "M" + "A" * 299 + "*", "verified_in": "x"}
            for name in ("TSG", "TSG2")
        ],
        alterations=[
            {"alteration_id": "TSG_LOF", "gene": "TSG", "label": "TSG loss", "event": "loss_of_function"},
            {"alteration_id": "TSG2_LOF", "gene": "TSG2", "label": "TSG2 loss", "event": "loss_of_function"},
            {"alteration_id": "TSG2_A295TER", "gene": "TSG2", "label": "A295*", "protein_changes": ("p.Ala295Ter",)},
            {"alteration_id": "TSG_OK", "gene": "TSG", "label": "TSG neutral", "kind": "neutral", "event": "allele"},
        ],
    )


CLASS_RULE_CASES = [
    ("p.Ala100Ter", {"exon": 2, "exon_total": 9}, ("TSG_LOF",), "validated_driver", False),
    # the last 30 codons: the shorter protein may work
    ("p.Ala280Ter", {"exon": 9, "exon_total": 9}, ("TSG_LOF",), "uncertain", True),
    ("p.Ala280Ter", {"exon": 8, "exon_total": 9}, ("TSG_LOF",), "likely_driver", False),
    ("p.Ala280Ter", {"exon": 2, "exon_total": 9}, ("TSG_LOF",), "validated_driver", False),
    ("p.Ala280Ter", {}, ("TSG_LOF",), "likely_driver", False),
    # more than a tenth is lost
    ("p.Ala200Ter", {"exon": 9, "exon_total": 9}, ("TSG_LOF",), "validated_driver", False),
    # a truncation at or behind it is curated
    ("p.Ala295Ter", {"exon": 9, "exon_total": 9}, ("TSG2_LOF", "TSG2_A295TER"), "validated_driver", False),
    ("p.Ala290Ter", {"exon": 9, "exon_total": 9}, ("TSG2_LOF",), "validated_driver", False),
    ("p.Ala296Ter", {"exon": 9, "exon_total": 9}, ("TSG2_LOF",), "uncertain", True),
]


@pytest.mark.parametrize(("hgvsp", "exons", "matches", "expected", "conflict"), CLASS_RULE_CASES)
def test_a_rule_for_null_variants_says_less_near_the_end(
    small: ModuleType,
    rules: KnowledgeBase,
    hgvsp: str,
    exons: dict[str, int],
    matches: tuple[str, ...],
    expected: str,
    conflict: bool,
) -> None:
    variant = small.make_variant(matches[0].partition("_")[0], hgvsp, ("stop_gained",), consequence=exons)
    variant.matches = tuple(
        Match(name, MatchLevel.GENE_CLASS if name.endswith("LOF") else MatchLevel.PROTEIN_CHANGE, "test")
        for name in matches
    )
    classify(variant, rules)
    assert variant.driver_class == expected
    assert ("conflict" in variant.flags) is conflict


def test_a_neutral_row_outweighs_the_rule_near_the_end(small: ModuleType, rules: KnowledgeBase) -> None:
    variant = small.make_variant("TSG", "p.Ala280Ter", ("stop_gained",), consequence={"exon": 9, "exon_total": 9})
    variant.matches = (
        Match("TSG_OK", MatchLevel.EXACT_ALLELE, "test"),
        Match("TSG_LOF", MatchLevel.GENE_CLASS, "test"),
    )
    classify(variant, rules)
    assert variant.driver_class == "passenger"


def test_a_restored_frame_takes_the_rule_away(small: ModuleType, rules: KnowledgeBase) -> None:
    variant = small.make_variant("TSG", "p.Ala100fs", ("frameshift_variant",), consequence={"exon": 2, "exon_total": 9})
    variant.matches = (Match("TSG_LOF", MatchLevel.GENE_CLASS, "test"),)
    variant.frame_restored_by = "TSG p.Ala105fs"
    classify(variant, rules)
    assert variant.driver_class == "uncertain"
    assert "conflict" in variant.flags
    assert "restored" in variant.class_reason
