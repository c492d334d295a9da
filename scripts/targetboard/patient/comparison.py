"""Every finding in every sample: detected, or why not; then the tumour fraction that decides what an absence means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.classify.context import consent_refused
from targetboard.model import DRIVERS
from targetboard.patient.absence import (
    Absence,
    Anchor,
    State,
    absence,
    anchors_between,
    event_absence,
    expectation,
    not_informative,
)
from targetboard.patient.findings import SOMATIC, EventFinding, Finding, group_events, group_variants
from targetboard.patient.origin import doubt_in_plasma, origin_of
from targetboard.patient.samples import Course, PatientSample


@dataclass(slots=True, frozen=True)
class Seen:
    """What one sample says of one finding: its entry there, or why there is none."""

    sample: PatientSample
    state: State
    entry: Mapping[str, Any] | None
    absent: Absence | None


@dataclass(slots=True, frozen=True)
class Compared:
    """A finding over all samples, in order; ``finding`` is a variant or an event.

    ``low_in_plasma`` marks one that is counted with the tumour, but is no proof of tumour DNA
    (:func:`targetboard.patient.origin.doubt_in_plasma`).
    """

    finding: Finding | EventFinding
    label: str
    origin: str
    origin_reason: str
    alterations: tuple[str, ...]
    driver_class: str
    seen: tuple[Seen, ...]
    low_in_plasma: bool = False

    def detected_in(self) -> tuple[Seen, ...]:
        """Samples that show it."""
        return tuple(own for own in self.seen if own.state is State.DETECTED)

    @property
    def is_driver(self) -> bool:
        """Whether it is a validated or likely driver of the tumour."""
        return self.origin == SOMATIC and self.driver_class in DRIVERS


@dataclass(slots=True, frozen=True)
class Comparison:
    """All findings of a patient; ``informative`` says why each sample shows tumour DNA, "" where it does not."""

    variants: tuple[Compared, ...]
    events: tuple[Compared, ...]
    informative: Mapping[str, str]
    germline_refused: bool


def compare(course: Course) -> Comparison:
    """Compare the samples of a course.

    A variant that may be inherited or come from blood cells shows no tumour DNA and is no measure of it; nor
    does one of KRAS or NRAS that plasma alone shows, below the limit of detection. If any sheet row says that the
    patient declined statements on inherited findings, none is made.
    """
    samples = course.samples
    refused = any(consent_refused(sample.document["sample"]["clinical"]) for sample in samples)
    findings = group_variants(course.complete)
    events = group_events(course.complete)
    origins = [origin_of(finding, course.complete, germline_refused=refused) for finding in findings]
    doubts = [doubt_in_plasma(finding, course.complete) for finding in findings]
    tumour = [
        finding
        for finding, (origin, _), doubt in zip(findings, origins, doubts, strict=True)
        if origin == SOMATIC and not doubt
    ]
    anchors = anchors_between(tumour)
    informative = {sample.sample_id: _shows_tumour(sample, tumour, events) for sample in samples}
    variants = tuple(
        Compared(
            finding,
            finding.label,
            origin,
            reason or doubt,
            finding.alterations,
            finding.driver_class,
            tuple(_seen(finding, origin, sample, samples, anchors, informative) for sample in samples),
            bool(doubt),
        )
        for finding, (origin, reason), doubt in zip(findings, origins, doubts, strict=True)
    )
    compared_events = tuple(
        Compared(
            event,
            event.latest["label"],
            SOMATIC,
            "",
            tuple(dict.fromkeys(name for entry in event.members.values() for name in entry["alterations"])),
            event.latest["driver_class"],
            tuple(_event_seen(event, sample) for sample in samples),
        )
        for event in events
    )
    return Comparison(variants, compared_events, informative, refused)


def _shows_tumour(sample: PatientSample, tumour: Sequence[Finding], events: Sequence[EventFinding]) -> str:
    """Why the sample holds tumour DNA: the stated purity, or a driver or a variant of another sample that it shows."""
    if not sample.complete:
        return ""
    if sample.purity:
        return f"stated purity {sample.purity:.0%}"
    for finding in tumour:
        if sample.sample_id in finding.members and (finding.is_driver or len(finding.members) > 1):
            return f"{finding.label} is seen"
    for event in events:
        if sample.sample_id in event.members and event.latest["driver_class"] in DRIVERS:
            return f"{event.latest['label']} is seen"
    return ""


def _seen(
    finding: Finding,
    origin: str,
    sample: PatientSample,
    samples: Sequence[PatientSample],
    anchors: Mapping[tuple[str, str], Anchor],
    informative: Mapping[str, str],
) -> Seen:
    entry = finding.members.get(sample.sample_id)
    if entry is not None:
        return Seen(sample, State.DETECTED, entry, None)
    of_tumour = origin == SOMATIC
    expected = expectation(finding, sample, samples, anchors) if of_tumour else None
    found = absence(finding, sample, samples, expected)
    if of_tumour and not informative[sample.sample_id]:
        found = not_informative(found)
    return Seen(sample, found.state, None, found)


def _event_seen(event: EventFinding, sample: PatientSample) -> Seen:
    entry = event.members.get(sample.sample_id)
    if entry is not None:
        return Seen(sample, State.DETECTED, entry, None)
    found = event_absence(event, sample)
    return Seen(sample, found.state, None, found)
