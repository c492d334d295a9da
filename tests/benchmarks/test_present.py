"""The README's section on performance, the tables and the plot are those of the results file."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture(scope="module")
def present() -> ModuleType:
    spec = importlib.util.spec_from_file_location("present", Path(__file__).with_name("present.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_readme_tables_and_plot_are_in_step(present: ModuleType) -> None:
    results = json.loads(present.RESULTS.read_text(encoding="utf-8"))
    readme = present.README.read_text(encoding="utf-8")
    assert present.replaced(readme, present.section(results)) == readme
    assert present.TABLES.read_text(encoding="utf-8") == present.tables(results)
    genome = next(case for case in results["cases"] if case["id"] == "genome")
    assert present.PLOT.read_text(encoding="utf-8") == present.plot(genome)


def test_a_budget_that_was_not_kept_is_said(present: ModuleType) -> None:
    claims = [{"what": "w", "measured": 0.31, "limit": 0.2, "unit": ""}]
    told = present.claims_table({"cases": [{"claims": claims}]})
    assert "| w | 0.31 | 0.2 | **no** |" in told


def test_a_readme_without_marks_is_refused(present: ModuleType) -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        present.replaced("no marks here", "new")
