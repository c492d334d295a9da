"""Pertinent negatives of a tumour type, and what coverage shows to be absent or wild type (R1, R3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from targetboard.action.coverage import (
    Adequacy,
    Region,
    RegionResult,
    judge_adequacy,
    judge_region,
    regions_of_text,
    worst,
)
from targetboard.action.events import AMPLIFICATION, FUSION, HOMOZYGOUS_DELETION, WHOLE_GENE, Event
from targetboard.action.tumour_types import SAME_TUMOUR, TumourTypes
from targetboard.inputs.sample_inputs import SampleInputs
from targetboard.knowledge.records import KnowledgeBase, PertinentNegative
from targetboard.model import DRIVERS, Allele, Assembly, DriverClass, MarkerState, Variant

_EVENT_KINDS: Mapping[str, str] = {
    "amplification": AMPLIFICATION,
    "homozygous_deletion": HOMOZYGOUS_DELETION,
    "fusion_dna": FUSION,
    "fusion_rna": FUSION,
}


_MOST_BASES = 20
_CLASS_EVENTS = frozenset({"exon_class", "codon", "exon_skipping"})


@dataclass(slots=True, frozen=True)
class Absences:
    """What the inputs show not to be there.

    ``rows`` are the document's ``negatives``. ``shown_absent`` are alteration ids, ``wild_type_genes`` genes whose wild
    type is shown, ``open_wild_types`` genes whose wild type could not be shown, with the reason. ``covered`` says that
    coverage data were supplied.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    adequacy: Adequacy = field(default_factory=lambda: Adequacy("not_stated", ("coverage data were not supplied",)))
    shown_absent: frozenset[str] = frozenset()
    wild_type_genes: frozenset[str] = frozenset()
    open_wild_types: Mapping[str, str] = field(default_factory=dict)
    covered: bool = False


def assess_absences(
    kb: KnowledgeBase,
    tumour_types: TumourTypes,
    code: str | None,
    assembly: Assembly,
    variants: Sequence[Variant],
    events: Sequence[Event],
    inputs: SampleInputs,
    purity: float | None,
    unjudged: Sequence[Allele] = (),
) -> Absences:
    """Judge the pertinent negatives of the tumour type and the absences that profiles may ask for.

    Parameters
    ----------
    code
        OncoTree code of the sample; None for a condition that is no tumour (then there are no pertinent negatives).
    variants, events
        Classified findings; validated and likely drivers count as detected.
    unjudged
        Alleles that were called and whose consequence is not known: where one lies, no absence is stated.
    """
    open_places = [*unjudged, *(own.allele for own in variants if own.driver_class is DriverClass.NOT_EVALUABLE)]
    rows: list[dict[str, Any]] = []
    whole: list[tuple[str, Sequence[Region]]] = []
    states: dict[str, MarkerState] = {}
    by_wild_type: dict[str, dict[str, tuple[PertinentNegative, MarkerState, str]]] = {}
    for negative in kb.negatives.values():
        if code is None or tumour_types.relation(code, negative.tumour_types, (), None).token not in SAME_TUMOUR:
            continue
        result = _judge(negative, assembly, variants, events, inputs, purity)
        if negative.variant_class not in _EVENT_KINDS:
            # the verdict is on the sample, and an allele that could not be judged is no fault of the sample
            states[negative.negative_id] = result.state
            result = _unless_open(result, regions_of_text("|".join(negative.regions(assembly))), open_places)
        rows.append(_row(negative, result, assembly))
        if result.state is MarkerState.NOT_DETECTED:
            whole.append((negative.gene, regions_of_text("|".join(negative.regions(assembly)))))
        if negative.wild_type_of:
            by_wild_type.setdefault(negative.gene, {})[negative.negative_id] = (negative, result.state, result.reason)
    wild, still_open = _wild_types(by_wild_type)
    rows.sort(key=lambda row: (row["gene"], row["negative_id"]))
    return Absences(
        rows,
        judge_adequacy(states.values(), inputs.assay, purity, inputs.coverage),
        frozenset(_absent_alterations(kb, assembly, variants, events, inputs, purity, whole, open_places)),
        wild,
        still_open,
        inputs.coverage is not None,
    )


def _judge(
    negative: PertinentNegative,
    assembly: Assembly,
    variants: Sequence[Variant],
    events: Sequence[Event],
    inputs: SampleInputs,
    purity: float | None,
) -> RegionResult:
    regions = regions_of_text("|".join(negative.regions(assembly)))
    found = _found(negative, regions, variants, events)
    if found:
        return RegionResult(MarkerState.DETECTED, None, None, False, None, None, found)
    kind = _EVENT_KINDS.get(negative.variant_class)
    if kind is None:
        return judge_region(regions, negative.variant_class, inputs.coverage, inputs.assay, purity)
    return _event_result(negative, kind, inputs, purity)


def _found(
    negative: PertinentNegative, regions: Collection[Region], variants: Sequence[Variant], events: Sequence[Event]
) -> str:
    """What was detected, in words; "" for nothing."""
    kind = _EVENT_KINDS.get(negative.variant_class)
    if kind is not None:
        named = [
            event.label
            for event in events
            if event.kind == kind and event.driver_class in DRIVERS and negative.gene in (event.gene, event.partner)
        ]
        return f"{named[0]} found" if named else ""
    for variant in variants:
        if variant.gene != negative.gene or variant.driver_class not in DRIVERS:
            continue
        start, end = variant.allele.pos, variant.allele.pos + len(variant.allele.ref) - 1
        inside = any(
            region.chrom == variant.allele.chrom and region.start <= end and start <= region.end for region in regions
        )
        if inside:
            name = (variant.chosen.hgvsp or variant.chosen.hgvsc) if variant.chosen is not None else ""
            return f"{variant.gene} {name or 'variant'} found"
    return ""


def _event_result(negative: PertinentNegative, kind: str, inputs: SampleInputs, purity: float | None) -> RegionResult:
    """Absence of an amplification, deletion or fusion: only where the class was called and the gene was covered."""
    classes = ("fusion_dna", "fusion_rna") if kind == FUSION else (negative.variant_class,)
    called = {inputs.assay.is_called(name) for name in classes} if inputs.assay is not None else {None}
    if called == {False}:
        reason = f"the assay does not call this class ({kind.replace('_', ' ')})"
        return RegionResult(MarkerState.NOT_ASSESSED, None, None, False, None, None, reason)
    if kind == FUSION:
        if inputs.fusions is None:
            return RegionResult(
                MarkerState.NOT_ASSESSED, None, None, False, None, None, "fusion data were not supplied"
            )
        if inputs.assay is None or not inputs.assay.is_called("fusion_rna"):
            reason = "a fusion table from DNA was supplied; a fusion is not ruled out without RNA"
            return RegionResult(MarkerState.INCONCLUSIVE, None, None, False, None, None, reason)
        return RegionResult(MarkerState.NOT_DETECTED, None, None, False, None, None, "called from RNA, none reported")
    if inputs.copies is None:
        return RegionResult(
            MarkerState.NOT_ASSESSED, None, None, False, None, None, "copy-number data were not supplied"
        )
    own = next((copies for copies in inputs.copies if copies.gene == negative.gene), None)
    if own is None or own.covered < WHOLE_GENE:
        reason = "the copy-number data do not cover the gene"
        return RegionResult(MarkerState.NOT_ASSESSED, None, None, False, None, None, reason)
    copies = f"{own.lowest:g} copies" if own.lowest == own.highest else f"{own.lowest:g}-{own.highest:g} copies"
    if kind == HOMOZYGOUS_DELETION and purity is None:
        reason = f"{copies}; without the purity a homozygous deletion is not ruled out"
        return RegionResult(MarkerState.INCONCLUSIVE, None, None, False, None, None, reason)
    return RegionResult(MarkerState.NOT_DETECTED, None, None, False, None, None, copies)


def _unless_open(result: RegionResult, regions: Sequence[Region], open_places: Sequence[Allele]) -> RegionResult:
    """No absence is stated where an allele was called that could not be judged: it may be what is asked for."""
    allele = _first_open(regions, open_places)
    if allele is None or result.state is not MarkerState.NOT_DETECTED:
        return result
    where = f"{allele.chrom}:{allele.pos} {_shown(allele.ref)}>{_shown(allele.alt)}"
    reason = f"{where} was called here and could not be judged, since its consequence is not known"
    return replace(result, state=MarkerState.INCONCLUSIVE, reason=reason)


def _first_open(regions: Sequence[Region], open_places: Sequence[Allele]) -> Allele | None:
    """First of the alleles that touches a region."""
    for allele in open_places:
        end = allele.pos + len(allele.ref) - 1
        if any(own.chrom == allele.chrom and own.start <= end and allele.pos <= own.end for own in regions):
            return allele
    return None


def _codon_around(place: Region) -> Region:
    """The place with what else may lie in its codon: another spelling of a change, or another change of the codon."""
    return Region(place.chrom, place.start - 2, place.end + 2)


def _shown(bases: str) -> str:
    return bases if len(bases) <= _MOST_BASES else f"{bases[:_MOST_BASES]}…({len(bases)})"


def _row(negative: PertinentNegative, result: RegionResult, assembly: Assembly) -> dict[str, Any]:
    return {
        "negative_id": negative.negative_id,
        "gene": negative.gene,
        "label": negative.label,
        "variant_class": negative.variant_class,
        "state": result.state.value,
        "depth_lowest": result.lowest,
        "depth_mean": None if result.mean is None else round(result.mean, 1),
        "depth_exact": result.exact,
        "power": None if result.power is None else round(result.power, 4),
        "detectable": None if result.detectable is None else round(result.detectable, 4),
        "reason": result.reason,
        "regions": list(negative.regions(assembly)),
    }


def _wild_types(
    by_gene: Mapping[str, Mapping[str, tuple[PertinentNegative, MarkerState, str]]],
) -> tuple[frozenset[str], dict[str, str]]:
    """Genes whose every listed codon was covered, and the others with the codon that leaves them open."""
    wild: set[str] = set()
    still_open: dict[str, str] = {}
    for gene, rows in by_gene.items():
        state = worst({name: found[1] for name, found in rows.items()})
        if state is MarkerState.NOT_DETECTED:
            wild.add(gene)
        elif state is MarkerState.INCONCLUSIVE:
            bad = [found for found in rows.values() if found[1] is not MarkerState.NOT_DETECTED]
            still_open[gene] = f"{bad[0][0].label}: {bad[0][2]}"
    return frozenset(wild), still_open


def _inside(place: Region, regions: Sequence[Region]) -> bool:
    return any(
        place.chrom == region.chrom and region.start <= place.start and place.end <= region.end for region in regions
    )


def _absent_alterations(
    kb: KnowledgeBase,
    assembly: Assembly,
    variants: Sequence[Variant],
    events: Sequence[Event],
    inputs: SampleInputs,
    purity: float | None,
    whole: Sequence[tuple[str, Sequence[Region]]],
    open_places: Sequence[Allele],
) -> set[str]:
    """Alterations that are shown not to be there.

    Exact alleles under coverage, copy numbers of covered genes, and classes of changes (EGFR exon 19 deletions) whose
    curated alleles all lie in a pertinent region of their gene (``whole``) in which nothing was detected.
    """
    present = {match.alteration_id for variant in variants for match in variant.matches}
    present |= {name for event in events for name in event.alterations}
    absent: set[str] = set()
    if inputs.coverage is not None:
        places_of: dict[str, list[Region]] = {}
        for (chrom, pos, ref, _), known in kb.alleles.get(assembly, {}).items():
            for allele in known:
                places_of.setdefault(allele.alteration_id, []).append(Region(chrom, pos, pos + len(ref) - 1))
        for alteration_id, places in places_of.items():
            alteration = kb.alterations[alteration_id]
            if alteration_id in present:
                continue
            if alteration.event in _CLASS_EVENTS and any(
                gene == alteration.gene and all(_inside(place, regions) for place in places) for gene, regions in whole
            ):
                absent.add(alteration_id)
            if alteration.event not in {"protein", "allele", "promoter"}:
                continue
            state = judge_region(places, "snv", inputs.coverage, inputs.assay, purity).state
            if _first_open([_codon_around(place) for place in places], open_places) is not None:
                continue
            if state is MarkerState.NOT_DETECTED:
                absent.add(alteration_id)
    for copies in inputs.copies or ():
        if copies.covered < WHOLE_GENE:
            continue
        kinds = {AMPLIFICATION} | ({HOMOZYGOUS_DELETION} if purity is not None else set())
        absent |= {
            row.alteration_id
            for row in kb.alterations_by_gene.get(copies.gene, ())
            if row.event in kinds and row.alteration_id not in present
        }
    if inputs.fusions is not None and inputs.assay is not None and inputs.assay.is_called("fusion_rna"):
        absent |= {
            row.alteration_id
            for row in kb.alterations.values()
            if row.event == FUSION and row.alteration_id not in present
        }
    return absent
