"""Amplification, deletion and fusion are stated where shown, and as less where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.action.events import Event, copy_number_event, fusion_event, sample_events
from targetboard.inputs.copy_number import GeneCopies
from targetboard.inputs.fusions import Fusion
from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return load([Path(__file__).resolve().parents[3] / "resources/knowledge"])


def copies(gene: str, lowest: float, highest: float | None = None, covered: float = 1.0) -> GeneCopies:
    return GeneCopies(gene, lowest, lowest if highest is None else highest, None, covered, "test")


def fusion(five: str, three: str, *, oriented: bool = True, in_frame: bool | None = None) -> Fusion:
    return Fusion(five, three, None, None, 20, in_frame, oriented, "test")


@pytest.mark.parametrize(
    ("own", "threshold", "kind"),
    [
        (copies("ERBB2", 14), None, "amplification"),
        (copies("ERBB2", 6), None, "amplification"),
        (copies("ERBB2", 5.9), None, None),
        (copies("ERBB2", 6), 8.0, None),
        (copies("ERBB2", 14, covered=0.5), None, None),
        (copies("ERBB2", 3, 20), None, None),
        (copies("ERBB2", 2), None, None),
    ],
)
def test_amplification_needs_its_threshold_over_the_whole_gene(
    base: KnowledgeBase, own: GeneCopies, threshold: float | None, kind: str | None
) -> None:
    event = copy_number_event(own, base, threshold=threshold)
    assert (event.kind if event else None) == kind
    if event is not None:
        assert event.driver_class is DriverClass.VALIDATED_DRIVER
        assert event.alterations == ("ERBB2_AMP",)


@pytest.mark.parametrize(("purity", "judged"), [(0.6, True), (0.2, False), (None, False)])
def test_homozygous_deletion_needs_purity(base: KnowledgeBase, purity: float | None, judged: bool) -> None:
    event = copy_number_event(copies("PTEN", 0), base, purity=purity)
    assert event is not None
    assert event.kind == "homozygous_deletion"
    assert (event.driver_class is not DriverClass.NOT_EVALUABLE) is judged
    if not judged:
        assert event.alterations == ()
        assert "purity" in event.reason


def test_uncurated_events_stay_uncertain(base: KnowledgeBase) -> None:
    event = copy_number_event(copies("IDH1", 12), base)
    assert event is not None
    assert (event.driver_class, event.alterations) == (DriverClass.UNCERTAIN, ())


def ids(event: Event | None) -> tuple[str, ...]:
    assert event is not None
    return event.alterations


def test_fusions_match_by_partner_and_sense(base: KnowledgeBase) -> None:
    assert "BCR_ABL1" in ids(fusion_event(fusion("BCR", "ABL1", in_frame=True), base))
    alk = fusion_event(fusion("EML4", "ALK"), base)
    assert alk is not None
    assert alk.driver_class is DriverClass.VALIDATED_DRIVER
    assert alk.label == "EML4::ALK fusion"
    assert "reading frame not stated" in alk.notes
    assert fusion_event(fusion("GENEA", "GENEB"), base) is None


@pytest.mark.parametrize("call", [fusion("EML4", "ALK", oriented=False), fusion("EML4", "ALK", in_frame=False)])
def test_what_is_not_shown_functional_is_a_rearrangement(base: KnowledgeBase, call: Fusion) -> None:
    event = fusion_event(call, base)
    assert event is not None
    assert (event.kind, event.alterations, event.driver_class) == ("rearrangement", (), DriverClass.UNCERTAIN)
    assert "functional fusion not shown" in event.reason


def test_unknown_partner_is_named_so(base: KnowledgeBase) -> None:
    event = fusion_event(fusion("", "ALK"), base)
    assert event is not None
    assert event.label.startswith("unknown partner::ALK")
    assert any("partner is not known" in note for note in event.notes)


def test_events_are_ordered_and_not_repeated(base: KnowledgeBase) -> None:
    calls = [fusion("EML4", "ALK"), fusion("BCR", "ABL1"), fusion("EML4", "ALK")]
    events = sample_events([copies("ERBB2", 9)], calls, base)
    assert [event.label for event in events] == ["ERBB2 amplification", "BCR::ABL1 fusion", "EML4::ALK fusion"]
    assert sample_events([], list(reversed(calls)), base) == events[1:]


def test_neighbours_that_share_a_gain_are_not_listed(base: KnowledgeBase) -> None:
    bystander = next(
        gene.gene
        for gene in base.genes.values()
        if gene.role in {"none", "tumour_suppressor"}
        and all(row.event != "amplification" for row in base.alterations_by_gene.get(gene.gene, ()))
    )
    assert sample_events([copies(bystander, 12)], [], base) == []
