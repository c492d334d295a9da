"""Custom content for MultiQC: the cohort's figures beside those of sequencing and alignment tools.

Files that end in ``_mqc.json`` are found by MultiQC wherever it searches
(https://docs.seqera.io/multiqc/custom_content); ``multiqc_config.yaml`` sets title and order, and keeps the names of
samples as they are. MultiQC prints the cells of its tables as HTML, so every text of a document is escaped here.
"""

from __future__ import annotations

import html
import json
from collections.abc import Mapping, Sequence
from typing import Any

from targetboard.cohort.collect import Cohort
from targetboard.cohort.facts import OUTCOMES
from targetboard.cohort.page_view import OUTCOME_WORDS
from targetboard.cohort.summary import TumourGroup
from targetboard.cohort.tables import COLUMNS
from targetboard.report.sections.text import printable
from targetboard.report.sections.words import DRIVER_CLASSES

OUTCOME_COLOURS = dict(
    zip(OUTCOMES, ("#0b4a63", "#2f7896", "#7fb0c4", "#bcd8e3", "#f0bd62", "#dde2e7", "#9b1c1c"), strict=True)
)
CLASS_COLOURS = dict(
    zip(DRIVER_CLASSES, ("#0b4a63", "#2f7896", "#c3ccd5", "#f0bd62", "#e3e7eb", "#f2f4f6"), strict=True)
)

CONFIG = """\
# MultiQC: multiqc --config multiqc_config.yaml .
title: "targetboard cohort"
intro_text: "Overview of actionable targets. Not a report: the report of a sample has the conditions of each statement."
no_version_check: true
fn_clean_sample_names: false
custom_content:
  order:
    - targetboard_outcomes
    - targetboard_classes
    - targetboard_failures
"""


def multiqc_files(cohort: Cohort, groups: Sequence[TumourGroup]) -> dict[str, str]:
    """Text of each file by its name."""
    contents = {
        "targetboard_general_mqc.json": _general(cohort),
        "targetboard_outcomes_mqc.json": _outcomes(groups),
        "targetboard_classes_mqc.json": _classes(cohort),
        "targetboard_failures_mqc.json": _failures(cohort),
    }
    files = {
        name: json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        for name, content in contents.items()
        if content is not None
    }
    return {**files, "multiqc_config.yaml": CONFIG}


def _section(identifier: str, name: str, description: str, plot_type: str, **rest: object) -> dict[str, Any]:
    return {
        "id": identifier,
        "section_name": name,
        "description": description,
        "plot_type": plot_type,
        **rest,
    }


def _cell(text: str) -> str:
    return html.escape(printable(text))


def _general(cohort: Cohort) -> dict[str, Any]:
    at = {name: COLUMNS.index(name) for name in ("validated_driver", "likely_driver", "warnings")}
    data: dict[str, dict[str, Any]] = {}
    for sample, row in zip(cohort.samples, cohort.rows, strict=True):
        cells: dict[str, Any] = {"status": "failed" if sample.failed else "complete"}
        if not sample.failed:
            cells |= {
                "outcome": sample.outcome,
                "validated": int(row[at["validated_driver"]]),
                "likely": int(row[at["likely_driver"]]),
                "adequacy": sample.adequacy.replace("_", " "),
                "warnings": int(row[at["warnings"]]),
            }
        data[_cell(sample.sample_id)] = cells
    headers: dict[str, dict[str, Any]] = {
        "status": {"title": "Status", "description": "Whether the sample was analysed"},
        "outcome": {"title": "Outcome", "description": "Best tier of a statement of response with met biomarkers"},
        "validated": {"title": "Validated", "description": "Validated driver variants", "format": "{:d}", "min": 0},
        "likely": {"title": "Likely", "description": "Likely driver variants", "format": "{:d}", "min": 0},
        "adequacy": {"title": "Adequacy", "description": "Verdict on the sample"},
        "warnings": {"title": "Warnings", "description": "Warnings of the analysis", "format": "{:d}", "min": 0},
    }
    for name, header in headers.items():
        header["namespace"] = "targetboard"
        if name in ("validated", "likely", "warnings"):
            header["scale"] = "Blues"
    return {
        "id": "targetboard_general",
        "plot_type": "generalstats",
        "headers": headers,
        "data": data,
    }


def _outcomes(groups: Sequence[TumourGroup]) -> dict[str, Any] | None:
    data = {
        _cell(f"{group.name} ({group.code})"): dict(zip(OUTCOMES, group.outcomes, strict=True))
        for group in groups
        if group.complete
    }
    if not data:
        return None
    return _section(
        "targetboard_outcomes",
        "Actionable share",
        "Complete samples by the best AMP/ASCO/CAP tier among their statements of response, by tumour type.",
        "bargraph",
        pconfig={"id": "targetboard_outcomes_plot", "title": "targetboard: outcomes", "ylab": "samples"},
        categories={name: {"name": OUTCOME_WORDS[name], "color": OUTCOME_COLOURS[name]} for name in OUTCOMES},
        data=data,
    )


def _classes(cohort: Cohort) -> dict[str, Any] | None:
    data: dict[str, Mapping[str, int]] = {
        _cell(row[0]): {name: int(row[COLUMNS.index(name)]) for name in DRIVER_CLASSES}
        for sample, row in zip(cohort.samples, cohort.rows, strict=True)
        if not sample.failed
    }
    if not data:
        return None
    return _section(
        "targetboard_classes",
        "Classes of variants",
        "Reported variants of each sample by class. Only validated drivers can carry a treatment.",
        "bargraph",
        pconfig={"id": "targetboard_classes_plot", "title": "targetboard: classes of variants", "ylab": "variants"},
        categories={
            name: {"name": entry.label, "color": CLASS_COLOURS[name]} for name, entry in DRIVER_CLASSES.items()
        },
        data=data,
    )


def _failures(cohort: Cohort) -> dict[str, Any]:
    section = {
        "identifier": "targetboard_failures",
        "name": "Failed samples",
        "description": "Samples that could not be analysed; nothing can be said about them.",
    }
    if not cohort.failures:
        return _section(**section, plot_type="html", data="<p>None: every sample was analysed.</p>")
    data = {
        _cell(row[0]): {"exit_code": row[1], "what": _cell(row[2]), "remedy": _cell(row[4])} for row in cohort.failures
    }
    return _section(
        **section,
        plot_type="table",
        pconfig={"id": "targetboard_failures_table", "title": "targetboard: failed samples"},
        headers={
            "exit_code": {"title": "Exit code"},
            "what": {"title": "What"},
            "remedy": {"title": "Remedy"},
        },
        data=data,
    )
