"""The sign-out: who signed which bytes, or empty fields until somebody signs on paper or with ``targetboard sign``."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.reviewer import AT_FIRST, Change, changes_of
from targetboard.report.sections.section import Document, Section
from targetboard.signing.status import SIGNED, sign_out

_FIELDS = (
    ("Reviewed by", "reviewer"),
    ("Role", "role"),
    ("Date and time", "date"),
    ("Meaning (review, approval)", "meaning"),
    ("Comment", "comment"),
)


@dataclass(slots=True, frozen=True)
class SignoutView:
    """``signatures`` as (label, text) pairs each; without any, the labels of the empty ``fields``.

    ``changes`` are those that the first page left out.
    """

    statement: str
    signatures: tuple[tuple[tuple[str, str], ...], ...]
    fields: tuple[str, ...]
    document_sha256: str
    is_this: bool
    changes: tuple[Change, ...]


def view(document: Document) -> SignoutView:
    """The verified signatures of the version this document is, or was signed for."""
    found = sign_out(document)
    return SignoutView(
        statement=found["statement"],
        signatures=tuple(
            tuple((label, entry[key]) for label, key in _FIELDS if entry[key] or key != "comment")
            for entry in found["signatures"]
        ),
        fields=tuple(label for label, _ in _FIELDS),
        document_sha256=found["document_sha256"],
        is_this=found["status"] in SIGNED,
        changes=changes_of(document)[AT_FIRST:],
    )


SECTION = Section("signout", "Sign-out", view)
