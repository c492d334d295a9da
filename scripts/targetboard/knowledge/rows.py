"""The curated rows of one gene, laid out so that an allele is tried against few of them.

A gene may have hundreds of rows, nearly all of them at other residues. Rows are found by codon, by exon, by the
residues they exchange and by the place of their alleles; the few that can be anywhere are always tried.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from targetboard.knowledge.protein import touched_codons
from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase, KnownAllele
from targetboard.model import Allele, Assembly
from targetboard.vcf.hgvs import parse_protein

NEAR_CODONS = 5
NEAR_BASES = 15
# A row with a longer window is tried always: entering it at each of its codons would cost more than it saves.
LONGEST_WINDOW = 100

Key = TypeVar("Key")
Span = tuple[int, int]


@dataclass(slots=True, frozen=True)
class Row:
    """An alteration with what places it: spans of codons, alleles, and the residues it exchanges (old, new)."""

    alteration: Alteration
    codons: tuple[Span, ...]
    alleles: tuple[KnownAllele, ...]
    exchanges: frozenset[tuple[str, str]]


@dataclass(slots=True, frozen=True)
class GeneRows:
    """Rows of one gene in one assembly.

    ``by_codon`` holds a row at each codon of its spans and ``NEAR_CODONS`` around. ``placed`` lists alleles by
    position; ``longest`` is the length of the longest REF among them. ``anchors`` are places of alleles whose codon
    is known: chromosome, position, codon.
    """

    anywhere: tuple[Row, ...]
    by_codon: Mapping[int, tuple[Row, ...]]
    by_exon: Mapping[int, tuple[Row, ...]]
    by_exchange: Mapping[tuple[str, str], tuple[Row, ...]]
    placed: tuple[tuple[int, Row], ...]
    longest: int
    anchors: tuple[tuple[str, int, int], ...]

    def near(
        self, allele: Allele, touched: Span | None, exon: int | None, exchange: tuple[str, str] | None
    ) -> Iterable[Row]:
        """Every row that may match or be a near miss, once each.

        Parameters
        ----------
        allele
            The allele; rows with a curated allele within ``NEAR_BASES`` are found.
        touched
            First and last codon touched; rows within ``NEAR_CODONS`` are found.
        exon
            Exon of the knowledge transcript, if known.
        exchange
            Residues exchanged, where their number is not to be trusted and rows at any number are asked for.
        """
        found = {row.alteration.alteration_id: row for row in self.anywhere}
        groups: list[Iterable[Row]] = []
        if touched is not None:
            codons = range(touched[0], touched[1] + 1)
            groups += (self.by_codon.get(codon, ()) for codon in codons)
        if exon is not None:
            groups.append(self.by_exon.get(exon, ()))
        if exchange is not None:
            groups.append(self.by_exchange.get(exchange, ()))
        first = bisect_left(self.placed, allele.pos - NEAR_BASES - self.longest, key=_position)
        last = bisect_right(self.placed, allele.pos + len(allele.ref) + NEAR_BASES, key=_position)
        groups.append(row for _, row in self.placed[first:last])
        for group in groups:
            found.update((row.alteration.alteration_id, row) for row in group)
        return found.values()


def rows_of(kb: KnowledgeBase, gene: Gene, assembly: Assembly) -> GeneRows:
    """The rows of a gene, laid out at the first question and kept with the knowledge base."""
    key = (gene.gene, assembly)
    if key not in kb.prepared:
        kb.prepared[key] = _laid_out(kb, gene, assembly)
    return kb.prepared[key]


def _laid_out(kb: KnowledgeBase, gene: Gene, assembly: Assembly) -> GeneRows:
    by_alteration = kb.alleles_by_alteration.get(assembly, {})
    rows = [
        _row(kb, alteration, by_alteration.get(alteration.alteration_id, ()))
        for alteration in kb.alterations_by_gene.get(gene.gene, ())
    ]
    anywhere: list[Row] = []
    by_codon: dict[int, list[Row]] = {}
    by_exon: dict[int, list[Row]] = {}
    by_exchange: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        spans = _reach(kb, gene, row)
        if row.alteration.exon is not None:
            by_exon.setdefault(row.alteration.exon, []).append(row)
        for exchange in row.exchanges:
            by_exchange.setdefault(exchange, []).append(row)
        if spans is None:
            anywhere.append(row)
            continue
        reached = {
            codon for first, last in spans for codon in range(max(first - NEAR_CODONS, 1), last + NEAR_CODONS + 1)
        }
        for codon in reached:
            by_codon.setdefault(codon, []).append(row)
    placed = sorted(((one.pos, row) for row in rows for one in row.alleles), key=_position)
    return GeneRows(
        anywhere=tuple(anywhere),
        by_codon=_frozen(by_codon),
        by_exon=_frozen(by_exon),
        by_exchange=_frozen(by_exchange),
        placed=tuple(placed),
        longest=max((len(one.ref) for row in rows for one in row.alleles), default=0),
        anchors=tuple(anchor for row in rows for one in row.alleles if (anchor := _anchor(one)) is not None),
    )


def _row(kb: KnowledgeBase, alteration: Alteration, alleles: tuple[KnownAllele, ...]) -> Row:
    changes = [known.change for known in kb.curated_changes.get(alteration.alteration_id, ())]
    codons = tuple((change.start, change.end) for change in changes if change.start)
    if alteration.codon_first is not None and alteration.codon_last is not None:
        codons = ((alteration.codon_first, alteration.codon_last),)
    return Row(alteration, codons, alleles, frozenset((change.ref, change.alt) for change in changes))


def _reach(kb: KnowledgeBase, gene: Gene, row: Row) -> tuple[Span, ...] | None:
    """Codons at which the row may match, in any spelling; None where it may match anywhere."""
    alteration = row.alteration
    if alteration.event in {"allele", "promoter"}:
        # Recognised by coordinates alone: its codons serve near misses only.
        return row.codons
    if alteration.event == "protein":
        known = kb.curated_changes.get(alteration.alteration_id, ())
        windows = kb.proteins.get(gene.gene, ())
        placed = [touched_codons(one.change, one.edit, windows) for one in known]
        if not known or any(one.change.start < 1 for one in known):
            return None
        spans = (*row.codons, *(span for span in placed if span is not None))
    elif alteration.event in {"codon", "exon_class", "region_class", "truncation_gain", "internal_tandem_duplication"}:
        if alteration.codon_first is None or alteration.codon_last is None:
            return None
        spans = row.codons
    else:
        return None
    return None if any(last - first > LONGEST_WINDOW for first, last in spans) else spans


def _anchor(known: KnownAllele) -> tuple[str, int, int] | None:
    change = parse_protein(known.hgvsp) if known.hgvsp else None
    return (known.chrom, known.pos, change.start) if change is not None and change.start else None


def _position(placed: tuple[int, Row]) -> int:
    return placed[0]


def _frozen(rows: Mapping[Key, list[Row]]) -> dict[Key, tuple[Row, ...]]:
    return {key: tuple(found) for key, found in rows.items()}
