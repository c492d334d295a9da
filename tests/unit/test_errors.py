"""Errors are one printable line with place and remedy."""

from __future__ import annotations

from targetboard.errors import ExitCode, MalformedInput, UsageError


def test_one_line_has_where_what_and_remedy() -> None:
    error = MalformedInput("POS is negative", where="a.vcf, line 7", remedy="Mend the line")
    assert error.one_line() == "a.vcf, line 7: POS is negative. Mend the line"
    assert error.code is ExitCode.MALFORMED


def test_data_cannot_forge_a_second_line_or_terminal_codes() -> None:
    line = UsageError("bad \n\x1b[31m name\u2028", where="x\ty").one_line()
    assert line.isprintable()
