"""Pertinent negatives from all inputs: found, not found, and what cannot be said."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from targetboard.action.events import sample_events
from targetboard.action.negatives import Absences, assess_absences
from targetboard.action.tumour_types import TumourTypes
from targetboard.inputs.assay import Assay, ClassValidation
from targetboard.inputs.copy_number import GeneCopies
from targetboard.inputs.coverage import Coverage, Stretch
from targetboard.inputs.fusions import Fusion
from targetboard.inputs.sample_inputs import SampleInputs
from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Allele, Assembly

CALLED = {name: ClassValidation(True, 0.05) for name in ("snv", "deletion", "insertion", "splice", "amplification")}


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    return load([Path(__file__).resolve().parents[3] / "resources/knowledge"])


def assess(base: KnowledgeBase, code: str, inputs: SampleInputs, purity: float | None = 0.6) -> Absences:
    events = sample_events(inputs.copies or (), inputs.fusions or (), base, purity=purity)
    return assess_absences(base, TumourTypes(base.tumour_types), code, Assembly.GRCH38, [], events, inputs, purity)


def everywhere(depth: int, **holes: tuple[str, int, int]) -> Coverage:
    rows = {str(chrom): [Stretch(1, 300_000_000, float(depth), depth)] for chrom in (*range(1, 23), "X")}
    for chrom, start, end in holes.values():
        rows[chrom] = [
            Stretch(1, start - 1, float(depth), depth),
            Stretch(start, end, 20.0, 20),
            Stretch(end + 1, 300_000_000, float(depth), depth),
        ]
    return Coverage("table", {chrom: tuple(own) for chrom, own in rows.items()})


def states(found: Absences) -> dict[str, str]:
    return {row["label"]: row["state"] for row in found.rows}


def test_without_coverage_no_negative_is_stated(base: KnowledgeBase) -> None:
    found = assess(base, "COADREAD", SampleInputs())
    assert set(states(found).values()) == {"not_assessed"}
    assert found.adequacy.verdict == "not_stated"
    assert not found.wild_type_genes
    assert not found.shown_absent


def test_where_a_call_could_not_be_judged_no_absence_is_stated(base: KnowledgeBase) -> None:
    inputs = SampleInputs(Assay("P", minimum_depth=200, classes=CALLED), everywhere(600))

    def judged(code: str, *unjudged: Allele) -> Absences:
        types = TumourTypes(base.tumour_types)
        return assess_absences(base, types, code, Assembly.GRCH38, [], [], inputs, 0.6, unjudged)

    deletion = Allele("7", 55174776, "TTAAGAGAAG", "T")
    shown, open_ = judged("LUAD"), judged("LUAD", deletion)
    assert (states(shown)["EGFR exon 19"], states(open_)["EGFR exon 19"]) == ("not_detected", "inconclusive")
    assert (states(open_)["EGFR exon 20"], open_.adequacy) == ("not_detected", shown.adequacy)
    (reason,) = (row["reason"] for row in open_.rows if row["label"] == "EGFR exon 19")
    assert reason.startswith("7:55174776 TTAAGAGAAG>T was called here and could not be judged")
    assert "EGFR_EX19DEL" in shown.shown_absent - open_.shown_absent
    # two neighbours in codon 12 of KRAS written as one change: no wild type, and no change of the codon is absent
    codon = Allele("12", 25245350, "CC", "AA")
    assert "KRAS" in judged("COAD").wild_type_genes - judged("COAD", codon).wild_type_genes
    assert "KRAS_G12C" in judged("COAD").shown_absent - judged("COAD", codon).shown_absent


def test_full_coverage_shows_ras_wild_type(base: KnowledgeBase) -> None:
    inputs = SampleInputs(Assay("P", minimum_depth=200, classes=CALLED), everywhere(600))
    found = assess(base, "COAD", inputs)
    assert {"KRAS", "NRAS"} <= found.wild_type_genes
    assert "KRAS_G12C" in found.shown_absent
    assert found.adequacy.verdict == "adequate"
    assert states(found)["ERBB2 amplification"] == "not_assessed"


def test_one_failed_codon_leaves_ras_open(base: KnowledgeBase) -> None:
    nras_61 = base.negatives["COADREAD_NRAS_CODONS_59_61"].regions(Assembly.GRCH38)[0]
    chrom, span = nras_61.split(":")
    start, end = (int(part) for part in span.split("-"))
    inputs = SampleInputs(Assay("P", minimum_depth=200, classes=CALLED), everywhere(600, hole=(chrom, start, end)))
    found = assess(base, "COADREAD", inputs)
    assert "KRAS" in found.wild_type_genes
    assert "NRAS" not in found.wild_type_genes
    assert "20x is below 200x" in found.open_wild_types["NRAS"]
    assert found.adequacy.verdict == "limited"


def test_a_covered_exon_shows_that_a_class_of_deletions_is_absent(base: KnowledgeBase) -> None:
    assay = Assay("P", minimum_depth=200, classes=CALLED)
    assert "EGFR_EX19DEL" in assess(base, "LUAD", SampleInputs(assay, everywhere(600))).shown_absent
    hole = everywhere(600, hole=("7", 55174780, 55174790))
    assert "EGFR_EX19DEL" not in assess(base, "LUAD", SampleInputs(assay, hole)).shown_absent


@pytest.mark.parametrize(
    ("classes", "fusions", "state"),
    [
        ({"fusion_dna": False, "fusion_rna": True}, [], "not_detected"),
        ({"fusion_dna": True}, [], "inconclusive"),
        ({"fusion_dna": False, "fusion_rna": False}, [], "not_assessed"),
        ({"fusion_rna": True}, None, "not_assessed"),
        ({"fusion_rna": True}, [Fusion("EML4", "ALK", None, None, 9, True, True, "t")], "detected"),
        ({"fusion_rna": True}, [Fusion("EML4", "ALK", None, None, 9, False, True, "t")], "not_detected"),
    ],
)
def test_a_fusion_is_ruled_out_by_rna_only(
    base: KnowledgeBase, classes: dict[str, bool], fusions: Any, state: str
) -> None:
    assay = Assay("P", classes={name: ClassValidation(called) for name, called in classes.items()})
    found = assess(base, "NSCLC", SampleInputs(assay, None, None, fusions))
    assert states(found)["ALK fusion"] == state


@pytest.mark.parametrize(
    ("copies", "state"),
    [
        ([GeneCopies("MET", 14, 14, None, 1.0, "t")], "detected"),
        ([GeneCopies("MET", 2, 2, None, 1.0, "t")], "not_detected"),
        ([GeneCopies("MET", 2, 2, None, 0.4, "t")], "not_assessed"),
        ([], "not_assessed"),
        (None, "not_assessed"),
    ],
)
def test_amplification_needs_a_covered_gene(base: KnowledgeBase, copies: Any, state: str) -> None:
    assert states(assess(base, "NSCLC", SampleInputs(copies=copies)))["MET amplification"] == state


def test_low_purity_is_inconclusive_and_inadequate(base: KnowledgeBase) -> None:
    inputs = SampleInputs(Assay("P", minimum_depth=200, minimum_purity=0.2, classes=CALLED), everywhere(600))
    found = assess(base, "MEL", inputs, purity=0.06)
    assert states(found)["BRAF V600"] == "inconclusive"
    assert found.adequacy.verdict == "inadequate"
    assert not found.shown_absent
