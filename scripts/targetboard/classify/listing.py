"""Lists of variants without samples: a VCF, or a table of protein changes or coordinates, classified one by one.

For a laboratory that validates the classification against its own truth: nothing is filtered, every row gives one
answer, and what cannot be judged is answered with the reason.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from targetboard.classify.asked import Asked, allele_of, asked_variant, parse_asked
from targetboard.classify.driver import classify
from targetboard.errors import MalformedInput, UsageError
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known
from targetboard.model import Allele, Assembly, TranscriptConsequence, Variant
from targetboard.pipeline import read_variants
from targetboard.request import Request
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.normalise import left_align
from targetboard.vcf.reference import Reference
from targetboard.vcf.scores import EvidenceRequest, join_evidence

# Rows read, joined and written at a time: memory stays flat, files are opened once for many.
CHUNK = 2000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "gene": ("gene", "symbol", "hugo_symbol", "gene_symbol"),
    "hgvsp": ("hgvsp", "hgvs_p", "protein_change", "protein", "hgvsp_short", "amino_acid_change", "aa_change"),
    "hgvsc": ("hgvsc", "hgvs_c", "coding_change", "cdna_change"),
    "chrom": ("chrom", "#chrom", "chromosome", "chr"),
    "pos": ("pos", "position", "start_position", "start"),
    "ref": ("ref", "reference_allele", "reference"),
    "alt": ("alt", "tumor_seq_allele2", "alternate"),
    "consequence": ("consequence", "variant_classification"),
    "exon": ("exon", "exon_number"),
    "transcript": ("transcript", "transcript_id", "feature"),
}
"""Columns a table may have, and the headings (in any letter case) that name them; ``variant`` may hold it all."""
VARIANT_COLUMN = "variant"


@dataclass(slots=True, frozen=True)
class ListRequest:
    """What to classify and with what; ``truth`` names the column or INFO field that holds the expected class."""

    path: Path
    assembly: Assembly
    lineage: tuple[str, ...] = ()
    fasta: Path | None = None
    gff3: Path | None = None
    evidence: EvidenceRequest = field(default_factory=EvidenceRequest)
    truth: str = ""
    tumour_sample: str | None = None


@dataclass(slots=True, frozen=True)
class Listed:
    """One answer: ``place`` is the line of a table or the record of a VCF; without ``variant``, ``reason`` says why."""

    place: int
    name: str
    variant: Variant | None
    reason: str
    truth: str = ""


def is_vcf(path: Path) -> bool:
    """Whether a file begins as a VCF, plain or compressed.

    Raises
    ------
    UsageError
        If the file does not exist or is empty.
    """
    if not path.is_file():
        raise UsageError("the file does not exist", where=str(path), remedy="Check the path")
    with _opened(path) as handle:
        first = handle.readline()
    if not first:
        raise UsageError("the file is empty", where=str(path), remedy="Give a VCF, or a table with a header line")
    return first.lstrip("\ufeff").startswith(("##fileformat=VCF", "#CHROM\tPOS\tID\tREF\tALT"))


def _opened(path: Path) -> io.TextIOBase:
    with path.open("rb") as handle:
        packed = handle.read(2) == b"\x1f\x8b"
    if packed:
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8", errors="replace", newline="")
    return path.open(encoding="utf-8", errors="replace", newline="")


def classify_list(request: ListRequest, base: KnowledgeBase, workdir: Path) -> Iterator[Listed]:
    """Classify every variant of a list, in the order of the file (of a VCF: what cannot be judged comes last).

    Raises
    ------
    UsageError, MalformedInput, BuildMismatch
        If the file as a whole cannot be read; a single row that cannot is answered with its reason.
    """
    if is_vcf(request.path):
        yield from _from_vcf(request, base, workdir)
    else:
        yield from _from_table(request, base, workdir)


def _judge(variant: Variant, base: KnowledgeBase, lineage: Sequence[str]) -> Variant:
    classify(variant, base, lineage=lineage)
    return variant


def _from_vcf(request: ListRequest, base: KnowledgeBase, workdir: Path) -> Iterator[Listed]:
    truths = _truths_of_vcf(request.path, request.truth) if request.truth else {}
    read = read_variants(
        Request(
            request.path,
            request.assembly,
            tumour_sample=request.tumour_sample,
            fasta=request.fasta,
            gff3=request.gff3,
            evidence=request.evidence,
            every_allele=True,
        ),
        base,
        workdir,
    )
    for variant in read.variants:
        given = variant.input
        name = f"{given.chrom}:{given.pos}:{given.ref}:{given.alt}"
        truth = truths.get((given.record, given.alt_index), "")
        yield Listed(given.record, name, _judge(variant, base, request.lineage), "", truth)
    for given, reason in read.set_aside:
        name = f"{given.chrom}:{given.pos}:{given.ref}:{given.alt}"
        yield Listed(given.record, name, None, reason, truths.get((given.record, given.alt_index), ""))


def _truths_of_vcf(path: Path, field_name: str) -> dict[tuple[int, int], str]:
    """Expected class by record and ALT from an INFO field with one value, or one for each ALT."""
    found: dict[tuple[int, int], str] = {}
    with _opened(path) as lines:
        records = (line.rstrip("\r\n").split("\t") for line in lines if not line.startswith("#") and line.strip())
        for number, parts in enumerate(records, start=1):
            info = dict(entry.partition("=")[::2] for entry in parts[7].split(";")) if len(parts) > 7 else {}
            values = info.get(field_name, "").split(",")
            for index in range(parts[4].count(",") + 1 if len(parts) > 4 else 0):
                found[number, index] = values[index] if index < len(values) else values[0]
    return found


def _from_table(request: ListRequest, base: KnowledgeBase, workdir: Path) -> Iterator[Listed]:
    known = Known(base, request.assembly, Loci.of(base, request.assembly), request.evidence.fields)
    with ExitStack() as stack:
        reference = stack.enter_context(Reference(request.fasta)) if request.fasta is not None else None
        rows = _rows(request)
        while chunk := list(islice(rows, CHUNK)):
            yield from _classified(request, known, chunk, reference, workdir)


@dataclass(slots=True, frozen=True)
class _Row:
    line: int
    asked: Asked | None
    name: str
    truth: str
    reason: str = ""


def _rows(request: ListRequest) -> Iterator[_Row]:
    """Rows of the table; quoting is not undone, comment lines before the header are skipped."""
    with _opened(request.path) as handle:
        lines = ((number, line.lstrip("\ufeff")) for number, line in enumerate(handle, start=1) if line.strip())
        header_line, text = next(
            (
                (number, line)
                for number, line in lines
                if not line.startswith("#") or line.lower().startswith("#chrom\t")
            ),
            (0, ""),
        )
        header = [name.strip() for name in text.rstrip("\r\n").split("\t")]
        places = _columns(header, request, header_line)
        for number, line in lines:
            if line.startswith("#"):
                continue
            cells = next(csv.reader([line.rstrip("\r\n")], delimiter="\t", quoting=csv.QUOTE_NONE))
            if len(cells) > len(header):
                raise MalformedInput(
                    f"{len(cells)} cells under {len(header)} columns",
                    where=f"{request.path}, line {number}",
                    remedy="Separate cells by single tabs",
                )
            cells += [""] * (len(header) - len(cells))
            yield _row(number, {name: cells[index].strip() for name, index in places.items()})


def _columns(header: Sequence[str], request: ListRequest, line: int) -> dict[str, int]:
    folded = [name.casefold() for name in header]
    places = {
        name: folded.index(heading)
        for name, headings in COLUMNS.items()
        for heading in headings[::-1]
        if heading in folded
    }
    if VARIANT_COLUMN in folded:
        places[VARIANT_COLUMN] = folded.index(VARIANT_COLUMN)
    enough = (
        VARIANT_COLUMN in places
        or {"chrom", "pos", "ref", "alt"} <= set(places)
        or ("gene" in places and bool({"hgvsp", "hgvsc"} & set(places)))
    )
    if not enough:
        raise UsageError(
            f"the header names no variants ({', '.join(header[:8])})",
            where=f"{request.path}, line {line}",
            remedy="Give columns gene and hgvsp, or chrom, pos, ref and alt, or variant; separate them by tabs",
        )
    if request.truth:
        if request.truth.casefold() not in folded:
            raise UsageError(
                f"column {request.truth!r} is missing",
                where=f"{request.path}, line {line}",
                remedy="Name the column of expected classes with --truth-column",
            )
        places["truth"] = folded.index(request.truth.casefold())
    return places


def _row(number: int, cells: dict[str, str]) -> _Row:
    truth = cells.pop("truth", "")
    whole = cells.pop(VARIANT_COLUMN, "")
    values = {name: "" if text in (".", "NA") else text for name, text in cells.items()}
    name = whole or " ".join(
        part
        for part in (
            values.get("gene", ""),
            values.get("hgvsp") or values.get("hgvsc") or "",
            ":".join(values.get(key, "") for key in ("chrom", "pos", "ref", "alt")).strip(":"),
        )
        if part
    )
    try:
        asked = parse_asked(whole) if whole else Asked(**values)
    except UsageError as error:
        return _Row(number, None, name, truth, error.what)
    return _Row(number, asked, name, truth)


def _classified(
    request: ListRequest, known: Known, rows: Sequence[_Row], reference: Reference | None, workdir: Path
) -> Iterator[Listed]:
    alleles: dict[int, Allele] = {}
    failed = {row.line: row.reason for row in rows if row.asked is None}
    for row in rows:
        try:
            fetch = reference.fetch if reference is not None else None
            allele = allele_of(row.asked, known.assembly, fetch) if row.asked is not None else None
        except UsageError as error:
            failed[row.line] = error.what
            continue
        if allele is not None:
            alleles[row.line] = allele
    lines = list(alleles)
    computed: dict[int, tuple[TranscriptConsequence, ...]] = {}
    checked: set[int] = set()
    if reference is not None and request.fasta is not None and lines:
        checked = {line for line in lines if reference.check(alleles[line]) == "match"}
        wrong = {line for line in lines if reference.check(alleles[line]) == "mismatch"}
        failed |= dict.fromkeys(wrong, f"REF is not what the reference has ({request.assembly})")
        alleles |= zip(lines, left_align([alleles[line] for line in lines], reference, workdir), strict=True)
        if request.gff3 is not None:
            found = compute_consequences([alleles[line] for line in lines], request.fasta, request.gff3, workdir)
            computed = dict(zip(lines, found, strict=True))
    evidence = {}
    if request.evidence.frequencies or request.evidence.scores:
        asked_for = [(alleles[line], line in checked) for line in lines]
        evidence = dict(zip(lines, join_evidence(asked_for, request.evidence, known.assembly), strict=True))
    for row in rows:
        if row.line in failed or row.asked is None:
            yield Listed(row.line, row.name, None, failed.get(row.line, ""), row.truth)
            continue
        try:
            variant = asked_variant(row.asked, known, computed.get(row.line, ()), row.line, alleles.get(row.line))
        except UsageError as error:
            yield Listed(row.line, row.name, None, error.what, row.truth)
            continue
        variant.evidence = evidence.get(row.line, {})
        yield Listed(row.line, row.name, _judge(variant, known.base, request.lineage), "", row.truth)
