"""The page: self-contained, inert, the same bytes again; the timeline draws states apart."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import html5lib

from targetboard.patient.document import patient_document
from targetboard.patient.render import render_patient
from targetboard.patient.timeline import MOST_ROWS, timeline

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}{% for x in y %}",
    "</style><svg onload=alert(1)>",
    "javascript:alert(1)",
    "\u202egnp.exe\x00\u200b",
)


def compared(documents: list[dict[str, Any]]) -> dict[str, Any]:
    return patient_document(documents, {row["sample"]["sample_id"]: "0" * 64 for row in documents}, "0" * 64)


def course(make_document: Callable, make_variant: Callable, count: int = 1) -> list[dict[str, Any]]:
    entries = [
        make_variant("EGFR", 1100 + number, f"p.Leu{number}Arg", alteration=f"EGFR_{number}")
        for number in range(1, count + 1)
    ]
    days = ("2024-01-01", "2025-01-01")
    purity = {"purity": 0.5}
    return [
        make_document("A", clinical={"collection_date": days[0]}, sample=purity),
        make_document("B", clinical={"collection_date": days[1]}, sample=purity, variants=entries),
    ]


def test_page_is_valid_and_self_contained(make_document: Callable, make_variant: Callable) -> None:
    page = render_patient(compared(course(make_document, make_variant)))
    assert page == render_patient(compared(course(make_document, make_variant)))
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert not list(tree.iter("script"))
    assert not [element.tag for element in tree.iter() if "style" in element.attrib]
    links = [element.get("href") for element in tree.iter("a")]
    identifiers = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert {link[1:] for link in links if link.startswith("#")} <= set(identifiers)
    assert all(link.startswith(("#", "https://pubmed.ncbi.nlm.nih.gov/")) for link in links)
    assert "DRAFT – NOT SIGNED OUT" in page
    assert "For the treating team" in page  # its name, <patient>.patient.html, is near that of a page for patients


def poisoned(value: Any, attack: str, keep: frozenset[str]) -> Any:
    """Every free string of a document replaced."""
    if isinstance(value, dict):
        return {key: own if key in keep else poisoned(own, attack, keep) for key, own in value.items()}
    if isinstance(value, list):
        return [poisoned(own, attack, keep) for own in value]
    return attack if isinstance(value, str) else value


def test_hostile_text_stays_text(make_document: Callable, make_variant: Callable) -> None:
    document = compared(course(make_document, make_variant))
    document["warnings"] = ["a warning"]
    keep = frozenset({"kind", "state", "status", "compartment", "tokens", "clonality", "driver_class", "origin"})
    for attack in ATTACKS:
        page = render_patient(poisoned(document, attack, keep))
        tree = html5lib.parse(page, namespaceHTMLElements=False)
        assert not list(tree.iter("script"))
        assert not list(tree.iter("img"))
        assert not [element for element in tree.iter() if any(name.startswith("on") for name in element.attrib)]
        assert not re.search("[\u202a-\u202e\u200b\\x00]", page)
        assert "49{" not in page
        assert all(
            (element.get("href") or "#").startswith(("#", "https://pubmed", "data:,")) for element in tree.iter()
        )


def test_timeline_draws_states_apart(make_document: Callable, make_variant: Callable) -> None:
    documents = course(make_document, make_variant)
    figure = timeline(compared(documents), ["acquired"])
    assert figure is not None
    absent, found = figure.rows[0].marks
    assert (absent.state, absent.text) == ("not_detected", "< 5.0 %")
    assert (found.state, found.text) == ("detected", "20.0 %")
    assert [link.dashed for link in figure.rows[0].links] == [True]
    assert float(found.y) < float(absent.y)

    documents[0]["coverage"] = {"kind": "table", "stretches": {}}
    figure = timeline(compared(documents), ["acquired"])
    assert figure is not None
    assert (figure.rows[0].marks[0].state, figure.rows[0].marks[0].text) == ("not_covered", "not covered")
    assert figure.rows[0].links == ()


def test_timeline_says_how_many_variants_it_leaves_out(make_document: Callable, make_variant: Callable) -> None:
    document = compared(course(make_document, make_variant, MOST_ROWS + 3))
    figure = timeline(document, [""] * len(document["variants"]))
    assert figure is not None
    assert len(figure.rows) == MOST_ROWS
    assert figure.left_out == 3
    assert "3 variants more left out" in render_patient(document)


def test_without_a_fraction_there_is_no_figure(make_document: Callable) -> None:
    document = compared([make_document("A"), make_document("B")])
    assert timeline(document, []) is None
    assert "No variant was reported in any sample" in render_patient(document)
