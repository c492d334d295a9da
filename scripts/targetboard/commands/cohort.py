"""``targetboard cohort``: one table over all samples, the table of failures, and the gate that fails a run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from targetboard.errors import ExitCode, PartialFailure, UsageError


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "cohort", help="tabulate all samples of a run; with --gate, fail if one failed", allow_abbrev=False
    )
    parser.add_argument("--samples", metavar="FILE", type=Path, help="sample sheet")
    parser.add_argument("--results", metavar="DIR", type=Path, help="folder with <sample>/<sample>.json")
    parser.add_argument(
        "--gate", metavar="FILE", type=Path, help="failures.tsv: write complete.txt, or exit 7 with the failures"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the tables")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tabulate, or judge an earlier table."""
    if options.gate:
        return _gate(options.gate, options.out)
    if not options.samples or not options.results:
        raise UsageError("--samples and --results are needed", where="targetboard cohort", remedy="Or give --gate")
    from targetboard.cohort.tables import COLUMNS, FAILURE_COLUMNS, as_tsv, failure_row, sample_row
    from targetboard.commands.report import read_document
    from targetboard.files import atomic_path
    from targetboard.samples import load_samples

    rows, failures = [], []
    for sample_id in load_samples(options.samples):
        document = read_document(options.results / sample_id / f"{sample_id}.json")
        rows.append(sample_row(document))
        if document["status"] == "failed":
            failures.append(failure_row(document))
    options.out.mkdir(parents=True, exist_ok=True)
    for name, columns, table in (("samples.tsv", COLUMNS, rows), ("failures.tsv", FAILURE_COLUMNS, failures)):
        with atomic_path(options.out / name) as path:
            path.write_text(as_tsv(columns, table), encoding="utf-8", newline="\n")
    return ExitCode.OK


def _gate(failures: Path, out: Path) -> int:
    from targetboard.files import atomic_path

    try:
        lines = failures.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise UsageError(
            "the table of failures does not exist", where=str(failures), remedy="Run targetboard cohort first"
        ) from None
    if len(lines) > 1:
        for line in lines[1:]:
            sample_id, code, what, where, remedy = line.split("\t")
            print(f"failed: {sample_id} (exit {code}): {where}: {what}. {remedy}", file=sys.stderr)
        raise PartialFailure(
            f"{len(lines) - 1} samples failed", where=str(failures), remedy="The reports of all others are complete"
        )
    out.mkdir(parents=True, exist_ok=True)
    with atomic_path(out / "complete.txt") as path:
        path.write_text("Every sample was analysed.\n", encoding="utf-8", newline="\n")
    return ExitCode.OK
