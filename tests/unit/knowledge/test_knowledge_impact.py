"""Re-analysis of archived documents: which sample changes, in what, and because of which rows."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main
from targetboard.knowledge.manifest import write_manifest

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "resources/knowledge"
SAMPLE = "MEL-02"


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demonstration sample, annotated with the shipped tables."""
    out = tmp_path_factory.mktemp("documents")
    vcf = ROOT / "resources/demo/MEL-02.vardict.snpeff.GRCh37.vcf"
    arguments = ["--sample-id", SAMPLE, "--assembly", "GRCh37", "--tumour-type", "MEL", "--out", str(out / "run")]
    assert main(["annotate", "--vcf", str(vcf), *arguments]) == 0
    return out


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED, tmp_path / "new"))


def edit(directory: Path, table: str, change: Callable[[list[str], list[str]], list[str] | None]) -> None:
    """Change each row as lists of columns and cells; None drops the row."""
    path = directory / f"{table}.tsv"
    head, *rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    kept = [row for row in (change(head, row) for row in rows) if row is not None]
    path.write_text("".join("\t".join(row) + "\n" for row in [head, *kept]), encoding="utf-8")
    write_manifest(directory)


def setting(key: str, column: str, value: str) -> Callable[[list[str], list[str]], list[str]]:
    def change(head: list[str], row: list[str]) -> list[str]:
        if row[0] == key:
            row[head.index(column)] = value
        return row

    return change


def impact(capsys: pytest.CaptureFixture[str], documents: Path, old: Path, new: Path) -> dict[str, Any]:
    assert main(["knowledge", "impact", "--documents", str(documents), str(old), str(new), "--json"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    return content


def test_the_same_knowledge_changes_nothing_and_reproduces_the_document(
    capsys: pytest.CaptureFixture[str], documents: Path
) -> None:
    content = impact(capsys, documents, SHIPPED, SHIPPED)
    (sample,) = content["samples"]
    assert (sample["sample_id"], sample["changes"], sample["document_knowledge"]) == (SAMPLE, [], "new")
    assert not [note for note in sample["notes"] if "does not reproduce" in note]
    assert any("counted only" in note for note in sample["notes"])
    assert content["limitations"]


def test_a_lowered_driver_changes_class_tier_and_therapy(
    capsys: pytest.CaptureFixture[str], documents: Path, new: Path
) -> None:
    document = json.loads((documents / "run" / f"{SAMPLE}.json").read_text())
    carrier = next(v for v in document["variants"] if v["gene"] == "BRAF")
    names = {match["alteration_id"] for match in carrier["matches"]}

    def lower(head: list[str], row: list[str]) -> list[str]:
        if row[0] in names:
            row[head.index("evidence")] = "supported"
        return row

    edit(new, "alterations", lower)
    (sample,) = impact(capsys, documents, SHIPPED, new)["samples"]
    kinds = {change["kind"] for change in sample["changes"]}
    assert {"class", "tier", "therapy"} <= kinds
    (change,) = [change for change in sample["changes"] if change["kind"] == "class"]
    assert (change["old"], change["new"]) == ("validated_driver", "likely_driver")
    assert change["subject"].startswith("BRAF ")
    assert any("changed in evidence" in reason for reason in change["because"])
    assert all(change["because"] for change in sample["changes"])


def test_a_changed_approval_names_its_row(capsys: pytest.CaptureFixture[str], documents: Path, new: Path) -> None:
    document = json.loads((documents / "run" / f"{SAMPLE}.json").read_text())
    claim = next(row["claim_id"] for row in document["therapies"] if len(row["approvals"]) == 1)
    edit(new, "approvals", lambda head, row: None if row[0] == claim else row)
    (sample,) = impact(capsys, documents, SHIPPED, new)["samples"]
    (change,) = sample["changes"]
    assert (change["kind"], change["subject"], change["new"]) == ("therapy", f"{claim} (approvals)", "none")
    assert any(reason.startswith(f"approvals {claim}/") for reason in change["because"])


def test_documents_of_other_knowledge_are_told(
    capsys: pytest.CaptureFixture[str], documents: Path, new: Path, tmp_path: Path
) -> None:
    third = Path(shutil.copytree(new, tmp_path / "third"))
    for directory, text in ((new, "one"), (third, "two")):
        drug = (directory / "drugs.tsv").read_text().splitlines()[1].split("\t")[0]
        edit(directory, "drugs", setting(drug, "target", text))
    (sample,) = impact(capsys, documents, new, third)["samples"]
    assert (sample["document_knowledge"], sample["changes"]) == ("another", [])
    assert any("neither OLD nor NEW" in note for note in sample["notes"])


def test_what_cannot_be_re_evaluated_is_listed(
    capsys: pytest.CaptureFixture[str], documents: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(documents, tmp_path / "more"))
    # a folder of results holds the compiled index beside the samples
    assert main(["knowledge", "build", "--out", str(folder / "index.json")]) == 0
    capsys.readouterr()
    document = json.loads((folder / "run" / f"{SAMPLE}.json").read_text())
    (folder / "failed.json").write_text(json.dumps(document | {"status": "failed"}))
    (folder / "broken.json").write_text(json.dumps(document | {"variants": [{}]}))
    (folder / "other.json").write_text("[1]")
    unknown = document | {"sample": document["sample"] | {"tumour_type": {"code": "NOSUCH"}}}
    (folder / "unknown.json").write_text(json.dumps(unknown))
    content = impact(capsys, folder, SHIPPED, SHIPPED)
    assert set(content["skipped"]) == {"failed.json", "broken.json"}
    assert sum("not re-evaluated" in note for sample in content["samples"] for note in sample["notes"]) == 1
    assert main(["knowledge", "impact", "--documents", str(folder), str(SHIPPED), str(SHIPPED)]) == 0
    words = capsys.readouterr().out
    assert "0 of 2 re-evaluated samples change." in words
    assert "## Not re-evaluated" in words
    assert "## What documents cannot tell" in words


def test_wrong_usage(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    shipped = str(SHIPPED)
    assert main(["knowledge", "impact", "--documents", str(tmp_path / "none"), shipped, shipped]) == 2
    assert main(["knowledge", "impact", "--documents", str(tmp_path), shipped, shipped]) == 2
    assert "no sample document is here" in capsys.readouterr().err
    (tmp_path / "x.json").write_text("{")
    assert main(["knowledge", "impact", "--documents", str(tmp_path), shipped, shipped]) == 3
