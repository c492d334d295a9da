"""Copy number by gene, fusion tables, and breakends by orientation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from targetboard.errors import MalformedInput
from targetboard.inputs.copy_number import copies_of, read_copy_number, segment_of_record
from targetboard.inputs.fusions import fusions_of_breakend, read_breakend, read_fusions
from targetboard.knowledge.records import Gene
from targetboard.model import Assembly, SourceRecord


def gene(name: str, chrom: str, start: int, end: int, strand: str = "+", aliases: tuple[str, ...] = ()) -> Gene:
    return Gene(
        gene=name, hgnc_id="", name="", aliases=aliases, role="oncogene", transcript_refseq="", transcript_ensembl="",
        legacy_transcript=(), numbering_note="", lof_mechanism=False, last_pathogenic_codon=None, chip_gene=False,
        germline_followup=False, chrom=chrom, start_GRCh37=start, end_GRCh37=end, start_GRCh38=start, end_GRCh38=end,
        strand=strand, sources=(), verified_in="",
    )  # fmt: skip


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "table.tsv"
    path.write_text(text, encoding="utf-8")
    return path


ERBB2 = gene("ERBB2", "17", 1000, 2000, aliases=("HER2",))


@pytest.mark.parametrize(
    ("text", "lowest", "highest", "minor"),
    [
        ("Chromosome\tStart\tEnd\tnMajor\tnMinor\nchr17\t500\t3000\t14\t1\n", 15, 15, 1),
        ("Chromosome\tStart\tEnd\tnMajor\tnMinor\n17\t500\t1500\t1\t1\n17\t1501\t3000\t0\t0\n", 0, 2, 0),
        ("chromosome\tstart\tend\tgene\tlog2\tcn\nchr17\t0\t9999\tx\t2.1\t9\n", 9, 9, None),
        ("gene\tcopies\nher2\t22.5\n", 22.5, 22.5, None),
    ],
)
def test_copies_of_a_gene(tmp_path: Path, text: str, lowest: float, highest: float, minor: float | None) -> None:
    found = copies_of(ERBB2, read_copy_number(table(tmp_path, text), Assembly.GRCH37), Assembly.GRCH37)
    assert found is not None
    assert (found.lowest, found.highest, found.minor) == (lowest, highest, minor)


def test_partly_covered_and_other_genes(tmp_path: Path) -> None:
    segments = read_copy_number(
        table(tmp_path, "Chromosome\tStart\tEnd\tnMajor\tnMinor\n17\t1501\t3000\t9\t0\n"), Assembly.GRCH37
    )
    found = copies_of(ERBB2, segments, Assembly.GRCH37)
    assert found is not None
    assert found.covered == pytest.approx(500 / 1001)
    assert copies_of(gene("MET", "7", 1, 9), segments, Assembly.GRCH37) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Chromosome\tStart\tEnd\tnMajor\tnMinor\n17\t9\t5\t1\t1\n", "no whole number of at least 9"),
        ("Chromosome\tStart\tEnd\tnMajor\tnMinor\n17\t1\t5\tx\t1\n", "'x' is no number"),
        ("Chromosome\tStart\tEnd\n17\t1\t5\n", "no known copy-number table"),
        ("sample\tvalue\nx\t1\n", "'chromosome' is missing"),
    ],
)
def test_wrong_copy_number(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MalformedInput, match=says):
        read_copy_number(table(tmp_path, text), Assembly.GRCH37)


def record(chrom: str, pos: int, info: dict[str, str]) -> SourceRecord:
    return SourceRecord(1, 9, chrom, pos, ".", "A", ("<DUP>",), ".", "PASS", info, (), {})


def test_symbolic_records() -> None:
    found = segment_of_record(record("chr7", 99, {"END": "500", "CN": "12"}), "<DUP>", Assembly.GRCH38)
    assert found is not None
    assert (found.chrom, found.start, found.end, found.copies, found.call) == ("7", 100, 500, 12.0, "gain")
    bare = segment_of_record(record("7", 99, {"END": "500"}), "<DEL>", Assembly.GRCH38)
    assert bare is not None
    assert (bare.copies, bare.call) == (None, "loss")
    assert segment_of_record(record("7", 99, {}), "<DEL>", Assembly.GRCH38) is None
    assert segment_of_record(record("7", 99, {"END": "500"}), "<INV>", Assembly.GRCH38) is None


def test_copy_number_is_that_of_the_tumour_column() -> None:
    samples = {"NORMAL": {"CN": "2"}, "TUMOUR": {"CN": "9"}}
    pair = replace(record("7", 99, {"END": "500"}), samples=samples)
    found = segment_of_record(pair, "<CNV>", Assembly.GRCH38, "TUMOUR")
    assert found is not None
    assert found.copies == 9.0
    unnamed = segment_of_record(pair, "<CNV>", Assembly.GRCH38)
    assert unnamed is not None
    assert unnamed.copies is None


@pytest.mark.parametrize(
    ("text", "pair", "reads", "in_frame"),
    [
        (
            "#gene1\tgene2\tbreakpoint1\tbreakpoint2\tsplit_reads1\tsplit_reads2\tdiscordant_mates\treading_frame\n"
            "EML4\tALK\t2:42522694\t2:29446394\t10\t5\t7\tin-frame\n",
            ("EML4", "ALK"),
            22,
            True,
        ),
        (
            "#FusionName\tJunctionReadCount\tSpanningFragCount\tLeftBreakpoint\tRightBreakpoint\tPROT_FUSION_TYPE\n"
            "CCDC6--RET\t31\t4\tchr10:59906122:-\tchr10:43116584:+\tFRAMESHIFT\n",
            ("CCDC6", "RET"),
            35,
            False,
        ),
        (
            "FusionGene\tLeftBreakpoint\tRightBreakpoint\tSplitReads\nBCR--ABL1\t22:1\t9:2\t50\n",
            ("BCR", "ABL1"),
            50,
            None,
        ),
        ("gene5\tgene3\treads\tin_frame\nKIF5B\tRET\t12\tyes\n", ("KIF5B", "RET"), 12, True),
    ],
)
def test_fusion_tables(tmp_path: Path, text: str, pair: tuple[str, str], reads: int, in_frame: bool | None) -> None:
    (found,) = read_fusions(table(tmp_path, text), Assembly.GRCH37)
    assert ((found.five_prime, found.three_prime), found.reads, found.in_frame) == (pair, reads, in_frame)
    assert found.oriented


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FusionGene\nALK\n", "does not name two genes"),
        ("FusionGene\n--\n", "does not name two genes"),
        ("fusion\tsplitreads\nA::B\tmany\n", "'many' is no whole number"),
        ("gene1\tx\nA\tB\n", "no known fusion table"),
    ],
)
def test_wrong_fusions(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(MalformedInput, match=says):
        read_fusions(table(tmp_path, text), Assembly.GRCH37)


EML4 = gene("EML4", "2", 42_000_000, 42_600_000, "+")
ALK = gene("ALK", "2", 29_400_000, 30_150_000, "-")
TMPRSS2 = gene("TMPRSS2", "21", 42_800_000, 42_900_000, "-")
ERG = gene("ERG", "21", 39_700_000, 40_100_000, "-")


def genes_at(chrom: str, pos: int) -> list[Gene]:
    every = (EML4, ALK, TMPRSS2, ERG)
    return [
        one
        for one in every
        if one.chrom == chrom
        and (one.span(Assembly.GRCH37) or (0, 0))[0] <= pos <= (one.span(Assembly.GRCH37) or (0, 0))[1]
    ]


@pytest.mark.parametrize(
    ("chrom", "pos", "alt", "pair", "oriented"),
    [
        # EML4 (+) keeps its left, 5' part; ALK (-) keeps its left, 3' part: an inversion in sense
        ("2", 42_522_694, "A]2:29446394]", ("EML4", "ALK"), True),
        # the mate record of the same junction
        ("2", 29_446_394, "T]2:42522694]", ("EML4", "ALK"), True),
        # the reciprocal junction keeps ALK's 5' and EML4's 3' part
        ("2", 42_522_695, "[2:29446395[A", ("ALK", "EML4"), True),
        # both keep their 5' parts: no transcript in sense
        ("2", 42_522_694, "A[2:29446394[", ("EML4", "ALK"), False),
        # TMPRSS2 (-) 5' part lies right, ERG (-) 3' part lies left: a deletion joins them
        ("21", 39_817_000, "A[21:42870000[", ("TMPRSS2", "ERG"), True),
    ],
)
def test_breakends_tell_the_order_of_partners(
    chrom: str, pos: int, alt: str, pair: tuple[str, str], oriented: bool
) -> None:
    breakend = read_breakend(record(chrom, pos, {}), alt, Assembly.GRCH37)
    assert breakend is not None
    (found,) = fusions_of_breakend(breakend, genes_at, 12, 9)
    assert found.oriented is oriented
    if oriented:
        assert (found.five_prime, found.three_prime) == pair


@pytest.mark.parametrize("alt", ["A", "<DEL>", "A.", ".A", "A[2:x[", "[2:5[", "A[HLA-A*01:5["])
def test_other_alleles_are_no_breakends(alt: str) -> None:
    assert read_breakend(record("2", 5, {}), alt, Assembly.GRCH37) is None


@pytest.mark.real_data
@pytest.mark.parametrize(("build", "fusions"), [("grch37", 13), ("grch38", 9)])
def test_real_tables(shared_data: Path, build: str, fusions: int) -> None:
    assembly = Assembly.GRCH37 if build == "grch37" else Assembly.GRCH38
    for tumour in ("COAD", "BRCA"):
        segments = read_copy_number(shared_data / f"vcf/pcgr_T001-{tumour}.{build}.cna.tsv", assembly)
        assert len(segments) == (252 if build == "grch37" else 260)
        found = read_fusions(shared_data / f"vcf/pcgr_T001-{tumour}.{build}.fusions.tsv", assembly)
        assert len(found) == fusions
        assert all(one.first and one.second and one.reads for one in found)
