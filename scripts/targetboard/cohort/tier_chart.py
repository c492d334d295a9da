"""Geometry of the chart of outcomes by tumour type; templates/tiers.html writes the SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from targetboard.cohort.drawing import coordinate
from targetboard.cohort.facts import OUTCOMES
from targetboard.cohort.summary import TumourGroup, pooled
from targetboard.report.sections.text import cut

MOST_TYPES = 20

_LEFT = 220.0
_PLOT_WIDTH = 560.0
_RIGHT = 176.0
_ROW = 26.0
_BAR = 18.0
_TOP = 26.0
_LABEL_LETTERS = 31
_LEAST_LABELLED = 18.0
"""Width of a segment that still has room for its number."""


@dataclass(slots=True, frozen=True)
class Segment:
    """Samples of one outcome within a bar; ``label`` is empty where there is no room."""

    outcome: str
    x: str
    width: str
    label: str
    label_x: str


@dataclass(slots=True, frozen=True)
class TierBar:
    """One tumour type."""

    label: str
    y: str
    text_y: str
    segments: tuple[Segment, ...]
    value: str
    in_words: str


@dataclass(slots=True, frozen=True)
class TierChart:
    """The chart: ``ticks`` are (x, label)."""

    width: str
    height: str
    label_x: str
    value_x: str
    plot_top: str
    plot_bottom: str
    bar_height: str
    ticks: tuple[tuple[str, str], ...]
    bars: tuple[TierBar, ...]


def tier_chart(groups: Sequence[TumourGroup]) -> TierChart | None:
    """The chart of the groups that have complete samples; None without any."""
    drawn = [group for group in pooled(groups, MOST_TYPES) if group.complete]
    if not drawn:
        return None
    bottom = _TOP + _ROW * len(drawn)
    return TierChart(
        width=coordinate(_LEFT + _PLOT_WIDTH + _RIGHT),
        height=coordinate(bottom + 6.0),
        label_x=coordinate(_LEFT - 10.0),
        value_x=coordinate(_LEFT + _PLOT_WIDTH + 10.0),
        plot_top=coordinate(_TOP - 4.0),
        plot_bottom=coordinate(bottom),
        bar_height=coordinate(_BAR),
        ticks=tuple((coordinate(_LEFT + _PLOT_WIDTH * tick / 100), str(tick)) for tick in range(0, 101, 25)),
        bars=tuple(_bar(group, _TOP + _ROW * number) for number, group in enumerate(drawn)),
    )


def _bar(group: TumourGroup, y: float) -> TierBar:
    segments, x = [], _LEFT
    for outcome, number in zip(OUTCOMES, group.outcomes, strict=True):
        if not number:
            continue
        width = _PLOT_WIDTH * number / group.complete
        label = str(number) if width >= max(_LEAST_LABELLED, 8.0 * len(str(number))) else ""
        segments.append(Segment(outcome, coordinate(x), coordinate(width), label, coordinate(x + width / 2)))
        x += width
    name = cut(group.name, _LABEL_LETTERS)
    return TierBar(
        label=name,
        y=coordinate(y),
        text_y=coordinate(y + _BAR - 5.0),
        segments=tuple(segments),
        value=f"{group.actionable} of {group.complete} ({100 * group.actionable / group.complete:.0f}\u00a0%)",
        in_words=", ".join(
            f"{outcome} {number}" for outcome, number in zip(OUTCOMES, group.outcomes, strict=True) if number
        ),
    )
