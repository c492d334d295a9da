"""The audit log: one JSON line an entry, each bound to the one before it by a SHA-256.

What the chain shows: a line edited, removed, inserted or moved; a last line cut in the middle. What it cannot show by
itself: entries removed from the end, or a log written anew from the start, since whoever can write the file can also
compute hashes. For that the hash of the last entry (the head) is printed at each signing, to be kept elsewhere, and
``targetboard sign --verify --head`` compares. The signature file holds the head as well, so that a log that
was cut alone is found without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from targetboard.errors import SignOutError
from targetboard.signing.records import Record, record_from_json

GENESIS = "0" * 64
"""What stands in place of the hash before the first entry."""
_BACKUP = "Take the file from a backup; whoever keeps the head of the log can tell which copy is the true one"


@dataclass(slots=True, frozen=True)
class Entry:
    """One line: its number from 1, the hash before it, what was signed, and its own hash."""

    sequence: int
    previous: str
    record: Record
    sha256: str

    def line(self) -> str:
        """The one spelling of this entry: sorted keys, no spaces, ASCII, a line break."""
        return _canonical({**_bound(self.sequence, self.previous, self.record), "sha256": self.sha256}) + "\n"


def next_entry(entries: Sequence[Entry], record: Record) -> Entry:
    """The entry that follows."""
    sequence, previous = len(entries) + 1, entries[-1].sha256 if entries else GENESIS
    return Entry(sequence, previous, record, _hash(_bound(sequence, previous, record)))


def read_log(path: Path) -> tuple[Entry, ...]:
    """All entries, after proving the chain.

    Raises
    ------
    SignOutError
        Naming the first line that does not hold, and how.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise SignOutError(f"no readable audit log ({error.strerror})", where=str(path), remedy=_BACKUP) from None
    if not raw.endswith(b"\n"):
        raise SignOutError("the last line is cut or the log is empty", where=str(path), remedy=_BACKUP)
    entries: list[Entry] = []
    for number, line in enumerate(raw[:-1].split(b"\n"), start=1):
        entries.append(_entry(line, number, entries[-1].sha256 if entries else GENESIS, f"{path}, line {number}"))
    return tuple(entries)


def _entry(line: bytes, number: int, previous: str, where: str) -> Entry:
    try:
        content = json.loads(line)
        bound = {name: content[name] for name in ("sequence", "previous", "record")}
        own = content["sha256"]
    except (ValueError, KeyError, TypeError):
        raise SignOutError("this is no entry of an audit log", where=where, remedy=_BACKUP) from None
    if not isinstance(own, str) or _hash(bound) != own or line != _canonical({**bound, "sha256": own}).encode():
        raise SignOutError("the entry was edited: its hash does not fit", where=where, remedy=_BACKUP)
    if bound["previous"] != previous or bound["sequence"] != number:
        raise SignOutError(
            "the entry does not follow the one before it: entries were removed, added or moved",
            where=where,
            remedy=_BACKUP,
        )
    return Entry(number, previous, record_from_json(bound["record"], where), own)


def _bound(sequence: int, previous: str, record: Record) -> dict[str, Any]:
    return {"sequence": sequence, "previous": previous, "record": record.as_json()}


def _canonical(content: dict[str, Any]) -> str:
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _hash(bound: dict[str, Any]) -> str:
    return hashlib.sha256(_canonical(bound).encode("ascii")).hexdigest()
