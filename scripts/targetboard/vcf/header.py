"""The VCF header: what it declares, and a repaired copy that declares everything the body uses.

Real headers are often incomplete (VarDict and VarScan write no contig lines) or not well formed. Reading is lenient and
says so in warnings; :func:`repaired_header` is strict, so that bcftools and others read what is written with it.
Rules of syntax and the reserved keys: VCF 4.3 specification, sections 1.4, 1.6.1 and 1.6.2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from targetboard.model import FieldDeclaration, VcfHeader

if TYPE_CHECKING:
    from targetboard.vcf.preflight import Inspection

DEFAULT_FILE_FORMAT = "##fileformat=VCFv4.2"
NUMERIC_TYPES = ("Integer", "Float")
_TYPES = (*NUMERIC_TYPES, "Flag", "Character", "String")
_NUMBER = re.compile(r"[0-9]{1,9}|[ARG.]")
_STRUCTURED = re.compile(r"##([^=<>\s]+)=<(.*)>\s*")
_PAIR = re.compile(r'([^=,<>"\s]+)=("(?:[^"\\]|\\.)*"|[^",]*)(?:,\s*|$)')
_LOOSE_DESCRIPTION = re.compile(r'Description="?(.*?)"?$')
# An ID that may stand unquoted in a structured header line.
_PLAIN_ID = re.compile(r'[^\s,<>="]+')

# Reserved keys of the VCF 4.3 specification (tables 1 and 2) as (Number, Type, description); FORMAT AF is no reserved
# key, but every caller that writes it means one fraction per ALT.
RESERVED_INFO: Mapping[str, tuple[str, str, str]] = {
    "AA": ("1", "String", "Ancestral allele"),
    "AC": ("A", "Integer", "Count of each ALT allele in genotypes"),
    "AD": ("R", "Integer", "Read depth of each allele"),
    "ADF": ("R", "Integer", "Forward-strand read depth of each allele"),
    "ADR": ("R", "Integer", "Reverse-strand read depth of each allele"),
    "AF": ("A", "Float", "Frequency of each ALT allele"),
    "AN": ("1", "Integer", "Number of alleles in called genotypes"),
    "BQ": ("1", "Float", "RMS base quality"),
    "CIGAR": ("A", "String", "Alignment of each ALT allele to the reference allele"),
    "DB": ("0", "Flag", "Member of dbSNP"),
    "DP": ("1", "Integer", "Read depth over all samples"),
    "END": ("1", "Integer", "End position on CHROM"),
    "H2": ("0", "Flag", "Member of HapMap2"),
    "H3": ("0", "Flag", "Member of HapMap3"),
    "MQ": ("1", "Float", "RMS mapping quality"),
    "MQ0": ("1", "Integer", "Number of reads with mapping quality 0"),
    "NS": ("1", "Integer", "Number of samples with data"),
    "SB": ("4", "Integer", "Strand bias"),
    "SOMATIC": ("0", "Flag", "Somatic mutation"),
    "VALIDATED": ("0", "Flag", "Validated by a follow-up experiment"),
    "1000G": ("0", "Flag", "Member of 1000 Genomes"),
}
RESERVED_FORMAT: Mapping[str, tuple[str, str, str]] = {
    "AD": ("R", "Integer", "Read depth of each allele"),
    "ADF": ("R", "Integer", "Forward-strand read depth of each allele"),
    "ADR": ("R", "Integer", "Reverse-strand read depth of each allele"),
    "AF": ("A", "Float", "Fraction of reads of each ALT allele"),
    "DP": ("1", "Integer", "Read depth"),
    "EC": ("A", "Integer", "Expected count of each ALT allele"),
    "FT": ("1", "String", "Filter of this genotype"),
    "GL": ("G", "Float", "Genotype likelihoods"),
    "GP": ("G", "Float", "Genotype posterior probabilities"),
    "GQ": ("1", "Integer", "Conditional genotype quality"),
    "GT": ("1", "String", "Genotype"),
    "HQ": ("2", "Integer", "Haplotype quality"),
    "MQ": ("1", "Integer", "RMS mapping quality"),
    "PL": ("G", "Integer", "Phred-scaled genotype likelihoods"),
    "PP": ("G", "Integer", "Phred-scaled genotype posterior probabilities"),
    "PQ": ("1", "Integer", "Phasing quality"),
    "PS": ("1", "Integer", "Phase set"),
}


@dataclass(slots=True, frozen=True)
class BodyUse:
    """What the records use, in order of appearance.

    ``flag_info`` are INFO keys that never carry a value; ``text_info`` and ``text_format`` are keys that are
    declared as numbers (or, undeclared, reserved for numbers) but hold other text, such as "38.46%".
    """

    contigs: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    format: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    flag_info: frozenset[str] = frozenset()
    text_info: frozenset[str] = frozenset()
    text_format: frozenset[str] = frozenset()


def parse_structured(line: str) -> tuple[str, dict[str, str]] | None:
    """Key and fields of a well-formed ``##KEY=<ID=…,…>`` line, values unquoted; None for any other line."""
    found = _STRUCTURED.fullmatch(line)
    if found is None:
        return None
    fields: dict[str, str] = {}
    text, position = found.group(2), 0
    while position < len(text):
        pair = _PAIR.match(text, position)
        if pair is None or pair.end() == position:
            return None
        value = pair.group(2)
        if value.startswith('"'):
            value = value[1:-1].replace('\\"', '"').replace("\\\\", "\\")
        fields.setdefault(pair.group(1), value)
        position = pair.end()
    return found.group(1), fields


def parse_header(lines: Sequence[str], samples: Sequence[str]) -> tuple[VcfHeader, list[str]]:
    """Read ``##`` lines into a :class:`VcfHeader`, and say in words what was not well formed.

    The first declaration of an ID counts, as in htslib.
    """
    contigs: dict[str, int | None] = {}
    fields: dict[str, dict[str, FieldDeclaration]] = {"INFO": {}, "FORMAT": {}}
    filters: dict[str, None] = {}
    warnings: list[str] = []
    for line in lines:
        key = line[2:].partition("=")[0]
        if key not in ("INFO", "FORMAT", "FILTER", "contig"):
            continue
        parsed = parse_structured(line)
        entries = parsed[1] if parsed else _loose_fields(line)
        identifier = entries.get("ID", "")
        if not identifier or (key in fields and not {"Number", "Type"} <= entries.keys()):
            warnings.append(f"A header line was ignored because its fields cannot be read: {_shown(line)}")
            continue
        if parsed is None:
            warnings.append(f"A header line is not well formed and was read leniently: {_shown(line)}")
        if identifier in fields.get(key, {}) or (key == "contig" and identifier in contigs):
            warnings.append(f"The header declares {key} {_shown(identifier)} twice; the first declaration counts")
            continue
        if key in fields:
            fields[key][identifier] = FieldDeclaration(
                identifier, entries["Number"], entries["Type"], entries.get("Description", "")
            )
        elif key == "contig":
            length = entries.get("length", "")
            contigs[identifier] = int(length) if re.fullmatch("[0-9]{1,18}", length) else None
        else:
            filters[identifier] = None
    header = VcfHeader(tuple(lines), tuple(samples), contigs, fields["INFO"], fields["FORMAT"], tuple(filters))
    return header, warnings


def with_body_use(header: VcfHeader, use: BodyUse) -> VcfHeader:
    """The header with what the body uses without declaring it."""
    return replace(
        header,
        undeclared_contigs=_missing(use.contigs, header.contigs),
        undeclared_info=_missing(use.info, header.info),
        undeclared_format=_missing(use.format, header.format),
        undeclared_filters=_missing(use.filters, {*header.filters, "PASS"}),
    )


def repaired_header(inspection: Inspection) -> list[str]:
    """``##`` lines that declare everything the body uses; the original declarations keep their types.

    A key declared as a number that holds "38.46%" becomes text, or nobody could read what is written. Lines that are
    not well formed are written anew where their fields were readable and dropped otherwise; of two declarations of one
    ID the first stays; a missing ``##fileformat`` is added. The ``#CHROM`` line is not included.
    """
    header, use = inspection.header, inspection.use
    version = next((line for line in header.lines if line.startswith("##fileformat=VCFv4.")), DEFAULT_FILE_FORMAT)
    lines = [version]
    seen: set[tuple[str, str]] = set()
    for line in header.lines:
        if line.startswith("##fileformat="):
            continue
        kept = _kept_line(line, header, {"INFO": use.text_info, "FORMAT": use.text_format})
        identity = _identity(kept) if kept else None
        if kept is None or (identity is not None and identity in seen):
            continue
        if identity is not None:
            seen.add(identity)
        lines.append(kept)
    lines += [f"##contig=<ID={name}>" for name in header.undeclared_contigs if _PLAIN_ID.fullmatch(name)]
    lines += [
        f'##FILTER=<ID={name},Description="Not declared in the input">'
        for name in header.undeclared_filters
        if _PLAIN_ID.fullmatch(name) and name != "0"
    ]
    for kind, keys, reserved, text in (
        ("INFO", header.undeclared_info, RESERVED_INFO, use.text_info),
        ("FORMAT", header.undeclared_format, RESERVED_FORMAT, use.text_format),
    ):
        for key in keys:
            if _PLAIN_ID.fullmatch(key):
                is_flag = kind == "INFO" and key in use.flag_info
                lines.append(declaration_line(kind, _inferred(key, reserved, key in text, is_flag)))
    return lines


def declaration_line(kind: str, field: FieldDeclaration) -> str:
    """One well-formed ``##INFO`` or ``##FORMAT`` line; an unknown Number or Type becomes ``.`` and ``String``."""
    type_ = field.type if field.type in _TYPES and (kind, field.type) != ("FORMAT", "Flag") else "String"
    number = field.number if _NUMBER.fullmatch(field.number) else "."
    if type_ == "Flag":
        number = "0"
    elif number == "0":
        number = "."
    description = field.description.replace("\\", "\\\\").replace('"', '\\"')
    return f'##{kind}=<ID={field.id},Number={number},Type={type_},Description="{description}">'


def _inferred(
    key: str, reserved: Mapping[str, tuple[str, str, str]], holds_text: bool, is_flag: bool
) -> FieldDeclaration:
    number, type_, description = reserved.get(key, (".", "String", "Not declared in the input"))
    if is_flag:
        return FieldDeclaration(key, "0", "Flag", description)
    if holds_text or type_ == "Flag":
        return FieldDeclaration(key, ".", "String", description)
    return FieldDeclaration(key, number, type_, description)


def _kept_line(line: str, header: VcfHeader, text_keys: Mapping[str, frozenset[str]]) -> str | None:
    """The line itself if it is well formed, a rewritten one if it can be, else None."""
    key, equals, value = line[2:].partition("=")
    if not equals or not key or not value or any(c.isspace() for c in key):
        return None
    declared = {"INFO": header.info, "FORMAT": header.format}.get(key)
    parsed = parse_structured(line)
    if declared is not None:
        identifier = (parsed[1] if parsed else _loose_fields(line)).get("ID", "")
        field = declared.get(identifier)
        if field is None or not _PLAIN_ID.fullmatch(identifier):
            return None
        if identifier in text_keys[key]:
            return declaration_line(key, replace(field, number=".", type="String"))
        valid = parsed and field.type in _TYPES and _NUMBER.fullmatch(field.number) and "Description" in parsed[1]
        coherent = (field.number == "0") == (field.type == "Flag") and (key, field.type) != ("FORMAT", "Flag")
        return line if valid and coherent else declaration_line(key, field)
    if not value.startswith("<"):
        return line
    return line if parsed and (parsed[1].get("ID") or key not in ("FILTER", "contig", "ALT")) else None


def _identity(line: str) -> tuple[str, str] | None:
    parsed = parse_structured(line)
    return (parsed[0], parsed[1]["ID"]) if parsed and parsed[1].get("ID") else None


def _loose_fields(line: str) -> dict[str, str]:
    """ID, Number, Type, length and Description of a line with unbalanced quotes or brackets, as far as readable."""
    body = line.partition("=")[2].strip().removeprefix("<").removesuffix(">")
    before, marker, rest = body.partition("Description=")
    fields: dict[str, str] = {}
    for part in before.split(","):
        key, equals, value = part.strip().partition("=")
        if equals and value and '"' not in value:
            fields.setdefault(key, value)
    if marker and (found := _LOOSE_DESCRIPTION.search(marker + rest)):
        fields["Description"] = found.group(1)
    return fields


def _missing(used: Iterable[str], declared: Iterable[str]) -> tuple[str, ...]:
    known = set(declared)
    return tuple(name for name in used if name not in known)


def _shown(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else f"{text[:limit]}…"
