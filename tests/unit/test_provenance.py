"""Fingerprints: a template edit touches the report stage only."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from targetboard import provenance


@pytest.fixture
def package(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "targetboard"
    shutil.copytree(root / "scripts/targetboard", copy)
    monkeypatch.setattr(provenance, "PACKAGE", copy)
    return copy


def stages() -> dict[str, str]:
    return {stage: provenance.code_fingerprint(stage) for stage in ("annotate", "report", "cohort")}


@pytest.mark.parametrize(
    ("edited", "changed"),
    [
        ("report/templates/added.html.j2", {"report"}),
        ("report/render.py", {"report"}),
        ("report/document.py", {"annotate"}),
        ("vcf/normalise.py", {"annotate"}),
        ("classify/driver.py", {"annotate"}),
        ("cohort/tables.py", {"cohort"}),
        ("cohort/templates/cohort.html", {"cohort"}),
        ("report/sections/words.py", {"report", "cohort"}),
        ("batches/journal.py", set()),
        ("progress.py", set()),
    ],
)
def test_an_edit_changes_exactly_the_stages_it_can_affect(package: Path, edited: str, changed: set[str]) -> None:
    before = stages()
    with (package / edited).open("a") as handle:
        handle.write("\n# edited\n")
    after = stages()
    assert {stage for stage in before if before[stage] != after[stage]} == changed


def test_compiled_files_do_not_count(package: Path) -> None:
    before = stages()
    (package / "__pycache__").mkdir(exist_ok=True)
    (package / "__pycache__" / "x.py").write_text("x")
    assert stages() == before


def test_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown stage"):
        provenance.code_fingerprint("annotat")
