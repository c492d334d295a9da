"""The tabix index of a VCF, made from the positions that the proof of its lines has read anyway.

Format after the tabix specification (samtools hts-specs, tabix.pdf): bins of the UCSC scheme with chunks of virtual
file offsets, and a linear index with one offset per 16,384 bases.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import deflated

Ints = npt.NDArray[np.int64]

WINDOW_SHIFT = 14
LEVELS = ((14, 4681), (17, 585), (20, 73), (23, 9), (26, 1))
META_BIN = 37450
LONGEST_CONTIG = 1 << 29
"""Positions beyond cannot be indexed."""


@dataclass(slots=True, frozen=True)
class Runs:
    """Consecutive lines of one contig: runs in one bin (their text begins and ends there), and first lines of windows.

    ``first`` and ``last`` are the lowest and highest POS; places in the text are offsets of the decompressed file.
    """

    contig: bytes
    records: int
    first: int
    last: int
    bins: Ints
    begins: Ints
    ends: Ints
    windows: Ints
    window_begins: Ints


def runs_of(contig: bytes, positions: Ints, reaches: Ints, begins: Ints, end: int) -> Runs:
    """Reduce sorted lines of one contig; ``reaches`` are their last bases, ``end`` is where the last line ends."""
    low = np.maximum(positions - 1, 0)
    high = np.maximum(reaches - 1, low)
    bins = np.zeros(len(low), dtype=np.int64)
    open_ = np.ones(len(low), dtype=np.bool_)
    for shift, base in LEVELS:
        fits = open_ & ((low >> shift) == (high >> shift))
        bins[fits] = base + (low[fits] >> shift)
        open_ &= ~fits
    first = np.concatenate([[0], np.flatnonzero(np.diff(bins)) + 1])
    stops = np.concatenate([begins[first[1:]], [end]])
    window = low >> WINDOW_SHIFT
    entry = np.concatenate([[0], np.flatnonzero(np.diff(window)) + 1])
    windows, window_begins = [window[entry]], [begins[entry]]
    for row in np.flatnonzero((high >> WINDOW_SHIFT) > window).tolist():
        span = np.arange(window[row] + 1, (int(high[row]) >> WINDOW_SHIFT) + 1)
        windows.append(span)
        window_begins.append(np.full(len(span), begins[row]))
    return Runs(
        contig,
        len(low),
        int(positions[0]),
        int(positions[-1]),
        bins[first],
        begins[first],
        stops,
        np.concatenate(windows),
        np.concatenate(window_begins),
    )


def index_bytes(runs: Sequence[Runs], virtual: Callable[[Ints], Ints]) -> bytes:
    """The index file.

    Parameters
    ----------
    runs
        In the order of the file, lines of one contig together.
    virtual
        Maps places in the text to virtual offsets of the file that is indexed.
    """
    names = list(dict.fromkeys(run.contig for run in runs))
    title = b"".join(name + b"\0" for name in names)
    parts = [struct.pack("<4s8i", b"TBI\x01", len(names), 2, 1, 2, 0, ord("#"), 0, len(title)), title]
    for name in names:
        parts.append(_reference([run for run in runs if run.contig == name], virtual))
    parts.append(struct.pack("<Q", 0))
    return b"".join((*deflated(b"".join(parts)), EOF_BLOCK))


def _reference(runs: Sequence[Runs], virtual: Callable[[Ints], Ints]) -> bytes:
    bins = np.concatenate([run.bins for run in runs])
    begins = virtual(np.concatenate([run.begins for run in runs]))
    ends = virtual(np.concatenate([run.ends for run in runs]))
    order = np.argsort(bins, kind="stable")
    bins, begins, ends = bins[order], begins[order], ends[order]
    # chunks of one bin that lie in one block or touch are read together anyway
    joins = (bins[1:] == bins[:-1]) & ((begins[1:] >> 16) <= (ends[:-1] >> 16))
    heads = np.concatenate([[0], np.flatnonzero(~joins) + 1])
    tails = np.concatenate([heads[1:] - 1, [len(bins) - 1]])
    chunks = np.stack([begins[heads], ends[tails]], axis=1)
    owners, first = np.unique(bins[heads], return_index=True)
    counts = np.diff(np.concatenate([first, [len(heads)]]))
    parts = [struct.pack("<i", len(owners) + 1)]
    for owner, start, count in zip(owners.tolist(), first.tolist(), counts.tolist(), strict=True):
        parts += (struct.pack("<Ii", owner, count), chunks[start : start + count].astype("<u8").tobytes())
    records = sum(run.records for run in runs)
    parts.append(struct.pack("<Ii4Q", META_BIN, 2, int(begins.min()), int(ends.max()), records, 0))
    windows = np.concatenate([run.windows for run in runs])
    places = virtual(np.concatenate([run.window_begins for run in runs]))
    linear = np.full(int(windows.max()) + 1, np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(linear, windows, places)
    # an empty window has the offset of the next one that is not: nothing before it can overlap
    linear = np.minimum.accumulate(linear[::-1])[::-1]
    parts += (struct.pack("<i", len(linear)), linear.astype("<u8").tobytes())
    return b"".join(parts)
