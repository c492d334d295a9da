"""The table for tumour boards of one sample (``ID.actions.tsv``), made from the document and nothing else.

One line for each statement on a treatment, in the document's order: what a found biomarker says (``claim``), a known
resistance alteration that was found (``resistance_found``) and what to watch for under a proposed treatment
(``resistance_to_watch``). Every line rests on a validated biomarker of this sample: treatments that were held back, and
options of the tumour type that need no biomarker, stand in the report. ``state`` tells whether the biomarker is met or
open, and the three columns of conditions what speaks for and against in this patient.

UTF-8, tab-separated, LF; empty cells mean "not available"; lists are joined by ``|``. Cells are guarded against
spreadsheet formulas as in the table of variants (:mod:`targetboard.report.variants_tsv`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from targetboard.report.cells import neutralise
from targetboard.report.sections.text import printable
from targetboard.report.sections.variant import name_of

Document = Mapping[str, Any]
Row = Mapping[str, Any]
Read = Callable[[Document, Row], str]


def _text(name: str) -> Read:
    return lambda document, row: str(row.get(name) or "")


def _listed(name: str) -> Read:
    return lambda document, row: "|".join(row.get(name, ()))


def _conditions(state: str) -> Read:
    return lambda document, row: "|".join(
        found["text"] for found in row.get("conditions", ()) if found["state"] == state
    )


def _tumour_type(document: Document, row: Row) -> str:
    tumour, condition = document["sample"]["tumour_type"], document["sample"]["condition"]
    return str(tumour["code"]) if tumour else str(condition or "")


def _variants(document: Document, row: Row) -> str:
    return "|".join(name_of(document["variants"][index]) for index in row.get("variants", ()))


def _alleles(document: Document, row: Row) -> str:
    named = (document["variants"][index] for index in row.get("variants", ()))
    return "|".join(f"{found['chrom']}-{found['pos']}-{found['ref']}-{found['alt']}" for found in named)


def _vafs(document: Document, row: Row) -> str:
    vafs = (document["variants"][index]["vaf"] for index in row.get("variants", ()))
    return "|".join("" if vaf is None else repr(vaf) for vaf in vafs)


def _events(document: Document, row: Row) -> str:
    named = set(row.get("biomarkers", ()))
    return "|".join(found["label"] for found in document["events"] if named & set(found["alterations"]))


def _approvals(document: Document, row: Row) -> str:
    return "|".join(
        " ".join(part for part in (found["jurisdiction"], str(found["year"] or ""), found["status"]) if part)
        for found in row.get("approvals", ())
    )


def _devices(document: Document, row: Row) -> str:
    return "|".join(f"{found['device']} ({found['jurisdiction']})" for found in row.get("devices", ()))


def _is_companion(document: Document, row: Row) -> str:
    if not row.get("devices"):
        return ""
    return "yes" if any(found["is_this_assay"] for found in row["devices"]) else "no"


COLUMNS: Mapping[str, Read] = MappingProxyType(
    {
        "sample_id": lambda document, row: str(document["sample"]["sample_id"]),
        "tumour_type": _tumour_type,
        "row": _text("row"),
        "id": _text("id"),
        "biomarker": _text("biomarker"),
        "state": _text("state"),
        "direction": _text("direction"),
        "drugs": _listed("drugs"),
        "regimen": _text("regimen"),
        "modality": _listed("modality"),
        "implication": _text("implication"),
        "amp": _text("amp"),
        "amp_basis": _text("amp_basis"),
        "escat": _text("escat"),
        "evidence_level": _text("evidence_level"),
        "evidence_basis": _text("evidence_basis"),
        "tumour_match": _text("tumour_match"),
        "claim_tumour_types": _listed("claim_tumour_types"),
        "approvals": _approvals,
        "conditions_met": _conditions("met"),
        "conditions_not_met": _conditions("not_met"),
        "conditions_unknown": _conditions("unknown"),
        "would_settle": _listed("unknown"),
        "companion_diagnostics": _devices,
        "assay_is_companion": _is_companion,
        "biomarker_ids": _listed("biomarkers"),
        "variants": _variants,
        "alleles": _alleles,
        "vafs": _vafs,
        "events": _events,
        "after": _listed("after"),
        "next_line": _listed("next_line"),
        "conflicts_with": _listed("conflicts_with"),
        "side_effects": _listed("side_effects"),
        "monitoring": _listed("monitoring"),
        "costs": _listed("costs"),
        "sources": _listed("sources"),
        "verified_in": _text("verified_in"),
        "note": _text("note"),
    }
)
"""Column name and how its cell is read, in the order of the table."""


def actions_tsv(document: Document) -> str:
    """The table as text; a failed sample, and one without any statement on a treatment, gives the header line alone.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in action_rows(document):
        writer.writerow([printable(neutralise(read(document, row))) for read in COLUMNS.values()])
    return table.getvalue()


def action_rows(document: Document) -> Iterable[Row]:
    """What the lines of the table are read from: claims, then resistance found and to watch."""
    for claim in document["therapies"]:
        yield {**claim, "row": "claim", "id": claim["claim_id"]}
    for found in document["resistance"]:
        kept = {name: found[name] for name in ("after", "next_line", "variants", "sources", "verified_in")}
        yield {
            **kept,
            "row": f"resistance_{found['kind']}",
            "id": found["alteration_id"],
            "biomarker": found["mechanism"],
            "biomarkers": [found["alteration_id"]],
        }
