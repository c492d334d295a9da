"""Patients in the workflow: a new time point renders its own patient, in jobs of one sample and in batches."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow

ROW = "{sample}\t../vcf/{sample}.vcf\tGRCh38\tMEL\t{patient}\n"


def write_project(folder: Path, patients: dict[str, str], vcf_text: str, batch_size: int | str) -> None:
    (folder / "config").mkdir(parents=True)
    (folder / "vcf").mkdir()
    config = {"samples": "config/samples.tsv", "execution": {"batch_size": batch_size}}
    (folder / "config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (folder / "config/samples.tsv").write_text("sample_id\tvcf\tassembly\ttumour_type\tpatient_id\n", encoding="utf-8")
    for sample, patient in patients.items():
        add_sample(folder, sample, patient, vcf_text)


def add_sample(folder: Path, sample: str, patient: str, vcf_text: str) -> None:
    (folder / "vcf" / f"{sample}.vcf").write_text(vcf_text, encoding="utf-8")
    with (folder / "config/samples.tsv").open("a", encoding="utf-8") as sheet:
        sheet.write(ROW.format(sample=sample, patient=patient))


def samples_of(folder: Path, patient: str) -> list[str]:
    document = json.loads((folder / f"results/patients/{patient}/{patient}.patient.json").read_text(encoding="utf-8"))
    return [sample["sample_id"] for sample in document["samples"]]


@pytest.mark.parametrize("batch_size", [1, 2])
def test_a_new_time_point_renders_its_patient_only(
    tmp_path: Path, snakemake: Callable, vcf_text: str, batch_size: int
) -> None:
    folder = tmp_path / "run"
    write_project(folder, {"A1": "PA", "A2": "PA", "B1": "PB", "B2": "PB", "C1": "PC", "D1": ""}, vcf_text, batch_size)
    first = snakemake(folder)
    assert first.returncode == 0, first.stderr
    assert samples_of(folder, "PA") == ["A1", "A2"]
    assert sorted(path.name for path in (folder / "results/patients").iterdir()) == ["PA", "PB"]
    again = snakemake(folder)
    assert "Nothing to be done" in again.stderr + again.stdout

    other = folder / "results/patients/PB/PB.patient.html"
    before = other.stat().st_mtime_ns
    add_sample(folder, "A3", "PA", vcf_text)
    added = snakemake(folder)
    assert added.returncode == 0, added.stderr
    assert samples_of(folder, "PA") == ["A1", "A2", "A3"]
    assert other.stat().st_mtime_ns == before
    if batch_size == 1:
        assert re.search(r"^patient\s+1$", added.stderr, flags=re.MULTILINE)

    # a deleted file is made again, and then nothing is left to do
    content = other.read_bytes()
    other.unlink()
    mended = snakemake(folder)
    assert mended.returncode == 0, mended.stderr
    assert other.read_bytes() == content
    last = snakemake(folder)
    assert "Nothing to be done" in last.stderr + last.stdout
