"""Measured markers that are no variants: PD-L1, HER2, MSI, TMB, germline tests … from markers.tsv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import UsageError
from targetboard.inputs.reading import read_table
from targetboard.knowledge.records import Marker
from targetboard.model import MarkerState

NOT_RESULTS: Mapping[str, MarkerState] = {
    "failed": MarkerState.FAILED,
    "inconclusive": MarkerState.INCONCLUSIVE,
    "not assessed": MarkerState.NOT_ASSESSED,
    "not_assessed": MarkerState.NOT_ASSESSED,
}
"""Words in place of a value, with the state they mean."""


@dataclass(slots=True, frozen=True)
class MarkerResult:
    """One measured marker as its laboratory reports it; texts are shown as they came, "" where not given."""

    marker_id: str
    state: MarkerState
    value: str
    unit: str = ""
    method: str = ""
    cutoff: str = ""
    assay: str = ""
    date: str = ""

    def remark(self) -> str:
        """Assay and date in words, for the report's column of reasons."""
        return ", ".join(part for part in (self.assay, self.date) if part)


def read_markers(path: Path, sample_id: str, known: Mapping[str, Marker]) -> dict[str, MarkerResult]:
    """Read the markers of one sample.

    Parameters
    ----------
    path
        Tab-separated with columns ``marker_id`` and ``value``, optionally ``sample_id`` (then only rows of this sample
        count), ``unit``, ``method``, ``cutoff``, ``assay``, ``date``. A value may be ``failed``, ``inconclusive`` or
        ``not assessed``.
    known
        Markers of the knowledge base.

    Raises
    ------
    UsageError
        For a marker the knowledge base does not know, an empty value, or a marker given twice.
    """
    results: dict[str, MarkerResult] = {}
    by_name = {marker_id.casefold(): marker_id for marker_id in known}
    for row in read_table(path, [("marker_id", "marker"), ("value",)]):
        if row.cells.get("sample_id", sample_id) != sample_id:
            continue
        given = row.text("marker_id", "marker")
        marker_id = by_name.get(given.casefold())
        where = f"{path}, line {row.line}"
        if marker_id is None:
            raise UsageError(
                f"marker {given!r} is not known",
                where=f"{where}, column marker_id",
                remedy=f"Use {', '.join(sorted(known))}",
            )
        value = row.text("value")
        if not value:
            raise UsageError(
                "the value is empty",
                where=f"{where}, column value",
                remedy="Give it, or failed, inconclusive, not assessed",
            )
        if marker_id in results:
            raise UsageError(
                f"marker {marker_id} is given twice", where=where, remedy="Keep one row a marker and sample"
            )
        state = NOT_RESULTS.get(value.casefold())
        results[marker_id] = MarkerResult(
            marker_id,
            state or MarkerState.DETECTED,
            "" if state else value,
            row.text("unit"),
            row.text("method", "clone"),
            row.text("cutoff", "cut-off"),
            row.text("assay"),
            row.text("date"),
        )
    return results
