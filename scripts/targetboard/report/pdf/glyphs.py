r"""Which characters the fonts inside the typst wheel draw; others are shown escaped (``\u6f22``).

A PDF/UA file with a character that no font draws is refused by the compiler, and system fonts would make the bytes
depend on the machine. The ranges were found by compiling every assigned character below U+2C80 with typst 0.15; a test
compiles them again. Libertinus Serif and DejaVu Sans Mono draw Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic, signs
and symbols.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right

RANGES: tuple[tuple[int, int], ...] = (
    *((0x20, 0x4FF), (0x510, 0x513), (0x51A, 0x51D), (0x531, 0x60C), (0x61B, 0x61B), (0x61F, 0x61F), (0x621, 0x63A)),
    *((0x640, 0x66D), (0x1D00, 0x2040), (0x2042, 0x2042), (0x2044, 0x2052), (0x2054, 0x211E), (0x2120, 0x2120)),
    *((0x2122, 0x2122), (0x2124, 0x2124), (0x2126, 0x2151), (0x2153, 0x2184), (0x2189, 0x2189), (0x2190, 0x23FF)),
    *((0x2460, 0x262F), (0x2638, 0x268B), (0x2690, 0x269C), (0x26A0, 0x26A7), (0x26AA, 0x26B2), (0x2701, 0x2704)),
    *((0x2706, 0x2709), (0x270C, 0x2727), (0x2729, 0x274B), (0x274D, 0x274D), (0x274F, 0x2752), (0x2756, 0x2756)),
    *((0x2758, 0x275E), (0x2761, 0x277F), (0x2794, 0x2794), (0x2798, 0x27AF), (0x27B1, 0x2BFF), (0x2C60, 0x2C7F)),
)
"""First and last code point of each range, ascending."""

_STARTS = tuple(first for first, _ in RANGES)
_ISOLATE, _END = "\u2068", "\u2069"


def is_drawable(character: str) -> bool:
    """Whether a font of the wheel draws the character by itself; combining marks count as not drawn."""
    code = ord(character)
    position = bisect_right(_STARTS, code) - 1
    if position < 0 or code > RANGES[position][1]:
        return False
    category = unicodedata.category(character)
    return category[0] not in "MC" and category not in ("Zl", "Zp")


def drawable(text: str) -> str:
    r"""Text in which characters that no font draws are shown escaped.

    Text in a script that runs from right to left is isolated, so that it cannot turn the order of its neighbours round.
    """
    composed = unicodedata.normalize("NFC", text)
    shown = "".join(c if is_drawable(c) else c.encode("unicode_escape").decode("ascii") for c in composed)
    right_to_left = any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown)
    return f"{_ISOLATE}{shown}{_END}" if right_to_left else shown
