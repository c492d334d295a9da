"""The ClinGen/CGC/VICC oncogenicity standard as data: codes, points, exclusions, thresholds, and how they add up.

Source: Horak et al., Genet Med 2022;24:986-998, PMID 35101336, author manuscript PMC9081216, tables 2 and 3.

Numbering trap: the author manuscript calls the hotspot with fewer than 50 tumours OM3 and the other missense variant
at the residue OM4; the journal's calculator, PCGR and OncoVI use the two names the other way round. Points are equal.
Code here is therefore keyed by meaning (:class:`Meaning`); the printed names are those of the author manuscript, and
every criterion carries its meaning in words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from targetboard.model import Criterion, CriterionStatus


class Meaning(StrEnum):
    """What a code asks, independent of the number it is printed with; in the order of the standard."""

    NULL_VARIANT = "null variant in a tumour suppressor gene"
    SAME_PROTEIN_CHANGE = "same amino-acid change as an established oncogenic variant"
    FUNCTION_ONCOGENIC = "functional studies show an oncogenic effect"
    HOTSPOT_STRONG = "hotspot residue with at least 50 tumours, same change in at least 10"
    CRITICAL_DOMAIN = "critical part of a functional domain"
    LENGTH_CHANGE = "in-frame length change in an oncogene or tumour suppressor, or stop loss in a tumour suppressor"
    HOTSPOT_MODERATE = "hotspot residue with fewer than 50 tumours, same change in at least 10"
    SAME_RESIDUE = "another missense variant of this residue is oncogenic"
    COMPUTED_ONCOGENIC = "all computational lines support an oncogenic effect"
    SINGLE_AETIOLOGY = "malignancy with a single genetic aetiology"
    HOTSPOT_SUPPORTING = "hotspot residue, same change in fewer than 10 tumours"
    POPULATION_ABSENT = "absent or extremely rare in the population"
    POPULATION_VERY_COMMON = "population frequency above 5 %"
    POPULATION_COMMON = "population frequency above 1 %"
    FUNCTION_NEUTRAL = "functional studies show no oncogenic effect"
    COMPUTED_NEUTRAL = "all computational lines suggest no effect"
    SILENT = "synonymous, no splice effect predicted, not conserved"


@dataclass(slots=True, frozen=True)
class Code:
    """One code: printed name, signed points and the codes with which it is not counted together.

    ``not_with`` lists codes that, when counted, rule this one out. ``contradicts`` lists codes whose definitions
    cannot hold at the same time; it bounds what codes without input might still bring.
    """

    name: str
    meaning: Meaning
    points: int
    not_with: tuple[Meaning, ...] = ()
    contradicts: tuple[Meaning, ...] = ()


_M = Meaning
CODES: tuple[Code, ...] = (
    Code("OVS1", _M.NULL_VARIANT, 8),
    Code("OS1", _M.SAME_PROTEIN_CHANGE, 4),
    Code("OS2", _M.FUNCTION_ONCOGENIC, 4, contradicts=(_M.FUNCTION_NEUTRAL,)),
    Code(
        "OS3",
        _M.HOTSPOT_STRONG,
        4,
        not_with=(_M.SAME_PROTEIN_CHANGE,),
        contradicts=(_M.HOTSPOT_MODERATE, _M.HOTSPOT_SUPPORTING),
    ),
    Code("OM1", _M.CRITICAL_DOMAIN, 2, not_with=(_M.SAME_PROTEIN_CHANGE, _M.HOTSPOT_STRONG)),
    Code("OM2", _M.LENGTH_CHANGE, 2, not_with=(_M.NULL_VARIANT,)),
    Code(
        "OM3",
        _M.HOTSPOT_MODERATE,
        2,
        not_with=(_M.CRITICAL_DOMAIN, _M.SAME_RESIDUE),
        contradicts=(_M.HOTSPOT_STRONG, _M.HOTSPOT_SUPPORTING),
    ),
    Code("OM4", _M.SAME_RESIDUE, 2, not_with=(_M.SAME_PROTEIN_CHANGE, _M.HOTSPOT_STRONG, _M.CRITICAL_DOMAIN)),
    Code("OP1", _M.COMPUTED_ONCOGENIC, 1, contradicts=(_M.COMPUTED_NEUTRAL,)),
    Code("OP2", _M.SINGLE_AETIOLOGY, 1),
    Code(
        "OP3",
        _M.HOTSPOT_SUPPORTING,
        1,
        not_with=(_M.CRITICAL_DOMAIN, _M.HOTSPOT_MODERATE, _M.SAME_RESIDUE),
        contradicts=(_M.HOTSPOT_STRONG, _M.HOTSPOT_MODERATE),
    ),
    Code("OP4", _M.POPULATION_ABSENT, 1, contradicts=(_M.POPULATION_VERY_COMMON, _M.POPULATION_COMMON)),
    Code("SBVS1", _M.POPULATION_VERY_COMMON, -8, contradicts=(_M.POPULATION_ABSENT,)),
    Code(
        "SBS1",
        _M.POPULATION_COMMON,
        -4,
        not_with=(_M.POPULATION_VERY_COMMON,),
        contradicts=(_M.POPULATION_ABSENT,),
    ),
    Code("SBS2", _M.FUNCTION_NEUTRAL, -4, contradicts=(_M.FUNCTION_ONCOGENIC,)),
    Code("SBP1", _M.COMPUTED_NEUTRAL, -1, contradicts=(_M.COMPUTED_ONCOGENIC,)),
    Code("SBP2", _M.SILENT, -1),
)
BY_MEANING: Mapping[Meaning, Code] = {code.meaning: code for code in CODES}

# Order in which exclusions are settled: a code comes after every code that can rule it out.
_SETTLED_LAST = (_M.HOTSPOT_MODERATE, _M.HOTSPOT_SUPPORTING)
_SETTLING_ORDER: tuple[Meaning, ...] = (
    *(meaning for meaning in Meaning if meaning not in _SETTLED_LAST),
    *_SETTLED_LAST,
)

# Lowest points of each class, highest class first; everything below the last is Benign.
THRESHOLDS: tuple[tuple[int, str], ...] = (
    (10, "Oncogenic"),
    (6, "Likely Oncogenic"),
    (0, "VUS"),
    (-6, "Likely Benign"),
)
LOWEST_CLASS = "Benign"


def class_of(points: int) -> str:
    """Class of a sum of points by the official thresholds (>= 10, 6…9, 0…5, -6…-1, <= -7)."""
    return next((name for lowest, name in THRESHOLDS if points >= lowest), LOWEST_CLASS)


# Strengths a code can be lowered to, by points, and how the name of a lowered code ends (GA4GH spelling).
STRENGTH_SUFFIX: Mapping[int, str] = {8: "_very_strong", 4: "_strong", 2: "_moderate", 1: "_supporting"}


@dataclass(slots=True, frozen=True)
class Finding:
    """What one predicate found: the status of its code and the fact it rests on, with the source, in words.

    ``points`` is set where a fulfilled code counts with less than its official points, ``reach`` where information
    that is missing could still bring it to more than it counts now.
    """

    status: CriterionStatus
    evidence: str
    points: int | None = None
    reach: int | None = None


def met(evidence: str, points: int | None = None, reach: int | None = None) -> Finding:
    """A code whose criterion is fulfilled, at its official strength or at a lower one."""
    return Finding(CriterionStatus.MET, evidence, points, reach)


def not_met(evidence: str) -> Finding:
    """A code whose criterion is shown not to be fulfilled."""
    return Finding(CriterionStatus.NOT_MET, evidence)


def not_evaluable(evidence: str) -> Finding:
    """A code whose input is missing; ``evidence`` says which."""
    return Finding(CriterionStatus.NOT_EVALUABLE, evidence)


def counted(fulfilled: Iterable[Meaning]) -> dict[Meaning, Meaning | None]:
    """Settle the exclusions among fulfilled codes.

    Returns
    -------
    dict[Meaning, Meaning | None]
        For each fulfilled code None if it counts, or the counted code that rules it out. "Applicable" in the
        standard's exclusions is read as "counted": a code that is itself ruled out rules out nothing.
    """
    fulfilled_set = frozenset(fulfilled)
    settled: dict[Meaning, Meaning | None] = {}
    for meaning in _SETTLING_ORDER:
        if meaning in fulfilled_set:
            settled[meaning] = next(
                (other for other in BY_MEANING[meaning].not_with if other in settled and settled[other] is None), None
            )
    return settled


def printed_name(code: Code, points: int) -> str:
    """Name of a code as printed: with its strength where that was lowered (``OVS1_strong``)."""
    return code.name if points == code.points else code.name + STRENGTH_SUFFIX[abs(points)]


def code_of(name: str) -> Code:
    """The code that a printed name stands for, whatever its strength.

    Raises
    ------
    KeyError
        If there is no such code.
    """
    return _BY_NAME[name.partition("_")[0]]


_BY_NAME: Mapping[str, Code] = {code.name: code for code in CODES}

Strengths = frozenset[tuple[Meaning, int]]
"""Points of the codes that do not count with their official ones; hashable."""


def total(fulfilled: Iterable[Meaning], strengths: Strengths = frozenset()) -> int:
    """Sum of the points of fulfilled codes after exclusions."""
    lowered = dict(strengths)
    return sum(
        lowered.get(meaning, BY_MEANING[meaning].points)
        for meaning, ruled_out in counted(fulfilled).items()
        if ruled_out is None
    )


@lru_cache(maxsize=4096)
def points_range(
    fulfilled: frozenset[Meaning],
    open_codes: frozenset[Meaning],
    strengths: Strengths = frozenset(),
    reaches: Strengths = frozenset(),
) -> tuple[int, int]:
    """Lowest and highest sum that codes without input could still bring about.

    Open codes are added to the fulfilled ones in every consistent combination and summed with exclusions; what
    contradicts a fulfilled code, or itself, by definition (rare and common, two strengths of one hotspot) is left
    out. A code of full strength never lowers a sum of its own sign, since it brings at least what it rules out: the
    highest sum needs the positive codes only, the lowest the negative ones. ``strengths`` are the points that lowered
    codes count with now, ``reaches`` what they could come to. Cached, since a run meets few combinations.
    """
    contradicted = {other for meaning in fulfilled for other in BY_MEANING[meaning].contradicts}
    possible = [meaning for meaning in Meaning if meaning in open_codes and meaning not in contradicted]
    highest_strengths = frozenset({**dict(strengths), **dict(reaches)}.items())
    sums = {
        sign: [
            total(subset, highest_strengths if sign > 0 else strengths)
            for subset in _consistent(fulfilled, [m for m in possible if BY_MEANING[m].points * sign > 0])
        ]
        for sign in (-1, 1)
    }
    return (min(sums[-1]), max(sums[1]))


def _consistent(start: frozenset[Meaning], additions: Iterable[Meaning]) -> list[frozenset[Meaning]]:
    """``start`` with every combination of additions that does not contradict itself."""
    subsets = [start]
    for meaning in additions:
        contradicts = BY_MEANING[meaning].contradicts
        subsets += [subset | {meaning} for subset in subsets if not any(other in subset for other in contradicts)]
    return subsets


def combine(findings: Mapping[Meaning, Finding]) -> tuple[int, tuple[int, int], tuple[Criterion, ...]]:
    """Add up the findings of all codes.

    Parameters
    ----------
    findings
        One finding for every code.

    Returns
    -------
    tuple
        Points, the range the codes without input leave open, and the criteria in the order of the standard. A
        fulfilled code that is ruled out by another is listed as ``not_met`` and says which one.
    """
    fulfilled = frozenset(m for m, finding in findings.items() if finding.status is CriterionStatus.MET)
    open_codes = frozenset(m for m, finding in findings.items() if finding.status is CriterionStatus.NOT_EVALUABLE)
    strengths = frozenset((m, findings[m].points or 0) for m in fulfilled if findings[m].points is not None)
    reaches = frozenset((m, findings[m].reach or 0) for m in fulfilled if findings[m].reach is not None)
    settled = counted(fulfilled)
    criteria = []
    for code in CODES:
        finding = findings[code.meaning]
        status, evidence = finding.status, finding.evidence
        points = code.points if finding.points is None or code.meaning not in fulfilled else finding.points
        ruled_out = settled.get(code.meaning)
        if ruled_out is not None:
            status = CriterionStatus.NOT_MET
            evidence = f"not counted together with {BY_MEANING[ruled_out].name}: {evidence}"
        criteria.append(Criterion(printed_name(code, points), points, status, f"{code.meaning.value}: {evidence}"))
    range_of_points = points_range(fulfilled, open_codes, strengths, reaches)
    return (total(fulfilled, strengths), range_of_points, tuple(criteria))
