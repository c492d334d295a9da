"""What a screen asks of the knowledge base: stretches of the genome that matter, and the names of its genes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known
from targetboard.model import Assembly
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.layout import LONGEST_NAME, Flags, Ints, distinct, hash_names
from targetboard.vcf.literals import Literals, literals_of

NAME_FIELDS = {
    "CSQ": ("SYMBOL", "HGNC", "Gene", "HGNC_ID"),
    "ANN": ("Gene_Name", "Gene_ID"),
    "EFF": ("Gene_Name",),
    "BCSQ": ("gene",),
}
TABLE_BITS = 20


@dataclass(slots=True, frozen=True)
class Contig:
    """Merged stretches that matter (first and last base), and every curated position of either assembly."""

    starts: Ints
    ends: Ints
    curated: Ints
    known: frozenset[int]


@dataclass(slots=True)
class Tables:
    """What every screen of one file needs of the knowledge base: its stretches, and the names of its genes.

    ``sought`` are the stretches that are read where an index allows to leave out the others.
    ``literals`` are made where a file is large enough to be worth it, by :meth:`expect_many`.
    """

    base: KnowledgeBase
    regions: Mapping[str, Contig]
    sought: Mapping[str, Contig]
    annotated: AnnotationFormat | None
    places: tuple[int, ...] = ()
    every_line: bool = False
    hashed: npt.NDArray[np.uint64] | None = None
    table: Flags | None = None
    literals: Literals | None = None

    @classmethod
    def of(cls, known: Known, annotated: AnnotationFormat | None, *, only_hits: bool = False) -> Tables:
        """Prepare the tables for files with this annotation; with ``only_hits`` genes without rows are not sought."""
        regions = sought = _regions(known.base, known.assembly, known.base.genes)
        if only_hits:
            sought = _regions(known.base, known.assembly, known.base.alterations_by_gene)
        made = cls(known.base, regions, sought, annotated)
        if annotated is not None:
            wanted = NAME_FIELDS[annotated.kind]
            made.places = tuple(annotated.fields.index(name) for name in wanted if name in annotated.fields)
            names = _spellings(known.base)
            made.every_line = not made.places or any(len(name) > LONGEST_NAME for name in names)
            if not made.every_line:
                made.hashed = distinct(hash_names(names))
                made.table = np.zeros(1 << TABLE_BITS, dtype=np.bool_)
                made.table[made.hashed >> np.uint64(64 - TABLE_BITS)] = True
        return made

    def expect_many(self) -> None:
        """Prepare for millions of lines."""
        if self.annotated is not None and self.annotated.kind == "CSQ" and self.literals is None:
            wanted = NAME_FIELDS[self.annotated.kind]
            self.literals = literals_of(self.annotated.fields, wanted, _written(self.base))


def _written(base: KnowledgeBase) -> set[str]:
    """Every name of a gene as the tables write it, where it means one gene only."""
    names = set(base.genes_by_name)
    for gene in base.genes.values():
        names |= {name for name in (gene.gene, gene.hgnc_id, *gene.aliases) if name.casefold() in base.genes_by_name}
    return names | {name.decode() for name in _spellings(base)}


def _spellings(base: KnowledgeBase) -> list[bytes]:
    """Every name by which an annotation may mean a gene of the knowledge base."""
    names: set[str] = set()
    for name in base.genes_by_name:
        names.add(name)
        if name.startswith("hgnc:"):
            number = name.removeprefix("hgnc:")
            names |= {number, f"hgnc%3a{number}"}
    return [name.encode() for name in sorted(names)]


def _regions(base: KnowledgeBase, assembly: Assembly, genes: Iterable[str]) -> dict[str, Contig]:
    """By chromosome: stretches of genes and curated alleles of the assembly, and curated positions of both."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for gene in (base.genes[name] for name in genes if name in base.genes):
        span = gene.span(assembly)
        if span is not None:
            spans.setdefault(gene.chrom, []).append(span)
    curated: dict[str, set[int]] = {}
    for name in Assembly:
        for chrom, pos, ref, _ in base.alleles.get(name, {}):
            curated.setdefault(chrom, set()).add(pos)
            if name is assembly:
                spans.setdefault(chrom, []).append((pos, pos + len(ref) - 1))
    found = {}
    for chrom in spans.keys() | curated.keys():
        merged: list[list[int]] = []
        for start, end in sorted(spans.get(chrom, ())):
            if merged and start <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        found[chrom] = Contig(
            np.array([start for start, _ in merged], dtype=np.int64),
            np.array([end for _, end in merged], dtype=np.int64),
            np.array(sorted(curated.get(chrom, ())), dtype=np.int64),
            frozenset(curated.get(chrom, ())),
        )
    return found
