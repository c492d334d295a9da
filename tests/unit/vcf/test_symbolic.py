"""Symbolic alleles in bases: what is spelled out, and what is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.model import Allele, SourceRecord
from targetboard.vcf.reads import homopolymer_run, orientation_counts
from targetboard.vcf.reference import Reference
from targetboard.vcf.symbolic import LONGEST_EVENT, read_symbolic, spelled_out


@pytest.fixture
def reference(tmp_path: Path) -> Reference:
    sequence = "ACGTTTTTTTGCACACAGGC" + "N" * 10 + "ACGT" * 4000
    path = tmp_path / "r.fa"
    path.write_text(f">13\n{sequence}\n", encoding="ascii")
    (tmp_path / "r.fa.fai").write_text(
        f"13\t{len(sequence)}\t4\t{len(sequence)}\t{len(sequence) + 1}\n", encoding="ascii"
    )
    return Reference(path)


def record(alt: str, pos: int = 10, ref: str = "T", **info: str) -> SourceRecord:
    return SourceRecord(1, 5, "13", pos, "", ref, (alt,), ".", "PASS", info, (), {})


@pytest.mark.parametrize(
    ("alt", "info", "expected"),
    [
        ("<DEL>", {"END": "13"}, Allele("13", 10, "TGCA", "T")),
        ("<DEL>", {"SVLEN": "-3"}, Allele("13", 10, "TGCA", "T")),
        ("<DUP:TANDEM>", {"END": "13", "SVTYPE": "DUP"}, Allele("13", 10, "T", "TGCA")),
        ("<DUP>", {"SVLEN": "3"}, Allele("13", 10, "T", "TGCA")),
        ("<INS>", {"SVINSSEQ": "ggc", "END": "10"}, Allele("13", 10, "T", "TGGC")),
        ("<INS>", {"END": "10", "SVLEN": "300"}, None),
        ("<INV>", {"END": "13"}, None),
        ("<CNV>", {"END": "13"}, None),
        ("<DEL>", {"END": "13", "IMPRECISE": ""}, None),
        ("<DEL>", {"END": "25"}, None),  # unknown bases
        ("<DEL>", {}, None),
    ],
)
def test_spelled_out(reference: Reference, alt: str, info: dict[str, str], expected: Allele | None) -> None:
    found = record(alt, **info)
    event = read_symbolic(found, 0)
    assert (spelled_out(event, "13", found, reference) if event is not None else None) == expected


def test_bounds(reference: Reference) -> None:
    for length, known in ((LONGEST_EVENT, True), (LONGEST_EVENT + 1, False)):
        found = record("<DEL>", pos=31, ref="A", END=str(31 + length))
        event = read_symbolic(found, 0)
        assert event is not None
        assert (spelled_out(event, "13", found, reference) is not None) is known


def test_without_reference_or_with_another_base_nothing_is_spelled(reference: Reference) -> None:
    found = record("<DEL>", END="13")
    event = read_symbolic(found, 0)
    assert event is not None
    assert spelled_out(event, "13", found, None) is None
    wrong = record("<DEL>", ref="A", END="13")
    assert spelled_out(event, "13", wrong, reference) is None


@pytest.mark.parametrize(
    ("allele", "expected"),
    [
        (Allele("13", 3, "GT", "G"), 7),
        (Allele("13", 3, "G", "GTT"), 7),
        (Allele("13", 11, "GC", "G"), 1),
        (Allele("13", 11, "GCA", "G"), 0),
        (Allele("13", 3, "G", "T"), None),
        (Allele("13", 20, "CN", "C"), None),
    ],
)
def test_homopolymer(reference: Reference, allele: Allele, expected: int | None) -> None:
    assert homopolymer_run(allele, reference) == expected


@pytest.mark.parametrize(
    ("values", "index", "expected"),
    [
        ({"F1R2": "10,3,4", "F2R1": "9,0,8"}, 1, (4, 8)),
        ({"F1R2": "10,3"}, 0, None),
        ({"F1R2": "10,.", "F2R1": "9,1"}, 0, None),
        ({"F1R2": "10,3", "F2R1": "9,1"}, 1, None),
    ],
)
def test_orientation(values: dict[str, str], index: int, expected: tuple[int, int] | None) -> None:
    assert orientation_counts(values, index) == expected
