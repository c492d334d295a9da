"""Pertinent negatives of the tumour type in five states, with the depth and the power they rest on (rules R1 and R3).

No absence of a small variant is stated without coverage, whatever the document says: that check is made again here.
Amplifications, deletions and fusions rest on tables of their own, which the reason names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targetboard.report.figures import DepthBar, PowerMark, depth_bar, power_mark
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.text import percent
from targetboard.report.sections.words import MARKER_STATES, Word

NO_COVERAGE = "Coverage data not supplied: no negative finding can be stated."
"""Said whenever no coverage file was among the inputs."""
NO_COVERAGE_BUT_EVENTS = (
    "Coverage data not supplied: no negative finding can be stated for small variants. What is said of amplifications,"
    " deletions and fusions rests on tables of their own."
)
"""Said instead where a copy-number or fusion table allows statements without coverage."""
NOT_ALLOWED = "integrity check: coverage data were not supplied, so nothing is said about this"

_NEEDS_COVERAGE = ("not_detected", "inconclusive", "failed")
_AS_GOOD_AS_CERTAIN = 0.9995
_EVENT_CLASSES = ("amplification", "homozygous_deletion", "fusion", "fusion_dna", "fusion_rna")


@dataclass(slots=True, frozen=True)
class Negative:
    """One alteration that was looked for, or several without figures that share their reason."""

    labels: tuple[str, ...]
    depth: str
    depth_detail: str
    bar: DepthBar | None
    power: str
    mark: PowerMark | None
    detectable: str
    reason: str


@dataclass(slots=True, frozen=True)
class NegativesView:
    """Negatives by state with their number; ``statement`` is the sentence on missing coverage or empty."""

    groups: tuple[tuple[Word, int, tuple[Negative, ...]], ...]
    statement: str
    minimum: str
    tumour_type: str
    with_figures: bool


def coverage_was_supplied(document: Document) -> bool:
    """Whether a coverage file is among the inputs (role ``coverage``) and no limitation says that it was missing."""
    if any(entry["code"] == "no_coverage" for entry in document["limitations"]):
        return False
    return any(entry["role"] == "coverage" for entry in document["provenance"]["inputs"])


def checked(document: Document) -> list[dict[str, Any]]:
    """Entries of negatives[]; those that judge a small variant without coverage become ``not_assessed``."""
    if coverage_was_supplied(document):
        return list(added(document, "negatives"))
    nothing = {"depth_lowest": None, "depth_mean": None, "power": None, "detectable": None}
    return [
        {**entry, **nothing, "state": "not_assessed", "reason": NOT_ALLOWED}
        if entry["state"] in _NEEDS_COVERAGE and entry["variant_class"] not in _EVENT_CLASSES
        else entry
        for entry in added(document, "negatives")
    ]


def silence(document: Document) -> str:
    """The sentence on missing coverage; empty where a coverage file was supplied."""
    if coverage_was_supplied(document):
        return ""
    states = {entry["state"] for entry in checked(document)}
    return NO_COVERAGE_BUT_EVENTS if states.intersection(_NEEDS_COVERAGE) else NO_COVERAGE


def names_by_gene(entries: Iterable[dict[str, Any]]) -> tuple[str, ...]:
    """Labels with the gene said once: ``EGFR exon 19 deletion, L858R``, in the order of first appearance."""
    genes: dict[str, list[str]] = {}
    for position, entry in enumerate(entries):
        gene, label = entry["gene"], entry["label"]
        if gene and label.startswith(f"{gene} "):
            genes.setdefault(gene, []).append(label.removeprefix(f"{gene} "))
        else:
            genes.setdefault(f"\0{position}", []).append(label)
    return tuple(", ".join(names) if key[:1] == "\0" else f"{key} {', '.join(names)}" for key, names in genes.items())


def view(document: Document) -> NegativesView:
    """Negatives in the order of the states; those without figures and with one reason share a row."""
    entries = checked(document)
    minimum = (document["assay"] or {}).get("minimum_depth")
    deepest = max((entry["depth_lowest"] or 0.0 for entry in entries), default=0.0)
    groups = []
    for token, state in MARKER_STATES.items():
        members = [entry for entry in entries if entry["state"] == token]
        if members:
            groups.append((state, len(members), tuple(_rows(members, minimum, deepest))))
    sample = document["sample"]
    return NegativesView(
        groups=tuple(groups),
        statement=silence(document),
        minimum=f"{minimum:,}×" if minimum else "",
        tumour_type=sample["tumour_type"]["name"] if sample["tumour_type"] else "",
        with_figures=any(row.bar or row.mark for _, _, rows in groups for row in rows),
    )


def _rows(entries: list[dict[str, Any]], minimum: int | None, deepest: float) -> Iterable[Negative]:
    """Rows of one state, those with figures first."""
    shared: dict[str, list[dict[str, Any]]] = {}
    for entry in entries:
        if entry["depth_lowest"] is None and entry["power"] is None:
            shared.setdefault(entry["reason"], []).append(entry)
            continue
        yield Negative(
            labels=(entry["label"],),
            depth=_reads(entry["depth_lowest"]),
            depth_detail=_detail(entry),
            bar=depth_bar(entry["depth_lowest"], minimum, deepest),
            power=_power(entry["power"]),
            mark=power_mark(entry["power"]),
            detectable=percent(entry["detectable"]),
            reason=entry["reason"],
        )
    for reason, members in shared.items():
        yield Negative(names_by_gene(members), "", "", None, "", None, "", reason)


def _power(power: float | None) -> str:
    """A chance is never called certain."""
    return ">\u00a099.9\u00a0%" if power is not None and power >= _AS_GOOD_AS_CERTAIN else percent(power)


def _reads(depth: float | None) -> str:
    """Whole reads: a mean is never rounded up past a limit."""
    return "" if depth is None else f"{int(depth):,}×"


def _detail(entry: dict[str, Any]) -> str:
    """What the depth is: the lowest of the region with its mean, or a mean alone."""
    if entry["depth_lowest"] is None:
        return ""
    if not entry["depth_exact"]:
        return "mean of the target"
    return "lowest" if entry["depth_mean"] is None else f"lowest, mean {_reads(entry['depth_mean'])}"


SECTION = Section("negatives", "Pertinent negatives", view)
