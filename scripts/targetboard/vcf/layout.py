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
_INFO = 7
MASKS = np.array([(1 << (8 * length)) - 1 for length in range(8)] + [2**64 - 1], dtype=np.uint64)
# Odd constants of the golden ratio and of SplitMix64 (Steele, Lea and Flood 2014): they spread the bits of a sum.
_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)
_SHIFT = np.uint64(29)
_LOWER = np.uint64(0x2020202020202020)
_ZEROS, _SIXES, _HIGH = (np.uint64(0x0101010101010101 * byte) for byte in (0x30, 6, 0xF0))
_PAIRS = tuple(
    (np.uint64(shift), np.uint64(factor), np.uint64(mask))
    for shift, factor, mask in ((8, 10, 0x00FF00FF00FF00FF), (16, 100, 0x0000FFFF0000FFFF), (32, 10000, 0xFFFFFFFF))
)


@dataclass(slots=True, frozen=True)
class Layout:
    """Delimiters of ``count`` lines that all have the expected number of columns.

    ``ends`` holds the byte behind each column (``count`` rows), ``starts`` the first byte of each line. ``stops`` are
    the places of tabs, line ends, colons and semicolons in order; ``edges`` says for each of ``ends`` where among them
    it stands, and ``semicolons`` where those are. ``is_ascii`` says whether the text holds nothing else.
    """

    text: bytes
    codes: npt.NDArray[np.uint8]
    words: Words
    count: int
    starts: Ints
    ends: Ints
    stops: Ints
    edges: Ints
    semicolons: Ints
    is_ascii: bool

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
    # tab and line end are neighbours among the codes, and so are colon and semicolon
    special = (codes - np.uint8(_TAB)) < 2
    special |= (codes - np.uint8(_COLON)) < 2
    stops = np.flatnonzero(special)
    kinds = codes[stops]
    bounds = np.flatnonzero(kinds <= _NEWLINE)
    if not len(bounds) or len(bounds) % columns:
        return None
    edges: Ints = bounds.reshape(-1, columns)
    ends: Ints = stops[edges]
    ended = codes[ends] == _NEWLINE
    if not ended[:, -1].all() or ended[:, :-1].any():
        return None
    starts = np.empty(len(ends), dtype=np.int64)
    starts[0] = 0
    starts[1:] = ends[:-1, -1] + 1
    words: Words = np.ndarray((len(text) - 7,), dtype=np.uint64, buffer=text, strides=(1,))
    semicolons = np.flatnonzero(kinds == _SEMICOLON)
    return Layout(text, codes, words, len(ends), starts, ends, stops, edges, semicolons, text.isascii())


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


def _short_numbers(words: Words, lengths: Ints) -> tuple[Ints, Flags]:
    """Numbers of at most eight digits, each at the end of its eight bytes, of which the last is the highest."""
    digits = words ^ _ZEROS
    digits &= ~MASKS[8 - lengths]
    # a byte of 0 to 9 stays below 16, and below 16 with 6 more
    valid = (lengths >= 1) & (((digits | (digits + _SIXES)) & _HIGH) == 0)
    for shift, factor, mask in _PAIRS:  # tens and ones, then hundreds, then ten thousands
        digits = (digits * factor + (digits >> shift)) & mask
    return digits.astype(np.int64), valid


@dataclass(slots=True, frozen=True)
class InfoKeys:
    """INFO keys of lines: the line of each, where it begins and ends, and whether a value follows; by line in order."""

    line: Ints
    begin: Ints
    end: Ints
    valued: Flags


def key_counts(layout: Layout) -> tuple[Ints, Ints]:
    """Number of INFO items of each line, and where its first semicolon stands among ``semicolons``."""
    first = np.searchsorted(layout.semicolons, layout.edges[:, _INFO - 1])
    last = np.searchsorted(layout.semicolons, layout.edges[:, _INFO])
    return last - first + 1, first


def last_items(layout: Layout) -> Ints:
    """Where the last INFO item of each line begins."""
    counts, first = key_counts(layout)
    semicolons = np.append(layout.stops[layout.semicolons], 0)
    return np.where(counts > 1, semicolons[first + counts - 2] + 1, layout.begin(_INFO))


def info_keys(layout: Layout) -> InfoKeys:
    """Where the INFO keys of every line lie."""
    counts, first = key_counts(layout)
    line = np.repeat(np.arange(layout.count), counts)
    number = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    semicolons = np.append(layout.stops[layout.semicolons], 0)
    begin = np.where(number == 0, layout.begin(_INFO)[line], semicolons[first[line] + number - 1] + 1)
    following = semicolons[np.minimum(first[line] + number, len(semicolons) - 1)]
    limit = np.where(number == counts[line] - 1, layout.ends[line, _INFO], following)
    signs = np.append(np.flatnonzero(layout.codes == _EQUALS), len(layout.text))
    equals = signs[np.searchsorted(signs, begin)]
    return InfoKeys(line, begin, np.minimum(equals, limit), equals < limit)


def info_signatures(layout: Layout) -> tuple[Words, Flags]:
    """A number per line for the set of INFO keys it uses and which carry a value; and whether a key is odd.

    The number is a sum over the keys, so that it depends on neither their order nor their values. Odd is a key that is
    too long to be told apart, or empty.
    """
    keys = info_keys(layout)
    found = hashes(layout.words, keys.begin, keys.end)
    found ^= keys.valued.astype(np.uint64) * _FACTORS[2]
    found *= _FACTORS[0]
    first = np.flatnonzero(np.diff(keys.line, prepend=-1))
    odd = np.zeros(layout.count, dtype=np.bool_)
    sizes = keys.end - keys.begin
    odd[keys.line[(sizes > LONGEST_NAME) | (sizes == 0)]] = True
    return np.add.reduceat(found, first), odd


def texts_are(layout: Layout, begin: Ints, text: bytes) -> Flags:
    """Whether this text begins at each of the places."""
    found: Flags = np.ones(len(begin), dtype=np.bool_)
    for start in range(0, len(text), 8):
        piece = text[start : start + 8]
        # the padding behind a chunk is longer than a key
        words = layout.words[np.minimum(begin + start, len(layout.words) - 1)] & MASKS[len(piece)]
        found &= words == np.uint64(int.from_bytes(piece, "little"))
    return found


def have_items(layout: Layout, items: tuple[bytes, ...]) -> Flags:
    """Lines whose INFO holds exactly these keys in this order; a key with a value is given with its equals sign."""
    counts, first = key_counts(layout)
    found: Flags = counts == len(items)
    rows = np.flatnonzero(found)
    if not len(rows):
        return found
    semicolons = layout.stops[layout.semicolons]
    begin, closing = layout.begin(_INFO)[rows], first[rows]
    fits = np.ones(len(rows), dtype=np.bool_)
    for number, item in enumerate(items):
        last = number == len(items) - 1
        limit = layout.ends[rows, _INFO] if last else semicolons[closing + number]
        fits &= texts_are(layout, begin, item)
        fits &= limit >= begin + len(item) if item.endswith(b"=") else limit == begin + len(item)
        begin = limit + 1
    found[rows] = fits
    return found


def colon_excess(layout: Layout) -> Flags:
    """Lines in which a sample has more colons than FORMAT."""
    counts = np.diff(layout.edges[:, _INFO:], axis=1)
    return np.asarray((counts[:, 1:] > counts[:, :1]).any(axis=1))


def numbers(layout: Layout, column: int) -> tuple[Ints, Flags]:
    """The whole number in a column of each line, and whether it is one of at most ten digits."""
    start, end = layout.begin(column), layout.ends[:, column]
    lengths = end - start
    if len(end) and int(lengths.max()) <= 8 <= int(end[0]):
        return _short_numbers(layout.words[end - 8], lengths)
    valid = (lengths >= 1) & (lengths <= 10)
    value = np.zeros(layout.count, dtype=np.int64)
    for digit in range(int(min(lengths.max(initial=0), 10))):
        has = lengths > digit
        code = layout.codes[np.where(has, start + digit, start)].astype(np.int64) - 48
        valid &= ~has | ((code >= 0) & (code <= 9))
        value = np.where(has, value * 10 + code, value)
    return value, valid


def info_values(layout: Layout, key: bytes) -> tuple[Ints, Ints, Ints, Ints]:
    """Where the values of an INFO key lie.

    Returns
    -------
    tuple of arrays
        Lines that have the key with a value, and where it begins and ends, once for each time it stands; and by line
        how often the key stands, with a value or without.
    """
    keys = info_keys(layout)
    semicolons = np.append(layout.stops[layout.semicolons], len(layout.text))
    named = np.flatnonzero(keys.end - keys.begin == len(key))
    named = named[texts_are(layout, keys.begin[named], key)]
    times = np.bincount(keys.line[named], minlength=layout.count)
    own = named[keys.valued[named]]
    line, begin = keys.line[own], keys.end[own] + 1
    end = np.minimum(semicolons[np.searchsorted(semicolons, begin)], layout.ends[line, _INFO])
    return line, begin, end, times


def entries(layout: Layout, begin: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Entries (separated by commas) of values: the number of the value, and where each begins and ends."""
    commas = np.flatnonzero(layout.codes == _COMMA)
    first = np.searchsorted(commas, begin)
    counts = np.searchsorted(commas, end) - first + 1
    value = np.repeat(np.arange(len(begin)), counts)
    number = np.arange(len(value)) - np.repeat(np.cumsum(counts) - counts, counts)
    commas = np.append(commas, 0)
    starts = np.where(number == 0, begin[value], commas[first[value] + number - 1] + 1)
    following = commas[np.minimum(first[value] + number, len(commas) - 1)]
    return value, starts, np.where(number == counts[value] - 1, end[value], following)


def entry_names(layout: Layout, key: bytes, places: tuple[int, ...]) -> tuple[Ints, Words]:
    """Names that annotation entries (``A|B|C``, separated by commas) hold in the fields numbered ``places``.

    Parameters
    ----------
    layout
        The lines.
    key
        INFO key of the annotation.
    places
        Numbers of the fields, from 0.

    Returns
    -------
    tuple of arrays
        Line and hash (letters in any case) of each name.
    """
    line, value_begin, value_end, _ = info_values(layout, key)
    value, begin, limit = entries(layout, value_begin, value_end)
    pipes = np.flatnonzero(layout.codes == _PIPE)
    first = np.searchsorted(pipes, begin)
    last = len(pipes) - 1
    if last < 0 or not len(begin):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    row = line[value]
    rows: list[Ints] = []
    found: list[Words] = []
    for place in places:
        before = first + place - 1
        start = (np.where(before <= last, pipes[np.minimum(before, last)], limit) + 1) if place else begin
        following = first + place
        end = np.where(following <= last, np.minimum(pipes[np.minimum(following, last)], limit), limit)
        short = (end > start) & (end - start <= LONGEST_NAME)
        rows.append(row[short])
        found.append(hashes(layout.words, start[short], end[short], folded=True))
    return np.concatenate(rows), np.concatenate(found)
