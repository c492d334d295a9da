"""What a section of the report is: a title, a template, and a pure function from document to view."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Document = Mapping[str, Any]
"""A sample document, valid against workflow/schemas/document.schema.json."""

_NOTHING: Mapping[str, Any] = MappingProxyType(
    {
        "adequacy": MappingProxyType({"verdict": "not_stated", "reasons": ()}),
        "devices": (),
        "events": (),
        "negatives": (),
        "proteins": (),
        "trials": (),
        "turnaround_days": None,
    }
)


def added(part: Mapping[str, Any], key: str) -> Any:  # noqa: ANN401 - as free as the values of the document
    """The value of a key that came after the first documents; what says nothing where a document lacks it."""
    return part.get(key, _NOTHING[key])


def is_quick_look(document: Document) -> bool:
    """Whether only alleles that a row of the knowledge tables matches were asked for."""
    return any(note["code"] == "only_hits" for note in document["limitations"])


@dataclass(slots=True, frozen=True)
class Section:
    """One section of the page.

    ``view`` returns what the template sees as ``view``, or None if the section has nothing to say for this document.
    ``anchor`` is the fragment id and the stem of the template's file name.
    """

    anchor: str
    title: str
    view: Callable[[Document], object | None]
    in_contents: bool = True

    @property
    def template(self) -> str:
        """File name under templates/."""
        return f"{self.anchor}.html"
