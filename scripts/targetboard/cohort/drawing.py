"""What the cohort's figures share: coordinates as short text, and paths of many boxes."""

from __future__ import annotations

from collections.abc import Iterable


def coordinate(value: float) -> str:
    """A coordinate with two decimals at most, the same on every machine."""
    return f"{value:.2f}".rstrip("0").rstrip(".") or "0"


def boxes(rectangles: Iterable[tuple[float, float, float, float]]) -> str:
    """One path of many boxes, each (x, y, width, height)."""
    return "".join(
        f"M{coordinate(x)} {coordinate(y)}h{coordinate(width)}v{coordinate(height)}h{coordinate(-width)}z"
        for x, y, width, height in rectangles
    )
