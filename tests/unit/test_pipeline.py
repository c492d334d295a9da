"""From VCF text to reported variants: what is no call is not reported, order never decides, and the ledger balances."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.pipeline import read_variants
from targetboard.request import Request, SampleVariants

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=7,length=159345973>\n##contig=<ID=12,length=133275309>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
)
L858R = "7\t55191822\t.\tT\tG\t.\t{filter}\t.\tGT:AD\t{values}\n"


@pytest.fixture(scope="module")
def base(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


def read(tmp_path: Path, base: KnowledgeBase, body: str, samples: str = "T", **options: str) -> SampleVariants:
    path = tmp_path / "in.vcf"
    path.write_text(HEADER + samples + "\n" + body, encoding="utf-8")
    found = read_variants(Request(path, Assembly.GRCH38, **options), base, tmp_path)  # type: ignore[arg-type]
    assert found.ledger.balances()
    return found


@pytest.mark.parametrize(
    ("values", "text_filter"),
    [
        ("0/0:400,0", "PASS"),
        ("0/1:400,0", "PASS"),
        ("0/0:398,2", "PASS"),
        ("./.:.", "PASS"),
        ("0/0:.", "PASS"),
        ("0/1:300,100", "RefCall"),
        ("./.:300,100", "NOCALL"),
    ],
)
def test_a_curated_allele_that_was_not_called_is_no_driver(
    tmp_path: Path, base: KnowledgeBase, values: str, text_filter: str
) -> None:
    found = read(tmp_path, base, L858R.format(filter=text_filter, values=values))
    assert found.variants == []
    assert found.ledger.filtered == {"not called in the tumour": 1}
    assert "EGFR p.Leu858Arg" in found.limitations["positions_not_called"]


@pytest.mark.parametrize("values", ["0/1:300,100", "1/1:3,300", "0|1:300,100", ".:300,100", "0/0:300,100"])
def test_a_called_allele_is_reported(tmp_path: Path, base: KnowledgeBase, values: str) -> None:
    found = read(tmp_path, base, L858R.format(filter="PASS", values=values))
    assert [variant.matches[0].alteration_id for variant in found.variants] == ["EGFR_L858R"]


def test_only_the_named_tumour_speaks(tmp_path: Path, base: KnowledgeBase) -> None:
    body = L858R.format(filter="PASS", values="0/1:300,100\t0/0:350,0")
    assert len(read(tmp_path, base, body, "A\tB", tumour_sample="A", normal_sample="B").variants) == 1
    assert read(tmp_path, base, body, "A\tB", tumour_sample="B", normal_sample="A").variants == []


def test_the_better_supported_of_two_records_wins_in_any_order(tmp_path: Path, base: KnowledgeBase) -> None:
    lines = [
        L858R.format(filter="PASS", values="0/1:284,128"),
        L858R.format(filter="weak_evidence", values="0/1:200,190"),
        L858R.format(filter="PASS", values="0/1:390,10"),
    ]
    results = []
    for order in itertools.permutations(lines):
        found = read(tmp_path, base, "".join(order))
        (variant,) = found.variants
        results.append((variant.observation.alt_depth, variant.observation.filter, len(variant.notes)))
        assert found.ledger.filtered == {"second record of a reported allele": 2}
        assert any("two records state this allele" in warning for warning in found.warnings)
    assert set(results) == {(128, "PASS", 2)}


def test_identical_records_are_counted_once_without_a_note(tmp_path: Path, base: KnowledgeBase) -> None:
    found = read(tmp_path, base, L858R.format(filter="PASS", values="0/1:300,100") * 2)
    assert found.ledger.filtered == {"duplicate of a reported allele": 1}
    assert found.variants[0].notes == ()


@pytest.mark.parametrize("position", ["7\t55259515\t.\tT\tG", "12\t25398285\t.\tC\tA"])
def test_one_curated_allele_of_the_other_build_is_enough_where_nothing_speaks_for_this_one(
    tmp_path: Path, base: KnowledgeBase, position: str
) -> None:
    from targetboard.errors import BuildMismatch

    path = tmp_path / "in.vcf"
    header = "\n".join(line for line in HEADER.split("\n") if "contig" not in line)
    path.write_text(f"{header}T\n{position}\t.\tPASS\t.\tGT:AD\t0/1:300,100\n", encoding="utf-8")
    with pytest.raises(BuildMismatch, match="looks like GRCh37"):
        read_variants(Request(path, Assembly.GRCH38), base, tmp_path)


def test_a_breakend_pair_is_one_fusion_in_sense(tmp_path: Path, base: KnowledgeBase) -> None:
    body = (
        "2\t29223528\tB1\tA\tA]2:42295516]\t.\tPASS\tSVTYPE=BND;MATEID=B2\tPR:SR\t40,9:33,12\n"
        "2\t42295516\tB2\tC\tC]2:29223528]\t.\tPASS\tSVTYPE=BND;MATEID=B1\tPR:SR\t40,9:33,12\n"
    )
    found = read(tmp_path, base, body)
    (fusion,) = found.fusions
    assert (fusion.five_prime, fusion.three_prime, fusion.oriented, fusion.reads) == ("EML4", "ALK", True, 21)
    assert found.ledger.unparsed == {"breakend": 2}


@pytest.mark.parametrize(("text_filter", "reads"), [("MinSomaticScore", "40,9:33,12"), ("PASS", "40,0:33,0")])
def test_a_rejected_or_unsupported_breakend_is_no_fusion(
    tmp_path: Path, base: KnowledgeBase, text_filter: str, reads: str
) -> None:
    body = f"2\t29223528\tB1\tA\tA]2:42295516]\t.\t{text_filter}\tSVTYPE=BND\tPR:SR\t{reads}\n"
    assert read(tmp_path, base, body).fusions == []
