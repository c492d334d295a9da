"""Proof of a VCF's bytes before any parser sees them.

Readers forgive what they should not: a file cut between two blocks, two files joined, a last line cut in half, an extra
column, a position that wraps around 2^31 all pass in one reader or another. :func:`inspect` reads the whole file once,
in flat memory, and either raises :class:`~targetboard.errors.MalformedInput` with line and remedy or returns what the
file is. What is odd but has exactly one meaning (no ``##fileformat``, log text before the header, blank lines, CRLF, a
byte order mark, white space around an allele, bytes that are not UTF-8) is accepted with a warning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.model import VcfHeader
from targetboard.provenance import LateDigest
from targetboard.vcf.bgzf import StreamFacts, proved_chunks
from targetboard.vcf.header import BodyUse, parse_header, with_body_use
from targetboard.vcf.record_checks import TABS_REMEDY, BodyChecker, Notes
from targetboard.vcf.scan import BodyScanner, LineScreen

FIXED_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
# A line may be long (a 50 MB INFO is legal); beyond this it is no VCF. The header is kept in memory.
LINE_LIMIT = 256 << 20
HEADER_LIMIT = 64 << 20
STRAY_LINE_LIMIT = 50

_BOM = b"\xef\xbb\xbf"
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r") + b"\x7f"
_EXPORT = "Export the file again with the tool that wrote it"
_NOT_VCF = "Give the VCF that the variant caller wrote"


@dataclass(slots=True, frozen=True)
class Inspection:
    """What a proved VCF is.

    ``digest`` (see :attr:`sha256`) and ``size_bytes`` are of the file on disk, ``compression`` is "bgzf", "gzip" or
    "plain", ``records`` counts data lines. ``suspect_records`` maps a record number to the reason why a value of it is
    ambiguous (a key that stands twice with different values). ``use`` lists what the records use. ``warnings`` are
    sentences.
    """

    path: Path
    digest: str | LateDigest
    size_bytes: int
    compression: str
    records: int
    header: VcfHeader
    contigs_used: tuple[str, ...]
    info_used: tuple[str, ...]
    format_used: tuple[str, ...]
    warnings: tuple[str, ...]
    suspect_records: Mapping[int, str] = field(default_factory=dict)
    use: BodyUse = field(default_factory=BodyUse)
    stripped_alleles: bool = False

    @property
    def sha256(self) -> str:
        """SHA-256 of the file, waited for where it is still taken (see :meth:`LateDigest.result`); "" if none is."""
        return self.digest if isinstance(self.digest, str) else self.digest.result()


ScreenOf = Callable[[VcfHeader], LineScreen]


def inspect(path: Path, *, allow_missing_eof: bool = False, screen_of: ScreenOf | None = None) -> Inspection:
    """Read a VCF once and prove that it can be trusted byte by byte.

    Parameters
    ----------
    path
        A regular file: VCF as plain text, gzip or BGZF.
    allow_missing_eof
        Accept a BGZF file without its end-of-file block, with a warning.
    screen_of
        Makes, from the header, what takes every proved line; errors it raises pass through.

    Raises
    ------
    MalformedInput
        The file is damaged, cut, no VCF, or a line of it is malformed; with line number and remedy.
    UsageError
        The file is missing, unreadable, or no regular file.
    """
    facts = StreamFacts()
    lines = _Lines(path, facts, allow_missing_eof)
    head = _read_head(lines, path)
    checker = BodyChecker(path, head.header)
    _check_body(head, BodyScanner(checker, screen_of(head.header) if screen_of is not None else None))
    warnings = [*head.warnings, *lines.warnings()]
    if facts.missing_eof:
        warnings.insert(0, "The end-of-file block is missing: records may be missing at the end of the file.")
    return inspection_of(path, facts.sha256, facts.size_bytes, facts.compression, head.header, checker, warnings)


def inspection_of(
    path: Path,
    digest: str | LateDigest,
    size_bytes: int,
    compression: str,
    header: VcfHeader,
    checker: BodyChecker,
    warnings: Sequence[str],
) -> Inspection:
    """Put together what a whole pass found; ``warnings`` are those of the bytes and of the header."""
    use = checker.use()
    return Inspection(
        path=path,
        digest=digest,
        size_bytes=size_bytes,
        compression=compression,
        records=checker.records,
        header=with_body_use(header, use),
        contigs_used=use.contigs,
        info_used=use.info,
        format_used=use.format,
        warnings=(*warnings, *checker.notes.sentences()),
        suspect_records=checker.suspects,
        use=use,
        stripped_alleles=checker.stripped_alleles,
    )


def head_of(path: Path, texts: Iterable[bytes]) -> tuple[VcfHeader, list[str], int, int] | None:
    """The header at the beginning of proved pieces of text, its warnings, and its length in bytes and in lines.

    None for a header that needs more care than that (a byte order mark, CR LF, control characters, none at all).

    Raises
    ------
    MalformedInput
        As :func:`inspect`.
    """
    text = b""
    for piece in texts:
        text += piece
        place = 0 if text.startswith(b"#CHROM\t") else text.find(b"\n#CHROM\t") + 1
        end = text.find(b"\n", place) if place or text.startswith(b"#CHROM\t") else -1
        if end >= 0:
            head = text[:end]
            if head.startswith(_BOM) or b"\r" in head or len(head.translate(None, _CONTROL)) != len(head):
                return None
            found = _read_head([_Batch(1, head)], path)
            return found.header, found.warnings, end + 1, head.count(b"\n") + 1
        if len(text) > HEADER_LIMIT:
            return None
    return None


def canonical_lines(path: Path, inspection: Inspection) -> Iterator[tuple[int, str]]:
    """Yield (line number in the file, text) of each header line, the ``#CHROM`` line and each record.

    Line ends, a byte order mark, stray and blank lines and white space around alleles are gone; bytes that are not
    UTF-8 are U+FFFD. The same number of records comes out as :func:`inspect` counted.

    Raises
    ------
    MalformedInput
        The file is not the one that was inspected (its bytes changed).
    """
    facts = StreamFacts()
    lines = _Lines(path, facts, allow_missing_eof=True)
    in_body = False
    for batch in lines:
        for number, line in enumerate(batch.lines, batch.first):
            if in_body:
                if line:
                    text = line.decode("utf-8", "replace")
                    yield number, bare_alleles(text) if inspection.stripped_alleles else text
            elif line.startswith(b"##"):
                yield number, line.decode("utf-8", "replace")
            elif line.startswith(b"#CHROM\t"):
                in_body = True
                yield number, line.decode("utf-8", "replace")
    if facts.sha256 != inspection.sha256:
        raise MalformedInput("the file changed while it was read", where=str(path), remedy="Run again")


def bare_alleles(text: str) -> str:
    """A data line without white space around its alleles."""
    if " " not in text:
        return text
    fields = text.split("\t")
    fields[3] = fields[3].strip(" ")
    fields[4] = ",".join(allele.strip(" ") for allele in fields[4].split(","))
    return "\t".join(fields)


@dataclass(slots=True)
class _Batch:
    """Complete consecutive lines, numbered from ``first``; ``text`` is without the last line's end."""

    first: int
    text: bytes
    ended: bool = True  # whether the last line had a line end

    @property
    def lines(self) -> list[bytes]:
        """The lines without line ends."""
        return self.text.split(b"\n")


class _Lines:
    """Splits proved chunks into batches of lines; refuses control characters and overlong lines."""

    def __init__(self, path: Path, facts: StreamFacts, allow_missing_eof: bool) -> None:
        self.path = path
        self._chunks = proved_chunks(path, facts, allow_missing_eof=allow_missing_eof)
        self._crlf_line = 0
        self._bom = False

    def __iter__(self) -> Iterator[_Batch]:
        number = 1
        carried: list[bytes] = []
        carried_bytes = 0
        first = True
        for chunk in self._chunks:
            data = chunk
            if first:
                first = False
                if data.startswith(_BOM):
                    self._bom, data = True, data[len(_BOM) :]
            if len(data.translate(None, _CONTROL)) != len(data):
                self._refuse_control(data, number)
            end = data.rfind(b"\n")
            if end < 0:
                carried.append(data)
                carried_bytes += len(data)
                if carried_bytes > LINE_LIMIT:
                    where = f"{self.path}, line {number}"
                    raise MalformedInput(f"a line is longer than {LINE_LIMIT >> 20} MiB", where=where, remedy=_NOT_VCF)
                continue
            whole = b"".join([*carried, data[:end]])
            carried, carried_bytes = [data[end + 1 :]], len(data) - end - 1
            batch = self._batch(number, whole)
            yield batch
            number += batch.text.count(b"\n") + 1
        rest = b"".join(carried)
        if rest:
            batch = self._batch(number, rest)
            batch.ended = False
            yield batch

    def warnings(self) -> list[str]:
        """What was odd about the text as a whole."""
        found = []
        if self._bom:
            found.append("The file starts with a byte order mark, which was skipped.")
        if self._crlf_line:
            found.append(f"Lines end with CR LF (first: line {self._crlf_line}); they were read like LF.")
        return found

    def _batch(self, number: int, whole: bytes) -> _Batch:
        if b"\r" in whole:
            lines = [line.removesuffix(b"\r") for line in whole.split(b"\n")]
            self._crlf_line = self._crlf_line or number + whole[: whole.index(b"\r")].count(b"\n")
            for offset, line in enumerate(lines):
                if b"\r" in line:
                    raise MalformedInput(
                        "a carriage return stands inside the line",
                        where=f"{self.path}, line {number + offset}",
                        remedy="Save the file with LF line ends",
                    )
            whole = b"\n".join(lines)
        return _Batch(number, whole)

    def _refuse_control(self, data: bytes, number: int) -> None:
        offset = next(i for i, code in enumerate(data) if code in _CONTROL)
        what = "NUL bytes" if data[offset] == 0 else f"a control character (0x{data[offset]:02x})"
        line = number + data.count(b"\n", 0, offset)
        raise MalformedInput(
            f"the text holds {what}", where=f"{self.path}, line {line}", remedy=f"The file is damaged. {_EXPORT}"
        )


@dataclass(slots=True)
class _Head:
    header: VcfHeader
    warnings: list[str]
    rest: _Batch | None  # body lines that came in the same batch as the #CHROM line
    batches: Iterator[_Batch]


def _read_head(lines: Iterable[_Batch], path: Path) -> _Head:
    meta: list[str] = []
    notes = Notes()
    stray = 0
    size = 0
    batches = iter(lines)
    for batch in batches:
        listed = batch.lines
        for offset, line in enumerate(listed):
            number = batch.first + offset
            size += len(line)
            if size > HEADER_LIMIT:
                raise MalformedInput(
                    f"the header is larger than {HEADER_LIMIT >> 20} MiB, or there is none",
                    where=f"{path}, line {number}",
                    remedy=_NOT_VCF,
                )
            if line.startswith(b"##"):
                meta.append(line.decode("utf-8", "replace"))
                if "\ufffd" in meta[-1]:
                    notes.add("bytes that are not UTF-8 are shown as U+FFFD", number)
            elif line[:6] == b"#CHROM":
                samples = _samples(line, path, number)
                header, warnings = parse_header(meta, samples)
                warnings = [*_version_warnings(meta, path), *notes.sentences(), *(f"{text}." for text in warnings)]
                after = listed[offset + 1 :]
                rest = replace(batch, first=number + 1, text=b"\n".join(after)) if after else None
                return _Head(header, warnings, rest, batches)
            else:
                stray += 1
                _accept_stray(line, notes, path, number, stray)
    raise MalformedInput(
        "there is no #CHROM line, so this is no VCF or only a part of one", where=str(path), remedy=_NOT_VCF
    )


def _accept_stray(line: bytes, notes: Notes, path: Path, number: int, count: int) -> None:
    """A line before ``#CHROM`` that is no ``##`` line: blank or log text has no meaning and is skipped."""
    where = f"{path}, line {number}"
    fields = line.split(b"\t")
    if fields[0] == b"Hugo_Symbol":
        raise MalformedInput("this is a MAF table, not a VCF", where=where, remedy=_NOT_VCF)
    if len(fields) >= 8 and fields[1].isdigit():
        raise MalformedInput("a record stands before the #CHROM line", where=where, remedy=_EXPORT)
    if count > STRAY_LINE_LIMIT:
        raise MalformedInput("this is no VCF: there is text but no header", where=where, remedy=_NOT_VCF)
    blank = not line.strip()
    notes.add("a blank line in the header was skipped" if blank else "a line of text in the header was skipped", number)


def _samples(line: bytes, path: Path, number: int) -> tuple[str, ...]:
    """Sample names of the ``#CHROM`` line, after checking its columns."""
    where = f"{path}, line {number}"
    columns = line.decode("utf-8", "replace").split("\t")
    if len(columns) < 8 and len(line.split()) >= 8:
        raise MalformedInput(
            "the #CHROM line has spaces where tabs must stand",
            where=where,
            remedy=TABS_REMEDY,
        )
    if tuple(columns[:8]) != FIXED_COLUMNS or (len(columns) > 8 and columns[8] != "FORMAT"):
        wanted = (*FIXED_COLUMNS, "FORMAT")
        wrong = next((c for c, w in zip(columns, wanted, strict=False) if c != w), "too few columns")
        raise MalformedInput(
            f"the #CHROM line does not name the columns of a VCF (found {wrong[:40]!r})", where=where, remedy=_EXPORT
        )
    samples = columns[9:]
    if any(not name.strip() for name in samples):
        raise MalformedInput("a sample name is empty", where=where, remedy="Remove tabs at the end of the line")
    if len(columns) == 9:
        raise MalformedInput("there is a FORMAT column but no sample", where=where, remedy=_EXPORT)
    if len(set(samples)) != len(samples):
        twice = next(name for name in samples if samples.count(name) > 1)
        raise MalformedInput(
            f"sample {twice[:40]!r} stands twice", where=where, remedy="Rename one: bcftools reheader --samples"
        )
    return tuple(samples)


def _version_warnings(meta: list[str], path: Path) -> list[str]:
    versions = [line.partition("=")[2].strip() for line in meta if line.startswith("##fileformat=")]
    if not versions:
        return ["There is no ##fileformat line; the file was read as VCF 4."]
    if versions[0].startswith(("VCFv3", "VCRv3")):
        raise MalformedInput(
            f"{versions[0]} writes indels in another way", where=str(path), remedy="Convert the file to VCF 4"
        )
    if not versions[0].startswith("VCFv4"):
        return [f"##fileformat says {versions[0][:40]!r}; the file was read as VCF 4."]
    return []


def _check_body(head: _Head, scanner: BodyScanner) -> None:
    for batch in chain([head.rest] if head.rest is not None else [], head.batches):
        count = scanner.scan(batch.text, batch.first)
        if not batch.ended and (last := batch.text.rpartition(b"\n")[2]):
            scanner.checker.check_last_line(last, batch.first + count - 1)
