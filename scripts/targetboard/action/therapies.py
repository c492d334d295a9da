"""Claims that a sample's findings support, as entries of the document: shown, conditional, or withheld with reason.

A claim is shown where its profile is met, or open with at least one term met; every variant in it is a validated
driver. A profile that a found driver rules out, a tumour type the claim excludes and a withdrawn approval are named
under ``withheld``. Of the claims of other tumour types, response is shown, and resistance to a drug that is listed;
labels (``not_indicated``), diagnosis and prognosis do not carry over, and neither does a claim of another tumour type
that only measured markers support: a cut-off of PD-L1 or a negative HER2 means something in its own tumour type.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from targetboard.action.biomarkers import Evaluation, Findings, evaluate, identifiers
from targetboard.action.conditions import condition_state, course_of
from targetboard.action.sample_findings import specificity
from targetboard.action.tiers import amp_rank, amp_tier, escat_tier
from targetboard.action.tumour_types import (
    ANCESTOR,
    DISEASE_PREFIX,
    EXCLUDED,
    OTHER_TUMOUR,
    RELATION_ORDER,
    SAME_TUMOUR,
    Relation,
    TumourTypes,
)
from targetboard.classify.context import consent_refused
from targetboard.classify.facts import describe
from targetboard.classify.flags import ARTEFACT_SUSPECT, CHIP_SUSPECT, GERMLINE_SUSPECT, LOW_SUPPORT, NORMAL_DEPTH
from targetboard.knowledge.profile_grammar import Profile, parse
from targetboard.knowledge.records import Approval, Claim, Drug, KnowledgeBase
from targetboard.model import Observation, Variant
from targetboard.vcf.candidate import OTHER_RECORD
from targetboard.vcf.phase import PHASE_OPEN

SENSITIVE, RESISTANT, NOT_INDICATED = "sensitive", "resistant", "not_indicated"
WITHDRAWN = "withdrawn"
MOST_IN_NORMAL = 0.05
"""Fraction in the matched normal that a somatic variant does not exceed; an inherited one lies near 0.5 or 1."""
GERMLINE_TEST = "germline test"
"""Kind of the markers that tell of inherited variants."""
_CARRIES_OVER = frozenset({SENSITIVE, RESISTANT})
_PASSED_FILTERS = frozenset({"PASS", ".", ""})
# Order within a tier; a resistance that speaks against a listed drug comes before that drug.
_AGAINST_A_LISTED_DRUG = 0
_KIND_ORDER: Mapping[str, int] = {SENSITIVE: 1, RESISTANT: 2, NOT_INDICATED: 2, "diagnostic": 3, "prognostic": 4}
_LAST_KIND = 5

_FLAG_CONDITIONS: Mapping[str, str] = {
    GERMLINE_SUSPECT: "may be inherited, and labels differ on inherited findings: confirm by a germline test",
    CHIP_SUSPECT: "may stem from clonal haematopoiesis: confirm in tissue or white blood cells before treatment",
    ARTEFACT_SUSPECT: "may be an artefact: confirm with a second method",
    LOW_SUPPORT: "weakly supported by reads: confirm with a second method",
}


# Flags by which the tumour may not have the variant at all; inheritance and unknown support do not say that.
_DOUBTS = frozenset({CHIP_SUSPECT, ARTEFACT_SUSPECT})


@lru_cache(maxsize=4096)
def parsed_profile(expression: str) -> Profile:
    """A profile, parsed once a process: tables repeat their profiles, and so do the samples of a batch."""
    return parse(expression)


def profile_of(claim: Claim, kb: KnowledgeBase) -> Profile:
    """The parsed profile of a claim's biomarker."""
    return parsed_profile(kb.biomarkers[claim.biomarker_id].profile)


def relation_of(
    claim: Claim, tumour_types: TumourTypes, sample_tumour_code: str | None, condition: str | None
) -> Relation:
    """How a claim's tumour types relate to the sample."""
    return tumour_types.relation(sample_tumour_code, claim.tumour_types, claim.excluded_tumour_types, condition)


def assess_claims(
    kb: KnowledgeBase,
    tumour_types: TumourTypes,
    variants: Sequence[Variant],
    findings: Findings,
    sample_tumour_code: str | None,
    condition: str | None,
    clinical: Mapping[str, str],
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Evaluate every claim of the knowledge base.

    Returns
    -------
    tuple[list[dict], list[dict]]
        ``therapies`` in reading order and ``withheld`` by claim id, both as the document's schema has them. Only
        claims of response are withheld by name: a resistance that does not apply is no news.
    """
    shown: list[dict[str, Any]] = []
    withheld: list[dict[str, Any]] = []
    excluding: list[Claim] = []
    for claim_id in sorted(kb.claims):
        claim = kb.claims[claim_id]
        relation = relation_of(claim, tumour_types, sample_tumour_code, condition)
        if not _speaks_to(claim, relation, condition):
            continue
        evaluation = evaluate(profile_of(claim, kb), findings, kb)
        if relation.token == OTHER_TUMOUR and not any(name in kb.alterations for name in evaluation.terms):
            continue
        reason = _reason_to_withhold(claim, kb, tumour_types, relation, evaluation) or _somatic_for_germline(
            claim, kb, variants, findings, evaluation
        )
        if reason:
            if relation.token == EXCLUDED and evaluation.state == "met":
                excluding.append(claim)
            if claim.direction == SENSITIVE:
                withheld.append(_withheld_entry(claim, kb, reason))
        elif evaluation.state == "met" or (evaluation.state == "unknown" and evaluation.terms):
            shown.append(_entry(claim, kb, variants, relation, evaluation, clinical))
    shown, barred = _without_barred(kb, tumour_types, shown, excluding)
    withheld += barred
    shown = _merge_duplicates(_without_stray_resistance(shown))
    _mark_conflicts(shown)
    return _in_reading_order(shown, variants), withheld


def _speaks_to(claim: Claim, relation: Relation, condition: str | None) -> bool:
    if relation.token != OTHER_TUMOUR:
        return True
    if all(name.startswith(DISEASE_PREFIX) for name in claim.tumour_types):
        return False
    return condition is None and claim.implication == "therapeutic" and claim.direction in _CARRIES_OVER


def _without_barred(
    kb: KnowledgeBase, tumour_types: TumourTypes, rows: list[dict[str, Any]], excluding: Sequence[Claim]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Withhold drugs of other tumour types that a met claim of the same biomarker excludes in this one.

    A label that leaves a tumour type out knows why (BRAF inhibitors in colorectal cancer); evidence from elsewhere, of
    the same drugs or a part of them, or of drugs with the same targets, must not bring them back. Evidence in this
    tumour type itself stands.
    """
    kept, barred = [], []
    for row in rows:
        own = set(row["biomarkers"])
        against = [
            claim
            for claim in excluding
            if row["tumour_match"] == OTHER_TUMOUR
            and row["direction"] == SENSITIVE
            and (set(row["drugs"]) <= set(claim.drugs) or _same_targets(row["drugs"], claim.drugs, kb))
            and own & set(identifiers(profile_of(claim, kb)))
        ]
        if not against:
            kept.append(row)
            continue
        excluded = ", ".join(f"{code} ({tumour_types.name(code)})" for code in against[0].excluded_tumour_types)
        reason = f"evidence is of other tumour types, and {against[0].claim_id} excludes {excluded}"
        barred.append(_withheld_entry(kb.claims[row["claim_id"]], kb, reason))
    return kept, barred


def _same_targets(drugs: Sequence[str], others: Sequence[str], kb: KnowledgeBase) -> bool:
    """Whether every drug has a target of the other drugs; a drug without a stated target has none."""

    def targets(name: str) -> set[str]:
        known = kb.drugs.get(name)
        return {_family(part) for part in re.split(r"[,|]", known.target)} - {""} if known is not None else set()

    theirs = set().union(*(targets(name) for name in others))
    return all(targets(name) & theirs for name in drugs)


def _family(target: str) -> str:
    """``MEK1`` and ``MEK2`` are ``mek``."""
    return re.sub(r"\d+$", "", target.strip().casefold())


def _without_stray_resistance(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out resistance seen in another tumour type to drugs that nothing lists for this one."""
    listed = {drug for row in rows if row["direction"] == SENSITIVE for drug in row["drugs"]}
    return [
        row
        for row in rows
        if row["direction"] != RESISTANT or row["tumour_match"] != OTHER_TUMOUR or listed & set(row["drugs"])
    ]


def _reason_to_withhold(
    claim: Claim, kb: KnowledgeBase, tumour_types: TumourTypes, relation: Relation, evaluation: Evaluation
) -> str:
    """Why a claim that a finding touches is not shown; "" where it is shown or nothing touches it."""
    if evaluation.state == "not_met":
        in_type = relation.token in SAME_TUMOUR
        touched = bool(evaluation.terms) or evaluation.contradicted
        return f"profile not met: {'; '.join(evaluation.failed)}" if in_type and touched else ""
    if evaluation.state == "unknown" and not evaluation.terms:
        return ""
    if relation.token == EXCLUDED:
        excluded = ", ".join(f"{code} ({tumour_types.name(code)})" for code in claim.excluded_tumour_types)
        return f"not for this tumour type: the claim excludes {excluded}"
    approvals = kb.approvals.get(claim.claim_id, ())
    if approvals and all(approval.status == WITHDRAWN for approval in approvals):
        said = ", ".join(
            f"{approval.jurisdiction} {approval.year}" if approval.year else approval.jurisdiction
            for approval in _ordered_approvals(approvals, "")
        )
        return f"history only: every approval of this claim was withdrawn ({said})"
    return ""


def _somatic_for_germline(
    claim: Claim, kb: KnowledgeBase, variants: Sequence[Variant], findings: Findings, evaluation: Evaluation
) -> str:
    """Why a claim on an inherited variant is not shown for one that the matched normal lacks (R16); "" for others."""
    if evaluation.state != "unknown" or not evaluation.variants:
        return ""
    asked = [
        name
        for name in identifiers(profile_of(claim, kb))
        if name in kb.markers and kb.markers[name].kind == GERMLINE_TEST and name not in findings.markers
    ]
    somatic = all(absent_from_normal(variants[index].observation) for index in evaluation.variants)
    if not asked or not somatic:
        return ""
    names = ", ".join(describe(variants[index]) for index in evaluation.variants)
    labels = " and ".join(kb.markers[name].label for name in asked)
    return f"{names} is not in the matched normal, and the claim asks for an inherited variant ({labels}: not assessed)"


def absent_from_normal(seen: Observation) -> bool:
    """Whether the matched normal was read well enough and lacks the variant; some tumour cells in it are allowed."""
    fraction, depth = seen.normal_vaf, seen.normal_depth
    return fraction is not None and (depth or 0) >= NORMAL_DEPTH and fraction < MOST_IN_NORMAL


def _withheld_entry(claim: Claim, kb: KnowledgeBase, reason: str) -> dict[str, Any]:
    return {
        "claim_id": claim.claim_id,
        "biomarker": kb.biomarkers[claim.biomarker_id].label,
        "drugs": list(claim.drugs),
        "reason": reason,
    }


def cost_words(drug: Drug) -> str:
    """Cost band with its country and date, and the note on help with it; "" where neither is sourced."""
    place = ", ".join(part for part in (drug.cost_country, drug.cost_date) if part)
    band = f"{drug.cost_band} ({place or 'country and date not stated'})" if drug.cost_band else ""
    return "; ".join(part for part in (band, drug.assistance) if part)


def _entry(
    claim: Claim,
    kb: KnowledgeBase,
    variants: Sequence[Variant],
    relation: Relation,
    evaluation: Evaluation,
    clinical: Mapping[str, str],
) -> dict[str, Any]:
    amp, amp_basis = amp_tier(claim.evidence_level, relation.token, claim.implication)
    if amp and claim.evidence_basis:
        amp_basis = f"{amp_basis} ({claim.evidence_basis})"
    escat, escat_basis = escat_tier(claim.escat, relation.token)
    unknown = [
        *evaluation.unknown,
        *([relation.unknown] if relation.unknown else []),
        *open_points(variants, evaluation),
    ]
    drugs = [kb.drugs[drug] for drug in claim.drugs if drug in kb.drugs]
    approvals = _ordered_approvals(kb.approvals.get(claim.claim_id, ()), clinical.get("country", ""))
    return {
        "claim_id": claim.claim_id,
        "biomarker_id": claim.biomarker_id,
        "biomarker": kb.biomarkers[claim.biomarker_id].label,
        "implication": claim.implication,
        "direction": claim.direction or None,
        "drugs": list(claim.drugs),
        "regimen": claim.regimen,
        "modality": list(dict.fromkeys(drug.modality for drug in drugs)),
        "biomarkers": list(evaluation.terms),
        "variants": list(evaluation.variants),
        "tumour_match": relation.token,
        "claim_tumour_types": list(claim.tumour_types),
        "state": "unknown" if unknown else "met",
        "unknown": unknown,
        "amp": amp,
        "amp_basis": amp_basis,
        "escat": escat,
        "escat_basis": escat_basis,
        "evidence_level": claim.evidence_level,
        "evidence_basis": claim.evidence_basis,
        "approvals": [_approval_entry(approval) for approval in approvals],
        "conditions": _conditions(claim, kb, variants, evaluation, clinical),
        "cdx": list(claim.cdx),
        "side_effects": [f"{drug.drug}: {drug.side_effects}" for drug in drugs if drug.side_effects],
        "monitoring": [f"{drug.drug}: {drug.monitoring}" for drug in drugs if drug.monitoring],
        "costs": [f"{drug.drug}: {said}" for drug in drugs if (said := cost_words(drug))],
        "plain_language": [f"{drug.drug}: {drug.plain_language}" for drug in drugs if drug.plain_language],
        "conflicts_with": [],
        "sources": list(claim.sources),
        "verified_in": claim.verified_in,
        "note": claim.note,
    }


def open_points(variants: Sequence[Variant], evaluation: Evaluation) -> list[str]:
    """What keeps a profile open although its terms are found: phase, and calls in doubt."""
    return [*_open_phase(variants, evaluation), *_open_calls(variants, evaluation)]


def _open_phase(variants: Sequence[Variant], evaluation: Evaluation) -> list[str]:
    """What would settle a protein change that a neighbour of unknown phase may alter (R7)."""
    return [
        f"{describe(variants[index])}: whether it lies on one haplotype with its neighbour is not known, and together"
        " they would be another change; ask the laboratory for the phase"
        for index in evaluation.variants
        if any(note.startswith(PHASE_OPEN) for note in variants[index].notes)
    ]


def _open_calls(variants: Sequence[Variant], evaluation: Evaluation) -> list[str]:
    """What has to be confirmed first where a claim rests on nothing but calls in doubt (R5, R6)."""
    doubts = [
        [f"{describe(variants[index])} {_FLAG_CONDITIONS[flag]}" for flag in variants[index].flags if flag in _DOUBTS]
        for index in evaluation.variants
    ]
    return [text for own in doubts for text in own] if doubts and all(doubts) else []


def _conditions(
    claim: Claim,
    kb: KnowledgeBase,
    variants: Sequence[Variant],
    evaluation: Evaluation,
    clinical: Mapping[str, str],
) -> list[dict[str, str]]:
    """Label conditions, judged by the sample sheet, then what the flags of the variants ask to confirm (unknown)."""
    course = course_of(clinical, kb.drugs)
    refused = consent_refused(clinical)
    judged = [{"text": text, "state": condition_state(text, course)} for text in dict.fromkeys(claim.conditions)]
    texts: list[str] = []
    for index in evaluation.variants:
        variant = variants[index]
        texts += [f"{describe(variant)} {_FLAG_CONDITIONS[flag]}" for flag in variant.flags if flag in _FLAG_CONDITIONS]
        gene = kb.gene(variant.gene)
        if refused and gene is not None and gene.germline_followup and variant.observation.normal_depth is None:
            texts.append(
                f"{describe(variant)}: its origin (inherited or somatic) is not determined, and labels differ on it"
            )
        if any(note.startswith(OTHER_RECORD) for note in variant.notes):
            texts.append(f"{describe(variant)}: two records state it with different values: confirm the call")
        if variant.observation.filter not in _PASSED_FILTERS:
            texts.append(
                f"{describe(variant)} carries the caller's filter {variant.observation.filter}: confirm the call"
            )
    return judged + [{"text": text, "state": "unknown"} for text in dict.fromkeys(texts)]


def _ordered_approvals(approvals: Sequence[Approval], country: str) -> list[Approval]:
    """Approvals of the patient's country first, then by jurisdiction and year."""
    return sorted(
        approvals,
        key=lambda row: (row.jurisdiction != country.strip().upper(), row.jurisdiction, row.year or 9999, row.label),
    )


def _approval_entry(approval: Approval) -> dict[str, Any]:
    return {
        "jurisdiction": approval.jurisdiction,
        "year": approval.year,
        "status": approval.status,
        "label": approval.label,
        "verified_in": approval.verified_in,
    }


_IDENTITY = ("biomarker_id", "implication", "direction", "drugs", "regimen", "tumour_match", "evidence_level", "state")


def _merge_duplicates(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join claims that say the same with the same conditions; sources, approvals and tests of both are kept."""
    kept: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        conditions = tuple(condition["text"] for condition in row["conditions"])
        key = (*(str(row[field]) for field in _IDENTITY), tuple(row["variants"]), conditions)
        if key not in kept:
            kept[key] = row
            continue
        first = kept[key]
        for field in ("claim_tumour_types", "approvals", "cdx", "sources"):
            first[field] += [item for item in row[field] if item not in first[field]]
        for field in ("verified_in", "note"):
            first[field] = "; ".join(dict.fromkeys(text for text in (first[field], row[field]) if text))
    return list(kept.values())


def _mark_conflicts(rows: list[dict[str, Any]]) -> None:
    """Name, on both sides, claims of opposite direction that share a drug (R20: both are shown).

    A resistance of another tumour type does not speak against a drug here. Two regimens curated on the same variants
    are no conflict where they differ: resistance to a drug alone does not speak against its combination.
    """
    against = [
        row
        for row in rows
        if row["direction"] in (RESISTANT, NOT_INDICATED)
        and (row["tumour_match"] in SAME_TUMOUR or row["tumour_match"] == ANCESTOR)
    ]
    for row in rows:
        if row["direction"] != SENSITIVE:
            continue
        for other in against:
            shared = set(row["drugs"]) & set(other["drugs"])
            same_regimen = set(row["drugs"]) == set(other["drugs"])
            if shared and (same_regimen or row["variants"] != other["variants"]):
                row["conflicts_with"].append(other["claim_id"])
                other["conflicts_with"].append(row["claim_id"])
    for row in rows:
        row["conflicts_with"].sort()


def _in_reading_order(rows: list[dict[str, Any]], variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Tier, resistance before the drug it speaks against, response, other statements; then drug and specificity.

    Within a tier, a drug against which a resistance speaks comes after those without one.
    """
    rank = {row["claim_id"]: amp_rank(row["amp"]) for row in rows}

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        own = rank[row["claim_id"]]
        kind = _KIND_ORDER.get(row["direction"] or row["implication"], _LAST_KIND)
        if row["direction"] in (RESISTANT, NOT_INDICATED) and row["conflicts_with"]:
            own = min(own, *(rank[other] for other in row["conflicts_with"]))
            kind = _AGAINST_A_LISTED_DRUG
        return (
            own,
            kind,
            row["state"] != "met",
            row["direction"] == SENSITIVE and bool(row["conflicts_with"]),
            row["drugs"],
            specificity(row["biomarkers"], row["variants"], variants),
            RELATION_ORDER.index(row["tumour_match"]),
            row["claim_id"],
        )

    return sorted(rows, key=key)
