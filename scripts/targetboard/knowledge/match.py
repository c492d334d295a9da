"""Matching one allele against the knowledge base.

Levels from the most specific: exact allele, protein change, codon, exon class, region, gene class. Every match states
the rule that fired with its inputs; alterations of the gene that were tried near by and failed are near misses with
the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from targetboard.knowledge.reading import Reading, is_on_knowledge_transcript, read
from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase
from targetboard.knowledge.rows import NEAR_BASES, NEAR_CODONS, Row, rows_of
from targetboard.knowledge.rules import GENE_WIDE_EVENTS, RULES, Outcome, exclusion
from targetboard.model import Allele, Assembly, Match, MatchLevel, NearMiss, TranscriptConsequence

MAX_NEAR_MISSES = 10
_ORDER = {level: rank for rank, level in enumerate(MatchLevel)}
_SPECIFIC = frozenset({MatchLevel.EXACT_ALLELE, MatchLevel.PROTEIN_CHANGE})
_GENE_WIDE_DISTANCE = NEAR_CODONS + 1


@dataclass(slots=True, frozen=True)
class MatchResult:
    """What the knowledge base says of one allele: matches most specific first, near misses nearest first.

    ``gene`` is the knowledge base's symbol, "" where neither annotation nor allele leads to one of its genes.
    """

    matches: tuple[Match, ...]
    near_misses: tuple[NearMiss, ...]
    gene: str


def match(
    kb: KnowledgeBase,
    assembly: Assembly,
    allele: Allele,
    chosen: TranscriptConsequence | None,
    consequences: Sequence[TranscriptConsequence],
) -> MatchResult:
    """Find every curated alteration that an allele satisfies in one gene.

    Parameters
    ----------
    kb
        The knowledge base.
    assembly, allele
        The trimmed allele and its assembly; indels left-aligned where a reference was at hand.
    chosen
        The consequence chosen for the gene (knowledge transcript first); its gene is the one that is judged.
    consequences
        All consequences of the allele; one on the knowledge transcript is read before ``chosen``.

    Returns
    -------
    MatchResult
        One match per alteration, at its most specific level. A gene is judged at a time: exact alleles of another
        gene are reported only where no consequence leads to a gene of the knowledge base.
    """
    exact = _exact(kb, assembly, allele)
    gene, consequence = _gene_and_consequence(kb, allele, chosen, consequences)
    if gene is None:
        if not exact:
            return MatchResult((), (), "")
        name = exact[0][0].gene
        hits = [(found, outcome) for found, outcome in exact if found.gene == name]
        return MatchResult(_matches(hits), (), name)
    found: dict[str, tuple[Alteration, Outcome]] = {
        alteration.alteration_id: (alteration, outcome) for alteration, outcome in exact if alteration.gene == gene.gene
    }
    misses: list[tuple[int, str, Outcome]] = []
    reading = read(kb, gene, assembly, allele, consequence) if consequence is not None else None
    exact_ids = set(found)
    for row in _rows_near(kb, gene, assembly, allele, reading):
        alteration = row.alteration
        if alteration.alteration_id in found or alteration.event not in RULES or reading is None:
            continue
        outcome = _outcome(kb, row, reading, exact_ids)
        if outcome.matched:
            found[alteration.alteration_id] = (alteration, outcome)
        else:
            distance = _distance(row, allele, reading)
            if distance is not None:
                misses.append((distance, alteration.alteration_id, outcome))
    nearest = sorted(misses, key=lambda miss: miss[:2])[:MAX_NEAR_MISSES]
    near = tuple(NearMiss(name, outcome.text) for _, name, outcome in nearest)
    return MatchResult(_matches(list(found.values())), near, gene.gene)


def _exact(kb: KnowledgeBase, assembly: Assembly, allele: Allele) -> list[tuple[Alteration, Outcome]]:
    hits: dict[str, tuple[Alteration, Outcome]] = {}
    for row in kb.alleles.get(assembly, {}).get(allele.key(), ()):
        alteration = kb.alterations[row.alteration_id]
        if alteration.event in RULES:
            place = f"{allele.chrom}:{allele.pos} {allele.ref}>{allele.alt}"
            text = f"{place} equals an allele of {row.alteration_id} (exact allele, {assembly})"
            hits[row.alteration_id] = (alteration, Outcome(True, MatchLevel.EXACT_ALLELE, text))
    return list(hits.values())


def _gene_and_consequence(
    kb: KnowledgeBase,
    allele: Allele,
    chosen: TranscriptConsequence | None,
    consequences: Sequence[TranscriptConsequence],
) -> tuple[Gene | None, TranscriptConsequence | None]:
    """The gene to judge and the consequence to read: that on the knowledge transcript, else the chosen one.

    A symbol or alias that leads to a gene on another chromosome is a clash of names and leads nowhere.
    """
    candidates = [*([chosen] if chosen is not None else []), *consequences]
    for candidate in candidates:
        gene = kb.gene(candidate.gene, candidate.hgnc_id)
        if gene is None or gene.chrom != allele.chrom:
            continue
        own = [c for c in candidates if kb.gene(c.gene, c.hgnc_id) is gene]
        return gene, next((c for c in own if is_on_knowledge_transcript(gene, c)), own[0])
    return None, None


def _rows_near(
    kb: KnowledgeBase, gene: Gene, assembly: Assembly, allele: Allele, reading: Reading | None
) -> Iterable[Row]:
    """Rows of the gene that may match or be near misses."""
    if reading is None:
        return ()
    change = reading.change
    named = change is not None and change.ref and change.alt
    exchange = (change.ref, change.alt) if change is not None and named and reading.untrusted else None
    return rows_of(kb, gene, assembly).near(allele, reading.touched, reading.exon, exchange)


def _outcome(kb: KnowledgeBase, row: Row, reading: Reading, exact: set[str]) -> Outcome:
    alteration = row.alteration
    outcome = RULES[alteration.event](kb, alteration, reading)
    if not outcome.matched:
        return outcome
    if _far_from_alleles(row, reading, outcome):
        text = f"{reading.text} {reading.where}, but the allele lies far from the curated alleles: numbering by chance"
        return Outcome(False, outcome.level, text)
    by_allele = sorted(set(alteration.excludes) & exact)
    reason = (
        f"the exact allele is {by_allele[0]}, which is excluded from {alteration.alteration_id}"
        if by_allele
        else exclusion(kb, alteration, reading)
    )
    return Outcome(False, outcome.level, reason) if reason else outcome


def _far_from_alleles(row: Row, reading: Reading, outcome: Outcome) -> bool:
    """Whether a protein match on a transcript other than the knowledge one is contradicted by curated coordinates."""
    if reading.on_knowledge_transcript or outcome.level not in {MatchLevel.PROTEIN_CHANGE, MatchLevel.CODON}:
        return False
    return bool(row.alleles) and all(abs(known.pos - reading.allele.pos) > NEAR_BASES for known in row.alleles)


def _matches(found: list[tuple[Alteration, Outcome]]) -> tuple[Match, ...]:
    """Matches most specific first; a category beside a specific match says so."""
    found = sorted(found, key=lambda hit: (_ORDER[hit[1].level], hit[0].alteration_id))
    specific = [alteration.alteration_id for alteration, outcome in found if outcome.level in _SPECIFIC]
    matches: list[Match] = []
    for alteration, outcome in found:
        text = outcome.text
        if specific and outcome.level not in _SPECIFIC:
            text = f"{text}; category beside the more specific {', '.join(specific)}"
        matches.append(Match(alteration.alteration_id, outcome.level, text))
    return tuple(matches)


def _distance(row: Row, allele: Allele, reading: Reading) -> int | None:
    """How near a failed alteration lies, in codons; None where it is too far to be worth a word."""
    distances: list[int] = []
    for known in row.alleles:
        # Measured from the end that is nearer: a deletion that takes in a curated allele is as near as can be.
        bases = max(known.pos - (allele.pos + len(allele.ref) - 1), allele.pos - (known.pos + len(known.ref) - 1), 0)
        if known.chrom == allele.chrom and bases <= NEAR_BASES:
            distances.append(bases // 3)
    alteration = row.alteration
    if alteration.event in GENE_WIDE_EVENTS:
        distances += [_GENE_WIDE_DISTANCE] if reading.classes - {"synonymous"} else []
    elif alteration.exon is not None and reading.exon == alteration.exon and reading.classes:
        distances.append(0)
    if reading.touched is not None:
        for first, last in row.codons:
            gap = max(first - reading.touched[1], reading.touched[0] - last, 0)
            distances += [gap] if gap <= NEAR_CODONS else []
    if reading.untrusted and _same_exchange(row, reading):
        distances.append(0)
    return min(distances, default=None)


def _same_exchange(row: Row, reading: Reading) -> bool:
    """Same residues exchanged at another number: what a legacy numbering looks like (H3 p.Lys27Met, p.Lys28Met)."""
    change = reading.change
    return change is not None and bool(change.ref and change.alt) and (change.ref, change.alt) in row.exchanges
