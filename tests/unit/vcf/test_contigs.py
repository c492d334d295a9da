"""Chromosome names of both builds, and telling the builds apart by declared lengths."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.errors import BuildMismatch, ExitCode
from targetboard.model import Assembly, VcfHeader
from targetboard.vcf.contigs import ACCESSIONS, CHROMOSOMES, LENGTHS, check_contig_lengths, harmonise

GRCH37, GRCH38 = Assembly.GRCH37, Assembly.GRCH38


def header(**contigs: int | None) -> VcfHeader:
    return VcfHeader((), (), contigs, {}, {}, ())


def lengths(assembly: Assembly, *names: str, prefix: str = "") -> dict[str, int | None]:
    return {f"{prefix}{name}": LENGTHS[assembly][name] for name in names}


@pytest.mark.parametrize("assembly", list(Assembly))
def test_every_chromosome_has_one_accession_and_one_length(assembly: Assembly) -> None:
    assert sorted(ACCESSIONS[assembly].values()) == sorted(set(CHROMOSOMES) - {"MT"})
    assert set(LENGTHS[assembly]) == set(CHROMOSOMES)
    for name in CHROMOSOMES:
        assert harmonise(name, assembly) == harmonise(f"chr{name}", assembly) == name


def test_builds_share_no_accession_and_no_nuclear_length() -> None:
    assert not set(ACCESSIONS[GRCH37]) & set(ACCESSIONS[GRCH38])
    for name in set(CHROMOSOMES) - {"MT"}:
        assert LENGTHS[GRCH37][name] != LENGTHS[GRCH38][name]


@pytest.mark.parametrize(
    ("name", "assembly", "expected"),
    [
        ("chr7", GRCH37, "7"),
        ("Chr7", GRCH38, "7"),
        ("CHRX", GRCH38, "X"),
        ("chrM", GRCH37, "MT"),
        ("M", GRCH37, "MT"),
        ("MT", GRCH38, "MT"),
        ("chrMT", GRCH38, "MT"),
        ("NC_012920.1", GRCH37, "MT"),
        ("NC_012920.1", GRCH38, "MT"),
        ("NC_000007.13", GRCH37, "7"),
        ("NC_000007.14", GRCH38, "7"),
        ("NC_000023.11", GRCH38, "X"),
        ("NC_000024.9", GRCH37, "Y"),
        ("hs37d5", GRCH37, None),
        ("GL000192.1", GRCH37, None),
        ("chrUn_KI270302v1", GRCH38, None),
        ("chr1_KI270706v1_random", GRCH38, None),
        ("HLA-A*01:01:01:01", GRCH38, None),
        ("NT_187361.1", GRCH38, None),
        ("NC_007605", GRCH37, None),
        ("NC_001807.4", GRCH37, None),
        ("chr", GRCH37, None),
        ("chr23", GRCH37, None),
        ("07", GRCH37, None),
        ("chrchr7", GRCH37, None),
        ("", GRCH37, None),
    ],
)
def test_harmonise(name: str, assembly: Assembly, expected: str | None) -> None:
    assert harmonise(name, assembly) == expected


@pytest.mark.parametrize(
    ("name", "assembly", "message"),
    [
        ("NC_000007.13", GRCH38, "belongs to GRCh37"),
        ("NC_000007.14", GRCH37, "belongs to GRCh38"),
        ("NC_000007.12", GRCH37, "belongs to neither"),
    ],
)
def test_an_accession_of_another_build_is_a_mismatch(name: str, assembly: Assembly, message: str) -> None:
    with pytest.raises(BuildMismatch, match=message) as caught:
        harmonise(name, assembly)
    assert caught.value.code == ExitCode.BUILD_MISMATCH
    assert caught.value.remedy


@pytest.mark.parametrize("assembly", list(Assembly))
def test_right_lengths_are_silent(assembly: Assembly) -> None:
    assert check_contig_lengths(header(**lengths(assembly, *CHROMOSOMES, prefix="chr")), assembly) == ()
    assert check_contig_lengths(header(**dict.fromkeys(CHROMOSOMES), hs37d5=35477943), assembly) == ()


@pytest.mark.parametrize("names", [CHROMOSOMES, ("21",), ("7", "X")])
def test_lengths_of_the_other_build_are_refused(names: tuple[str, ...]) -> None:
    for stated, real in ((GRCH37, GRCH38), (GRCH38, GRCH37)):
        with pytest.raises(BuildMismatch, match=f"equal {real.value} and 0 equal {stated.value}") as caught:
            check_contig_lengths(header(**lengths(real, *names)), stated)
        assert f"--assembly {real.value}" in caught.value.remedy


def test_one_odd_length_is_a_warning() -> None:
    right = lengths(GRCH37, "1", "2", "3")
    (odd,) = check_contig_lengths(header(**{**right, "7": 12345}), GRCH37)
    assert "12345" in odd
    assert "159138663" in odd
    (foreign,) = check_contig_lengths(header(**{**right, **lengths(GRCH38, "7")}), GRCH37)
    assert "as in GRCh38" in foreign
    assert len(check_contig_lengths(header(**{"7": 12345}), GRCH37)) == 1


def test_the_old_mitochondrial_sequence_of_hg19_is_named() -> None:
    (warning,) = check_contig_lengths(header(chrM=16571, **lengths(GRCH37, "1", prefix="chr")), GRCH37)
    assert "hg19" in warning
    (warning,) = check_contig_lengths(header(chrM=5), GRCH38)
    assert "16569" in warning


@pytest.mark.real_data
@pytest.mark.parametrize("assembly", list(Assembly))
def test_lengths_equal_those_of_the_reference_sequences(shared_data: Path, assembly: Assembly) -> None:
    index = (shared_data / "reference" / f"{assembly.value}.sparse.fa.gz.fai").read_text()
    found = {row.split("\t")[0]: int(row.split("\t")[1]) for row in index.splitlines()}
    expected = {name: length for name, length in LENGTHS[assembly].items() if name != "MT"}
    assert {name: found[name] for name in expected} == expected
