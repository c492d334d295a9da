"""What the demonstration samples say, as text that a reviewer reads in a diff.

A change of code or knowledge that changes a call shows here. Look at the difference first; if it is meant, renew the
files with ``pytest tests/golden --update-golden`` and say so in CHANGELOG.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from targetboard.cli import main
from targetboard.samples import SIDE_FILES, load_samples

HERE = Path(__file__).parent
SAMPLES = load_samples(HERE.parents[1] / "config/samples.tsv")


@pytest.mark.parametrize("sample_id", SAMPLES)
def test_demonstration_sample(
    sample_id: str, tmp_path: Path, root: Path, update_golden: bool, reading: ModuleType
) -> None:
    sample = SAMPLES[sample_id]
    arguments = ["annotate", "--vcf", str(sample.vcf), "--sample-id", sample_id, "--assembly", sample.assembly]
    arguments += ["--tumour-type", sample.tumour_type, "--clinical", str(root / "config/samples.tsv")]
    for column, option in zip(SIDE_FILES, ("--assay", "--coverage", "--cna", "--fusions", "--markers"), strict=True):
        path = sample.side_file(column)
        arguments += [option, str(path)] if path is not None else []
    assert main([*arguments, "--out", str(tmp_path)]) == 0
    document = json.loads((tmp_path / f"{sample_id}.json").read_text(encoding="utf-8"))
    expected = HERE / "demo" / f"{sample_id}.txt"
    if update_golden:
        expected.write_text(reading.summary(document), encoding="utf-8")
    assert reading.summary(document) == expected.read_text(encoding="utf-8")
