"""The blocks of a BGZF file as htslib writes it: where they lie, and their contents with every checksum proved.

Only the strict form is accepted (no optional header fields, an end-of-file block at the end): what is odd in any way is
left to :mod:`targetboard.vcf.bgzf`, which knows how to name a fault.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from targetboard.vcf.bgzf import EOF_BLOCK, RATIO_FREE_BYTES, RATIO_LIMIT
from targetboard.vcf.inflating import (
    BGZF_BLOCK_LIMIT,
    HEADER_BYTES,
    PLAIN_HEADER,
    TRAILER_BYTES,
    NotPlain,
    inflate,
)

PIECE_BYTES = 0xFF00  # contents of a block that we write, as htslib has it


@dataclass(slots=True, frozen=True)
class Blocks:
    """Places of the blocks: ``starts`` in the file, ``offsets`` in the decompressed text; each is longer by its end."""

    path: Path
    starts: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of blocks, the end-of-file block included."""
        return len(self.starts) - 1

    def holding(self, offset: int) -> int:
        """The block that holds a byte of the text."""
        return int(np.searchsorted(self.offsets, offset, side="right")) - 1

    def size(self, number: int) -> int:
        """Length of a block's text."""
        return int(self.offsets[number + 1] - self.offsets[number])

    def text_places(self, virtual: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places in the text of virtual offsets (``place of the block << 16 | place in its text``).

        Raises
        ------
        NotPlain
            One of them does not lie in a block.
        """
        block = np.minimum(np.searchsorted(self.starts, virtual >> 16), self.count)
        within = virtual & 0xFFFF
        sizes = np.append(np.diff(self.offsets), 0)
        if bool((self.starts[block] != virtual >> 16).any()) or bool((within > sizes[block]).any()):
            raise NotPlain
        found: npt.NDArray[np.int64] = self.offsets[block] + within
        return found

    def texts(self, first: int, last: int) -> Iterator[bytes]:
        """Contents of the blocks ``first`` up to, not including, ``last``; raises NotPlain for a damaged one."""
        places = self.starts[first : last + 1].tolist()
        sizes = np.diff(self.offsets[first : last + 1]).tolist()
        with self.path.open("rb") as stream:
            stream.seek(places[0])
            for start, end, size in zip(places, places[1:], sizes, strict=False):
                block = stream.read(end - start)
                yield inflate(block, size)


def find_blocks(path: Path) -> Blocks:
    """Walk through the block headers of a file; raises NotPlain unless it has the strict form."""
    starts, sizes = [0], [0]
    with path.open("rb", buffering=0) as stream:
        handle = stream.fileno()
        total = os.fstat(handle).st_size
        place = 0
        head = os.pread(handle, HEADER_BYTES, 0)
        while place < total:
            if not head.startswith(PLAIN_HEADER) or len(head) < HEADER_BYTES:
                raise NotPlain
            place += int.from_bytes(head[16:18], "little") + 1
            if place > total or place - starts[-1] < HEADER_BYTES + TRAILER_BYTES:
                raise NotPlain
            # the length at the end of this block, and the header of the next one
            edge = os.pread(handle, 4 + HEADER_BYTES, place - 4)
            starts.append(place)
            sizes.append(int.from_bytes(edge[:4], "little"))
            head = edge[4:]
        ended = os.pread(handle, len(EOF_BLOCK), max(0, total - len(EOF_BLOCK))) == EOF_BLOCK
    expanded = sum(sizes)
    if not ended or max(sizes) > BGZF_BLOCK_LIMIT or (expanded > RATIO_FREE_BYTES and expanded > RATIO_LIMIT * total):
        raise NotPlain
    return Blocks(path, np.array(starts, dtype=np.int64), np.cumsum(np.array(sizes, dtype=np.int64)))


def first_texts(path: Path) -> Iterator[bytes]:
    """Contents of the blocks from the first on, without knowing where the others lie; raises NotPlain as above."""
    with path.open("rb") as stream:
        for _, _, text in blocks_from(stream, 0):
            yield text


def blocks_from(stream: BinaryIO, place: int) -> Iterator[tuple[int, int, bytes]]:
    """Begin, end and contents of the blocks from ``place`` on; raises NotPlain where none of the strict form begins."""
    stream.seek(place)
    while len(head := stream.read(HEADER_BYTES)) == HEADER_BYTES:
        if not head.startswith(PLAIN_HEADER):
            raise NotPlain
        rest = stream.read(int.from_bytes(head[16:18], "little") + 1 - HEADER_BYTES)
        if len(rest) < TRAILER_BYTES:
            raise NotPlain
        end = place + len(head) + len(rest)
        yield place, end, inflate(head + rest, int.from_bytes(rest[-4:], "little"))
        place = end


def deflated(text: bytes) -> Iterable[bytes]:
    """The text as blocks; their bytes depend on the text alone."""
    for start in range(0, len(text), PIECE_BYTES):
        piece = text[start : start + PIECE_BYTES]
        packer = zlib.compressobj(1, zlib.DEFLATED, -15)
        data = packer.compress(piece) + packer.flush()
        if len(data) > BGZF_BLOCK_LIMIT - HEADER_BYTES - TRAILER_BYTES:
            packer = zlib.compressobj(0, zlib.DEFLATED, -15)
            data = packer.compress(piece) + packer.flush()
        length = HEADER_BYTES + len(data) + TRAILER_BYTES - 1
        yield b"".join(
            (
                PLAIN_HEADER,
                length.to_bytes(2, "little"),
                data,
                zlib.crc32(piece).to_bytes(4, "little"),
                len(piece).to_bytes(4, "little"),
            )
        )
