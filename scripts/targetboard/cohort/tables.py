"""One row a sample, from the documents: what a laboratory scans after a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from targetboard.report.cells import neutralise

COLUMNS = (
    "sample_id",
    "status",
    "tumour_type",
    "assembly",
    "caller",
    "annotation",
    "records_in",
    "reported",
    "validated_driver",
    "likely_driver",
    "uncertain",
    "likely_passenger",
    "passenger",
    "not_evaluable",
    "adequacy",
    "best_tier",
    "drivers",
    "warnings",
    "error",
)
FAILURE_COLUMNS = ("sample_id", "exit_code", "what", "where", "remedy")
DRIVERS = ("validated_driver", "likely_driver")
TIER_ORDER = ("I-A", "I-B", "II-C", "II-D", "III", "IV")


def sample_row(document: Mapping[str, Any]) -> dict[str, str]:
    """Row of the cohort table for one document; classes are counts of variants."""
    variants = document["variants"]
    classes = Counter(variant["driver_class"] for variant in variants)
    tiers = {finding["tier"]["amp"] for finding in (*variants, *document["events"])}
    tumour = document["sample"]["tumour_type"]
    ledger = document["ledger"]
    error = document["error"]
    drivers = [
        f"{variant['gene']} {variant['hgvsp'] or variant['hgvsc'] or variant['ref'] + '>' + variant['alt']}"
        for variant in variants
        if variant["driver_class"] in DRIVERS
    ]
    drivers += [event["label"] for event in document["events"] if event["driver_class"] in DRIVERS]
    return {
        "sample_id": document["sample"]["sample_id"],
        "status": document["status"],
        "tumour_type": tumour["code"] if tumour else document["sample"]["condition"] or "",
        "assembly": document["sample"]["assembly"],
        "caller": document["caller"]["name"] if document["caller"] else "",
        "annotation": document["annotation"]["source"] if document["annotation"] else "",
        "records_in": str(ledger["records_in"]) if ledger else "",
        "reported": str(ledger["reported"]) if ledger else "",
        **{name: str(classes[name]) if ledger else "" for name in COLUMNS[8:14]},
        "adequacy": document["adequacy"]["verdict"] if ledger else "",
        "best_tier": next((tier for tier in TIER_ORDER if tier in tiers), ""),
        "drivers": "; ".join(drivers),
        "warnings": str(len(document["warnings"])),
        "error": error["what"] if error else "",
    }


def failure_row(document: Mapping[str, Any]) -> dict[str, str]:
    """Row of the failure table for a failed document."""
    error = document["error"]
    return {
        "sample_id": document["sample"]["sample_id"],
        **{name: str(error[name]) for name in FAILURE_COLUMNS[1:]},
    }


def as_tsv(columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> str:
    """Tab-separated text with a header line; cells that a spreadsheet would run as a formula are neutralised."""
    lines = ["\t".join(columns)]
    lines.extend("\t".join(neutralise(row[name]) for name in columns) for row in rows)
    return "\n".join(lines) + "\n"
