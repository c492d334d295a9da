"""One allele before the knowledge base: which gene it is reported for, on which transcript, and what it matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from targetboard.knowledge.loci import Loci
from targetboard.knowledge.match import match
from targetboard.knowledge.records import Gene, KnowledgeBase, KnownAllele
from targetboard.model import Allele, Assembly, TranscriptConsequence, Variant
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.consequence import choose
from targetboard.vcf.implied import implied_consequence
from targetboard.vcf.scores import EvidenceFields

NON_REPORTED_TERMS = frozenset(
    {
        "intron_variant",
        "upstream_gene_variant",
        "downstream_gene_variant",
        "intergenic_variant",
        "intergenic_region",
        "non_coding_transcript_variant",
        "non_coding_transcript_exon_variant",
        "nc_transcript_variant",
        "NMD_transcript_variant",
        "3_prime_UTR_variant",
        "5_prime_UTR_variant",
        "regulatory_region_variant",
        "TF_binding_site_variant",
        "feature_elongation",
        "feature_truncation",
        "intragenic_variant",
        "conserved_intron_variant",
        "mature_miRNA_variant",
        "coding_transcript_variant",
        "non_coding",
        "intron",
        "5_prime_utr",
        "3_prime_utr",
        "intergenic",
    }
)
"""Sequence Ontology terms that alone do not bring a variant into the report, unless the knowledge base knows it."""


@dataclass(slots=True, frozen=True)
class Known:
    """The knowledge base as one assembly sees it."""

    base: KnowledgeBase
    assembly: Assembly
    loci: Loci
    fields: EvidenceFields = field(default_factory=EvidenceFields)

    def genes_at(self, allele: Allele) -> tuple[Gene, ...]:
        """Genes that the allele's REF overlaps."""
        return self.loci.at(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)

    def genes_within(self, chrom: str, pos: int) -> tuple[Gene, ...]:
        """Genes over one position."""
        return self.loci.at(chrom, pos, pos)

    def exact(self, allele: Allele) -> tuple[KnownAllele, ...]:
        """Curated alleles that are this one."""
        return self.base.alleles.get(self.assembly, {}).get(allele.key(), ())


def variant_of(known: Known, candidate: Candidate) -> Variant:
    """Match the allele for every gene it may belong to and keep the reading that says most."""
    genes = _genes_of(known, candidate.allele, candidate.consequences) or (None,)
    return max((_reading(known, candidate, gene) for gene in genes), key=_weight)


def unmatched(
    known: Known, allele: Allele, consequences: Sequence[TranscriptConsequence]
) -> TranscriptConsequence | None:
    """The consequence that :func:`variant_of` chooses for an allele that no row matches; None for every other allele.

    None as well where no gene of the knowledge base is concerned, or nothing is known of the consequence.
    """
    best: TranscriptConsequence | None = None
    for gene in _genes_of(known, allele, consequences):
        if gene is None:
            return None
        chosen, _, own = _chosen(known, allele, consequences, gene)
        if match(known.base, known.assembly, allele, chosen, own).matches:
            return None
        if chosen is not None and (best is None or _is_coding(chosen) > _is_coding(best)):
            best = chosen
    return best


def chosen_of(known: Known, candidate: Candidate) -> TranscriptConsequence | None:
    """The consequence that :func:`variant_of` chooses; matched only where genes that overlap contend for the allele."""
    genes = _genes_of(known, candidate.allele, candidate.consequences) or (None,)
    if len(genes) > 1:
        return variant_of(known, candidate).chosen
    return _chosen(known, candidate.allele, candidate.consequences, genes[0])[0]


def _genes_of(known: Known, allele: Allele, consequences: Sequence[TranscriptConsequence]) -> tuple[Gene | None, ...]:
    """Genes an allele may belong to: those of its curated alleles, of its annotation, and those it lies in."""
    base = known.base
    names: dict[str, None] = {}
    for exact in known.exact(allele):
        names[base.alterations[exact.alteration_id].gene] = None
    genes = [base.gene(found.gene, found.hgnc_id) for found in consequences]
    for gene in (*genes, *known.genes_at(allele)):
        if gene is not None:
            names[gene.gene] = None
    return tuple(base.genes.get(name) for name in names)


def _chosen(
    known: Known, allele: Allele, consequences: Sequence[TranscriptConsequence], gene: Gene | None
) -> tuple[TranscriptConsequence | None, str, tuple[TranscriptConsequence, ...]]:
    """The consequence chosen for a gene, the note on its transcript, and every consequence in the gene."""
    find = known.base.gene
    own = tuple(
        [found for found in consequences if find(found.gene, found.hgnc_id) is gene] if gene is not None else ()
    )
    chosen, note = choose(own, gene)
    if chosen is None and gene is not None:
        chosen = _curated_consequence(known, allele, gene)
    return chosen, note, own


def _reading(known: Known, candidate: Candidate, gene: Gene | None) -> Variant:
    chosen, note, own = _chosen(known, candidate.allele, candidate.consequences, gene)
    found = match(known.base, known.assembly, candidate.allele, chosen, own)
    return Variant(
        candidate.allele,
        candidate.input,
        candidate.observation,
        candidate.consequences,
        chosen=chosen,
        transcript_note=note,
        reference_checked=candidate.reference_checked,
        gene=gene.gene if gene is not None else "",
        matches=found.matches,
        near_misses=found.near_misses,
        notes=candidate.notes,
        evidence={**known.fields.of_consequence(chosen), **candidate.evidence},
        homopolymer=candidate.homopolymer,
        orientation=candidate.orientation,
    )


def _curated_consequence(known: Known, allele: Allele, gene: Gene) -> TranscriptConsequence | None:
    """What the knowledge base says an exact allele does, where the VCF brings no annotation."""
    for exact in known.exact(allele):
        if known.base.alterations[exact.alteration_id].gene == gene.gene:
            return implied_consequence(gene.gene, gene.transcript_refseq, exact.hgvsp, "knowledge", exact.hgvsc)
    return None


def _weight(variant: Variant) -> tuple[int, int, int]:
    """Which gene an allele in overlapping genes is reported for: a match first, then a coding consequence."""
    chosen = variant.chosen
    return (int(bool(variant.matches)), int(chosen is not None and _is_coding(chosen)), int(chosen is not None))


def _is_coding(consequence: TranscriptConsequence) -> bool:
    return bool(set(consequence.terms) - NON_REPORTED_TERMS)
