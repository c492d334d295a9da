"""Resistance mechanisms: those found in the sample, and those to watch for under a drug that is given or offered."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from targetboard.action.biomarkers import Findings
from targetboard.action.therapies import SENSITIVE
from targetboard.action.tumour_types import ANCESTOR, SAME_TUMOUR, TumourTypes
from targetboard.classify.context import prior_drugs
from targetboard.knowledge.records import KnowledgeBase, ResistanceRow

_APPLIES = SAME_TUMOUR | {ANCESTOR}
_GENE_WORD = re.compile(r"[A-Z][A-Z0-9]+")
_PRIMARY = "primary resistance"
"""Words of a mechanism that is there from the start: nothing to watch for."""


def relevant_drugs(therapies: Sequence[Mapping[str, Any]], clinical: Mapping[str, str]) -> frozenset[str]:
    """Drugs whose resistance matters: given so far, or listed as active in this tumour type."""
    listed = {
        drug
        for row in therapies
        if row["direction"] == SENSITIVE and row["tumour_match"] in SAME_TUMOUR
        for drug in row["drugs"]
    }
    return frozenset(listed | set(prior_drugs(clinical)))


def genes_behind(kb: KnowledgeBase, therapies: Sequence[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """Genes of the biomarkers for which each drug is listed as active in this tumour type."""
    genes: dict[str, set[str]] = {}
    for row in therapies:
        if row["direction"] == SENSITIVE and row["tumour_match"] in SAME_TUMOUR:
            own = {kb.alterations[name].gene for name in row["biomarkers"] if name in kb.alterations}
            for drug in row["drugs"]:
                genes.setdefault(drug, set()).update(own)
    return {drug: frozenset(own) for drug, own in genes.items()}


def assess_resistance(
    kb: KnowledgeBase,
    tumour_types: TumourTypes,
    findings: Findings,
    drugs: Collection[str],
    sample_tumour_code: str | None,
    condition: str | None,
    genes: Mapping[str, frozenset[str]] | None = None,
) -> list[dict[str, Any]]:
    """Rows of the document's ``resistance``, found ones first.

    A mechanism is found where a validated driver carries its alteration, whatever was given before. Where a likely
    driver carries it, it is found as soon as one of its drugs is given or listed, and its weaker evidence is said: what
    speaks against a drug needs less proof than what speaks for one. It is one to watch where one of its drugs is given
    or listed and its alteration was not called.

    Parameters
    ----------
    genes
        Genes for which each drug is listed. A drug of several targets that is listed for one of them is not watched for
        changes of another.
    """
    rows = []
    blocked: dict[str, str] = {}
    for row in kb.resistance.values():
        if row.alteration_id in findings.alterations or (
            row.alteration_id in findings.likely and set(row.after_drugs) & set(drugs)
        ):
            blocked.update(dict.fromkeys(row.after_drugs, kb.alterations[row.alteration_id].label))
    for resistance_id in sorted(kb.resistance):
        row = kb.resistance[resistance_id]
        if tumour_types.relation(sample_tumour_code, row.tumour_types, (), condition).token not in _APPLIES:
            continue
        found = findings.alterations.get(row.alteration_id) if row.alteration_id else None
        relevant = set(row.after_drugs) & set(drugs)
        likely = findings.likely.get(row.alteration_id) if row.alteration_id else None
        if found is not None:
            rows.append(_entry(row, "found", found.variants, blocked))
        elif likely is not None and relevant:
            entry = _entry(row, "found", likely.variants, blocked)
            entry["mechanism"] += f" ({kb.alterations[row.alteration_id].evidence} evidence)"
            rows.append(entry)
        elif likely is None and any(_may_arise(kb, row, drug, (genes or {}).get(drug)) for drug in relevant):
            rows.append(_entry(row, "to_watch", (), blocked))
    return sorted(rows, key=lambda entry: entry["kind"])


def _may_arise(kb: KnowledgeBase, row: ResistanceRow, drug: str, genes: frozenset[str] | None) -> bool:
    """Whether a mechanism can arise under a drug that is listed for these genes; None where it was given before."""
    if _PRIMARY in row.mechanism:
        return False
    if not genes or drug not in kb.drugs:
        return True
    own = kb.alterations.get(row.alteration_id)
    changed = {own.gene} if own is not None else set(_GENE_WORD.findall(row.mechanism))
    targets = set(_GENE_WORD.findall(kb.drugs[drug].target))
    return bool(changed & genes) or not changed & targets or not genes & targets


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
