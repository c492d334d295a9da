"""Two public tumours (TCGA, as PCGR ships them) with their copy-number and fusion tables, in both assemblies."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

BUILDS = ("GRCh37", "GRCh38")
FUSIONS_OF_BOTH = {"BCR::ABL1", "EML4::ALK", "KIAA1549::BRAF", "EWSR1::FLI1", "PAX3::FOXO1", "CCDC6::RET"}
"""Fusions that both tables list: the table of GRCh37 lists more than that of GRCh38."""


@pytest.fixture(scope="module", params=[("COAD", "COAD"), ("BRCA", "BRCA")], ids=lambda pair: pair[0])
def pair(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory, reading: ModuleType
) -> tuple[str, dict[str, dict[str, Any]]]:
    name, tumour_type = request.param
    documents = {}
    for build in BUILDS:
        stem = f"pcgr_T001-{name}"
        arguments = {
            "vcf": f"vcf/{stem}.tcga.{build.lower()}.vcf.gz",
            "cna": f"vcf/{stem}.{build.lower()}.cna.tsv",
            "fusions": f"vcf/{stem}.{build.lower()}.fusions.tsv",
            "fasta": f"reference/{build}.sparse.fa.gz",
            "gff3": f"reference/{build}.genes.gff3",
            "assembly": build,
            "tumour-type": tumour_type,
            "purity": "0.6",
        }
        documents[build] = reading.annotate(f"T001-{name}", arguments, shared_data, tmp_path_factory.mktemp(build))
    return name, documents


def calls(document: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {
        (
            row["gene"],
            row["hgvsc"],
            row["hgvsp"],
            row["driver_class"],
        )
        for row in document["variants"]
    }


def claims_of(document: dict[str, Any], terms: set[str]) -> set[tuple[str, str, str]]:
    """Claims that rest on nothing but these terms."""
    return {
        (row["claim_id"], row["state"], row["tumour_match"])
        for row in document["therapies"]
        if set(row["biomarkers"]) <= terms
    }


@pytest.mark.real_data
def test_both_assemblies_give_the_same_calls_and_claims(pair: tuple[str, dict[str, dict[str, Any]]]) -> None:
    _, documents = pair
    old, new = (documents[build] for build in BUILDS)
    assert calls(old) == calls(new)
    copies = [
        [(row["label"], row["value"], row["driver_class"]) for row in document["events"] if row["kind"] != "fusion"]
        for document in (old, new)
    ]
    assert [row for row in copies[0] if "rearrangement" not in row[0]] == copies[1]
    terms = {"BRAF_V600E", "BRAF_V600", "PIK3CA_H1047R", "ERBB2_AMP", "RET_FUSION", "ALK_FUSION"}
    assert claims_of(old, terms) == claims_of(new, terms)
    assert claims_of(new, terms)


@pytest.mark.real_data
@pytest.mark.parametrize("build", BUILDS)
def test_copy_numbers_and_fusions_are_told_as_what_they_are(
    pair: tuple[str, dict[str, dict[str, Any]]], build: str
) -> None:
    events = {row["label"]: row for row in pair[1][build]["events"]}
    assert events["ERBB2 amplification"]["driver_class"] == "validated_driver"
    assert events["ERBB2 amplification"]["value"] == "9 copies"
    # nothing curates it: listed, without consequence
    assert events["NRAS amplification"]["driver_class"] == "uncertain"
    for fusion in FUSIONS_OF_BOTH:
        assert events[f"{fusion} fusion"]["driver_class"] == "validated_driver", fusion
    # written with the kinase as 5' partner: no curated fusion, so no TRK inhibitor on the strength of it
    assert events["NTRK1::TPM3 fusion"]["alterations"] == []
    assert not [row for row in pair[1][build]["therapies"] if "NTRK1_FUSION" in row["biomarkers"]]


@pytest.mark.real_data
@pytest.mark.parametrize("build", BUILDS)
def test_claims_follow_the_tumour_type(pair: tuple[str, dict[str, dict[str, Any]]], build: str) -> None:
    name, documents = pair
    document = documents[build]
    shown = {row["claim_id"]: row for row in document["therapies"]}
    here = {name for name, row in shown.items() if row["tumour_match"] in ("exact", "descendant", "pan_tumour")}
    assert "RET_FUSION_SOLID_SELPERCATINIB" in here
    # evidence of leukaemia and lung cancer stays evidence of other tumours
    assert not here & {"BCR_ABL1_CML_IMATINIB", "ALK_FUSION_NSCLC_CRIZOTINIB"}
    if name == "COAD":
        assert shown["BRAF_V600E_COADREAD_ENCORAFENIB_CETUXIMAB"]["state"] == "met"
        assert shown["ERBB2_AMP_COADREAD_CETUXIMAB_RESISTANT"]["direction"] == "resistant"
        assert "BRAF_V600E_SOLID_DABRAFENIB_TRAMETINIB" in {row["claim_id"] for row in document["withheld"]}
        assert shown["HER2_POSITIVE_RAS_WT_COADREAD_TUCATINIB_TRASTUZUMAB"]["state"] == "unknown"
    else:
        assert shown["ERBB2_AMP_BRCA_TRASTUZUMAB"]["state"] == "met"
        texts = [condition["text"] for condition in shown["ERBB2_AMP_BRCA_TRASTUZUMAB"]["conditions"]]
        assert any("immunohistochemistry" in text for text in texts)
        # hormone receptors and HER2 were not given
        assert shown["PIK3CA_BRCA_ALPELISIB_FULVESTRANT"]["state"] == "unknown"
        assert not [row for row in document["therapies"] if row["biomarker_id"] == "HER2_POSITIVE"]


@pytest.mark.real_data
@pytest.mark.parametrize("build", BUILDS)
def test_without_coverage_nothing_is_ruled_out(pair: tuple[str, dict[str, dict[str, Any]]], build: str) -> None:
    document = pair[1][build]
    small = [row for row in document["negatives"] if row["variant_class"] in ("snv", "deletion", "insertion", "splice")]
    assert small
    assert {row["state"] for row in small} <= {"detected", "not_assessed"}
