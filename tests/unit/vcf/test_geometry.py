"""Exon ends on the coding sequence, and exons that a deletion removes, on the toy reference."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.model import Allele
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.geometry import FIELD, LOST_FIELD, Geometry, exons_lost
from targetboard.vcf.reference import Reference
from targetboard.vcf.transcripts import Edit, Transcript

TOY = Path(__file__).resolve().parents[2] / "data" / "toy_reference"
PLUS = Transcript("T", "G", "1", 1, ((201, 320), (501, 620), (801, 1000)))
MINUS = Transcript("T", "G", "1", -1, ((201, 320), (501, 620), (801, 1000)))


def test_text_form() -> None:
    geometry = Geometry(240, (60, 180))
    assert Geometry.parse(geometry.text()) == geometry
    assert Geometry.parse(Geometry(90, ()).text()) == Geometry(90, ())
    assert Geometry.parse("") is None
    assert Geometry.parse("nonsense:1") is None


def test_spans_of_exons() -> None:
    geometry = Geometry(240, (-10, 60, 180, 260))
    assert [geometry.coding_span(exon) for exon in range(7)] == [None, None, (1, 60), (61, 180), (181, 240), None, None]
    assert geometry.last_junction == 260


@pytest.mark.parametrize(
    ("first", "last", "plus", "minus"),
    [
        (490, 630, (2, 2), (2, 2)),
        (501, 620, (2, 2), (2, 2)),
        (502, 620, None, None),
        (150, 620, (1, 2), (2, 3)),
        (100, 1100, (1, 3), (1, 3)),
        (330, 490, None, None),
    ],
)
def test_exons_lost(first: int, last: int, plus: tuple[int, int] | None, minus: tuple[int, int] | None) -> None:
    edit = Edit(first, "A" * (last - first + 1), "")
    assert exons_lost(PLUS, edit) == plus
    assert exons_lost(MINUS, edit) == minus
    assert exons_lost(PLUS, Edit(first, "", "ACGT")) is None


@pytest.mark.parametrize(
    ("first", "last", "terms", "lost"),
    [
        (480, 640, {"splice_acceptor_variant", "splice_donor_variant", "coding_sequence_variant"}, "2-2"),
        (190, 1010, {"transcript_ablation"}, "1-3"),
    ],
)
def test_a_deleted_exon_loses_both_its_sites(tmp_path: Path, first: int, last: int, terms: set[str], lost: str) -> None:
    with Reference(TOY / "toy.fa") as reference:
        bases = reference.fetch("1", first, last)
    allele = Allele("1", first, bases, bases[0])
    (found,) = compute_consequences([allele], TOY / "toy.fa", TOY / "toy.gff3", tmp_path)
    (one,) = [consequence for consequence in found if consequence.gene == "TOYA"]
    assert set(one.terms) == terms
    assert one.extra[LOST_FIELD] == lost
    if lost == "2-2":
        # 60 coding bases in exon 1, 120 in exon 2, 60 in exon 3
        assert one.extra[FIELD] == "240:60,180"
