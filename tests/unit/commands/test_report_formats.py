"""One document, several papers: names, files and refusals of ``targetboard report --format``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from targetboard import cli
from targetboard.commands.report import FORMATS

DOCUMENT = Path(__file__).resolve().parents[2] / "data" / "documents" / "nsclc_egfr_t790m.json"


def _report(out: Path, *options: str) -> int:
    return cli.main(["report", "--document", str(DOCUMENT), "--out", str(out), *options])


def test_without_the_option_the_html_report_is_written(tmp_path: Path) -> None:
    assert _report(tmp_path) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["NSCLC-014.report.html"]


def test_every_format_is_written_under_its_own_name(tmp_path: Path) -> None:
    assert _report(tmp_path, "--format", ",".join(FORMATS), "--format", "html") == 0
    assert {path.name for path in tmp_path.iterdir()} == {f"NSCLC-014{form.suffix}" for form in FORMATS.values()}
    assert len({form.suffix for form in FORMATS.values()}) == len(FORMATS)


@pytest.mark.parametrize("name", ["docx", "html,docx", "", ","])
def test_an_unknown_format_is_wrong_usage_and_writes_nothing(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _report(tmp_path / "out", "--format", name) == 2
    assert "no known format" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("sample_id", ["../S1", "a/b", "", ".hidden", "x" * 65])
def test_a_sample_id_that_leaves_the_folder_writes_nothing(
    sample_id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    document["sample"]["sample_id"] = sample_id
    path = tmp_path / "document.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert cli.main(["report", "--document", str(path), "--out", str(tmp_path / "out" / "inner")]) == 3
    assert "cannot name a file" in capsys.readouterr().err
    assert [entry.name for entry in tmp_path.iterdir()] == ["document.json"]


def test_the_configuration_knows_the_same_formats(root: Path) -> None:
    schema = yaml.safe_load((root / "workflow/schemas/config.schema.yaml").read_text(encoding="utf-8"))
    assert schema["properties"]["reports"]["items"]["enum"] == list(FORMATS)
