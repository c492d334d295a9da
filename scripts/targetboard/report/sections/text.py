"""Small pure functions that turn values of the document into text for people; no HTML here."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

NOT_PROVIDED = "not provided"

_PMID = re.compile(r"PMID:\s?([0-9]{1,9})")
_LINE_BREAKS = re.compile(r"[\r\n\t]+")


def printable(text: str) -> str:
    r"""Text without characters that could hide, reorder or break what is read.

    Line breaks and tabs become one space. Control characters, bidirectional overrides, zero-width characters,
    surrogates and unassigned code points are shown escaped (``\u202e``), so that a hostile value cannot turn the
    reading order of its neighbours around. Letters of every script, and every space, stay as they are.
    """
    if text.isprintable():
        return text
    text = _LINE_BREAKS.sub(" ", text)
    return "".join(
        c if c.isprintable() or unicodedata.category(c) == "Zs" else c.encode("unicode_escape").decode("ascii")
        for c in text
    )


def or_missing(value: object) -> str:
    """The value as text, or the words for a value that was not given."""
    return NOT_PROVIDED if value is None or value == "" else str(value)


def percent(fraction: float | None) -> str:
    """A fraction 0…1 as a percentage: one decimal, two below one per cent; empty for None."""
    if fraction is None:
        return ""
    value = 100 * fraction
    return f"{value:.2f}\u00a0%" if 0 < value < 1 else f"{value:.1f}\u00a0%"


def interval(bounds: Iterable[float] | None) -> str:
    """An interval of fractions as ``34.1–42.5 %``; empty for None."""
    if bounds is None:
        return ""
    low, high = (100 * bound for bound in bounds)
    digits = 2 if high < 1 else 1
    return f"{low:.{digits}f}–{high:.{digits}f}\u00a0%"


def count(number: int | None) -> str:
    """An integer with thousands separated by commas; empty for None."""
    return "" if number is None else f"{number:,}"


def points(number: int) -> str:
    """Signed points with a real minus sign: ``+10``, ``0``, ``−4``."""
    return f"+{number}" if number > 0 else str(number).replace("-", "−")


def short(text: str, limit: int = 24) -> str:
    """An allele or change that fits a cell: its start and the number of characters left out; the JSON has it whole."""
    return text if len(text) <= limit else f"{text[: limit - 4]}… (+{len(text) - limit + 4:,})"


def cut(text: str, letters: int) -> str:
    """The start of a text that is longer than so many letters, with a mark that it goes on."""
    return text if len(text) <= letters else f"{text[: letters - 1]}…"


def plural(number: int, noun: str) -> str:
    """``1 variant``, ``2 variants``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def pmid(source: str) -> str:
    """The digits of a PubMed source (``PMID:27959700``), or an empty string; only these become links."""
    found = _PMID.fullmatch(source)
    return found.group(1) if found else ""


def words(token: str) -> str:
    """A key of a free mapping (``specimen_type``) as words."""
    return token.replace("_", " ")
