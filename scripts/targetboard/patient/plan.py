"""Which patients have a report over time, and whether the files of all of them are as the last run left them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from targetboard.samples import Sample, valid_sample_id

SUFFIXES = (".patient.json", ".patient.html")


def patients_of(samples: Mapping[str, Sample]) -> dict[str, list[str]]:
    """Samples of every patient with two or more of them, in the sheet's order."""
    found: dict[str, list[str]] = {}
    for sample_id, sample in samples.items():
        patient = sample.values.get("patient_id", "")
        if valid_sample_id(patient):
            found.setdefault(patient, []).append(sample_id)
    return {patient: own for patient, own in found.items() if len(own) > 1}


def patient_files(folder: Path, patient: str) -> list[Path]:
    """The files of one patient below ``folder`` (results/patients)."""
    return [folder / patient / f"{patient}{suffix}" for suffix in SUFFIXES]


def plan_word(flag: Path, patients: Mapping[str, Sequence[str]], folder: Path) -> str:
    """A word that stays while nothing has to be made, for a job that makes the files of all patients.

    Snakemake compares the parameters of a job with those of its last run. The word of that run stands in ``flag``; it
    is kept while the patients and their samples are the same and every file is there, and else followed by a new one.
    """
    digest = hashlib.sha256(json.dumps(sorted(patients.items())).encode()).hexdigest()[:32]
    try:
        recorded = flag.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        recorded = ""
    before, _, generation = recorded.partition(".")
    if before == digest and all(path.is_file() for patient in patients for path in patient_files(folder, patient)):
        return recorded
    return f"{digest}.{int(generation) + 1 if generation.isdigit() else 0}"
