"""One variant in words, as the driver list, the appendix, the trail and the references of claims show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from targetboard.classify.context import consent_refused
from targetboard.model import DRIVERS
from targetboard.report.figures import Bar, interval_bar
from targetboard.report.sections.marks import Mark, marks_on
from targetboard.report.sections.section import Document
from targetboard.report.sections.text import count, interval, percent, points, short
from targetboard.report.sections.words import DRIVER_CLASSES, FLAGS, MATCH_LEVELS, Word, word

_CHANGE = 40
_ALLELE = 16


@dataclass(slots=True, frozen=True)
class VariantReference:
    """A variant as a claim names it: ``index`` into variants[], and gene with change."""

    index: int
    name: str


@dataclass(slots=True, frozen=True)
class MatchView:
    """A knowledge alteration that matched, without its mechanism (which may speak of drugs)."""

    alteration_id: str
    label: str
    level: str
    evidence: str


@dataclass(slots=True, frozen=True)
class VariantView:
    """Cells of one variant."""

    index: int
    gene: str
    change: str
    coding: str
    transcript: str
    exon: str
    place: str
    consequence: str
    vaf: str
    vaf_interval: str
    vaf_source: str
    depth: str
    bar: Bar | None
    filter: str
    driver_class: Word
    reason: str
    oncogenicity: str
    points: str
    points_range: str
    codes: tuple[tuple[str, str], ...]
    not_evaluable: tuple[str, ...]
    matches: tuple[MatchView, ...]
    amp: str
    escat: str
    flags: tuple[Word, ...]
    marks: tuple[Mark, ...]


def germline_is_hidden(document: Document) -> bool:
    """Whether the patient does not want to learn of findings that may be inherited (sheet column consent_germline)."""
    return consent_refused(document["sample"]["clinical"])


def change_of(variant: dict[str, Any]) -> str:
    """The change people call the variant by: protein, else coding, else the allele."""
    allele = f"{variant['chrom']}:{variant['pos']} {short(variant['ref'], _ALLELE)}>{short(variant['alt'], _ALLELE)}"
    return short(variant["hgvsp"], _CHANGE) or short(variant["hgvsc"], _CHANGE) or allele


def name_of(variant: dict[str, Any]) -> str:
    """Gene and change."""
    return f"{variant['gene']} {change_of(variant)}".strip()


def references(document: Document, indices: list[int]) -> tuple[VariantReference, ...]:
    """The variants a claim rests on; an index outside variants[] is left out here and caught by the claim's check."""
    variants = document["variants"]
    return tuple(VariantReference(index, name_of(variants[index])) for index in indices if 0 <= index < len(variants))


def is_driver(variant: dict[str, Any]) -> bool:
    """Whether the variant stands in the driver list; all others stand in the appendix."""
    return variant["driver_class"] in DRIVERS


def flags_of(document: Document, variant: dict[str, Any]) -> tuple[Word, ...]:
    """Flags in words; those of inherited findings are left out where consent was refused."""
    hidden = germline_is_hidden(document)
    return tuple(word(FLAGS, flag) for flag in variant["flags"] if not (hidden and flag == "germline_suspect"))


def variant_view(document: Document, index: int) -> VariantView:
    """Cells of variants[index]."""
    variant = document["variants"][index]
    assessed = variant["oncogenicity"]
    criteria = assessed["criteria"] if assessed else []
    return VariantView(
        index=index,
        gene=variant["gene"] or "no gene",
        change=change_of(variant),
        coding=short(variant["hgvsc"], _CHANGE),
        transcript=variant["transcript"],
        exon=variant["exon"],
        place=f"{variant['chrom']}:{variant['pos']} {short(variant['ref'], _ALLELE)}>{short(variant['alt'], _ALLELE)}",
        consequence=variant["consequence"].replace("_variant", "").replace("_", " ").replace("&", ", "),
        vaf=percent(variant["vaf"]),
        vaf_interval=interval(variant["vaf_interval"]),
        vaf_source=variant["vaf_source"],
        depth=_depth(variant),
        bar=interval_bar(variant["vaf"], variant["vaf_interval"]),
        filter=variant["filter"],
        driver_class=word(DRIVER_CLASSES, variant["driver_class"]),
        reason=variant["class_reason"],
        oncogenicity=assessed["class"] if assessed else "",
        points=points(assessed["points"]) if assessed else "",
        points_range=_range(assessed) if assessed else "",
        codes=tuple((c["code"], points(c["points"])) for c in criteria if c["status"] == "met"),
        not_evaluable=tuple(c["code"] for c in criteria if c["status"] == "not_evaluable"),
        matches=tuple(
            MatchView(m["alteration_id"], m["label"], word(MATCH_LEVELS, m["level"]).label, m["evidence"])
            for m in variant["matches"]
        ),
        amp=variant["tier"]["amp"] or "",
        escat=variant["tier"]["escat"] or "",
        flags=flags_of(document, variant),
        marks=marks_on(document, "variant", index),
    )


def _depth(variant: dict[str, Any]) -> str:
    """Reads with the allele of all reads, as far as the caller gave them."""
    if variant["depth"] is None:
        return ""
    if variant["alt_depth"] is None:
        return f"{count(variant['depth'])} reads"
    return f"{count(variant['alt_depth'])} of {count(variant['depth'])} reads"


def _range(assessed: dict[str, Any]) -> str:
    """The points that codes not evaluable could still bring, if they could bring any."""
    low, high = assessed["points_range"]
    return "" if low == high else f"{points(low)} to {points(high)}"
