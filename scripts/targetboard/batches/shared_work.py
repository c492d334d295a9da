"""What the samples of one process have in common: read, hashed and decoded once, not once a sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from targetboard.action.tumour_types import TumourTypes
    from targetboard.knowledge.records import KnowledgeBase
    from targetboard.provenance import FileFacts


class SharedWork:
    """Knowledge, fingerprints and file digests of a process; a sample alone makes its own.

    Parameters
    ----------
    flush
        Whether each output is made to reach the disk at once; a batch does that for all of its samples together.
    """

    def __init__(self, *, flush: bool = True) -> None:
        self.flush = flush
        self._bases: dict[tuple[Path, ...], KnowledgeBase] = {}
        self._types: dict[str, TumourTypes] = {}
        self._facts: dict[tuple[Path, int, int], FileFacts] = {}

    def base(self, folders: Sequence[Path]) -> KnowledgeBase:
        """The knowledge of these folders, loaded at its first use; see :func:`targetboard.knowledge.loader.load`."""
        from targetboard.knowledge.loader import load

        key = tuple(folders)
        if key not in self._bases:
            self._bases[key] = load(folders)
        return self._bases[key]

    def tumour_types(self, base: KnowledgeBase) -> TumourTypes:
        """The tree of tumour types of a knowledge base."""
        from targetboard.action.tumour_types import TumourTypes

        if base.sha256 not in self._types:
            self._types[base.sha256] = TumourTypes(base.tumour_types)
        return self._types[base.sha256]

    def file_facts(self, role: str, path: Path) -> FileFacts:
        """Identity of an input file; a reference that many samples name is hashed once, unless it changes meanwhile."""
        from targetboard.provenance import file_facts

        state = path.stat()
        key = (path, state.st_mtime_ns, state.st_size)
        if key not in self._facts:
            self._facts[key] = file_facts(role, path)
        return replace(self._facts[key], role=role)

    @cached_property
    def code(self) -> str:
        """Fingerprint of the code that annotates."""
        from targetboard.provenance import code_fingerprint

        return code_fingerprint("annotate")

    @cached_property
    def tools(self) -> list[tuple[str, str]]:
        """Versions of the libraries that read the input."""
        from targetboard.provenance import tool_versions

        return tool_versions()
