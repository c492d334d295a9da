"""Geometry of the report's figures; the SVG itself is written by templates/figure_*.html.

Interval bars and one dot chart need no plotting library: importing matplotlib costs about a second for every sample,
and its SVG carries random ids unless told otherwise. Coordinates here are rounded text, so equal documents give equal
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.words import DRIVER_CLASSES

MAX_ROWS = 40
"""Variants drawn at most; the chart says how many it leaves out."""

_BAR_WIDTH = 120.0
_LABEL_WIDTH = 214.0
_PLOT_WIDTH = 420.0
_ROW = 20.0
_TOP = 24.0
_MARGIN = 80.0
_LABEL_LETTERS = 30


@dataclass(slots=True, frozen=True)
class Bar:
    """A small bar 0…100 %: the point ``x`` and the ends of its interval, in units of the viewBox (0…120)."""

    x: str
    low: str
    high: str
    width: str


@dataclass(slots=True, frozen=True)
class ChartRow:
    """One drawn variant or, with ``heading`` set, the name of the class that follows."""

    y: str
    heading: str
    label: str
    value: str
    shape: str
    x: str
    low: str
    high: str
    bar_width: str


@dataclass(slots=True, frozen=True)
class Chart:
    """The chart of allele fractions: ``ticks`` are (x, label), ``expected`` the x of a clonal heterozygous variant."""

    width: str
    height: str
    plot_top: str
    plot_bottom: str
    label_x: str
    value_x: str
    ticks: tuple[tuple[str, str], ...]
    rows: tuple[ChartRow, ...]
    expected: str
    expected_percent: str
    drawn: int
    left_out: int
    without_fraction: int


def _text(value: float) -> str:
    """A coordinate with one decimal at most, the same on every machine."""
    return f"{value:.1f}".removesuffix(".0")


def _clip(fraction: float) -> float:
    return min(1.0, max(0.0, fraction))


def interval_bar(vaf: float | None, interval: Sequence[float] | None) -> Bar | None:
    """Geometry of the small bar beside a fraction (0…1); None without a fraction."""
    if vaf is None:
        return None
    low, high = interval if interval is not None else (vaf, vaf)
    left, right = _clip(low) * _BAR_WIDTH, _clip(high) * _BAR_WIDTH
    return Bar(_text(_clip(vaf) * _BAR_WIDTH), _text(left), _text(right), _text(max(right - left, 1.0)))


def fraction_chart(variants: Sequence[dict[str, Any]], names: Sequence[str], purity: float | None) -> Chart | None:
    """Geometry of the chart of allele fractions by class; None if no variant has a fraction.

    Variants are ordered by class, then by falling fraction, then by index. The dashed line marks purity / 2, the
    fraction expected of a clonal heterozygous variant in a diploid region (expected = p·m / (p·CN + 2·(1 − p)) with
    m = 1, CN = 2).

    Parameters
    ----------
    variants
        variants[] of the document.
    names
        Gene and change of each variant.
    purity
        Fraction of tumour cells 0…1, or None.
    """
    order = list(DRIVER_CLASSES)
    with_fraction = [index for index, variant in enumerate(variants) if variant["vaf"] is not None]
    if not with_fraction:
        return None
    with_fraction.sort(key=lambda i: (order.index(variants[i]["driver_class"]), -variants[i]["vaf"], i))
    drawn = with_fraction[:MAX_ROWS]

    rows: list[ChartRow] = []
    y, current = _TOP, ""
    for index in drawn:
        variant = variants[index]
        if variant["driver_class"] != current:
            current = variant["driver_class"]
            y += 4.0
            rows.append(ChartRow(_text(y + 11), DRIVER_CLASSES[current].label, "", "", "", "", "", "", ""))
            y += _ROW - 2
        rows.append(_row(variant, names[index], y))
        y += _ROW
    bottom = y + 4.0
    expected = _LABEL_WIDTH + _clip(purity / 2) * _PLOT_WIDTH if purity is not None and purity > 0 else None
    return Chart(
        width=_text(_LABEL_WIDTH + _PLOT_WIDTH + _MARGIN),
        height=_text(bottom + 22.0),
        plot_top=_text(_TOP),
        plot_bottom=_text(bottom),
        label_x=_text(_LABEL_WIDTH - 12),
        value_x=_text(_LABEL_WIDTH + _PLOT_WIDTH + 12),
        ticks=tuple((_text(_LABEL_WIDTH + _PLOT_WIDTH * tick / 100), str(tick)) for tick in range(0, 101, 20)),
        rows=tuple(rows),
        expected="" if expected is None else _text(expected),
        expected_percent="" if purity is None else _text(50 * purity),
        drawn=len(drawn),
        left_out=len(with_fraction) - len(drawn),
        without_fraction=len(variants) - len(with_fraction),
    )


def _row(variant: dict[str, Any], name: str, top: float) -> ChartRow:
    """One variant of the chart; ``top`` is the upper edge of its row."""
    vaf = variant["vaf"]
    low, high = variant["vaf_interval"] if variant["vaf_interval"] is not None else (vaf, vaf)
    left = _LABEL_WIDTH + _clip(low) * _PLOT_WIDTH
    right = _LABEL_WIDTH + _clip(high) * _PLOT_WIDTH
    return ChartRow(
        y=_text(top + _ROW / 2),
        heading="",
        label=name if len(name) <= _LABEL_LETTERS else f"{name[: _LABEL_LETTERS - 1]}…",
        value=f"{100 * vaf:.1f} %",
        shape=variant["driver_class"],
        x=_text(_LABEL_WIDTH + _clip(vaf) * _PLOT_WIDTH),
        low=_text(left),
        high=_text(right),
        bar_width=_text(max(right - left, 1.0)),
    )
