"""Whether a truncation may stand for the loss of its gene where no last pathogenic codon is curated."""

from __future__ import annotations

from targetboard.knowledge.reading import Reading
from targetboard.knowledge.records import KnowledgeBase

SHARE_BEFORE_THE_END = 0.9
NO_CODON = "and no last pathogenic codon is curated: loss of function is not shown"


def not_shown(kb: KnowledgeBase, reading: Reading, codon: int | None) -> str:
    """Why a stop or frameshift is not shown to lose the gene's function; "" where nothing speaks against it.

    A transcript with its stop in the last exon escapes nonsense-mediated decay: a shortened protein is made, and what
    it lacks may be dispensable (BRCA1 p.Gln1857Ter lacks seven residues of 1,863). Such a truncation counts only up to
    a curated codon. Where the exon is not annotated, neither the last exon nor the last 50 bases before it, which
    escape as well, can be told; then a truncation counts only within the first nine tenths of the protein, whose
    length the annotation or the tables must give. The tables may hold a part of the protein: its end is a length that
    the whole has at least. All of this errs on the side of not matching: a truncation that counts nowhere near its end
    is a near miss with the reason, never a driver on trust.

    Returns
    -------
    str
        A phrase that follows the description of the variant.
    """
    if reading.last_exon is not None:
        return f"in the last exon, {NO_CODON}" if reading.last_exon else ""
    length = _residues_at_least(kb, reading)
    if codon is None:
        return f"whose exon and codon are not annotated, {NO_CODON}"
    if length is None:
        return f"at codon {codon}, whose exon is not annotated, in a protein of unknown length, {NO_CODON}"
    if codon >= SHARE_BEFORE_THE_END * length:
        return f"at codon {codon}, whose exon is not annotated, not in the first 90 % of {length} residues, {NO_CODON}"
    return ""


def _residues_at_least(kb: KnowledgeBase, reading: Reading) -> int | None:
    """A number of residues that the protein has at least, on the transcript that numbers the change."""
    if reading.residues is not None and not reading.offset:
        return reading.residues
    if reading.untrusted:
        return None
    windows = kb.proteins.get(reading.gene.gene, ())
    return max((one.start - 1 + len(one.residues.removesuffix("*")) for one in windows), default=None)
