"""How each variant came to its verdict: input, transcripts, matches, near misses, criteria and flags, folded.

Sources of a match are shown for drivers only, and its mechanism and drug labels for validated drivers only: they may
speak of treatments.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.text import percent, points, short
from targetboard.report.sections.variant import flags_of, is_driver, name_of
from targetboard.report.sections.words import CRITERION_STATES, DRIVER_CLASSES, MATCH_LEVELS, Word, word

_ALLELE = 60


@dataclass(slots=True, frozen=True)
class Match:
    """One matched alteration with the rule that fired."""

    alteration_id: str
    label: str
    level: str
    rule: str
    kind: str
    evidence: str
    effect: str
    mechanism: str
    sources: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class Trail:
    """Everything the document knows about one variant."""

    index: int
    name: str
    driver: bool
    driver_class: Word
    reason: str
    facts: tuple[tuple[str, str], ...]
    transcripts: tuple[dict[str, Any], ...]
    matches: tuple[Match, ...]
    near_misses: tuple[dict[str, str], ...]
    verdict: str
    criteria: tuple[tuple[str, str, Word, str], ...]
    flags: tuple[Word, ...]
    notes: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class TrailView:
    """Trails in the order of variants[]."""

    trails: tuple[Trail, ...]


def view(document: Document) -> TrailView | None:
    """One trail a variant; None without variants."""
    trails = tuple(_trail(document, index) for index in range(len(document["variants"])))
    return TrailView(trails) if trails else None


def _trail(document: Document, index: int) -> Trail:
    variant = document["variants"][index]
    driver = is_driver(variant)
    assessed = variant["oncogenicity"]
    return Trail(
        index=index,
        name=name_of(variant),
        driver=driver,
        driver_class=word(DRIVER_CLASSES, variant["driver_class"]),
        reason=variant["class_reason"],
        facts=_facts(variant),
        transcripts=tuple(variant["transcripts"]),
        matches=tuple(
            _match(match, driver, variant["driver_class"] == "validated_driver") for match in variant["matches"]
        ),
        near_misses=tuple(variant["near_misses"]),
        verdict=_verdict(assessed),
        criteria=tuple(
            (c["code"], points(c["points"]), word(CRITERION_STATES, c["status"]), c["evidence"])
            for c in (assessed["criteria"] if assessed else [])
        ),
        flags=flags_of(document, variant),
        notes=tuple(variant["notes"]),
    )


def _match(match: dict[str, Any], driver: bool, validated: bool) -> Match:
    return Match(
        alteration_id=match["alteration_id"],
        label=match["label"],
        level=word(MATCH_LEVELS, match["level"]).label,
        rule=match["rule"],
        kind=match["kind"],
        evidence=match["evidence"],
        effect=match["effect"].replace("_", " "),
        mechanism=match["mechanism"] if validated else "",
        sources=tuple(text for text in match["sources"] if validated or not text.startswith("label:"))
        if driver
        else (),
    )


def _verdict(assessed: dict[str, Any] | None) -> str:
    """Class and points in one sentence."""
    if assessed is None:
        return ""
    low, high = assessed["points_range"]
    text = f"{assessed['class']}, {points(assessed['points'])} points"
    if low == high:
        return f"{text}."
    return f"{text}; the codes that could not be evaluated leave room for {points(low)} to {points(high)}."


def _facts(variant: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Label and value of what stands outside the tables; empty values are left out."""
    came = variant["input"]
    phase = variant["phase"]
    facts = (
        (
            "Allele in the input",
            f"record {came['record']}, line {came['line']}: {came['chrom']}:{came['pos']} "
            f"{short(came['ref'], _ALLELE)}>{short(came['alt'], _ALLELE)} (ALT number {came['alt_index'] + 1})",
        ),
        (
            "Allele as compared",
            f"{variant['chrom']}:{variant['pos']} {short(variant['ref'], _ALLELE)}>{short(variant['alt'], _ALLELE)}",
        ),
        ("Reference base", "compared with the FASTA" if variant["reference_checked"] else "not compared with a FASTA"),
        ("Transcript chosen", " — ".join(part for part in (variant["transcript"], variant["transcript_note"]) if part)),
        ("Consequence", variant["consequence"]),
        ("Consequence from", variant["consequence_source"]),
        ("Allele fraction from", variant["vaf_source"]),
        ("Caller's own estimate", percent(variant["caller_vaf"])),
        ("Matched normal", _normal(variant)),
        ("FILTER", variant["filter"]),
        ("Genotype", variant["genotype"] or ""),
        ("Somatic status of the caller", variant["somatic_status"] or ""),
        (
            "Phase",
            ""
            if not phase
            else f"set {phase.get('set_id', '')}, haplotype {phase.get('haplotype', '')} ({phase.get('source', '')})",
        ),
    )
    return tuple((label, value) for label, value in facts if value)


def _normal(variant: dict[str, Any]) -> str:
    if variant["normal_vaf"] is None and variant["normal_depth"] is None:
        return ""
    depth = "depth not available" if variant["normal_depth"] is None else f"{variant['normal_depth']:,} reads"
    return ", ".join(part for part in (percent(variant["normal_vaf"]), depth) if part)


SECTION = Section("trail", "Evidence trail of each variant", view)
