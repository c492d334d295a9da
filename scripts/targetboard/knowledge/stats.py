"""Counts of a knowledge base, for the command line and the report's provenance."""

from __future__ import annotations

from targetboard.knowledge.records import UNVERIFIED, Alteration, Claim, KnowledgeBase


def summary(kb: KnowledgeBase) -> dict[str, int]:
    """Number of rows by kind, in a fixed order; ``unverified`` counts rows of alterations and claims so marked."""
    verifications = [row.verified_in for row in kb.alterations.values()]
    verifications += [claim.verified_in for claim in kb.claims.values()]
    return {
        "genes": len(kb.genes),
        "alterations": len(kb.alterations),
        "validated drivers": sum(row.is_validated_driver for row in kb.alterations.values()),
        "alleles": sum(len(rows) for alleles in kb.alleles.values() for rows in alleles.values()),
        "protein windows": sum(len(rows) for rows in kb.proteins.values()),
        "hotspots": sum(len(rows) for rows in kb.hotspots.values()),
        "domains": sum(len(rows) for rows in kb.domains.values()),
        "tumour types": len(kb.tumour_types),
        "drugs": len(kb.drugs),
        "markers": len(kb.markers),
        "biomarkers": len(kb.biomarkers),
        "claims": len(kb.claims),
        "approvals": sum(len(rows) for rows in kb.approvals.values()),
        "options without biomarker": len(kb.options_without_biomarker),
        "resistance mechanisms": len(kb.resistance),
        "unverified": sum(text == UNVERIFIED for text in verifications),
    }


def unreviewed(kb: KnowledgeBase) -> dict[str, tuple[int, int]]:
    """Rows that fewer than two people have reviewed, and all rows, of the tables that are reviewed."""
    tables: dict[str, tuple[Alteration | Claim, ...]] = {
        "alterations": tuple(kb.alterations.values()),
        "claims": tuple(kb.claims.values()),
    }
    return {name: (sum(len(row.reviewers) < 2 for row in rows), len(rows)) for name, rows in tables.items()}
