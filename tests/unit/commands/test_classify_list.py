"""``classify`` and ``concordance`` on small made-up lists: every row gets an answer, and the sums are right."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest

from targetboard.classify.concordance import Concordance, Matrix, side_of
from targetboard.classify.listing import Listed, is_vcf
from targetboard.cli import main
from targetboard.errors import UsageError

TABLE = (
    "# made up\n"
    "Hugo_Symbol\tHGVSp_Short\tVariant_Classification\ttruth\n"
    "BRAF\tp.V600E\tMissense_Mutation\tOncogenic\n"
    "BRAF\tp.Val600Glu\tMissense_Mutation\tOncogenic\n"
    "BRCA1\tp.Q494*\tNonsense_Mutation\tLikely Oncogenic\n"
    "BRAF\tp.K601=\tSilent\tBenign\n"
    "NOSUCHGENE\tp.A1B\tMissense_Mutation\tVUS\n"
    "BRAF\tnonsense\t\tVUS\n"
)
COORDINATES = (
    "chrom\tpos\tref\talt\ttruth\n"
    "chr7\t140453136\tA\tT\tvalidated_driver\n"
    "7\t140450000\tA\tC\tuncertain\n"
    "7\t140453136\tA\tA\tpassenger\n"
    "chrUn\t5\tA\tC\tpassenger\n"
)
VCF = (
    "##fileformat=VCFv4.2\n##contig=<ID=7,length=159138663>\n"
    '##INFO=<ID=EXPECT,Number=A,Type=String,Description="x">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    "7\t140453136\t.\tA\tT,*\t.\tREJECT\tEXPECT=Oncogenic,VUS\n"
    "1\t5\t.\tA\tC\t.\tPASS\tEXPECT=Benign\n"
)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def classify(capsys: pytest.CaptureFixture[str], path: Path, *options: str) -> list[dict[str, str]]:
    assert main(["classify", "--variants", str(path), "--assembly", "GRCh37", *options]) == 0
    return rows_of(capsys.readouterr().out)


@pytest.fixture
def write(tmp_path: Path) -> object:
    def write(text: str, name: str = "list.tsv") -> Path:
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return path

    return write


@pytest.mark.parametrize("name", ["list.tsv", "list.tsv.gz"])
def test_every_row_of_a_table_gets_one_answer(write: object, capsys: pytest.CaptureFixture[str], name: str) -> None:
    found = classify(capsys, write(TABLE, name))  # type: ignore[operator]
    assert [row["place"] for row in found] == ["3", "4", "5", "6", "7", "8"]
    one, other, null, silent, unknown, unreadable = found
    assert one["driver_class"] == "validated_driver"
    # another spelling is the same variant
    assert {k: v for k, v in one.items() if k not in {"place", "name"}} == {
        k: v for k, v in other.items() if k not in {"place", "name"}
    }
    assert "OVS1:+8" in null["codes"].split(";")
    assert silent["driver_class"] == "uncertain"
    for row in (unknown, unreadable):
        assert row["driver_class"] == "not_evaluable"
        assert row["reason"]
    assert "OP4" in one["open_codes"].split(";")
    assert "+1 point: OP4" in one["could_change"]


def test_coordinates_are_matched_exactly(write: object, capsys: pytest.CaptureFixture[str]) -> None:
    found = classify(capsys, write(COORDINATES))  # type: ignore[operator]
    assert [row["driver_class"] for row in found] == [
        "validated_driver",
        "not_evaluable",
        "not_evaluable",
        "not_evaluable",
    ]
    assert found[0]["chrom"] == "7"
    assert "no small variant" in found[2]["reason"]


def test_a_vcf_is_not_filtered_and_gives_every_allele(write: object, capsys: pytest.CaptureFixture[str]) -> None:
    found = classify(capsys, write(VCF, "list.vcf"))  # type: ignore[operator]
    assert [(row["name"], row["driver_class"]) for row in found] == [
        ("7:140453136:A:T", "validated_driver"),
        ("7:140453136:A:*", "not_evaluable"),
        ("1:5:A:C", "not_evaluable"),
    ]
    assert found[2]["reason"] == "outside the genes of the knowledge base"


def test_out_is_written_whole(write: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "answers.tsv"
    assert classify(capsys, write(TABLE), "--out", str(target)) == []  # type: ignore[operator]
    assert len(rows_of(target.read_text(encoding="utf-8"))) == 6


def test_concordance_counts_and_names_disagreements(write: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(TABLE)  # type: ignore[operator]
    assert main(["concordance", "--truth", str(path), "--assembly", "GRCh37"]) == 0
    text = capsys.readouterr().out
    disagreements, _, matrices = text.partition("\n\n")
    assert [row["name"] for row in rows_of(disagreements)] == ["BRAF p.K601=", "NOSUCHGENE p.A1B", "BRAF nonsense"]
    assert "driver: precision 3/3 (100.0%), recall 3/3 (100.0%)" in matrices
    assert "by the five classes of the standard (points alone)" in matrices


def test_truth_of_a_vcf_stands_in_an_info_field(write: object, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(VCF, "truth.vcf")  # type: ignore[operator]
    assert main(["concordance", "--truth", str(path), "--assembly", "GRCh37", "--truth-column", "EXPECT"]) == 0
    text = capsys.readouterr().out
    assert "driver: precision 1/1 (100.0%), recall 1/1 (100.0%)" in text
    assert "by driver class" not in text


WRONG: list[tuple[str, list[str], str]] = [
    ("gene\tnothing\nBRAF\tx\n", [], "names no variants"),
    ("", [], "empty"),
    ("gene\thgvsp\ttruth\nBRAF\tp.V600E\tpathogenic\n", ["--truth-column", "truth"], "no class of oncogenicity"),
    ("gene\thgvsp\nBRAF\tp.V600E\n", [], "'truth' is missing"),
    ("gene\thgvsp\ttruth\nBRAF\tp.V600E\tVUS\tmore\n", [], "4 cells under 3 columns"),
]


@pytest.mark.parametrize(("text", "options", "words"), WRONG)
def test_wrong_lists_are_one_line_with_a_remedy(
    write: object, capsys: pytest.CaptureFixture[str], text: str, options: list[str], words: str
) -> None:
    path = write(text)  # type: ignore[operator]
    assert main(["concordance", "--truth", str(path), "--assembly", "GRCh37", *options]) in {2, 3}
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert words in error
    assert str(path) in error or "line or record 2" in error


def test_what_is_a_vcf(write: object) -> None:
    assert is_vcf(write(VCF, "a.vcf.gz"))  # type: ignore[operator]
    assert not is_vcf(write(TABLE, "b.tsv"))  # type: ignore[operator]
    assert not is_vcf(write(COORDINATES, "c.tsv"))  # type: ignore[operator]


def test_matrix_adds_up() -> None:
    matrix = Matrix("m", ("a", "b"), ("a", "b"))
    for truth, found in [("a", "a"), ("a", "b"), ("b", "b"), ("b", "b")]:
        matrix.add(truth, found)
    assert matrix.precision("b") == (2, 3)
    assert matrix.recall("a") == (1, 2)
    assert matrix.precision("c") == (0, 0)
    assert list(matrix.lines())[2].split() == ["a", "1", "1"]


def test_words_of_a_truth() -> None:
    assert [side_of(word) for word in ("Likely_Oncogenic", "VUS", "neutral")] == ["driver", "uncertain", "passenger"]
    with pytest.raises(UsageError):
        side_of("pathogenic")
    counts = Concordance()
    assert counts.add(Listed(1, "x", None, "why", ".")) is False
    assert counts.without_truth == 1
