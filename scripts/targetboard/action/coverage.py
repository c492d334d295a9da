"""What was covered: pertinent negatives in five states, wild types, and whether the sample is adequate (R1, R2, R3).

No negative is stated without coverage, nor with fewer tumour cells than the assay is validated for. A region is judged
by its least covered part; a mean over a target is taken as what it is, a mean. With the purity given, a clonal
variant's expected fraction must lie above the assay's limit, and the depth must show it with enough power; otherwise
the state is ``inconclusive``, not ``not_detected``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from targetboard.action.power import (
    ENOUGH_POWER,
    clonal_fraction,
    detection_power,
    lowest_detectable_fraction,
    said_power,
)
from targetboard.inputs.assay import Assay
from targetboard.inputs.coverage import Coverage
from targetboard.model import MarkerState

SMALL_VARIANT_CLASSES = frozenset(
    {"snv", "mnv", "insertion", "deletion", "internal_tandem_duplication", "promoter", "splice"}
)
DEFAULT_LOD = 0.05
"""Allele fraction taken as the limit where the assay states none; the report says so."""
FAILED_SHARE = 0.2
"""Share of pertinent regions below coverage from which the sample is called inadequate."""


@dataclass(slots=True, frozen=True)
class Region:
    """A stretch of the genome (1-based, both included) that an absence has to cover."""

    chrom: str
    start: int
    end: int


@dataclass(slots=True, frozen=True)
class RegionResult:
    """State of one region with what it rests on; ``lowest`` is the depth that decides."""

    state: MarkerState
    lowest: float | None
    mean: float | None
    exact: bool
    power: float | None
    detectable: float | None
    reason: str


def judge_region(
    regions: Sequence[Region],
    variant_class: str,
    coverage: Coverage | None,
    assay: Assay | None,
    purity: float | None,
) -> RegionResult:
    """Whether the absence of a call in these regions may be stated.

    Parameters
    ----------
    regions
        Every part must be covered; none means that the place is not known.
    variant_class
        Class of the assay description (``snv``, ``deletion``, ``fusion_dna`` …).

    Returns
    -------
    RegionResult
        ``not_detected``, ``not_assessed``, ``failed`` or ``inconclusive``; never ``detected``.
    """
    called = assay.is_called(variant_class) if assay is not None else None
    if called is False:
        return _nothing(
            MarkerState.NOT_ASSESSED, f"the assay does not call this class ({variant_class.replace('_', ' ')})"
        )
    if variant_class not in SMALL_VARIANT_CLASSES and called is None:
        return _nothing(MarkerState.NOT_ASSESSED, f"no statement that {variant_class.replace('_', ' ')} was called")
    if coverage is None:
        return _nothing(MarkerState.NOT_ASSESSED, "coverage data were not supplied")
    if not regions:
        return _nothing(MarkerState.NOT_ASSESSED, "the place in this assembly is not known")
    needed = assay.minimum_depth if assay is not None and assay.minimum_depth else None
    if needed is None:
        return _nothing(MarkerState.NOT_ASSESSED, "the assay's minimum depth is not stated")
    depths = [coverage.over(region.chrom, region.start, region.end) for region in regions]
    if any(depth.covered == 0 and coverage.kind != "per-base" for depth in depths):
        return _nothing(MarkerState.NOT_ASSESSED, "not on the panel: the coverage data do not reach it")
    lows = [depth.lowest for depth in depths]
    means = [depth.mean for depth in depths if depth.mean is not None]
    exact = all(depth.exact for depth in depths)
    mean = min(means) if means else None
    shares = [coverage.share_at_least(region.chrom, region.start, region.end, needed) for region in regions]
    known = [low for low in lows if low is not None]
    lowest = min(known) if len(known) == len(lows) else None
    if lowest is None and all(share is not None and share >= 1.0 for share in shares):
        lowest = float(needed)
    if lowest is None or any(depth.covered < depth.bases for depth in depths):
        return RegionResult(MarkerState.FAILED, lowest, mean, exact, None, None, f"not every base reaches {needed}x")
    if lowest < needed:
        return RegionResult(MarkerState.FAILED, lowest, mean, exact, None, None, f"{lowest:g}x is below {needed}x")
    return _with_power(int(lowest), mean, exact, variant_class, assay, purity)


def _nothing(state: MarkerState, reason: str) -> RegionResult:
    return RegionResult(state, None, None, False, None, None, reason)


def _with_power(
    depth: int, mean: float | None, exact: bool, variant_class: str, assay: Assay | None, purity: float | None
) -> RegionResult:
    stated = assay.lod(variant_class) if assay is not None else None
    lod = DEFAULT_LOD if stated is None else stated
    reads = assay.minimum_alt_reads if assay is not None else 5
    detectable = lowest_detectable_fraction(depth, reads)
    whose = "the assay's limit" if stated is not None else "taken as the limit, since the assay states none"
    kind = "lowest" if exact else "mean of the target"

    def result(state: MarkerState, power: float, reason: str) -> RegionResult:
        return RegionResult(state, float(depth), mean, exact, power, detectable, reason)

    if purity is None:
        return result(
            MarkerState.NOT_DETECTED,
            detection_power(depth, lod, reads),
            f"depth {depth}x ({kind}); purity not given, so only fractions from {lod:.1%} on ({whose}) are spoken of",
        )
    expected = clonal_fraction(purity)
    power = detection_power(depth, expected, reads)
    if expected < lod:
        return result(
            MarkerState.INCONCLUSIVE,
            power,
            f"at {purity:.0%} tumour cells a clonal variant has {expected:.1%}, below {lod:.1%} ({whose})",
        )
    if power < ENOUGH_POWER:
        return result(
            MarkerState.INCONCLUSIVE,
            power,
            f"depth {depth}x ({kind}) shows a clonal variant of {expected:.1%} with {power:.0%} power only",
        )
    minimum = assay.minimum_purity if assay is not None else None
    if minimum is not None and purity < minimum:
        return result(
            MarkerState.INCONCLUSIVE,
            power,
            f"{purity:.0%} tumour cells, the assay is validated from {minimum:.0%} on",
        )
    return result(
        MarkerState.NOT_DETECTED,
        power,
        f"depth {depth}x ({kind}), power {said_power(power)} for a clonal variant of {expected:.1%}",
    )


@dataclass(slots=True, frozen=True)
class Adequacy:
    """Verdict on the sample: adequate, limited, inadequate or not_stated, with its reasons."""

    verdict: str
    reasons: tuple[str, ...]


def judge_adequacy(
    states: Iterable[MarkerState], assay: Assay | None, purity: float | None, coverage: Coverage | None
) -> Adequacy:
    """Whether the sample allows the answers that were asked of it (R2).

    Parameters
    ----------
    states
        States of the pertinent negatives.

    Returns
    -------
    Adequacy
        ``inadequate`` where the purity lies below the assay's minimum or a fifth of the judged regions failed or stayed
        inconclusive; ``limited`` where any did; ``not_stated`` without coverage or without an assay's minimum depth.
    """
    reasons: list[str] = []
    judged = [state for state in states if state is not MarkerState.NOT_ASSESSED]
    poor = [state for state in judged if state in (MarkerState.FAILED, MarkerState.INCONCLUSIVE)]
    minimum = assay.minimum_purity if assay is not None else None
    low_purity = purity is not None and minimum is not None and purity < minimum
    if low_purity and purity is not None and minimum is not None:
        reasons.append(f"tumour cells {purity:.0%}, the assay needs {minimum:.0%}")
    if poor:
        reasons.append(f"{len(poor)} of {len(judged)} pertinent regions are below coverage or without power")
    if low_purity or (judged and len(poor) / len(judged) >= FAILED_SHARE):
        return Adequacy("inadequate", tuple(reasons))
    if coverage is None:
        return Adequacy("not_stated", (*reasons, "coverage data were not supplied"))
    if not judged:
        return Adequacy("not_stated", (*reasons, "no pertinent region could be judged"))
    if purity is None:
        reasons.append("the purity is not given")
    return Adequacy("limited" if reasons else "adequate", tuple(reasons))


def regions_of_text(text: str) -> tuple[Region, ...]:
    """Parse ``7:55174772-55174793|7:…`` (1-based, both included) as the knowledge tables write regions.

    Raises
    ------
    ValueError
        If a part has another form; the lint of the tables reports it with its row.
    """
    regions = []
    for part in filter(None, text.split("|")):
        chrom, _, span = part.partition(":")
        start, _, end = span.partition("-")
        region = Region(chrom, int(start), int(end or start))
        if not chrom or region.start < 1 or region.end < region.start:
            raise ValueError(f"{part!r} is no region")
        regions.append(region)
    return tuple(regions)


def worst(states: Mapping[str, MarkerState]) -> MarkerState:
    """State of a group that is only as good as its worst member: one failed codon leaves a wild type inconclusive."""
    values = set(states.values())
    if MarkerState.DETECTED in values:
        return MarkerState.DETECTED
    if values == {MarkerState.NOT_DETECTED}:
        return MarkerState.NOT_DETECTED
    if values <= {MarkerState.NOT_ASSESSED}:
        return MarkerState.NOT_ASSESSED
    return MarkerState.INCONCLUSIVE
