"""A tabix index read again: which bytes of a VCF hold given stretches, and the same index for a rewritten copy.

Format after the tabix specification (samtools hts-specs, tabix.pdf). Virtual offsets are ``place of the block << 16 |
place in its text``.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import deflated, first_texts
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.layout import distinct
from targetboard.vcf.tabix import LEVELS, META_BIN, WINDOW_SHIFT, Ints

Words = npt.NDArray[np.uint64]
Stretches = Mapping[str, Sequence[tuple[int, int]]]
"""Sorted stretches apart from each other (first and last base), by the file's own contig names."""

_HEAD = struct.Struct("<4s8i")
_BIN = struct.Struct("<Ii")
_EVEN = np.dtype([("bin", "<u4"), ("count", "<i4"), ("chunk", "<u8", 2)])
_VCF_COLUMNS = (2, 1, 2, 0, ord("#"), 0)
_SIZE_LIMIT = 1 << 30
_LARGEST = 1 << 63


class OddIndex(Exception):
    """The index is not one that tabix or bcftools makes of a VCF."""


@dataclass(slots=True, frozen=True)
class Range:
    """Lines of one contig between two virtual offsets."""

    contig: str
    begin: int
    end: int


@dataclass(slots=True, frozen=True)
class _Contig:
    """Bins with the place of their first chunk in the index and their number of chunks, and the linear index."""

    bins: Ints
    places: Ints
    counts: Ints
    linear: int
    windows: int


@dataclass(slots=True, frozen=True)
class TabixIndex:
    """The decompressed index of a VCF and where its parts lie."""

    content: bytes
    names: tuple[str, ...]
    contigs: tuple[_Contig, ...]

    def ranges(self, stretches: Stretches) -> list[Range]:
        """Where lines that overlap the stretches may lie, in the order of the file, with no block in two ranges."""
        words = _words(self.content)
        found: list[Range] = []
        for name, contig in zip(self.names, self.contigs, strict=True):
            chunks: set[tuple[int, int]] = set()
            wanted = stretches.get(name, ())
            rows = dict(zip(contig.bins.tolist(), range(len(contig.bins)), strict=True)) if wanted else {}
            for start, end in wanted:
                chunks.update(_chunks(contig, rows, words, max(start - 1, 0), end))
            for begin, end in sorted(chunks):
                last = found[-1] if found else None
                if last is not None and begin >> 16 <= last.end >> 16 and last.contig == name:
                    found[-1] = Range(name, last.begin, max(last.end, end))
                else:
                    found.append(Range(name, begin, end))
        if any(one.end > other.begin for one, other in pairwise(found)):
            raise OddIndex
        return found

    def offsets(self) -> Words:
        """Every virtual offset of the index; raises OddIndex for one that no file has."""
        found = distinct(_words(self.content)[self._places()])
        if len(found) and int(found[-1]) >= _LARGEST:
            raise OddIndex
        return found

    def remapped(self, moved: Callable[[Ints], Ints]) -> bytes:
        """The index file after every virtual offset was replaced."""
        content = bytearray(self.content)
        words = _words(content)
        places = self._places()
        known, rank = np.unique(words[places], return_inverse=True)
        words[places] = moved(known.astype(np.int64)).astype(np.uint64)[rank]
        del words
        return b"".join((*deflated(bytes(content)), EOF_BLOCK))

    def _places(self) -> Ints:
        starts: list[Ints] = []
        counts: list[Ints] = []
        for contig in self.contigs:
            starts += (contig.places, np.array([contig.linear]))
            # what follows the first chunk of the bin of totals are numbers of records
            counts += (np.where(contig.bins == META_BIN, 2, 2 * contig.counts), np.array([contig.windows]))
        if not starts:
            return np.zeros(0, dtype=np.int64)
        number = np.concatenate(counts)
        within = np.arange(int(number.sum())) - np.repeat(np.cumsum(number) - number, number)
        return np.repeat(np.concatenate(starts), number) + 8 * within


def read_tabix(path: Path) -> TabixIndex:
    """Read a ``.tbi`` of a VCF.

    Raises
    ------
    OddIndex
        It is another kind of index, or damaged.
    """
    try:
        content = _content(path)
        magic, count, *columns, length = _HEAD.unpack_from(content)
        if magic != b"TBI\x01" or tuple(columns) != _VCF_COLUMNS:
            raise OddIndex
        place = _HEAD.size
        names = content[place : place + length].decode().split("\0")[:-1]
        place += length
        contigs: list[_Contig] = []
        for _ in range(count):
            bins, places, counts, place = _read_bins(content, place)
            (windows,) = struct.unpack_from("<i", content, place)
            contigs.append(_Contig(bins, places, counts, place + 4, windows))
            place += 4 + 8 * windows
    except (OSError, EOFError, zlib.error, struct.error, UnicodeDecodeError) as error:
        raise OddIndex from error
    if len(names) != count or place > len(content) or any(contig.windows < 0 for contig in contigs):
        raise OddIndex
    return TabixIndex(content, tuple(names), tuple(contigs))


def _content(path: Path) -> bytes:
    try:
        return b"".join(first_texts(path))
    except NotPlain:
        with gzip.open(path) as stream:
            return stream.read(_SIZE_LIMIT)


def _read_bins(content: bytes, place: int) -> tuple[Ints, Ints, Ints, int]:
    """Bins of one contig, the places of their chunks and their numbers, and where they end.

    Nearly every bin has one chunk, so that bins mostly lie at even distances.
    """
    (left,) = struct.unpack_from("<i", content, place)
    place += 4
    bins: list[Ints] = []
    places: list[Ints] = []
    counts: list[Ints] = []
    while left > 0:
        rows = min(left, (len(content) - place) // _EVEN.itemsize)
        even = np.frombuffer(content, _EVEN, rows, place)
        other = np.flatnonzero(even["count"] != 1)
        run = int(other[0]) if len(other) else rows
        bins.append(even["bin"][:run].astype(np.int64))
        places.append(place + 8 + _EVEN.itemsize * np.arange(run))
        counts.append(np.ones(run, dtype=np.int64))
        place += _EVEN.itemsize * run
        left -= run
        if left:
            bin_, count = _BIN.unpack_from(content, place)
            if count < 0:
                raise OddIndex
            bins.append(np.array([bin_]))
            places.append(np.array([place + 8]))
            counts.append(np.array([count]))
            place += 8 + 16 * count
            left -= 1
    if not bins:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, place
    return np.concatenate(bins), np.concatenate(places), np.concatenate(counts), place


def _words(content: bytes | bytearray) -> Words:
    """Eight bytes from any place on, as a number."""
    return np.ndarray((max(len(content) - 7, 0),), dtype="<u8", buffer=content, strides=(1,))


def _chunks(contig: _Contig, rows: Mapping[int, int], words: Words, start: int, end: int) -> list[tuple[int, int]]:
    """Virtual offsets of the chunks that may hold lines which overlap bases ``start`` (from 0) to before ``end``."""
    lowest = 0
    if contig.windows:
        lowest = int(words[contig.linear + 8 * min(start >> WINDOW_SHIFT, contig.windows - 1)])
    found: list[tuple[int, int]] = []
    for row in (rows[bin_] for bin_ in _bins(start, end) if bin_ in rows):
        place = int(contig.places[row])
        for first in range(place, place + 16 * int(contig.counts[row]), 16):
            begin, stop = int(words[first]), int(words[first + 8])
            if stop > lowest:
                found.append((max(begin, lowest), stop))
    return found


def _bins(start: int, end: int) -> list[int]:
    """Bins whose stretch overlaps bases ``start`` (from 0) to before ``end``; the whole contig is bin 0."""
    last = max(end - 1, start)
    found = [0]
    for shift, base in LEVELS:
        found += range(base + (start >> shift), base + (last >> shift) + 1)
    return found
