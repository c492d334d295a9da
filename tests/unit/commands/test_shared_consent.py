"""A refusal of germline statements reaches every sample of the patient, by a single run and by the sheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main

HEADER = "sample_id\tvcf\tassembly\ttumour_type\tpatient_id\tconsent_germline\n"


@pytest.fixture
def written(root: Path, tmp_path: Path) -> Path:
    """Two samples of one patient, BRCA1 that may be inherited; the second row refuses."""
    vcf = root / "tests/golden/cases/brca1-consent-refused/tumour.vcf"
    path = tmp_path / "samples.tsv"
    rows = [f"{name}\t{vcf}\tGRCh38\tHGSOC\tP1\t{word}\n" for name, word in (("A", "yes"), ("B", "no"))]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def silent_on_inheritance(document: dict[str, Any]) -> bool:
    return not any("germline_suspect" in row["flags"] for row in document["variants"]) and not any(
        line["kind"] == "germline" for line in document["headline"]
    )


def read(path: Path) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return made


def told(document: dict[str, Any]) -> list[str]:
    return [text for text in document["warnings"] if "consent taken from another sample of the patient" in text]


def test_a_sheet_is_read_with_the_refusal_of_another_row(
    written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["annotate", "--manifest", str(written), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().err
    assert "targetboard: warning: " in said
    assert "patient P1 differ in consent_germline (line 2 yes, line 3 no)" in said
    first, second = (read(tmp_path / "out" / name / f"{name}.json") for name in "AB")
    assert silent_on_inheritance(first)
    assert silent_on_inheritance(second)
    assert first["sample"]["clinical"]["consent_germline"] == "no"
    assert told(first) == ["consent_germline 'no': consent taken from another sample of the patient (B)"]
    assert told(second) == []


def test_a_single_run_with_the_sheet_says_the_same(written: Path, tmp_path: Path) -> None:
    vcf = written.read_text(encoding="utf-8").splitlines()[1].split("\t")[1]
    words = ["annotate", "--vcf", vcf, "--sample-id", "A", "--assembly", "GRCh38", "--tumour-type", "HGSOC"]
    assert main([*words, "--clinical", str(written), "--out", str(tmp_path / "one")]) == 0
    document = read(tmp_path / "one" / "A.json")
    assert silent_on_inheritance(document)
    assert len(told(document)) == 1
    written.write_text(written.read_text(encoding="utf-8").replace("\tno\n", "\tyes\n"), encoding="utf-8")
    assert main([*words, "--clinical", str(written), "--out", str(tmp_path / "two")]) == 0
    document = read(tmp_path / "two" / "A.json")
    assert not silent_on_inheritance(document)
    assert told(document) == []
