"""What the test covers: classes of variants with their limits, blind spots, status and companion diagnostics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from targetboard.report.sections.identity import Fact, fact
from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.text import percent
from targetboard.report.sections.words import ASSAY_CLASSES, ASSAY_STATUSES, Word, word

NOT_DESCRIBED = (
    "Assay not described: which genes and classes of variants this test covers, and from what fraction on, is not"
    " known to this report. What is not listed was not necessarily tested."
)


@dataclass(slots=True, frozen=True)
class ClassRow:
    """One class of variants: ``state`` in words with its tone, limit of detection and greatest length."""

    label: str
    state: Word
    limit: str
    longest: str


@dataclass(slots=True, frozen=True)
class AssayView:
    """The description, or ``statement`` where there is none."""

    statement: str
    name: str
    status: Word | None
    facts: tuple[Fact, ...]
    classes: tuple[ClassRow, ...]
    not_stated: tuple[str, ...]
    blind_spots: tuple[str, ...]
    devices: tuple[str, ...]


def view(document: Document) -> AssayView:
    """The assay as its laboratory describes it; classes it does not name are said to be not stated."""
    assay = document["assay"]
    if not assay:
        return AssayView(NOT_DESCRIBED, "", None, (), (), (), (), ())
    named = {entry["name"] for entry in assay.get("classes", ())}
    return AssayView(
        statement="",
        name=" ".join(str(assay[key]) for key in ("name", "version") if assay.get(key)),
        status=word(ASSAY_STATUSES, assay["status"]) if assay.get("status") else None,
        facts=_facts(assay),
        classes=tuple(_class(entry) for entry in assay.get("classes", ())),
        not_stated=tuple(label for token, label in ASSAY_CLASSES.items() if token not in named),
        blind_spots=tuple(assay.get("blind_spots", ())),
        devices=tuple(assay.get("companion_diagnostics", ())),
    )


def _facts(assay: dict[str, Any]) -> tuple[Fact, ...]:
    umi = assay.get("umi")
    depth, megabases, loci = assay.get("minimum_depth"), assay.get("tmb_megabases"), assay.get("msi_loci")
    return (
        fact("Least depth", f"{depth:,}×" if depth else None),
        fact("Least reads with the variant", assay.get("minimum_alt_reads")),
        fact("Least tumour purity", percent(assay.get("minimum_purity"))),
        fact("Molecular barcodes (UMI)", None if umi is None else "yes" if umi else "no"),
        fact("Tumour mutational burden over", f"{megabases:g} Mb" if megabases else None),
        fact("Microsatellite loci", loci),
    )


def _class(entry: dict[str, Any]) -> ClassRow:
    validated = bool(entry["validated"])
    state = Word("yes", "✓ validated", "", "good") if validated else Word("no", "✗ not called", "", "bad")
    length = entry.get("max_length")
    return ClassRow(
        label=ASSAY_CLASSES.get(entry["name"], str(entry["name"]).replace("_", " ")),
        state=state,
        limit=percent(entry.get("lod")) or ("not stated" if validated else "–"),
        longest="–" if length is None else f"{length:,} bases",
    )


SECTION = Section("assay", "What the test covers", view)
