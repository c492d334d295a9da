"""What neighbouring variants of one gene mean together: restored reading frames, and pairs whose phase decides.

Rules R7 and R8: the frame follows from the haplotype, not from the single record; EGFR T790M with C797S means
something else on one haplotype than on two. Nothing is concluded without phase evidence from the caller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import combinations

from targetboard.classify.facts import Facts, describe, read_facts
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Variant
from targetboard.vcf.phase import relation

# Two frameshifts further apart than this are not spoken of without phase; reads rarely hold both.
UNDETERMINED_REACH = 150
# A shifted frame runs into a stop within about 20 codons by chance (3 of 64 codons are stops).
OPEN_CODONS = 30
# Genes in which a second indel that restores the frame is known as reversion under treatment (rule R8).
REVERSION_GENES = frozenset({"BRCA1", "BRCA2", "PALB2", "RAD51C", "RAD51D"})
# Pairs whose relation changes what they mean; pairs that a biomarker profile asks about are added.
PHASE_PAIRS = (("EGFR_T790M", "EGFR_C797S"),)
_PROFILE_PAIR = re.compile(r"\b(?:cis|trans)\(\s*([A-Z0-9_]+)\s*,\s*([A-Z0-9_]+)\s*\)")


def read_haplotypes(variants: Sequence[Variant], kb: KnowledgeBase) -> None:
    """Set ``frame_restored_by`` and add notes to the variants of one sample, in place."""
    _restore_frames(variants, kb)
    for first, second in _pairs(kb):
        for one, other in _carriers(variants, first, second):
            note = pair_note(one, other, kb.alterations[first].label, kb.alterations[second].label)
            _add_note((one, other), note)


def _restore_frames(variants: Sequence[Variant], kb: KnowledgeBase) -> None:
    shifted: dict[str, list[Facts]] = {}
    for variant in variants:
        if variant.gene and variant.chosen is not None and "frameshift_variant" in variant.chosen.terms:
            shifted.setdefault(variant.gene, []).append(read_facts(variant, kb))
    for gene, found in shifted.items():
        for one, other in combinations(sorted(found, key=lambda facts: facts.variant.allele.pos), 2):
            if (_net(one.variant) + _net(other.variant)) % 3:
                continue
            _judge_pair(gene, one, other)


def _net(variant: Variant) -> int:
    return len(variant.allele.alt) - len(variant.allele.ref)


def _judge_pair(gene: str, one: Facts, other: Facts) -> None:
    first, second = one.variant, other.variant
    distance = second.allele.pos - first.allele.pos
    related = relation(first.observation.phase, second.observation.phase, distance=distance)
    names = f"{describe(first)} and {describe(second)}"
    if related == "cis":
        if _stop_between(one, other):
            _add_note((first, second), f"{names} lie on one haplotype, but a stop comes before the frame is restored")
            return
        first.frame_restored_by, second.frame_restored_by = describe(second), describe(first)
        source = first.observation.phase.source if first.observation.phase else "phase"
        note = f"on one haplotype by {source}: {names} together keep the reading frame; neither is a null variant"
        if gene in REVERSION_GENES:
            note += "; may be a reversion that restores the protein: ask which of them was there before treatment"
        _add_note((first, second), note)
    elif related == "undetermined" and distance <= UNDETERMINED_REACH:
        note = f"phase not determined: on one haplotype {names} would keep the reading frame together"
        if gene in REVERSION_GENES:
            note += " (a reversion)"
        _add_note((first, second), note)


def _stop_between(one: Facts, other: Facts) -> bool:
    """Whether the shifted frame ends before the other change brings it back: as stated, else by the open distance."""
    if one.codon is None or other.codon is None:
        return True
    upstream, downstream = sorted((one, other), key=lambda facts: facts.codon or 0)
    first, last = upstream.codon or 0, downstream.codon or 0
    stated = upstream.change.ter if upstream.change is not None else None
    return last > first + stated - 1 if stated else last - first > OPEN_CODONS


def _pairs(kb: KnowledgeBase) -> list[tuple[str, str]]:
    """Pairs of alterations whose relation matters and that the knowledge base has."""
    asked = (match for row in kb.biomarkers.values() for match in _PROFILE_PAIR.findall(row.profile))
    pairs: dict[frozenset[str], tuple[str, str]] = {}
    for first, second in (*PHASE_PAIRS, *asked):
        if first != second and first in kb.alterations and second in kb.alterations:
            pairs.setdefault(frozenset((first, second)), (first, second))
    return sorted(pairs.values())


def _carriers(variants: Sequence[Variant], first: str, second: str) -> list[tuple[Variant, Variant]]:
    def having(name: str) -> list[Variant]:
        return [variant for variant in variants if any(match.alteration_id == name for match in variant.matches)]

    return [(one, other) for one in having(first) for other in having(second) if one is not other]


def pair_note(one: Variant, other: Variant, first: str, second: str) -> str:
    """How two alterations lie to each other, in words: on one haplotype, on two, or not determined."""
    distance = abs(other.allele.pos - one.allele.pos)
    phase = one.observation.phase
    match relation(phase, other.observation.phase, distance=distance):
        case "cis":
            return f"{first} and {second} lie on one haplotype (cis), by {phase.source if phase else 'phase'}"
        case "trans":
            return f"{first} and {second} lie on two haplotypes (trans), by {phase.source if phase else 'phase'}"
        case _:
            return (
                f"{first} and {second}: whether they lie on one haplotype (cis) or on two (trans) is not determined;"
                f" reads that hold both positions ({distance} bases apart) would tell: ask the laboratory"
            )


def _add_note(variants: Iterable[Variant], note: str) -> None:
    for variant in variants:
        if note not in variant.notes:
            variant.notes = (*variant.notes, note)
