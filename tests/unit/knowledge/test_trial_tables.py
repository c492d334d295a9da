"""The trials table: one arm a row, in the index as in the directory, and each fault of a row found at its place."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from targetboard.knowledge.index import build
from targetboard.knowledge.lint import lint
from targetboard.knowledge.loader import load
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.schema import Finding

ROW = {
    "trial_id": "NCT00000001",
    "title": "INVENT",
    "design": "umbrella",
    "biomarkers": "INVO1_V60E",
    "tumour_types": "ANY_SOLID",
    "status": "recruiting",
    "access_date": "2026-01-02",
    "sources": "NCT:00000001",
    "verified_in": "invented",
    "arm": "A",
    "profile": "",
    "excluded_tumour_types": "",
    "age_min": "18",
    "age_max": "",
    "status_as_of": "2025-12",
}


def write(folder: Path, *rows: Mapping[str, str]) -> None:
    lines = ["\t".join(ROW), *("\t".join({**ROW, **row}.values()) for row in rows)]
    (folder / "trials.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_manifest(folder)


def findings(folder: Path) -> list[Finding]:
    """Findings but those of the manifest, which names no source of the table written here."""
    return [finding for finding in lint([folder]) if finding.table != "MANIFEST"]


def test_arms_of_one_trial_are_rows_of_their_own(knowledge_dir: Path, tmp_path: Path) -> None:
    write(knowledge_dir, {}, {"arm": "B", "age_min": "12"}, {"trial_id": "NCT00000002", "arm": ""})
    assert findings(knowledge_dir) == []
    base = load([knowledge_dir])
    assert list(base.trials) == ["NCT00000001 A", "NCT00000001 B", "NCT00000002"]
    assert base.layer_of("trials", "NCT00000001", "B").release == base.release
    index = tmp_path / "index.json"
    index.write_bytes(build([knowledge_dir]).content)
    assert dict(load([index]).trials) == dict(base.trials)


def test_a_later_layer_replaces_one_arm(knowledge_dir: Path, tmp_path: Path) -> None:
    write(knowledge_dir, {}, {"arm": "B"})
    own = tmp_path / "own"
    own.mkdir()
    (own / "MANIFEST.yaml").write_text("release: own\ndate: '2026-02-01'\ntables: {}\n", encoding="utf-8")
    lines = ["\t".join(ROW), "\t".join({**ROW, "arm": "B", "status": "completed"}.values())]
    (own / "trials.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    write_manifest(own)
    base = load([knowledge_dir, own])
    assert {key: row.status for key, row in base.trials.items()} == {
        "NCT00000001 A": "recruiting",
        "NCT00000001 B": "completed",
    }
    assert base.layer_of("trials", "NCT00000001", "B").release == "own"


@pytest.mark.parametrize(
    ("change", "column", "words"),
    [
        ({"design": "other"}, "design", "is none of"),
        ({"status": "open"}, "status", "is none of"),
        ({"biomarkers": "NO_SUCH"}, "biomarkers", "does not stand in biomarkers.biomarker_id"),
        ({"biomarkers": ""}, "biomarkers", "asks for no biomarker"),
        ({"profile": "NO_SUCH"}, "profile", "is no alteration or marker"),
        ({"profile": "INVO1_V60E AND"}, "profile", "profile"),
        ({"age_max": "17"}, "age_min", "lies above age_max"),
        ({"access_date": ""}, "access_date", "without the day it was read"),
        ({"access_date": "2026-02-30"}, "access_date", "no day of the calendar"),
        ({"status_as_of": "2026-02"}, "status_as_of", "later than the day it was read"),
        ({"excluded_tumour_types": "NO_SUCH"}, "excluded_tumour_types", "does not stand in tumour_types.code"),
    ],
)
def test_faults_of_a_row(knowledge_dir: Path, change: dict[str, str], column: str, words: str) -> None:
    write(knowledge_dir, change)
    found = findings(knowledge_dir)
    assert [(finding.table, finding.column) for finding in found] == [("trials", column)], found
    assert words in found[0].message
    assert found[0].line == 2


def test_a_tumour_type_is_not_both_taken_and_left_out(knowledge_dir: Path) -> None:
    code = load([knowledge_dir]).tumour_types
    name = next(iter(code))
    write(knowledge_dir, {"tumour_types": name, "excluded_tumour_types": name})
    assert [finding.message for finding in findings(knowledge_dir)] == [f"{name} is both included and excluded"]
