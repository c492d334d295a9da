"""Where the columns, keys and annotation entries of many VCF lines lie, found for a whole chunk of text at a time.

A genome has millions of lines that nobody asks about. Their delimiters are found with a few passes of numpy over the
bytes; a line is split into Python objects only where something about it is new, odd or of interest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Words: TypeAlias = npt.NDArray[np.uint64]
Flags: TypeAlias = npt.NDArray[np.bool_]
Number = TypeVar("Number", np.int64, np.uint64)

PADDING = bytes(40)
"""Zero bytes that must follow a chunk, so that eight bytes can be read from any place in it."""
LONGEST_NAME = 32
"""Names up to this length are told apart by every byte; longer ones are looked at one by one."""

_TAB, _NEWLINE, _COMMA, _COLON, _SEMICOLON, _EQUALS, _PIPE = b"\t\n,:;=|"
MASKS = np.array([(1 << (8 * length)) - 1 for length in range(8)] + [2**64 - 1], dtype=np.uint64)
# Odd constants of the golden ratio and of SplitMix64 (Steele, Lea and Flood 2014): they spread the bits of a sum.
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
_SHIFT = np.uint64(29)
_LOWER = np.uint64(0x2020202020202020)


@dataclass(slots=True, frozen=True)
class Layout:
    """Delimiters of ``count`` lines that all have the expected number of columns.

    ``ends`` holds the byte behind each column (``count`` rows), ``starts`` the first byte of each line; ``stops`` are
    the places of tab, line end, comma, semicolon and equals sign in order, ``kinds`` which of them stands there.
    """

    text: bytes
    codes: npt.NDArray[np.uint8]
    words: Words
    count: int
    starts: Ints
    ends: Ints
    stops: Ints
    kinds: npt.NDArray[np.uint8]

    def begin(self, column: int) -> Ints:
        """First byte of a column in each line."""
        return self.starts if column == 0 else self.ends[:, column - 1] + 1

    def column(self, column: int, row: int) -> bytes:
        """Text of one column of one line."""
        start = self.starts[row] if column == 0 else self.ends[row, column - 1] + 1
        return self.text[start : self.ends[row, column]]

    def texts(self, column: int) -> list[bytes]:
        """Text of one column of every line."""
        text = self.text
        begin, end = self.begin(column).tolist(), self.ends[:, column].tolist()
        return [text[a:b] for a, b in zip(begin, end, strict=True)]

    def line(self, row: int) -> bytes:
        """A whole line without its end."""
        return self.text[self.starts[row] : self.ends[row, -1]]

    def only(self, rows: Ints) -> Layout | None:
        """A layout of some of the lines; None if there are none."""
        lines = b"\n".join([self.line(row) for row in rows.tolist()])
        return lay_out(b"%b\n%b" % (lines, PADDING), self.ends.shape[1])

    def row_of(self, places: Ints) -> Ints:
        """The line in which each byte lies."""
        return np.searchsorted(self.ends[:, -1], places)


def lay_out(text: bytes, columns: int) -> Layout | None:
    """Lay out complete lines, each with its line end, followed by ``PADDING``; None unless all have the columns."""
    codes = np.frombuffer(text, dtype=np.uint8, count=len(text) - len(PADDING))
    special = (codes - np.uint8(_TAB)) < 2
    special |= codes == _COMMA
    special |= codes == _SEMICOLON
    special |= codes == _EQUALS
    stops = np.flatnonzero(special)
    kinds = codes[stops]
    bounds = stops[kinds <= _NEWLINE]
    if not len(bounds) or len(bounds) % columns:
        return None
    ends = bounds.reshape(-1, columns)
    ended = codes[ends] == _NEWLINE
    if not ended[:, -1].all() or ended[:, :-1].any():
        return None
    starts = np.empty(len(ends), dtype=np.int64)
    starts[0] = 0
    starts[1:] = ends[:-1, -1] + 1
    words: Words = np.ndarray((len(text) - 7,), dtype=np.uint64, buffer=text, strides=(1,))
    return Layout(text, codes, words, len(ends), starts, ends, stops, kinds)


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The different values, in order."""
    # without an option numpy.unique loads the masked arrays, which takes longer than the work itself
    return np.unique(values, return_index=True)[0]


def hashes(words: Words, starts: Ints, ends: Ints, *, folded: bool = False) -> Words:
    """A 64-bit number per stretch of bytes; up to ``LONGEST_NAME`` bytes it depends on every one of them.

    With ``folded`` letters count in any case (some other signs fall together too, so equal numbers must be verified).
    """
    lengths = ends - starts
    found: Words = lengths.astype(np.uint64) * _FACTORS[4]
    _mix(found, _head(words, starts, lengths, folded), 0)
    long = np.flatnonzero(lengths > 8)
    if len(long):
        begin, end, size = starts[long], ends[long], lengths[long]
        part = found[long]
        _mix(part, _head(words, begin + 8, size - 8, folded), 1)
        last = words[end - 8]
        _mix(part, last | _LOWER if folded else last, 2)
        longer = np.flatnonzero(size > 16)
        if len(longer):
            inner = part[longer]
            before = words[end[longer] - 16]
            _mix(inner, before | _LOWER if folded else before, 3)
            part[longer] = inner
        found[long] = part
    return found


def _head(words: Words, starts: Ints, lengths: Ints, folded: bool) -> Words:
    mask = MASKS[np.clip(lengths, 0, 8)]
    found: Words = words[starts]
    if folded:
        found |= _LOWER
    found &= mask
    return found


def _mix(state: Words, value: Words, number: int) -> None:
    state ^= value * _FACTORS[number]
    state ^= state >> _SHIFT
    state *= _FACTORS[(number + 1) % 4]


def hash_names(names: list[bytes]) -> Words:
    """:func:`hashes` of single names, letters in any case; none may be longer than ``LONGEST_NAME``."""
    text = b"".join(names) + PADDING
    words: Words = np.ndarray((len(text) - 7,), dtype=np.uint64, buffer=text, strides=(1,))
    lengths = np.array([len(name) for name in names], dtype=np.int64)
    ends = np.cumsum(lengths)
    return hashes(words, ends - lengths, ends, folded=True)


def info_keys(layout: Layout) -> Ints:
    """Where INFO keys begin, as indices into ``stops``: of the tab or semicolon before each."""
    bounds = layout.kinds <= _NEWLINE
    columns = layout.ends.shape[1]
    inside = np.cumsum(bounds) % columns == 7
    return np.flatnonzero(inside & (bounds | (layout.kinds == _SEMICOLON)))


def info_signatures(layout: Layout, keys: Ints) -> tuple[Words, Flags]:
    """A number per line for the set of INFO keys it uses and which carry a value; and whether a key is odd.

    The number is a sum over the keys, so that it depends on neither their order nor their values. Odd is a key with a
    comma or one that is too long to be told apart. ``keys`` is from :func:`info_keys`.
    """
    starts, ends, closing = layout.stops[keys] + 1, layout.stops[keys + 1], layout.kinds[keys + 1]
    found = hashes(layout.words, starts, ends)
    found ^= (closing == _EQUALS).astype(np.uint64) * _FACTORS[2]
    found *= _FACTORS[0]
    first = np.flatnonzero(layout.kinds[keys] == _TAB)
    odd = np.zeros(layout.count, dtype=np.bool_)
    strange = starts[(ends - starts > LONGEST_NAME) | (closing == _COMMA)]
    odd[layout.row_of(strange)] = True
    return np.add.reduceat(found, first), odd


def colon_excess(layout: Layout) -> Flags:
    """Lines in which a sample has more colons than FORMAT."""
    colons = np.flatnonzero(layout.codes == _COLON)
    edges = np.searchsorted(colons, layout.ends[:, 7:])
    counts = np.diff(edges, axis=1)
    return np.asarray((counts[:, 1:] > counts[:, :1]).any(axis=1))


def numbers(layout: Layout, column: int) -> tuple[Ints, Flags]:
    """The whole number in a column of each line, and whether it is one of at most ten digits."""
    start, end = layout.begin(column), layout.ends[:, column]
    lengths = end - start
    valid = (lengths >= 1) & (lengths <= 10)
    value = np.zeros(layout.count, dtype=np.int64)
    for digit in range(int(min(lengths.max(initial=0), 10))):
        has = lengths > digit
        code = layout.codes[np.where(has, start + digit, start)].astype(np.int64) - 48
        valid &= ~has | ((code >= 0) & (code <= 9))
        value = np.where(has, value * 10 + code, value)
    return value, valid


def entry_names(layout: Layout, keys: Ints, key: bytes, places: tuple[int, ...]) -> tuple[Ints, Words]:
    """Names that annotation entries (``A|B|C``, separated by commas) hold in the fields numbered ``places``.

    Parameters
    ----------
    layout, keys
        The lines, and :func:`info_keys` of them.
    key
        INFO key of the annotation; any key that ends like it counts as well.
    places
        Numbers of the fields, from 0.

    Returns
    -------
    tuple of arrays
        Line and hash (letters in any case) of each name.
    """
    equals = layout.stops[keys + 1]
    tail = key[-8:]
    wanted = np.uint64(int.from_bytes(tail, "little"))
    own = (layout.kinds[keys + 1] == _EQUALS) & (equals >= 8)
    own &= (layout.words[np.maximum(equals - 8, 0)] >> np.uint64(8 * (8 - len(tail)))) == wanted
    marks = np.zeros(len(layout.stops), dtype=np.int8)
    marks[keys] = -1
    marks[keys[own]] = 1
    latest = np.maximum.accumulate(np.where(marks != 0, np.arange(len(marks)), 0))
    annotated = marks[latest] == 1
    annotated &= np.cumsum(layout.kinds <= _NEWLINE) % layout.ends.shape[1] == 7
    opens = annotated & (layout.kinds == _COMMA)
    opens[keys[own] + 1] = True
    index = np.flatnonzero(opens)
    hard = np.flatnonzero(layout.kinds != _EQUALS)
    begin, limit = layout.stops[index], layout.stops[hard[np.searchsorted(hard, index, side="right")]]
    pipes = np.flatnonzero(layout.codes == _PIPE)
    first = np.searchsorted(pipes, begin)
    last = len(pipes) - 1
    if last < 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    row = layout.row_of(begin)
    rows: list[Ints] = []
    found: list[Words] = []
    for place in places:
        before = first + place - 1
        start = (np.where(before <= last, pipes[np.minimum(before, last)], limit) if place else begin) + 1
        following = first + place
        end = np.where(following <= last, np.minimum(pipes[np.minimum(following, last)], limit), limit)
        short = (end > start) & (end - start <= LONGEST_NAME)
        rows.append(row[short])
        found.append(hashes(layout.words, start[short], end[short], folded=True))
    return np.concatenate(rows), np.concatenate(found)
