"""Shared by every HTML page: the template engine, the content security policy, text in style sheets."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from targetboard.report.sections.text import printable


def template_environment(folder: Path) -> Environment:
    """An engine for the templates of a folder: everything is escaped, and hidden characters are shown.

    Raises
    ------
    jinja2.UndefinedError
        When a template names what its view does not have.
    """
    return Environment(
        loader=FileSystemLoader(folder, encoding="utf-8"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        cache_size=-1,
        finalize=_finalise,
    )


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


def content_policy(*styles: str) -> str:
    """The content security policy: nothing is allowed but the inline styles with these very bytes."""
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(style.encode('utf-8')).digest()).decode('ascii')}'"
        for style in styles
    )
    return f"default-src 'none'; style-src {hashes}; img-src data:; base-uri 'none'; form-action 'none'"
