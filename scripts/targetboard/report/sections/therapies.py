"""What the findings imply for treatment: claims grouped by direction and tumour match, and what was withheld.

Only what the document states is shown. One check is made again here, since a wrong row could harm: a claim whose
variants and events are not all validated drivers is withheld, whatever the document says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.event import EventReference, carries_treatment, event_references
from targetboard.report.sections.marks import Mark, marks_under
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.text import or_missing
from targetboard.report.sections.variant import VariantReference, references
from targetboard.report.sections.words import (
    AMP_TIERS,
    CONDITION_STATES,
    DIRECTIONS,
    ESCAT_TIERS,
    TUMOUR_MATCHES,
    Word,
    word,
)

PRIMARY_HOSTS = (
    "fda.gov",
    "dailymed.nlm.nih.gov",
    "ema.europa.eu",
    "ec.europa.eu",
    "pubmed",
    "ncbi.nlm.nih.gov",
    "clinicaltrials.gov",
    "doi.org",
)
"""Where a look-up reads the source itself: regulators, registries and publications."""


@dataclass(slots=True, frozen=True)
class Approval:
    """One approval in words; ``history`` marks a withdrawn one, kept only to explain earlier reports."""

    text: str
    brief: str
    label: str
    history: bool
    checked: str


@dataclass(slots=True, frozen=True)
class Device:
    """One companion diagnostic; ``detail`` is maker, jurisdiction with approval, and specimen."""

    name: str
    detail: str
    is_this_assay: bool


@dataclass(slots=True, frozen=True)
class Claim:
    """Cells of one claim."""

    index: int
    claim_id: str
    biomarker: str
    variants: tuple[VariantReference, ...]
    events: tuple[EventReference, ...]
    markers: tuple[str, ...]
    drugs: str
    regimen: str
    modality: str
    direction: Word
    tumour_match: Word
    claim_tumour_types: str
    amp: Word
    amp_basis: str
    escat: Word
    escat_tier: str
    escat_basis: str
    approvals: tuple[Approval, ...]
    cdx: tuple[str, ...]
    devices: tuple[Device, ...]
    assay_and_device: Word
    conditions: tuple[tuple[str, Word], ...]
    excluded: bool
    conditional: bool
    unknown: tuple[str, ...]
    evidence: str
    sources: tuple[str, ...]
    checked: str
    checked_in: tuple[str, ...]
    note: str
    conflicts: tuple[tuple[str, int | None], ...]
    marks: tuple[Mark, ...]


@dataclass(slots=True, frozen=True)
class Group:
    """Claims of one kind: ``anchor`` is its fragment, ``with_approvals`` whether that column says anything."""

    anchor: str
    title: str
    explanation: str
    claims: tuple[Claim, ...]
    with_approvals: bool


@dataclass(slots=True, frozen=True)
class Safety:
    """Side effects, monitoring and costs of one treatment."""

    drugs: str
    side_effects: tuple[str, ...]
    monitoring: tuple[str, ...]
    costs: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Withheld:
    """A claim that was considered and is not offered."""

    claim_id: str
    biomarker: str
    drugs: str
    reason: str


@dataclass(slots=True, frozen=True)
class TherapiesView:
    """Groups that have claims, the sentence for an empty first group, and what stands folded below."""

    groups: tuple[Group, ...]
    nothing: str
    safety: tuple[Safety, ...]
    withheld: tuple[Withheld, ...]
    with_costs: bool


_GROUPS = (
    ("sensitive", "Sensitive in this {kind}", "Evidence of response, and the biomarker is present."),
    ("resistant", "Resistance", "Evidence that these treatments do not work with this biomarker."),
    ("not_indicated", "Not indicated", "Excluded by label or guideline where this biomarker is present."),
    (
        "other_tumour",
        "Evidence from other tumour types",
        "Not established in this {kind}: off-label use or trials only. ✓ met, ✗ not met, ? unknown.",
    ),
    (
        "conditional",
        "Conditional: not decided by the data",
        "Holds only if what is named under “would settle it” is shown.",
    ),
    ("diagnostic", "Diagnostic findings", "What the biomarker says about the diagnosis."),
    ("prognostic", "Prognostic findings", "What the biomarker says about the course; no treatment is implied."),
    ("safety", "Safety findings", "What the biomarker says about the risk of a treatment."),
)


def fault_of(claim: dict[str, Any], document: Document) -> str:
    """Why a claim must not be shown as a treatment; empty if nothing is wrong.

    The false-hope rule: every variant of a claim is a validated driver, and so is every event it names.
    """
    variants = document["variants"]
    for index in claim["variants"]:
        if not 0 <= index < len(variants):
            return f"integrity check: the claim rests on variant {index}, which the document does not have"
        if variants[index]["driver_class"] != "validated_driver":
            return "integrity check: the claim rests on a variant that is not a validated driver"
    if _rests_on_unproved_event(claim, document):
        return "integrity check: the claim rests on an event that is not a validated driver"
    if claim["implication"] == "therapeutic" and claim["direction"] is None:
        return "integrity check: the claim states no direction"
    return ""


def _rests_on_unproved_event(claim: dict[str, Any], document: Document) -> bool:
    """Whether the claim names an alteration that only events without a validated class bring."""
    proved = {match["alteration_id"] for index in claim["variants"] for match in document["variants"][index]["matches"]}
    seen: set[str] = set()
    for event in added(document, "events"):
        (proved if carries_treatment(event) else seen).update(event["alterations"])
    return any(identifier in seen and identifier not in proved for identifier in claim["biomarkers"])


def group_of(claim: dict[str, Any]) -> str:
    """The group a sound claim stands in."""
    if claim["implication"] != "therapeutic":
        return str(claim["implication"])
    # A claim for a subtype of the sample's tumour type holds only if the subtype is confirmed.
    if claim["state"] == "unknown" or claim["tumour_match"] == "ancestor":
        return "conditional"
    if claim["tumour_match"] == "other_tumour":
        return "other_tumour"
    return str(claim["direction"])


def is_excluded(claim: dict[str, Any]) -> bool:
    """Whether a condition of the claim is known not to be met: the biomarker is there, the use is not."""
    return any(condition["state"] == "not_met" for condition in claim["conditions"])


def view(document: Document) -> TherapiesView:
    """Groups of claims in the order of the report.

    Within a group claims keep the document's order, but those with a condition that is not met come last.
    """
    faults = [fault_of(claim, document) for claim in document["therapies"]]
    positions = {claim["claim_id"]: i for i, claim in enumerate(document["therapies"]) if not faults[i]}
    kind = "tumour type" if document["sample"]["condition"] is None else "condition"
    members: dict[str, list[Claim]] = {}
    for index, claim in enumerate(document["therapies"]):
        if not faults[index]:
            members.setdefault(group_of(claim), []).append(_claim(document, index, positions))
    for claims in members.values():
        claims.sort(key=lambda claim: claim.excluded)
    groups = tuple(
        Group(
            anchor,
            title.format(kind=kind),
            explanation.format(kind=kind),
            tuple(members[anchor]),
            anchor in ("sensitive", "other_tumour", "conditional")
            or any(c.approvals or c.cdx or c.devices for c in members[anchor]),
        )
        for anchor, title, explanation in _GROUPS
        if anchor in members
    )
    nothing = "" if "sensitive" in members else _nothing(kind, "conditional" in members)
    sound = [claim for claim, fault in zip(document["therapies"], faults, strict=True) if not fault]
    safety = tuple(_safety(sound))
    with_costs = any(entry.costs for entry in safety)
    return TherapiesView(groups, nothing, safety, tuple(_withheld(document, faults)), with_costs)


def _nothing(kind: str, conditional: bool) -> str:
    text = f"No treatment is supported in this {kind} by a validated driver or a measured marker of this sample."
    return f"{text} Conditional ones are listed below." if conditional else text


def _claim(document: Document, index: int, positions: dict[str, int]) -> Claim:
    claim = document["therapies"][index]
    variants = references(document, claim["variants"])
    named = {
        match["alteration_id"] for reference in variants for match in document["variants"][reference.index]["matches"]
    }
    events = event_references(document, [name for name in claim["biomarkers"] if name not in named])
    named.update(name for event in events for name in added(document, "events")[event.index]["alterations"])
    devices = tuple(_device(device) for device in added(claim, "devices"))
    escat = claim["escat"] or ""
    return Claim(
        index=index,
        claim_id=claim["claim_id"],
        biomarker=claim["biomarker"] or claim["biomarker_id"],
        variants=variants,
        events=events,
        markers=tuple(marker for marker in claim["biomarkers"] if marker not in named),
        drugs=" + ".join(claim["drugs"]),
        regimen=claim["regimen"],
        modality=", ".join(claim["modality"]),
        direction=word(DIRECTIONS, claim["direction"]),
        tumour_match=word(TUMOUR_MATCHES, claim["tumour_match"]),
        claim_tumour_types=", ".join(claim["claim_tumour_types"]),
        amp=word(AMP_TIERS, claim["amp"]),
        amp_basis=_without(claim["amp_basis"], claim["evidence_basis"]),
        escat=word(ESCAT_TIERS, escat.split("-")[0]),
        escat_tier=escat,
        escat_basis=_without(claim["escat_basis"], claim["evidence_basis"]),
        approvals=tuple(_approval(approval) for approval in claim["approvals"]),
        cdx=tuple(claim["cdx"]),
        devices=devices,
        assay_and_device=_assay_and_device(document, devices),
        conditions=tuple((c["text"], word(CONDITION_STATES, c["state"])) for c in claim["conditions"]),
        excluded=is_excluded(claim),
        conditional=claim["state"] == "unknown",
        unknown=tuple(claim["unknown"]),
        evidence=" · ".join(
            part
            for part in (f"level {claim['evidence_level']}" if claim["evidence_level"] else "", claim["evidence_basis"])
            if part
        ),
        sources=tuple(claim["sources"]),
        checked=checked_in_source(claim["verified_in"]),
        checked_in=_places(claim["verified_in"]),
        note=claim["note"],
        conflicts=tuple((other, positions.get(other)) for other in claim["conflicts_with"]),
        marks=marks_under(document, index),
    )


def _without(basis: str, evidence: str) -> str:
    """The basis of a tier without the evidence it repeats, which stands in its own column."""
    return basis.replace(f" ({evidence})", "") if evidence else basis


def _approval(approval: dict[str, Any]) -> Approval:
    year = "year not sourced" if approval["year"] is None else str(approval["year"])
    return Approval(
        text=f"{approval['jurisdiction']} {year}, {or_missing(approval['status'])}",
        brief=" ".join(
            str(part)
            for part in (
                approval["jurisdiction"],
                approval["year"],
                "" if approval["status"] == "approved" else approval["status"],
            )
            if part
        ),
        label=approval["label"],
        history=approval["status"] == "withdrawn",
        checked=checked_in_source(approval["verified_in"]),
    )


def _device(device: dict[str, Any]) -> Device:
    approval = " ".join(part for part in (device["jurisdiction"], device["approval_id"]) if part)
    detail = ", ".join(part for part in (device["manufacturer"], approval, device["specimen"]) if part)
    return Device(device["device"], detail, bool(device["is_this_assay"]))


def _assay_and_device(document: Document, devices: tuple[Device, ...]) -> Word:
    """Whether the sample's assay is one of the devices; detecting a variant with another assay is no such claim."""
    if not document["assay"]:
        return Word("unknown", "? this assay is not described", "", "warn")
    if any(device.is_this_assay for device in devices):
        return Word("is", "✓ this assay is a device of this claim", "", "good")
    which = "this device" if len(devices) == 1 else "one of these devices"
    return Word("is_not", f"✗ this assay is not {which}", "", "plain")


def is_verified(verified_in: str) -> bool:
    """Whether a row names where its fact was checked."""
    return bool(verified_in) and verified_in != "unverified"


def checked_in_source(verified_in: str) -> str:
    """How far a fact was checked: ``verified``, ``secondary`` or ``unverified``.

    A look-up on a page of a regulator, a registry or a publisher of the work itself is a check at the source, as is a
    table of evidence items; a look-up anywhere else (news, reprints of labels) is a secondary one.
    """
    if not is_verified(verified_in):
        return "unverified"
    look_ups = [place for place in _places(verified_in) if place.startswith("look-up")]
    elsewhere = len(look_ups) < len(_places(verified_in))
    primary = any(host in place for place in look_ups for host in PRIMARY_HOSTS)
    return "verified" if elsewhere or primary else "secondary"


def _places(verified_in: str) -> tuple[str, ...]:
    """Files and documents a claim was checked in, which the tables separate by ``;``."""
    if not is_verified(verified_in):
        return ()
    return tuple(place.strip() for place in verified_in.split(";") if place.strip())


def _safety(claims: Iterable[dict[str, Any]]) -> Iterable[Safety]:
    """Side effects, monitoring and costs, each treatment once, of treatments that are not advised against."""
    seen: set[Safety] = set()
    for claim in claims:
        costs = claim.get("costs", ())
        if claim["direction"] in ("resistant", "not_indicated"):
            continue
        if not (claim["side_effects"] or claim["monitoring"] or costs):
            continue
        entry = Safety(
            claim["regimen"] or " + ".join(claim["drugs"]),
            tuple(claim["side_effects"]),
            tuple(claim["monitoring"]),
            tuple(costs),
        )
        if entry not in seen:
            seen.add(entry)
            yield entry


def _withheld(document: Document, faults: list[str]) -> Iterable[Withheld]:
    """Claims that failed a check of this report first, then those the document names."""
    for claim, fault in zip(document["therapies"], faults, strict=True):
        if fault:
            yield Withheld(claim["claim_id"], claim["biomarker"], " + ".join(claim["drugs"]), fault)
    for claim in document["withheld"]:
        yield Withheld(claim["claim_id"], claim["biomarker"], " + ".join(claim["drugs"]), claim["reason"])


SECTION = Section("therapies", "Treatment implications", view)
