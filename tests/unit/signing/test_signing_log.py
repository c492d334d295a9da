"""The chain shows edits, removals and moves; the rest is found by the signature or a head kept elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.errors import SignOutError
from targetboard.signing.log import Entry, next_entry, read_log
from targetboard.signing.records import Record


def entries(number: int) -> tuple[Entry, ...]:
    found: tuple[Entry, ...] = ()
    for index in range(number):
        record = Record("S", 1, "0" * 64, 10, "reviewed", f"Größe {index}", "role", "2026-05-04", comment="\u202e<b>")
        found = (*found, next_entry(found, record))
    return found


LINES = [entry.line().encode("ascii") for entry in entries(4)]


def read(folder: Path, content: bytes) -> tuple[Entry, ...]:
    path = folder / "log.jsonl"
    path.write_bytes(content)
    return read_log(path)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read(tmp_path, b"".join(LINES)) == entries(4)
    assert len({entry.sha256 for entry in entries(4)}) == 4


@given(place=st.integers(0, sum(map(len, LINES)) - 1), new=st.integers(0, 255))
def test_no_byte_can_be_changed(tmp_path_factory: pytest.TempPathFactory, place: int, new: int) -> None:
    content = bytearray(b"".join(LINES))
    if content[place] == new:
        return
    content[place] = new
    with pytest.raises(SignOutError):
        read(tmp_path_factory.mktemp("log"), bytes(content))


@given(order=st.lists(st.integers(0, 3), max_size=6))
def test_lines_can_be_neither_removed_nor_moved_nor_repeated(
    tmp_path_factory: pytest.TempPathFactory, order: list[int]
) -> None:
    folder, content = tmp_path_factory.mktemp("log"), b"".join(LINES[index] for index in order)
    if order and order == list(range(len(order))):
        # the end may be missing: the chain alone cannot know
        assert read(folder, content) == entries(len(order))
    else:
        with pytest.raises(SignOutError):
            read(folder, content)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "cut or the log is empty"),
        (b"".join(LINES)[:-1], "cut"),
        (b"".join(LINES)[:-20] + b"\n", "no entry"),
        (b"\n", "no entry"),
        (b"[]\n", "no entry"),
        (b"\xff\n", "no entry"),
        (LINES[0].replace(b'"sequence":1', b'"sequence": 1'), "edited"),
        (LINES[0].replace(b"role", b"Role"), "edited"),
        (LINES[1], "does not follow"),
        (LINES[0] + LINES[2], "does not follow"),
        (LINES[0] + LINES[0], "does not follow"),
    ],
)
def test_what_does_not_hold_is_told_with_its_line(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(SignOutError, match=says) as caught:
        read(tmp_path, content)
    assert caught.value.code == 8
    assert "log.jsonl" in caught.value.where


def rehashed(**changed: object) -> bytes:
    """An entry with other content and a hash that fits, as somebody who can compute hashes would write it."""
    import hashlib

    bound = {"sequence": 1, "previous": "0" * 64, "record": {**json.loads(LINES[0])["record"], **changed}}
    spelled = json.dumps(bound, sort_keys=True, separators=(",", ":"))
    own = hashlib.sha256(spelled.encode()).hexdigest()
    return (json.dumps({**bound, "sha256": own}, sort_keys=True, separators=(",", ":")) + "\n").encode()


@pytest.mark.parametrize(
    "changed",
    [
        {"meaning": "blessed"},
        {"version": "1"},
        {"version": True},
        {"reviewer": None},
        {"unknown": 1},
        {"overrides": {}},
        {"overrides": [{"kind": "variant"}]},
        {"changes": [[]]},
    ],
)
def test_an_entry_that_we_never_write_is_refused_even_with_a_fitting_hash(
    tmp_path: Path, changed: dict[str, object]
) -> None:
    with pytest.raises(SignOutError, match="not one that targetboard sign writes"):
        read(tmp_path, rehashed(**changed))


def test_a_log_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(SignOutError, match="no readable audit log"):
        read_log(tmp_path / "none")
