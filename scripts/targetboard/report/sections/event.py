"""Amplifications, deletions, fusions and rearrangements in words, and which of them may carry a treatment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targetboard.model import DRIVERS
from targetboard.report.sections.marks import Mark, marks_on
from targetboard.report.sections.section import Document, added
from targetboard.report.sections.words import DRIVER_CLASSES, EVENT_KINDS, Word, word


@dataclass(slots=True, frozen=True)
class EventReference:
    """An event as a claim names it: ``index`` into events[], and its label."""

    index: int
    name: str


@dataclass(slots=True, frozen=True)
class EventView:
    """Cells of one event. ``notes`` and ``reason`` are free of treatments by construction."""

    index: int
    gene: str
    label: str
    kind: Word
    value: str
    source: str
    driver_class: Word
    reason: str
    alterations: tuple[str, ...]
    amp: str
    escat: str
    notes: tuple[str, ...]
    marks: tuple[Mark, ...]


def is_driver_event(event: dict[str, Any]) -> bool:
    """Whether the event stands in the driver list; a rearrangement without a shown fusion never does (rule R14)."""
    return event["driver_class"] in DRIVERS and event["kind"] != "rearrangement"


def carries_treatment(event: dict[str, Any]) -> bool:
    """Whether a claim may rest on the event: the false-hope rule holds for events as for variants."""
    return event["driver_class"] == "validated_driver" and is_driver_event(event)


def event_views(document: Document, *, drivers: bool) -> tuple[EventView, ...]:
    """Events of the driver list, validated ones first, or all others in the document's order."""
    events = added(document, "events")
    chosen = [index for index, event in enumerate(events) if is_driver_event(event) is drivers]
    if drivers:
        chosen.sort(key=lambda index: (DRIVERS.index(events[index]["driver_class"]), index))
    return tuple(_view(document, index) for index in chosen)


def _view(document: Document, index: int) -> EventView:
    event = added(document, "events")[index]
    return EventView(
        index=index,
        gene=event["gene"],
        label=event["label"],
        kind=word(EVENT_KINDS, event["kind"]),
        value=event["value"],
        source=event["source"],
        driver_class=word(DRIVER_CLASSES, event["driver_class"]),
        reason=event["class_reason"],
        alterations=tuple(event["alterations"]),
        amp=event["tier"]["amp"] or "",
        escat=event["tier"]["escat"] or "",
        notes=tuple(event["notes"]),
        marks=marks_on(document, "event", index),
    )


def event_references(document: Document, alterations: Iterable[str]) -> tuple[EventReference, ...]:
    """Events of the driver list that are one of the alterations, each once, in the document's order."""
    wanted = set(alterations)
    return tuple(
        EventReference(index, event["label"])
        for index, event in enumerate(added(document, "events"))
        if is_driver_event(event) and wanted.intersection(event["alterations"])
    )
