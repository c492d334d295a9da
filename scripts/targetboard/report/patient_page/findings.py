"""What was found: validated drivers and nothing else, less what a reviewer judged otherwise at sign-out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targetboard.report.patient_page.words import EFFECTS
from targetboard.report.sections.event import carries_treatment
from targetboard.report.sections.section import Document, added
from targetboard.report.sections.variant import germline_is_hidden, name_of
from targetboard.signing.status import sign_out

VALIDATED = "validated_driver"
_FIRST_TIER = "I-"


@dataclass(slots=True, frozen=True)
class Overruled:
    """Indices of what a reviewer took out of the results, into variants[], events[] and therapies[]."""

    variants: frozenset[int]
    events: frozenset[int]
    claims: frozenset[int]


@dataclass(slots=True, frozen=True)
class Finding:
    """One validated driver: its genes and short name, what such a change does, and what is in doubt."""

    genes: tuple[str, ...]
    name: str
    effect: str
    may_be_inherited: bool
    may_be_blood: bool
    weak: bool


def overruled(document: Document) -> Overruled:
    """Drivers a reviewer no longer calls validated, the claims that rest on them, and claims put in a lower tier."""
    variants: set[int] = set()
    events: set[int] = set()
    claims: set[int] = set()
    for entry in sign_out(document)["overrides"]:
        if entry["kind"] == "claim":
            if not entry["reviewed"].startswith(_FIRST_TIER):
                claims.add(entry["index"])
        elif entry["field"] == "driver_class" and entry["reviewed"] != VALIDATED:
            (variants if entry["kind"] == "variant" else events).add(entry["index"])
            claims.update(entry["claims"])
    return Overruled(frozenset(variants), frozenset(events), frozenset(claims))


def findings(document: Document, out: Overruled) -> tuple[Finding, ...]:
    """Validated drivers, variants before events, each name once."""
    hidden = germline_is_hidden(document)
    found = [*_variants(document, out, hidden=hidden), *_events(document, out)]
    return tuple({finding.name: finding for finding in reversed(found)}.values())[::-1]


def _variants(document: Document, out: Overruled, *, hidden: bool) -> Iterable[Finding]:
    for index, variant in enumerate(document["variants"]):
        if variant["driver_class"] != VALIDATED or index in out.variants:
            continue
        match = _validated_match(variant)
        flags = set(variant["flags"])
        yield Finding(
            genes=(variant["gene"],),
            name=match["label"] if match else name_of(variant),
            effect=EFFECTS.get(match["effect"] if match else "", ""),
            may_be_inherited="germline_suspect" in flags and not hidden,
            may_be_blood="chip_suspect" in flags,
            weak=bool(flags & {"low_support", "artefact_suspect"}),
        )


def _events(document: Document, out: Overruled) -> Iterable[Finding]:
    for index, event in enumerate(added(document, "events")):
        if carries_treatment(event) and index not in out.events:
            yield Finding(
                tuple(event["gene"].split("::")), event["label"], EFFECTS.get(event["kind"], ""), False, False, False
            )


def _validated_match(variant: dict[str, Any]) -> dict[str, Any] | None:
    """The curated alteration that made the variant a validated driver."""
    return next((m for m in variant["matches"] if m["evidence"] == "validated" and m["kind"] == "driver"), None)
