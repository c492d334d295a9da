"""Clinical cases: what a careful molecular pathologist expects of each, and the summary as a reviewer reads it.

Every folder of ``cases`` holds ``case.yaml`` (what it shows, the arguments, and ``expects``, written before the first
run), its input files, and ``expected.txt``, which ``--update-golden`` renews. The expectations are the proof; the text
shows what changed. Grammar of the expectations: ``mismatch`` and ``fits`` of document_reading.py.
"""

from __future__ import annotations

import csv
from pathlib import Path
from types import ModuleType

import pytest
import yaml

CASES = sorted(path.parent for path in (Path(__file__).parent / "cases").glob("*/case.yaml"))
DRUGS = Path(__file__).resolve().parents[2] / "resources/knowledge/drugs.tsv"


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_case(folder: Path, tmp_path: Path, update_golden: bool, reading: ModuleType) -> None:
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    assert set(case) == {"shows", "arguments", "expects"}
    with DRUGS.open(encoding="utf-8", newline="") as handle:
        drugs = [row["drug"] for row in csv.DictReader(handle, delimiter="\t")]
    document = reading.annotate(folder.name, case["arguments"], folder, tmp_path)
    expected = folder / "expected.txt"
    if update_golden:
        expected.write_text(reading.summary(document), encoding="utf-8")
    failed = [why for wanted in case["expects"] if (why := reading.mismatch(wanted, document, drugs))]
    assert not failed, "\n".join(failed)
    assert reading.summary(document) == expected.read_text(encoding="utf-8")
