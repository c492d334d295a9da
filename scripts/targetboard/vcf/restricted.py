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
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from targetboard.errors import TargetboardError
from targetboard.model import VcfHeader
from targetboard.provenance import file_sha256
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import Blocks, blocks_from, find_blocks, first_texts
from targetboard.vcf.genome import PartScreen, processes
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.preflight import Inspection, head_of, inspection_of
from targetboard.vcf.record_checks import BodyChecker
from targetboard.vcf.scan import BodyScanner
from targetboard.vcf.tabix import Ints
from targetboard.vcf.tabix_reading import OddIndex, Range, Stretches, TabixIndex, read_tabix
from targetboard.vcf.writer import META_PREFIX, PREFIX

WORTH_BYTES = 2 << 20
"""With less to inflate one process reads all: starting others would cost more than it saves."""
CHUNK_BYTES = 1 << 20
CHUNK_LINES = 2000


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
    """
    index_path = path.with_name(f"{path.name}.tbi")
    if not index_path.is_file() or index_path.stat().st_mtime < path.stat().st_mtime:
        return None
    size = path.stat().st_size
    with ThreadPoolExecutor(1) as background:
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
            task = _Task(path, header, screen_of, stretches)
            # the main process walks the block headers, and its thread hashes, while the workers read
            blocks = None
            with _Workers(task, ranges) as workers:
                digest = background.submit(file_sha256, path)
                if planned:
                    blocks = _blocks_to_copy(path, header, index)
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
        inspection = inspection_of(path, digest.result(), size, "bgzf", header, checker, warnings)
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
        for lines in _chunks(_selected(stream, ranges, task.stretches, part.places)):
            part.lines += scanner.scan(b"\n".join(lines), part.lines + 1)
            if scanner.layout is None or checker.records != part.lines:
                raise NotPlain
    part.summary = screen.finish(edge=True)
    checker.forget()
    return part


def _chunks(lines: Iterable[bytes]) -> Iterator[list[bytes]]:
    pending: list[bytes] = []
    size = 0
    for line in lines:
        pending.append(line)
        size += len(line)
        if len(pending) >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield pending
            pending, size = [], 0
    if pending:
        yield pending


def _selected(stream: BinaryIO, ranges: Sequence[Range], stretches: Stretches, places: list[int]) -> Iterator[bytes]:
    """The lines that overlap a stretch, each once; their virtual offsets are added to ``places``."""
    contig, before, number = "", 0, 0
    spans: Sequence[tuple[int, int]] = ()
    for range_ in ranges:
        if range_.contig != contig:
            contig, before, number = range_.contig, 0, 0
            spans = stretches[contig]
        name = contig.encode() + b"\t"
        for text, bounds, virtual in _whole_lines(stream, range_):
            begin = piece = 0
            while begin < len(text):
                end = text.find(b"\n", begin)
                pos = _position(text, begin, end, name)
                if pos < before:
                    raise NotPlain
                before = pos
                while number < len(spans) and spans[number][1] < pos:
                    number += 1
                if number < len(spans) and (
                    spans[number][0] <= pos or spans[number][0] <= _reach(pos, text[begin:end])
                ):
                    while bounds[piece + 1] <= begin:
                        piece += 1
                    places.append(virtual[piece] + begin - bounds[piece])
                    yield text[begin:end]
                begin = end + 1


def _position(text: bytes, begin: int, end: int, name: bytes) -> int:
    """POS of the line of a contig; whatever is odd about it is left to the careful readers."""
    if not text.startswith(name, begin):
        raise OddIndex
    begin += len(name)
    try:
        return int(text[begin : text.index(b"\t", begin, end)])
    except ValueError:
        raise NotPlain from None


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
