"""What 100, 1,000 and 10,000 panel samples cost on a cluster: a table computed from figures measured on one machine.

    python tests/benchmarks/cluster_costs.py                   # the table of workflow/profiles/slurm/README.md
    python tests/benchmarks/cluster_costs.py --annotate 0.8    # with figures of your own

Time in the queue is not in it, nor the cohort's tables, which are made where Snakemake runs.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from math import ceil
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from targetboard.batches.assignment import batch_count, batch_size_of

CASES: tuple[tuple[int, int | str], ...] = (
    (100, "auto"),
    (1_000, "auto"),
    (1_000, 500),
    (10_000, "auto"),
    (10_000, 500),
)
"""Samples of the sheet, and ``execution.batch_size``."""


@dataclass(slots=True, frozen=True)
class Measured:
    """Figures of one machine.

    Attributes
    ----------
    annotate, report
        Seconds of CPU a sample.
    start, start_per_row
        Seconds of CPU of one start of Snakemake, and what a row of the sheet adds to it; a job starts it twice.
    notice
        Seconds until the end of a job is noticed.
    disk
        Megabytes of results a sample.
    """

    annotate: float = 0.40
    report: float = 0.04
    start: float = 1.29
    start_per_row: float = 0.000045
    notice: float = 30.0
    disk: float = 0.83


def row(measured: Measured, samples: int, size: int | str, cores: int) -> str:
    """One line of the table."""
    batches = batch_count(samples, batch_size_of(size, samples))
    start = measured.start + measured.start_per_row * samples
    work = samples * (measured.annotate + measured.report)
    starting = 2 * batches * 2 * start
    longest = 2 * start + samples / batches * measured.annotate
    wall = start + sum(
        ceil(batches / cores) * (2 * start + samples / batches * cost) + measured.notice
        for cost in (measured.annotate, measured.report)
    )
    cells = (
        f"{samples:,}",
        f"{size}",
        f"{2 * batches}",
        f"{longest / 60:.1f} min",
        f"{(work + starting) / 3600:.2f} h",
        f"{starting / (work + starting):.0%}",
        f"{wall / 60:.1f} min",
        f"{samples * measured.disk / 1000:.1f} GB",
    )
    return f"| {' | '.join(cells)} |"


def table(measured: Measured, cores: int) -> str:
    """The whole table."""
    head = (
        f"| samples | batch_size | jobs | a job of annotate | CPU | of it starting | wall, {cores} cores | results |\n"
        "|---|---|---|---|---|---|---|---|"
    )
    return "\n".join([head, *(row(measured, samples, size, cores) for samples, size in CASES)])


def main(arguments: list[str]) -> None:
    """Print the table."""
    usual = Measured()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--annotate", type=float, default=usual.annotate, help="seconds of CPU a sample")
    parser.add_argument("--report", type=float, default=usual.report, help="seconds of CPU a sample")
    parser.add_argument("--start", type=float, default=usual.start, help="seconds of CPU of a start of Snakemake")
    parser.add_argument("--cores", type=int, default=32, help="jobs that run at a time")
    chosen = parser.parse_args(arguments)
    sys.stdout.write(table(Measured(chosen.annotate, chosen.report, chosen.start), chosen.cores) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
