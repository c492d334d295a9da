"""A knowledge base of a few made-up rows, and variants to put before it; loaded by the conftest files beside it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from targetboard.knowledge.base import assemble
from targetboard.knowledge.records import KnowledgeBase, Layer
from targetboard.knowledge.schema import RECORD_OF_TABLE
from targetboard.model import (
    Allele,
    DriverClass,
    InputAllele,
    Match,
    MatchLevel,
    Observation,
    Phase,
    TranscriptConsequence,
    Variant,
)

DEFAULTS: dict[str, dict[str, Any]] = {
    "genes": {
        "role": "oncogene",
        "lof_mechanism": False,
        "chip_gene": False,
        "germline_followup": False,
        "chrom": "1",
        "strand": "+",
        "verified_in": "made up",
    },
    "alterations": {
        "event": "protein",
        "effect": "gain_of_function",
        "kind": "driver",
        "evidence": "validated",
        "sources": ("PMID:1",),
        "verified_in": "made up",
    },
    "hotspots": {"verified_in": "made up"},
    "domains": {"kind": "critical", "verified_in": "made up"},
    "alleles": {"assembly": "GRCh37", "verified_in": "made up"},
    "drugs": {"modality": "small-molecule inhibitor", "verified_in": "made up"},
    "markers": {"kind": "protein expression", "verified_in": "made up"},
    "biomarkers": {"verified_in": "made up"},
    "therapies": {
        "implication": "therapeutic",
        "direction": "sensitive",
        "evidence_level": "A",
        "sources": ("PMID:2",),
        "verified_in": "made up",
    },
    "approvals": {"status": "approved", "verified_in": "made up"},
}
LISTS = {
    "aliases", "legacy_transcript", "sources", "protein_changes", "classes", "excludes", "tumour_types",
    "excluded_tumour_types", "drugs", "conditions", "cdx", "after_drugs", "next_line",
}  # fmt: skip
NUMBERS = {
    "last_pathogenic_codon", "start_GRCh37", "end_GRCh37", "start_GRCh38", "end_GRCh38", "codon_first", "codon_last",
    "exon", "year",
}  # fmt: skip
TREE = (
    ("TISSUE", "Tissue", ""),
    ("LUNG", "Lung", "TISSUE"),
    ("NSCLC", "Non-Small Cell Lung Cancer", "LUNG"),
    ("LUAD", "Lung Adenocarcinoma", "NSCLC"),
    ("LUSC", "Lung Squamous Cell Carcinoma", "NSCLC"),
    ("BOWEL", "Bowel", "TISSUE"),
    ("COADREAD", "Colorectal Adenocarcinoma", "BOWEL"),
    ("COAD", "Colon Adenocarcinoma", "COADREAD"),
    ("SKIN", "Skin", "TISSUE"),
    ("MEL", "Melanoma", "SKIN"),
    ("MYELOID", "Myeloid", "TISSUE"),
    ("AML", "Acute Myeloid Leukemia", "MYELOID"),
    ("LYMPH", "Lymphoid", "TISSUE"),
)


def make_kb(**tables: list[dict[str, Any]]) -> KnowledgeBase:
    """A knowledge base from rows given by column; what a row leaves out is empty or the table's default."""
    tables.setdefault("tumour_types", [{"code": c, "name": n, "parent": p} for c, n, p in TREE])
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for name, record in RECORD_OF_TABLE.items():
        defaults = DEFAULTS.get(name, {})
        rows[name] = [
            tuple(
                {**defaults, **row}.get(f.name, () if f.name in LISTS else None if f.name in NUMBERS else "")
                for f in fields(record)
            )
            for row in tables.get(name, [])
        ]
    return assemble([Layer("test", "2000-01-01", "0" * 64)], rows)


def make_variant(
    gene: str = "ONCO",
    hgvsp: str = "",
    terms: tuple[str, ...] = ("missense_variant",),
    *,
    matches: tuple[str, ...] = (),
    level: MatchLevel = MatchLevel.PROTEIN_CHANGE,
    allele: tuple[str, int, str, str] = ("1", 100, "C", "G"),
    consequence: dict[str, Any] | None = None,
    observation: dict[str, Any] | None = None,
    annotated: bool = True,
    driver_class: DriverClass = DriverClass.NOT_EVALUABLE,
    flags: tuple[str, ...] = (),
    phase: tuple[str, int] | None = None,
) -> Variant:
    """A variant with one consequence on the made-up transcript NM_1.1."""
    seen: dict[str, Any] = {"vaf": 0.4, "vaf_source": "AD", "depth": 500, "alt_depth": 200, "filter": "PASS"}
    if phase is not None:
        seen["phase"] = Phase(phase[0], phase[1], "PS")
    chosen = TranscriptConsequence(gene, "NM_1.1", terms, "CSQ", hgvsp=hgvsp, **(consequence or {}))
    return Variant(
        allele=Allele(*allele),
        input=InputAllele(1, 1, *allele, 0),
        observation=Observation(**{**seen, **(observation or {})}),
        consequences=(chosen,) if annotated else (),
        chosen=chosen if annotated else None,
        gene=gene,
        matches=tuple(Match(name, level, "test") for name in matches),
        driver_class=driver_class,
        flags=flags,
    )
