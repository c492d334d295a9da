"""Flags beside the driver class: inherited, clonal haematopoiesis, artefact, support. A flag never changes a class.

Rules R4 (germline), R5 (clonal haematopoiesis) and R6 (fixation artefacts) of the field's reporting guidelines, as far
as a VCF and the sample sheet can answer them. Each flag comes with the sentence a report prints.
"""

from __future__ import annotations

import re

from targetboard.classify.context import SampleContext
from targetboard.classify.facts import TUMOUR_SUPPRESSOR_ROLES, Facts, is_validated
from targetboard.classify.intervals import wilson_interval
from targetboard.classify.population import population_frequency
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass

GERMLINE_SUSPECT = "germline_suspect"
CHIP_SUSPECT = "chip_suspect"
ARTEFACT_SUSPECT = "artefact_suspect"
SUBCLONAL = "subclonal"
CONFLICT = "conflict"
LOW_SUPPORT = "low_support"
POPULATION_UNKNOWN = "population_unknown"

# R4: allele fractions of an inherited variant. Copy-number changes imitate them, so they never decide alone.
GERMLINE_VAF_SNV = 0.30
GERMLINE_VAF_INDEL = 0.20
GERMLINE_VAF_UPPER = 0.70
GERMLINE_VAF_HOMOZYGOUS = 0.85
# A variant at this fraction of the matched normal is there; tumour cells in the normal rarely reach it.
NORMAL_VAF = 0.20
NORMAL_DEPTH = 10

# Founder variants (R4): followed up whatever their allele fraction. Gene and start of the coding change.
FOUNDER_VARIANTS = (
    ("BRCA1", r"c\.68_69del"),
    ("BRCA1", r"c\.5266dup"),
    ("BRCA2", r"c\.5946del"),
    ("CHEK2", r"c\.1100del"),
)
# Resistance mutations that, before any therapy, point to an inherited allele (R4).
INHERITED_IF_UNTREATED = frozenset({"EGFR_T790M"})

FFPE_ARTEFACT_VAF = 0.10
DEAMINATION = frozenset({("C", "T"), ("G", "A")})
ORIENTATION_FILTER = "orientation"

FEWEST_ALT_READS = 5
# Lowest allele fraction that the 95 % interval must exclude; cell-free DNA is sequenced for lower fractions.
LOWEST_FRACTION_TISSUE = 0.01
LOWEST_FRACTION_BLOOD = 0.001
# Cancer cell fraction below which a variant is called subclonal (heterozygous, diploid: 2 x VAF / purity).
SUBCLONAL_FRACTION = 0.5

_GERMLINE_ADVICE = "a tumour test cannot decide: offer a confirmatory germline test and genetic counselling"


def flags_of(
    facts: Facts, kb: KnowledgeBase, context: SampleContext, driver_class: DriverClass
) -> list[tuple[str, str]]:
    """Flags of one variant with their sentences, in fixed order; ``conflict`` is set by the classification."""
    rules = (
        (GERMLINE_SUSPECT, germline_reason(facts, kb, context)),
        (CHIP_SUSPECT, haematopoiesis_reason(facts, context)),
        (ARTEFACT_SUSPECT, artefact_reason(facts, context)),
        (SUBCLONAL, subclonal_reason(facts, context)),
        (LOW_SUPPORT, support_reason(facts, context)),
        (POPULATION_UNKNOWN, population_reason(facts, context, driver_class)),
    )
    return [(flag, reason) for flag, reason in rules if reason]


def _has_normal(facts: Facts, context: SampleContext) -> bool:
    return context.matched_normal or facts.variant.observation.normal_depth is not None


def germline_reason(facts: Facts, kb: KnowledgeBase, context: SampleContext) -> str:
    """Why the variant may be inherited; "" where nothing suggests it or statements were refused (R4).

    The caller's own call and the matched normal decide; without them it takes a gene worth following up, a damaging
    variant and a fitting allele fraction together. Founder variants need no allele fraction.
    """
    if context.germline_statements_refused:
        return ""
    observation = facts.variant.observation
    if (observation.somatic_status or "").casefold().startswith("germline"):
        return f"may be inherited: the caller reports it as {observation.somatic_status}; {_GERMLINE_ADVICE}"
    if observation.normal_vaf is not None and (observation.normal_depth or 0) >= NORMAL_DEPTH:
        if observation.normal_vaf >= NORMAL_VAF:
            share = f"{observation.normal_vaf:.0%} of {observation.normal_depth} reads"
            return f"may be inherited: present in the matched normal ({share}); {_GERMLINE_ADVICE}"
        return ""
    if _has_normal(facts, context):
        return ""
    coding = facts.variant.chosen.hgvsc if facts.variant.chosen is not None else ""
    if any(facts.variant.gene == gene and re.match(change, coding) for gene, change in FOUNDER_VARIANTS):
        return f"may be inherited: founder variant; {_GERMLINE_ADVICE}"
    if not _fraction_fits_germline(facts):
        return ""
    fraction = f"allele fraction {observation.vaf:.0%} without a matched normal"
    matched = {match.alteration_id for match in facts.variant.matches}
    if matched & INHERITED_IF_UNTREATED and not context.is_pretreated:
        return f"may be inherited: resistance mutation without stated earlier therapy, {fraction}; {_GERMLINE_ADVICE}"
    if facts.gene is not None and facts.gene.germline_followup and _is_damaging(facts, kb):
        return f"may be inherited: damaging variant in {facts.gene.gene}, {fraction}; {_GERMLINE_ADVICE}"
    return ""


def _fraction_fits_germline(facts: Facts) -> bool:
    vaf = facts.variant.observation.vaf
    if vaf is None:
        return False
    allele = facts.variant.allele
    floor = GERMLINE_VAF_SNV if len(allele.ref) == len(allele.alt) else GERMLINE_VAF_INDEL
    return floor <= vaf <= GERMLINE_VAF_UPPER or vaf > GERMLINE_VAF_HOMOZYGOUS


def _is_damaging(facts: Facts, kb: KnowledgeBase) -> bool:
    if facts.is_null and facts.gene is not None and facts.gene.role in TUMOUR_SUPPRESSOR_ROLES:
        return True
    return any(
        is_validated(kb.alterations[match.alteration_id])
        for match in facts.variant.matches
        if match.alteration_id in kb.alterations
    )


def haematopoiesis_reason(facts: Facts, context: SampleContext) -> str:
    """Why the variant may come from clonal haematopoiesis: blood-derived specimen, such a gene, no normal (R5)."""
    if facts.gene is None or not facts.gene.chip_gene or context.is_haematological:
        return ""
    if not context.is_blood_derived or _has_normal(facts, context):
        return ""
    return (
        f"may stem from clonal haematopoiesis: {facts.gene.gene} in a blood-derived specimen without white blood cell "
        "control; confirm in tissue or white blood cells"
    )


def artefact_reason(facts: Facts, context: SampleContext) -> str:
    """Why the call may be an artefact: orientation bias by the caller, or deamination in fixed tissue (R6)."""
    observation, allele = facts.variant.observation, facts.variant.allele
    if ORIENTATION_FILTER in re.split(r"[;,]", observation.filter):
        return "may be an artefact: the caller's filter reports read-orientation bias"
    if (
        context.is_ffpe
        and (allele.ref, allele.alt) in DEAMINATION
        and observation.vaf is not None
        and observation.vaf < FFPE_ARTEFACT_VAF
    ):
        return (
            f"may be a fixation artefact: {allele.ref}>{allele.alt} at {observation.vaf:.1%} in formalin-fixed tissue; "
            "confirm with a second method"
        )
    return ""


def subclonal_reason(facts: Facts, context: SampleContext) -> str:
    """Why the variant is likely in part of the tumour cells; needs purity and read counts."""
    interval = _interval(facts)
    if interval is None or not context.purity:
        return ""
    upper = min(1.0, 2 * interval[1] / context.purity)
    if upper >= SUBCLONAL_FRACTION:
        return ""
    return (
        f"in at most {upper:.0%} of tumour cells (purity {context.purity:.0%}, heterozygous, diploid; copy number not "
        "considered)"
    )


def support_reason(facts: Facts, context: SampleContext) -> str:
    """Why the reads support the call weakly: few reads, or an interval that reaches down to the noise."""
    observation = facts.variant.observation
    if observation.alt_depth is None:
        return ""
    if observation.alt_depth < FEWEST_ALT_READS:
        return f"weakly supported: {observation.alt_depth} reads carry the allele (fewer than {FEWEST_ALT_READS})"
    lowest = LOWEST_FRACTION_BLOOD if context.is_blood_derived else LOWEST_FRACTION_TISSUE
    interval = _interval(facts)
    if interval is not None and interval[0] < lowest:
        return f"weakly supported: the 95 % interval of the allele fraction starts at {interval[0]:.2%}"
    return ""


def _interval(facts: Facts) -> tuple[float, float] | None:
    observation = facts.variant.observation
    if observation.alt_depth is None or not observation.depth or not 0 <= observation.alt_depth <= observation.depth:
        return None
    return wilson_interval(observation.alt_depth, observation.depth)


def population_reason(facts: Facts, context: SampleContext, driver_class: DriverClass) -> str:
    """Why a polymorphism cannot be excluded: no matched normal and no population frequency, class not curated."""
    if driver_class in (DriverClass.VALIDATED_DRIVER, DriverClass.PASSENGER) or _has_normal(facts, context):
        return ""
    if population_frequency(facts) is not None:
        return ""
    return "a common inherited variant cannot be excluded: no matched normal and no population frequency"
