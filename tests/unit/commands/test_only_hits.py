"""A quick look: only alleles with a row of the knowledge tables, from the parts of a file that can hold one."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any

import pysam
import pytest

from targetboard.batches.settings import SampleKeys, sample_options, settings_of
from targetboard.cli import main
from targetboard.commands.report import FORMATS
from targetboard.config import complete_config, load_schema
from targetboard.samples import load_samples

FIELDS = "Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|Protein_position|Amino_acids|HGNC_ID"
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=7,length=159345973>\n##contig=<ID=12,length=133275309>\n"
    '##MutectVersion=2.2\n##tumor_sample=T\n##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">\n'
    f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {FIELDS}">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
)


def line(chrom: str, pos: int, name: str, change: str, entry: str, filter_: str = "PASS") -> str:
    ref, alt = change.split(">")
    return f"{chrom}\t{pos}\t{name}\t{ref}\t{alt}\t.\t{filter_}\tCSQ={alt}|{entry}\tGT:AD\t0/1:100,60\n"


def missense(symbol: str, hgnc: int, transcript: str, coding: str, protein: str, codon: int) -> str:
    return f"missense_variant|{symbol}|Transcript|{transcript}|{transcript}:{coding}|P:{protein}|{codon}||HGNC:{hgnc}"


EGFR = ("EGFR", 3236, "NM_005228.5")
LINES = [
    line("7", 1000, "far", "A>G", "intergenic_variant||||||||"),
    line("7", 55140000, "intron", "A>G", f"intron_variant|EGFR|Transcript|{EGFR[2]}|{EGFR[2]}:c.88+5A>G||||HGNC:3236"),
    line("7", 55155900, "uncertain", "C>G", missense(*EGFR, "c.850C>G", "p.Pro284Ala", 284)),
    line("7", 55191822, "known", "T>G", missense(*EGFR, "c.2573T>G", "p.Leu858Arg", 858)),
    line("7", 87550000, "rowless", "C>T", missense("ABCB1", 40, "NM_001348946.2", "c.1199G>A", "p.Ser400Asn", 400)),
    line("12", 25245350, "also", "C>T", missense("KRAS", 6407, "NM_004985.5", "c.35G>A", "p.Gly12Asp", 12)),
    line("12", 100000000, "outside", "C>T", "intergenic_variant||||||||"),
]  # fmt: skip


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "in.vcf.gz"
    with pysam.BGZFile(str(path), "wb", None) as stream:
        stream.write((HEADER + "".join(LINES)).encode())
    return path


def words(root: Path, vcf: Path, out: Path, *more: str) -> list[str]:
    found = ["annotate", "--vcf", str(vcf), "--sample-id", "S", "--assembly", "GRCh38", "--tumour-type", "NSCLC"]
    return [*found, "--knowledge", str(root / "resources/knowledge"), "--out", str(out), *more]


def annotate(root: Path, vcf: Path, out: Path, *more: str) -> dict[str, Any]:
    assert main(words(root, vcf, out, *more)) == 0
    document: dict[str, Any] = json.loads((out / "S.json").read_text(encoding="utf-8"))
    return document


def names(document: dict[str, Any]) -> list[str]:
    return [f"{variant['gene']} {variant['hgvsp']}" for variant in document["variants"]]


def told(variant: dict[str, Any]) -> dict[str, Any]:
    return {**variant, "input": {**variant["input"], "record": 0, "line": 0}}


@pytest.mark.parametrize("indexed", [False, True])
def test_only_alleles_with_a_row_are_reported(root: Path, vcf: Path, tmp_path: Path, indexed: bool) -> None:
    full = annotate(root, vcf, tmp_path / "full")
    assert names(full) == ["EGFR p.Pro284Ala", "EGFR p.Leu858Arg", "ABCB1 p.Ser400Asn", "KRAS p.Gly12Asp"]
    if indexed:
        pysam.tabix_index(str(vcf), preset="vcf", force=True)
    quick = annotate(root, vcf, tmp_path / "quick", "--only-hits")
    assert names(quick) == ["EGFR p.Leu858Arg", "KRAS p.Gly12Asp"]
    assert [told(one) for one in quick["variants"]] == [told(one) for one in full["variants"] if one["matches"]]
    assert quick["headline"][0]["kind"] == "unclear"
    assert quick["headline"][0]["text"].startswith("Quick look: ")
    assert [one["text"] for one in quick["headline"][1:]] == [one["text"] for one in full["headline"]]
    said = {found["code"] for found in quick["limitations"]}
    assert "only_hits" in said
    assert ("restricted_to_index" in said) is indexed
    assert quick["provenance"]["parameters"]["only_hits"] is True
    # ABCB1 has no row, so that its part of an indexed file is not read
    assert quick["ledger"]["records_in"] == (4 if indexed else 7)
    assert quick["ledger"]["filtered"]["no row of the knowledge tables matches"] == (1 if indexed else 2)
    written = gzip.decompress((tmp_path / "quick/S.annotated.vcf.gz").read_bytes()).decode().splitlines()
    assert [text.split("\t")[2] for text in written if not text.startswith("#")] == ["known", "also"]


def test_of_a_file_read_by_its_index_no_digest_is_taken(root: Path, vcf: Path, tmp_path: Path) -> None:
    pysam.tabix_index(str(vcf), preset="vcf", force=True)
    document = annotate(root, vcf, tmp_path / "out", "--only-hits")
    digest = hashlib.sha256(Path(f"{vcf}.tbi").read_bytes()).hexdigest()
    found = [(one["role"], one["name"], one["sha256"]) for one in document["provenance"]["inputs"]]
    assert found == [("vcf", "in.vcf.gz", ""), ("vcf_index", "in.vcf.gz.tbi", digest)]
    page = FORMATS["html"].render(document)
    assert "not taken: the file was not read as a whole" in str(page)
    assert "Quick look: " in str(page)


def test_coverage_is_refused(root: Path, vcf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    coverage = tmp_path / "coverage.tsv"
    coverage.write_text("x\n", encoding="utf-8")
    assert main(words(root, vcf, tmp_path / "out", "--only-hits", "--coverage", str(coverage))) == 2
    assert "--coverage shows what is absent, and --only-hits states no absence" in capsys.readouterr().err
    assert not (tmp_path / "out/S.json").exists()


def test_the_configuration_asks_for_it_and_leaves_coverage_out(root: Path, vcf: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "samples.tsv"
    head = "sample_id\tvcf\tassembly\ttumour_type\tcoverage\tmarkers\n"
    sheet.write_text(f"{head}S\t{vcf.name}\tGRCh38\tNSCLC\tdepth.tsv\tmarkers.tsv\n", encoding="utf-8")
    for name in ("depth.tsv", "markers.tsv"):
        (tmp_path / name).write_text("x\n", encoding="utf-8")
    (sample,) = load_samples(sheet).values()
    schema = load_schema(root / "workflow/schemas/config.schema.yaml")
    full, quick = (
        sample_options(sample, settings_of(complete_config({"samples": "samples.tsv", **more}, schema, "c"), tmp_path))
        for more in ({}, {"only_hits": True})
    )
    assert "--only-hits" not in full
    assert "--coverage" in full
    assert "--only-hits" in quick
    assert "--coverage" not in quick
    assert "--markers" in quick


def test_an_index_that_changes_makes_the_sample_again(root: Path, vcf: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "samples.tsv"
    sheet.write_text(f"sample_id\tvcf\tassembly\ttumour_type\nS\t{vcf.name}\tGRCh38\tNSCLC\n", encoding="utf-8")
    (sample,) = load_samples(sheet).values()
    schema = load_schema(root / "workflow/schemas/config.schema.yaml")
    changed = {}
    for more in ({}, {"only_hits": True}, {"restrict_to_index": True}, {"annotated_vcf": "hits"}):
        index = Path(f"{vcf}.tbi")
        index.unlink(missing_ok=True)
        settings = settings_of(complete_config({"samples": "samples.tsv", **more}, schema, "c"), tmp_path)
        before = SampleKeys(settings).key(sample)
        pysam.tabix_index(str(vcf), preset="vcf", force=True)
        changed[tuple(more)] = SampleKeys(settings).key(sample) != before
    assert changed == {(): False, ("only_hits",): True, ("restrict_to_index",): True, ("annotated_vcf",): True}


def mutect(chrom: str, pos: int, change: str, entry: str, call: str = "0/1") -> str:
    ref, alt = change.split(">")
    allele = alt if len(ref) == len(alt) else (alt[1:] or "-")
    return f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={allele}|{entry}\tGT:AD:PS\t{call}:100,60:77\n"


BRAF = "BRAF|Transcript|ENST00000646891"
NOTCH1 = "NOTCH1|Transcript|NM_017617.5"
PAIRS = {
    # two bases of one codon whose phase nobody knows: together p.Leu597Ser, which has a row
    "one codon": [
        mutect("7", 140753345, "A>G", f"missense_variant|{BRAF}||P:p.Leu597Pro|597|cTa/cCa||HGNC:1097"),
        mutect("7", 140753346, "G>A", f"synonymous_variant|{BRAF}||P:p.Leu597=|597|Cta/Tta||HGNC:1097"),
    ],
    # two frameshifts of one haplotype, of which one alone would match a row and both keep the frame
    "one frame": [
        mutect("9", 136496200, "A>AC", f"frameshift_variant|{NOTCH1}||P:p.Ala2524fs|2524|||HGNC:7881", "0|1"),
        mutect("9", 136496245, "AC>A", f"frameshift_variant|{NOTCH1}||P:p.Ala2509fs|2509|||HGNC:7881", "0|1"),
    ],
}


@pytest.mark.parametrize("kind", PAIRS)
def test_what_neighbours_mean_together_is_not_lost(root: Path, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "in.vcf"
    fields = FIELDS.replace("Protein_position|Amino_acids", "Protein_position|Codons|Amino_acids")
    head = HEADER.replace(FIELDS, fields).replace("<ID=12,length=133275309>", "<ID=9,length=138394717>")
    head = head.replace("##INFO", '##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phase set">\n##INFO', 1)
    path.write_text(head + "".join(PAIRS[kind]), encoding="utf-8")
    full = annotate(root, path, tmp_path / "full")
    quick = annotate(root, path, tmp_path / "quick", "--only-hits")
    assert len(full["variants"]) == 2
    assert quick["variants"] == full["variants"]
    assert any("on one haplotype" in note for one in quick["variants"] for note in one["notes"])
    assert quick["therapies"] == full["therapies"]
