"""Lint rules of dates, validity and review; approvals, diagnostics and contradictions between claims."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import combinations

from targetboard.knowledge.lint_context import LintContext
from targetboard.knowledge.records import Alteration, Claim

# A review holds for twelve months, then the row is to be looked at again.
REVIEW_HOLDS = timedelta(days=365)
DATE_COLUMNS = {
    "alterations": ("review_date",),
    "therapies": ("review_date", "valid_from", "valid_to"),
    "drugs": ("cost_date",),
    "trials": ("access_date", "status_as_of"),
}


def check(context: LintContext) -> None:
    """Run every rule of this module."""
    today = _release_date(context)
    _dates(context)
    reviewed: Iterable[tuple[str, str, Alteration | Claim]] = [
        *(("alterations", row.alteration_id, row) for row in context.base.alterations.values()),
        *(("therapies", row.claim_id, row) for row in context.base.claims.values()),
    ]
    for table, key, row in reviewed:
        _review(context, table, key, row, today)
    for claim in context.base.claims.values():
        _validity(context, claim, today)
    _contradictions(context)
    _approvals(context)
    _diagnostics(context, today)
    _drugs(context)


def _release_date(context: LintContext) -> date | None:
    """Date of the newest layer: the lint has no clock, the manifest tells the time."""
    return max((day for layer in context.base.layers if (day := _day(layer.date)) is not None), default=None)


def _day(text: str) -> date | None:
    """A full date; None for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _dates(context: LintContext) -> None:
    for table, columns in DATE_COLUMNS.items():
        positions = [(column, context.schema.tables[table].position(column)) for column in columns]
        for key, row in context.rows[table].items():
            for column, position in positions:
                text = str(row.values[position] or "")
                if len(text) == len("2026-01-31") and _day(text) is None:
                    context.add(table, key, column, f"{text} is no day of the calendar", "Correct the date.")


def _review(context: LintContext, table: str, key: str, row: Alteration | Claim, today: date | None) -> None:
    def fault(column: str, message: str, remedy: str, severity: str = "error") -> None:
        context.add(table, (key,), column, message, remedy, severity=severity)

    people = {" ".join(name.casefold().split()) for name in row.reviewers}
    if len(people) < len(row.reviewers):
        fault("reviewers", "one person stands twice as reviewer", "The second review is by another person.")
    elif len(row.reviewers) == 1:
        fault("reviewers", "one reviewer only", "A second person reviews every row.", "warning")
    if row.review_date and not row.reviewers:
        fault("reviewers", "a review date without reviewers", "Name who reviewed, or clear the date.")
    if row.reviewers and not row.review_date:
        fault("review_date", "reviewers without a review date", "Give the date of the review.", "warning")
    reviewed = _day(row.review_date)
    if reviewed is None or today is None:
        return
    if reviewed > today:
        fault("review_date", f"{reviewed} lies after the release ({today})", "Correct it or the manifest's date.")
    elif today - reviewed > REVIEW_HOLDS:
        fault(
            "review_date", f"the review of {reviewed} is overdue at the release of {today}", "Review again.", "warning"
        )


def _validity(context: LintContext, claim: Claim, today: date | None) -> None:
    # Years and dates compare as text: a year alone stands before its days.
    if claim.valid_from and claim.valid_to and claim.valid_from[: len(claim.valid_to)] > claim.valid_to:
        message = f"valid_from {claim.valid_from} lies after valid_to {claim.valid_to}"
        context.add("therapies", (claim.claim_id,), "valid_from", message, "Swap or correct them.")
    ended = claim.valid_to and today is not None and claim.valid_to < str(today)[: len(claim.valid_to)]
    if ended and claim.evidence_level == "A":
        message = f"level A, but the claim held until {claim.valid_to} only"
        context.add("therapies", (claim.claim_id,), "evidence_level", message, "Lower the level.")


def _contradictions(context: LintContext) -> None:
    """Sensitive and resistant of one biomarker, tumour type and regimen: two sources may differ, but say so."""
    groups: dict[tuple[object, ...], list[Claim]] = {}
    for claim in context.base.claims.values():
        if claim.implication == "therapeutic" and claim.drugs:
            statement = (claim.biomarker_id, tuple(sorted(claim.drugs)), claim.regimen)
            groups.setdefault(statement, []).append(claim)
    for claims in groups.values():
        for first, second in combinations(claims, 2):
            shared = sorted(set(first.tumour_types) & set(second.tumour_types))
            if shared and {first.direction, second.direction} == {"sensitive", "resistant"}:
                message = (
                    f"{second.claim_id} says {second.direction} and {first.claim_id} says {first.direction} of"
                    f" {' + '.join(first.drugs)} with {first.biomarker_id} in {', '.join(shared)}"
                )
                context.add(
                    "therapies",
                    (second.claim_id,),
                    "direction",
                    message,
                    "Weigh the two; keep both only with conditions or a note that tells them apart.",
                    severity="warning",
                )


def _approvals(context: LintContext) -> None:
    """No approval before the drug's own first approval there, where the drug row states one; withdrawals come later."""
    base = context.base
    for claim_id, rows in base.approvals.items():
        claim = base.claims.get(claim_id)
        granted: dict[str, int] = {}
        for row in rows:
            if row.year is not None and row.status != "withdrawn":
                granted[row.jurisdiction] = min(row.year, granted.get(row.jurisdiction, row.year))
        for row in rows:
            if row.year is None:
                continue
            key = (row.claim_id, row.jurisdiction, str(row.year), row.status, row.label)
            for drug in claim.drugs if claim is not None else ():
                first = first_approvals(base.drugs[drug].first_approvals) if drug in base.drugs else {}
                if row.year < first.get(row.jurisdiction, row.year):
                    message = f"year {row.year}, but {drug} was first approved in {first[row.jurisdiction]}"
                    context.add("approvals", key, "year", message, "Correct the year or the drug.")
            if row.status == "withdrawn" and row.year < granted.get(row.jurisdiction, row.year):
                message = f"withdrawn in {row.year}, before the approval of {granted[row.jurisdiction]}"
                context.add("approvals", key, "year", message, "Correct one of the years.")


def first_approvals(entries: Iterable[str]) -> dict[str, int]:
    """First approval by jurisdiction of entries such as ``US:2015``."""
    return {name: int(year) for name, _, year in (entry.partition(":") for entry in entries)}


def _diagnostics(context: LintContext, today: date | None) -> None:
    for claim_id, rows in context.base.diagnostics.items():
        for row in rows:
            key = (row.claim_id, row.device, row.jurisdiction)
            if today is not None and row.year is not None and row.year > today.year:
                message = f"year {row.year} lies after the release ({today.year})"
                context.add("diagnostics", key, "year", message, "Correct the year or the manifest's date.")
            claim = context.base.claims.get(claim_id)
            if claim is not None and claim.implication != "therapeutic":
                message = f"{claim_id} is {claim.implication}, but a companion diagnostic belongs to a therapy"
                context.add("diagnostics", key, "claim_id", message, "Name the therapeutic claim.")


def _drugs(context: LintContext) -> None:
    for drug in context.base.drugs.values():
        stated = [column for column in ("cost_band", "cost_country", "cost_date") if getattr(drug, column)]
        if stated and len(stated) < 3:
            message = "a cost needs band, country and date"
            context.add("drugs", (drug.drug,), stated[0], message, "Give all three, or none.")
