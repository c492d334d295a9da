"""Options for the files that may stand beside a VCF."""

from __future__ import annotations

import argparse
from pathlib import Path

from targetboard.errors import UsageError
from targetboard.inputs.sample_inputs import SidePaths

_OPTIONS = (
    ("assay", "description of the assay: classes validated, limits of detection, minimum depth (YAML)"),
    ("coverage", "depth: mosdepth per-base, regions or thresholds, or a table per target"),
    ("cna", "copy number: allele-specific segments, CNVkit .call.cns, or gene and copies"),
    ("fusions", "fusions: Arriba, STAR-Fusion, or gene5 and gene3"),
    ("markers", "measured markers (PD-L1, HER2, MSI, TMB, germline tests …): marker_id and value"),
    ("trials", "trials of your own beside those of the knowledge tables, with the columns of trials.tsv"),
)


def add_side_options(parser: argparse.ArgumentParser) -> None:
    """Add one option a file; each is optional, and the report says what was not given."""
    for name, words in _OPTIONS:
        parser.add_argument(f"--{name}", metavar="FILE", type=Path, help=words)


def side_paths(options: argparse.Namespace) -> SidePaths:
    """Paths of the given files.

    Raises
    ------
    UsageError
        If a named file does not exist.
    """
    for name, _ in _OPTIONS:
        path = getattr(options, name)
        if path is not None and not path.is_file():
            raise UsageError("the file does not exist", where=str(path), remedy=f"Check --{name}")
    return SidePaths(options.assay, options.coverage, options.cna, options.fusions, options.markers, options.trials)
