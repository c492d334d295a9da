"""One BGZF block of the strict form, inflated and proved."""

from __future__ import annotations

import zlib
from types import ModuleType

try:  # several times faster; the bytes that come out are the same
    from isal import isal_zlib
except ImportError:
    _inflater: ModuleType = zlib
else:
    _inflater = isal_zlib

PLAIN_HEADER = bytes.fromhex("1f8b08040000000000ff060042430200")
"""A block's header as htslib writes it, up to the two bytes of its length."""
HEADER_BYTES = 18
TRAILER_BYTES = 8
BGZF_BLOCK_LIMIT = 1 << 16


class NotPlain(Exception):
    """The file is not of the strict form, or damaged; the careful reader has to look at it."""


def inflate(block: bytes, size: int) -> bytes:
    """Contents of one block whose header was checked; raises NotPlain unless size and CRC32 hold."""
    member = _inflater.decompressobj(-15)
    try:
        text = bytes(member.decompress(block[HEADER_BYTES:-TRAILER_BYTES]))
    except (zlib.error, _inflater.error) as error:
        raise NotPlain from error
    checksum = int.from_bytes(block[-8:-4], "little")
    if (
        len(text) != size
        or size > BGZF_BLOCK_LIMIT
        or not member.eof
        or member.unused_data
        or _inflater.crc32(text) != checksum
    ):
        raise NotPlain
    return text
