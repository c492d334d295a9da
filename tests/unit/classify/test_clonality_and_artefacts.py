"""Cancer cell fraction, consistency with inheritance, and each artefact rule with its nearest look-alike."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.artefacts import artefact_reason, damage_warning, fisher_strand
from targetboard.classify.clonality import cancer_cell_fraction, inherited_fraction, somatic_fraction
from targetboard.classify.context import SampleContext
from targetboard.classify.driver import classify
from targetboard.classify.facts import read_facts
from targetboard.classify.flags import purity_verdict
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Observation, Variant


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "ONCO"},
            {"gene": "BRCA1", "role": "tumour_suppressor", "lof_mechanism": True, "germline_followup": True},
        ]
    )


def seen(alt: int, depth: int, **more: Any) -> dict[str, Any]:
    return {"vaf": alt / depth, "alt_depth": alt, "depth": depth, **more}


@pytest.mark.parametrize(
    ("purity", "copies", "mutated", "expected"),
    [(1, 2, 1, 0.5), (0.6, 2, 1, 0.3), (0.5, 4, 2, 1 / 3), (0.5, 1, 1, 1 / 3)],
)
def test_expected_fractions(purity: float, copies: float, mutated: float, expected: float) -> None:
    assert somatic_fraction(purity, copies, mutated) == pytest.approx(expected)


def test_an_inherited_variant_shows_half_at_every_purity() -> None:
    assert [inherited_fraction(purity, 2, 1) for purity in (0.1, 0.5, 1.0)] == pytest.approx([0.5, 0.5, 0.5])


@pytest.mark.parametrize(
    ("alt", "depth", "purity", "copies", "expected"),
    [
        (300, 1000, 0.6, None, (0.91, 1.0)),
        (60, 1000, 0.6, None, (0.156, 0.255)),
        # four copies: the same reads mean more cells
        (60, 1000, 0.6, 4, (0.249, 0.408)),
        (60, 1000, None, None, None),
        (60, 1000, 0.0, None, None),
        (60, 1000, 0.6, 0, None),
    ],
)
def test_cancer_cell_fraction(
    alt: int, depth: int, purity: float | None, copies: float | None, expected: tuple[float, float] | None
) -> None:
    found = cancer_cell_fraction(Observation(alt / depth, "AD", depth, alt, "PASS"), purity, copies)
    assert found == (pytest.approx(expected, abs=0.002) if expected is not None else None)


def test_subclonal_is_flagged_by_the_copies_that_are_known(small: ModuleType, kb: KnowledgeBase) -> None:
    for copies, flagged in (({}, True), ({"ONCO": 6.0}, False)):
        variant: Variant = small.make_variant("ONCO", "p.Gly12Asp", observation=seen(100, 1000))
        classify(variant, kb, purity=0.6, copy_numbers=copies)
        assert ("subclonal" in variant.flags) is flagged
        assert variant.ccf is not None
    assert "copy number taken as 2" not in " ".join(variant.notes)


PURITY_CASES = [
    # far above what a tumour of 20 % can show: inherited
    (48, 100, 0.2, None, True),
    # a somatic variant of a pure tumour shows half as well
    (50, 100, 0.9, None, None),
    # fits a clonal somatic variant, not an inherited one: only a stated copy number may say so
    (300, 1000, 0.6, 2.0, False),
    (300, 1000, 0.6, None, None),
    (500, 1000, 0.6, 2.0, None),
    (50, 100, None, None, None),
]


@pytest.mark.parametrize(("alt", "depth", "purity", "copies", "expected"), PURITY_CASES)
def test_purity_speaks_for_or_against_inheritance(
    small: ModuleType,
    kb: KnowledgeBase,
    alt: int,
    depth: int,
    purity: float | None,
    copies: float | None,
    expected: bool | None,
) -> None:
    variant = small.make_variant("BRCA1", "p.Arg9Ter", ("stop_gained",), observation=seen(alt, depth))
    context = SampleContext(purity=purity, copy_numbers={"BRCA1": copies} if copies is not None else {})
    assert purity_verdict(read_facts(variant, kb), context).fits is expected


@pytest.mark.parametrize(
    ("alt", "depth", "purity", "copies", "flagged"),
    [
        (220, 1000, 0.1, {}, True),
        (220, 1000, 0.5, {}, False),
        (300, 1000, 0.6, {"BRCA1": 2.0}, False),
        (300, 1000, 0.6, {}, True),
    ],
)
def test_germline_flag_uses_purity(
    small: ModuleType, kb: KnowledgeBase, alt: int, depth: int, purity: float, copies: dict[str, float], flagged: bool
) -> None:
    variant = small.make_variant("BRCA1", "p.Arg9Ter", ("stop_gained",), observation=seen(alt, depth))
    classify(variant, kb, purity=purity, copy_numbers=copies)
    assert ("germline_suspect" in variant.flags) is flagged


ARTEFACTS: list[tuple[dict[str, Any], dict[str, str], str]] = [
    ({"observation": {"filter": "strand_bias"}}, {}, "strand bias"),
    ({"observation": {"filter": "PASS;slippage"}}, {}, "slippage"),
    ({"observation": {"filter": "germline"}}, {}, ""),
    ({"observation": {"strand": (200, 200, 60, 0)}}, {}, "strand bias"),
    ({"observation": {"strand": (200, 200, 30, 30)}}, {}, ""),
    ({"observation": {"strand": (200, 200, 5, 0)}}, {}, ""),
    ({"allele": ("1", 5, "C", "T"), "observation": {"vaf": 0.05}}, {"specimen_type": "FFPE"}, "fixation"),
]


@pytest.mark.parametrize(("options", "clinical", "words"), ARTEFACTS)
def test_artefact(small: ModuleType, options: dict[str, Any], clinical: dict[str, str], words: str) -> None:
    reason = artefact_reason(small.make_variant("ONCO", "p.Gly12Asp", **options), SampleContext(clinical=clinical))
    assert words in reason if words else reason == ""


@pytest.mark.parametrize(
    ("ref", "alt", "counts", "words"),
    [
        ("G", "T", (12, 0), "oxoG"),
        ("C", "A", (0, 12), "oxoG"),
        ("C", "T", (0, 12), "deamination"),
        ("G", "T", (6, 6), ""),
        ("G", "T", (9, 0), ""),
        ("A", "T", (12, 0), ""),
    ],
)
def test_orientation_names_the_damage(
    small: ModuleType, ref: str, alt: str, counts: tuple[int, int], words: str
) -> None:
    variant = small.make_variant("ONCO", "p.Gly12Val", allele=("1", 5, ref, alt))
    variant.orientation = counts
    reason = artefact_reason(variant, SampleContext())
    assert words in reason if words else reason == ""


def test_both_orientations_speak_against_fixation(small: ModuleType) -> None:
    variant = small.make_variant("ONCO", "p.Gly12Asp", allele=("1", 5, "C", "T"), observation={"vaf": 0.05})
    context = SampleContext(clinical={"specimen_type": "FFPE"})
    assert artefact_reason(variant, context)
    variant.orientation = (9, 8)
    assert artefact_reason(variant, context) == ""


@pytest.mark.parametrize(
    ("run", "vaf", "fires"), [(7, 0.09, True), (6, 0.09, False), (7, 0.1, False), (None, 0.05, False)]
)
def test_homopolymer(small: ModuleType, run: int | None, vaf: float, fires: bool) -> None:
    variant = small.make_variant("ONCO", "p.Gly12fs", allele=("1", 5, "CA", "C"), observation={"vaf": vaf})
    variant.homopolymer = run
    assert bool(artefact_reason(variant, SampleContext())) is fires


@pytest.mark.parametrize(
    ("strand", "expected"),
    # two-sided P values of Fisher's exact test: 1, 2/70 (Fisher's tea), and 0.0166 by hand
    [((10, 10, 5, 5), 0.0), ((4, 0, 0, 4), 15.44), ((0, 0, 5, 5), 0.0), ((5, 5, 0, 0), 0.0)],
)
def test_fisher(strand: tuple[int, int, int, int], expected: float) -> None:
    assert fisher_strand(strand) == pytest.approx(expected, abs=0.01)


def test_a_damaged_specimen_is_named(small: ModuleType) -> None:
    def sample(deaminated: int, total: int) -> list[Variant]:
        return [
            small.make_variant(
                "ONCO", allele=("1", i + 1, "C", "T" if i < deaminated else "G"), observation={"vaf": 0.03}
            )
            for i in range(total)
        ]

    fixed = SampleContext(clinical={"specimen_type": "FFPE"})
    assert "8 of 10" in damage_warning(sample(8, 10), fixed)
    assert damage_warning(sample(7, 10), fixed) == ""
    assert damage_warning(sample(9, 9), fixed) == ""
    assert damage_warning(sample(8, 10), SampleContext()) == ""
