"""Shared by every HTML page: the template engine, the head of the page, style sheets, the content security policy."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from targetboard.report.sections.text import count, plural, pmid, printable

SHARED = Path(__file__).parent / "templates"
"""Style sheet of the report, and the head that every page begins with (``head.html``)."""


def template_environment(folder: Path) -> Environment:
    """An engine for the templates of a folder, and the shared ones: all is escaped, hidden characters are shown.

    Raises
    ------
    jinja2.UndefinedError
        When a template names what its view does not have.
    """
    environment = Environment(
        loader=FileSystemLoader([folder, SHARED], encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        finalize=_finalise,
    )
    environment.filters.update({"pmid": pmid, "count": count})
    environment.globals["plural"] = plural
    return environment


def _finalise(value: object) -> object:
    """Every printed value passes here before it is escaped; markup of our own templates is left alone."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(value)


def css_string(text: str) -> str:
    r"""A CSS string in which everything but ASCII letters, digits and spaces is a hexadecimal escape.

    So it can end neither the string nor the style element (``"`` is ``\22 ``, ``<`` is ``\3c ``).
    """
    safe = printable(text)
    return '"' + "".join(c if c.isascii() and (c.isalnum() or c == " ") else f"\\{ord(c):x} " for c in safe) + '"'


@lru_cache(maxsize=16)
def style_sheet(path: Path) -> Markup:
    """A style sheet of the package, read once a process."""
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704 - a file of the package


def printed_sheets(left: str, right: str, foot: str = "") -> Markup:
    """Style sheet for header and footer of printed sheets, which only CSS can repeat."""
    below = f"@bottom-left{{content:{css_string(foot)}}}" if foot else ""
    css = f"@page{{@top-left{{content:{css_string(left)}}}@top-right{{content:{css_string(right)}}}{below}}}"
    return Markup(css)  # noqa: S704 - CSS strings, hex-escaped


def content_policy(*styles: str) -> str:
    """The content security policy: nothing is allowed but the inline styles with these very bytes."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode('utf-8')).digest()).decode('ascii')}'"
        for style in styles
    )
    return f"default-src 'none'; style-src {hashes}; img-src data:; base-uri 'none'; form-action 'none'"
