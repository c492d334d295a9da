"""Treatments with evidence in the sample's own tumour type, one line a biomarker, for the front page."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document
from targetboard.report.sections.therapies import Claim, view
from targetboard.report.sections.words import Word

MAX_ROWS = 10
MAX_TREATMENTS = 8

NOT_MET = Word("not_met", "✗ condition not met", "", "bad")
RESISTANCE = Word("resistance", "⚡ resistance to it found", "", "bad")
OPEN = Word("open", "? condition open", "", "warn")

_GROUPS = ("sensitive", "resistant", "not_indicated", "conditional")
_BY_TIER = ("sensitive", "conditional")


@dataclass(slots=True, frozen=True)
class Treatment:
    """One treatment; ``index`` leads to its claim, ``mark`` says what stands in the way of its use.

    ``reviewed``: a reviewer judges the claim, or a finding it rests on, otherwise.
    """

    index: int
    name: str
    approvals: str
    mark: Word | None
    reviewed: bool


@dataclass(slots=True, frozen=True)
class TreatmentRow:
    """Treatments of one biomarker and direction; ``more`` counts those that are not named here.

    Those with evidence of response stand apart by tier, the others together under all their tiers.
    """

    biomarker: str
    direction: Word
    conditional: bool
    amp: str
    escat: str
    treatments: tuple[Treatment, ...]
    more: int


@dataclass(slots=True, frozen=True)
class Treatments:
    """Rows in the order of the treatment section; ``more`` counts claims of rows that are not shown here."""

    rows: tuple[TreatmentRow, ...]
    more: int


def treatments(document: Document) -> Treatments:
    """Sound therapeutic claims in this tumour type, those with a condition that is not met last in their row."""
    members: dict[tuple[str, str, str, str, str], list[Claim]] = {}
    for group in view(document).groups:
        if group.anchor in _GROUPS:
            for claim in group.claims:
                by_tier = (claim.amp.token, claim.escat_tier) if group.anchor in _BY_TIER else ("", "")
                key = (group.anchor, claim.biomarker, claim.direction.token, *by_tier)
                members.setdefault(key, []).append(claim)
    rows = [_row(key[0], claims) for key, claims in members.items()]
    left_out = list(members.values())[MAX_ROWS:]
    return Treatments(tuple(rows[:MAX_ROWS]), sum(len(claims) for claims in left_out))


def _row(anchor: str, claims: list[Claim]) -> TreatmentRow:
    first = claims[0]
    return TreatmentRow(
        biomarker=first.biomarker,
        direction=first.direction,
        conditional=anchor == "conditional",
        amp=", ".join(sorted({claim.amp.token for claim in claims if claim.amp.token})),
        escat=", ".join(sorted({claim.escat_tier for claim in claims if claim.escat_tier})),
        treatments=tuple(
            Treatment(claim.index, claim.regimen or claim.drugs, _approvals(claim), _mark(claim), bool(claim.marks))
            for claim in claims[:MAX_TREATMENTS]
        ),
        more=max(0, len(claims) - MAX_TREATMENTS),
    )


def _approvals(claim: Claim) -> str:
    """Jurisdictions and years of approvals that stand; the full text is in the treatment section."""
    return ", ".join(approval.brief for approval in claim.approvals if not approval.history)


def _mark(claim: Claim) -> Word | None:
    """The worst that stands in the way; None where nothing does."""
    states = {state.token for _, state in claim.conditions}
    if "not_met" in states:
        return NOT_MET
    if claim.conflicts and claim.direction.token == "sensitive":  # noqa: S105 - a direction, no password
        return RESISTANCE
    return OPEN if "unknown" in states or claim.unknown else None
