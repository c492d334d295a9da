"""The annotated VCF is the input plus our INFO keys: readable everywhere, sorted, the same bytes every time."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote

import pysam
import pytest
from cyvcf2 import VCF
from hypothesis import given
from hypothesis import strategies as st

from targetboard.errors import MalformedInput
from targetboard.vcf import writer
from targetboard.vcf.bundled import run_bcftools
from targetboard.vcf.header import repaired_header
from targetboard.vcf.preflight import canonical_lines, inspect
from targetboard.vcf.writer import encode, info_declarations, provenance_lines, write_annotated

DECLARATIONS = info_declarations("0.1.0", "2025.1")
HEADER = [
    "##fileformat=VCFv4.2",
    '##FILTER=<ID=PASS,Description="All filters passed">',
    "##contig=<ID=7,length=159138663>",
    "##contig=<ID=12,length=133851895>",
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
]
COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR"
BODY = [
    "7\t55249071\t.\tC\tT\t.\tPASS\tDP=100\tGT\t0/1",
    "7\t140453136\trs1\tA\tT,G\t12.50\tPASS\tDP=0100\tGT\t1/2",
    "12\t25398284\t.\tC\tA\t.\tPASS\t.\tGT\t0/1",
]
ANNOTATIONS = {
    (2, 0): {"TB_CLASS": "validated_driver", "TB_GENE": "BRAF", "TB_HGVSP": "p.Val600Glu", "TB_POINTS": "10"},
    (2, 1): {"TB_CLASS": "uncertain", "TB_GENE": "BRAF"},
    (3, 0): {"TB_CLASS": "not_evaluable", "TB_HGVSP": "p.Gly12="},
}


def write(
    target: Path,
    body: Sequence[str] = BODY,
    annotations: Mapping[tuple[int, int], Mapping[str, str]] = ANNOTATIONS,
    header: Sequence[str] = HEADER,
) -> list[str]:
    """Write and read back all lines."""
    write_annotated(target, header, COLUMNS, enumerate(body, 1), annotations, declarations=DECLARATIONS)
    return lines_of(target)


def lines_of(path: Path) -> list[str]:
    with pysam.BGZFile(str(path), "rb", None) as stream:
        return stream.read().decode().splitlines()


def body_of(lines: Sequence[str]) -> list[str]:
    return [line for line in lines if not line.startswith("#")]


def test_only_info_of_annotated_records_changes(tmp_path: Path) -> None:
    lines = write(tmp_path / "a.vcf.gz")
    assert lines[: len(HEADER)] == HEADER
    assert body_of(lines) == [
        BODY[0],
        "7\t140453136\trs1\tA\tT,G\t12.50\tPASS\tDP=0100;TB_CLASS=validated_driver,uncertain;TB_GENE=BRAF,BRAF;"
        "TB_HGVSP=p.Val600Glu,.;TB_POINTS=10,.\tGT\t1/2",
        "12\t25398284\t.\tC\tA\t.\tPASS\tTB_CLASS=not_evaluable;TB_HGVSP=p.Gly12%3D\tGT\t0/1",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.vcf.gz", "a.vcf.gz.tbi"]


def test_every_reader_reads_it(tmp_path: Path) -> None:
    target, text = tmp_path / "a.vcf.gz", tmp_path / "query.tsv"
    write(target)
    run_bcftools(
        "query", ["-f", "%POS %TB_CLASS{1} %TB_GENE\\n", "-r", "7:140453136", "-o", str(text), str(target)], where=""
    )
    assert text.read_text() == "140453136 uncertain BRAF,BRAF\n"
    run_bcftools("norm", ["-m", "-any", "-o", str(text), str(target)], where="")
    split = [line for line in text.read_text().splitlines() if "\t140453136\t" in line]
    assert ["TB_CLASS=validated_driver" in split[0], "TB_CLASS=uncertain" in split[1]] == [True, True]
    with pysam.VariantFile(str(target)) as opened:
        (record,) = opened.fetch("7", 140453135, 140453136)
        assert record.info["TB_CLASS"] == ("validated_driver", "uncertain")
        assert opened.header.info["TB_CLASS"].number == "A"
    found = [(variant.POS, variant.INFO.get("TB_GENE")) for variant in VCF(str(target))("7:140453136-140453136")]
    assert found == [(140453136, "BRAF,BRAF")]


def test_the_header_names_versions_and_stays_well_formed(tmp_path: Path) -> None:
    target = tmp_path / "a.vcf.gz"
    extra = provenance_lines("0.1.0", [("2025.1", "ab" * 32), ("site", "cd" * 32)])
    write_annotated(target, HEADER, COLUMNS, [], {}, declarations=DECLARATIONS, extra_header_lines=extra)
    header = str(pysam.VariantFile(str(target)).header)
    assert "##targetboard_version=0.1.0\n" in header
    assert f"##targetboard_knowledge=<ID=2025.1,sha256={'ab' * 32}>\n" in header
    assert f"##targetboard_knowledge=<ID=site,sha256={'cd' * 32}>\n" in header
    for key in ("TB_CLASS", "TB_GENE", "TB_HGVSP", "TB_ALTERATION", "TB_POINTS", "TB_VAF", "TB_FLAGS"):
        (line,) = [line for line in header.splitlines() if line.startswith(f"##INFO=<ID={key},")]
        assert "Number=A,Type=String" in line
        assert "targetboard 0.1.0, knowledge 2025.1" in line


def test_no_records(tmp_path: Path) -> None:
    target = tmp_path / "a.vcf.gz"
    lines = write(target, [], {})
    assert body_of(lines) == []
    assert pysam.TabixFile(str(target)).contigs == []
    assert list(VCF(str(target))) == []


@pytest.mark.parametrize("order", [[2, 1, 0], [1, 0, 2], [0, 2, 1]])
def test_unsorted_input_gives_the_sorted_output(tmp_path: Path, order: list[int]) -> None:
    write(tmp_path / "sorted.vcf.gz")
    shuffled = [(number + 1, BODY[number]) for number in order]
    write_annotated(tmp_path / "b.vcf.gz", HEADER, COLUMNS, shuffled, ANNOTATIONS, declarations=DECLARATIONS)
    for suffix in ("", ".tbi"):
        one, other = tmp_path / f"sorted.vcf.gz{suffix}", tmp_path / f"b.vcf.gz{suffix}"
        assert one.read_bytes() == other.read_bytes()


def test_contigs_follow_the_header_and_undeclared_ones_come_last(tmp_path: Path) -> None:
    body = [
        f"{chrom}\t{pos}\t.\tA\tC\t.\t.\t." for chrom, pos in [("GL1", 5), ("12", 9), ("7", 8), ("GL1", 2), ("7", 8)]
    ]
    body[4] = body[4].replace("A\tC", "A\tG")
    places = [tuple(line.split("\t")[:5:4]) for line in body_of(write(tmp_path / "a.vcf.gz", body, {}))]
    assert places == [("7", "C"), ("7", "G"), ("12", "C"), ("GL1", "C"), ("GL1", "C")]


def test_long_unsorted_input_keeps_every_record(tmp_path: Path) -> None:
    source = random.Random(4)  # noqa: S311
    body = [f"7\t{pos}\t.\tA\tC\t.\t.\tDP={number}" for number, pos in enumerate(range(10, 60_000, 10))]
    body += [f"7\t{source.randrange(60_000)}\t.\tA\tG\t.\t.\tDP=1" for _ in range(500)]
    written = body_of(write(tmp_path / "a.vcf.gz", body, {}))
    assert sorted(written) == sorted(body)
    positions = [int(line.split("\t")[1]) for line in written]
    assert positions == sorted(positions)


def test_annotating_again_replaces_the_first_verdict(tmp_path: Path) -> None:
    first = write(tmp_path / "a.vcf.gz")
    header = [line for line in first if line.startswith("##")] + ["##targetboard_version=0.0.1"]
    again = write(tmp_path / "b.vcf.gz", body_of(first), {(2, 1): {"TB_CLASS": "passenger"}}, header)
    assert body_of(again) == [
        BODY[0],
        "7\t140453136\trs1\tA\tT,G\t12.50\tPASS\tDP=0100;TB_CLASS=.,passenger\tGT\t1/2",
        BODY[2],
    ]
    assert sum(line.startswith("##INFO=<ID=TB_CLASS,") for line in again) == 1
    assert not any("targetboard_version" in line for line in again)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", "."),
        ("p.Val600Glu", "p.Val600Glu"),
        ("a;b=c,d e\tf%", "a%3Bb%3Dc%2Cd%20e%09f%25"),
        ("%3B", "%253B"),
        ("x\r\ny", "x%0D%0Ay"),
        ("a|b", "a|b"),
        ("\x00\x7f", "%00%7F"),
        ("é", "é"),
    ],
)
def test_encode(value: str, text: str) -> None:
    assert encode(value) == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_encoded_values_cannot_leave_their_field(value: str) -> None:
    text = encode(value)
    assert not set(text) & set(";=, \t\r\n")
    assert unquote(text) == value


def test_forged_values_stay_values(tmp_path: Path) -> None:
    annotations = {(1, 0): {"TB_GENE": "X;TB_CLASS=validated_driver\t.\n7\t1\t.\tA\tC"}}
    lines = body_of(write(tmp_path / "a.vcf.gz", BODY[:1], annotations))
    assert len(lines) == 1
    assert lines[0].count("\t") == BODY[0].count("\t")
    assert ";TB_CLASS" not in lines[0]


@pytest.mark.parametrize(
    ("info", "expected"),
    [
        (".", "TB_GENE=EGFR"),
        ("", "TB_GENE=EGFR"),
        ("DP=5;", "DP=5;TB_GENE=EGFR"),
        ("DB", "DB;TB_GENE=EGFR"),
        ("DB;AF=0,30;X=38.46%", "DB;AF=0,30;X=38.46%;TB_GENE=EGFR"),
    ],
)
def test_info_is_extended_not_rewritten(tmp_path: Path, info: str, expected: str) -> None:
    body = [f"7\t5\t.\tA\tC\t.\t.\t{info}"]
    (line,) = body_of(write(tmp_path / "a.vcf.gz", body, {(1, 0): {"TB_GENE": "EGFR"}}))
    assert line.split("\t")[7] == expected
    assert body_of(write(tmp_path / "b.vcf.gz", body, {})) == body


def test_a_telomere_is_kept_quietly(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    body = ["7\t0\t.\tN\t<DEL>\t.\t.\t.", "7\t5\t.\tA\tC\t.\t.\t."]
    assert body_of(write(tmp_path / "a.vcf.gz", body, {})) == body
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("line", "words"),
    [("7\tfive\t.\tA\tC\t.\t.\t.", "position 'five'"), ("7\t600000000\t.\tA\tC\t.\t.\t.", "cannot be indexed")],
)
def test_what_cannot_be_written_is_malformed_and_leaves_nothing(
    tmp_path: Path, line: str, words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(MalformedInput, match=words):
        write(tmp_path / "a.vcf.gz", [line], {})
    assert list(tmp_path.iterdir()) == []
    assert capfd.readouterr().err == ""


def test_short_record_and_undeclared_key(tmp_path: Path) -> None:
    with pytest.raises(MalformedInput, match="fewer than eight columns"):
        write(tmp_path / "a.vcf.gz", ["7\t5\t.\tA\tC"], {(1, 0): {"TB_GENE": "EGFR"}})
    with pytest.raises(ValueError, match="TB_NEW"):
        write(tmp_path / "a.vcf.gz", BODY, {(1, 0): {"TB_NEW": "x"}})
    assert list(tmp_path.iterdir()) == []


def test_the_same_bytes_twice_and_another_index_path(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "a.vcf.gz")
    for file in ("a.vcf.gz", "a.vcf.gz.tbi"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    elsewhere = tmp_path / "index.part.tbi"
    arguments = (tmp_path / "c.vcf.gz", HEADER, COLUMNS, enumerate(BODY, 1), ANNOTATIONS)
    write_annotated(*arguments, declarations=DECLARATIONS, index=elsewhere)
    assert elsewhere.read_bytes() == (tmp_path / "one" / "a.vcf.gz.tbi").read_bytes()
    assert not (tmp_path / "c.vcf.gz.tbi").exists()


def test_a_failure_before_the_rename_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "_build_index", fail)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.vcf.gz")
    assert list(tmp_path.iterdir()) == []


def test_a_kill_before_the_rename_leaves_no_output(tmp_path: Path, root: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom targetboard.vcf import writer\n"
        f"writer._build_index = lambda *_: os.kill(os.getpid(), {signal.SIGKILL.value})\n"
        "writer.write_annotated(Path(sys.argv[1]), ['##fileformat=VCFv4.2'], '#CHROM', [], {}, declarations=())\n"
    )
    target = tmp_path / "a.vcf.gz"
    environment = {**os.environ, "PYTHONPATH": str(root / "scripts")}
    done = subprocess.run([sys.executable, "-c", program, str(target)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert [path.name for path in tmp_path.iterdir() if not path.name.startswith(".")] == []


REAL = [
    "bcbio_ensemble_ANN.cyvcf2.grch37.vcf.gz",
    "delly_sv.vcf2maf.grch37.vcf",
    "freebayes_ANN.ngs-bits.hg19.vcf.gz",
    "m2_phasing.oncotator.grch37.vcf",
    "manta_events.mavis.vcf",
    "merged_tcga.vcf2maf.grch37.vcf",
    "multiallelic.vatools.vcf.gz",
    "mutect1.vcf2maf.grch37.vcf",
    "pcgr_T001-COAD.tcga.grch38.vcf.gz",
    "pindel.vcf2maf.grch37.vcf",
    "pisces_consensus.grch37.vcf",
    "radia.vcf2maf.grch37.vcf",
    "somatic_vep.pvactools.vcf.gz",
    "strelka1.vcf2maf.grch37.vcf",
    "vardict_tumoronly.VarDictJava.hg19.vcf",
    "varscan2.vcf2maf.grch37.vcf",
]


@pytest.mark.real_data
@pytest.mark.parametrize("name", REAL)
def test_real_files_come_back_with_one_key_more(shared_data: Path, name: str, tmp_path: Path) -> None:
    path = shared_data / "vcf" / name
    inspection = inspect(path)
    lines = [text for _, text in canonical_lines(path, inspection)]
    body = body_of(lines)
    columns = next(line for line in lines if line.startswith("#CHROM"))
    annotations = {
        (number, index): {"TB_CLASS": f"r{number}a{index}"}
        for number, line in enumerate(body, 1)
        for index in range(line.split("\t")[4].count(",") + 1)
    }
    target, text = tmp_path / "a.vcf.gz", tmp_path / "view.vcf"
    records = list(enumerate(body, 1))
    write_annotated(target, repaired_header(inspection), columns, records, annotations, declarations=DECLARATIONS)
    run_bcftools("view", ["-o", str(text), str(target)], where=name)
    assert len(body_of(text.read_text().splitlines())) == len(body)
    assert sum(1 for _ in VCF(str(target))) == len(body)
    with pysam.VariantFile(str(target)) as opened:
        for record in opened:
            verdicts = record.info["TB_CLASS"]
            (number,) = {int(verdict[1:].partition("a")[0]) for verdict in verdicts}
            assert (record.chrom, record.pos) == (body[number - 1].split("\t")[0], int(body[number - 1].split("\t")[1]))
            assert [int(verdict.partition("a")[2]) for verdict in verdicts] == list(range(len(record.alts or (".",))))
    write_annotated(target, repaired_header(inspection), columns, records, {}, declarations=DECLARATIONS)
    assert sorted(body_of(lines_of(target))) == sorted(body)
