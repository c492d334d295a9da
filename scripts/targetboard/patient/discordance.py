"""Tissue against plasma at one time point, in words."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.patient.absence import State
from targetboard.patient.changes import STATE_WORDS, when
from targetboard.patient.comparison import Compared, Comparison, Seen
from targetboard.patient.findings import SOMATIC
from targetboard.patient.samples import PLASMA, TISSUE, Course, PatientSample

PLASMA_ONLY, TISSUE_ONLY, BOTH, OPEN = "plasma_only", "tissue_only", "both", "undetermined"


@dataclass(slots=True, frozen=True)
class Discordance:
    """One finding of a time point in plasma and tissue."""

    time: int
    label: str
    token: str
    text: str


def discordances(course: Course, comparison: Comparison) -> tuple[Discordance, ...]:
    """Findings of the tumour at time points that have plasma and tissue; drivers first, in the order found."""
    rows = []
    for point in course.times:
        own = course.at(point.index)
        if {sample.compartment for sample in own} != {PLASMA, TISSUE}:
            continue
        compared = [row for row in (*comparison.variants, *comparison.events) if row.origin == SOMATIC]
        for row in sorted(compared, key=lambda found: not found.is_driver):
            here = [seen for seen in row.seen if seen.sample.time == point.index and seen.sample.complete]
            if any(seen.state is State.DETECTED for seen in here):
                rows.append(_judge(point.index, row, here, when(point)))
    return tuple(rows)


def _judge(time: int, compared: Compared, here: list[Seen], moment: str) -> Discordance:
    sides = {
        compartment: [seen for seen in here if seen.sample.compartment == compartment]
        for compartment in (PLASMA, TISSUE)
    }
    found = {name: any(seen.state is State.DETECTED for seen in own) for name, own in sides.items()}
    listed = "; ".join(f"{_name(seen.sample)} {_value(seen)}" for seen in here)
    text = f"{compared.label} at {moment}: {listed}."
    if all(found.values()):
        return Discordance(time, compared.label, BOTH, text)
    silent = sides[PLASMA if found[TISSUE] else TISSUE]
    if not all(seen.state is State.NOT_DETECTED for seen in silent):
        where = "plasma" if found[TISSUE] else "tissue"
        return Discordance(time, compared.label, OPEN, f"{text} The {where} cannot rule it out.")
    if found[PLASMA]:
        text += " Found in plasma only: it may come from a site that was not sampled, or from blood cells."
        return Discordance(time, compared.label, PLASMA_ONLY, text)
    text += " Found in tissue only: this site may shed too little DNA into the blood; it is not shown to be gone."
    return Discordance(time, compared.label, TISSUE_ONLY, text)


def _name(sample: PatientSample) -> str:
    return "plasma" if sample.compartment == PLASMA else sample.site or sample.sample_id


def _value(seen: Seen) -> str:
    if seen.entry is not None:
        vaf = seen.entry.get("vaf")
        return "detected" if vaf is None else f"{vaf:.2%}"
    limit = seen.absent.limit if seen.absent is not None else None
    said = STATE_WORDS[seen.state]
    return f"{said} (from {limit:.2%} on)" if limit is not None else said
