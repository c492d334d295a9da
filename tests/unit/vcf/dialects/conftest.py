"""A tiny reader of VCF text for tests of the dialects; the real reader has its own tests.

Tests reach it through the fixture ``vcf`` (test folders are no packages).
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from targetboard.model import FieldDeclaration, Observation, SampleRoles, SourceRecord, VcfHeader
from targetboard.vcf.dialects import Dialect, observe, recognise, resolve_roles

_DECLARATION = re.compile(
    r"##(INFO|FORMAT|FILTER|contig)=<ID=([^,>]+)(?:.*?Number=([^,>]+))?(?:.*?Type=([^,>]+))?(.*)>"
)


def lines_of(path: Path) -> list[str]:
    """Lines of a plain or gzipped VCF, without line ends; empty and non-VCF log lines are left out."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")
    lines = [line.rstrip("\r") for line in text.split("\n")]
    return [line for line in lines if line.startswith("#") or line.count("\t") >= 7]


def header_of(lines: list[str]) -> VcfHeader:
    """The header, as the reader would build it."""
    meta = tuple(line for line in lines if line.startswith("##"))
    columns = next(line for line in lines if line.startswith("#CHROM")).split("\t")
    found: dict[str, dict[str, FieldDeclaration]] = {"INFO": {}, "FORMAT": {}, "FILTER": {}, "contig": {}}
    for line in meta:
        match = _DECLARATION.match(line)
        if match:
            kind, identifier, number, type_, rest = match.groups()
            description = re.search(r'Description="([^"]*)', rest or line)
            text = description.group(1) if description else ""
            found[kind][identifier] = FieldDeclaration(identifier, number or ".", type_ or "String", text)
    return VcfHeader(
        lines=meta,
        samples=tuple(columns[9:]),
        contigs=dict.fromkeys(found["contig"]),
        info=found["INFO"],
        format=found["FORMAT"],
        filters=tuple(found["FILTER"]),
    )


def records_of(lines: list[str], samples: tuple[str, ...]) -> Iterator[SourceRecord]:
    """The records, every value raw text."""
    number = 0
    for line_number, line in enumerate(lines, 1):
        if line.startswith("#"):
            continue
        number += 1
        yield record_of(line, samples, number=number, line=line_number)


def record_of(text: str, samples: tuple[str, ...], *, number: int = 1, line: int = 1) -> SourceRecord:
    """One record from its line."""
    cells = text.split("\t")
    pairs = [] if cells[7] == "." else [item.partition("=") for item in cells[7].split(";") if item]
    keys = tuple(cells[8].split(":")) if len(cells) > 8 else ()
    values = {
        sample: dict(zip(keys, cell.split(":"), strict=False)) for sample, cell in zip(samples, cells[9:], strict=False)
    }
    return SourceRecord(
        number=number,
        line=line,
        chrom=cells[0],
        pos=int(cells[1]),
        id=cells[2],
        ref=cells[3],
        alts=tuple(cells[4].split(",")),
        qual=cells[5],
        filter=cells[6],
        info={key: value for key, _, value in pairs},
        format=keys,
        samples=values,
    )


@dataclass(slots=True, frozen=True)
class Opened:
    """One VCF of a test: header, dialect, roles and records."""

    header: VcfHeader
    dialect: Dialect
    lines: list[str]

    def roles(self, tumour: str | None = None, normal: str | None = None) -> SampleRoles:
        """Roles as the pipeline finds them."""
        return resolve_roles(self.header, self.dialect, tumour_sample=tumour, normal_sample=normal)

    def records(self) -> Iterator[SourceRecord]:
        """All records."""
        return records_of(self.lines, self.header.samples)

    def observations(self, roles: SampleRoles | None = None) -> list[Observation]:
        """One observation per ALT of every record."""
        found = roles or self.roles()
        return [observe(self.dialect, r, i, found) for r in self.records() for i in range(len(r.alts))]


class VcfText:
    """What the fixture ``vcf`` offers."""

    @staticmethod
    def lines(path: Path) -> list[str]:
        return lines_of(path)

    @staticmethod
    def open(lines: list[str]) -> Opened:
        header = header_of(lines)
        return Opened(header, recognise(header), lines)

    @staticmethod
    def header(*lines: str, samples: tuple[str, ...] = ()) -> VcfHeader:
        """A header from its ``##`` lines and sample names."""
        fixed = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"]
        return header_of([*lines, "\t".join([*fixed, *(["FORMAT", *samples] if samples else [])])])

    @staticmethod
    def record(
        format_: str = "",
        *values: str,
        samples: tuple[str, ...] = ("T",),
        ref: str = "A",
        alt: str = "T",
        info: str = ".",
        filter_: str = "PASS",
    ) -> SourceRecord:
        """A record at 7:140453136 with FORMAT keys and one text of values per sample."""
        cells = ["7", "140453136", ".", ref, alt, ".", filter_, info, *([format_, *values] if format_ else [])]
        return record_of("\t".join(cells), samples if format_ else ())


@pytest.fixture(scope="session")
def vcf() -> VcfText:
    """Reads VCF text into the project's records."""
    return VcfText()
