"""Markers measured beside the sequencing of variants, by their five states."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.words import MARKER_STATES, Word


@dataclass(slots=True, frozen=True)
class Marker:
    """One marker, or several without a value that share their reason."""

    labels: tuple[str, ...]
    value: str
    cutoff: str
    method: str
    reason: str


@dataclass(slots=True, frozen=True)
class MarkersView:
    """Markers by state, in the order of the states."""

    groups: tuple[tuple[Word, tuple[Marker, ...]], ...]


def view(document: Document) -> MarkersView:
    """Markers by state; those without value and with equal method and reason share a row."""
    groups = []
    for token, entry in MARKER_STATES.items():
        rows: dict[tuple[str, str, str, str], list[str]] = {}
        for position, marker in enumerate(document["markers"]):
            if marker["state"] != token:
                continue
            value = " ".join(
                part for part in (marker["value"] or "", marker["unit"] if marker["value"] else "") if part
            )
            # A marker with a value of its own never shares a row.
            key = (value, marker["cutoff"] or "", marker["method"] or "", marker["reason"])
            unique = (*key[:3], f"{key[3]}\0{position}") if value else key
            rows.setdefault(unique, []).append(marker["label"] or marker["marker_id"])
        if rows:
            groups.append(
                (
                    entry,
                    tuple(
                        Marker(tuple(labels), value, cutoff, method, reason.split("\0")[0])
                        for (value, cutoff, method, reason), labels in rows.items()
                    ),
                )
            )
    return MarkersView(tuple(groups))


SECTION = Section("markers", "Markers", view)
