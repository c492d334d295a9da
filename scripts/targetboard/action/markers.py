"""Markers that the claims of a tumour type ask about, with their state in the sample."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from targetboard.action.biomarkers import GENE_GROUPS, WILD_TYPE_SUFFIX, Findings
from targetboard.action.therapies import profile_of
from targetboard.knowledge.profile_grammar import identifiers, wild_types
from targetboard.knowledge.records import Claim, KnowledgeBase, Marker
from targetboard.model import MarkerState


def assess_markers(kb: KnowledgeBase, claims: Iterable[Claim], findings: Findings) -> list[dict[str, Any]]:
    """Rows of the document's ``markers``, by id: every marker the claims' profiles use.

    A marker nobody measured is ``not_assessed``. ``wild_type(X)`` uses the marker ``X_WT``, or that of a group X
    belongs to, where the table has one: a validated driver of the gene shows that it is not wild type; without
    coverage nothing shows that it is.
    """
    measured, wild = _asked(kb, claims)
    measured.update(name for name in findings.markers if name in kb.markers)
    rows = {name: _measured_entry(kb.markers[name], findings) for name in measured}
    for gene in _with_groups(wild):
        marker = kb.markers.get(gene + WILD_TYPE_SUFFIX)
        if marker is not None:
            rows[marker.marker_id] = _wild_type_entry(marker, gene, findings)
    return [rows[name] for name in sorted(rows)]


def deciding_markers(kb: KnowledgeBase, claims: Iterable[Claim]) -> frozenset[str]:
    """Ids of the markers and wild types that the profiles of the claims ask for."""
    measured, wild = _asked(kb, claims)
    return frozenset(measured | {gene + WILD_TYPE_SUFFIX for gene in _with_groups(wild)})


def _asked(kb: KnowledgeBase, claims: Iterable[Claim]) -> tuple[set[str], set[str]]:
    """Markers, and genes whose wild type the claims ask for."""
    measured: set[str] = set()
    wild: set[str] = set()
    for claim in claims:
        profile = profile_of(claim, kb)
        measured.update(name for name in identifiers(profile) if name in kb.markers)
        wild.update(wild_types(profile))
    return measured, wild


def _with_groups(genes: set[str]) -> set[str]:
    return genes | {group for group, members in GENE_GROUPS.items() if genes & set(members)}


def _measured_entry(marker: Marker, findings: Findings) -> dict[str, Any]:
    found = findings.markers.get(marker.marker_id)
    if found is None:
        return _entry(marker, MarkerState.NOT_ASSESSED, None, "no marker input")
    entry = _entry(marker, found.state, found.value or None, found.remark)
    return {**entry, "unit": found.unit or marker.unit, "cutoff": found.cutoff or None, "method": found.method or None}


def _wild_type_entry(marker: Marker, gene: str, findings: Findings) -> dict[str, Any]:
    genes = GENE_GROUPS.get(gene, (gene,))
    mutated = [name for name in genes if name in findings.driver_genes]
    if mutated:
        return _entry(
            marker, MarkerState.NOT_DETECTED, None, f"excluded: a driver was found in {' and '.join(mutated)}"
        )
    if all(name in findings.wild_type_genes for name in genes) and not findings.unclear_genes & set(genes):
        return _entry(marker, MarkerState.DETECTED, None, "coverage shows wild type")
    reasons = [findings.open_wild_types[name] for name in genes if name in findings.open_wild_types]
    if reasons:
        return _entry(marker, MarkerState.INCONCLUSIVE, None, "; ".join(reasons))
    return _entry(marker, MarkerState.NOT_ASSESSED, None, "no coverage data show wild type")


def _entry(marker: Marker, state: MarkerState, value: str | None, reason: str) -> dict[str, Any]:
    return {
        "marker_id": marker.marker_id,
        "label": marker.label,
        "state": state.value,
        "value": value,
        "unit": marker.unit,
        "cutoff": None,
        "method": None,
        "reason": reason,
    }
