"""The profile grammar: what it reads, and where it says an expression is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.action.biomarkers import identifiers, parse, wild_types
from targetboard.errors import KnowledgeError
from targetboard.knowledge.profile_grammar import Combined, Compare, Not, Present, Together, WildType

A, B, C = Present("A_1"), Present("B_2"), Present("C_3")


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("A_1", A),
        ("  A_1  ", A),
        ("(A_1)", A),
        ("A_1 AND B_2", Combined((A, B), every=True)),
        ("A_1 OR B_2 AND C_3", Combined((A, Combined((B, C), every=True)), every=False)),
        ("(A_1 OR B_2) AND C_3", Combined((Combined((A, B), every=False), C), every=True)),
        ("NOT A_1 AND B_2", Combined((Not(A), B), every=True)),
        ("NOT (A_1 OR B_2)", Not(Combined((A, B), every=False))),
        ("NOT NOT A_1", Not(Not(A))),
        ("A_1 OR B_2 OR C_3", Combined((A, B, C), every=False)),
        ("cis(A_1,B_2)", Together("A_1", "B_2", cis=True)),
        ("trans( A_1 , B_2 )", Together("A_1", "B_2", cis=False)),
        ("wild_type(RAS)", WildType("RAS")),
        ("PD-L1_TPS >= 50", Compare("PD-L1_TPS", ">=", "50")),
        ("PD-L1_TPS>=50%", Compare("PD-L1_TPS", ">=", "50%")),
        ("MSI == high", Compare("MSI", "==", "high")),
        ("HER2_IHC == 3+", Compare("HER2_IHC", "==", "3+")),
        ("A_1 AND MSI != low", Combined((A, Compare("MSI", "!=", "low")), every=True)),
    ],
)
def test_reads(expression: str, expected: object) -> None:
    assert parse(expression) == expected


@pytest.mark.parametrize(
    ("expression", "position"),
    [
        ("", 1),
        ("A_1 AND", 8),
        ("A_1 B_2", 5),
        ("(A_1", 5),
        ("A_1)", 4),
        ("AND A_1", 1),
        ("NOT", 4),
        ("A_1 OR OR B_2", 8),
        ("A_1 & B_2", 5),
        ("cis(A_1)", 8),
        ("cis(A_1,B_2,C_3)", 12),
        ("wild_type()", 11),
        ("near(A_1,B_2)", 1),
        ("MSI == AND", 8),
        ("TMB >= high", 8),
        ("MSI ==", 7),
        ("A_1 >= >= 2", 8),
        ("__import__('os')", 12),
        ("A_1; B_2", 4),
    ],
)
def test_says_where_it_is_wrong(expression: str, position: int) -> None:
    with pytest.raises(KnowledgeError, match=f"at position {position}$") as caught:
        parse(expression)
    assert caught.value.remedy
    assert caught.value.code == 5


@pytest.mark.parametrize("expression", ["(" * 60 + "A" + ")" * 60, "NOT " * 60 + "A", "A OR " * 500 + "A"])
def test_refuses_what_is_too_deep_or_long(expression: str) -> None:
    with pytest.raises(KnowledgeError):
        parse(expression)


def test_lists_names() -> None:
    profile = parse("(A_1 OR cis(B_2,A_1)) AND NOT C_3 AND PD-L1_TPS >= 1 AND wild_type(RAS) AND NOT wild_type(TP53)")
    assert identifiers(profile) == ("A_1", "B_2", "C_3", "PD-L1_TPS")
    assert wild_types(profile) == ("RAS", "TP53")


@given(st.text(alphabet="ABN()OTRD,>=<!_ 1-%cistranwld", max_size=40))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        profile = parse(text)
    except KnowledgeError:
        return
    assert identifiers(profile) or wild_types(profile)
