"""Depth of coverage: mosdepth's per-base, regions and thresholds files, or a table per target."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.inputs.reading import integer, number, read_table, text_lines
from targetboard.model import Assembly
from targetboard.vcf.contigs import harmonise

Keep = Callable[[str, int, int], bool]
_THRESHOLD = re.compile(r"(\d+)X", re.IGNORECASE)


@dataclass(slots=True, frozen=True)
class Stretch:
    """Depth over positions ``start`` to ``end`` (1-based, both included).

    ``lowest`` is the lowest depth of any base where the file tells it, else None; ``at_least`` maps a depth to the
    number of bases that reach it (mosdepth thresholds).
    """

    start: int
    end: int
    mean: float | None
    lowest: int | None
    at_least: Mapping[int, int] | None = None


@dataclass(slots=True, frozen=True)
class Depth:
    """Depth of an asked-for region.

    ``covered`` of ``bases`` lie in a stretch of the file. ``lowest`` is the lowest depth known: of a base where
    ``exact``, else the lowest mean of the stretches that overlap the region. Outside every stretch the depth is 0 for a
    per-base file and unknown otherwise.
    """

    bases: int
    covered: int
    lowest: float | None
    mean: float | None
    exact: bool


@dataclass(slots=True, frozen=True)
class Coverage:
    """Stretches by chromosome, sorted; ``kind`` is per-base, regions, thresholds or table."""

    kind: str
    stretches: Mapping[str, tuple[Stretch, ...]]

    def over(self, chrom: str, start: int, end: int) -> Depth:
        """Depth over a region (1-based, both included)."""
        rows = self.stretches.get(chrom, ())
        index = bisect_right(rows, end, key=lambda row: row.start) - 1
        parts: list[tuple[int, Stretch]] = []
        while index >= 0 and rows[index].end >= start:
            overlap = min(end, rows[index].end) - max(start, rows[index].start) + 1
            parts.append((overlap, rows[index]))
            index -= 1
        bases = end - start + 1
        covered = min(bases, sum(overlap for overlap, _ in parts))
        if not parts:
            return Depth(
                bases,
                0,
                0.0 if self.kind == "per-base" else None,
                0.0 if self.kind == "per-base" else None,
                self.kind == "per-base",
            )
        exact = all(stretch.lowest is not None for _, stretch in parts)
        lows = [float(stretch.lowest) if stretch.lowest is not None else stretch.mean for _, stretch in parts]
        known = [low for low in lows if low is not None]
        means = [(overlap, stretch.mean) for overlap, stretch in parts if stretch.mean is not None]
        total = sum(overlap for overlap, _ in means)
        mean = sum(overlap * value for overlap, value in means) / total if total else None
        lowest = min(known) if known else None
        if self.kind == "per-base" and covered < bases:
            lowest = 0.0
        return Depth(bases, covered, lowest, mean, exact)

    def share_at_least(self, chrom: str, start: int, end: int, depth: int) -> float | None:
        """Share of the region's bases with at least this depth, where the file can tell; a bound from below."""
        rows = [row for row in self.stretches.get(chrom, ()) if row.start <= end and row.end >= start]
        good = 0
        for row in rows:
            overlap = min(end, row.end) - max(start, row.start) + 1
            length = row.end - row.start + 1
            if row.lowest is not None:
                good += overlap if row.lowest >= depth else 0
                continue
            usable = [threshold for threshold in row.at_least or {} if threshold >= depth]
            if not usable:
                return None
            reached = (row.at_least or {})[min(usable)]
            good += max(0, overlap - (length - reached))
        return good / (end - start + 1)


def _kind(first: Sequence[str]) -> str:
    if first and first[0].lstrip("#").lower() in {"chrom", "chr", "chromosome"}:
        return "thresholds" if any(_THRESHOLD.fullmatch(name) for name in first[4:]) else "table"
    return "per-base" if len(first) == 4 else "regions"


def read_coverage(path: Path, assembly: Assembly, keep: Keep | None = None) -> Coverage:
    """Read a coverage file; its kind is told from its columns.

    Parameters
    ----------
    path
        ``*.per-base.bed.gz`` (4 columns), ``*.regions.bed.gz`` (5 columns, or 4 with ``.regions.`` in the name),
        ``*.thresholds.bed.gz`` (header with 1X, 10X …), or a table with columns ``chrom``, ``start``, ``end``
        (1-based), ``mean_depth`` and optionally ``min_depth``.
    keep
        Which stretches (chromosome, start, end) are kept; a genome's per-base file is large.

    Raises
    ------
    MalformedInput
        For a wrong number, a reversed interval or missing columns; with file, line and column.
    """
    first = next((line for _, line in text_lines(path) if line.strip()), "")
    kind = "regions" if ".regions." in path.name else _kind(first.split("\t"))
    rows = _table_rows(path) if kind == "table" else _bed_rows(path, kind)
    found: dict[str, list[Stretch]] = {}
    for line, name, stretch in rows:
        if stretch.end < stretch.start:
            raise MalformedInput(
                "the interval ends before it begins", where=f"{path}, line {line}", remedy="Mend the line"
            )
        chrom = harmonise(name, assembly)
        if chrom is not None and (keep is None or keep(chrom, stretch.start, stretch.end)):
            found.setdefault(chrom, []).append(stretch)
    return Coverage(
        kind, {chrom: tuple(sorted(own, key=lambda row: (row.start, row.end))) for chrom, own in found.items()}
    )


def _bed_rows(path: Path, kind: str) -> Iterator[tuple[int, str, Stretch]]:
    thresholds: list[tuple[int, int]] = []
    for line, text in text_lines(path):
        cells = text.split("\t")
        if not text.strip():
            continue
        if text.startswith("#") or cells[0].lower() == "chrom":
            thresholds = [
                (index, int(match[1])) for index, name in enumerate(cells) if (match := _THRESHOLD.fullmatch(name))
            ]
            continue
        if len(cells) < 4:
            raise MalformedInput(
                f"{len(cells)} columns where 4 or more are needed",
                where=f"{path}, line {line}",
                remedy="Give a file that mosdepth wrote, or a table with a header line",
            )
        start, end = integer(cells[1], path, line, "start") + 1, integer(cells[2], path, line, "end")
        if kind == "thresholds":
            at_least = {
                depth: integer(cells[index], path, line, f"{depth}X")
                for index, depth in thresholds
                if index < len(cells)
            }
            yield line, cells[0], Stretch(start, end, None, None, at_least)
            continue
        depth = number(cells[-1], path, line, "depth")
        yield line, cells[0], Stretch(start, end, depth, int(depth) if kind == "per-base" else None)


def _table_rows(path: Path) -> Iterator[tuple[int, str, Stretch]]:
    needed = [
        ("chrom", "chr", "chromosome"),
        ("start",),
        ("end", "stop"),
        ("mean_depth", "mean", "depth", "mean_coverage"),
    ]
    for row in read_table(path, needed):
        lowest = row.text("min_depth", "min", "min_coverage")
        yield (
            row.line,
            row.text("chrom", "chr", "chromosome"),
            Stretch(
                integer(row.text("start"), path, row.line, "start", lowest=1),
                integer(row.text("end", "stop"), path, row.line, "end", lowest=1),
                number(row.text("mean_depth", "mean", "depth", "mean_coverage"), path, row.line, "mean_depth"),
                integer(lowest, path, row.line, "min_depth") if lowest else None,
            ),
        )
