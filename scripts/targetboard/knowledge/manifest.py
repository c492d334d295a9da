"""MANIFEST.yaml of a knowledge directory: release, and per table its sha256, source and licence."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from targetboard.errors import KnowledgeError, UsageError
from targetboard.files import write_atomically
from targetboard.knowledge.schema import read_yaml

MANIFEST = "MANIFEST.yaml"
SHA256 = re.compile(r"[0-9a-f]{64}")
REFRESH = "Restore the released table, or run `targetboard knowledge build --refresh-manifest` if the change is meant."


@dataclass(slots=True, frozen=True)
class TableEntry:
    """What the manifest says of one table; source and licence may be empty (the lint asks for them)."""

    sha256: str
    source: str
    licence: str


@dataclass(slots=True, frozen=True)
class Manifest:
    """A parsed manifest."""

    release: str
    date: str
    tables: Mapping[str, TableEntry]


def table_files(directory: Path) -> dict[str, Path]:
    """Tables of a knowledge directory by name, in name order; UsageError if it is no directory."""
    if not directory.is_dir():
        raise UsageError(
            "the knowledge directory does not exist", where=str(directory), remedy="Give an existing directory."
        )
    return {path.stem: path for path in sorted(directory.glob("*.tsv"))}


def read_manifest(directory: Path) -> Manifest:
    """Read and check the manifest of a directory; KnowledgeError where it is missing or malformed."""
    path = directory / MANIFEST
    raw = _read_raw(path)
    release, date, tables = raw.get("release"), raw.get("date"), raw.get("tables")
    if not isinstance(release, str) or not release or not release.isprintable():
        raise KnowledgeError("release is missing or no text", where=str(path), remedy='Write it quoted: "2025.10".')
    if date is None or isinstance(date, (dict, list)):
        raise KnowledgeError("date is missing", where=str(path), remedy="Write date: 2025-10-01.")
    if not isinstance(tables, dict):
        raise KnowledgeError("tables is missing", where=str(path), remedy="List each table with sha256.")
    entries: dict[str, TableEntry] = {}
    for name, entry in tables.items():
        sha256 = entry.get("sha256") if isinstance(entry, dict) else None
        if not isinstance(sha256, str) or SHA256.fullmatch(sha256) is None:
            raise KnowledgeError(f"table {name!r} has no sha256 of 64 hex digits", where=str(path), remedy=REFRESH)
        entries[str(name)] = TableEntry(sha256, str(entry.get("source") or ""), str(entry.get("licence") or ""))
    return Manifest(release, str(date), entries)


def _read_raw(path: Path) -> Mapping[str, Any]:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise KnowledgeError(
            f"the manifest cannot be read ({error.strerror})",
            where=str(path),
            remedy="A knowledge directory needs a MANIFEST.yaml beside its tables.",
        ) from error
    return read_yaml(data, str(path))


def verify(directory: Path, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
    """Compare every table's bytes with the manifest; KnowledgeError for the first that differs."""
    path = directory / MANIFEST
    for name in sorted(manifest.tables.keys() - contents.keys()):
        raise KnowledgeError(f"table {name!r} of the manifest is not there", where=str(path), remedy=REFRESH)
    for name, data in contents.items():
        if name not in manifest.tables:
            raise KnowledgeError(f"table {name!r} is not in the manifest", where=str(path), remedy=REFRESH)
        actual = hashlib.sha256(data).hexdigest()
        if actual != manifest.tables[name].sha256:
            raise KnowledgeError(
                f"sha256 {actual} is not that of the manifest",
                where=str(directory / f"{name}.tsv"),
                remedy=REFRESH,
            )


def layer_digest(contents: Mapping[str, bytes]) -> str:
    """Digest over all tables of one directory: name, length and bytes, in name order."""
    digest = hashlib.sha256()
    for name in sorted(contents):
        digest.update(f"{name}\0{len(contents[name])}\0".encode())
        digest.update(contents[name])
    return digest.hexdigest()


def combined_digest(layers: Sequence[str]) -> str:
    """Digest of the knowledge base: that of its only layer, or the digest over the layers' digests in order."""
    if len(layers) == 1:
        return layers[0]
    return hashlib.sha256("\n".join(layers).encode()).hexdigest()


def write_manifest(directory: Path) -> tuple[str, ...]:
    """Refresh the sha256 of every table in the manifest, and list tables that it lacks with empty source and licence.

    Comment lines at the head of the file stay; the write is atomic.

    Returns
    -------
    tuple[str, ...]
        Names of the tables whose entry changed, in name order.

    Raises
    ------
    KnowledgeError
        If there is no readable manifest, or it lists a table that is not there.
    """
    import yaml  # only curators write manifests

    path = directory / MANIFEST
    raw = dict(_read_raw(path))
    entries = raw.get("tables")
    tables: dict[str, Any] = dict(entries) if isinstance(entries, dict) else {}
    files = table_files(directory)
    for name in sorted(tables.keys() - files.keys()):
        raise KnowledgeError(
            f"table {name!r} of the manifest is not there", where=str(path), remedy="Remove the entry by hand."
        )
    changed: list[str] = []
    for name, file in files.items():
        entry = tables.get(name)
        fresh = dict(entry) if isinstance(entry, dict) else {"sha256": "", "source": "", "licence": ""}
        sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
        if fresh.get("sha256") != sha256:
            changed.append(name)
        fresh["sha256"] = sha256
        tables[name] = fresh
    raw["tables"] = {name: tables[name] for name in sorted(tables)}
    head = _leading_comments(path.read_text(encoding="utf-8"))
    body = yaml.safe_dump(raw, sort_keys=False, allow_unicode=True, width=4096)
    write_atomically(path, ("".join(head) + body).encode())
    return tuple(changed)


def _leading_comments(text: str) -> list[str]:
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return lines
