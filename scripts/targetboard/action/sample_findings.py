"""What a sample's variants show to the profiles: only validated drivers count as found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from targetboard.action.biomarkers import Findings, FoundAlteration, MeasuredMarker
from targetboard.action.events import Event
from targetboard.action.negatives import Absences
from targetboard.classify.facts import read_facts
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, MatchLevel, Variant

UNCLEAR_CLASSES = frozenset({DriverClass.LIKELY_DRIVER, DriverClass.UNCERTAIN, DriverClass.NOT_EVALUABLE})
_LEVEL_RANK = {level: rank for rank, level in enumerate(MatchLevel)}


def findings_of(
    kb: KnowledgeBase,
    variants: Sequence[Variant],
    markers: Mapping[str, MeasuredMarker] | None = None,
    events: Sequence[Event] = (),
    absences: Absences | None = None,
) -> Findings:
    """Collect the alterations that validated drivers match, and the genes that speak on wild type.

    An amplification, deletion or fusion counts like a variant: only where it is a validated driver.

    A variant of another class never makes an alteration found, even where it matches one. It does leave the wild type
    of its gene open unless it is a passenger.
    """
    found: dict[str, list[int]] = {}
    likely: dict[str, list[int]] = {}
    driver_genes, unclear_genes = set(), set()
    for index, variant in enumerate(variants):
        gene = kb.gene(variant.gene)
        name = gene.gene if gene is not None else variant.gene
        if variant.driver_class is DriverClass.VALIDATED_DRIVER:
            driver_genes.add(name)
            for match in variant.matches:
                alteration = kb.alterations.get(match.alteration_id)
                if alteration is not None and alteration.kind == "driver":
                    found.setdefault(match.alteration_id, []).append(index)
        elif variant.driver_class in UNCLEAR_CLASSES:
            unclear_genes.add(name)
            if variant.driver_class is DriverClass.LIKELY_DRIVER:
                for match in variant.matches:
                    alteration = kb.alterations.get(match.alteration_id)
                    if alteration is not None and alteration.kind == "driver":
                        likely.setdefault(match.alteration_id, []).append(index)
    alterations = {
        name: FoundAlteration(
            tuple(indices),
            tuple(variants[index].observation.phase for index in indices),
            tuple(place for index in indices if (place := _codons(variants[index], kb)) is not None),
        )
        for name, indices in found.items()
    }
    for event in events:
        if event.driver_class is DriverClass.VALIDATED_DRIVER:
            for name in event.alterations:
                if kb.alterations[name].is_validated_driver:
                    alterations.setdefault(name, FoundAlteration(()))
    shown = absences or Absences()
    return Findings(
        alterations,
        frozenset(driver_genes),
        frozenset(unclear_genes),
        markers or {},
        shown.shown_absent - set(alterations),
        shown.wild_type_genes,
        shown.open_wild_types,
        {name: FoundAlteration(tuple(indices)) for name, indices in likely.items() if name not in alterations},
    )


def _codons(variant: Variant, kb: KnowledgeBase) -> tuple[int, int] | None:
    facts = read_facts(variant, kb)
    if facts.change is not None and facts.change.start:
        return (facts.change.start, facts.change.end)
    return (facts.codon, facts.codon) if facts.codon is not None else None


def specificity(names: Sequence[str], indices: Sequence[int], variants: Sequence[Variant]) -> int:
    """Rank of the most specific match by which variants carry the named alterations; lower is more specific."""
    wanted = set(names)
    return min(
        (
            _LEVEL_RANK[match.level]
            for index in indices
            for match in variants[index].matches
            if match.alteration_id in wanted
        ),
        default=len(_LEVEL_RANK),
    )
