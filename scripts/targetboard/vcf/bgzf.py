"""Decompressed bytes of a file, each block proved before anyone parses it.

Plain text, gzip and BGZF are read in one streaming pass. Every gzip member is inflated with its CRC32 and length
checked (zlib does both at the end of a member), and BGZF is walked block by block (SAM specification, section 4.1: a
``BC`` extra field with the block size, at most 64 KiB per block, an empty block at the end of the file). This exists
because readers differ: a BGZF file cut between two blocks opens without complaint in most of them.
"""

from __future__ import annotations

import hashlib
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import FileIO
from itertools import chain
from pathlib import Path

from targetboard.errors import MalformedInput, UsageError
from targetboard.vcf.inflating import BGZF_BLOCK_LIMIT, PLAIN_HEADER, NotPlain, inflate

READ_BYTES = 1 << 20
CHUNK_BYTES = 1 << 19
# The SAM specification's end-of-file marker: one empty BGZF block, always these bytes.
EOF_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
# A VCF compresses 5 to 120 times (long identical INFO texts); deflate cannot exceed 1032, which only a bomb comes near.
RATIO_LIMIT = 400
RATIO_FREE_BYTES = 64 << 20
TOTAL_LIMIT = 1 << 40

_GZIP_MAGIC = b"\x1f\x8b"
_BGZF_MAGIC = b"\x1f\x8b\x08\x04"
_COPY_AGAIN = "Copy or export the file again from its source and compare checksums"
_AS_VCF = "Give the VCF itself (plain, gzip or bgzip)"
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"BAM\x01", "a BAM file (alignments), not a VCF", "Give the VCF that the variant caller wrote"),
    (b"CRAM", "a CRAM file (alignments), not a VCF", "Give the VCF that the variant caller wrote"),
    (b"BCF\x02", "a BCF file, the binary form of VCF", "Convert it: bcftools view -Oz -o FILE.vcf.gz FILE.bcf"),
    (b"BCF\x04", "an old BCF1 file, the binary form of VCF", "Convert it to VCF with the tool that wrote it"),
    (b"PK\x03\x04", "a zip archive or Office workbook, not a VCF", f"Unpack it. {_AS_VCF}"),
    (b"BZh", "bzip2-compressed", "Decompress it, or recompress it with bgzip"),
    (b"\xfd7zXZ\x00", "xz-compressed", "Decompress it, or recompress it with bgzip"),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed", "Decompress it, or recompress it with bgzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive, not a VCF", f"Unpack it. {_AS_VCF}"),
    (b"\x1f\x9d", "compressed with the old Unix compress", "Decompress it, or recompress it with bgzip"),
    (b"%PDF", "a PDF document, not a VCF", _AS_VCF),
    (b"<!DOCTYPE", "a web page, not a VCF (a failed download?)", "Download the file again"),
    (b"<html", "a web page, not a VCF (a failed download?)", "Download the file again"),
    (b"\xff\xfe", "UTF-16 text", "Save it as UTF-8"),
    (b"\xfe\xff", "UTF-16 text", "Save it as UTF-8"),
)


@dataclass(slots=True)
class StreamFacts:
    """What is known of the file's bytes once :func:`proved_chunks` is exhausted.

    ``compression`` is "bgzf", "gzip" or "plain"; ``sha256`` and ``size_bytes`` describe the file as it lies on disk.
    """

    compression: str = "plain"
    sha256: str = ""
    size_bytes: int = 0
    missing_eof: bool = False


def require_regular_file(path: Path) -> None:
    """Raise :class:`UsageError` unless ``path`` is an existing regular file (it is read more than once)."""
    try:
        mode = path.stat().st_mode
    except OSError as error:
        raise UsageError(
            f"the file cannot be opened ({error.strerror})", where=str(path), remedy="Check the path and permissions"
        ) from error
    except ValueError as error:
        raise UsageError("the path holds a NUL byte", where=repr(str(path)), remedy="Correct the path") from error
    if stat.S_ISREG(mode):
        return
    kind = "a directory" if stat.S_ISDIR(mode) else "a pipe, socket or device"
    raise UsageError(f"this is {kind}, not a file", where=str(path), remedy="Give a regular file: it is read twice")


def proved_chunks(path: Path, facts: StreamFacts, *, allow_missing_eof: bool = False) -> Iterator[bytes]:
    """Yield the decompressed bytes in non-empty chunks of about half a megabyte, and fill ``facts``.

    Parameters
    ----------
    path
        A regular file.
    facts
        Filled as the bytes are read; complete only when the iterator is exhausted.
    allow_missing_eof
        Accept a BGZF file without its end-of-file block (``facts.missing_eof`` then says so).

    Raises
    ------
    MalformedInput
        Truncation, a failed checksum, trailing bytes, a missing end-of-file block, a foreign file format, or more
        than ``RATIO_LIMIT`` times (or ``TOTAL_LIMIT`` bytes) of decompressed data.
    UsageError
        The path is missing, unreadable or no regular file.
    """
    require_regular_file(path)
    digest = hashlib.sha256()
    try:
        with path.open("rb", buffering=0) as handle:
            raw = _raw_pieces(handle, digest, facts)
            first = next(raw, b"")
            if not first:
                raise MalformedInput("the file is empty", where=str(path), remedy=_COPY_AGAIN)
            _refuse_foreign(first, path, inside="")
            facts.compression = _compression_of(first)
            pieces: Iterator[bytes] = chain((first,), raw)
            if facts.compression == "bgzf":
                pieces = _Bgzf(path, facts, allow_missing_eof).chunks(pieces)
            elif facts.compression == "gzip":
                pieces = _Gzip(path).chunks(pieces)
            yield from _limited(pieces, path, facts)
    except OSError as error:
        raise UsageError(
            f"the file cannot be read ({error.strerror})", where=str(path), remedy="Check permissions and the disk"
        ) from error
    facts.sha256 = digest.hexdigest()


def _raw_pieces(handle: FileIO, digest: hashlib._Hash, facts: StreamFacts) -> Iterator[bytes]:
    while piece := handle.read(READ_BYTES):
        digest.update(piece)
        facts.size_bytes += len(piece)
        yield piece


def _compression_of(first: bytes) -> str:
    if not first.startswith(_GZIP_MAGIC):
        return "plain"
    return "bgzf" if _block_size(first) is not None else "gzip"


def _refuse_foreign(first: bytes, path: Path, *, inside: str) -> None:
    if inside and first.startswith(_GZIP_MAGIC):
        raise MalformedInput(
            "the file is gzip-compressed twice", where=str(path), remedy="Decompress it once (gunzip) and try again"
        )
    for magic, what, remedy in _FOREIGN:
        if first[: len(magic)].lower() == magic.lower():
            raise MalformedInput(f"the {inside}file is {what}", where=str(path), remedy=remedy)


def _limited(chunks: Iterator[bytes], path: Path, facts: StreamFacts) -> Iterator[bytes]:
    total = 0
    for chunk in chunks:
        if total == 0 and facts.compression != "plain":
            _refuse_foreign(chunk, path, inside="compressed ")
        total += len(chunk)
        if total > TOTAL_LIMIT or (total > RATIO_FREE_BYTES and total > RATIO_LIMIT * facts.size_bytes):
            raise MalformedInput(
                f"the file expands more than {RATIO_LIMIT} times (or over {TOTAL_LIMIT >> 40} TiB): "
                "this looks like a decompression bomb",
                where=str(path),
                remedy="If it is a real VCF, decompress it and give it as plain text",
            )
        yield chunk
    if total == 0:
        raise MalformedInput("the compressed file holds no data", where=str(path), remedy=_COPY_AGAIN)


def _block_size(data: bytes, start: int = 0) -> int | None:
    """Size in bytes of the BGZF block at ``start``, or None if no complete BGZF header stands there."""
    if data[start : start + 4] != _BGZF_MAGIC:
        return None
    extra_length = int.from_bytes(data[start + 10 : start + 12], "little")
    extra = data[start + 12 : start + 12 + extra_length]
    while len(extra) >= 6:
        length = int.from_bytes(extra[2:4], "little")
        if extra[:4] == b"BC\x02\x00":
            return int.from_bytes(extra[4:6], "little") + 1
        extra = extra[4 + length :]
    return None


class _Gzip:
    """One or several gzip members; zlib verifies CRC32 and length of each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.read = 0
        self.members = 0

    def chunks(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        member = zlib.decompressobj(31)
        for piece in raw:
            self.read += len(piece)
            data = piece
            while data:
                if member.eof:
                    member = zlib.decompressobj(31)
                    self.members += 1
                if out := self._inflate(member, data):
                    yield out
                data = member.unused_data if member.eof else member.unconsumed_tail
        while not member.eof and (out := self._inflate(member, b"")):
            yield out
        if not member.eof:
            raise MalformedInput(
                "the gzip file is cut short (its last member is incomplete)", where=str(self.path), remedy=_COPY_AGAIN
            )

    def _inflate(self, member: zlib._Decompress, data: bytes) -> bytes:
        try:
            return member.decompress(data, CHUNK_BYTES)
        except zlib.error as error:
            what = f"the gzip data is damaged before byte {self.read} ({_zlib_reason(error)})"
            if self.members and "header" in str(error):
                what = f"bytes that are no gzip data follow the compressed data, before byte {self.read}"
            raise MalformedInput(what, where=str(self.path), remedy=_COPY_AGAIN) from error


class _Bgzf:
    """BGZF blocks, one after the other, the last one being the end-of-file block."""

    def __init__(self, path: Path, facts: StreamFacts, allow_missing_eof: bool) -> None:
        self.path = path
        self.facts = facts
        self.allow_missing_eof = allow_missing_eof
        self.offset = 0  # of the block in the file
        self.last = b""

    def chunks(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        parts: list[bytes] = []
        held = 0
        for block in self._blocks(raw):
            data = self._inflate(block)
            if data:
                parts.append(data)
                held += len(data)
            if held >= CHUNK_BYTES:
                yield b"".join(parts)
                parts, held = [], 0
        if parts:
            yield b"".join(parts)
        if self.last == EOF_BLOCK:
            return
        if not self.allow_missing_eof:
            raise MalformedInput(
                "the end-of-file block is missing: the file may be cut short after a complete block",
                where=str(self.path),
                remedy=f"{_COPY_AGAIN}; if its writer never adds the block, use --allow-missing-eof",
            )
        self.facts.missing_eof = True

    def _blocks(self, raw: Iterator[bytes]) -> Iterator[bytes]:
        buffer = b""
        for piece in raw:
            buffer += piece
            start = 0
            while (size := self._next_size(buffer, start)) is not None and start + size <= len(buffer):
                self.last = buffer[start : start + size]
                yield self.last
                start += size
                self.offset += size
            buffer = buffer[start:]
        if buffer:
            raise MalformedInput(
                f"the BGZF file is cut short inside the block at byte {self.offset}",
                where=str(self.path),
                remedy=_COPY_AGAIN,
            )

    def _next_size(self, buffer: bytes, start: int) -> int | None:
        available = len(buffer) - start
        if _BGZF_MAGIC.startswith(buffer[start : start + 4]):
            extra_length = int.from_bytes(buffer[start + 10 : start + 12], "little")
            if available < 12 or available < 12 + extra_length:
                return None
        size = _block_size(buffer, start)
        if size is not None and size > 12:
            return size
        at_end = self.last == EOF_BLOCK
        what = "bytes follow the end-of-file block" if at_end else "no BGZF block starts where one must"
        raise MalformedInput(f"{what}, at byte {self.offset}", where=str(self.path), remedy=_COPY_AGAIN)

    def _inflate(self, block: bytes) -> bytes:
        if block.startswith(PLAIN_HEADER):
            with suppress(NotPlain):  # the fault is named below
                return inflate(block, int.from_bytes(block[-4:], "little"))
        member = zlib.decompressobj(31)
        try:
            data = member.decompress(block, BGZF_BLOCK_LIMIT + 1)
        except zlib.error as error:
            raise self._damaged(_zlib_reason(error)) from error
        if len(data) > BGZF_BLOCK_LIMIT:
            raise self._damaged("it holds more than 64 KiB")
        if not member.eof or member.unused_data:
            raise self._damaged("its data does not end where its header says")
        return data

    def _damaged(self, reason: str) -> MalformedInput:
        return MalformedInput(
            f"the BGZF block at byte {self.offset} is damaged ({reason})", where=str(self.path), remedy=_COPY_AGAIN
        )


def _zlib_reason(error: zlib.error) -> str:
    text = str(error).partition(": ")[2] or str(error)
    return {
        "incorrect data check": "its CRC32 checksum does not match",
        "incorrect length check": "its length does not match",
    }.get(text, text)
