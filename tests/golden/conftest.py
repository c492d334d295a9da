"""Fixtures of the golden tests: the shared module of summaries and expectations, and a run of ``annotate``."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

READING = Path(__file__).parent / "document_reading.py"


def load_reading() -> ModuleType:
    """The module beside this file; tests have no package, so it is loaded by its path."""
    name = "golden_document_reading"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, READING)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def reading() -> ModuleType:
    """Module with ``summary``, ``mismatch`` and ``drug_names``."""
    return load_reading()
