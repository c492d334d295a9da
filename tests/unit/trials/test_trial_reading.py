"""The user's list of trials: every fault has its place and remedy, and nothing is guessed."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from targetboard.errors import MalformedInput, UsageError
from targetboard.knowledge.records import KnowledgeBase, Trial
from targetboard.trials import reading
from targetboard.trials.reading import read_trials

HEADER = "trial_id\ttitle\tdesign\tbiomarkers\ttumour_types\tage_min\tcountries\n"


def write(path: Path, text: str) -> Path:
    file = path / "trials.tsv"
    file.write_text(text, encoding="utf-8")
    return file


def test_rows_are_read_by_column_name(tmp_path: Path, kb: KnowledgeBase) -> None:
    text = HEADER + "LOCAL-1\tOurs\tbasket\tL858R|V600E\tANY_SOLID\t18\tCH|DE\nLOCAL-2\tBare\tsingle\t\t\t\t\n"
    read = read_trials(write(tmp_path, text), kb)
    first, second = read.trials
    assert read.name == "trials.tsv"
    assert (first.biomarkers, first.age_min, first.countries) == (("L858R", "V600E"), 18, ("CH", "DE"))
    assert (second.biomarkers, second.age_min, second.status, second.profile) == ((), None, "", "")


@pytest.mark.parametrize(
    ("columns", "cells", "words"),
    [
        ("trial_id\ttitle\tdesign", "\tx\tsingle", "the cell is empty"),
        ("trial_id\ttitle\tdesign", "A B\tx\tsingle", "does not have the form"),
        ("trial_id\ttitle\tdesign", "A\tx\tbasket|umbrella", "is not allowed"),
        ("trial_id\ttitle\tdesign\tstatus", "A\tx\tsingle\topen", "'open' is not allowed"),
        ("trial_id\ttitle\tdesign\tbiomarkers", "A\tx\tsingle\tL858R|NOPE", "'NOPE' is no biomarker"),
        ("trial_id\ttitle\tdesign\tbiomarkers", "A\tx\tsingle\tL858R|", "empty item"),
        ("trial_id\ttitle\tdesign\ttumour_types", "A\tx\tsingle\tLung", "'Lung' is no tumour type"),
        ("trial_id\ttitle\tdesign\texcluded_tumour_types", "A\tx\tsingle\tLung", "'Lung' is no tumour type"),
        ("trial_id\ttitle\tdesign\tprofile", "A\tx\tsingle\tEGFR_L858R AND", "profile"),
        ("trial_id\ttitle\tdesign\tprofile", "A\tx\tsingle\tNOPE", "'NOPE' is no alteration or marker"),
        ("trial_id\ttitle\tdesign\tage_min", "A\tx\tsingle\tadult", "does not have the form"),
        ("trial_id\ttitle\tdesign\tage_min\tage_max", "A\tx\tsingle\t75\t18", "lies above age_max"),
        ("trial_id\ttitle\tdesign\taccess_date", "A\tx\tsingle\t24.11.2026", "does not have the form"),
        ("trial_id\ttitle\tdesign\tcountries", "A\tx\tsingle\tUSA", "does not have the form"),
        ("trial_id\ttitle\tdesign\turl", "A\tx\tsingle\tjavascript:alert(1)", "does not have the form"),
        ("trial_id\ttitle\tdesign\tspecimens", "A\tx\tsingle\tFFPE", "'FFPE' is not allowed"),
        ("trial_id\ttitle\tdesign\tnct", "A\tx\tsingle\t1", "column 'nct' is unknown"),
    ],
)
def test_faults_name_their_place(tmp_path: Path, kb: KnowledgeBase, columns: str, cells: str, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_trials(write(tmp_path, f"{columns}\n{cells}\n"), kb)
    assert words in caught.value.one_line()
    assert "trials.tsv" in caught.value.where
    assert caught.value.remedy


def test_a_row_may_not_stand_twice(tmp_path: Path, kb: KnowledgeBase) -> None:
    text = "trial_id\ttitle\tdesign\tarm\nA\tx\tumbrella\t1\nA\tx\tumbrella\t2\n"
    assert [row.key for row in read_trials(write(tmp_path, text), kb).trials] == ["A 1", "A 2"]
    with pytest.raises(UsageError, match="stands twice"):
        read_trials(write(tmp_path, text + "A\ty\tumbrella\t2\n"), kb)


def test_a_file_that_is_no_such_table(tmp_path: Path, kb: KnowledgeBase) -> None:
    with pytest.raises(MalformedInput, match="column 'design' is missing"):
        read_trials(write(tmp_path, "trial_id\ttitle\nA\tx\n"), kb)
    with pytest.raises(MalformedInput, match="empty"):
        read_trials(write(tmp_path, ""), kb)


def test_the_reader_and_the_schema_of_the_tables_agree(root: Path) -> None:
    schema = yaml.safe_load((root / "resources/knowledge/schema.yaml").read_text(encoding="utf-8"))
    columns = schema["tables"]["trials"]["columns"]
    assert set(columns) == {field.name for field in fields(Trial)}
    assert columns["design"]["values"] == list(reading.DESIGNS)
    assert columns["status"]["values"] == list(reading.STATUSES)
    assert columns["specimens"]["values"] == list(reading.SPECIMENS)
    for name in ("trial_id", "title", "design"):
        assert columns[name]["required"]
