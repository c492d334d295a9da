"""Progress of long work on stderr: done, total, rate, failed and the time left; nothing for work that is soon over.

Nothing of it reaches an output file: the clock is read for the person who waits, and for nobody else.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, TextIO

_SILENT_SECONDS = 3.0
_TERMINAL_SECONDS = 1.0
_LOG_SECONDS = 30.0
_ERASE = "\r\x1b[K"


class Progress:
    """A context manager that tells how far the work is.

    On a terminal one line is rewritten every second; in a log a line is added every 30 seconds. Work shorter than
    3 seconds prints nothing.

    Parameters
    ----------
    label
        What is done, for example ``"annotate"``.
    unit
        What is counted, in the plural: ``"samples"``, ``"records"``.
    total
        How many there are; None where that is not known (then no time left is given).
    stream
        Where to print; stderr by default.
    quiet
        Print nothing. By default: where the environment variable ``TARGETBOARD_QUIET`` is ``1``, or ``CI`` is set.
    clock
        Seconds that only grow.
    """

    def __init__(
        self,
        label: str,
        unit: str,
        total: int | None = None,
        *,
        stream: TextIO | None = None,
        quiet: bool | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.label, self.unit, self.total = label, unit, total
        self.done = self.failed = 0
        self._stream = sys.stderr if stream is None else stream
        self._quiet = wants_quiet() if quiet is None else quiet
        self._clock = clock
        self._terminal = self._stream.isatty()
        self._pause = _TERMINAL_SECONDS if self._terminal else _LOG_SECONDS
        self._start = clock()
        self._next = self._start + max(_SILENT_SECONDS, self._pause)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown:
            self._print(self._clock(), last=True)

    def advance(self, n: int = 1, failed: int = 0) -> None:
        """Count ``n`` more as done, ``failed`` of them in vain; print if it is time."""
        self.done += n
        self.failed += failed
        if self._quiet:
            return
        now = self._clock()
        if now >= self._next:
            self._print(now, last=False)
            self._next = now + self._pause

    def _print(self, now: float, *, last: bool) -> None:
        self._shown = True
        line = self.line(now - self._start)
        if self._terminal:
            self._stream.write(f"{_ERASE}{line}" + ("\n" if last else ""))
        else:
            self._stream.write(f"{line}\n")
        self._stream.flush()

    def line(self, seconds: float) -> str:
        """The state after so many seconds, as one line."""
        rate = self.done / seconds if seconds > 0 else 0.0
        of_total = f" of {self.total:,}" if self.total is not None else ""
        parts = [f"{self.done:,}{of_total} {self.unit}", f"{rate:,.{0 if rate >= 100 else 1}f}/s"]
        if self.failed:
            parts.append(f"{self.failed:,} failed")
        if self.total is not None and self.done < self.total and rate > 0:
            parts.append(f"{_duration((self.total - self.done) / rate)} left")
        else:
            parts.append(_duration(seconds))
        return f"{self.label}: {', '.join(parts)}"


def wants_quiet() -> bool:
    """Whether the environment asks for no progress (``TARGETBOARD_QUIET=1``, or ``CI`` set)."""
    return os.environ.get("TARGETBOARD_QUIET") == "1" or bool(os.environ.get("CI"))


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
