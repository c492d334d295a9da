"""The annotated VCF may hold all records, those with a verdict, or not be written."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pysam
import pytest

from targetboard.cli import main

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=7,length=159345973>\n##contig=<ID=12,length=133275309>\n"
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
)
LINES = [
    "7\t1000\t.\tA\tG\t.\tPASS\t.\tGT:AD\t0/1:30,30\n",
    "7\t55191822\tknown\tT\tG\t.\tPASS\t.\tGT:AD\t0/1:300,100\n",
    "7\t55191823\t.\tG\tA\t.\tPASS\t.\tGT:AD\t0/1:30,30\n",
    "12\t25245350\talso\tC\tT\t.\tPASS\t.\tGT:AD\t0/1:300,100\n",
    "12\t100000000\t.\tC\tT\t.\tPASS\t.\tGT:AD\t0/1:30,10\n",
]


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "in.vcf.gz"
    with pysam.BGZFile(str(path), "wb", None) as stream:
        stream.write((HEADER + "".join(LINES)).encode())
    return path


def annotate(root: Path, vcf: Path, out: Path, kind: str, *more: str) -> dict[str, Any]:
    words = ["annotate", "--vcf", str(vcf), "--sample-id", "S", "--assembly", "GRCh38", "--tumour-type", "NSCLC"]
    words += ["--knowledge", str(root / "resources/knowledge"), "--out", str(out), "--annotated-vcf", kind, *more]
    assert main(words) == 0
    document: dict[str, Any] = json.loads((out / "S.json").read_text(encoding="utf-8"))
    return document


def records(path: Path) -> list[str]:
    return [line for line in gzip.decompress(path.read_bytes()).decode().splitlines() if not line.startswith("#")]


def without_numbers(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**one, "input": {**one["input"], "record": 0, "line": 0}} for one in document["variants"]]


@pytest.mark.parametrize("indexed", [False, True])
def test_hits_are_the_annotated_records_of_the_full_file(root: Path, vcf: Path, tmp_path: Path, indexed: bool) -> None:
    full = annotate(root, vcf, tmp_path / "full", "full")
    if indexed:
        pysam.tabix_index(str(vcf), preset="vcf", force=True)
    hits = annotate(root, vcf, tmp_path / "hits", "hits")
    wanted = [line for line in records(tmp_path / "full/S.annotated.vcf.gz") if "TB_CLASS=" in line]
    assert [line.split("\t")[2] for line in wanted] == ["known", "also"]
    assert records(tmp_path / "hits/S.annotated.vcf.gz") == wanted
    assert without_numbers(hits) == without_numbers(full)
    assert hits["therapies"] == full["therapies"]
    assert hits["provenance"]["inputs"][0]["sha256"] == full["provenance"]["inputs"][0]["sha256"]
    said = [found["code"] for found in hits["limitations"]]
    assert ("restricted_to_index" in said) is indexed
    assert full["ledger"]["records_in"] == 5
    assert hits["ledger"]["records_in"] == (3 if indexed else 5)
    with pysam.TabixFile(str(tmp_path / "hits/S.annotated.vcf.gz")) as table:
        assert len(list(table.fetch("12", 25245349, 25245350))) == 1


def test_an_index_older_than_its_file_is_not_used(root: Path, vcf: Path, tmp_path: Path) -> None:
    pysam.tabix_index(str(vcf), preset="vcf", force=True)
    index = vcf.with_name("in.vcf.gz.tbi")
    before = vcf.stat().st_mtime - 100
    os.utime(index, (before, before))
    document = annotate(root, vcf, tmp_path / "out", "hits")
    assert document["ledger"]["records_in"] == 5
    assert "restricted_to_index" not in {found["code"] for found in document["limitations"]}


def test_none_leaves_no_annotated_vcf(root: Path, vcf: Path, tmp_path: Path) -> None:
    annotate(root, vcf, tmp_path / "out", "full")
    assert (tmp_path / "out/S.annotated.vcf.gz").is_file()
    annotate(root, vcf, tmp_path / "out", "none")
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["S.actions.tsv", "S.json", "S.variants.tsv"]


def test_the_whole_file_may_be_written_by_its_index(root: Path, vcf: Path, tmp_path: Path) -> None:
    pysam.tabix_index(str(vcf), preset="vcf", force=True)
    full = annotate(root, vcf, tmp_path / "full", "full")
    by_index = annotate(root, vcf, tmp_path / "index", "full", "--restrict-to-index")
    written = [gzip.decompress((tmp_path / name / "S.annotated.vcf.gz").read_bytes()) for name in ("full", "index")]
    assert written[0] == written[1]
    assert written[0].count(b"TB_CLASS=") == 2
    assert without_numbers(by_index) == without_numbers(full)
    assert by_index["ledger"]["records_in"] == 3
    assert "restricted_to_index" in {found["code"] for found in by_index["limitations"]}
    assert by_index["provenance"]["parameters"]["restrict_to_index"] is True
    assert "restrict_to_index" not in full["provenance"]["parameters"]
    with pysam.TabixFile(str(tmp_path / "index/S.annotated.vcf.gz")) as table:
        assert [text.split("\t")[2] for text in table.fetch("12")] == ["also", "."]


def test_without_an_annotated_vcf_the_index_may_be_used_too(root: Path, vcf: Path, tmp_path: Path) -> None:
    pysam.tabix_index(str(vcf), preset="vcf", force=True)
    assert annotate(root, vcf, tmp_path / "out", "none", "--restrict-to-index")["ledger"]["records_in"] == 3
    assert annotate(root, vcf, tmp_path / "all", "none")["ledger"]["records_in"] == 5


def test_without_an_index_all_is_read(root: Path, vcf: Path, tmp_path: Path) -> None:
    document = annotate(root, vcf, tmp_path / "out", "full", "--restrict-to-index")
    assert document["ledger"]["records_in"] == 5
    assert "restricted_to_index" not in {found["code"] for found in document["limitations"]}
