"""The profile for SLURM names rules and resources that exist; this needs no SLURM."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml


@pytest.fixture(scope="module")
def profile(root: Path) -> dict[str, object]:
    return yaml.safe_load((root / "workflow/profiles/slurm/profile.yaml").read_text(encoding="utf-8"))


def rules_of(root: Path) -> dict[str, str]:
    """Text of every rule by name."""
    parts: dict[str, str] = {}
    for path in (root / "workflow/rules").glob("*.smk"):
        pieces = re.split(r"^rule (\w+):", path.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
        parts.update(zip(pieces[::2], pieces[1::2], strict=True))
    return parts


def local_rules(root: Path) -> set[str]:
    """Rules that run where Snakemake runs."""
    names: set[str] = set()
    for path in (root / "workflow/rules").glob("*.smk"):
        for block in re.findall(r"^localrules:\n((?:    \w+,\n)+)", path.read_text(encoding="utf-8"), re.MULTILINE):
            names.update(re.findall(r"\w+", block))
    return names


def test_every_rule_whose_resources_are_set_exists_and_goes_to_the_cluster(
    root: Path, profile: dict[str, dict[str, object]]
) -> None:
    assert set(profile["set-resources"]) <= set(rules_of(root)) - local_rules(root)


def test_memory_and_time_of_every_job_grow_with_the_attempt(root: Path, profile: dict[str, dict[str, dict]]) -> None:
    jobs = {name: text for name, text in rules_of(root).items() if name not in local_rules(root)}
    assert {"annotate", "report", "annotate_batch", "report_batch"} <= set(jobs)
    for name, text in jobs.items():
        for resource in ("mem_mb", "runtime"):
            value = str(profile["set-resources"].get(name, {}).get(resource, ""))
            if not value:
                function = re.search(rf"{resource}=(\w+),", text)
                value = str(profile["default-resources"][resource])
                if function:
                    file = (root / "workflow/rules/common.smk").read_text(encoding="utf-8")
                    value = file.partition(f"def {function[1]}(")[2].partition("\n\n")[0]
            assert "attempt" in value, f"{name}: {resource}"


def test_the_table_of_costs_is_what_the_script_computes(root: Path) -> None:
    script = root / "tests/benchmarks/cluster_costs.py"
    printed = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True).stdout
    assert printed.count("\n") == 7
    assert (root / "workflow/profiles/slurm/README.md").read_text(encoding="utf-8").endswith(printed)
