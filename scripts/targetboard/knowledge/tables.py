"""Reading knowledge directories into merged tables: later layers overlay earlier ones by key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from targetboard.errors import KnowledgeError
from targetboard.knowledge import manifest as manifests
from targetboard.knowledge.records import Layer
from targetboard.knowledge.schema import Finding, Key, Row, Schema, parse_schema, read_table, read_yaml

SCHEMA = "schema.yaml"


@dataclass(slots=True, frozen=True)
class Tables:
    """Merged tables of one or more layers; ``rows`` holds every table of the schema, by key in order of appearance."""

    schema: Schema
    layers: tuple[Layer, ...]
    rows: Mapping[str, Mapping[Key, Row]]

    @property
    def sha256(self) -> str:
        """Digest over all tables of all layers."""
        return manifests.combined_digest([layer.sha256 for layer in self.layers])

    @property
    def release(self) -> str:
        """Releases of the layers, joined by "+"."""
        return "+".join(layer.release for layer in self.layers)


def read_schema(directory: Path) -> Schema:
    """The schema.yaml of the first knowledge directory."""
    path = directory / SCHEMA
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(
            f"the schema cannot be read ({error.strerror})",
            where=str(path),
            remedy="The first knowledge directory needs the schema.yaml of this version.",
        ) from error
    return parse_schema(read_yaml(data, str(path)), str(path))


def read_contents(directory: Path) -> dict[str, bytes]:
    """Bytes of every table of a directory, in name order."""
    contents: dict[str, bytes] = {}
    for name, path in manifests.table_files(directory).items():
        try:
            contents[name] = path.read_bytes()
        except OSError as error:
            raise KnowledgeError(f"the table cannot be read ({error.strerror})", where=str(path)) from error
    return contents


def parse_contents(
    schema: Schema, directory: Path, contents: Mapping[str, bytes], *, complete: bool, number: int = 0
) -> tuple[dict[str, list[Row]], list[Finding]]:
    """Parse every table of layer ``number``; ``complete`` asks for every table (an overlay may lack some)."""
    rows: dict[str, list[Row]] = {}
    findings: list[Finding] = []
    known = " ".join(schema.tables)
    for name, data in contents.items():
        path = str(directory / f"{name}.tsv")
        table = schema.tables.get(name)
        if table is None:
            findings.append(Finding(name, "", "", f"unknown table {name!r}", f"Known tables: {known}.", 0, path))
            continue
        rows[name], faults = read_table(schema, table, data, path, number)
        findings += faults
    if complete:
        findings += [
            Finding(
                name, "", "", f"table {name}.tsv is missing", "Add it, at least its header line.", 0, str(directory)
            )
            for name, table in schema.tables.items()
            if name not in contents and not table.optional
        ]
    return rows, findings


def overlay(schema: Schema, layers: Sequence[Mapping[str, Sequence[Row]]]) -> dict[str, dict[Key, Row]]:
    """Merge layers: a row of a later layer replaces the row of the same key, other rows are added."""
    merged: dict[str, dict[Key, Row]] = {name: {} for name in schema.tables}
    for layer in layers:
        for name, rows in layer.items():
            table = merged[name]
            for row in rows:
                table[row.key] = replace(row, replaces=True) if row.key in table else row
    return merged


def read_layer(
    schema: Schema, directory: Path, *, complete: bool, number: int = 0
) -> tuple[Layer, dict[str, list[Row]]]:
    """Read one directory as layer ``number`` with its integrity proved; KnowledgeError at the first fault."""
    contents = read_contents(directory)
    manifest = manifests.read_manifest(directory)
    manifests.verify(directory, manifest, contents)
    rows, findings = parse_contents(schema, directory, contents, complete=complete, number=number)
    for finding in findings:
        raise finding.error()
    return Layer(manifest.release, manifest.date, manifests.layer_digest(contents)), rows
