"""MAF export: coordinates, classes and safe cells."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.export.maf import COLUMNS, MafAllele, classification, maf, maf_allele

DOCUMENTS = Path(__file__).resolve().parents[2] / "data" / "documents"


def document(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text(encoding="utf-8"))
    return found


def rows(text: str) -> list[dict[str, str]]:
    version, table = text.split("\n", 1)
    assert version == "#version 2.4"
    return list(csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE))


@pytest.mark.parametrize(
    ("vcf", "expected"),
    [
        ((55191822, "T", "G"), MafAllele(55191822, 55191822, "T", "G", "SNP")),
        ((140453136, "AC", "TT"), MafAllele(140453136, 140453137, "AC", "TT", "DNP")),
        ((100, "ACG", "TTT"), MafAllele(100, 102, "ACG", "TTT", "TNP")),
        ((100, "ACGT", "TTTA"), MafAllele(100, 103, "ACGT", "TTTA", "ONP")),
        ((171410539, "C", "CTCTG"), MafAllele(171410539, 171410540, "-", "TCTG", "INS")),
        ((55174771, "AGGAATTAAGAGAAGC", "A"), MafAllele(55174772, 55174786, "GGAATTAAGAGAAGC", "-", "DEL")),
        ((55174772, "GGAATTAAGA", "AAT"), MafAllele(55174772, 55174781, "GGAATTAAGA", "AAT", "DEL")),
        ((100, "AC", "TGGG"), MafAllele(100, 101, "AC", "TGGG", "INS")),
    ],
)
def test_alleles_lose_their_anchor_and_get_maf_coordinates(vcf: tuple[int, str, str], expected: MafAllele) -> None:
    assert maf_allele(*vcf) == expected


BASES = st.text("ACGT", min_size=1, max_size=6)


@given(st.integers(2, 10**8), BASES, BASES)
def test_every_allele_spans_its_reference_bases(pos: int, ref: str, alt: str) -> None:
    made = maf_allele(pos, ref, alt)
    if made.ref == "-":
        assert (made.end - made.start, made.variant_type) == (1, "INS")
    else:
        assert made.end - made.start + 1 == len(made.ref)
        assert ref.endswith(made.ref)
    assert "" not in (made.ref, made.alt)


@pytest.mark.parametrize(
    ("term", "ref", "alt", "expected"),
    [
        ("missense_variant", "A", "C", "Missense_Mutation"),
        ("stop_gained&frameshift_variant", "A", "C", "Nonsense_Mutation"),
        ("frameshift_variant", "-", "TCTG", "Frame_Shift_Ins"),
        ("frameshift_variant", "AC", "-", "Frame_Shift_Del"),
        ("protein_altering_variant", "ACGT", "A", "In_Frame_Del"),
        ("protein_altering_variant", "A", "ACGT", "In_Frame_Ins"),
        ("protein_altering_variant", "A", "ACG", "Frame_Shift_Ins"),
        ("protein_altering_variant", "AC", "GT", "Missense_Mutation"),
        ("splice_acceptor_variant", "A", "C", "Splice_Site"),
        ("upstream_gene_variant", "A", "C", "5'Flank"),
        ("", "A", "C", "Targeted_Region"),
        ("no_such_term", "A", "C", "Targeted_Region"),
    ],
)
def test_classification_follows_term_and_allele(term: str, ref: str, alt: str, expected: str) -> None:
    assert classification(term, MafAllele(1, 1, ref, alt, "SNP")) == expected


def test_one_row_a_variant_with_the_classes_beside() -> None:
    given_document = document("nsclc_egfr_t790m")
    table = rows(maf([given_document]))
    assert len(table) == len(given_document["variants"])
    found = {row["HGVSp_Short"]: row for row in table}
    assert found["p.L858R"]["targetboard_driver_class"] == "validated_driver"
    assert found["p.L858R"]["Variant_Classification"] == "Missense_Mutation"
    assert found["p.L858R"]["Tumor_Sample_Barcode"] == given_document["sample"]["sample_id"]
    assert found["p.L858R"]["t_ref_count"] == ""  # other alleles at the site are not known


def test_flags_of_inherited_findings_follow_consent() -> None:
    read = document("nsclc_egfr_t790m")
    for variant in read["variants"]:
        variant["flags"] = ["germline_suspect", "low_support"]
    read["sample"]["clinical"]["consent_germline"] = "withdrawn"
    assert {row["targetboard_flags"] for row in rows(maf([read]))} == {"low_support"}


def test_a_failed_document_adds_no_row() -> None:
    assert rows(maf([document("failed_build")])) == []


def test_hostile_text_stays_one_cell_and_no_formula() -> None:
    given_document = document("hostile")
    text = maf([given_document])
    assert len(text.splitlines()) == 2 + len(given_document["variants"])
    for row in rows(text):
        assert set(row) == set(COLUMNS)
        assert not any(cell.startswith(("=", "@", "+cmd")) for cell in row.values())
