"""The configuration: what is wrong is refused with key and remedy; defaults come from the schema."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from targetboard.config import complete_config, find_path, load_schema
from targetboard.errors import UsageError


@pytest.fixture(scope="module")
def schema(root: Path) -> dict:
    return load_schema(root / "workflow/schemas/config.schema.yaml")


def test_defaults_come_from_the_schema(schema: dict) -> None:
    assert complete_config({"samples": "s.tsv"}, schema, "c")["knowledge"] == ["resources/knowledge"]


@pytest.mark.parametrize(
    ("config", "where", "what"),
    [
        ({"samples": "s", "sample": "t"}, "c", "unknown key 'sample'"),
        ({"samples": 3}, "key samples", "3 is not of type"),
        ({}, "c", "'samples' is a required property"),
        ({"samples": "s", "knowledge": []}, "key knowledge", "non-empty"),
        ({"samples": "s", "reference": {"GRCh37": {"gff3": "x"}}}, "key reference.GRCh37", "'fasta' is a dependency"),
        ({"samples": "s", "reference": {"hg19": {}}}, "key reference", "unknown key 'hg19'"),
    ],
)
def test_errors_name_the_key(schema: dict, config: dict, where: str, what: str) -> None:
    with pytest.raises(UsageError) as caught:
        complete_config(config, schema, "c")
    assert where in caught.value.where
    assert what in caught.value.what


def test_the_shipped_configuration_is_valid(schema: dict, root: Path) -> None:
    shipped = yaml.safe_load((root / "config/config.yaml").read_text(encoding="utf-8"))
    assert complete_config(shipped, schema, "config/config.yaml")["samples"] == "config/samples.tsv"


def test_every_key_has_description_and_default(root: Path) -> None:
    for name in ("config", "samples"):
        schema = load_schema(root / f"workflow/schemas/{name}.schema.yaml")
        for key, spec in schema["properties"].items():
            assert spec.get("description"), (name, key)
            assert "default" in spec, (name, key)


def test_find_path_prefers_the_first_base_that_has_it(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "x").touch()
    assert find_path("x", tmp_path / "a", tmp_path / "b") == tmp_path / "b" / "x"
    assert find_path("y", tmp_path / "a", tmp_path / "b") == tmp_path / "a" / "y"
