"""conda users and pip users get the same versions, and the constraints satisfy what the project declares."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


def pins(root: Path) -> dict[str, Version]:
    text = (root / "workflow/envs/constraints.txt").read_text(encoding="utf-8")
    found = re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", text, flags=re.MULTILINE)
    return {canonicalize_name(name): Version(version) for name, version in found}


def requirements(root: Path) -> list[Requirement]:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    return [Requirement(line) for line in project["dependencies"] + extras]


def test_every_requirement_has_floor_and_ceiling_and_a_pin_between(root: Path) -> None:
    pinned = pins(root)
    for requirement in requirements(root):
        operators = {specifier.operator for specifier in requirement.specifier}
        assert {">=", "<"} <= operators, requirement
        assert pinned[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_environment_yml_installs_with_the_same_constraints(root: Path) -> None:
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    conda = [line for line in environment["dependencies"] if isinstance(line, str)]
    pip = next(line["pip"] for line in environment["dependencies"] if isinstance(line, dict))
    assert pip == ["-c workflow/envs/constraints.txt", "-e .[test]"]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert any(line == f"python{project['requires-python']},<3.14" for line in conda)
    assert {re.split("[<>=]", line)[0] for line in conda} == {"python", "pip"}


def test_the_rules_environment_has_the_same_python(root: Path) -> None:
    runtime = yaml.safe_load((root / "workflow/envs/runtime.yaml").read_text(encoding="utf-8"))
    environment = yaml.safe_load((root / "environment.yml").read_text(encoding="utf-8"))
    assert runtime["dependencies"][0] == environment["dependencies"][0]
