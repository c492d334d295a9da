"""Checks of VCF data lines on raw bytes: lean per line, since a genome has millions.

What may differ between records is looked at each time (columns, POS, alleles); what repeats (FORMAT, FILTER, the set of
INFO keys) is examined once per distinct text. A line that cannot be trusted raises; what is odd but has one meaning is
counted and becomes one sentence of :attr:`BodyChecker.notes`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.model import VcfHeader
from targetboard.vcf.header import NUMERIC_TYPES, RESERVED_FORMAT, RESERVED_INFO, BodyUse

POS_LIMIT = 2**31 - 1  # the largest position that BCF and the readers can hold
# Bounds that keep memory flat on hostile input; real files stay far below.
CACHE_LIMIT = 20_000
NAME_LIMIT = 100_000
SUSPECT_LIMIT = 10_000
NOTE_LIMIT = 200

_INFO_VALUES = re.compile(rb"=[^;]*")
_NUMBER = rb"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?|[+-]?(?:nan|inf(?:inity)?)"
_QUALITY = re.compile(_NUMBER, re.IGNORECASE)
_FLOATS = re.compile(rb"(?:%b|\.)(?:,(?:%b|\.))*" % (_NUMBER, _NUMBER), re.IGNORECASE)
_INTEGERS = re.compile(rb"(?:[+-]?[0-9]+|\.)(?:,(?:[+-]?[0-9]+|\.))*")
_EXPORT = "Export the file again with the tool that wrote it"
TABS_REMEDY = "A VCF is tab-separated: restore the tabs (an editor or a copy from a terminal turns them into spaces)"


_FURTHER = "further oddities, too many kinds to name"


class Notes:
    """Oddities counted by kind; each becomes one sentence that names the first line."""

    def __init__(self) -> None:
        self._seen: dict[str, list[int]] = {}

    def add(self, what: str, line: int) -> None:
        """Count one occurrence of ``what`` (a clause about lines, e.g. "INFO is empty")."""
        if what not in self._seen and len(self._seen) >= NOTE_LIMIT:
            what = _FURTHER
        entry = self._seen.setdefault(what, [0, line])
        entry[0] += 1

    def absorb(self, later: Notes, lines: int) -> None:
        """Take over the notes of a later part, whose line numbers begin after ``lines``."""
        for what, (count, first) in later._seen.items():
            self.add(what, first + lines)
            self._seen[what if what in self._seen else _FURTHER][0] += count - 1

    def sentences(self) -> tuple[str, ...]:
        """The oddities in order of first appearance."""
        return tuple(
            f"Line {first}: {what}." if count == 1 else f"{count} lines, first line {first}: {what}."
            for what, (count, first) in self._seen.items()
        )


@dataclass(slots=True, frozen=True)
class _InfoKeys:
    repeated: tuple[bytes, ...]
    watched: tuple[bytes, ...]  # undeclared reserved numeric keys, whose values decide the declared type


@dataclass(slots=True, frozen=True)
class _FormatKeys:
    colons: int
    keys: tuple[bytes, ...]
    repeated: tuple[bytes, ...]
    watched: tuple[int, ...]
    odd_order: bool


class BodyChecker:
    """Checks data lines one after the other and gathers what the body uses.

    Attributes
    ----------
    records
        Number of data lines so far.
    suspects
        Record number -> reason, for records in which a repeated key makes a value ambiguous.
    stripped_alleles
        Whether a REF or ALT had white space around it (``canonical_lines`` removes it).
    """

    def __init__(self, path: Path, header: VcfHeader) -> None:
        self.path = path
        self.columns = 8 + bool(header.samples) + len(header.samples)
        self.header = header
        self.records = 0
        self.notes = Notes()
        self.suspects: dict[int, str] = {}
        self.stripped_alleles = False
        self._contig = b""
        self._limit = POS_LIMIT
        self._contigs: dict[bytes, int] = {}
        self._filters: dict[bytes, None] = {}
        self._alts: dict[bytes, None] = {}
        self._info: dict[bytes, _InfoKeys] = {}
        self._formats: dict[bytes, _FormatKeys] = {}
        self._info_keys: dict[bytes, None] = {}
        self._valued_info: set[bytes] = set()
        self._format_keys: dict[bytes, None] = {}
        self._filter_names: dict[bytes, None] = {}
        self._text_info: set[bytes] = set()
        self._text_format: set[bytes] = set()
        self._numeric_info = {key.encode() for key, d in header.info.items() if d.type in NUMERIC_TYPES}
        self._numeric_format = {key.encode() for key, d in header.format.items() if d.type in NUMERIC_TYPES}
        self._watch_info = _watched(RESERVED_INFO, header.info)
        self._watch_format = _watched(RESERVED_FORMAT, header.format)

    def check(self, lines: Sequence[bytes], first_line: int, *, spaces: bool, percents: bool, ascii_only: bool) -> None:
        """Check consecutive lines of the body; the flags say what all of them together hold."""
        columns, filters, alts = self.columns, self._filters, self._alts
        shrink, info_cache, formats = _INFO_VALUES.sub, self._info, self._formats
        for line_number, line in enumerate(lines, first_line):
            fields = line.split(b"\t")
            if len(fields) != columns or (b"" in fields and (not line or b"" in fields[:7] + fields[8:])):
                if not line:
                    self.notes.add("a blank line was skipped", line_number)
                    continue
                self._refuse_columns(line, fields, line_number)
            if spaces and b" " in line:
                self._check_spaces(fields, line_number)
            if percents and b"%" in line:
                self._check_percents(fields, line_number)
            if not ascii_only and not line.isascii():
                self._check_encoding(line, line_number)
            self.records += 1
            chrom, position, _, ref, alt, quality, filter_, info = fields[:8]
            if chrom != self._contig:
                self._enter_contig(chrom, line_number)
            if not position.isdigit() or len(position) > 10 or int(position) > self._limit:
                self._refuse_position(chrom, position, line_number)
            if not ref.isalpha():
                self._check_reference_allele(ref, line_number)
            if not alt.isalpha() and alt not in alts:
                self._check_alternate_alleles(alt, line_number)
            if quality != b"." and not _QUALITY.fullmatch(quality):
                what = f"QUAL {_shown(quality)} is neither a number nor '.'; columns may be shifted"
                raise self._error(what, line_number, _EXPORT)
            if filter_ not in filters:
                self._enter_filter(filter_, line_number)
            signature = shrink(b"=", info)
            keys = info_cache.get(signature)
            if keys is None:
                keys = self._enter_info(signature, line_number)
            if keys.repeated or keys.watched:
                self._check_info_values(info, keys, line_number)
            if columns == 8:
                continue
            layout = formats.get(fields[8])
            if layout is None:
                layout = self._enter_format(fields[8], line_number)
            for index in range(9, columns):
                if fields[index].count(b":") > layout.colons:
                    self._refuse_sample(fields, index, line_number)
            if layout.repeated or layout.watched or layout.odd_order:
                self._check_sample_values(fields, layout, line_number)

    # What :class:`targetboard.vcf.scan.BodyScanner` asks, to hand over only lines about which something is new or odd.

    def limit_of(self, chrom: bytes) -> int:
        """The largest POS on a contig."""
        length = self.header.contigs.get(_text(chrom))
        return POS_LIMIT if length is None else min(length + 1, POS_LIMIT)

    def knows_contig(self, chrom: bytes) -> bool:
        """Whether a line on this contig was checked."""
        return chrom in self._contigs

    def knows_filter(self, filter_: bytes) -> bool:
        """Whether a line with this FILTER was checked."""
        return filter_ in self._filters

    def accepts_alt(self, alt: bytes) -> bool:
        """Whether ALT is letters, or a text that was checked."""
        return alt.isalpha() or alt in self._alts

    def accepts_quality(self, quality: bytes) -> bool:
        """Whether QUAL is a number."""
        return _QUALITY.fullmatch(quality) is not None

    def is_plain_format(self, text: bytes) -> bool:
        """Whether a line with this FORMAT was checked, and its samples need a look only where they are too long."""
        layout = self._formats.get(text)
        # a semicolon would be taken for a colon where whole chunks are counted
        return layout is not None and b";" not in text and not (layout.repeated or layout.watched or layout.odd_order)

    def is_plain_info(self, info: bytes) -> bool:
        """Whether nothing but its keys needs to be noticed in an INFO with these keys."""
        if info == b".":
            return True
        keys = [item.partition(b"=")[0] for item in info.split(b";")]
        if not all(keys) or len(set(keys)) != len(keys):
            return False
        return not any(key in self._watch_info or b"," in key for key in keys)

    def is_numeric(self, key: bytes) -> bool:
        """Whether an INFO key is declared as a number."""
        return key in self._numeric_info

    def percent_matters(self, line: bytes) -> bool:
        """Whether a percent sign stands in a value of a key that is declared as a number."""
        fields = line.split(b"\t")
        items = [item.partition(b"=") for item in fields[7].split(b";") if b"%" in item]
        return any(key in self._numeric_info for key, _, _ in items) or any(b"%" in column for column in fields[9:])

    def check_last_line(self, line: bytes, line_number: int) -> None:
        """Judge a last line without a line end: a whole record is accepted, one that looks cut is refused."""
        fields = line.split(b"\t")
        cut = line.endswith((b":", b",", b"=", b";", b"/", b"|", b"\t"))
        if self.columns > 8:
            cut = cut or fields[-1].count(b":") < fields[8].count(b":")
        if cut:
            raise self._error("the last line looks cut off (no line end, values missing)", line_number, _EXPORT)
        self.notes.add(
            "the last line has no line end; if the file was cut there, its last value is incomplete", line_number
        )

    def use(self) -> BodyUse:
        """What the body used, in order of appearance."""
        return BodyUse(
            contigs=_names(self._contigs),
            info=_names(self._info_keys),
            format=_names(self._format_keys),
            filters=_names(self._filter_names),
            flag_info=frozenset(_names(k for k in self._info_keys if k not in self._valued_info)),
            text_info=frozenset(_names(self._text_info)),
            text_format=frozenset(_names(self._text_format)),
        )

    def absorb(self, later: BodyChecker, lines: int) -> None:
        """Take over what a checker gathered of a later part of the file, which begins after ``lines``."""
        self.notes.absorb(later.notes, lines)
        self.suspects.update((record + self.records, reason) for record, reason in later.suspects.items())
        self.records += later.records
        self.stripped_alleles |= later.stripped_alleles
        for mine, theirs in (
            (self._info_keys, later._info_keys),
            (self._format_keys, later._format_keys),
            (self._filter_names, later._filter_names),
        ):
            for name in theirs:
                mine.setdefault(name)
        for contig, limit in later._contigs.items():
            self._contigs.setdefault(contig, limit)
        self._valued_info |= later._valued_info
        self._text_info |= later._text_info
        self._text_format |= later._text_format

    def forget(self) -> None:
        """Drop what only speeds up further checks, before the checker is sent to another process."""
        for cache in (self._filters, self._alts, self._info, self._formats):
            cache.clear()

    def _error(self, what: str, line_number: int, remedy: str) -> MalformedInput:
        return MalformedInput(what, where=f"{self.path}, line {line_number}", remedy=remedy)

    def _refuse_columns(self, line: bytes, fields: list[bytes], line_number: int) -> None:
        if line.startswith(b"#"):
            raise self._error(
                "a header line stands among the records: two VCF files seem to be concatenated",
                line_number,
                "Give one VCF per sample, or combine them with bcftools concat or bcftools merge",
            )
        if len(fields) == self.columns:
            empty = _column_name(next(i for i, f in enumerate(fields) if not f and i != 7), self.header)
            raise self._error(f"{empty} is empty", line_number, f"Write '.' for a missing value, or {_EXPORT.lower()}")
        what = f"{len(fields)} columns where the #CHROM line has {self.columns}"
        if len(fields) < self.columns and len(line.split()) >= self.columns:
            raise self._error(f"{what}: spaces stand where tabs must", line_number, TABS_REMEDY)
        raise self._error(what, line_number, f"{_EXPORT}; if this is the last line, the file was cut short")

    def _check_spaces(self, fields: list[bytes], line_number: int) -> None:
        for index, field in enumerate(fields):
            if b" " not in field or index in (3, 4):
                continue
            if index in (0, 1):
                raise self._error(f"{_column_name(index, self.header)} holds a space", line_number, TABS_REMEDY)
            self.notes.add(f"{_column_name(index, self.header)} holds a space, which is kept", line_number)

    def _check_percents(self, fields: list[bytes], line_number: int) -> None:
        """Notice "38.46%" under a key that the header declares as a number: no strict reader accepts it."""
        items = [item.partition(b"=") for item in fields[7].split(b";") if b"%" in item]
        info = {key for key, _, _ in items if key in self._numeric_info}
        format_: set[bytes] = set()
        for column in fields[9:]:
            if b"%" in column:
                pairs = zip(fields[8].split(b":"), column.split(b":"), strict=False)
                format_.update(key for key, value in pairs if b"%" in value and key in self._numeric_format)
        self._text_info |= info
        self._text_format |= format_
        for kind, keys in (("INFO", info), ("FORMAT", format_)):
            for key in sorted(keys):
                self.notes.add(f"{kind} {_shown(key)} is declared as a number but holds a percent sign", line_number)

    def _check_encoding(self, line: bytes, line_number: int) -> None:
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            self.notes.add("bytes that are not UTF-8 are shown as U+FFFD", line_number)

    def _enter_contig(self, chrom: bytes, line_number: int) -> None:
        if chrom.startswith(b"#"):
            self._refuse_columns(chrom, [], line_number)
        limit = self._contigs.get(chrom)
        if limit is None:
            limit = self.limit_of(chrom)
            self._bounded(self._contigs, "contig names", line_number)
            self._contigs[chrom] = limit
        self._contig, self._limit = chrom, limit

    def _refuse_position(self, chrom: bytes, position: bytes, line_number: int) -> None:
        if not position.isdigit():
            raise self._error(f"POS {_shown(position)} is no whole number from 0 up", line_number, _EXPORT)
        if len(position) > 10 or int(position) > POS_LIMIT:
            raise self._error(f"POS {_shown(position)} is beyond 2^31-1", line_number, _EXPORT)
        raise self._error(
            f"POS {_shown(position)} is beyond the end of {_shown(chrom)}, which the header declares "
            f"{self._limit - 1} bases long",
            line_number,
            "The header and the records belong to different references: check which one was used",
        )

    def _check_reference_allele(self, ref: bytes, line_number: int) -> None:
        if ref.strip(b" ").isalpha():
            self._strip("REF", line_number)
            return
        if ref in (b".", b"-"):
            raise self._error(
                f"REF is missing ({_shown(ref)})", line_number, "An indel needs the reference base before it (VCF 4.3)"
            )
        raise self._error(f"REF {_shown(ref)} is no base sequence", line_number, _EXPORT)

    def _check_alternate_alleles(self, alt: bytes, line_number: int) -> None:
        for allele in alt.split(b","):
            bare = allele.strip(b" ")
            if not bare or bare == b"-":
                raise self._error(
                    f"ALT {_shown(alt)} has an empty allele", line_number, "Write '.' where there is no ALT allele"
                )
            if b" " in bare:
                raise self._error(f"ALT {_shown(alt)} holds a space inside an allele", line_number, _EXPORT)
            if bare != allele:
                self._strip("ALT", line_number)
        if b" " not in alt and len(self._alts) < CACHE_LIMIT and len(alt) < 256:
            self._alts[alt] = None

    def _strip(self, column: str, line_number: int) -> None:
        self.stripped_alleles = True
        self.notes.add(f"white space around {column} was removed", line_number)

    def _enter_filter(self, filter_: bytes, line_number: int) -> None:
        for name in filter_.split(b";"):
            if not name:
                self.notes.add(f"FILTER {_shown(filter_)} has an empty element", line_number)
            elif name != b".":
                self._bounded(self._filter_names, "FILTER names", line_number)
                self._filter_names[name] = None
        if len(self._filters) < CACHE_LIMIT:
            self._filters[filter_] = None

    def _enter_info(self, signature: bytes, line_number: int) -> _InfoKeys:
        seen: set[bytes] = set()
        repeated: dict[bytes, None] = {}
        if signature in (b"", b"."):
            if not signature:
                self.notes.add("INFO is empty, read as '.'", line_number)
            return _InfoKeys((), ())
        for part in signature.split(b";"):
            key = part.removesuffix(b"=")
            if not key:
                if part:
                    raise self._error("INFO has a value without a key", line_number, _EXPORT)
                self.notes.add("INFO has an empty element (';;' or a ';' at the end), which is ignored", line_number)
                continue
            if key in seen:
                repeated[key] = None
            seen.add(key)
            self._bounded(self._info_keys, "INFO keys", line_number)
            self._info_keys[key] = None
            if part.endswith(b"="):
                self._valued_info.add(key)
        keys = _InfoKeys(tuple(repeated), tuple(k for k in seen if k in self._watch_info))
        if len(self._info) >= CACHE_LIMIT:
            self._info.clear()
        self._info[signature] = keys
        return keys

    def _check_info_values(self, info: bytes, keys: _InfoKeys, line_number: int) -> None:
        values: dict[bytes, set[bytes]] = {}
        for item in info.split(b";"):
            key, _, value = item.partition(b"=")
            values.setdefault(key, set()).add(value)
        for key in keys.repeated:
            if len(values[key]) == 1:
                self.notes.add(f"INFO {_shown(key)} stands twice with the same value", line_number)
            else:
                self._suspect(f"INFO {_shown(key)} stands twice with different values", line_number)
        for key in keys.watched:
            pattern = self._watch_info[key]
            if key not in self._text_info and not all(pattern.fullmatch(value) for value in values[key]):
                self._text_info.add(key)

    def _enter_format(self, text: bytes, line_number: int) -> _FormatKeys:
        keys = tuple(text.split(b":")) if text != b"." else ()
        if b"" in keys:
            raise self._error(f"FORMAT {_shown(text)} has an empty key", line_number, _EXPORT)
        for key in keys:
            self._bounded(self._format_keys, "FORMAT keys", line_number)
            self._format_keys[key] = None
        repeated = tuple(dict.fromkeys(key for i, key in enumerate(keys) if key in keys[:i]))
        watched = tuple(i for i, key in enumerate(keys) if key in self._watch_format)
        layout = _FormatKeys(text.count(b":"), keys, repeated, watched, b"GT" in keys[1:] and keys[0] != b"GT")
        if len(self._formats) >= CACHE_LIMIT:
            self._formats.clear()
        self._formats[text] = layout
        return layout

    def _refuse_sample(self, fields: list[bytes], index: int, line_number: int) -> None:
        raise self._error(
            f"sample {self.header.samples[index - 9]!r} has {fields[index].count(b':') + 1} values where FORMAT has "
            f"{fields[8].count(b':') + 1} keys",
            line_number,
            _EXPORT,
        )

    def _check_sample_values(self, fields: list[bytes], layout: _FormatKeys, line_number: int) -> None:
        if layout.odd_order:
            self.notes.add("GT is not the first FORMAT key; it is read by its name", line_number)
        samples = [field.split(b":") for field in fields[9:]]
        for key in layout.repeated:
            places = [i for i, name in enumerate(layout.keys) if name == key]
            if all(len({s[i] if i < len(s) else b"." for i in places}) == 1 for s in samples):
                self.notes.add(f"FORMAT {_shown(key)} stands twice with the same values", line_number)
            else:
                self._suspect(f"FORMAT {_shown(key)} stands twice with different values", line_number)
        for i in layout.watched:
            key = layout.keys[i]
            pattern = self._watch_format[key]
            if key not in self._text_format and not all(pattern.fullmatch(s[i]) for s in samples if i < len(s)):
                self._text_format.add(key)

    def _suspect(self, reason: str, line_number: int) -> None:
        if len(self.suspects) >= SUSPECT_LIMIT and self.records not in self.suspects:
            raise self._error(
                f"more than {SUSPECT_LIMIT} records hold repeated keys with different values", line_number, _EXPORT
            )
        earlier = self.suspects.get(self.records)
        self.suspects[self.records] = f"{earlier}; {reason}" if earlier else reason

    def _bounded(self, names: dict[bytes, int] | dict[bytes, None], what: str, line_number: int) -> None:
        if len(names) >= NAME_LIMIT:
            raise self._error(f"more than {NAME_LIMIT} different {what}", line_number, "Is this a VCF of one sample?")


def _watched(reserved: Mapping[str, tuple[str, str, str]], declared: Collection[str]) -> dict[bytes, re.Pattern[bytes]]:
    return {
        key.encode(): _INTEGERS if type_ == "Integer" else _FLOATS
        for key, (_, type_, _) in reserved.items()
        if key not in declared and type_ in NUMERIC_TYPES
    }


def _names(keys: Iterable[bytes]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(key) for key in keys))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


def _shown(value: bytes, limit: int = 40) -> str:
    return repr(_text(value if len(value) <= limit else value[:limit] + b"..."))


def _column_name(index: int, header: VcfHeader) -> str:
    fixed = ("CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT")
    return fixed[index] if index < 9 else f"sample {header.samples[index - 9]!r}"
