"""PDF of the clinician's report and of the patient page, from the same document as their HTML.

The file is tagged for PDF/UA-1 (headings, tables with header cells, lists, alternative text, language, title); every
page bears the identifiers, the sign-out status and "page x of y". The fonts come with the typst wheel and are embedded;
system fonts, files, packages and the network are not used. Equal documents give equal bytes: the file has no date.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import typst

from targetboard.report.patient_page.page import render_patient_page
from targetboard.report.pdf.glyphs import drawable
from targetboard.report.pdf.page_tree import page_tree
from targetboard.report.render import identifiers_of, render
from targetboard.report.sections.text import cut, printable
from targetboard.signing.status import SIGNED, sign_out

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA-1: the compiler refuses what would not be accessible."""

_TEMPLATE = Path(__file__).with_name("paper.typ")
_HEADER_LETTERS = 34
_LINE, _LINE_LARGE = 140.0, 84.0
"""Characters on a line in the two sizes of type."""


def render_report_pdf(document: Mapping[str, Any]) -> bytes:
    """The clinician's report as PDF.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json.
    """
    return html_to_pdf(render(document), document, title="Actionable-target report", large=False)


def render_patient_pdf(document: Mapping[str, Any]) -> bytes:
    """The patient page as PDF, in larger type; see :func:`render_report_pdf`."""
    return html_to_pdf(render_patient_page(document), document, title="Your test in plain words", large=True)


def html_to_pdf(html: str, document: Mapping[str, Any], *, title: str, large: bool) -> bytes:
    """A page made by a renderer of this package as PDF.

    Parameters
    ----------
    html
        The page; its text is taken over, its scripts and style sheets are not.
    document
        The document with the keys ``sample`` and ``provenance``: identifiers and versions for every page.
    title
        Title of the file, shown by readers in the window.
    large
        Larger type and margins, for patients.

    Raises
    ------
    typst.TypstError
        If the compiler refuses the page; with the fonts of the wheel and any document that does not happen.
    """
    sample = document["sample"]
    status = sign_out(document)
    paper = {
        "title": drawable(printable(f"{title} {sample['sample_id']} – {status['banner']}")),
        "header": _identifiers(sample),
        "banner": drawable(printable(status["banner"])),
        "footer": _versions(document["provenance"]),
        "signed": status["status"] in SIGNED,
        "large": large,
        "blocks": page_tree(html, _LINE_LARGE if large else _LINE),
    }
    content = typst.compile(
        _template(),
        format="pdf",
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        timestamp=0,
        sys_inputs={"paper": json.dumps(paper, ensure_ascii=False, sort_keys=True)},
    )
    return bytes(content)


@lru_cache(maxsize=1)
def _template() -> bytes:
    return _TEMPLATE.read_bytes()


def _identifiers(sample: Mapping[str, Any]) -> str:
    return " · ".join(f"{label} {_cut(value) or 'not provided'}" for label, value in identifiers_of(sample))


def _versions(provenance: Mapping[str, Any]) -> str:
    pipeline = provenance["pipeline"]
    knowledge = ", ".join(_cut(entry["release"]) for entry in provenance["knowledge"]) or "none"
    made_by = _cut(f"{pipeline['name']} {pipeline['version']}")
    return f"{made_by} · knowledge {knowledge} · research use unless validated by the laboratory"


def _cut(text: str) -> str:
    return cut(drawable(printable(text)), _HEADER_LETTERS)
