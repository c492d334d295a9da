"""Approved options of the tumour type that need no biomarker, apart from what the findings support."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section


@dataclass(slots=True, frozen=True)
class Option:
    """One option."""

    drugs: str
    conditions: tuple[str, ...]
    sources: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class OptionsView:
    """All options of the document, in its order."""

    options: tuple[Option, ...]


def view(document: Document) -> OptionsView | None:
    """Options, or None where the document has none."""
    options = tuple(
        Option(" + ".join(entry["drugs"]), tuple(entry["conditions"]), tuple(entry["sources"]))
        for entry in document["options_without_biomarker"]
    )
    return OptionsView(options) if options else None


SECTION = Section("options", "Options that need no biomarker", view)
