"""Read an indexed BGZF file only where its tabix index places given stretches of the genome, on several cores.

What is read is proved as always: the checksum of every block and every line. What lies elsewhere is not looked at.
Where the whole file is to be written again, the headers of all blocks are walked as well, so that a file that was cut
short is noticed, and :class:`StretchPlan` says where the lines that were read lie: the others are copied as they are.

Anything out of the ordinary (a CSI index, blocks of another form, a fault in a line, lines out of order) is given up
here with None: the careful readers are asked then, which name a fault.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from targetboard.errors import TargetboardError
from targetboard.model import VcfHeader
from targetboard.provenance import LateDigest
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import Blocks, blocks_from, find_blocks, first_texts
from targetboard.vcf.genome import FIRST_BYTES, PartScreen, has_control_characters, keep_freed_memory, processes
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.layout import PADDING
from targetboard.vcf.preflight import Inspection, head_of, inspection_of
from targetboard.vcf.record_checks import BodyChecker
from targetboard.vcf.scan import BodyScanner
from targetboard.vcf.tabix import Ints
from targetboard.vcf.tabix_reading import OddIndex, Range, Stretches, TabixIndex, read_tabix
from targetboard.vcf.writer import META_PREFIX, PREFIX

WORTH_BYTES = 2 << 20
"""With less to inflate one process reads all: starting others would cost more than it saves."""
CHUNK_BYTES = 1 << 20
_MOST_DIGITS = 10
_TAB, _NEWLINE, _ZERO = b"\t\n0"


@dataclass(slots=True, frozen=True)
class StretchPlan:
    """How to write the file again by rewriting only the blocks that change.

    ``body`` is where the first line begins in the text, ``lines`` where each line that was read begins (by record
    number, from 1), ``index`` the index of the input.
    """

    blocks: Blocks
    body: int
    lines: Ints
    index: TabixIndex


@dataclass(slots=True, frozen=True)
class Restricted:
    """What was found: the summary of each part with the records and lines before it, and the plan where asked for."""

    inspection: Inspection
    summaries: list[tuple[Any, int, int]]
    plan: StretchPlan | None


@dataclass(slots=True, frozen=True)
class _Task:
    """Settings of the workers, inherited when they are forked."""

    path: Path
    header: VcfHeader
    screen_of: Callable[[VcfHeader], PartScreen]
    stretches: Stretches


@dataclass(slots=True)
class _Part:
    """What a worker found in its ranges; records count from its own beginning."""

    checker: BodyChecker
    summary: Any = None
    lines: int = 0
    places: list[int] = field(default_factory=list)  # virtual offset of each line


def inspect_restricted(
    path: Path,
    screen_of: Callable[[VcfHeader], PartScreen],
    stretches_of: Callable[[Sequence[str]], Stretches],
    *,
    planned: bool,
    hashed: bool = True,
    meanwhile: Callable[[], None] = lambda: None,
) -> Restricted | None:
    """Prove and screen the lines that overlap stretches.

    Parameters
    ----------
    path
        A BGZF file with a ``.tbi`` beside it that is not older.
    screen_of
        Makes a screen from the header; called once here, and once for each part.
    stretches_of
        Gives the stretches for the contigs of the index; called after ``screen_of``.
    planned
        Whether the file is to be written again.
    hashed
        Whether the digest of the whole file is taken, for which all of it is read.
    meanwhile
        What else this process does while others read.
    """
    index_path = path.with_name(f"{path.name}.tbi")
    if not index_path.is_file() or index_path.stat().st_mtime < path.stat().st_mtime:
        return None
    before = path.stat()
    try:
        if not _has_end(path):
            return None
        index = read_tabix(index_path)
        head = head_of(path, first_texts(path))
        if head is None:
            return None
        header, warnings, body, _ = head
        screen_of(header)
        stretches = stretches_of(index.names)
        ranges = index.ranges(stretches)
        # the main process walks the block headers while the workers read
        blocks = None
        with _Workers(_Task(path, header, screen_of, stretches), ranges) as workers:
            if planned:
                blocks = _blocks_to_copy(path, header, index)
            if workers.others:
                meanwhile()
            parts = workers.parts()
    except (NotPlain, OddIndex, TargetboardError, OSError):
        return None
    checker = BodyChecker(path, header)
    summaries: list[tuple[Any, int, int]] = []
    lines = 0
    for part in parts:
        summaries.append((part.summary, checker.records, lines))
        checker.absorb(part.checker, lines)
        lines += part.lines
    digest = LateDigest(path, before, hashed=hashed)
    inspection = inspection_of(path, digest, before.st_size, "bgzf", header, checker, warnings)
    if blocks is None:
        return Restricted(inspection, summaries, None)
    if checker.stripped_alleles or any(key.startswith(PREFIX) for key in inspection.info_used):
        return None  # lines that are not read would have to be written otherwise too
    places = np.array([place for part in parts for place in part.places], dtype=np.int64)
    return Restricted(inspection, summaries, StretchPlan(blocks, body, blocks.text_places(places), index))


def _has_end(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(0, stream.seek(0, 2) - len(EOF_BLOCK)))
        return stream.read() == EOF_BLOCK


def _blocks_to_copy(path: Path, header: VcfHeader, index: TabixIndex) -> Blocks:
    """The blocks of a file whose lines may be copied as they are; raises NotPlain or OddIndex for any other."""
    order = {name: rank for rank, name in enumerate(header.contigs)}
    ranks = [order.get(name, -1) for name in index.names]
    own = (f"##{META_PREFIX}", f"##INFO=<ID={PREFIX}")
    if -1 in ranks or ranks != sorted(ranks) or any(line.startswith(own) for line in header.lines):
        raise NotPlain
    blocks = find_blocks(path)
    blocks.text_places(index.offsets().astype(np.int64))
    last = next((number for number in range(blocks.count - 1, -1, -1) if blocks.size(number)), None)
    if last is None or not next(blocks.texts(last, last + 1)).endswith(b"\n"):
        raise NotPlain
    return blocks


class _Workers:
    """Processes that prove the lines of ranges, each its share; with little to read, this process does it."""

    def __init__(self, task: _Task, ranges: Sequence[Range]) -> None:
        self._task = task
        self._ranges = ranges
        self._started: list[tuple[BaseProcess, Connection]] = []
        total = sum(_weight(range_) for range_ in ranges)
        self._shares = _shares(ranges, processes() if total >= WORTH_BYTES else 1)

    @property
    def others(self) -> bool:
        """Whether other processes read."""
        return bool(self._started)

    def __enter__(self) -> _Workers:
        if len(self._shares) > 1:
            context = multiprocessing.get_context("fork")
            for share in self._shares:
                mine, theirs = context.Pipe(duplex=False)
                worker: BaseProcess = context.Process(target=_work, args=(self._task, share, theirs), daemon=True)
                worker.start()
                theirs.close()
                self._started.append((worker, mine))
        return self

    def __exit__(self, *_: object) -> None:
        for worker, mine in self._started:
            mine.close()
            worker.terminate()
            worker.join()

    def parts(self) -> list[_Part]:
        """What was found, in the order of the file; raises NotPlain."""
        if not self._started:
            return [_part(self._task, share) for share in self._shares]
        parts: list[_Part] = []
        for _, mine in self._started:
            try:
                part = mine.recv()
            except EOFError:
                raise NotPlain from None
            if part is None:
                raise NotPlain
            parts.append(part)
        return parts


def _weight(range_: Range) -> int:
    """About how many bytes of the file are inflated for a range."""
    return (range_.end >> 16) - (range_.begin >> 16) + (1 << 12)


def _shares(ranges: Sequence[Range], count: int) -> list[Sequence[Range]]:
    """The ranges in so many neighbouring groups of about the same weight."""
    if not ranges:
        return []
    reached = np.cumsum([_weight(range_) for range_ in ranges])
    cuts = np.searchsorted(reached, [reached[-1] * number // count for number in range(1, count)]).tolist()
    edges = [0, *cuts, len(ranges)]
    return [ranges[first:last] for first, last in pairwise(edges) if first < last]


def _work(task: _Task, ranges: Sequence[Range], answers: Connection) -> None:
    keep_freed_memory()
    try:
        answers.send(_part(task, ranges))
    except (NotPlain, TargetboardError, OSError):
        answers.send(None)


def _part(task: _Task, ranges: Sequence[Range]) -> _Part:
    """Prove and screen the lines of ranges that overlap the stretches."""
    checker = BodyChecker(task.path, task.header)
    screen = task.screen_of(task.header)
    scanner = BodyScanner(checker, screen)
    part = _Part(checker)
    with task.path.open("rb") as stream:
        for text in _chunks(_selected(stream, ranges, task.stretches, part.places)):
            part.lines += scanner.scan_padded(text, part.lines + 1)
            if scanner.layout is None or checker.records != part.lines or has_control_characters(scanner.layout):
                raise NotPlain
    part.summary = screen.finish(edge=True)
    checker.forget()
    return part


def _chunks(texts: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines in pieces of about ``CHUNK_BYTES``, each followed by ``PADDING``."""
    pending: list[bytes] = []
    size, wanted = 0, min(FIRST_BYTES, CHUNK_BYTES)
    for text in texts:
        pending.append(text)
        size += len(text)
        if size >= wanted:
            yield b"".join((*pending, PADDING))
            pending, size, wanted = [], 0, CHUNK_BYTES
    if pending:
        yield b"".join((*pending, PADDING))


def _selected(stream: BinaryIO, ranges: Sequence[Range], stretches: Stretches, places: list[int]) -> Iterator[bytes]:
    """Runs of the lines that overlap a stretch, each line once; their virtual offsets are added to ``places``."""
    contig, before = "", 0
    starts = ends = np.zeros(0, dtype=np.int64)
    for range_ in ranges:
        if range_.contig != contig:
            contig, before = range_.contig, 0
            starts, ends = np.array(stretches[contig], dtype=np.int64).reshape(-1, 2).T
        name = contig.encode() + b"\t"
        for text, bounds, virtual in _whole_lines(stream, range_):
            line_starts, line_ends, positions = _positions(text, name)
            if int(positions[0]) < before or bool((np.diff(positions) < 0).any()):
                raise NotPlain
            before = int(positions[-1])
            index = np.searchsorted(ends, positions)
            following = np.append(starts, np.iinfo(np.int64).max)[index]
            wanted = following <= positions
            for row in np.flatnonzero(~wanted & (index < len(ends))).tolist():
                if following[row] <= _reach(int(positions[row]), text[line_starts[row] : line_ends[row]]):
                    wanted[row] = True
            rows = np.flatnonzero(wanted)
            if not len(rows):
                continue
            piece = np.searchsorted(bounds, line_starts[rows], side="right") - 1
            places += (np.array(virtual)[piece] + line_starts[rows] - np.array(bounds)[piece]).tolist()
            breaks = np.flatnonzero(np.diff(rows) > 1)
            for first, last in zip([0, *(breaks + 1).tolist()], [*breaks.tolist(), len(rows) - 1], strict=True):
                yield text[line_starts[rows[first]] : line_ends[rows[last]] + 1]


def _positions(text: bytes, name: bytes) -> tuple[Ints, Ints, Ints]:
    """Where each line of a contig begins and ends, and its POS; what is odd about one is left to the careful readers.

    Raises
    ------
    OddIndex
        A line of another contig.
    NotPlain
        A POS that is no whole number of at most ten digits.
    """
    codes = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(codes == _NEWLINE)
    starts = np.concatenate((np.zeros(1, dtype=np.int64), ends[:-1] + 1))
    if bool((ends - starts <= len(name) + 1).any()):
        raise NotPlain
    for step, letter in enumerate(name):
        if bool((codes[starts + step] != letter).any()):
            raise OddIndex
    positions = np.zeros(len(starts), dtype=np.int64)
    place = starts + len(name)
    ended = np.zeros(len(starts), dtype=np.bool_)
    for step in range(_MOST_DIGITS + 1):
        code = codes[np.minimum(place + step, ends)]
        ended |= code == _TAB
        if bool(ended.all()):
            break
        digit = code.astype(np.int64) - _ZERO
        if bool((~ended & ((digit < 0) | (digit > 9))).any()):
            raise NotPlain
        positions = np.where(ended, positions, positions * 10 + digit)
    if not bool(ended.all()) or bool((codes[place] == _TAB).any()):
        raise NotPlain
    return starts, ends, positions


def _reach(pos: int, line: bytes) -> int:
    """Last base of a line as the index has it: by INFO END, or by REF."""
    fields = line.split(b"\t", 8)
    if len(fields) < 8:
        raise NotPlain
    if b"END=" in fields[7]:
        for item in fields[7].split(b";"):
            if item.startswith(b"END=") and item[4:].isdigit() and int(item[4:]) >= pos:
                return int(item[4:])
    return pos + len(fields[3]) - 1


def _whole_lines(stream: BinaryIO, range_: Range) -> Iterator[tuple[bytes, list[int], list[int]]]:
    """Text of whole lines in pieces of the file: where each begins in the text (and the end), and its virtual offset.

    Raises
    ------
    OddIndex
        The range does not begin and end where blocks and lines do.
    """
    texts: list[bytes] = []
    virtual: list[int] = []
    size = 0
    for text, place in _range_texts(stream, range_):
        texts.append(text)
        virtual.append(place)
        size += len(text)
        if size < CHUNK_BYTES:
            continue
        cut = text.rfind(b"\n") + 1
        if cut:
            texts[-1] = text[:cut]
            yield b"".join(texts), _bounds(texts), virtual
            texts, virtual, size = [text[cut:]], [place + cut], len(text) - cut
    whole = b"".join(texts)
    if whole:
        if not whole.endswith(b"\n"):
            raise OddIndex
        yield whole, _bounds(texts), virtual


def _bounds(texts: Sequence[bytes]) -> list[int]:
    bounds = [0]
    for text in texts:
        bounds.append(bounds[-1] + len(text))
    return bounds


def _range_texts(stream: BinaryIO, range_: Range) -> Iterator[tuple[bytes, int]]:
    """The text of a range block by block, with virtual offsets."""
    first, skip = range_.begin >> 16, range_.begin & 0xFFFF
    last, stop = range_.end >> 16, range_.end & 0xFFFF
    if first == last and not stop:
        return
    for place, following, text in blocks_from(stream, first):
        begin = skip if place == first else 0
        end = stop if place == last else len(text)
        if begin > len(text) or end > len(text) or place > last:
            raise OddIndex
        if begin < end:
            yield text[begin:end], (place << 16) + begin
        if place == last or (following == last and not stop):
            return
    raise OddIndex
