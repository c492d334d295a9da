"""The verb: one patient by documents, or all patients of a sheet; what is current stays untouched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.cli import main
from targetboard.patient.plan import patients_of, plan_word
from targetboard.samples import load_samples

PATIENTS = {"A": "P1", "B": "P1", "C": "P2", "D": "P2", "E": "P3"}


@pytest.fixture
def results(tmp_path: Path, make_document: Callable) -> Path:
    for name, patient in PATIENTS.items():
        folder = tmp_path / "results" / name
        folder.mkdir(parents=True)
        document = make_document(name, sample={"patient_id": patient})
        (folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    rows = [f"{name}	{name}.vcf	GRCh38	LUAD	{patient}" for name, patient in PATIENTS.items()]
    sheet = tmp_path / "samples.tsv"
    sheet.write_text("\n".join(["sample_id\tvcf\tassembly\ttumour_type\tpatient_id", *rows]) + "\n", encoding="utf-8")
    return tmp_path


def test_documents_of_one_patient(results: Path) -> None:
    documents = [str(results / f"results/{name}/{name}.json") for name in "AB"]
    assert main(["patient", "--documents", *documents, "--out", str(results / "out")]) == 0
    assert sorted(path.name for path in (results / "out").iterdir()) == ["P1.patient.html", "P1.patient.json"]


def test_all_patients_of_a_sheet_and_only_what_changed(results: Path) -> None:
    out, flag = results / "patients", results / "done"
    command = ["patient", "--samples", str(results / "samples.tsv"), "--results", str(results / "results")]
    command += ["--out", str(out), "--done", str(flag), "--state", "word.0"]
    assert main(command) == 0
    assert sorted(path.name for path in out.iterdir()) == ["P1", "P2"]
    assert flag.read_text(encoding="utf-8") == "word.0\n"
    pages = {name: (out / name / f"{name}.patient.html") for name in ("P1", "P2")}
    before = {name: page.stat().st_mtime_ns for name, page in pages.items()}
    changed = results / "results/C/C.json"
    changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    assert main(command) == 0
    assert pages["P1"].stat().st_mtime_ns == before["P1"]
    assert pages["P2"].stat().st_mtime_ns != before["P2"]


def test_the_word_of_a_plan_stays_while_nothing_has_to_be_made(results: Path) -> None:
    out, flag = results / "patients", results / "done"
    patients = patients_of(load_samples(results / "samples.tsv"))
    assert patients == {"P1": ["A", "B"], "P2": ["C", "D"]}
    word = plan_word(flag, patients, out)
    assert word.endswith(".0")
    command = ["patient", "--samples", str(results / "samples.tsv"), "--results", str(results / "results")]
    assert main([*command, "--out", str(out), "--done", str(flag), "--state", word]) == 0
    assert plan_word(flag, patients, out) == word
    (out / "P1/P1.patient.html").unlink()
    assert plan_word(flag, patients, out) == word.replace(".0", ".1")
    assert plan_word(flag, {"P1": ["A", "B"]}, out) != word


@pytest.mark.parametrize(
    "arguments", [[], ["--samples", "x.tsv"], ["--results", "x"], ["--documents", "a.json", "--samples", "x.tsv"]]
)
def test_wrong_usage_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["patient", *arguments, "--out", "out"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_patient_id_that_leads_elsewhere_is_refused(
    tmp_path: Path, make_document: Callable, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = []
    for name in "AB":
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(make_document(name, sample={"patient_id": "../../x"})), encoding="utf-8")
        paths.append(str(path))
    assert main(["patient", "--documents", *paths, "--out", str(tmp_path / "out")]) == 2
    assert "cannot name files" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
