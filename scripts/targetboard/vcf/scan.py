"""Proof of data lines a chunk at a time: every line's columns, POS, alleles, QUAL, FILTER, INFO keys and sample values.

:class:`BodyScanner` gives the same verdict, warnings and use of names as :class:`BodyChecker` does line by line: what
is plain is proved with numpy over the whole chunk, and every line that is new or odd in some way is handed to the
checker, in order. A chunk that does not lay out in columns is checked line by line.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

from targetboard.vcf.layout import (
    LONGEST_NAME,
    MASKS,
    PADDING,
    Flags,
    Ints,
    Layout,
    colon_excess,
    distinct,
    hashes,
    have_items,
    info_signatures,
    last_items,
    lay_out,
    numbers,
    texts_are,
)
from targetboard.vcf.record_checks import BodyChecker

_LETTERS = np.zeros(256, dtype=np.bool_)
_LETTERS[[*range(65, 91), *range(97, 123)]] = True
_MOST_TEMPLATES = 8
_SPACE, _PERCENT, _DOT, _ASCII = 32, 37, 46, 128


class LineScreen(Protocol):
    """Decides which proved lines are read further; see :mod:`targetboard.screen`."""

    def chunk(self, layout: Layout, contigs: list[tuple[bytes, int]], positions: Ints, line: int, record: int) -> None:
        """Take lines that lie in columns: ``contigs`` are runs of rows (name, first row); numbers of the first row."""

    def line(self, text: bytes, line: int, record: int) -> None:
        """Take one line of a chunk that does not lie in columns."""


class BodyScanner:
    """Proves chunks of complete lines, and hands them to a screen where one is given."""

    def __init__(self, checker: BodyChecker, screen: LineScreen | None = None) -> None:
        self.checker = checker
        self.screen = screen
        # the last chunk: its layout (None if it did not lie in columns), runs of contigs and positions
        self.layout: Layout | None = None
        self.contigs: list[tuple[bytes, int]] = []
        self.positions: Ints = np.zeros(0, dtype=np.int64)
        self._common: dict[int, bytes] = {}  # by column, a known text that many lines have
        self._plain_info: set[int] = set()
        self._templates: list[tuple[bytes, ...]] = []  # of lines with plain INFO, their keys in order
        self._odd_info: set[int] = set()

    def scan(self, lines: bytes, first_line: int) -> int:
        """Prove lines without the last line's end; gives their number."""
        return self.scan_padded(b"%b\n%b" % (lines, PADDING), first_line)

    def scan_padded(self, text: bytes, first_line: int) -> int:
        """Prove complete lines, followed by ``PADDING``; gives their number."""
        layout = lay_out(text, self.checker.columns)
        if layout is None or _has_empty_column(layout):
            self.layout = None
            lines = text[: -len(PADDING) - 1]
            return self._line_by_line(lines.split(b"\n"), first_line, lines)
        checker = self.checker
        base = checker.records
        contigs = _contig_runs(layout)
        positions, valid = numbers(layout, 1)
        self.layout, self.contigs, self.positions = layout, contigs, positions
        look = self._to_look_at(layout, contigs, positions, valid)
        for row in np.flatnonzero(look).tolist():
            line = layout.line(row)
            checker.records = base + row
            has_space, has_percent = b" " in line, b"%" in line
            checker.check([line], first_line + row, spaces=has_space, percents=has_percent, ascii_only=line.isascii())
        checker.records = base + layout.count
        if self.screen is not None:
            self.screen.chunk(layout, contigs, positions, first_line, base + 1)
        return layout.count

    def _line_by_line(self, lines: list[bytes], first_line: int, whole: bytes) -> int:
        checker = self.checker
        spaces, percents, ascii_only = b" " in whole, b"%" in whole, whole.isascii()
        for number, line in enumerate(lines, first_line):
            before = checker.records
            checker.check([line], number, spaces=spaces, percents=percents, ascii_only=ascii_only)
            if self.screen is not None and checker.records > before:
                self.screen.line(line, number, checker.records)
        return len(lines)

    def _to_look_at(self, layout: Layout, contigs: list[tuple[bytes, int]], positions: Ints, valid: Flags) -> Flags:
        """Lines for the checker: odd ones, and the first of everything that was not seen before."""
        checker = self.checker
        look = ~valid
        limits = np.empty(layout.count, dtype=np.int64)
        bounds = [*(row for _, row in contigs[1:]), layout.count]
        for (name, row), end in zip(contigs, bounds, strict=True):
            limits[row:end] = checker.limit_of(name)
            if not checker.knows_contig(name):
                look[row] = True
        look |= positions > limits
        _mark_texts(look, layout, 3, bytes.isalpha)
        _mark_texts(look, layout, 4, checker.accepts_alt)
        self._mark_quality(look, layout)
        self._mark_new(look, layout, 6, checker.knows_filter)
        self._mark_info(look, layout)
        if checker.columns > 8:
            self._mark_new(look, layout, 8, checker.is_plain_format)
            look |= colon_excess(layout)
        codes = layout.codes
        if b" " in layout.text:
            look[layout.row_of(np.flatnonzero(codes == _SPACE))] = True
        if b"%" in layout.text:
            self._mark_percents(look, layout)
        if not layout.is_ascii:
            look[layout.row_of(np.flatnonzero(codes >= _ASCII))] = True
        return look

    def _mark_percents(self, look: Flags, layout: Layout) -> None:
        """A percent sign matters only under a key that is declared as a number: those of texts need no look."""
        percents = np.flatnonzero(layout.codes == _PERCENT)
        rows = layout.row_of(percents)
        if self._templates and self._templates[0][-1].endswith(b"="):
            # mostly they stand in the annotation, the last item of INFO
            last = self._templates[0][-1]
            if not self.checker.is_numeric(last[:-1]):
                begin = last_items(layout)[rows]
                inside = (percents >= begin) & (percents < layout.ends[rows, 7]) & texts_are(layout, begin, last)
                rows = rows[~inside]
        rows = distinct(rows)
        for row in rows[~look[rows]].tolist():
            look[row] = self.checker.percent_matters(layout.line(row))

    def _mark_quality(self, look: Flags, layout: Layout) -> None:
        begin, end = layout.begin(5), layout.ends[:, 5]
        stated = np.flatnonzero((end - begin != 1) | (layout.codes[begin] != _DOT))
        text, accepts = layout.text, self.checker.accepts_quality
        for row, first, last in zip(stated.tolist(), begin[stated].tolist(), end[stated].tolist(), strict=True):
            if not accepts(text[first:last]):
                look[row] = True

    def _mark_new(self, look: Flags, layout: Layout, column: int, known: Known) -> None:
        """Lines whose text in a column is not known yet: the first line of each, and all where it stays unknown."""
        begin, end = layout.begin(column), layout.ends[:, column]
        common = self._common.get(column)
        if common is not None:  # nearly every line has it
            left = np.flatnonzero((end - begin != len(common)) | ~texts_are(layout, begin, common))
            if not len(left):
                return
            begin, end = begin[left], end[left]
        else:
            left = np.arange(layout.count)
        if int((end - begin).max()) > LONGEST_NAME:
            texts = [layout.text[a:b] for a, b in zip(begin.tolist(), end.tolist(), strict=True)]
            unknown = {text for text in set(texts) if not known(text)}
            for row, text in zip(left.tolist(), texts if unknown else (), strict=False):
                look[row] |= text in unknown
            return
        listed = hashes(layout.words, begin, end)
        _, rows, counts = np.unique(listed, return_index=True, return_counts=True)
        strange = [row for row in rows.tolist() if not known(layout.text[begin[row] : end[row]])]
        if strange:
            look[left] |= np.isin(listed, listed[strange])
        most = int(rows[np.argmax(counts)])
        text = layout.text[begin[most] : end[most]]
        if common is None and most not in strange:
            self._common[column] = text

    def _mark_info(self, look: Flags, layout: Layout) -> None:
        """Lines of known keys in a known order need no look; of the others, those whose set of keys is new or odd."""
        left = np.ones(layout.count, dtype=np.bool_)
        for items in self._templates:
            left &= ~have_items(layout, items)
            if not left.any():
                return
        rows = np.flatnonzero(left)
        own = layout.only(rows) if len(rows) < layout.count else layout
        if own is None:
            look |= left
            return
        signatures, odd = info_signatures(own)
        found = odd.copy()
        listed = signatures.tolist()
        for signature in set(listed) - self._plain_info:
            row = listed.index(signature)
            info = own.column(7, row)
            if signature not in self._odd_info and self.checker.is_plain_info(info):
                self._plain_info.add(signature)
                found[row] = True
                self._remember(info)
                continue
            self._odd_info.add(signature)
            found |= signatures == np.uint64(signature)
        look[rows] |= found

    def _remember(self, info: bytes) -> None:
        items = [item.partition(b"=") for item in info.split(b";")]
        if len(self._templates) < _MOST_TEMPLATES:
            self._templates.append(tuple(key + sign for key, sign, _ in items))


class Known(Protocol):
    """Whether a text was examined before and found plain."""

    def __call__(self, text: bytes, /) -> bool:
        """Whether there is nothing to look at."""


def _has_empty_column(layout: Layout) -> bool:
    widths = np.diff(layout.ends, axis=1)
    widths[:, 6] = 2  # INFO may be empty
    return bool((widths <= 1).any() or (layout.ends[:, 0] == layout.starts).any())


def _contig_runs(layout: Layout) -> list[tuple[bytes, int]]:
    """Runs of lines on one contig: its name and the first line."""
    begin, end = layout.starts, layout.ends[:, 0]
    lengths = end - begin
    text = layout.text
    if int(lengths.max()) <= 8:
        words = layout.words[begin] & MASKS[lengths]
        changes: npt.NDArray[np.int64] = np.flatnonzero((words[1:] != words[:-1]) | (lengths[1:] != lengths[:-1])) + 1
        rows = [0, *changes.tolist()]
        return [(text[begin[row] : end[row]], row) for row in rows]
    names = layout.texts(0)
    return [(name, row) for row, name in enumerate(names) if row == 0 or name != names[row - 1]]


def _mark_texts(look: Flags, layout: Layout, column: int, accepts: Known) -> None:
    """Mark lines whose allele is neither one letter nor a text that is accepted."""
    begin, end = layout.begin(column), layout.ends[:, column]
    single = (end - begin == 1) & _LETTERS[layout.codes[begin]]
    other = np.flatnonzero(~single)
    text = layout.text
    for row, first, last in zip(other.tolist(), begin[other].tolist(), end[other].tolist(), strict=True):
        if not accepts(text[first:last]):
            look[row] = True
