"""One process over many samples: skip what is up to date, keep a failure to its sample, tell how far the work is."""

from __future__ import annotations

import hashlib
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from targetboard.batches.assignment import of_batch
from targetboard.batches.journal import Entry, Journals, JournalWriter, describe_outputs
from targetboard.errors import ExitCode, TargetboardError
from targetboard.files import flush_files, write_atomically
from targetboard.progress import Progress, wants_quiet
from targetboard.samples import Sample, load_samples

if TYPE_CHECKING:
    import argparse

WHOLE_SHEET = "1-of-1"


class InternalFailure(TargetboardError):
    """A sample met a bug (exit 6); the traceback stands in the log, the other samples go on."""

    code = ExitCode.INTERNAL


@dataclass(slots=True, frozen=True)
class Task:
    """One sample to make.

    Attributes
    ----------
    sample
        Its row.
    folder
        Where its outputs lie.
    planned, key
        See :class:`targetboard.batches.journal.Entry`.
    outputs
        Names of the files it may write.
    """

    sample: Sample
    folder: Path
    planned: str
    key: str
    outputs: Sequence[str]


@dataclass(slots=True)
class Tally:
    """How a batch went: ``failed`` have a failed document, ``undelivered`` have nothing."""

    made: int = 0
    unchanged: int = 0
    failed: dict[str, TargetboardError] = field(default_factory=dict)
    undelivered: dict[str, TargetboardError] = field(default_factory=dict)

    def line(self, label: str) -> str:
        """The batch in one line."""
        parts = [f"{self.made} made"]
        if self.unchanged:
            parts.append(f"{self.unchanged} unchanged")
        bad = {**self.failed, **self.undelivered}
        if bad:
            parts.append(f"{len(bad)} failed ({', '.join(f'{name}: exit {int(e.code)}' for name, e in bad.items())})")
        return f"{label}: {', '.join(parts)}"


def chosen_samples(options: argparse.Namespace) -> dict[str, Sample]:
    """Samples of ``--manifest`` and ``--batch``; checked against the sheet's schema where no workflow has done so."""
    schema = None
    if not options.state:
        from targetboard.config import load_schema
        from targetboard.config_readme import SCHEMAS

        schema = load_schema(SCHEMAS / "samples.schema.yaml")
    # the workflow has told of rows that contradict each other
    warn = None if options.state else _warn
    samples = load_samples(options.manifest, schema, warn)
    return {name: samples[name] for name in of_batch(list(samples), options.batch or WHOLE_SHEET)}


def _warn(text: str) -> None:
    sys.stderr.write(f"targetboard: warning: {text}\n")


def digest(*parts: str) -> str:
    """Digest of some texts in order."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def run_tasks(
    label: str,
    tasks: Iterable[Task],
    total: int,
    options: argparse.Namespace,
    make: Callable[[Task], TargetboardError | None],
    give_up: Callable[[Task, TargetboardError], bool],
) -> int:
    """Make every task that is not up to date.

    Parameters
    ----------
    label
        What is done, for the progress.
    tasks
        The samples, in order.
    total
        How many they are.
    options
        ``batch``, ``journal``, ``state`` and ``done`` of the command line.
    make
        Makes one sample; an expected error that it has documented is returned, any other is raised.
    give_up
        Documents a bug for a sample; tells whether that was done.

    Returns
    -------
    int
        0 if every sample was delivered, if only as a failed document; else 6 if one met a bug, else 7.
    """
    batch = options.batch or WHOLE_SHEET
    tally = Tally()
    delivered: dict[str, str] = {}
    made: list[Path] = []
    with JournalWriter(options.journal, batch) if options.journal else _NoJournal() as journal:
        journals = Journals(options.journal) if options.journal else None
        with Progress(f"{label} {batch}", "samples", total) as progress:
            for task in tasks:
                name = task.sample.sample_id
                entry = journals.find(name, task.folder, planned=task.planned, key=task.key) if journals else None
                if entry is not None:
                    journal.keep(entry)
                    tally.unchanged += 1
                else:
                    _make_one(task, tally, journal, make, give_up)
                    made += [task.folder / output for output in task.outputs]
                bad = name in tally.failed or name in tally.undelivered
                delivered[name] = "failed" if bad else "delivered"
                progress.advance(failed=int(bad))
        flush_files(made)
        if not tally.undelivered:
            journal.close(options.state)
    if not wants_quiet():
        sys.stdout.write(tally.line(f"{label} {batch}") + "\n")
    if tally.undelivered:
        for name, error in tally.undelivered.items():
            sys.stderr.write(f"targetboard: error: sample {name}: {error.one_line()}\n")
        bugs = any(error.code == ExitCode.INTERNAL for error in tally.undelivered.values())
        return ExitCode.INTERNAL if bugs else ExitCode.PARTIAL
    if options.done:
        _write_done(options.done, delivered)
    return ExitCode.OK


class _NoJournal:
    """Stands in where nothing is to be remembered."""

    def __enter__(self) -> _NoJournal:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def keep(self, entry: Entry) -> None:
        """Nothing to take over."""

    def add(self, entry: Entry) -> None:
        """Nothing to write."""

    def close(self, state: str) -> None:
        """Nothing to replace."""


def _make_one(
    task: Task,
    tally: Tally,
    journal: JournalWriter | _NoJournal,
    make: Callable[[Task], TargetboardError | None],
    give_up: Callable[[Task, TargetboardError], bool],
) -> None:
    name = task.sample.sample_id
    try:
        error = make(task)
    except TargetboardError as raised:
        tally.undelivered[name] = raised
        return
    except Exception as bug:  # noqa: BLE001  a bug in one sample must not cost the others theirs
        sys.stderr.write(f"sample {name}:\n")
        traceback.print_exc()
        failure = InternalFailure(
            f"an internal error ({type(bug).__name__})", remedy="Please report it with the log of this sample's batch"
        )
        try:
            documented = give_up(task, failure)
        except TargetboardError as raised:
            sys.stderr.write(f"targetboard: error: {raised.one_line()}\n")
            documented = False
        (tally.failed if documented else tally.undelivered)[name] = failure
        return
    if error is None:
        tally.made += 1
    else:
        tally.failed[name] = error
    journal.add(Entry(name, task.planned, task.key, describe_outputs(task.folder, task.outputs)))


def _write_done(path: Path, delivered: Mapping[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, "".join(f"{name}\t{state}\n" for name, state in delivered.items()).encode())
