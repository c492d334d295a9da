"""Codes that rest on mutation counts per residue: OS3, OM3 (hotspot below 50 tumours) and OP3.

Counts are those of Cancer Hotspots v2 (hotspots.tsv). Its tumours are mostly solid: a residue that is no hotspot there
says little about a haematological tumour, which the sentences leave to the reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import NO_SINGLE_RESIDUE, ONCOGENE_ROLES, SPLICE_SITE_TERMS, Facts
from targetboard.knowledge.protein import curated_change, edit_of, same_event, touched_codons
from targetboard.knowledge.records import HotspotCount, KnowledgeBase, ProteinWindow
from targetboard.vcf.hgvs import ProteinKind

RESIDUE_TUMOURS_STRONG = 50
CHANGE_TUMOURS = 10

_IN_FRAME_KINDS = frozenset({ProteinKind.DELETION, ProteinKind.INSERTION, ProteinKind.DUPLICATION, ProteinKind.DELINS})


@dataclass(slots=True, frozen=True)
class Hotspot:
    """Counts at the residue (or range) of a variant: tumours with any change, and with this change."""

    residue: str
    residue_count: int
    change_count: int

    def sentence(self) -> str:
        """The counts in words."""
        return (
            f"residue {self.residue}: {self.residue_count} tumours, {self.change_count} with this change "
            "(Cancer Hotspots v2)"
        )


Rows = tuple[list[HotspotCount], list[HotspotCount]]
"""Rows of the variant's residue or range, and those of them that are its very change."""


def _substitution_rows(facts: Facts, rows: tuple[HotspotCount, ...], windows: Sequence[ProteinWindow]) -> Rows:
    change = facts.substitution
    if change is None:
        return [], []
    found = [row for row in rows if row.residue == str(change.start)]
    return found, [row for row in found if row.change == change.alt]


def _range_rows(facts: Facts, rows: tuple[HotspotCount, ...], windows: Sequence[ProteinWindow]) -> Rows:
    """Rows of length changes whose residues hold the variant, whatever its spelling, and those that are this event."""
    change = facts.change
    if change is None or change.kind not in _IN_FRAME_KINDS:
        return [], []
    edit = edit_of(change, windows)
    touched = touched_codons(change, edit, windows) or (change.start, change.end)
    found, same = [], []
    for row in rows:
        first, _, last = row.residue.partition("-")
        # Only rows of length changes: the substitution counts of a residue say nothing about a deletion there.
        if not first.isdigit() or len(row.change) <= 1 or row.change in ("sp", "splice"):
            continue
        known = curated_change(f"p.{row.change}", windows)
        is_same = known is not None and same_event(change, edit, known)
        upper = int(last) if last.isdigit() else int(first)
        if is_same or (int(first) <= touched[0] and touched[1] <= upper):
            found.append(row)
        if is_same:
            same.append(row)
    return found, same


def _splice_rows(facts: Facts, rows: tuple[HotspotCount, ...], windows: Sequence[ProteinWindow]) -> Rows:
    name = f"X{facts.codon}_splice"
    found = [row for row in rows if row.residue == name]
    return found, [row for row in found if row.change == found[0].change]


def find_hotspot(facts: Facts, kb: KnowledgeBase) -> Hotspot | Finding:
    """The hotspot a variant lies in, or the finding (not met, not evaluable) that there is none.

    Missense changes are compared by residue, in-frame length changes by residue range, splice-site variants of
    oncogenes by splice hotspot. Truncating variants are left out: the standard asks for caution with hotspots that
    truncation drives, and OVS1 already counts them.
    """
    splice_of_oncogene = bool(
        facts.terms & SPLICE_SITE_TERMS and facts.gene is not None and facts.gene.role in ONCOGENE_ROLES
    )
    if not (facts.is_missense or facts.is_in_frame_length_change or splice_of_oncogene):
        return not_met("hotspots are compared for missense, in-frame and oncogene splice-site variants only")
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    if facts.is_missense and facts.substitution is None:
        return not_evaluable(NO_SINGLE_RESIDUE)
    rows = kb.hotspots.get(facts.gene.gene, ())
    read = _substitution_rows if facts.is_missense else _range_rows if facts.is_in_frame_length_change else _splice_rows
    found, same = read(facts, rows, kb.proteins.get(facts.gene.gene, ()))
    if not found:
        return not_met("no hotspot at this residue (Cancer Hotspots v2)")
    seen = facts.substitution
    if facts.is_missense and seen is not None:
        stated = {row.reference_aa for row in found if row.reference_aa}
        if stated and seen.ref not in stated:
            return not_evaluable(
                f"the hotspot table has {'/'.join(sorted(stated))} at residue {seen.start}, "
                f"the variant states {seen.ref}: numbering differs"
            )
    return Hotspot(
        found[0].residue,
        max(row.residue_count for row in found),
        sum(row.change_count for row in same),
    )


def assess_hotspots(facts: Facts, kb: KnowledgeBase) -> tuple[Finding, Finding, Finding]:
    """Findings for OS3, OM3 and OP3, in this order: at most one is met."""
    hotspot = find_hotspot(facts, kb)
    if isinstance(hotspot, Finding):
        return hotspot, hotspot, hotspot
    said = hotspot.sentence()
    often = hotspot.change_count >= CHANGE_TUMOURS
    strong = hotspot.residue_count >= RESIDUE_TUMOURS_STRONG
    return (
        met(said) if often and strong else not_met(said),
        met(said) if often and not strong else not_met(said),
        not_met(said) if often else met(said),
    )
