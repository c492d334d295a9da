"""Places for the sign-out, empty until somebody signs on paper or with ``targetboard sign``."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section


@dataclass(slots=True, frozen=True)
class SignoutView:
    """Labels of the empty fields."""

    fields: tuple[str, ...]


def view(document: Document) -> SignoutView:
    """The same fields for every document."""
    return SignoutView(("Reviewed by", "Role", "Date and time", "Meaning (review, approval)", "Comment"))


SECTION = Section("signout", "Sign-out", view)
