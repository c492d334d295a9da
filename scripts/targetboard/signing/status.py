"""The sign-out of a document as every renderer sees it: one plain mapping, verified before it gets here.

A document file never holds this mapping. ``targetboard report`` makes it from the signature beside the document
(:mod:`targetboard.signing.standing`) and hands it on in memory under one key; a renderer asks :func:`sign_out` for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

SIGN_OUT = "sign_out"
"""Key under which a document in memory carries its sign-out; refused in files."""

SIGNED = ("final", "amended")
"""Statuses of a document that is signed out; every other one is a draft."""

DRAFT: Mapping[str, Any] = MappingProxyType(
    {
        "status": "draft",
        "banner": "DRAFT – NOT SIGNED OUT",
        "statement": "This report is a draft until a qualified person has signed it out.",
        "plain": "This report is a draft. No doctor or scientist has signed it yet.",
        "version": None,
        "supersedes": None,
        "reviewer": "",
        "role": "",
        "date": "",
        "meaning": "",
        "comment": "",
        "reason": "",
        "document_sha256": "",
        "signatures": (),
        "overrides": (),
        "changes": (),
    }
)
"""What is said of a document that nobody signed."""


def sign_out(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """The verified sign-out of a document, or :data:`DRAFT`. Every format shows ``banner`` and ``statement``.

    Returns
    -------
    Mapping
        ``status``
            draft, final, amended (final, and an earlier version exists) or stale (signed for another version: a draft).
        ``banner``, ``statement``
            The status in a few capitals and in a sentence; both start from the status, never from the data alone.
        ``plain``
            The same for a patient: without reasons, which may name findings that a patient page leaves out.
        ``version``, ``supersedes``
            Number of the signed version and of the one before it, or None.
        ``reviewer``, ``role``, ``date``, ``meaning``, ``comment``, ``reason``
            Of the signature that released the version; ``reason`` says why it was amended.
        ``document_sha256``
            Of the signed document.
        ``signatures``
            All signatures of the version: mappings of reviewer, role, date, meaning and comment.
        ``overrides``
            What a reviewer judges otherwise than the machine: mappings of kind (variant, event or claim), index (into
            variants[], events[] or therapies[]), subject, field, machine, reviewed, reason, by, claims (indices of the
            therapies[] that rest on it). The machine's value stays where it is.
        ``changes``
            Against the version before (amended) or the signed one (stale): mappings of kind, change (added, removed or
            changed), subject, field, old, new.
    """
    found: Mapping[str, Any] = document.get(SIGN_OUT, DRAFT)
    return found


def judgements(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Overrides as a sentence each, for formats that show the machine's values without marks beside them."""
    return tuple(
        f"{one['subject']}: {one['field']} is {one['machine']} by the machine, {one['reviewed']} by {one['by']}"
        f" ({one['reason']})"
        for one in sign_out(document).get("overrides", ())
    )
