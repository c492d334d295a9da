"""The compiled index: one file with the merged tables, built once per run and loaded per sample.

Layout: a first line of JSON with the format, the sha256 of the rest and that of the tables; then one line of JSON. The
bytes depend on the tables and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

from targetboard.errors import KnowledgeError, UsageError
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.records import Layer
from targetboard.knowledge.schema import RECORD_OF_TABLE, Row, Schema, parse_schema, reference_findings
from targetboard.knowledge.tables import Tables, overlay, read_layer, read_schema

__all__ = ["CompiledIndex", "build", "read_index", "read_tables", "write_manifest"]

FORMAT = "targetboard-knowledge-index-1"
REBUILD = "Build the index again with `targetboard knowledge build`."


class CompiledIndex(NamedTuple):
    """Bytes of the index file, the digest over the tables and the release (as in ``KnowledgeBase``)."""

    content: bytes
    sha256: str
    release: str


def read_tables(paths: Sequence[Path]) -> Tables:
    """Read directories, or a compiled index followed by directories; later ones overlay earlier ones by key.

    Raises
    ------
    KnowledgeError
        Damaged, inconsistent or incomplete knowledge (exit 5), with table, line, column and remedy.
    UsageError
        No path, or one that does not exist.
    """
    if not paths:
        raise UsageError("no knowledge was given", remedy="Name a knowledge directory or a compiled index.")
    first, rest = paths[0], paths[1:]
    base = read_index(first) if first.is_file() else None
    if base is not None and not rest:
        return base
    schema = base.schema if base is not None else read_schema(_existing(first))
    layers = list(base.layers) if base is not None else []
    parts = [{name: list(rows.values()) for name, rows in base.rows.items()}] if base is not None else []
    for directory in rest if base is not None else paths:
        layer, rows = read_layer(schema, _existing(directory), complete=not layers)
        layers.append(layer)
        parts.append(rows)
    merged = overlay(schema, parts)
    for finding in reference_findings(schema, {name: list(rows.values()) for name, rows in merged.items()}):
        raise finding.error()
    return Tables(schema, tuple(layers), merged)


def _existing(directory: Path) -> Path:
    if not directory.is_dir():
        raise UsageError(
            "this is no knowledge directory",
            where=str(directory),
            remedy="Give an existing directory, or one index first.",
        )
    return directory


def build(paths: Sequence[Path]) -> CompiledIndex:
    """Compile knowledge directories to one deterministic file; raises as :func:`read_tables`."""
    tables = read_tables(paths)
    payload = {
        "columns": {name: [f.name for f in fields(record)] for name, record in RECORD_OF_TABLE.items()},
        "layers": [[layer.release, layer.date, layer.sha256] for layer in tables.layers],
        "schema": tables.schema.raw,
        "tables": {name: [row.values for row in rows.values()] for name, rows in tables.rows.items()},
    }
    body = _dump(payload)
    head = _dump({"format": FORMAT, "knowledge_sha256": tables.sha256, "sha256": hashlib.sha256(body).hexdigest()})
    return CompiledIndex(head + b"\n" + body + b"\n", tables.sha256, tables.release)


def _dump(content: Any) -> bytes:  # noqa: ANN401  plain JSON
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def read_index(path: Path) -> Tables:
    """Read a compiled index; KnowledgeError where its digest does not match or another version built it."""

    def wrong(what: str) -> KnowledgeError:
        return KnowledgeError(what, where=str(path), remedy=REBUILD)

    try:
        data = path.read_bytes()
    except OSError as error:
        raise wrong(f"the compiled index cannot be read ({error.strerror})") from error
    head, _, body = data.partition(b"\n")
    body = body.removesuffix(b"\n")
    try:
        declared = json.loads(head)
    except ValueError as error:
        raise wrong("this is no compiled knowledge index") from error
    if not isinstance(declared, dict) or declared.get("format") != FORMAT:
        raise wrong("this is no compiled knowledge index of this version")
    if declared.get("sha256") != hashlib.sha256(body).hexdigest():
        raise wrong("the digest of the compiled index does not match: the file is damaged or was edited")
    payload = json.loads(body)
    columns = {name: [f.name for f in fields(record)] for name, record in RECORD_OF_TABLE.items()}
    if payload["columns"] != columns:
        raise wrong("the compiled index was built by another version")
    schema = parse_schema(payload["schema"], str(path))
    tables = Tables(
        schema,
        tuple(Layer(*layer) for layer in payload["layers"]),
        {name: _rows(schema, name, rows, str(path)) for name, rows in payload["tables"].items()},
    )
    if tables.sha256 != declared.get("knowledge_sha256"):
        raise wrong("the knowledge digest of the compiled index does not match")
    return tables


def _rows(schema: Schema, name: str, rows: Sequence[Sequence[Any]], path: str) -> dict[tuple[str, ...], Row]:
    table = schema.tables[name]
    key_positions = [table.position(column) for column in table.key]
    made: dict[tuple[str, ...], Row] = {}
    for values in rows:
        converted = tuple(tuple(v) if isinstance(v, list) else v for v in values)
        key = tuple("" if converted[p] is None else str(converted[p]) for p in key_positions)
        made[key] = Row(0, path, key, converted)
    return made
