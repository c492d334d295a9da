"""Counts of a knowledge base: they add up, keep their order, and make the page."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from targetboard.cli import main
from targetboard.knowledge.records import KnowledgeBase
from targetboard.knowledge.stats import as_markdown, as_text, statistics, unreviewed, verification


def test_counts_add_up(kb: KnowledgeBase) -> None:
    counts = statistics(kb)
    for title in ("Alterations by kind and evidence", "Alterations by event", "Alterations per gene"):
        assert sum(counts[title].values()) == len(kb.alterations)
    for title in ("Claims by evidence level", "Claims by implication and direction"):
        assert sum(counts[title].values()) == len(kb.claims)
    states = {name: n for name, n in counts["Verification"].items() if name.startswith("alterations: ")}
    assert sum(states.values()) == len(kb.alterations)
    assert sum(counts["Review"].values()) == len(kb.alterations) + len(kb.claims)


def test_review_needs_two_people(kb: KnowledgeBase) -> None:
    name = next(iter(kb.claims))
    for people, waiting in (((), 0), (("A",), 0), (("A", "B"), 1)):
        claims = dict(kb.claims) | {name: replace(kb.claims[name], reviewers=people)}
        assert unreviewed(replace(kb, claims=claims))["claims"] == (len(kb.claims) - waiting, len(kb.claims))


def test_states_of_verification(kb: KnowledgeBase) -> None:
    row = kb.alterations["INVO1_V60E"]
    assert verification(row) == "verified"
    assert verification(replace(row, verified_in="unverified")) == "unverified"
    assert verification(replace(row, sources=())) == "not sourced"
    assert verification(next(iter(kb.approvals.values()))[0]) == "verified"


def test_the_page(kb: KnowledgeBase) -> None:
    page = as_markdown(kb, statistics(kb))
    assert page[0].startswith("# ")
    assert f"| alterations | {len(kb.alterations)} |" in page
    assert as_text(kb, statistics(kb))[0] == f"knowledge release {kb.release}"


def test_on_the_command_line(knowledge_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["knowledge", "stats", "--knowledge", str(knowledge_dir), "--markdown"]) == 0
    first = capsys.readouterr().out
    assert main(["knowledge", "stats", "--knowledge", str(knowledge_dir), "--markdown"]) == 0
    assert capsys.readouterr().out == first
    assert first.startswith("# Numbers of the knowledge tables\n")
    assert main(["knowledge", "stats", "--knowledge", str(knowledge_dir)]) == 0
    assert "Alterations per gene" in capsys.readouterr().out
