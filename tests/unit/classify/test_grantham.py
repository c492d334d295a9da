from __future__ import annotations

from math import sqrt

import pytest

from targetboard.classify.grantham import distance

# Composition, polarity and volume of Grantham's table 1; with his formula they rebuild the matrix to a rounding unit.
PROPERTIES = {
    "A": (0, 8.1, 31), "R": (0.65, 10.5, 124), "N": (1.33, 11.6, 56), "D": (1.38, 13.0, 54), "C": (2.75, 5.5, 55),
    "Q": (0.89, 10.5, 85), "E": (0.92, 12.3, 83), "G": (0.74, 9.0, 3), "H": (0.58, 10.4, 96), "I": (0, 5.2, 111),
    "L": (0, 4.9, 111), "K": (0.33, 11.3, 119), "M": (0, 5.7, 105), "F": (0, 5.2, 132), "P": (0.39, 8.0, 32.5),
    "S": (1.42, 9.2, 32), "T": (0.71, 8.6, 61), "W": (0.13, 5.4, 170), "Y": (0.20, 6.2, 136), "V": (0, 5.9, 84),
}  # fmt: skip
# Printed values that the printed formula does not give.
MISPRINTS = {frozenset("DW")}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [("L", "I", 5), ("C", "W", 215), ("V", "E", 121), ("L", "R", 102), ("G", "D", 94), ("A", "A", 0)],
)
def test_published_values(first: str, second: str, expected: int) -> None:
    assert distance(first, second) == expected == distance(second, first)


def test_matrix_agrees_with_the_formula() -> None:
    for first, (c1, p1, v1) in PROPERTIES.items():
        for second, (c2, p2, v2) in PROPERTIES.items():
            if frozenset((first, second)) in MISPRINTS:
                continue
            by_formula = 50.723 * sqrt(1.833 * (c1 - c2) ** 2 + 0.1018 * (p1 - p2) ** 2 + 0.000399 * (v1 - v2) ** 2)
            found = distance(first, second)
            assert found is not None
            assert abs(found - by_formula) < 1.5, (first, second)


@pytest.mark.parametrize("residue", ["*", "X", "U", "", "AR", "a"])
def test_other_residues_have_no_distance(residue: str) -> None:
    assert distance("A", residue) is None
