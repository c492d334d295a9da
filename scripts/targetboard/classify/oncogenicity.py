"""Oncogenicity of a small variant by the ClinGen/CGC/VICC 2022 standard (Horak et al., PMID 35101336).

Every code is a named predicate that returns met, not met or not evaluable with the fact it rests on. Points,
exclusions and thresholds stand in :mod:`targetboard.classify.codes`. Inputs are the curated tables and whatever the
annotation brought; nothing is looked up elsewhere, and a missing input is never read as evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.classify.aetiology import single_aetiology
from targetboard.classify.codes import Finding, Meaning, class_of, combine, met, not_evaluable, not_met
from targetboard.classify.established import functional_studies, same_protein_change, same_residue
from targetboard.classify.facts import (
    ONCOGENE_ROLES,
    TUMOUR_SUPPRESSOR_ROLES,
    UNINFORMATIVE_TERMS,
    Facts,
    read_facts,
)
from targetboard.classify.hotspots import assess_hotspots
from targetboard.classify.null_variant import null_variant
from targetboard.classify.population import assess_population
from targetboard.classify.predictors import assess_predictors, assess_silent
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Oncogenicity, Variant

CRITICAL_DOMAIN_KIND = "critical"


def assess(variant: Variant, kb: KnowledgeBase, lineage: Sequence[str] = ()) -> Oncogenicity | None:
    """Judge one variant by all 17 codes.

    Parameters
    ----------
    variant
        With consequence chosen and alterations matched.
    kb
        Curated tables.
    lineage
        Codes of the tumour type from the type up to the root; OP2 needs it.

    Returns
    -------
    Oncogenicity | None
        None where no informative consequence is known: then nothing can be judged.
    """
    if variant.chosen is None or UNINFORMATIVE_TERMS.issuperset(variant.chosen.terms):
        return None
    facts = read_facts(variant, kb)
    points, points_range, criteria = combine(findings(facts, kb, lineage))
    return Oncogenicity(class_of(points), points, points_range, criteria)


def findings(facts: Facts, kb: KnowledgeBase, lineage: Sequence[str] = ()) -> dict[Meaning, Finding]:
    """The finding of every code, before exclusions."""
    hotspot_strong, hotspot_moderate, hotspot_supporting = assess_hotspots(facts, kb)
    rare, very_common, common = assess_population(facts)
    computed_oncogenic, computed_neutral = assess_predictors(facts)
    return {
        Meaning.NULL_VARIANT: null_variant(facts, kb),
        Meaning.SAME_PROTEIN_CHANGE: same_protein_change(facts, kb),
        Meaning.FUNCTION_ONCOGENIC: functional_studies(facts, kb, "driver"),
        Meaning.HOTSPOT_STRONG: hotspot_strong,
        Meaning.CRITICAL_DOMAIN: critical_domain(facts, kb),
        Meaning.LENGTH_CHANGE: length_change(facts),
        Meaning.HOTSPOT_MODERATE: hotspot_moderate,
        Meaning.SAME_RESIDUE: same_residue(facts, kb),
        Meaning.COMPUTED_ONCOGENIC: computed_oncogenic,
        Meaning.SINGLE_AETIOLOGY: single_aetiology(facts, lineage),
        Meaning.HOTSPOT_SUPPORTING: hotspot_supporting,
        Meaning.POPULATION_ABSENT: rare,
        Meaning.POPULATION_VERY_COMMON: very_common,
        Meaning.POPULATION_COMMON: common,
        Meaning.FUNCTION_NEUTRAL: functional_studies(facts, kb, "neutral"),
        Meaning.COMPUTED_NEUTRAL: computed_neutral,
        Meaning.SILENT: assess_silent(facts),
    }


def critical_domain(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OM1: missense or in-frame change in a region that the domain table calls critical."""
    if not (facts.is_missense or facts.is_in_frame_length_change):
        return not_met("not a missense or in-frame variant")
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    domains = [d for d in kb.domains.get(facts.gene.gene, ()) if d.kind == CRITICAL_DOMAIN_KIND]
    if not domains:
        return not_evaluable(f"no critical regions of {facts.gene.gene} are curated")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    if facts.codon is None:
        return not_evaluable("the codon is not known")
    last = facts.change.end if facts.change is not None and facts.change.end else facts.codon
    for domain in domains:
        if facts.codon <= domain.codon_last and last >= domain.codon_first:
            source = ", ".join(domain.sources) or domain.verified_in
            return met(f"{domain.name}, codons {domain.codon_first}-{domain.codon_last} ({source})")
    return not_met(f"codon {facts.codon} lies in none of the curated critical regions of {facts.gene.gene}")


def length_change(facts: Facts) -> Finding:
    """OM2: in-frame length change in an oncogene or tumour suppressor gene, or stop loss in a tumour suppressor."""
    stop_lost = "stop_lost" in facts.terms
    if not facts.is_in_frame_length_change and not stop_lost:
        return not_met("no in-frame length change and no stop loss")
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    role = facts.gene.role
    roles = TUMOUR_SUPPRESSOR_ROLES if stop_lost else TUMOUR_SUPPRESSOR_ROLES | ONCOGENE_ROLES
    event = "stop loss" if stop_lost else "in-frame length change"
    if role in roles:
        return met(f"{event} in {facts.gene.gene} (role: {role.replace('_', ' ')})")
    return not_met(f"{event}, but the role of {facts.gene.gene} is {role.replace('_', ' ')}")
