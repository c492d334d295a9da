"""The few ways callers count reads, as pure functions from field text to an exact fraction.

Every value is text as it stood in the file. Counts are integers, fractions are :class:`decimal.Decimal`; nothing passes
through float32, and a value that does not fit is refused with a reason, never read as zero.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from targetboard.vcf.dialects.declaration import Rule, RuleKind

# The sanity limits: counts may exceed the stated depth by 5 %, two statements of one VAF may differ by 0.05.
DEPTH_EXCESS_PERCENT = 105
VAF_DISAGREEMENT = 0.05

_COUNT = re.compile(r"[0-9]{1,12}", re.ASCII)
_FRACTION = re.compile(r"(?:[0-9]{1,12}(?:\.[0-9]{0,40})?|\.[0-9]{1,40})(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_SHOWN = 40  # characters of a raw value repeated in a message


class Severity(IntEnum):
    """Why a field gave nothing: not there, empty or not meant for this allele, of another shape, or impossible."""

    ABSENT = 0
    EMPTY = 1
    SHAPE = 2
    BAD = 3


@dataclass(slots=True, frozen=True)
class Reading:
    """A VAF that was read. ``alt`` and ``depth`` are read counts, ``source`` says which fields gave it."""

    vaf: float
    alt: int | None
    depth: int | None
    source: str


@dataclass(slots=True, frozen=True)
class Refusal:
    """Why a rule gave nothing; ``no_reads`` if the counts are there and are all zero."""

    reason: str
    severity: Severity
    no_reads: bool = False


@dataclass(slots=True, frozen=True)
class Site:
    """The allele a rule reads for: REF, its ALT, the ALT's index from 0 and the number of ALTs in the record."""

    ref: str
    alt: str
    alt_index: int
    alt_count: int


class _Refused(Exception):
    """Leaves a reader early; never leaves this module."""

    def __init__(self, reason: str, severity: Severity, *, no_reads: bool = False) -> None:
        super().__init__(reason)
        self.refusal = Refusal(reason, severity, no_reads)


def shown(text: str) -> str:
    """A raw value for a message: quoted, short, printable."""
    clean = "".join(c if c.isprintable() else "?" for c in text)
    return f"'{clean[:_SHOWN]}…'" if len(clean) > _SHOWN else f"'{clean}'"


def is_missing(text: str | None) -> bool:
    """Whether a field is absent or holds only missing values ("." or ".,.")."""
    return text is None or not text or set(text) <= {".", ","}


def parse_count(text: str) -> int | None:
    """A read count: digits only, None for anything else (signs, decimals, "NA")."""
    return int(text) if _COUNT.fullmatch(text) else None


def parse_fraction(text: str) -> Decimal | None:
    """A fraction 0…1 written with a decimal point; None for NaN, infinity, negative, above 1 or other text."""
    if not _FRACTION.fullmatch(text):
        return None
    value = Decimal(text)
    return value if value <= 1 else None


def apply(rule: Rule, values: Mapping[str, str], site: Site) -> Reading | Refusal:
    """Read one rule from the values of a sample (or of INFO).

    Parameters
    ----------
    rule
        What to read.
    values
        Field identifier to text.
    site
        The allele.

    Returns
    -------
    Reading or Refusal
        A reading's ``vaf`` is always within 0…1.
    """
    try:
        return _READERS[rule.kind](rule, values, site)
    except _Refused as refused:
        return refused.refusal


def _text(values: Mapping[str, str], field: str) -> str:
    text = values.get(field)
    if text is None:
        raise _Refused(f"{field} is not given", Severity.ABSENT)
    if is_missing(text):
        raise _Refused(f"{field} is missing ({shown(text)})", Severity.EMPTY)
    return text


def _count(text: str, field: str) -> int:
    if text == ".":
        raise _Refused(f"{field} is missing ('.')", Severity.EMPTY)
    value = parse_count(text)
    if value is None:
        raise _Refused(f"{field} {shown(text)} is not a read count", Severity.BAD)
    return value


def _counts(values: Mapping[str, str], field: str, expected: int, of_what: str) -> list[int]:
    parts = _parts(values, field, expected, of_what)
    return [_count(part, field) for part in parts]


def _parts(values: Mapping[str, str], field: str, expected: int, of_what: str) -> list[str]:
    text = _text(values, field)
    parts = text.split(",")
    if len(parts) != expected:
        given = "1 value" if len(parts) == 1 else f"{len(parts)} values"
        raise _Refused(f"{field} {shown(text)} has {given} for {of_what}", Severity.SHAPE)
    return parts


def _alts(site: Site) -> str:
    return "1 ALT allele" if site.alt_count == 1 else f"{site.alt_count} ALT alleles"


def _ratio(alt: int, depth: int, source: str) -> Reading:
    if depth == 0:
        raise _Refused(f"no reads counted ({source})", Severity.EMPTY, no_reads=True)
    if alt > depth:
        raise _Refused(f"more alternate reads than reads ({source})", Severity.BAD)
    return Reading(alt / depth, alt, depth, source)


def _allele_depths(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """AD with one value per allele, reference first: alt/sum, or alt/DEPTH where the caller divides so."""
    field = rule.alt
    parts = _parts(values, field, site.alt_count + 1, f"the reference and {_alts(site)}")
    alt_text = parts[site.alt_index + 1]
    alt = _count(alt_text, field)
    others = [p for i, p in enumerate(parts) if i != site.alt_index + 1]
    if rule.depth:
        return _ratio(
            alt, _count(_text(values, rule.depth), rule.depth), f"{field} {alt}/{rule.depth} {values[rule.depth]}"
        )
    if "." in others:
        # The caller left a count out: the stated depth is the only denominator that covers every read.
        depth = _count(_text(values, rule.missing_depth), rule.missing_depth)
        return _ratio(alt, depth, f"{field} {alt}/{rule.missing_depth} {depth}, as {field} is {shown(values[field])}")
    counts = [_count(part, field) for part in parts]
    return _ratio(alt, sum(counts), f"{field} {alt}/({'+'.join(map(str, counts))})")


def _alt_over_depth(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """VD/DP, AO/DP, FAO/FDP: one alternate count per ALT over the caller's depth."""
    alt = _counts(values, rule.alt, site.alt_count, _alts(site))[site.alt_index]
    depth = _count(_text(values, rule.depth), rule.depth)
    return _ratio(alt, depth, f"{rule.alt} {alt}/{rule.depth} {depth}")


def _alt_and_reference(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """AO with RO, VarScan's AD with RD: alt/(ref + all alts)."""
    reference = _counts(values, rule.reference, 1, "the reference")[0]
    alts = _counts(values, rule.alt, site.alt_count, _alts(site))
    alt = alts[site.alt_index]
    terms = "+".join(map(str, [reference, *alts]))
    return _ratio(alt, reference + sum(alts), f"{rule.alt} {alt}/({rule.reference}+{rule.alt} {terms})")


def _base_counts(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """AU CU GU TU, tier 1 (the first value): alt/(alt + ref), single-base substitutions only."""
    if not any(base + rule.alt in values for base in "ACGT"):
        raise _Refused(f"A{rule.alt} is not given", Severity.ABSENT)
    ref, alt = site.ref.upper(), site.alt.upper()
    if ref not in ("A", "C", "G", "T") or alt not in ("A", "C", "G", "T"):
        raise _Refused(f"counts per base ({rule.alt}) serve single-base substitutions only", Severity.EMPTY)
    alt_field, ref_field = alt + rule.alt, ref + rule.alt
    alt_n = _count(_text(values, alt_field).split(",")[0], alt_field)
    ref_n = _count(_text(values, ref_field).split(",")[0], ref_field)
    return _ratio(alt_n, alt_n + ref_n, f"{alt_field} {alt_n}/({ref_field}+{alt_field} {ref_n}+{alt_n}), tier 1")


def _indel_tiers(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """TIR and TAR, tier 1 (the first value): indel/(indel + alternate-to-indel), one ALT only."""
    text = _text(values, rule.alt)
    _one_alt(rule.alt, site)
    alt = _count(text.split(",")[0], rule.alt)
    ref = _count(_text(values, rule.reference).split(",")[0], rule.reference)
    return _ratio(alt, alt + ref, f"{rule.alt} {alt}/({rule.reference}+{rule.alt} {ref}+{alt}), tier 1")


def _strand_counts(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """DP4 (ref+, ref-, alt+, alt-): alt/sum or alt/DEPTH; it does not tell several ALTs apart."""
    _text(values, rule.alt)
    _one_alt(rule.alt, site)
    counts = _counts(values, rule.alt, 4, "two strands of two alleles")
    alt = counts[2] + counts[3]
    if rule.depth:
        depth = _count(_text(values, rule.depth), rule.depth)
        return _ratio(alt, depth, f"{rule.alt} ({counts[2]}+{counts[3]})/{rule.depth} {depth}")
    return _ratio(alt, sum(counts), f"{rule.alt} ({counts[2]}+{counts[3]})/({'+'.join(map(str, counts))})")


def _base_count_list(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """BCOUNT in the order A,C,G,T: alt/sum, single-base substitutions only."""
    _text(values, rule.alt)
    ref, alt = site.ref.upper(), site.alt.upper()
    if len(ref) != 1 or alt not in ("A", "C", "G", "T"):
        raise _Refused(f"{rule.alt} serves single-base substitutions only", Severity.EMPTY)
    counts = _counts(values, rule.alt, 4, "the four bases")
    alt_n = counts["ACGT".index(alt)]
    return _ratio(alt_n, sum(counts), f"{rule.alt} {alt} {alt_n}/({'+'.join(map(str, counts))})")


def _percent(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """VarScan's FREQ, "38.46%": the sign is required, since 0.4 could be 0.4 % or 40 %."""
    text = _text(values, rule.alt)
    _one_alt(rule.alt, site)
    number = text[:-1] if text.endswith("%") else None
    if number is None or not _FRACTION.fullmatch(number) or Decimal(number) > 100:
        hint = " (decimal comma?)" if "," in text else ""
        severity = Severity.SHAPE if parse_fraction(text) is not None else Severity.BAD
        raise _Refused(f"{rule.alt} {shown(text)} is not a percentage written like 38.46%{hint}", severity)
    return Reading(float(Decimal(number) / 100), None, _optional_depth(rule, values), f"{rule.alt} {text}")


def _fraction(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """AF, FA, VF, VAF: the caller's fraction, one value per ALT (or per allele)."""
    text = _text(values, rule.alt)
    parts = text.split(",")
    expected, index = (site.alt_count + 1, site.alt_index + 1) if rule.per_allele else (site.alt_count, site.alt_index)
    if len(parts) != expected:
        severity = Severity.SHAPE
        hint = ""
        if expected == 1 and len(parts) == 2:
            severity, hint = Severity.BAD, " (decimal comma?)"
        given = "1 value" if len(parts) == 1 else f"{len(parts)} values"
        raise _Refused(f"{rule.alt} {shown(text)} has {given} where {expected} belong{hint}", severity)
    if parts[index] == ".":
        raise _Refused(f"{rule.alt} is missing ('.')", Severity.EMPTY)
    value = parse_fraction(parts[index])
    if value is None:
        raise _Refused(f"{rule.alt} {shown(parts[index])} is not a fraction from 0 to 1", Severity.BAD)
    return Reading(
        float(value), None, _optional_depth(rule, values), f"{rule.alt} {parts[index]} as the caller states it"
    )


def _haplotype_frequency(rule: Rule, values: Mapping[str, str], site: Site) -> Reading:
    """Octopus MAP_HF: the modelled frequencies of those haplotypes of the genotype that carry the ALT, added."""
    text = _text(values, rule.alt)
    genotype = _text(values, "GT").replace("|", "/").split("/")
    parts = text.split(",")
    if len(parts) != len(genotype):
        raise _Refused(
            f"{rule.alt} {shown(text)} does not fit the genotype's {len(genotype)} haplotypes", Severity.SHAPE
        )
    total = Decimal(0)
    for allele, part in zip(genotype, parts, strict=True):
        value = parse_fraction(part)
        if value is None:
            raise _Refused(f"{rule.alt} {shown(part)} is not a fraction from 0 to 1", Severity.BAD)
        if allele == str(site.alt_index + 1):
            total += value
    if total > 1:
        raise _Refused(f"{rule.alt} {shown(text)} adds up to more than 1", Severity.BAD)
    return Reading(
        float(total), None, _optional_depth(rule, values), f"{rule.alt} {text}, modelled haplotype frequency"
    )


def _one_alt(field: str, site: Site) -> None:
    if site.alt_count != 1:
        raise _Refused(f"{field} does not tell {site.alt_count} ALT alleles apart", Severity.EMPTY)


def _optional_depth(rule: Rule, values: Mapping[str, str]) -> int | None:
    """The depth beside a caller's fraction; a fraction of no reads is none."""
    depth = parse_count(values.get(rule.depth, "")) if rule.depth else None
    if depth == 0:
        raise _Refused(f"no reads counted ({rule.depth} 0)", Severity.EMPTY, no_reads=True)
    return depth


_READERS: Mapping[RuleKind, Callable[[Rule, Mapping[str, str], Site], Reading]] = {
    RuleKind.ALLELE_DEPTHS: _allele_depths,
    RuleKind.ALT_OVER_DEPTH: _alt_over_depth,
    RuleKind.ALT_AND_REFERENCE: _alt_and_reference,
    RuleKind.BASE_COUNTS: _base_counts,
    RuleKind.INDEL_TIERS: _indel_tiers,
    RuleKind.STRAND_COUNTS: _strand_counts,
    RuleKind.BASE_COUNT_LIST: _base_count_list,
    RuleKind.PERCENT: _percent,
    RuleKind.FRACTION: _fraction,
    RuleKind.HAPLOTYPE_FREQUENCY: _haplotype_frequency,
}
