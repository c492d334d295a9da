"""What machines do to a run: kills, full and read-only disks, other locales and clocks, two runs at once.

After a re-run every file has the bytes of an undisturbed run, and no part of a file is left.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

SEED = 20260601
SAMPLES = 8
MODES = {"batches": {"execution": {"batch_size": 2}}, "single jobs": {"execution": {"batch_size": 1}}}


def tree(folder: Path) -> dict[str, bytes]:
    """Every file under a folder, hidden ones too, by its relative path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def start(root: Path, folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """Snakemake in a process group of its own, so that it can be killed with everything it started."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(root / "Snakefile"), "--directory", str(folder)]
    return subprocess.Popen(
        [*command, "--cores", "2", "--scheduler", "greedy", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, **environment},
    )


def kill_all(process: subprocess.Popen[str]) -> None:
    """kill -9 of the whole group, as a crash of the machine would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


@pytest.mark.parametrize("mode", MODES)
def test_killed_runs_end_in_the_same_bytes(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str, mode: str
) -> None:
    names = {f"S{number}": vcf_text for number in range(SAMPLES if mode == "batches" else 3)}
    whole = project(tmp_path / "whole", names, MODES[mode])
    begin = time.monotonic()
    assert snakemake(whole).returncode == 0
    seconds = time.monotonic() - begin

    killed = project(tmp_path / "killed", names, MODES[mode])
    chance = random.Random(f"{SEED} {mode}")  # noqa: S311  a seeded moment, no secret
    for _ in range(2 if mode == "batches" else 1):
        run = start(root, killed, "--rerun-incomplete")
        time.sleep(chance.uniform(0.35, 0.9) * seconds)
        kill_all(run)
        assert snakemake(killed, "--unlock").returncode == 0
    for path in killed.glob("results/*/*.json"):
        assert path.read_bytes() == (whole / path.relative_to(killed)).read_bytes()
    last = snakemake(killed, "--rerun-incomplete")
    assert last.returncode == 0, last.stderr
    assert tree(killed / "results") == tree(whole / "results")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mounts a small file system on a folder, or changes its options; unmounts at the end."""
    mounted: list[Path] = []

    def mount(folder: Path, options: str) -> None:
        folder.mkdir(exist_ok=True)
        words = f"remount,{options}" if folder in mounted else options
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", words, "tmpfs", str(folder)], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            pytest.skip(f"no file system can be mounted here ({done.stderr.strip()})")
        if folder not in mounted:
            mounted.append(folder)

    if os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small file system needs root")
    yield mount
    for folder in mounted:
        subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_said_and_leaves_no_part(
    tmp_path: Path, snakemake: Callable, project: Callable, vcf_text: str, small_disk: Callable
) -> None:
    names = {f"S{number}": vcf_text for number in range(6)}
    whole = project(tmp_path / "whole", names, MODES["batches"])
    assert snakemake(whole).returncode == 0
    folder = project(tmp_path / "full", names, MODES["batches"])
    size = sum(path.stat().st_size for path in (whole / "results/knowledge").iterdir())
    # room for the knowledge and the outputs of some samples
    small_disk(folder / "results", f"size={size // 1024 + 320}k")
    full = snakemake(folder, "--keep-going")
    assert full.returncode != 0
    logs = "".join(path.read_text(encoding="utf-8") for path in folder.glob("logs/**/*.log"))
    assert "No space left on device" in logs + full.stderr
    assert "Free some space" in logs
    assert "Traceback" not in logs
    written = tree(folder / "results")
    assert {name: whole_bytes for name, whole_bytes in tree(whole / "results").items() if name in written} == written
    assert "complete.txt" not in written
    small_disk(folder / "results", "size=64m")
    again = snakemake(folder, "--rerun-incomplete")
    assert again.returncode == 0, again.stderr
    assert tree(folder / "results") == tree(whole / "results")


def test_read_only_results_are_said_and_the_run_goes_on_when_mended(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str, small_disk: Callable
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text, "B": vcf_text}, MODES["batches"])
    small_disk(folder / "results", "size=64m")
    assert snakemake(folder).returncode == 0
    before = tree(folder / "results")
    (folder / "vcf/A.vcf").write_text(vcf_text.replace("140,60", "150,50"), encoding="utf-8")
    small_disk(folder / "results", "ro,size=64m")
    refused = snakemake(folder)
    assert refused.returncode != 0
    assert "Write-protected output files" in refused.stderr
    by_hand = subprocess.run(
        [sys.executable, "-m", "targetboard", "report", "--manifest", "config/samples.tsv", "--out", "results"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root / "scripts")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert by_hand.returncode == 7
    assert "results/A/A.report.html: the output cannot be written (Read-only file system)" in by_hand.stderr
    assert tree(folder / "results") == before
    small_disk(folder / "results", "rw,size=64m")
    mended = snakemake(folder, "--rerun-incomplete")
    assert mended.returncode == 0, mended.stderr
    after = tree(folder / "results")
    assert {name for name in after if after[name] != before.get(name)} >= {"A/A.json", "A/A.report.html"}
    assert after["B/B.json"] == before["B/B.json"]


def surroundings() -> dict[str, Mapping[str, str]]:
    """Environments a run may meet; those this machine has."""
    found: dict[str, Mapping[str, str]] = {
        "C locale, far east": {"LC_ALL": "C", "LANG": "C", "TZ": "Pacific/Kiritimati", "PYTHONHASHSEED": "1"},
        "far west, other epoch": {"TZ": "Pacific/Pago_Pago", "SOURCE_DATE_EPOCH": "0", "PYTHONHASHSEED": "2"},
    }
    locales = subprocess.run(["locale", "-a"], capture_output=True, text=True, check=False)
    if "tr_TR.utf8" in locales.stdout:
        found["Turkish"] = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"}
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if libraries:
        found["clock in another year"] = {"LD_PRELOAD": str(libraries[0]), "FAKETIME": "+700d"}
    return found


def test_locale_time_zone_and_clock_change_no_byte(
    tmp_path: Path, root: Path, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {"A": vcf_text, "B": None})
    sheet = str(folder / "config/samples.tsv")
    trees: dict[str, dict[str, bytes]] = {}
    for name, environment in {"as here": {}, **surroundings()}.items():
        out = tmp_path / name
        for words in (["annotate", "--failure-document"], ["report"]):
            command = [sys.executable, "-m", "targetboard", *words, "--manifest", sheet, "--out", str(out)]
            done = subprocess.run(
                command,
                env={**os.environ, "PYTHONPATH": str(root / "scripts"), **environment},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
        trees[name] = tree(out)
    assert len(trees) >= 3
    assert {name for name, found in trees.items() if found != trees["as here"]} == set()


def test_of_two_runs_at_once_one_wins_and_the_other_says_so(
    tmp_path: Path, root: Path, snakemake: Callable, project: Callable, vcf_text: str
) -> None:
    folder = project(tmp_path / "run", {f"S{number}": vcf_text for number in range(SAMPLES)}, MODES["batches"])
    first = start(root, folder)
    for _ in range(600):
        if any((folder / ".snakemake/locks").glob("*")) or first.poll() is not None:
            break
        time.sleep(0.05)
    second = snakemake(folder)
    output, _ = first.communicate()
    assert first.returncode == 0, output
    assert second.returncode != 0
    assert "this folder is locked: another run is at work here" in second.stderr
    assert "Directory cannot be locked" in second.stderr or "IncompleteFilesException" in second.stderr
    assert len(list(folder.glob("results/S*/S*.report.html"))) == SAMPLES
