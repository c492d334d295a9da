"""An output file appears whole or not at all."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from targetboard.errors import ExitCode, UsageError
from targetboard.files import atomic_path, remove_leftovers, write_atomically


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_target_appears_at_the_end(tmp_path: Path) -> None:
    target = tmp_path / "S1.annotated.vcf.gz"
    with atomic_path(target) as temporary:
        temporary.write_bytes(b"whole")
        assert temporary.parent == tmp_path
        assert temporary.name.endswith(".vcf.gz")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(tmp_path) == [target.name]


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_failure_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, failure: type[BaseException]) -> None:
    target = tmp_path / "S1.json"
    target.write_text("old")

    def write_half() -> None:
        with atomic_path(target) as temporary:
            temporary.write_text("ha")
            raise failure

    with pytest.raises(failure):
        write_half()
    assert target.read_text() == "old"
    assert names(tmp_path) == ["S1.json"]


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o640), (0o027, 0o640), (0o077, 0o600), (0, 0o640)])
def test_others_cannot_read(tmp_path: Path, umask: int, mode: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "a", b"x")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == mode


def test_missing_directory_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be written") as caught, atomic_path(tmp_path / "no" / "a"):
        pass
    assert caught.value.code is ExitCode.USAGE
    assert str(tmp_path / "no" / "a") in caught.value.one_line()


def test_full_disk_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No space left"), atomic_path(tmp_path / "a"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


def test_other_errors_pass_unchanged(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), atomic_path(tmp_path / "a"):
        (tmp_path / "input").read_text()


def test_a_symbolic_link_is_replaced_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("keep")
    (tmp_path / "link").symlink_to(outside)
    write_atomically(tmp_path / "link", b"new")
    assert outside.read_text() == "keep"
    assert not (tmp_path / "link").is_symlink()


def test_long_names_work(tmp_path: Path) -> None:
    target = tmp_path / ("x" * 250)
    write_atomically(target, b"1")
    assert target.read_bytes() == b"1"


def test_a_killed_process_leaves_no_target(tmp_path: Path, root: Path) -> None:
    program = (
        "import os, sys\nfrom pathlib import Path\nfrom targetboard.files import atomic_path, remove_leftovers\n"
        "with atomic_path(Path(sys.argv[1])) as temporary:\n"
        "    temporary.write_text('part')\n"
        f"    os.kill(os.getpid(), {signal.SIGKILL.value})\n"
    )
    target = tmp_path / "S1.json"
    environment = {**os.environ, "PYTHONPATH": str(root / "scripts")}
    done = subprocess.run([sys.executable, "-c", program, str(target)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not target.exists()
    assert all(name.startswith(".") for name in names(tmp_path))


def test_leftovers_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    gone = [
        ".S1.json.abcdefgh.part.json",
        ".S1.annotated.vcf.gz.a_cdefg1.part.vcf.gz",
        "..S1.annotated.vcf.gz.a_cdefg1.part.vcf.gz.abcdefgh.part.vcf.gz",
    ]
    kept = ["S1.json", ".S1.json", ".S12.json.abcdefgh.part.json", ".S1.json.json.abcdefgh.part.json"]
    for name in gone + kept:
        (tmp_path / name).write_text("x")
    for name in (".work-S1-abcdefgh", ".work-S1-2-abcdefgh"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("x")
    remove_leftovers(tmp_path, ["S1.json", "S1.annotated.vcf.gz"], ".work-S1-")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*kept, ".work-S1-2-abcdefgh"])


def test_a_part_file_has_the_name_that_is_cleaned(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "S1.json") as part:
        copy = tmp_path / "copy"
        copy.mkdir()
        (copy / part.name).write_text("left")
        remove_leftovers(copy, ["S1.json"])
        assert list(copy.iterdir()) == []
        part.write_text("{}")
