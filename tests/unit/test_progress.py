"""Progress: what is printed when, on a terminal and in a log, and that short or quiet work prints nothing."""

from __future__ import annotations

import io
import itertools

import pytest

from targetboard.progress import Progress, wants_quiet


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def run(stream: io.StringIO, steps: int, seconds: float, *, quiet: bool = False, failed_at: int = -1) -> str:
    """So many steps, each of so many seconds."""
    ticks = itertools.count()
    with Progress("annotate", "samples", steps, stream=stream, quiet=quiet, clock=lambda: next(ticks) * seconds) as bar:
        for step in range(steps):
            bar.advance(failed=int(step == failed_at))
    return stream.getvalue()


def test_short_work_prints_nothing() -> None:
    assert run(Terminal(), 10, 0.25) == ""
    assert run(io.StringIO(), 10, 0.25) == ""


def test_a_terminal_sees_one_line_rewritten() -> None:
    text = run(Terminal(), 8, 1.0, failed_at=1)
    assert text.startswith("\r\x1b[Kannotate: 3 of 8 samples, 1.0/s, 1 failed, 5 s left\r")
    assert text.endswith("\r\x1b[Kannotate: 8 of 8 samples, 0.9/s, 1 failed, 9 s\n")
    assert text.count("\n") == 1


def test_a_log_gets_a_line_each_half_minute() -> None:
    lines = run(io.StringIO(), 200, 1.0).splitlines()
    assert lines[0] == "annotate: 30 of 200 samples, 1.0/s, 2 min 50 s left"
    assert lines[-1] == "annotate: 200 of 200 samples, 1.0/s, 3 min 21 s"
    assert len(lines) == 7


def test_quiet_prints_nothing() -> None:
    assert run(Terminal(), 100, 10.0, quiet=True) == ""


def test_without_a_total_no_time_left_is_told() -> None:
    ticks = itertools.count(step=5)
    stream = io.StringIO()
    with Progress("read", "records", stream=stream, quiet=False, clock=lambda: float(next(ticks))) as bar:
        for _ in range(6):
            bar.advance(1_000_000)
    assert stream.getvalue().splitlines()[0] == "read: 6,000,000 records, 200,000/s, 30 s"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, False), ({"TARGETBOARD_QUIET": "1"}, True), ({"TARGETBOARD_QUIET": "0"}, False), ({"CI": "true"}, True)],
)
def test_the_environment_asks_for_quiet(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CI", "TARGETBOARD_QUIET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_quiet() is expected


def test_hours_are_told_as_hours() -> None:
    assert Progress("x", "samples", 2, stream=io.StringIO()).line(0) == "x: 0 of 2 samples, 0.0/s, 0 s"
    bar = Progress("x", "samples", 4, stream=io.StringIO())
    bar.advance()
    assert bar.line(3600.0).endswith("3 h 00 min left")
