"""Cancer cell fraction and expected allele fractions from purity and copy number (rule R1).

A variant on ``m`` of the ``n`` tumour copies in all tumour cells of a sample of purity ``p`` has the expected allele
fraction ``p m / (p n + 2 (1 - p))``; an inherited one adds its single copy in the normal cells to the numerator.
"""

from __future__ import annotations

from targetboard.classify.intervals import wilson_interval
from targetboard.model import Observation

NORMAL_COPIES = 2
DEFAULT_COPIES = 2.0


def read_interval(observation: Observation) -> tuple[float, float] | None:
    """95 % Wilson interval of the allele fraction; None without usable read counts."""
    if observation.alt_depth is None or not observation.depth or not 0 <= observation.alt_depth <= observation.depth:
        return None
    return wilson_interval(observation.alt_depth, observation.depth)


def copies_per_cell(purity: float, copies: float) -> float:
    """Mean copies of the locus over tumour and normal cells."""
    return purity * copies + NORMAL_COPIES * (1 - purity)


def somatic_fraction(purity: float, copies: float, mutated: float) -> float:
    """Expected allele fraction of a somatic variant on ``mutated`` copies in all tumour cells."""
    return purity * mutated / copies_per_cell(purity, copies)


def inherited_fraction(purity: float, copies: float, mutated: float) -> float:
    """Expected allele fraction of an inherited heterozygous variant with ``mutated`` copies in the tumour cells."""
    return (purity * mutated + (1 - purity)) / copies_per_cell(purity, copies)


def cancer_cell_fraction(
    observation: Observation, purity: float | None, copies: float | None = None
) -> tuple[float, float] | None:
    """Interval of the fraction of tumour cells that carry the variant.

    Parameters
    ----------
    observation
        Read counts of the variant.
    purity
        Fraction of tumour cells, 0…1.
    copies
        Tumour copy number of the locus; 2 where it is not known.

    Returns
    -------
    tuple[float, float] or None
        Bounds 0…1 for one mutated copy a cell: the most cells that the reads can mean. None without purity, without
        read counts, or where the locus is lost in the tumour (a variant seen there has no defined fraction).
    """
    interval = read_interval(observation)
    copies = DEFAULT_COPIES if copies is None else copies
    if interval is None or not purity or copies < 1:
        return None
    factor = copies_per_cell(purity, copies) / purity
    return (min(1.0, interval[0] * factor), min(1.0, interval[1] * factor))
