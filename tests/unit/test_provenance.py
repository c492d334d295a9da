"""Fingerprints: a template edit touches the report stage only."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from targetboard import provenance
from targetboard.errors import MalformedInput
from targetboard.provenance import LateDigest


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


def test_a_late_digest_is_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "in.vcf.gz"
    path.write_bytes(b"bytes" * 1000)
    assert LateDigest(path, path.stat()).result() == hashlib.sha256(b"bytes" * 1000).hexdigest()
    assert LateDigest(path, path.stat(), hashed=False).result() == ""


@pytest.mark.parametrize("hashed", [True, False])
def test_a_file_that_changes_or_goes_is_noticed(tmp_path: Path, hashed: bool) -> None:
    path = tmp_path / "in.vcf.gz"
    path.write_bytes(b"bytes")
    before = path.stat()
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    with pytest.raises(MalformedInput, match="the file changed while it was read"):
        LateDigest(path, before, hashed=hashed).result()
    path.unlink()
    with pytest.raises(MalformedInput, match="can no longer be read"):
        LateDigest(path, before, hashed=hashed).result()


def test_any_fault_of_the_thread_is_raised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "in.vcf.gz"
    path.write_bytes(b"bytes")

    def without_room(_: Path) -> str:
        raise MemoryError

    monkeypatch.setattr(provenance, "file_sha256", without_room)
    with pytest.raises(MemoryError):
        LateDigest(path, path.stat()).result()
