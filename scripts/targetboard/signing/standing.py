"""How a document stands: the sign-out beside it, verified, as the mapping of :mod:`targetboard.signing.status`.

FINAL is said only where the log's chain holds, the signature says what the log says, and the document has the very
bytes that were signed. Everything else is a draft that says why.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from targetboard.errors import MalformedInput, SignOutError
from targetboard.signing.differences import differences
from targetboard.signing.files import SignOutFiles, kept_document, read_sign_out, signatory
from targetboard.signing.history import History, Version
from targetboard.signing.records import Difference, Record
from targetboard.signing.status import DRAFT, SIGN_OUT


def with_sign_out(document: Mapping[str, Any], path: Path, folder: Path | None = None) -> dict[str, Any]:
    """The document with its verified sign-out, for renderers.

    Parameters
    ----------
    document
        As read from ``path``.
    path
        The document's file; its bytes are what was signed.
    folder
        Where signature and log lie; the document's own folder if not given.

    Raises
    ------
    MalformedInput
        If the file claims a sign-out itself, or changed while it was read.
    """
    if SIGN_OUT in document:
        raise MalformedInput(
            f"a document cannot hold its own sign-out (key {SIGN_OUT!r})",
            where=str(path),
            remedy="Run targetboard annotate again, then targetboard sign",
        )
    files = SignOutFiles(folder or path.parent, document["sample"]["sample_id"])
    if not files.are_there():
        return {**document, SIGN_OUT: DRAFT}
    raw = path.read_bytes()
    if json.loads(raw) != document:
        raise MalformedInput("the document changed while it was read", where=str(path), remedy="Run the command again")
    return {**document, SIGN_OUT: standing(files, document, hashlib.sha256(raw).hexdigest())}


def standing(files: SignOutFiles, document: Mapping[str, Any], sha256: str) -> Mapping[str, Any]:
    """The sign-out of these bytes; keys as in :func:`targetboard.signing.status.sign_out`."""
    if not files.are_there():
        return DRAFT
    try:
        _, history = read_sign_out(files)
    except SignOutError as error:
        return {
            **DRAFT,
            "banner": "DRAFT – SIGN-OUT NOT VALID",
            "statement": f"A sign-out is on file but does not hold ({error.what}); this report counts as not signed.",
        }
    current, released = history.current, history.released_as(sha256)
    if released is not None:
        return _released(released)
    if current is not None and current.withdrawal is not None:
        return _withdrawn(history, sha256, current.withdrawal)
    if current is not None:
        return _stale(files, history, document, sha256)
    return _reviewed(history, sha256)


def _signed(version: Version) -> dict[str, Any]:
    """What the signatures of a version say."""
    release = version.release
    return {
        **signatory(release),
        "version": version.number,
        "supersedes": version.number - 1 or None,
        "reason": release.reason,
        "document_sha256": release.document_sha256,
        "signatures": tuple(signatory(record) for record in version.signatures),
    }


def _released(version: Version) -> dict[str, Any]:
    release, number = version.release, version.number
    amended = number > 1
    statement = f"Version {number}, {_by('approved', release)}."
    if amended:
        statement += f" It replaces version {number - 1}. Reason: {_sentence(release.reason)}"
    return {
        **_signed(version),
        "status": "amended" if amended else "final",
        "banner": f"FINAL – AMENDED, VERSION {number}" if amended else f"FINAL – VERSION {number}",
        "statement": statement,
        "plain": f"{release.reviewer} ({release.role}) signed this report on {release.date}. It is version {number}."
        + (f" It replaces version {number - 1}: please do not use that one." if amended else ""),
        "overrides": tuple(asdict(override) for override in version.overrides),
        "changes": _plain(version.changes),
    }


def _stale(files: SignOutFiles, history: History, document: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    """A draft again; overrides were judged on other bytes and are not carried over."""
    current = history.versions[-1]
    statement = (
        f"Version {current.number}, {_by('approved', current.release)}, was signed for another document than this."
    )
    earlier = [one.number for one in history.versions if one.release.document_sha256 == sha256]
    if earlier:
        statement += f" This document is that of version {earlier[-1]}, which was replaced."
    changes: tuple[Difference, ...] = ()
    try:
        changes = differences(kept_document(files, current), document)
        findings = any(change.kind not in ("basis", "other") for change in changes)
        statement += " What changed since is listed." if findings else " No finding changed since; what did is listed."
    except SignOutError as error:
        statement += f" What changed since cannot be told: {error.what}."
    if current.overrides:
        statement += f" The reviewer's changes of version {current.number} are not applied here."
    waiting = history.reviews_of(sha256)
    if waiting:
        statement += f" This document was {_by('reviewed', waiting[-1])}, and not approved yet."
    return {
        **_signed(current),
        "status": "stale",
        "banner": "DRAFT – SIGNED FOR ANOTHER VERSION",
        "statement": statement,
        "plain": f"{DRAFT['plain']} Version {current.number} was signed, but the report changed since then.",
        "overrides": (),
        "changes": _plain(changes),
    }


def _withdrawn(history: History, sha256: str, withdrawal: Record) -> dict[str, Any]:
    statement = (
        f"Version {withdrawal.version} was {_by('withdrawn', withdrawal)}. Reason: {_sentence(withdrawal.reason)}"
    )
    return {
        **_reviewed(history, sha256),
        "banner": "DRAFT – SIGN-OUT WITHDRAWN",
        "statement": statement,
        "plain": f"{DRAFT['plain']} An earlier version was taken back: please do not use it.",
    }


def _reviewed(history: History, sha256: str) -> dict[str, Any]:
    """Reviews release nothing; what a review proposes is shown with the release that takes it up."""
    reviews = history.reviews_of(sha256)
    if not reviews:
        return {
            **DRAFT,
            "statement": "A review is on file for another version of this document; nobody has signed this one.",
        }
    return {
        **DRAFT,
        "banner": "DRAFT – REVIEWED, NOT APPROVED",
        "statement": f"This document was {_by('reviewed', reviews[-1])}, and not approved yet.",
        "signatures": tuple(signatory(record) for record in reviews),
    }


def _by(verb: str, record: Record) -> str:
    return f"{verb} by {record.reviewer} ({record.role}) on {record.date}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _plain(changes: tuple[Difference, ...]) -> tuple[dict[str, str], ...]:
    return tuple(asdict(change) for change in changes)
