"""The configuration file: read safely, checked against its JSON Schema, completed with the schema's defaults."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from targetboard.errors import UsageError


def load_schema(path: Path) -> dict[str, Any]:
    """Parse a JSON Schema written in YAML."""
    import yaml

    with path.open(encoding="utf-8") as handle:
        schema: dict[str, Any] = yaml.safe_load(handle)
    return schema


def complete_config(config: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Validate a configuration and fill in the defaults that stand in its schema.

    Raises
    ------
    UsageError
        For an unknown key, a wrong type or a missing value, naming the key and the remedy.
    """
    from jsonschema import Draft202012Validator

    for error in sorted(
        Draft202012Validator(schema).iter_errors(dict(config)), key=lambda found: list(map(str, found.path))
    ):
        key = ".".join(str(part) for part in error.path)
        place = f"{where}, key {key}" if key else where
        if error.validator == "additionalProperties":
            known = ", ".join(error.schema.get("properties", {}))
            unknown = sorted(set(error.instance) - set(error.schema.get("properties", {})))
            raise UsageError(f"unknown key {unknown[0]!r}", where=place, remedy=f"Known keys are {known}")
        raise UsageError(
            str(error.message), where=place, remedy=str(error.schema.get("description", "See config/README.md"))
        )
    defaults = {name: spec["default"] for name, spec in schema["properties"].items() if "default" in spec}
    return {**defaults, **config}


def find_path(text: str, *bases: Path) -> Path:
    """Resolve a path that may be relative to one of several folders; the first that exists wins, else the first.

    Parameters
    ----------
    text
        Absolute path, or one relative to a base.
    bases
        Folders in order of preference.
    """
    candidates = [base / text for base in bases]
    return next((path for path in candidates if path.exists()), candidates[0])
