"""Reading small text inputs: tables and BED-like files, plain or gzip, with errors that name file, line and column."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput, UsageError


@dataclass(slots=True, frozen=True)
class TableRow:
    """One data line: its number in the file and its cells by column name (lower case)."""

    line: int
    cells: Mapping[str, str]

    def text(self, *names: str) -> str:
        """First of the named columns that is there and not empty; "" otherwise."""
        return next((self.cells[name] for name in names if self.cells.get(name)), "")


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbered lines of a text file, plain or gzip, without line ends.

    Raises
    ------
    UsageError
        If the file does not exist or is no regular file.
    MalformedInput
        If it is no UTF-8 text or a damaged gzip file.
    """
    if not path.is_file():
        raise UsageError("the file does not exist", where=str(path), remedy="Check the path")
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        opener = gzip.open if packed else open
        with opener(path, "rt", encoding="utf-8-sig", newline=None) as handle:
            for number, line in enumerate(handle, start=1):
                yield number, line.rstrip("\r\n")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise MalformedInput(f"the gzip file is damaged ({error})", where=str(path), remedy="Make it again") from None
    except UnicodeDecodeError:
        raise MalformedInput("this is no UTF-8 text", where=str(path), remedy="Give a text table") from None


def read_table(path: Path, needed: Sequence[Sequence[str]]) -> Iterator[TableRow]:
    """Rows of a tab-separated table with a header line (which may begin with ``#``); ``##`` lines are passed over.

    Parameters
    ----------
    needed
        Alternatives for each column that must be there, in lower case.

    Raises
    ------
    MalformedInput
        If a needed column is missing or a row has another number of cells than the header.
    """
    header: list[str] | None = None
    for number, line in text_lines(path):
        if not line.strip() or line.startswith("##"):
            continue
        cells = line.split("\t")
        if header is None:
            header = [name.strip().lstrip("#").lower() for name in cells]
            for alternatives in needed:
                if not set(alternatives) & set(header):
                    raise MalformedInput(
                        f"column {alternatives[0]!r} is missing (columns: {', '.join(header)})",
                        where=f"{path}, line {number}",
                        remedy="Give a tab-separated table with a header line",
                    )
            continue
        if len(cells) != len(header):
            raise MalformedInput(
                f"{len(cells)} cells under {len(header)} columns",
                where=f"{path}, line {number}",
                remedy="Separate cells by single tabs",
            )
        yield TableRow(number, dict(zip(header, (cell.strip() for cell in cells), strict=True)))
    if header is None:
        raise MalformedInput("the table is empty", where=str(path), remedy="Give at least its header line")


def number(text: str, path: Path, line: int, column: str, *, lowest: float = 0.0) -> float:
    """A finite decimal number at least ``lowest``.

    Raises
    ------
    MalformedInput
        For anything else, decimal commas included.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value) or value < lowest:
        raise MalformedInput(
            f"{text!r} is no number of at least {lowest:g}",
            where=f"{path}, line {line}, column {column}",
            remedy="Write it with a decimal point",
        )
    return value


def integer(text: str, path: Path, line: int, column: str, *, lowest: int = 0) -> int:
    """A whole number at least ``lowest``.

    Raises
    ------
    MalformedInput
        For anything else.
    """
    if not text.isascii() or not text.removeprefix("-").isdigit() or int(text) < lowest:
        raise MalformedInput(
            f"{text!r} is no whole number of at least {lowest}",
            where=f"{path}, line {line}, column {column}",
            remedy="Give a whole number",
        )
    return int(text)
