"""Genes of the knowledge base by genomic position."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.model import Assembly


@dataclass(slots=True, frozen=True)
class _Chromosome:
    """Genes sorted by first base; ``reach`` is the running maximum of the last bases."""

    starts: tuple[int, ...]
    genes: tuple[Gene, ...]
    ends: tuple[int, ...]
    reach: tuple[int, ...]


@dataclass(slots=True, frozen=True)
class Loci:
    """Interval look-up of the genes of one assembly; genes without coordinates there are never found."""

    chromosomes: Mapping[str, _Chromosome]

    @classmethod
    def of(cls, base: KnowledgeBase, assembly: Assembly) -> Self:
        """Index the genes of a knowledge base."""
        spans: dict[str, list[tuple[int, int, str]]] = {}
        for gene in base.genes.values():
            span = gene.span(assembly)
            if span is not None:
                spans.setdefault(gene.chrom, []).append((*span, gene.gene))
        chromosomes: dict[str, _Chromosome] = {}
        for chrom, found in spans.items():
            found.sort()
            reach: list[int] = []
            for _, end, _ in found:
                reach.append(max(end, reach[-1]) if reach else end)
            chromosomes[chrom] = _Chromosome(
                tuple(start for start, _, _ in found),
                tuple(base.genes[name] for _, _, name in found),
                tuple(end for _, end, _ in found),
                tuple(reach),
            )
        return cls(chromosomes)

    def at(self, chrom: str, start: int, end: int) -> tuple[Gene, ...]:
        """Genes that overlap ``start`` … ``end`` (1-based, both included), in order of their first base."""
        genes = self.chromosomes.get(chrom)
        if genes is None:
            return ()
        found: list[Gene] = []
        index = bisect_right(genes.starts, end) - 1
        while index >= 0 and genes.reach[index] >= start:
            if genes.ends[index] >= start:
                found.append(genes.genes[index])
            index -= 1
        return tuple(reversed(found))
