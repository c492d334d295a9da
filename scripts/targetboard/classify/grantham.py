"""Grantham's distances between amino acids (Science 1974;185:862-864, doi:10.1126/science.185.4154.862).

The published integers stand here as data (row X, column Y of the lower triangle) rather than the formula, whose rounded
weights differ from the printed matrix by one unit in places and by nine for Asp-Trp.
"""

from __future__ import annotations

from types import MappingProxyType

_ORDER = "ARNDCQEGHILKMFPSTWYV"
_LOWER_TRIANGLE = (
    (),
    (112,),
    (111, 86),
    (126, 96, 23),
    (195, 180, 139, 154),
    (91, 43, 46, 61, 154),
    (107, 54, 42, 45, 170, 29),
    (60, 125, 80, 94, 159, 87, 98),
    (86, 29, 68, 81, 174, 24, 40, 98),
    (94, 97, 149, 168, 198, 109, 134, 135, 94),
    (96, 102, 153, 172, 198, 113, 138, 138, 99, 5),
    (106, 26, 94, 101, 202, 53, 56, 127, 32, 102, 107),
    (84, 91, 142, 160, 196, 101, 126, 127, 87, 10, 15, 95),
    (113, 97, 158, 177, 205, 116, 140, 153, 100, 21, 22, 102, 28),
    (27, 103, 91, 108, 169, 76, 93, 42, 77, 95, 98, 103, 87, 114),
    (99, 110, 46, 65, 112, 68, 80, 56, 89, 142, 145, 121, 135, 155, 74),
    (58, 71, 65, 85, 149, 42, 65, 59, 47, 89, 92, 78, 81, 103, 38, 58),
    (148, 101, 174, 181, 215, 130, 152, 184, 115, 61, 61, 110, 67, 40, 147, 177, 128),
    (112, 77, 143, 160, 194, 99, 122, 147, 83, 33, 36, 85, 36, 22, 110, 144, 92, 37),
    (64, 96, 133, 152, 192, 96, 121, 109, 84, 29, 32, 97, 21, 50, 68, 124, 69, 88, 55),
)
_DISTANCES = MappingProxyType(
    {
        frozenset((_ORDER[row], _ORDER[column])): distance
        for row, distances in enumerate(_LOWER_TRIANGLE)
        for column, distance in enumerate(distances)
    }
)


def distance(first: str, second: str) -> int | None:
    """Grantham distance of two residues in one-letter code; None for anything but the twenty standard residues."""
    if len(first) != 1 or len(second) != 1 or first not in _ORDER or second not in _ORDER:
        return None
    return 0 if first == second else _DISTANCES[frozenset((first, second))]
