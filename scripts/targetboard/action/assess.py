"""Everything that follows from a sample's classified variants: therapies, resistance, markers, tiers, headline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from targetboard.action.biomarkers import MeasuredMarker
from targetboard.action.events import Event
from targetboard.action.markers import assess_markers, deciding_markers
from targetboard.action.negatives import Absences
from targetboard.action.resistance import assess_resistance, genes_behind, relevant_drugs, resistance_against
from targetboard.action.sample_findings import findings_of
from targetboard.action.summary import headline
from targetboard.action.therapies import SENSITIVE, assess_claims, relation_of
from targetboard.action.tiers import amp_rank, variant_tiers
from targetboard.action.tumour_types import ANCESTOR, SAME_TUMOUR, TumourTypes
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, Variant
from targetboard.trials.matching import Patient, match_trials
from targetboard.trials.reading import UserTrials


def assess_sample(
    kb: KnowledgeBase,
    variants: Sequence[Variant],
    sample_tumour_code: str | None,
    condition: str | None,
    clinical: Mapping[str, str],
    purity: float | None = None,
    markers: Mapping[str, MeasuredMarker] | None = None,
    events: Sequence[Event] = (),
    absences: Absences | None = None,
    devices: Collection[str] = (),
    trials: UserTrials | None = None,
    not_evaluated: Mapping[str, int] | None = None,
) -> dict[str, Any]:
    """Assess a sample whose variants are classified.

    Parameters
    ----------
    kb
        Knowledge base.
    variants
        Classified variants in the order of the document; results refer to them by index.
    sample_tumour_code
        OncoTree code, in any case; None where ``condition`` stands in its place.
    condition
        ``disease:NAME`` for a condition that is no tumour: only claims that name it apply.
    clinical
        Sample sheet columns by name; ``prior_therapies`` and ``country`` are used.
    purity
        Fraction of tumour cells; kept for the callers' convenience, positives stand whatever the purity.
    markers
        Measured markers by id.
    events
        Amplifications, deletions and fusions of the sample.
    absences
        What coverage and the other inputs show not to be there.
    devices
        Companion diagnostics that the assay is.
    trials
        The user's trials, beside those of the knowledge base.
    not_evaluated
        Alleles that could not be judged, by gene of the knowledge base; the headline says so.

    Returns
    -------
    dict
        ``events``, ``therapies``, ``withheld``, ``resistance``, ``options_without_biomarker``, ``trials``,
        ``markers`` and ``headline`` as the document's schema has them, and ``tiers``: ``{"amp", "escat"}`` for each
        variant.

    Raises
    ------
    UsageError
        If the tumour type is no OncoTree code.
    KnowledgeError
        If a profile is malformed or names what no table holds.
    """
    tumour_types = TumourTypes(kb.tumour_types)
    code = tumour_types.resolve(sample_tumour_code).code if sample_tumour_code is not None else None
    findings = findings_of(kb, variants, markers, events, absences)
    patient = Patient(tumour_types, code, condition, variants, findings, clinical)
    therapies, withheld = assess_claims(kb, tumour_types, variants, findings, code, condition, clinical)
    resistance = assess_resistance(
        kb,
        tumour_types,
        findings,
        relevant_drugs(therapies, clinical),
        code,
        condition,
        genes_behind(kb, therapies),
    )
    applicable = [
        claim
        for claim in kb.claims.values()
        if relation_of(claim, tumour_types, code, condition).token in SAME_TUMOUR | {ANCESTOR}
    ]
    decide = deciding_markers(kb, applicable)
    marker_rows = assess_markers(kb, applicable, findings)
    for row in therapies:
        if row["direction"] == SENSITIVE and row["drugs"]:
            row["conditions"] += [
                {"text": f"no resistance: {kb.alterations[found['alteration_id']].label} was found", "state": "not_met"}
                for found in resistance_against(row, resistance)
            ]
        row["devices"] = _devices(kb, row["claim_id"], devices)
    return {
        "events": [_event(event, therapies) for event in events],
        "therapies": therapies,
        "withheld": withheld,
        "resistance": resistance,
        "options_without_biomarker": _options(kb, tumour_types, code, condition),
        "trials": match_trials(kb, trials, patient),
        "markers": marker_rows,
        "headline": headline(
            therapies,
            resistance,
            variants,
            covered=absences is not None and absences.covered,
            inadequate=absences is not None and absences.adequacy.verdict == "inadequate",
            deciding=[row for row in marker_rows if row["marker_id"] in decide],
            not_evaluated=not_evaluated,
        ),
        "tiers": variant_tiers(variants, therapies),
    }


def _event(event: Event, therapies: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One event of the document, with the best tier of the claims that rest on it."""
    own = [row for row in therapies if set(event.alterations) & set(row["biomarkers"])]
    amp = min((row["amp"] for row in own if row["amp"]), key=amp_rank, default=None)
    escat = min((row["escat"] for row in own if row["escat"]), default=None)
    if amp is None and event.driver_class is DriverClass.UNCERTAIN:
        amp = "III"
    return {
        "kind": event.kind,
        "gene": event.gene,
        "partner": event.partner,
        "label": event.label,
        "value": event.value,
        "source": event.source,
        "alterations": list(event.alterations),
        "driver_class": event.driver_class.value,
        "class_reason": event.reason,
        "tier": {"amp": amp, "escat": escat},
        "notes": list(event.notes),
    }


def _devices(kb: KnowledgeBase, claim_id: str, assay_is: Collection[str]) -> list[dict[str, Any]]:
    """Companion diagnostics of a claim, and whether the sample's assay is one of them."""
    own = {name.casefold() for name in assay_is}
    return [
        {
            "device": row.device,
            "manufacturer": row.manufacturer,
            "jurisdiction": row.jurisdiction,
            "approval_id": row.approval_id,
            "specimen": row.specimen,
            "is_this_assay": row.device.casefold() in own,
        }
        for row in kb.diagnostics.get(claim_id, ())
    ]


def _options(
    kb: KnowledgeBase, tumour_types: TumourTypes, code: str | None, condition: str | None
) -> list[dict[str, Any]]:
    """Options of the tumour type that need no biomarker, by id."""
    return [
        {
            "option_id": option.option_id,
            "drugs": list(option.drugs),
            "conditions": list(option.conditions),
            "sources": list(option.sources),
        }
        for _, option in sorted(kb.options_without_biomarker.items())
        if tumour_types.relation(code, option.tumour_types, (), condition).token in SAME_TUMOUR
    ]
