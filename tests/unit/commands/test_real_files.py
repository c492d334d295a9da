"""Every real VCF is analysed, or refused for a reason that stands in this table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main

pytestmark = pytest.mark.real_data

ON_GRCH38 = (
    "tiny_b38",
    "pcgr_T001-BRCA.tcga.grch38",
    "pcgr_T001-COAD.tcga.grch38",
    "somatic_vep",
    "multiallelic",
    "panel_vep_csq",
)
NAMELESS = "two columns and neither header nor exact name says which is the tumour; the sheet has to"
REFUSED = {
    "freebayes_cancer_EFF.bcbio.grch37.vcf.gz": (2, "c-tumor", "c-normal", NAMELESS),
    "vardict_cancer_EFF.bcbio.grch37.vcf.gz": (2, "c-tumor", "c-normal", NAMELESS),
    "varscan_cancer_EFF.bcbio.grch37.vcf.gz": (2, "c-tumor", "c-normal", NAMELESS),
    "snpeff_cancer_ANN.grch37.vcf": (2, "Patient_01_Somatic", "Patient_01_Germline", NAMELESS),
    "manta_events.mavis.vcf": (2, "COLO829", "COLO829BL", NAMELESS),
    "panel_vep_csq.ngs-bits.vcf": (2, "NA12878_03", None, "the header declares its only column a normal sample"),
}
"""File: exit code without help, the tumour and normal columns that the sheet has to name, and why."""


def real_vcfs(shared_data: Path) -> list[Path]:
    return sorted(path for path in (shared_data / "vcf").iterdir() if path.name.endswith((".vcf", ".vcf.gz")))


def assembly_of(path: Path) -> str:
    return "GRCh38" if path.name.startswith(ON_GRCH38) else "GRCh37"


def annotate(path: Path, out: Path, *more: str, tumour_type: str = "MIXED") -> tuple[int, dict[str, Any]]:
    sample = path.name.split(".vcf")[0]
    arguments = ["annotate", "--vcf", str(path), "--sample-id", sample, "--assembly", assembly_of(path)]
    code = main([*arguments, "--tumour-type", tumour_type, "--out", str(out), *more])
    document = out / f"{sample}.json"
    return code, json.loads(document.read_text(encoding="utf-8")) if document.exists() else {}


def reference(shared_data: Path, path: Path) -> list[str]:
    folder = shared_data / "reference"
    assembly = assembly_of(path)
    return ["--fasta", str(folder / f"{assembly}.sparse.fa.gz"), "--gff3", str(folder / f"{assembly}.genes.gff3")]


@pytest.mark.parametrize("with_reference", [False, True], ids=["plain", "fasta+gff3"])
def test_every_file_is_analysed_or_refused_by_name(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], with_reference: bool
) -> None:
    files = real_vcfs(shared_data)
    assert len(files) == 34
    for path in files:
        more = reference(shared_data, path) if with_reference else []
        code, document = annotate(path, tmp_path, *more)
        error = capsys.readouterr().err
        assert "Traceback" not in error, path.name
        if path.name in REFUSED:
            expected, tumour, normal, _ = REFUSED[path.name]
            assert code == expected, path.name
            assert not document, path.name
            assert error.count("\n") == 1, error
            names = ["--tumour-sample", tumour, *(["--normal-sample", normal] if normal else [])]
            code, document = annotate(path, tmp_path, *more, *names)
            capsys.readouterr()
        assert code == 0, (path.name, error)
        ledger = document["ledger"]
        counted = ledger["reported"] + sum(ledger["filtered"].values()) + sum(ledger["unparsed"].values())
        assert ledger["alleles_in"] == counted, path.name
        assert ledger["reported"] == len(document["variants"]), path.name
        assert document["provenance"]["inputs"][0]["records"] == ledger["records_in"], path.name


@pytest.mark.parametrize("tumour", ["COAD", "BRCA"])
def test_both_builds_of_one_tumour_give_the_same_drivers(shared_data: Path, tmp_path: Path, tumour: str) -> None:
    calls = []
    for build in ("grch37", "grch38"):
        path = shared_data / "vcf" / f"pcgr_T001-{tumour}.tcga.{build}.vcf.gz"
        code, document = annotate(path, tmp_path, *reference(shared_data, path), tumour_type=tumour)
        assert code == 0
        calls.append(
            {
                (
                    variant["gene"],
                    variant["hgvsc"],
                    variant["hgvsp"],
                    variant["consequence"],
                    variant["driver_class"],
                    variant["tier"]["amp"],
                    tuple(match["alteration_id"] for match in variant["matches"]),
                )
                for variant in document["variants"]
            }
        )
    assert calls[0] == calls[1]
    assert any(driver == "validated_driver" for _, _, _, _, driver, *_ in calls[0])


def wrongly_stated(path: Path, out: Path, *more: str) -> int:
    stated = "GRCh37" if assembly_of(path) == "GRCh38" else "GRCh38"
    arguments = ["annotate", "--vcf", str(path), "--sample-id", "S", "--assembly", stated, "--out", str(out)]
    return main([*arguments, "--tumour-type", "COAD", "--tumour-sample", more[0], *more[1:]])


@pytest.mark.parametrize(
    ("name", "tumour", "fasta"),
    [
        ("pcgr_T001-COAD.tcga.grch37.vcf.gz", "TCGA-A6-2686-01A-01D-1408-10_TCGA-A6-2686-10A-01D-2188-10", True),
        ("pcgr_T001-COAD.tcga.grch38.vcf.gz", "TCGA-A6-2686-01A-01D-1408-10_TCGA-A6-2686-10A-01D-2188-10", True),
        ("somatic_vep.pvactools.vcf.gz", "H_NJ-HCC1395-HCC1395", False),
        ("panel_vep_csq.ngs-bits.vcf", "NA12878_03", False),
        ("freebayes_ANN.ngs-bits.hg19.vcf.gz", "NA12878", False),
        ("mutect1.vcf2maf.grch37.vcf", "TUMOR", False),
    ],
)
def test_a_wrong_build_is_refused_with_the_evidence(
    shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, tumour: str, fasta: bool
) -> None:
    path = shared_data / "vcf" / name
    stated = "GRCh37" if assembly_of(path) == "GRCh38" else "GRCh38"
    more = ["--fasta", str(shared_data / f"reference/{stated}.sparse.fa.gz")] if fasta else []
    assert wrongly_stated(path, tmp_path, tumour, *more) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert stated in error
    assert not list(tmp_path.iterdir())


def test_a_build_that_nothing_shows_is_stated_as_unchecked(shared_data: Path, tmp_path: Path) -> None:
    code, document = annotate(shared_data / "vcf/pindel.vcf2maf.grch37.vcf", tmp_path)
    assert code == 0
    assert "assembly_unchecked" in {note["code"] for note in document["limitations"]}
