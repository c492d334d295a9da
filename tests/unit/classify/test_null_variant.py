"""OVS1 strength by strength: decay, escape, frame, start, whole gene; and that a lowered code adds up."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from targetboard.classify.could_change import could_change
from targetboard.classify.facts import read_facts
from targetboard.classify.null_variant import STRENGTHS, Fate, fate_of, null_variant
from targetboard.classify.oncogenicity import assess
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import CriterionStatus

STOP, SHIFT, START = ("stop_gained",), ("frameshift_variant",), ("start_lost",)
DONOR, ACCEPTOR = ("splice_donor_variant",), ("splice_acceptor_variant",)
# 900 coding bases in five exons: exon 2 keeps the frame when it is skipped (300 bases), exon 3 does not (100).
GEOMETRY = {"coding_exon_ends": "903:200,500,600,700"}


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    genes = [
        {"gene": name, "role": "tumour_suppressor", "lof_mechanism": True, "transcript_refseq": "NM_1.1"}
        for name in ("BARE", "KNOWN", "RECUR")
    ]
    protein = "M" + "A" * 48 + "M" + "A" * 250 + "*"
    return small.make_kb(  # type: ignore[no-any-return]
        genes=genes,
        proteins=[
            {"gene": name, "transcript": "NM_1.1", "start": 1, "residues": protein, "verified_in": "made up"}
            for name in ("KNOWN", "RECUR")
        ],
        hotspots=[
            {"gene": "RECUR", "residue": "280", "residue_count": 20, "change": "*", "change_count": 10},
            {"gene": "KNOWN", "residue": "295", "residue_count": 20, "change": "*", "change_count": 9},
            {"gene": "KNOWN", "residue": "30", "residue_count": 20, "change": "T", "change_count": 10},
        ],
        domains=[{"gene": "KNOWN", "name": "site", "codon_first": 281, "codon_last": 284, "sources": ("PMID:1",)}],
    )


def exon(number: int, total: int, **extra: str) -> dict[str, Any]:
    return {"exon": number, "exon_total": total, "extra": extra}


CASES: list[tuple[str, str, tuple[str, ...], dict[str, Any], Fate]] = [
    # the 50-nucleotide rule by exon ends: the last junction lies behind base 700
    ("BARE", "p.Ala100Ter", STOP, {"extra": GEOMETRY}, Fate.DECAY),
    ("BARE", "p.Ala216Ter", STOP, {"extra": GEOMETRY}, Fate.DECAY),
    ("BARE", "p.Ala217Ter", STOP, {"extra": GEOMETRY}, Fate.MUCH_LOST),
    ("BARE", "p.Ala290Ter", STOP, {"extra": GEOMETRY}, Fate.LITTLE_LOST),
    # a frameshift is judged by its new stop, where that is stated
    ("BARE", "p.Ala200fs", SHIFT, {"extra": GEOMETRY}, Fate.DECAY),
    ("BARE", "p.Ala200ThrfsTer80", SHIFT, {"extra": GEOMETRY}, Fate.LITTLE_LOST),
    ("BARE", "p.Ala10Ter", STOP, {"extra": {"coding_exon_ends": "903:"}}, Fate.MUCH_LOST),
    # by exon numbers
    ("KNOWN", "p.Ala100Ter", STOP, exon(3, 5), Fate.DECAY),
    ("KNOWN", "p.Ala100Ter", STOP, exon(4, 5), Fate.UNKNOWN),
    ("KNOWN", "p.Ala100Ter", STOP, exon(5, 5), Fate.CRITICAL_LOST),
    ("KNOWN", "p.Ala290Ter", STOP, exon(5, 5), Fate.LITTLE_LOST),
    ("KNOWN", "p.Ala283Ter", STOP, exon(5, 5), Fate.CRITICAL_LOST),
    ("BARE", "p.Ala283Ter", STOP, exon(5, 5), Fate.SHARE_UNKNOWN),
    ("BARE", "p.Ala283Ter", STOP, exon(5, 5, Protein_position="283/300"), Fate.LITTLE_LOST),
    ("BARE", "p.Ala83Ter", STOP, exon(3, 5, NMD="NMD_escaping_variant"), Fate.SHARE_UNKNOWN),
    # truncations further down recur in tumours: the shorter protein has no function
    ("RECUR", "p.Ala100Ter", STOP, exon(5, 5), Fate.RECURRENT),
    ("RECUR", "p.Ala280Ter", STOP, exon(5, 5), Fate.RECURRENT),
    ("RECUR", "p.Ala281Ter", STOP, exon(5, 5), Fate.LITTLE_LOST),
    # without exons: near the end of the protein it may be the last one
    ("KNOWN", "p.Ala100Ter", STOP, {}, Fate.UNKNOWN),
    ("KNOWN", "p.Ala290Ter", STOP, {}, Fate.NEAR_END),
    ("BARE", "p.Ala290Ter", STOP, {}, Fate.UNKNOWN),
    # splice sites: intron N follows exon N
    ("BARE", "", DONOR, {"intron": 2, "extra": GEOMETRY}, Fate.MUCH_LOST),
    ("KNOWN", "", ACCEPTOR, {"intron": 1, "extra": GEOMETRY}, Fate.MUCH_LOST),
    ("BARE", "", DONOR, {"intron": 3, "extra": GEOMETRY}, Fate.DECAY),
    ("BARE", "", ACCEPTOR, {"intron": 4, "extra": GEOMETRY}, Fate.MUCH_LOST),
    ("BARE", "", ACCEPTOR, {"intron": 4, "exon_total": 5}, Fate.SHARE_UNKNOWN),
    ("BARE", "", DONOR, {"intron": 2, "exon_total": 5}, Fate.UNKNOWN),
    ("BARE", "", DONOR, {}, Fate.UNKNOWN),
    # start loss: the next methionine is residue 50; residue 30 is a hotspot of KNOWN only
    ("KNOWN", "p.Met1?", START, {}, Fate.START_CRITICAL),
    ("RECUR", "p.Met1?", START, {}, Fate.START_ONLY),
    ("BARE", "p.Met1?", START, {}, Fate.START_UNKNOWN),
    ("BARE", "", ("transcript_ablation",), {}, Fate.WHOLE_GENE),
    ("BARE", "", ("exon_loss_variant",), {"exon": 3, "extra": GEOMETRY}, Fate.DECAY),
    ("BARE", "", ("exon_loss_variant",), {"exon": 2, "extra": GEOMETRY}, Fate.MUCH_LOST),
    # exons 2 to 3 hold 400 bases together: the frame is lost; 2 alone keeps it
    ("BARE", "", (*ACCEPTOR, *DONOR), {"exon": 2, "extra": {**GEOMETRY, "exons_lost": "2-3"}}, Fate.DECAY),
    ("BARE", "", (*ACCEPTOR, *DONOR), {"exon": 2, "extra": {**GEOMETRY, "exons_lost": "2-2"}}, Fate.MUCH_LOST),
]


@pytest.mark.parametrize(("gene", "hgvsp", "terms", "consequence", "fate"), CASES)
def test_fate(
    small: ModuleType,
    kb: KnowledgeBase,
    gene: str,
    hgvsp: str,
    terms: tuple[str, ...],
    consequence: dict[str, Any],
    fate: Fate,
) -> None:
    variant = small.make_variant(gene, hgvsp, terms, consequence=consequence)
    facts = read_facts(variant, kb)
    assert fate_of(facts, kb)[0] is fate
    found = null_variant(facts, kb)
    assert found.status is CriterionStatus.MET
    assert (found.points, found.reach) == (STRENGTHS[fate].points, STRENGTHS[fate].reach)
    assert STRENGTHS[fate].words in found.evidence


def test_a_lowered_code_is_printed_and_added_with_its_strength(small: ModuleType, kb: KnowledgeBase) -> None:
    result = assess(small.make_variant("KNOWN", "p.Ala290Ter", STOP, consequence=exon(5, 5)), kb)
    assert result is not None
    counted = [(c.code, c.points) for c in result.criteria if c.status is CriterionStatus.MET]
    assert counted == [("OVS1_moderate", 2)]
    assert (result.points, result.classification) == (2, "VUS")
    full = assess(small.make_variant("KNOWN", "p.Ala100Ter", STOP, consequence=exon(2, 5)), kb)
    assert full is not None
    assert [c.code for c in full.criteria if c.status is CriterionStatus.MET] == ["OVS1"]
    assert full.points == 8


def test_what_is_missing_widens_the_range(small: ModuleType, kb: KnowledgeBase) -> None:
    open_share = assess(small.make_variant("BARE", "p.Ala283Ter", STOP, consequence=exon(5, 5)), kb)
    known_share = assess(
        small.make_variant("BARE", "p.Ala283Ter", STOP, consequence=exon(5, 5, Protein_position="283/300")), kb
    )
    assert open_share is not None
    assert known_share is not None
    assert open_share.points == known_share.points == 2
    assert open_share.points_range[1] == known_share.points_range[1] + 2


def test_a_restored_frame_is_no_null_variant(small: ModuleType, kb: KnowledgeBase) -> None:
    variant = small.make_variant("KNOWN", "p.Ala100fs", SHIFT)
    variant.frame_restored_by = "record 7"
    found = null_variant(read_facts(variant, kb), kb)
    assert found.status is CriterionStatus.NOT_MET
    assert "record 7" in found.evidence


def test_what_would_change_the_class(small: ModuleType, kb: KnowledgeBase) -> None:
    result = assess(small.make_variant("KNOWN", "p.Ala100Gly"), kb)
    sentences = could_change(result)
    assert "+1 point: OP4 if absent from gnomAD or extremely rare there" in sentences
    assert any(s.startswith("-8 points: SBVS1 if above 5 %") and s.endswith("(-8 points, Benign)") for s in sentences)
    assert could_change(None) == []
    near = assess(small.make_variant("KNOWN", "p.Ala100Ter", STOP), kb)
    assert near is not None
    assert near.points == 8
    assert any(s.endswith("(12 points, Oncogenic)") and "OS2" in s for s in could_change(near))
