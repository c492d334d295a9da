"""The HTML report of one sample: a self-contained page made from the document and nothing else.

Security: every value is escaped by Jinja's autoescape and stripped of hidden characters
(:func:`targetboard.report.sections.text.printable`); the page has no scripts, no style attributes and no network
access, and its content security policy allows exactly the two inline style sheets by their hashes. The only links that
leave the page lead to PubMed and are built from digits. Equal documents give equal bytes: no clock, no random ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from targetboard.report.html_page import SHARED, content_policy, printed_sheets, style_sheet, template_environment
from targetboard.report.sections import (
    appendix,
    assay,
    drivers,
    failure,
    glossary,
    headline,
    identity,
    ledger,
    limits,
    markers,
    negatives,
    options,
    origin,
    resistance,
    reviewer,
    signout,
    therapies,
    trail,
    trials,
)
from targetboard.report.sections.section import Section
from targetboard.report.sections.text import cut
from targetboard.signing.status import DRAFT, SIGNED, sign_out

BANNER: str = DRAFT["banner"]
"""On the page and on every printed sheet of an unsigned document; nothing in the document's file can change it."""

COMPLETE: tuple[Section, ...] = (
    identity.SECTION,
    reviewer.SECTION,
    headline.SECTION,
    therapies.SECTION,
    resistance.SECTION,
    drivers.SECTION,
    negatives.SECTION,
    markers.SECTION,
    options.SECTION,
    trials.SECTION,
    assay.SECTION,
    limits.SECTION,
    signout.SECTION,
    appendix.SECTION,
    trail.SECTION,
    ledger.SECTION,
    origin.SECTION,
    glossary.SECTION,
)
"""Sections of a complete sample, in reading order."""

FAILED: tuple[Section, ...] = (
    failure.SECTION,
    identity.SECTION,
    reviewer.SECTION,
    limits.SECTION,
    ledger.SECTION,
    origin.SECTION,
)
"""Sections of a failed sample: nothing that could be read as a result."""

_HEADER_LETTERS = 40


def render(document: Mapping[str, Any]) -> str:
    """The report of a sample as one HTML5 page.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json; with its verified sign-out
        (:func:`targetboard.signing.status.sign_out`), or it is a draft.

    Returns
    -------
    str
        The page, ending with a line break; write it as UTF-8.

    Raises
    ------
    KeyError
        If the document lacks a key the schema requires.
    """
    failed, status = document["status"] == "failed", sign_out(document)
    style, sheet_style = style_sheet(SHARED / "style.css"), _sheet_style(document)
    sections = [
        (section, view) for section in (FAILED if failed else COMPLETE) if (view := section.view(document)) is not None
    ]
    page = (
        _environment()
        .get_template("report.html")
        .render(
            sample=document["sample"],
            failed=failed,
            sign_out=status,
            signed=status["status"] in SIGNED,
            pipeline=document["provenance"]["pipeline"],
            sections=sections,
            style=style,
            sheet_style=sheet_style,
            policy=content_policy(style, sheet_style),
        )
    )
    return page.rstrip("\n") + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates, compiled once a process."""
    return template_environment(SHARED)


def _sheet_style(document: Mapping[str, Any]) -> Markup:
    """Header and footer of printed sheets: identifiers, status, versions."""
    provenance = document["provenance"]
    identifiers = identifiers_of(document["sample"])
    left = " · ".join(f"{label} {cut(value, _HEADER_LETTERS) or 'not provided'}" for label, value in identifiers)
    knowledge = ", ".join(cut(entry["release"], _HEADER_LETTERS) for entry in provenance["knowledge"])
    made_by = cut(f"{provenance['pipeline']['name']} {provenance['pipeline']['version']}", _HEADER_LETTERS)
    foot = f"{made_by} · knowledge {knowledge or 'none'} · research use unless validated by the laboratory"
    return printed_sheets(left, sign_out(document)["banner"], foot)


def identifiers_of(sample: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """What every sheet of a sample's paper names, with its label; an empty value was not provided."""
    clinical = sample["clinical"]
    return (
        ("Patient", sample["patient_id"]),
        ("sample", sample["sample_id"]),
        ("specimen", clinical.get("specimen_id", "")),
        ("run", clinical.get("run_id", "")),
    )
