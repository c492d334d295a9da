"""Cis neighbours become one change; without phase evidence both readings stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from targetboard.model import Allele, InputAllele, Observation, Phase, TranscriptConsequence
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.joined import CODON_TABLE, join_neighbours, joined_codon


def consequence(codons: str, codon: int = 600, transcript: str = "NM_004333.6") -> TranscriptConsequence:
    return TranscriptConsequence(
        "BRAF", transcript, ("missense_variant",), "CSQ", codon=codon, extra={"Codons": codons}
    )


def candidate(pos: int, ref: str, alt: str, codons: str, phase: Phase | None, record: int, vaf: float) -> Candidate:
    return Candidate(
        Allele("7", pos, ref, alt),
        InputAllele(record, record + 9, "7", pos, ref, alt, 0),
        Observation(vaf, "AD", 200, round(200 * vaf), "PASS", phase=phase),
        (consequence(codons),) if codons else (),
    )


def pair(one: Phase | None, other: Phase | None) -> list[Candidate]:
    """BRAF p.Val600Lys as two SNVs on GRCh37 (minus strand: GTG to AAG)."""
    return [
        candidate(140453136, "A", "T", "gTg/gAg", one, 1, 0.30),
        candidate(140453137, "C", "T", "Gtg/Atg", other, 2, 0.28),
    ]


def chosen(found: Candidate) -> TranscriptConsequence | None:
    return found.consequences[0] if found.consequences else None


def test_genetic_code_is_complete() -> None:
    assert len(CODON_TABLE) == 64
    assert (CODON_TABLE["ATG"], CODON_TABLE["GTG"], CODON_TABLE["AAG"], CODON_TABLE["TGA"]) == ("M", "V", "K", "*")
    assert sorted(codon for codon, residue in CODON_TABLE.items() if residue == "*") == ["TAA", "TAG", "TGA"]


def test_cis_pair_is_one_change_with_the_weaker_support() -> None:
    kept, gone = join_neighbours(pair(Phase("s", 1, "PS and GT"), Phase("s", 1, "PS and GT")), chosen, None, None)
    assert len(gone) == 2
    (joined,) = kept
    assert joined.allele == Allele("7", 140453136, "AC", "TT")
    assert joined.consequences[0].hgvsp == "p.Val600Lys"
    assert joined.observation.vaf == 0.28
    assert joined.joined_records == (1, 2)
    assert "on one haplotype" in joined.notes[-1]


@pytest.mark.parametrize("other", [None, Phase("another set", 1, "PS and GT")])
def test_without_evidence_both_readings_stand(other: Phase | None) -> None:
    kept, gone = join_neighbours(pair(Phase("s", 1, "PS and GT"), other), chosen, None, None)
    assert not gone
    assert [found.allele.alt for found in kept] == ["T", "T"]
    for found in kept:
        assert "phase not determined" in found.notes[-1]
        assert "p.Val600Lys" in found.notes[-1]


def test_trans_pair_stays_apart() -> None:
    kept, gone = join_neighbours(pair(Phase("s", 0, "PS and GT"), Phase("s", 1, "PS and GT")), chosen, None, None)
    assert not gone
    assert all("different haplotypes" in found.notes[-1] for found in kept)
    assert all("Val600Lys" not in found.notes[-1] for found in kept)


def test_cis_pair_whose_joint_effect_is_unknown_loses_nothing() -> None:
    cis = Phase("s", 1, "PS and GT")
    members = pair(cis, cis)
    members[1].consequences = (consequence("Gtg/Atg", codon=601),)
    kept, gone = join_neighbours(members, chosen, None, None)
    assert not gone
    assert all("joint effect was not evaluated" in found.notes[-1] for found in kept)


def test_unannotated_cis_pair_is_joined_for_exact_matching() -> None:
    cis = Phase("s", 1, "PID and PGT")
    members = pair(cis, cis)
    for member in members:
        member.consequences = ()
    kept, _ = join_neighbours(members, chosen, None, None)
    assert [found.allele for found in kept] == [Allele("7", 140453136, "AC", "TT")]


@pytest.mark.parametrize(
    ("codons", "terms", "hgvsp"),
    [
        (("Gtg/Atg", "gTg/gAg"), ("missense_variant",), "p.Val600Lys"),
        (("Ctg/Ttg", "ctG/ctA"), ("synonymous_variant",), "p.Leu600="),
        (("Cga/Tga", "cgA/cgG"), ("missense_variant",), "p.Arg600Trp"),
        (("tCa/tAa", "tcA/tcG"), ("stop_gained",), "p.Ser600Ter"),
    ],
)
def test_joined_codon(codons: tuple[str, str], terms: tuple[str, ...], hgvsp: str) -> None:
    found = joined_codon([consequence(text) for text in codons])
    assert found is not None
    assert (found.terms, found.hgvsp) == (terms, hgvsp)


@pytest.mark.parametrize(
    "members",
    [
        [consequence("gTg/gAg")],
        [consequence("gTg/gAg"), consequence("gTg/gCg")],
        [consequence("gTg/gAg"), consequence("Atg/Gtg")],
        [consequence("gTg/gAg"), consequence("")],
        [consequence("gTg/gAg"), consequence("Gtg/Atg", transcript="other")],
    ],
)
def test_joined_codon_never_guesses(members: list[TranscriptConsequence]) -> None:
    assert joined_codon(members) is None


def test_every_joint_effect_is_computed_in_one_call_and_none_for_trans_pairs() -> None:
    """Each call reads the gene models anew; what lies on different haplotypes has no joint effect to ask for."""
    calls: list[list[Allele]] = []

    def compute(alleles: Sequence[Allele]) -> list[tuple[TranscriptConsequence, ...]]:
        calls.append(list(alleles))
        return [(replace(consequence(""), hgvsp=f"p.Val{allele.pos}Lys"),) for allele in alleles]

    members = [
        candidate(pos + step, "A", "C", "", phase, pos, 0.2)
        for pos, phases in (
            (100, (None, None)),
            (200, (Phase("s", 0, "PS and GT"), Phase("s", 1, "PS and GT"))),
            (300, (Phase("t", 1, "PS and GT"), Phase("t", 1, "PS and GT"))),
        )
        for step, phase in enumerate(phases)
    ]
    kept, gone = join_neighbours(members, chosen, compute, None)
    assert [[(allele.pos, allele.alt) for allele in call] for call in calls] == [[(100, "CC"), (300, "CC")]]
    assert len(gone) == 2
    assert kept[-1].consequences[0].hgvsp == "p.Val300Lys"
    assert all("they would read p.Val100Lys" in found.notes[-1] for found in kept[:2])
    assert all("different haplotypes" in found.notes[-1] for found in kept[2:4])
