"""Resistance mechanisms: those found in the sample, and those to watch for under a drug that is given or offered."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from targetboard.action.biomarkers import Findings
from targetboard.action.therapies import SENSITIVE
from targetboard.action.tumour_types import ANCESTOR, SAME_TUMOUR, TumourTypes
from targetboard.classify.context import prior_drugs
from targetboard.knowledge.records import KnowledgeBase, ResistanceRow

_APPLIES = SAME_TUMOUR | {ANCESTOR}


def relevant_drugs(therapies: Sequence[Mapping[str, Any]], clinical: Mapping[str, str]) -> frozenset[str]:
    """Drugs whose resistance matters: given so far, or listed as active in this tumour type."""
    listed = {
        drug
        for row in therapies
        if row["direction"] == SENSITIVE and row["tumour_match"] in SAME_TUMOUR
        for drug in row["drugs"]
    }
    return frozenset(listed | set(prior_drugs(clinical)))


def assess_resistance(
    kb: KnowledgeBase,
    tumour_types: TumourTypes,
    findings: Findings,
    drugs: Collection[str],
    sample_tumour_code: str | None,
    condition: str | None,
) -> list[dict[str, Any]]:
    """Rows of the document's ``resistance``, found ones first.

    A mechanism is found where a validated driver carries its alteration, whatever was given before; it is one to watch
    where one of its drugs is given or listed and its alteration was not called.
    """
    rows = []
    blocked: dict[str, str] = {}
    for row in kb.resistance.values():
        if row.alteration_id in findings.alterations:
            blocked.update(dict.fromkeys(row.after_drugs, kb.alterations[row.alteration_id].label))
    for resistance_id in sorted(kb.resistance):
        row = kb.resistance[resistance_id]
        if tumour_types.relation(sample_tumour_code, row.tumour_types, (), condition).token not in _APPLIES:
            continue
        found = findings.alterations.get(row.alteration_id) if row.alteration_id else None
        if found is not None:
            rows.append(_entry(row, "found", found.variants, blocked))
        elif set(row.after_drugs) & set(drugs):
            rows.append(_entry(row, "to_watch", (), blocked))
    return sorted(rows, key=lambda entry: entry["kind"])


def resistance_against(row: Mapping[str, Any], resistance: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Found resistances to every drug of a therapy row, by another variant than the row rests on.

    A drug that a combination adds may overcome the resistance, so a regimen with a drug outside the list is left alone.
    """
    return [
        found
        for found in resistance
        if found["kind"] == "found"
        and set(row["drugs"]) <= set(found["after"])
        and found["alteration_id"] not in row["biomarkers"]
    ]


def _entry(row: ResistanceRow, kind: str, variants: Sequence[int], blocked: Mapping[str, str]) -> dict[str, Any]:
    """One row; a next line against which a resistance was found in the same sample says so."""
    following = [
        f"{drug} (but {blocked[drug]}, a resistance to it, was found as well)" if drug in blocked else drug
        for drug in row.next_line
    ]
    return {
        "kind": kind,
        "alteration_id": row.alteration_id,
        "mechanism": row.mechanism,
        "after": list(row.after_drugs),
        "next_line": following,
        "variants": list(variants),
        "sources": list(row.sources),
        "verified_in": row.verified_in,
    }
