"""Builders of small knowledge bases and variants."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
