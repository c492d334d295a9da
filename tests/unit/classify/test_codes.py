"""The standard as data: points, thresholds, exclusions, and the range that missing inputs leave open."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.classify.codes import (
    BY_MEANING,
    CODES,
    Finding,
    Meaning,
    class_of,
    combine,
    counted,
    met,
    not_evaluable,
    not_met,
    points_range,
    total,
)
from targetboard.model import CriterionStatus

M = Meaning


def test_the_seventeen_codes_with_their_points() -> None:
    assert {code.name: code.points for code in CODES} == {
        "OVS1": 8, "OS1": 4, "OS2": 4, "OS3": 4, "OM1": 2, "OM2": 2, "OM3": 2, "OM4": 2, "OP1": 1, "OP2": 1,
        "OP3": 1, "OP4": 1, "SBVS1": -8, "SBS1": -4, "SBS2": -4, "SBP1": -1, "SBP2": -1,
    }  # fmt: skip
    assert [code.meaning for code in CODES] == list(Meaning)


def test_numbering_is_that_of_the_author_manuscript() -> None:
    assert BY_MEANING[M.HOTSPOT_MODERATE].name == "OM3"
    assert BY_MEANING[M.SAME_RESIDUE].name == "OM4"


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (20, "Oncogenic"), (10, "Oncogenic"), (9, "Likely Oncogenic"), (6, "Likely Oncogenic"), (5, "VUS"), (0, "VUS"),
        (-1, "Likely Benign"), (-6, "Likely Benign"), (-7, "Benign"), (-17, "Benign"),
    ],
)  # fmt: skip
def test_thresholds(points: int, expected: str) -> None:
    assert class_of(points) == expected


@pytest.mark.parametrize(
    ("fulfilled", "points"),
    [
        ({M.SAME_PROTEIN_CHANGE, M.HOTSPOT_STRONG}, 4),
        ({M.SAME_PROTEIN_CHANGE, M.CRITICAL_DOMAIN}, 4),
        ({M.HOTSPOT_STRONG, M.CRITICAL_DOMAIN}, 4),
        ({M.NULL_VARIANT, M.LENGTH_CHANGE}, 8),
        ({M.CRITICAL_DOMAIN, M.HOTSPOT_MODERATE}, 2),
        ({M.SAME_RESIDUE, M.HOTSPOT_MODERATE}, 2),
        ({M.SAME_PROTEIN_CHANGE, M.SAME_RESIDUE}, 4),
        ({M.HOTSPOT_STRONG, M.SAME_RESIDUE}, 4),
        ({M.CRITICAL_DOMAIN, M.SAME_RESIDUE}, 2),
        ({M.CRITICAL_DOMAIN, M.HOTSPOT_SUPPORTING}, 2),
        ({M.SAME_RESIDUE, M.HOTSPOT_SUPPORTING}, 2),
        ({M.POPULATION_VERY_COMMON, M.POPULATION_COMMON}, -8),
        # A code that is itself ruled out rules out nothing: OS1 removes OM4, so the hotspot counts again.
        ({M.SAME_PROTEIN_CHANGE, M.SAME_RESIDUE, M.HOTSPOT_MODERATE}, 6),
        ({M.SAME_PROTEIN_CHANGE, M.FUNCTION_ONCOGENIC, M.POPULATION_ABSENT}, 9),
        (set(), 0),
    ],
)
def test_exclusions(fulfilled: set[Meaning], points: int) -> None:
    assert total(fulfilled) == points


def test_a_ruled_out_code_says_by_which() -> None:
    findings = {meaning: not_met("no") for meaning in Meaning}
    findings[M.HOTSPOT_STRONG] = met("residue 600")
    findings[M.CRITICAL_DOMAIN] = met("activation loop")
    points, span, criteria = combine(findings)
    assert (points, span) == (4, (4, 4))
    domain = next(c for c in criteria if c.code == "OM1")
    assert domain.status is CriterionStatus.NOT_MET
    assert "not counted together with OS3: activation loop" in domain.evidence


_meanings = st.sets(st.sampled_from(list(Meaning)))


def _consistent(chosen: frozenset[Meaning]) -> bool:
    return not any(other in chosen for meaning in chosen for other in BY_MEANING[meaning].contradicts)


@given(_meanings, st.sets(st.sampled_from(list(Meaning)), max_size=8))
def test_range_is_that_of_every_consistent_completion(fulfilled: set[Meaning], open_codes: set[Meaning]) -> None:
    fulfilled_set = frozenset(fulfilled)
    if not _consistent(fulfilled_set):
        return
    open_set = frozenset(open_codes) - fulfilled_set
    sums = [
        total(fulfilled_set | set(extra))
        for size in range(len(open_set) + 1)
        for extra in combinations(sorted(open_set), size)
        if _consistent(fulfilled_set | set(extra))
    ]
    assert points_range(fulfilled_set, open_set) == (min(sums), max(sums))


@given(st.dictionaries(st.sampled_from(list(Meaning)), st.sampled_from([met, not_met, not_evaluable])))
def test_points_lie_within_their_range(kinds: dict[Meaning, object]) -> None:
    findings: dict[Meaning, Finding] = {m: kinds.get(m, not_evaluable)("x") for m in Meaning}  # type: ignore[operator]
    points, (lowest, highest), criteria = combine(findings)
    assert lowest <= points <= highest
    assert sum(c.points for c in criteria if c.status is CriterionStatus.MET) == points


@given(_meanings)
def test_what_is_ruled_out_is_ruled_out_by_something_that_counts(fulfilled: set[Meaning]) -> None:
    settled = counted(fulfilled)
    assert set(settled) == fulfilled
    for ruler in settled.values():
        assert ruler is None or settled[ruler] is None
