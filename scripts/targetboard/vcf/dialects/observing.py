"""From one record and a dialect to an :class:`~targetboard.model.Observation`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from targetboard.model import Observation, SampleRoles, SourceRecord
from targetboard.vcf.dialects.declaration import Dialect, Place, Rule
from targetboard.vcf.dialects.reading import (
    DEPTH_EXCESS_PERCENT,
    VAF_DISAGREEMENT,
    Reading,
    Refusal,
    Severity,
    Site,
    apply,
    parse_count,
    shown,
)
from targetboard.vcf.dialects.stating import octopus_status, status_of, strand_of
from targetboard.vcf.phase import phase_of

_NO_ALLELE = {".", "*", "<*>", "<NON_REF>"}
_ROUNDING = 1e-9
_NOTHING: Mapping[str, str] = {}


def observe(dialect: Dialect, record: SourceRecord, alt_index: int, roles: SampleRoles) -> Observation:
    """What the caller states about one ALT of a record.

    Parameters
    ----------
    dialect
        From :func:`~targetboard.vcf.dialects.recognise`.
    record
        One data line, raw text.
    alt_index
        The ALT, from 0.
    roles
        Tumour and normal columns.

    Returns
    -------
    Observation
        ``vaf`` is within 0…1, or None with the reason in ``vaf_source``.
    """
    alt = record.alts[alt_index]
    site = Site(record.ref, alt, alt_index, len(record.alts))
    values = record.samples.get(roles.tumour, _NOTHING) if roles.tumour is not None else _NOTHING
    warnings: list[str] = []
    reading: Reading | None = None
    read_as, caller_vaf, reason = "", None, dialect.no_fraction
    if alt in _NO_ALLELE:
        reason = f"ALT {shown(alt)} is not a variant allele"
    elif not reason:
        readings, refusals = _read(dialect.rules, record, values, site)
        contradiction = _contradiction(readings)
        if readings and not contradiction:
            rule, reading = readings[0]
            read_as = f" (read as {rule.kind.value})" if dialect.tries_rules else ""
        caller_vaf = next((r.vaf for rule, r in readings if rule.caller_estimate), None)
        warnings += _refusal_warnings(refusals, readings, dialect)
        warnings += _disagreements(readings)
        if reading is None:
            reason = contradiction or _why_nothing(record, roles, refusals)
    depth_field = parse_count(values.get(dialect.total_depth, ""))
    if reading is not None and reading.depth is not None and depth_field is not None:
        warnings += _excess(reading, depth_field, dialect.total_depth)
    normal_vaf, normal_depth = _normal(dialect, record, values, site, roles, warnings)
    warnings += _swapped(record, roles)
    return Observation(
        vaf=reading.vaf if reading is not None else None,
        vaf_source=_source(dialect, reading, reason, depth_field) + read_as,
        depth=reading.depth if reading is not None and reading.depth is not None else depth_field,
        alt_depth=reading.alt if reading is not None else None,
        filter=record.filter,
        genotype=values.get("GT"),
        strand=_strand(dialect, record, values, site),
        phase=phase_of(values, alt_index, record.chrom),
        somatic_status=_status(dialect, record, values, site),
        caller_vaf=caller_vaf,
        normal_vaf=normal_vaf,
        normal_depth=normal_depth,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _read(
    rules: Sequence[Rule], record: SourceRecord, values: Mapping[str, str], site: Site
) -> tuple[list[tuple[Rule, Reading]], list[tuple[Rule, Refusal]]]:
    readings: list[tuple[Rule, Reading]] = []
    refusals: list[tuple[Rule, Refusal]] = []
    for rule in rules:
        if rule.place is Place.INFO and len(record.samples) > 1:
            continue  # INFO adds up every sample
        if rule.caller_estimate and any(r.no_reads for _, r in refusals):
            continue  # MuTect writes FA 0.00 where it saw no read
        result = apply(rule, record.info if rule.place is Place.INFO else values, site)
        if isinstance(result, Reading):
            readings.append((rule, result))
        else:
            refusals.append((rule, result))
    return readings, refusals


def _refusal_warnings(
    refusals: Sequence[tuple[Rule, Refusal]], readings: Sequence[tuple[Rule, Reading]], dialect: Dialect
) -> list[str]:
    """Impossible values always; a wrong number of values where the caller's own rule, or every rule, failed for it."""
    chosen = dialect.rules.index(readings[0][0]) if readings else len(dialect.rules)
    warned: list[str] = []
    for rule, refusal in refusals:
        own_rule_failed = not (dialect.tries_rules and readings) and dialect.rules.index(rule) < chosen
        if refusal.severity is Severity.BAD or (refusal.severity is Severity.SHAPE and own_rule_failed):
            warned.append(f"not used: {refusal.reason}")
    return warned


def _disagreements(readings: Sequence[tuple[Rule, Reading]]) -> list[str]:
    if not readings:
        return []
    first = readings[0][1]
    return [
        f"VAF disagrees: {first.source} = {first.vaf:.4f}, but {other.source} = {other.vaf:.4f}"
        for _, other in readings[1:]
        if abs(other.vaf - first.vaf) > VAF_DISAGREEMENT + _ROUNDING
    ]


def _contradiction(readings: Sequence[tuple[Rule, Reading]]) -> str:
    """A called allele without one counted read, though another field of the record gives it a fraction."""
    if not readings or readings[0][1].vaf > 0:
        return ""
    other = max((r for _, r in readings), key=lambda r: r.vaf)
    if other.vaf <= VAF_DISAGREEMENT:
        return ""
    return f"{readings[0][1].source} counts no read of the allele, but {other.source}"


def _excess(reading: Reading, depth_field: int, name: str) -> list[str]:
    counted = reading.depth or 0
    if counted * 100 <= depth_field * DEPTH_EXCESS_PERCENT:
        return []
    return [f"counted reads exceed the depth: {reading.source}, {name} {depth_field}"]


def _why_nothing(record: SourceRecord, roles: SampleRoles, refusals: Sequence[tuple[Rule, Refusal]]) -> str:
    told = [r.reason for _, r in refusals if r.severity > Severity.ABSENT]
    if roles.tumour is None and not record.samples:
        told.insert(0, "no sample columns")
    if told:
        return "; ".join(dict.fromkeys(told))
    fields = ":".join(record.format) or "none"
    return f"the record has no field that counts reads (FORMAT {shown(fields)})"


def _source(dialect: Dialect, reading: Reading | None, reason: str, depth_field: int | None) -> str:
    if reading is not None:
        return reading.source
    depth = f" (depth is {dialect.total_depth})" if depth_field is not None else ""
    return f"not available: {reason}{depth}"


def _normal(
    dialect: Dialect,
    record: SourceRecord,
    values: Mapping[str, str],
    site: Site,
    roles: SampleRoles,
    warnings: list[str],
) -> tuple[float | None, int | None]:
    if site.alt in _NO_ALLELE or dialect.no_fraction:
        return None, None
    if roles.normal is not None:
        normal = record.samples.get(roles.normal, _NOTHING)
        rules, depth_name = tuple(r for r in dialect.rules if r.place is Place.FORMAT), dialect.total_depth
    elif dialect.normal_rules:
        normal, rules, depth_name = values, dialect.normal_rules, dialect.normal_total_depth
    else:
        return None, None
    readings, refusals = _read(rules, record, normal, site)
    warnings += [f"normal: not used: {r.reason}" for _, r in refusals if r.severity is Severity.BAD]
    depth_field = parse_count(normal.get(depth_name, ""))
    if not readings:
        return None, depth_field
    first = readings[0][1]
    return first.vaf, first.depth if first.depth is not None else depth_field


def _strand(
    dialect: Dialect, record: SourceRecord, values: Mapping[str, str], site: Site
) -> tuple[int, int, int, int] | None:
    for rule in dialect.strand:
        if rule.place is Place.INFO and len(record.samples) > 1:
            continue
        strand = strand_of(rule, record.info if rule.place is Place.INFO else values, site)
        if strand is not None:
            return strand
    return None


def _status(dialect: Dialect, record: SourceRecord, values: Mapping[str, str], site: Site) -> str | None:
    if dialect.haplotype_status:
        return octopus_status(record, values, site)
    for rule in dialect.status:
        status = status_of(rule, record, values)
        if status is not None:
            return status
    return None


def _swapped(record: SourceRecord, roles: SampleRoles) -> list[str]:
    """Signs that the columns are the other way round: VarDict's INFO SAMPLE, and SS=2 (somatic) in the normal."""
    if roles.normal is None or roles.tumour is None:
        return []
    if record.info.get("SAMPLE") == roles.normal:
        return [f"INFO SAMPLE names {shown(roles.normal)}, taken as the normal: tumour and normal may be swapped"]
    normal, tumour = (record.samples.get(name, _NOTHING).get("SS") for name in (roles.normal, roles.tumour))
    if normal == "2" and tumour != "2":
        return [f"SS=2 (somatic) stands in {shown(roles.normal)}, taken as the normal: the columns may be swapped"]
    return []
