"""What changed between two knowledge bases: rows, columns, sentences; as words and as JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.cli import main
from targetboard.knowledge.diff import Difference, as_json, compare, in_words
from targetboard.knowledge.index import build, read_tables
from targetboard.knowledge.manifest import write_manifest

Change = Callable[[str], str]


def set_cell(row: str, column: str, value: str) -> Change:
    def change(text: str) -> str:
        lines = [line.split("\t") for line in text.splitlines()]
        if column not in lines[0]:
            lines = [[*lines[0], column], *([*line, ""] for line in lines[1:])]
        next(line for line in lines if line[0] == row)[lines[0].index(column)] = value
        return "".join("\t".join(line) + "\n" for line in lines)

    return change


def without(start: str) -> Change:
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if not line.startswith(start))


@pytest.fixture
def pair(knowledge_dir: Path, tmp_path: Path) -> tuple[Path, Path]:
    new = tmp_path / "new"
    shutil.copytree(knowledge_dir, new)
    return knowledge_dir, new


def changed(pair: tuple[Path, Path], table: str, change: Change) -> Difference:
    path = pair[1] / f"{table}.tsv"
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    write_manifest(pair[1])
    return compare(read_tables([pair[0]]), read_tables([pair[1]]))


def test_no_difference(pair: tuple[Path, Path]) -> None:
    difference = compare(read_tables([pair[0]]), read_tables([pair[1]]))
    assert difference.tables == {}
    assert in_words(difference)[-1] == "No row differs."


def test_an_index_and_its_folder_do_not_differ(pair: tuple[Path, Path], tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    index.write_bytes(build([pair[0]]).content)
    assert compare(read_tables([index]), read_tables([pair[0]])).tables == {}


def withdraw(text: str) -> str:
    return text.replace("\tapproved\t", "\twithdrawn\t", 1)


@pytest.mark.parametrize(
    ("table", "change", "sentence"),
    [
        ("alterations", set_cell("INVO1_V60E", "evidence", "supported"),
         "evidence of INVO1_V60E was lowered from validated to supported"),
        ("alterations", set_cell("INVO1_S33N", "kind", "driver"), "INVO1_S33N is now driver, it was neutral"),
        ("alterations", set_cell("INVO1_V60E", "effect", "unknown"), "effect of INVO1_V60E is now unknown"),
        ("alterations", set_cell("INVO1_V60", "codon_last", "61"), "INVO1_V60 is recognised by another rule (codon_la"),
        ("therapies", set_cell("C1", "direction", "resistant"), "direction of C1 changed from sensitive to resistant"),
        ("therapies", set_cell("C1", "evidence_level", "C"), "evidence level of C1 was lowered from A to C"),
        ("therapies", set_cell("C1", "evidence_level", ""), "evidence level of C1 is now empty, it was A"),
        ("therapies", set_cell("C1", "tumour_types", "BOWEL"), "tumour types of C1: now with BOWEL added and without "),
        ("therapies", set_cell("C1", "valid_to", "2026"), "C1 holds until 2026 only"),
        ("approvals", withdraw, "approval of C1 in US was withdrawn"),
        ("approvals", without("C1\tEU"), "approval of C1 in EU is no longer listed"),
        ("biomarkers", set_cell("INVO1_V60E", "profile", "INVO1_G12DV"), "biomarker INVO1_V60E is now “INVO1_G12DV”"),
        ("genes", set_cell("INVO1", "transcript_refseq", "NM_900009.1"), "numbering of INVO1 moves from NM_900001.2"),
    ],
)  # fmt: skip
def test_what_matters_is_said(pair: tuple[Path, Path], table: str, change: Change, sentence: str) -> None:
    difference = changed(pair, table, change)
    assert [said for said in difference.consequences if sentence in said], difference.consequences
    assert list(difference.tables) == [table]


def test_added_removed_and_changed_rows(pair: tuple[Path, Path]) -> None:
    def edit(text: str) -> str:
        row = next(line for line in text.splitlines() if line.startswith("inventinib\t"))
        return set_cell("inventumab", "modality", "other")(
            without("inventinib\t")(text) + row.replace("inventinib", "newinib", 1) + "\n"
        )

    for name in ("therapies", "approvals", "resistance", "options_without_biomarker"):
        path = pair[1] / f"{name}.tsv"
        path.write_text(path.read_text().replace("inventinib", "newinib"))
    difference = changed(pair, "drugs", edit)
    table = difference.tables["drugs"]
    assert (table.added, table.removed) == ((("newinib",),), (("inventinib",),))
    assert [(row.key, row.columns["modality"][1]) for row in table.changed] == [(("inventumab",), "other")]
    words = "\n".join(in_words(difference))
    assert "## drugs: 1 added, 1 removed, 1 changed" in words
    assert "- changed: inventumab: modality monoclonal antibody → other" in words
    content = as_json(difference)
    assert content["tables"]["drugs"]["added"] == [["newinib"]]
    assert json.loads(json.dumps(content)) == content or content["tables"]


def test_long_lists_are_cut_in_words_only(pair: tuple[Path, Path]) -> None:
    difference = changed(pair, "alleles", lambda text: text.splitlines()[0] + "\n")
    removed = len(difference.tables["alleles"].removed)
    words = in_words(difference, shown=2)
    assert f"- {removed - 2:,} more removed (--json lists all)" in words
    assert len(as_json(difference)["tables"]["alleles"]["removed"]) == removed


def test_a_lost_validated_driver_is_said(pair: tuple[Path, Path]) -> None:
    (pair[1] / "alleles.tsv").write_text(without("INVO1_EX3SKIP\t")((pair[1] / "alleles.tsv").read_text()))
    difference = changed(pair, "alterations", without("INVO1_EX3SKIP\t"))
    assert "INVO1_EX3SKIP is gone; it was a validated driver" in difference.consequences


def test_on_the_command_line(pair: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    changed(pair, "therapies", set_cell("C1", "evidence_level", "B"))
    assert main(["knowledge", "diff", str(pair[0]), str(pair[1])]) == 0
    assert "- evidence level of C1 was lowered from A to B" in capsys.readouterr().out
    assert main(["knowledge", "diff", str(pair[0]), str(pair[1]), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["tables"]["therapies"]["changed"][0]["columns"]["evidence_level"] == {"old": "A", "new": "B"}
    assert main(["knowledge", "diff", str(pair[0]), str(pair[1] / "nowhere")]) == 2
    (pair[1] / "drugs.tsv").write_text("changed\n")
    assert main(["knowledge", "diff", str(pair[0]), str(pair[1])]) == 5
