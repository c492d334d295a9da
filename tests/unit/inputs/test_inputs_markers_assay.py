"""Marker and assay files: what is wrong is refused by line or key."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.errors import MalformedInput, UsageError
from targetboard.inputs.assay import read_assay
from targetboard.inputs.markers import read_markers
from targetboard.knowledge.records import Marker
from targetboard.model import MarkerState

KNOWN = {name: Marker(name, name, "", "", "") for name in ("PD-L1_TPS", "MSI", "HER2_IHC")}


def markers(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "markers.tsv"
    path.write_text(text, encoding="utf-8")
    return path


def test_markers_of_one_sample(tmp_path: Path) -> None:
    path = markers(
        tmp_path,
        "sample_id\tmarker_id\tvalue\tunit\tmethod\tcutoff\nS1\tpd-l1_tps\t60\t%\t22C3\t50\n"
        "S2\tMSI\thigh\t\tPCR\t\nS1\tHER2_IHC\tfailed\t\t\t\n",
    )
    found = read_markers(path, "S1", KNOWN)
    assert set(found) == {"PD-L1_TPS", "HER2_IHC"}
    assert (found["PD-L1_TPS"].state, found["PD-L1_TPS"].value, found["PD-L1_TPS"].method) == (
        MarkerState.DETECTED,
        "60",
        "22C3",
    )
    assert (found["HER2_IHC"].state, found["HER2_IHC"].value) == (MarkerState.FAILED, "")


@pytest.mark.parametrize(
    ("text", "error", "says"),
    [
        ("marker_id\tvalue\nPDL1\t60\n", UsageError, "'PDL1' is not known"),
        ("marker_id\tvalue\nMSI\t\n", UsageError, "empty"),
        ("marker_id\tvalue\nMSI\thigh\nMSI\tlow\n", UsageError, "given twice"),
        ("marker_id\nMSI\n", MalformedInput, "'value' is missing"),
        ("marker_id\tvalue\nMSI\thigh\textra\n", MalformedInput, "3 cells under 2 columns"),
        ("", MalformedInput, "empty"),
    ],
)
def test_wrong_markers(tmp_path: Path, text: str, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says) as caught:
        read_markers(markers(tmp_path, text), "S1", KNOWN)
    assert "markers.tsv" in str(caught.value.where)  # type: ignore[attr-defined]


def assay(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "assay.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_assay_states_what_it_can(tmp_path: Path) -> None:
    found = read_assay(
        assay(
            tmp_path,
            "name: Panel X\nstatus: LDT\ntargets: panel.bed\nminimum_depth: 200\nclasses:\n"
            "  snv: {validated: true, lod: 0.05}\n  fusion_dna: {validated: false}\n"
            "companion_diagnostics: [Device Y]\n",
        )
    )
    assert found.is_called("snv") is True
    assert found.is_called("fusion_dna") is False
    assert found.is_called("amplification") is None
    assert found.lod("snv") == 0.05
    assert found.targets == tmp_path / "panel.bed"
    assert found.companion_diagnostics == ("Device Y",)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no keys"),
        ("name: [x", "no readable YAML"),
        ("name: x\nfoo: 1\n", "unknown key 'foo'"),
        ("name: x\nstatus: CE\n", "'CE' is not allowed"),
        ("name: x\nminimum_depth: deep\n", "not of the kind int"),
        ("name: x\nminimum_depth: true\n", "not of the kind int"),
        ("name: x\nclasses: {snvs: {validated: true}}\n", "unknown class 'snvs'"),
        ("name: x\nclasses: {snv: {lod: 0.05}}\n", "'validated' is missing"),
        ("name: x\nclasses: {snv: {validated: true, lod: 5}}\n", "5 is no fraction"),
        ("name: x\ngenes: [1]\n", "something else than text"),
        ("name: !!python/object/apply:os.system [id]\n", "no readable YAML"),
        ("version: '1'\n", "no name"),
    ],
)
def test_wrong_assay(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_assay(assay(tmp_path, text))


def test_the_schema_documents_every_key_and_no_other(root: Path) -> None:
    from targetboard.config import load_schema
    from targetboard.inputs import assay as module

    schema = load_schema(root / "workflow/schemas/assay.schema.yaml")
    assert set(schema["properties"]) == set(module._TOP)
    assert set(schema["properties"]["classes"]["properties"]) == set(module.VARIANT_CLASSES)
    assert set(schema["$defs"]["class"]["properties"]) == set(module._CLASS)
    assert schema["properties"]["status"]["enum"] == list(module.STATUSES)


def test_the_demonstration_assay_fits_its_schema(root: Path) -> None:
    import yaml
    from jsonschema import Draft202012Validator

    from targetboard.config import load_schema

    path = root / "resources/demo/panel.assay.yaml"
    Draft202012Validator(load_schema(root / "workflow/schemas/assay.schema.yaml")).validate(
        yaml.safe_load(path.read_text(encoding="utf-8"))
    )
    assert read_assay(path).minimum_depth == 200
