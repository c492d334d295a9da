"""Lint rules of tumour types, biomarkers, claims, approvals and resistance."""

from __future__ import annotations

from targetboard.errors import KnowledgeError
from targetboard.knowledge.lint_context import LintContext
from targetboard.knowledge.profiles import ProfileTerm, profile_terms, term_is_known
from targetboard.knowledge.records import UNVERIFIED, Claim


def check(context: LintContext) -> None:
    """Run every rule of this module."""
    _tumour_types(context)
    profiles = _biomarkers(context)
    seen: dict[tuple[object, ...], str] = {}
    for claim in context.base.claims.values():
        _claim(context, claim)
        _rests_on_validated_drivers(context, claim, profiles.get(claim.biomarker_id, ()))
        _stands_once(context, claim, seen)
        _withdrawn(context, claim)
    _approvals(context)
    _resistance(context)
    _trials(context)


def _tumour_types(context: LintContext) -> None:
    types = context.base.tumour_types
    roots = [node.code for node in types.values() if not node.parent]
    for code in roots[1:]:
        message = f"{code} is a second root beside {roots[0]}"
        context.add("tumour_types", (code,), "parent", message, "Only the root has no parent.")
    for node in types.values():
        seen = {node.code}
        parent = node.parent
        while parent and parent in types:
            if parent in seen:
                message = f"the parents of {node.code} run in a circle"
                context.add("tumour_types", (node.code,), "parent", message, "Correct the parent.")
                break
            seen.add(parent)
            parent = types[parent].parent


def _biomarkers(context: LintContext) -> dict[str, tuple[ProfileTerm, ...]]:
    base = context.base
    profiles: dict[str, tuple[ProfileTerm, ...]] = {}
    for marker_id in sorted(base.markers.keys() & base.alterations.keys()):
        message = f"{marker_id} is also an alteration id"
        context.add("markers", (marker_id,), "marker_id", message, "Rename one of them.")
    for biomarker in base.biomarkers.values():
        key = (biomarker.biomarker_id,)
        try:
            terms = profile_terms(biomarker.profile)
        except KnowledgeError as error:
            context.add("biomarkers", key, "profile", error.what, error.remedy)
            continue
        profiles[biomarker.biomarker_id] = terms
        for term in terms:
            if not term_is_known(term, base):
                message = f"{term.name!r} is no {_expected(term)}"
                context.add("biomarkers", key, "profile", message, "Correct it, or add the row it names.")
            alteration = base.alterations.get(term.name)
            if alteration is not None and term.positive and term.kind != "wild_type" and alteration.kind == "neutral":
                message = f"the neutral alteration {term.name} stands as a positive term"
                context.add("biomarkers", key, "profile", message, "A neutral alteration is no biomarker.")
    return profiles


def _expected(term: ProfileTerm) -> str:
    kinds = {"phased": "alteration", "marker": "marker", "wild_type": "gene, alteration or marker"}
    return kinds.get(term.kind, "alteration or marker")


def _rests_on_validated_drivers(context: LintContext, claim: Claim, terms: tuple[ProfileTerm, ...]) -> None:
    if claim.implication != "therapeutic":
        return
    for term in terms:
        alteration = context.base.alterations.get(term.name)
        if alteration is None or not term.positive or term.kind == "wild_type" or alteration.is_validated_driver:
            continue
        message = f"the therapy rests on {term.name}, which is {alteration.kind} with {alteration.evidence} evidence"
        remedy = "A therapy needs drivers with validated evidence: verify the alteration or drop the claim."
        context.add("therapies", (claim.claim_id,), "biomarker_id", message, remedy)


def _trials(context: LintContext) -> None:
    """Profiles name what the tables hold, limits are in order, and nothing is both asked for and excluded."""
    for trial in context.base.trials.values():

        def fault(column: str, message: str, remedy: str, key: tuple[str, str] = (trial.trial_id, trial.arm)) -> None:
            context.add("trials", key, column, message, remedy)

        try:
            terms = profile_terms(trial.profile) if trial.profile else ()
        except KnowledgeError as error:
            fault("profile", error.what, error.remedy)
            continue
        for term in terms:
            if not term_is_known(term, context.base):
                fault("profile", f"{term.name!r} is no {_expected(term)}", "Correct it, or add the row it names.")
        if not trial.biomarkers and not terms:
            fault("biomarkers", "the trial asks for no biomarker", "Name one: the table is of trials by biomarker.")
        if trial.age_min is not None and trial.age_max is not None and trial.age_min > trial.age_max:
            fault("age_min", f"{trial.age_min} lies above age_max {trial.age_max}", "Swap or correct them.")
        for code in sorted(set(trial.tumour_types) & set(trial.excluded_tumour_types)):
            fault("excluded_tumour_types", f"{code} is both included and excluded", "Keep one of the two.")
        if trial.status and not trial.access_date:
            fault("access_date", "a status without the day it was read", "Give the day the source was read.")
        if trial.status_as_of[: len(trial.access_date)] > trial.access_date:
            fault("status_as_of", "the statement is later than the day it was read", "Correct one of the dates.")


def _claim(context: LintContext, claim: Claim) -> None:
    def fault(column: str, message: str, remedy: str) -> None:
        context.add("therapies", (claim.claim_id,), column, message, remedy)

    if claim.implication == "therapeutic":
        if not claim.direction:
            fault("direction", "a therapeutic claim needs a direction", "Give sensitive, resistant or not_indicated.")
        if not claim.drugs:
            fault("drugs", "a therapeutic claim needs drugs", "Name the drugs.")
        if claim.direction in {"sensitive", "resistant"} and not claim.evidence_level:
            fault("evidence_level", f"a {claim.direction} claim needs an evidence level", "Give A, B, C or D.")
    elif claim.direction:
        fault("direction", f"a {claim.implication} claim has no direction", "Leave it empty.")
    for code in sorted(set(claim.tumour_types) & set(claim.excluded_tumour_types)):
        fault("excluded_tumour_types", f"{code} is both included and excluded", "Keep one of the two.")
    if claim.verified_in != UNVERIFIED and not claim.sources:
        fault("sources", "a verified claim needs a source", "Add it, or mark the row unverified.")


def _stands_once(context: LintContext, claim: Claim, seen: dict[tuple[object, ...], str]) -> None:
    """The same statement twice; regimens and conditions of one drug in one tumour are different statements."""
    for tumour in claim.tumour_types:
        statement = (
            claim.biomarker_id,
            tumour,
            tuple(sorted(claim.drugs)),
            claim.implication,
            claim.direction,
            claim.regimen,
            tuple(sorted(claim.conditions)),
            claim.note if not claim.drugs else "",
        )
        first = seen.setdefault(statement, claim.claim_id)
        if first != claim.claim_id:
            message = f"{first} already says this for {tumour}"
            context.add("therapies", (claim.claim_id,), "claim_id", message, "Keep one of the two.")


def _withdrawn(context: LintContext, claim: Claim) -> None:
    approvals = context.base.approvals.get(claim.claim_id, ())
    withdrawn = {approval.jurisdiction for approval in approvals if approval.status == "withdrawn"}
    standing = {approval.jurisdiction for approval in approvals} - withdrawn
    if claim.evidence_level == "A" and withdrawn and not standing:
        message = f"level A, but the approval is withdrawn ({', '.join(sorted(withdrawn))})"
        context.add("therapies", (claim.claim_id,), "evidence_level", message, "Lower the level.")


def _approvals(context: LintContext) -> None:
    dates = [layer.date[:4] for layer in context.base.layers if layer.date[:4].isdecimal()]
    newest = max((int(year) for year in dates), default=None)
    for rows in context.base.approvals.values():
        for row in rows:
            if newest is not None and row.year is not None and row.year > newest:
                key = (row.claim_id, row.jurisdiction, str(row.year), row.status, row.label)
                message = f"year {row.year} lies after the release ({newest})"
                context.add("approvals", key, "year", message, "Correct the year or the manifest's date.")


def _resistance(context: LintContext) -> None:
    for row in context.base.resistance.values():
        if not row.alteration_id and not row.after_drugs:
            message = "neither an alteration nor a drug leads to this mechanism, so no report could show it"
            context.add("resistance", (row.resistance_id,), "after_drugs", message, "Give one of them.")
