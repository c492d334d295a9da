"""``annotate --trials``: the user's list reaches the document and its provenance, and a wrong list is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from targetboard.batches.settings import input_files, parse_settings, sample_options, settings_of
from targetboard.cli import main
from targetboard.config import complete_config, load_schema
from targetboard.samples import load_samples

HEADER = "trial_id\ttitle\tdesign\tbiomarkers\ttumour_types\n"


@pytest.fixture
def case(root: Path) -> Path:
    """BRAF V600E in melanoma, from the golden cases."""
    return root / "tests/golden/cases/braf-v600e-melanoma/tumour.vcf"


def annotate(vcf: Path, trials: Path, out: Path, *more: str) -> int:
    words = ["--vcf", str(vcf), "--sample-id", "S1", "--assembly", "GRCh38", "--tumour-type", "MEL"]
    return main(["annotate", *words, "--trials", str(trials), "--out", str(out), *more])


def document(out: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads((out / "S1.json").read_text(encoding="utf-8"))
    return made


def test_own_trials_stand_beside_ours(case: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(HEADER + "LOCAL-1\tOurs\tbasket\tBRAF_V600E\tANY_SOLID\n", encoding="utf-8")
    assert annotate(case, own, tmp_path / "out") == 0
    made = document(tmp_path / "out")
    lists = {entry["trial_id"]: entry["list"] for entry in made["trials"]}
    assert lists["LOCAL-1"] == "own.tsv"
    assert lists["NCT04439292"] == made["provenance"]["knowledge"][0]["release"]
    (facts,) = [row for row in made["provenance"]["inputs"] if row["role"] == "trials"]
    assert (facts["name"], facts["bytes"]) == ("own.tsv", own.stat().st_size)


def test_a_wrong_list_is_refused_with_its_place(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(HEADER + "LOCAL-1\tOurs\tbasket\tNO_SUCH\tANY_SOLID\n", encoding="utf-8")
    assert annotate(case, own, tmp_path / "out") == 2
    said = capsys.readouterr().err
    assert "line 2, column biomarkers" in said
    assert "'NO_SUCH' is no biomarker" in said
    assert not (tmp_path / "out" / "S1.json").exists()


def test_a_missing_list_is_refused(case: Path, tmp_path: Path) -> None:
    assert annotate(case, tmp_path / "none.tsv", tmp_path / "out") == 2


def test_a_failed_document_names_the_list_without_its_folder(case: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("nothing\n", encoding="utf-8")
    assert annotate(case, own, tmp_path / "out", "--failure-document") == 0
    error = document(tmp_path / "out")["error"]
    assert error["where"].startswith("own.tsv")
    assert document(tmp_path / "out")["trials"] == []


def test_the_configuration_names_the_list_for_every_sample(root: Path, tmp_path: Path) -> None:
    (tmp_path / "trials.tsv").write_text(HEADER, encoding="utf-8")
    sheet = tmp_path / "samples.tsv"
    sheet.write_text("sample_id\tvcf\tassembly\ttumour_type\nS1\ta.vcf\tGRCh38\tMEL\n", encoding="utf-8")
    schema = load_schema(root / "workflow/schemas/config.schema.yaml")
    config = complete_config({"samples": "samples.tsv", "trials": "trials.tsv"}, schema, "config.yaml")
    settings = parse_settings(settings_of(config, tmp_path).dump())
    sample = load_samples(sheet)["S1"]
    options = sample_options(sample, settings)
    assert options[options.index("--trials") + 1] == str(tmp_path / "trials.tsv")
    assert tmp_path / "trials.tsv" in input_files(sample, settings)
    without = settings_of(complete_config({"samples": "samples.tsv"}, schema, "config.yaml"), tmp_path)
    assert "--trials" not in sample_options(sample, without)
