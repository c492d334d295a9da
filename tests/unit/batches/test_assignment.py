"""Which batch a sample belongs to: stable, even, and untouched by other samples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.batches.assignment import (
    SINGLE_JOBS_UP_TO,
    batch_count,
    batch_index,
    batch_name,
    batch_names,
    batch_size_of,
    members,
    of_batch,
    parse_batch_name,
)
from targetboard.errors import UsageError

IDS = st.lists(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True), unique=True, max_size=60)


@pytest.mark.parametrize(
    ("setting", "samples", "size"),
    [
        ("auto", 1, 1),
        ("auto", SINGLE_JOBS_UP_TO, 1),
        ("auto", SINGLE_JOBS_UP_TO + 1, 16),
        ("auto", 500, 32),
        ("auto", 10_000, 64),
        (1, 5000, 1),
        (20, 3, 20),
        ("20", 3, 20),
    ],
)
def test_size_follows_the_setting(setting: int | str, samples: int, size: int) -> None:
    assert batch_size_of(setting, samples) == size


@pytest.mark.parametrize(
    ("samples", "size", "count"), [(1, 64, 1), (64, 64, 1), (65, 64, 2), (1000, 64, 16), (10000, 64, 256), (0, 5, 1)]
)
def test_count_is_a_power_of_two(samples: int, size: int, count: int) -> None:
    assert batch_count(samples, size) == count


def test_automatic_batches_grow_with_the_sheet() -> None:
    sheets = (51, 64, 65, 128, 129, 500, 1000, 1024, 1025, 10_000)
    counts = [batch_count(samples, batch_size_of("auto", samples)) for samples in sheets]
    assert counts == [4, 4, 8, 8, 16, 16, 16, 16, 32, 256]


def test_names_sort_as_their_numbers() -> None:
    assert batch_names(1) == ["1-of-1"]
    assert batch_names(16) == sorted(batch_names(16))
    assert [parse_batch_name(name) for name in batch_names(16)] == [(index, 16) for index in range(16)]
    assert batch_name(2, 16) == "03-of-16"


@pytest.mark.parametrize("name", ["", "3", "0-of-4", "5-of-4", "1-of-3", "1-of-0", "a-of-4", "1-of-131072", "-1-of-4"])
def test_a_wrong_name_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="names no batch"):
        parse_batch_name(name)


@given(IDS, st.integers(0, 6))
def test_every_sample_is_in_one_batch(ids: list[str], bits: int) -> None:
    count = 1 << bits
    batches = members(ids, count)
    assert sorted(name for batch in batches for name in batch) == sorted(ids)
    assert [of_batch(ids, name) for name in batch_names(count)] == batches


@given(IDS, st.integers(0, 6))
def test_twice_as_many_batches_split_each_in_two(ids: list[str], bits: int) -> None:
    assert all(batch_index(name, 2 << bits) >> 1 == batch_index(name, 1 << bits) for name in ids)


def test_assignment_never_changes() -> None:
    assert [batch_index(name, 16) for name in ("S1", "S2", "NSCLC-01")] == [3, 10, 7]


def test_batches_are_even() -> None:
    sizes = [len(batch) for batch in members([f"S{number:05d}" for number in range(10_000)], 64)]
    assert min(sizes) > 110
    assert max(sizes) < 205
