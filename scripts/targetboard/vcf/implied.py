"""What a protein change implies by itself, where no annotation stands beside it."""

from __future__ import annotations

from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf.hgvs import ProteinChange, ProteinKind, format_protein, parse_protein

_TERMS = {
    ProteinKind.SUBSTITUTION: "missense_variant",
    ProteinKind.NONSENSE: "stop_gained",
    ProteinKind.SYNONYMOUS: "synonymous_variant",
    ProteinKind.DELETION: "inframe_deletion",
    ProteinKind.DUPLICATION: "inframe_insertion",
    ProteinKind.INSERTION: "inframe_insertion",
    ProteinKind.FRAMESHIFT: "frameshift_variant",
    ProteinKind.EXTENSION: "stop_lost",
    ProteinKind.START_LOST: "start_lost",
}


def implied_terms(change: ProteinChange) -> tuple[str, ...]:
    """Sequence Ontology terms of a protein change; a delins counts by its net length, unknown kinds give none."""
    if change.kind is ProteinKind.DELINS:
        longer = len(change.alt) > change.end - change.start + 1
        return ("inframe_insertion",) if longer else ("inframe_deletion",)
    return (_TERMS[change.kind],) if change.kind in _TERMS else ()


def implied_consequence(
    gene: str, transcript: str, hgvsp: str, source: str, hgvsc: str = ""
) -> TranscriptConsequence | None:
    """The consequence that a curated or asked protein change stands for; None if the text is no protein change."""
    change = parse_protein(hgvsp) if hgvsp else None
    if change is None or not implied_terms(change):
        return None
    return TranscriptConsequence(
        gene=gene,
        transcript=transcript,
        terms=implied_terms(change),
        source=source,
        hgvsc=hgvsc,
        hgvsp=format_protein(change),
        codon=change.start or None,
    )


def placeholder_allele(hgvsp: str, chrom: str) -> Allele:
    """An allele of unknown bases and place whose length change is that of a protein change.

    It stands in where only a protein change is known: an insertion of two residues is six unknown bases longer.
    """
    change = parse_protein(hgvsp)
    removed = added = 0
    if change is not None:
        span = change.end - change.start + 1
        match change.kind:
            case ProteinKind.DELETION:
                removed = 3 * span
            case ProteinKind.DUPLICATION:
                added = 3 * span
            case ProteinKind.INSERTION:
                added = 3 * len(change.alt)
            case ProteinKind.DELINS:
                removed, added = 3 * span, 3 * len(change.alt)
            case ProteinKind.FRAMESHIFT:
                added = 1
            case _:
                pass
    return Allele(chrom, 0, "N" * (1 + removed), "N" * (1 + added))
