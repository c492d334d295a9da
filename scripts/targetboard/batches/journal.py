"""What was made from what: one line a sample, written when its last file is in place; a killed run loses no more.

A line is believed only while the files it names are as they were; so a lost or foreign journal costs time and never a
wrong result.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from targetboard.files import write_atomically

_SUFFIX = ".jsonl"


@dataclass(slots=True, frozen=True)
class Entry:
    """One sample as it was made.

    Attributes
    ----------
    sample_id
        The sample.
    planned
        What the workflow knows of its inputs before anything is read.
    key
        Digest over everything the outputs depend on.
    outputs
        Size in bytes and time of change in whole seconds (coarser file systems keep no more) by file name.
    """

    sample_id: str
    planned: str
    key: str
    outputs: Mapping[str, tuple[int, int]]


def describe_outputs(folder: Path, names: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Size and time of change of the files that are there."""
    found = {}
    for name in names:
        state = _state(folder / name)
        if state is not None:
            found[name] = state
    return found


def _state(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, int(state.st_mtime)


def outputs_intact(entry: Entry, folder: Path) -> bool:
    """Whether every output of an entry is as it was left."""
    return bool(entry.outputs) and all(_state(folder / name) == tuple(was) for name, was in entry.outputs.items())


class Journals:
    """The journals of a stage, one a batch; a sample may stand in several, where the batches were cut anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: dict[str, list[Entry]] = {}
        self._states: dict[str, str] = {}
        for path in sorted(folder.glob(f"*{_SUFFIX}")):
            for content in _lines(path):
                if "state" in content:
                    self._states[path.name.removesuffix(_SUFFIX)] = str(content["state"])
                else:
                    entry = Entry(**content)
                    self._entries.setdefault(entry.sample_id, []).append(entry)

    def state(self, batch: str) -> str:
        """What the workflow said of the batch when it last ran to its end; empty if it never did."""
        return self._states.get(batch, "")

    def find(self, sample_id: str, folder: Path, *, planned: str | None = None, key: str | None = None) -> Entry | None:
        """The entry of a sample that fits what is asked for and whose outputs in ``folder`` are as they were left."""
        for entry in reversed(self._entries.get(sample_id, [])):
            fits = (planned is None or entry.planned == planned) and (key is None or entry.key == key)
            if fits and outputs_intact(entry, folder):
                return entry
        return None


class JournalWriter:
    """Appends entries as samples are done; :meth:`close` leaves one line a sample and the state of the batch."""

    def __init__(self, folder: Path, batch: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{batch}{_SUFFIX}"
        self._entries: list[Entry] = []
        self._handle = self._path.open("ab")
        # a line that a killed run left unfinished ends here
        self._handle.write(b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._handle.close()

    def keep(self, entry: Entry) -> None:
        """Take over an entry that an earlier run wrote."""
        self._entries.append(entry)

    def add(self, entry: Entry) -> None:
        """Write the entry of a sample that is done."""
        self._entries.append(entry)
        self._handle.write(_line(asdict(entry)))
        self._handle.flush()

    def close(self, state: str) -> None:
        """Replace the journal by one line a sample and the state."""
        lines = [_line({"state": state}), *(_line(asdict(entry)) for entry in self._entries)]
        write_atomically(self._path, b"".join(lines))


def _line(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content, sort_keys=True).encode() + b"\n"


def _lines(path: Path) -> Sequence[dict[str, Any]]:
    """Lines of a journal; an unfinished or foreign one is passed over."""
    found = []
    for line in path.read_bytes().splitlines():
        try:
            content = json.loads(line)
        except ValueError:
            continue
        if isinstance(content, dict) and (
            "state" in content or content.keys() == {"sample_id", "planned", "key", "outputs"}
        ):
            found.append(content)
    return found
