"""Loading the knowledge base from directories or a compiled index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from targetboard.knowledge.base import assemble_rows
from targetboard.knowledge.compiled import open_compiled
from targetboard.knowledge.compiled_base import base_of
from targetboard.knowledge.index import read_tables
from targetboard.knowledge.records import KnowledgeBase


def load(paths: Sequence[Path]) -> KnowledgeBase:
    """Load knowledge with its integrity proved.

    Parameters
    ----------
    paths
        Knowledge directories (the first with ``schema.yaml``, each with ``MANIFEST.yaml``), or a compiled index
        followed by directories. Later ones overlay earlier ones by the key of each table.

    Raises
    ------
    KnowledgeError
        A table differs from the manifest, breaks its schema or refers to nothing; the index is damaged (exit 5).
    UsageError
        No path, or one that does not exist (exit 2).
    """
    if len(paths) == 1 and paths[0].is_file():
        return base_of(open_compiled(paths[0]))
    tables = read_tables(paths)
    return assemble_rows(tables.layers, tables.rows)
