"""Frames and pairs by haplotype: restored, undetermined, too far, and the three wordings of T790M with C797S."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.haplotypes import read_haplotypes
from targetboard.classify.oncogenicity import assess
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import CriterionStatus, Variant

SHIFT = ("frameshift_variant",)
CIS, TRANS, OTHER_SET, NONE = ("s", 1), ("s", 0), ("t", 1), None


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "BRCA2", "role": "tumour_suppressor", "lof_mechanism": True, "transcript_refseq": "NM_1.1"},
            {"gene": "TSG", "role": "tumour_suppressor", "lof_mechanism": True, "transcript_refseq": "NM_1.1"},
            {"gene": "EGFR", "transcript_refseq": "NM_1.1"},
            {"gene": "BTK", "transcript_refseq": "NM_1.1"},
        ],
        alterations=[
            {"alteration_id": name, "gene": name.partition("_")[0], "label": name.replace("_", " ")}
            for name in ("EGFR_T790M", "EGFR_C797S", "BTK_A", "BTK_B")
        ],
        biomarkers=[{"biomarker_id": "b", "label": "b", "profile": "cis(BTK_A, BTK_B)"}],
    )


def indels(
    small: ModuleType, gene: str, one: tuple[str, int] | None, other: tuple[str, int] | None, second: dict[str, Any]
) -> list[Variant]:
    first = small.make_variant(gene, "p.Ala100fs", SHIFT, allele=("1", 300, "CA", "C"), phase=one)
    options = {"hgvsp": "p.Ala110fs", "allele": ("1", 330, "C", "CA"), **second}
    hgvsp = options.pop("hgvsp")
    return [first, small.make_variant(gene, hgvsp, SHIFT, phase=other, **options)]


CASES: list[tuple[tuple[str, int] | None, tuple[str, int] | None, dict[str, Any], bool, str]] = [
    (CIS, CIS, {}, True, "together keep the reading frame"),
    (CIS, TRANS, {}, False, ""),
    (CIS, OTHER_SET, {}, False, "phase not determined"),
    (NONE, NONE, {}, False, "phase not determined"),
    (NONE, NONE, {"allele": ("1", 451, "C", "CA")}, False, ""),
    # the lengths do not add up to whole codons
    (CIS, CIS, {"allele": ("1", 330, "CA", "C")}, False, ""),
    # a stop is expected before the frame comes back
    (CIS, CIS, {"hgvsp": "p.Ala131fs", "allele": ("1", 393, "C", "CA")}, False, "a stop comes before"),
    (CIS, CIS, {"hgvsp": "p.Ala130fs", "allele": ("1", 390, "C", "CA")}, True, "together keep the reading frame"),
]


@pytest.mark.parametrize(("one", "other", "second", "restored", "words"), CASES)
def test_restored_frame(
    small: ModuleType,
    kb: KnowledgeBase,
    one: tuple[str, int] | None,
    other: tuple[str, int] | None,
    second: dict[str, Any],
    restored: bool,
    words: str,
) -> None:
    variants = indels(small, "TSG", one, other, second)
    read_haplotypes(variants, kb)
    for variant in variants:
        assert bool(variant.frame_restored_by) is restored
        assert any(words in note for note in variant.notes) if words else not variant.notes
        result = assess(variant, kb)
        assert result is not None
        counted = any(c.code.startswith("OVS1") and c.status is CriterionStatus.MET for c in result.criteria)
        assert counted is not restored


def test_a_stated_stop_decides(small: ModuleType, kb: KnowledgeBase) -> None:
    variants = indels(small, "TSG", CIS, CIS, {})
    first = small.make_variant("TSG", "p.Ala100GlyfsTer5", SHIFT, allele=("1", 300, "CA", "C"), phase=CIS)
    read_haplotypes([first, variants[1]], kb)
    assert not first.frame_restored_by
    assert "a stop comes before" in first.notes[0]


def test_reversion_is_named_where_it_is_known(small: ModuleType, kb: KnowledgeBase) -> None:
    for gene, named in (("BRCA2", True), ("TSG", False)):
        variants = indels(small, gene, CIS, CIS, {})
        read_haplotypes(variants, kb)
        assert ("reversion" in variants[0].notes[0]) is named


PHASES = [
    (CIS, CIS, "lie on one haplotype (cis), by PS"),
    (CIS, TRANS, "lie on two haplotypes (trans), by PS"),
    (CIS, NONE, "is not determined"),
    (NONE, NONE, "is not determined"),
]


@pytest.mark.parametrize(("one", "other", "words"), PHASES)
@pytest.mark.parametrize(("first", "second"), [("EGFR_T790M", "EGFR_C797S"), ("BTK_A", "BTK_B")])
def test_pairs_have_three_wordings(
    small: ModuleType,
    kb: KnowledgeBase,
    first: str,
    second: str,
    one: tuple[str, int] | None,
    other: tuple[str, int] | None,
    words: str,
) -> None:
    gene = first.partition("_")[0]
    variants = [
        small.make_variant(gene, "p.Thr790Met", matches=(first,), allele=("1", 100, "C", "T"), phase=one),
        small.make_variant(gene, "p.Cys797Ser", matches=(second,), allele=("1", 120, "T", "A"), phase=other),
    ]
    for order in (variants, variants[::-1]):
        for variant in order:
            variant.notes, variant.flags = (), ()
        read_haplotypes(order, kb)
        for variant in order:
            (note,) = variant.notes
            assert words in note
            assert note.startswith(f"{first.replace('_', ' ')} and {second.replace('_', ' ')}")
            assert variant.flags == ()


def test_a_lone_variant_says_nothing(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = small.make_variant("EGFR", "p.Thr790Met", matches=("EGFR_T790M",))
    read_haplotypes([variant], kb)
    assert variant.notes == ()
