"""What a caller states besides the fraction: reads by strand and somatic, germline or LOH."""

from __future__ import annotations

from collections.abc import Mapping

from targetboard.model import SourceRecord
from targetboard.vcf.dialects.declaration import Place, StatusRule, StrandRule
from targetboard.vcf.dialects.reading import Site, is_missing, parse_count


def strand_of(rule: StrandRule, values: Mapping[str, str], site: Site) -> tuple[int, int, int, int] | None:
    """Reads by strand (ref+, ref-, alt+, alt-), or None where the fields do not give all four for this ALT."""
    texts = [values.get(field, "") for field in rule.fields]
    if len(rule.fields) == 4:
        parts = [_of_alt(text, site) if i >= 2 else text for i, text in enumerate(texts)]
    elif site.alt_count == 1:
        parts = ",".join(texts).split(",")
    else:
        return None
    counts = [parse_count(part) for part in parts]
    if len(counts) != 4:
        return None
    a, b, c, d = counts
    return None if a is None or b is None or c is None or d is None else (a, b, c, d)


def _of_alt(text: str, site: Site) -> str:
    parts = text.split(",")
    return parts[site.alt_index] if len(parts) == site.alt_count else ""


def status_of(rule: StatusRule, record: SourceRecord, values: Mapping[str, str]) -> str | None:
    """The caller's verdict as a normalised word with the raw text: "germline (SS=1)"; None where it says nothing."""
    if rule.place is Place.FILTER:
        for entry in record.filter.split(";"):
            word = _word(rule, entry)
            if word is not None:
                return f"{word} (FILTER {entry})"
        return None
    raw = (record.info if rule.place is Place.INFO else values).get(rule.field)
    if raw is None:
        return None
    if not raw:
        word = _word(rule, raw)
        return f"{word} ({rule.field})" if word is not None else None
    return None if is_missing(raw) else f"{_word(rule, raw) or rule.unknown} ({rule.field}={raw})"


def _word(rule: StatusRule, raw: str) -> str | None:
    if raw in rule.words:
        return rule.words[raw]
    for key, word in rule.words.items():
        if key.endswith("*") and raw.startswith(key[:-1]):
            return word
    return None


def octopus_status(record: SourceRecord, values: Mapping[str, str], site: Site) -> str | None:
    """Octopus marks haplotypes, not alleles: an ALT carried by somatic haplotypes only (HSS 1) is somatic.

    An ALT that also sits on a germline haplotype of the genotype is germline, even in a record flagged SOMATIC.
    """
    genotype, marks = values.get("GT", ""), values.get("HSS", "")
    alleles, haplotypes = genotype.replace("|", "/").split("/"), marks.split(",")
    if is_missing(marks) or len(alleles) != len(haplotypes):
        return "somatic (SOMATIC)" if "SOMATIC" in record.info and site.alt_count == 1 and not marks else None
    carried = {mark for allele, mark in zip(alleles, haplotypes, strict=True) if allele == str(site.alt_index + 1)}
    if not carried or not carried <= {"0", "1"}:
        return None
    return f"{'somatic' if carried == {'1'} else 'germline'} (HSS {marks} of GT {genotype})"
