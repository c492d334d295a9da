"""PDF of report and patient page, read back with pypdf: tags, identifiers, page numbers, fonts, bytes, attacks."""

from __future__ import annotations

import copy
import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import typst
from pypdf import PdfReader

from targetboard.report.pdf.glyphs import RANGES, drawable, is_drawable
from targetboard.report.pdf.page_tree import page_tree
from targetboard.report.pdf.paper import STANDARD, render_patient_pdf, render_report_pdf
from targetboard.report.render import render
from targetboard.signing.status import DRAFT

DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"


def document_of(name: str) -> dict[str, Any]:
    return dict(json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def papers() -> dict[str, bytes]:
    """Both papers of the rich document and of the hostile one."""
    made = {}
    for name in ("nsclc_egfr_t790m", "hostile"):
        made[f"{name} report"] = render_report_pdf(document_of(name))
        made[f"{name} patient"] = render_patient_pdf(document_of(name))
    return made


def pages_of(content: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages]


def objects(reader: PdfReader) -> Iterable[Any]:
    for identifier in sorted(reader.xref[0]) + sorted(reader.xref_objStm):
        found = reader.get_object(identifier)
        if found is not None:
            yield found


def structure(reader: PdfReader) -> list[str]:
    """Roles of the structure tree, in reading order."""
    roles: list[str] = []

    def walk(node: Any) -> None:
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            for child in node:
                walk(child)
        elif isinstance(node, dict):
            if "/S" in node:
                roles.append(str(node["/S"]).lstrip("/"))
            if "/K" in node:
                walk(node["/K"])

    walk(reader.trailer["/Root"]["/StructTreeRoot"])
    return roles


@pytest.mark.parametrize("paper", ["report", "patient"])
def test_every_page_bears_identifiers_status_and_its_number(paper: str, papers: dict[str, bytes]) -> None:
    pages = pages_of(papers[f"nsclc_egfr_t790m {paper}"])
    assert len(pages) > 2
    for number, text in enumerate(pages, start=1):
        assert "Patient P-0231 · sample NSCLC-014 · specimen B26-1182-A2 · run RUN-0425" in text
        assert "DRAFT – NOT SIGNED OUT" in text
        assert f"page {number} of {len(pages)}" in text


@pytest.mark.parametrize("paper", ["report", "patient"])
def test_the_file_is_tagged_for_accessibility(paper: str, papers: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(papers[f"nsclc_egfr_t790m {paper}"]))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert root["/Lang"] == "en"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "NSCLC-014" in reader.metadata.title
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    roles = structure(reader)
    assert roles.count("H1") == 1
    assert {"H2", "H3", "Table", "TH", "TR", "TD", "L", "LI"} <= set(roles)
    headings = [int(role[1]) for role in roles if re.fullmatch(r"H[1-6]", role)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


def test_figures_have_a_text_for_those_who_cannot_see_them(papers: dict[str, bytes]) -> None:
    reader = PdfReader(io.BytesIO(papers["nsclc_egfr_t790m report"]))
    texts = [found["/Alt"] for found in objects(reader) if isinstance(found, dict) and found.get("/S") == "/Figure"]
    assert any("Allele fractions of the reported variants" in text for text in texts)
    assert all(texts)


def test_both_papers_say_what_the_pages_say(papers: dict[str, bytes]) -> None:
    document = document_of("nsclc_egfr_t790m")
    report = " ".join(pages_of(papers["nsclc_egfr_t790m report"]))
    drugs = {drug for claim in document["therapies"] for drug in claim["drugs"]}
    assert drugs
    assert {drug for drug in drugs if drug not in report} == set()
    for heading in re.findall(r'<h2 id="[a-z-]+">([^<]+)</h2>', render(document)):
        assert heading in report
    patient = " ".join(pages_of(papers["nsclc_egfr_t790m patient"]))
    assert "A match does not mean that the drug will work for you." in patient
    assert not [v["hgvsp"] for v in document["variants"] if v["driver_class"] == "uncertain" and v["hgvsp"] in patient]


@pytest.mark.parametrize("paper", ["report", "patient"])
def test_hostile_values_are_text_and_nothing_acts(paper: str, papers: dict[str, bytes]) -> None:
    content = papers[f"hostile {paper}"]
    reader = PdfReader(io.BytesIO(content))
    assert not re.search(rb"/(JavaScript|JS|Launch|EmbeddedFile|OpenAction|AA|SubmitForm|GoToR)\b", content)
    for found in objects(reader):
        if isinstance(found, dict):
            assert not {"/JS", "/JavaScript", "/Launch", "/OpenAction", "/AA", "/EF", "/AcroForm"} & set(found)
            if "/URI" in found:
                assert re.fullmatch(r"https://pubmed\.ncbi\.nlm\.nih\.gov/[0-9]{1,9}/", str(found["/URI"]))
    text = "".join(pages_of(content))
    assert "<script>alert(1)</script>" in text
    assert not re.search("[\u202a-\u202e\u200b-\u200f]", text)


def test_markup_of_the_typesetter_is_not_read_from_data() -> None:
    document = document_of("nsclc_egfr_t790m")
    attack = '#panic("x") #read("/etc/passwd") $x$ *b* _i_ `c` = h @label <label> #import "@preview/x:1.0.0" \\ // c'
    document["headline"][0]["text"] = attack
    document["variants"][0]["class_reason"] = attack
    text = " ".join(pages_of(render_report_pdf(document)))
    assert '#panic("x") #read("/etc/passwd") $x$ *b* _i_ `c` = h @label <label>' in text
    assert "root:" not in text


def test_all_fonts_are_embedded(papers: dict[str, bytes]) -> None:
    for content in papers.values():
        found = [
            entry
            for entry in objects(PdfReader(io.BytesIO(content)))
            if isinstance(entry, dict) and entry.get("/Type") == "/FontDescriptor"
        ]
        assert found
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(entry) for entry in found)


def test_two_processes_give_the_same_bytes_and_no_date(papers: dict[str, bytes]) -> None:
    program = (
        "import json,sys,hashlib; from targetboard.report.pdf.paper import render_report_pdf;"
        "print(hashlib.sha256(render_report_pdf(json.load(open(sys.argv[1])))).hexdigest())"
    )
    source = str(Path(__file__).resolve().parents[3] / "scripts")
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, str(DOCUMENTS / "nsclc_egfr_t790m.json")],
            env={**os.environ, "PYTHONPATH": source, "PYTHONHASHSEED": seed, "TZ": zone, "SOURCE_DATE_EPOCH": epoch},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, zone, epoch in (("1", "UTC", "1"), ("2", "Asia/Tokyo", "2000000000"))
    }
    content = papers["nsclc_egfr_t790m report"]
    assert digests == {hashlib.sha256(content).hexdigest()}
    assert b"/CreationDate" not in content
    assert b"CreateDate" not in PdfReader(io.BytesIO(content)).trailer["/Root"]["/Metadata"].get_data()


def test_a_failed_sample_says_so_on_both_papers() -> None:
    document = document_of("failed_build")
    assert "Failed sample" in pages_of(render_report_pdf(document))[0]
    assert "The test could not be completed" in pages_of(render_patient_pdf(document))[0]


def test_a_signed_report_bears_its_status_on_each_page() -> None:
    document = document_of("failed_build")
    document["sign_out"] = {**DRAFT, "status": "final", "banner": "FINAL – VERSION 1", "statement": "Signed."}
    pages = pages_of(render_patient_pdf(document))
    assert pages
    for text in pages:
        assert "FINAL – VERSION 1" in text
        assert "DRAFT" not in text


def test_every_character_of_the_ranges_is_drawn() -> None:
    covered = [chr(code) for first, last in RANGES for code in range(first, last + 1) if is_drawable(chr(code))]
    assert len(covered) > 4000
    source = (
        '#set document(title: "x")\n#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"))\n= A\n#sys.inputs.text'
    )
    content = typst.compile(
        source.encode(),
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        sys_inputs={"text": " ".join(f"x{character}" for character in covered)},
    )
    assert content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("漢字", "\\u6f22\\u5b57"),
        ("😀", "\\U0001f600"),
        ("e\u0301", "\u00e9"),
        ("x\u0338", "x\\u0338"),
        ("\u05e9\u05dc", "\u2068\u05e9\u05dc\u2069"),
        ("✓ ✗ ⚡ → ≥ −", "✓ ✗ ⚡ → ≥ −"),
    ],
)
def test_what_no_font_draws_is_shown_escaped(text: str, shown: str) -> None:
    assert drawable(text) == shown


def test_names_in_any_script_make_a_paper() -> None:
    document = document_of("failed_build")
    document["sample"]["patient_id"] = "患者 ผู้ป่วย मरीज 환자 🧬 Ωμέγα שלום"
    text = pages_of(render_patient_pdf(document))[0]
    assert "\\u60a3\\u8005" in text
    assert "Ωμέγα" in text


def test_folded_parts_and_the_contents_are_left_out_as_in_print() -> None:
    html = (
        "<html><head><style>svg .dot{fill:var(--brand)}</style></head><body><nav class='contents'>no</nav>"
        "<details><summary>no</summary>no</details><details class='on-paper'><summary>yes</summary><p>in</p></details>"
        "<p>a <span class='badge tone-good'>b</span><span class='small'>c</span></p></body></html>"
    )
    blocks = page_tree(html, 100)
    assert [block["b"] for block in blocks] == ["h", "p", "p", "p"]
    assert blocks[2]["k"] == ["a ", {"i": "badge", "tone": "good", "k": ["b"]}]
    assert blocks[3]["c"] == ["small"]
    assert "no" not in json.dumps([block["k"] for block in blocks])


def test_text_in_figures_stays_text() -> None:
    html = (
        "<html><head><style>:root{--brand: #0b4a63;} svg .dot { fill: var(--brand); }</style></head><body>"
        '<svg viewBox="0 0 9 9" width="9" onload="x"><title>t</title><text class="dot">&lt;script&gt;&amp;</text></svg>'
        "</body></html>"
    )
    (figure,) = page_tree(html, 100)
    assert figure["alt"] == "t"
    assert figure["svg"] == (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9"><style>svg .dot{fill: #0b4a63;}</style>'
        '<text class="dot">&lt;script&gt;&amp;</text></svg>'
    )


def test_the_document_is_not_changed() -> None:
    document = document_of("only_uncertain")
    before = copy.deepcopy(document)
    render_report_pdf(document)
    assert document == before
