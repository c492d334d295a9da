"""Batches: the same bytes as one job a sample, and a re-run makes exactly what has to be made."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

BATCHES = {"execution": {"batch_size": 2}}
RULES = "annotate_batch|report_batch|annotate|report|compile_knowledge|cohort_tables|gate"


def planned(text: str) -> dict[str, int]:
    """Job counts of a dry run by rule."""
    found = re.findall(rf"^({RULES})\s+(\d+)$", text, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in found}


def tallies(text: str, stage: str) -> tuple[int, int]:
    """Samples made and left alone over the batches that ran."""
    lines = re.findall(rf"^{stage} [0-9]+-of-[0-9]+: ([0-9]+) made(?:, ([0-9]+) unchanged)?", text, flags=re.MULTILINE)
    return sum(int(made) for made, _ in lines), sum(int(unchanged or 0) for _, unchanged in lines)


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(autouse=True)
def no_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests read the line each batch prints, which CI does not want."""
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv("TARGETBOARD_QUIET", raising=False)


def test_batches_give_the_bytes_of_single_jobs(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    samples = {**{f"S{number}": vcf_text for number in range(6)}, "S3": None}
    single = project(tmp_path / "single", samples, {"execution": {"batch_size": 1}})
    batched = project(tmp_path / "batched", samples, BATCHES)
    (first, second) = (snakemake(folder, "--keep-going") for folder in (single, batched))
    assert first.returncode != 0
    assert second.returncode != 0
    assert "failed: S3 (exit 3)" in second.stdout + second.stderr
    assert planned(second.stderr).keys() >= {"annotate_batch", "report_batch"}
    assert "annotate" not in planned(second.stderr)
    assert tree(single / "results") == tree(batched / "results")


def test_a_rerun_makes_what_has_to_be_made(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {f"S{number}": vcf_text for number in range(8)}, BATCHES)
    first = snakemake(folder)
    assert first.returncode == 0, first.stderr
    assert tallies(first.stdout, "annotate") == (8, 0)
    before = tree(folder / "results")
    again = snakemake(folder)
    assert "Nothing to be done" in again.stderr + again.stdout

    # deleted outputs come again, alone, with the same bytes; twice, since the second time must not be taken for done
    for _ in range(2):
        (folder / "results/S4/S4.json").unlink()
        (folder / "results/S5/S5.report.html").unlink()
        repaired = snakemake(folder)
        assert repaired.returncode == 0, repaired.stderr
        assert tallies(repaired.stdout, "annotate")[0] == 1
        assert tallies(repaired.stdout, "report")[0] == 1
        assert tree(folder / "results") == before
        assert "Nothing to be done" in snakemake(folder).stderr

    # an edited VCF starts its batch, which makes one sample
    text = vcf_text.replace("140,60", "150,50")
    (folder / "vcf/S2.vcf").write_text(text, encoding="utf-8")
    edited = snakemake(folder)
    assert planned(edited.stderr)["annotate_batch"] == 1
    assert tallies(edited.stdout, "annotate")[0] == 1
    assert tallies(edited.stdout, "report")[0] == 1

    # a new sample starts one batch; a removed one leaves its files
    sheet = folder / "config/samples.tsv"
    rows = sheet.read_text(encoding="utf-8").splitlines()
    (folder / "vcf/NEW.vcf").write_text(vcf_text, encoding="utf-8")
    rows = [row for row in rows if not row.startswith("S7\t")] + ["NEW\t../vcf/NEW.vcf\tGRCh38\tMEL"]
    sheet.write_text("\n".join(rows) + "\n", encoding="utf-8")
    changed = snakemake(folder)
    assert changed.returncode == 0, changed.stderr
    assert planned(changed.stderr)["annotate_batch"] <= 2
    assert tallies(changed.stdout, "annotate")[0] == 1
    assert (folder / "results/S7/S7.report.html").exists()
    assert json.loads((folder / "results/NEW/NEW.json").read_text())["status"] == "complete"

    # one sample can be asked for by name
    (folder / "results/S1/S1.report.html").unlink()
    one = snakemake(folder, "results/S1/S1.report.html")
    assert planned(one.stderr) == {"report": 1}
    assert (folder / "results/S1/S1.report.html").read_bytes() == before["S1/S1.report.html"]


def test_edits_start_the_batches_that_depend_on_them(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    copy = tmp_path / "copy"
    for part in ("workflow", "scripts", "resources/knowledge", "config"):
        shutil.copytree(root / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(root / "Snakefile", copy / "Snakefile")
    snakefile, package = copy / "Snakefile", copy / "scripts/targetboard"
    (copy / "assay.yaml").write_text("name: A\nversion: '1'\n", encoding="utf-8")
    folder = project(
        tmp_path / "run", {f"S{n}": vcf_text for n in range(4)}, {**BATCHES, "assay": str(copy / "assay.yaml")}
    )
    first = snakemake(folder, snakefile=snakefile)
    assert first.returncode == 0, first.stderr

    def plan_after(edited: Path) -> dict[str, int]:
        before, times = edited.read_bytes(), edited.stat()
        edited.write_bytes(before + b"\n")
        plan = snakemake(folder, "--dry-run", snakefile=snakefile)
        edited.write_bytes(before)
        os.utime(edited, ns=(times.st_atime_ns, times.st_mtime_ns))
        return planned(plan.stdout + plan.stderr)

    batches = len(list((folder / ".targetboard/annotate").glob("*.done")))
    template = plan_after(next(iter(sorted((package / "report/templates").iterdir()))))
    assert template["report_batch"] == batches
    assert "annotate_batch" not in template
    assert plan_after(package / "classify/driver.py")["annotate_batch"] == batches
    assert plan_after(copy / "resources/knowledge/therapies.tsv")["compile_knowledge"] == 1
    assert plan_after(copy / "assay.yaml")["annotate_batch"] == batches
    sheet = folder / "config/samples.tsv"
    sheet.write_text(sheet.read_text().replace("S2.vcf\tGRCh38\tMEL", "S2.vcf\tGRCh38\tNSCLC"), encoding="utf-8")
    plan = snakemake(folder, "--dry-run", snakefile=snakefile)
    assert planned(plan.stdout + plan.stderr)["annotate_batch"] == 1
