"""Geometry of the oncoprint: genes by samples, each driver by its kind; templates/oncoprint.html writes the SVG.

Up to :data:`MOST_COLUMNS` samples have a column each. Beyond that neighbours in the order of drawing share a column,
and the height of a mark is the share of these samples that carry it; the page says how many they are. A pale cell means
that no driver was reported; a grey one that, besides, coverage shows all pertinent regions of the gene to be free of
one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby

from targetboard.cohort.drawing import boxes, coordinate
from targetboard.cohort.facts import KINDS, OUTCOMES, SampleFacts
from targetboard.report.sections.text import cut

MOST_COLUMNS = 300
MOST_GENES = 30
MOST_NAMED = 60
"""Columns that still have room for the name of their sample."""

_LEFT = 132.0
_PLOT_WIDTH = 720.0
_WIDEST_COLUMN = 16.0
_ROW = 20.0
_CELL = 15.0
_STRIP = 9.0
_TOP = 18.0
_BAR_WIDTH = 110.0
_COUNT_WIDTH = 84.0
_NAME_HEIGHT = 96.0
_NAME_LETTERS = 16

_SHAPES = {
    "amplification": (0.0, 0.5),
    "homozygous_deletion": (0.5, 0.5),
    "fusion": (0.0, 1.0),
    "missense": (0.3, 0.4),
    "truncating": (0.2, 0.6),
    "inframe": (0.3, 0.4),
    "splice": (0.3, 0.4),
    "promoter_or_other": (0.4, 0.2),
}
"""Upper edge and height of a mark within its cell, as shares of the cell; drawn in this order."""


@dataclass(slots=True, frozen=True)
class Layer:
    """Marks of one look: ``look`` is a class of the style sheet, ``path`` their boxes."""

    look: str
    path: str


@dataclass(slots=True, frozen=True)
class GeneRow:
    """A gene: ``carriers`` samples with a driver, ``share`` of all drawn, ``layers`` of its marks and of its bar."""

    gene: str
    y: str
    carriers: int
    share: str
    layers: tuple[Layer, ...]
    bar: tuple[Layer, ...]
    count_x: str


@dataclass(slots=True, frozen=True)
class ColumnName:
    """The name of a sample under its column."""

    x: str
    name: str


@dataclass(slots=True, frozen=True)
class Oncoprint:
    """The figure; ``per_column`` samples share a column, ``genes_left_out`` genes are not drawn."""

    width: str
    height: str
    label_x: str
    strip_y: str
    outcomes: tuple[Layer, ...]
    rows: tuple[GeneRow, ...]
    names: tuple[ColumnName, ...]
    name_y: str
    bar_x: str
    samples: int
    per_column: int
    genes_left_out: int
    altered: int
    description: str


def oncoprint(samples: Sequence[SampleFacts]) -> Oncoprint | None:
    """The figure of the complete samples; None if none of them carries a driver."""
    carriers = Counter(gene for sample in samples for gene in {found.gene for found in sample.alterations})
    if not carriers:
        return None
    genes = sorted(carriers, key=lambda gene: (-carriers[gene], gene))
    shown = genes[:MOST_GENES]
    ordered = sorted(samples, key=_order(shown))
    per_column = -(-len(ordered) // MOST_COLUMNS)
    columns = [ordered[start : start + per_column] for start in range(0, len(ordered), per_column)]
    pitch = min(_WIDEST_COLUMN, _PLOT_WIDTH / len(columns))
    gap = 1.0 if pitch > 5 else 0.0
    named = len(columns) <= MOST_NAMED and per_column == 1
    first_row = _TOP + _STRIP + 6.0
    bottom = first_row + _ROW * len(shown)
    bar_x = _LEFT + pitch * len(columns) + 12.0
    most = carriers[shown[0]]
    return Oncoprint(
        width=coordinate(bar_x + _BAR_WIDTH + _COUNT_WIDTH),
        height=coordinate(bottom + (_NAME_HEIGHT if named else 6.0)),
        label_x=coordinate(_LEFT - 8.0),
        strip_y=coordinate(_TOP + _STRIP - 1.0),
        outcomes=_outcome_strip(columns, pitch, gap),
        rows=tuple(
            _gene_row(gene, columns, pitch, gap, first_row + _ROW * number, (bar_x, most, len(ordered)))
            for number, gene in enumerate(shown)
        ),
        names=tuple(
            ColumnName(coordinate(_LEFT + pitch * (number + 0.5)), cut(column[0].sample_id, _NAME_LETTERS))
            for number, column in enumerate(columns)
        )
        if named
        else (),
        name_y=coordinate(bottom + 4.0),
        bar_x=coordinate(bar_x),
        samples=len(ordered),
        per_column=per_column,
        genes_left_out=len(genes) - len(shown),
        altered=sum(bool(sample.alterations) for sample in ordered),
        description="; ".join(f"{gene} {carriers[gene]} of {len(ordered)}" for gene in shown),
    )


def legend_path(kind: str) -> str:
    """The mark of a kind in a cell of 13 by 15, for the legend."""
    top, height = _SHAPES[kind]
    return boxes([(0.0, _CELL * top, 13.0, _CELL * height)])


def _order(genes: Sequence[str]) -> Callable[[SampleFacts], tuple[object, ...]]:
    """Carriers of the most frequent gene first, among them those of the next, and so on; then by kind and name."""

    def key(sample: SampleFacts) -> tuple[object, ...]:
        kinds: dict[str, int] = {}
        for found in sample.alterations:
            kinds[found.gene] = min(kinds.get(found.gene, len(KINDS)), KINDS.index(found.kind))
        return (*(kinds.get(gene, len(KINDS)) for gene in genes), sample.sample_id)

    return key


def _outcome_strip(columns: Sequence[Sequence[SampleFacts]], pitch: float, gap: float) -> tuple[Layer, ...]:
    """The strip above the genes: outcome of each sample; in a shared column, their shares stacked."""
    found: dict[str, list[tuple[float, float, float, float]]] = {outcome: [] for outcome in OUTCOMES}
    for number, column in enumerate(columns):
        counts = Counter(sample.outcome for sample in column)
        y = _TOP
        for outcome in OUTCOMES:
            height = _STRIP * counts[outcome] / len(column)
            if height:
                found[outcome].append((_LEFT + pitch * number, y, pitch - gap, height))
                y += height
    return tuple(Layer(f"outcome-{outcome}", boxes(marks)) for outcome, marks in found.items() if marks)


def _gene_row(
    gene: str,
    columns: Sequence[Sequence[SampleFacts]],
    pitch: float,
    gap: float,
    y: float,
    bar: tuple[float, int, int],
) -> GeneRow:
    marks: dict[str, list[tuple[float, float, float, float]]] = {}
    bar_counts: Counter[str] = Counter()
    carriers = 0
    for number, column in enumerate(columns):
        x, width = _LEFT + pitch * number, pitch - gap
        counts: Counter[tuple[str, str]] = Counter()
        for sample in column:
            looks = {(found.kind, found.driver_class) for found in sample.alterations if found.gene == gene}
            counts.update(looks)
            if looks:
                carriers += 1
                bar_counts[min((kind for kind, _ in looks), key=KINDS.index)] += 1
        if len(column) == 1:
            for (kind, driver_class), _ in sorted(counts.items(), key=lambda entry: _drawing_order(entry[0])):
                top, height = _SHAPES[kind]
                marks.setdefault(f"kind-{kind} {driver_class}", []).append((x, y + _CELL * top, width, _CELL * height))
            continue
        level = y + _CELL
        total = sum(counts.values())
        drawn = sum(any(found.gene == gene for found in sample.alterations) for sample in column)
        for (kind, driver_class), count in sorted(counts.items(), key=lambda entry: _drawing_order(entry[0])):
            height = _CELL * drawn / len(column) * count / total
            level -= height
            marks.setdefault(f"kind-{kind} {driver_class}", []).append((x, level, width, height))
    bar_x, most, samples = bar
    return GeneRow(
        gene=gene,
        y=coordinate(y + _CELL - 3.5),
        carriers=carriers,
        share=f"{100 * carriers / samples:.0f}\u00a0%" if carriers * 200 >= samples else "<\u00a01\u00a0%",
        layers=(
            *_backgrounds(gene, columns, pitch, gap, y),
            *(
                Layer(look, boxes(found))
                for look, found in sorted(
                    marks.items(), key=lambda entry: _drawing_order(tuple(entry[0][5:].split(" ")))
                )
            ),
        ),
        bar=_bar(bar_counts, bar_x, y, most),
        count_x=coordinate(bar_x + _BAR_WIDTH * carriers / most + 6.0),
    )


def _drawing_order(look: tuple[str, ...]) -> tuple[int, str]:
    """Large marks first, so that small ones stay in sight."""
    return list(_SHAPES).index(look[0]), look[1]


def _backgrounds(
    gene: str, columns: Sequence[Sequence[SampleFacts]], pitch: float, gap: float, y: float
) -> tuple[Layer, ...]:
    """Cells without a mark: grey where all samples of the column were shown to be free of a driver."""
    states = [all(gene in sample.absent for sample in column) for column in columns]
    found: dict[bool, list[tuple[float, float, float, float]]] = {False: [], True: []}
    if gap:
        for number, state in enumerate(states):
            found[state].append((_LEFT + pitch * number, y, pitch - gap, _CELL))
    else:
        start = 0
        for state, run in groupby(states):
            length = len(list(run))
            found[state].append((_LEFT + pitch * start, y, pitch * length, _CELL))
            start += length
    looks = {False: "cell", True: "cell absent"}
    return tuple(Layer(looks[state], boxes(cells)) for state, cells in found.items() if cells)


def _bar(counts: Counter[str], x: float, y: float, most: int) -> tuple[Layer, ...]:
    """Carriers of the gene by kind; a sample with several kinds counts under the first in the legend."""
    layers = []
    for kind in KINDS:
        if counts[kind]:
            width = _BAR_WIDTH * counts[kind] / most
            layers.append(Layer(f"kind-{kind} validated_driver", boxes([(x, y + 2, width, _CELL - 4)])))
            x += width
    return tuple(layers)
