"""The journal believes a line only while its files are as they were; the plan's word changes when work is due."""

from __future__ import annotations

import os
from pathlib import Path

from targetboard.batches.journal import Entry, Journals, JournalWriter, describe_outputs, outputs_intact
from targetboard.batches.plan import BatchPlan

IDS = ("A", "B", "C")


def made(results: Path, sample_id: str, planned: str = "p", key: str = "k", age: int = 0) -> Entry:
    """Write a sample's document and return its entry."""
    folder = results / sample_id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{sample_id}.json").write_text(f"{sample_id} {planned}", encoding="utf-8")
    if age:
        os.utime(folder / f"{sample_id}.json", (age, age))
    return Entry(sample_id, planned, key, describe_outputs(folder, [f"{sample_id}.json", f"{sample_id}.absent"]))


def run_batch(journal: Path, results: Path, state: str, planned: str = "p") -> None:
    """All samples in one batch that runs to its end."""
    with JournalWriter(journal, "1-of-1") as writer:
        for sample_id in IDS:
            writer.add(made(results, sample_id, planned))
        writer.close(state)


def plan(journal: Path, results: Path, planned: str = "p", extra: str = "", ids: tuple[str, ...] = IDS) -> str:
    return BatchPlan(ids, 1, journal, results, lambda _: planned, extra).state("1-of-1")


def test_a_killed_run_keeps_what_was_done(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    with JournalWriter(journal, "1-of-1") as writer:
        writer.add(made(results, "A"))
    with (journal / "1-of-1.jsonl").open("ab") as handle:
        handle.write(b'{"sample_id": "B", "plan')
    with JournalWriter(journal, "1-of-1") as writer:
        writer.add(made(results, "C"))
    found = Journals(journal)
    assert [found.find(name, results / name, key="k") is not None for name in IDS] == [True, False, True]
    assert found.state("1-of-1") == ""


def test_foreign_lines_are_passed_over(tmp_path: Path) -> None:
    tmp_path.joinpath("1-of-1.jsonl").write_bytes(b'[]\n{"a": 1}\n\xff\xfe\n42\n{"state": "s"}\n')
    assert Journals(tmp_path).state("1-of-1") == "s"


def test_an_entry_is_believed_only_while_its_outputs_are_as_they_were(tmp_path: Path) -> None:
    entry = made(tmp_path, "A")
    document = tmp_path / "A/A.json"
    assert list(entry.outputs) == ["A.json"]
    assert outputs_intact(entry, tmp_path / "A")
    document.write_text("A other", encoding="utf-8")
    assert not outputs_intact(entry, tmp_path / "A")
    document.write_text("A p", encoding="utf-8")
    os.utime(document, (0, 0))
    assert not outputs_intact(entry, tmp_path / "A")
    document.unlink()
    assert not outputs_intact(entry, tmp_path / "A")
    assert not outputs_intact(Entry("A", "p", "k", {}), tmp_path / "A")


def test_entries_of_an_earlier_cut_are_found_unless_the_outputs_moved_on(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    with JournalWriter(journal, "1-of-1") as writer:
        writer.add(made(results, "A", "old", "old", age=1))
    with JournalWriter(journal, "1-of-2") as writer:
        writer.add(made(results, "A", "new", "new"))
    found = Journals(journal)
    assert found.find("A", results / "A", key="new") is not None
    assert found.find("A", results / "A", key="old") is None


def test_the_word_stays_while_nothing_is_due(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    first = plan(journal, results)
    assert first.endswith(".0")
    assert plan(journal, results) == first
    run_batch(journal, results, first)
    assert plan(journal, results) == first


def test_the_word_changes_for_a_lost_output_each_time_it_is_lost(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    words = [plan(journal, results)]
    for _ in range(3):
        run_batch(journal, results, words[-1])
        assert plan(journal, results) == words[-1]
        (results / "B/B.json").unlink()
        words.append(plan(journal, results))
    assert len(set(words)) == 4


def test_the_word_changes_with_inputs_formats_and_members(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    first = plan(journal, results)
    run_batch(journal, results, first)
    others = [
        plan(journal, results, planned="edited"),
        plan(journal, results, extra="html,pdf"),
        plan(journal, results, ids=("A", "B")),
    ]
    assert len({first, *others}) == 4


def test_a_sample_without_an_entry_is_due_again(tmp_path: Path) -> None:
    results, journal = tmp_path / "results", tmp_path / "journal"
    first = plan(journal, results)
    with JournalWriter(journal, "1-of-1") as writer:
        writer.add(made(results, "A"))
        writer.close(first)
    assert plan(journal, results) != first
