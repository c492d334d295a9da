"""``targetboard patient``: compare the documents of one patient; nothing but the documents is read."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, UsageError


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "patient",
        help="compare the samples of one patient over time and sites",
        description="Writes PATIENT.patient.json and PATIENT.patient.html.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--documents",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="<sample>.json of every sample of one patient, in the order of the sheet; the files go into --out",
    )
    parser.add_argument(
        "--samples",
        metavar="FILE",
        type=Path,
        help="sample sheet: every patient with two samples or more; the files go into a folder each below --out",
    )
    parser.add_argument(
        "--results", metavar="DIR", type=Path, help="with --samples: folder with <sample>/<sample>.json"
    )
    parser.add_argument("--done", metavar="FILE", type=Path, help="with --samples: flag to write at the end")
    parser.add_argument("--state", metavar="WORD", default="", help="what the flag holds (used by the workflow)")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the files")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Compare one patient's documents, or those of every patient of a sheet."""
    if bool(options.documents) == bool(options.samples) or bool(options.samples) != bool(options.results):
        raise UsageError(
            "give --documents, or --samples with --results", where="targetboard patient", remedy="See --help"
        )
    if options.documents:
        write_patient(options.documents, options.out)
        return ExitCode.OK
    _all_patients(options)
    return ExitCode.OK


def _all_patients(options: argparse.Namespace) -> None:
    from targetboard.files import write_atomically
    from targetboard.patient.plan import patients_of
    from targetboard.progress import Progress
    from targetboard.provenance import code_fingerprint
    from targetboard.samples import load_samples

    code = code_fingerprint("patient")
    patients = patients_of(load_samples(options.samples))
    with Progress("patients", "patients", len(patients)) as progress:
        for patient, sample_ids in patients.items():
            paths = [options.results / name / f"{name}.json" for name in sample_ids]
            if not _is_current(options.out, patient, paths, code):
                write_patient(paths, options.out / patient)
            progress.advance()
    if options.done:
        options.done.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(options.done, f"{options.state}\n".encode())


def _is_current(folder: Path, patient: str, documents: Sequence[Path], code: str) -> bool:
    """Whether the patient's files were made from these very documents, in any order, by this code."""
    from targetboard.patient.plan import patient_files
    from targetboard.provenance import file_sha256

    document, page = patient_files(folder, patient)
    if not page.is_file() or not document.is_file() or not all(path.is_file() for path in documents):
        return False
    try:
        made = json.loads(document.read_text(encoding="utf-8"))["provenance"]
        before = sorted(entry["sha256"] for entry in made["documents"])
        return bool(made["code_sha256"] == code and before == sorted(file_sha256(path) for path in documents))
    except (ValueError, KeyError, TypeError):
        return False


def write_patient(documents: Sequence[Path], out: Path) -> None:
    """Compare, render, and write both files whole or not at all.

    Raises
    ------
    UsageError
        If the documents are not of one patient, or the patient's id cannot name files.
    """
    from contextlib import ExitStack

    from targetboard.commands.report import read_document
    from targetboard.files import atomic_path
    from targetboard.patient.document import patient_document
    from targetboard.patient.render import render_patient
    from targetboard.provenance import code_fingerprint, file_sha256
    from targetboard.report.document import dump
    from targetboard.samples import valid_sample_id

    read: list[Mapping[str, Any]] = [read_document(path) for path in documents]
    digests = {row["sample"]["sample_id"]: file_sha256(path) for row, path in zip(read, documents, strict=True)}
    patient = patient_document(read, digests, code_fingerprint("patient"))
    name = patient["patient_id"]
    if not valid_sample_id(name):
        raise UsageError(
            f"patient id {name!r} cannot name files",
            where="column patient_id of the sample sheet",
            remedy="Use letters, digits, dot, underscore and hyphen, beginning with a letter or digit",
        )
    page = render_patient(patient)
    out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as outputs:
        # left in reverse order: the document appears last
        json_path = outputs.enter_context(atomic_path(out / f"{name}.patient.json"))
        html_path = outputs.enter_context(atomic_path(out / f"{name}.patient.html"))
        html_path.write_text(page, encoding="utf-8", newline="\n")
        json_path.write_bytes(dump(patient))
