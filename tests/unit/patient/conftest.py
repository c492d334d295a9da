"""Small sample documents: what the comparison reads of a document, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

ASSAY = {
    "name": "Panel",
    "version": "1",
    "status": "LDT",
    "minimum_depth": 200,
    "minimum_alt_reads": 5,
    "minimum_purity": 0.2,
    "umi": False,
    "classes": [
        {"name": "snv", "validated": True, "lod": 0.05, "max_length": None},
        {"name": "deletion", "validated": True, "lod": 0.05, "max_length": 10},
    ],
    "companion_diagnostics": [],
    "blind_spots": [],
    "tmb_megabases": None,
    "msi_loci": None,
}


def variant(gene: str, pos: int, change: str = "", **more: Any) -> dict[str, Any]:
    """A variant of chromosome 7, C>T, 20 % of 500 reads; ``alteration`` makes it curated by its exact allele."""
    alteration = more.pop("alteration", "")
    entry = {
        "chrom": "7",
        "pos": pos,
        "ref": "C",
        "alt": "T",
        "gene": gene,
        "transcript": "",
        "hgvsc": "",
        "hgvsp": change,
        "consequence": "missense_variant",
        "transcripts": [],
        "matches": [
            {"alteration_id": alteration, "label": alteration, "level": "exact_allele", "kind": "driver"}
            for _ in range(bool(alteration))
        ],
        "driver_class": "validated_driver" if alteration else "uncertain",
        "flags": [],
        "phase": None,
        "filter": "PASS",
        "vaf": 0.2,
        "vaf_interval": [0.167, 0.237],
        "depth": 500,
        "alt_depth": 100,
        "ccf": None,
    }
    return {**entry, **more}


def document(sample_id: str = "S1", **more: Any) -> dict[str, Any]:
    """A complete document of patient P1; keywords of ``sample`` and ``clinical`` are put where they belong."""
    clinical = {"specimen_type": "FFPE", "site": "lung", **more.pop("clinical", {})}
    about = {
        "sample_id": sample_id,
        "patient_id": "P1",
        "tumour_type": {"code": "LUAD", "name": "Lung Adenocarcinoma", "lineage": ["LUAD", "NSCLC", "LUNG"]},
        "condition": None,
        "assembly": "GRCh38",
        "purity": None,
        "clinical": clinical,
        **more.pop("sample", {}),
    }
    return {
        "schema_version": "1.0",
        "status": "complete",
        "error": None,
        "sample": about,
        "assay": ASSAY,
        "caller": {"name": "mutect2", "title": "Mutect2", "basis": "real file"},
        "annotation": {"source": "CSQ", "statement": ""},
        "provenance": {"knowledge": [{"release": "1", "date": "", "sha256": "a" * 64}]},
        "ledger": {"records_in": 1, "alleles_in": 1, "reported": 1, "filtered": {}, "unparsed": {}},
        "variants": [],
        "events": [],
        "negatives": [],
        "resistance": [],
        "markers": [],
        "limitations": [],
        "adequacy": {"verdict": "adequate", "reasons": []},
        "coverage": {"kind": "table", "stretches": {"7": ["1000-2000:800:600"]}},
        **more,
    }


@pytest.fixture(scope="session")
def make_variant() -> Callable[..., dict[str, Any]]:
    return variant


@pytest.fixture(scope="session")
def make_document() -> Callable[..., dict[str, Any]]:
    return document
