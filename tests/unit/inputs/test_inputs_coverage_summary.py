"""The coverage of a document answers like the file it came from, or lower, never higher."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.inputs.coverage import Coverage, Stretch
from targetboard.inputs.coverage_summary import coverage_entry, coverage_of_entry


def test_no_coverage_stays_none() -> None:
    assert coverage_entry(None, 200) is None
    assert coverage_of_entry(None) is None


def test_a_table_is_kept_as_it_was() -> None:
    table = Coverage("table", {"7": (Stretch(11, 20, 650.25, 520), Stretch(31, 40, 80.0, None))})
    entry = coverage_entry(table, 200)
    assert entry == {"kind": "table", "stretches": {"7": ["11-20:650.2:520", "31-40:80:"]}}
    assert coverage_of_entry(entry) == Coverage(
        "table", {"7": (Stretch(11, 20, 650.2, 520), Stretch(31, 40, 80.0, None))}
    )


def test_thresholds_keep_their_counts() -> None:
    thresholds = Coverage("thresholds", {"1": (Stretch(1, 100, None, None, {200: 90, 100: 100}),)})
    entry = coverage_entry(thresholds, 200)
    assert entry == {"kind": "thresholds", "stretches": {"1": ["1-100:::100=100,200=90"]}}
    read = coverage_of_entry(entry)
    assert read is not None
    assert read.share_at_least("1", 1, 100, 200) == 0.9


def test_a_wrong_text_is_refused() -> None:
    with pytest.raises(ValueError, match="no stretch"):
        coverage_of_entry({"kind": "table", "stretches": {"1": ["1-100"]}})


@given(
    depths=st.lists(st.integers(0, 600), min_size=1, max_size=60),
    minimum=st.sampled_from([None, 50, 200]),
    place=st.tuples(st.integers(1, 60), st.integers(0, 20)),
)
def test_joined_runs_never_promise_more_depth(depths: list[int], minimum: int | None, place: tuple[int, int]) -> None:
    runs = tuple(Stretch(index, index, float(depth), depth) for index, depth in enumerate(depths, start=1))
    whole = Coverage("per-base", {"7": runs})
    entry = coverage_entry(whole, minimum)
    assert entry is not None
    joined = coverage_of_entry(entry)
    assert joined is not None
    start, end = place[0], place[0] + place[1]
    given_depth, kept = whole.over("7", start, end), joined.over("7", start, end)
    assert kept.lowest is not None
    assert given_depth.lowest is not None
    assert kept.lowest <= given_depth.lowest
    if minimum is not None:
        assert (kept.lowest >= minimum) == (given_depth.lowest >= minimum)
    assert len(entry["stretches"]["7"]) <= len(runs)
