"""Records of a proved VCF, every value as the text that stood in the file.

htslib turns "0.0076" into float32, "0,30" into two numbers and "38.46%" into an error. Here it reads a canonical copy
in which every INFO and FORMAT key is declared as text, so that no value is converted. The record handed on is the text
of the file; it counts only if htslib, an independent parser, renders the canonical record back letter by letter. Names
that htslib treats specially (GT) or refuses (odd characters) carry a stand-in in the canonical copy only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput, UsageError
from targetboard.model import SourceRecord
from targetboard.vcf.header import repaired_header
from targetboard.vcf.preflight import Inspection, bare_alleles, canonical_lines

__all__ = ["read_records", "repaired_header"]

# The canonical copy is written piece by piece, so a genome needs neither its size in memory nor on disk.
BATCH_RECORDS = 5_000
BATCH_CHARACTERS = 8 << 20
LAYOUT_LIMIT = 20_000

_SAFE_KEY = re.compile(r"[A-Za-z_][0-9A-Za-z_.]*")
_SAFE_CONTIG = re.compile(r"[0-9A-Za-z_][0-9A-Za-z_.:+-]*")
# htslib encodes GT as numbers whatever its declaration, and complains when GL or PL are declared as text.
_SPECIAL_FORMAT = ("GT", "GL", "PL")
_MISSING = "."


Kept = tuple[int, int, bytes]
"""Record number, line number and text of a line."""


def read_records(
    path: Path, inspection: Inspection, workdir: Path, kept: Iterable[Kept] | None = None
) -> Iterator[SourceRecord]:
    """Yield the records of a VCF that :func:`~targetboard.vcf.preflight.inspect` has proved.

    INFO flags map to ``""``, an INFO key with nothing after ``=`` and an empty or dropped FORMAT value to ``"."``; of a
    key that stands twice the first value is kept (``inspection.suspect_records`` names the records where they differ).
    A FORMAT of ``"."`` is the empty tuple. Everything else is verbatim, percent-encoding included.

    Parameters
    ----------
    path, inspection
        The file and what ``inspect`` found.
    workdir
        A writable directory for ``canonical.vcf``, which is removed at the end.
    kept
        The lines to read, from the same inspection; every line of the file, read anew, where None.

    Raises
    ------
    MalformedInput
        htslib cannot read a record or reads it differently, or the file changed since it was inspected.
    UsageError
        ``workdir`` cannot be written.
    """
    names = _StandIns.of(inspection)
    canonical = workdir / "canonical.vcf"
    try:
        for batch in _batches(
            _numbered(path, inspection) if kept is None else _decoded(kept, inspection), inspection, names
        ):
            yield from _agreed(batch, canonical, names.header, path)
    finally:
        canonical.unlink(missing_ok=True)


@dataclass(slots=True)
class _Batch:
    records: list[SourceRecord]
    lines: list[str]  # the canonical text of each record


@dataclass(slots=True, frozen=True)
class _StandIns:
    """Canonical names where a name of the file cannot be used, and the canonical header."""

    contigs: Mapping[str, str]
    info: Mapping[str, str]
    format: Mapping[str, str]
    filters: Mapping[str, str]
    header: str

    @classmethod
    def of(cls, inspection: Inspection) -> _StandIns:
        use = inspection.use
        contigs = _stand_ins(use.contigs, _SAFE_CONTIG, "contig_")
        info = _stand_ins(use.info, _SAFE_KEY, "INFO_")
        formats = _stand_ins(use.format, _SAFE_KEY, "FORMAT_", refused=_SPECIAL_FORMAT)
        filters = _stand_ins(use.filters, _SAFE_KEY, "FILTER_")
        lines = ["##fileformat=VCFv4.2"]
        lines += [f"##contig=<ID={contigs.get(name, name)}>" for name in use.contigs]
        lines += [f'##FILTER=<ID={filters.get(n, n)},Description="">' for n in use.filters if n != "PASS"]
        for key in use.info:
            kind = "Number=0,Type=Flag" if key in use.flag_info else "Number=.,Type=String"
            lines.append(f'##INFO=<ID={info.get(key, key)},{kind},Description="">')
        lines += [f'##FORMAT=<ID={formats.get(k, k)},Number=.,Type=String,Description="">' for k in use.format]
        columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
        if inspection.header.samples:
            columns += ["FORMAT", *(f"S{i}" for i in range(1, len(inspection.header.samples) + 1))]
        header = "\n".join([*lines, "\t".join(columns), ""])
        return cls(contigs, info, formats, filters, header)


def _stand_ins(
    names: Iterable[str], safe: re.Pattern[str], prefix: str, refused: tuple[str, ...] = ()
) -> dict[str, str]:
    taken = set(names)
    found: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        if safe.fullmatch(name) and name.isascii() and name not in refused:
            continue
        stand_in = f"{prefix}{number}"
        while stand_in in taken:
            stand_in += "_"
        taken.add(stand_in)
        found[name] = stand_in
    return found


def _numbered(path: Path, inspection: Inspection) -> Iterator[tuple[int, int, str]]:
    number = 0
    for line_number, text in canonical_lines(path, inspection):
        if not text.startswith("#"):
            number += 1
            yield number, line_number, text


def _decoded(kept: Iterable[Kept], inspection: Inspection) -> Iterator[tuple[int, int, str]]:
    for number, line_number, line in kept:
        text = line.decode("utf-8", "replace")
        yield number, line_number, bare_alleles(text) if inspection.stripped_alleles else text


def _batches(lines: Iterable[tuple[int, int, str]], inspection: Inspection, names: _StandIns) -> Iterator[_Batch]:
    layouts: dict[str, _Layout] = {}
    batch = _Batch([], [])
    size = 0
    for number, line_number, text in lines:
        record, canonical = _record(number, line_number, text, inspection.header.samples, names, layouts)
        batch.records.append(record)
        batch.lines.append(canonical)
        size += len(text)
        if len(batch.records) >= BATCH_RECORDS or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = _Batch([], []), 0
    if batch.records:
        yield batch


def _agreed(batch: _Batch, canonical: Path, header: str, path: Path) -> Iterator[SourceRecord]:
    """Yield the records of the batch, each after htslib has read the same."""
    try:
        canonical.write_text(header + "\n".join(batch.lines) + "\n", encoding="utf-8", newline="\n")
        canonical.chmod(0o600)
    except OSError as error:
        raise UsageError(
            f"the work directory cannot be written ({error.strerror})", where=str(canonical.parent)
        ) from error
    seen = 0
    for record, line, rendered in zip(batch.records, batch.lines, _rendered(canonical, batch, path), strict=False):
        if rendered != line:
            raise _disagreement(path, record, "htslib reads this record differently from its text")
        seen += 1
        yield record
    if seen != len(batch.records):
        raise _disagreement(path, batch.records[seen], "htslib stops reading here")


def _rendered(canonical: Path, batch: _Batch, path: Path) -> Iterator[str]:
    """Each record of the canonical copy as htslib writes it after parsing."""
    import cyvcf2  # only where there is something to read

    read = 0
    try:
        reader = cyvcf2.VCF(str(canonical))
        for variant in reader:
            yield str(variant).rstrip("\n")
            read += 1
    except Exception as error:  # cyvcf2 raises bare Exception
        record = batch.records[min(read, len(batch.records) - 1)]
        raise _disagreement(path, record, f"htslib cannot read this record ({error})") from error


def _disagreement(path: Path, record: SourceRecord, what: str) -> MalformedInput:
    return MalformedInput(
        what,
        where=f"{path}, line {record.line}, record {record.number}",
        remedy="Check the record against the VCF specification, and please report it as a bug if it is valid",
    )


@dataclass(slots=True, frozen=True)
class _Layout:
    """A FORMAT column, examined once per distinct text."""

    keys: tuple[str, ...]  # distinct, in order
    places: tuple[int, ...]  # index of each key among the values
    width: int
    repeats: bool
    canonical: str

    @classmethod
    def of(cls, text: str, names: _StandIns) -> _Layout:
        if text == _MISSING:
            return cls((), (0,), 1, False, _MISSING)
        listed = text.split(":")
        first: dict[str, int] = {}
        for place, key in enumerate(listed):
            first.setdefault(key, place)
        canonical = ":".join(names.format.get(key, key) for key in first)
        return cls(tuple(first), tuple(first.values()), len(listed), len(first) != len(listed), canonical)

    def completed(self, values: list[str]) -> list[str]:
        """One value per distinct key: "." for an empty or dropped one, the first of a key that stands twice."""
        padded = values + [_MISSING] * (self.width - len(values))
        return [padded[place] or _MISSING for place in self.places]


def _record(
    number: int,
    line: int,
    text: str,
    sample_names: tuple[str, ...],
    names: _StandIns,
    layouts: dict[str, _Layout],
) -> tuple[SourceRecord, str]:
    """The record and its canonical line."""
    fields = text.split("\t")
    chrom, pos, identifier, ref, alt, quality, filter_, info_text = fields[:8]
    info = info_values(info_text)
    canonical = [
        names.contigs.get(chrom, chrom),
        str(int(pos)),
        identifier,
        ref,
        alt,
        _MISSING,  # QUAL is a float32 in htslib; it is proved to be a number and kept as text
        _canonical_filter(filter_, names),
        _canonical_info(info_text, info, names),
    ]
    keys: tuple[str, ...] = ()
    samples: dict[str, Mapping[str, str]] = {}
    if sample_names:
        layout = layouts.get(fields[8])
        if layout is None:
            if len(layouts) >= LAYOUT_LIMIT:
                layouts.clear()
            layout = layouts[fields[8]] = _Layout.of(fields[8], names)
        keys = layout.keys
        canonical.append(layout.canonical)
        for name, sample in zip(sample_names, fields[9:], strict=True):
            values = sample.split(":")
            if "" in values or len(values) != layout.width or layout.repeats:
                values = layout.completed(values)
                canonical.append(":".join(values))
            else:
                canonical.append(sample)
            samples[name] = dict(zip(keys, values, strict=False))
    record = SourceRecord(
        number=number,
        line=line,
        chrom=chrom,
        pos=int(pos),
        id=identifier,
        ref=ref,
        alts=tuple(alt.split(",")),
        qual=quality,
        filter=filter_,
        info=info,
        format=keys,
        samples=samples,
    )
    return record, "\t".join(canonical)


def info_values(text: str) -> dict[str, str]:
    """The values of an INFO column by key: the first of a key that stands twice, "" for a flag."""
    values: dict[str, str] = {}
    if text in ("", _MISSING):
        return values
    for item in text.split(";"):
        key, equals, value = item.partition("=")
        if key and key not in values:
            values[key] = value or (_MISSING if equals else "")
    return values


def _canonical_info(text: str, info: Mapping[str, str], names: _StandIns) -> str:
    plain = len(info) == text.count(";") + 1 and text[-1] != "=" and "=;" not in text
    if plain and not names.info:
        return text
    items = (f"{names.info.get(k, k)}={value}" if value else names.info.get(k, k) for k, value in info.items())
    return ";".join(items) or _MISSING


def _canonical_filter(text: str, names: _StandIns) -> str:
    if text == "PASS" or text == _MISSING:
        return text
    parts = dict.fromkeys(part for part in text.split(";") if part and part != _MISSING)
    return ";".join(names.filters.get(part, part) for part in parts) or _MISSING
