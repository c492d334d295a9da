"""A delins that the caller split into two records is one event again; what its length cannot tell is left unnamed."""

from __future__ import annotations

import pytest

from targetboard.model import Allele, InputAllele, Observation, Phase, TranscriptConsequence
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.joined import join_neighbours, joined_indel

CIS = Phase("s", 1, "PS and GT")


def piece(pos: int, ref: str, alt: str, codon: int, term: str = "frameshift_variant") -> Candidate:
    return Candidate(
        Allele("7", pos, ref, alt),
        InputAllele(pos, pos, "7", pos, ref, alt, 0),
        Observation(0.3, "AD", 200, 60, "PASS", phase=CIS),
        (TranscriptConsequence("EGFR", "NM_005228.3", (term,), "CSQ", codon=codon, exon=19, hgvsp="p.Leu747fs"),),
    )


def chosen(found: Candidate) -> TranscriptConsequence | None:
    return found.consequences[0] if found.consequences else None


def test_two_frameshifts_side_by_side_are_one_in_frame_deletion() -> None:
    members = [piece(100, "ATTAAG", "A", 747), piece(106, "AG", "A", 749)]
    members[1].allele = Allele("7", 105, "GA", "G")
    kept, gone = join_neighbours(members, chosen, None, None)
    assert len(gone) == 2
    (joined,) = kept
    assert len(joined.allele.ref) - len(joined.allele.alt) == 6
    (consequence,) = joined.consequences
    assert (consequence.terms, consequence.codon, consequence.exon) == (("inframe_deletion",), 747, 19)
    assert consequence.hgvsp == ""


def test_pieces_at_a_distance_need_the_bases_between_them() -> None:
    members = [piece(100, "ATT", "A", 747), piece(115, "AG", "A", 752)]
    kept, gone = join_neighbours(members, chosen, None, None)
    assert not gone
    assert all("joint effect was not evaluated" in found.notes[-1] for found in kept)


@pytest.mark.parametrize(
    ("together", "terms", "expected"),
    [
        (Allele("7", 5, "AAAA", "A"), ("frameshift_variant", "frameshift_variant"), "inframe_deletion"),
        (Allele("7", 5, "A", "ACCC"), ("frameshift_variant", "frameshift_variant"), "inframe_insertion"),
        (Allele("7", 5, "AAA", "A"), ("frameshift_variant", "missense_variant"), None),
        (Allele("7", 5, "AAAA", "A"), ("frameshift_variant", "splice_donor_variant"), None),
        (Allele("7", 5, "AAAA", "A"), ("frameshift_variant", "stop_gained"), None),
        (Allele("7", 5, "AT", "CG"), ("missense_variant", "missense_variant"), None),
    ],
)
def test_class_by_net_length(together: Allele, terms: tuple[str, str], expected: str | None) -> None:
    members = [TranscriptConsequence("EGFR", "NM_005228.3", (term,), "CSQ", codon=747) for term in terms]
    found = joined_indel(together, members)
    assert (found.terms[0] if found is not None else None) == expected


def test_pieces_of_two_transcripts_are_not_joined() -> None:
    members = [TranscriptConsequence("EGFR", name, ("frameshift_variant",), "CSQ", codon=747) for name in ("A", "B")]
    assert joined_indel(Allele("7", 5, "AAAA", "A"), members) is None
