"""Compiling knowledge directories to one index, and reading tables from directories or an index."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from targetboard.errors import UsageError
from targetboard.knowledge.base import assemble_rows, overlaid_rows
from targetboard.knowledge.compiled import BY_ASSEMBLY, BY_GENE, WHOLE, CompiledFile, open_compiled, pack
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.records import CuratedChange, KnowledgeBase
from targetboard.knowledge.schema import Key, Row, Value, parse_schema, reference_findings
from targetboard.knowledge.tables import Tables, overlay, read_layer, read_schema

__all__ = ["CompiledIndex", "build", "read_index", "read_tables", "write_manifest"]

OVERLAY = "overlay"
SCHEMA = "schema"
NAMES = "names"
ALTERATIONS = "alteration_ids"
CHANGES = "changes"


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
        layer, rows = read_layer(schema, _existing(directory), complete=not layers, number=len(layers))
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
    base = assemble_rows(tables.layers, tables.rows)
    sections: dict[str, dict[str, Any]] = {
        SCHEMA: {WHOLE: tables.schema.raw},
        OVERLAY: {WHOLE: _overlay(tables)},
        NAMES: {WHOLE: base.genes_by_name},
        ALTERATIONS: {WHOLE: _alterations(base)},
        CHANGES: _changes(base),
    }
    for name, rows in tables.rows.items():
        sections[name] = _pieces(tables, name, [row.values for row in rows.values()])
    return CompiledIndex(pack(tables.layers, sections), tables.sha256, tables.release)


def _pieces(tables: Tables, name: str, rows: Sequence[Sequence[Value]]) -> dict[str, Any]:
    if name in BY_GENE:
        position = tables.schema.tables[name].position("gene")
    elif name == BY_ASSEMBLY:
        position = tables.schema.tables[name].position("assembly")
    else:
        return {WHOLE: list(rows)}
    pieces: dict[str, list[Sequence[Value]]] = {}
    for row in rows:
        pieces.setdefault(str(row[position]), []).append(row)
    return dict(pieces)


def _alterations(base: KnowledgeBase) -> list[list[Any]]:
    """Id, gene, and whether there are curated and excluded changes, in the order of the rows."""
    return [
        [name, row.gene, name in base.curated_changes, name in base.excluded_changes]
        for name, row in base.alterations.items()
    ]


def _changes(base: KnowledgeBase) -> dict[str, Any]:
    """Parsed protein changes by gene: parsing them anew for every sample costs more than reading them."""
    pieces: dict[str, list[dict[str, Any]]] = {}
    for number, kind in enumerate((base.curated_changes, base.excluded_changes)):
        for name, changes in kind.items():
            piece = pieces.setdefault(base.alterations[name].gene, [{}, {}])
            piece[number][name] = [_stored_change(change) for change in changes]
    return dict(pieces)


def _stored_change(curated: CuratedChange) -> list[Any]:
    change, edit = curated.change, curated.edit
    return [
        curated.text,
        [str(change.kind), change.start, change.end, change.ref, change.end_ref, change.alt, change.ter],
        None if edit is None else [edit.position, edit.deleted, edit.inserted],
    ]


def _overlay(tables: Tables) -> dict[str, Any]:
    return {
        name: [[list(key), origin.layer, origin.replaces] for key, origin in rows.items()]
        for name, rows in overlaid_rows(tables.rows).items()
    }


def read_index(path: Path) -> Tables:
    """Read every table of a compiled index; KnowledgeError where its digest does not match or another version built it.

    Rows of tables that the index keeps by gene or assembly come grouped by these.
    """
    return tables_of(open_compiled(path))


def tables_of(compiled: CompiledFile) -> Tables:
    """Every table of an opened index."""
    schema = parse_schema(compiled.piece(SCHEMA), compiled.path)
    origins = {
        name: {tuple(key): (layer, replaces) for key, layer, replaces in rows}
        for name, rows in compiled.piece(OVERLAY).items()
    }
    made: dict[str, Mapping[Key, Row]] = {}
    for name, table in schema.tables.items():
        positions = [table.position(column) for column in table.key]
        origin = origins.get(name, {})
        rows: dict[Key, Row] = {}
        for values in compiled.rows(name):
            key = tuple("" if values[p] is None else str(values[p]) for p in positions)
            layer, replaces = origin.get(key, (0, False))
            rows[key] = Row(0, compiled.path, key, values, layer, replaces)
        made[name] = rows
    order = [(identifier,) for identifier, *_ in compiled.piece(ALTERATIONS)]
    made["alterations"] = {key: made["alterations"][key] for key in order}
    return Tables(schema, compiled.layers, made)
