"""177 real pancreatic cancers from the sample sheet to the overview of the cohort."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from pancreatic_cohort import pancreatic_rows, vcf_texts

pytestmark = [pytest.mark.workflow, pytest.mark.real_data]

LETTERS = {
    "A": "Ala",
    "R": "Arg",
    "N": "Asn",
    "D": "Asp",
    "C": "Cys",
    "Q": "Gln",
    "E": "Glu",
    "G": "Gly",
    "H": "His",
    "I": "Ile",
    "L": "Leu",
    "K": "Lys",
    "M": "Met",
    "F": "Phe",
    "P": "Pro",
    "S": "Ser",
    "T": "Thr",
    "W": "Trp",
    "Y": "Tyr",
    "V": "Val",
}
NULL = ("Nonsense_Mutation", "Frame_Shift_Del", "Frame_Shift_Ins")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def three_letters(change: str) -> str:
    """``p.G12D`` as ``p.Gly12Asp``."""
    found = re.fullmatch(r"p\.([A-Z])(\d+)([A-Z])", change)
    assert found, change
    return f"p.{LETTERS[found[1]]}{found[2]}{LETTERS[found[3]]}"


def test_from_the_sheet_to_the_overview(shared_data: Path, tmp_path: Path, snakemake: Callable) -> None:
    rows = pancreatic_rows(shared_data)
    vcfs = vcf_texts(rows)
    (tmp_path / "config").mkdir()
    (tmp_path / "vcf").mkdir()
    sheet = ["sample_id\tvcf\tassembly\ttumour_type"]
    for sample, text in vcfs.items():
        (tmp_path / "vcf" / f"{sample}.vcf").write_text(text, encoding="utf-8")
        sheet.append(f"{sample}\t../vcf/{sample}.vcf\tGRCh37\tPAAD")
    (tmp_path / "config/samples.tsv").write_text("\n".join(sheet) + "\n", encoding="utf-8")
    (tmp_path / "config/config.yaml").write_text(yaml.safe_dump({"samples": "config/samples.tsv"}), encoding="utf-8")
    run = snakemake(tmp_path)
    assert run.returncode == 0, run.stderr
    cohort = tmp_path / "results/cohort"

    samples = table(cohort / "samples.tsv")
    assert [row["sample_id"] for row in samples] == list(vcfs)
    assert {row["status"] for row in samples} == {"complete"}
    assert len(samples) == 177
    assert sum(int(row["records_in"]) for row in samples) == len(rows)
    assert len(list(tmp_path.glob("results/TCGA-*/*.report.html"))) == 177

    # each KRAS substitution of the table is a driver of its sample, under its own name, and there is no other
    found = table(cohort / "alterations.tsv")
    kras = {(row["sample_id"], row["alteration"]) for row in found if row["gene"] == "KRAS"}
    assert kras == {
        (row["Tumor_Sample_Barcode_min"], three_letters(row["HGVSp_Short"]))
        for row in rows
        if row["Hugo_Symbol"] == "KRAS" and row["Variant_Classification"] == "Missense_Mutation"
    }
    assert len({sample for sample, _ in kras}) == 118

    # each truncation of the tumour suppressors is a driver
    for gene in ("TP53", "SMAD4", "CDKN2A"):
        truncated = {
            row["Tumor_Sample_Barcode_min"]
            for row in rows
            if row["Hugo_Symbol"] == gene and row["Variant_Classification"] in NULL
        }
        carriers = {row["sample_id"] for row in found if row["gene"] == gene and row["kind"] == "truncating"}
        assert truncated == carriers, gene

    # the summary adds up and follows from the samples
    summary = {
        (row["measure"], row["outcome"]): int(row["samples"])
        for row in table(cohort / "summary.tsv")
        if row["tumour_type"] == "PAAD"
    }
    outcomes = Counter(row["response_outcome"] for row in samples)
    assert {name: number for (measure, name), number in summary.items() if measure == "response" and number} == {
        **outcomes,
        "actionable": sum(outcomes[tier] for tier in ("I-A", "I-B", "II-C", "II-D")),
        **({"tier_I": outcomes["I-A"] + outcomes["I-B"]} if outcomes["I-A"] + outcomes["I-B"] else {}),
    }
    assert sum(outcomes.values()) == 177
    g12c = {sample for sample, change in kras if change == "p.Gly12Cys"}
    assert g12c
    assert all(row["response_outcome"] in ("I-A", "I-B", "II-C") for row in samples if row["sample_id"] in g12c)

    page = (cohort / "cohort.html").read_text(encoding="utf-8")
    assert "Pancreatic Adenocarcinoma" in page
    assert "one column a sample" in page
