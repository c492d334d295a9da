"""What the workbook holds, as plain tables of text and numbers; no spreadsheet library here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from targetboard.report import actions_tsv, variants_tsv
from targetboard.report.sections.marks import Mark, marks_on, marks_under
from targetboard.report.sections.negatives import checked
from targetboard.report.sections.section import Document, added
from targetboard.report.sections.therapies import fault_of
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.signing.status import judgements, sign_out

Cell = str | int | float | None


@dataclass(slots=True, frozen=True)
class Sheet:
    """One sheet: its columns with their widths in characters, and its rows.

    ``is_list`` is a sheet of labels and values without a header line.
    """

    name: str
    columns: tuple[tuple[str, int], ...]
    rows: tuple[tuple[Cell, ...], ...]
    is_list: bool = False


_WIDE = frozenset(
    {
        *("approvals", "conditions_met", "conditions_not_met", "conditions_unknown", "would_settle", "side_effects"),
        *("monitoring", "sources", "verified_in", "class_reason", "evidence_basis", "companion_diagnostics", "note"),
        *("costs", "amp_basis", "biomarker", "drugs", "regimen", "reviewer"),
    }
)
_FIRST_ACTIONS = ("biomarker", "direction", "drugs", "regimen", "amp", "escat", "approvals", "state")
_FIRST_VARIANTS = ("gene", "hgvsp", "hgvsc", "driver_class", "vaf", "depth", "amp", "escat", "flags")


def sheets(document: Document) -> tuple[Sheet, ...]:
    """Sheets of a sample in their order; a failed sample has no results to show."""
    if document["status"] == "failed":
        return (_summary(document), _limits(document))
    return (
        _summary(document),
        _actions(document),
        _variants(document),
        _negatives(document),
        _markers(document),
        _trials(document),
        _limits(document),
    )


def _summary(document: Document) -> Sheet:
    sample, clinical, status = document["sample"], document["sample"]["clinical"], sign_out(document)
    tumour = sample["tumour_type"]
    adequacy = added(document, "adequacy")
    pipeline = document["provenance"]["pipeline"]
    error = document["error"] or {}
    rows: list[tuple[Cell, ...]] = [
        ("Status", status["banner"]),
        ("", status["statement"]),
        ("Use", "Research use unless validated by the laboratory. A match does not mean the drug will work."),
        ("Patient", sample["patient_id"]),
        ("Sample", sample["sample_id"]),
        ("Specimen", clinical.get("specimen_id", "")),
        ("Run or library", clinical.get("run_id", "")),
        ("Collected on", clinical.get("collection_date", "")),
        ("Report date", clinical.get("report_date", "")),
        ("Tumour type", f"{tumour['name']} ({tumour['code']})" if tumour else sample["condition"]),
        ("Tumour purity", sample["purity"]),
        ("Assembly", sample["assembly"]),
        ("Prior therapies", clinical.get("prior_therapies", "").replace("|", ", ")),
        ("Sample quality", "; ".join([adequacy["verdict"].replace("_", " "), *adequacy["reasons"]])),
        ("Knowledge", ", ".join(f"{k['release']} ({k['date']})" for k in document["provenance"]["knowledge"])),
        ("Software", f"{pipeline['name']} {pipeline['version']}"),
    ]
    rows += [("Error", str(value)) for key, value in error.items() if value]
    hidden = germline_is_hidden(document)
    rows += [
        ("Summary" if position == 0 else "", line["text"])
        for position, line in enumerate(
            line for line in document["headline"] if not (hidden and line["kind"] == "germline")
        )
    ]
    rows += [("Reviewer differs", text) for text in judgements(document)]
    return Sheet("Summary", (("Item", 18), ("Value", 110)), tuple(rows), is_list=True)


def _columns(names: Iterable[str], narrow: int = 13) -> tuple[tuple[str, int], ...]:
    return tuple((name, 34 if name in _WIDE else narrow) for name in names)


def _in_order(first: tuple[str, ...], names: Iterable[str]) -> tuple[str, ...]:
    """Columns a tumour board reads first, then all others in the order of the table."""
    return (*first, *(name for name in names if name not in first))


def _said(marks: Iterable[Mark]) -> str:
    return "; ".join(f"{m.subject}: {m.field} {m.machine} → {m.reviewed} ({m.by}: {m.reason})" for m in marks)


def _actions(document: Document) -> Sheet:
    """Lines of the action table, less claims that fail the check of the report, with what a reviewer changed."""
    names = _in_order(_FIRST_ACTIONS, actions_tsv.COLUMNS)
    positions = {claim["claim_id"]: index for index, claim in enumerate(document["therapies"])}
    rows = []
    for row in actions_tsv.action_rows(document):
        is_claim = row["row"] == "claim"
        if is_claim and fault_of(dict(row), document):
            continue
        cells = [actions_tsv.COLUMNS[name](document, row).replace("|", "\n") for name in names]
        rows.append((*cells, _said(marks_under(document, positions[row["id"]])) if is_claim else ""))
    return Sheet("Actions", _columns((*names, "reviewer")), tuple(rows))


def _variants(document: Document) -> Sheet:
    names = _in_order(_FIRST_VARIANTS, variants_tsv.COLUMNS)
    rows = [
        (
            *(variants_tsv.COLUMNS[name](document, variant) for name in names),
            _said(marks_on(document, "variant", index)),
        )
        for index, variant in enumerate(document["variants"])
    ]
    return Sheet("Variants", _columns((*names, "reviewer")), tuple(rows))


def _negatives(document: Document) -> Sheet:
    keys = ("gene", "label", "state", "depth_lowest", "depth_mean", "power", "detectable", "reason")
    rows = tuple(tuple(entry[key] for key in keys) for entry in checked(document))
    return Sheet("Negatives", tuple((key, 60 if key == "reason" else 16) for key in keys), rows)


def _markers(document: Document) -> Sheet:
    keys = ("marker_id", "label", "state", "value", "unit", "cutoff", "method", "reason")
    rows = tuple(tuple(marker[key] for key in keys) for marker in document["markers"])
    return Sheet("Markers", tuple((key, 40 if key in ("label", "reason") else 16) for key in keys), rows)


def _trials(document: Document) -> Sheet:
    """Trials with each criterion's state; the day its entry was read stands beside the status."""
    keys = ("trial_id", "title", "phase", "design", "arm", "state", "status", "accessed", "url")
    widths = {"title": 50, "url": 40, "arm": 24}
    rows = tuple(
        (
            *(trial.get(key) for key in keys),
            ", ".join(trial["countries"]),
            "\n".join(f"{c['criterion']}: {c['state']}, {c['text']}" for c in trial["criteria"]),
        )
        for trial in document.get("trials", ())
    )
    columns = (*((key, widths.get(key, 14)) for key in keys), ("countries", 14), ("criteria", 60))
    return Sheet("Trials", columns, rows)


def _limits(document: Document) -> Sheet:
    rows: list[tuple[Cell, ...]] = [("warning", text) for text in document["warnings"]]
    rows += [("limitation", entry["text"]) for entry in document["limitations"]]
    return Sheet("Limits", (("kind", 14), ("text", 120)), tuple(rows))
