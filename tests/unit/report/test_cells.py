"""Cells never start a formula and never break a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from targetboard.report.cells import neutralise


def test_formula_starts_are_guarded() -> None:
    for start in "=+-@\t\r":
        assert neutralise(f"{start}cmd")[0] == "'"
    assert neutralise("p.Val600Glu") == "p.Val600Glu"


@given(st.text())
def test_a_cell_stays_one_cell(text: str) -> None:
    cell = neutralise(text)
    assert not set("\t\r\n") & set(cell)
    assert not cell.startswith(("=", "+", "-", "@"))
