"""The workflow as a laboratory meets it: failure is data, a second run does nothing, edits re-run what they must."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow


def planned(text: str) -> dict[str, int]:
    """Job counts of a dry run by rule."""
    found = re.findall(r"^(annotate|report|compile_knowledge|cohort_tables|gate)\s+(\d+)$", text, flags=re.MULTILINE)
    return {rule: int(count) for rule, count in found}


def test_one_bad_file_of_twenty_costs_one_sample(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    samples = {f"S{number:02d}": vcf_text for number in range(20)}
    folder = project(tmp_path / "a folder with spaces", {**samples, "S07": None})
    run = snakemake(folder)
    assert run.returncode != 0
    assert "failed: S07 (exit 3)" in run.stdout + run.stderr
    documents = {path.parent.name: json.loads(path.read_text()) for path in folder.glob("results/S*/S*.json")}
    assert sum(document["status"] == "complete" for document in documents.values()) == 19
    assert documents["S07"]["status"] == "failed"
    assert len(list(folder.glob("results/S*/S*.report.html"))) == 20
    assert not (folder / "results/S07/S07.annotated.vcf.gz").exists()
    assert not (folder / "results/cohort/complete.txt").exists()
    assert len((folder / "results/cohort/failures.tsv").read_text().splitlines()) == 2

    (folder / "vcf/S07.vcf").write_text(vcf_text, encoding="utf-8")
    mended = snakemake(folder)
    assert mended.returncode == 0, mended.stderr
    assert "Reports: results/" in mended.stdout
    assert re.search(r"^annotate\s+1$", mended.stderr, flags=re.MULTILINE)
    again = snakemake(folder)
    assert "Nothing to be done" in again.stderr + again.stdout


@pytest.fixture
def copied(tmp_path: Path, root: Path) -> Path:
    """A copy of the repository's working parts, to edit."""
    copy = tmp_path / "copy"
    for part in ("workflow", "scripts", "resources/knowledge", "config"):
        shutil.copytree(root / part, copy / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(root / "Snakefile", copy / "Snakefile")
    return copy


def test_edits_rerun_exactly_what_depends_on_them(
    tmp_path: Path, copied: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text, "B": vcf_text})
    snakefile = copied / "Snakefile"
    first = snakemake(folder, snakefile=snakefile)
    assert first.returncode == 0, first.stderr
    package = copied / "scripts/targetboard"

    def plan_after(edited: Path) -> dict[str, int]:
        before = edited.read_bytes()
        edited.write_bytes(before + b"\n")
        plan = snakemake(folder, "--dry-run", snakefile=snakefile)
        edited.write_bytes(before)
        return planned(plan.stdout + plan.stderr)

    assert plan_after(next(iter(sorted((package / "report/templates").iterdir())))) == {"report": 2, "gate": 1}
    assert plan_after(package / "classify/driver.py") == {
        "compile_knowledge": 1,
        "annotate": 2,
        "report": 2,
        "cohort_tables": 1,
        "gate": 1,
    }
    assert plan_after(package / "cohort/tables.py") == {"cohort_tables": 1, "gate": 1}
    assert plan_after(copied / "resources/knowledge/therapies.tsv").get("compile_knowledge") == 1
    sheet = folder / "config/samples.tsv"
    sheet.write_text(sheet.read_text().replace("B.vcf\tGRCh38\tMEL", "B.vcf\tGRCh38\tNSCLC"), encoding="utf-8")
    plan = snakemake(folder, "--dry-run", snakefile=snakefile)
    assert planned(plan.stdout + plan.stderr)["annotate"] == 1


def test_a_wrong_sheet_is_one_line_with_place_and_remedy(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text})
    sheet = folder / "config/samples.tsv"
    sheet.write_text(sheet.read_text().replace("GRCh38", "hg38"), encoding="utf-8")
    run = snakemake(folder, "--dry-run")
    assert run.returncode != 0
    assert "line 2, column assembly: 'hg38' is not allowed. Use one of 'GRCh37', 'GRCh38'" in run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr


def test_rows_of_a_patient_that_differ_in_consent_are_told_once(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text, "B": vcf_text})
    sheet = folder / "config/samples.tsv"
    lines = sheet.read_text().rstrip("\n").split("\n")
    more = ["patient_id\tconsent_germline", "P1\tyes", "P1\tno"]
    sheet.write_text("".join(f"{line}\t{cells}\n" for line, cells in zip(lines, more, strict=True)), encoding="utf-8")
    run = snakemake(folder, "--dry-run")
    assert run.returncode == 0
    said = "patient P1 differ in consent_germline (line 2 yes, line 3 no); the refusal holds for all of them"
    assert (run.stdout + run.stderr).count(said) == 1


def test_lint_is_clean(tmp_path: Path, snakemake: Callable) -> None:
    run = snakemake(tmp_path, "--lint")
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("profile", ["local", "ci"])
def test_profiles_load(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str, profile: str
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text})
    run = snakemake(folder, "--dry-run", "--workflow-profile", str(root / "workflow/profiles" / profile))
    assert run.returncode == 0, run.stderr
