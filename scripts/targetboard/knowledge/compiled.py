"""The compiled index as a file: one verified block of bytes whose pieces are decoded when they are needed.

Layout: a first line of JSON with the format, the sha256 of the rest and that of the tables; a second line of JSON, the
directory, with the layers and the place of every piece; then the pieces, each JSON. Tables that are looked up by gene
have one piece a gene. The bytes depend on the tables and nothing else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from targetboard.errors import KnowledgeError
from targetboard.knowledge.manifest import combined_digest
from targetboard.knowledge.records import Layer
from targetboard.knowledge.schema import RECORD_OF_TABLE, Value

FORMAT = "targetboard-knowledge-index-2"
REBUILD = "Build the index again with `targetboard knowledge build`."
BY_GENE = ("alterations", "proteins", "hotspots", "domains")
BY_ASSEMBLY = "alleles"
WHOLE = ""

Place = tuple[int, int]


@dataclass(slots=True, frozen=True)
class CompiledFile:
    """An index whose digest was verified; ``places`` tells where each piece of a section lies in ``data``."""

    path: str
    sha256: str
    layers: tuple[Layer, ...]
    places: Mapping[str, Mapping[str, Place]]
    data: bytes

    def at(self, place: Place) -> Any:  # noqa: ANN401  plain JSON
        """Decode the piece at a place."""
        return json.loads(self.data[place[0] : place[0] + place[1]])

    def piece(self, section: str, name: str = WHOLE) -> Any:  # noqa: ANN401  plain JSON
        """Decode one piece of a section."""
        return self.at(self.places[section][name])

    def rows(self, table: str) -> Iterable[tuple[Value, ...]]:
        """Every row of a table, grouped as it is stored."""
        for place in self.places[table].values():
            yield from (values(row) for row in self.at(place))


def values(row: Sequence[Any]) -> tuple[Value, ...]:
    """Values of a stored row: JSON lists become tuples again."""
    return tuple(tuple(value) if value.__class__ is list else value for value in row)


def record_columns() -> dict[str, list[str]]:
    """Columns of every table as this version has them."""
    return {name: [f.name for f in fields(record)] for name, record in RECORD_OF_TABLE.items()}


def pack(layers: Sequence[Layer], sections: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Bytes of an index: ``sections`` maps a section to its pieces by name."""
    pieces: list[bytes] = []
    places: dict[str, dict[str, Place]] = {}
    offset = 0
    for section, named in sections.items():
        for name, content in named.items():
            data = dump(content)
            places.setdefault(section, {})[name] = (offset, len(data))
            pieces.append(data)
            offset += len(data) + 1
        places.setdefault(section, {})
    directory = {
        "columns": record_columns(),
        "layers": [[layer.release, layer.date, layer.sha256] for layer in layers],
        "places": places,
    }
    # The directory keeps its order: pieces of a section are read back in the order of the rows.
    line = json.dumps(directory, ensure_ascii=False, separators=(",", ":")).encode()
    rest = b"\n".join([line, *pieces, b""])
    head = {
        "format": FORMAT,
        "knowledge_sha256": combined_digest([layer.sha256 for layer in layers]),
        "sha256": hashlib.sha256(rest).hexdigest(),
    }
    return dump(head) + b"\n" + rest


def dump(content: Any) -> bytes:  # noqa: ANN401  plain JSON
    """JSON of one line, the same for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def is_compiled(content: bytes) -> bool:
    """Whether a file is a compiled index of this or another version, by its first bytes."""
    return content.startswith(b'{"format":"targetboard-knowledge-index')


def open_compiled(path: Path) -> CompiledFile:
    """Read a compiled index and prove its digest; KnowledgeError where it is damaged or of another version."""

    def wrong(what: str) -> KnowledgeError:
        return KnowledgeError(what, where=str(path), remedy=REBUILD)

    try:
        data = path.read_bytes()
    except OSError as error:
        raise wrong(f"the compiled index cannot be read ({error.strerror})") from error
    end_of_head = data.find(b"\n") + 1
    try:
        declared = json.loads(data[:end_of_head])
    except ValueError as error:
        raise wrong("this is no compiled knowledge index") from error
    if not isinstance(declared, dict) or declared.get("format") != FORMAT:
        raise wrong("this is no compiled knowledge index of this version")
    if declared.get("sha256") != hashlib.sha256(memoryview(data)[end_of_head:]).hexdigest():
        raise wrong("the digest of the compiled index does not match: the file is damaged or was edited")
    start = data.index(b"\n", end_of_head) + 1
    directory = json.loads(data[end_of_head:start])
    if directory["columns"] != record_columns():
        raise wrong("the compiled index was built by another version")
    layers = tuple(Layer(*layer) for layer in directory["layers"])
    if combined_digest([layer.sha256 for layer in layers]) != declared.get("knowledge_sha256"):
        raise wrong("the knowledge digest of the compiled index does not match")
    places = {
        section: {name: (offset + start, length) for name, (offset, length) in named.items()}
        for section, named in directory["places"].items()
    }
    return CompiledFile(str(path), declared["knowledge_sha256"], layers, places, data)
