"""Consequence terms: one vocabulary (Sequence Ontology, as VEP uses it) and its order of severity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Most severe first: Ensembl's order of calculated consequences (VEP 105 and later), with SnpEff's own terms beside
# the nearest one of Ensembl's.
SEVERITY: tuple[str, ...] = (
    "transcript_ablation",
    "exon_loss_variant",
    "splice_acceptor_variant",
    "splice_donor_variant",
    "stop_gained",
    "frameshift_variant",
    "stop_lost",
    "start_lost",
    "initiator_codon_variant",
    "transcript_amplification",
    "feature_elongation",
    "feature_truncation",
    "inframe_insertion",
    "inframe_deletion",
    "missense_variant",
    "rare_amino_acid_variant",
    "protein_altering_variant",
    "splice_donor_5th_base_variant",
    "splice_region_variant",
    "splice_donor_region_variant",
    "splice_polypyrimidine_tract_variant",
    "splice_branch_variant",
    "incomplete_terminal_codon_variant",
    "start_retained_variant",
    "stop_retained_variant",
    "synonymous_variant",
    "coding_sequence_variant",
    "mature_miRNA_variant",
    "5_prime_UTR_premature_start_codon_gain_variant",
    "5_prime_UTR_variant",
    "3_prime_UTR_variant",
    "non_coding_transcript_exon_variant",
    "intron_variant",
    "NMD_transcript_variant",
    "non_coding_transcript_variant",
    "coding_transcript_variant",
    "intragenic_variant",
    "upstream_gene_variant",
    "downstream_gene_variant",
    "TFBS_ablation",
    "TFBS_amplification",
    "TF_binding_site_variant",
    "regulatory_region_ablation",
    "regulatory_region_amplification",
    "regulatory_region_variant",
    "intergenic_variant",
    "sequence_variant",
)

# Classic names of SnpEff's EFF field, and terms of other tools that mean one of the above.
SYNONYMS: Mapping[str, str] = {
    "CDS": "coding_sequence_variant",
    "CODON_CHANGE": "coding_sequence_variant",
    "CODON_CHANGE_PLUS_CODON_DELETION": "inframe_deletion",
    "CODON_CHANGE_PLUS_CODON_INSERTION": "inframe_insertion",
    "CODON_DELETION": "inframe_deletion",
    "CODON_INSERTION": "inframe_insertion",
    "DOWNSTREAM": "downstream_gene_variant",
    "EXON": "non_coding_transcript_exon_variant",
    "EXON_DELETED": "exon_loss_variant",
    "FRAME_SHIFT": "frameshift_variant",
    "INTERGENIC": "intergenic_variant",
    "INTERGENIC_CONSERVED": "intergenic_variant",
    "INTRAGENIC": "intragenic_variant",
    "INTRON": "intron_variant",
    "INTRON_CONSERVED": "intron_variant",
    "NON_SYNONYMOUS_CODING": "missense_variant",
    "NON_SYNONYMOUS_START": "initiator_codon_variant",
    "NON_SYNONYMOUS_STOP": "stop_retained_variant",
    "RARE_AMINO_ACID": "rare_amino_acid_variant",
    "REGULATION": "regulatory_region_variant",
    "SPLICE_SITE_ACCEPTOR": "splice_acceptor_variant",
    "SPLICE_SITE_BRANCH": "splice_branch_variant",
    "SPLICE_SITE_BRANCH_U12": "splice_branch_variant",
    "SPLICE_SITE_DONOR": "splice_donor_variant",
    "SPLICE_SITE_REGION": "splice_region_variant",
    "START_GAINED": "5_prime_UTR_premature_start_codon_gain_variant",
    "START_LOST": "start_lost",
    "STOP_GAINED": "stop_gained",
    "STOP_LOST": "stop_lost",
    "SYNONYMOUS_CODING": "synonymous_variant",
    "SYNONYMOUS_START": "start_retained_variant",
    "SYNONYMOUS_STOP": "stop_retained_variant",
    "TRANSCRIPT": "non_coding_transcript_variant",
    "TRANSCRIPT_DELETED": "transcript_ablation",
    "UPSTREAM": "upstream_gene_variant",
    "UTR_3_PRIME": "3_prime_UTR_variant",
    "UTR_5_PRIME": "5_prime_UTR_variant",
    "conservative_inframe_deletion": "inframe_deletion",
    "conservative_inframe_insertion": "inframe_insertion",
    "disruptive_inframe_deletion": "inframe_deletion",
    "disruptive_inframe_insertion": "inframe_insertion",
    "conserved_intergenic_variant": "intergenic_variant",
    "conserved_intron_variant": "intron_variant",
    "intergenic_region": "intergenic_variant",
    "nc_transcript_variant": "non_coding_transcript_variant",
    "non_coding_exon_variant": "non_coding_transcript_exon_variant",
    "start_retained": "start_retained_variant",
    "stop_retained": "stop_retained_variant",
    # words of bcftools csq
    "3_prime_utr": "3_prime_UTR_variant",
    "5_prime_utr": "5_prime_UTR_variant",
    "coding_sequence": "coding_sequence_variant",
    "frameshift": "frameshift_variant",
    "inframe_altering": "protein_altering_variant",
    "intergenic": "intergenic_variant",
    "intron": "intron_variant",
    "missense": "missense_variant",
    "non_coding": "non_coding_transcript_variant",
    "splice_acceptor": "splice_acceptor_variant",
    "splice_donor": "splice_donor_variant",
    "splice_region": "splice_region_variant",
    "synonymous": "synonymous_variant",
}

_RANK = {term: rank for rank, term in enumerate(SEVERITY)}


def normalise_terms(words: Iterable[str]) -> tuple[str, ...]:
    """Terms in their order, each once, in the one vocabulary; an unknown word stays as it is."""
    return tuple(dict.fromkeys(SYNONYMS.get(word, word) for word in words if word))


def severity(terms: Iterable[str]) -> int:
    """Rank of the most severe term, 0 for the gravest; unknown terms and none at all rank last."""
    return min((_RANK.get(term, len(SEVERITY)) for term in terms), default=len(SEVERITY))
