"""Read transcript models from a GFF3 file, only those that overlap the alleles in hand."""

from __future__ import annotations

import gzip
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.vcf.transcripts import Transcript

_HGNC = re.compile(r"HGNC:(?:HGNC:)?(\d+)")
_PARTS = frozenset({"exon", "CDS"})
_IGNORED = frozenset({"five_prime_UTR", "three_prime_UTR", "start_codon", "stop_codon", "UTR"})


def read_transcripts(gff3: Path, loci: Mapping[str, Sequence[tuple[int, int]]]) -> list[Transcript]:
    """Read the transcripts that overlap given loci from a GFF3 file (plain or gzip; Ensembl or NCBI style).

    Parameters
    ----------
    gff3
        Annotation with gene, transcript, exon and CDS features linked by ID and Parent.
    loci
        Intervals (first, last base) per chromosome, named 1…22, X, Y, MT.

    Returns
    -------
    list[Transcript]
        In the order of the file.

    Raises
    ------
    MalformedInput
        The file cannot be read, or a feature line has no integer coordinates.
    """
    index = {chrom: _merge(intervals) for chrom, intervals in loci.items()}
    genes: dict[str, dict[str, str]] = {}
    parents: dict[str, tuple[str, str, dict[str, str]]] = {}
    for kind, chrom, start, end, strand, _phase, raw in _features(gff3):
        if kind in _PARTS or kind in _IGNORED or chrom not in index or not _overlaps(index[chrom], start, end):
            continue
        attributes = _attributes(raw)
        identifier, parent = attributes.get("ID", ""), attributes.get("Parent", "")
        if parent:
            parents[identifier] = (chrom, strand, attributes)
        elif identifier:
            genes[identifier] = attributes
    exons: dict[str, list[tuple[int, int]]] = {}
    coding: dict[str, list[tuple[int, int, str]]] = {}
    proteins: dict[str, str] = {}
    for kind, _chrom, start, end, _strand, phase, raw in _features(gff3):
        if kind not in _PARTS:
            continue
        parent = raw.partition("Parent=")[2].partition(";")[0]
        for owner in parent.split(","):
            if owner not in parents:
                continue
            if kind == "exon":
                exons.setdefault(owner, []).append((start, end))
            else:
                coding.setdefault(owner, []).append((start, end, phase))
                proteins.setdefault(owner, _protein_accession(_attributes(raw)))
    found = []
    for owner, (chrom, strand, attributes) in parents.items():
        cds = sorted(coding.get(owner, []))
        blocks = sorted(exons.get(owner, [])) or [(start, end) for start, end, _ in cds]
        if not blocks or strand not in {"+", "-"}:
            continue
        gene = genes.get(attributes["Parent"], {})
        first_phase = (cds[0] if strand == "+" else cds[-1])[2] if cds else "0"
        tags = attributes.get("tag", "").split(",")
        hgnc = _HGNC.search(gene.get("description", "") + " " + gene.get("Dbxref", "") + " " + gene.get("hgnc_id", ""))
        found.append(
            Transcript(
                id=_transcript_accession(owner, attributes),
                gene=gene.get("Name") or gene.get("gene") or gene.get("gene_id", ""),
                chrom=chrom,
                strand=1 if strand == "+" else -1,
                exons=tuple(blocks),
                cds=tuple((start, end) for start, end, _ in cds),
                complete=first_phase in {"0", "."} and sum(end - start + 1 for start, end, _ in cds) % 3 == 0,
                biotype=attributes.get("biotype") or gene.get("biotype") or gene.get("gene_biotype", ""),
                hgnc_id=f"HGNC:{hgnc[1]}" if hgnc else "",
                protein=proteins.get(owner, ""),
                mane_select="MANE_Select" in tags or "MANE Select" in tags,
                canonical="Ensembl_canonical" in tags,
            )
        )
    return found


def _features(gff3: Path) -> Iterator[tuple[str, str, int, int, str, str, str]]:
    """Kind, chromosome, first and last base, strand, phase and raw attributes of each feature line."""
    try:
        with gzip.open(gff3, "rt", encoding="utf-8") if _is_gzip(gff3) else gff3.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.startswith("##FASTA"):
                    return
                if line.startswith("#") or not line.strip():
                    continue
                fields = line.rstrip("\r\n").split("\t")
                if len(fields) != 9 or not (fields[3].isdecimal() and fields[4].isdecimal()):
                    raise MalformedInput(
                        "not a GFF3 feature: nine tab-separated columns with integer coordinates are needed",
                        where=f"{gff3}, line {number}",
                        remedy="Give a GFF3 file (not GTF or BED)",
                    )
                yield fields[2], _plain_name(fields[0]), int(fields[3]), int(fields[4]), fields[6], fields[7], fields[8]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise MalformedInput(f"cannot read the annotation: {error}", where=str(gff3)) from error


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _plain_name(name: str) -> str:
    """``chr7`` and RefSeq ``NC_000007.14`` become ``7``; names of the other kinds stay as they are."""
    if name.startswith("NC_0000"):
        number = name[7:9]
        return {"23": "X", "24": "Y"}.get(number, number.lstrip("0"))
    plain = name.removeprefix("chr")
    return "MT" if plain in {"M", "MT"} or name.startswith("NC_012920") else plain


def _attributes(raw: str) -> dict[str, str]:
    return {key: value for key, _, value in (item.strip().partition("=") for item in raw.split(";")) if key}


def _transcript_accession(owner: str, attributes: Mapping[str, str]) -> str:
    accession = attributes.get("transcript_id") or owner.removeprefix("transcript:").removeprefix("rna-")
    version = attributes.get("version", "")
    return f"{accession}.{version}" if version and "." not in accession else accession


def _protein_accession(attributes: Mapping[str, str]) -> str:
    accession = attributes.get("protein_id") or attributes.get("ID", "").removeprefix("CDS:").removeprefix("cds-")
    return accession if accession.startswith(("ENSP", "NP_", "XP_")) else ""


def _merge(intervals: Sequence[tuple[int, int]]) -> tuple[list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    for start, end in sorted(intervals):
        if ends and start <= ends[-1] + 1:
            ends[-1] = max(ends[-1], end)
        else:
            starts.append(start)
            ends.append(end)
    return starts, ends


def _overlaps(index: tuple[list[int], list[int]], start: int, end: int) -> bool:
    starts, ends = index
    i = bisect_right(starts, end) - 1
    return i >= 0 and ends[i] >= start
