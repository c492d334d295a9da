"""The tables of a cohort: one row a sample, one a failure, one a driver, one for each sample that a trial may admit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from targetboard.cohort.facts import SampleFacts
from targetboard.model import DRIVERS
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
    "response_outcome",
    "response_regimens",
    "resistance_found",
    "knowledge_release",
)
"""Columns of samples.tsv; ``response_outcome`` is defined in :data:`targetboard.cohort.facts.OUTCOMES`."""
FAILURE_COLUMNS = ("sample_id", "exit_code", "what", "where", "remedy")
ALTERATION_COLUMNS = (
    "sample_id",
    "tumour_type",
    "gene",
    "alteration",
    "kind",
    "consequence",
    "driver_class",
    "amp_tier",
    "escat_tier",
    "vaf",
    "flags",
)
TRIAL_COLUMNS = (
    "trial_id",
    "arm",
    "title",
    "phase",
    "design",
    "status",
    "status_as_of",
    "countries",
    "accessed",
    "drugs",
    "sample_id",
    "tumour_type",
    "state",
    "biomarkers_found",
    "criteria_met",
    "criteria_open",
    "url",
)
TIER_ORDER = ("I-A", "I-B", "II-C", "II-D", "III", "IV")


def sample_row(document: Mapping[str, Any], facts: SampleFacts) -> dict[str, str]:
    """Row of the cohort table for one document and its facts; classes are counts of variants."""
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
        "response_outcome": facts.outcome,
        "response_regimens": facts.drugs,
        "resistance_found": facts.resistance,
        "knowledge_release": " + ".join(release for release, _ in facts.knowledge),
    }


def failure_row(document: Mapping[str, Any]) -> dict[str, str]:
    """Row of the failure table for a failed document."""
    error = document["error"]
    return {
        "sample_id": document["sample"]["sample_id"],
        **{name: str(error[name]) for name in FAILURE_COLUMNS[1:]},
    }


def alteration_rows(samples: Iterable[SampleFacts]) -> Iterator[tuple[str, ...]]:
    """Drivers of all samples in long form: the matrix of genes and samples, one line a filled cell."""
    for sample in samples:
        for found in sample.alterations:
            yield (
                sample.sample_id,
                sample.tumour_type,
                found.gene,
                found.name,
                found.kind,
                found.consequence,
                found.driver_class,
                found.amp,
                found.escat,
                found.vaf,
                found.flags,
            )


def trial_rows(samples: Iterable[SampleFacts]) -> list[tuple[str, ...]]:
    """Samples by trial and arm, matches before what is possible, in the sheet's order."""
    found = [
        (match.trial.trial_id, match.trial.arm, match.state != "match", number, sample, match)
        for number, sample in enumerate(samples)
        for match in sample.trials
    ]
    found.sort(key=lambda entry: entry[:4])
    return [
        (
            trial_id,
            arm,
            match.trial.title,
            match.trial.phase,
            match.trial.design,
            match.trial.status,
            match.trial.status_as_of,
            match.trial.countries,
            match.trial.accessed,
            match.trial.drugs,
            sample.sample_id,
            sample.tumour_type,
            match.state,
            match.biomarkers,
            match.met,
            match.open_criteria,
            match.trial.url,
        )
        for trial_id, arm, _, _, sample, match in found
    ]


def as_tsv(columns: tuple[str, ...], rows: Iterable[Sequence[str]]) -> str:
    """Tab-separated text with a header line; cells that a spreadsheet would run as a formula are neutralised."""
    lines = ["\t".join(columns)]
    lines.extend("\t".join(neutralise(cell) for cell in row) for row in rows)
    return "\n".join(lines) + "\n"
