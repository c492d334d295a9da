"""What one act of signing says, as typed records that go to JSON and come back checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from targetboard.errors import SignOutError

MEANINGS = ("reviewed", "approved", "amended", "withdrawn")
"""Reviewed releases nothing; approved releases the first version, amended a later one; withdrawn takes one back."""


@dataclass(slots=True, frozen=True)
class Override:
    """What a reviewer judges otherwise than the machine, beside the machine's value.

    ``kind`` is variant, event or claim, ``index`` its place in the document's list, ``claims`` the places of the
    therapies that rest on it, ``by`` who judged so.
    """

    kind: str
    index: int
    subject: str
    field: str
    machine: str
    reviewed: str
    reason: str
    by: str
    claims: tuple[int, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Two overrides with the same key are about the same value."""
        return self.kind, self.subject, self.field


@dataclass(slots=True, frozen=True)
class Difference:
    """One thing that differs between two versions: ``change`` is added, removed or changed, ``field`` what of it."""

    kind: str
    change: str
    subject: str
    field: str
    old: str
    new: str


@dataclass(slots=True, frozen=True)
class Record:
    """One act of signing: who, in which role, what it means, when, and for which bytes."""

    sample_id: str
    version: int
    document_sha256: str
    document_bytes: int
    meaning: str
    reviewer: str
    role: str
    date: str
    comment: str = ""
    reason: str = ""
    overrides: tuple[Override, ...] = field(default=())
    changes: tuple[Difference, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Plain lists and mappings, in a fixed order, as they come back from JSON."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def record_from_json(content: object, where: str) -> Record:
    """A record as read from the log.

    Raises
    ------
    SignOutError
        If a key is missing, unknown or of another type, or the meaning is unknown.
    """
    plain = _keys(content, Record, where)
    plain["overrides"] = tuple(_override(entry, where) for entry in _list(plain["overrides"], where))
    plain["changes"] = tuple(Difference(**_keys(entry, Difference, where)) for entry in _list(plain["changes"], where))
    record = Record(**plain)
    numbers = (record.version, record.document_bytes)
    if record.meaning not in MEANINGS or any(type(number) is not int for number in numbers):
        raise _unknown(where)
    return record


def _override(content: object, where: str) -> Override:
    plain = _keys(content, Override, where)
    plain["claims"] = tuple(_list(plain["claims"], where))
    return Override(**plain)


def _keys(content: object, kind: type, where: str) -> dict[str, Any]:
    """A copy of the mapping, if its keys are the fields of the record and its texts are texts."""
    names = {entry.name: entry.type for entry in fields(kind)}
    if not isinstance(content, Mapping) or set(content) != set(names):
        raise _unknown(where)
    if any(names[name] == "str" and not isinstance(value, str) for name, value in content.items()):
        raise _unknown(where)
    return dict(content)


def _list(content: object, where: str) -> list[Any]:
    if not isinstance(content, list):
        raise _unknown(where)
    return content


def _unknown(where: str) -> SignOutError:
    return SignOutError(
        "the entry is not one that targetboard sign writes", where=where, remedy="Take the file from a backup"
    )
