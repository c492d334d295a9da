"""Documents of the cohort's tests, and a maker of small ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.cohort.collect import Cohort, collect

Document = dict[str, Any]


@pytest.fixture(scope="session")
def documents(root: Path) -> dict[str, Document]:
    """The sample documents of tests/data/documents by name."""
    folder = root / "tests/data/documents"
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


@pytest.fixture
def make(documents: dict[str, Document]) -> Callable[..., Document]:
    """A complete document without findings, with keys replaced."""

    def build(sample_id: str = "S1", tumour: str = "MEL", **changes: Any) -> Document:
        document = copy.deepcopy(documents["no_variants"])
        document["sample"] |= {
            "sample_id": sample_id,
            "tumour_type": {"code": tumour, "name": f"Type {tumour}", "lineage": [tumour]},
        }
        document |= {"variants": [], "events": [], "therapies": [], "resistance": [], "negatives": [], "trials": []}
        document["adequacy"] = {"verdict": "adequate", "reasons": []}
        return {**document, **changes}

    return build


@pytest.fixture
def variant() -> Callable[..., dict[str, Any]]:
    """The keys of a variant that the cohort reads."""

    def build(gene: str = "BRAF", hgvsp: str = "p.Val600Glu", **changes: Any) -> dict[str, Any]:
        base = {
            "gene": gene,
            "hgvsp": hgvsp,
            "hgvsc": "",
            "ref": "A",
            "alt": "T",
            "consequence": "missense_variant",
            "driver_class": "validated_driver",
            "tier": {"amp": "I-A", "escat": None},
            "vaf": 0.25,
            "flags": [],
        }
        return {**base, **changes}

    return build


@pytest.fixture
def claim() -> Callable[..., dict[str, Any]]:
    """The keys of a statement on a treatment that the cohort reads."""

    def build(amp: str | None = "I-A", **changes: Any) -> dict[str, Any]:
        base = {
            "implication": "therapeutic",
            "direction": "sensitive",
            "drugs": ["dabrafenib", "trametinib"],
            "regimen": "",
            "biomarkers": ["BRAF_V600E"],
            "state": "met",
            "amp": amp,
            "conflicts_with": [],
        }
        return {**base, **changes}

    return build


@pytest.fixture
def mixed(documents: dict[str, Document], make: Callable[..., Document]) -> Cohort:
    """All documents of the folder and one of another knowledge release."""
    older = make("OLD-1")
    older["provenance"] = copy.deepcopy(older["provenance"])
    older["provenance"]["knowledge"][0] |= {"release": "2025.9", "sha256": "0" * 64}
    return collect([*documents.values(), older])
