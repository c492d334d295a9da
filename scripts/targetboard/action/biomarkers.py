"""Biomarker profiles on a sample: three-valued evaluation (grammar: :mod:`targetboard.knowledge.profile_grammar`).

What is evaluated
-----------------
* An alteration that a validated driver matches is *met*. One that was not called is *not met* where the profile asks
  for it: no therapy rests on it. Trials may ask to be told that it is *unknown* where coverage does not show it.
* ``NOT alteration`` asks for an absence, and a VCF lists what was called, not what was covered. Without coverage the
  absence is *unknown*, with the sentence that would settle it; "not called" is never reported as "not there". Two
  things show the absence: ``Findings.shown_absent`` (from coverage), or a found driver of the same gene so near the
  place that the reads which carry it cover the place as well.
* ``wild_type(GENE)`` is *not met* where a validated driver of the gene is found, *met* where coverage shows it,
  otherwise *unknown*.
* A marker that was not measured makes its term *unknown*.
* Alterations that a small-variant VCF cannot show (fusion, amplification, homozygous deletion) are *unknown* unless
  told otherwise.

Truth values combine by Kleene's strong three-valued logic; NOT is pushed down to the terms first, so that a term
knows whether its presence or its absence is asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from targetboard.errors import KnowledgeError
from targetboard.knowledge.profile_grammar import (
    Combined,
    Compare,
    Not,
    Present,
    Profile,
    Together,
    WildType,
    identifiers,
    number_of,
    parse,
    wild_types,
)
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.model import MarkerState, Phase
from targetboard.vcf.hgvs import parse_protein
from targetboard.vcf.phase import relation

__all__ = [
    "Evaluation",
    "Findings",
    "FoundAlteration",
    "MeasuredMarker",
    "evaluate",
    "identifiers",
    "parse",
    "wild_types",
]

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"

# wild_type() of a group asks for all of its genes (label wording of the anti-EGFR antibodies: KRAS and NRAS).
GENE_GROUPS: Mapping[str, tuple[str, ...]] = {"RAS": ("KRAS", "NRAS")}
# A wild type that is shown is told as the marker GENE_WT.
WILD_TYPE_SUFFIX = "_WT"
_EVENT_WORDS = {
    "amplification": "copy-number data were not given",
    "homozygous_deletion": "copy-number data were not given",
    "fusion": "fusion data were not given",
    "rearrangement": "structural-variant data were not given",
    "overexpression": "expression data were not given",
    "signature": "signature data were not given",
}
NOT_IN_SMALL_VARIANTS = frozenset(_EVENT_WORDS)
# 30 bases to either side of a variant lie on the reads that carry it; panel reads have 75 bases and more.
READ_SPAN_CODONS = 10


@dataclass(slots=True, frozen=True)
class FoundAlteration:
    """An alteration that validated drivers match: their indices, and phase and codons of each where known."""

    variants: tuple[int, ...]
    phases: tuple[Phase | None, ...] = ()
    codons: tuple[tuple[int, int], ...] = ()


@dataclass(slots=True, frozen=True)
class MeasuredMarker:
    """State and value of a measured marker, with the unit, method and cut-off its laboratory states."""

    state: MarkerState
    value: str = ""
    unit: str = ""
    method: str = ""
    cutoff: str = ""
    remark: str = ""


@dataclass(slots=True, frozen=True)
class Findings:
    """What a sample shows, as far as profiles ask.

    ``alterations`` holds alterations matched by validated drivers only. ``unclear_genes`` are genes with a variant
    that is neither a validated driver nor a passenger: it neither proves nor excludes wild type. ``shown_absent`` and
    ``wild_type_genes`` come from coverage and other assays; without them nothing is shown to be absent.
    ``open_wild_types`` are genes of which some codon could not be judged, with the reason. ``likely`` holds alterations
    that likely drivers alone carry: no profile asks for them, but a known resistance may rest on them.
    ``uncalled_is_open`` leaves a profile open that asks for an alteration which was not called and is not shown to be
    absent: trials say so, while no therapy rests on it either way.
    """

    alterations: Mapping[str, FoundAlteration] = field(default_factory=dict)
    driver_genes: frozenset[str] = frozenset()
    unclear_genes: frozenset[str] = frozenset()
    markers: Mapping[str, MeasuredMarker] = field(default_factory=dict)
    shown_absent: frozenset[str] = frozenset()
    wild_type_genes: frozenset[str] = frozenset()
    open_wild_types: Mapping[str, str] = field(default_factory=dict)
    likely: Mapping[str, FoundAlteration] = field(default_factory=dict)
    uncalled_is_open: bool = False


@dataclass(slots=True, frozen=True)
class Evaluation:
    """Result of a profile on a sample.

    ``terms`` are the alteration and marker ids that are met (``GENE_WT`` for a wild type), ``variants`` the indices
    they rest on, ``unknown`` what would settle an open profile, ``failed`` what is against it, and ``contradicted``
    whether a found driver is what is against it.
    """

    state: str
    terms: tuple[str, ...] = ()
    variants: tuple[int, ...] = ()
    unknown: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    contradicted: bool = False


def kleene_not(state: str) -> str:
    """Negation: unknown stays unknown."""
    return {MET: NOT_MET, NOT_MET: MET, UNKNOWN: UNKNOWN}[state]


def kleene_and(*states: str) -> str:
    """Conjunction: one not_met decides, then one unknown."""
    return NOT_MET if NOT_MET in states else UNKNOWN if UNKNOWN in states else MET


def kleene_or(*states: str) -> str:
    """Disjunction: one met decides, then one unknown."""
    return MET if MET in states else UNKNOWN if UNKNOWN in states else NOT_MET


def evaluate(profile: Profile, findings: Findings, kb: KnowledgeBase) -> Evaluation:
    """Evaluate a profile on what a sample shows.

    Raises
    ------
    KnowledgeError
        If the profile names an id that is neither an alteration nor a marker.
    """
    return _evaluate(profile, findings, kb, asked=True)


def _evaluate(profile: Profile, findings: Findings, kb: KnowledgeBase, *, asked: bool) -> Evaluation:
    match profile:
        case Not(term):
            return _evaluate(term, findings, kb, asked=not asked)
        case Combined(terms, every):
            return _join([_evaluate(term, findings, kb, asked=asked) for term in terms], every=every is asked)
        case Compare():
            return _compare(profile, findings, kb, asked=asked)
        case WildType(gene):
            return _wild_type(gene, findings, asked=asked)
        case Together():
            return _together(profile, findings, kb, asked=asked)
        case Present(name):
            if name in kb.alterations:
                return _alteration(kb.alterations[name], findings, kb, asked=asked)
            return _marker(name, findings, kb, asked=asked)


def _join(parts: list[Evaluation], *, every: bool) -> Evaluation:
    state = (kleene_and if every else kleene_or)(*(part.state for part in parts))
    # Of an OR that holds or is open, only the branches that make it so are told.
    told = parts if every or state == NOT_MET else [part for part in parts if part.state == state]
    against = [part for part in told if part.state == NOT_MET] if state == NOT_MET else []
    return Evaluation(
        state,
        _merge(part.terms for part in told),
        tuple(sorted({index for part in told for index in part.variants})),
        _merge(part.unknown for part in told) if state == UNKNOWN else (),
        _merge(part.failed for part in against),
        any(part.contradicted for part in against),
    )


def _merge(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for group in groups for text in group))


def _alteration(alteration: Alteration, findings: Findings, kb: KnowledgeBase, *, asked: bool) -> Evaluation:
    name, label = alteration.alteration_id, alteration.label
    found = findings.alterations.get(name)
    if found is not None:
        if asked:
            return Evaluation(MET, (name,), found.variants)
        return Evaluation(NOT_MET, failed=(f"{label} was found",), contradicted=True)
    if name in findings.shown_absent:
        return Evaluation(NOT_MET, failed=(f"{label} was not detected",)) if asked else Evaluation(MET)
    if alteration.event in NOT_IN_SMALL_VARIANTS:
        return Evaluation(UNKNOWN, unknown=(f"{label}: {_EVENT_WORDS[alteration.event]}",))
    if asked and not findings.uncalled_is_open:
        return Evaluation(NOT_MET, failed=(f"{label} was not called",))
    if _read_through(alteration, findings, kb):
        return Evaluation(NOT_MET, failed=(f"{label} was not detected",)) if asked else Evaluation(MET)
    return Evaluation(UNKNOWN, unknown=(f"{label}: not called, and no coverage data show that it is absent",))


def _read_through(absent: Alteration, findings: Findings, kb: KnowledgeBase) -> bool:
    """Whether the reads of a found driver of the gene cover every codon the absent alteration could lie at."""
    place = _codons(absent)
    if place is None:
        return False
    return any(
        first - READ_SPAN_CODONS <= place[0] and place[1] <= last + READ_SPAN_CODONS
        for name, found in findings.alterations.items()
        if name in kb.alterations and kb.alterations[name].gene == absent.gene
        for first, last in found.codons
    )


def _codons(alteration: Alteration) -> tuple[int, int] | None:
    if alteration.codon_first is not None:
        return (alteration.codon_first, alteration.codon_last or alteration.codon_first)
    changes = [parse_protein(text) for text in alteration.protein_changes]
    ends = [(change.start, change.end) for change in changes if change is not None and change.start]
    if not ends or len(ends) != len(changes):
        return None
    return (min(start for start, _ in ends), max(end for _, end in ends))


def _marker(name: str, findings: Findings, kb: KnowledgeBase, *, asked: bool) -> Evaluation:
    label = _marker_label(name, kb)
    marker = findings.markers.get(name)
    if marker is None or marker.state not in (MarkerState.DETECTED, MarkerState.NOT_DETECTED):
        return Evaluation(UNKNOWN, unknown=(f"{label}: {_open_reason(marker)}",))
    return _measured(name, label, marker, holds=marker.state is MarkerState.DETECTED, asked=asked)


def _compare(profile: Compare, findings: Findings, kb: KnowledgeBase, *, asked: bool) -> Evaluation:
    label = _marker_label(profile.name, kb)
    marker = findings.markers.get(profile.name)
    if marker is None or not marker.value or marker.state in (MarkerState.FAILED, MarkerState.INCONCLUSIVE):
        wanted = f"{label} {profile.operator} {profile.value}"
        return Evaluation(UNKNOWN, unknown=(f"{wanted}: {_open_reason(marker)}",))
    holds = _holds(marker.value, profile.operator, profile.value)
    if holds is None:
        return Evaluation(
            UNKNOWN, unknown=(f"{label}: value {marker.value!r} cannot be compared with {profile.value}",)
        )
    return _measured(profile.name, label, marker, holds=holds, asked=asked)


def _holds(value: str, operator: str, wanted: str) -> bool | None:
    left, right = number_of(value), number_of(wanted)
    if operator in ("==", "!="):
        equal = left == right if left is not None and right is not None else value.casefold() == wanted.casefold()
        return equal if operator == "==" else not equal
    if left is None or right is None:
        return None
    return {">=": left >= right, "<=": left <= right, ">": left > right, "<": left < right}[operator]


def _measured(name: str, label: str, marker: MeasuredMarker, *, holds: bool, asked: bool) -> Evaluation:
    if holds is asked:
        return Evaluation(MET, (name,) if asked else ())
    return Evaluation(NOT_MET, failed=(f"{label} is {marker.value or marker.state.value.replace('_', ' ')}",))


def _open_reason(marker: MeasuredMarker | None) -> str:
    if marker is None or marker.state is MarkerState.NOT_ASSESSED:
        return "not assessed"
    return marker.state.value.replace("_", " ")


def _marker_label(name: str, kb: KnowledgeBase) -> str:
    if name not in kb.markers:
        raise KnowledgeError(
            f"profile names {name!r}, which is neither an alteration nor a marker",
            where="biomarkers.tsv",
            remedy="Add it to alterations.tsv or markers.tsv, or correct the profile.",
        )
    return kb.markers[name].label


def _wild_type(gene: str, findings: Findings, *, asked: bool) -> Evaluation:
    genes = GENE_GROUPS.get(gene, (gene,))
    mutated = [name for name in genes if name in findings.driver_genes]
    if mutated:
        said = f"{' and '.join(mutated)} driver found"
        return Evaluation(NOT_MET, failed=(said,), contradicted=True) if asked else Evaluation(MET)
    unclear = [name for name in genes if name in findings.unclear_genes]
    if unclear:
        said = f"{gene} wild type: a variant of unproven effect was found in {' and '.join(unclear)}"
        return Evaluation(UNKNOWN, unknown=(said,))
    if all(name in findings.wild_type_genes for name in genes):
        term = gene + WILD_TYPE_SUFFIX
        return Evaluation(MET, (term,)) if asked else Evaluation(NOT_MET, failed=(f"{gene} is wild type",))
    reasons = [findings.open_wild_types[name] for name in genes if name in findings.open_wild_types]
    said = f"inconclusive ({'; '.join(reasons)})" if reasons else "no coverage data show it"
    return Evaluation(UNKNOWN, unknown=(f"{gene} wild type: {said}",))


def _together(profile: Together, findings: Findings, kb: KnowledgeBase, *, asked: bool) -> Evaluation:
    both = Combined((Present(profile.first), Present(profile.second)), every=True)
    present = _evaluate(both, findings, kb, asked=True)
    if present.state != MET:
        return present if asked else _evaluate(both, findings, kb, asked=False)
    first, second = findings.alterations.get(profile.first), findings.alterations.get(profile.second)
    in_cis = _in_cis(first, second)
    labels = " and ".join(
        kb.alterations[name].label for name in (profile.first, profile.second) if name in kb.alterations
    )
    if in_cis is None:
        said = f"{labels}: whether they lie on one haplotype is not determined; ask the laboratory"
        return Evaluation(UNKNOWN, present.terms, present.variants, unknown=(said,))
    if (in_cis is profile.cis) is asked:
        return present if asked else Evaluation(MET)
    said = f"{labels} lie {'on one haplotype (cis)' if in_cis else 'on two haplotypes (trans)'}"
    return Evaluation(NOT_MET, present.terms, present.variants, failed=(said,), contradicted=True)


def _in_cis(first: FoundAlteration | None, second: FoundAlteration | None) -> bool | None:
    """Whether two alterations share a haplotype: by one variant that is both, or by one phase set."""
    if first is None or second is None:
        return None
    if set(first.variants) & set(second.variants):
        return True
    if len(first.phases) != 1 or len(second.phases) != 1:
        return None
    apart = 3 * abs(first.codons[0][0] - second.codons[0][0]) if first.codons and second.codons else None
    return {"cis": True, "trans": False}.get(relation(first.phases[0], second.phases[0], distance=apart))
