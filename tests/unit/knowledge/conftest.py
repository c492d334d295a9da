"""The small invented knowledge base of tests/data/knowledge, with the repository's own schema beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase

ROOT = Path(__file__).resolve().parents[3]


def copy_knowledge(target: Path) -> Path:
    target.mkdir(parents=True, exist_ok=True)
    for file in (ROOT / "tests/data/knowledge").iterdir():
        shutil.copy(file, target)
    shutil.copy(ROOT / "resources/knowledge/schema.yaml", target)
    return target


@pytest.fixture
def knowledge_dir(tmp_path: Path) -> Path:
    """A fresh, writable copy of the test knowledge."""
    return copy_knowledge(tmp_path / "knowledge")


@pytest.fixture(scope="session")
def kb(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    return load([copy_knowledge(tmp_path_factory.mktemp("kb") / "knowledge")])
