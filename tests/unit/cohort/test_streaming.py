"""A cohort forgets each document before it reads the next, and keeps little of it."""

from __future__ import annotations

import json
import tracemalloc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from targetboard.cohort.collect import collect

SAMPLES = 600
MOST_BYTES = 8_000
"""Memory a sample may take; ten thousand then take less than 80 MB."""


class Watched(dict[str, Any]):
    """A document whose end can be seen."""

    __hash__ = object.__hash__  # a weak set asks for it


def test_one_document_at_a_time(root: Path) -> None:
    texts = [path.read_bytes() for path in sorted((root / "tests/data/documents").glob("*.json"))]
    alive: weakref.WeakSet[Watched] = weakref.WeakSet()
    most = 0

    def documents() -> Iterator[Watched]:
        nonlocal most
        for number in range(SAMPLES):
            document = Watched(json.loads(texts[number % len(texts)]))
            document["sample"]["sample_id"] = f"S{number}"
            alive.add(document)
            most = max(most, len(alive))
            yield document

    collect(documents())  # imports and caches do not count
    tracemalloc.start()
    cohort = collect(documents())
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(cohort.samples) == SAMPLES
    assert kept / SAMPLES < MOST_BYTES
    # the document that is read, and the one the loop still holds while the next is asked for
    assert most <= 2
