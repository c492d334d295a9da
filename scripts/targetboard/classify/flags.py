"""Flags beside the driver class: inherited, clonal haematopoiesis, artefact, support. A flag never changes a class.

Rules R4 (germline), R5 (clonal haematopoiesis) and R6 (fixation artefacts) of the field's reporting guidelines, as far
as a VCF and the sample sheet can answer them. Each flag comes with the sentence a report prints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from targetboard.classify.artefacts import artefact_reason
from targetboard.classify.clonality import (
    DEFAULT_COPIES,
    cancer_cell_fraction,
    inherited_fraction,
    read_interval,
    somatic_fraction,
)
from targetboard.classify.context import SampleContext
from targetboard.classify.facts import TUMOUR_SUPPRESSOR_ROLES, Facts, is_validated
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
    # an inherited polymorphism is no reason for a germline test or genetic counselling
    harmless = driver_class in (DriverClass.PASSENGER, DriverClass.LIKELY_PASSENGER)
    rules = (
        (GERMLINE_SUSPECT, "" if harmless else germline_reason(facts, kb, context)),
        (CHIP_SUSPECT, haematopoiesis_reason(facts, context)),
        (ARTEFACT_SUSPECT, artefact_reason(facts.variant, context)),
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
    consistency = purity_verdict(facts, context)
    if consistency.fits is False or not (consistency.fits or _fraction_fits_germline(facts)):
        return ""
    fraction = f"allele fraction {observation.vaf:.0%} without a matched normal{consistency.words}"
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


@dataclass(slots=True, frozen=True)
class PurityVerdict:
    """Whether purity and copy number speak for inheritance (True), against it (False), or for neither (None)."""

    fits: bool | None
    words: str = ""


def purity_verdict(facts: Facts, context: SampleContext) -> PurityVerdict:
    """Compare the reads with what an inherited and a somatic variant would show at this purity and copy number.

    For inheritance: the interval lies above everything a somatic variant could show, copy-neutral loss of the other
    allele included. Against it only with a stated copy number, since copy-number changes imitate every fraction: the
    interval holds a somatic expectation and none of an inherited variant.
    """
    interval = read_interval(facts.variant.observation)
    purity, copies = context.purity, context.copies_of(facts.variant)
    if interval is None or not purity or purity >= 1:
        return PurityVerdict(None)
    number = DEFAULT_COPIES if copies is None else copies
    mutated = range(1, max(1, round(number)) + 1)
    somatic = [somatic_fraction(purity, number, m) for m in mutated]
    inherited = [inherited_fraction(purity, number, m) for m in (0, *mutated)]
    if interval[0] > max(somatic):
        bound = f"; a somatic variant would show at most {max(somatic):.0%} at purity {purity:.0%}"
        return PurityVerdict(True, bound)
    if copies is not None:
        fits_somatic = any(interval[0] <= expected <= interval[1] for expected in somatic)
        fits_inherited = any(interval[0] <= expected <= interval[1] for expected in inherited)
        if fits_somatic and not fits_inherited:
            return PurityVerdict(False)
    return PurityVerdict(None)


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


def subclonal_reason(facts: Facts, context: SampleContext) -> str:
    """Why the variant is likely in part of the tumour cells; needs purity and read counts."""
    copies = context.copies_of(facts.variant)
    interval = cancer_cell_fraction(facts.variant.observation, context.purity, copies)
    if interval is None or interval[1] >= SUBCLONAL_FRACTION:
        return ""
    stated = "taken as 2" if copies is None else f"{copies:g}"
    return (
        f"in {interval[0]:.0%} to {interval[1]:.0%} of tumour cells (purity {context.purity:.0%}, copy number {stated},"
        " one mutated copy a cell)"
    )


def support_reason(facts: Facts, context: SampleContext) -> str:
    """Why the reads support the call weakly: few reads, or an interval that reaches down to the noise."""
    observation = facts.variant.observation
    if observation.alt_depth is None:
        return (
            "" if observation.vaf is not None else "support not known: the VCF gives no usable read counts or fraction"
        )
    if observation.alt_depth < FEWEST_ALT_READS:
        return f"weakly supported: {observation.alt_depth} reads carry the allele (fewer than {FEWEST_ALT_READS})"
    lowest = LOWEST_FRACTION_BLOOD if context.is_blood_derived else LOWEST_FRACTION_TISSUE
    interval = read_interval(observation)
    if interval is not None and interval[0] < lowest:
        return f"weakly supported: the 95 % interval of the allele fraction starts at {interval[0]:.2%}"
    return ""


def population_reason(facts: Facts, context: SampleContext, driver_class: DriverClass) -> str:
    """Why a polymorphism cannot be excluded: no matched normal and no population frequency, class not curated."""
    if driver_class in (DriverClass.VALIDATED_DRIVER, DriverClass.PASSENGER) or _has_normal(facts, context):
        return ""
    if population_frequency(facts) is not None:
        return ""
    return "a common inherited variant cannot be excluded: no matched normal and no population frequency"
