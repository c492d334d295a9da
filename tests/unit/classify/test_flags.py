"""Flags: each rule fires where it should and stays silent where it should, and no flag changes a class."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.context import SampleContext, prior_drugs
from targetboard.classify.driver import classify
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Variant


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "ONCO"},
            {"gene": "EGFR"},
            {"gene": "BRCA1", "role": "tumour_suppressor", "lof_mechanism": True, "germline_followup": True},
            {"gene": "BLOOD", "chip_gene": True},
        ],
        alterations=[
            {"alteration_id": "EGFR_T790M", "gene": "EGFR", "label": "EGFR T790M", "effect": "resistance"},
            {"alteration_id": "BLOOD_X", "gene": "BLOOD", "label": "BLOOD X"},
        ],
    )


STOP = ("stop_gained",)
CASES: list[tuple[str, bool, str, dict[str, Any], dict[str, Any]]] = [
    # flag, expected, gene, variant options, sample options
    ("germline_suspect", True, "ONCO", {"observation": {"somatic_status": "Germline"}}, {}),
    ("germline_suspect", False, "ONCO", {"observation": {"somatic_status": "Somatic"}}, {}),
    ("germline_suspect", True, "ONCO", {"observation": {"normal_vaf": 0.5, "normal_depth": 40}}, {"has_normal": True}),
    ("germline_suspect", False, "ONCO", {"observation": {"normal_vaf": 0.19, "normal_depth": 40}}, {}),
    ("germline_suspect", False, "ONCO", {"observation": {"normal_vaf": 0.5, "normal_depth": 9}}, {}),
    ("germline_suspect", True, "BRCA1", {"terms": STOP, "observation": {"vaf": 0.5}}, {}),
    ("germline_suspect", True, "BRCA1", {"terms": STOP, "observation": {"vaf": 0.9}}, {}),
    ("germline_suspect", False, "BRCA1", {"terms": STOP, "observation": {"vaf": 0.1}}, {}),
    ("germline_suspect", False, "BRCA1", {"terms": STOP, "observation": {"vaf": 0.8}}, {}),
    ("germline_suspect", False, "BRCA1", {"terms": STOP, "observation": {"vaf": None}}, {}),
    ("germline_suspect", False, "BRCA1", {"terms": STOP, "observation": {"vaf": 0.5}}, {"has_normal": True}),
    ("germline_suspect", False, "BRCA1", {"observation": {"vaf": 0.5}}, {}),
    ("germline_suspect", False, "ONCO", {"terms": STOP, "observation": {"vaf": 0.5}}, {}),
    (
        "germline_suspect",
        True,
        "BRCA1",
        {"terms": ("frameshift_variant",), "allele": ("1", 5, "CA", "C"), "observation": {"vaf": 0.22}},
        {},
    ),
    (
        "germline_suspect",
        True,
        "BRCA1",
        {"terms": STOP, "consequence": {"hgvsc": "c.68_69del"}, "observation": {"vaf": 0.05}},
        {},
    ),
    (
        "germline_suspect",
        False,
        "BRCA1",
        {"terms": STOP, "observation": {"vaf": 0.5}},
        {"clinical": {"consent_germline": "no"}},
    ),
    (
        "germline_suspect",
        False,
        "BRCA1",
        {"terms": STOP, "observation": {"vaf": 0.5}},
        {"clinical": {"consent_germline": "withdrawn"}},
    ),
    ("germline_suspect", True, "EGFR", {"matches": ("EGFR_T790M",), "observation": {"vaf": 0.5}}, {}),
    (
        "germline_suspect",
        False,
        "EGFR",
        {"matches": ("EGFR_T790M",), "observation": {"vaf": 0.5}},
        {"clinical": {"prior_therapies": "erlotinib:2025-03"}},
    ),
    ("chip_suspect", True, "BLOOD", {}, {"clinical": {"specimen_type": "plasma"}}),
    ("chip_suspect", False, "ONCO", {}, {"clinical": {"specimen_type": "plasma"}}),
    ("chip_suspect", False, "BLOOD", {}, {"clinical": {"specimen_type": "FFPE"}}),
    ("chip_suspect", False, "BLOOD", {}, {}),
    ("chip_suspect", False, "BLOOD", {}, {"clinical": {"specimen_type": "plasma"}, "has_normal": True}),
    ("chip_suspect", False, "BLOOD", {}, {"clinical": {"specimen_type": "blood"}, "lineage": ("AML", "MYELOID")}),
    (
        "artefact_suspect",
        True,
        "ONCO",
        {"allele": ("1", 5, "C", "T"), "observation": {"vaf": 0.05}},
        {"clinical": {"specimen_type": "FFPE"}},
    ),
    (
        "artefact_suspect",
        True,
        "ONCO",
        {"allele": ("1", 5, "G", "A"), "observation": {"vaf": 0.099}},
        {"clinical": {"specimen": "FFPE block"}},
    ),
    (
        "artefact_suspect",
        False,
        "ONCO",
        {"allele": ("1", 5, "C", "T"), "observation": {"vaf": 0.1}},
        {"clinical": {"specimen_type": "FFPE"}},
    ),
    (
        "artefact_suspect",
        False,
        "ONCO",
        {"allele": ("1", 5, "A", "T"), "observation": {"vaf": 0.05}},
        {"clinical": {"specimen_type": "FFPE"}},
    ),
    (
        "artefact_suspect",
        False,
        "ONCO",
        {"allele": ("1", 5, "C", "T"), "observation": {"vaf": 0.05}},
        {"clinical": {"specimen_type": "frozen"}},
    ),
    ("artefact_suspect", True, "ONCO", {"observation": {"filter": "weak_evidence;orientation"}}, {}),
    ("subclonal", True, "ONCO", {"observation": {"alt_depth": 20, "depth": 1000}}, {"purity": 0.8}),
    ("subclonal", False, "ONCO", {"observation": {"alt_depth": 400, "depth": 1000}}, {"purity": 0.8}),
    ("subclonal", False, "ONCO", {"observation": {"alt_depth": 20, "depth": 1000}}, {}),
    ("low_support", True, "ONCO", {"observation": {"alt_depth": 4, "depth": 20}}, {}),
    ("low_support", False, "ONCO", {"observation": {"alt_depth": 5, "depth": 20}}, {}),
    ("low_support", True, "ONCO", {"observation": {"alt_depth": 8, "depth": 1000}}, {}),
    (
        "low_support",
        False,
        "ONCO",
        {"observation": {"alt_depth": 8, "depth": 1000}},
        {"clinical": {"specimen_type": "plasma"}},
    ),
    ("low_support", False, "ONCO", {"observation": {"alt_depth": None, "depth": None}}, {}),
    ("population_unknown", True, "ONCO", {}, {}),
    ("population_unknown", False, "ONCO", {}, {"has_normal": True}),
    ("population_unknown", False, "ONCO", {"consequence": {"extra": {"gnomADe_AF": "0.001"}}}, {}),
    ("population_unknown", False, "BLOOD", {"matches": ("BLOOD_X",)}, {}),
]


@pytest.mark.parametrize(("flag", "expected", "gene", "options", "sample"), CASES)
def test_flag(
    small: ModuleType,
    kb: KnowledgeBase,
    flag: str,
    expected: bool,
    gene: str,
    options: dict[str, Any],
    sample: dict[str, Any],
) -> None:
    variant: Variant = small.make_variant(gene, "p.Gly300Ala", **options)
    classify(variant, kb, **sample)
    assert (flag in variant.flags) is expected
    plain: Variant = small.make_variant(gene, "p.Gly300Ala", **options)
    classify(plain, kb, clinical={"consent_germline": "no"}, has_normal=True)
    assert plain.driver_class is variant.driver_class


def test_every_flag_brings_its_sentence(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = small.make_variant("BRCA1", "p.Arg9Ter", STOP, observation={"vaf": 0.5, "alt_depth": 2, "depth": 4})
    classify(variant, kb)
    assert variant.flags == ("germline_suspect", "low_support", "population_unknown")
    assert len(variant.notes) == 3
    assert "offer a confirmatory germline test and genetic counselling" in variant.notes[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("none", ()),
        ("erlotinib:2025-03|Carboplatin | erlotinib", ("erlotinib", "carboplatin")),
    ],
)
def test_prior_drugs(text: str, expected: tuple[str, ...]) -> None:
    assert prior_drugs({"prior_therapies": text}) == expected
    assert SampleContext(clinical={"prior_therapies": text}).is_pretreated is bool(expected)
