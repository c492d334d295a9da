"""Which trials fit a sample, which may, and why others do not, as entries of the document.

Rules
-----
* Biomarkers are judged as for claims: only validated drivers, measured markers and wild types that coverage shows
  count, so an uncertain variant never leads to a trial.
* Said to be not met is what coverage or a measurement shows; a biomarker that was only not called is unknown, and no
  trial is offered because of it.
* ``match``: every criterion that decides is met. ``possible``: some are open, none speaks against. ``no_match``: one is
  not met, or nothing found speaks for the biomarker.
* Told are trials for the sample's tumour type, and trials of other tumour types whose biomarker was found.
* Where nothing found speaks for the biomarker (of the trial's biomarkers, where it lists them, whatever its further
  profile finds), a row names neither title nor drugs: they would raise a hope that nothing in the sample supports.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from targetboard.action.biomarkers import MET, NOT_MET, UNKNOWN, Evaluation, Findings, evaluate
from targetboard.action.conditions import Course, course_of
from targetboard.action.therapies import open_points, parsed_profile
from targetboard.action.tumour_types import ANCESTOR, EXACT, EXCLUDED, SAME_TUMOUR, TumourTypes
from targetboard.knowledge.profile_grammar import (
    Combined,
    Compare,
    Not,
    Present,
    Profile,
    Together,
    WildType,
)
from targetboard.knowledge.records import KnowledgeBase, Trial
from targetboard.model import Variant
from targetboard.trials import criteria
from targetboard.trials.criteria import COUNTRY, DECIDING, Criterion
from targetboard.trials.reading import UserTrials

MATCH, POSSIBLE, NO_MATCH = "match", "possible", "no_match"
_STATE_ORDER = (MATCH, POSSIBLE, NO_MATCH)
_COUNTRY_ORDER = (MET, UNKNOWN, NOT_MET)
_OF_THIS_TUMOUR = SAME_TUMOUR | {ANCESTOR, EXCLUDED}
_NOTHING_ASKED = Evaluation(MET)
REGISTRY = "https://clinicaltrials.gov/study/"


@dataclass(slots=True, frozen=True)
class Patient:
    """What trials are compared with: the sample's tumour and findings, and the columns of its row in the sheet."""

    tumour_types: TumourTypes
    tumour_code: str | None
    condition: str | None
    variants: Sequence[Variant]
    findings: Findings
    clinical: Mapping[str, str]


def match_trials(kb: KnowledgeBase, user: UserTrials | None, patient: Patient) -> list[dict[str, Any]]:
    """Trials of the tables and of the user's file on one sample.

    Parameters
    ----------
    kb
        Knowledge base; its trials, and the biomarkers that both lists name.
    user
        The user's trials; one of the same id and arm stands in place of that of the tables. None without.
    patient
        Of the sheet ``prior_therapies``, ``age_years``, ``specimen_type``, ``country`` and ``report_date`` are read.

    Returns
    -------
    list[dict]
        ``trials`` as the document's schema has them: matches, then possible ones, then the others; within each those
        with a site in the patient's country first, then by id and arm.
    """
    listed = {key: (row, kb.layer_of("trials", row.trial_id, row.arm).release) for key, row in kb.trials.items()}
    if user is not None:
        listed.update({row.key: (row, user.name) for row in user.trials})
    course = course_of(patient.clinical, kb.drugs)
    entries = (_entry(trial, name, kb, patient, course) for trial, name in listed.values())
    return sorted((entry for entry in entries if entry is not None), key=_reading_order)


def _reading_order(entry: Mapping[str, Any]) -> tuple[int, int, str, str]:
    near = next((found["state"] for found in entry["criteria"] if found["criterion"] == COUNTRY), UNKNOWN)
    return (_STATE_ORDER.index(entry["state"]), _COUNTRY_ORDER.index(near), entry["trial_id"], entry["arm"])


def _entry(trial: Trial, name: str, kb: KnowledgeBase, patient: Patient, course: Course) -> dict[str, Any] | None:
    """One trial of the document; None where it has nothing to do with the sample."""
    place, relation = criteria.tumour_type(trial, patient.tumour_types, patient.tumour_code, patient.condition)
    own_tumour = relation in (_OF_THIS_TUMOUR if patient.condition is None else {EXACT})
    profile = profile_of(trial, kb)
    seen = _NOTHING_ASKED if profile is None else _judged(profile, patient, kb)
    main = seen if not trial.biomarkers else evaluate(_one_of(trial, kb), patient.findings, kb)
    # a measured marker means something in its own tumour type only
    if not own_tumour and (patient.condition is not None or not any(term in kb.alterations for term in main.terms)):
        return None
    supported = profile is None or bool(main.terms)
    told = seen if profile is None or seen.state != NOT_MET else _by_coverage(profile, patient, kb)
    judged = [criteria.biomarker(told, _asked(trial, kb), [_label(term, kb) for term in seen.terms]), place]
    if supported:
        judged += _further(trial, patient.clinical, course)
    return {
        "trial_id": trial.trial_id,
        "title": trial.title if supported else "",
        "phase": trial.phase,
        "design": trial.design,
        "status": trial.status or "unknown",
        "status_as_of": trial.status_as_of,
        "countries": list(trial.countries),
        "url": _address(trial),
        "accessed": trial.access_date,
        "arm": trial.arm if supported else "",
        "drugs": list(trial.drugs) if supported else [],
        "state": _state(judged) if supported and seen.state != NOT_MET else NO_MATCH,
        "criteria": [{"criterion": own.criterion, "state": own.state, "text": own.text} for own in judged],
        "biomarkers": list(seen.terms),
        "variants": list(seen.variants),
        "list": name,
        "sources": list(trial.sources) if supported else [],
        "verified_in": trial.verified_in if supported else "",
    }


def _further(trial: Trial, clinical: Mapping[str, str], course: Course) -> list[Criterion]:
    """Every criterion but biomarker and tumour type, in reading order."""
    found = (
        criteria.recruitment(trial, clinical.get("report_date", "")),
        *criteria.prior_therapies(trial, course),
        criteria.age(trial, clinical.get(criteria.AGE_COLUMN, "")),
        criteria.specimen(trial, clinical.get("specimen_type", "")),
        criteria.country(trial, clinical.get("country", "")),
        *criteria.others(trial),
    )
    return [criterion for criterion in found if criterion is not None]


def _label(term: str, kb: KnowledgeBase) -> str:
    known = kb.alterations.get(term) or kb.markers.get(term)
    return known.label if known is not None else term


def _state(judged: Sequence[Criterion]) -> str:
    states = {criterion.state for criterion in judged if criterion.criterion in DECIDING}
    return NO_MATCH if NOT_MET in states else POSSIBLE if UNKNOWN in states else MATCH


def _judged(profile: Profile, patient: Patient, kb: KnowledgeBase) -> Evaluation:
    """The profile on the sample; calls in doubt and open phase leave it open, as for claims."""
    evaluation = evaluate(profile, patient.findings, kb)
    unsettled = open_points(patient.variants, evaluation) if evaluation.state == MET else []
    if not unsettled:
        return evaluation
    return Evaluation(UNKNOWN, evaluation.terms, evaluation.variants, tuple(unsettled))


def _by_coverage(profile: Profile, patient: Patient, kb: KnowledgeBase) -> Evaluation:
    """The profile, where what was not called and not shown to be absent is unknown."""
    return evaluate(profile, replace(patient.findings, uncalled_is_open=True), kb)


def profile_of(trial: Trial, kb: KnowledgeBase) -> Profile | None:
    """What a trial asks for: one of its biomarkers, and its own profile; None where it asks for nothing."""
    parts = [_one_of(trial, kb)] if trial.biomarkers else []
    if trial.profile:
        parts.append(parsed_profile(trial.profile))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Combined(tuple(parts), every=True)


def _one_of(trial: Trial, kb: KnowledgeBase) -> Profile:
    """The trial's biomarkers, of which one is enough."""
    either = tuple(parsed_profile(kb.biomarkers[name].profile) for name in trial.biomarkers)
    return either[0] if len(either) == 1 else Combined(either, every=False)


def _asked(trial: Trial, kb: KnowledgeBase) -> str:
    labels = " or ".join(kb.biomarkers[name].label for name in trial.biomarkers)
    further = in_words(parsed_profile(trial.profile), kb) if trial.profile else ""
    return ", with ".join(part for part in (labels, further) if part)


def in_words(profile: Profile, kb: KnowledgeBase) -> str:
    """A profile as a reader says it: labels for ids, ``and``, ``or``, ``no``."""
    match profile:
        case Present(name):
            return _label(name, kb)
        case Compare(name, operator, value):
            return f"{_label(name, kb)} {operator} {value}"
        case WildType(gene):
            return f"{gene} wild type"
        case Together(first, second, cis):
            return f"{_label(first, kb)} and {_label(second, kb)} {'on one haplotype' if cis else 'on two haplotypes'}"
        case Not(term):
            return f"no {in_words(term, kb)}"
        case Combined(terms, every):
            texts = (in_words(term, kb) for term in terms)
            parts = (
                f"({text})" if isinstance(term, Combined) else text for term, text in zip(terms, texts, strict=True)
            )
            return (" and " if every else " or ").join(parts)


def _address(trial: Trial) -> str:
    """Page of the trial; ids of ClinicalTrials.gov have theirs."""
    return trial.url or (f"{REGISTRY}{trial.trial_id}" if trial.trial_id.startswith("NCT") else "")
