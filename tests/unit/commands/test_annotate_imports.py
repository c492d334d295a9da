"""Annotating one sample loads nothing heavy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("pandas", "snakemake", "matplotlib", "jsonschema", "jinja2", "multiprocessing.pool")
HEADER = "##fileformat=VCFv4.2\n##contig=<ID=7,length=159345973>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
PROGRAM = (
    "import sys\nfrom targetboard.cli import main\ncode = main(sys.argv[2:])\n"
    "print(code, *sorted({*sys.argv[1].split()} & set(sys.modules)))"
)


@pytest.mark.parametrize("position", [1000, 55191822])
def test_annotate_imports_nothing_heavy(root: Path, tmp_path: Path, position: int) -> None:
    vcf = tmp_path / "in.vcf"
    vcf.write_text(f"{HEADER}7\t{position}\t.\tT\tG\t.\tPASS\t.\n", encoding="utf-8")
    words = ["annotate", "--vcf", str(vcf), "--sample-id", "S", "--assembly", "GRCh38", "--tumour-type", "NSCLC"]
    words += ["--knowledge", str(root / "resources/knowledge"), "--out", str(tmp_path / "out")]
    environment = {**os.environ, "PYTHONPATH": str(root / "scripts")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, " ".join(HEAVY), *words],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    assert done.stdout.split() == ["0"]
