"""The whole page: well-formed, self-contained, inert, accessible, complete and the same every time."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from targetboard.report.render import BANNER, render

Example = Callable[[str], dict[str, Any]]
NAMES = (
    "failed_build",
    "hostile",
    "inadequate",
    "no_variants",
    "nsclc_alk_fusion",
    "nsclc_egfr_t790m",
    "only_uncertain",
)
COMPLETE = tuple(name for name in NAMES if name != "failed_build")
SVG = "{http://www.w3.org/2000/svg}"


def parse(page: str) -> Element:
    """The tree a browser builds; a parse error fails the test."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def by_id(tree: Element, identifier: str) -> Element:
    found = [element for element in tree.iter() if element.get("id") == identifier]
    assert len(found) == 1, f"{identifier}: {len(found)} elements"
    return found[0]


@pytest.mark.parametrize("name", NAMES)
def test_examples_are_valid_documents(name: str, example: Example, root: Path) -> None:
    schema = json.loads((root / "workflow/schemas/document.schema.json").read_text(encoding="utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(example(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_page_is_well_formed_and_inert(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    allowed = {
        "html",
        "head",
        "body",
        "meta",
        "title",
        "link",
        "style",
        "a",
        "p",
        "strong",
        "span",
        "header",
        "h1",
        "h2",
        "h3",
    }
    allowed |= {"nav", "ul", "li", "main", "section", "div", "dl", "dt", "dd", "details", "summary", "footer", "figure"}
    allowed |= {"table", "caption", "thead", "tbody", "tr", "th", "td", "figcaption"}
    for element in tree.iter():
        assert isinstance(element.tag, str), "a comment reached the page"
        assert element.tag in allowed or element.tag.startswith(SVG), element.tag
        for attribute in element.attrib:
            assert not str(attribute).lower().startswith("on"), attribute
            assert attribute not in ("style", "src", "srcset", "action", "formaction", "data"), attribute


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_to_this_page_or_to_pubmed(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    identifiers = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    for element in tree.iter("a"):
        target = element.get("href", "")
        if target.startswith("#"):
            assert target[1:] in identifiers, target
        else:
            assert re.fullmatch(r"https://pubmed\.ncbi\.nlm\.nih\.gov/[0-9]{1,9}/", target), target
            assert "noreferrer" in element.get("rel", "")
    assert [element.get("href") for element in tree.iter("link")] == ["data:,"]


@pytest.mark.parametrize("name", NAMES)
def test_policy_allows_exactly_the_inline_styles(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    policies = [e.get("content") for e in tree.iter("meta") if e.get("http-equiv") == "Content-Security-Policy"]
    hashes = [
        "'sha256-" + base64.b64encode(hashlib.sha256((style.text or "").encode()).digest()).decode() + "'"
        for style in tree.iter("style")
    ]
    expected = f"default-src 'none'; style-src {' '.join(hashes)}; img-src data:; base-uri 'none'; form-action 'none'"
    assert policies == [expected]


@pytest.mark.parametrize("name", NAMES)
def test_styles_load_nothing_and_cannot_be_broken_by_data(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    shared, sheet = (style.text or "" for style in tree.iter("style"))
    assert "url(" not in shared
    assert "@import" not in shared
    string = r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"'
    pattern = (
        rf"@page\{{@top-left\{{content:{string}\}}@top-right\{{content:{string}\}}@bottom-left\{{content:{string}\}}\}}"
    )
    assert re.fullmatch(pattern, sheet)


@pytest.mark.parametrize("name", NAMES)
def test_page_is_accessible_by_structure(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    assert tree.get("lang") == "en"
    headings = [int(element.tag[1]) for element in tree.iter() if element.tag in ("h1", "h2", "h3", "h4")]
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(headings))
    for table in tree.iter("table"):
        captions = table.findall("caption")
        assert len(captions) == 1
        assert text_of(captions[0])
        assert all(th.get("scope") in ("col", "row") for th in table.iter("th"))
        assert table.findall("thead")
    for svg in tree.iter(f"{SVG}svg"):
        if svg.get("aria-hidden") == "true":
            continue
        assert svg.get("role") == "img"
        assert text_of(svg.findall(f"{SVG}title")[0])
        assert text_of(svg.findall(f"{SVG}desc")[0])
    first_link = next(iter(tree.iter("a")))
    assert first_link.get("href") == "#content"


@pytest.mark.parametrize("name", NAMES)
def test_banner_and_disclaimer_are_always_there(name: str, example: Example) -> None:
    tree = parse(render(example(name)))
    body = text_of(next(iter(tree.iter("body"))))
    assert f"{BANNER} machine generated · research use unless validated by the laboratory" in body
    assert "does not replace the judgement of the treating team; a match does not mean the drug will work" in body


def test_same_document_gives_same_bytes_in_any_process(nsclc: dict[str, Any], root: Path) -> None:
    program = "import json,sys,hashlib; from targetboard.report.render import render;"
    program += "print(hashlib.sha256(render(json.load(sys.stdin)).encode()).hexdigest())"
    digests = {hashlib.sha256(render(nsclc).encode()).hexdigest()}
    for seed, zone in (("1", "Asia/Tokyo"), ("2", "UTC")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "TZ": zone,
            "LC_ALL": "C",
            "PYTHONPATH": str(root / "scripts"),
        }
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(nsclc),
            text=True,
            capture_output=True,
            env=environment,
            check=True,
        )
        digests.add(done.stdout.strip())
    assert len(digests) == 1


@pytest.mark.parametrize("name", COMPLETE)
def test_every_variant_stands_once_in_drivers_or_appendix(name: str, example: Example) -> None:
    document = example(name)
    tree = parse(render(document))
    drivers = re.findall(r"variant-(\d+)", " ".join(e.get("id", "") for e in by_id(tree, "drivers").iter()))
    others = re.findall(r"variant-(\d+)", " ".join(e.get("id", "") for e in by_id(tree, "appendix").iter()))
    assert sorted(map(int, drivers + others)) == list(range(len(document["variants"])))
    classes = ("validated_driver", "likely_driver")
    assert all(document["variants"][int(index)]["driver_class"] in classes for index in drivers)


def drug_names(document: dict[str, Any], root: Path) -> set[str]:
    """Drugs the document names and, where the knowledge table exists, all drugs it knows."""
    names = {
        drug
        for key in ("therapies", "withheld", "options_without_biomarker")
        for row in document[key]
        for drug in row["drugs"]
    }
    names |= {drug for row in document["resistance"] for drug in row["after"]}
    table = root / "resources/knowledge/drugs.tsv"
    if table.is_file():
        names |= {line.split("\t")[0] for line in table.read_text(encoding="utf-8").splitlines()[1:] if line.strip()}
    return {name.lower() for name in names} | {"gefitinib", "osimertinib"}


@pytest.mark.parametrize("name", ["nsclc_alk_fusion", "nsclc_egfr_t790m", "only_uncertain"])
def test_no_drug_name_near_a_variant_that_carries_none(name: str, example: Example, root: Path) -> None:
    """The false-hope rule: one match of only_uncertain speaks of gefitinib in its mechanism."""
    document = example(name)
    tree = parse(render(document))
    classes = ("validated_driver", "likely_driver")
    places = [by_id(tree, "appendix")]
    places += [
        by_id(tree, f"trail-{index}")
        for index, variant in enumerate(document["variants"])
        if variant["driver_class"] not in classes
    ]
    assert len(places) > 1
    assert all(text_of(place) for place in places)
    said = " ".join(text_of(place).lower() for place in places)
    assert [drug for drug in drug_names(document, root) if re.search(rf"\b{re.escape(drug)}\b", said)] == []


def test_hostile_values_are_shown_as_text(example: Example) -> None:
    page = render(example("hostile"))
    tree = parse(page)
    shown = "".join(tree.itertext())
    for value in (
        "<script>alert(1)</script>",
        "{{7*7}}{% for x in y %}",
        "javascript:alert(1)",
        '"><img src=x onerror=alert(1)>',
    ):
        assert value in shown
    assert "49{" not in shown
    assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b\ufffe\\x00\\x08]", page)
    assert "\\u202egnp.exe" in shown
    assert "שלום مرحبا" in shown


def test_failed_page_says_what_where_and_remedy_and_nothing_else(example: Example) -> None:
    document = example("failed_build")
    tree = parse(render(document))
    failure = text_of(by_id(tree, "failure"))
    for key in ("what", "where", "remedy"):
        assert document["error"][key] in failure
    assert "neither a positive nor a negative finding" in failure
    sections = [element.get("id") for element in tree.iter("section")]
    assert sections == ["failure", "identity", "origin"]


def test_empty_page_says_so(example: Example) -> None:
    tree = parse(render(example("no_variants")))
    assert "No variants were reported in this sample." in text_of(by_id(tree, "drivers"))
    assert "No variants were reported in this sample." in text_of(by_id(tree, "appendix"))
    assert "No treatment is supported" in text_of(by_id(tree, "therapies"))
    assert "Coverage data not supplied: no negative finding can be stated." in text_of(by_id(tree, "negatives"))
    assert "Coverage data not supplied: no negative finding can be stated." in text_of(by_id(tree, "headline"))
    assert "Adequacy not stated Coverage data were not supplied." in text_of(by_id(tree, "headline"))
    assert "Assay not described" in text_of(by_id(tree, "assay"))


def test_identity_shows_at_least_four_identifiers_or_says_that_they_are_missing(example: Example) -> None:
    rich = text_of(by_id(parse(render(example("nsclc_egfr_t790m"))), "identity"))
    for identifier in ("P-0231", "NSCLC-014", "B26-1182-A2", "RUN-0425", "NSCLC-014_T"):
        assert identifier in rich
    poor = text_of(by_id(parse(render(example("no_variants"))), "identity"))
    assert "Specimen not provided Run or library not provided" in poor
    assert "dialect written from documentation only" in poor


@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=60), number=st.integers(min_value=0, max_value=9))
def test_any_text_leaves_the_page_well_formed(text: str, number: int) -> None:
    document = json.loads((Path(__file__).resolve().parents[2] / "data/documents/failed_build.json").read_text("utf-8"))
    expected = [element.tag for element in parse(render(document)).iter()]
    document["sample"]["sample_id"] = f"S{text}"
    document["sample"]["patient_id"] = text or "P"
    document["error"]["what"] = document["error"]["where"] = f"{text}{number}"
    document["provenance"]["knowledge"][0]["release"] = text
    page = render(document)
    page.encode("utf-8")
    assert [element.tag for element in parse(page).iter()] == expected
