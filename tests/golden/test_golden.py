"""What the demonstration samples say, as text that a reviewer reads in a diff.

A change of code or knowledge that changes a call shows here. Look at the difference first; if it is meant, renew the
files with ``pytest tests/golden --update-golden`` and say so in CHANGELOG.md.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main
from targetboard.samples import SIDE_FILES, load_samples

HERE = Path(__file__).parent
SAMPLES = load_samples(HERE.parents[1] / "config/samples.tsv")
VARIANT_COLUMNS = ("gene", "hgvsc", "hgvsp", "consequence", "vaf", "depth", "driver_class", "class_reason")


def summary(document: Mapping[str, Any]) -> str:
    """The calls of a document in a page: columns, headline, variants, claims, what was withheld, resistance, ledger."""
    sample, caller = document["sample"], document["caller"]
    lines = [f"caller {caller['name']}, annotation {document['annotation']['source']}"]
    lines.append(f"tumour column {sample['tumour_column']}, normal column {sample['normal_column']}")
    lines += ["", "HEADLINE", *(f"{line['kind']}: {line['text']}" for line in document["headline"])]
    lines += ["", "VARIANTS"]
    for variant in document["variants"]:
        matches = (
            ", ".join(f"{match['alteration_id']} ({match['level']})" for match in variant["matches"]) or "no match"
        )
        oncogenicity = variant["oncogenicity"] or {"class": "not evaluable", "points": "-"}
        flags = ", ".join(variant["flags"]) or "no flags"
        lines.append(" | ".join(str(variant[column]) for column in VARIANT_COLUMNS[:-1]))
        lines.append(f"    {matches} | {oncogenicity['class']} {oncogenicity['points']} | {flags} | {variant['tier']}")
        lines.append(f"    {variant['class_reason']}")
    lines += ["", "EVENTS"]
    for event in document["events"]:
        lines.append(f"{event['label']} | {event['value']} | {event['driver_class']} | {event['alterations']}")
    lines += ["", f"ADEQUACY {document['adequacy']['verdict']}: {'; '.join(document['adequacy']['reasons'])}"]
    lines += ["", "NEGATIVES"]
    lines += [f"{row['label']} | {row['state']} | {row['reason']}" for row in document["negatives"]]
    measured = [row for row in document["markers"] if row["state"] != "not_assessed"]
    lines += ["", "MARKERS", *(f"{row['marker_id']} | {row['state']} | {row['value']}" for row in measured)]
    lines += ["", "CLAIMS"]
    for claim in document["therapies"]:
        drugs = " + ".join(claim["drugs"]) or "-"
        what = claim["direction"] or claim["implication"]
        lines.append(
            f"{claim['claim_id']} | {drugs} | {what} | {claim['amp']} | {claim['tumour_match']} | {claim['state']}"
        )
    lines += ["", "WITHHELD", *(f"{found['claim_id']}: {found['reason']}" for found in document["withheld"])]
    lines += ["", "RESISTANCE"]
    for found in document["resistance"]:
        lines.append(f"{found['kind']} {found['alteration_id']} after {found['after']}: next {found['next_line']}")
    lines += ["", "LEDGER", json.dumps(document["ledger"], sort_keys=True)]
    lines += ["", "WARNINGS", *document["warnings"], "", "LIMITS", *(note["code"] for note in document["limitations"])]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("sample_id", SAMPLES)
def test_demonstration_sample(sample_id: str, tmp_path: Path, root: Path, update_golden: bool) -> None:
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
        expected.write_text(summary(document), encoding="utf-8")
    assert summary(document) == expected.read_text(encoding="utf-8")
