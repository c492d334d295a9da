"""Resistance over the course: when each alteration was first found, what was given, what comes next, and phase."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.classify.haplotypes import PHASE_PAIRS
from targetboard.model import Phase
from targetboard.patient.changes import Change, change_over_time
from targetboard.patient.comparison import Compared, Comparison
from targetboard.patient.samples import Course, PatientSample
from targetboard.vcf.phase import relation


@dataclass(slots=True, frozen=True)
class PhaseFact:
    """How two alterations lie in one sample: cis, trans or undetermined."""

    sample_id: str
    first: str
    second: str
    relation: str
    text: str


@dataclass(slots=True, frozen=True)
class ResistanceFact:
    """One mechanism found in the course.

    ``row`` is the entry of the last document that found it, ``first`` the index of the time point that first did,
    ``is_new`` whether that is the last one. ``given_before`` are drugs it speaks against that the sheet says were given
    by then; ``given_later`` are drugs of its next line that a later row of the sheet names; ``next_line`` says
    which of its drugs another resistance found in the patient speaks against. ``origins`` are those of
    the variants that carry it.
    """

    alteration_id: str
    labels: tuple[str, ...]
    row: Mapping[str, Any]
    first: int
    last: int
    sample_ids: tuple[str, ...]
    is_new: bool
    change: Change | None
    given_before: tuple[str, ...]
    next_line: tuple[str, ...]
    next_line_then: tuple[str, ...]
    given_later: tuple[str, ...]
    phases: tuple[PhaseFact, ...]
    origins: tuple[str, ...]


def resistance_over_time(course: Course, comparison: Comparison) -> tuple[ResistanceFact, ...]:
    """Mechanisms that any document found, by the time point that first found them."""
    phases = phase_facts(course.complete)
    compared = (*comparison.variants, *comparison.events)
    found: dict[tuple[str, str, tuple[str, ...]], list[tuple[PatientSample, Mapping[str, Any]]]] = {}
    for sample in course.complete:
        for row in sample.document["resistance"]:
            if row["kind"] == "found":
                key = (row["alteration_id"], row["mechanism"], tuple(row["after"]))
                found.setdefault(key, []).append((sample, row))
    blocked: dict[str, list[tuple[str, str]]] = {}
    for (alteration_id, _, after), rows in found.items():
        for drug in after:
            blocked.setdefault(drug, []).append((alteration_id, rows[-1][0].sample_id))
    final = max((sample.time for sample in course.complete), default=0)
    facts = []
    for (alteration_id, _, after), rows in found.items():
        carriers = [own for own in compared if alteration_id in own.alterations and own.detected_in()]
        # a change that was there before its drug was given is no new one
        seen = [own.sample.time for carrier in carriers for own in carrier.detected_in()]
        start, end = min([rows[0][0].time, *seen]), max([rows[-1][0].time, *seen])
        before = [drug for sample in course.samples if sample.time <= start for drug in sample.drugs]
        later = [drug for sample in course.samples if sample.time > start for drug in sample.drugs]
        then = tuple(rows[0][1]["next_line"])
        facts.append(
            ResistanceFact(
                alteration_id,
                tuple(own.label for own in carriers),
                rows[-1][1],
                start,
                end,
                tuple(sample.sample_id for sample, _ in rows),
                start == final and len(course.times) > 1,
                change_over_time(_first(carriers), course) if carriers else None,
                tuple(drug for drug in after if drug in before),
                tuple(_told(drug, alteration_id, blocked, (*before, *later)) for drug in rows[-1][1]["next_line"]),
                then,
                tuple(drug for drug in then if drug.casefold() in later),
                tuple(own for own in phases if alteration_id in (own.first, own.second)),
                tuple(dict.fromkeys(own.origin for own in carriers)),
            )
        )
    return tuple(sorted(facts, key=lambda fact: (fact.first, fact.alteration_id, fact.row["mechanism"])))


def _told(drug: str, alteration_id: str, blocked: Mapping[str, Sequence[tuple[str, str]]], given: Sequence[str]) -> str:
    """A drug of a next line, with a resistance to it that another sample shows, and whether it was given."""
    others = [f"{name} in {sample}" for name, sample in blocked.get(drug, ()) if name != alteration_id]
    if others:
        return f"{drug} (but a resistance to it was found: {', '.join(others)})"
    return f"{drug} (given before)" if drug.casefold() in given else drug


def _first(carriers: Sequence[Compared]) -> Compared:
    """The carrier that was seen first; several alleles can carry one alteration."""
    return min(carriers, key=lambda own: own.detected_in()[0].sample.time)


def phase_facts(samples: Sequence[PatientSample]) -> tuple[PhaseFact, ...]:
    """Pairs whose phase changes what they mean, in every sample that has both."""
    facts = []
    for sample in samples:
        for first, second in PHASE_PAIRS:
            for one in _carriers(sample, first):
                for other in _carriers(sample, second):
                    if one is not other:
                        facts.append(_pair(sample, first, second, one, other))
    return tuple(facts)


def _carriers(sample: PatientSample, alteration_id: str) -> list[Mapping[str, Any]]:
    return [
        entry
        for entry in sample.document["variants"]
        if any(match["alteration_id"] == alteration_id for match in entry["matches"])
    ]


def _label(entry: Mapping[str, Any], alteration_id: str) -> str:
    return str(next(match["label"] for match in entry["matches"] if match["alteration_id"] == alteration_id))


def _phase(entry: Mapping[str, Any]) -> Phase | None:
    phase = entry["phase"]
    return None if phase is None else Phase(phase["set_id"], phase["haplotype"], phase["source"])


def _pair(
    sample: PatientSample, first: str, second: str, one: Mapping[str, Any], other: Mapping[str, Any]
) -> PhaseFact:
    phases = _phase(one), _phase(other)
    how = relation(*phases, distance=abs(other["pos"] - one["pos"]))
    names = f"{_label(one, first)} and {_label(other, second)}"
    source = phases[0].source if phases[0] is not None else ""
    said = {
        "cis": f"{names} lie on one haplotype (cis) in {sample.sample_id}, by {source}",
        "trans": f"{names} lie on two haplotypes (trans) in {sample.sample_id}, by {source}",
    }
    unknown = (
        f"{names}: phase unknown in {sample.sample_id}; reads that hold both positions would tell cis from trans: ask"
        " the laboratory"
    )
    return PhaseFact(sample.sample_id, first, second, how, said.get(how, unknown))
