"""Codes that rest on population frequencies: OP4, SBVS1, SBS1.

Frequencies come from annotation fields, INFO fields or a joined file (:mod:`targetboard.vcf.scores` names them). A
field that is absent or empty is no evidence of absence from the population: the site may not have been covered, or the
allele not looked up.
"""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import Facts
from targetboard.vcf.scores import FREQUENCY_NAMES, GROUP_MAXIMUM, POPULATIONS, frequency_field

VERY_COMMON = 0.05
COMMON = 0.01
# The standard says "extremely low" without a number; this is this project's choice, one allele in 10,000.
EXTREMELY_RARE = 0.0001
_JOINED = "joined"


@dataclass(slots=True, frozen=True)
class Frequency:
    """Highest population frequency found, where it was read, and whether all five populations were given."""

    highest: float
    field: str
    complete: bool


def population_frequency(facts: Facts) -> Frequency | None:
    """Highest frequency over the continental populations; None where no field holds a number.

    ``complete`` is True where one data set gives all five populations or a group maximum. A data set's overall
    frequency counts as one more value, never as complete.
    """
    by_data_set: dict[str, dict[str, tuple[float, str]]] = {}
    for name, value in facts.variant.evidence.items():
        if name in FREQUENCY_NAMES:
            _enter(by_data_set, _JOINED, name.removeprefix("AF_"), value.text, value.origin)
    chosen = facts.variant.chosen
    for given, text in chosen.extra.items() if chosen is not None else ():
        found = frequency_field(given)
        if found is not None:
            _enter(by_data_set, found[0], found[1], text, given)
    values = [value for populations in by_data_set.values() for value in populations.values()]
    if not values:
        return None
    highest, field = max(values)
    complete = any(
        GROUP_MAXIMUM in populations or all(name in populations for name in POPULATIONS)
        for populations in by_data_set.values()
    )
    return Frequency(highest, field, complete)


def _enter(
    by_data_set: dict[str, dict[str, tuple[float, str]]], data_set: str, population: str, text: str, origin: str
) -> None:
    """Read a frequency; of several (VEP joins co-located alleles by "&") the highest counts."""
    numbers = []
    for part in text.split("&"):
        try:
            number = float(part)
        except ValueError:
            continue
        if 0 <= number <= 1:
            numbers.append(number)
    if numbers:
        by_data_set.setdefault(data_set, {})[population] = (max(numbers), origin)


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
