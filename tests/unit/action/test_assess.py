"""From classified variants to therapies, resistance, markers and headline, on a small knowledge base."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from targetboard.action.assess import assess_sample
from targetboard.action.biomarkers import MeasuredMarker
from targetboard.errors import UsageError
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import DriverClass, MarkerState, MatchLevel, Variant

DRUGS = (
    "osimertinib", "erlotinib", "dabrafenib", "trametinib", "vemurafenib", "encorafenib", "cetuximab", "panitumumab",
    "mobocertinib", "pembrolizumab", "afatinib", "carboplatin", "amivantamab", "olaparib", "voretigene",
)  # fmt: skip


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    def alteration(name: str, **values: Any) -> dict[str, Any]:
        return {"alteration_id": name, "gene": name.split("_")[0], "label": name.replace("_", " "), **values}

    def claim(name: str, biomarker: str, types: str, drugs: str = "", **values: Any) -> dict[str, Any]:
        row = {"claim_id": name, "biomarker_id": biomarker, "tumour_types": tuple(types.split("|"))}
        return {**row, "drugs": tuple(drugs.split("|")) if drugs else (), **values}

    profiles = {
        "L858R": "EGFR_L858R",
        "L858R_ALONE": "EGFR_L858R AND NOT EGFR_T790M",
        "T790M": "EGFR_T790M",
        "V600": "BRAF_V600",
        "V600E": "BRAF_V600E",
        "G12": "KRAS_G12",
        "RAS_WILD": "wild_type(RAS)",
        "PDL1": "PD-L1_TPS >= 50",
        "ALK": "ALK_FUSION",
        "BRCA": "BRCA1_LOF",
        "CIS": "cis(EGFR_T790M,EGFR_C797S)",
        "EX20": "EGFR_EX20INS",
        "RPE": "RPE65_R91W",
        "PAIR": "EGFR_L858R AND KRAS_G12",
    }
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[{"gene": g} for g in ("EGFR", "BRAF", "KRAS", "NRAS", "ALK", "BRCA1", "RPE65")],
        alterations=[
            alteration("EGFR_L858R", protein_changes=("p.Leu858Arg",)),
            alteration("EGFR_T790M", protein_changes=("p.Thr790Met",), effect="resistance"),
            alteration("EGFR_C797S", protein_changes=("p.Cys797Ser",), effect="resistance"),
            alteration("EGFR_EX20INS", event="region_class", codon_first=762, codon_last=774),
            alteration("BRAF_V600E", protein_changes=("p.Val600Glu",)),
            alteration("BRAF_V600", event="codon", codon_first=600, codon_last=600),
            alteration("KRAS_G12", event="codon", codon_first=12, codon_last=12),
            alteration("ALK_FUSION", event="fusion"),
            alteration("BRCA1_LOF", event="loss_of_function", effect="loss_of_function"),
            alteration("RPE65_R91W", protein_changes=("p.Arg91Trp",)),
        ],
        drugs=[{"drug": drug, "side_effects": "rash" if drug == "osimertinib" else ""} for drug in DRUGS],
        markers=[
            {"marker_id": "PD-L1_TPS", "label": "PD-L1 TPS", "unit": "%"},
            {"marker_id": "RAS_WT", "label": "RAS wild type"},
        ],
        biomarkers=[{"biomarker_id": name, "label": name, "profile": text} for name, text in profiles.items()],
        therapies=[
            claim("OSI", "L858R", "NSCLC", "osimertinib", escat="I-A", cdx=("a test",)),
            claim("OSI_AGAIN", "L858R", "NSCLC", "osimertinib", sources=("PMID:3",)),
            claim("ERL", "L858R", "NSCLC", "erlotinib", conditions=("metastatic",)),
            claim("ERL_NO", "T790M", "NSCLC", "erlotinib", direction="resistant", evidence_level="D"),
            claim("AFA", "L858R_ALONE", "NSCLC", "afatinib"),
            claim("COMBI", "CIS", "NSCLC", "carboplatin", direction="resistant", evidence_level="C"),
            claim("MOBO", "EX20", "NSCLC", "mobocertinib"),
            claim("AMI", "EX20", "NSCLC", "amivantamab"),
            claim("VEM", "V600", "MEL", "vemurafenib"),
            claim("VEM_E", "V600E", "MEL", "vemurafenib"),
            claim("DT", "V600E", "ANY_SOLID", "dabrafenib|trametinib", excluded_tumour_types=("COADREAD",)),
            claim("ENCO", "V600E", "COADREAD", "encorafenib|cetuximab"),
            claim("CETUX_BRAF", "V600E", "COADREAD", "cetuximab", direction="resistant", evidence_level="B"),
            claim("VEM_CRC", "V600E", "COADREAD", "vemurafenib", direction="resistant", evidence_level="B"),
            claim("V600E_BAD", "V600E", "COADREAD", "", implication="prognostic", direction="", evidence_level="A"),
            claim("PANI", "RAS_WILD", "COADREAD", "panitumumab"),
            claim("PANI_NO", "G12", "COADREAD", "panitumumab", direction="not_indicated"),
            claim("CETUX_NO", "G12", "COADREAD", "cetuximab", direction="resistant"),
            claim("PEMBRO", "PDL1", "NSCLC", "pembrolizumab"),
            claim("ALKI", "ALK", "NSCLC", "erlotinib"),
            claim("LUAD_ONLY", "G12", "LUAD", "trametinib", evidence_level="A"),
            claim("OLA", "BRCA", "ANY_SOLID", "olaparib", escat="I-A"),
            claim("GENE", "RPE", "disease:RPE65", "voretigene"),
            claim("BOTH", "PAIR", "NSCLC", "carboplatin"),
        ],
        approvals=[
            {"claim_id": "OSI", "jurisdiction": "EU", "year": 2018},
            {"claim_id": "OSI", "jurisdiction": "US", "year": 2018},
            {"claim_id": "MOBO", "jurisdiction": "US", "year": 2021, "status": "withdrawn"},
        ],
        options_without_biomarker=[
            {"option_id": "CHEMO", "tumour_types": ("NSCLC",), "drugs": ("carboplatin",), "verified_in": "made up"}
        ],
        resistance=[
            {
                "resistance_id": "R1",
                "alteration_id": "EGFR_T790M",
                "tumour_types": ("NSCLC",),
                "after_drugs": ("erlotinib",),
                "mechanism": "gatekeeper change",
                "next_line": ("osimertinib",),
            },
            {
                "resistance_id": "R2",
                "alteration_id": "EGFR_C797S",
                "tumour_types": ("NSCLC",),
                "after_drugs": ("osimertinib",),
                "mechanism": "covalent site lost",
            },
        ],
    )


DRIVER = DriverClass.VALIDATED_DRIVER


@pytest.fixture(scope="module")
def make(small: ModuleType) -> Any:
    def build(*names: str, driver_class: DriverClass = DRIVER, **options: Any) -> Variant:
        change = {"EGFR_L858R": "p.Leu858Arg", "EGFR_T790M": "p.Thr790Met", "BRAF_V600E": "p.Val600Glu"}
        return small.make_variant(  # type: ignore[no-any-return]
            names[0].split("_")[0], change.get(names[0], ""), matches=names, driver_class=driver_class, **options
        )

    return build


def by_id(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["claim_id"]: row for row in result["therapies"]}


def order(result: dict[str, Any]) -> list[str]:
    return [row["claim_id"] for row in result["therapies"]]


def test_a_validated_driver_in_its_tumour_type(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_L858R")], "nsclc", None, {"country": "EU"})
    row = by_id(result)["OSI"]
    assert (row["state"], row["amp"], row["escat"], row["tumour_match"]) == ("met", "I-A", "I-A", "exact")
    assert row["variants"] == [0]
    assert row["biomarkers"] == ["EGFR_L858R"]
    assert [approval["jurisdiction"] for approval in row["approvals"]] == ["EU", "US"]
    assert row["side_effects"] == ["osimertinib: rash"]
    assert row["modality"] == ["small-molecule inhibitor"]
    assert result["tiers"] == [{"amp": "I-A", "escat": "I-A"}]


def test_identical_claims_are_merged_with_their_sources(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_L858R")], "NSCLC", None, {})
    assert "OSI_AGAIN" not in order(result)
    assert by_id(result)["OSI"]["sources"] == ["PMID:2", "PMID:3"]


def test_label_conditions_stay_unknown(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_L858R")], "NSCLC", None, {})
    assert by_id(result)["ERL"]["conditions"] == [{"text": "metastatic", "state": "unknown"}]


def test_an_absence_without_coverage_makes_a_row_conditional(kb: KnowledgeBase, make: Any) -> None:
    row = by_id(assess_sample(kb, [make("EGFR_L858R")], "NSCLC", None, {}))["AFA"]
    assert row["state"] == "unknown"
    assert row["unknown"] == ["EGFR T790M: not called, and no coverage data show that it is absent"]


def test_resistance_comes_before_the_drug_it_speaks_against(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_L858R"), make("EGFR_T790M")], "NSCLC", None, {})
    rows = by_id(result)
    assert rows["ERL"]["conflicts_with"] == ["ERL_NO"]
    assert rows["ERL_NO"]["conflicts_with"] == ["ERL"]
    assert order(result).index("ERL_NO") < order(result).index("ERL")
    assert {row["claim_id"]: row["reason"] for row in result["withheld"]} == {
        "AFA": "profile not met: EGFR T790M was found",
        "BOTH": "profile not met: KRAS G12 was not called",
    }
    texts = [line["text"] for line in result["headline"]]
    assert texts[0] == "L858R: may respond to osimertinib (tier I-A)."
    assert "erlotinib" in next(line["text"] for line in result["headline"] if line["kind"] == "resistance")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("1", 0), ("1", 0), "met"),
        (("1", 0), ("1", 1), None),
        (None, None, "unknown"),
    ],
)
def test_phase_decides_compound_claims(
    kb: KnowledgeBase, make: Any, first: tuple[str, int] | None, second: tuple[str, int] | None, expected: str | None
) -> None:
    variants = [make("EGFR_T790M", phase=first), make("EGFR_C797S", phase=second)]
    row = by_id(assess_sample(kb, variants, "NSCLC", None, {})).get("COMBI")
    assert (row["state"] if row else None) == expected


ELSEWHERE = {"VEM_CRC": "II-C", "CETUX_BRAF": "II-C", "ENCO": "II-C"}
COLON = {
    "ENCO": "I-A", "V600E_BAD": "I-A", "CETUX_BRAF": "I-B", "VEM_CRC": "I-B", "VEM": "II-C", "VEM_E": "II-C",
}  # fmt: skip


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("MEL", {"VEM_E": "I-A", "VEM": "I-A", "DT": "I-A", **ELSEWHERE}),
        ("NSCLC", {"DT": "I-A", "VEM_E": "II-C", "VEM": "II-C", **ELSEWHERE}),
        ("COADREAD", COLON),
        ("COAD", COLON),
    ],
)
def test_one_driver_means_different_things(kb: KnowledgeBase, make: Any, code: str, expected: dict[str, str]) -> None:
    variant = make("BRAF_V600E", "BRAF_V600")
    result = assess_sample(kb, [variant], code, None, {})
    assert {name: row["amp"] for name, row in by_id(result).items()} == expected


def test_resistance_here_speaks_against_a_drug_of_elsewhere(kb: KnowledgeBase, make: Any) -> None:
    here = assess_sample(kb, [make("BRAF_V600E", "BRAF_V600")], "COADREAD", None, {})
    assert by_id(here)["VEM_E"]["conflicts_with"] == ["VEM_CRC"]
    # Resistance to cetuximab alone does not speak against its curated combination on the same variant.
    assert by_id(here)["ENCO"]["conflicts_with"] == []
    there = assess_sample(kb, [make("BRAF_V600E", "BRAF_V600")], "MEL", None, {})
    assert by_id(there)["VEM_E"]["conflicts_with"] == []
    withheld = {row["claim_id"]: row["reason"] for row in here["withheld"]}
    assert "the claim excludes COADREAD" in withheld["DT"]


def test_the_more_specific_claim_comes_first(small: ModuleType, kb: KnowledgeBase, make: Any) -> None:
    variant = make("BRAF_V600E")
    variant.matches = (
        *small.make_variant(matches=("BRAF_V600E",), level=MatchLevel.EXACT_ALLELE).matches,
        *small.make_variant(matches=("BRAF_V600",), level=MatchLevel.CODON).matches,
    )
    names = order(assess_sample(kb, [variant], "MEL", None, {}))
    assert names.index("VEM_E") + 1 == names.index("VEM")


def test_a_broader_diagnosis_leaves_the_claim_open(kb: KnowledgeBase, make: Any) -> None:
    row = by_id(assess_sample(kb, [make("KRAS_G12")], "NSCLC", None, {}))["LUAD_ONLY"]
    assert (row["state"], row["tumour_match"], row["amp"]) == ("unknown", "ancestor", "II-C")
    assert "is broader than LUAD" in row["unknown"][0]


def test_a_driver_rules_out_what_needs_wild_type(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("KRAS_G12")], "COADREAD", None, {})
    assert [row["claim_id"] for row in result["withheld"]] == ["PANI"]
    assert result["markers"] == [
        {
            "marker_id": "RAS_WT", "label": "RAS wild type", "state": "not_detected", "value": None, "unit": "",
            "cutoff": None, "method": None, "reason": "excluded: a driver was found in KRAS",
        }
    ]  # fmt: skip
    assert result["headline"][0]["kind"] == "resistance"


def test_an_open_marker_that_decides_and_unjudged_alleles_lead_the_headline(kb: KnowledgeBase) -> None:
    measured = {"PD-L1_TPS": MeasuredMarker(MarkerState.INCONCLUSIVE, remark="too few cells")}
    result = assess_sample(kb, [], "NSCLC", None, {}, markers=measured, not_evaluated={"EGFR": 1})
    assert [line["kind"] for line in result["headline"]] == ["unclear", "unclear", "none"]
    assert "too few cells" in result["headline"][0]["text"]
    # no statement of the tumour type asks for it
    result = assess_sample(kb, [], "MEL", None, {}, markers=measured)
    assert [line["kind"] for line in result["headline"]] == ["none"]


def test_resistance_elsewhere_needs_a_listed_drug(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("KRAS_G12")], "MEL", None, {})
    assert order(result) == ["LUAD_ONLY"]


def test_withdrawn_approvals_are_history(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_EX20INS")], "LUAD", None, {})
    assert order(result) == ["AMI"]
    assert result["withheld"][0]["claim_id"] == "MOBO"
    assert result["withheld"][0]["reason"] == "history only: every approval of this claim was withdrawn (US 2021)"


@pytest.mark.parametrize("driver_class", [c for c in DriverClass if c is not DRIVER])
def test_no_drug_without_a_validated_driver(kb: KnowledgeBase, make: Any, driver_class: DriverClass) -> None:
    variants = [make(name, driver_class=driver_class) for name in ("EGFR_L858R", "BRAF_V600E", "KRAS_G12")]
    for code in ("NSCLC", "MEL", "COADREAD", "AML"):
        result = assess_sample(kb, variants, code, None, {})
        del result["options_without_biomarker"]
        said = json.dumps(result).casefold()
        assert not [drug for drug in DRUGS if drug in said]
        assert result["headline"][0]["kind"] == "none"


@given(classes=st.lists(st.sampled_from(list(DriverClass)), min_size=3, max_size=3))
def test_every_shown_variant_is_a_validated_driver(kb: KnowledgeBase, make: Any, classes: list[DriverClass]) -> None:
    names = ("EGFR_L858R", "BRAF_V600E", "KRAS_G12")
    variants = [make(name, driver_class=found) for name, found in zip(names, classes, strict=True)]
    for code in ("NSCLC", "COADREAD"):
        result = assess_sample(kb, variants, code, None, {})
        for row in (*result["therapies"], *result["resistance"]):
            assert all(variants[index].driver_class is DRIVER for index in row["variants"])


@pytest.mark.parametrize(
    ("flag", "words"),
    [
        ("germline_suspect", "confirm by a germline test"),
        ("chip_suspect", "confirm in tissue or white blood cells"),
        ("artefact_suspect", "confirm with a second method"),
        ("low_support", "confirm with a second method"),
    ],
)
def test_flags_become_conditions(kb: KnowledgeBase, make: Any, flag: str, words: str) -> None:
    row = by_id(assess_sample(kb, [make("BRCA1_LOF", flags=(flag,))], "MEL", None, {}))["OLA"]
    assert words in row["conditions"][0]["text"]
    assert row["conditions"][0]["state"] == "unknown"


def test_a_filtered_call_asks_for_confirmation(kb: KnowledgeBase, make: Any) -> None:
    variant = make("EGFR_L858R", observation={"filter": "strand_bias"})
    row = by_id(assess_sample(kb, [variant], "NSCLC", None, {}))["OSI"]
    assert row["conditions"] == [
        {"text": "EGFR p.Leu858Arg carries the caller's filter strand_bias: confirm the call", "state": "unknown"}
    ]


def test_markers_are_asked_for_and_used(kb: KnowledgeBase) -> None:
    without = assess_sample(kb, [], "NSCLC", None, {})
    assert without["therapies"] == []
    assert [(row["marker_id"], row["state"], row["reason"]) for row in without["markers"]] == [
        ("PD-L1_TPS", "not_assessed", "no marker input")
    ]
    measured = {"PD-L1_TPS": MeasuredMarker(MarkerState.DETECTED, "80")}
    row = by_id(assess_sample(kb, [], "NSCLC", None, {}, markers=measured))["PEMBRO"]
    assert (row["biomarkers"], row["variants"], row["state"]) == (["PD-L1_TPS"], [], "met")


def test_resistance_found_and_to_watch(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("EGFR_T790M")], "NSCLC", None, {"prior_therapies": "Osimertinib:2025-01"})
    assert [(row["kind"], row["alteration_id"], row["variants"]) for row in result["resistance"]] == [
        ("found", "EGFR_T790M", [0]),
        ("to_watch", "EGFR_C797S", []),
    ]
    listed = assess_sample(kb, [make("EGFR_L858R")], "LUAD", None, {})
    assert {row["alteration_id"] for row in listed["resistance"]} == {"EGFR_T790M", "EGFR_C797S"}
    assert assess_sample(kb, [], "NSCLC", None, {})["resistance"] == []
    assert assess_sample(kb, [make("EGFR_T790M")], "MEL", None, {})["resistance"] == []


def test_options_without_biomarker_stand_apart(kb: KnowledgeBase) -> None:
    assert [o["option_id"] for o in assess_sample(kb, [], "LUAD", None, {})["options_without_biomarker"]] == ["CHEMO"]
    assert assess_sample(kb, [], "MEL", None, {})["options_without_biomarker"] == []


def test_a_condition_switches_the_tumour_logic_off(kb: KnowledgeBase, make: Any) -> None:
    result = assess_sample(kb, [make("RPE65_R91W"), make("BRAF_V600E")], None, "disease:RPE65", {})
    assert order(result) == ["GENE"]
    assert result["therapies"][0]["tumour_match"] == "exact"


def test_germline_line_names_no_drug(kb: KnowledgeBase, make: Any) -> None:
    variant = make("BRCA1_LOF", flags=("germline_suspect",), driver_class=DriverClass.LIKELY_DRIVER)
    lines = assess_sample(kb, [variant], "MEL", None, {})["headline"]
    assert [line["kind"] for line in lines] == ["none", "germline"]
    assert "BRCA1" in lines[1]["text"]


def test_unknown_tumour_type(kb: KnowledgeBase) -> None:
    with pytest.raises(UsageError, match="is not a tumour type code"):
        assess_sample(kb, [], "NSCLCC", None, {})


def test_results_fit_the_document(kb: KnowledgeBase, make: Any, root: Path) -> None:
    schema = json.loads((root / "workflow/schemas/document.schema.json").read_text(encoding="utf-8"))
    names = ("EGFR_L858R", "EGFR_T790M", "BRAF_V600E", "KRAS_G12", "EGFR_EX20INS")
    variants = [make(name, flags=("germline_suspect",)) for name in names]
    for code in ("NSCLC", "COADREAD", "MEL", "LUNG", "AML"):
        result = assess_sample(kb, variants, code, None, {})
        assert len(result["headline"]) <= 6
        for part in ("therapies", "withheld", "resistance", "options_without_biomarker", "markers", "headline"):
            Draft202012Validator({**schema["properties"][part], "$defs": schema["$defs"]}).validate(result[part])
        tier = schema["$defs"]["variant"]["properties"]["tier"]
        Draft202012Validator({"type": "array", "items": tier}).validate(result["tiers"])


def test_order_of_the_tables_does_not_matter(kb: KnowledgeBase, make: Any) -> None:
    from dataclasses import replace

    shuffled = replace(kb, claims=dict(reversed(kb.claims.items())), resistance=dict(reversed(kb.resistance.items())))
    variants = [make("EGFR_L858R"), make("EGFR_T790M"), make("BRAF_V600E", "BRAF_V600")]
    assert assess_sample(kb, variants, "NSCLC", None, {}) == assess_sample(shuffled, variants, "NSCLC", None, {})
