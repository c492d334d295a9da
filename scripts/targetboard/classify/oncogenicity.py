"""Oncogenicity of a small variant by the ClinGen/CGC/VICC 2022 standard (Horak et al., PMID 35101336).

Every code is a named predicate that returns met, not met or not evaluable with the fact it rests on. Points,
exclusions and thresholds stand in :mod:`targetboard.classify.codes`. Inputs are the curated tables and whatever the
annotation brought; nothing is looked up elsewhere, and a missing input is never read as evidence.
"""

from __future__ import annotations

from collections.abc import Iterator

from targetboard.classify.codes import Finding, Meaning, class_of, combine, met, not_evaluable, not_met
from targetboard.classify.facts import (
    ESTABLISHED_EFFECTS,
    NO_SINGLE_RESIDUE,
    ONCOGENE_ROLES,
    TUMOUR_SUPPRESSOR_ROLES,
    UNINFORMATIVE_TERMS,
    Facts,
    is_validated,
    read_facts,
)
from targetboard.classify.grantham import distance
from targetboard.classify.hotspots import assess_hotspots
from targetboard.classify.population import assess_population
from targetboard.classify.predictors import assess_predictors, assess_silent
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.model import MatchLevel, Oncogenicity, Variant
from targetboard.vcf.hgvs import ProteinChange, ProteinKind

CRITICAL_DOMAIN_KIND = "critical"
_SAME_CHANGE_LEVELS = frozenset({MatchLevel.EXACT_ALLELE, MatchLevel.PROTEIN_CHANGE})
FUNCTIONAL_WORD = "functional"


def assess(variant: Variant, kb: KnowledgeBase) -> Oncogenicity | None:
    """Judge one variant by all 17 codes.

    Parameters
    ----------
    variant
        With consequence chosen and alterations matched.
    kb
        Curated tables.

    Returns
    -------
    Oncogenicity | None
        None where no informative consequence is known: then nothing can be judged.
    """
    if variant.chosen is None or UNINFORMATIVE_TERMS.issuperset(variant.chosen.terms):
        return None
    facts = read_facts(variant, kb)
    points, points_range, criteria = combine(findings(facts, kb))
    return Oncogenicity(class_of(points), points, points_range, criteria)


def findings(facts: Facts, kb: KnowledgeBase) -> dict[Meaning, Finding]:
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
        Meaning.SINGLE_AETIOLOGY: not_evaluable("no curated list of malignancies with a single genetic aetiology"),
        Meaning.HOTSPOT_SUPPORTING: hotspot_supporting,
        Meaning.POPULATION_ABSENT: rare,
        Meaning.POPULATION_VERY_COMMON: very_common,
        Meaning.POPULATION_COMMON: common,
        Meaning.FUNCTION_NEUTRAL: functional_studies(facts, kb, "neutral"),
        Meaning.COMPUTED_NEUTRAL: computed_neutral,
        Meaning.SILENT: assess_silent(facts),
    }


def null_variant(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OVS1: null variant in a tumour suppressor gene whose loss drives cancer, before the last pathogenic codon.

    A truncation in the last exon escapes nonsense-mediated decay; unless the table states up to which codon
    truncations count, such a variant is not evaluable.
    """
    if not facts.is_null:
        return not_met("not a null variant")
    gene = facts.gene
    if gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if gene.role not in TUMOUR_SUPPRESSOR_ROLES:
        return not_met(f"{gene.gene} is not listed as a tumour suppressor gene (role: {gene.role})")
    if not gene.lof_mechanism:
        return not_met(f"loss of function is not an established mechanism of {gene.gene}")
    excluded = _excluded_from_loss_of_function(facts, kb)
    if excluded:
        return not_met(excluded)
    terms = ", ".join(sorted(facts.terms))
    last = gene.last_pathogenic_codon
    if last is not None:
        if facts.numbering:
            return not_evaluable(facts.numbering)
        if facts.codon is None:
            return not_evaluable(f"the codon is not known, and truncations after codon {last} do not count")
        if facts.codon > last:
            return not_met(f"codon {facts.codon} lies after {last}, the last codon at which a truncation counts")
        return met(f"{terms} at codon {facts.codon} of tumour suppressor gene {gene.gene}, up to codon {last}")
    chosen = facts.variant.chosen
    if chosen is not None and chosen.exon is not None and chosen.exon_total is not None:
        if 1 < chosen.exon_total == chosen.exon and "start_lost" not in facts.terms:
            return not_evaluable("in the last exon, and the table states no last codon at which a truncation counts")
        return met(f"{terms} in exon {chosen.exon} of {chosen.exon_total} of tumour suppressor gene {gene.gene}")
    return met(f"{terms} in tumour suppressor gene {gene.gene}; no limit towards the end of the protein is curated")


def _excluded_from_loss_of_function(facts: Facts, kb: KnowledgeBase) -> str:
    """Why the gene's loss-of-function rule must not catch this variant; "" where it may."""
    if facts.gene is None:
        return ""
    matched = {match.alteration_id for match in facts.variant.matches}
    for alteration in kb.alterations_by_gene.get(facts.gene.gene, ()):
        if alteration.event != "loss_of_function":
            continue
        for excluded in alteration.excludes:
            if excluded in matched:
                return f"{kb.alterations[excluded].label} is excluded from {alteration.label}"
        for change in kb.excluded_changes.get(alteration.alteration_id, ()):
            if facts.change is not None and _same_change(change.change, facts.change):
                return f"{change.text} is excluded from {alteration.label}"
    return ""


def _same_change(curated: ProteinChange, seen: ProteinChange) -> bool:
    """Equal but for the distance to the new stop, which annotators state in part."""
    if curated.kind is ProteinKind.FRAMESHIFT and seen.kind is ProteinKind.FRAMESHIFT:
        return (curated.start, curated.ref) == (seen.start, seen.ref)
    return curated == seen


def _established_changes(facts: Facts, kb: KnowledgeBase) -> Iterator[tuple[Alteration, ProteinChange]]:
    """Curated changes of the gene that count as established oncogenic variants.

    Validated drivers with a gain, loss or switch of function; resistance mutations are no oncogenic variants by
    themselves.
    """
    if facts.gene is None:
        return
    for alteration in kb.alterations_by_gene.get(facts.gene.gene, ()):
        if alteration.effect in ESTABLISHED_EFFECTS and is_validated(alteration):
            for curated in kb.curated_changes.get(alteration.alteration_id, ()):
                yield alteration, curated.change


def same_protein_change(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OS1: same amino-acid change as an established oncogenic variant, by another nucleotide change.

    The curated variant itself is not compared with itself: that would count one curation twice.
    """
    if not facts.is_missense:
        return not_met("not a missense variant")
    if facts.substitution is None:
        return not_evaluable(NO_SINGLE_RESIDUE)
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    established = [alteration for alteration, change in _established_changes(facts, kb) if change == facts.change]
    if not established:
        return not_met("the amino-acid change is not curated as an established oncogenic variant")
    ids = {alteration.alteration_id for alteration in established}
    labels = ", ".join(sorted(alteration.label for alteration in established))
    if "N" in facts.variant.allele.ref + facts.variant.allele.alt:
        return not_evaluable(
            f"same amino-acid change as {labels}, but the nucleotide change of the variant is not known"
        )
    own = [known for table in kb.alleles.values() for known in table.get(facts.variant.allele.key(), ())]
    if any(known.alteration_id in ids for known in own):
        return not_met(f"is the curated allele of {labels} itself; the code compares another nucleotide change")
    if not any(name in table for table in kb.alleles_by_alteration.values() for name in ids):
        return not_evaluable(f"same amino-acid change as {labels}, whose nucleotide change the tables do not give")
    return met(f"same amino-acid change as {labels} ({_sources(established)}) by another nucleotide change")


def same_residue(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OM4 (other missense): another missense variant of the residue is oncogenic, and this one is no milder.

    "At least approximately the same" difference is read strictly: Grantham's distance of this change must reach that
    of an established one.
    """
    if not facts.is_missense:
        return not_met("not a missense variant")
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    seen = facts.substitution
    if seen is None:
        return not_evaluable(NO_SINGLE_RESIDUE)
    own = distance(seen.ref, seen.alt)
    others = [
        (alteration, change.alt, other)
        for alteration, change in _established_changes(facts, kb)
        if change.kind is ProteinKind.SUBSTITUTION and change.start == seen.start and change.alt != seen.alt
        if (other := distance(seen.ref, change.alt)) is not None
    ]
    if not others or own is None:
        return not_met("no other missense variant of this residue is curated as an established oncogenic variant")
    alteration, alt, other = min(others, key=lambda row: (row[2], row[1], row[0].alteration_id))
    said = (
        f"{seen.ref}{seen.start}{alt} is established ({alteration.alteration_id}: {_sources([alteration])}); "
        f"Grantham distance {own} here, {other} there"
    )
    return met(said) if own >= other else not_met(said)


def functional_studies(facts: Facts, kb: KnowledgeBase, kind: str) -> Finding:
    """OS2 (``kind`` "driver") and SBS2 ("neutral"): a curated functional study of this very change.

    A row counts where it matches at allele or protein level, names its sources, and was checked in functional evidence
    ("functional" in ``verified_in``). Clinical evidence, a mechanism in words or a rule for a whole class (any
    truncation, any change of a codon) is no functional study of the change.
    """
    effects = ESTABLISHED_EFFECTS if kind == "driver" else frozenset({"neutral"})
    for match in facts.variant.matches:
        alteration = kb.alterations.get(match.alteration_id)
        if (
            alteration is not None
            and match.level in _SAME_CHANGE_LEVELS
            and alteration.kind == kind
            and alteration.effect in effects
            and alteration.sources
            and FUNCTIONAL_WORD in alteration.verified_in.casefold()
        ):
            said = alteration.mechanism or alteration.effect.replace("_", " ")
            return met(f"{said} ({alteration.alteration_id}: {_sources([alteration])})")
    return not_evaluable("no curated functional study of this change")


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


def _sources(alterations: list[Alteration]) -> str:
    return ", ".join(dict.fromkeys(source for alteration in alterations for source in alteration.sources))
