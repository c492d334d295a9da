"""The user's list of trials: a table with the columns of ``trials.tsv``, checked against the knowledge base."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

from targetboard.action.tumour_types import ANY, ANY_SOLID, DISEASE_PREFIX
from targetboard.errors import KnowledgeError, UsageError
from targetboard.inputs.reading import TableRow, read_table
from targetboard.knowledge.profiles import profile_terms, term_is_known
from targetboard.knowledge.records import KnowledgeBase, Trial

DESIGNS = ("single", "basket", "umbrella", "platform")
STATUSES = (
    "recruiting",
    "not_yet_recruiting",
    "enrolling_by_invitation",
    "active_not_recruiting",
    "suspended",
    "terminated",
    "completed",
    "withdrawn",
    "unknown",
)
SPECIMENS = ("tissue", "plasma", "blood", "marrow")
NEEDED = ("trial_id", "title", "design")

Fault = tuple[str, str]
Check = Callable[[Sequence[str], KnowledgeBase], Fault | None]


@dataclass(slots=True, frozen=True)
class UserTrials:
    """Trials of a file, with its name as reports show it."""

    name: str
    trials: tuple[Trial, ...]


def read_trials(path: Path, kb: KnowledgeBase) -> UserTrials:
    """Read and check a list of trials.

    Parameters
    ----------
    path
        Tab-separated, with the columns of ``trials.tsv`` by name, in any order; ``trial_id``, ``title`` and ``design``
        must be there. Lists are joined by ``|``.
    kb
        Knowledge base whose biomarkers, alterations, markers and tumour types the rows may name.

    Raises
    ------
    UsageError
        For a missing file, an unknown column, or a cell that is not of its form or names what the knowledge base lacks.
    MalformedInput
        If it is no such table.
    """
    known = {field.name for field in fields(Trial)}
    trials: dict[str, Trial] = {}
    for row in read_table(path, [(name,) for name in NEEDED]):
        unknown = sorted(set(row.cells) - known)
        if unknown:
            raise UsageError(
                f"column {unknown[0]!r} is unknown", where=str(path), remedy=f"Columns are {', '.join(sorted(known))}"
            )
        trial = _trial(row, path, kb)
        if trial.key in trials:
            raise UsageError(
                f"trial {trial.key} stands twice",
                where=f"{path}, line {row.line}",
                remedy="Keep one row a trial and arm",
            )
        trials[trial.key] = trial
    return UserTrials(path.name, tuple(trials.values()))


def _trial(row: TableRow, path: Path, kb: KnowledgeBase) -> Trial:
    values: dict[str, str | int | tuple[str, ...] | None] = {}
    for field in fields(Trial):
        cell = row.cells.get(field.name, "")
        fault = _fault(field.name, cell, kb)
        if fault:
            raise UsageError(fault[0], where=f"{path}, line {row.line}, column {field.name}", remedy=fault[1])
        if field.name in _LISTS:
            values[field.name] = _items(cell)
        elif field.name in _NUMBERS:
            values[field.name] = int(cell) if cell else None
        else:
            values[field.name] = cell
    trial = Trial(**values)  # type: ignore[arg-type]  # every field was read by its own type
    if trial.age_min is not None and trial.age_max is not None and trial.age_min > trial.age_max:
        raise UsageError(
            f"age_min {trial.age_min} lies above age_max {trial.age_max}",
            where=f"{path}, line {row.line}",
            remedy="Swap or correct them",
        )
    return trial


def _items(cell: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in cell.split("|")) if cell else ()


def _fault(column: str, cell: str, kb: KnowledgeBase) -> Fault | None:
    """What is wrong with a cell, and the remedy; None where it is of its form."""
    if not cell:
        return ("the cell is empty", "Fill it in") if column in NEEDED else None
    items = _items(cell) if column in _LISTS else (cell,)
    if "" in items:
        return (f"{cell!r} has an empty item", "Join items by one |")
    check = _CHECKS.get(column)
    return check(items, kb) if check is not None else None


def _form(pattern: str, remedy: str) -> Check:
    wanted = re.compile(pattern)

    def check(items: Sequence[str], _: KnowledgeBase) -> Fault | None:
        odd = next((item for item in items if wanted.fullmatch(item) is None), None)
        return None if odd is None else (f"{odd!r} does not have the form the column needs", remedy)

    return check


def _one_of(*allowed: str) -> Check:
    def check(items: Sequence[str], _: KnowledgeBase) -> Fault | None:
        odd = next((item for item in items if item not in allowed), None)
        return None if odd is None else (f"{odd!r} is not allowed", f"Use one of {', '.join(allowed)}")

    return check


def _biomarkers(items: Sequence[str], kb: KnowledgeBase) -> Fault | None:
    odd = next((item for item in items if item not in kb.biomarkers), None)
    if odd is None:
        return None
    return (f"{odd!r} is no biomarker of the knowledge base", "Use an id of biomarkers.tsv, or the column profile")


def _tumour_types(items: Sequence[str], kb: KnowledgeBase) -> Fault | None:
    for item in items:
        if item not in kb.tumour_types and item not in (ANY, ANY_SOLID) and not item.startswith(DISEASE_PREFIX):
            return (f"{item!r} is no tumour type", "Use OncoTree codes, ANY_SOLID, ANY or disease:NAME")
    return None


def _profile(items: Sequence[str], kb: KnowledgeBase) -> Fault | None:
    try:
        terms = profile_terms(items[0])
    except KnowledgeError as error:
        return (error.what, error.remedy)
    for term in terms:
        if not term_is_known(term, kb):
            return (f"{term.name!r} is no alteration or marker of the knowledge base", "Correct it")
    return None


_LISTS = frozenset(field.name for field in fields(Trial) if field.type == "tuple[str, ...]")
_NUMBERS = frozenset(field.name for field in fields(Trial) if field.type == "int | None")
_CHECKS: Mapping[str, Check] = {
    "trial_id": _form(r"[A-Za-z0-9][A-Za-z0-9_.-]*", "Use letters, digits, dot, underscore and hyphen"),
    "design": _one_of(*DESIGNS),
    "status": _one_of(*STATUSES),
    "specimens": _one_of(*SPECIMENS),
    "access_date": _form(r"\d{4}-\d{2}-\d{2}", "Write YYYY-MM-DD"),
    "status_as_of": _form(r"\d{4}(-\d{2}(-\d{2})?)?", "Write YYYY, YYYY-MM or YYYY-MM-DD"),
    "countries": _form(r"[A-Z]{2}", "Use ISO 3166 codes of two letters"),
    "url": _form(r"https://\S+", "Give an https address"),
    "age_min": _form(r"\d{1,3}", "Give whole years"),
    "age_max": _form(r"\d{1,3}", "Give whole years"),
    "biomarkers": _biomarkers,
    "tumour_types": _tumour_types,
    "excluded_tumour_types": _tumour_types,
    "profile": _profile,
}
