"""Coverage files: what they can tell, and what they cannot."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from targetboard.errors import MalformedInput, UsageError
from targetboard.inputs.coverage import Coverage, read_coverage
from targetboard.model import Assembly


def read(tmp_path: Path, name: str, text: str) -> Coverage:
    path = tmp_path / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return read_coverage(path, Assembly.GRCH38)


def test_per_base_is_exact_and_uncovered_bases_have_depth_zero(tmp_path: Path) -> None:
    found = read(tmp_path, "s.per-base.bed.gz", "chr7\t99\t110\t250\nchr7\t110\t120\t90\n")
    depth = found.over("7", 105, 115)
    assert (depth.lowest, depth.exact, depth.covered) == (90.0, True, 11)
    assert depth.mean == pytest.approx((6 * 250 + 5 * 90) / 11)
    assert found.over("7", 115, 125).lowest == 0.0
    assert found.over("8", 1, 9).lowest == 0.0
    assert found.share_at_least("7", 101, 120, 100) == 0.5


def test_regions_tell_means_only(tmp_path: Path) -> None:
    found = read(tmp_path, "s.regions.bed.gz", "7\t100\t200\tBRAF_ex15\t812.5\n7\t200\t300\tBRAF_ex16\t95\n")
    depth = found.over("7", 150, 250)
    assert (depth.lowest, depth.exact) == (95.0, False)
    assert found.over("7", 500, 510).lowest is None
    assert found.share_at_least("7", 150, 160, 100) is None


def test_four_column_regions_are_told_by_name(tmp_path: Path) -> None:
    assert read(tmp_path, "s.regions.bed", "7\t100\t200\t812.5\n").kind == "regions"


def test_thresholds_give_a_share_that_is_a_lower_bound(tmp_path: Path) -> None:
    text = "#chrom\tstart\tend\tregion\t100X\t500X\n7\t100\t200\tx\t90\t10\n"
    found = read(tmp_path, "s.thresholds.bed", text)
    assert found.kind == "thresholds"
    assert found.share_at_least("7", 101, 200, 100) == 0.9
    assert found.share_at_least("7", 101, 150, 100) == 0.8
    assert found.share_at_least("7", 101, 200, 250) == 0.1
    assert found.share_at_least("7", 101, 200, 1000) is None


def test_table_with_header(tmp_path: Path) -> None:
    found = read(tmp_path, "t.tsv", "chrom\tstart\tend\tmean_depth\tmin_depth\nchr7\t101\t200\t400\t120\n")
    depth = found.over("7", 150, 160)
    assert (depth.lowest, depth.mean, depth.exact) == (120.0, 400.0, True)


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.bed", "7\t100\n", "columns where 4"),
        ("a.bed", "7\tx\t200\t5\n", "'x' is no whole number"),
        ("a.bed", "7\t300\t200\t5\n", "ends before it begins"),
        ("a.regions.bed", "7\t100\t200\tx\tnan\n", "'nan' is no number"),
        ("a.regions.bed", "7\t100\t200\tx\t12,5\n", "'12,5' is no number"),
        ("t.tsv", "chrom\tstart\tend\n7\t1\t2\n", "'mean_depth' is missing"),
    ],
)
def test_wrong_coverage(tmp_path: Path, name: str, text: str, says: str) -> None:
    with pytest.raises(MalformedInput, match=says):
        read(tmp_path, name, text)


def test_missing_and_damaged_files(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read_coverage(tmp_path / "none.bed", Assembly.GRCH38)
    damaged = tmp_path / "x.bed.gz"
    damaged.write_bytes(gzip.compress(b"7\t1\t2\t3\n" * 999)[:-20])
    with pytest.raises(MalformedInput, match="damaged"):
        read_coverage(damaged, Assembly.GRCH38)
