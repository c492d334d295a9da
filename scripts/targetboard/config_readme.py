"""config/README.md, made from the JSON Schemas: ``python -m targetboard.config_readme > config/README.md``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from targetboard.config import load_schema

SCHEMAS = Path(__file__).resolve().parents[2] / "workflow" / "schemas"

HEAD = """# Configuration

This page is made from the schemas in `workflow/schemas`; a test keeps it in step.

A run reads `config/config.yaml` of the working directory, or else the one beside the Snakefile. To analyse your own
samples, copy both files into a folder of yours, edit them, and run there:

```
mkdir -p my-run/config && cp config/config.yaml config/samples.tsv my-run/config/
.venv/bin/snakemake --snakefile Snakefile --directory my-run --cores 2
```
"""

MARKERS = (
    "## markers.tsv",
    "",
    "Tab-separated with a header: `marker_id` (one of `resources/knowledge/markers.tsv`) and `value`, optionally"
    " `sample_id` (then a file may serve several samples), `unit`, `method`, `cutoff`, `assay`, `date`. Instead of a"
    " value write `failed`, `inconclusive` or `not assessed`.",
)


def _allowed(spec: Mapping[str, Any]) -> str:
    if "enum" in spec:
        return "one of " + ", ".join(f"`{value}`" for value in spec["enum"] if value)
    if "anyOf" in spec:
        # a pattern is how the command line spells what a type names already
        named = [one for one in spec["anyOf"] if "pattern" not in one]
        return " or ".join(f"`{one['const']}`" if "const" in one else str(one["type"]) for one in named)
    return str(spec.get("type", "text")) if spec.get("type") != "string" else "text"


def _cell(text: object) -> str:
    return str(text).replace("|", "\\|").replace("\n", " ")


def _default(spec: Mapping[str, Any]) -> str:
    value = spec.get("default", "")
    return f"`{value}`" if value not in ("", {}) else ""


def _config_rows(properties: Mapping[str, Any], definitions: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, given in properties.items():
        spec = {**definitions[given["$ref"].rsplit("/", 1)[-1]], **given} if "$ref" in given else given
        yield f"| `{prefix}{key}` | {_allowed(spec)} | {_default(spec)} | {_cell(spec['description'])} |"
        yield from _config_rows(spec.get("properties", {}), definitions, f"{prefix}{key}.")


def render() -> str:
    """Markdown page with one table for the configuration and one for the sample sheet."""
    config = load_schema(SCHEMAS / "config.schema.yaml")
    sheet = load_schema(SCHEMAS / "samples.schema.yaml")
    lines = [
        HEAD,
        "## config.yaml",
        "",
        config["description"],
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
    ]
    lines.extend(_config_rows(config["properties"], config.get("$defs", {})))
    lines += [
        "",
        "## samples.tsv",
        "",
        sheet["description"],
        "",
        "| column | needed | value | meaning |",
        "|---|---|---|---|",
    ]
    for column, spec in sheet["properties"].items():
        needed = "yes" if column in sheet["required"] else ""
        lines.append(f"| `{column}` | {needed} | {_allowed(spec)} | {_cell(spec['description'])} |")
    assay = load_schema(SCHEMAS / "assay.schema.yaml")
    lines += [
        "",
        "## assay.yaml",
        "",
        assay["description"],
        "",
        "| key | value | default | meaning |",
        "|---|---|---|---|",
    ]
    lines.extend(_config_rows(assay["properties"], {"class": {"type": "validated, lod, max_length"}}))
    lines += ["", *MARKERS]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(render())
