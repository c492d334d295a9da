"""Geometry of the report's figures; the SVG itself is written by templates/figure_*.html.

Interval bars and one dot chart need no plotting library: importing matplotlib costs about a second for every sample,
and its SVG carries random ids unless told otherwise. Coordinates here are rounded text, so equal documents give equal
bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from targetboard.report.sections.text import cut
from targetboard.report.sections.words import DRIVER_CLASSES
from targetboard.vcf.hgvs import parse_protein

MAX_ROWS = 40
"""Variants drawn at most; the chart says how many it leaves out."""

_BAR_WIDTH = 120.0
_LABEL_WIDTH = 214.0
_PLOT_WIDTH = 420.0
_ROW = 20.0
_TOP = 24.0
_MARGIN = 80.0
_LABEL_LETTERS = 30

_DEPTH_WIDTH = 96.0
_DEPTH_SCALE = 3.0
_POWER_WIDTH = 84.0
_ENOUGH_POWER = 0.95

_PROTEIN_WIDTH = 408.0
_PROTEIN_LEFT = 10.0
_PROTEIN_RIGHT = 162.0
_PROTEIN_BAR = 16.0
_PROTEIN_LABEL = 24
_LETTER = 6.4
_LEVEL = 17.0
_HATCH = 7.0


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
    limit: str
    top: str
    bottom: str


@dataclass(slots=True, frozen=True)
class Chart:
    """The chart of allele fractions: ``ticks`` are (x, label), ``expected`` the x of a clonal heterozygous variant.

    ``limits`` names the assay's limits of detection that are drawn, as (class, percentage).
    """

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
    limits: tuple[tuple[str, str], ...]
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


def allele_class(ref: str, alt: str) -> str:
    """Class of a small variant as an assay description names it: snv, mnv, insertion or deletion."""
    if len(ref) == len(alt):
        return "snv" if len(ref) == 1 else "mnv"
    return "insertion" if len(alt) > len(ref) else "deletion"


def fraction_chart(
    variants: Sequence[dict[str, Any]],
    names: Sequence[str],
    purity: float | None,
    limits: Mapping[str, float] | None = None,
) -> Chart | None:
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
    limits
        The assay's limit of detection 0…1 by class of variant; the row of another class has none.
    """
    limits = limits or {}
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
            rows.append(ChartRow(_text(y + 11), DRIVER_CLASSES[current].label, *[""] * 10))
            y += _ROW - 2
        rows.append(_row(variant, names[index], y, limits))
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
        limits=_limits_drawn([variants[index] for index in drawn], limits),
        drawn=len(drawn),
        left_out=len(with_fraction) - len(drawn),
        without_fraction=len(variants) - len(with_fraction),
    )


def _limits_drawn(variants: Sequence[dict[str, Any]], limits: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Classes among the drawn variants that have a limit, with it."""
    present = {allele_class(variant["ref"], variant["alt"]) for variant in variants}
    return tuple((kind, _text(100 * limit)) for kind, limit in limits.items() if kind in present)


def _row(variant: dict[str, Any], name: str, top: float, limits: Mapping[str, float]) -> ChartRow:
    """One variant of the chart; ``top`` is the upper edge of its row."""
    limit = limits.get(allele_class(variant["ref"], variant["alt"]))
    vaf = variant["vaf"]
    low, high = variant["vaf_interval"] if variant["vaf_interval"] is not None else (vaf, vaf)
    left = _LABEL_WIDTH + _clip(low) * _PLOT_WIDTH
    right = _LABEL_WIDTH + _clip(high) * _PLOT_WIDTH
    return ChartRow(
        y=_text(top + _ROW / 2),
        heading="",
        label=cut(name, _LABEL_LETTERS),
        value=f"{100 * vaf:.1f} %" + (" ↓" if limit is not None and vaf < limit else ""),
        shape=variant["driver_class"],
        x=_text(_LABEL_WIDTH + _clip(vaf) * _PLOT_WIDTH),
        low=_text(left),
        high=_text(right),
        bar_width=_text(max(right - left, 1.0)),
        limit="" if limit is None else _text(_LABEL_WIDTH + _clip(limit) * _PLOT_WIDTH),
        top=_text(-_ROW / 2),
        bottom=_text(_ROW / 2),
    )


@dataclass(slots=True, frozen=True)
class DepthBar:
    """Bar of a depth: outline ``path``, x of the least depth needed (or empty), and whether it falls ``low``."""

    path: str
    minimum: str
    low: bool


@dataclass(slots=True, frozen=True)
class PowerMark:
    """Mark of a power 0…1 on an axis of 84 units, and whether it is ``enough``."""

    x: str
    enough: bool


def depth_bar(depth: float | None, minimum: float | None, deepest: float) -> DepthBar | None:
    """Geometry of a depth against the least depth an assay needs.

    The scale ends at three times the least depth, or at the ``deepest`` of the sample where there is none; a bar that
    goes on beyond it ends in a point.
    """
    if depth is None:
        return None
    end = _DEPTH_SCALE * minimum if minimum else deepest
    share = depth / end if end > 0 else 0.0
    x = max(1.0, _clip(share) * _DEPTH_WIDTH)
    tip = "l6 3l-6 3" if share > 1 else "v6"
    path = f"M0 2H{_text(x - 6 if share > 1 else x)}{tip}H0z"
    return DepthBar(
        path, _text(_DEPTH_WIDTH / _DEPTH_SCALE) if minimum else "", minimum is not None and depth < minimum
    )


def power_mark(power: float | None) -> PowerMark | None:
    """Geometry of the mark of a power; None without one."""
    return None if power is None else PowerMark(_text(_clip(power) * _POWER_WIDTH), power >= _ENOUGH_POWER)


@dataclass(slots=True, frozen=True)
class Lollipop:
    """One variant on its protein: stem at ``x`` down to the bar, head at ``y``, label beside it."""

    x: str
    y: str
    end: str
    label: str
    shape: str


@dataclass(slots=True, frozen=True)
class DomainBox:
    """One domain: box and, if every second one, ``hatch``; its name, or none, at ``label_x``, ``label_y``."""

    x: str
    width: str
    hatch: str
    name: str
    label_x: str
    label_y: str


@dataclass(slots=True, frozen=True)
class ProteinFigure:
    """Drivers of one gene on its protein; ``not_drawn`` names those without a place on it."""

    gene: str
    transcript: str
    length: int
    width: str
    height: str
    bar_y: str
    bar_x: str
    bar_width: str
    bar_height: str
    lollipops: tuple[Lollipop, ...]
    domains: tuple[DomainBox, ...]
    ticks: tuple[tuple[str, str], ...]
    tick_y: str
    description: str
    left_out: int
    not_drawn: tuple[str, ...]


def protein_figure(
    protein: dict[str, Any], variants: Sequence[dict[str, Any]], names: Sequence[str]
) -> ProteinFigure | None:
    """Drivers of one gene drawn on its protein; None if its length is not known or no driver has a place on it.

    Labels stand right of their heads. From right to left each head is raised above every label it would touch, so no
    stem crosses a label and none lie on one another.

    Parameters
    ----------
    protein
        Entry of proteins[]: gene, transcript, length in residues, domains.
    variants
        Drivers of the gene, from variants[] of the document.
    names
        The change of each, as it is to be read.
    """
    length = protein["length"]
    if not length or length < 1:
        return None
    placed: list[tuple[float, str, str]] = []
    not_drawn = []
    for variant, name in zip(variants, names, strict=True):
        change = parse_protein(variant["hgvsp"]) if variant["hgvsp"] else None
        if change is None or not 1 <= change.start <= length:
            not_drawn.append(name)
            continue
        placed.append((_residue_x(change.start, length), name, variant["driver_class"]))
    if not placed:
        return None
    placed.sort()
    drawn = placed[:MAX_ROWS]
    levels = _levels([(x, len(cut(name, _PROTEIN_LABEL))) for x, name, _ in drawn])
    top = 12.0 + _LEVEL * max(levels)
    bar_y = top + 16.0
    boxes, rows = _domains(protein["domains"], length, bar_y)
    label_end = bar_y + _PROTEIN_BAR + 14.0 * rows
    return ProteinFigure(
        gene=protein["gene"],
        transcript=protein["transcript"],
        length=length,
        width=_text(_PROTEIN_LEFT + _PROTEIN_WIDTH + _PROTEIN_RIGHT),
        height=_text(label_end + 20.0),
        bar_y=_text(bar_y),
        bar_x=_text(_PROTEIN_LEFT),
        bar_width=_text(_PROTEIN_WIDTH),
        bar_height=_text(_PROTEIN_BAR),
        lollipops=tuple(
            Lollipop(_text(x), _text(top - _LEVEL * level), _text(bar_y), cut(name, _PROTEIN_LABEL), shape)
            for (x, name, shape), level in zip(drawn, levels, strict=True)
        ),
        domains=boxes,
        ticks=_residue_ticks(length),
        tick_y=_text(label_end + 13.0),
        description="; ".join(name for _, name, _ in drawn),
        left_out=len(placed) - len(drawn),
        not_drawn=tuple(not_drawn),
    )


def _residue_x(residue: int, length: int) -> float:
    return _PROTEIN_LEFT + _PROTEIN_WIDTH * (residue - 0.5) / length


def _levels(labels: Sequence[tuple[float, int]]) -> list[int]:
    """Level of each label, of x and letters, sorted by x: above all labels further right that it would reach."""
    levels = [0] * len(labels)
    for index in range(len(labels) - 1, -1, -1):
        x, letters = labels[index]
        reach = x + 16.0 + letters * _LETTER
        for other in range(index + 1, len(labels)):
            if labels[other][0] <= reach:
                levels[index] = max(levels[index], levels[other] + 1)
    return levels


def _domains(domains: Sequence[dict[str, Any]], length: int, top: float) -> tuple[tuple[DomainBox, ...], int]:
    """Boxes of the domains on the protein and the number of rows their names take below it.

    Sites of one domain (``DNA binding: zinc ligand``) are boxes of their own under one name, said once.
    """
    known = sorted(
        (domain for domain in domains if 1 <= domain["first"] <= domain["last"] <= length),
        key=lambda domain: (domain["first"], domain["last"], domain["name"]),
    )
    parts: dict[str, list[tuple[float, float]]] = {}
    for domain in known:
        left = _PROTEIN_LEFT + _PROTEIN_WIDTH * (domain["first"] - 1) / length
        width = max(2.0, _PROTEIN_WIDTH * (domain["last"] - domain["first"] + 1) / length)
        parts.setdefault(domain["name"].split(":")[0].strip() or domain["name"], []).append((left, width))
    boxes: list[DomainBox] = []
    ends: list[float] = []
    for number, (full_name, spans) in enumerate(parts.items()):
        name = cut(full_name, _PROTEIN_LABEL)
        half = len(name) * _LETTER / 2
        centre = (spans[0][0] + max(left + width for left, width in spans)) / 2
        middle = min(max(centre, half), _PROTEIN_LEFT + _PROTEIN_WIDTH + _PROTEIN_RIGHT - half)
        row = next((row for row, end in enumerate(ends) if end + 6 < middle - half), len(ends))
        ends[row : row + 1] = [middle + half]
        y = _text(top + _PROTEIN_BAR + 12.0 + 14.0 * row)
        for position, (left, width) in enumerate(spans):
            hatch = _hatch(left, width, top) if number % 2 else ""
            shown = "" if position else name
            boxes.append(DomainBox(_text(left), _text(width), hatch, shown, _text(middle), y))
    return tuple(boxes), len(ends)


def _hatch(left: float, width: float, top: float) -> str:
    """Diagonal lines that fill a box, as one path."""
    parts = []
    offset = _HATCH - _PROTEIN_BAR
    while offset < width:
        first, last = max(0.0, offset), min(width, offset + _PROTEIN_BAR)
        y = top + _PROTEIN_BAR - (first - offset)
        parts.append(f"M{_text(left + first)} {_text(y)}L{_text(left + last)} {_text(y - (last - first))}")
        offset += _HATCH
    return "".join(parts)


def _residue_ticks(length: int) -> tuple[tuple[str, str], ...]:
    """Numbers under the protein: 1, round numbers, and the last residue."""
    step = next(
        (step for power in (10, 100, 1000, 10000) for step in (power, 2 * power, 5 * power) if length / step <= 6),
        length,
    )
    numbers = [1, *range(step, length, step), length]
    spaced = [numbers[0]]
    for before, number in pairwise(numbers):
        if number != length and (number - before < step / 2 or length - number < step * 0.6):
            continue
        spaced.append(number)
    return tuple((_text(_residue_x(number, length)), f"{number:,}") for number in dict.fromkeys(spaced))
