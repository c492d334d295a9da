"""Both copies of a gene lost, as a germline VCF shows it: detected, inconclusive, or not spoken of; never absent."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.action.biallelic import biallelic_markers
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, MarkerState, Variant

STOP = ("stop_gained",)


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[{"gene": "RPE65", "role": "none", "aliases": ("LCA2",)}, {"gene": "SMN1", "role": "none"}],
        markers=[
            {"marker_id": "RPE65_BIALLELIC", "label": "Biallelic RPE65 variants"},
            {"marker_id": "SMN1_BIALLELIC", "label": "Biallelic SMN1 variants"},
            {"marker_id": "ABSENT_BIALLELIC", "label": "a gene that no table has"},
        ],
    )


@pytest.fixture(scope="module")
def variant(small: ModuleType) -> Any:
    def make(
        pos: int = 100, genotype: str | None = "0/1", terms: tuple[str, ...] = STOP, gene: str = "RPE65", **more: Any
    ) -> Variant:
        exon = more.pop("exon", 3)
        return small.make_variant(  # type: ignore[no-any-return]
            gene,
            terms=terms,
            allele=("1", pos, "C", "G"),
            observation={"genotype": genotype},
            consequence={"exon": exon, "exon_total": 14, "hgvsc": f"c.{pos}C>G"},
            **more,
        )

    return make


def state(kb: KnowledgeBase, *variants: Variant) -> MarkerState | None:
    found = biallelic_markers(kb, variants).get("RPE65_BIALLELIC")
    return None if found is None else found.state


@pytest.mark.parametrize("genotype", ["1/1", "1|1"])
def test_homozygous_loss_is_detected(kb: KnowledgeBase, variant: Any, genotype: str) -> None:
    found = biallelic_markers(kb, [variant(genotype=genotype)])["RPE65_BIALLELIC"]
    assert found.state is MarkerState.DETECTED
    assert found.value == "positive"
    assert found.remark == "RPE65 c.100C>G on both copies of the gene"


def test_gene_is_known_by_its_alias(kb: KnowledgeBase, variant: Any) -> None:
    assert state(kb, variant(genotype="1/1", gene="LCA2")) is MarkerState.DETECTED


def test_two_losses_follow_their_phase(kb: KnowledgeBase, variant: Any) -> None:
    trans = (variant(100, phase=("7", 0)), variant(900, phase=("7", 1)))
    cis = (variant(100, phase=("7", 0)), variant(900, phase=("7", 0)))
    assert state(kb, *trans) is MarkerState.DETECTED
    assert state(kb, *cis) is MarkerState.INCONCLUSIVE
    assert state(kb, variant(100), variant(900)) is MarkerState.INCONCLUSIVE
    assert "test the parents" in biallelic_markers(kb, [variant(100), variant(900)])["RPE65_BIALLELIC"].remark


@pytest.mark.parametrize("terms", [("missense_variant",), ("start_lost",), ("inframe_deletion",)])
def test_a_change_of_unproven_effect_leaves_it_open(kb: KnowledgeBase, variant: Any, terms: tuple[str, ...]) -> None:
    assert state(kb, variant(genotype="1/1", terms=terms)) is MarkerState.INCONCLUSIVE
    assert state(kb, variant(), variant(900, terms=terms)) is MarkerState.INCONCLUSIVE


def test_one_loss_alone_is_not_the_absence_of_a_second(kb: KnowledgeBase, variant: Any) -> None:
    assert state(kb, variant()) is MarkerState.INCONCLUSIVE


def test_last_exon_may_escape_decay(kb: KnowledgeBase, variant: Any) -> None:
    assert state(kb, variant(genotype="1/1", exon=14)) is MarkerState.INCONCLUSIVE


@pytest.mark.parametrize(
    ("genotype", "terms", "driver_class"),
    [
        ("0/0", STOP, DriverClass.NOT_EVALUABLE),
        ("1/1", ("synonymous_variant",), DriverClass.NOT_EVALUABLE),
        ("1/1", ("intron_variant",), DriverClass.NOT_EVALUABLE),
        ("1/1", ("missense_variant",), DriverClass.PASSENGER),
    ],
)
def test_nothing_is_said_of_what_does_not_speak(
    kb: KnowledgeBase, variant: Any, genotype: str, terms: tuple[str, ...], driver_class: DriverClass
) -> None:
    assert state(kb, variant(genotype=genotype, terms=terms, driver_class=driver_class)) is None


@pytest.mark.parametrize("genotype", [None, "./.", "1", "./1", "1/2"])
def test_without_a_homozygous_genotype_nothing_is_detected(
    kb: KnowledgeBase, variant: Any, genotype: str | None
) -> None:
    assert state(kb, variant(genotype=genotype)) is MarkerState.INCONCLUSIVE


def test_short_reads_do_not_speak_on_a_gene_with_a_near_identical_copy(kb: KnowledgeBase, variant: Any) -> None:
    assert biallelic_markers(kb, [variant(genotype="1/1", gene="SMN1")]) == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["0/1", "1/0", "0|1", "./.", None, "1/2"]), st.sampled_from([STOP, ("missense_variant",)])
        ),
        max_size=4,
    )
)
def test_unphased_heterozygotes_never_make_it_detected(
    kb: KnowledgeBase, variant: Any, calls: list[tuple[str | None, tuple[str, ...]]]
) -> None:
    variants = [variant(100 * (place + 1), genotype, terms) for place, (genotype, terms) in enumerate(calls)]
    assert state(kb, *variants) in (None, MarkerState.INCONCLUSIVE)
