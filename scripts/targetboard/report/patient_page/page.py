"""The patient page of one sample: a self-contained HTML page in plain words, made from the document and nothing else.

It follows the decision checklist for patients: was my tumour tested and what does the test cover, what is the evidence
for my result, side effects and how they are managed, cost and help, what if the drug stops working, trials; then what
to ask about goals of treatment and quality of life. Validated drivers are named and nothing else: no variant of unknown
meaning, no outlook, no promise. The language is tested (tests/unit/report/test_patient_reading_level.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from targetboard.report.html_page import content_policy, printed_sheets, style_sheet, template_environment
from targetboard.report.patient_page.findings import Finding, Overruled, findings, overruled
from targetboard.report.patient_page.tested import Tested, tested
from targetboard.report.patient_page.treatments import FITS, NOT_NOW, OPEN, Treatments, treatments
from targetboard.report.sections.section import Document
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.signing.status import SIGNED, sign_out

_TEMPLATES = Path(__file__).parent / "templates"
_HEADER_LETTERS = 40

STANDING: Mapping[str, str] = {
    FITS: "No listed condition speaks against it. Ask if it is right for you.",
    OPEN: "Some conditions must be checked first. Ask your doctor which.",
    NOT_NOW: "One condition does not seem to be met for you now. Ask your doctor which.",
}
"""How a treatment stands, in a sentence."""


@dataclass(slots=True, frozen=True)
class Trial:
    """A trial that fits, or may fit; ``as_of`` is the day its entry was read."""

    trial_id: str
    title: str
    phase: str
    countries: str
    status: str
    as_of: str
    possible: bool


@dataclass(slots=True, frozen=True)
class PatientView:
    """What the template sees. ``tumour`` is False for a condition that is no tumour."""

    tumour: bool
    illness: str
    tested: Tested
    findings: tuple[Finding, ...]
    treatments: Treatments
    trials: tuple[Trial, ...]
    inherited_hidden: bool
    country: str


def patient_view(document: Document) -> PatientView:
    """The page's content for a sample that could be analysed."""
    out = overruled(document)
    sample = document["sample"]
    tumour = sample["tumour_type"]
    found = findings(document, out)
    return PatientView(
        tumour=sample["condition"] is None,
        illness=tumour["name"] if tumour else (sample["condition"] or "").removeprefix("disease:"),
        tested=tested(document, {gene for finding in found for gene in finding.genes}),
        findings=found,
        treatments=treatments(document, out),
        trials=_trials(document, out),
        inherited_hidden=germline_is_hidden(document),
        country=sample["clinical"].get("country", ""),
    )


def _trials(document: Document, out: Overruled) -> tuple[Trial, ...]:
    """Trials that match or may match; none where a reviewer overruled a driver, since a match may rest on it."""
    if out.variants or out.events:
        return ()
    return tuple(
        Trial(
            trial_id=trial["trial_id"],
            title=trial["title"],
            phase=trial["phase"],
            countries=", ".join(trial["countries"]),
            status=trial["status"],
            as_of=trial.get("status_as_of") or trial["accessed"],
            possible=trial["state"] == "possible",
        )
        for trial in document.get("trials", ())
        if trial["state"] in ("match", "possible")
    )


def render_patient_page(document: Mapping[str, Any]) -> str:
    """The page as HTML5 text, ending with a line break; write it as UTF-8.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json. A failed one gives a page that says so.

    Raises
    ------
    KeyError
        If the document lacks a key the schema requires.
    """
    failed = document["status"] == "failed"
    status = sign_out(document)
    style, sheet_style = style_sheet(_TEMPLATES / "patient.css"), _sheet_style(document, status["banner"])
    page = (
        _environment()
        .get_template("patient.html")
        .render(
            sample=document["sample"],
            failed=failed,
            view=None if failed else patient_view(document),
            status=status,
            signed=status["status"] in SIGNED,
            standing=STANDING,
            style=style,
            sheet_style=sheet_style,
            policy=content_policy(style, sheet_style),
        )
    )
    return page.rstrip("\n") + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates, compiled once a process."""
    return template_environment(_TEMPLATES)


def _sheet_style(document: Document, banner: str) -> Markup:
    """Identifiers and status on every printed sheet."""
    sample = document["sample"]
    identifiers = (
        ("Patient", sample["patient_id"]),
        ("sample", sample["sample_id"]),
        ("specimen", sample["clinical"].get("specimen_id", "")),
    )
    left = " · ".join(f"{label} {value[:_HEADER_LETTERS] or 'not provided'}" for label, value in identifiers)
    return printed_sheets(left, banner)
