"""Many samples in one process: a failure stays with its sample, and what is up to date is left alone."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main
from targetboard.errors import ExitCode

VCF = """##fileformat=VCFv4.2
##contig=<ID=7,length=159345973>
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR
7\t140753336\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:140,60
"""


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """Four samples, the second of which is no VCF."""
    rows = ["sample_id\tvcf\tassembly\ttumour_type\tpurity"]
    for name in ("A", "B", "C", "D"):
        (tmp_path / f"{name}.vcf").write_text("no VCF\n" if name == "B" else VCF, encoding="utf-8")
        rows.append(f"{name}\t{name}.vcf\tGRCh38\tMEL\t0.6")
    path = tmp_path / "samples.tsv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def annotate(sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the verb on the sheet; gives the exit code, stdout and stderr."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TARGETBOARD_QUIET", raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["annotate", "--manifest", str(sheet), "--out", str(tmp_path / "results"), *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def status(tmp_path: Path, name: str) -> str:
    return str(json.loads((tmp_path / f"results/{name}/{name}.json").read_text(encoding="utf-8"))["status"])


def test_a_bad_file_costs_its_own_sample(annotate: Any, tmp_path: Path) -> None:
    code, out, err = annotate("--failure-document", "--done", str(tmp_path / "done"))
    assert code == ExitCode.OK
    assert out == "annotate 1-of-1: 3 made, 1 failed (B: exit 3)\n"
    assert "B.vcf" in err
    assert [status(tmp_path, name) for name in "ABCD"] == ["complete", "failed", "complete", "complete"]
    assert (tmp_path / "done").read_text().splitlines() == ["A\tdelivered", "B\tfailed", "C\tdelivered", "D\tdelivered"]


def test_without_failure_documents_the_others_complete_and_the_exit_tells(annotate: Any, tmp_path: Path) -> None:
    code, _, err = annotate("--done", str(tmp_path / "done"))
    assert code == ExitCode.PARTIAL
    assert "sample B: " in err
    assert (tmp_path / "results/D/D.json").exists()
    assert not (tmp_path / "results/B/B.json").exists()
    assert not (tmp_path / "done").exists()


def test_one_sample_alone_gives_the_same_bytes(annotate: Any, sheet: Path, tmp_path: Path) -> None:
    annotate("--failure-document")
    alone = tmp_path / "alone"
    words = ["--vcf", str(tmp_path / "A.vcf"), "--sample-id", "A", "--assembly", "GRCh38", "--tumour-type", "MEL"]
    assert main(["annotate", *words, "--clinical", str(sheet), "--out", str(alone)]) == ExitCode.OK
    files = sorted(path.name for path in alone.iterdir())
    assert files == sorted(path.name for path in (tmp_path / "results/A").iterdir())
    assert all((alone / name).read_bytes() == (tmp_path / "results/A" / name).read_bytes() for name in files)


@pytest.mark.parametrize("documented", [True, False])
def test_a_bug_costs_its_own_sample(
    annotate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, documented: bool
) -> None:
    from targetboard import pipeline

    true = pipeline.read_variants

    def broken(request: Any, *rest: Any, **more: Any) -> Any:
        if request.vcf.name == "C.vcf":
            raise RuntimeError("unforeseen")
        return true(request, *rest, **more)

    monkeypatch.setattr(pipeline, "read_variants", broken)
    words = ["--journal", str(tmp_path / "journal"), "--done", str(tmp_path / "done")]
    code, out, err = annotate(*words, *(["--failure-document"] if documented else []))
    assert code == (ExitCode.OK if documented else ExitCode.INTERNAL)
    assert "C: exit 6" in out
    assert "RuntimeError: unforeseen" in err
    assert status(tmp_path, "D") == "complete"
    assert (tmp_path / "results/C/C.json").exists() == documented
    if documented:
        assert json.loads((tmp_path / "results/C/C.json").read_text())["error"]["exit_code"] == ExitCode.INTERNAL

    # a bug is tried again by the next run, and nothing else is
    monkeypatch.setattr(pipeline, "read_variants", true)
    _, out, _ = annotate(*words, "--failure-document")
    assert out.startswith("annotate 1-of-1: 1 made, " if documented else "annotate 1-of-1: ")
    assert status(tmp_path, "C") == "complete"


def test_a_full_disk_is_never_a_failed_document(annotate: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from targetboard import pipeline

    def full(*_: Any, **__: Any) -> Any:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    true = pipeline.read_variants
    monkeypatch.setattr(pipeline, "read_variants", full)
    words = ["--failure-document", "--journal", str(tmp_path / "journal"), "--done", str(tmp_path / "done")]
    code, _, err = annotate(*words)
    assert code == ExitCode.PARTIAL
    assert "No space left on device" in err
    assert "Free some space" in err
    assert not list(tmp_path.glob("results/*/*.json"))
    assert not (tmp_path / "done").exists()
    monkeypatch.setattr(pipeline, "read_variants", true)
    assert annotate(*words)[1] == "annotate 1-of-1: 3 made, 1 failed (B: exit 3)\n"


def test_what_is_up_to_date_is_left_alone(annotate: Any, sheet: Path, tmp_path: Path) -> None:
    words = ["--failure-document", "--journal", str(tmp_path / "journal")]
    annotate(*words)
    assert annotate(*words)[1] == "annotate 1-of-1: 0 made, 4 unchanged\n"
    sheet.write_text(sheet.read_text().replace("D.vcf\tGRCh38\tMEL\t0.6", "D.vcf\tGRCh38\tMEL\t0.7"), encoding="utf-8")
    assert annotate(*words)[1] == "annotate 1-of-1: 1 made, 3 unchanged\n"
    (tmp_path / "results/A/A.actions.tsv").unlink()
    assert annotate(*words)[1] == "annotate 1-of-1: 1 made, 3 unchanged\n"
    assert (tmp_path / "results/A/A.actions.tsv").exists()


def test_report_takes_the_same_sheet(
    annotate: Any, sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    annotate("--failure-document")
    words = ["report", "--manifest", str(sheet), "--out", str(tmp_path / "results"), "--journal", str(tmp_path / "j")]
    assert main(words) == ExitCode.OK
    assert capsys.readouterr().out == "report 1-of-1: 4 made\n"
    assert all((tmp_path / f"results/{name}/{name}.report.html").exists() for name in "ABCD")
    assert main(words) == ExitCode.OK
    assert capsys.readouterr().out == "report 1-of-1: 0 made, 4 unchanged\n"
    (tmp_path / "results/A/A.json").unlink()
    (tmp_path / "results/D/D.report.html").unlink()
    assert main(words) == ExitCode.PARTIAL
    assert "sample A: " in capsys.readouterr().err
    assert (tmp_path / "results/D/D.report.html").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["annotate", "--batch", "1-of-2", "--out", "x"], "--batch needs --manifest"),
        (
            ["annotate", "--manifest", "s.tsv", "--vcf", "a.vcf", "--out", "x"],
            "--vcf and --manifest exclude each other",
        ),
        (["annotate", "--out", "x"], "--vcf, --sample-id, --assembly, --tumour-type or --condition"),
        (["report", "--manifest", "s.tsv", "--document", "a.json", "--out", "x"], "exclude each other"),
        (["report", "--out", "x"], "--document"),
        (["annotate", "--manifest", "absent.tsv", "--out", "x"], "the sample sheet does not exist"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(
    words: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == ExitCode.USAGE
    assert message in capsys.readouterr().err


def test_a_wrong_sheet_is_refused_before_any_work(annotate: Any, sheet: Path, tmp_path: Path) -> None:
    sheet.write_text(sheet.read_text().replace("GRCh38", "hg38"), encoding="utf-8")
    code, _, err = annotate("--failure-document")
    assert code == ExitCode.USAGE
    assert "column assembly" in err
    assert not (tmp_path / "results").exists()
