"""``targetboard cohort``: tables, figures and overview page over all samples, and the gate that fails a run."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, PartialFailure, UsageError


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "cohort",
        help="overview of all samples of a run: tables, page, figures; with --gate, fail if one failed",
        allow_abbrev=False,
    )
    parser.add_argument("--samples", metavar="FILE", type=Path, help="sample sheet")
    parser.add_argument("--results", metavar="DIR", type=Path, help="folder with <sample>/<sample>.json")
    parser.add_argument(
        "--gate", metavar="FILE", type=Path, help="failures.tsv: write complete.txt, or exit 7 with the failures"
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="folder for the tables, the page and the figures"
    )
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Tabulate, or judge an earlier table."""
    if options.gate:
        return _gate(options.gate, options.out)
    if not options.samples or not options.results:
        raise UsageError("--samples and --results are needed", where="targetboard cohort", remedy="Or give --gate")
    from targetboard.cohort.collect import collect
    from targetboard.cohort.outputs import write_outputs
    from targetboard.samples import load_samples

    write_outputs(collect(_documents(options.results, list(load_samples(options.samples)))), options.out)
    return ExitCode.OK


def _documents(results: Path, sample_ids: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The documents in the order of the sheet, one in memory at a time."""
    from targetboard.commands.report import read_document
    from targetboard.progress import Progress

    with Progress("cohort", "documents", len(sample_ids)) as progress:
        for sample_id in sample_ids:
            yield read_document(results / sample_id / f"{sample_id}.json")
            progress.advance()


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
            place = f"{where}: " if where else ""
            print(f"failed: {sample_id} (exit {code}): {place}{what}. {remedy}", file=sys.stderr)
        raise PartialFailure(
            f"{len(lines) - 1} samples failed", where=str(failures), remedy="The reports of all others are complete"
        )
    out.mkdir(parents=True, exist_ok=True)
    with atomic_path(out / "complete.txt") as path:
        path.write_text("Every sample was analysed.\n", encoding="utf-8", newline="\n")
    return ExitCode.OK
