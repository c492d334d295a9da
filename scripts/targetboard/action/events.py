"""Amplifications, homozygous deletions and fusions, matched to the curated alterations (rules R13 and R14).

An event is more than a number: an amplification needs a threshold, a homozygous deletion needs a known purity, and a
fusion needs its partners in sense. What does not reach that is told as what it is
("rearrangement, functional fusion not shown") and matches nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from targetboard.inputs.copy_number import GeneCopies
from targetboard.inputs.fusions import Fusion
from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase
from targetboard.model import DriverClass

AMPLIFICATION_COPIES = 6.0
"""Total copies from which a gain counts as amplification where the assay states no threshold of its own."""
HOMOZYGOUS_COPIES = 0.5
"""Total copies below which no copy is left; callers that round write 0."""
WHOLE_GENE = 0.9
"""Share of a gene that segments must cover before its copies are judged."""
LOWEST_PURITY = 0.3
"""Purity below which a homozygous deletion is not told from contamination by normal cells."""

AMPLIFICATION, HOMOZYGOUS_DELETION, FUSION = "amplification", "homozygous_deletion", "fusion"
REARRANGEMENT = "rearrangement"
_FITTING_ROLES: Mapping[str, frozenset[str]] = {
    AMPLIFICATION: frozenset({"oncogene", "both"}),
    HOMOZYGOUS_DELETION: frozenset({"tumour_suppressor", "both"}),
}


@dataclass(slots=True, frozen=True)
class Event:
    """One amplification, deletion, fusion or rearrangement of a sample.

    ``alterations`` are the ids it matches, most specific first; ``reason`` says why the class is what it is.
    """

    kind: str
    gene: str
    partner: str
    label: str
    value: str
    source: str
    alterations: tuple[str, ...]
    driver_class: DriverClass
    reason: str
    notes: tuple[str, ...] = ()


def _judged(alterations: Sequence[Alteration], label: str) -> tuple[DriverClass, str]:
    """Class of an event by the curated rows it matches; an event nothing curates stays uncertain."""
    for alteration in alterations:
        if alteration.is_validated_driver:
            sources = ", ".join(alteration.sources[:4])
            return (
                DriverClass.VALIDATED_DRIVER,
                f"{label} is curated as a validated driver ({alteration.alteration_id}; {sources})",
            )
    for alteration in alterations:
        if alteration.kind == "driver":
            return (
                DriverClass.LIKELY_DRIVER,
                f"{label} is curated as a driver with {alteration.evidence} evidence ({alteration.alteration_id})",
            )
    return DriverClass.UNCERTAIN, f"{label} is not curated; its effect is not judged"


def copy_number_event(
    copies: GeneCopies, base: KnowledgeBase, *, threshold: float | None = None, purity: float | None = None
) -> Event | None:
    """The event that a gene's copies are, or None for a copy number without one.

    Parameters
    ----------
    copies
        Copies over the gene.
    threshold
        Copies from which the assay calls amplification; :data:`AMPLIFICATION_COPIES` where it does not say.
    purity
        Fraction of tumour cells; a homozygous deletion at low or unknown purity is stated, but not judged.
    """
    limit = AMPLIFICATION_COPIES if threshold is None else threshold
    value = (
        f"{copies.lowest:g} copies"
        if copies.lowest == copies.highest
        else f"{copies.lowest:g}-{copies.highest:g} copies"
    )
    rows = base.alterations_by_gene.get(copies.gene, ())
    if copies.covered >= WHOLE_GENE and copies.lowest >= limit:
        label = f"{copies.gene} amplification"
        matched = tuple(row for row in rows if row.event == AMPLIFICATION)
        driver_class, reason = _judged(matched, label)
        said = "the assay's threshold" if threshold is not None else "no threshold of the assay was given"
        notes = (f"{value} over the gene; amplification from {limit:g} copies on ({said})",)
        return _event(AMPLIFICATION, copies, label, value, matched, driver_class, reason, notes)
    if copies.lowest < HOMOZYGOUS_COPIES:
        label = f"{copies.gene} homozygous deletion"
        whole = copies.highest < HOMOZYGOUS_COPIES and copies.covered >= WHOLE_GENE
        extent = "the whole gene" if whole else "a part of the gene"
        matched = tuple(row for row in rows if row.event == HOMOZYGOUS_DELETION)
        if purity is None or purity < LOWEST_PURITY:
            known = "not known" if purity is None else f"{purity:.0%}"
            return _event(
                HOMOZYGOUS_DELETION,
                copies,
                label,
                value,
                (),
                DriverClass.NOT_EVALUABLE,
                f"{label} cannot be judged: the purity is {known}, and {LOWEST_PURITY:.0%} are needed",
                (f"no copy left over {extent}",),
            )
        driver_class, reason = _judged(matched, label)
        return _event(
            HOMOZYGOUS_DELETION, copies, label, value, matched, driver_class, reason, (f"no copy left over {extent}",)
        )
    return None


def _event(
    kind: str,
    copies: GeneCopies,
    label: str,
    value: str,
    matched: Sequence[Alteration],
    driver_class: DriverClass,
    reason: str,
    notes: tuple[str, ...],
) -> Event:
    ids = tuple(row.alteration_id for row in matched)
    return Event(kind, copies.gene, "", label, value, copies.source, ids, driver_class, reason, notes)


def fusion_event(fusion: Fusion, base: KnowledgeBase) -> Event | None:
    """The event that a fusion call is; None if neither partner is a gene of the knowledge base.

    A call whose partners are not in sense, or out of frame, matches nothing: it is a rearrangement.
    """
    first, second = base.gene(fusion.five_prime), base.gene(fusion.three_prime)
    if first is None and second is None:
        return None
    names = (
        first.gene if first is not None else fusion.five_prime,
        second.gene if second is not None else fusion.three_prime,
    )
    shown = "::".join(name or "unknown partner" for name in names)
    value = f"{fusion.reads} reads" if fusion.reads is not None else "reads not stated"
    gene = (second or first or _never()).gene
    partner = names[0] if second is not None else names[1]
    if not fusion.oriented or fusion.in_frame is False:
        why = "out of frame" if fusion.in_frame is False else "the partners are not shown in sense"
        return Event(
            REARRANGEMENT,
            gene,
            partner,
            f"{shown} rearrangement",
            value,
            fusion.source,
            (),
            DriverClass.UNCERTAIN,
            f"{shown}: rearrangement, functional fusion not shown ({why}); RNA would settle it",
        )
    matched = [
        row
        for own, is_five_prime in ((second, False), (first, True))
        if own is not None
        for row in base.alterations_by_gene.get(own.gene, ())
        if row.event == FUSION and _fits(row, names[0] if not is_five_prime else names[1], is_five_prime, base)
    ]
    matched.sort(key=lambda row: (not row.partner, row.alteration_id))
    label = f"{shown} fusion"
    driver_class, reason = _judged(matched, label)
    notes = [] if fusion.in_frame else ["reading frame not stated"]
    if not all(names):
        notes.append("the partner is not known: another method (RNA, break-apart FISH) would confirm the fusion")
    return Event(
        FUSION,
        matched[0].gene if matched else gene,
        partner,
        label,
        value,
        fusion.source,
        tuple(row.alteration_id for row in matched),
        driver_class,
        reason,
        tuple(notes),
    )


def _never() -> Gene:
    raise AssertionError("one of the two partners is known")


def _fits(row: Alteration, partner: str, is_five_prime: bool, base: KnowledgeBase) -> bool:
    """Whether a curated fusion row describes this gene in this place with this partner."""
    if row.orientation == "five_prime" and not is_five_prime:
        return False
    if row.orientation == "three_prime" and is_five_prime:
        return False
    if not row.partner:
        return True
    known = base.gene(partner)
    curated = base.gene(row.partner)
    return (known.gene if known is not None else partner).casefold() == (
        curated.gene if curated is not None else row.partner
    ).casefold()


def sample_events(
    copies: Iterable[GeneCopies],
    fusions: Iterable[Fusion],
    base: KnowledgeBase,
    *,
    threshold: float | None = None,
    purity: float | None = None,
) -> list[Event]:
    """Events of a sample in a fixed order: kind, gene, partner; the same fusion from two calls is one event.

    A copy-number change that nothing curates is listed only where it fits the gene's role: a gain of an oncogene, a
    loss of a tumour suppressor. Neighbours that share the gain or loss say nothing.
    """
    found: dict[tuple[str, str, str, str], Event] = {}
    for own in copies:
        event = copy_number_event(own, base, threshold=threshold, purity=purity)
        if event is not None and (event.alterations or base.genes[event.gene].role in _FITTING_ROLES[event.kind]):
            found.setdefault((event.kind, event.gene, event.partner, event.label), event)
    for fusion in fusions:
        event = fusion_event(fusion, base)
        if event is not None:
            found.setdefault((event.kind, event.gene, event.partner, event.label), event)
    return [found[key] for key in sorted(found)]
