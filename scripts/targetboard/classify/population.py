"""Codes that rest on population frequencies: OP4, SBVS1, SBS1.

Frequencies come from annotation fields, in VEP's spellings. A field that is absent or empty is no evidence of absence
from the population: the site may not have been covered, or the allele not looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import Facts

# The five continental populations the standard names.
POPULATIONS = ("AFR", "AMR", "EAS", "NFE", "SAS")
DATA_SETS = ("gnomADe", "gnomADg", "gnomAD")
# Highest frequency over gnomAD's ancestry groups, as gnomAD's own VCFs and --frequencies name it.
GROUP_MAXIMUM_FIELDS = ("AF_grpmax", "gnomAD_AF_grpmax", "gnomADe_AF_grpmax", "gnomADg_AF_grpmax")

VERY_COMMON = 0.05
COMMON = 0.01
# The standard says "extremely low" without a number; this is this project's choice, one carrier in 5,000 people.
EXTREMELY_RARE = 0.0001


@dataclass(slots=True, frozen=True)
class Frequency:
    """Highest population frequency found, where it was read, and whether all five populations were given."""

    highest: float
    field: str
    complete: bool


def population_frequency(facts: Facts) -> Frequency | None:
    """Highest frequency over the continental populations; None where no field holds a number.

    ``complete`` is True where one data set gives all five populations or a group maximum is given. A data set's
    overall frequency counts as one more value, never as complete.
    """
    chosen = facts.variant.chosen
    if chosen is None or not chosen.extra:
        return None
    values: list[tuple[float, str]] = []
    complete = False
    for data_set in DATA_SETS:
        read = [_number(facts, f"{data_set}_{population}_AF") for population in POPULATIONS]
        found = [value for value in read if value is not None]
        complete = complete or len(found) == len(POPULATIONS)
        overall = _number(facts, f"{data_set}_AF")
        values += found if overall is None else [*found, overall]
    for field in GROUP_MAXIMUM_FIELDS:
        maximum = _number(facts, field)
        if maximum is not None:
            values.append(maximum)
            complete = True
    if not values:
        return None
    highest, field = max(values)
    return Frequency(highest, field, complete)


def _number(facts: Facts, field: str) -> tuple[float, str] | None:
    numbers = []
    for text in facts.annotation(field).split("&"):
        try:
            value = float(text)
        except ValueError:
            continue
        if 0 <= value <= 1:
            numbers.append(value)
    return (max(numbers), field) if numbers else None


def assess_population(facts: Facts) -> tuple[Finding, Finding, Finding]:
    """Findings for OP4, SBVS1 and SBS1, in this order.

    In genes of clonal haematopoiesis gnomAD holds somatic alleles of its donors (JAK2 V617F), so presence there does
    not speak against OP4. Such alleles stay far below 1 %, so the two benign codes remain evaluable.
    """
    frequency = population_frequency(facts)
    if frequency is None:
        missing = not_evaluable("no population frequency in the input; its absence is not absence from the population")
        return missing, missing, missing
    said = f"highest population frequency {frequency.highest:g} ({frequency.field})"
    incomplete = not_evaluable(f"{said}, but not all of {', '.join(POPULATIONS)} are given")
    if frequency.highest >= EXTREMELY_RARE:
        if facts.gene is not None and facts.gene.chip_gene and frequency.highest <= COMMON:
            rare = not_evaluable(f"{said}, but gnomAD includes clonal haematopoiesis in {facts.gene.gene}")
        else:
            rare = not_met(said)
    else:
        rare = met(f"{said}, below {EXTREMELY_RARE:g}") if frequency.complete else incomplete
    very_common = _above(frequency, VERY_COMMON, said, incomplete)
    common = _above(frequency, COMMON, said, incomplete)
    return rare, very_common, common


def _above(frequency: Frequency, threshold: float, said: str, incomplete: Finding) -> Finding:
    if frequency.highest > threshold:
        return met(f"{said}, above {threshold:g}")
    return not_met(said) if frequency.complete else incomplete
