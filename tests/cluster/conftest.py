"""A cluster of one node for the tests, and the workflow on it."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

_SPEC = importlib.util.spec_from_file_location("slurm", Path(__file__).with_name("slurm.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
slurm_module = importlib.util.module_from_spec(_SPEC)
sys.modules["slurm"] = slurm_module
_SPEC.loader.exec_module(slurm_module)

HEADER = """##fileformat=VCFv4.2
##contig=<ID=7,length=159345973>
##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths">
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR
"""
BRAF_V600E = "7\t140753336\t.\tA\tT\t.\tPASS\tDP=200\tGT:AD\t0/1:140,60\n"
# beside the daemons' own ones: quick polling, no accounting database, no accounts
TEST_OPTIONS = [
    "--slurm-no-account",
    *("--slurm-status-command", "squeue"),
    *("--seconds-between-status-checks", "2"),
    *("--slurm-init-seconds-before-status-checks", "1"),
]


@pytest.fixture
def slurm(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[object]:
    """A SLURM of the test's own; skipped with the reason where one cannot be had or was not asked for."""
    asked = f"{request.config.getoption('markexpr')},{os.environ.get('TARGETBOARD_REQUIRE', '')}"
    if "cluster" not in asked:
        pytest.skip("starts daemons and takes minutes: ask for it by pytest -n 0 -m cluster")
    lacking = slurm_module.missing_tools()
    if lacking:
        pytest.skip(f"SLURM is not installed here (apt-get install munge slurmctld slurmd slurm-client): {lacking}")
    if importlib.util.find_spec("snakemake_executor_plugin_slurm") is None:
        pytest.skip("the executor is not installed here (pip install '.[slurm]')")
    with slurm_module.Slurm(tmp_path_factory.mktemp("slurm")) as running:
        yield running


@pytest.fixture
def start(root: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Start Snakemake in a folder, on a SLURM (with its profile) or on this machine; its text goes to FOLDER.log."""

    def run(folder: Path, *arguments: str, slurm: object = None) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "snakemake",
            "--snakefile",
            str(root / "Snakefile"),
            "--directory",
            str(folder),
        ]
        environment = None
        if slurm is None:
            command += ["--cores", "2", "--scheduler", "greedy"]
        else:
            command += ["--workflow-profile", str(root / "workflow/profiles/slurm"), *TEST_OPTIONS]
            environment = slurm.environment  # type: ignore[attr-defined]
        with folder.with_name(f"{folder.name}.log").open("ab") as log:
            return subprocess.Popen(
                [*command, *arguments], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment
            )

    return run


@pytest.fixture
def finish() -> Callable[[subprocess.Popen[bytes]], int]:
    """Wait for the end of a run; its exit code."""

    def wait(process: subprocess.Popen[bytes]) -> int:
        try:
            return process.wait(timeout=600)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise

    return wait


@pytest.fixture
def batched() -> Callable[..., Path]:
    """Write a project folder of two batches: as many samples as asked for, each a VCF of some hundred records."""

    def make(folder: Path, samples: int) -> Path:
        (folder / "config").mkdir(parents=True)
        (folder / "vcf").mkdir()
        rows = ["sample_id\tvcf\tassembly\ttumour_type"]
        others = "".join(
            f"7\t{position}\t.\tA\tC\t.\tPASS\tDP=100\tGT:AD\t0/1:50,50\n"
            for position in range(1_000_000, 1_030_000, 50)
        )
        for number in range(samples):
            (folder / "vcf" / f"S{number:03d}.vcf").write_text(HEADER + others + BRAF_V600E, encoding="utf-8")
            rows.append(f"S{number:03d}\t../vcf/S{number:03d}.vcf\tGRCh38\tMEL")
        (folder / "config/samples.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        config = {"samples": "config/samples.tsv", "execution": {"batch_size": samples // 2}}
        (folder / "config/config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
        return folder

    return make


@pytest.fixture
def digests() -> Callable[[Path], dict[str, str]]:
    """Digest of every file below ``results``, hidden ones too, so that a half file left behind shows."""

    def take(folder: Path) -> dict[str, str]:
        results = folder / "results"
        return {
            str(path.relative_to(results)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(results.rglob("*"))
            if path.is_file()
        }

    return take
