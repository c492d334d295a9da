"""The bundled bcftools runs in a child process, and its failures are the user's file's failures."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from targetboard.errors import ExitCode, MalformedInput
from targetboard.vcf import bundled

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
VCF = f"##fileformat=VCFv4.2\n##contig=<ID=1,length=100>\n{COLUMNS}1\t5\t.\tA\tC\t.\t.\t.\n"


def test_output_goes_to_the_named_file_and_nothing_to_stdout(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "in put;$(x).vcf", tmp_path / "out.vcf"
    source.write_text(VCF)
    bundled.run_bcftools("view", ["-H", "-o", str(target), str(source)], where="case.vcf")
    assert target.read_text() == "1\t5\t.\tA\tC\t.\t.\t.\n"
    assert capfd.readouterr() == ("", "")


def test_a_pysam_in_the_working_directory_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pysam.py").write_text("raise SystemExit('wrong pysam')")
    (tmp_path / "in.vcf").write_text(VCF)
    monkeypatch.chdir(tmp_path)
    bundled.run_bcftools("view", ["-o", "out.vcf", "in.vcf"], where="case.vcf")
    assert (tmp_path / "out.vcf").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-f", "absent.fa", "-o", "o.vcf", "in.vcf"], "absent.fa"),
        (["-d", "none", "-o", "o.vcf", "absent.vcf"], "absent.vcf"),
        (["-d", "none", "-o", "o.vcf", "broken.vcf"], "broken.vcf"),
    ],
)
def test_a_failure_names_the_users_file_and_the_tools_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    (tmp_path / "in.vcf").write_text(VCF)
    (tmp_path / "broken.vcf").write_text("not a VCF\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MalformedInput, match=r"bcftools norm failed: .*") as caught:
        bundled.run_bcftools("norm", arguments, where="case.vcf")
    line = caught.value.one_line()
    assert line.startswith("case.vcf: ")
    assert words in line
    assert "Traceback" not in line
    assert "stderr=" not in line
    assert caught.value.code is ExitCode.MALFORMED


@pytest.mark.parametrize("name", ["SIGABRT", "SIGSEGV", "SIGKILL"])
def test_a_crash_of_the_child_is_malformed_input(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    number = signal.Signals[name].value
    words = "print('csq.c:1: assertion failed', file=sys.stderr, flush=True)"
    crash = f"import os, sys\n{words}\nos.kill(os.getpid(), {number})"
    monkeypatch.setattr(bundled, "_CHILD", crash)
    with pytest.raises(MalformedInput, match=rf"crashed \({name}\): csq.c:1: assertion failed"):
        bundled.run_bcftools("csq", ["-o", "x"], where="case.vcf")


@pytest.mark.parametrize(
    ("stderr", "last"),
    [
        (b"", "it wrote no message"),
        (b"\n'\n", "it wrote no message"),
        (b"first\nlast\n", "last"),
        (b"bcftools returned with error -1: stdout=None, stderr=[E::x] bad\\n'\n", "[E::x] bad"),
        (b"\xff\xfe\n", "\ufffd\ufffd"),
    ],
)
def test_last_line(stderr: bytes, last: str) -> None:
    assert bundled._last_line(stderr) == last


def test_unknown_command_is_a_bug_not_bad_input() -> None:
    with pytest.raises(ValueError, match="not a bundled command"):
        bundled.run_bcftools("plugin", [], where="")


def test_never_a_shell(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, object] = {}

    def fake(command: list[str], **options: object) -> subprocess.CompletedProcess[bytes]:
        seen.update(options, command=command)
        return subprocess.CompletedProcess(command, 0, b"", b"")

    monkeypatch.setattr(bundled.subprocess, "run", fake)
    bundled.run_bcftools("norm", ["a b", "$(c)"], where="")
    assert "shell" not in seen
    assert seen["command"][-2:] == ["a b", "$(c)"]  # type: ignore[index]
