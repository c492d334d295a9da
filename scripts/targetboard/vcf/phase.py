"""Phase: whether neighbouring alleles lie on one haplotype, and the combined allele when they do.

Two SNVs in one codon make another protein change together than apart (BRAF c.1798G>A and c.1799T>A together are V600K).
They are combined only on evidence from the caller. Where the caller says nothing, every reading is kept and marked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from targetboard.model import Allele, Phase
from targetboard.vcf.normalise import trim
from targetboard.vcf.reference import Reference

Relation = Literal["cis", "trans", "undetermined"]

# One sequencing read: as far as a phased genotype without a named set is believed (bases between the two positions).
UNNAMED_SET_REACH = 100
# SNVs at most this many positions apart can share a codon.
ADJACENT_POSITIONS = 2
# Two frameshifts in cis this close that keep the frame together are pieces of one event (a delins that the caller
# split): as far as the exon 19 deletions of EGFR reach. Other neighbours at a distance keep their own descriptions.
INDEL_REACH = 30
UNNAMED_SET = "phased GT without a set"
PHASE_OPEN = "phase not determined"
"""How the note of a neighbour of unknown phase begins."""
_MISSING = frozenset({"", "."})


def phase_of(values: Mapping[str, str], alt_index: int, chrom: str) -> Phase | None:
    """Read the phase of one ALT from the tumour's FORMAT values; None unless the caller states it.

    The sources, in this order: PGT with PID (GATK), phased GT with PS (VCF; DRAGEN, Octopus, WhatsHap), and phased GT
    without a set, which VCF assigns to one set for the whole chromosome; :func:`relation` believes that last one only
    within a read. An ALT on several haplotypes (``1|1``) or on none of them has no single haplotype: None.

    Parameters
    ----------
    values
        FORMAT key to text in the tumour's column.
    alt_index
        Index of the ALT in its record, from 0.
    chrom
        Chromosome; set names repeat on other chromosomes, so it is part of the set's identity.
    """
    pid = values.get("PID", ".")
    haplotype = _haplotype(values.get("PGT", "."), alt_index)
    if pid not in _MISSING and haplotype is not None:
        return Phase(f"{chrom}:PID={pid}", haplotype, "PID and PGT")
    haplotype = _haplotype(values.get("GT", "."), alt_index)
    if haplotype is None:
        return None
    phase_set = values.get("PS", ".")
    if phase_set not in _MISSING:
        return Phase(f"{chrom}:PS={phase_set}", haplotype, "PS and GT")
    return Phase(f"{chrom}:GT", haplotype, UNNAMED_SET)


def relation(one: Phase | None, other: Phase | None, *, distance: int | None = None) -> Relation:
    """Whether two alleles lie on the same haplotype (cis), on different ones (trans), or nobody knows.

    Parameters
    ----------
    one, other
        Phase of two alleles at different positions of one sample.
    distance
        Bases between the two positions. Without it, or beyond 100, a phased genotype without a set proves nothing.
    """
    if one is None or other is None or one.set_id != other.set_id:
        return "undetermined"
    if UNNAMED_SET in (one.source, other.source) and (distance is None or abs(distance) > UNNAMED_SET_REACH):
        return "undetermined"
    return "cis" if one.haplotype == other.haplotype else "trans"


@dataclass(slots=True, frozen=True)
class AdjacentGroup:
    """Alleles so close that their effects may join: indices in order of position, and how they lie to each other.

    A cis group has two or more members; trans and undetermined groups are pairs.
    """

    members: tuple[int, ...]
    relation: Relation


def adjacent_groups(
    alleles: Sequence[Allele], phases: Sequence[Phase | None], codons: Sequence[tuple[str, int] | None] | None = None
) -> list[AdjacentGroup]:
    """Find alleles of one codon or within 2 bp, and group those that lie in cis.

    Parameters
    ----------
    alleles
        Small variants of one sample (SNVs, MNVs, insertions, deletions).
    phases
        Phase of each allele, or None.
    codons
        Per allele ``(transcript, codon number)`` if known, to also find a codon that an intron splits.

    Returns
    -------
    list of AdjacentGroup
        Sorted by members. Chains of cis neighbours form one group; every other adjacent pair is a group of its own.
        Alleles that overlap, such as two ALTs of one record, exclude each other and are no neighbours. Two
        indels within ``INDEL_REACH`` that keep the frame only together are neighbours where a named set phases them.
    """
    pairs = _adjacent_pairs(alleles, codons or [None] * len(alleles))
    groups: list[AdjacentGroup] = []
    cis = _cis_pieces(alleles, phases, set(pairs))
    for first, second in pairs:
        found = relation(phases[first], phases[second], distance=alleles[second].pos - alleles[first].pos)
        if found == "cis":
            cis.append((first, second))
        else:
            groups.append(AdjacentGroup((first, second), found))
    for chain in _chains(cis):
        ordered = sorted(chain, key=lambda i: (_edit_span(alleles[i]), i))
        if all(not _overlap(alleles[a], alleles[b]) for a, b in pairwise(ordered)):
            groups.append(AdjacentGroup(tuple(ordered), "cis"))
        else:
            # two alleles for one base on one haplotype contradict each other: the phase is not to be trusted
            groups.extend(AdjacentGroup(pair, "undetermined") for pair in cis if pair[0] in chain)
    return sorted(groups, key=lambda group: group.members)


def combine(alleles: Sequence[Allele], reference: Reference | None = None) -> Allele | None:
    """The one allele that cis neighbours make together: an MNV, or a delins when one of them is an indel.

    Parameters
    ----------
    alleles
        Alleles of one haplotype, REF checked.
    reference
        Source of the reference bases between alleles that do not touch.

    Returns
    -------
    Allele or None
        Trimmed. None if the alleles overlap, lie on different chromosomes or too far apart to be one event, if a base
        between them is needed and unknown, or if they cancel each other.
    """
    ordered = sorted(alleles, key=_edit_span)
    if len(ordered) < 2 or len({allele.chrom for allele in ordered}) != 1:
        return None
    if any(_overlap(one, other) for one, other in pairwise(ordered)):
        return None
    first = ordered[0]
    ref = alt = first.ref[: _anchor(first)]
    covered = first.pos + len(ref) - 1
    for allele in ordered:
        anchor = _anchor(allele)
        between = _reference_bases(first.chrom, covered + 1, allele.pos + anchor - 1, reference)
        if between is None:
            return None
        ref += between + allele.ref[anchor:]
        alt += between + allele.alt[anchor:]
        covered = allele.pos + len(allele.ref) - 1
    return None if ref == alt else trim(first.chrom, first.pos, ref, alt)


def phase_note(alleles: Sequence[Allele], group: AdjacentGroup, phases: Sequence[Phase | None]) -> str:
    """One sentence for the report: what is known about the phase of a group, and what to do if nothing is."""
    names = [f"{alleles[i].chrom}:{alleles[i].pos} {alleles[i].ref}>{alleles[i].alt}" for i in group.members]
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    phase = phases[group.members[0]]
    source = phase.source if phase else ""
    match group.relation:
        case "cis":
            return f"on one haplotype by {source}: {listed} are read together"
        case "trans":
            return f"on different haplotypes by {source}: {listed} are read separately"
        case "undetermined":
            return (
                f"{PHASE_OPEN}: {listed} may be one combined change or two separate ones; "
                "both readings stand, ask the laboratory"
            )


def _haplotype(genotype: str, alt_index: int) -> int | None:
    """Position of the ALT in a fully phased genotype, if it is on exactly one haplotype of several."""
    if "/" in genotype or "|" not in genotype:
        return None
    calls = genotype.strip("|").split("|")
    allele = str(alt_index + 1)
    return calls.index(allele) if len(calls) > 1 and calls.count(allele) == 1 else None


def _anchor(allele: Allele) -> int:
    """Number of leading bases (0 or 1) that a trimmed indel shares with the reference."""
    return 1 if len(allele.ref) != len(allele.alt) and allele.ref[0] == allele.alt[0] else 0


def _edit_span(allele: Allele) -> tuple[int, int]:
    """First and last changed position (1-based) without the anchor base; last = first - 1 for an insertion."""
    return allele.pos + _anchor(allele), allele.pos + len(allele.ref) - 1


def _overlap(one: Allele, other: Allele) -> bool:
    """Whether two alleles change the same base, or insert at the same point (their order would be unknown)."""
    (start, end), (other_start, other_end) = _edit_span(one), _edit_span(other)
    both_insert_there = start == other_start and end < start and other_end < other_start
    return both_insert_there or (start <= other_end and other_start <= end)


def _adjacent_pairs(alleles: Sequence[Allele], codons: Sequence[tuple[str, int] | None]) -> list[tuple[int, int]]:
    """Pairs of indices, each in order of position: near each other, or in one codon of one transcript."""
    order = sorted(range(len(alleles)), key=lambda i: (alleles[i].chrom, _edit_span(alleles[i]), i))
    rank = {index: place for place, index in enumerate(order)}
    pairs: set[tuple[int, int]] = set()
    by_codon: dict[tuple[str, str, int], list[int]] = {}
    for place, first in enumerate(order):
        one = alleles[first]
        for second in order[place + 1 :]:
            other = alleles[second]
            if other.chrom != one.chrom or _edit_span(other)[0] - _edit_span(one)[1] > ADJACENT_POSITIONS:
                break
            if not _overlap(one, other):
                pairs.add((first, second))
        codon = codons[first]
        if codon is not None:
            earlier = by_codon.setdefault((one.chrom, *codon), [])
            pairs.update((before, first) for before in earlier if not _overlap(alleles[before], one))
            earlier.append(first)
    return sorted(pairs, key=lambda pair: (rank[pair[0]], rank[pair[1]]))


def _cis_pieces(
    alleles: Sequence[Allele], phases: Sequence[Phase | None], known: set[tuple[int, int]]
) -> list[tuple[int, int]]:
    """Pairs beyond direct neighbourhood that are pieces of one event: in frame only together, phased in a named set."""
    order = sorted(range(len(alleles)), key=lambda i: (alleles[i].chrom, _edit_span(alleles[i]), i))
    found: list[tuple[int, int]] = []
    for place, first in enumerate(order):
        one, phase = alleles[first], phases[first]
        if phase is None or phase.source == UNNAMED_SET:
            continue
        for second in order[place + 1 :]:
            other, other_phase = alleles[second], phases[second]
            if other.chrom != one.chrom or _edit_span(other)[0] - _edit_span(one)[1] > INDEL_REACH:
                break
            net, other_net = len(one.alt) - len(one.ref), len(other.alt) - len(other.ref)
            if (first, second) in known or not net % 3 or (net + other_net) % 3 or _overlap(one, other):
                continue
            if other_phase is not None and relation(phase, other_phase) == "cis":
                found.append((first, second))
    return found


def _chains(pairs: Sequence[tuple[int, int]]) -> list[set[int]]:
    """Connected components of the pairs."""
    chains: list[set[int]] = []
    for pair in pairs:
        touching = [chain for chain in chains if not chain.isdisjoint(pair)]
        chains = [chain for chain in chains if chain.isdisjoint(pair)]
        chains.append(set(pair).union(*touching))
    return chains


def _reference_bases(chrom: str, start: int, end: int, reference: Reference | None) -> str | None:
    """Reference bases from start to end; "" if there are none; None if too many for one event, or unknown."""
    length = end - start + 1
    if length <= 0:
        return ""
    if reference is None or length > INDEL_REACH:
        return None
    bases = reference.fetch(chrom, start, end)
    return bases if len(bases) == length and set(bases) <= set("ACGT") else None
