"""Proof of a large BGZF file on several cores, and what is needed to write it again without compressing it anew.

Worker processes inflate ranges of blocks, prove every block (size and CRC32) and every line (as
:mod:`targetboard.vcf.scan` does), and screen the lines. The result is that of reading the file from end to end; a file
that is not plain in some way (another layout of blocks, CR LF, control characters, lines out of order, a fault) is
given up here and read from end to end, so that a fault is named as it always is.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from targetboard.errors import TargetboardError
from targetboard.model import VcfHeader
from targetboard.provenance import LateDigest
from targetboard.vcf.blocks import Blocks, find_blocks
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.layout import PADDING, Layout
from targetboard.vcf.preflight import Inspection, head_of, inspection_of
from targetboard.vcf.record_checks import BodyChecker
from targetboard.vcf.scan import BodyScanner, LineScreen
from targetboard.vcf.tabix import LONGEST_CONTIG, Runs, runs_of

WORTH_BYTES = 24 << 20
"""Smaller files are read by one process: starting others would cost more than it saves."""
PART_BYTES = 48 << 20
PARTS_EACH = 4
CHUNK_BYTES = 2 << 20
FIRST_BYTES = 1 << 16
"""A part begins with a small chunk: of what is met for the first time, all lines of the chunk are looked at."""
MOST_PROCESSES = 8

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEPT_BYTES = 64 << 20
_CONTROL_LIMIT = 32
_OWN_KEYS = "TB_"
_END_KEYS = (b"\tEND=", b";END=")


class PartScreen(LineScreen, Protocol):
    """A screen that can end at an edge; ``stated_ends`` are places of INFO END in the last chunk, None: not sought."""

    stated_ends: list[int] | None

    def expect_many(self) -> None:
        """Prepare for millions of lines."""

    def finish(self, *, edge: bool = False) -> Any:  # noqa: ANN401
        """What it found."""


ScreenOf = Callable[[VcfHeader], PartScreen]


@dataclass(slots=True, frozen=True)
class SplicePlan:
    """How to write the file again by rewriting only the blocks that change.

    ``body`` is where the first line begins in the text, ``lines`` where each line begins (by record number, from 1).
    """

    blocks: Blocks
    body: int
    lines: npt.NDArray[np.int64]
    runs: tuple[Runs, ...]
    end: int


@dataclass(slots=True)
class _Part:
    """What a worker found in its part; line and record numbers count from its own beginning."""

    checker: BodyChecker
    summary: Any
    lines: int
    starts: npt.NDArray[np.int64]
    runs: list[Runs]
    spliceable: bool


@dataclass(slots=True, frozen=True)
class _Task:
    """Settings of the workers, inherited when they are forked."""

    blocks: Blocks
    header: VcfHeader
    body: int
    screen_of: ScreenOf


def processes() -> int:
    """Number of worker processes: the cores that this process may use."""
    return max(1, min(len(os.sched_getaffinity(0)), MOST_PROCESSES))


def inspect_large(
    path: Path,
    screen_of: ScreenOf,
    advance: Callable[[int], None] = lambda _: None,
    meanwhile: Callable[[], None] = lambda: None,
) -> tuple[Inspection, list[tuple[Any, int, int]], SplicePlan | None] | None:
    """Prove a BGZF file in parts.

    Parameters
    ----------
    path
        A regular file.
    screen_of
        Makes the screen of one part from the header.
    advance
        Told the number of records of each part that is done.
    meanwhile
        What else this process does while others read.

    Returns
    -------
    tuple or None
        The inspection; the summary of each part with the records and lines before it; and the plan, None where the
        written file would have to differ in more than INFO. None altogether where the file must be read from end to
        end.
    """
    try:
        before = path.stat()
        blocks = find_blocks(path)
        head = head_of(path, blocks.texts(0, blocks.count))
    except (NotPlain, TargetboardError, OSError, ValueError):
        return None
    if head is None:
        return None
    header, warnings, body, head_lines = head
    screen_of(header).expect_many()  # in this process, so that the workers inherit what is prepared
    task = _Task(blocks, header, body, screen_of)
    found = _proved_parts(task, _edges(blocks, body), advance, meanwhile)
    if found is None:
        return None
    return _merged(path, header, warnings, LateDigest(path, before), head_lines, blocks, body, found)


def _proved_parts(
    task: _Task, edges: list[tuple[int, int]], advance: Callable[[int], None], meanwhile: Callable[[], None]
) -> list[_Part] | None:
    """Prove the parts in forked processes, each of which takes every n-th."""
    context = multiprocessing.get_context("fork")
    count = min(processes(), len(edges))
    workers: list[tuple[BaseProcess, Connection]] = []
    try:
        for number in range(count):
            mine, theirs = context.Pipe(duplex=False)
            worker: BaseProcess = context.Process(target=_work, args=(task, edges[number::count], theirs), daemon=True)
            worker.start()
            theirs.close()
            workers.append((worker, mine))
        meanwhile()
        parts: list[_Part] = []
        for number in range(len(edges)):
            try:
                part = workers[number % count][1].recv()
            except EOFError:
                return None
            if part is None:
                return None
            parts.append(part)
            advance(part.checker.records)
        return parts
    finally:
        for worker, mine in workers:
            mine.close()
            worker.terminate()
            worker.join()


def _work(task: _Task, edges: list[tuple[int, int]], answers: Connection) -> None:
    """Send what each part gave, None for one that is not plain."""
    keep_freed_memory()
    for first, last in edges:
        try:
            answers.send(_part(task, first, last))
        except (NotPlain, TargetboardError):
            answers.send(None)
            return


def keep_freed_memory() -> None:
    """Let the C library keep the memory of freed arrays for the next chunk; giving it back costs a sixth of the time.

    Only glibc has this switch (mallopt(3)); elsewhere nothing happens.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for option in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
        set_option(option, _KEPT_BYTES)


def _merged(
    path: Path,
    header: VcfHeader,
    warnings: list[str],
    digest: LateDigest,
    head_lines: int,
    blocks: Blocks,
    body: int,
    parts: list[_Part],
) -> tuple[Inspection, list[tuple[Any, int, int]], SplicePlan | None] | None:
    checker = BodyChecker(path, header)
    summaries: list[tuple[Any, int, int]] = []
    lines = head_lines
    for part in parts:
        summaries.append((part.summary, checker.records, lines))
        checker.absorb(part.checker, lines)
        lines += part.lines
    runs = [run for part in parts for run in part.runs]
    if not _in_order(runs):
        return None
    inspection = inspection_of(path, digest, path.stat().st_size, "bgzf", header, checker, warnings)
    plan = None
    ours = any(key.startswith(_OWN_KEYS) for key in inspection.info_used)
    if (
        all(part.spliceable for part in parts)
        and not ours
        and not checker.stripped_alleles
        and _ranked(runs, inspection)
    ):
        starts = np.concatenate([part.starts for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        plan = SplicePlan(blocks, body, starts, tuple(runs), int(blocks.offsets[-1]))
    return inspection, summaries, plan


def _in_order(runs: list[Runs]) -> bool:
    """Whether the lines are sorted by position, and every contig is one stretch."""
    left: set[bytes] = set()
    before: Runs | None = None
    for run in runs:
        if before is not None and run.contig == before.contig:
            if run.first < before.last:
                return False
        else:
            if run.contig in left:
                return False
            left.add(run.contig)
        before = run
    return True


def _ranked(runs: list[Runs], inspection: Inspection) -> bool:
    """Whether the contigs follow the order of the header, as the annotated VCF has them."""
    header = inspection.header
    order = {name: rank for rank, name in enumerate((*header.contigs, *header.undeclared_contigs))}
    names = dict.fromkeys(run.contig.decode("utf-8", "replace") for run in runs)
    ranks = [order.get(name, len(order)) for name in names]
    return ranks == sorted(ranks) and all(run.last < LONGEST_CONTIG for run in runs)


def _edges(blocks: Blocks, body: int) -> list[tuple[int, int]]:
    """Ranges of blocks of at most about ``PART_BYTES`` of text, some for each process."""
    first = blocks.holding(body)
    size = max(min(PART_BYTES, int(blocks.offsets[-1]) // (PARTS_EACH * processes())), CHUNK_BYTES)
    edges: list[tuple[int, int]] = []
    while first < blocks.count:
        wanted = int(blocks.offsets[first]) + size
        last = max(first + 1, int(np.searchsorted(blocks.offsets, wanted)))
        if int(blocks.offsets[-1]) - wanted < size // 2:
            last = blocks.count
        edges.append((first, min(last, blocks.count)))
        first = edges[-1][1]
    return edges


def _part(task: _Task, first: int, last: int) -> _Part:
    """Prove the lines that begin in a range of blocks."""
    checker = BodyChecker(task.blocks.path, task.header)
    screen = task.screen_of(task.header)
    scanner = BodyScanner(checker, screen)
    part = _Part(checker, None, 0, np.zeros(0, dtype=np.int64), [], spliceable=True)
    starts: list[npt.NDArray[np.int64]] = []
    for text, offset in _chunks(task, first, last):
        count = scanner.scan_padded(text, part.lines + 1)
        part.lines += count
        layout = scanner.layout
        if layout is None or has_control_characters(layout):
            raise NotPlain
        starts.append(layout.starts + offset)
        part.runs += _runs(layout, scanner, offset, screen.stated_ends)
        part.spliceable &= layout.is_ascii or _is_utf8(text)
    part.summary = screen.finish(edge=True)
    part.starts = np.concatenate(starts) if starts else part.starts
    checker.forget()
    return part


def _chunks(task: _Task, first: int, last: int) -> Iterator[tuple[bytes, int]]:
    """Whole lines that begin in the blocks ``first`` to ``last``, followed by ``PADDING``, and where they begin."""
    blocks = task.blocks
    offset = int(blocks.offsets[first])
    pending = b""
    begun = False
    if offset <= task.body:
        skip, begun = task.body - offset, True
    else:
        previous = next(blocks.texts(first - 1, first))
        skip, begun = 0, previous.endswith(b"\n")
    parts: list[bytes] = []
    size, wanted = 0, min(FIRST_BYTES, CHUNK_BYTES)
    for number, text in enumerate(blocks.texts(first, blocks.count), first):
        if number >= last:
            rest = pending + b"".join(parts)
            if not begun or not rest or rest.endswith(b"\n"):
                yield from _whole_lines(rest, offset)
                return
            end = text.find(b"\n")
            parts.append(text[: end + 1] if end >= 0 else text)
            if end < 0 and number + 1 < blocks.count:
                continue
            yield from _whole_lines(pending + b"".join(parts), offset)
            return
        if skip:
            text = text[skip:]
            offset += skip
            skip = 0
        if not begun:
            end = text.find(b"\n")
            if end < 0:
                offset += len(text)
                continue
            offset += end + 1
            text, begun = text[end + 1 :], True
        parts.append(text)
        size += len(text)
        end = text.rfind(b"\n") + 1
        if size >= wanted and end:
            # joined once: a chunk is large
            whole = b"".join((pending, *parts[:-1], text[:end], PADDING))
            yield whole, offset
            offset += len(whole) - len(PADDING)
            pending, parts, size, wanted = text[end:], [], 0, CHUNK_BYTES
    whole = pending + b"".join(parts)
    if whole:
        yield from _whole_lines(whole, offset)


def _whole_lines(text: bytes, offset: int) -> Iterator[tuple[bytes, int]]:
    if not text:
        return
    if not text.endswith(b"\n"):
        raise NotPlain  # a cut line: the careful reader names it
    yield text + PADDING, offset


def has_control_characters(layout: Layout) -> bool:
    """Whether anything below a space but tab and line end stands in the text, or a delete."""
    low = int(np.count_nonzero(layout.codes < _CONTROL_LIMIT))
    return low != layout.ends.size or b"\x7f" in layout.text


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _runs(layout: Layout, scanner: BodyScanner, offset: int, stated: list[int] | None) -> Iterator[Runs]:
    positions = scanner.positions
    reaches = positions + (layout.ends[:, 3] - layout.begin(3)) - 1
    ends = _stated_ends(layout, _end_values(layout.text) if stated is None else stated)
    for row, end in ends.items():
        if end >= positions[row]:
            reaches[row] = end
    bounds = [*(row for _, row in scanner.contigs[1:]), layout.count]
    for (name, first), last in zip(scanner.contigs, bounds, strict=True):
        place = positions[first:last]
        if bool((np.diff(place) < 0).any()):
            raise NotPlain
        stop = int(layout.ends[last - 1, -1]) + 1 + offset
        yield runs_of(name, place, reaches[first:last], layout.starts[first:last] + offset, stop)


def _end_values(text: bytes) -> Iterator[int]:
    """Places behind every INFO key END."""
    for key in _END_KEYS:
        place = text.find(key)
        while place >= 0:
            yield place + len(key)
            place = text.find(key, place + 1)


def _stated_ends(layout: Layout, places: Iterable[int]) -> Mapping[int, int]:
    """INFO END by row, where lines state one (symbolic alleles and blocks of reference)."""
    found: dict[int, int] = {}
    for place in places:
        row = int(np.searchsorted(layout.ends[:, -1], place))
        digits = layout.text[place : place + 11]
        number = digits[: len(digits) - len(digits.lstrip(b"0123456789"))]
        if number and int(layout.ends[row, 6]) < place <= int(layout.ends[row, 7]):
            found.setdefault(row, int(number))
    return found
