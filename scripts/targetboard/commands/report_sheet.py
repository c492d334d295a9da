"""``targetboard report --manifest``: the documents of a sample sheet, rendered by one process."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from targetboard.batches.running import Task, chosen_samples, digest, run_tasks
from targetboard.errors import TargetboardError, UsageError
from targetboard.provenance import code_fingerprint, file_sha256
from targetboard.signing.files import SignOutFiles, sign_out_digest, sign_out_state


def render_samples(options: argparse.Namespace) -> int:
    """Render ``DIR/<sample>/<sample>.json`` of every sample; see :func:`targetboard.batches.running.run_tasks`."""
    from targetboard.commands.report import FORMATS, read_with_sign_out, write_formats

    if options.document is not None:
        raise UsageError(
            "--document and --manifest exclude each other",
            where="targetboard report",
            remedy="With --manifest the documents lie in DIR/<sample> of --out DIR",
        )
    samples = chosen_samples(options)
    names = list(dict.fromkeys(options.format or ["html"]))
    code = code_fingerprint("report")

    def tasks() -> Iterator[Task]:
        for name, sample in samples.items():
            folder = options.out / name
            outputs = [f"{name}{FORMATS[form].suffix}" for form in names]
            document = folder / f"{name}.json"
            content = file_sha256(document) if document.is_file() else ""
            signed = sign_out_digest(SignOutFiles(options.signatures or folder, name))
            key = digest(content, signed, code, *names)
            yield Task(sample, folder, sign_out_state(folder, name), key, outputs)

    def make(task: Task) -> TargetboardError | None:
        name = task.sample.sample_id
        document = read_with_sign_out(task.folder / f"{name}.json", options.signatures)
        write_formats(document, names, task.folder, flush=False)
        return None

    def give_up(task: Task, error: TargetboardError) -> bool:
        return False

    return run_tasks("report", tasks(), len(samples), options, make, give_up)
