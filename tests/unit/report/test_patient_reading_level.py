"""The patient page reads like a text for twelve-year-olds: Flesch–Kincaid grade, measured on our own words.

Grade = 0.39 · words per sentence + 11.8 · syllables per word − 15.59 (Kincaid et al. 1975, Naval Technical Training
Command, Research Branch Report 8-75). Values of the document (class ``data``: names of drugs, genes and tests) are not
our words; each counts as one short word, so that its sentence keeps its length. Syllables are counted as groups of
vowels, less a silent final e: on English prose that is exact for most words, and it errs towards more syllables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import html5lib
import pytest

from targetboard.report.patient_page.page import render_patient_page

HIGHEST_GRADE = 6.0
HIGHEST_GRADE_OF_A_SECTION = 8.0
LONGEST_SENTENCE = 25
_HTML = "{http://www.w3.org/1999/xhtml}"
_BLOCKS = {f"{_HTML}{name}" for name in ("p", "li", "h1", "h2", "h3", "dd", "dt", "td", "th")}
_VOWELS = re.compile(r"[aeiouy]+")
_SILENT_END = re.compile(r"[^aeioul]e$|[aeiou]le$|[^aeiouylscxzhg]es$|[^aeioutd]ed$")
_WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")


def syllables(word: str) -> int:
    """Groups of vowels, less a silent final e, and at least one."""
    letters = word.lower()
    groups = len(_VOWELS.findall(letters))
    silent = _SILENT_END.search(letters) is not None and groups > 1
    return max(1, groups - silent)


def grade(sentences: Iterable[str]) -> float:
    """Flesch–Kincaid grade of sentences."""
    words = [_WORD.findall(sentence) for sentence in sentences]
    words = [found for found in words if found]
    total = sum(map(len, words))
    return 0.39 * total / len(words) + 11.8 * sum(syllables(w) for found in words for w in found) / total - 15.59


def prose(element: Any) -> str:
    """Text of an element in which each value of the document is one short word."""
    if "data" in element.get("class", "").split():
        return "it"
    parts = [element.text or ""]
    for child in element:
        parts += [prose(child) if child.tag not in _BLOCKS else "", child.tail or ""]
    return " ".join("".join(parts).split())


def sentences(section: Any) -> list[str]:
    """Sentences of a section's blocks; a block without a full stop is one sentence."""
    found = []
    for element in section.iter():
        if element.tag in _BLOCKS and "data" not in element.get("class", "").split():
            found += re.split(r"(?<=[.?!])\s+", prose(element))
    return [sentence for sentence in found if len(_WORD.findall(sentence)) > 1]


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("gene", 1),
        ("tumour", 2),
        ("evidence", 3),
        ("tested", 2),
        ("table", 2),
        ("approved", 2),
        ("illnesses", 3),
        ("medicine", 3),
        ("side", 1),
        ("make", 1),
    ],
)
def test_syllables_are_counted_as_a_dictionary_does_or_higher(word: str, count: int) -> None:
    assert syllables(word) == count


def test_the_formula_gives_published_extremes() -> None:
    assert grade(["The cat sat on the mat."]) == pytest.approx(-1.45, abs=0.01)
    hard = "Immunohistochemical characterisation necessitates interdisciplinary interpretation of heterogeneity."
    assert grade([hard]) > 30


@pytest.mark.parametrize(
    "name",
    ["nsclc_egfr_t790m", "nsclc_alk_fusion", "only_uncertain", "no_variants", "inadequate", "failed_build"],
)
def test_each_page_and_each_of_its_sections_is_easy_to_read(
    name: str, example: Callable[[str], dict[str, Any]]
) -> None:
    page = html5lib.parse(render_patient_page(example(name)))
    main = page.find(f".//{_HTML}main")
    everything = sentences(main)
    assert len(everything) > 5
    assert grade(everything) <= HIGHEST_GRADE
    for section in main.iter(f"{_HTML}section"):
        heading = section.find(f"{_HTML}h2").text
        assert grade(sentences(section)) <= HIGHEST_GRADE_OF_A_SECTION, heading
    long = [sentence for sentence in everything if len(_WORD.findall(sentence)) > LONGEST_SENTENCE]
    assert long == []
