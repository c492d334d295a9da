"""``targetboard patient``: compare the documents of one patient; nothing but the documents is read."""

from __future__ import annotations

import argparse
from pathlib import Path

from targetboard.errors import ExitCode, UsageError


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "patient",
        help="compare the samples of one patient over time and sites",
        description="Writes PATIENT.patient.json and PATIENT.patient.html into DIR.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--documents",
        metavar="FILE",
        type=Path,
        nargs="+",
        required=True,
        help="<sample>.json of every sample, in the order of the sheet",
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the patient's files")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare, render, and write both files whole or not at all."""
    from contextlib import ExitStack

    from targetboard.commands.report import read_document
    from targetboard.files import atomic_path
    from targetboard.patient.document import patient_document
    from targetboard.patient.render import render_patient
    from targetboard.provenance import code_fingerprint, file_sha256
    from targetboard.report.document import dump
    from targetboard.samples import valid_sample_id

    documents = [read_document(path) for path in options.documents]
    digests = {
        document["sample"]["sample_id"]: file_sha256(path)
        for document, path in zip(documents, options.documents, strict=True)
    }
    patient = patient_document(documents, digests, code_fingerprint("patient"))
    name = patient["patient_id"]
    if not valid_sample_id(name):
        raise UsageError(
            f"patient id {name!r} cannot name files",
            where="column patient_id of the sample sheet",
            remedy="Use letters, digits, dot, underscore and hyphen, beginning with a letter or digit",
        )
    page = render_patient(patient)
    options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as outputs:
        # left in reverse order: the document appears last
        json_path = outputs.enter_context(atomic_path(options.out / f"{name}.patient.json"))
        html = outputs.enter_context(atomic_path(options.out / f"{name}.patient.html"))
        html.write_text(page, encoding="utf-8", newline="\n")
        json_path.write_bytes(dump(patient))
    return ExitCode.OK
