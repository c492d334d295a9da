"""A sample that failed: what happened, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.text import or_missing


@dataclass(slots=True, frozen=True)
class FailureView:
    """The error in words."""

    what: str
    where: str
    remedy: str
    kind: str
    exit_code: int | None


def view(document: Document) -> FailureView | None:
    """The error of a failed document; None for a complete one."""
    if document["status"] != "failed":
        return None
    error = document["error"]
    if error is None:
        return FailureView(
            "the reason was not recorded", "not recorded", "Read the log of the annotate step", "unknown", None
        )
    return FailureView(
        or_missing(error["what"]),
        or_missing(error["where"]),
        or_missing(error["remedy"]),
        error["kind"],
        error["exit_code"],
    )


SECTION = Section("failure", "This sample failed", view, in_contents=False)
