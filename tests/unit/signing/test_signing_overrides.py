"""A reviewer's values stand beside the machine's; every row names one value of the document, with a reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from targetboard.errors import MalformedInput
from targetboard.signing.overrides import read_overrides

Table = Callable[..., Path]
WHY = "functional data of our own"


@pytest.fixture
def document(document_path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(document_path.read_text(encoding="utf-8"))
    return content


@pytest.mark.parametrize(
    "subject",
    ["17:7577120:C:T", "chr17:7577120:C:T", "TP53 p.Arg273His", "TP53 R273H", "TP53 p.(R273H)", "TP53 c.818G>A"],
)
def test_a_variant_is_found_under_every_spelling(subject: str, document: dict[str, Any], overrides: Table) -> None:
    (found,) = read_overrides(overrides((subject, "driver_class", "uncertain", WHY)), document, "R")
    assert (found.kind, found.index, found.machine, found.reviewed) == ("variant", 3, "likely_driver", "uncertain")
    assert found.subject == "TP53 p.Arg273His (17:7577120:C:T)"
    assert (found.reason, found.by, found.claims) == (WHY, "R", ())


def test_treatment_rows_that_rest_on_a_changed_variant_are_named(document: dict[str, Any], overrides: Table) -> None:
    (found,) = read_overrides(overrides(("EGFR T790M", "driver_class", "uncertain", WHY)), document, "R")
    expected = [i for i, claim in enumerate(document["therapies"]) if found.index in claim["variants"]]
    assert list(found.claims) == expected != []


def test_a_tier_can_be_set_given_and_taken_away(document: dict[str, Any], overrides: Table) -> None:
    claim = document["therapies"][0]["claim_id"]
    rows = [(f"claim:{claim}", "amp", "I-B", WHY), (f"claim:{claim}", "escat", "none", WHY)]
    rows.append(("STK11 p.Thr363Ile", "escat", "X", WHY))
    found = read_overrides(overrides(*rows), document, "R")
    assert [(one.kind, one.machine, one.reviewed) for one in found] == [
        ("claim", "I-A", "I-B"),
        ("claim", "I-A", "none"),
        ("variant", "none", "X"),
    ]


def test_an_event_is_found_by_its_label(root: Path, overrides: Table) -> None:
    fusion = json.loads((root / "tests/data/documents/nsclc_alk_fusion.json").read_text(encoding="utf-8"))
    index = next(i for i, event in enumerate(fusion["events"]) if event["driver_class"] == "validated_driver")
    label = fusion["events"][index]["label"]
    (found,) = read_overrides(overrides((label.upper(), "driver_class", "uncertain", WHY)), fusion, "R")
    assert (found.kind, found.index, found.subject) == ("event", index, label)
    alterations = set(fusion["events"][index]["alterations"])
    resting = [i for i, claim in enumerate(fusion["therapies"]) if alterations & set(claim["biomarkers"])]
    assert list(found.claims) == resting != []


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (("BRAF V600E", "driver_class", "uncertain", WHY), "is not in the document"),
        (("", "driver_class", "uncertain", WHY), "is not in the document"),
        (("EGFR", "driver_class", "uncertain", WHY), "is not in the document"),
        (("claim:NONE", "amp", "I-A", WHY), "is not in the document"),
        (("TP53 R273H", "driver_class", "vus", WHY), "is no driver_class"),
        (("TP53 R273H", "driver_class", "likely_driver", WHY), "is likely_driver already"),
        (("TP53 R273H", "vaf", "0.5", WHY), "cannot be set"),
        (("TP53 R273H", "amp", "I-C", WHY), "is no amp"),
        (("claim:TB0027", "driver_class", "uncertain", WHY), "cannot be set"),
        (("claim:TB0027", "amp", "IV", WHY), "is no amp"),
        (("TP53 R273H", "driver_class", "uncertain", ""), "the reason is missing"),
        (("TP53 R273H", "driver_class", "uncertain", "\u202e"), "not printable"),
        (("TP53 R273H", "driver_class", "uncertain", "x" * 1001), "too long"),
    ],
)
def test_what_cannot_be_judged_is_told_with_its_line(
    row: tuple[str, str, str, str], says: str, document: dict[str, Any], overrides: Table
) -> None:
    with pytest.raises(MalformedInput, match=says) as caught:
        read_overrides(overrides(row), document, "R")
    assert "line 2" in caught.value.where


def test_one_value_is_set_once(document: dict[str, Any], overrides: Table) -> None:
    rows = [(name, "driver_class", "uncertain", WHY) for name in ("TP53 R273H", "17:7577120:C:T")]
    with pytest.raises(MalformedInput, match="set twice"):
        read_overrides(overrides(*rows), document, "R")


def test_an_ambiguous_subject_is_refused_with_what_it_may_be(document: dict[str, Any], overrides: Table) -> None:
    twin = {**document["variants"][3], "pos": 7577121}
    document["variants"].append(twin)
    with pytest.raises(MalformedInput, match=r"17:7577120:C:T.*17:7577121:C:T"):
        read_overrides(overrides(("TP53 R273H", "driver_class", "uncertain", WHY)), document, "R")
