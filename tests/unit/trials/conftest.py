"""A small knowledge base with biomarkers that trials ask for."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from targetboard.knowledge.records import KnowledgeBase

BUILDERS = Path(__file__).resolve().parents[1] / "classify" / "small_knowledge.py"


@pytest.fixture(scope="session")
def small() -> ModuleType:
    """Module with ``make_kb`` and ``make_variant``."""
    spec = importlib.util.spec_from_file_location("small_knowledge", BUILDERS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["small_knowledge"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def kb(small: ModuleType) -> KnowledgeBase:
    """EGFR L858R and T790M, BRAF V600E, KRAS G12C, an ALK fusion and PD-L1."""

    def alteration(name: str, **values: Any) -> dict[str, Any]:
        return {"alteration_id": name, "gene": name.split("_")[0], "label": name.replace("_", " "), **values}

    profiles = {
        "L858R": "EGFR_L858R",
        "V600E": "BRAF_V600E",
        "G12C": "KRAS_G12C",
        "ALK": "ALK_FUSION",
        "PDL1": "PD-L1_TPS >= 50",
        "RAS_WILD": "wild_type(RAS)",
        "RPE": "RPE65_R91W",
    }
    made: KnowledgeBase = small.make_kb(
        genes=[{"gene": name} for name in ("EGFR", "BRAF", "KRAS", "NRAS", "ALK", "RPE65")],
        alterations=[
            alteration("EGFR_L858R", protein_changes=("p.Leu858Arg",)),
            alteration("EGFR_T790M", protein_changes=("p.Thr790Met",)),
            alteration("BRAF_V600E", protein_changes=("p.Val600Glu",)),
            alteration("KRAS_G12C", protein_changes=("p.Gly12Cys",)),
            alteration("ALK_FUSION", event="fusion"),
            alteration("RPE65_R91W", protein_changes=("p.Arg91Trp",)),
        ],
        drugs=[
            {"drug": "osimertinib", "target": "EGFR"},
            {"drug": "erlotinib", "target": "EGFR"},
            {"drug": "sotorasib", "target": "KRAS G12C"},
            {"drug": "pembrolizumab", "target": "PD-1", "modality": "immune checkpoint inhibitor"},
        ],
        markers=[{"marker_id": "PD-L1_TPS", "label": "PD-L1 TPS", "unit": "%"}],
        biomarkers=[
            {"biomarker_id": name, "label": f"label of {name}", "profile": text} for name, text in profiles.items()
        ],
    )
    return made
