"""The samples of one patient in order: time points, places, and what each document can answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from targetboard.classify.context import SampleContext, prior_drugs
from targetboard.classify.flags import FEWEST_ALT_READS
from targetboard.errors import UsageError
from targetboard.inputs.assay import Assay, ClassValidation
from targetboard.inputs.coverage import Coverage
from targetboard.inputs.coverage_summary import coverage_of_entry

PLASMA = "plasma"
TISSUE = "tissue"
SAME_TIME_DAYS = 30
"""Samples with one name of the time point count as one time point up to this many days apart."""


@dataclass(slots=True, frozen=True)
class PatientSample:
    """One document with its place in the patient's course.

    ``time`` is the index of its time point; ``compartment`` is plasma (or blood) or tissue; ``place`` is the folded
    site of a tissue sample, "" where it is not stated.
    """

    sample_id: str
    document: Mapping[str, Any]
    time: int
    compartment: str
    place: str
    site: str
    collected: str
    coverage: Coverage | None
    assay: Assay | None

    @property
    def complete(self) -> bool:
        """Whether the sample could be analysed."""
        return bool(self.document["status"] == "complete")

    @property
    def assembly(self) -> str:
        """GRCh37 or GRCh38."""
        return str(self.document["sample"]["assembly"])

    @property
    def purity(self) -> float | None:
        """Stated fraction of tumour cells; none is believed for plasma."""
        stated: float | None = self.document["sample"]["purity"]
        return stated if self.compartment == TISSUE else None

    @property
    def drugs(self) -> tuple[str, ...]:
        """Drugs given before the sample was taken, as the sheet says."""
        return prior_drugs(self.document["sample"]["clinical"])

    @property
    def name(self) -> str:
        """The sample with its place, as a reader finds it: ``S2 (plasma)``, ``S3 (liver)``."""
        return f"{self.sample_id} ({self.site})" if self.site else self.sample_id


@dataclass(slots=True, frozen=True)
class TimePoint:
    """Samples taken at one time: ``label`` as the sheet names it, first and last date."""

    index: int
    label: str
    first: str
    last: str
    sample_ids: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Course:
    """All samples in order, and what the order rests on."""

    patient_id: str
    samples: tuple[PatientSample, ...]
    times: tuple[TimePoint, ...]
    order_basis: str

    def at(self, time: int) -> tuple[PatientSample, ...]:
        """Analysed samples of a time point."""
        return tuple(sample for sample in self.samples if sample.time == time and sample.complete)

    @property
    def complete(self) -> tuple[PatientSample, ...]:
        """All analysed samples in order."""
        return tuple(sample for sample in self.samples if sample.complete)


def same_place(one: PatientSample, other: PatientSample) -> bool:
    """Whether two samples show the same place: plasma and plasma, or tissue of one stated site."""
    if one.compartment != other.compartment:
        return False
    return one.compartment == PLASMA or (bool(one.place) and one.place == other.place)


def order_samples(documents: Sequence[Mapping[str, Any]]) -> Course:
    """Put the documents of one patient in order.

    By collection date where every sample has one, equal dates as given; otherwise as given (the order of the sheet).
    Samples of one date, or of one name of the time point within 30 days, are one time point.

    Raises
    ------
    UsageError
        Without a document, for documents of different or unnamed patients, or for one sample given twice.
    """
    if not documents:
        raise UsageError("no document was given", where="--documents", remedy="Give the documents of one patient")
    patients = sorted({document["sample"]["patient_id"] for document in documents})
    if len(patients) > 1 or not patients[0]:
        named = ", ".join(patient or "(none)" for patient in patients)
        raise UsageError(
            f"the documents belong to patient {named}",
            where="--documents",
            remedy="Give documents of one patient; the sheet's column patient_id names it",
        )
    names = [document["sample"]["sample_id"] for document in documents]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"sample {twice[0]} is given twice", where="--documents", remedy="Give each document once")
    dates = [_date(document) for document in documents]
    indices = list(range(len(documents)))
    if all(dates):
        indices.sort(key=lambda index: (dates[index], index))
        basis = "by collection date"
    else:
        missing = ", ".join(name for name, day in zip(names, dates, strict=True) if not day)
        basis = f"as the sheet lists the samples, since a collection date is missing ({missing})"
    ordered = [documents[index] for index in indices]
    times = _times(ordered)
    samples = tuple(_sample(document, time) for document, time in zip(ordered, times, strict=True))
    points = tuple(_point(time, [own for own in samples if own.time == time]) for time in range(max(times) + 1))
    return Course(patients[0], samples, points, basis)


def _clinical(document: Mapping[str, Any]) -> Mapping[str, str]:
    clinical: Mapping[str, str] = document["sample"]["clinical"]
    return clinical


def _date(document: Mapping[str, Any]) -> str:
    """The collection date, or "" where it is missing or no date."""
    text = _clinical(document).get("collection_date", "")
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return ""


def _times(ordered: Sequence[Mapping[str, Any]]) -> list[int]:
    times: list[int] = []
    for document in ordered:
        if not times:
            times.append(0)
            continue
        first = ordered[times.index(times[-1])]
        times.append(times[-1] + (0 if _one_time(first, document) else 1))
    return times


def _one_time(first: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    days = [_date(first), _date(document)]
    label = _clinical(first).get("time_point", "").casefold()
    same_label = bool(label) and label == _clinical(document).get("time_point", "").casefold()
    if all(days):
        apart = abs((date.fromisoformat(days[1]) - date.fromisoformat(days[0])).days)
        return apart == 0 or (same_label and apart <= SAME_TIME_DAYS)
    return same_label


def _sample(document: Mapping[str, Any], time: int) -> PatientSample:
    sample, clinical = document["sample"], _clinical(document)
    lineage = tuple(sample["tumour_type"]["lineage"]) if sample["tumour_type"] else ()
    context = SampleContext(lineage=lineage, clinical=clinical)
    # blood is the tumour's own tissue in a leukaemia
    plasma = context.is_blood_derived and not context.is_haematological
    site = clinical.get("site", "").strip()
    return PatientSample(
        sample_id=sample["sample_id"],
        document=document,
        time=time,
        compartment=PLASMA if plasma else TISSUE,
        place=PLASMA if plasma else " ".join(site.casefold().split()),
        site=clinical.get("specimen_type", PLASMA) if plasma else site,
        collected=_date(document),
        coverage=coverage_of_entry(document.get("coverage")),
        assay=_assay(document["assay"]),
    )


def _assay(entry: Mapping[str, Any] | None) -> Assay | None:
    """What the document says of the assay, as the coverage verdict reads it."""
    if not entry:
        return None
    return Assay(
        name=entry["name"],
        version=entry["version"],
        status=entry["status"],
        classes={
            row["name"]: ClassValidation(row["validated"], row["lod"], row["max_length"]) for row in entry["classes"]
        },
        minimum_depth=entry["minimum_depth"],
        minimum_alt_reads=entry["minimum_alt_reads"] or FEWEST_ALT_READS,
        minimum_purity=entry["minimum_purity"],
    )


def _point(index: int, samples: Sequence[PatientSample]) -> TimePoint:
    labels = dict.fromkeys(
        label for sample in samples if (label := _clinical(sample.document).get("time_point", "").strip())
    )
    days = sorted(sample.collected for sample in samples if sample.collected)
    return TimePoint(
        index,
        ", ".join(labels) or f"time point {index + 1}",
        days[0] if days else "",
        days[-1] if days else "",
        tuple(sample.sample_id for sample in samples),
    )
