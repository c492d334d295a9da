"""The page of a patient over time in a real browser: no requests, nothing overflowing, readable, numbered in print."""

from __future__ import annotations

import base64
import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from chromium_pipe import Browser

from targetboard.patient.document import patient_document
from targetboard.patient.render import BANNER, render_patient

pytestmark = pytest.mark.browser
NAMES = ("course", "hostile")


def later(document: dict[str, Any], sample_id: str, **clinical: str) -> dict[str, Any]:
    """The document as another sample of the same patient, without its first variant."""
    own = copy.deepcopy(document)
    own["sample"]["sample_id"] = sample_id
    own["sample"]["clinical"].update(clinical)
    own["variants"] = own["variants"][1:]
    return own


@pytest.fixture(scope="module")
def courses(tmp_path_factory: pytest.TempPathFactory, root: Path) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("courses")
    written = {}
    for name, source in zip(NAMES, ("nsclc_egfr_t790m", "hostile"), strict=True):
        document = json.loads((root / f"tests/data/documents/{source}.json").read_text(encoding="utf-8"))
        documents = [
            document,
            later(document, "LATER-1", collection_date="2027-01-05", site="liver", time_point="progression 2"),
            later(document, "LATER-2", collection_date="2027-01-05", site="bone", time_point="progression 2"),
            later(
                document, "LATER-3", collection_date="2027-01-06", specimen_type="plasma", time_point="progression 2"
            ),
        ]
        digests = {row["sample"]["sample_id"]: "0" * 64 for row in documents}
        written[name] = folder / f"{name}.html"
        written[name].write_text(render_patient(patient_document(documents, digests, "0" * 64)), encoding="utf-8")
    return written


@pytest.mark.parametrize("name", NAMES)
def test_loads_without_requests_or_messages(name: str, browser: Browser, courses: dict[str, Path]) -> None:
    browser.open(courses[name], scripts=True)
    browser.call("Runtime.evaluate", expression="0")
    said = [e["params"] for e in browser.events if e.get("method") in ("Log.entryAdded", "Runtime.consoleAPICalled")]
    assert said == []
    assert "Page.javascriptDialogOpening" not in [event.get("method", "") for event in browser.events]
    asked = [e["params"]["request"]["url"] for e in browser.events if e.get("method") == "Network.requestWillBeSent"]
    assert [url for url in asked if not url.startswith("data:")] == [courses[name].as_uri()]
    assert browser.value("document.styleSheets.length") == 3


@pytest.mark.parametrize("width", [390, 768, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_nothing_overflows(name: str, width: int, browser: Browser, courses: dict[str, Path]) -> None:
    browser.open(courses[name], width=width)
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    wide = browser.value(
        f"""[...document.querySelectorAll('body *')].filter(e => !e.closest('.scroll, .skip, .hidden, svg, thead')
        && e.getBoundingClientRect().right > {width} + 0.5).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert wide == []
    assert browser.value("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [390, 1200])
@pytest.mark.parametrize("name", NAMES)
def test_accessibility_checker_finds_nothing(
    name: str, width: int, axe: str, browser: Browser, courses: dict[str, Path]
) -> None:
    browser.open(courses[name], width=width)
    browser.value("document.querySelectorAll('details').forEach(d => { d.open = true })")
    browser.call("Runtime.evaluate", expression=axe)
    found = browser.awaited(
        """axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v =>
        [v.impact, v.id, v.help, v.nodes.length, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))"""
    )
    assert found == []


def test_prints_on_numbered_pages(browser: Browser, courses: dict[str, Path], tmp_path: Path) -> None:
    browser.open(courses["course"])
    printed = browser.call("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    reader = shutil.which("pdftotext")
    if reader is None:
        pytest.skip("no pdftotext on PATH: the text of the printed pages was not checked")
    (tmp_path / "course.pdf").write_bytes(base64.b64decode(printed["data"]))
    command = [reader, "-layout", "course.pdf", "-"]
    text = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    sheets = text.removesuffix("\f").split("\f")
    for number, sheet in enumerate(sheets, start=1):
        assert f"page {number} of {len(sheets)}" in sheet
        assert BANNER in sheet
        assert "Patient P-0231 · 4 samples" in sheet
