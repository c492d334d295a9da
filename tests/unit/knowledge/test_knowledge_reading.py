"""Readings: classes from terms alone, from the protein change alone, and from both; coding places; trust."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from targetboard.knowledge.match import MatchResult, match
from targetboard.knowledge.protein import curated_change, same_event
from targetboard.knowledge.reading import CodingPlace, Reading, coding_place, read
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Allele, Assembly, TranscriptConsequence
from targetboard.vcf.hgvs import parse_protein


def reading_of(kb: KnowledgeBase, terms: str, hgvsp: str, net: int, gene: str = "INVO1", **further: object) -> Reading:
    chrom, transcript = (kb.genes[gene].chrom, kb.genes[gene].transcript_refseq)
    ref, alt = ("A", "A" + "C" * net) if net >= 0 else ("A" + "C" * -net, "A")
    values: dict[str, object] = {"transcript": transcript} | further
    consequence = TranscriptConsequence(
        gene=gene,
        terms=tuple(terms.split("&")) if terms else (),
        source="CSQ",
        hgvsp=hgvsp,
        **values,  # type: ignore[arg-type]
    )
    return read(kb, kb.genes[gene], Assembly.GRCH38, Allele(chrom, 7777, ref, alt if net else "C"), consequence)


@pytest.mark.parametrize(
    ("terms", "hgvsp", "net", "classes"),
    [
        ("frameshift_variant", "", -1, {"frameshift"}),
        ("", "p.Val60fs", -1, {"frameshift"}),
        ("frameshift_variant", "p.Val60fs", -1, {"frameshift"}),
        ("stop_gained", "", 0, {"nonsense"}),
        ("", "p.Val60Ter", 0, {"nonsense"}),
        ("start_lost", "", 0, {"start_lost"}),
        ("", "p.Met1?", 0, {"start_lost"}),
        ("stop_lost", "", 0, {"stop_lost"}),
        ("", "p.Ter131TrpextTer?", 0, {"stop_lost"}),
        ("", "p.Met1ext-5", 0, set()),
        ("synonymous_variant", "", 0, {"synonymous"}),
        ("", "p.Val60=", 0, {"synonymous"}),
        ("splice_region_variant&synonymous_variant", "p.Val60=", 0, {"splice_region", "synonymous"}),
        ("splice_donor_variant", "", 0, {"splice_site"}),
        ("missense_variant", "", 0, {"missense"}),
        ("", "p.Val60Glu", 0, {"missense"}),
        ("synonymous_variant", "p.Val60Glu", 0, {"synonymous"}),
        ("inframe_deletion", "", -3, {"inframe_deletion"}),
        ("inframe_deletion", "", -4, set()),
        ("inframe_insertion", "", 6, {"inframe_insertion"}),
        ("protein_altering_variant", "", -6, {"inframe_deletion"}),
        ("", "p.Glu70del", -3, {"inframe_deletion"}),
        ("", "p.Glu70dup", 3, {"inframe_insertion"}),
        ("", "p.Leu71_Thr75delinsPro", -12, {"inframe_deletion", "delins"}),
        ("", "p.Glu70delinsTrpTrp", 3, {"inframe_insertion", "delins"}),
        ("intron_variant", "", 0, set()),
        ("5_prime_UTR_variant", "", -3, set()),
    ],
)
def test_classes(kb: KnowledgeBase, terms: str, hgvsp: str, net: int, classes: set[str]) -> None:
    assert reading_of(kb, terms, hgvsp, net).classes == classes


@pytest.mark.parametrize(
    ("hgvsp", "net", "classes"),
    [
        ("p.Arg900_Gly902del", -9, {"inframe_deletion"}),
        ("p.Arg900_Gly902dup", 9, {"inframe_insertion"}),
        ("p.Arg900_Gly901insTrp", 3, {"inframe_insertion"}),
        ("p.Arg900_Gly902delinsTrpTrp", -3, {"inframe_deletion", "delins"}),
        ("p.Arg900_Gly901delinsTrpTrpTrp", 3, {"inframe_insertion", "delins"}),
        ("p.Arg900_Gly901delinsTrpTrp", 0, {"missense"}),
    ],
)
def test_classes_outside_every_protein_window(kb: KnowledgeBase, hgvsp: str, net: int, classes: set[str]) -> None:
    reading = reading_of(kb, "", hgvsp, net, gene="EGFR")
    assert reading.edit is None
    assert reading.classes == classes


@pytest.mark.parametrize(
    ("hgvsc", "place"),
    [
        ("c.118-2A>G", CodingPlace(118, -2, 118, -2)),
        ("NM_900001.2:c.198+1_198+4del", CodingPlace(198, 1, 198, 4)),
        ("c.118-2_120del", CodingPlace(118, -2, 120, 0)),
        ("c.179T>A", CodingPlace(179, 0, 179, 0)),
        ("c.-124G>A", None),
        ("c.*12A>G", None),
        ("n.12A>G", None),
        ("", None),
    ],
)
def test_coding_place(hgvsc: str, place: CodingPlace | None) -> None:
    assert coding_place(hgvsc) == place


@pytest.mark.parametrize(
    ("hgvsp", "touched"),
    [
        ("p.Val60Glu", (60, 60)),
        ("p.Glu70_Glu73del", (70, 73)),
        ("p.Ala89_Val91dup", (91, 92)),
        ("p.Val91_Asp92insGly", (91, 92)),
        ("p.Met1?", (1, 1)),
        ("p.=", None),
    ],
)
def test_touched_codons(kb: KnowledgeBase, hgvsp: str, touched: tuple[int, int] | None) -> None:
    assert reading_of(kb, "", hgvsp, 3).touched == touched


def test_a_repeat_is_placed_by_the_three_prime_rule(kb: KnowledgeBase) -> None:
    """GSGS at 100-103: deleting the first GS or the last is one event and touches the last."""
    first, last = (reading_of(kb, "", text, -6) for text in ("p.Gly100_Ser101del", "p.Gly102_Ser103del"))
    assert first.edit == last.edit
    assert first.touched == last.touched == (102, 103)


@pytest.mark.parametrize(
    ("observed", "curated", "same"),
    [
        ("p.Val60fs", "p.Val60GlyfsTer4", False),
        ("p.Val60GlyfsTer4", "p.Val60fs", True),
        ("p.Val60GlyfsTer4", "p.Val60GlyfsTer4", True),
        ("p.Val60GlyfsTer5", "p.Val60GlyfsTer4", False),
        ("p.Val60CysfsTer4", "p.Val60GlyfsTer4", False),
        ("p.Lys61fs", "p.Val60fs", False),
        ("p.Val60Ter", "p.Val60fs", False),
        ("p.?", "p.?", False),
        ("p.Val60=", "p.Val60=", False),
        ("p.Val60Glu", "p.Val60Glu", True),
    ],
)
def test_same_event_without_windows(observed: str, curated: str, same: bool) -> None:
    change, known = parse_protein(observed), curated_change(curated, ())
    assert change is not None
    assert known is not None
    assert same_event(change, None, known) is same


@pytest.mark.parametrize(
    ("exon", "intron", "terms", "ref", "matched"),
    [
        (3, None, "splice_acceptor_variant&splice_donor_variant", "A" * 90, True),
        (3, None, "splice_acceptor_variant&splice_donor_variant", "A", False),
        (3, None, "splice_acceptor_variant", "A" * 90, False),
        (3, None, "splice_donor_variant", "A" * 90, False),
        (None, None, "splice_acceptor_variant&splice_donor_variant", "A" * 90, False),
        (None, None, "exon_loss_variant", "A" * 90, False),
        (3, None, "missense_variant", "A", False),
        (None, 2, "splice_acceptor_variant", "A", True),
    ],
)
def test_whole_exon_deletion(
    kb: KnowledgeBase, exon: int | None, intron: int | None, terms: str, ref: str, matched: bool
) -> None:
    found = TranscriptConsequence(
        gene="INVO1", transcript="NM_900001.2", terms=tuple(terms.split("&")), source="CSQ", exon=exon, intron=intron
    )
    result = match(kb, Assembly.GRCH38, Allele("1", 7777, ref, "A" if len(ref) > 1 else "C"), found, (found,))
    assert ("INVO1_EX3SKIP" in {m.alteration_id for m in result.matches}) is matched


def test_near_misses_end_at_five_codons_and_fifteen_bases(kb: KnowledgeBase) -> None:
    def near(hgvsp: str, pos: int) -> set[str]:
        found = TranscriptConsequence(
            gene="INVO1", transcript="NM_900001.2", terms=("missense_variant",), source="CSQ", hgvsp=hgvsp
        )
        result = match(kb, Assembly.GRCH38, Allele("1", pos, "C", "G"), found, (found,))
        return {miss.alteration_id for miss in result.near_misses}

    assert "INVO1_G12DV" in near("p.Val7Trp", 7777)
    assert "INVO1_G12DV" not in near("p.Asp6Trp", 7777)
    assert "INVO1_PROM" in near("p.Val7Trp", 1876 + 15)
    assert "INVO1_PROM" not in near("p.Val7Trp", 1876 + 16)


def test_a_legacy_exchange_is_named_at_any_distance(kb: KnowledgeBase) -> None:
    found = TranscriptConsequence(
        gene="INVO1", transcript="NM_900101.1", terms=("missense_variant",), source="CSQ", hgvsp="p.Val80Glu"
    )
    result = match(kb, Assembly.GRCH38, Allele("1", 7777, "C", "G"), found, (found,))
    assert result.near_misses[0].alteration_id == "INVO1_EX4DEL"
    assert "INVO1_V60E" in {miss.alteration_id for miss in result.near_misses}


@pytest.mark.parametrize(("pos", "trusted"), [(4178, True), (4182, True), (4183, False), (4175, False), (9000, False)])
def test_anchoring_a_legacy_transcript(kb: KnowledgeBase, pos: int, trusted: bool) -> None:
    """The curated allele of codon 60 lies at 4179 in GRCh38; a codon is three bases wide."""
    consequence = TranscriptConsequence(
        gene="INVO1", transcript="NM_900101.1", terms=("missense_variant",), source="CSQ", hgvsp="p.Val60Met"
    )
    reading = read(kb, kb.genes["INVO1"], Assembly.GRCH38, Allele("1", pos, "C", "G"), consequence)
    assert (reading.untrusted == "") is trusted


def test_anchoring_runs_backwards_on_the_minus_strand(kb: KnowledgeBase) -> None:
    gene = replace(kb.genes["INVT1"], legacy_transcript=("NM_900102.1",))
    for pos, trusted in ((8009, True), (7991, False)):
        consequence = TranscriptConsequence(
            gene="INVT1", transcript="NM_900102.1", terms=("missense_variant",), source="CSQ", hgvsp="p.Pro37Trp"
        )
        reading = read(kb, gene, Assembly.GRCH38, Allele("2", pos, "C", "G"), consequence)
        assert (reading.untrusted == "") is trusted


@pytest.mark.parametrize(
    ("hgvsc", "ref", "matched"),
    [
        ("c.118-20_198+7del", "A" * 109, True),
        ("c.118-20_198+7del", "A", False),
        ("c.118-20_190del", "A" * 90, False),
        ("c.110_198+7del", "A" * 90, False),
        ("c.60-20_198+7del", "A" * 109, False),
        ("c.118-20_260+7del", "A" * 109, False),
        ("c.118-20_118-7del", "A" * 15, False),
    ],
)
def test_a_deletion_from_intron_to_intron_is_the_whole_exon_whatever_its_terms(
    kb: KnowledgeBase, hgvsc: str, ref: str, matched: bool
) -> None:
    found = TranscriptConsequence(
        gene="INVO1", transcript="NM_900001.2", terms=("splice_region_variant",), source="CSQ", hgvsc=hgvsc
    )
    result = match(kb, Assembly.GRCH38, Allele("1", 7777, ref, "A" if len(ref) > 1 else "C"), found, (found,))
    assert ("INVO1_EX3SKIP" in {m.alteration_id for m in result.matches}) is matched


# Legacy numbering with a known offset: here NM_900101 counts three residues more.


@pytest.fixture
def offset_kb(kb: KnowledgeBase) -> KnowledgeBase:
    return replace(kb, genes={**kb.genes, "INVO1": replace(kb.genes["INVO1"], numbering_offset=3)})


def _legacy(kb: KnowledgeBase, terms: str, pos: int = 7777, ref: str = "C", alt: str = "G", **of: Any) -> MatchResult:
    found = TranscriptConsequence(
        gene="INVO1", transcript="NM_900101.1", terms=tuple(terms.split("&")), source="CSQ", **of
    )
    return match(kb, Assembly.GRCH38, Allele("1", pos, ref, alt), found, (found,))


@pytest.mark.parametrize(
    ("hgvsp", "pos", "expected"),
    [
        ("p.Val63Glu", 4179, {"INVO1_V60E", "INVO1_V60"}),
        ("p.Val63Glu", 9000, set()),  # the curated allele of this change lies elsewhere
        ("p.Val60Glu", 4179, {"INVO1_V60E", "INVO1_V60"}),  # coordinates vouch for the number as annotated
        ("p.Gly15Asp", 9000, {"INVO1_G12DV"}),
        ("p.Gly12Asp", 9000, set()),  # as annotated, on a transcript that counts three more
        ("p.Gly14Asp", 9000, set()),
        ("p.Gly15Cys", 9000, set()),
        ("p.Trp15Asp", 9000, set()),  # the residue fits neither number
    ],
)
def test_a_legacy_number_less_the_offset_is_matched_where_residues_agree(
    offset_kb: KnowledgeBase, hgvsp: str, pos: int, expected: set[str]
) -> None:
    result = _legacy(offset_kb, "missense_variant", pos, hgvsp=hgvsp)
    assert {found.alteration_id for found in result.matches} == expected
    for found in result.matches:
        if "63" in hgvsp or "15" in hgvsp:
            assert f"{hgvsp} " in found.rule
            assert "numbered on the legacy transcript, offset +3: p." in found.rule


def test_a_legacy_number_whose_residues_fit_both_ways_needs_coordinates(offset_kb: KnowledgeBase) -> None:
    """A residue that stands at both numbers fits at either."""
    gene = "INVO1"
    window = offset_kb.proteins[gene][0]
    run = replace(window, residues=window.residues[:56] + "KKKVKKVKKK" + window.residues[66:])
    both = replace(offset_kb, proteins={**offset_kb.proteins, gene: (run,)})
    assert run.residues[59] == run.residues[62] == "V"
    at = {pos: {m.alteration_id for m in _legacy(both, "missense_variant", pos, hgvsp="p.Val63Met").matches}
          for pos in (4178, 9000)}  # fmt: skip
    assert at == {4178: {"INVO1_V60"}, 9000: set()}


@pytest.mark.parametrize(
    ("terms", "hgvsc", "hgvsp", "ref", "matched"),
    [
        ("splice_acceptor_variant", "c.127-2A>G", "", "C", True),
        ("splice_donor_variant", "c.207+1G>A", "", "C", True),
        ("splice_acceptor_variant", "c.118-2A>G", "", "C", False),
        ("splice_donor_variant", "c.198+1G>A", "", "C", False),
        ("splice_donor_variant", "c.126+1G>A", "", "C", False),
        ("splice_acceptor_variant", "c.208-1G>A", "", "C", False),
        ("splice_acceptor_variant", "", "", "C", False),
        ("splice_region_variant", "c.127-5A>G", "", "C", False),
        ("splice_acceptor_variant&splice_donor_variant", "c.127-20_207+7del", "", "A" * 109, True),
        ("splice_donor_variant&coding_sequence_variant", "c.200_207+6del", "", "A" * 15, True),
        ("splice_donor_variant&missense_variant", "c.207+1G>A", "p.Trp15Asp", "C", False),
    ],
)
def test_exon_skipping_on_a_legacy_transcript_by_the_edge_of_the_exon(
    offset_kb: KnowledgeBase, terms: str, hgvsc: str, hgvsp: str, ref: str, matched: bool
) -> None:
    alt = "A" if len(ref) > 1 else "G"
    result = _legacy(offset_kb, terms, 7777, ref, alt, hgvsc=hgvsc, hgvsp=hgvsp, exon=3, intron=2)
    assert ("INVO1_EX3SKIP" in {found.alteration_id for found in result.matches}) is matched
    if matched:
        assert "numbered on the legacy transcript, offset +3" in result.matches[0].rule
    else:
        assert "INVO1_EX3SKIP" not in {found.alteration_id for found in result.matches}


def test_without_an_offset_a_legacy_transcript_is_read_as_before(kb: KnowledgeBase) -> None:
    assert _legacy(kb, "missense_variant", 4179, hgvsp="p.Val63Glu").matches[:0] == ()
    assert not _legacy(kb, "splice_acceptor_variant", hgvsc="c.127-2A>G").matches
    assert not _legacy(kb, "missense_variant", 9000, hgvsp="p.Gly15Asp").matches
