"""The user's contract page is what the schemas say."""

from __future__ import annotations

from pathlib import Path

from targetboard.config_readme import render


def test_page_is_in_step_with_the_schemas(root: Path) -> None:
    page = (root / "config/README.md").read_text(encoding="utf-8")
    assert page == render(), "run: PYTHONPATH=scripts python -m targetboard.config_readme > config/README.md"


def test_every_column_and_key_is_listed() -> None:
    page = render()
    for name in ("`sample_id` | yes", "`reference.GRCh38.fasta`", "`allow_missing_eof`", "`prior_therapies`"):
        assert name in page
