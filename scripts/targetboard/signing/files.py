"""The files of a sign-out: signature, audit log and kept versions, in one folder."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from targetboard.errors import MalformedInput, SignOutError, UsageError
from targetboard.files import write_atomically
from targetboard.samples import valid_sample_id
from targetboard.signing.history import History, Version, replay
from targetboard.signing.log import Entry, read_log
from targetboard.signing.records import Record

_RESTORE = "If the log is the true one, targetboard sign --restore writes the signature anew"


@dataclass(slots=True, frozen=True)
class SignOutFiles:
    """Where the sign-out of a sample lies.

    Raises
    ------
    MalformedInput
        If the sample id cannot name a file, so that no document can lead out of the folder.
    """

    folder: Path
    sample_id: str

    def __post_init__(self) -> None:
        if not valid_sample_id(self.sample_id):
            raise MalformedInput(
                f"sample_id {self.sample_id!r} cannot name a file",
                where=str(self.folder),
                remedy="Give a document made by annotate",
            )

    @property
    def signature(self) -> Path:
        """What holds now, for machines and reports; follows from the log."""
        return self.folder / f"{self.sample_id}.signature.json"

    @property
    def log(self) -> Path:
        """Every act of signing."""
        return self.folder / f"{self.sample_id}.audit.jsonl"

    def kept(self, version: int) -> Path:
        """The document as it was signed."""
        return self.folder / f"{self.sample_id}.v{version}.json"

    def are_there(self) -> bool:
        """Whether anything was ever signed here."""
        return self.signature.exists() or self.log.exists()


def sign_out_digest(files: SignOutFiles) -> str:
    """SHA-256 of the signature and the log as they are, unproven; empty where nothing is signed.

    A report made before another digest is to be made again.
    """
    if not files.are_there():
        return ""
    total = hashlib.sha256()
    for path in (files.signature, files.log):
        raw = path.read_bytes() if path.exists() else b""
        total.update(hashlib.sha256(raw).digest())
    return total.hexdigest()


def sign_out_state(folder: Path, sample_id: str) -> str:
    """What the workflow knows of a sample's sign-out without reading it; empty where nothing is signed."""
    files = SignOutFiles(folder, sample_id)
    states = [path.stat() for path in (files.signature, files.log) if path.exists()]
    return " ".join(f"{state.st_size}:{state.st_mtime_ns}" for state in states)


def read_sign_out(files: SignOutFiles) -> tuple[tuple[Entry, ...], History]:
    """The proven log and the history it tells; empty where nothing was signed.

    Raises
    ------
    SignOutError
        If the log or the signature was edited, cut or removed, or belongs to another sample.
    """
    entries, history = read_log_only(files)
    if entries or files.signature.exists():
        expected = signature_bytes(entries, history)
        try:
            found = files.signature.read_bytes()
        except OSError:
            raise SignOutError("the signature is missing", where=str(files.signature), remedy=_RESTORE) from None
        if found != expected:
            raise SignOutError(
                "the signature does not say what the audit log says: one of them was edited or cut",
                where=str(files.signature),
                remedy=_RESTORE,
            )
    return entries, history


def read_log_only(files: SignOutFiles) -> tuple[tuple[Entry, ...], History]:
    """As :func:`read_sign_out`, but without the signature."""
    if not files.are_there():
        return (), History()
    entries = read_log(files.log)
    history = replay(entries, str(files.log))
    if history.last is not None and history.last.sample_id != files.sample_id:
        raise SignOutError(
            f"the log is that of sample {history.last.sample_id!r}",
            where=str(files.log),
            remedy="Take the file from a backup",
        )
    return entries, history


def kept_document(files: SignOutFiles, version: Version) -> dict[str, Any]:
    """The document as it was signed, after proving its bytes.

    Raises
    ------
    SignOutError
        If it is missing or was edited.
    """
    path = files.kept(version.number)
    try:
        raw = path.read_bytes()
    except OSError:
        raise SignOutError(
            "the kept document is missing", where=str(path), remedy="Take the file from a backup"
        ) from None
    if hashlib.sha256(raw).hexdigest() != version.release.document_sha256:
        raise SignOutError(
            "the kept document is not the one that was signed", where=str(path), remedy="Take the file from a backup"
        )
    content: dict[str, Any] = json.loads(raw)
    return content


def write_sign_out(files: SignOutFiles, entries: tuple[Entry, ...], history: History, document: bytes | None) -> None:
    """Keep the signed document, then write the log, then the signature; an earlier kept document is never replaced.

    Raises
    ------
    UsageError
        If another file has the name of the kept document, or the folder cannot be written.
    """
    if document is not None:
        kept = files.kept(len(history.versions))
        if kept.exists() and kept.read_bytes() != document:
            raise UsageError(
                "another file is in the place of the kept document", where=str(kept), remedy="Move it away"
            )
        write_atomically(kept, document)
    write_atomically(files.log, "".join(entry.line() for entry in entries).encode("ascii"))
    write_atomically(files.signature, signature_bytes(entries, history))


def signature_bytes(entries: tuple[Entry, ...], history: History) -> bytes:
    """What the signature file must hold for this log."""
    content = {
        "schema_version": "1.0",
        "sample_id": history.last.sample_id if history.last else "",
        "versions": [_version(version) for version in history.versions],
        "reviews": [record.as_json() for record in history.reviews],
        "log": {"entries": len(entries), "head": entries[-1].sha256 if entries else ""},
    }
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode("utf-8")


def _version(version: Version) -> dict[str, Any]:
    release = version.release
    return {
        "version": version.number,
        "document": {
            "sha256": release.document_sha256,
            "bytes": release.document_bytes,
            "kept_as": f"{release.sample_id}.v{version.number}.json",
        },
        "reason": release.reason,
        "signatures": [signatory(record) for record in version.signatures],
        "overrides": [asdict(override) for override in version.overrides],
        "changes": release.as_json()["changes"],
        "withdrawn": None
        if version.withdrawal is None
        else {**signatory(version.withdrawal), "reason": version.withdrawal.reason},
    }


def signatory(record: Record) -> dict[str, str]:
    """Who signed, as what, when and why."""
    return {
        "reviewer": record.reviewer,
        "role": record.role,
        "date": record.date,
        "meaning": record.meaning,
        "comment": record.comment,
    }


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the folder, so that two people cannot sign at the same moment and one entry be lost.

    Raises
    ------
    UsageError
        If somebody else holds it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError(
                "somebody else is signing here", where=str(folder), remedy="Try again in a moment"
            ) from None
        yield
    finally:
        os.close(handle)
