"""The text is that of the standard library."""

from __future__ import annotations

import json
from enum import IntEnum, StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.report.json_text import json_text


class Word(StrEnum):
    ONE = "one"


class Number(IntEnum):
    ONE = 1


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(
    SCALARS | st.sampled_from([Word.ONE, Number.ONE]),
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_the_text_is_that_of_the_standard_library(value: object) -> None:
    assert json_text(value) == json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False)


@pytest.mark.parametrize("value", [float("nan"), [float("inf")], {"a": -float("inf")}])
def test_numbers_that_json_does_not_have(value: object) -> None:
    with pytest.raises(ValueError, match="JSON has no number"):
        json_text(value)


@pytest.mark.parametrize("value", [{1, 2}, [b"text"], {1: "one"}, {None: 1}])
def test_what_json_does_not_have(value: object) -> None:
    with pytest.raises(TypeError):
        json_text(value)
