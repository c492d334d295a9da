"""Why a call may be an artefact (rule R6): the caller's filter, strand, orientation, fixation, slippage.

None of these removes a variant: KRAS G12D is a G>A, and BRCA nonsense mutations are C>T.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import exp, lgamma, log10

from targetboard.classify.context import SampleContext
from targetboard.model import Observation, Variant

FFPE_ARTEFACT_VAF = 0.10
DEAMINATION = frozenset({("C", "T"), ("G", "A")})
OXIDATION = frozenset({("C", "A"), ("G", "T")})
# Share of a specimen's weakly present SNVs that are deaminations, above which fixation damage is likely, and the
# fewest such SNVs for which the share is spoken of.
DAMAGED_SHARE, FEWEST_FOR_SHARE = 0.70, 10

# FILTER words of callers (folded) and what they report; from the callers' own header descriptions.
FILTER_WORDS: Mapping[str, str] = {
    "orientation": "read-orientation bias",
    "orientation_bias": "read-orientation bias",
    "strand_bias": "strand bias",
    "strandbias": "strand bias",
    "strand_artifact": "strand bias",
    "sb": "strand bias",
    "sb1": "strand bias",
    "sb2": "strand bias",
    "bias": "strand bias",
    "slippage": "slippage in a repeat",
    "str_contraction": "slippage in a repeat",
    "ihpol": "an indel in a homopolymer",
    "irepeat": "an indel in a repeat",
    "homopolymer": "an indel in a homopolymer",
    "msi12": "an indel in a repeat",
    "panel_of_normals": "presence in the panel of normals",
    "panelofnormals": "presence in the panel of normals",
    "pon": "presence in the panel of normals",
}
# Fisher's exact test of strand against allele, as Phred score; GATK's hard filters for SNVs and for indels (FS).
STRAND_BIAS_SNV, STRAND_BIAS_INDEL = 60.0, 200.0
# Reads with the allele of which at least this share runs in one orientation, and the fewest reads to say so.
ONE_ORIENTATION, FEWEST_ORIENTED_READS = 0.95, 10
# An indel of one base in a run of at least this length, at a low fraction, is what slippage looks like.
HOMOPOLYMER_LENGTH, HOMOPOLYMER_VAF = 7, 0.10


def artefact_reason(variant: Variant, context: SampleContext) -> str:
    """Why the call may be an artefact; "" where nothing says so. The first of the rules that fires is named."""
    rules = (
        _filter_says(variant.observation),
        _strand_says(variant),
        _orientation_says(variant),
        _fixation_says(variant, context),
        _homopolymer_says(variant),
    )
    return next((reason for reason in rules if reason), "")


def _filter_says(observation: Observation) -> str:
    for word in re.split(r"[;,]", observation.filter):
        if word.casefold() in FILTER_WORDS:
            return f"may be an artefact: the caller's filter ({word}) reports {FILTER_WORDS[word.casefold()]}"
    return ""


def fisher_strand(strand: tuple[int, int, int, int]) -> float:
    """Phred score of Fisher's exact test (two-sided) of (ref+, ref-, alt+, alt-); 0 for a table without alternative."""
    ref_plus, ref_minus, alt_plus, alt_minus = strand
    ref, alt, plus = ref_plus + ref_minus, alt_plus + alt_minus, ref_plus + alt_plus
    total = ref + alt

    def logarithm(count: int) -> float:
        """Natural logarithm of the probability of ``count`` plus-strand reads with the allele."""
        return (
            _log_choose(alt, count) + _log_choose(ref, plus - count) - _log_choose(total, plus)
            if 0 <= count <= alt and 0 <= plus - count <= ref
            else float("-inf")
        )

    observed = logarithm(alt_plus)
    possible = (logarithm(count) for count in range(max(0, plus - ref), min(alt, plus) + 1))
    probability = sum(exp(value) for value in possible if value <= observed + 1e-9)
    return max(0.0, -10 * log10(max(min(probability, 1.0), 1e-300)))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _strand_says(variant: Variant) -> str:
    strand = variant.observation.strand
    if strand is None:
        return ""
    allele = variant.allele
    bound = STRAND_BIAS_SNV if len(allele.ref) == len(allele.alt) else STRAND_BIAS_INDEL
    score = fisher_strand(strand)
    if score <= bound:
        return ""
    return (
        f"may be an artefact: strand bias (reference {strand[0]}+/{strand[1]}-, allele {strand[2]}+/{strand[3]}-,"
        f" Fisher Phred {score:.0f})"
    )


def _orientation_says(variant: Variant) -> str:
    counts, allele = variant.orientation, variant.allele
    change = (allele.ref, allele.alt)
    if counts is None or sum(counts) < FEWEST_ORIENTED_READS or change not in OXIDATION | DEAMINATION:
        return ""
    if max(counts) < ONE_ORIENTATION * sum(counts):
        return ""
    damage = "oxidation of guanine (oxoG)" if change in OXIDATION else "deamination of cytosine"
    return (
        f"may be an artefact: {allele.ref}>{allele.alt} on reads of one orientation only (F1R2 {counts[0]}, F2R1"
        f" {counts[1]}), the pattern of {damage}"
    )


def _fixation_says(variant: Variant, context: SampleContext) -> str:
    vaf, allele = variant.observation.vaf, variant.allele
    if not context.is_ffpe or (allele.ref, allele.alt) not in DEAMINATION or vaf is None or vaf >= FFPE_ARTEFACT_VAF:
        return ""
    if variant.orientation is not None and sum(variant.orientation) >= FEWEST_ORIENTED_READS:
        return ""  # both orientations carry the allele, which damage of one strand does not do
    return (
        f"may be a fixation artefact: {allele.ref}>{allele.alt} at {vaf:.1%} in formalin-fixed tissue; confirm with a"
        " second method"
    )


def _homopolymer_says(variant: Variant) -> str:
    run, vaf = variant.homopolymer, variant.observation.vaf
    if run is None or run < HOMOPOLYMER_LENGTH or vaf is None or vaf >= HOMOPOLYMER_VAF:
        return ""
    return f"may be an artefact: an indel of one base in a run of {run}, at {vaf:.1%}, is what slippage looks like"


def damage_warning(variants: list[Variant], context: SampleContext) -> str:
    """A sentence for the whole specimen where most of its weakly present SNVs are deaminations; "" otherwise."""
    if not context.is_ffpe:
        return ""
    weak = [
        (variant.allele.ref, variant.allele.alt)
        for variant in variants
        if len(variant.allele.ref) == len(variant.allele.alt) == 1
        and variant.observation.vaf is not None
        and variant.observation.vaf < FFPE_ARTEFACT_VAF
    ]
    damaged = sum(change in DEAMINATION for change in weak)
    if len(weak) < FEWEST_FOR_SHARE or damaged <= DAMAGED_SHARE * len(weak):
        return ""
    return (
        f"{damaged} of {len(weak)} reported SNVs below {FFPE_ARTEFACT_VAF:.0%} are C>T or G>A in formalin-fixed tissue:"
        " fixation damage is likely"
    )
