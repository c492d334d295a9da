"""What a report says of its sign-out: unsigned, signed, stale, amended, withdrawn, tampered with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from xml.etree.ElementTree import Element

import html5lib
import pytest

from targetboard.cli import main

HERE = Path(__file__).parent
OVERRIDES = (
    "subject\tfield\tvalue\treason\n"
    "TP53 p.R273H\tdriver_class\tuncertain\tExample of a reason\n"
    "claim:TB0027\tescat\tnone\tExample of another reason\n"
)


def sign(path: Path, meaning: str, day: int, *more: str) -> None:
    options = ["--reviewer", "R. Example", "--role", "Molecular pathologist", "--date", f"2026-05-{day:02}"]
    assert main(["sign", "--document", str(path), "--meaning", meaning, *options, *more]) == 0


def other_knowledge(path: Path) -> None:
    """What a later run might write: another release, another class, one claim less, a marker that failed."""
    document = json.loads(path.read_text(encoding="utf-8"))
    document["provenance"]["knowledge"][0]["release"] = "2026.9"
    document["variants"][3]["driver_class"] = "uncertain"
    document["therapies"].pop()
    document["markers"][0]["state"] = "failed"
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def unsigned(path: Path) -> None:
    assert path.is_file()


def signed(path: Path) -> None:
    table = path.with_name("overrides.tsv")
    table.write_text(OVERRIDES, encoding="utf-8")
    sign(path, "reviewed", 4, "--comment", "Second reader to follow")
    sign(path, "approved", 5, "--overrides", str(table))


def stale(path: Path) -> None:
    signed(path)
    other_knowledge(path)


def amended(path: Path) -> None:
    stale(path)
    path.with_name("overrides.tsv").write_text(OVERRIDES.splitlines()[0] + "\n", encoding="utf-8")
    table = ["--overrides", str(path.with_name("overrides.tsv"))]
    sign(path, "amended", 20, *table, "--reason", "Annotated again with release 2026.9")


def withdrawn(path: Path) -> None:
    signed(path)
    sign(path, "withdrawn", 6, "--reason", "The specimen belongs to another patient")


def tampered(path: Path) -> None:
    signed(path)
    log = path.with_name("NSCLC-014.audit.jsonl")
    log.write_bytes(log.read_bytes().replace(b"Second reader", b"Other readers"))


CASES: dict[str, Callable[[Path], None]] = {
    "unsigned": unsigned,
    "signed": signed,
    "stale": stale,
    "amended": amended,
    "withdrawn": withdrawn,
    "tampered": tampered,
}


def lines_of(element: Element) -> list[str]:
    """The text of a part of the page: a line a paragraph, term, cell or heading."""
    blocks = ("p", "h1", "h2", "tr", "dt", "dd", "caption")
    return [
        " | ".join(" ".join("".join(cell.itertext()).split()) for cell in (block if block.tag == "tr" else [block]))
        for block in element.iter()
        if block.tag in blocks
    ]


@pytest.mark.parametrize("case", CASES)
def test_sign_out(case: str, tmp_path: Path, root: Path, update_golden: bool) -> None:
    path = tmp_path / "NSCLC-014.json"
    path.write_bytes((root / "tests/data/documents/nsclc_egfr_t790m.json").read_bytes())
    CASES[case](path)
    assert main(["report", "--document", str(path), "--out", str(tmp_path)]) == 0
    page = (tmp_path / "NSCLC-014.report.html").read_text(encoding="utf-8")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    parts = [tree.find(".//header"), *(e for e in tree.iter("section") if e.get("id") in ("reviewer", "signout"))]
    said = "\n".join(line for part in parts if part is not None for line in lines_of(part)) + "\n"
    # the example may gain keys; which version was signed is what the golden file says
    for kept in sorted(tmp_path.glob("NSCLC-014.v*.json")):
        said = said.replace(hashlib.sha256(kept.read_bytes()).hexdigest(), f"of {kept.name}")
    expected = HERE / "signing" / f"{case}.txt"
    if update_golden:
        expected.write_text(said, encoding="utf-8")
    assert said == expected.read_text(encoding="utf-8")
    assert ("FINAL" in said) is (case in ("signed", "amended"))
    assert ("DRAFT" in said) is (case not in ("signed", "amended"))
