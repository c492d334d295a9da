"""Errors a user can cause or meet, each with an exit code and a remedy.

The command line has one error boundary (:mod:`targetboard.cli`); it prints an expected error as one line and
exits with its code. Anything else that escapes is a bug and exits with 6.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """Documented exit codes of every verb (README, section "Exit codes")."""

    OK = 0
    USAGE = 2
    MALFORMED = 3
    BUILD_MISMATCH = 4
    KNOWLEDGE = 5
    INTERNAL = 6
    PARTIAL = 7
    SIGN_OUT = 8


class TargetboardError(Exception):
    """An expected error: what happened, where, and what the user can do about it.

    Parameters
    ----------
    what
        One sentence without a trailing full stop.
    where
        File, line, record, column or sample, as far as known ("demo.vcf, line 12"); empty if there is no place.
    remedy
        What to do next; empty if there is nothing to do.
    """

    code: ExitCode = ExitCode.INTERNAL

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def one_line(self) -> str:
        """The error as one printable line: control characters are shown escaped, so data cannot forge a line."""
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.remedy:
            text = f"{text}. {self.remedy}"
        return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


class UsageError(TargetboardError):
    """Wrong options, configuration or sample sheet (exit 2)."""

    code = ExitCode.USAGE


class OutputError(UsageError):
    """An output cannot be written: full or read-only disk, no permission (exit 2). It says nothing about the sample."""


class MalformedInput(TargetboardError):
    """Corrupt or malformed input file (exit 3)."""

    code = ExitCode.MALFORMED


class BuildMismatch(TargetboardError):
    """The input does not belong to the stated assembly or reference (exit 4)."""

    code = ExitCode.BUILD_MISMATCH


class KnowledgeError(TargetboardError):
    """A knowledge table is damaged, inconsistent or fails its lint (exit 5)."""

    code = ExitCode.KNOWLEDGE


class SignOutError(TargetboardError):
    """A signature, kept document or audit log does not hold: edited, cut, missing or of another version (exit 8)."""

    code = ExitCode.SIGN_OUT


class PartialFailure(TargetboardError):
    """Some samples of a run failed; the others were delivered (exit 7)."""

    code = ExitCode.PARTIAL
