"""The summary: at most six lines, most important first, as the document states them."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.report.sections.words import HEADLINE_KINDS, Word, word

MAX_LINES = 6


@dataclass(slots=True, frozen=True)
class HeadlineView:
    """Lines as (kind in words, text)."""

    lines: tuple[tuple[Word, str], ...]


def view(document: Document) -> HeadlineView:
    """Lines of the summary; those on inherited findings are left out where consent was refused."""
    hidden = germline_is_hidden(document)
    lines = tuple(
        (word(HEADLINE_KINDS, line["kind"]), line["text"])
        for line in document["headline"]
        if not (hidden and line["kind"] == "germline")
    )
    return HeadlineView(lines[:MAX_LINES])


SECTION = Section("headline", "Summary", view, in_contents=False)
