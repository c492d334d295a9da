"""Names found with literals are those that reading every annotation entry finds, in every spelling."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known
from targetboard.model import Assembly
from targetboard.screen import Screen
from targetboard.screen_tables import Tables
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.layout import PADDING, lay_out
from targetboard.vcf.literals import literals_of

FIELDS = (
    "Allele",
    "Consequence",
    "IMPACT",
    "SYMBOL",
    "Gene",
    "EXON",
    "SYMBOL_SOURCE",
    "HGNC_ID",
    "CANONICAL",
    "MANE",
    "TSL",
)
WANTED = ("SYMBOL", "HGNC", "Gene", "HGNC_ID")


@pytest.fixture(scope="module")
def known(root: Path) -> Known:
    base = load([root / "resources/knowledge"])
    return Known(base, Assembly.GRCH38, Loci.of(base, Assembly.GRCH38))


def named(known: Known, text: bytes, *, literals: bool) -> list[bool]:
    annotated = AnnotationFormat("CSQ", "CSQ", FIELDS)
    tables = Tables.of(known, annotated)
    if literals:
        tables.expect_many()
        assert tables.literals is not None
    screen = Screen(known, annotated, {}, None, tables=tables)
    layout = lay_out(text + PADDING, 10)
    assert layout is not None
    return [bool(flag) for flag in screen._named(layout, np.zeros(layout.count, dtype=np.bool_))]


def line(*entries: str, info: str = "") -> bytes:
    return f"chr9\t77\t.\tA\tC\t.\tPASS\t{info}CSQ={','.join(entries)}\tGT:AD\t0/1:9,4\n".encode()


def entry(symbol: str, gene: str = "ENSG00000000001", number: str = "", canonical: str = "YES") -> str:
    return f"C|intron_variant|MODIFIER|{symbol}|{gene}||HGNC|{number}|{canonical}||1"


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ((entry("EGFR"),), True),
        ((entry("egfr"),), True),
        ((entry("ERBB1"),), True),
        ((entry("NOSUCH1"),), False),
        ((entry("NOSUCH1"), entry("KRAS")), True),
        ((entry("NOSUCH1", number="HGNC:3236"),), True),
        ((entry("NOSUCH1", number="3236"),), True),
        ((entry("NOSUCH1", number="HGNC:999999"),), False),
        ((entry("YES"),), True),
        ((entry("NOSUCH1", canonical="YES"),), False),
        ((entry("XEGFR"), entry("EGFRX")), False),
    ],
)
def test_both_ways_agree_on(known: Known, entries: tuple[str, ...], expected: bool) -> None:
    if any("|YES|ENSG" in text for text in entries):
        expected = known.base.gene("YES") is not None
    text = line(*entries)
    assert named(known, text, literals=False) == [expected]
    assert named(known, text, literals=True) == [expected]


def test_both_ways_agree_on_every_name_of_the_tables(known: Known) -> None:
    dice = random.Random(7)  # noqa: S311
    names = sorted({name for gene in known.base.genes.values() for name in (gene.gene, *gene.aliases, gene.hgnc_id)})
    lines = []
    for name in names:
        form = dice.choice((name, name, name.upper(), name.lower()))
        own = entry("OTHER", number=form) if form.upper().startswith("HGNC:") else entry(form)
        lines.append(line(*dice.sample([own, entry("OTHER1"), entry("OTHER2")], 3)))
    text = b"".join(lines)
    assert named(known, text, literals=True) == named(known, text, literals=False)
    assert sum(named(known, text, literals=True)) > len(known.base.genes)


def test_ends_of_info_are_found_with_their_values(known: Known) -> None:
    literals = literals_of(FIELDS, WANTED, {"EGFR"})
    assert literals is not None
    text = line(entry("X"), info="END=120;DP=3;") + line(entry("X"), info="DP=3;CIEND=5;END=99;")
    _, ends = literals.find(text)
    assert [text[place : place + 3].rstrip(b";") for place in ends] == [b"120", b"99"]


@pytest.mark.parametrize(
    "fields",
    [
        ("SYMBOL", "Gene", "Consequence"),
        ("Allele", "Gene", "SYMBOL"),
        ("Allele", "SYMBOL", "Consequence", "Gene", "TSL"),
        ("Allele", "SYMBOL", "Gene", "HGNC_ID", "TSL"),
        ("Allele", "SYMBOL", "Gene", "CANONICAL", "TSL"),
    ],
)
def test_unusual_orders_of_fields_are_left_to_the_other_way(fields: tuple[str, ...]) -> None:
    assert literals_of(fields, WANTED, {"EGFR"}) is None


def test_a_literal_ends_where_the_name_ends(known: Known) -> None:
    base: KnowledgeBase = known.base
    literals = literals_of(FIELDS, WANTED, set(base.genes))
    assert literals is not None
    places, _ = literals.find(b"|EGFR|ENSG1|EGFRVIII|KRAS|KRASX|")
    assert np.array(places).tolist() == [0, 20]
