"""Custom content: what MultiQC is given, and that the real MultiQC renders it."""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from targetboard.cohort.collect import Cohort, collect
from targetboard.cohort.multiqc import CONFIG, multiqc_files
from targetboard.cohort.outputs import write_outputs
from targetboard.cohort.summary import tumour_groups
from targetboard.report.sections.text import printable
from targetboard.samples import valid_sample_id


def test_every_section_has_its_own_id_and_the_config_orders_them(mixed: Cohort) -> None:
    files = multiqc_files(mixed, tumour_groups(mixed.samples))
    contents = {name: json.loads(text) for name, text in files.items() if name.endswith("_mqc.json")}
    assert [content["id"] for content in contents.values()] == [name.removesuffix("_mqc.json") for name in contents]
    order = yaml.safe_load(CONFIG)["custom_content"]["order"]
    assert set(order) == {content["id"] for content in contents.values()} - {"targetboard_general"}
    general = contents["targetboard_general_mqc.json"]
    assert set(general["data"]) == {html.escape(printable(sample.sample_id)) for sample in mixed.samples}


def test_text_of_documents_is_escaped(documents: dict[str, dict[str, Any]]) -> None:
    failed = {**documents["failed_build"]}
    failed["error"] = {**failed["error"], "what": "<script>alert(1)</script>"}
    cohort = collect([failed])
    files = multiqc_files(cohort, tumour_groups(cohort.samples))
    assert "<script>" not in "".join(files.values())
    assert "&lt;script&gt;" in files["targetboard_failures_mqc.json"]


def test_a_section_of_an_earlier_run_is_removed(tmp_path: Path, documents: dict[str, dict[str, Any]]) -> None:
    write_outputs(collect(documents.values()), tmp_path)
    assert (tmp_path / "multiqc/targetboard_classes_mqc.json").exists()
    write_outputs(collect([documents["failed_build"]]), tmp_path)
    assert not (tmp_path / "multiqc/targetboard_classes_mqc.json").exists()


@pytest.fixture
def multiqc() -> str:
    """The MultiQC to test with: TARGETBOARD_MULTIQC, else the one of this environment or of the PATH."""
    beside = Path(sys.executable).parent / "multiqc"
    found = os.environ.get("TARGETBOARD_MULTIQC") or (str(beside) if beside.exists() else shutil.which("multiqc"))
    if not found:
        pytest.skip("no MultiQC here: install it in an environment of its own and name it in TARGETBOARD_MULTIQC")
    return found


@pytest.mark.multiqc
@pytest.mark.parametrize("failures_only", [False, True])
def test_multiqc_renders_it(
    tmp_path: Path, mixed: Cohort, documents: dict[str, dict[str, Any]], multiqc: str, failures_only: bool
) -> None:
    cohort = collect([documents["failed_build"]]) if failures_only else mixed
    write_outputs(cohort, tmp_path / "cohort")
    config = tmp_path / "cohort/multiqc/multiqc_config.yaml"
    command = [multiqc, "--strict", "--config", str(config), "--outdir", str(tmp_path / "out"), "--filename", "m.html"]
    run = subprocess.run([*command, str(config.parent)], capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    page = (tmp_path / "out/m.html").read_text(encoding="utf-8")
    assert "Failed samples" in page
    assert ("Actionable share" in page) is not failures_only
    data = json.loads((tmp_path / "out/m_data/multiqc_data.json").read_text(encoding="utf-8"))
    shown = json.dumps(data["report_general_stats_data"])
    assert all(sample.sample_id in shown for sample in cohort.samples if valid_sample_id(sample.sample_id))
