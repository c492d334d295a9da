"""Whether a germline VCF shows both copies of a gene to be lost, for conditions that are treated by gene therapy.

Only for samples with a condition (``disease:NAME``) in the place of a tumour type. The marker ``GENE_BIALLELIC`` is
read from the null variants of the gene: one that is homozygous, or two on different copies, show it; two whose phase is
not known, or one beside a variant of unproven effect, leave it inconclusive, as the marker's owner would: parents or
long reads tell. No variant ever shows the opposite: the second one may be a large deletion or lie in an intron.

Null variants are those of ACMG/AMP PVS1 (Richards et al., Genet Med 2015;17:405, PMID 25741868) that truncate before
the last exon or hit a canonical splice site; changes of one amino acid are left to the laboratory that classifies them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations

from targetboard.action.biomarkers import MeasuredMarker
from targetboard.classify.facts import NULL_TERMS, SYNONYMOUS_TERMS
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, MarkerState, Variant
from targetboard.vcf.phase import relation

SUFFIX = "_BIALLELIC"
POSITIVE = "positive"
METHOD = "this VCF"
# Short reads of these genes cannot be told from those of a near-identical copy (SMN2), and the usual loss is an exon.
NOT_FROM_SHORT_READS = frozenset({"SMN1"})
_LOSSES = NULL_TERMS - {"start_lost", "exon_loss_variant", "splice_site_variant"}
_SILENT = SYNONYMOUS_TERMS | {
    *("intron_variant", "upstream_gene_variant", "downstream_gene_variant", "intergenic_variant"),
    *("5_prime_UTR_variant", "3_prime_UTR_variant"),
}


def biallelic_markers(kb: KnowledgeBase, variants: Sequence[Variant]) -> dict[str, MeasuredMarker]:
    """Markers ``GENE_BIALLELIC`` that the variants speak on, by id; detected or inconclusive, never absent.

    Parameters
    ----------
    kb
        Knowledge base.
    variants
        Classified variants of the sample's VCF.
    """
    found: dict[str, MeasuredMarker] = {}
    for marker_id in kb.markers:
        gene = marker_id.removesuffix(SUFFIX)
        if gene == marker_id or gene not in kb.genes or gene in NOT_FROM_SHORT_READS:
            continue
        own = [variant for variant in variants if _gene(variant, kb) == gene]
        marker = _judged([one for one in own if _is_loss(one)], [one for one in own if _is_open(one)])
        if marker is not None:
            found[marker_id] = marker
    return found


def _gene(variant: Variant, kb: KnowledgeBase) -> str:
    gene = kb.gene(variant.gene)
    return gene.gene if gene is not None else variant.gene


def _judged(losses: Sequence[Variant], unproven: Sequence[Variant]) -> MeasuredMarker | None:
    homozygous = [one for one in losses if _copies(one) == "all"]
    if homozygous:
        return MeasuredMarker(
            MarkerState.DETECTED, POSITIVE, method=METHOD, remark=f"{_name(homozygous[0])} on both copies of the gene"
        )
    pairs = {
        relation(one.observation.phase, other.observation.phase, distance=abs(one.allele.pos - other.allele.pos)): (
            f"{_name(one)} and {_name(other)}"
        )
        for one, other in combinations(losses, 2)
    }
    if "trans" in pairs:
        return MeasuredMarker(
            MarkerState.DETECTED, POSITIVE, method=METHOD, remark=f"{pairs['trans']} on different copies (phase set)"
        )
    if "undetermined" in pairs:
        return _open(f"{pairs['undetermined']}: whether they lie on different copies is not known; test the parents")
    if losses and unproven:
        return _open(
            f"{_name(losses[0])} beside {_name(unproven[0])}, whose effect is not proven; have it classified, and test"
            " the parents"
        )
    if losses:
        return _open(
            f"{_name(losses[0])} on one copy; a second variant may be a large deletion or lie where the test does not"
            " read"
        )
    if unproven:
        return _open(f"{_name(unproven[0])}: its effect is not proven; have it classified")
    return None


def _open(remark: str) -> MeasuredMarker:
    return MeasuredMarker(MarkerState.INCONCLUSIVE, method=METHOD, remark=remark)


def _is_loss(variant: Variant) -> bool:
    chosen = variant.chosen
    if chosen is None or not set(chosen.terms) & _LOSSES or _copies(variant) == "none":
        return False
    return chosen.exon is None or chosen.exon_total is None or chosen.exon < chosen.exon_total


def _is_open(variant: Variant) -> bool:
    """A variant that may harm the gene or not: neither a certain loss nor silent, benign or absent from the sample."""
    if _is_loss(variant) or _copies(variant) == "none":
        return False
    if variant.driver_class in (DriverClass.PASSENGER, DriverClass.LIKELY_PASSENGER):
        return False
    return variant.chosen is None or not set(variant.chosen.terms) <= _SILENT


def _copies(variant: Variant) -> str:
    """Copies of the gene that carry the allele by the genotype: ``all`` (of two), ``some``, ``none`` or ``unknown``."""
    called = re.split(r"[/|]", variant.observation.genotype or ".")
    own = str(variant.input.alt_index + 1)
    if "." in called or not all(allele.isdecimal() for allele in called):
        return "unknown"
    if own not in called:
        return "none"
    return "all" if len(called) == 2 and set(called) == {own} else "some"


def _name(variant: Variant) -> str:
    chosen = variant.chosen
    change = (chosen.hgvsc or chosen.hgvsp) if chosen is not None else ""
    return f"{variant.gene} {change or f'{variant.allele.chrom}:{variant.allele.pos}'}"
