"""Write a proved BGZF file again with other INFO in a few lines: only the blocks that hold them are compressed anew.

Every other block is copied byte by byte. The decompressed text is that of :mod:`targetboard.vcf.writer`.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from targetboard.errors import MalformedInput
from targetboard.files import no_room
from targetboard.vcf.blocks import PIECE_BYTES, Blocks, deflated
from targetboard.vcf.genome import SplicePlan, processes
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.restricted import StretchPlan
from targetboard.vcf.tabix import index_bytes

Ints = npt.NDArray[np.int64]

_COPY_BYTES = 4 << 20
_WORTH_RANGE = 256 << 10
_GROUPS_A_TASK = 64


@dataclass(slots=True, frozen=True)
class Edit:
    """Bytes ``start`` up to, not including, ``end`` of the text become ``text``."""

    start: int
    end: int
    text: bytes


@dataclass(slots=True, frozen=True)
class _Group:
    """Consecutive blocks that are rewritten together, and their edits."""

    first: int
    last: int  # the block behind them
    edits: tuple[Edit, ...]


def splice(target: BinaryIO, plan: SplicePlan | StretchPlan, edits: Sequence[Edit]) -> bytes:
    """Write the file with the edits (sorted, apart from each other) to ``target``.

    Returns
    -------
    bytes
        The tabix index of what was written: made from the lines, or, where most of them were not read, that of the
        input with every virtual offset moved.

    Raises
    ------
    MalformedInput
        The input changed since it was proved.
    """
    blocks = plan.blocks
    groups = _groups(blocks, edits)
    places = np.zeros(blocks.count + 1, dtype=np.int64)  # where each copied block begins in the target
    pieces: dict[int, Ints] = {}  # by first block of a group: where its pieces begin
    with blocks.path.open("rb") as source:
        done = 0
        for group, packed in zip(groups, _rewritten(blocks, groups), strict=True):
            _copy(source, target, blocks, done, group.first, places)
            begin = target.tell()
            pieces[group.first] = begin + np.cumsum([0, *map(len, packed)])
            target.writelines(packed)
            done = group.last
        _copy(source, target, blocks, done, blocks.count, places)
        if source.seek(0, 2) != int(blocks.starts[-1]):
            raise _changed(blocks.path)
    virtual = _Virtual(blocks, groups, edits, places, pieces)
    if isinstance(plan, StretchPlan):
        return plan.index.remapped(lambda offsets: virtual(blocks.text_places(offsets)))
    return index_bytes(plan.runs, virtual)


def _changed(path: Path) -> MalformedInput:
    return MalformedInput("the file changed while it was read", where=str(path), remedy="Run again")


def _groups(blocks: Blocks, edits: Sequence[Edit]) -> list[_Group]:
    groups: list[_Group] = []
    for edit in edits:
        first, last = blocks.holding(edit.start), blocks.holding(max(edit.start, edit.end - 1)) + 1
        if groups and first <= groups[-1].last:
            before = groups.pop()
            groups.append(_Group(before.first, max(last, before.last), (*before.edits, edit)))
        else:
            groups.append(_Group(first, last, (edit,)))
    return groups


def _rewritten(blocks: Blocks, groups: Sequence[_Group]) -> Iterator[list[bytes]]:
    """The blocks of each group, made by several processes where there are many groups."""
    if len(groups) <= _GROUPS_A_TASK:
        yield from (_rewrite(blocks, group) for group in groups)
        return
    tasks = [_task(blocks, groups[start : start + _GROUPS_A_TASK]) for start in range(0, len(groups), _GROUPS_A_TASK)]
    with multiprocessing.get_context("fork").Pool(processes()) as workers:
        for packed in workers.imap(_rewrite_many, tasks):
            if packed is None:
                raise _changed(blocks.path)
            yield from packed


def _task(blocks: Blocks, groups: Sequence[_Group]) -> tuple[Blocks, Sequence[_Group]]:
    """The groups with the part of the table of blocks that they need, to be sent to a process."""
    first, last = groups[0].first, groups[-1].last
    own = Blocks(blocks.path, blocks.starts[first : last + 1], blocks.offsets[first : last + 1])
    return own, [_Group(group.first - first, group.last - first, group.edits) for group in groups]


def _rewrite_many(task: tuple[Blocks, Sequence[_Group]]) -> list[list[bytes]] | None:
    blocks, groups = task
    try:
        return [_rewrite(blocks, group) for group in groups]
    except MalformedInput:
        return None


def _rewrite(blocks: Blocks, group: _Group) -> list[bytes]:
    try:
        text = b"".join(blocks.texts(group.first, group.last))
    except NotPlain:
        raise _changed(blocks.path) from None
    base = int(blocks.offsets[group.first])
    parts: list[bytes] = []
    done = 0
    for edit in group.edits:
        parts += (text[done : edit.start - base], edit.text)
        done = edit.end - base
    parts.append(text[done:])
    return list(deflated(b"".join(parts)))


def _copy(source: BinaryIO, target: BinaryIO, blocks: Blocks, first: int, last: int, places: Ints) -> None:
    begin, end = int(blocks.starts[first]), int(blocks.starts[last])
    places[first : last + 1] = blocks.starts[first : last + 1] - begin + target.tell()
    if end - begin >= _WORTH_RANGE:
        target.flush()
        begin += _copy_in_kernel(source, target, begin, end - begin)
        target.seek(0, 2)
    source.seek(begin)
    left = end - begin
    while left:
        piece = source.read(min(left, _COPY_BYTES))
        if not piece:
            raise _changed(blocks.path)
        target.write(piece)
        left -= len(piece)


def _copy_in_kernel(source: BinaryIO, target: BinaryIO, begin: int, size: int) -> int:
    """Copy without passing the bytes through this process, where the system can; gives how many were copied."""
    done = 0
    if not hasattr(os, "copy_file_range"):
        return done
    try:
        while done < size:
            copied = os.copy_file_range(source.fileno(), target.fileno(), size - done, begin + done)
            if not copied:
                break
            done += copied
    except OSError as error:
        if no_room(error):
            raise
    return done


class _Virtual:
    """Places in the text of the input, as virtual offsets of the target."""

    def __init__(
        self, blocks: Blocks, groups: Sequence[_Group], edits: Sequence[Edit], places: Ints, pieces: dict[int, Ints]
    ) -> None:
        self._blocks = blocks
        self._places = places
        self._pieces = pieces
        self._firsts = np.array([group.first for group in groups], dtype=np.int64)
        self._lasts = np.array([group.last for group in groups], dtype=np.int64)
        self._edit_ends = np.array([edit.end for edit in edits], dtype=np.int64)
        growth = [len(edit.text) - (edit.end - edit.start) for edit in edits]
        self._growth = np.concatenate([[0], np.cumsum(np.array(growth, dtype=np.int64))])
        for one, other in pairwise(edits):
            if other.start < one.end:
                raise ValueError("edits overlap")

    def __call__(self, offsets: Ints) -> Ints:
        """Virtual offsets; an offset inside an edit counts as its end."""
        blocks = self._blocks
        block = np.searchsorted(blocks.offsets, offsets, side="right") - 1
        block = np.minimum(block, blocks.count - 1)
        found = (self._places[block] << 16) | (offsets - blocks.offsets[block])
        group = np.searchsorted(self._firsts, block, side="right") - 1
        inside = group >= 0
        inside[inside] = block[inside] < self._lasts[group[inside]]
        if inside.any():
            grown = self._growth[np.searchsorted(self._edit_ends, offsets, side="right")]
            for row in np.flatnonzero(inside).tolist():
                first = int(self._firsts[group[row]])
                base = int(blocks.offsets[first])
                before = self._growth[np.searchsorted(self._edit_ends, base, side="right")]
                place = int(offsets[row]) - base + int(grown[row]) - int(before)
                begins = self._pieces[first]
                number = min(place // PIECE_BYTES, len(begins) - 2)
                found[row] = (int(begins[number]) << 16) | (place - number * PIECE_BYTES)
        return found
