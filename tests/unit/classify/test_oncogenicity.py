"""Each code: met, not met, not evaluable, on a small knowledge base."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.codes import BY_MEANING, Meaning
from targetboard.classify.facts import read_facts
from targetboard.classify.oncogenicity import assess, findings
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import CriterionStatus, MatchLevel, Variant

FIVE = {f"gnomADe_{population}_AF": "0" for population in ("AFR", "AMR", "EAS", "NFE", "SAS")}


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "ONCO", "transcript_refseq": "NM_1.1"},
            {"gene": "TSG", "role": "tumour_suppressor", "lof_mechanism": True, "last_pathogenic_codon": 400},
            {"gene": "OPEN", "role": "tumour_suppressor", "lof_mechanism": True},
            {"gene": "QUIET", "role": "tumour_suppressor", "lof_mechanism": False},
            {"gene": "BLOOD", "role": "oncogene", "chip_gene": True},
            {"gene": "OTHER", "role": "none"},
            {"gene": "FAR", "transcript_refseq": "NM_9.1"},
        ],
        proteins=[{"gene": "ONCO", "transcript": "NM_1.1", "start": 599, "residues": "TVKS", "verified_in": "x"}],
        alterations=[
            {"alteration_id": "ONCO_V600E", "gene": "ONCO", "label": "ONCO V600E", "protein_changes": ("p.Val600Glu",)},
            {"alteration_id": "ONCO_L10P", "gene": "ONCO", "label": "ONCO L10P", "protein_changes": ("p.Leu10Pro",)},
            {
                "alteration_id": "ONCO_T20M",
                "gene": "ONCO",
                "label": "ONCO T20M",
                "protein_changes": ("p.Thr20Met",),
                "effect": "resistance",
            },
            {
                "alteration_id": "ONCO_A30T",
                "gene": "ONCO",
                "label": "ONCO A30T",
                "protein_changes": ("p.Ala30Thr",),
                "verified_in": "unverified",
            },
            {
                "alteration_id": "ONCO_G40R",
                "gene": "ONCO",
                "label": "ONCO G40R",
                "protein_changes": ("p.Gly40Arg",),
                "mechanism": "transforms cells",
                "verified_in": "CIViC EID1 (Functional)",
            },
            {
                "alteration_id": "ONCO_G41R",
                "gene": "ONCO",
                "label": "ONCO G41R",
                "protein_changes": ("p.Gly41Arg",),
                "kind": "neutral",
                "effect": "neutral",
                "verified_in": "CIViC EID2 (Functional)",
            },
            {
                "alteration_id": "TSG_LOF",
                "gene": "TSG",
                "label": "TSG loss of function",
                "event": "loss_of_function",
                "effect": "loss_of_function",
                "excludes": ("p.Arg50Ter", "TSG_BENIGN"),
            },
            {
                "alteration_id": "TSG_BENIGN",
                "gene": "TSG",
                "label": "TSG benign frameshift",
                "event": "allele",
                "kind": "neutral",
                "effect": "neutral",
            },
        ],
        alleles=[{"alteration_id": "ONCO_V600E", "chrom": "1", "pos": 100, "ref": "A", "alt": "T"}],
        hotspots=[
            {
                "gene": "ONCO",
                "residue": residue,
                "reference_aa": aa,
                "residue_count": n,
                "change": to,
                "change_count": k,
            }
            for residue, aa, n, to, k in [
                ("600", "V", 897, "E", 833),
                ("600", "V", 897, "K", 9),
                ("61", "Q", 50, "R", 10),
                ("62", "E", 49, "K", 10),
                ("63", "E", 49, "K", 9),
                ("45-50", "LREATS", 60, "L46_S50del", 12),
                ("X90_splice", "", 60, "splice", 55),
            ]
        ],
        domains=[
            {"gene": "ONCO", "name": "activation loop", "codon_first": 594, "codon_last": 605, "sources": ("PMID:9",)},
            {"gene": "ONCO", "name": "whole kinase domain", "codon_first": 400, "codon_last": 700, "kind": "domain"},
        ],
    )


def status(kb: KnowledgeBase, variant: Variant, meaning: Meaning) -> CriterionStatus:
    finding = findings(read_facts(variant, kb), kb)[meaning]
    assert finding.evidence
    return finding.status


MET, NOT_MET, OPEN = CriterionStatus.MET, CriterionStatus.NOT_MET, CriterionStatus.NOT_EVALUABLE
STOP, SPLICE = ("stop_gained",), ("splice_donor_variant",)
DELETION = {"allele": ("1", 100, "CAAA", "C"), "terms": ("inframe_deletion",)}
CASES: list[tuple[Meaning, CriterionStatus, str, str, dict[str, Any]]] = [
    (Meaning.NULL_VARIANT, MET, "TSG", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, MET, "TSG", "p.Arg400Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, NOT_MET, "TSG", "p.Arg401Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, NOT_MET, "TSG", "p.Arg50Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, NOT_MET, "TSG", "p.Lys20fs", {"terms": ("frameshift_variant",), "matches": ("TSG_BENIGN",)}),
    (Meaning.NULL_VARIANT, MET, "TSG", "", {"terms": SPLICE, "consequence": {"hgvsc": "c.300+1G>A"}}),
    (Meaning.NULL_VARIANT, NOT_MET, "TSG", "", {"terms": SPLICE, "consequence": {"hgvsc": "c.1300+1G>A"}}),
    (Meaning.NULL_VARIANT, OPEN, "TSG", "", {"terms": SPLICE}),
    (Meaning.NULL_VARIANT, NOT_MET, "TSG", "p.Arg100Gln", {}),
    (Meaning.NULL_VARIANT, MET, "OPEN", "p.Arg100Ter", {"terms": STOP, "consequence": {"exon": 2, "exon_total": 5}}),
    (Meaning.NULL_VARIANT, MET, "OPEN", "p.Arg900Ter", {"terms": STOP, "consequence": {"exon": 5, "exon_total": 5}}),
    (Meaning.NULL_VARIANT, MET, "OPEN", "p.Arg9Ter", {"terms": STOP, "consequence": {"exon": 1, "exon_total": 1}}),
    (Meaning.NULL_VARIANT, NOT_MET, "QUIET", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, NOT_MET, "ONCO", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.NULL_VARIANT, OPEN, "UNLISTED", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.SAME_PROTEIN_CHANGE, MET, "ONCO", "p.Val600Glu", {"allele": ("1", 100, "AC", "TT")}),
    (Meaning.SAME_PROTEIN_CHANGE, NOT_MET, "ONCO", "p.Val600Glu", {"allele": ("1", 100, "A", "T")}),
    (Meaning.SAME_PROTEIN_CHANGE, NOT_MET, "ONCO", "p.Val600Lys", {}),
    (Meaning.SAME_PROTEIN_CHANGE, OPEN, "ONCO", "p.Leu10Pro", {}),
    (Meaning.SAME_PROTEIN_CHANGE, NOT_MET, "ONCO", "p.Thr20Met", {}),
    (Meaning.SAME_PROTEIN_CHANGE, NOT_MET, "ONCO", "p.Ala30Thr", {}),
    (Meaning.SAME_PROTEIN_CHANGE, OPEN, "ONCO", "", {}),
    (Meaning.SAME_PROTEIN_CHANGE, NOT_MET, "TSG", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.FUNCTION_ONCOGENIC, MET, "ONCO", "p.Gly40Arg", {"matches": ("ONCO_G40R",)}),
    (Meaning.FUNCTION_ONCOGENIC, OPEN, "ONCO", "p.Gly40Arg", {"matches": ("ONCO_G40R",), "level": MatchLevel.CODON}),
    (Meaning.FUNCTION_ONCOGENIC, OPEN, "ONCO", "p.Val600Glu", {"matches": ("ONCO_V600E",)}),
    (Meaning.FUNCTION_NEUTRAL, MET, "ONCO", "p.Gly41Arg", {"matches": ("ONCO_G41R",)}),
    (Meaning.FUNCTION_NEUTRAL, OPEN, "ONCO", "p.Gly40Arg", {"matches": ("ONCO_G40R",)}),
    (Meaning.HOTSPOT_STRONG, MET, "ONCO", "p.Val600Glu", {}),
    (Meaning.HOTSPOT_STRONG, MET, "ONCO", "p.Gln61Arg", {}),
    (Meaning.HOTSPOT_STRONG, NOT_MET, "ONCO", "p.Val600Lys", {}),
    (Meaning.HOTSPOT_STRONG, NOT_MET, "ONCO", "p.Glu62Lys", {}),
    (Meaning.HOTSPOT_STRONG, MET, "ONCO", "p.Leu46_Ser50del", DELETION),
    (Meaning.HOTSPOT_STRONG, MET, "ONCO", "", {"terms": SPLICE, "consequence": {"hgvsc": "c.270+1G>A"}}),
    (Meaning.HOTSPOT_STRONG, NOT_MET, "ONCO", "p.Gln61Ter", {"terms": STOP}),
    (Meaning.HOTSPOT_STRONG, OPEN, "ONCO", "p.Lys61Arg", {}),
    (Meaning.HOTSPOT_STRONG, OPEN, "ONCO", "p.Lys600Glu", {}),
    (Meaning.HOTSPOT_STRONG, OPEN, "FAR", "p.Gln61Arg", {}),
    (Meaning.HOTSPOT_STRONG, OPEN, "ONCO", "p.Val600_Lys601delinsGluAsn", {}),
    (Meaning.HOTSPOT_MODERATE, MET, "ONCO", "p.Glu62Lys", {}),
    (Meaning.HOTSPOT_MODERATE, NOT_MET, "ONCO", "p.Glu63Lys", {}),
    (Meaning.HOTSPOT_MODERATE, NOT_MET, "ONCO", "p.Gln61Arg", {}),
    (Meaning.HOTSPOT_MODERATE, OPEN, "UNLISTED", "p.Glu62Lys", {}),
    (Meaning.HOTSPOT_SUPPORTING, MET, "ONCO", "p.Glu63Lys", {}),
    (Meaning.HOTSPOT_SUPPORTING, MET, "ONCO", "p.Val600Lys", {}),
    (Meaning.HOTSPOT_SUPPORTING, MET, "ONCO", "p.Val600Ala", {}),
    (Meaning.HOTSPOT_SUPPORTING, NOT_MET, "ONCO", "p.Val600Glu", {}),
    (Meaning.HOTSPOT_SUPPORTING, NOT_MET, "ONCO", "p.Gly300Ala", {}),
    (Meaning.CRITICAL_DOMAIN, MET, "ONCO", "p.Val600Glu", {}),
    (Meaning.CRITICAL_DOMAIN, NOT_MET, "ONCO", "p.Gly500Ala", {}),
    (Meaning.CRITICAL_DOMAIN, OPEN, "OTHER", "p.Gly500Ala", {}),
    (Meaning.CRITICAL_DOMAIN, NOT_MET, "ONCO", "p.Arg600Ter", {"terms": STOP}),
    (Meaning.LENGTH_CHANGE, MET, "ONCO", "p.Lys5del", DELETION),
    (Meaning.LENGTH_CHANGE, MET, "TSG", "p.Lys5del", DELETION),
    (Meaning.LENGTH_CHANGE, NOT_MET, "OTHER", "p.Lys5del", DELETION),
    (Meaning.LENGTH_CHANGE, MET, "TSG", "p.Ter500GlnextTer?", {"terms": ("stop_lost",)}),
    (Meaning.LENGTH_CHANGE, NOT_MET, "ONCO", "p.Ter500GlnextTer?", {"terms": ("stop_lost",)}),
    (Meaning.LENGTH_CHANGE, NOT_MET, "ONCO", "p.Lys5Arg", {}),
    (Meaning.LENGTH_CHANGE, OPEN, "UNLISTED", "p.Lys5del", DELETION),
    # V600E has Grantham distance 121; V600D 152 is no milder, V600A 64 is.
    (Meaning.SAME_RESIDUE, MET, "ONCO", "p.Val600Asp", {}),
    (Meaning.SAME_RESIDUE, NOT_MET, "ONCO", "p.Val600Ala", {}),
    (Meaning.SAME_RESIDUE, NOT_MET, "ONCO", "p.Val600Glu", {}),
    (Meaning.SAME_RESIDUE, NOT_MET, "ONCO", "p.Thr20Lys", {}),
    (Meaning.SAME_RESIDUE, OPEN, "FAR", "p.Val600Asp", {}),
    (Meaning.SINGLE_AETIOLOGY, OPEN, "TSG", "p.Arg100Ter", {"terms": STOP}),
    (Meaning.SILENT, NOT_MET, "ONCO", "p.Val600Glu", {}),
    (Meaning.SILENT, OPEN, "ONCO", "p.Val600=", {"terms": ("synonymous_variant",)}),
]  # fmt: skip


@pytest.mark.parametrize(("meaning", "expected", "gene", "hgvsp", "options"), CASES)
def test_code(
    small: ModuleType,
    kb: KnowledgeBase,
    meaning: Meaning,
    expected: CriterionStatus,
    gene: str,
    hgvsp: str,
    options: dict[str, Any],
) -> None:
    assert status(kb, small.make_variant(gene, hgvsp, **options), meaning) is expected


def _annotated(small: ModuleType, gene: str = "ONCO", hgvsp: str = "p.Gly300Ala", **extra: str) -> Variant:
    return small.make_variant(gene, hgvsp, consequence={"extra": extra})  # type: ignore[no-any-return]


POPULATION_CASES: list[tuple[str, dict[str, str], str, str, str]] = [
    # gene, fields, OP4, SBVS1, SBS1
    ("ONCO", {}, "not_evaluable", "not_evaluable", "not_evaluable"),
    ("ONCO", dict.fromkeys(FIVE, ""), "not_evaluable", "not_evaluable", "not_evaluable"),
    ("ONCO", FIVE, "met", "not_met", "not_met"),
    ("ONCO", {**FIVE, "gnomADe_EAS_AF": "0.00009"}, "met", "not_met", "not_met"),
    ("ONCO", {**FIVE, "gnomADe_EAS_AF": "0.0001"}, "not_met", "not_met", "not_met"),
    ("ONCO", {**FIVE, "gnomADe_EAS_AF": "0.01"}, "not_met", "not_met", "not_met"),
    ("ONCO", {**FIVE, "gnomADe_EAS_AF": "0.011"}, "not_met", "not_met", "met"),
    ("ONCO", {**FIVE, "gnomADe_EAS_AF": "0.05"}, "not_met", "not_met", "met"),
    ("ONCO", {**FIVE, "gnomADg_SAS_AF": "0.051"}, "not_met", "met", "met"),
    ("ONCO", {"gnomADe_AF": "0.00001"}, "not_evaluable", "not_evaluable", "not_evaluable"),
    ("ONCO", {"gnomADe_AF": "0.3"}, "not_met", "met", "met"),
    ("ONCO", {"AF_grpmax": "0.00002"}, "met", "not_met", "not_met"),
    ("ONCO", {"gnomADe_AF": "nonsense"}, "not_evaluable", "not_evaluable", "not_evaluable"),
    ("BLOOD", {**FIVE, "gnomADe_NFE_AF": "0.0007"}, "not_evaluable", "not_met", "not_met"),
    ("BLOOD", {**FIVE, "gnomADe_NFE_AF": "0.2"}, "not_met", "met", "met"),
    ("BLOOD", FIVE, "met", "not_met", "not_met"),
]


@pytest.mark.parametrize(("gene", "fields", "rare", "very_common", "common"), POPULATION_CASES)
def test_population_codes(
    small: ModuleType,
    kb: KnowledgeBase,
    gene: str,
    fields: dict[str, str],
    rare: str,
    very_common: str,
    common: str,
) -> None:
    found = findings(read_facts(_annotated(small, gene, **fields), kb), kb)
    expected = (rare, very_common, common)
    meanings = (Meaning.POPULATION_ABSENT, Meaning.POPULATION_VERY_COMMON, Meaning.POPULATION_COMMON)
    assert tuple(found[meaning].status for meaning in meanings) == expected


PREDICTOR_CASES: list[tuple[dict[str, str], str, str]] = [
    ({}, "not_evaluable", "not_evaluable"),
    ({"REVEL": "0.9"}, "met", "not_met"),
    ({"REVEL": "0.2"}, "not_met", "met"),
    ({"CADD_PHRED": "30"}, "not_evaluable", "not_evaluable"),
    ({"CADD_PHRED": "30", "am_class": "likely_pathogenic"}, "met", "not_met"),
    ({"am_pathogenicity": "0.564"}, "met", "not_met"),
    ({"am_pathogenicity": "0.5639"}, "not_met", "not_met"),
    ({"am_pathogenicity": "0.34"}, "not_met", "met"),
    # inputs of REVEL are no lines beside it
    ({"REVEL": "0.9", "SIFT": "tolerated(0.5)", "PolyPhen": "benign(0.01)"}, "met", "not_met"),
    ({"REVEL": "0.9", "phyloP100way_vertebrate": "8"}, "met", "not_met"),
    ({"REVEL": "0.9", "phyloP100way_vertebrate": "3"}, "met", "not_met"),
    ({"REVEL": "0.9", "phyloP100way_vertebrate": "-1.2"}, "not_met", "not_met"),
    # a predicted splice effect is a line against "no effect"; its absence is none for an effect
    ({"REVEL": "0.2", "SpliceAI_DS_max": "0.2"}, "not_met", "not_met"),
    ({"REVEL": "0.2", "SpliceAI_DS_max": "0.1"}, "not_met", "met"),
    ({"REVEL": "0.9", "SpliceAI_DS_max": "0"}, "met", "not_met"),
    ({"REVEL": "0.644", "am_class": "likely_pathogenic"}, "met", "not_met"),
    ({"REVEL": "0.643", "am_class": "likely_pathogenic"}, "not_met", "not_met"),
    ({"REVEL": "0.290", "am_class": "likely_benign"}, "not_met", "met"),
    ({"REVEL": "0.9", "am_class": "likely_benign"}, "not_met", "not_met"),
    ({"SIFT": "deleterious(0)", "PolyPhen": "probably_damaging(0.999)"}, "met", "not_met"),
    ({"SIFT": "tolerated(0.5)", "PolyPhen": "benign(0.01)"}, "not_met", "met"),
    ({"SIFT": "deleterious_low_confidence(0)", "PolyPhen": "probably_damaging(1)"}, "not_evaluable", "not_evaluable"),
]


@pytest.mark.parametrize(("fields", "oncogenic", "neutral"), PREDICTOR_CASES)
def test_predictor_codes(
    small: ModuleType, kb: KnowledgeBase, fields: dict[str, str], oncogenic: str, neutral: str
) -> None:
    found = findings(read_facts(_annotated(small, **fields), kb), kb)
    assert found[Meaning.COMPUTED_ONCOGENIC].status == oncogenic
    assert found[Meaning.COMPUTED_NEUTRAL].status == neutral


@pytest.mark.parametrize(
    ("score", "expected"), [("0.19", "not_evaluable"), ("0.2", "not_met"), ("0.95", "not_met"), ("", "not_evaluable")]
)
def test_synonymous_with_splice_prediction(small: ModuleType, kb: KnowledgeBase, score: str, expected: str) -> None:
    extra = {"SpliceAI_pred_DS_AG": score} if score else {}
    variant = small.make_variant("ONCO", "p.Val600=", ("synonymous_variant",), consequence={"extra": extra})
    assert status(kb, variant, Meaning.SILENT) == expected


SILENT_CASES = [
    ({"SpliceAI_DS_max": "0.1", "PhyloP": "1.879"}, "met"),
    ({"SpliceAI_DS_max": "0.11", "PhyloP": "1.0"}, "not_met"),
    ({"SpliceAI_DS_max": "0", "PhyloP": "1.88"}, "not_met"),
    ({"PhyloP": "5"}, "not_met"),
    ({"PhyloP": "0"}, "not_evaluable"),
]


@pytest.mark.parametrize(("extra", "expected"), SILENT_CASES)
def test_silent_needs_splicing_and_conservation(
    small: ModuleType, kb: KnowledgeBase, extra: dict[str, str], expected: str
) -> None:
    variant = small.make_variant("ONCO", "p.Val600=", ("synonymous_variant",), consequence={"extra": extra})
    found = findings(read_facts(variant, kb), kb)
    assert found[Meaning.SILENT].status == expected
    # the same fact is not counted twice
    assert found[Meaning.COMPUTED_NEUTRAL].status != MET


@pytest.mark.parametrize(("score", "oncogenic", "neutral"), [("0.2", MET, NOT_MET), ("0.1", NOT_MET, MET)])
def test_splice_region_is_judged_by_splice_prediction(
    small: ModuleType, kb: KnowledgeBase, score: str, oncogenic: str, neutral: str
) -> None:
    extra = {"SpliceAI_pred": f"TSG|0.00|{score}|0.00|0.00|1|2|3|4"}
    variant = small.make_variant("TSG", "", ("splice_region_variant",), consequence={"extra": extra})
    found = findings(read_facts(variant, kb), kb)
    assert found[Meaning.COMPUTED_ONCOGENIC].status == oncogenic
    assert found[Meaning.COMPUTED_NEUTRAL].status == neutral


@pytest.mark.parametrize(
    ("gene", "lineage", "expected"),
    [
        ("RB1", ("RBL", "EYE", "TISSUE"), "met"),
        ("RB1", ("LUAD", "LUNG", "TISSUE"), "not_met"),
        ("ONCO", ("RBL", "EYE", "TISSUE"), "not_met"),
        ("RB1", (), "not_evaluable"),
    ],
)
def test_single_aetiology(small: ModuleType, gene: str, lineage: tuple[str, ...], expected: str) -> None:
    base = small.make_kb(genes=[{"gene": "RB1", "role": "tumour_suppressor"}, {"gene": "ONCO"}])
    variant = small.make_variant(gene, "p.Arg50Ter", STOP)
    assert findings(read_facts(variant, base), base, lineage)[Meaning.SINGLE_AETIOLOGY].status == expected


@pytest.mark.parametrize("spelling", ["p.Thr751dup", "p.Thr751_Ser752insThr", "p.Ala750_Thr751insThr"])
def test_a_hotspot_insertion_is_found_in_every_spelling(small: ModuleType, spelling: str) -> None:
    base = small.make_kb(
        genes=[{"gene": "ONCO", "transcript_refseq": "NM_1.1"}],
        proteins=[
            {"gene": "ONCO", "transcript": "NM_1.1", "start": 745, "residues": "KELREATSPKAN", "verified_in": "x"}
        ],
        hotspots=[
            {"gene": "ONCO", "residue": "751", "residue_count": 30, "change": "T751dup", "change_count": 20},
            {"gene": "ONCO", "residue": "745-759", "residue_count": 156, "change": "E746_A750del", "change_count": 123},
        ],
    )
    variant = small.make_variant("ONCO", spelling, ("inframe_insertion",), allele=("1", 5, "A", "AACG"))
    found = findings(read_facts(variant, base), base)
    assert "20 with this change" in found[Meaning.HOTSPOT_STRONG].evidence
    assert found[Meaning.HOTSPOT_STRONG].status is MET


FUNCTION_CASES = [
    (("oncogenic",), (MET, OPEN)),
    (("neutral",), (OPEN, MET)),
    (("oncogenic", "neutral"), (OPEN, OPEN)),
    ((), (OPEN, OPEN)),
]


@pytest.mark.parametrize(("effects", "expected"), FUNCTION_CASES)
def test_functional_columns(
    small: ModuleType, effects: tuple[str, ...], expected: tuple[CriterionStatus, CriterionStatus]
) -> None:
    rows = [
        {
            "alteration_id": f"ONCO_{number}",
            "gene": "ONCO",
            "label": "ONCO G40R",
            "protein_changes": ("p.Gly40Arg",),
            "functional_effect": effect,
            "functional_sources": ("PMID:5",),
        }
        for number, effect in enumerate(effects)
    ]
    base = small.make_kb(genes=[{"gene": "ONCO"}], alterations=rows)
    variant = small.make_variant("ONCO", "p.Gly40Arg", matches=tuple(str(row["alteration_id"]) for row in rows))
    found = findings(read_facts(variant, base), base)
    assert (found[Meaning.FUNCTION_ONCOGENIC].status, found[Meaning.FUNCTION_NEUTRAL].status) == expected
    if expected[0] is MET:
        assert "PMID:5" in found[Meaning.FUNCTION_ONCOGENIC].evidence


def test_hotspot_variant_adds_up(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = small.make_variant("ONCO", "p.Val600Glu", allele=("1", 100, "A", "T"), consequence={"extra": FIVE})
    result = assess(variant, kb)
    assert result is not None
    # OS3 (OM1 is not counted beside it) and OP4.
    assert [c.code for c in result.criteria if c.status is MET] == ["OS3", "OP4"]
    assert (result.points, result.classification) == (5, "VUS")
    assert result.points_range[0] <= 5 <= result.points_range[1]


def test_missing_inputs_are_named(small: ModuleType, kb: KnowledgeBase) -> None:
    result = assess(small.make_variant("ONCO", "p.Gly300Ala"), kb)
    assert result is not None
    assert result.points == 0
    population = next(c for c in result.criteria if c.code == "OP4")
    assert population.status is OPEN
    assert "its absence is not absence from the population" in population.evidence
    assert [c.code for c in result.criteria] == [BY_MEANING[meaning].name for meaning in Meaning]


@pytest.mark.parametrize("options", [{"annotated": False}, {"terms": ("coding_sequence_variant",)}, {"terms": ()}])
def test_without_a_consequence_nothing_is_judged(small: ModuleType, kb: KnowledgeBase, options: dict[str, Any]) -> None:
    assert assess(small.make_variant("ONCO", **options), kb) is None
