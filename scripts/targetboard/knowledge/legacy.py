"""Changes on a legacy transcript, brought to the numbering of the knowledge transcript.

``numbering_offset`` of a gene is the legacy number minus the number here. It holds for a stretch of the protein only
(NM_001127500 of MET counts 18 more from residue 756 on), so that it is never applied on trust.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from targetboard.knowledge.protein import numbering_fault, residues_confirmed
from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.knowledge.rows import rows_of
from targetboard.model import Allele, Assembly
from targetboard.vcf.hgvs import ProteinChange

if TYPE_CHECKING:
    from targetboard.knowledge.reading import CodingPlace

ANCHOR_CODONS = 10
BASES_OF_CODON = 3


@dataclass(slots=True, frozen=True)
class Numbered:
    """A protein change in the knowledge numbering, or as annotated where that could not be shown.

    ``confirmed``: the residues agree with the knowledge protein at that number. ``offset`` is what was taken off (0:
    nothing).
    """

    change: ProteinChange | None
    confirmed: bool
    offset: int


def is_legacy_transcript(gene: Gene, transcript: str) -> bool:
    """Whether the table lists a transcript among those with another numbering, whatever its version."""
    return accession(transcript) in {accession(legacy) for legacy in gene.legacy_transcript}


def accession(transcript: str) -> str:
    """Transcript without its version."""
    return transcript.partition(".")[0]


def on_knowledge_numbers(
    kb: KnowledgeBase, gene: Gene, assembly: Assembly, allele: Allele, change: ProteinChange | None
) -> Numbered:
    """Number a change of a legacy transcript as the knowledge transcript does.

    A shifted numbering meets the right residue by chance once in twenty. The number as annotated is believed where its
    residues agree and the coordinates of a curated allele vouch for it. The number less the offset is believed where
    its residues agree and either the residues contradict the number as annotated, or coordinates vouch for it: where
    the offset does not hold, the two numberings are one and the residues never contradict the number as annotated.
    A curated allele of the same codon at another place contradicts it.

    Returns
    -------
    Numbered
        A change without residues stays unconfirmed; its offset is given all the same, for places in the coding
        sequence that the exon's own edge can confirm.
    """
    offset = gene.numbering_offset or 0
    if change is None:
        return Numbered(None, False, offset)
    windows = kb.proteins.get(gene.gene, ())
    if residues_confirmed(change, windows) and anchored(kb, gene, assembly, allele, change):
        return Numbered(change, True, 0)
    moved = _moved(change, offset) if offset else None
    if moved is not None and residues_confirmed(moved, windows):
        contradicted = numbering_fault(change, windows) is not None
        elsewhere = any(codon == moved.start for _, _, codon in rows_of(kb, gene, assembly).anchors)
        if anchored(kb, gene, assembly, allele, moved) or (contradicted and not elsewhere):
            return Numbered(moved, True, offset)
    return Numbered(change, False, 0)


def _moved(change: ProteinChange, offset: int) -> ProteinChange | None:
    if change.start <= offset or change.start < 1:
        return None
    return replace(change, start=change.start - offset, end=change.end - offset)


def place_less(place: CodingPlace | None, offset: int) -> CodingPlace | None:
    """A place in the coding sequence in the knowledge numbering; None where that lies before the start codon."""
    if place is None or not offset:
        return place
    bases = BASES_OF_CODON * offset
    if min(place.base, place.end_base) <= bases:
        return None
    return replace(place, base=place.base - bases, end_base=place.end_base - bases)


def anchored(kb: KnowledgeBase, gene: Gene, assembly: Assembly, allele: Allele, change: ProteinChange) -> bool:
    """Whether a curated allele of the gene proves the numbering of a change by its coordinates.

    The allele's codon lies at most ``ANCHOR_CODONS`` away, and its position as many bases away as the codons say (to
    a codon's width); an intron between the two breaks that and proves nothing.
    """
    sign = 1 if gene.strand == "+" else -1
    for chrom, position, codon in rows_of(kb, gene, assembly).anchors:
        distance = change.start - codon
        if chrom != allele.chrom or abs(distance) > ANCHOR_CODONS:
            continue
        if abs(allele.pos - position - sign * BASES_OF_CODON * distance) <= BASES_OF_CODON:
            return True
    return False
