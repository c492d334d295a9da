"""Depth in the document: enough to say later whether a position was covered, in one short text a stretch.

A patient's samples are compared long after their coverage files are gone. The document keeps the stretches in the genes
of the knowledge base, as the file gave them; runs of a per-base file are joined, with the lowest depth of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from targetboard.inputs.coverage import Coverage, Stretch

PER_BASE = "per-base"


def coverage_entry(coverage: Coverage | None, minimum_depth: int | None) -> dict[str, Any] | None:
    """The document's ``coverage``; None without coverage data.

    Parameters
    ----------
    coverage
        Stretches in the genes of the knowledge base.
    minimum_depth
        Depth the assay needs. Neighbouring runs of a per-base file are joined where they lie on the same side of it, so
        the lowest depth of an entry is never above that of any base in it.

    Returns
    -------
    dict or None
        ``kind`` and, by chromosome, ``START-END:MEAN:LOWEST[:DEPTH=BASES,…]`` (1-based, both included; an empty number
        is not known; the last part counts bases that reach a depth).
    """
    if coverage is None:
        return None
    stretches = {}
    for chrom, rows in coverage.stretches.items():
        kept = _joined(rows, minimum_depth or 1) if coverage.kind == PER_BASE else rows
        stretches[chrom] = [_text(row) for row in kept]
    return {"kind": coverage.kind, "stretches": stretches}


def coverage_of_entry(entry: Mapping[str, Any] | None) -> Coverage | None:
    """The coverage that a document holds; None where it holds none.

    Raises
    ------
    ValueError
        If a text has another form.
    """
    if not entry:
        return None
    return Coverage(
        entry["kind"], {chrom: tuple(_stretch(text) for text in rows) for chrom, rows in entry["stretches"].items()}
    )


def _joined(rows: Iterable[Stretch], minimum: int) -> list[Stretch]:
    joined: list[Stretch] = []
    for row in rows:
        last = joined[-1] if joined else None
        low = row.lowest or 0
        if last is not None and last.end + 1 == row.start and ((last.lowest or 0) >= minimum) == (low >= minimum):
            bases, more = last.end - last.start + 1, row.end - row.start + 1
            mean = ((last.mean or 0.0) * bases + (row.mean or 0.0) * more) / (bases + more)
            joined[-1] = Stretch(last.start, row.end, mean, min(last.lowest or 0, low))
        else:
            joined.append(row)
    return [row for row in joined if row.lowest or (row.mean or 0) > 0]


def _text(row: Stretch) -> str:
    mean = "" if row.mean is None else f"{round(row.mean, 1):g}" if row.mean < 100_000 else str(round(row.mean))
    lowest = "" if row.lowest is None else str(row.lowest)
    text = f"{row.start}-{row.end}:{mean}:{lowest}"
    if row.at_least:
        text += ":" + ",".join(f"{depth}={bases}" for depth, bases in sorted(row.at_least.items()))
    return text


def _stretch(text: str) -> Stretch:
    parts = text.split(":")
    if len(parts) not in (3, 4):
        raise ValueError(f"{text!r} is no stretch of coverage")
    start, _, end = parts[0].partition("-")
    at_least = None
    if len(parts) == 4:
        pairs = (pair.partition("=") for pair in parts[3].split(","))
        at_least = {int(depth): int(bases) for depth, _, bases in pairs}
    return Stretch(
        int(start),
        int(end),
        float(parts[1]) if parts[1] else None,
        int(parts[2]) if parts[2] else None,
        at_least,
    )
