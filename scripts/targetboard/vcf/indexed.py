"""Read only those parts of an indexed BGZF file that touch given stretches of the genome.

What is read is proved line by line as always, and the blocks it lies in by htslib's checksums. The rest of the file is
not looked at: records are numbered in the order in which they are read, and an allele that matters only by what its
annotation says elsewhere is not found. Whoever uses this has to say so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from targetboard.errors import MalformedInput
from targetboard.model import VcfHeader
from targetboard.provenance import LateDigest
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import first_texts
from targetboard.vcf.genome import has_control_characters
from targetboard.vcf.inflating import NotPlain
from targetboard.vcf.preflight import Inspection, head_of, inspection_of
from targetboard.vcf.record_checks import BodyChecker
from targetboard.vcf.scan import BodyScanner, LineScreen

_CHUNK_LINES = 2000
if TYPE_CHECKING:
    import pysam

_INDICES = (".tbi", ".csi")

Stretches = Mapping[str, Sequence[tuple[int, int]]]
"""Sorted stretches apart from each other (first and last base), by the file's own contig names."""


def index_of(path: Path) -> Path | None:
    """The index beside a BGZF file; None without one, or where it is older than the file."""
    for suffix in _INDICES:
        index = path.with_name(f"{path.name}{suffix}")
        if index.is_file() and index.stat().st_mtime >= path.stat().st_mtime:
            return index
    return None


def inspect_stretches(
    path: Path,
    screen_of: Callable[[VcfHeader], LineScreen],
    stretches_of: Callable[[Sequence[str]], Stretches],
    *,
    hashed: bool = True,
) -> Inspection | None:
    """Prove and screen the lines that overlap stretches; None where the file or its index does not allow it.

    Parameters
    ----------
    path
        A BGZF file.
    screen_of
        Makes the screen from the header.
    stretches_of
        Gives the stretches for the contigs of the index.
    hashed
        Whether the digest of the whole file is taken, for which all of it is read.

    Raises
    ------
    MalformedInput
        A line that is read is malformed, or the index does not fit the file.
    """
    index = index_of(path)
    if index is None:
        return None
    before = path.stat()
    with path.open("rb") as stream:
        stream.seek(max(0, before.st_size - len(EOF_BLOCK)))
        if stream.read() != EOF_BLOCK:
            return None
    try:
        head = head_of(path, first_texts(path))
    except NotPlain:
        return None
    if head is None:
        return None
    header, warnings, _, _ = head
    checker = BodyChecker(path, header)
    scanner = BodyScanner(checker, screen_of(header))
    import pysam  # only where an index of another kind is read: loading it takes its time

    try:
        with pysam.TabixFile(str(path), index=str(index)) as table:
            line = 1
            for lines in _chunks(_lines(table, stretches_of(table.contigs))):
                line += scanner.scan(lines, line)
                if scanner.layout is not None and has_control_characters(scanner.layout):
                    return None
    except (OSError, ValueError) as error:
        raise MalformedInput(
            f"the index cannot be used ({error})", where=str(index), remedy="Make it anew: tabix -f -p vcf FILE"
        ) from error
    digest = LateDigest(path, before, hashed=hashed)
    return inspection_of(path, digest, before.st_size, "bgzf", header, checker, warnings)


def _lines(table: pysam.TabixFile, stretches: Stretches) -> Iterator[bytes]:
    """Lines in the order of the file, each once."""
    for contig in table.contigs:
        before = 0
        for start, end in stretches.get(contig, ()):
            for line in table.fetch(contig, start - 1, end):
                text = str(line)
                # a long REF that began in an earlier stretch was read there
                if before and int(text.split("\t", 2)[1]) <= before:
                    continue
                yield text.encode("utf-8", "surrogateescape")
            before = end


def _chunks(lines: Iterator[bytes]) -> Iterator[bytes]:
    pending: list[bytes] = []
    for line in lines:
        pending.append(line)
        if len(pending) >= _CHUNK_LINES:
            yield b"\n".join(pending)
            pending = []
    if pending:
        yield b"\n".join(pending)
