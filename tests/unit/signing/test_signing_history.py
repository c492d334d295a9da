"""Which act of signing may follow which, and what version it makes."""

from __future__ import annotations

import pytest

from targetboard.signing.history import History, add, objection, version_of
from targetboard.signing.records import Override, Record

A, B = "a" * 64, "b" * 64


def override(reviewed: str = "uncertain", by: str = "X") -> Override:
    return Override("variant", 0, "EGFR p.Leu858Arg", "driver_class", "validated_driver", reviewed, "why", by, ())


def act(history: History, meaning: str, sha: str = A, **more: object) -> Record:
    fields: dict[str, object] = {
        "sample_id": "S",
        "version": version_of(history, meaning, sha),
        "document_sha256": sha,
        "document_bytes": 1,
        "meaning": meaning,
        "reviewer": "R",
        "role": "r",
        "date": "2026-05-04",
        **more,
    }
    return Record(**fields)  # type: ignore[arg-type]


def after(*acts: tuple[str, str, dict[str, object]]) -> History:
    history = History()
    for meaning, sha, more in acts:
        record = act(history, meaning, sha, **more)
        assert objection(history, record) == ""
        history = add(history, record)
    return history


REASON: dict[str, object] = {"reason": "why"}
APPROVED = ("approved", A, {})


@pytest.mark.parametrize(
    ("before", "next_act", "says"),
    [
        ((), ("approved", A, {}), ""),
        ((), ("reviewed", A, {}), ""),
        ((), ("amended", A, REASON), "no version was released"),
        ((), ("withdrawn", A, REASON), "no version was released"),
        ((), ("approved", A, {"version": 2}), "not the one that follows"),
        ((APPROVED,), ("approved", A, {}), ""),
        ((APPROVED,), ("approved", A, {"overrides": (override(),)}), "other values need “amended”"),
        ((APPROVED,), ("reviewed", A, {"overrides": (override(),)}), "other values need “amended”"),
        ((APPROVED,), ("approved", B, {}), "a later one is “amended”"),
        ((APPROVED,), ("reviewed", B, {}), ""),
        ((APPROVED,), ("amended", B, REASON), ""),
        ((APPROVED,), ("amended", B, {}), "no reason"),
        ((APPROVED,), ("amended", A, REASON), "nothing differs"),
        ((APPROVED,), ("amended", A, {**REASON, "overrides": (override(),)}), ""),
        ((APPROVED,), ("withdrawn", A, REASON), ""),
        ((APPROVED,), ("withdrawn", A, {}), "no reason"),
        ((APPROVED,), ("withdrawn", B, REASON), "another document"),
        ((APPROVED, ("withdrawn", A, REASON)), ("withdrawn", A, REASON), "withdrawn already"),
        ((APPROVED, ("withdrawn", A, REASON)), ("approved", A, {}), "“amended”"),
        ((APPROVED, ("withdrawn", A, REASON)), ("amended", A, REASON), ""),
        ((APPROVED,), ("approved", A, {"date": "2026-05-03"}), "lies before"),
        ((APPROVED,), ("approved", A, {"date": "2026-05-04T08:00"}), ""),
        ((APPROVED,), ("approved", A, {"sample_id": "T"}), "that of sample 'S'"),
    ],
)
def test_what_may_follow(
    before: tuple[tuple[str, str, dict[str, object]], ...], next_act: tuple[str, str, dict[str, object]], says: str
) -> None:
    history = after(*before)
    found = objection(history, act(history, next_act[0], next_act[1], **next_act[2]))
    assert (found == "") if says == "" else (says in found)


def test_versions_count_releases_only() -> None:
    history = after(("reviewed", A, {}), APPROVED, ("approved", A, {}), ("reviewed", B, {}), ("amended", B, REASON))
    assert [version.number for version in history.versions] == [1, 2]
    assert [[r.meaning for r in v.signatures] for v in history.versions] == [
        ["reviewed", "approved", "approved"],
        ["reviewed", "amended"],
    ]
    assert history.released_as(B) == history.versions[1]
    assert history.released_as(A) is None


def test_a_release_takes_up_what_reviews_of_the_same_bytes_judged_and_the_later_one_holds() -> None:
    history = after(
        ("reviewed", A, {"overrides": (override("passenger", "first"),)}),
        ("reviewed", B, {"overrides": (override("not_evaluable", "of another document"),)}),
        ("approved", A, {"overrides": (override("uncertain", "second"),)}),
    )
    assert history.current is not None
    assert [(one.reviewed, one.by) for one in history.current.overrides] == [("uncertain", "second")]


def test_a_withdrawn_version_is_no_release() -> None:
    history = after(APPROVED, ("withdrawn", A, REASON))
    assert history.released_as(A) is None
    assert history.current is not None
    assert history.current.withdrawal is not None
