"""Copy number: segments or genes from PCGR-like tables, CNVkit calls, or symbolic records of a VCF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.inputs.reading import TableRow, integer, number, read_table
from targetboard.knowledge.records import Gene
from targetboard.model import Assembly, SourceRecord
from targetboard.vcf.contigs import harmonise


@dataclass(slots=True, frozen=True)
class Segment:
    """Copies over a stretch (1-based, both included); ``gene`` is set where the table names it.

    ``minor`` is the copy number of the rarer allele; ``call`` is a caller's word (gain, amplification, deletion …)
    where it gives no number.
    """

    chrom: str
    start: int
    end: int
    copies: float | None
    minor: float | None
    source: str
    gene: str = ""
    call: str = ""


@dataclass(slots=True, frozen=True)
class GeneCopies:
    """Copies of one gene: lowest and highest total over its locus, and how much of it the segments cover (0…1)."""

    gene: str
    lowest: float
    highest: float
    minor: float | None
    covered: float
    source: str


def read_copy_number(path: Path, assembly: Assembly) -> list[Segment]:
    """Read a copy-number table; its kind is told from its columns.

    Accepted: ``Chromosome Start End nMajor nMinor`` (allele-specific segments), CNVkit ``*.call.cns`` (``chromosome
    start end … cn``, 0-based starts), or ``gene copies`` (one row a gene).

    Raises
    ------
    MalformedInput
        For missing columns or numbers that are none; with file, line and column.
    """
    segments: list[Segment] = []
    for row in read_table(path, [("chromosome", "chrom", "gene")]):
        if "nmajor" in row.cells:
            segments.extend(_allele_specific(path, row, assembly))
        elif "cn" in row.cells and "chromosome" in row.cells:
            segments.extend(_cnvkit(path, row, assembly))
        elif "gene" in row.cells and {"copies", "copy_number"} & set(row.cells):
            copies = number(row.text("copies", "copy_number"), path, row.line, "copies")
            segments.append(Segment("", 0, 0, copies, None, "gene table", gene=row.text("gene")))
        else:
            raise MalformedInput(
                "the columns are of no known copy-number table",
                where=f"{path}, header line",
                remedy="Give Chromosome Start End nMajor nMinor, a CNVkit .call.cns file, or gene and copies",
            )
    return segments


def _allele_specific(path: Path, row: TableRow, assembly: Assembly) -> Iterator[Segment]:
    chrom = harmonise(row.text("chromosome", "chrom"), assembly)
    if chrom is None:
        return
    major = number(row.text("nmajor"), path, row.line, "nMajor")
    minor = number(row.text("nminor"), path, row.line, "nMinor")
    start = integer(row.text("start"), path, row.line, "Start")
    end = integer(row.text("end"), path, row.line, "End", lowest=start)
    yield Segment(chrom, start, end, major + minor, min(major, minor), "allele-specific segments")


def _cnvkit(path: Path, row: TableRow, assembly: Assembly) -> Iterator[Segment]:
    chrom = harmonise(row.text("chromosome"), assembly)
    if chrom is None or not row.text("cn"):
        return
    start = integer(row.text("start"), path, row.line, "start") + 1
    end = integer(row.text("end"), path, row.line, "end", lowest=start)
    minor = row.text("cn2")
    yield Segment(
        chrom,
        start,
        end,
        number(row.text("cn"), path, row.line, "cn"),
        number(minor, path, row.line, "cn2") if minor else None,
        "CNVkit",
    )


def segment_of_record(record: SourceRecord, alt: str, assembly: Assembly, tumour: str | None = None) -> Segment | None:
    """Copy number that a symbolic VCF record states (``<DUP>``, ``<DEL>``, ``<CNV>`` with END and CN).

    Parameters
    ----------
    record, alt
        Record and one of its ALTs.
    assembly
        Assembly of the VCF.
    tumour
        Column of the tumour, whose CN counts; the only column where None. CN of INFO stands before it.

    Returns
    -------
    Segment or None
        None for other alleles, without END, or outside the chromosomes. ``copies`` is None where only the call is
        known: a fold change or a bare ``<DUP>`` is no copy number.
    """
    kind = alt.strip("<>").split(":")[0]
    end = record.info.get("END", "")
    chrom = harmonise(record.chrom, assembly)
    if not alt.startswith("<") or kind not in {"DUP", "DEL", "CNV", "AMP"} or chrom is None or not end.isdigit():
        return None
    stated = record.info.get("CN", "")
    if not stated:
        own = [record.samples.get(tumour, {})] if tumour is not None else list(record.samples.values())
        values = [sample.get("CN", "") for sample in own]
        stated = values[0] if len(values) == 1 else ""
    try:
        copies = float(stated) if stated not in {"", "."} else None
    except ValueError:
        copies = None
    call = {"DUP": "gain", "AMP": "amplification", "DEL": "loss", "CNV": ""}[kind]
    return Segment(chrom, record.pos + 1, int(end), copies, None, f"VCF record <{kind}>", call=call)


def copies_of_genes(genes: Iterable[Gene], segments: Sequence[Segment], assembly: Assembly) -> list[GeneCopies]:
    """Copies of every gene of which the segments state a number, in the order of the genes."""
    found = (copies_of(gene, segments, assembly) for gene in genes)
    return [own for own in found if own is not None]


def copies_of(gene: Gene, segments: Iterable[Segment], assembly: Assembly) -> GeneCopies | None:
    """Copies of a gene from the segments over its locus, or from its own row; None where nothing states a number."""
    span = gene.span(assembly)
    lowest = highest = minor = None
    covered = 0
    source = ""
    for segment in segments:
        if segment.copies is None:
            continue
        if segment.gene:
            if segment.gene.casefold() not in {name.casefold() for name in (gene.gene, *gene.aliases)}:
                continue
            return GeneCopies(gene.gene, segment.copies, segment.copies, None, 1.0, segment.source)
        if span is None or segment.chrom != gene.chrom or segment.start > span[1] or segment.end < span[0]:
            continue
        covered += min(span[1], segment.end) - max(span[0], segment.start) + 1
        lowest = segment.copies if lowest is None else min(lowest, segment.copies)
        highest = segment.copies if highest is None else max(highest, segment.copies)
        if segment.minor is not None:
            minor = segment.minor if minor is None else min(minor, segment.minor)
        source = segment.source
    if lowest is None or highest is None or span is None:
        return None
    return GeneCopies(gene.gene, lowest, highest, minor, min(1.0, covered / (span[1] - span[0] + 1)), source)
