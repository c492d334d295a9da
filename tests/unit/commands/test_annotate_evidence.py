"""``annotate`` with frequencies, scores, purity and phase: what reaches the document, and what stays out of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pysam
import pytest
from jsonschema import Draft202012Validator

from targetboard.cli import main

CHR7 = 159138663
HEADER = (
    "##fileformat=VCFv4.2\n"
    f"##contig=<ID=7,length={CHR7}>\n"
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    'Format: Allele|Consequence|SYMBOL|Feature|EXON|HGVSc|HGVSp|CANONICAL">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR\n"
)
EGFR = "missense_variant|EGFR|ENST00000275493|20/28"


def record(pos: int, ref: str, alt: str, csq: str, sample: str) -> str:
    return f"7\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={alt}|{csq}\tGT:PS:AD\t{sample}\n"


def annotate(tmp_path: Path, body: str, *options: str) -> dict[str, Any]:
    vcf = tmp_path / "s.vcf"
    vcf.write_text(HEADER + body, encoding="ascii")
    out = tmp_path / "out"
    command = ["annotate", "--vcf", str(vcf), "--sample-id", "S", "--assembly", "GRCh37", "--tumour-type", "LUAD"]
    assert main([*command, "--out", str(out), *options]) == 0
    document: dict[str, Any] = json.loads((out / "S.json").read_text(encoding="utf-8"))
    return document


def table(tmp_path: Path, name: str, rows: str) -> str:
    plain = tmp_path / f"{name}.vcf"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    plain.write_text(f"##fileformat=VCFv4.2\n##contig=<ID=chr7,length={CHR7}>\n{columns}{rows}", encoding="ascii")
    return str(pysam.tabix_index(str(plain), preset="vcf", force=True))


def codes(variant: dict[str, Any], status: str) -> list[str]:
    return [c["code"] for c in variant["oncogenicity"]["criteria"] if c["status"] == status]


V600E = record(
    140453136, "A", "T", "missense_variant|BRAF|ENST00000288602|15/18|c.1799T>A|p.Val600Glu|YES", "0/1:.:150,50"
)


def test_joined_evidence_is_in_the_document(tmp_path: Path, root: Path) -> None:
    frequencies = table(tmp_path, "gnomad", "chr7\t140453136\t.\tA\tT\t.\tPASS\tAF_grpmax=0.00001\n")
    scores = table(tmp_path, "scores", "chr7\t140453136\t.\tA\tT\t.\t.\tREVEL=0.93;PhyloP=9.2\n")
    document = annotate(tmp_path, V600E, "--frequencies", frequencies, "--scores", scores, "--purity", "0.5")
    (variant,) = document["variants"]
    assert {"OP1", "OP4"} <= set(codes(variant, "met"))
    assert "population_unknown" not in variant["flags"]
    assert variant["ccf"][0] == pytest.approx(0.78, abs=0.03)
    assert variant["ccf"][1] == 1.0
    named = {entry["role"]: entry["name"] for entry in document["provenance"]["inputs"]}
    assert named == {"vcf": "s.vcf", "frequencies": "gnomad.vcf.gz", "scores": "scores.vcf.gz"}
    schema = json.loads((root / "workflow" / "schemas" / "document.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(document)] == []


def test_without_evidence_the_codes_stay_open_and_say_what_they_would_bring(tmp_path: Path) -> None:
    (variant,) = annotate(tmp_path, V600E)["variants"]
    assert {"OP1", "OP4", "SBVS1", "SBS1"} <= set(codes(variant, "not_evaluable"))
    assert any(sentence.startswith("+1 point: OP4") for sentence in variant["could_change"])
    assert variant["ccf"] is None
    low, high = variant["oncogenicity"]["points_range"]
    assert low < variant["oncogenicity"]["points"] < high


@pytest.mark.parametrize(("complete", "met"), [(False, False), (True, True)])
def test_absence_needs_the_users_word(tmp_path: Path, complete: bool, met: bool) -> None:
    frequencies = table(tmp_path, "gnomad", "chr7\t1000\t.\tA\tT\t.\tPASS\tAF_grpmax=0.1\n")
    options = ["--frequencies", frequencies, *(["--frequencies-complete"] if complete else [])]
    (variant,) = annotate(tmp_path, V600E, *options)["variants"]
    assert ("OP4" in codes(variant, "met")) is met


PAIR = {
    "cis": ("0|1:9:100,40", "0|1:9:100,38", "one haplotype (cis)"),
    "trans": ("0|1:9:100,40", "1|0:9:100,38", "two haplotypes (trans)"),
    "undetermined": ("0/1:.:100,40", "0/1:.:100,38", "is not determined"),
}


@pytest.mark.parametrize("relation", PAIR)
def test_t790m_and_c797s_have_three_wordings(tmp_path: Path, relation: str) -> None:
    one, other, words = PAIR[relation]
    body = record(55249071, "C", "T", f"{EGFR}|c.2369C>T|p.Thr790Met|YES", one)
    body += record(55249091, "T", "A", f"{EGFR}|c.2389T>A|p.Cys797Ser|YES", other)
    document = annotate(tmp_path, body)
    first, second = document["variants"]
    for variant in (first, second):
        (note,) = [n for n in variant["notes"] if n.startswith("EGFR T790M and EGFR C797S")]
        assert words in note
        assert "phase" not in " ".join(variant["flags"])


def test_a_broken_frequency_file_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vcf = tmp_path / "s.vcf"
    vcf.write_text(HEADER + V600E, encoding="ascii")
    plain = tmp_path / "plain.vcf"
    plain.write_text("##fileformat=VCFv4.2\n", encoding="ascii")
    command = ["annotate", "--vcf", str(vcf), "--sample-id", "S", "--assembly", "GRCh37", "--tumour-type", "LUAD"]
    assert main([*command, "--out", str(tmp_path / "out"), "--frequencies", str(plain)]) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "tabix" in error
    assert list((tmp_path / "out").iterdir()) == []


def test_a_stated_copy_number_changes_the_cell_fraction(tmp_path: Path) -> None:
    few = V600E.replace("150,50", "180,20")
    copies = tmp_path / "copies.tsv"
    copies.write_text("gene\tcopies\nBRAF\t6\n", encoding="ascii")
    (plain,) = annotate(tmp_path, few, "--purity", "0.6")["variants"]
    (gained,) = annotate(tmp_path, few, "--purity", "0.6", "--cna", str(copies))["variants"]
    assert "subclonal" in plain["flags"]
    assert any("copy number taken as 2" in note for note in plain["notes"])
    assert "subclonal" not in gained["flags"]
    # 0.6 * 6 + 0.4 * 2 copies a cell instead of 2
    assert gained["ccf"][0] == pytest.approx(2.2 * plain["ccf"][0], rel=1e-4)
