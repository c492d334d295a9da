"""Example documents of the report, written by us at true coordinates (tests/data/documents).

Alleles were checked against CIViC, DoCM and Cancer Hotspots; patients, samples, digests and read counts are invented.
``hostile`` is the rich document with every free string replaced by an attack: markup, template and style syntax, script
addresses, formulas, control and right-to-left characters.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"


@pytest.fixture(scope="session")
def _read() -> dict[str, Any]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(DOCUMENTS.glob("*.json"))}


@pytest.fixture
def example(_read: dict[str, Any]) -> Callable[[str], dict[str, Any]]:
    """A fresh copy of an example document by its file name."""
    return lambda name: copy.deepcopy(_read[name])


@pytest.fixture
def nsclc(example: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """NSCLC at progression: EGFR L858R and T790M, PIK3CA E545K, TP53 R273H and variants that carry no treatment."""
    return example("nsclc_egfr_t790m")
