"""Silent lines told apart for a whole chunk at a time: the plain cases of :mod:`targetboard.silent_lines` with numpy.

Only exchanges of one base whose line and annotation have the commonest form are answered here; what is not is left to
:meth:`targetboard.silent_lines.SilentLines.judge`, which gives the same answer one line at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from targetboard.silent_lines import SPEAKS, Place, SilentLines, is_no_call
from targetboard.vcf.layout import LONGEST_NAME, PADDING, Flags, Ints, Layout, Words, entries, hashes, info_values

_COMMA, _COLON, _SEMICOLON, _EQUALS, _PIPE = b",:;=|"
_SPACE, _PERCENT, _GREATER, _DOT, _STAR, _PLUS, _MINUS, _SLASH, _BAR, _ONE = b" %>.*+-/|1"
_LONGEST_DEPTHS = 16
_LONGEST_CODING = 40
_COMPLEMENT = np.zeros(256, dtype=np.uint8)
_COMPLEMENT[np.frombuffer(b"ACGT", dtype=np.uint8)] = np.frombuffer(b"TGCA", dtype=np.uint8)
_DIGITS = np.zeros(256, dtype=np.bool_)
_DIGITS[48:58] = True
_CALLED = _DIGITS.copy()
_CALLED[_DOT] = True
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_UNKNOWN, _LOUD, _NO_GENE = -3, -2, -1
_NAMES = ("Consequence", "Feature_type", "SYMBOL", "HGNC_ID")


@dataclass(slots=True)
class QuietRows:
    """Answers for chunks of one file, with what was learnt of its entries, filters and formats.

    ``genes`` are the places of genes of the knowledge base, by the numbers that :meth:`find` gives.
    """

    silent: SilentLines
    genes: list[Place] = field(default_factory=list)
    _by_name: dict[frozenset[str], int] = field(default_factory=dict)
    # what entries amount to, by the hash of their names: a number of a gene, or one of the negative numbers above
    _entries: dict[int, int] = field(default_factory=dict)

    def find(self, layout: Layout, rows: Ints) -> npt.NDArray[np.int64]:
        """For each row the number of the one gene it lies in if it is silent, else -1.

        Parameters
        ----------
        layout
            A chunk.
        rows
            Numbers of lines, ascending; no curated allele may lie in their REF.
        """
        found = np.full(len(rows), -1, dtype=np.int64)
        if len(rows) and layout.is_ascii:
            own = layout
            if 2 * len(rows) < layout.count:
                again = layout.only(rows)
                if again is None:
                    return found
                own, rows = again, np.arange(len(rows), dtype=np.int64)
            plain = _is_short(own, rows) & self._is_plain(own, rows) & self._is_called(own, rows)
            kept = np.flatnonzero(plain)
            found[kept] = self._genes(own, rows[kept])
        return found

    def _is_plain(self, layout: Layout, rows: Ints) -> Flags:
        """No escaped or quoted text, and a FILTER that does not say that nothing was called."""
        codes = layout.codes
        strange = np.zeros(layout.count, dtype=np.bool_)
        for sign in (_SPACE, _PERCENT):
            strange[layout.row_of(np.flatnonzero(codes == sign))] = True
        plain = ~strange[rows]
        begin, end = layout.begin(6)[rows], layout.ends[rows, 6]
        plain &= end - begin <= LONGEST_NAME
        listed, first = np.unique(hashes(layout.words, begin, end), return_index=True)
        refused = [
            listed[number]
            for number, row in enumerate(first.tolist())
            if is_no_call(layout.text[begin[row] : end[row]])
        ]
        if refused:
            plain &= ~np.isin(hashes(layout.words, begin, end), refused)
        return plain

    def _is_called(self, layout: Layout, rows: Ints) -> Flags:
        """Whether GT has the allele and AD counts reads with it, in lines with the chunk's commonest FORMAT."""
        codes = layout.codes
        begin, end = layout.begin(8)[rows], layout.ends[rows, 8]
        listed, first, counts = np.unique(hashes(layout.words, begin, end), return_index=True, return_counts=True)
        common = int(np.argmax(counts))
        row = int(first[common])
        names = layout.text[begin[row] : end[row]]
        form = self.silent.format_layout(names)
        if form is None or len(names) > LONGEST_NAME:
            return np.zeros(len(rows), dtype=np.bool_)
        width, genotype, depths = form
        called: Flags = (hashes(layout.words, begin, end) == listed[common]) & (end - begin == len(names))
        colons = np.flatnonzero(codes == _COLON)
        begin, end = layout.begin(self.silent.tumour)[rows], layout.ends[rows, self.silent.tumour]
        low, high = np.searchsorted(colons, begin), np.searchsorted(colons, end)
        called &= high - low == width - 1
        colons = np.append(colons, np.zeros(width, dtype=np.int64))  # so that every row has a place to look at

        def value(number: int) -> tuple[Ints, Ints]:
            start = begin if number == 0 else colons[low + number - 1] + 1
            stop = end if number == width - 1 else colons[low + number]
            return start, np.where(called, stop, start)

        start, stop = value(genotype)
        one, two, three = (codes[np.minimum(start + step, len(codes) - 1)] for step in range(3))
        long = (stop - start == 3) & ((two == _SLASH) | (two == _BAR))
        long &= (_CALLED[one] & (three == _ONE)) | ((one == _ONE) & _CALLED[three])
        called &= long | ((stop - start == 1) & (one == _ONE))
        start, stop = value(depths)
        lengths = stop - start
        called &= lengths <= _LONGEST_DEPTHS
        commas = np.zeros(len(rows), dtype=np.int64)
        before, behind = commas.copy(), commas.copy()
        some = np.zeros(len(rows), dtype=np.bool_)
        for step in range(int(min(lengths.max(initial=0), _LONGEST_DEPTHS))):
            inside = step < lengths
            code = codes[np.where(inside, start + step, 0)]
            digit, comma = inside & _DIGITS[code], inside & (code == _COMMA)
            called &= ~inside | digit | comma
            before += digit & (commas == 0)
            behind += digit & (commas > 0)
            some |= digit & (commas > 0) & (code != 48)
            commas += comma
        called &= (commas == 1) & (before > 0) & (behind > 0) & some
        return called

    def _genes(self, layout: Layout, rows: Ints) -> Ints:
        """The one gene that all entries of a line name, if none of them says anything; else -1."""
        silent, codes = self.silent, layout.codes
        found = np.full(len(rows), -1, dtype=np.int64)
        # lines that have the annotation once, without an equals sign in it
        value_line, value_begin, value_end, times = info_values(layout, silent.info_key[:-1])
        signs = np.flatnonzero(codes == _EQUALS)
        clean = np.searchsorted(signs, value_begin) == np.searchsorted(signs, value_end)
        number = np.full(layout.count, -1, dtype=np.int64)
        number[rows] = np.arange(len(rows))
        own = clean & (value_end > value_begin) & (times[value_line] == 1) & (number[value_line] >= 0)
        value, begin, end = entries(layout, value_begin[own], value_end[own])
        if not len(begin):
            return found
        line = number[value_line[own]][value]
        pipes = np.flatnonzero(codes == _PIPE)
        first = np.searchsorted(pipes, begin)
        quiet = np.searchsorted(pipes, end) - first > max(silent.places.values())
        pipes = np.append(pipes, np.zeros(max(silent.places.values()) + 1, dtype=np.int64))

        def column(name: str) -> tuple[Ints, Ints]:
            place = silent.places[name]
            start = begin if place == 0 else pipes[first + place - 1] + 1
            return np.where(quiet, start, 0), np.where(quiet, pipes[first + place], 0)

        for name in ("HGVSp", "Protein_position", "Amino_acids"):
            start, stop = column(name)
            quiet &= start == stop
        length_change, alleles = _named_alleles(layout, rows)
        start, stop = column("Allele")
        quiet &= hashes(layout.words, start, stop) == alleles[line]
        ref, alt = codes[layout.begin(3)[rows]][line], codes[layout.begin(4)[rows]][line]
        quiet &= (length_change[line] != 0) | self._exchange(layout, *column("HGVSc"), ref, alt)
        verdicts, short = self._verdicts(layout, [column(name) for name in _NAMES if name in silent.places], quiet)
        quiet &= short & (verdicts > _LOUD)
        skips = np.array([*(gene.has_exon_skipping for gene in self.genes), False], dtype=np.bool_)
        quiet &= (length_change[line] >= 0) | (verdicts < 0) | ~skips[np.maximum(verdicts, -1)]
        # a line is silent if all its entries are and those that name a gene name the same
        loud = np.zeros(len(rows), dtype=np.bool_)
        loud[line[~quiet]] = True
        offsets = np.flatnonzero(np.diff(line, prepend=-1))
        found[line[offsets]] = np.maximum.reduceat(np.where(quiet, verdicts, -1), offsets)
        other = quiet & (verdicts >= 0) & (verdicts != found[line])
        loud[line[other]] = True
        found[loud] = -1
        return found

    def _exchange(self, layout: Layout, start: Ints, stop: Ints, ref: Codes, alt: Codes) -> Flags:
        """Whether HGVSc is empty or names this exchange of bases, on either strand, at a place of the usual form."""
        codes = layout.codes
        empty = start == stop
        colons = np.flatnonzero(codes == _COLON)
        last = np.searchsorted(colons, stop) - 1
        colons = np.append(colons, -1)  # last of none is -1
        begin = np.where(colons[last] >= start, colons[last] + 1, start)
        fine = (last < 1) | (colons[last - 1] < start)
        lengths = stop - begin - 3  # "c." and the place
        fine &= (lengths >= 3) & (lengths <= _LONGEST_CODING)
        tail = np.maximum(stop - 3, 0)
        last_code = len(codes) - 1
        before, sign, after = (codes[np.minimum(tail + step, last_code)] for step in range(3))
        same = (before == ref) & (after == alt)
        same |= (before == _COMPLEMENT[ref]) & (after == _COMPLEMENT[alt])
        fine &= same & (sign == _GREATER)
        kind, dot = codes[np.minimum(begin, last_code)], codes[np.minimum(begin + 1, last_code)]
        fine &= ((kind == ord("c")) | (kind == ord("n"))) & (dot == _DOT)
        signed = np.zeros(len(start), dtype=np.bool_)
        digit_before = np.zeros(len(start), dtype=np.bool_)
        for step in range(2, int(lengths[fine].max(initial=0))):
            inside = fine & (step < lengths)
            code = codes[np.where(inside, begin + step, 0)]
            digit = _DIGITS[code]
            if step == 2:
                allowed = digit | (code == _MINUS) | (code == _STAR)
            else:
                offset = ((code == _PLUS) | (code == _MINUS)) & digit_before & ~signed
                signed |= inside & offset
                allowed = digit | offset
            fine &= ~inside | allowed
            digit_before = np.where(inside, digit, digit_before)
        result: Flags = empty | (fine & digit_before)
        return result

    def _verdicts(self, layout: Layout, columns: list[tuple[Ints, Ints]], wanted: Flags) -> tuple[Ints, Flags]:
        """What each wanted entry amounts to by its consequence and gene, and whether its names are short enough."""
        verdicts = np.full(len(wanted), _LOUD, dtype=np.int64)
        short = np.ones(len(wanted), dtype=np.bool_)
        mixed: Words = np.zeros(len(wanted), dtype=np.uint64)
        for start, stop in columns:
            # combined consequences are longer than what one hash tells apart by every byte
            middle = np.minimum(stop, start + LONGEST_NAME)
            for first, last in ((start, middle), (middle, stop)):
                mixed = (mixed ^ hashes(layout.words, first, last)) * _FACTOR
                mixed ^= mixed >> np.uint64(31)
            short &= stop - middle <= LONGEST_NAME
        at = np.flatnonzero(wanted & short)
        listed, found, inverse = np.unique(mixed[at], return_index=True, return_inverse=True)
        answers = np.empty(len(listed), dtype=np.int64)
        known = self._entries
        for number, value in enumerate(listed.tolist()):
            answer = known.get(value)
            if answer is None:
                entry = at[found[number]]
                names = [layout.text[start[entry] : stop[entry]] for start, stop in columns]
                answer = known[value] = self._answer(*names)
            answers[number] = answer
        verdicts[at] = answers[inverse]
        return verdicts, short

    def _answer(self, consequence: bytes, feature: bytes, symbol: bytes, hgnc: bytes = b"") -> int:
        """The number of the gene of an entry that says nothing, or what else it is."""
        exchange, gene = self.silent.verdict(consequence, feature, symbol, hgnc, b"")
        if exchange == SPEAKS:
            return _LOUD
        if gene is None:
            return _NO_GENE
        number = self._by_name.setdefault(gene.name, len(self.genes))
        if number == len(self.genes):
            self.genes.append(gene)
        return number


Codes = npt.NDArray[np.uint8]


def _is_short(layout: Layout, rows: Ints) -> Flags:
    """Exchanges of one base, and insertions and deletions of at most ``LONGEST_NAME`` bases behind a common one."""
    codes = layout.codes
    begin_ref, begin_alt = layout.begin(3)[rows], layout.begin(4)[rows]
    size_ref, size_alt = layout.ends[rows, 3] - begin_ref, layout.ends[rows, 4] - begin_alt
    same = codes[begin_ref] == codes[begin_alt]
    short: Flags = np.where((size_ref == 1) & (size_alt == 1), ~same, same & ((size_ref == 1) != (size_alt == 1)))
    for begin, size in ((begin_ref, size_ref), (begin_alt, size_alt)):
        short &= size <= LONGEST_NAME
        for step in range(int(size[short].max(initial=0))):
            short &= (step >= size) | (_COMPLEMENT[codes[np.where(step < size, begin + step, begin)]] > 0)
    return short


def _named_alleles(layout: Layout, rows: Ints) -> tuple[Ints, Words]:
    """By how much ALT is longer than REF, and the hash of what VEP calls the ALT, for lines of :func:`_is_short`."""
    begin, end = layout.begin(4)[rows], layout.ends[rows, 4]
    change = (end - begin) - (layout.ends[rows, 3] - layout.begin(3)[rows])
    named = hashes(layout.words, np.where(change == 0, begin, begin + 1), end)
    named[change < 0] = _hash_of(b"-")
    return change, named


def _hash_of(name: bytes) -> np.uint64:
    text = name + PADDING
    words: Words = np.ndarray((len(text) - 7,), dtype=np.uint64, buffer=text, strides=(1,))
    return np.uint64(hashes(words, np.zeros(1, dtype=np.int64), np.array([len(name)], dtype=np.int64))[0])
