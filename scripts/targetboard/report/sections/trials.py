"""Trials that fit the sample or may fit it, each with its criteria, and why the others do not.

One check is made again here, as for treatments: a trial that rests on a variant which may carry no drug is withheld.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.therapies import is_verified
from targetboard.report.sections.variant import VariantReference, references
from targetboard.report.sections.words import CONDITION_STATES, TRIAL_CRITERIA, TRIAL_DESIGNS, TRIAL_STATES, Word, word

OFFERED = ("match", "possible")
_VALIDATED = "validated_driver"


@dataclass(slots=True, frozen=True)
class Trial:
    """Cells of one trial; ``criteria`` pairs the name of a criterion with its state and reason."""

    trial_id: str
    title: str
    state: Word
    design: Word
    facts: str
    variants: tuple[VariantReference, ...]
    drugs: str
    criteria: tuple[tuple[str, Word, str], ...]
    against: tuple[tuple[str, Word, str], ...]
    status: str
    accessed: str
    countries: str
    url: str
    source_list: str
    sources: tuple[str, ...]
    verified: bool
    verified_in: str


@dataclass(slots=True, frozen=True)
class TrialsView:
    """Trials to discuss and the others; ``withheld`` counts trials that rest on a variant that may carry no drug."""

    offered: tuple[Trial, ...]
    others: tuple[Trial, ...]
    withheld: int


def view(document: Document) -> TrialsView | None:
    """Trials of the document in its order, or None where it has none."""
    entries = added(document, "trials")
    if not entries:
        return None
    sound = [entry for entry in entries if _rests_on_validated_drivers(document, entry)]
    return TrialsView(
        offered=tuple(_trials(document, (entry for entry in sound if entry["state"] in OFFERED))),
        others=tuple(_trials(document, (entry for entry in sound if entry["state"] not in OFFERED))),
        withheld=len(entries) - len(sound),
    )


def _rests_on_validated_drivers(document: Document, entry: Mapping[str, Any]) -> bool:
    variants = document["variants"]
    return all(
        0 <= index < len(variants) and variants[index]["driver_class"] == _VALIDATED for index in entry["variants"]
    )


def _trials(document: Document, entries: Iterable[Mapping[str, Any]]) -> Iterable[Trial]:
    for entry in entries:
        criteria = tuple(
            (word(TRIAL_CRITERIA, own["criterion"]).label, word(CONDITION_STATES, own["state"]), own["text"])
            for own in entry["criteria"]
        )
        against = tuple(
            told
            for told, own in zip(criteria, entry["criteria"], strict=True)
            if own["criterion"] not in ("country", "other")
            and (own["state"] == "not_met" or (own["criterion"] == "biomarker" and own["state"] == "unknown"))
        )
        as_of = f" as of {entry['status_as_of']}" if entry["status_as_of"] else ""
        yield Trial(
            trial_id=entry["trial_id"],
            title=entry["title"],
            state=word(TRIAL_STATES, entry["state"]),
            design=word(TRIAL_DESIGNS, entry["design"]),
            facts=" · ".join(
                part for part in (f"phase {entry['phase']}" if entry["phase"] else "", entry["arm"]) if part
            ),
            variants=references(document, entry["variants"]),
            drugs=", ".join(entry["drugs"]),
            criteria=criteria,
            against=against,
            status=f"{entry['status'].replace('_', ' ')}{as_of}",
            accessed=entry["accessed"],
            countries=", ".join(entry["countries"]),
            url=entry["url"],
            source_list=entry["list"],
            sources=tuple(entry["sources"]),
            verified=is_verified(entry["verified_in"]),
            verified_in=entry["verified_in"],
        )


SECTION = Section("trials", "Trials", view)
