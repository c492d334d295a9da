"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def neutralise(text: str) -> str:
    """Text as a cell that no spreadsheet runs as a formula, on one line and without tabs.

    A leading ``=``, ``+``, ``-``, ``@``, tab or carriage return gets an apostrophe in front (OWASP, "CSV Injection");
    other tabs and line ends become spaces. Numbers are not text: negative ones are written by their own columns.
    """
    guarded = f"'{text}" if text.startswith(_FORMULA_STARTS) else text
    return guarded.replace("\t", " ").replace("\r", " ").replace("\n", " ")
