"""The compiled index: equal to its tables however it is decoded, stable when rebuilt, light to open; layers told."""

from __future__ import annotations

import time
from dataclasses import fields
from pathlib import Path

import pytest

from targetboard.knowledge.compiled import open_compiled
from targetboard.knowledge.index import build, read_index
from targetboard.knowledge.lazy import Piecewise, Whole
from targetboard.knowledge.loader import load
from targetboard.knowledge.manifest import write_manifest
from targetboard.knowledge.records import KnowledgeBase, LayerShare
from targetboard.model import Assembly

ROOT = Path(__file__).resolve().parents[3]
# The budget is 50 ms of CPU; a busy machine is given five times that before the test fails.
BUDGET_SECONDS = 0.25


@pytest.fixture
def index(knowledge_dir: Path, tmp_path: Path) -> Path:
    path = tmp_path / "index.json"
    path.write_bytes(build([knowledge_dir]).content)
    return path


def local_layer(tmp_path: Path, knowledge_dir: Path) -> Path:
    local = tmp_path / "local"
    local.mkdir()
    header = (knowledge_dir / "drugs.tsv").read_text().splitlines()[0]
    rows = ["inventinib\tother\tnew target\t\t\tPMID:2\thospital", "addedinib\tother\tadded\t\t\tPMID:2\thospital"]
    (local / "drugs.tsv").write_text("\n".join([header, *rows]) + "\n")
    (local / "MANIFEST.yaml").write_text("release: local\ndate: 2026-02-02\ntables: {}\n")
    write_manifest(local)
    return local


@pytest.mark.parametrize("name", [field.name for field in fields(KnowledgeBase)])
def test_every_part_equals_that_of_the_tables(name: str, knowledge_dir: Path, index: Path) -> None:
    compiled, read = getattr(load([index]), name), getattr(load([knowledge_dir]), name)
    assert compiled == read
    if name in {"alterations", "claims", "genes", "hotspots", "proteins"}:
        assert list(compiled) == list(read)


def test_look_ups_that_find_nothing(index: Path) -> None:
    base = load([index])
    for table in (base.genes, base.alterations, base.alterations_by_gene, base.proteins, base.curated_changes):
        assert table.get("NOTHING") is None
        assert "NOTHING" not in table
        with pytest.raises(KeyError):
            table["NOTHING"]
    assert base.alleles[Assembly.GRCH37].get(("1", 1, "A", "C"), ()) == ()
    assert len(base.alterations) == len(list(base.alterations))


def test_values_are_decoded_once_and_only_when_asked_for() -> None:
    calls: list[str] = []

    def decode(stored: str) -> str:
        calls.append(stored)
        return stored.upper()

    pieces = Piecewise({"a": "x", "b": "y"}, decode)
    whole = Whole(lambda: pieces)
    assert calls == []
    assert (whole["a"], whole["a"], len(whole), "b" in whole) == ("X", "X", 2, True)
    assert calls == ["x"]
    assert dict(whole) == {"a": "X", "b": "Y"}


def test_an_index_of_an_index_is_the_same(index: Path) -> None:
    assert build([index]).content == index.read_bytes()


def test_tables_of_an_index_keep_the_order_of_alterations(knowledge_dir: Path, index: Path) -> None:
    ids = [line.split("\t")[0] for line in (knowledge_dir / "alterations.tsv").read_text().splitlines()[1:]]
    assert [key[0] for key in read_index(index).rows["alterations"]] == ids


def test_layers_are_told_row_by_row(knowledge_dir: Path, index: Path, tmp_path: Path) -> None:
    local = local_layer(tmp_path, knowledge_dir)
    merged = tmp_path / "merged.json"
    merged.write_bytes(build([knowledge_dir, local]).content)
    for base in (load([knowledge_dir, local]), load([index, local]), load([merged])):
        first, second = base.layers
        assert base.layer_of("drugs", "inventinib") == second
        assert base.layer_of("drugs", "addedinib") == second
        assert base.layer_of("drugs", "inventumab") == first
        assert base.layer_of("genes", "INVO1") == first
        assert base.shares() == (LayerShare(second, "drugs", added=1, replaced=1),)
    assert load([knowledge_dir]).shares() == load([index]).shares() == ()


def test_the_shipped_tables_open_within_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "index.json"
    path.write_bytes(build([ROOT / "resources/knowledge"]).content)
    started = time.process_time()
    base = load([path])
    genes = list(base.genes)[:40]
    for gene in genes:
        for alteration in base.alterations_by_gene.get(gene, ()):
            base.curated_changes.get(alteration.alteration_id)
        base.proteins.get(gene)
        base.hotspots.get(gene)
    for table in (base.claims, base.biomarkers, base.drugs, base.approvals, base.tumour_types, *base.alleles.values()):
        assert len(table) >= 0
    assert time.process_time() - started < BUDGET_SECONDS
    assert set(open_compiled(path).places["hotspots"]) == set(base.hotspots)
