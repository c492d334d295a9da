"""Signing is a human act between two runs: the next run renders FINAL, and a changed document is a draft again.

One job a sample (batch size 1) and batches behave alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.cli import main


@pytest.mark.workflow
@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_signed_report_is_final_until_its_document_changes(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str, batch_size: int
) -> None:
    folder = project(tmp_path / "run", {"S1": vcf_text}, {"execution": {"batch_size": batch_size}})
    result = folder / "results/S1"

    def run_and_read() -> str:
        done = snakemake(folder)
        assert done.returncode == 0, done.stderr
        return (result / "S1.report.html").read_text(encoding="utf-8")

    assert "DRAFT – NOT SIGNED OUT" in run_and_read()
    options = ["--reviewer", "R. Example", "--role", "Pathologist", "--date", "2026-05-04"]
    assert main(["sign", "--document", str(result / "S1.json"), "--meaning", "approved", *options]) == 0
    assert "FINAL – VERSION 1" in run_and_read()
    signed = (result / "S1.v1.json").read_bytes()

    (folder / "vcf/S1.vcf").write_text(vcf_text.replace("140,60", "140,70"), encoding="utf-8")
    page = run_and_read()
    assert "DRAFT – SIGNED FOR ANOTHER VERSION" in page
    assert "FINAL" not in page
    assert "Changes since version 1" in page
    assert (result / "S1.v1.json").read_bytes() == signed
    vafs = [json.loads(raw)["variants"][0]["vaf"] for raw in (signed, (result / "S1.json").read_bytes())]
    assert vafs == [0.3, pytest.approx(1 / 3, abs=0.001)]
