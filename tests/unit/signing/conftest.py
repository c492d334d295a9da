"""A document beside which one can sign, and the command line in a few words."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.cli import main

SAMPLE = "NSCLC-014"


@pytest.fixture
def document_path(tmp_path: Path, root: Path) -> Path:
    """The NSCLC example of the report tests under its sample's name."""
    path = tmp_path / f"{SAMPLE}.json"
    path.write_bytes((root / "tests/data/documents/nsclc_egfr_t790m.json").read_bytes())
    return path


@pytest.fixture
def sign(document_path: Path) -> Callable[..., int]:
    """``targetboard sign`` with the options that are always needed; later ones replace them."""

    def run(meaning: str, *more: str) -> int:
        options = ["--document", str(document_path), "--reviewer", "R. Example", "--role", "Pathologist"]
        return main(["sign", *options, "--meaning", meaning, "--date", "2026-05-04", *more])

    return run


@pytest.fixture
def rewrite(document_path: Path) -> Callable[[Callable[[dict[str, Any]], None]], None]:
    """Change the document as a run with other knowledge or inputs would."""

    def run(change: Callable[[dict[str, Any]], None]) -> None:
        document = json.loads(document_path.read_text(encoding="utf-8"))
        change(document)
        document_path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")

    return run


@pytest.fixture
def overrides(tmp_path: Path) -> Callable[..., Path]:
    """A table of overrides from rows of subject, field, value and reason."""

    def write(*rows: tuple[str, str, str, str]) -> Path:
        path = tmp_path / "overrides.tsv"
        lines = ["\t".join(row) for row in (("subject", "field", "value", "reason"), *rows)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
