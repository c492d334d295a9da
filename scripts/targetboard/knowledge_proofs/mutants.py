"""Mutated knowledge bases: a proof that still holds when its row is wrong proves nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from targetboard.knowledge.protein import curated_change
from targetboard.knowledge.records import Alteration, CuratedChange, KnowledgeBase, KnownAllele
from targetboard.knowledge_proofs.spelling import RESIDUES, SUBSTITUTION, canonical, read_canonical
from targetboard.model import Assembly

SHIFT = 1


def shifted(kb: KnowledgeBase) -> KnowledgeBase:
    """Every row moved by one: residues, codon windows, exons, exact alleles; null rows count lost stops only."""
    alterations = {name: _shifted_row(row) for name, row in kb.alterations.items()}
    return _with_alleles(_with_rows(kb, alterations), lambda row: replace(row, pos=row.pos + SHIFT))


def other_residue(kb: KnowledgeBase) -> KnowledgeBase:
    """Every stated substitution with another new residue."""
    return _with_rows(kb, {name: _other_residue(row) for name, row in kb.alterations.items()})


def without_exclusions(kb: KnowledgeBase) -> KnowledgeBase:
    """Every row without its exclusions."""
    return _with_rows(kb, {name: replace(row, excludes=()) for name, row in kb.alterations.items()})


def only_supported(kb: KnowledgeBase) -> KnowledgeBase:
    """Every validated row with supporting evidence instead."""
    weaker = {"validated": "supported"}
    rows = {name: replace(row, evidence=weaker.get(row.evidence, row.evidence)) for name, row in kb.alterations.items()}
    return _with_rows(kb, rows)


def _shifted_row(row: Alteration) -> Alteration:
    if row.event == "loss_of_function":
        return replace(row, classes=("stop_lost",))
    changes = [(text, read_canonical(text)) for text in row.protein_changes]
    moved = tuple(
        canonical(replace(change, start=change.start + SHIFT, end=change.end + SHIFT)) if change is not None else text
        for text, change in changes
    )
    first, last = row.codon_first, row.codon_last
    return replace(
        row,
        protein_changes=moved,
        codon_first=first + SHIFT if first is not None else None,
        codon_last=last + SHIFT if last is not None else None,
        exon=row.exon + SHIFT if row.exon is not None else None,
    )


def _other_residue(row: Alteration) -> Alteration:
    texts = list(row.protein_changes)
    for index, text in enumerate(texts):
        change = read_canonical(text)
        if change is not None and change.kind == SUBSTITUTION:
            taken = {change.ref, change.alt}
            texts[index] = canonical(replace(change, alt=next(r for r in RESIDUES if r not in taken)))
    return replace(row, protein_changes=tuple(texts))


def _with_rows(kb: KnowledgeBase, alterations: Mapping[str, Alteration]) -> KnowledgeBase:
    by_gene: dict[str, list[Alteration]] = {}
    for row in alterations.values():
        by_gene.setdefault(row.gene, []).append(row)

    def parsed(texts: Callable[[Alteration], tuple[str, ...]]) -> dict[str, tuple[CuratedChange, ...]]:
        found: dict[str, tuple[CuratedChange, ...]] = {}
        for name, row in alterations.items():
            windows = kb.proteins.get(row.gene, ())
            changes = tuple(c for text in texts(row) if (c := curated_change(text, windows)) is not None)
            if changes:
                found[name] = changes
        return found

    return replace(
        kb,
        alterations=alterations,
        alterations_by_gene={gene: tuple(rows) for gene, rows in by_gene.items()},
        curated_changes=parsed(lambda row: row.protein_changes),
        excluded_changes=parsed(lambda row: tuple(text for text in row.excludes if text.startswith("p."))),
    )


def _with_alleles(kb: KnowledgeBase, change: Callable[[KnownAllele], KnownAllele]) -> KnowledgeBase:
    alleles: dict[Assembly, dict[tuple[str, int, str, str], tuple[KnownAllele, ...]]] = {}
    for assembly, rows_by_key in kb.alleles.items():
        moved: dict[tuple[str, int, str, str], tuple[KnownAllele, ...]] = {}
        for rows in rows_by_key.values():
            for row in map(change, rows):
                key = (row.chrom, row.pos, row.ref, row.alt)
                moved[key] = (*moved.get(key, ()), row)
        alleles[assembly] = moved
    return replace(kb, alleles=alleles)
