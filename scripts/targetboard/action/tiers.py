"""Tiers of claims and variants: AMP/ASCO/CAP 2017 (PMID 27993330) and ESCAT (PMID 30137196).

AMP tiers follow the claim's evidence level and how its tumour types relate to the sample's. ESCAT values are curated
per claim; the only inference is the mechanical step of an I or II in another tumour type to III-A, which is labelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from targetboard.action.tumour_types import ANCESTOR, OTHER_TUMOUR, SAME_TUMOUR
from targetboard.model import DriverClass, Variant

AMP_ORDER = ("I-A", "I-B", "II-C", "II-D", "III", "IV")
AMP_SAME_TUMOUR: Mapping[str, str] = {"A": "I-A", "B": "I-B", "C": "II-C", "D": "II-D"}
AMP_OTHER_TUMOUR: Mapping[str, str] = {"A": "II-C", "B": "II-C", "C": "II-D", "D": "II-D"}
UNTIERED_IMPLICATION = "safety"

ESCAT_ORDER = ("I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X")
ESCAT_OTHER_TUMOUR = "III-A"

_CLASS_TIER: Mapping[DriverClass, str] = {
    DriverClass.UNCERTAIN: "III",
    DriverClass.LIKELY_PASSENGER: "IV",
    DriverClass.PASSENGER: "IV",
}
_RELATION_WORDS: Mapping[str, str] = {
    "exact": "in this tumour type",
    "descendant": "in a tumour type that includes this one",
    "pan_tumour": "independent of the tumour type",
    ANCESTOR: "in a narrower tumour type than the one given",
    OTHER_TUMOUR: "in another tumour type",
}


def amp_tier(evidence_level: str, relation: str, implication: str = "therapeutic") -> tuple[str | None, str]:
    """AMP tier of a claim and the sentence it rests on.

    Parameters
    ----------
    evidence_level
        A (approved or in guidelines), B (well-powered studies), C (smaller studies), D (preclinical, case reports).
    relation
        Token of :class:`targetboard.action.tumour_types.Relation`.
    implication
        Safety statements have no tier.

    Returns
    -------
    tuple[str | None, str]
        None where no level is curated. A sample type broader than the claim's gets the tier of another tumour type:
        the higher one is not shown to apply.
    """
    if implication == UNTIERED_IMPLICATION:
        return None, "safety statements have no tier"
    if not evidence_level:
        return None, "no evidence level is curated"
    table = AMP_SAME_TUMOUR if relation in SAME_TUMOUR else AMP_OTHER_TUMOUR
    tier = table[evidence_level]
    basis = f"{tier}: level {evidence_level} evidence {_RELATION_WORDS[relation]}"
    if relation == ANCESTOR:
        basis += f"; {AMP_SAME_TUMOUR[evidence_level]} if the diagnosis is that narrower type"
    return tier, basis


def escat_tier(curated: str, relation: str) -> tuple[str | None, str]:
    """ESCAT tier of a claim and its basis; I and II become III-A (derived) outside the claim's tumour types."""
    if not curated:
        return None, ""
    if relation in SAME_TUMOUR or not curated.startswith(("I-", "II-")):
        return curated, "curated"
    return ESCAT_OTHER_TUMOUR, f"derived: {curated} in another tumour type"


def amp_rank(tier: str | None) -> int:
    """Position of an AMP tier, best first; no tier comes last."""
    return AMP_ORDER.index(tier) if tier in AMP_ORDER else len(AMP_ORDER)


def variant_tiers(variants: Sequence[Variant], claims: Iterable[Mapping[str, Any]]) -> list[dict[str, str | None]]:
    """Tier of each variant: the best of the claims that rest on it, otherwise by class.

    Parameters
    ----------
    variants
        Classified variants.
    claims
        Therapy entries of the document (any implication); ``variants`` holds indices.

    Returns
    -------
    list of dict
        ``amp`` and ``escat`` per variant. Without a claim: uncertain III, (likely) passenger IV, others None.
    """
    rows = list(claims)
    tiers: list[dict[str, str | None]] = []
    for index, variant in enumerate(variants):
        own = [row for row in rows if index in row["variants"]]
        amp = min((row["amp"] for row in own if row["amp"]), key=AMP_ORDER.index, default=None)
        escat = min((row["escat"] for row in own if row["escat"]), key=ESCAT_ORDER.index, default=None)
        tiers.append({"amp": amp or _CLASS_TIER.get(variant.driver_class), "escat": escat})
    return tiers
