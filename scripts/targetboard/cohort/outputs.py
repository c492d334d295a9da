"""The files of a cohort, written whole or not at all."""

from __future__ import annotations

from pathlib import Path

from targetboard.cohort.collect import Cohort
from targetboard.cohort.multiqc import multiqc_files
from targetboard.cohort.page import cohort_page, oncoprint_svg, tiers_svg
from targetboard.cohort.summary import SUMMARY_COLUMNS, summary_rows, tumour_groups
from targetboard.cohort.tables import (
    ALTERATION_COLUMNS,
    COLUMNS,
    FAILURE_COLUMNS,
    TRIAL_COLUMNS,
    alteration_rows,
    as_tsv,
    trial_rows,
)
from targetboard.files import write_atomically

MULTIQC = "multiqc"


def write_outputs(cohort: Cohort, out: Path) -> None:
    """Write tables, page and figures into ``out`` and the content for MultiQC into ``out/multiqc``.

    A file of an earlier run that this one does not make is removed from ``out/multiqc``: MultiQC would read it.

    Raises
    ------
    UsageError
        If a folder cannot be written or the disk is full.
    """
    groups = tumour_groups(cohort.samples)
    files = {
        "samples.tsv": as_tsv(COLUMNS, cohort.rows),
        "failures.tsv": as_tsv(FAILURE_COLUMNS, cohort.failures),
        "summary.tsv": as_tsv(SUMMARY_COLUMNS, summary_rows(groups)),
        "alterations.tsv": as_tsv(ALTERATION_COLUMNS, alteration_rows(cohort.samples)),
        "trials.tsv": as_tsv(TRIAL_COLUMNS, trial_rows(cohort.samples)),
        "oncoprint.svg": oncoprint_svg(cohort),
        "tiers.svg": tiers_svg(groups),
        "cohort.html": cohort_page(cohort, groups),
    }
    folder = out / MULTIQC
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        write_atomically(out / name, text.encode("utf-8"))
    content = multiqc_files(cohort, groups)
    for name, text in content.items():
        write_atomically(folder / name, text.encode("utf-8"))
    for stale in sorted(folder.glob("targetboard_*_mqc.json")):
        if stale.name not in content:
            stale.unlink()
