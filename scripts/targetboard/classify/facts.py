"""A variant seen through the knowledge base: what the single codes ask about, worked out once."""

from __future__ import annotations

import re
from dataclasses import dataclass

from targetboard.knowledge.records import UNVERIFIED, Alteration, Gene, KnowledgeBase
from targetboard.model import EvidenceValue, Variant
from targetboard.vcf.hgvs import ProteinChange, ProteinKind, parse_protein, residue_mismatch
from targetboard.vcf.scores import SCORE_FIELDS

NULL_TERMS = frozenset(
    {
        "stop_gained",
        "frameshift_variant",
        "splice_acceptor_variant",
        "splice_donor_variant",
        "splice_site_variant",
        "start_lost",
        "transcript_ablation",
        "exon_loss_variant",
    }
)
# The last one does not say which side of the exon; tables of protein changes write it as p.X1010_splice.
SPLICE_SITE_TERMS = frozenset({"splice_acceptor_variant", "splice_donor_variant", "splice_site_variant"})
SYNONYMOUS_TERMS = frozenset({"synonymous_variant", "stop_retained_variant", "start_retained_variant"})
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
ONCOGENE_ROLES = frozenset({"oncogene", "both"})
TUMOUR_SUPPRESSOR_ROLES = frozenset({"tumour_suppressor", "both"})
ESTABLISHED_EFFECTS = frozenset({"gain_of_function", "loss_of_function", "switch_of_function"})

# Terms that say no more than "somewhere in the coding sequence": nothing can be judged by them.
UNINFORMATIVE_TERMS = frozenset({"coding_sequence_variant", "sequence_variant"})
NO_SINGLE_RESIDUE = "the amino-acid change is not known or spans several residues"

_CODING_POSITION = re.compile(r"c\.([1-9][0-9]*)")


def is_validated(alteration: Alteration) -> bool:
    """Whether a curated driver has the verified source that lets it carry a therapy.

    The table's word alone is not enough: without a source, or with a row marked unverified, it counts as less.
    """
    return (
        alteration.is_validated_driver and bool(alteration.sources) and alteration.verified_in not in ("", UNVERIFIED)
    )


def transcript_key(accession: str) -> str:
    """Accession without its version."""
    return accession.partition(".")[0]


@dataclass(slots=True, frozen=True)
class Facts:
    """A variant with its gene record, terms and parsed protein change.

    ``codon`` is the codon the variant starts in, on the chosen transcript. ``numbering`` is "" where that transcript's
    numbering is known to be the knowledge transcript's, otherwise the reason why residues cannot be compared.
    """

    variant: Variant
    gene: Gene | None
    terms: frozenset[str]
    change: ProteinChange | None
    codon: int | None
    numbering: str

    @property
    def is_null(self) -> bool:
        """Null variant by its Sequence Ontology terms."""
        return bool(self.terms & NULL_TERMS)

    @property
    def is_missense(self) -> bool:
        """Missense by its terms, whether or not the protein change could be read."""
        return "missense_variant" in self.terms and not self.is_null

    @property
    def substitution(self) -> ProteinChange | None:
        """The protein change where it replaces exactly one residue by another; None otherwise."""
        return self.change if self.change is not None and self.change.kind is ProteinKind.SUBSTITUTION else None

    @property
    def is_synonymous(self) -> bool:
        """Coding without a change of the protein."""
        return bool(self.terms & SYNONYMOUS_TERMS) and not self.is_null

    @property
    def is_in_frame_length_change(self) -> bool:
        """Insertion, deletion or delins that keeps the frame and changes the protein's length."""
        difference = len(self.variant.allele.alt) - len(self.variant.allele.ref)
        return bool(self.terms & IN_FRAME_TERMS) and not self.is_null and difference != 0 and difference % 3 == 0

    def text(self) -> str:
        """The variant as a report names it: gene with protein change, coding change or allele."""
        return describe(self.variant)

    def annotation(self, *names: str) -> str:
        """First non-empty annotation field among ``names``; "" where there is none."""
        chosen = self.variant.chosen
        values = (chosen.extra.get(name, "") for name in names) if chosen is not None else iter(())
        return next((value for value in values if value not in ("", ".")), "")

    def evidence(self, name: str) -> EvidenceValue | None:
        """A score by its name in :data:`targetboard.vcf.scores.SCORE_FIELDS`: from a joined file, else as annotated."""
        joined = self.variant.evidence.get(name)
        if joined is not None:
            return joined
        chosen = self.variant.chosen
        if chosen is None or not chosen.extra:
            return None
        for given in SCORE_FIELDS[name]:
            text = chosen.extra.get(given, "")
            if text not in ("", "."):
                return EvidenceValue(text, given)
        return None


def describe(variant: Variant) -> str:
    """Name a variant for a sentence: ``EGFR p.Leu858Arg``, else with its coding change, else the allele."""
    allele, chosen = variant.allele, variant.chosen
    place = f"{allele.chrom}:{allele.pos} {allele.ref}>{allele.alt}"
    change = (chosen.hgvsp or chosen.hgvsc) if chosen is not None else ""
    if chosen is not None and not change and not allele.pos:
        change = " ".join(chosen.terms).replace("_", " ") + (f" at codon {chosen.codon}" if chosen.codon else "")
    return " ".join(part for part in (variant.gene, change or place) if part)


def read_facts(variant: Variant, kb: KnowledgeBase) -> Facts:
    """Work out the facts of one variant from its chosen consequence."""
    chosen = variant.chosen
    gene = kb.gene(variant.gene, chosen.hgnc_id if chosen is not None else "") if variant.gene else None
    if chosen is None:
        return Facts(variant, gene, frozenset(), None, None, "no consequence was given")
    change = parse_protein(chosen.hgvsp) if chosen.hgvsp else None
    codon = chosen.codon
    if codon is None and change is not None and change.start:
        codon = change.start
    if codon is None:
        position = _CODING_POSITION.match(chosen.hgvsc)
        codon = (int(position[1]) + 2) // 3 if position else None
    return Facts(variant, gene, frozenset(chosen.terms), change, codon, _numbering(variant, gene, change, kb))


def _numbering(variant: Variant, gene: Gene | None, change: ProteinChange | None, kb: KnowledgeBase) -> str:
    chosen = variant.chosen
    if gene is None or chosen is None:
        return "the gene is not in the knowledge base"
    windows = kb.proteins.get(gene.gene, ())
    if change is not None:
        for window in windows:
            mismatch = residue_mismatch(change, window.window)
            if mismatch is not None:
                return f"numbering of {chosen.transcript} differs: {mismatch}"
    known = {transcript_key(t) for t in (gene.transcript_refseq, gene.transcript_ensembl) if t}
    if not known or transcript_key(chosen.transcript) in known:
        return ""
    if change is not None and change.ref and any(_covers(w.start, w.residues, change.start) for w in windows):
        return ""
    return f"numbering of {chosen.transcript} could not be compared with that of {' / '.join(sorted(known))}"


def _covers(start: int, residues: str, position: int) -> bool:
    return start <= position < start + len(residues)
