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
from targetboard.report.html_page import content_policy, css_string, template_environment
from targetboard.report.sections.text import plural, pmid

BANNER = "DRAFT – NOT SIGNED OUT"
"""The comparison is machine-made; each sample's own report carries its sign-out."""
_HERE = Path(__file__).parent
_SHARED_STYLE = _HERE.parent / "report/templates/style.css"


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
    styles = (_style(_SHARED_STYLE), _style(_HERE / "templates/patient.css"), Markup(_sheet(document)))  # noqa: S704
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
    environment = template_environment(_HERE / "templates")
    environment.filters["pmid"] = pmid
    environment.globals["plural"] = plural
    return environment


@lru_cache(maxsize=4)
def _style(path: Path) -> Markup:
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 - a file of the package


def _sheet(document: Mapping[str, Any]) -> str:
    """Header and footer of printed sheets, which only CSS can repeat."""
    pipeline = document["provenance"]["pipeline"]
    left = f"Patient {document['patient_id']} · {plural(len(document['samples']), 'sample')}"
    foot = f"{pipeline['name']} {pipeline['version']} · research use unless validated by the laboratory"
    return (
        f"@page{{@top-left{{content:{css_string(left)}}}"
        f"@top-right{{content:{css_string(BANNER)}}}"
        f"@bottom-left{{content:{css_string(foot)}}}}}"
    )
