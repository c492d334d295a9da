"""``targetboard annotate --manifest``: the rows of a sample sheet, each as if annotated by itself."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from targetboard.batches.running import Task, chosen_samples, digest, run_tasks
from targetboard.batches.settings import SampleKeys, Settings, parse_settings, sample_options
from targetboard.batches.shared_work import SharedWork
from targetboard.errors import TargetboardError, UsageError
from targetboard.samples import Sample


def annotate_samples(options: argparse.Namespace) -> int:
    """Annotate every sample of a sheet or of a batch of it; see :func:`targetboard.batches.running.run_tasks`.

    Raises
    ------
    UsageError
        If an option of a single sample is given too, or the sheet is wrong.
    KnowledgeError
        If the knowledge tables cannot be used: then no sample is touched.
    """
    from targetboard.commands.annotate import annotate_sample, outputs_of, write_failure
    from targetboard.commands.knowledge import knowledge_folders

    _no_single_options(options)
    settings = parse_settings(options.settings)
    samples = chosen_samples(options)
    shared = SharedWork(flush=False)
    base = shared.base(knowledge_folders(options.knowledge))
    keys = SampleKeys(settings)
    parser = _row_parser()
    chosen = dict(zip(settings.options, settings.options[1:], strict=False)).get("--annotated-vcf", "full")
    suffixes = outputs_of(chosen)

    def tasks() -> Iterator[Task]:
        for name, sample in samples.items():
            planned = keys.key(sample)
            key = digest(planned, shared.code, base.release, base.sha256)
            yield Task(sample, options.out / name, planned, key, [f"{name}{suffix}" for suffix in suffixes])

    def of_row(task: Task) -> argparse.Namespace:
        words = row_words(task.sample, settings, options.manifest, task.folder)
        row = parser.parse_args([*words, *(["--failure-document"] if options.failure_document else [])])
        row.knowledge = options.knowledge
        return row

    def make(task: Task) -> TargetboardError | None:
        return annotate_sample(of_row(task), shared, task.sample.values)

    def give_up(task: Task, error: TargetboardError) -> bool:
        if options.failure_document:
            write_failure(of_row(task), error, shared, task.sample.values)
        return bool(options.failure_document)

    return run_tasks("annotate", tasks(), len(samples), options, make, give_up)


def row_words(sample: Sample, settings: Settings, sheet: Path, folder: Path) -> list[str]:
    """The words of ``targetboard annotate`` for one row, without the knowledge."""
    return [
        *("--vcf", str(sample.vcf), "--sample-id", sample.sample_id, "--clinical", str(sheet), "--out", str(folder)),
        *sample_options(sample, settings),
    ]


def _row_parser() -> argparse.ArgumentParser:
    from targetboard.commands import annotate

    verbs = argparse.ArgumentParser(prog="targetboard").add_subparsers()
    annotate.register(verbs)
    parser: argparse.ArgumentParser = verbs.choices["annotate"]
    return parser


def _no_single_options(options: argparse.Namespace) -> None:
    names = ("vcf", "sample_id", "assembly", "tumour_type", "condition", "clinical", "purity")
    given = [f"--{name.replace('_', '-')}" for name in names if getattr(options, name) is not None]
    if given:
        raise UsageError(
            f"{given[0]} and --manifest exclude each other",
            where="targetboard annotate",
            remedy="The sheet says it for every sample",
        )
