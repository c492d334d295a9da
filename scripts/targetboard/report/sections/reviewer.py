"""What the sign-out changes for a reader: the reviewer's own judgements, and what differs between versions.

Absent while nobody signed, and where somebody signed what the machine said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from targetboard.report.sections.marks import FIELDS, LONGEST, Mark, mark_of
from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.text import short
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.report.sections.words import DRIVER_CLASSES, word
from targetboard.signing.status import DRAFT, SIGNED, sign_out

AT_FIRST = 15
"""Changes on the first page; the others stand in the sign-out section."""
KINDS = MappingProxyType(
    {
        "override": "Reviewer's value",
        "variant": "Variant",
        "event": "Event",
        "marker": "Marker",
        "negative": "Pertinent negative",
        "therapy": "Treatment statement",
        "withheld": "Withheld statement",
        "resistance": "Resistance",
        "option": "Option without biomarker",
        "trial": "Trial",
        "adequacy": "Adequacy",
        "sample": "Sample",
        "basis": "Basis of the report",
        "other": "Other part",
    }
)


@dataclass(slots=True, frozen=True)
class Judgement:
    """One override: its mark, and the treatment rows that rest on it."""

    mark: Mark
    claims: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Change:
    """One difference between two versions, in words."""

    kind: str
    subject: str
    what: str
    old: str
    new: str


@dataclass(slots=True, frozen=True)
class ReviewerView:
    """``statement`` is how the document stands; ``against`` the version the changes are told against."""

    statement: str
    holds: bool
    judgements: tuple[Judgement, ...]
    against: str
    changes: tuple[Change, ...]
    more: int


def view(document: Document) -> ReviewerView | None:
    """Judgements and changes; a failed sample shows none, since nothing of it may read as a result."""
    found = sign_out(document)
    plain = found["status"] in ("draft", "final") and found["banner"] in (DRAFT["banner"], "FINAL – VERSION 1")
    if plain and not found["overrides"]:
        return None
    failed = document["status"] == "failed"
    changes = changes_of(document)
    against = found["version"] if found["status"] == "stale" else found["supersedes"]
    return ReviewerView(
        statement=found["statement"],
        holds=found["status"] in SIGNED,
        judgements=() if failed else tuple(_judgement(document, entry) for entry in found["overrides"]),
        against=str(against or ""),
        changes=changes[:AT_FIRST],
        more=len(changes[AT_FIRST:]),
    )


def changes_of(document: Document) -> tuple[Change, ...]:
    """All differences between the two versions that the sign-out tells, in words; none for a failed sample."""
    if document["status"] == "failed":
        return ()
    return tuple(_change(change) for change in sign_out(document)["changes"] if not _is_hidden(document, change))


def _judgement(document: Document, override: dict[str, Any]) -> Judgement:
    claims = tuple(
        " + ".join(claim["drugs"]) or claim["claim_id"]
        for index, claim in enumerate(document["therapies"])
        if index in override["claims"]
    )
    return Judgement(mark_of(override), claims)


def _change(change: Mapping[str, str]) -> Change:
    old, new = (_value(change["field"], change[name]) for name in ("old", "new"))
    what = FIELDS.get(change["field"], change["field"].replace("_", " "))
    if change["change"] != "changed":
        what = f"{change['change']} {what}".strip()
    if change["field"] == "details":
        what = "details differ"
    return Change(KINDS.get(change["kind"], change["kind"]), short(change["subject"], LONGEST), what, old, new)


def _value(field: str, text: str) -> str:
    return word(DRIVER_CLASSES, text).label if field in ("driver_class", "") and text in DRIVER_CLASSES else text


def _is_hidden(document: Document, change: Mapping[str, str]) -> bool:
    """Flags that speak of inherited findings are left out where consent was refused."""
    return germline_is_hidden(document) and "germline" in f"{change['subject']} {change['old']} {change['new']}"


SECTION = Section("reviewer", "What the sign-out says", view)
