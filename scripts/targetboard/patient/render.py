"""The HTML report of a patient over time: one self-contained page made from the patient document and nothing else.

The same promises as the report of a sample: everything escaped, no scripts, no network, a content security policy that
allows the style sheets of the page by their hashes; equal documents give equal bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from targetboard.patient.view import view
from targetboard.report.html_page import SHARED, content_policy, printed_sheets, style_sheet, template_environment
from targetboard.report.sections.text import plural
from targetboard.signing.status import DRAFT

BANNER: str = DRAFT["banner"]
"""The comparison is machine-made; each sample's own report carries its sign-out."""
_TEMPLATES = Path(__file__).parent / "templates"


def render_patient(document: Mapping[str, Any]) -> str:
    """The report of a patient as one HTML5 page.

    Parameters
    ----------
    document
        A patient document, valid against workflow/schemas/patient.schema.json.

    Returns
    -------
    str
        The page, ending with a line break; write it as UTF-8.

    Raises
    ------
    KeyError
        If the document lacks a key the schema requires.
    """
    styles = (style_sheet(SHARED / "style.css"), style_sheet(_TEMPLATES / "patient.css"), _sheet_style(document))
    page = (
        _environment()
        .get_template("patient.html")
        .render(
            view=view(document),
            banner=BANNER,
            pipeline=document["provenance"]["pipeline"],
            styles=styles,
            policy=content_policy(*styles),
        )
    )
    return page.rstrip("\n") + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates, compiled once a process."""
    return template_environment(_TEMPLATES)


def _sheet_style(document: Mapping[str, Any]) -> Markup:
    """Header and footer of printed sheets."""
    pipeline = document["provenance"]["pipeline"]
    left = f"Patient {document['patient_id']} · {plural(len(document['samples']), 'sample')}"
    foot = f"{pipeline['name']} {pipeline['version']} · research use unless validated by the laboratory"
    return printed_sheets(left, BANNER, foot)
