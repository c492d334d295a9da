"""The patient document: changes with gaps, warnings of a swap, resistance over samples, the same bytes again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from targetboard.patient.clones import clonality
from targetboard.patient.document import patient_document
from targetboard.report.document import dump


def compared(documents: list[dict[str, Any]], root: Path) -> dict[str, Any]:
    digests = {document["sample"]["sample_id"]: "0" * 64 for document in documents}
    found = patient_document(documents, digests, "0" * 64)
    schema = json.loads((root / "workflow/schemas/patient.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(found, schema)
    assert dump(found) == dump(patient_document(documents, digests, "0" * 64))
    return found


def at(day: str, **more: str) -> dict[str, str]:
    return {"collection_date": day, **more}


def test_alleles_that_no_sample_could_judge_are_a_limit_of_the_comparison(root: Path, make_document: Callable) -> None:
    unjudged = [{"code": "alleles_not_evaluated", "text": "1 allele"}]
    documents = [
        make_document("A", clinical=at("2024-01-01"), limitations=unjudged),
        make_document("B", clinical=at("2025-01-01")),
    ]
    texts = {note["code"]: note["text"] for note in compared(documents, root)["limitations"]}
    assert "could not be judged in A, since" in texts["alleles_not_evaluated"]
    assert "alleles_not_evaluated" not in {n["code"] for n in compared(documents[1:], root)["limitations"]}


def test_a_variant_that_comes_back_is_persistent_with_its_gap(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    entry = make_variant("EGFR", 1500, "p.Leu858Arg", alteration="EGFR_X")
    other = make_variant("KRAS", 1600, "p.Gly12Cys", alteration="KRAS_X")
    purity = {"purity": 0.5}
    documents = [
        make_document("A", variants=[entry, other], sample=purity, clinical=at("2024-01-01")),
        make_document("B", variants=[other], sample=purity, clinical=at("2025-01-01")),
        make_document("C", variants=[entry, other], sample=purity, clinical=at("2026-01-01")),
    ]
    change = compared(documents, root)["variants"][0]["change"]
    assert change["tokens"] == ["persistent"]
    assert "In between, at time point 2 (2025-01-01): not detected." in change["text"]


def test_different_tumour_types_and_nothing_in_common_are_warned_of(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    melanoma = {"tumour_type": {"code": "MEL", "name": "Melanoma", "lineage": ["MEL", "SKIN"]}}
    one = make_variant("EGFR", 1500, alteration="EGFR_X")
    other = make_variant("BRAF", 1600, alteration="BRAF_X")
    documents = [make_document("A", variants=[one]), make_document("B", variants=[other], sample=melanoma)]
    warnings = compared(documents, root)["warnings"]
    assert any("LUAD, MEL" in text for text in warnings)
    assert any("A and B share no finding" in text for text in warnings)
    same = compared([make_document("A", variants=[one]), make_document("B", variants=[dict(one)])], root)
    assert same["warnings"] == []


def resistance(alteration: str, after: list[str], following: list[str]) -> dict[str, Any]:
    return {
        "kind": "found",
        "alteration_id": alteration,
        "mechanism": "second change",
        "after": after,
        "next_line": following,
        "variants": [0],
        "sources": ["CIViC:EID1"],
        "verified_in": "civic",
    }


def test_a_next_line_names_a_resistance_to_it_in_another_sample(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    first = make_variant("EGFR", 1500, "p.Thr790Met", alteration="EGFR_T790M")
    second = make_variant("EGFR", 1600, "p.Cys797Ser", alteration="EGFR_C797S")
    documents = [
        make_document(
            "LIVER",
            variants=[second],
            clinical=at("2026-01-01", site="liver"),
            resistance=[resistance("EGFR_C797S", ["osimertinib"], [])],
        ),
        make_document(
            "LUNG",
            variants=[first],
            clinical=at("2026-01-01"),
            resistance=[resistance("EGFR_T790M", ["erlotinib"], ["osimertinib"])],
        ),
    ]
    found = {row["alteration_id"]: row for row in compared(documents, root)["resistance"]}
    expected = "osimertinib (but a resistance to it was found: EGFR_C797S in LIVER)"
    assert found["EGFR_T790M"]["next_line"] == [expected]


def test_a_next_line_that_was_given_says_so(root: Path, make_document: Callable, make_variant: Callable) -> None:
    entry = make_variant("EGFR", 1500, "p.Thr790Met", alteration="EGFR_T790M")
    given = at("2026-01-01", prior_therapies="erlotinib|osimertinib")
    rows = [resistance("EGFR_T790M", ["erlotinib"], ["osimertinib"])]
    documents = [
        make_document("A", clinical=at("2024-01-01"), sample={"purity": 0.5}),
        make_document("B", variants=[entry], clinical=given, resistance=rows, sample={"purity": 0.5}),
    ]
    assert compared(documents, root)["resistance"][0]["next_line"] == ["osimertinib (given before)"]


def test_a_change_older_than_its_drug_is_not_new(root: Path, make_document: Callable, make_variant: Callable) -> None:
    entry = make_variant("KRAS", 1500, "p.Gly12Asp", alteration="KRAS_X")
    rows = [resistance("KRAS_X", ["cetuximab"], [])]
    documents = [
        make_document("A", variants=[entry], clinical=at("2024-01-01")),
        make_document("B", variants=[dict(entry)], clinical=at("2025-01-01"), resistance=rows),
    ]
    found = compared(documents, root)
    assert found["resistance"][0]["is_new"] is False
    assert found["resistance"][0]["first_time"] == 0
    assert not any(line["text"].startswith("New at") for line in found["headline"])


def test_a_weak_first_detection_asks_for_confirmation(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    entry = make_variant("EGFR", 1500, "p.Thr790Met", alteration="EGFR_T790M", flags=["low_support"])
    rows = [resistance("EGFR_T790M", ["erlotinib"], ["osimertinib"])]
    documents = [
        make_document("A", clinical=at("2024-01-01"), sample={"purity": 0.5}),
        make_document("B", variants=[entry], clinical=at("2025-01-01"), resistance=rows, sample={"purity": 0.5}),
    ]
    assert "[low support: confirm]" in compared(documents, root)["headline"][0]["text"]


def test_uncertain_variants_never_stand_in_the_headline(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    entry = make_variant("NF1", 1500, "p.Tyr2476Cys")
    documents = [
        make_document("A", clinical=at("2024-01-01"), sample={"purity": 0.5}),
        make_document("B", variants=[entry], clinical=at("2025-01-01"), sample={"purity": 0.5}),
    ]
    found = compared(documents, root)
    assert found["variants"][0]["change"]["tokens"] == ["acquired"]
    assert "NF1" not in json.dumps(found["headline"])


@pytest.mark.parametrize(
    ("bounds", "plasma", "expected"),
    [
        ([0.8, 1.0], False, "clonal"),
        ([0.5, 0.99], False, "intermediate"),
        ([0.2, 0.5], False, "intermediate"),
        ([0.1, 0.49], False, "subclonal"),
        (None, False, "unknown"),
        ([0.8, 1.0], True, "unknown"),
    ],
)
def test_clonality(bounds: list[float] | None, plasma: bool, expected: str) -> None:
    assert clonality({"ccf": bounds}, plasma=plasma) == expected


def test_documents_before_coverage_was_kept_cannot_show_an_absence(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    older = make_document("A", clinical=at("2024-01-01"))
    del older["coverage"]
    entry = make_variant("EGFR", 1500, alteration="EGFR_X")
    newer = make_document("B", variants=[entry], clinical=at("2025-01-01"))
    assert compared([older, newer], root)["variants"][0]["change"]["tokens"] == ["unknown"]


def test_an_absence_at_another_place_is_said_though_its_own_place_was_sampled(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    entry = make_variant("EGFR", 1500, alteration="EGFR_X")
    purity = {"purity": 0.5}
    uncovered = {"kind": "table", "stretches": {}}
    documents = [
        make_document("LUNG-1", clinical=at("2024-01-01"), sample=purity, coverage=uncovered),
        make_document("LIVER-1", clinical=at("2024-01-01", site="liver"), sample=purity),
        make_document("LUNG-2", clinical=at("2025-01-01"), sample=purity, variants=[entry]),
    ]
    change = compared(documents, root)["variants"][0]["change"]
    assert change["tokens"] == ["acquired"]
    assert change["other_place"] is True
    documents[0]["coverage"] = documents[1]["coverage"]
    assert compared(documents, root)["variants"][0]["change"]["other_place"] is False


@pytest.mark.parametrize(
    ("gene", "vaf", "sample", "told"),
    [
        ("KRAS", 0.01, {}, True),
        ("NRAS", None, {}, True),
        ("KRAS", 0.06, {}, False),
        ("EGFR", 0.01, {}, False),
        ("KRAS", 0.01, {"normal_column": "WBC"}, False),
    ],
)
def test_a_low_fraction_of_kras_in_plasma_is_no_proof_of_tumour_dna(
    root: Path, make_document: Callable, make_variant: Callable, gene: str, vaf: float | None, sample: dict, told: bool
) -> None:
    low = make_variant(gene, 1600, alteration="LOW_X", vaf=vaf)
    documents = [
        make_document("A", variants=[make_variant("MET", 1500, alteration="MET_X")], clinical=at("2024-01-01")),
        make_document("B", variants=[low], clinical=at("2025-01-01", specimen_type="plasma"), sample=sample),
    ]
    found = compared(documents, root)
    entry = next(row for row in found["variants"] if row["gene"] == gene)
    assert ("not taken as proof" in entry["origin_reason"]) is told
    assert (found["samples"][1]["shows_tumour"] == "") is told
    assert any("may stem from blood cells" in line["text"] for line in found["headline"]) is told


def test_a_low_fraction_in_plasma_that_tissue_shows_as_well_is_of_the_tumour(
    root: Path, make_document: Callable, make_variant: Callable
) -> None:
    entry = make_variant("KRAS", 1500, alteration="KRAS_X")
    documents = [
        make_document("A", variants=[entry], clinical=at("2024-01-01")),
        make_document("B", variants=[{**entry, "vaf": 0.01}], clinical=at("2025-01-01", specimen_type="plasma")),
    ]
    found = compared(documents, root)
    assert found["variants"][0]["origin_reason"] == ""
    assert found["samples"][1]["shows_tumour"] != ""
