"""The summary: at most six lines as the document states them, the verdict on the sample, and what was not found."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.negatives import checked, names_by_gene, silence
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.report.sections.words import ADEQUACY, HEADLINE_KINDS, MARKER_STATES, Word, word

MAX_LINES = 6
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
    """Lines as (kind in words, text), the verdict, and names of pertinent negatives by state.

    ``silence`` is the sentence on missing coverage; what was not assessed is then not listed by name.
    """

    lines: tuple[tuple[Word, str], ...]
    adequacy: Adequacy
    negatives: tuple[tuple[Word, tuple[str, ...]], ...]
    silence: str


def view(document: Document) -> HeadlineView:
    """Lines of the summary; those on inherited findings are left out where consent was refused."""
    hidden = germline_is_hidden(document)
    lines = tuple(
        (word(HEADLINE_KINDS, line["kind"]), line["text"])
        for line in document["headline"]
        if not (hidden and line["kind"] == "germline")
    )
    entries = checked(document)
    sentence = silence(document)
    left_out = ("detected", "not_assessed") if sentence else ("detected",)
    groups = tuple(
        (state, names_by_gene(members))
        for name, state in MARKER_STATES.items()
        if name not in left_out and (members := [e for e in entries if e["state"] == name])
    )
    return HeadlineView(lines[:MAX_LINES], _adequacy(document), groups, sentence)


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
