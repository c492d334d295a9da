"""Interval estimates of proportions: how much a variant allele fraction from few reads can say."""

from __future__ import annotations

from math import sqrt

# Two-sided 95 %: the 0.975 quantile of the standard normal distribution.
Z_95 = 1.959963984540054


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson score interval of a binomial proportion.

    Parameters
    ----------
    successes
        Reads that carry the allele.
    trials
        Reads in total.
    z
        Normal quantile; the default gives 95 %.

    Returns
    -------
    tuple[float, float]
        Lower and upper bound as fractions 0…1.

    Raises
    ------
    ValueError
        Without reads, or for counts that cannot be (``successes`` below 0 or above ``trials``).

    Notes
    -----
    Wilson 1927, doi:10.1080/01621459.1927.10502953. Unlike the normal approximation it stays inside 0…1 and is usable
    for the few reads of a subclonal variant.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no proportion")
    proportion = successes / trials
    denominator = 1 + z * z / trials
    centre = (proportion + z * z / (2 * trials)) / denominator
    half_width = z / denominator * sqrt(proportion * (1 - proportion) / trials + z * z / (4 * trials * trials))
    lower = 0.0 if successes == 0 else max(0.0, centre - half_width)
    upper = 1.0 if successes == trials else min(1.0, centre + half_width)
    return (lower, upper)
