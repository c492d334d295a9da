"""What a reviewer judges otherwise, in words, to stand beside the machine's value it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from targetboard.report.sections.section import Document
from targetboard.report.sections.text import short
from targetboard.report.sections.words import DRIVER_CLASSES, word
from targetboard.signing.status import sign_out

FIELDS = MappingProxyType({"driver_class": "class", "amp": "AMP tier", "escat": "ESCAT tier"})
"""Values a reviewer can set, in words."""
LONGEST = 90
"""Letters of a subject that a page shows; long alleles are cut there, not in the records."""


@dataclass(slots=True, frozen=True)
class Mark:
    """One judgement: ``field`` and ``reviewed`` in words, why, and by whom."""

    subject: str
    field: str
    machine: str
    reviewed: str
    reason: str
    by: str


def mark_of(override: dict[str, Any]) -> Mark:
    """An override of the sign-out in words."""
    field = override["field"]
    machine, reviewed = (
        word(DRIVER_CLASSES, override[name]).label if field == "driver_class" else override[name]
        for name in ("machine", "reviewed")
    )
    return Mark(
        short(override["subject"], LONGEST),
        FIELDS.get(field, field),
        machine,
        reviewed,
        override["reason"],
        override["by"],
    )


def marks_on(document: Document, kind: str, index: int) -> tuple[Mark, ...]:
    """Judgements on one variant, event or claim itself."""
    return tuple(mark_of(entry) for entry in _overrides(document) if entry["kind"] == kind and entry["index"] == index)


def marks_under(document: Document, claim: int) -> tuple[Mark, ...]:
    """Judgements on a claim, and on the findings that it rests on."""
    return tuple(mark_of(entry) for entry in _overrides(document) if claim in entry["claims"])


def briefly(marks: Iterable[Mark]) -> str:
    """Marks in a few words, for a line that names the finding already."""
    return ", ".join(f"reviewer: {mark.field} {mark.reviewed}" for mark in marks)


def _overrides(document: Document) -> Iterable[dict[str, Any]]:
    found: Iterable[dict[str, Any]] = sign_out(document)["overrides"]
    return found
