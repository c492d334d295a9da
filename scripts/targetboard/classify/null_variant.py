"""OVS1: a null variant in a tumour suppressor gene, and with which strength it counts.

The standard (Horak 2022, table 2) gives 8 points and asks for caution with truncations near the 3' end, with splice
variants that keep the reading frame and with start loss. It names no lower strengths; they follow ClinGen's decision
tree for the germline counterpart PVS1 (Abou Tayoun 2018, PMID 30192042, PMC6185798; its splice part as in Walker 2023,
PMC9980257, table 1), which the standard builds on. One step departs from the tree: a truncation that escapes decay
keeps full strength where truncations at or behind it recur in tumours, since that shows the shorter protein to be
without function (APC, whose last exon holds most of its mutations).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.established import established_changes
from targetboard.classify.facts import SPLICE_SITE_TERMS, TUMOUR_SUPPRESSOR_ROLES, Facts
from targetboard.knowledge.records import KnowledgeBase
from targetboard.vcf.geometry import FIELD, LOST_FIELD, Geometry
from targetboard.vcf.hgvs import ProteinChange, ProteinKind


class Fate(StrEnum):
    """What becomes of a null variant's transcript or protein."""

    DECAY = "decay"
    UNKNOWN = "unknown"
    RECURRENT = "recurrent"
    CRITICAL_LOST = "critical_lost"
    MUCH_LOST = "much_lost"
    LITTLE_LOST = "little_lost"
    SHARE_UNKNOWN = "share_unknown"
    NEAR_END = "near_end"
    START_CRITICAL = "start_critical"
    START_ONLY = "start_only"
    START_UNKNOWN = "start_unknown"
    WHOLE_GENE = "whole_gene"


@dataclass(slots=True, frozen=True)
class Strength:
    """Points now (None: the official 8), points that missing information could still bring, and the rule in words."""

    points: int | None
    reach: int | None
    words: str


STRENGTHS: Mapping[Fate, Strength] = {
    Fate.DECAY: Strength(None, None, "nonsense-mediated decay is expected"),
    Fate.UNKNOWN: Strength(None, None, "whether decay or the frame is spared is not known"),
    Fate.WHOLE_GENE: Strength(
        None, None, "loss of the whole gene (an extension: the standard names deletions of one or several exons)"
    ),
    Fate.RECURRENT: Strength(None, None, "decay may be escaped, but truncations at or behind it are known drivers"),
    Fate.CRITICAL_LOST: Strength(4, None, "decay or frame shift may be escaped, but a region known to matter is lost"),
    Fate.MUCH_LOST: Strength(4, None, "decay or frame shift may be escaped; more than 10 % of the protein is lost"),
    Fate.LITTLE_LOST: Strength(2, None, "decay or frame shift may be escaped; at most 10 % of the protein is lost"),
    Fate.SHARE_UNKNOWN: Strength(2, 4, "decay may be escaped; the share of the protein that is lost is not known"),
    Fate.NEAR_END: Strength(2, 8, "in the last 10 % of the protein, and whether in the last exon is not known"),
    Fate.START_CRITICAL: Strength(2, None, "another start follows, behind a region known to matter"),
    Fate.START_ONLY: Strength(1, None, "another start may follow; nothing before it is known to matter"),
    Fate.START_UNKNOWN: Strength(1, 2, "the next start codon is not known"),
}
"""Strength by fate. 8, 4, 2 and 1 points are very strong, strong, moderate and supporting."""

# A premature stop further than this before the last exon-exon junction leads to decay (the 50-nucleotide rule).
DECAY_DISTANCE = 50
MUCH_OF_PROTEIN = 0.10
# Tumours in Cancer Hotspots v2 that make a change at a residue recurrent; the standard's own count for OS3 and OM3.
RECURRENT = 10
_TRUNCATING_KINDS = frozenset({ProteinKind.NONSENSE, ProteinKind.FRAMESHIFT})
TRUNCATING_TERMS = frozenset({"stop_gained", "frameshift_variant"})
EXON_LOSS_TERMS = frozenset({"exon_loss_variant"})
WHOLE_GENE_TERMS = frozenset({"transcript_ablation"})
ESCAPE_FIELD, ESCAPE_WORD = "NMD", "escaping"
_LOST_EXONS = re.compile(r"(\d+)-(\d+)")
LENGTH_FIELDS = ("Protein_position", "AA.pos / AA.length", "AA.pos / AA.len", "AA.pos/AA.length")


def null_variant(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OVS1: null variant in a tumour suppressor gene whose loss drives cancer, at the strength its fate allows.

    A curated last codon (``last_pathogenic_codon``) decides by itself: up to it a truncation counts in full, behind it
    not at all.
    """
    if not facts.is_null:
        return not_met("not a null variant")
    gene = facts.gene
    if gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if gene.role not in TUMOUR_SUPPRESSOR_ROLES:
        return not_met(f"{gene.gene} is not listed as a tumour suppressor gene (role: {gene.role})")
    if not gene.lof_mechanism:
        return not_met(f"loss of function is not an established mechanism of {gene.gene}")
    excluded = excluded_from_loss_of_function(facts, kb)
    if excluded:
        return not_met(excluded)
    if facts.variant.frame_restored_by:
        return not_met(f"the reading frame is restored on the same haplotype by {facts.variant.frame_restored_by}")
    said = f"{', '.join(sorted(facts.terms))} in tumour suppressor gene {gene.gene}"
    last = gene.last_pathogenic_codon
    if last is not None and not facts.terms & (WHOLE_GENE_TERMS | EXON_LOSS_TERMS) and not _is_start_loss(facts):
        if facts.numbering:
            return not_evaluable(facts.numbering)
        if facts.codon is None:
            return not_evaluable(f"the codon is not known, and truncations after codon {last} do not count")
        if facts.codon > last:
            return not_met(f"codon {facts.codon} lies after {last}, the last codon at which a truncation counts")
        return met(f"{said}, codon {facts.codon}, up to {last}")
    fate, where = fate_of(facts, kb)
    strength = STRENGTHS[fate]
    return met(f"{said}{where}: {strength.words}", strength.points, strength.reach)


def _is_start_loss(facts: Facts) -> bool:
    return "start_lost" in facts.terms and not facts.terms & TRUNCATING_TERMS


def fate_of(facts: Facts, kb: KnowledgeBase) -> tuple[Fate, str]:
    """Fate of a null variant, and the place in words (", exon 4 of 11", or "")."""
    if facts.terms & WHOLE_GENE_TERMS:
        return Fate.WHOLE_GENE, ""
    chosen = facts.variant.chosen
    geometry = Geometry.parse(facts.annotation(FIELD))
    where = ""
    if chosen is not None and (chosen.exon or chosen.intron):
        total = f" of {chosen.exon_total}" if chosen.exon_total and chosen.exon else ""
        where = f", exon {chosen.exon}{total}" if chosen.exon else f", intron {chosen.intron}"
    if facts.terms & TRUNCATING_TERMS:
        return _truncation(facts, kb, geometry), where
    if _is_start_loss(facts):
        return _start_loss(facts, kb), where
    return _lost_exon(facts, kb, geometry), where


# Fates that a rule for every null variant of a gene does not outweigh, and those that leave it open.
OUTWEIGH_CLASS_RULE = frozenset({Fate.LITTLE_LOST})
WEAKEN_CLASS_RULE = frozenset({Fate.NEAR_END, Fate.SHARE_UNKNOWN})


def doubt_about_loss(facts: Facts, kb: KnowledgeBase) -> tuple[bool, str]:
    """Why a curated rule for all null variants of the gene may not hold for this one.

    Returns
    -------
    tuple
        Whether the doubt outweighs the rule (otherwise it only weakens it), and the doubt in words; "" without one.
        Where the tables state the last codon that counts, the rule itself has judged it.
    """
    if facts.variant.frame_restored_by:
        return True, f"the reading frame is restored on the same haplotype by {facts.variant.frame_restored_by}"
    if not facts.terms & TRUNCATING_TERMS or facts.gene is None or facts.gene.last_pathogenic_codon is not None:
        return False, ""
    fate = fate_of(facts, kb)[0]
    if fate in OUTWEIGH_CLASS_RULE | WEAKEN_CLASS_RULE:
        return fate in OUTWEIGH_CLASS_RULE, STRENGTHS[fate].words
    return False, ""


def _truncation(facts: Facts, kb: KnowledgeBase, geometry: Geometry | None) -> Fate:
    stop = _stop_codon(facts)
    escapes = _escapes_decay(facts, geometry, stop)
    if escapes is False:
        return Fate.DECAY
    share = None if stop is None else _share_lost(facts, kb, geometry, stop, None)
    if escapes is None and (share is None or share > MUCH_OF_PROTEIN):
        return Fate.UNKNOWN
    fate = _what_is_lost(facts, kb, share, facts.codon, None)
    if escapes is None and fate is not Fate.RECURRENT:
        return Fate.NEAR_END if fate is Fate.LITTLE_LOST else fate
    return fate


def _stop_codon(facts: Facts) -> int | None:
    """Codon of the premature stop; where a frameshift does not say how far it reads on, its first codon."""
    change = facts.change
    if change is not None and change.kind is ProteinKind.FRAMESHIFT and change.start and change.ter:
        return change.start + change.ter - 1
    return facts.codon


def _escapes_decay(facts: Facts, geometry: Geometry | None, stop: int | None) -> bool | None:
    """Whether the truncated transcript is spared; None where the exons are not known well enough."""
    chosen = facts.variant.chosen
    if geometry is not None and stop is not None:
        junction = geometry.last_junction
        return junction is None or junction - 3 * stop < DECAY_DISTANCE
    if ESCAPE_WORD in facts.annotation(ESCAPE_FIELD):
        return True
    if chosen is None or chosen.exon is None or chosen.exon_total is None:
        return None
    if chosen.exon == chosen.exon_total:
        return True
    # In the last but one exon the distance to the junction decides, which annotators do not state.
    return None if chosen.exon == chosen.exon_total - 1 else False


def _lost_exon(facts: Facts, kb: KnowledgeBase, geometry: Geometry | None) -> Fate:
    """Fate where a splice site or an exon is lost: skipping of the exon is what is expected."""
    chosen = facts.variant.chosen
    lost = _LOST_EXONS.fullmatch(facts.annotation(LOST_FIELD))
    exon = int(lost[2]) if lost else _skipped_exon(facts)
    if exon is None:
        return Fate.UNKNOWN
    span = _span_lost(geometry, int(lost[1]) if lost else exon, exon) if geometry is not None else None
    if geometry is None or span is None:
        is_last = chosen is not None and chosen.exon_total is not None and exon == chosen.exon_total
        return Fate.SHARE_UNKNOWN if is_last else Fate.UNKNOWN
    first, last = (span[0] + 2) // 3, (span[1] + 2) // 3
    in_frame = (span[1] - span[0] + 1) % 3 == 0 and exon <= len(geometry.ends)
    if in_frame:
        return _what_is_lost(facts, kb, _share_lost(facts, kb, geometry, first, last), first, last)
    junction = geometry.last_junction
    if junction is not None and junction - span[0] >= DECAY_DISTANCE:
        return Fate.DECAY
    return _what_is_lost(facts, kb, _share_lost(facts, kb, geometry, first, None), first, None)


def _span_lost(geometry: Geometry, first_exon: int, last_exon: int) -> tuple[int, int] | None:
    """First and last coding base of a row of exons; None where they hold none."""
    spans = [span for exon in range(first_exon, last_exon + 1) if (span := geometry.coding_span(exon)) is not None]
    return (spans[0][0], spans[-1][1]) if spans else None


def _skipped_exon(facts: Facts) -> int | None:
    """The exon that is skipped when its splice site is lost; None where that is not known."""
    chosen = facts.variant.chosen
    if chosen is None:
        return None
    sites = facts.terms & SPLICE_SITE_TERMS
    if chosen.intron is not None and len(sites) == 1 and "splice_site_variant" not in sites:
        return chosen.intron + 1 if "splice_acceptor_variant" in sites else chosen.intron
    return chosen.exon


def _start_loss(facts: Facts, kb: KnowledgeBase) -> Fate:
    residues = _whole_protein(facts, kb)
    following = residues.find("M", 1) if residues else -1
    if not residues:
        return Fate.START_UNKNOWN
    last = following if following > 0 else len(residues)
    return Fate.START_CRITICAL if _matters(facts, kb, 2, last) else Fate.START_ONLY


def _what_is_lost(facts: Facts, kb: KnowledgeBase, share: float | None, first: int | None, last: int | None) -> Fate:
    """Fate by the part of the protein that is lost: codons ``first`` to ``last``, or to the end where that is None."""
    if first is not None and not facts.numbering:
        if last is None and _truncations_recur(facts, kb, first):
            return Fate.RECURRENT
        if _matters(facts, kb, first, last):
            return Fate.CRITICAL_LOST
    if share is None:
        return Fate.SHARE_UNKNOWN
    return Fate.MUCH_LOST if share > MUCH_OF_PROTEIN else Fate.LITTLE_LOST


def _truncations_recur(facts: Facts, kb: KnowledgeBase, codon: int) -> bool:
    """Whether truncations at this codon or further down are curated drivers or recur in tumours (Cancer Hotspots)."""
    if any(c.kind in _TRUNCATING_KINDS and c.start >= codon for _, c in established_changes(facts, kb)):
        return True
    rows = kb.hotspots.get(facts.gene.gene, ()) if facts.gene is not None else ()
    return any(
        row.change == "*" and row.change_count >= RECURRENT and row.residue.isdigit() and int(row.residue) >= codon
        for row in rows
    )


def _matters(facts: Facts, kb: KnowledgeBase, first: int, last: int | None) -> bool:
    """Whether the codons hold a curated critical region, an established oncogenic change or a missense hotspot."""
    if facts.gene is None:
        return False
    name = facts.gene.gene
    upper = last if last is not None else 10**9
    if any(d.kind == "critical" and d.codon_first <= upper and d.codon_last >= first for d in kb.domains.get(name, ())):
        return True
    established = (c for _, c in established_changes(facts, kb) if c.start and c.kind not in _TRUNCATING_KINDS)
    if any(first <= change.start <= upper for change in established):
        return True
    return any(
        row.change != "*"
        and len(row.change) == 1
        and row.change_count >= RECURRENT
        and row.residue.isdigit()
        and first <= int(row.residue) <= upper
        for row in kb.hotspots.get(name, ())
    )


def _whole_protein(facts: Facts, kb: KnowledgeBase) -> str:
    """Residues of the whole reference protein; "" where the tables hold windows of it only."""
    windows = kb.proteins.get(facts.gene.gene, ()) if facts.gene is not None else ()
    return next((w.residues for w in windows if w.start == 1 and w.residues.endswith("*")), "")


def _share_lost(
    facts: Facts, kb: KnowledgeBase, geometry: Geometry | None, first: int, last: int | None
) -> float | None:
    """Share of the protein from codon ``first`` to ``last`` (None: to its end); None where its length is not known."""
    length = 0
    if geometry is not None:
        length = geometry.length // 3 - 1
    elif residues := _whole_protein(facts, kb):
        length = len(residues) - 1
    else:
        total = facts.annotation(*LENGTH_FIELDS).partition("/")[2]
        length = int(total) if total.isdecimal() else 0
    if not length:
        return None
    end = length if last is None else min(last, length)
    return max(0.0, (end - first + 1) / length)


def excluded_from_loss_of_function(facts: Facts, kb: KnowledgeBase) -> str:
    """Why the gene's loss-of-function rule must not catch this variant; "" where it may."""
    if facts.gene is None:
        return ""
    matched = {match.alteration_id for match in facts.variant.matches}
    for alteration in kb.alterations_by_gene.get(facts.gene.gene, ()):
        if alteration.event != "loss_of_function":
            continue
        for excluded in alteration.excludes:
            if excluded in matched:
                return f"{kb.alterations[excluded].label} is excluded from {alteration.label}"
        for change in kb.excluded_changes.get(alteration.alteration_id, ()):
            if facts.change is not None and _same_change(change.change, facts.change):
                return f"{change.text} is excluded from {alteration.label}"
    return ""


def _same_change(curated: ProteinChange, seen: ProteinChange) -> bool:
    """Equal but for the distance to the new stop, which annotators state in part."""
    if curated.kind is ProteinKind.FRAMESHIFT and seen.kind is ProteinKind.FRAMESHIFT:
        return (curated.start, curated.ref) == (seen.start, seen.ref)
    return curated == seen
