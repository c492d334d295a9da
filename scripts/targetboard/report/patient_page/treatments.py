"""What the findings may mean for treatment: drugs with evidence in the patient's own illness, and what speaks against.

The rows come from the claims of the clinician's report, which are checked there once more against the false-hope rule
(:func:`targetboard.report.sections.therapies.fault_of`). Drugs with evidence in other tumour types only, and approvals
that need no biomarker, are not named to the patient. A drug to which resistance was found stands with those that may
not work, whatever another claim says.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from targetboard.report.patient_page.findings import Overruled
from targetboard.report.patient_page.mechanisms import told_to_patient
from targetboard.report.patient_page.words import APPROVALS, EVIDENCE, JURISDICTIONS, NO_EVIDENCE_LEVEL, explained
from targetboard.report.sections import resistance
from targetboard.report.sections.section import Document
from targetboard.report.sections.therapies import Claim, view

FITS = "fits"
OPEN = "open"
NOT_NOW = "not_now"
_ORDER = (FITS, OPEN, NOT_NOW)
_GOOD = "sensitive"


@dataclass(slots=True, frozen=True)
class Treatment:
    """One treatment with all that its claims say.

    ``standing`` is ``fits`` (no listed condition speaks against it), ``open`` (conditions have to be checked) or
    ``not_now`` (a condition is not met).
    """

    name: str
    plain: tuple[str, ...]
    biomarkers: tuple[str, ...]
    evidence: str
    approvals: tuple[tuple[str, str, bool], ...]
    standing: str


@dataclass(slots=True, frozen=True)
class ResistanceNote:
    """A way in which drugs stop working: the drugs, what happens ("" for no words), and drugs known to be used next."""

    after: tuple[str, ...]
    mechanism: str
    next_line: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Treatments:
    """All the page says of treatment; ``elsewhere`` are results with evidence in other tumour types only."""

    offered: tuple[Treatment, ...]
    may_not_work: tuple[str, ...]
    not_first: tuple[str, ...]
    safety: tuple[str, ...]
    elsewhere: tuple[str, ...]
    side_effects: tuple[tuple[str, str, str], ...]
    costs: tuple[str, ...]
    found: tuple[ResistanceNote, ...]
    to_watch: tuple[ResistanceNote, ...]


def treatments(document: Document, out: Overruled) -> Treatments:
    """What the claims that stand say, in the order of the clinician's report."""
    groups = {
        group.anchor: [claim for claim in group.claims if claim.index not in out.claims]
        for group in view(document).groups
    }
    found, to_watch = _resistance(document, out)
    resistant = {drug for note in found for drug in note.after} - {drug for note in found for drug in note.next_line}
    here = [
        claim
        for claim in [*groups.get(_GOOD, ()), *groups.get("conditional", ())]
        if claim.direction.token == _GOOD and claim.drugs
    ]
    against = _names(claim for claim in groups.get("resistant", ()) if not claim.excluded)
    not_advised = _names(claim for claim in groups.get("not_indicated", ()) if not claim.excluded)
    unfit = {
        name: kind for claim in here if (kind := _conflict(document, claim, resistant, out)) for name in [_name(claim)]
    }
    may_not_work = dict.fromkeys([*against, *(name for name, kind in unfit.items() if kind == "resistant")])
    not_first = dict.fromkeys(name for name in [*not_advised, *unfit] if name not in may_not_work)
    blocked = {*may_not_work, *not_first}
    members: dict[str, list[Claim]] = {}
    for claim in here:
        if _name(claim) not in blocked:
            members.setdefault(_name(claim), []).append(claim)
    offered = sorted((_treatment(document, *item) for item in members.items()), key=lambda t: _ORDER.index(t.standing))
    named = {drug for claims in members.values() for claim in claims for drug in _drugs(document, claim)}
    return Treatments(
        offered=tuple(offered),
        may_not_work=tuple(may_not_work),
        not_first=tuple(not_first),
        safety=_names(claim for claim in groups.get("safety", ()) if claim.drugs),
        elsewhere=tuple(
            dict.fromkeys(c.biomarker for c in groups.get("other_tumour", ()) if c.direction.token == _GOOD)
        ),
        side_effects=tuple(_side_effects(document, members.values())),
        costs=tuple(dict.fromkeys(said for claim in _claims(document, members) for said in claim.get("costs", ()))),
        found=found,
        to_watch=tuple(note for note in to_watch if named.intersection(note.after)),
    )


def _resistance(document: Document, out: Overruled) -> tuple[tuple[ResistanceNote, ...], tuple[ResistanceNote, ...]]:
    """Entries found, less those on overruled variants, and entries to watch."""
    seen = resistance.view(document)
    kept = [entry for entry in seen.found if not out.variants.intersection(v.index for v in entry.variants)]
    kept = [entry for entry in kept if not out.events.intersection(event.index for event in entry.events)]
    return _notes(document, out, (entry for entry in kept if entry.after)), _notes(document, out, seen.to_watch)


def _conflict(document: Document, claim: Claim, resistant: set[str], out: Overruled) -> str:
    """What speaks against a treatment beside its own conditions: ``resistant``, ``not_indicated`` or nothing."""
    if resistant & _drugs(document, claim):
        return "resistant"
    others = {
        document["therapies"][index]["direction"] if index is not None else "resistant"
        for _, index in claim.conflicts
        if index not in out.claims
    }
    if "resistant" in others:
        return "resistant"
    return "not_indicated" if others else ""


def _notes(document: Document, out: Overruled, entries: Iterable[resistance.Entry]) -> tuple[ResistanceNote, ...]:
    """Notes in the order of the entries, each once."""
    notes = (
        ResistanceNote(
            entry.after, told_to_patient(document, out, entry.alteration_id, entry.mechanism), entry.next_line
        )
        for entry in entries
    )
    return tuple(dict.fromkeys(notes))


def _name(claim: Claim) -> str:
    return claim.regimen or claim.drugs


def _names(claims: Iterable[Claim]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for claim in claims if (name := _name(claim))))


def _drugs(document: Document, claim: Claim) -> set[str]:
    return set(document["therapies"][claim.index]["drugs"])


def _claims(document: Document, members: dict[str, list[Claim]]) -> Iterable[Document]:
    for claims in members.values():
        for claim in claims:
            yield document["therapies"][claim.index]


def _treatment(document: Document, name: str, claims: list[Claim]) -> Treatment:
    """Claims of one treatment as one row: evidence and approvals are those of the claims that stand best."""
    standing = min((_standing(claim) for claim in claims), key=_ORDER.index)
    claims = [claim for claim in claims if _standing(claim) == standing]
    rows = [document["therapies"][claim.index] for claim in claims]
    levels = sorted(row["evidence_level"] for row in rows if row["evidence_level"])
    return Treatment(
        name=name,
        plain=tuple(dict.fromkeys(_after_colon(said) for row in rows for said in row.get("plain_language", ()))),
        biomarkers=tuple(dict.fromkeys(claim.biomarker for claim in claims)),
        evidence=EVIDENCE.get(levels[0], NO_EVIDENCE_LEVEL) if levels else NO_EVIDENCE_LEVEL,
        approvals=tuple(_approvals(rows)),
        standing=standing,
    )


def _standing(claim: Claim) -> str:
    if claim.excluded:
        return NOT_NOW
    unknown = claim.conditional or claim.unknown or any(state.token == "unknown" for _, state in claim.conditions)  # noqa: S105 - a state, no password
    return OPEN if unknown or claim.tumour_match.token == "ancestor" else FITS  # noqa: S105 - a match, no password


def _approvals(rows: list[Document]) -> Iterable[tuple[str, str, bool]]:
    """For each place its firmest kind of approval in words, the earliest year, and whether it was checked.

    Withdrawn approvals are left out.
    """
    places: dict[str, list[Document]] = {}
    for row in rows:
        for approval in row["approvals"]:
            if approval["status"] in APPROVALS:
                places.setdefault(approval["jurisdiction"], []).append(approval)
    firmness = list(APPROVALS)
    for jurisdiction, approvals in places.items():
        kind = min((approval["status"] for approval in approvals), key=firmness.index)
        same = [approval for approval in approvals if approval["status"] == kind]
        years = [approval["year"] for approval in same if approval["year"]]
        checked = all(approval["verified_in"] not in ("", "unverified") for approval in same)
        place = JURISDICTIONS.get(jurisdiction, jurisdiction)
        yield f"{APPROVALS[kind]} {place}", str(min(years, default="")), checked


def _after_colon(said: str) -> str:
    """``osimertinib: A tablet …`` without the name."""
    return said.split(": ", 1)[-1]


def _side_effects(document: Document, members: Iterable[list[Claim]]) -> Iterable[tuple[str, str, str]]:
    """Drug (or treatment, where the claim does not say which drug), side effects and checks, each once."""
    told: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for claims in members:
        for claim in claims:
            row = document["therapies"][claim.index]
            for column, key in enumerate(("side_effects", "monitoring")):
                for said in row[key]:
                    drug, _, text = said.partition(": ")
                    subject, text = (drug, text) if drug in row["drugs"] else (_name(claim), said)
                    told.setdefault(subject, ({}, {}))[column][text] = None
    for subject, (effects, checks) in told.items():
        yield subject, explained("; ".join(effects)), explained("; ".join(checks))
