"""Which caller wrote a VCF, from its header alone, with the evidence.

Lines that name a program (``##source``, command lines) come first. Where they name several callers, or INFO lists the
callers of each record, the file is a merged call set. Where no line names one, the fields declared (or used) decide;
the generic dialect is the last resort and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from targetboard.model import VcfHeader
from targetboard.vcf.dialects.declaration import Dialect, FieldSet
from targetboard.vcf.dialects.registry import DIALECTS, ENSEMBLE, GENERIC, dialect_named

# INFO fields in which merged call sets list the callers of a record: bcbio ensemble, SomaticSeq, GATK CombineVariants.
_CALLER_LISTS = ("CALLERS", "NUM_TOOLS")
_SET_OF_CALLERS = "set"
_SHOWN = 80
# Merged files join program names: Samtools-Sniper-VarscanSomatic-Strelka.
_JOINT = "[-+,&;|]"
# Lines that declare fields name no program; large headers hold thousands of them.
_DECLARATIONS = ("##INFO=", "##FORMAT=", "##FILTER=", "##contig=", "##ALT=")


@dataclass(slots=True, frozen=True)
class Recognition:
    """A dialect and the sentence that says what gave it away ("##source=VarDict_v1.8.2")."""

    dialect: Dialect
    evidence: str


def recognition(header: VcfHeader) -> Recognition:
    """The dialect of a VCF with its evidence.

    Parameters
    ----------
    header
        Header as it came; fields that the body uses undeclared count as declared.
    """
    named = _named_by_lines(header)
    info = set(header.info) | set(header.undeclared_info)
    lists = [field for field in _CALLER_LISTS if field in info]
    if len(named) > 1:
        evidence = "several callers are named: " + "; ".join(dict.fromkeys(named[name] for name in sorted(named)))
        return Recognition(dialect_named(ENSEMBLE), evidence)
    if lists:
        return Recognition(dialect_named(ENSEMBLE), f"INFO {lists[0]} lists the callers of each record")
    if named:
        name = next(iter(named))
        return Recognition(dialect_named(name), named[name])
    if _SET_OF_CALLERS in info:
        return Recognition(dialect_named(ENSEMBLE), f"INFO {_SET_OF_CALLERS} lists the callers of each record")
    return _by_fields(header, info)


def recognise(header: VcfHeader) -> Dialect:
    """The dialect of a VCF; see :func:`recognition`."""
    return recognition(header).dialect


def recognition_evidence(header: VcfHeader) -> str:
    """What in the header gave the dialect away; see :func:`recognition`."""
    return recognition(header).evidence


def _program(source: str) -> str:
    """The program that a ``##source=`` value names: first word, without quotes and path, lower case."""
    words = source.strip().strip('"').split()
    return words[0].rsplit("/", 1)[-1].lower() if words else ""


def _named_by_lines(header: VcfHeader) -> dict[str, str]:
    programs = [(f"##source={value}", _program(value)) for value in header.meta("source")]
    lines = tuple(line for line in header.lines if not line.startswith(_DECLARATIONS))
    named: dict[str, str] = {}
    for dialect in DIALECTS:
        evidence = _line_evidence(dialect, lines, programs)
        if evidence is not None:
            named[dialect.name] = evidence if len(evidence) <= _SHOWN else evidence[:_SHOWN] + "…"
    return named


def _line_evidence(dialect: Dialect, lines: tuple[str, ...], programs: list[tuple[str, str]]) -> str | None:
    for pattern in dialect.signature.sources:
        for line, program in programs:
            if re.search(f"(?:^|{_JOINT})(?:{pattern})", program):
                return line
    for pattern in dialect.signature.lines:
        for line in lines:
            if re.match(pattern, line, re.IGNORECASE):
                return line
    return None


def _by_fields(header: VcfHeader, info: set[str]) -> Recognition:
    formats = set(header.format) | set(header.undeclared_format)
    filters = set(header.filters) | set(header.undeclared_filters)
    matched: list[tuple[int, str, FieldSet]] = []
    for dialect in DIALECTS:
        sets = [f for f in dialect.signature.fields if _has(f, header, formats, info, filters)]
        if sets:
            best = max(sets, key=FieldSet.size)
            matched.append((best.size(), dialect.name, best))
    if len(matched) > 1:
        evidence = "; ".join(f"{dialect_named(name).title}: {_fields(fields)}" for _, name, fields in matched)
        return Recognition(dialect_named(ENSEMBLE), f"fields of several callers ({evidence})")
    if matched:
        _, name, fields = matched[0]
        return Recognition(dialect_named(name), _fields(fields))
    return Recognition(dialect_named(GENERIC), "the header names no known caller")


def _has(fields: FieldSet, header: VcfHeader, formats: set[str], info: set[str], filters: set[str]) -> bool:
    described = all(
        name in header.format and header.format[name].description.startswith(text) for name, text in fields.description
    )
    return (
        described
        and formats.issuperset(fields.format)
        and info.issuperset(fields.info)
        and (filters.issuperset(fields.filters))
    )


def _fields(fields: FieldSet) -> str:
    formats = dict.fromkeys([*fields.format, *(name for name, _ in fields.description)])
    parts = [("FORMAT", tuple(formats)), ("INFO", fields.info), ("FILTER", fields.filters)]
    return ", ".join(f"{place} {' '.join(names)}" for place, names in parts if names)
