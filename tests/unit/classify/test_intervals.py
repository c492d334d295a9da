from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.classify.intervals import wilson_interval


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    # Reference values: the interval's closed form worked out with z = 1.96 to four places.
    [(5, 100, (0.0215, 0.1118)), (50, 100, (0.4038, 0.5962)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0))],
)
def test_known_intervals(successes: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(successes, trials) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (5, 4), (-1, 10)])
def test_counts_that_cannot_be(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no proportion"):
        wilson_interval(successes, trials)


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_the_interval_holds_the_proportion(successes: int, trials: int) -> None:
    successes = min(successes, trials)
    lower, upper = wilson_interval(successes, trials)
    assert 0 <= lower <= successes / trials <= upper <= 1
