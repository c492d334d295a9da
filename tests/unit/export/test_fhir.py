"""The FHIR bundle: accepted by the library's models, complete, closed, and honest about the five states."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from targetboard.export.fhir import bundle, fhir
from targetboard.export.fhir_codes import ABSENT_REASON, DISPLAYS, GUIDE, LOINC
from targetboard.signing.status import SIGN_OUT

DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json"))


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def resources(made: dict[str, Any], profile: str) -> list[dict[str, Any]]:
    return [
        entry["resource"]
        for entry in made["entry"]
        if GUIDE + profile in entry["resource"].get("meta", {}).get("profile", ())
    ]


def components(resource: dict[str, Any], code: str) -> list[dict[str, Any]]:
    return [part for part in resource.get("component", ()) if part["code"]["coding"][0]["code"] == code]


def references(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if "reference" in part:
            yield part["reference"]
        for value in part.values():
            yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


def codings(part: object) -> Iterator[dict[str, str]]:
    if isinstance(part, dict):
        yield from part.get("coding", ())
        for value in part.values():
            yield from codings(value)
    elif isinstance(part, list):
        for value in part:
            yield from codings(value)


@pytest.mark.parametrize("name", NAMES)
def test_the_library_accepts_the_bundle_and_keeps_every_value(name: str) -> None:
    made = json.loads(fhir(document(name)))
    read = Bundle.model_validate(made)
    assert json.loads(read.model_dump_json()) == made


@pytest.mark.parametrize("name", NAMES)
def test_references_resolve_and_identifiers_are_unique(name: str) -> None:
    made = bundle(document(name))
    known = [entry["fullUrl"] for entry in made["entry"]]
    assert len(known) == len(set(known))
    assert set(references(made)) <= set(known)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_profiles_demand_is_there(name: str) -> None:
    made = bundle(document(name))
    report = resources(made, "genomic-report")
    assert len(report) == 1
    assert report[0]["category"][0]["coding"][0]["code"] == "GE"
    listed = {entry["reference"] for entry in report[0].get("result", ())}
    for entry in made["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] != "Observation":
            continue
        assert entry["fullUrl"] in listed
        codes = [category["coding"][0]["code"] for category in resource["category"]]
        assert (codes[0], codes[-1]) == ("laboratory", "GE")
        profile = resource["meta"]["profile"][0].removeprefix(GUIDE)
        if profile.endswith("-implication"):
            assert resource["derivedFrom"], "an implication rests on a finding"
            assert not any(key.startswith("value") for key in resource), "an implication has no value"
        else:
            valued = [key for key in resource if key.startswith("value")] + (
                ["dataAbsentReason"] * ("dataAbsentReason" in resource)
            )
            assert len(valued) == 1, "a finding has one value, or the reason why it has none"


@pytest.mark.parametrize("name", NAMES)
def test_every_loinc_code_is_one_of_the_guide_with_its_display(name: str) -> None:
    used = [
        coding
        for coding in codings(bundle(document(name)))
        if coding["system"] == LOINC and not coding["code"].startswith("LA")
    ]
    assert used
    assert [coding for coding in used if DISPLAYS.get(coding["code"]) != coding["display"]] == []


def test_variants_are_coded_with_coordinates_and_hgvs() -> None:
    given = document("nsclc_egfr_t790m")
    made = bundle(given)
    found = [
        resource
        for resource in resources(made, "variant")
        if any(
            "Leu858Arg" in part["valueCodeableConcept"]["coding"][0]["code"] for part in components(resource, "48005-3")
        )
    ]
    assert len(found) == 1
    variant = found[0]
    own = next(one for one in given["variants"] if one["hgvsp"] == "p.Leu858Arg")
    assert components(variant, "48005-3")[0]["valueCodeableConcept"]["coding"][0]["code"] == "p.(Leu858Arg)"
    assert components(variant, "81254-5")[0]["valueRange"] == {
        "low": {"value": own["pos"]},
        "high": {"value": own["pos"]},
    }
    assert components(variant, "69551-0")[0]["valueString"] == own["alt"]
    assert variant["valueCodeableConcept"]["coding"][0]["display"] == "Present"


@pytest.mark.parametrize(
    ("state", "value", "absent"),
    [
        ("not_detected", "LA9634-2", None),
        ("failed", "LA18198-4", None),
        ("inconclusive", "LA11884-6", None),
        ("not_assessed", None, "not-performed"),
    ],
)
def test_negatives_keep_their_state(state: str, value: str | None, absent: str | None) -> None:
    given = document("nsclc_egfr_t790m")
    given["negatives"] = [{**given["negatives"][0], "state": state, "negative_id": "ASKED", "label": "ASKED"}]
    made = bundle(given)
    told = [
        resource
        for resource in resources(made, "variant")
        if any(part["valueString"].startswith("ASKED: ") for part in components(resource, "conclusion-string"))
    ]
    assert len(told) == 1
    assert told[0].get("valueCodeableConcept", {"coding": [{"code": None}]})["coding"][0]["code"] == value
    reason = told[0].get("dataAbsentReason", {"coding": [{"code": None, "system": ABSENT_REASON}]})["coding"][0]
    assert reason["code"] == absent
    regions = next(
        extension["extension"]
        for extension in resources(made, "genomic-study-analysis")[0]["extension"]
        if extension["url"].endswith("-regions")
    )
    urls = {extension["url"] for extension in regions}
    assert ("called" in urls) == (state == "not_detected")
    assert ("uncalled" in urls) == (state in {"failed", "inconclusive"})
    assert ("studied" in urls) == (state != "not_assessed")


def test_a_conditional_claim_has_words_and_no_response_code() -> None:
    given = document("nsclc_egfr_t790m")
    sure = next(claim for claim in given["therapies"] if claim["direction"] == "sensitive" and claim["variants"])
    open_claim = {**copy.deepcopy(sure), "state": "unknown", "unknown": ["PD-L1 is not known"], "claim_id": "OPEN"}
    given["therapies"] = [{**sure, "state": "met"}, open_claim]
    first, second = (
        components(resource, "therapeutic-implication")[0]["valueCodeableConcept"]
        for resource in resources(bundle(given), "therapeutic-implication")
    )
    assert first["coding"][0]["display"] == "Responsive"
    assert "coding" not in second
    assert second["text"].startswith("conditional")


def test_the_origin_is_somatic_only_beside_a_matched_normal() -> None:
    given = document("nsclc_egfr_t790m")
    origins = {}
    for normal in ("BLOOD", None):
        given["sample"]["normal_column"] = normal
        given["variants"][0]["flags"] = []
        variant = resources(bundle(given), "variant")[0]
        origins[normal] = components(variant, "48002-0")[0]["valueCodeableConcept"]["coding"][0]["display"]
    assert origins == {"BLOOD": "Somatic", None: "Unknown genomic origin"}


@pytest.mark.parametrize(("consent", "known"), [("yes", True), ("no", False), ("withdrawn", False)])
def test_no_origin_is_called_germline_without_consent(consent: str, known: bool) -> None:
    read = document("nsclc_egfr_t790m")
    read["sample"]["clinical"]["consent_germline"] = consent
    for variant in read["variants"]:
        variant["flags"] = ["germline_suspect"]
    assert ("Likely germline" in json.dumps(bundle(read))) is known


def test_a_draft_is_preliminary_and_a_signed_one_final() -> None:
    given = document("nsclc_egfr_t790m")
    report = resources(bundle(given), "genomic-report")[0]
    assert report["status"] == "preliminary"
    given[SIGN_OUT] = {"status": "final", "statement": "Signed out."}
    made = bundle(given)
    assert resources(made, "genomic-report")[0]["status"] == "final"
    assert {resource["status"] for resource in resources(made, "variant")} == {"final"}


def test_a_failed_sample_has_a_cancelled_report_and_no_finding() -> None:
    made = bundle(document("failed_build"))
    report = resources(made, "genomic-report")[0]
    assert report["status"] == "cancelled"
    assert "result" not in report
    assert [entry["resource"]["resourceType"] for entry in made["entry"]] == ["Patient", "Specimen", "DiagnosticReport"]


def test_two_renderings_are_equal_and_carry_no_clock() -> None:
    given = document("nsclc_egfr_t790m")
    assert fhir(given) == fhir(copy.deepcopy(given))
    assert b'"timestamp"' not in fhir(given)
    assert b'"issued"' not in fhir(given)


def test_only_validated_drivers_and_markers_carry_a_drug() -> None:
    given = document("only_uncertain")
    assert not resources(bundle(given), "therapeutic-implication")
