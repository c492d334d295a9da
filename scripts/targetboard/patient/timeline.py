"""Geometry of the timeline: allele fraction of each variant in each sample; the SVG is written by its template.

One row a variant, one column a sample, in order; a logarithmic scale from 0.1 % to 100 %, since plasma and tissue
stand side by side. A circle is a detection with its interval, an open triangle the lowest fraction that a sample
without it would have shown. Lines join samples of one compartment, dashed where places differ or an end is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log10
from typing import Any

from targetboard.report.sections.text import cut

MOST_ROWS = 24
"""Variants drawn at most; the figure says how many it leaves out."""
LOWEST = 0.001
_LABEL_WIDTH = 186.0
_SCALE_WIDTH = 44.0
_ROW = 86.0
_PLOT = 58.0
_TOP = 50.0
_WIDEST, _NARROWEST, _ROOM = 190.0, 104.0, 860.0
_LETTERS = 26
_COLUMN_LETTERS = 22


@dataclass(slots=True, frozen=True)
class Mark:
    """State of one variant in one sample: where it is drawn and what stands beside it."""

    state: str
    x: str
    y: str
    low: str
    high: str
    text: str
    left: str
    width: str


@dataclass(slots=True, frozen=True)
class Link:
    """A line between two marks; ``dashed`` where it joins different places or an absence."""

    x1: str
    y1: str
    x2: str
    y2: str
    dashed: bool


@dataclass(slots=True, frozen=True)
class Row:
    """One variant."""

    label: str
    note: str
    top: str
    bottom: str
    label_y: str
    note_y: str
    ticks: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    links: tuple[Link, ...]
    said: str


@dataclass(slots=True, frozen=True)
class Column:
    """Heading of a sample: its place and identifier."""

    x: str
    place: str
    sample_id: str


@dataclass(slots=True, frozen=True)
class Span:
    """Heading of a time point over its columns."""

    left: str
    width: str
    x: str
    label: str


@dataclass(slots=True, frozen=True)
class Timeline:
    """The whole figure."""

    width: str
    height: str
    label_x: str
    scale_x: str
    plot_left: str
    plot_right: str
    spans: tuple[Span, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    left_out: int


def _text(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _height(fraction: float) -> float:
    """Distance from the top of a row's plot."""
    clipped = min(1.0, max(LOWEST, fraction))
    return _PLOT * (1 - (log10(clipped) - log10(LOWEST)) / -log10(LOWEST))


def percent(fraction: float) -> str:
    """A fraction as a percentage with as many digits as it needs."""
    return f"{100 * fraction:.2f} %" if fraction < 0.01 else f"{100 * fraction:.1f} %"


STATE_TEXT = {
    "not_detected": "not detected",
    "below_detection": "below detection",
    "not_covered": "not covered",
    "unknown": "unknown",
}


def timeline(document: Mapping[str, Any], notes: Sequence[str]) -> Timeline | None:
    """Geometry of the figure; None without a variant of the tumour that has a fraction.

    Parameters
    ----------
    document
        A patient document.
    notes
        What stands under the name of each of the document's ``variants``.
    """
    samples = document["samples"]
    rows = [
        (variant, note)
        for variant, note in zip(document["variants"], notes, strict=True)
        if any(seen["vaf"] is not None for seen in variant["observations"])
    ]
    if not rows:
        return None
    step = max(_NARROWEST, min(_WIDEST, _ROOM / len(samples)))
    left = _LABEL_WIDTH + _SCALE_WIDTH
    centres = [left + step * (index + 0.5) for index in range(len(samples))]
    spans = []
    for time, point in enumerate(document["time_points"]):
        own = [index for index, sample in enumerate(samples) if sample["time"] == time]
        start, width = left + step * own[0], step * len(own)
        label = f"{point['label']} · {point['first_date']}" if point["first_date"] else point["label"]
        spans.append(Span(_text(start + 3), _text(width - 6), _text(start + width / 2), cut(label, int(width / 6.4))))
    columns = tuple(
        Column(_text(x), cut(place_of(sample), _COLUMN_LETTERS), cut(sample["sample_id"], _COLUMN_LETTERS))
        for x, sample in zip(centres, samples, strict=True)
    )
    drawn = rows[:MOST_ROWS]
    return Timeline(
        width=_text(left + step * len(samples) + 8),
        height=_text(_TOP + _ROW * len(drawn) + 6),
        label_x=_text(_LABEL_WIDTH - 8),
        scale_x=_text(left - 6),
        plot_left=_text(left),
        plot_right=_text(left + step * len(samples)),
        spans=tuple(spans),
        columns=columns,
        rows=tuple(
            _row(variant, note, samples, centres, step, _TOP + _ROW * index + 14)
            for index, (variant, note) in enumerate(drawn)
        ),
        left_out=len(rows) - len(drawn),
    )


def place_of(sample: Mapping[str, Any]) -> str:
    """Where a sample was taken, in a word or two."""
    return str(sample["compartment"] if sample["compartment"] == "plasma" else sample["site"] or "site not stated")


def _row(
    variant: Mapping[str, Any],
    note: str,
    samples: Sequence[Mapping[str, Any]],
    centres: Sequence[float],
    step: float,
    top: float,
) -> Row:
    marks = tuple(_mark(seen, x, step, top) for seen, x in zip(variant["observations"], centres, strict=True))
    said = ", ".join(
        f"{seen['sample_id']} {mark.text}" for seen, mark in zip(variant["observations"], marks, strict=True)
    )
    return Row(
        label=cut(variant["label"], _LETTERS),
        note=cut(note, _LETTERS + 6),
        top=_text(top),
        bottom=_text(top + _PLOT),
        label_y=_text(top + 16),
        note_y=_text(top + 31),
        ticks=tuple(
            (_text(top + _height(value)), label)
            for value, label in ((1.0, "100 %"), (0.1, "10"), (0.01, "1"), (0.001, "0.1"))
        ),
        marks=marks,
        links=_links(variant, samples, marks),
        said=f"{variant['label']}: {said}",
    )


def _mark(seen: Mapping[str, Any], x: float, step: float, top: float) -> Mark:
    state, vaf = seen["state"], seen["vaf"]
    fraction = vaf if state == "detected" else seen["limit"]
    y = top + _height(fraction) if fraction is not None else top + _PLOT / 2
    low, high = seen["vaf_interval"] or (fraction, fraction)
    if state == "detected":
        text = percent(vaf) if vaf is not None else "detected"
    elif state in ("not_detected", "below_detection") and fraction is not None:
        text = f"{'<' if state == 'not_detected' else 'not seen,'} {percent(fraction)}"
    else:
        text = STATE_TEXT[state]
    return Mark(
        state=state if state != "detected" or vaf is not None else "present",
        x=_text(x),
        y=_text(y),
        low=_text(top + _height(high)) if high is not None else _text(y),
        high=_text(top + _height(low)) if low is not None else _text(y),
        text=text,
        left=_text(x - step / 2 + 5),
        width=_text(step - 10),
    )


def _links(variant: Mapping[str, Any], samples: Sequence[Mapping[str, Any]], marks: Sequence[Mark]) -> tuple[Link, ...]:
    """Each mark is joined with the nearest earlier one of its compartment, of its own place where there is one."""
    links = []
    placed = [mark.state in ("detected", "not_detected", "below_detection") for mark in marks]
    for index, sample in enumerate(samples):
        earlier = [
            other
            for other in range(index)
            if samples[other]["time"] < sample["time"]
            and samples[other]["compartment"] == sample["compartment"]
            and samples[other]["status"] == "complete"
        ]
        same = [other for other in earlier if _one_place(samples[other], sample)]
        before = (same or earlier)[-1:]
        if not before or not placed[index] or not placed[before[0]]:
            continue
        one, other = marks[before[0]], marks[index]
        if "detected" not in (one.state, other.state):
            continue
        dashed = not same or one.state != "detected" or other.state != "detected"
        links.append(Link(one.x, one.y, other.x, other.y, dashed))
    return tuple(links)


def _one_place(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    folded = [" ".join(sample["site"].casefold().split()) for sample in (one, other)]
    return one["compartment"] == "plasma" or (bool(folded[0]) and folded[0] == folded[1])
