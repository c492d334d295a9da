"""Variants and events that carry no treatment: uncertain, not evaluable and passengers. No drug name ever stands here.

Only fields that are free of treatments by construction are shown: the mechanism of a matched alteration is not one.
"""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.model import DRIVERS
from targetboard.report.sections.event import EventView, event_views
from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.variant import VariantView, is_driver, variant_view
from targetboard.report.sections.words import DRIVER_CLASSES, Word


@dataclass(slots=True, frozen=True)
class AppendixView:
    """Variants by class, in the order of the classes; ``reported`` counts all variants of the document."""

    groups: tuple[tuple[Word, tuple[VariantView, ...]], ...]
    events: tuple[EventView, ...]
    reported: int


def view(document: Document) -> AppendixView:
    """Every variant that is not in the driver list, once."""
    members: dict[str, list[VariantView]] = {}
    for index, variant in enumerate(document["variants"]):
        if not is_driver(variant):
            members.setdefault(variant["driver_class"], []).append(variant_view(document, index))
    groups = tuple(
        (entry, tuple(members[token]))
        for token, entry in DRIVER_CLASSES.items()
        if token not in DRIVERS and token in members
    )
    return AppendixView(groups, event_views(document, drivers=False), len(document["variants"]))


SECTION = Section("appendix", "Appendix: uncertain findings and passengers", view)
