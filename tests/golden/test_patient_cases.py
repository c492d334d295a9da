"""Courses of patients: what a careful molecular pathologist expects of each change between time points and sites.

Every folder of ``patients`` holds ``case.yaml`` (what it shows, the samples, and ``expects``, written before the first
run) and ``expected.txt``, which ``--update-golden`` renews. The grammar of ``expects`` is that of the clinical cases.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType

import jsonschema
import pytest
import yaml

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in (HERE / "patients").glob("*/case.yaml"))


@pytest.fixture(scope="session")
def patients() -> ModuleType:
    """Module that runs a course and writes its summary."""
    name = "golden_patient_reading"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, HERE / "patient_reading.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]


@pytest.mark.parametrize("folder", CASES, ids=lambda folder: folder.name)
def test_patient_case(
    folder: Path, tmp_path: Path, root: Path, update_golden: bool, patients: ModuleType, reading: ModuleType
) -> None:
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    assert set(case) == {"shows", "samples", "expects"}
    document = patients.compare(case, HERE / "patients/panel.assay.yaml", tmp_path)
    schema = json.loads((root / "workflow/schemas/patient.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    expected = folder / "expected.txt"
    if update_golden:
        expected.write_text(patients.summary(document), encoding="utf-8")
    failed = [why for wanted in case["expects"] if (why := reading.mismatch(wanted, document, []))]
    assert not failed, "\n".join(failed)
    assert patients.summary(document) == expected.read_text(encoding="utf-8")
