"""Report and patient page in a real browser: no requests, no messages, nothing overflowing, numbered sheets in print.

Chromium is driven over its debugging pipe, so that no browser automation library is needed. Set CHROMIUM to the binary
where it is not found on PATH.
"""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from chromium_pipe import Browser

from targetboard.report.patient_page.page import render_patient_page
from targetboard.report.render import BANNER, render

pytestmark = pytest.mark.browser

NAMES = (
    "failed_build",
    "hostile",
    "inadequate",
    "no_variants",
    "nsclc_alk_fusion",
    "nsclc_egfr_t790m",
    "only_uncertain",
)
PAGES = (*NAMES, *(f"{name}.patient" for name in NAMES))
"""Reports by the name of the document, and the patient pages of the same documents."""
MOST_SHEETS = {"inadequate": 6, "nsclc_alk_fusion": 10}
FRONT_PAGE = (
    "Summary",
    "Sample: ",
    "Drivers at a glance",
    "Pertinent negatives at a glance",
    "Treatments with evidence",
)
"""What a reader finds without turning the page."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    written = {}
    for name in NAMES:
        document = json.loads((root / f"tests/data/documents/{name}.json").read_text(encoding="utf-8"))
        written[name] = folder / f"{name}.html"
        written[name].write_text(render(document), encoding="utf-8")
        written[f"{name}.patient"] = folder / f"{name}.patient.html"
        written[f"{name}.patient"].write_text(render_patient_page(document), encoding="utf-8")
    return written


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts allowed", "scripts disabled"])
@pytest.mark.parametrize("name", PAGES)
def test_page_loads_without_requests_or_messages(
    name: str, scripts: bool, browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages[name], scripts=scripts)
    browser.call("Runtime.evaluate", expression="0")
    methods = [event.get("method", "") for event in browser.events]
    said = [e["params"] for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled")]
    assert said == []
    assert "Runtime.exceptionThrown" not in methods
    assert "Page.javascriptDialogOpening" not in methods
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [pages[name].as_uri()]


@pytest.mark.parametrize("width", [390, 768, 1200])
@pytest.mark.parametrize("name", PAGES)
def test_nothing_overflows(name: str, width: int, browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages[name], width=width)
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    wide = browser.value(
        f"""[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .skip, .hidden, svg, thead')
        && e.getBoundingClientRect().right > {width} + 0.5).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert browser.value("document.documentElement.scrollWidth") <= width


def test_style_sheets_are_applied_under_the_policy(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["nsclc_egfr_t790m"])
    assert browser.value("document.styleSheets.length") == 2
    assert browser.value("getComputedStyle(document.querySelector('.banner')).backgroundColor") == "rgb(253, 241, 220)"


def test_folded_parts_open_by_keyboard(browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["nsclc_egfr_t790m"])
    browser.value("document.querySelector('.trail summary').focus()")
    for kind in ("keyDown", "keyUp"):
        browser.call(
            "Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", windowsVirtualKeyCode=13, text="\r"
        )
    assert browser.value("document.querySelector('.trail').open") is True


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", PAGES)
def test_accessibility_checker_finds_nothing(
    name: str, width: int, axe: str, browser: Browser, pages: dict[str, Path]
) -> None:
    browser.open(pages[name], width=width)
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    browser.call("Runtime.evaluate", expression=axe)
    found = browser.awaited(
        """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
        [v.impact, v.id, v.help, v.nodes.length, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))"""
    )
    assert found == []


def test_accessibility_checker_would_find_something(axe: str, browser: Browser, pages: dict[str, Path]) -> None:
    browser.open(pages["nsclc_alk_fusion"])
    browser.value("document.querySelector('#drivers th').setAttribute('role', 'nonsense')")
    browser.value("document.documentElement.removeAttribute('lang')")
    browser.call("Runtime.evaluate", expression=axe)
    found = browser.awaited("axe.run().then(r => r.violations.map(v => v.id))")
    assert {"html-has-lang", "aria-roles"} <= set(found)


@pytest.mark.parametrize("name", PAGES)
def test_prints_on_numbered_pages(name: str, browser: Browser, pages: dict[str, Path], tmp_path: Path) -> None:
    browser.open(pages[name])
    printed = browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    pdf = base64.b64decode(printed["data"])
    sizes = re.findall(rb"/MediaBox \[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]", pdf)
    assert {(round(float(w)), round(float(h))) for w, h in sizes} == {(595, 842)}
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("no pdftotext on PATH: the text of the printed pages was not checked")
    (tmp_path / "report.pdf").write_bytes(pdf)
    command = [reader, "-layout", "report.pdf", "-"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    sheets = text.removesuffix("\f").split("\f")
    for number, sheet in enumerate(sheets, start=1):
        assert f"page {number} of {len(sheets)}" in sheet
        assert BANNER in sheet
        if name == "nsclc_egfr_t790m.patient":
            assert "Patient P-0231 · sample NSCLC-014 · specimen B26-1182-A2" in sheet
        if name == "nsclc_egfr_t790m":
            assert "Patient P-0231 · sample NSCLC-014 · specimen B26-1182-A2 · run RUN-0425" in sheet
    if name in MOST_SHEETS:
        assert len(sheets) <= MOST_SHEETS[name]
        assert all(part in sheets[0] for part in FRONT_PAGE)
