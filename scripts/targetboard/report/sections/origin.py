"""Provenance: what made the report, from which bytes, with which settings."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.text import count, or_missing

NOT_TAKEN = "not taken: the file was not read as a whole"


@dataclass(slots=True, frozen=True)
class OriginView:
    """Pipeline, knowledge, inputs, tools and parameters."""

    pipeline: str
    code_sha256: str
    schema_version: str
    knowledge: tuple[dict[str, str], ...]
    inputs: tuple[tuple[str, str, str, str, str], ...]
    tools: str
    parameters: tuple[tuple[str, str], ...]


def view(document: Document) -> OriginView:
    """Provenance in the document's order."""
    provenance = document["provenance"]
    return OriginView(
        pipeline=f"{provenance['pipeline']['name']} {provenance['pipeline']['version']}",
        code_sha256=provenance["code_sha256"],
        schema_version=document["schema_version"],
        knowledge=tuple(provenance["knowledge"]),
        inputs=tuple(
            (entry["role"], entry["name"], count(entry["bytes"]), count(entry["records"]), entry["sha256"] or NOT_TAKEN)
            for entry in provenance["inputs"]
        ),
        tools=", ".join(f"{tool['name']} {tool['version']}" for tool in provenance["tools"]),
        parameters=tuple((key, _setting(value)) for key, value in provenance["parameters"].items()),
    )


def _setting(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return or_missing(value)


SECTION = Section("origin", "Provenance", view)
