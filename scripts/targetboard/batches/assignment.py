"""Which samples share a batch: a hash of the sample id, so that a new sample changes one batch and no other."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

from targetboard.errors import UsageError

SINGLE_JOBS_UP_TO = 50
"""With ``batch_size: auto``, sheets up to this size run one job a sample."""
AUTOMATIC_BATCHES = 16
AUTOMATIC_SIZES = (16, 64)
"""Above, sheets are cut into so many batches, as long as a batch then holds this many samples: enough batches for the
cores of a machine, enough samples to outweigh the start of its two processes (1.2 s of CPU; a panel sample 0.4 s)."""
_MAX_BITS = 16
_NAME = re.compile(r"([0-9]+)-of-([0-9]+)")


def batch_size_of(setting: int | str, samples: int) -> int:
    """Samples a batch should hold at most, on average; 1: one job a sample.

    Parameters
    ----------
    setting
        ``execution.batch_size`` of the configuration: ``"auto"`` or a number.
    samples
        Samples of the sheet.
    """
    if setting == "auto":
        least, most = AUTOMATIC_SIZES
        return 1 if samples <= SINGLE_JOBS_UP_TO else max(least, min(most, -(-samples // AUTOMATIC_BATCHES)))
    return int(setting)


def batch_count(samples: int, size: int) -> int:
    """Number of batches: the smallest power of two that leaves no more than ``size`` samples in a batch on average."""
    bits = 0
    while bits < _MAX_BITS and size << bits < samples:
        bits += 1
    return 1 << bits


def batch_name(index: int, count: int) -> str:
    """Name of batch ``index`` (from 0): ``03-of-16``."""
    return f"{index + 1:0{len(str(count))}d}-of-{count}"


def batch_names(count: int) -> list[str]:
    """Names of all batches."""
    return [batch_name(index, count) for index in range(count)]


def parse_batch_name(name: str) -> tuple[int, int]:
    """Index (from 0) and count of a batch.

    Raises
    ------
    UsageError
        If the name is none, the count no power of two, or the index beyond it.
    """
    found = _NAME.fullmatch(name)
    index, count = (int(found[1]) - 1, int(found[2])) if found else (0, 0)
    if count < 1 or count & (count - 1) or count > 1 << _MAX_BITS or not 0 <= index < count:
        raise UsageError(
            f"{name!r} names no batch", where="--batch", remedy="Write I-of-N, N a power of two, such as 3-of-16"
        )
    return index, count


def batch_index(sample_id: str, count: int) -> int:
    """Batch of a sample (from 0) among ``count``, a power of two: the leading bits of a hash of its id."""
    leading = int.from_bytes(hashlib.sha256(sample_id.encode()).digest()[:4])
    return leading >> (32 - count.bit_length() + 1)


def members(sample_ids: Iterable[str], count: int) -> list[list[str]]:
    """Sample ids of every batch, in the given order."""
    batches: list[list[str]] = [[] for _ in range(count)]
    for sample_id in sample_ids:
        batches[batch_index(sample_id, count)].append(sample_id)
    return batches


def of_batch(sample_ids: Sequence[str], name: str) -> list[str]:
    """Sample ids of the batch with this name, in the given order."""
    index, count = parse_batch_name(name)
    return [sample_id for sample_id in sample_ids if batch_index(sample_id, count) == index]
