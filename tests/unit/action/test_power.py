"""Power by the binomial, against the figures of the field's guidance and simple bounds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.action.power import clonal_fraction, detection_power, lowest_detectable_fraction, said_power


@pytest.mark.parametrize(
    ("fraction", "depth", "power"),
    [
        (0.05, 100, 0.56),
        (0.05, 200, 0.974),
        (0.05, 300, 0.999),
        (0.02, 200, 0.37),
        (0.02, 500, 0.972),
        (0.01, 500, 0.56),
        (0.01, 1000, 0.971),
        (0.005, 1000, 0.56),
        (0.005, 2000, 0.971),
    ],
)
def test_five_reads_at_published_depths(fraction: float, depth: int, power: float) -> None:
    assert detection_power(depth, fraction, 5) == pytest.approx(power, abs=0.006)


def test_clonal_fraction() -> None:
    assert clonal_fraction(0.6) == pytest.approx(0.3)
    assert clonal_fraction(1.0, copies=1) == 1.0
    assert clonal_fraction(0.5, copies=4, mutated_copies=3) == pytest.approx(1.5 / 3)


@given(st.integers(0, 3000), st.floats(0, 1), st.integers(1, 20))
def test_power_is_a_probability_and_grows_with_depth(depth: int, fraction: float, reads: int) -> None:
    power = detection_power(depth, fraction, reads)
    assert 0 <= power <= 1
    assert detection_power(depth + 50, fraction, reads) >= power - 1e-9


@given(st.integers(5, 5000), st.integers(1, 20))
def test_lowest_fraction_is_just_detectable(depth: int, reads: int) -> None:
    lowest = lowest_detectable_fraction(depth, reads)
    if lowest is None:
        assert depth < reads
    else:
        assert detection_power(depth, lowest, reads) >= 0.95
        assert detection_power(depth, lowest * 0.98, reads) < 0.95


def test_too_shallow_detects_nothing() -> None:
    assert lowest_detectable_fraction(4, 5) is None
    assert detection_power(4, 1.0, 5) == 0.0


def test_a_power_is_never_called_certain() -> None:
    assert said_power(0.99996) == "over 99.9%"
    assert said_power(1.0) == "over 99.9%"
    assert said_power(0.9) == "90.0%"
