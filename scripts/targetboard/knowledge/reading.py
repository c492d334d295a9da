"""One allele as one transcript reads it: classes, codons and exon, and whether its numbering may be trusted.

Every matching rule works on a :class:`Reading`; whatever cannot be judged is absent there, with the reason beside it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from targetboard.knowledge.legacy import (
    Numbered,
    accession,
    is_legacy_transcript,
    on_knowledge_numbers,
    place_less,
)
from targetboard.knowledge.protein import (
    edit_of,
    numbering_fault,
    residues_confirmed,
    substituted_residues,
    touched_codons,
)
from targetboard.knowledge.records import Gene, KnowledgeBase, ProteinWindow
from targetboard.model import Allele, Assembly, TranscriptConsequence
from targetboard.vcf.hgvs import (
    ProteinChange,
    ProteinEdit,
    ProteinKind,
    format_protein,
    parse_protein,
    split_accession,
)

ACCEPTOR_TERMS = frozenset({"splice_acceptor_variant"})
DONOR_TERMS = frozenset({"splice_donor_variant"})
SPLICE_REGION_TERMS = frozenset(
    {
        "splice_region_variant",
        "splice_polypyrimidine_tract_variant",
        "splice_donor_5th_base_variant",
        "splice_donor_region_variant",
    }
)
EXON_LOSS_TERMS = frozenset({"transcript_ablation", "exon_loss_variant"})
IN_FRAME_TERMS = frozenset(
    {
        "inframe_deletion",
        "inframe_insertion",
        "conservative_inframe_deletion",
        "conservative_inframe_insertion",
        "disruptive_inframe_deletion",
        "disruptive_inframe_insertion",
        "protein_altering_variant",
    }
)
SUBSTITUTING_TERMS = frozenset({"missense_variant", "protein_altering_variant", "rare_amino_acid_variant"})
SYNONYMOUS_TERMS = frozenset({"synonymous_variant", "stop_retained_variant", "start_retained_variant"})

# Where annotators state the length of the protein beside the residue: "12/393".
LENGTH_FIELDS = ("Protein_position", "AA.pos / AA.length", "AA.pos / AA.len", "AA.pos/AA.length")
_CODING_PLACE = re.compile(r"c\.([1-9]\d*)([+-]\d+)?(?:_([1-9]\d*)([+-]\d+)?)?")


@dataclass(slots=True, frozen=True)
class CodingPlace:
    """Start of a coding description: coding base and intronic offset (0 in the exon); the end likewise."""

    base: int
    offset: int
    end_base: int
    end_offset: int

    @property
    def codon(self) -> int:
        """Codon of the coding base."""
        return (self.base + 2) // 3


@dataclass(slots=True, frozen=True)
class Reading:
    """What one transcript makes of an allele.

    ``untrusted`` is "" where the numbering is that of the knowledge transcript, otherwise why it may not be compared.
    ``representative`` says that the transcript stands for the gene (knowledge, MANE Select or canonical transcript, or
    confirmed residues). ``substitutions`` maps a residue number to (reference, new) for changes that keep the length.
    ``touched`` is the first and last codon touched. ``exon`` is None unless counted on the knowledge transcript.
    ``annotated`` is the change as the annotation numbers it, and ``offset`` what was taken off that number where the
    transcript is a legacy one. ``last_exon`` says whether the change lies in the last exon of its transcript (None:
    not annotated), ``residues`` how long the annotation says the protein is.
    """

    gene: Gene
    allele: Allele
    transcript: str
    on_knowledge_transcript: bool
    representative: bool
    untrusted: str
    terms: frozenset[str]
    change: ProteinChange | None
    edit: ProteinEdit | None
    substitutions: dict[int, tuple[str, str]]
    touched: tuple[int, int] | None
    classes: frozenset[str]
    exon: int | None
    intron: int | None
    place: CodingPlace | None
    hgvsc: str
    annotated: ProteinChange | None = None
    offset: int = 0
    last_exon: bool | None = None
    residues: int | None = None

    @property
    def text(self) -> str:
        """The variant as a rule prints it: protein change, else coding change, else allele."""
        if self.annotated is not None and self.annotated.start:
            return format_protein(self.annotated)
        return self.hgvsc or f"{self.allele.chrom}:{self.allele.pos} {self.allele.ref}>{self.allele.alt}"

    @property
    def where(self) -> str:
        """The transcript in words."""
        if self.on_knowledge_transcript:
            return f"on {self.transcript}"
        if self.offset:
            here = (
                f"{format_protein(self.change)} here" if self.change is not None else "the place is the exon's own edge"
            )
            return f"on {self.transcript} (numbered on the legacy transcript, offset {self.offset:+d}: {here})"
        return f"on {self.transcript or 'an unnamed transcript'} (not the knowledge transcript; its residues agree)"


def read(
    kb: KnowledgeBase, gene: Gene, assembly: Assembly, allele: Allele, consequence: TranscriptConsequence
) -> Reading:
    """Read one allele on one transcript of a gene."""
    windows = kb.proteins.get(gene.gene, ())
    terms = frozenset(consequence.terms)
    annotated = parse_protein(consequence.hgvsp) if consequence.hgvsp else None
    on_knowledge = is_on_knowledge_transcript(gene, consequence)
    if not on_knowledge and is_legacy_transcript(gene, consequence.transcript):
        numbered = on_knowledge_numbers(kb, gene, assembly, allele, annotated)
    else:
        numbered = Numbered(annotated, annotated is not None and residues_confirmed(annotated, windows), 0)
    change = numbered.change
    place = place_less(coding_place(consequence.hgvsc), numbered.offset)
    edit = edit_of(change, windows) if change is not None else None
    substitutions = (substituted_residues(change, edit) or {}) if change is not None else {}
    touched = touched_codons(change, edit, windows) if change is not None else None
    if touched is None:
        codon = place.codon if place is not None and not place.offset else None
        if consequence.codon and consequence.codon > numbered.offset:
            codon = consequence.codon - numbered.offset
        touched = (codon, codon) if codon is not None else None
    return Reading(
        gene=gene,
        allele=allele,
        transcript=consequence.transcript,
        on_knowledge_transcript=on_knowledge,
        representative=on_knowledge or numbered.confirmed or consequence.mane_select or consequence.canonical,
        untrusted=_untrusted(gene, consequence.transcript, on_knowledge, change, numbered.confirmed, windows),
        terms=terms,
        change=change,
        edit=edit,
        substitutions=substitutions,
        touched=touched,
        classes=classes_of(terms, change, edit, substitutions, len(allele.alt) - len(allele.ref)),
        exon=consequence.exon if on_knowledge else None,
        intron=consequence.intron if on_knowledge else None,
        place=place,
        hgvsc=split_accession(consequence.hgvsc)[1] if consequence.hgvsc else "",
        annotated=annotated,
        offset=numbered.offset,
        last_exon=_in_last_exon(consequence),
        residues=_residues_of(consequence),
    )


def _in_last_exon(consequence: TranscriptConsequence) -> bool | None:
    if consequence.exon is None or consequence.exon_total is None:
        return None
    return consequence.exon == consequence.exon_total


def _residues_of(consequence: TranscriptConsequence) -> int | None:
    """Length of the protein as the annotation states it beside the residue; None where it does not."""
    stated = next((consequence.extra[name] for name in LENGTH_FIELDS if consequence.extra.get(name)), "")
    total = stated.partition("/")[2].strip()
    return int(total) if total.isdecimal() and int(total) else None


def is_knowledge_transcript(gene: Gene, transcript: str) -> bool:
    """Whether a transcript is the gene's knowledge transcript, whatever its version."""
    if not transcript:
        return False
    bare = accession(transcript)
    return any(known and accession(known) == bare for known in (gene.transcript_refseq, gene.transcript_ensembl))


def is_on_knowledge_transcript(gene: Gene, consequence: TranscriptConsequence) -> bool:
    """Whether a consequence is read on the knowledge transcript or on its MANE Select partner, which is identical."""
    partner = consequence.extra.get("MANE_SELECT", "")
    return is_knowledge_transcript(gene, consequence.transcript) or is_knowledge_transcript(gene, partner)


def coding_place(hgvsc: str) -> CodingPlace | None:
    """Coding base and intronic offset of a coding description; None for UTR positions and anything else."""
    match = _CODING_PLACE.match(split_accession(hgvsc)[1]) if hgvsc else None
    if match is None:
        return None
    base, offset = int(match[1]), int(match[2] or 0)
    return CodingPlace(base, offset, int(match[3]) if match[3] else base, int(match[4] or 0) if match[3] else offset)


def _untrusted(
    gene: Gene,
    transcript: str,
    on_knowledge: bool,
    change: ProteinChange | None,
    confirmed: bool,
    windows: tuple[ProteinWindow, ...],
) -> str:
    """Why the numbering may not be compared with the tables; "" where it may."""
    note = f" ({gene.numbering_note})" if gene.numbering_note else ""
    fault = numbering_fault(change, windows) if change is not None else None
    if fault is not None:
        return f"reference residue of annotated transcript disagrees: {fault}{note}"
    if on_knowledge:
        return ""
    if is_legacy_transcript(gene, transcript) and not confirmed:
        return f"annotated on the legacy transcript {transcript}, whose numbering differs{note}"
    if confirmed:
        return ""
    known = gene.transcript_refseq or gene.transcript_ensembl or "none is curated"
    return f"annotated on {transcript or 'an unnamed transcript'}, not on the knowledge transcript ({known}){note}"


def classes_of(
    terms: frozenset[str],
    change: ProteinChange | None,
    edit: ProteinEdit | None,
    substitutions: dict[int, tuple[str, str]],
    net_bases: int,
) -> frozenset[str]:
    """Consequence classes of the tables that an allele falls into.

    The terms decide; the protein change refines them. An in-frame event counts by its net length as deletion or
    insertion, and as ``delins`` too where it both removes and adds residues. An exchange of neighbouring residues of
    equal number is ``missense``, never ``delins``.
    """
    kind = change.kind if change is not None else ProteinKind.UNKNOWN
    classes: set[str] = set()
    if "frameshift_variant" in terms or kind is ProteinKind.FRAMESHIFT:
        classes.add("frameshift")
    if "stop_gained" in terms or kind is ProteinKind.NONSENSE or (edit is not None and "*" in edit.inserted):
        classes.add("nonsense")
    if terms & (ACCEPTOR_TERMS | DONOR_TERMS):
        classes.add("splice_site")
    if terms & SPLICE_REGION_TERMS:
        classes.add("splice_region")
    if "start_lost" in terms or kind is ProteinKind.START_LOST:
        classes.add("start_lost")
    if "stop_lost" in terms or (kind is ProteinKind.EXTENSION and change is not None and change.ref == "*"):
        classes.add("stop_lost")
    if not classes & {"frameshift", "nonsense", "start_lost", "stop_lost"}:
        classes |= _in_frame_classes(terms, change, edit, substitutions, net_bases)
    silent = terms & SYNONYMOUS_TERMS or kind is ProteinKind.SYNONYMOUS
    if silent and not classes - {"splice_region", "splice_site"}:
        classes.add("synonymous")
    return frozenset(classes)


def _in_frame_classes(
    terms: frozenset[str],
    change: ProteinChange | None,
    edit: ProteinEdit | None,
    substitutions: dict[int, tuple[str, str]],
    net_bases: int,
) -> set[str]:
    stated = terms & (SUBSTITUTING_TERMS | IN_FRAME_TERMS)
    if terms & SYNONYMOUS_TERMS and not stated:
        return set()
    if substitutions or (change is None and "missense_variant" in terms):
        return {"missense"} if net_bases == 0 else set()
    if net_bases == 0 or net_bases % 3:
        return set()
    residues = _net_residues(change, edit)
    if residues is None:
        # Without a protein change the allele's own length tells the direction.
        return _by_length(net_bases, False) if terms & IN_FRAME_TERMS else set()
    return _by_length(*residues)


def _by_length(net: int, replaces: bool) -> set[str]:
    if net == 0:
        return set()
    return {"inframe_insertion" if net > 0 else "inframe_deletion"} | ({"delins"} if replaces else set())


def _net_residues(change: ProteinChange | None, edit: ProteinEdit | None) -> tuple[int, bool] | None:
    """Residues gained or lost, and whether residues are both removed and added; None where the change tells neither."""
    if edit is not None:
        return len(edit.inserted) - len(edit.deleted), bool(edit.inserted and edit.deleted)
    if change is None:
        return None
    span = change.end - change.start + 1
    match change.kind:
        case ProteinKind.DELETION:
            return -span, False
        case ProteinKind.DUPLICATION:
            return span, False
        case ProteinKind.INSERTION:
            return len(change.alt), False
        case ProteinKind.DELINS:
            return len(change.alt) - span, True
        case _:
            return None
