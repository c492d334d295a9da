"""The overview of a cohort in a real browser: no requests, nothing overflowing, readable by assistive software."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chromium_pipe import Browser

from targetboard.cohort.collect import collect
from targetboard.cohort.outputs import write_outputs

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def overview(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    paths = sorted((root / "tests/data/documents").glob("*.json"))
    write_outputs(collect(json.loads(path.read_text(encoding="utf-8")) for path in paths), folder)
    return folder


@pytest.mark.parametrize("name", ["cohort.html", "oncoprint.svg", "tiers.svg"])
def test_loads_without_requests_or_messages(name: str, browser: Browser, overview: Path) -> None:
    page = overview / name
    browser.open(page)
    browser.call("Runtime.evaluate", expression="0")
    said = [e["params"] for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled")]
    assert said == []
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [page.as_uri()]


@pytest.mark.parametrize("width", [390, 768, 1200])
def test_nothing_overflows(width: int, browser: Browser, overview: Path) -> None:
    browser.open(overview / "cohort.html", width=width)
    wide = browser.value(
        f"""[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .skip, .hidden, svg, thead')
        && e.getBoundingClientRect().right > {width} + 0.5).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert browser.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1200])
def test_accessibility_checker_finds_nothing(width: int, axe: str, browser: Browser, overview: Path) -> None:
    browser.open(overview / "cohort.html", width=width)
    browser.call("Runtime.evaluate", expression=axe)
    found = browser.awaited(
        """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
        [v.impact, v.id, v.help, v.nodes.length, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))"""
    )
    assert found == []


def test_figures_are_drawn(browser: Browser, overview: Path) -> None:
    browser.open(overview / "cohort.html")
    boxes = browser.value("[...document.querySelectorAll('figure svg')].map(s => s.getBoundingClientRect().height)")
    assert len(boxes) == 2
    assert min(boxes) > 40
    assert browser.value("getComputedStyle(document.querySelector('.outcome-I-A')).fill") == "rgb(11, 74, 99)"
