"""Snakemake as a user runs it, in a folder of the test's own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml

Run = Callable[..., "subprocess.CompletedProcess[str]"]

VCF = """##fileformat=VCFv4.2
##contig=<ID=7,length=159345973>
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR
7\t140753336\t.\tA\tT\t.\tPASS\tDP=200\tGT:AD\t0/1:140,60
"""


@pytest.fixture
def snakemake(root: Path) -> Run:
    """Run Snakemake; returns the finished process with its text."""

    def run(directory: Path, *arguments: str, snakefile: Path | None = None) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile or root / "Snakefile")]
        command += ["--directory", str(directory), "--cores", "2", "--scheduler", "greedy", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)

    return run


@pytest.fixture
def project() -> Callable[..., Path]:
    """Write a project folder: configuration, sheet and VCFs by sample id (None: a file that is no VCF)."""

    def make(folder: Path, samples: Mapping[str, str | None], extra: Mapping[str, object] | None = None) -> Path:
        (folder / "config").mkdir(parents=True)
        (folder / "vcf").mkdir()
        config = {"samples": "config/samples.tsv", **(extra or {})}
        (folder / "config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        rows = ["sample_id\tvcf\tassembly\ttumour_type"]
        for name, text in samples.items():
            (folder / "vcf" / f"{name}.vcf").write_text(text if text is not None else "no VCF\n", encoding="utf-8")
            rows.append(f"{name}\t../vcf/{name}.vcf\tGRCh38\tMEL")
        (folder / "config/samples.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def vcf_text() -> str:
    """A VCF of one record: BRAF p.Val600Glu."""
    return VCF
