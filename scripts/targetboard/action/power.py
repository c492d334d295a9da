"""What a depth can show: chance to see a variant, and the lowest fraction that would be seen (rule R1)."""

from __future__ import annotations

import math

ENOUGH_POWER = 0.95
"""Power below which an absence is not stated."""


def clonal_fraction(purity: float, copies: float = 2.0, mutated_copies: float = 1.0) -> float:
    """Allele fraction expected of a variant in every tumour cell, the rest of the sample being diploid.

    ``purity * m / (purity * copies + 2 * (1 - purity))``; ``purity / 2`` for one of two copies.
    """
    return purity * mutated_copies / (purity * copies + 2 * (1 - purity))


def detection_power(depth: int, fraction: float, alt_reads: int) -> float:
    """Chance that at least ``alt_reads`` of ``depth`` reads carry a variant of this fraction (binomial).

    Parameters
    ----------
    depth
        Reads over the position.
    fraction
        True allele fraction, 0…1.
    alt_reads
        Reads a call needs.
    """
    if depth < alt_reads:
        return 0.0
    if fraction <= 0:
        return 1.0 if alt_reads <= 0 else 0.0
    if fraction >= 1:
        return 1.0
    log_miss, log_hit = math.log1p(-fraction), math.log(fraction)
    below = 0.0
    for count in range(alt_reads):
        ways = math.lgamma(depth + 1) - math.lgamma(count + 1) - math.lgamma(depth - count + 1)
        below += math.exp(ways + count * log_hit + (depth - count) * log_miss)
    return min(1.0, max(0.0, 1.0 - below))


def said_power(power: float) -> str:
    """A power in words; near one it is never called certain."""
    return "over 99.9%" if power >= 0.9995 else f"{power:.1%}"


def lowest_detectable_fraction(depth: int, alt_reads: int, power: float = ENOUGH_POWER) -> float | None:
    """Lowest allele fraction that is seen with the given power; None where even 100 % would not be."""
    if detection_power(depth, 1.0, alt_reads) < power:
        return None
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        if detection_power(depth, middle, alt_reads) >= power:
            high = middle
        else:
            low = middle
    return high
