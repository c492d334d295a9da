"""The formats that the configuration lists: made for complete and failed samples, alike from jobs and from batches."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.commands.report import FORMATS

pytestmark = pytest.mark.workflow


def papers(folder: Path) -> dict[str, bytes]:
    """Every rendered file of the results by its name."""
    suffixes = tuple(form.suffix for form in FORMATS.values())
    return {path.name: path.read_bytes() for path in folder.glob("results/S?/*") if path.name.endswith(suffixes)}


def test_all_formats_are_made_of_every_sample_and_made_again_where_one_is_gone(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    samples = {"S1": vcf_text, "S2": None}
    wanted = {"reports": list(FORMATS)}
    folder = project(tmp_path / "jobs", samples, wanted)
    first = snakemake(folder)
    assert "failed: S2 (exit 3)" in first.stdout + first.stderr
    made = papers(folder)
    assert set(made) == {f"{sample}{form.suffix}" for sample in samples for form in FORMATS.values()}
    assert "The test could not be completed" in made["S2.patient.html"].decode()
    assert "vemurafenib" in made["S1.patient.html"].decode()

    (folder / "results/S1/S1.patient.pdf").unlink()
    second = snakemake(folder)
    assert re.search(r"^report\s+1$", second.stdout + second.stderr, flags=re.MULTILINE)
    assert papers(folder) == made

    batched = project(tmp_path / "batches", samples, {**wanted, "execution": {"batch_size": 2}})
    snakemake(batched)
    assert papers(batched) == made


def test_an_unknown_format_is_one_line_with_the_known_ones(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {"S1": vcf_text}, {"reports": ["docx"]})
    run = snakemake(folder)
    assert run.returncode != 0
    assert "config/config.yaml, key reports.0: 'docx' is not one of ['html', 'pdf'," in run.stdout + run.stderr
    assert not (folder / "results").exists()
