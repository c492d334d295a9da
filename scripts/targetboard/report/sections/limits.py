"""What the report cannot tell: warnings on this sample, limitations of the method, flags of the sample."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.report.sections.words import FLAGS, Word, word

CONSENT_REFUSED = "No statement is made on whether a finding is inherited: the sheet records no consent to it."


@dataclass(slots=True, frozen=True)
class LimitsView:
    """Texts in the document's order; a limitation carries its code."""

    warnings: tuple[str, ...]
    limitations: tuple[tuple[str, str], ...]
    flags: tuple[Word, ...]
    consent: str


def view(document: Document) -> LimitsView | None:
    """Warnings, limitations and flags; None for a failed sample that has none."""
    if document["status"] == "failed" and not document["warnings"] and not document["limitations"]:
        return None
    hidden = germline_is_hidden(document)
    return LimitsView(
        warnings=tuple(document["warnings"]),
        limitations=tuple((entry["code"], entry["text"]) for entry in document["limitations"]),
        flags=tuple(word(FLAGS, flag) for flag in document["flags"] if not (hidden and flag == "germline_suspect")),
        consent=CONSENT_REFUSED if hidden else "",
    )


SECTION = Section("limits", "What this report cannot tell", view)
