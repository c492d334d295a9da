"""Measure whole commands: wall time, CPU time and memory, several rounds, tools taking turns.

Figures of one machine mean little on another; ratios within one run do. So every case has a reference command, all
commands of a case run one after the other in every round, and the median over the rounds is kept.
"""

from __future__ import annotations

import os
import shlex
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(slots=True, frozen=True)
class Command:
    """One way to do the work of a case.

    ``before`` runs untimed ahead of every round (removing earlier outputs, say); ``threads`` is how many cores the
    command may use, for the table only.
    """

    name: str
    words: Sequence[str]
    stdout: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    before: Callable[[], object] | None = None
    threads: int = 1
    directory: Path | None = None


@dataclass(slots=True, frozen=True)
class Usage:
    """Seconds of wall clock and of CPU (children included) of one run, and MB of its largest process."""

    wall: float
    cpu: float
    memory: float


class CommandFailed(Exception):
    """A measured command ended with another code than 0."""


def run_once(command: Command, log: Path) -> Usage:
    """Run a command to its end and return what it took; its error stream goes to ``log``.

    Raises
    ------
    CommandFailed
        With the command and the last lines of its error stream.
    """
    if command.before is not None:
        command.before()
    os.sync()  # so that no command waits for what the one before it wrote
    sink = command.stdout or Path(os.devnull)
    with sink.open("wb") as out, log.open("wb") as err:
        actions = [(os.POSIX_SPAWN_DUP2, out.fileno(), 1), (os.POSIX_SPAWN_DUP2, err.fileno(), 2)]
        words = list(command.words)
        if command.directory is not None:
            script = f"cd {shlex.quote(str(command.directory))} && exec {shlex.join(words)}"
            words = ["/bin/sh", "-c", script]
        start = time.perf_counter()
        child = os.posix_spawnp(words[0], words, {**os.environ, **command.environment}, file_actions=actions)
        _, status, used = os.wait4(child, 0)
        wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) != 0:
        tail = log.read_text(errors="replace")[-2000:]
        raise CommandFailed(f"{shlex.join(command.words)} ended with {os.waitstatus_to_exitcode(status)}:\n{tail}")
    return Usage(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


@dataclass(slots=True, frozen=True)
class Row:
    """Medians of one command in one case, beside the reference of the case."""

    case: str
    name: str
    rounds: int
    wall: float
    cpu: float
    memory: float
    wall_ratio: float
    cpu_ratio: float
    threads: int
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Plain values for the results file; seconds to the millisecond, ratios to three significant digits."""
        plain = asdict(self)
        for key in ("wall", "cpu"):
            plain[key] = round(plain[key], 3)
        for key in ("wall_ratio", "cpu_ratio"):
            plain[key] = float(f"{plain[key]:.3g}")
        plain["memory"] = round(plain["memory"])
        return plain


def compare(
    case: str, commands: Sequence[Command], reference: str, rounds: int, log: Path, *, warm_up: bool = True
) -> list[Row]:
    """Run all commands of a case in turn, ``rounds`` times, and return their medians and ratios to the reference."""
    taken: dict[str, list[Usage]] = {command.name: [] for command in commands}
    for number in range(rounds + warm_up):
        for command in commands:
            usage = run_once(command, log)
            counted = not warm_up or number > 0
            if counted:
                taken[command.name].append(usage)
            print(
                f"{case}: {command.name}: wall {usage.wall:.2f} s, CPU {usage.cpu:.2f} s, {usage.memory:.0f} MB"
                f"{'' if counted else ' (warm-up, not counted)'}",
                file=sys.stderr,
                flush=True,
            )
    medians = {
        name: Usage(
            statistics.median(usage.wall for usage in usages),
            statistics.median(usage.cpu for usage in usages),
            max(usage.memory for usage in usages),
        )
        for name, usages in taken.items()
    }
    base = medians[reference]
    return [
        Row(
            case,
            command.name,
            rounds,
            medians[command.name].wall,
            medians[command.name].cpu,
            medians[command.name].memory,
            medians[command.name].wall / base.wall,
            medians[command.name].cpu / base.cpu,
            command.threads,
        )
        for command in commands
    ]
