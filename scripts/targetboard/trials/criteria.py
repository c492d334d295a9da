"""The criteria of a trial on one sample: each is met, not met or unknown, with its reason in words.

A trial asks more than a sample and its sheet can answer (performance status, organ function, measurable disease …).
What is judged here is what data decide; the rest is listed for the physician under ``other``, and the investigators
decide. Nothing is assumed: an empty cell of the sheet leaves its criterion unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from targetboard.action.biomarkers import MET, NOT_MET, UNKNOWN, Evaluation, kleene_not
from targetboard.action.conditions import Course, condition_state
from targetboard.action.tumour_types import ANY, EXCLUDED, SAME_TUMOUR, TumourTypes
from targetboard.knowledge.records import Trial

BIOMARKER, TUMOUR_TYPE, RECRUITMENT = "biomarker", "tumour_type", "recruitment"
PRIOR_THERAPY, AGE, SPECIMEN = "prior_therapy", "age", "specimen"
COUNTRY, OTHER = "country", "other"
DECIDING = frozenset({BIOMARKER, TUMOUR_TYPE, RECRUITMENT, PRIOR_THERAPY, AGE, SPECIMEN})
"""Criteria that make a match; country and other inform."""

CLOSED = frozenset({"active_not_recruiting", "suspended", "terminated", "completed", "withdrawn"})
RECRUITING = "recruiting"
STATUS_HOLDS = timedelta(days=365)
"""A statement on recruitment older than this at the report's date is history, not a status."""
SPECIMEN_KINDS: Mapping[str, str] = {
    "FFPE": "tissue",
    "frozen": "tissue",
    "cytology": "tissue",
    "plasma": "plasma",
    "blood": "blood",
    "marrow": "marrow",
}
"""Kind of specimen by the sheet's specimen_type."""
AGE_COLUMN = "age_years"
_AGE = re.compile(r"(\d{1,2})(\+?)")
_DRUG = re.compile(r"[A-Za-z0-9-]+(?<!therapy)(?<!treatment)(?<!inhibitor)(?<!inhibitors)")
_DAY = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


@dataclass(slots=True, frozen=True)
class Criterion:
    """One criterion of a trial: which, its state, and why."""

    criterion: str
    state: str
    text: str


def biomarker(seen: Evaluation, asked: str, found: Sequence[str]) -> Criterion:
    """What the trial asks for ("" for nothing), with the terms found in words."""
    if not asked:
        return Criterion(BIOMARKER, MET, "asks for no biomarker")
    said = [f"asks for {asked}"]
    if seen.state == MET:
        said += [f"found: {', '.join(found)}"] if found else []
    else:
        said += seen.failed if seen.state == NOT_MET else seen.unknown
    return Criterion(BIOMARKER, seen.state, "; ".join(said))


def tumour_type(
    trial: Trial, tumour_types: TumourTypes, sample_code: str | None, condition: str | None
) -> tuple[Criterion, str]:
    """Whether the trial takes the sample's tumour type, and the token of their relation."""
    wanted = trial.tumour_types or (ANY,)
    relation = tumour_types.relation(sample_code, wanted, trial.excluded_tumour_types, condition)
    asked = f"asks for {_named(tumour_types, wanted)}"
    if relation.token == EXCLUDED:
        asked = f"does not take {_named(tumour_types, trial.excluded_tumour_types)}"
        return Criterion(TUMOUR_TYPE, NOT_MET, asked), relation.token
    if relation.unknown:
        return Criterion(TUMOUR_TYPE, UNKNOWN, f"{asked}; {relation.unknown}"), relation.token
    return Criterion(TUMOUR_TYPE, MET if relation.token in SAME_TUMOUR else NOT_MET, asked), relation.token


def _named(tumour_types: TumourTypes, codes: tuple[str, ...]) -> str:
    words = {"ANY": "any tumour", "ANY_SOLID": "any solid tumour"}
    return ", ".join(words.get(code) or _with_name(code, tumour_types.name(code)) for code in codes)


def _with_name(code: str, name: str) -> str:
    return code if name == code else f"{code} ({name})"


def recruitment(trial: Trial, report_date: str) -> Criterion:
    """Whether the source says that the trial recruits, as of its date; a statement of another year is history.

    The age of the statement counts up to the report's date, or else to the day the source was read: no clock is read.
    """
    words = trial.status.replace("_", " ") or "recruitment not stated"
    as_of = f" as of {trial.status_as_of}" if trial.status_as_of else ", without a date"
    read = f" (read {trial.access_date})" if trial.access_date else ""
    said = f"{words}{as_of if trial.status else ''}{read}"
    if trial.status in CLOSED:
        return Criterion(RECRUITMENT, NOT_MET, said)
    if trial.status != RECRUITING:
        return Criterion(RECRUITMENT, UNKNOWN, f"{said}; ask the registry")
    stated, today = _earliest_day(trial.status_as_of), _earliest_day(report_date) or _earliest_day(trial.access_date)
    if stated is None or today is None or today - stated > STATUS_HOLDS:
        return Criterion(RECRUITMENT, UNKNOWN, f"{said}: too old or undated to rely on; ask the registry")
    return Criterion(RECRUITMENT, MET, said)


def _earliest_day(text: str) -> date | None:
    """First day of a date that may be a year or a month only; None for anything else."""
    match = _DAY.fullmatch(text)
    if match is None:
        return None
    year, month, day = (int(part) if part else 1 for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def prior_therapies(trial: Trial, course: Course) -> list[Criterion]:
    """What the trial asks of earlier treatment, and what it does not take."""
    given = "" if course.prior is not None else " (prior therapies are not given)"
    required = [
        Criterion(PRIOR_THERAPY, condition_state(text, course), f"asks for: {text}{given}")
        for text in trial.prior_required
    ]
    excluded = [
        Criterion(PRIOR_THERAPY, _not_had(text, course), f"not after: {text}{given}") for text in trial.prior_excluded
    ]
    return required + excluded


def _not_had(text: str, course: Course) -> str:
    if course.prior is not None and not course.prior:
        return MET
    had = condition_state(f"after {text}", course)
    if had == UNKNOWN and _DRUG.fullmatch(text) is not None:
        # a drug under study that the knowledge base does not hold
        had = course.had(frozenset({text.casefold()}))
    return kleene_not(had)


def age(trial: Trial, years: str) -> Criterion | None:
    """The trial's age limits; ``years`` is the sheet's age, where ``90+`` stands for any age from 90."""
    youngest, oldest = trial.age_min, trial.age_max
    if youngest is None and oldest is None:
        return None
    match (youngest, oldest):
        case (None, _):
            asked = f"at most {oldest} years"
        case (_, None):
            asked = f"{youngest} years or older"
        case _:
            asked = f"{youngest} to {oldest} years"
    given = _AGE.fullmatch(years)
    if given is None:
        return Criterion(AGE, UNKNOWN, f"{asked}; the age is not given")
    number, open_end = int(given[1]), bool(given[2])
    said = f"{asked}; the patient is {years}"
    if (youngest is not None and number < youngest and not open_end) or (oldest is not None and number > oldest):
        return Criterion(AGE, NOT_MET, said)
    return Criterion(AGE, UNKNOWN if open_end and oldest is not None else MET, said)


def specimen(trial: Trial, specimen_type: str) -> Criterion | None:
    """Whether this sample is of a kind the trial tests; another kind can be taken, so nothing is ruled out."""
    if not trial.specimens:
        return None
    asked = f"asks for {' or '.join(trial.specimens)}"
    kind = SPECIMEN_KINDS.get(specimen_type)
    if kind in trial.specimens:
        return Criterion(SPECIMEN, MET, f"{asked}; this sample is {specimen_type}")
    said = f"this sample is {specimen_type}" if specimen_type else "the kind of this sample is not given"
    return Criterion(SPECIMEN, UNKNOWN, f"{asked}; {said}")


def country(trial: Trial, code: str) -> Criterion | None:
    """Whether the source names a site in the patient's country; it informs and does not decide."""
    if not trial.countries:
        return None
    sites = f"sites: {', '.join(trial.countries)}"
    if not code:
        return Criterion(COUNTRY, UNKNOWN, f"{sites}; the patient's country is not given")
    if code in trial.countries:
        return Criterion(COUNTRY, MET, f"{sites}; the patient is in {code}")
    return Criterion(COUNTRY, NOT_MET, f"{sites}; none is named in {code}")


def others(trial: Trial) -> list[Criterion]:
    """Main criteria that no data of a sample decide."""
    return [Criterion(OTHER, UNKNOWN, text) for text in trial.other_criteria]
