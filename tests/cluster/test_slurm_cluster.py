"""The workflow on a real SLURM: the bytes of a local run, whatever is killed on the way."""

from __future__ import annotations

import gzip
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

pytestmark = pytest.mark.cluster

SAMPLES = 48


def log_of(folder: Path) -> str:
    return folder.with_name(f"{folder.name}.log").read_text(encoding="utf-8", errors="replace")


def test_the_demo_gives_the_bytes_of_the_local_run(
    tmp_path: Path, root: Path, slurm: Any, start: Callable, finish: Callable, digests: Callable
) -> None:
    local, cluster = tmp_path / "local", tmp_path / "on a cluster"
    (cluster / "config").mkdir(parents=True)
    local.mkdir()
    config = {**yaml.safe_load((root / "config/config.yaml").read_text()), "execution": {"batch_size": 4}}
    (cluster / "config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")

    assert finish(start(local)) == 0, log_of(local)
    assert finish(start(cluster, slurm=slurm)) == 0, log_of(cluster)

    expected = digests(local)
    assert sum(name.endswith(".report.html") for name in expected) >= 9
    assert digests(cluster) == expected
    assert len(slurm.jobs("COMPLETED")) == len(slurm.jobs()) >= 4
    assert list(cluster.glob("logs/slurm/rule_annotate_batch/*/*.log"))
    assert finish(start(cluster, slurm=slurm)) == 0
    assert "Nothing to be done" in log_of(cluster)

    hosts_own = [str(tmp_path), str(root), str(Path.home()), f"{slurm.folder}"]
    for path in sorted((cluster / "results").rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            text = gzip.decompress(content) if path.suffix == ".gz" else content
            assert not [place for place in hosts_own if len(place) > 4 and place.encode() in text], path
            if len(socket.gethostname()) > 4:
                assert socket.gethostname().encode() not in text, path
    left = [path.name for place in ("submit_tmp", "node_tmp") for path in (slurm.folder / place).rglob("targetboard*")]
    assert left == []


def test_a_cancelled_job_and_a_lost_one_are_made_again_by_the_same_run(
    tmp_path: Path, slurm: Any, start: Callable, finish: Callable, batched: Callable, digests: Callable
) -> None:
    local, cluster = batched(tmp_path / "local", SAMPLES), batched(tmp_path / "cluster", SAMPLES)
    assert finish(start(local)) == 0, log_of(local)
    expected = digests(local)
    run = start(cluster, slurm=slurm)
    try:
        cancelled, lost = pause_in_the_middle(slurm, cluster, jobs=2)
        slurm.call("scancel", cancelled)
        slurm.kill_steps(lost)
        slurm.requeue_lost(lost)
        assert finish(run) == 0, log_of(cluster)
    finally:
        run.kill()
        run.wait()
    assert "Trying to restart job" in log_of(cluster)
    # the job that Snakemake submitted again asks for twice the memory
    assert {"1000M", "2000M"} <= set(slurm.call("squeue", "--noheader", "--states=all", "--format=%m").split())
    assert digests(cluster) == expected


def test_a_run_whose_node_and_login_node_died_is_resumed(
    tmp_path: Path, slurm: Any, start: Callable, finish: Callable, batched: Callable, digests: Callable
) -> None:
    local, cluster = batched(tmp_path / "local", SAMPLES), batched(tmp_path / "cluster", SAMPLES)
    assert finish(start(local)) == 0, log_of(local)
    expected = digests(local)
    run = start(cluster, slurm=slurm)
    try:
        pause_in_the_middle(slurm, cluster, jobs=1)
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    slurm.lose_node()
    made = times(cluster)
    assert 0 < len(made) < SAMPLES
    slurm.start("slurmd")
    slurm.wait_until_idle()
    # what SLURM would start again by itself belongs to the run that is no more
    left = slurm.jobs("PENDING", "RUNNING", "CONFIGURING", "COMPLETING")
    assert left
    slurm.call("scancel", *left)

    assert finish(start(cluster, slurm=slurm)) != 0
    assert "--unlock" in log_of(cluster)
    assert finish(start(cluster, "--unlock", slurm=slurm)) == 0, log_of(cluster)
    assert finish(start(cluster, slurm=slurm)) == 0, log_of(cluster)
    assert digests(cluster) == expected
    # what was done is not done again, save for one sample a batch that was at work
    now = times(cluster)
    assert sum(now[sample] != before for sample, before in made.items()) <= 2


def times(folder: Path) -> dict[str, int]:
    """Time of change of every sample's document."""
    return {sample: (folder / f"results/{sample}/{sample}.json").stat().st_mtime_ns for sample in documents(folder)}


def documents(folder: Path) -> list[str]:
    """Samples whose document is there."""
    return sorted(path.stem for path in folder.glob("results/S*/S*.json") if path.stem == path.parent.name)


def pause_in_the_middle(slurm: Any, folder: Path, jobs: int) -> list[str]:
    """Stop so many running batches of annotate after their first document and before their last; ids of their jobs.

    A process is let on for a moment at a time from its start, so that the load of the machine does not matter.
    """
    paused: dict[str, int] = {}
    deadline = time.monotonic() + 300
    while len(paused) < jobs:
        assert time.monotonic() < deadline, log_of(folder)
        for job in slurm.jobs("RUNNING"):
            if job not in paused and (pid := annotating(slurm.processes(job))):
                let_on_until_a_document_is_there(pid, folder, len(paused) * SAMPLES // 2)
                paused[job] = pid
        time.sleep(0.02)
    return sorted(paused)


def annotating(pids: list[int]) -> int | None:
    """The process among these that annotates."""
    for pid in pids:
        with suppress(OSError):
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            if words[1:4] == [b"-m", b"targetboard", b"annotate"]:
                return pid
    return None


def let_on_until_a_document_is_there(pid: int, folder: Path, beside: int) -> None:
    """Run a process in slices until it has written a document; it stays stopped."""
    before = set(documents(folder))
    while True:
        os.kill(pid, signal.SIGSTOP)
        while not stopped(pid):
            time.sleep(0.01)
        if set(documents(folder)) - before:
            break
        os.kill(pid, signal.SIGCONT)
        time.sleep(0.05)
    assert len(documents(folder)) < beside + SAMPLES // 2


def stopped(pid: int) -> bool:
    """Whether the system has stopped a process; fails if it is gone."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] == "T"
