"""The cohort's outputs of a run, and Snakemake's own report over them, made without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

TABLES = ("samples", "summary", "alterations", "trials", "failures")


def isolated() -> list[str]:
    """A prefix that takes the network away, where this user may do so."""
    unshare = shutil.which("unshare")
    if unshare is None or os.name != "posix":
        return []
    allowed = subprocess.run([unshare, "--net", "true"], capture_output=True, check=False).returncode == 0
    return [unshare, "--net"] if allowed else []


@pytest.mark.parametrize("batch_size", [1, 2])
def test_report_of_snakemake_has_captions_and_needs_no_network(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str, batch_size: int
) -> None:
    folder = project(
        tmp_path / "run", {"A": vcf_text, "B": vcf_text, "BAD": None}, {"execution": {"batch_size": batch_size}}
    )
    run = snakemake(folder)
    assert run.returncode != 0
    assert "failed: BAD (exit 3)" in run.stdout + run.stderr
    cohort = folder / "results/cohort"
    assert len((cohort / "samples.tsv").read_text().splitlines()) == 4
    assert re.search(r">BAD</a>", (cohort / "cohort.html").read_text())
    assert (cohort / "multiqc/targetboard_failures_mqc.json").exists()
    assert not (cohort / "complete.txt").exists()

    (folder / "vcf/BAD.vcf").write_text(vcf_text, encoding="utf-8")
    mended = snakemake(folder)
    assert mended.returncode == 0, mended.stderr
    assert (cohort / "failures.tsv").read_text().count("\n") == 1

    report = tmp_path / "report.html"
    command = [*isolated(), sys.executable, "-m", "snakemake", "--snakefile", str(root / "Snakefile")]
    command += ["--directory", str(folder), "--report", str(report)]
    made = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    assert "Missing metadata" not in made.stderr
    text = report.read_text(encoding="utf-8")
    names = {f"{name}.tsv" for name in TABLES} | {"cohort.html", "oncoprint.svg", "tiers.svg"}
    if batch_size == 1:
        names |= {"A.report.html", "B.report.html", "BAD.report.html"}
        assert "Report of sample A: a draft until it is signed out." in text
    assert all(name in text for name in names)
    assert "Overview of all samples: outcomes by tumour type" in text
    assert "Each report says itself whether it is a draft or signed out." in text
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=.?https?:", text)


def test_cohort_is_the_same_bytes_from_one_job_a_sample_and_from_batches(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    made = []
    for batch_size in (1, 2):
        folder = project(
            tmp_path / str(batch_size),
            dict.fromkeys(("A", "B", "C"), vcf_text),
            {"execution": {"batch_size": batch_size}},
        )
        run = snakemake(folder)
        assert run.returncode == 0, run.stderr
        paths = sorted((folder / "results/cohort").rglob("[!.]*.*"))
        made.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in paths})
    assert made[0] == made[1]
    assert len(made[0]) == 14
