"""The summary: the lines as the document states them, the verdict on the sample, and what was not found."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.model import DRIVERS
from targetboard.report.sections.event import event_views
from targetboard.report.sections.marks import briefly, marks_on
from targetboard.report.sections.negatives import checked, names_by_gene, silence
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.text import percent
from targetboard.report.sections.treatments import Treatments, treatments
from targetboard.report.sections.variant import germline_is_hidden, is_driver, name_of
from targetboard.report.sections.words import (
    ADEQUACY,
    DRIVER_CLASSES,
    HEADLINE_KINDS,
    MARKER_STATES,
    Word,
    word,
)

MAX_LINES = 6
"""Findings; lines on what is not settled stand before them and are not counted."""
INCONCLUSIVE = "Inconclusive: repeat biopsy or liquid biopsy."
"""Headline of an inadequate sample (rule R2)."""
POSITIVES_STAND = "Positive findings still stand; what was not found may have been missed."


@dataclass(slots=True, frozen=True)
class Adequacy:
    """Verdict on the sample; ``sentence`` is set for an inadequate one."""

    verdict: Word
    sentence: str
    detail: str


@dataclass(slots=True, frozen=True)
class HeadlineView:
    """Lines as (kind in words, text), the verdict, treatments, and names of pertinent negatives by state.

    ``drivers`` lists by class the fragment, name and fraction (or other value) of each event and variant.
    ``silence`` is the sentence on missing coverage; what was not assessed is then not listed by name.
    """

    lines: tuple[tuple[Word, str], ...]
    adequacy: Adequacy
    drivers: tuple[tuple[Word, tuple[tuple[str, str, str], ...]], ...]
    treatments: Treatments
    negatives: tuple[tuple[Word, tuple[str, ...]], ...]
    silence: str


def view(document: Document) -> HeadlineView:
    """Lines of the summary; those on inherited findings are left out where consent was refused.

    The verdict on the sample is shown with its reasons by a line of its own, not by the document's.
    """
    hidden = germline_is_hidden(document)
    lines = [
        (word(HEADLINE_KINDS, line["kind"]), line["text"])
        for line in document["headline"]
        if line["kind"] != "adequacy" and not (hidden and line["kind"] == "germline")
    ]
    unclear = [line for line in lines if line[0] is HEADLINE_KINDS["unclear"]]
    findings = [line for line in lines if line not in unclear]
    entries = checked(document)
    sentence = silence(document)
    left_out = ("detected", "not_assessed") if sentence else ("detected",)
    groups = tuple(
        (state, names_by_gene(members))
        for name, state in MARKER_STATES.items()
        if name not in left_out and (members := [e for e in entries if e["state"] == name])
    )
    return HeadlineView(
        (*unclear, *findings[:MAX_LINES]),
        _adequacy(document),
        _drivers(document),
        treatments(document),
        groups,
        sentence,
    )


def _drivers(document: Document) -> tuple[tuple[Word, tuple[tuple[str, str, str], ...]], ...]:
    """Driver events, then driver variants, by class."""
    found: dict[str, list[tuple[str, str, str]]] = {name: [] for name in DRIVERS}
    for event in event_views(document, drivers=True):
        value = _joined(event.value, briefly(event.marks))
        found[event.driver_class.token].append((f"event-{event.index}", event.label, value))
    for index, variant in enumerate(document["variants"]):
        if is_driver(variant):
            value = _joined(percent(variant["vaf"]), briefly(marks_on(document, "variant", index)))
            found[variant["driver_class"]].append((f"variant-{index}", name_of(variant), value))
    return tuple((DRIVER_CLASSES[name], tuple(entries)) for name, entries in found.items() if entries)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _adequacy(document: Document) -> Adequacy:
    given = added(document, "adequacy")
    verdict = word(ADEQUACY, given["verdict"])
    reasons = "; ".join(given["reasons"])
    if given["verdict"] == "inadequate":
        return Adequacy(verdict, INCONCLUSIVE, f"{POSITIVES_STAND} {_because(reasons)}".strip())
    if given["verdict"] == "not_stated":
        return Adequacy(verdict, "", _because(reasons) or "What a verdict rests on was not supplied.")
    return Adequacy(verdict, "", _because(reasons) or verdict.meaning)


def _because(reasons: str) -> str:
    """Reasons as one sentence with a capital letter."""
    return f"{reasons[:1].upper()}{reasons[1:]}." if reasons else ""


SECTION = Section("headline", "Summary", view, in_contents=False)
