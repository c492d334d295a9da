"""Nothing that changed between two documents goes unsaid."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.signing.differences import differences

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def document(document_path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(document_path.read_text(encoding="utf-8"))
    return content


def set_in(part: str, index: int, **values: object) -> Change:
    return lambda d: d[part][index].update(values)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_in("variants", 0, driver_class="uncertain"), ("variant", "changed", "driver_class")),
        (set_in("variants", 0, vaf=0.4), ("variant", "changed", "vaf")),
        (set_in("variants", 0, hgvsp="p.Leu858Pro"), ("variant", "removed", "")),
        (set_in("variants", 0, notes=["other"]), ("variant", "changed", "details")),
        (lambda d: d["variants"].pop(), ("variant", "removed", "")),
        (set_in("therapies", 0, amp="I-B"), ("therapy", "changed", "amp")),
        (set_in("therapies", 0, state="unknown"), ("therapy", "changed", "state")),
        (lambda d: d["therapies"].pop(), ("therapy", "removed", "")),
        (lambda d: d["therapies"].append({**d["therapies"][0]}), ("therapy", "added", "")),
        (set_in("markers", 0, state="failed"), ("marker", "changed", "state")),
        (set_in("negatives", 0, state="failed"), ("negative", "changed", "state")),
        (set_in("resistance", 0, next_line=["other"]), ("resistance", "changed", "next_line")),
        (lambda d: d["adequacy"].update(verdict="inadequate"), ("adequacy", "changed", "verdict")),
        (lambda d: d["sample"].update(purity=0.1), ("sample", "changed", "purity")),
        (lambda d: d["sample"]["clinical"].update(site="liver"), ("sample", "changed", "site")),
        (lambda d: d["provenance"]["knowledge"][0].update(release="2027.1"), ("basis", "changed", "knowledge")),
        (lambda d: d["provenance"].update(code_sha256="f" * 64), ("basis", "changed", "code")),
        (lambda d: d["ledger"].update(records_in=1), ("other", "changed", "details")),
        (lambda d: d["limitations"].append({"code": "x", "text": "y"}), ("other", "changed", "details")),
        (lambda d: d["headline"].pop(), ("other", "changed", "details")),
    ],
)
def test_a_change_is_told(document: dict[str, Any], change: Change, expected: tuple[str, str, str]) -> None:
    later = copy.deepcopy(document)
    change(later)
    found = [(one.kind, one.change, one.field) for one in differences(document, later)]
    assert expected in found
    assert all(one.old != one.new or one.field == "details" for one in differences(document, later))


def leaves(value: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to every scalar of a document."""
    if isinstance(value, dict):
        return [leaf for key, part in value.items() for leaf in leaves(part, (*path, key))]
    if isinstance(value, list):
        return [leaf for index, part in enumerate(value) for leaf in leaves(part, (*path, index))]
    return [path]


def test_no_scalar_can_change_unsaid(document: dict[str, Any]) -> None:
    assert differences(document, copy.deepcopy(document)) == ()
    silent = []
    for path in leaves(document):
        later = copy.deepcopy(document)
        place: Any = later
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = "changed"
        try:
            if not differences(document, later):
                silent.append(path)
        except (TypeError, AttributeError, KeyError):
            pytest.fail(f"a document with another {path} cannot be compared")
    assert silent == []


def test_the_order_of_entries_is_no_difference_of_findings(document: dict[str, Any]) -> None:
    later = copy.deepcopy(document)
    later["markers"].reverse()
    assert [one.kind for one in differences(document, later)] == ["other"]
