"""Which genes of the knowledge base lie at a place of the genome."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.model import Assembly


@dataclass(slots=True, frozen=True)
class Loci:
    """Gene intervals of one assembly by chromosome, sorted by start; ``reach`` is the longest gene of a chromosome."""

    by_chrom: dict[str, tuple[tuple[int, int, Gene], ...]]
    reach: dict[str, int]

    @classmethod
    def of(cls, base: KnowledgeBase, assembly: Assembly) -> Loci:
        """Build the look-up for an assembly; a gene without coordinates is found by its annotation only."""
        rows: dict[str, list[tuple[int, int, Gene]]] = {}
        for gene in base.genes.values():
            span = gene.span(assembly)
            if span is not None:
                rows.setdefault(gene.chrom, []).append((*span, gene))
        by_chrom = {chrom: tuple(sorted(genes, key=lambda row: (row[0], row[1]))) for chrom, genes in rows.items()}
        reach = {chrom: max(end - start for start, end, _ in genes) for chrom, genes in by_chrom.items()}
        return cls(by_chrom, reach)

    def at(self, chrom: str, start: int, end: int) -> tuple[Gene, ...]:
        """Genes that overlap positions ``start`` to ``end`` (1-based, both included), in order of their start."""
        rows = self.by_chrom.get(chrom, ())
        found: list[Gene] = []
        index = bisect_right(rows, end, key=lambda row: row[0]) - 1
        while index >= 0 and rows[index][0] >= start - self.reach[chrom]:
            if rows[index][1] >= start:
                found.append(rows[index][2])
            index -= 1
        return tuple(reversed(found))
