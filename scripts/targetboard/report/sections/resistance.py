"""Resistance that was found, and resistance to watch for under the treatment given, each with the next line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.event import EventReference, event_references, is_driver_event
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.therapies import fault_of, is_verified
from targetboard.report.sections.variant import VariantReference, references

_CARRIES_NO_DRUG = ("uncertain", "likely_passenger", "passenger", "not_evaluable")


@dataclass(slots=True, frozen=True)
class Entry:
    """One mechanism of resistance."""

    alteration_id: str
    mechanism: str
    variants: tuple[VariantReference, ...]
    events: tuple[EventReference, ...]
    after: tuple[str, ...]
    next_line: tuple[str, ...]
    sources: tuple[str, ...]
    verified: bool
    verified_in: str


@dataclass(slots=True, frozen=True)
class ResistanceView:
    """Found and to watch, apart.

    ``withheld`` counts entries that rest on a variant that may carry no drug name; ``resistant_claims`` says whether
    the treatment section shows claims of resistance.
    """

    found: tuple[Entry, ...]
    to_watch: tuple[Entry, ...]
    withheld: int
    resistant_claims: bool


def view(document: Document) -> ResistanceView:
    """Entries by kind, in the document's order."""
    sound = [entry for entry in document["resistance"] if not _rests_on_non_driver(document, entry)]
    return ResistanceView(
        found=tuple(_entries(document, sound, "found")),
        to_watch=tuple(_entries(document, sound, "to_watch")),
        withheld=len(document["resistance"]) - len(sound),
        resistant_claims=any(
            claim["direction"] == "resistant" and not fault_of(claim, document) for claim in document["therapies"]
        ),
    )


def _rests_on_non_driver(document: Document, entry: dict[str, Any]) -> bool:
    """Whether a variant of the entry, or the only events that bring its alteration, may carry no drug name."""
    variants = document["variants"]
    if any(
        not 0 <= index < len(variants) or variants[index]["driver_class"] in _CARRIES_NO_DRUG
        for index in entry["variants"]
    ):
        return True
    events = [event for event in added(document, "events") if entry["alteration_id"] in event["alterations"]]
    found_by_events = entry["kind"] == "found" and not entry["variants"] and events
    return bool(found_by_events) and not any(is_driver_event(event) for event in events)


def _entries(document: Document, entries: list[dict[str, Any]], kind: str) -> Iterable[Entry]:
    for entry in entries:
        if entry["kind"] == kind:
            yield Entry(
                alteration_id=entry["alteration_id"],
                mechanism=entry["mechanism"],
                variants=references(document, entry["variants"]),
                events=event_references(document, [entry["alteration_id"]]) if kind == "found" else (),
                after=tuple(entry["after"]),
                next_line=tuple(entry["next_line"]),
                sources=tuple(entry["sources"]),
                verified=is_verified(entry["verified_in"]),
                verified_in=entry["verified_in"],
            )


SECTION = Section("resistance", "Resistance found and to watch", view)
