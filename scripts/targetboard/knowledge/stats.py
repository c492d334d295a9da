"""Counts of a knowledge base: for the command line, the page STATS.md and the report's provenance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from targetboard.knowledge.records import UNVERIFIED, Alteration, Claim, KnowledgeBase

NOT_STATED = "not stated"
VERIFIED, NOT_SOURCED = "verified", "not sourced"


def summary(kb: KnowledgeBase) -> dict[str, int]:
    """Number of rows by kind, in a fixed order; ``unverified`` counts rows of alterations and claims so marked."""
    verifications = [row.verified_in for row in kb.alterations.values()]
    verifications += [claim.verified_in for claim in kb.claims.values()]
    return {
        "genes": len(kb.genes),
        "alterations": len(kb.alterations),
        "validated drivers": sum(row.is_validated_driver for row in kb.alterations.values()),
        "alleles": _grouped(group for by_key in kb.alleles.values() for group in by_key.values()),
        "protein windows": _grouped(kb.proteins.values()),
        "hotspots": _grouped(kb.hotspots.values()),
        "domains": _grouped(kb.domains.values()),
        "tumour types": len(kb.tumour_types),
        "drugs": len(kb.drugs),
        "markers": len(kb.markers),
        "biomarkers": len(kb.biomarkers),
        "claims": len(kb.claims),
        "approvals": _grouped(kb.approvals.values()),
        "companion diagnostics": _grouped(kb.diagnostics.values()),
        "trials": len(kb.trials),
        "pertinent negatives": len(kb.negatives),
        "options without biomarker": len(kb.options_without_biomarker),
        "resistance mechanisms": len(kb.resistance),
        "unverified": sum(text == UNVERIFIED for text in verifications),
    }


def _grouped(groups: Iterable[tuple[Any, ...]]) -> int:
    return sum(len(rows) for rows in groups)


def unreviewed(kb: KnowledgeBase) -> dict[str, tuple[int, int]]:
    """Rows that fewer than two people have reviewed, and all rows, of the tables that are reviewed."""
    tables: dict[str, tuple[Alteration | Claim, ...]] = {
        "alterations": tuple(kb.alterations.values()),
        "claims": tuple(kb.claims.values()),
    }
    return {name: (sum(len(row.reviewers) < 2 for row in rows), len(rows)) for name, rows in tables.items()}


def verification(row: Any) -> str:  # noqa: ANN401  any row with verified_in
    """``verified``, ``unverified`` as the row says, or ``not sourced`` where it has a column for sources left empty."""
    if row.verified_in == UNVERIFIED:
        return UNVERIFIED
    return VERIFIED if getattr(row, "sources", True) else NOT_SOURCED


def statistics(kb: KnowledgeBase) -> dict[str, dict[str, int]]:
    """Counts by title, each a mapping of values in a fixed order: closed lists by count, names by count and name."""
    alterations, claims = tuple(kb.alterations.values()), tuple(kb.claims.values())
    approvals = [row for rows in kb.approvals.values() for row in rows]
    diagnostics = [row for rows in kb.diagnostics.values() for row in rows]
    checked: Mapping[str, Iterable[Any]] = {
        "alterations": alterations,
        "claims": claims,
        "genes": kb.genes.values(),
        "drugs": kb.drugs.values(),
        "approvals": approvals,
        "companion diagnostics": diagnostics,
        "resistance mechanisms": kb.resistance.values(),
        "options without biomarker": kb.options_without_biomarker.values(),
        "trials": kb.trials.values(),
        "pertinent negatives": kb.negatives.values(),
    }
    reviews = {
        f"{name}: {words}": number
        for name, (waiting, total) in unreviewed(kb).items()
        for words, number in (("reviewed by two people", total - waiting), ("not reviewed", waiting))
    }
    return {
        "Rows per table": summary(kb),
        "Alterations by kind and evidence": _count(f"{row.kind}, {row.evidence}" for row in alterations),
        "Alterations by event": _count(row.event for row in alterations),
        "Claims by evidence level": _count(row.evidence_level or NOT_STATED for row in claims),
        "Claims by implication and direction": _count(
            f"{row.implication}, {row.direction}" if row.direction else row.implication for row in claims
        ),
        "Approvals by jurisdiction and status": _count(f"{row.jurisdiction}, {row.status}" for row in approvals),
        "Companion diagnostics by jurisdiction": _count(row.jurisdiction for row in diagnostics),
        "Verification": {
            f"{name}: {state}": number
            for name, rows in checked.items()
            for state, number in _count(verification(row) for row in rows).items()
        },
        "Review": reviews,
        "Alterations per gene": _count(row.gene for row in alterations),
        "Claims per tumour type": _count(code for row in claims for code in row.tumour_types),
    }


def _count(values: Iterable[str]) -> dict[str, int]:
    counts = Counter(values)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def as_text(kb: KnowledgeBase, counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The counts as lines for a terminal."""
    lines = [f"knowledge release {kb.release}"]
    for title, table in counts.items():
        lines += ["", title, *(f"  {number:>7,}  {name}" for name, number in table.items())]
    return lines


def as_markdown(kb: KnowledgeBase, counts: Mapping[str, Mapping[str, int]]) -> list[str]:
    """The counts as the page STATS.md."""
    lines = [
        "# Numbers of the knowledge tables",
        "",
        f"Release {kb.release}, made by `targetboard knowledge stats --markdown`. A row is reviewed when two different"
        " people are named in it.",
    ]
    for title, table in counts.items():
        lines += ["", f"## {title}", "", "| what | rows |", "|---|---:|"]
        lines += [f"| {name} | {number:,} |" for name, number in table.items()] or ["| none | 0 |"]
    return lines
