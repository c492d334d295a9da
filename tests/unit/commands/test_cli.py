"""Wrong use and wrong input: one clear line, the documented exit code, and no output."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from targetboard import cli
from targetboard.cli import main
from targetboard.errors import ExitCode

HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=7,length=159345973>\n"
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
)
RECORD = "7\t140753336\t.\tA\tT\t.\tPASS\t.\tAD\t70,30\n"


@pytest.fixture
def vcf(tmp_path: Path) -> Path:
    path = tmp_path / "in.vcf"
    path.write_text(HEADER + RECORD, encoding="utf-8")
    return path


def annotate(vcf: Path, out: Path, *more: str) -> int:
    given = {"--sample-id": "S", "--assembly": "GRCh38", "--tumour-type": "MEL"}
    if "--condition" in more:
        del given["--tumour-type"]
    options = [word for name, value in given.items() if name not in more for word in (name, value)]
    return main(["annotate", "--vcf", str(vcf), "--out", str(out), *options, *more])


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        (["--sample-id", "../x"], 2, "sample id '../x' is not allowed"),
        (["--sample-id", "a;b"], 2, "not allowed"),
        (["--tumour-type", "LUNGCA"], 2, "Nearest OncoTree codes: LUNG"),
        (["--assembly", "GRCh37"], 4, "equal GRCh38"),
        (["--assembly", "hg38"], 2, "invalid choice: 'hg38'"),
        (["--purity", "30%"], 2, "purity '30%' is no fraction"),
        (["--purity", "1.2"], 2, "is no fraction"),
        (["--purity", "nan"], 2, "is no fraction"),
        (["--tumour-sample", "Tumor"], 2, "not a column of the VCF (columns: 'T')"),
        (["--gff3", "x.gff3"], 2, "x.gff3: the file does not exist"),
        (["--fasta", "x.fa"], 2, "x.fa: the file does not exist"),
        (["--clinical", "x.tsv"], 2, "the sample sheet does not exist"),
        (["--condition", "RPE65"], 2, "Write disease:NAME"),
        (["--knowledge", "nowhere"], 2, "the knowledge folder does not exist"),
        (["--unknown"], 2, "unrecognized arguments"),
        (["--tumour", "MEL"], 2, "unrecognized arguments"),
    ],
)
def test_wrong_use(
    vcf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str], code: int, says: str
) -> None:
    assert annotate(vcf, tmp_path / "out", *more) == code
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"some text\n", "no VCF"),
        ((HEADER + RECORD[:24]).encode(), "columns where the #CHROM line has 10"),
        ((HEADER + RECORD.replace("\t", " ")).encode(), "tab"),
        ((HEADER + RECORD.replace("140753336", "-5")).encode(), "POS"),
        (gzip.compress((HEADER + RECORD).encode())[:-12], "cut short"),
    ],
)
def test_wrong_input(vcf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes, says: str) -> None:
    vcf.write_bytes(content)
    assert annotate(vcf, tmp_path / "out") == 3
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert says in error
    assert not list((tmp_path / "out").iterdir())


def test_failure_document_says_why_and_replaces_an_earlier_success(vcf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert annotate(vcf, out, "--failure-document") == 0
    assert {path.name for path in out.iterdir()} == {
        "S.json",
        "S.variants.tsv",
        "S.actions.tsv",
        "S.annotated.vcf.gz",
        "S.annotated.vcf.gz.tbi",
    }
    vcf.write_text("no VCF\n", encoding="utf-8")
    assert annotate(vcf, out, "--failure-document") == 0
    assert [path.name for path in out.iterdir()] == ["S.json"]
    document = json.loads((out / "S.json").read_text(encoding="utf-8"))
    assert document["status"] == "failed"
    assert document["error"]["exit_code"] == 3
    assert document["variants"] == []
    assert str(tmp_path) not in (out / "S.json").read_text(encoding="utf-8")
    assert main(["report", "--document", str(out / "S.json"), "--out", str(out)]) == 0
    assert "neither a positive nor a negative finding" in (out / "S.report.html").read_text(encoding="utf-8")


def test_same_input_gives_the_same_bytes(vcf: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert annotate(vcf, tmp_path / name) == 0
        assert main(["report", "--document", str(tmp_path / name / "S.json"), "--out", str(tmp_path / name)]) == 0
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_bug_is_exit_6_and_asks_for_a_report(
    vcf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("unforeseen")

    monkeypatch.setattr("targetboard.pipeline.read_variants", broken)
    assert annotate(vcf, tmp_path / "out", "--failure-document") == ExitCode.INTERNAL
    assert "this is a bug" in capsys.readouterr().err
    assert not (tmp_path / "out" / "S.json").exists()


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["report"], ["knowledge"], ["cohort", "--out", "x"]])
def test_incomplete_commands_are_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.startswith("targetboard: error: ")


def test_every_verb_has_help(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (
        ["--help"],
        ["--version"],
        *([verb, "--help"] for verb in cli.VERBS),
    ):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 0
        assert capsys.readouterr().out


def test_tampered_index_is_refused(vcf: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    index = tmp_path / "index.json"
    assert main(["knowledge", "build", "--out", str(index)]) == 0
    assert annotate(vcf, tmp_path / "out", "--knowledge", str(index)) == 0
    data = index.read_bytes()
    index.write_bytes(data.replace(b"p.Val600Glu", b"p.Val600Gly", 1))
    capsys.readouterr()
    assert annotate(vcf, tmp_path / "out", "--knowledge", str(index)) == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_a_condition_that_no_claim_names_is_told_with_those_that_are_named(vcf: Path, tmp_path: Path) -> None:
    def warnings(condition: str) -> list[str]:
        assert annotate(vcf, tmp_path / "out", "--condition", condition) == 0
        return list(json.loads((tmp_path / "out" / "S.json").read_text(encoding="utf-8"))["warnings"])

    assert any("disease:RPE65-associated retinal dystrophy" in said for said in warnings("disease:night blindness"))
    assert not any("no statement" in said for said in warnings("disease:rpe65-associated RETINAL dystrophy"))


@pytest.mark.parametrize("spelling", ["TP53 p.P72R", "TP53 p.Pro72Arg", "TP53 c.215C>G"])
def test_explain_answers_every_spelling_of_a_polymorphism_alike(
    spelling: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["explain", spelling, "--assembly", "GRCh38", "--tumour-type", "BRCA"]) == 0
    assert "class             passenger" in capsys.readouterr().out


def test_only_the_code_of_the_verb_is_loaded_and_no_threads_for_algebra(root: Path) -> None:
    script = (
        "import os, sys; from targetboard.cli import main; main(['explain', '--nonsense']);"
        " print(os.environ['OPENBLAS_NUM_THREADS'], *(name for name in sys.modules if 'commands.' in name))"
    )
    environment = {**os.environ, "PYTHONPATH": str(root / "scripts")}
    environment.pop("OPENBLAS_NUM_THREADS", None)
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "1"
    assert "targetboard.commands.explain" in done.stdout
    assert "targetboard.commands.patient" not in done.stdout
