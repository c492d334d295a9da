"""Gene fusions: Arriba, STAR-Fusion, plain tables, and breakend pairs of a VCF with their orientation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.inputs.reading import TableRow, integer, read_table
from targetboard.knowledge.records import Gene
from targetboard.model import Assembly, SourceRecord
from targetboard.vcf.contigs import harmonise

GenesAt = Callable[[str, int], Sequence[Gene]]
_PLACE = re.compile(r"(?P<chrom>[^:]+):(?P<pos>\d+)(?::(?P<strand>[+-]))?")
_BREAKEND = re.compile(
    r"(?P<before>[ACGTNacgtn.]*)(?P<side>[\[\]])(?P<chrom>.+):(?P<pos>\d+)[\[\]](?P<after>[ACGTNacgtn.]*)"
)


@dataclass(slots=True, frozen=True)
class Place:
    """A breakpoint on a harmonised chromosome."""

    chrom: str
    pos: int


@dataclass(slots=True, frozen=True)
class Fusion:
    """Two genes joined, 5' partner first.

    ``oriented`` says that the source shows which gene lends its 5' part; otherwise the order is only as written, and a
    functional fusion is not shown. A partner that is no gene or not known is "". ``in_frame`` is None where the source
    does not say. ``reads`` counts split and spanning reads.
    """

    five_prime: str
    three_prime: str
    first: Place | None
    second: Place | None
    reads: int | None
    in_frame: bool | None
    oriented: bool
    source: str
    line: int = 0


def read_fusions(path: Path, assembly: Assembly) -> list[Fusion]:
    """Read a fusion table; its kind is told from its columns.

    Accepted: Arriba (``#gene1 gene2 … breakpoint1 breakpoint2 … reading_frame``), STAR-Fusion (``#FusionName …
    LeftBreakpoint RightBreakpoint``), PCGR-like (``FusionGene LeftBreakpoint RightBreakpoint SplitReads``), or a table
    with ``gene5`` and ``gene3``.

    Raises
    ------
    MalformedInput
        If the columns are of none of these, or a count is no number.
    """
    fusions: list[Fusion] = []
    for row in read_table(path, [("gene1", "fusionname", "fusiongene", "gene5", "fusion")]):
        if "gene1" in row.cells and "gene2" in row.cells:
            fusions.append(_arriba(path, row, assembly))
        elif "gene5" in row.cells and "gene3" in row.cells:
            fusions.append(_plain(path, row, assembly))
        elif {"fusionname", "fusiongene", "fusion"} & set(row.cells):
            fusions.append(_named(path, row, assembly))
        else:
            raise MalformedInput(
                "the columns are of no known fusion table",
                where=f"{path}, header line",
                remedy="Give an Arriba or STAR-Fusion table, or columns gene5 and gene3",
            )
    return fusions


def _place(text: str, assembly: Assembly) -> Place | None:
    match = _PLACE.fullmatch(text)
    chrom = harmonise(match["chrom"], assembly) if match else None
    return Place(chrom, int(match["pos"])) if match and chrom else None


def _reads(path: Path, row: TableRow, *names: str) -> int | None:
    counts = [
        integer(row.cells[name], path, row.line, name) for name in names if row.cells.get(name, "") not in {"", "."}
    ]
    return sum(counts) if counts else None


def _arriba(path: Path, row: TableRow, assembly: Assembly) -> Fusion:
    """Arriba writes the 5' gene first; its directions are transcribed into ``strand1(gene/fusion)``."""
    frame = row.text("reading_frame")
    return Fusion(
        row.text("gene1").split(",")[0].split("(")[0],
        row.text("gene2").split(",")[0].split("(")[0],
        _place(row.text("breakpoint1"), assembly),
        _place(row.text("breakpoint2"), assembly),
        _reads(path, row, "split_reads1", "split_reads2", "discordant_mates"),
        {"in-frame": True, "out-of-frame": False, "stop-codon": False}.get(frame),
        True,
        "Arriba",
        row.line,
    )


def _named(path: Path, row: TableRow, assembly: Assembly) -> Fusion:
    name = row.text("fusionname", "fusiongene", "fusion")
    genes = next((name.split(separator) for separator in ("::", "--") if separator in name), None)
    if genes is None or len(genes) != 2 or not any(genes):
        raise MalformedInput(
            f"{name!r} does not name two genes",
            where=f"{path}, line {row.line}",
            remedy="Write GENE5::GENE3 or GENE5--GENE3",
        )
    frame = row.text("prot_fusion_type")
    return Fusion(
        genes[0].strip(),
        genes[1].strip(),
        _place(row.text("leftbreakpoint"), assembly),
        _place(row.text("rightbreakpoint"), assembly),
        _reads(path, row, "junctionreadcount", "spanningfragcount", "splitreads", "reads"),
        {"INFRAME": True, "FRAMESHIFT": False}.get(frame),
        True,
        "STAR-Fusion" if "fusionname" in row.cells else "fusion table",
        row.line,
    )


def _plain(path: Path, row: TableRow, assembly: Assembly) -> Fusion:
    frame = row.text("in_frame", "frame").casefold()
    return Fusion(
        row.text("gene5"),
        row.text("gene3"),
        _place(row.text("breakpoint5"), assembly),
        _place(row.text("breakpoint3"), assembly),
        _reads(path, row, "reads", "split_reads"),
        True if frame in {"yes", "true", "in-frame"} else False if frame in {"no", "false", "out-of-frame"} else None,
        True,
        "fusion table",
        row.line,
    )


@dataclass(slots=True, frozen=True)
class Breakend:
    """One side of a VCF breakend: which part of each chromosome stays joined.

    ``left_kept`` says that bases up to the position stay (the part with lower coordinates); the mate likewise.
    """

    place: Place
    left_kept: bool
    mate: Place
    mate_left_kept: bool


def read_breakend(record: SourceRecord, alt: str, assembly: Assembly) -> Breakend | None:
    """Parse one ALT as a breakend (VCF 4.3, section 5.4); None for anything else or chromosomes that are not judged."""
    match = _BREAKEND.fullmatch(alt)
    chrom = harmonise(record.chrom, assembly)
    if match is None or chrom is None or bool(match["before"]) is bool(match["after"]):
        return None
    mate_chrom = harmonise(match["chrom"].strip("<>"), assembly)
    if mate_chrom is None:
        return None
    # t[p[ and t]p]: the bases before the position stay; [p: the mate's bases from p on, ]p: those up to p.
    return Breakend(
        Place(chrom, record.pos),
        bool(match["before"]),
        Place(mate_chrom, int(match["pos"])),
        match["side"] == "]",
    )


def fusions_of_breakend(breakend: Breakend, genes_at: GenesAt, reads: int | None, line: int) -> Iterator[Fusion]:
    """Fusions that a breakend makes between genes it cuts.

    A gene keeps its 5' part if it runs forward and the left part stays, or backward and the right part stays. One gene
    with its 5' part and one with its 3' part make a transcript in sense; any other pair is a rearrangement whose
    functional fusion is not shown (rule R14).
    """
    for gene in genes_at(breakend.place.chrom, breakend.place.pos):
        for mate in genes_at(breakend.mate.chrom, breakend.mate.pos):
            if gene.gene == mate.gene:
                continue
            keeps_five = (gene.strand == "+") is breakend.left_kept
            mate_keeps_five = (mate.strand == "+") is breakend.mate_left_kept
            oriented = keeps_five is not mate_keeps_five
            ordered = (gene, breakend.place, mate, breakend.mate)
            if oriented and mate_keeps_five:
                ordered = (mate, breakend.mate, gene, breakend.place)
            yield Fusion(
                ordered[0].gene, ordered[2].gene, ordered[1], ordered[3], reads, None, oriented, "VCF breakend", line
            )


def supporting_reads(values: Mapping[str, str]) -> int | None:
    """Reads that carry a junction, split and spanning, from the tumour's values (Manta PR and SR, Delly DV and RV).

    None where the caller gives no counts.
    """
    counts = [values.get(name, "").split(",")[-1] for name in ("PR", "SR")]
    counts += [values.get(name, "") for name in ("DV", "RV")]
    known = [int(count) for count in counts if count.isascii() and count.isdigit()]
    return sum(known) if known else None


def fusions_of_record(
    record: SourceRecord, alt: str, assembly: Assembly, genes_at: GenesAt, tumour: str | None
) -> list[Fusion]:
    """Fusions between knowledge genes that a breakend record of a VCF makes in the tumour.

    Each junction is written twice, once from either end; the record with the lower mate comes second and is passed over
    where the mate is named (``MATEID``). A record without a supporting read in the tumour makes none.
    """
    breakend = read_breakend(record, alt, assembly)
    if breakend is None:
        return []
    here, there = (breakend.place.chrom, breakend.place.pos), (breakend.mate.chrom, breakend.mate.pos)
    if record.info.get("MATEID") and here > there:
        return []
    reads = supporting_reads(record.samples.get(tumour, {})) if tumour is not None else None
    return [] if reads == 0 else list(fusions_of_breakend(breakend, genes_at, reads, record.line))
