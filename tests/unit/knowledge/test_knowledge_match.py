"""Matching: every event with its positive and negative neighbours, spellings, numbering, exclusions, near misses."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.knowledge.match import MAX_NEAR_MISSES, MatchResult, match
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Allele, Assembly, MatchLevel, TranscriptConsequence
from targetboard.vcf.hgvs import THREE_LETTER

KNOWN = {"INVO1": ("1", "NM_900001.2"), "INVT1": ("2", "NM_900002.1"), "INVT2": ("3", "NM_900003.1"),
         "EGFR": ("7", "NM_005228.5"), "ERBB2": ("17", "NM_004448.4")}  # fmt: skip

OTHER_RESIDUES = sorted(set(THREE_LETTER.values()) - {"Val", "Glu", "Xaa", "Ter"})


def consequence(gene: str, terms: str, hgvsp: str = "", **further: object) -> TranscriptConsequence:
    values: dict[str, object] = {"transcript": KNOWN[gene][1], "source": "CSQ"} | further
    return TranscriptConsequence(
        gene=str(values.pop("symbol", gene)), terms=tuple(terms.split("&")), hgvsp=hgvsp, **values
    )  # type: ignore[arg-type]


def run(
    kb: KnowledgeBase,
    gene: str,
    terms: str,
    hgvsp: str = "",
    ref: str = "C",
    alt: str = "G",
    pos: int = 7777,
    **further: object,
) -> MatchResult:
    chosen = consequence(gene, terms, hgvsp, **further)
    return match(kb, Assembly.GRCH38, Allele(KNOWN[gene][0], pos, ref, alt), chosen, (chosen,))


def names(result: MatchResult) -> dict[str, str]:
    return {found.alteration_id: str(found.level) for found in result.matches}


def in_frame(residues: int) -> dict[str, str]:
    """REF and ALT of an in-frame indel that gains (or loses) so many residues."""
    long = "A" + "CGT" * abs(residues)
    return {"ref": "A", "alt": long} if residues > 0 else {"ref": long, "alt": "A"}


@pytest.mark.parametrize(
    ("hgvsp", "terms", "expected"),
    [
        ("p.Val60Glu", "missense_variant", {"INVO1_V60E": "protein_change", "INVO1_V60": "codon"}),
        ("V60E", "missense_variant", {"INVO1_V60E": "protein_change", "INVO1_V60": "codon"}),
        ("NP_900001.1:p.(Val60Glu)", "missense_variant", {"INVO1_V60E": "protein_change", "INVO1_V60": "codon"}),
        ("p.Val60Met", "missense_variant", {"INVO1_V60": "codon"}),
        ("p.Val60fs", "frameshift_variant", {}),
        ("p.Val60GlyfsTer4", "frameshift_variant", {}),
        ("p.Val60Ter", "stop_gained", {}),
        ("p.Val60=", "synonymous_variant", {}),
        ("p.Lys61Glu", "missense_variant", {}),
        ("p.Gly12Asp", "missense_variant", {"INVO1_G12DV": "protein_change"}),
        ("p.Gly12Val", "missense_variant", {"INVO1_G12DV": "protein_change"}),
        ("p.Gly12Cys", "missense_variant", {}),
        ("p.Ser33Asn", "missense_variant", {"INVO1_S33N": "protein_change"}),
        ("p.Leu44fs", "frameshift_variant", {}),
        ("p.Pro20Ala", "missense_variant", {"INVO1_REGION": "region"}),
        ("p.Asn30Ter", "stop_gained", {"INVO1_REGION": "region"}),
        ("p.Pro31Ser", "missense_variant", {}),
        ("p.Asn30fs", "frameshift_variant", {}),
    ],
)
def test_substitutions(kb: KnowledgeBase, hgvsp: str, terms: str, expected: dict[str, str]) -> None:
    assert names(run(kb, "INVO1", terms, hgvsp)) == expected


def test_frameshift_without_tail_matches_every_tail_of_the_residue(kb: KnowledgeBase) -> None:
    text = kb.alterations["INVO1_FS"].protein_changes[0]
    for tail in ("", "Ter9"):
        assert "INVO1_FS" in names(run(kb, "INVO1", "frameshift_variant", text + tail, ref="CA", alt="C"))


@pytest.mark.parametrize(
    ("hgvsp", "residues", "exon", "expected"),
    [
        ("p.Glu70del", -1, 4, {"INVO1_EX4DEL"}),
        ("p.Glu70_Glu73del", -4, 4, {"INVO1_EX4DEL"}),
        ("p.Asn80del", -1, 4, {"INVO1_EX4DEL"}),
        ("p.Thr81del", -1, 4, set()),
        ("p.Ile69del", -1, 4, set()),
        ("p.Leu71_Thr75delinsPro", -4, 4, {"INVO1_EX4DEL"}),
        ("p.Leu71_Glu73delinsPro", -2, 4, {"INVO1_EX4DEL"}),
        ("p.Leu71delinsProGly", 1, 4, set()),
        ("p.Leu71_Arg72insTrp", 1, 4, set()),
        ("p.Glu70_Glu73del", -4, 5, set()),
        ("p.Glu70_Glu73del", -4, None, {"INVO1_EX4DEL"}),
    ],
)
def test_exon_deletion(kb: KnowledgeBase, hgvsp: str, residues: int, exon: int | None, expected: set[str]) -> None:
    terms = "inframe_deletion" if residues < 0 else "inframe_insertion"
    assert set(names(run(kb, "INVO1", terms, hgvsp, exon=exon, **in_frame(residues)))) == expected


def test_equal_length_exchange_is_no_exon_deletion(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Leu71_Arg72delinsProGly", ref="CGA", alt="TTG", exon=4)
    assert names(result) == {}
    assert any(miss.alteration_id == "INVO1_EX4DEL" and "missense" in miss.reason for miss in result.near_misses)


def test_a_frameshift_inside_the_window_is_no_in_frame_event(kb: KnowledgeBase) -> None:
    assert names(run(kb, "INVO1", "frameshift_variant", "p.Glu70fs", ref="CAA", alt="C", exon=4)) == {}


def test_exon_and_class_without_window(kb: KnowledgeBase) -> None:
    assert names(run(kb, "INVO1", "missense_variant", "p.Asp105Trp", exon=6)) == {"INVO1_EX6": "exon_class"}
    assert names(run(kb, "INVO1", "synonymous_variant", "p.Asp105=", exon=6)) == {}
    assert names(run(kb, "INVO1", "missense_variant", "p.Asp105Trp", exon=None)) == {}


@pytest.mark.parametrize(
    ("hgvsp", "matched"),
    [
        ("p.Val91_Asp92insGly", True),
        ("p.Ala89_Val91dup", True),
        ("p.Val91_Asp92insAlaSerVal", True),
        ("p.Ala89delinsAlaSerValAla", True),
        ("p.Asp92delinsGlyPheAsp", True),
        ("p.Met88_Ala89insPheGlnGluAla", False),
        ("p.Asp84_Ala85insTrp", False),
        ("p.Asp84_Ala85insTyr", True),
        ("p.His95_Val96insGly", True),
        ("p.Val96_Cys97insGly", False),
    ],
)
def test_exon_insertion_with_exclusions(kb: KnowledgeBase, hgvsp: str, matched: bool) -> None:
    result = run(kb, "INVO1", "inframe_insertion", hgvsp, exon=5, **in_frame(1))
    assert ("INVO1_EX5INS" in names(result)) is matched


def test_excluded_change_in_another_spelling_stays_excluded(kb: KnowledgeBase) -> None:
    """FQEA behind M88 puts A before A89: the same protein as inserting AFQE before it, or a delins of M88."""
    for spelling in ("p.Met88_Ala89insPheGlnGluAla", "p.Met88delinsMetPheGlnGluAla", "p.Ala89delinsPheGlnGluAlaAla"):
        result = run(kb, "INVO1", "protein_altering_variant", spelling, exon=5, **in_frame(4))
        assert names(result) == {"INVO1_M88INS": "protein_change"}, spelling
        assert any("excluded" in miss.reason for miss in result.near_misses)


def test_without_protein_change_an_exclusion_cannot_be_judged(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "inframe_insertion", "", exon=5, codon=90, **in_frame(4))
    assert names(result) == {}
    assert any("cannot be told" in miss.reason for miss in result.near_misses)


@pytest.mark.parametrize(
    ("hgvsp", "bases", "matched"),
    [
        ("p.Tyr104dup", 3, True),
        ("p.Ser101_Asn107dup", 21, True),
        ("p.Phe106_Asn107insTyrGly", 6, True),
        ("p.Gly100_Ser101insTrp", 3, True),
        ("p.Asp99_Gly100insTrp", 3, False),
        ("p.Lys115_Glu116insTrp", 3, False),
        ("p.Tyr104del", -3, False),
        ("p.Tyr104Phe", 0, False),
    ],
)
def test_internal_tandem_duplication(kb: KnowledgeBase, hgvsp: str, bases: int, matched: bool) -> None:
    terms = "inframe_insertion" if bases > 0 else "inframe_deletion" if bases < 0 else "missense_variant"
    shape = in_frame(bases // 3) if bases else {}
    assert ("INVO1_ITD" in names(run(kb, "INVO1", terms, hgvsp, **shape))) is matched


def test_a_frameshift_insertion_is_no_internal_tandem_duplication(kb: KnowledgeBase) -> None:
    assert "INVO1_ITD" not in names(run(kb, "INVO1", "frameshift_variant", "p.Tyr104fs", ref="A", alt="ACGTA"))


@pytest.mark.parametrize(
    ("terms", "hgvsp", "matched"),
    [
        ("stop_gained", "p.Cys118Ter", True),
        ("frameshift_variant", "p.Ser125fs", True),
        ("frameshift_variant", "p.Pro124fs", True),
        ("stop_gained", "p.Ser117Ter", False),
        ("stop_gained", "p.Asp126Ter", False),
        ("missense_variant", "p.Cys118Tyr", False),
    ],
)
def test_truncation_gain(kb: KnowledgeBase, terms: str, hgvsp: str, matched: bool) -> None:
    ids = names(run(kb, "INVO1", terms, hgvsp, ref="CA", alt="C"))
    assert (ids.get("INVO1_TRUNC") == "region") is matched


@pytest.mark.parametrize(
    ("terms", "further", "expected"),
    [
        ("splice_acceptor_variant", {"intron": 2, "hgvsc": "c.118-2A>G"}, {"INVO1_EX3SKIP"}),
        ("splice_donor_variant", {"intron": 3, "hgvsc": "c.198+1G>A"}, {"INVO1_EX3SKIP"}),
        ("splice_acceptor_variant", {"intron": 3, "hgvsc": "c.199-2A>G"}, set()),
        ("splice_donor_variant", {"intron": 2, "hgvsc": "c.117+1G>A"}, set()),
        ("splice_acceptor_variant", {"hgvsc": "c.118-2A>G"}, {"INVO1_EX3SKIP"}),
        ("splice_donor_variant", {"hgvsc": "c.198+1G>A"}, {"INVO1_EX3SKIP"}),
        ("splice_acceptor_variant", {"hgvsc": "c.199-2A>G"}, set()),
        ("splice_acceptor_variant", {}, set()),
        ("splice_region_variant", {"intron": 2, "hgvsc": "c.118-5A>G"}, set()),
        ("splice_region_variant", {"intron": 6, "hgvsc": "c.310-5A>G"}, {"INVO1_EX7SKIP"}),
        ("splice_region_variant", {"intron": 6, "hgvsc": "c.309+5A>G"}, set()),
        ("splice_region_variant", {"intron": 7, "hgvsc": "c.390+5A>G"}, {"INVO1_EX7SKIP"}),
        ("splice_polypyrimidine_tract_variant", {"intron": 7, "hgvsc": "c.391-9A>G"}, set()),
        ("splice_region_variant&missense_variant", {"exon": 7, "hgvsc": "c.389G>A"}, {"INVO1_EX7SKIP"}),
        ("splice_region_variant&missense_variant", {"exon": 6, "hgvsc": "c.300G>A"}, set()),
        ("intron_variant", {"intron": 6, "hgvsc": "c.310-5A>G"}, set()),
        ("splice_acceptor_variant", {"hgvsc": "c.118-2A>G", "transcript": "NM_777777.1"}, set()),
        ("splice_acceptor_variant", {"hgvsc": "c.118-2A>G", "transcript": "NM_777777.1", "canonical": True}, set()),
        ("splice_acceptor_variant&splice_donor_variant", {"exon": 3, "ref": "A" * 90, "alt": "A"}, {"INVO1_EX3SKIP"}),
        ("splice_acceptor_variant&splice_donor_variant", {"exon": 4, "ref": "A" * 90, "alt": "A"}, set()),
        ("exon_loss_variant", {"exon": 3, "ref": "A" * 90, "alt": "A"}, {"INVO1_EX3SKIP"}),
    ],
)
def test_exon_skipping(kb: KnowledgeBase, terms: str, further: dict[str, object], expected: set[str]) -> None:
    result = run(kb, "INVO1", terms, **further)  # type: ignore[arg-type]
    assert {name for name in names(result) if "SKIP" in name} == expected


@pytest.mark.parametrize(
    ("gene", "terms", "hgvsp", "further", "matched"),
    [
        ("INVT1", "stop_gained", "p.Val36Ter", {}, True),
        ("INVT1", "frameshift_variant", "p.Pro37fs", {}, True),
        ("INVT1", "frameshift_variant", "p.His89fs", {}, True),
        ("INVT1", "frameshift_variant", "p.Glu90fs", {}, True),
        ("INVT1", "frameshift_variant", "p.Asp91fs", {}, False),
        ("INVT1", "stop_gained", "p.Lys95Ter", {}, False),
        ("INVT1", "stop_gained", "p.Gln50Ter", {}, False),
        ("INVT1", "stop_gained", "p.Glu90Ter", {}, False),
        ("INVT1", "stop_gained", "", {"codon": 50}, False),
        ("INVT1", "stop_gained", "", {"codon": 49}, True),
        ("INVT1", "stop_gained", "", {}, False),
        ("INVT1", "missense_variant", "p.Val36Gln", {}, False),
        ("INVT1", "inframe_deletion", "p.Val36del", {}, False),
        ("INVT1", "synonymous_variant", "p.Val36=", {}, False),
        ("INVT1", "splice_donor_variant", "", {"hgvsc": "c.120+1G>A"}, True),
        ("INVT1", "splice_acceptor_variant", "", {"hgvsc": "c.280-2A>G"}, False),
        ("INVT1", "splice_region_variant", "", {"hgvsc": "c.120+5G>A"}, False),
        ("INVT1", "start_lost", "p.Met1?", {}, True),
        ("INVT1", "stop_retained_variant", "p.Ter121=", {}, False),
        ("INVT2", "stop_gained", "p.Arg500Ter", {"exon": 4, "exon_total": 9}, True),
        ("INVT2", "stop_gained", "p.Arg500Ter", {"exon": 9, "exon_total": 9}, False),
        ("INVT2", "frameshift_variant", "p.Arg500fs", {"exon": 9, "exon_total": 9}, False),
        ("INVT2", "frameshift_variant&splice_acceptor_variant", "p.Arg500fs", {"exon": 9, "exon_total": 9}, True),
        ("INVT2", "start_lost", "p.Met1?", {"exon": 1, "exon_total": 1}, True),
        ("INVT2", "stop_gained", "p.Arg50Ter", {"exon": 1, "exon_total": 1}, False),
        ("INVT2", "stop_gained", "p.Arg500Ter", {}, False),
        ("INVT2", "stop_gained", "p.Arg500Ter", {"extra": {"Protein_position": "500/600"}}, True),
        ("INVT2", "stop_gained", "p.Arg539Ter", {"extra": {"Protein_position": "539/600"}}, True),
        ("INVT2", "stop_gained", "p.Arg540Ter", {"extra": {"Protein_position": "540/600"}}, False),
        ("INVT2", "stop_gained", "p.Arg500Ter", {"extra": {"Protein_position": "500"}}, False),
        ("INVT2", "stop_gained", "", {"extra": {"Protein_position": "500/600"}}, False),
        ("INVT1", "stop_gained", "p.Val36Ter", {"exon": 9, "exon_total": 9}, True),
        ("INVT2", "splice_donor_variant", "", {}, True),
        ("INVT2", "splice_donor_variant", "", {"transcript": "NM_777777.1"}, False),
        ("INVT2", "splice_donor_variant", "", {"transcript": "ENST00000777777.1", "canonical": True}, True),
        ("INVT2", "splice_donor_variant", "", {"transcript": "ENST00000777777.1", "mane_select": True}, True),
        ("INVT2", "transcript_ablation", "", {}, True),
        ("INVT2", "stop_lost", "p.Ter501TrpextTer?", {}, False),
    ],
)
def test_loss_of_function(
    kb: KnowledgeBase, gene: str, terms: str, hgvsp: str, further: dict[str, object], matched: bool
) -> None:
    ids = names(run(kb, gene, terms, hgvsp, **further))  # type: ignore[arg-type]
    assert (ids.get(f"{gene}_LOF") == "gene_class") is matched


@pytest.mark.parametrize(
    ("further", "reason"),
    [
        ({"exon": 9, "exon_total": 9}, "in the last exon"),
        ({}, "at codon 500, whose exon is not annotated, in a protein of unknown length"),
        (
            {"extra": {"Protein_position": "500/510"}},
            "at codon 500, whose exon is not annotated, not in the first 90 % of 510 residues",
        ),
    ],
)
def test_a_truncation_near_the_end_says_why_it_is_not_counted(
    kb: KnowledgeBase, further: dict[str, object], reason: str
) -> None:
    result = run(kb, "INVT2", "stop_gained", "p.Arg500Ter", **further)  # type: ignore[arg-type]
    (miss,) = result.near_misses
    assert miss.alteration_id == "INVT2_LOF"
    assert miss.reason == (
        f"p.Arg500Ter is a null variant (nonsense) {reason}, and no last pathogenic codon is curated:"
        " loss of function is not shown"
    )


def test_the_end_of_a_protein_window_is_a_length_the_protein_has_at_least(kb: KnowledgeBase) -> None:
    """INVT1 without its curated codon: 120 residues and a stop are known of it."""
    windows = {"INVT1": (replace(kb.proteins["INVT1"][0], residues=kb.proteins["INVT1"][0].residues[:100]),)}
    gene = replace(kb.genes["INVT1"], last_pathogenic_codon=None)
    short = replace(kb, genes={**kb.genes, "INVT1": gene}, proteins={**kb.proteins, **windows})
    for codon, matched in ((80, True), (89, True), (90, False), (95, False)):
        residue = THREE_LETTER[windows["INVT1"][0].residues[codon - 1]]
        found = names(run(short, "INVT1", "frameshift_variant", f"p.{residue}{codon}fs", ref="CA", alt="C"))
        assert ("INVT1_LOF" in found) is matched, codon


@pytest.mark.parametrize("assembly", list(Assembly))
def test_exact_alleles_in_both_assemblies(kb: KnowledgeBase, assembly: Assembly) -> None:
    for allele, rows in kb.alleles[assembly].items():
        result = match(kb, assembly, Allele(*allele), None, ())
        assert names(result) == {row.alteration_id: "exact_allele" for row in rows}
        assert result.gene == kb.alterations[rows[0].alteration_id].gene


@given(data=st.data())
def test_a_flipped_base_or_residue_loses_the_match(kb: KnowledgeBase, data: st.DataObject) -> None:
    """Mutation test of the matcher: another base, position or residue is another variant."""
    key = data.draw(st.sampled_from(sorted(kb.alleles[Assembly.GRCH38])))
    chrom, pos, ref, alt = key
    kind = data.draw(st.sampled_from(["ref", "alt", "pos"]))
    index = data.draw(st.integers(0, len(ref) - 1))
    other = data.draw(st.sampled_from("ACGT"))
    if kind == "pos":
        pos += data.draw(st.sampled_from([-1, 1]))
    elif kind == "ref":
        ref = ref[:index] + other + ref[index + 1 :]
    else:
        alt = alt[:index] + other + alt[index + 1 :]
    result = match(kb, Assembly.GRCH38, Allele(chrom, pos, ref, alt), None, ())
    assert bool(result.matches) is ((chrom, pos, ref, alt) == key)


@given(residue=st.sampled_from(OTHER_RESIDUES))
def test_another_residue_is_at_most_the_codon(kb: KnowledgeBase, residue: str) -> None:
    assert names(run(kb, "INVO1", "missense_variant", f"p.Val60{residue}")) == {"INVO1_V60": "codon"}


def test_promoter_is_a_matter_of_coordinates(kb: KnowledgeBase) -> None:
    upstream = {"hgvsc": "c.-124G>A"}
    assert names(run(kb, "INVO1", "upstream_gene_variant", ref="G", alt="A", pos=1876, **upstream)) == {
        "INVO1_PROM": "exact_allele"
    }
    near = run(kb, "INVO1", "upstream_gene_variant", ref="G", alt="A", pos=1877, **upstream)
    assert names(near) == {}
    assert [miss.alteration_id for miss in near.near_misses] == ["INVO1_PROM"]


def test_specific_beats_category_and_both_are_listed(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Val60Glu", ref="T", alt="A", pos=4179)
    assert [(m.alteration_id, m.level) for m in result.matches] == [
        ("INVO1_V60E", MatchLevel.EXACT_ALLELE),
        ("INVO1_V60", MatchLevel.CODON),
    ]
    assert result.matches[0].rule == "1:4179 T>A equals an allele of INVO1_V60E (exact allele, GRCh38)"
    assert "category beside the more specific INVO1_V60E" in result.matches[1].rule


def test_the_rule_states_its_inputs(kb: KnowledgeBase) -> None:
    result = run(kb, "EGFR", "missense_variant", "p.Leu858Arg")
    assert result.matches[0].rule == "p.Leu858Arg equals EGFR_L858R (protein change) on NM_005228.5"


def test_every_nucleotide_route_and_the_mnv_record(kb: KnowledgeBase) -> None:
    for ref, alt in (("TG", "GT"), ("CTG", "AGA"), ("T", "G")):
        assert "EGFR_L858R" in names(run(kb, "EGFR", "missense_variant", "p.Leu858Arg", ref=ref, alt=alt, pos=1))


def test_a_neighbouring_exchange_does_not_hide_the_change(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Lys59_Val60delinsMetGlu", ref="AAGT", alt="TGGA")
    assert names(result) == {"INVO1_V60E": "codon", "INVO1_V60": "codon"}
    assert "beside another exchange" in result.matches[1].rule
    assert names(run(kb, "INVO1", "missense_variant", "p.Lys59_Val60delinsMetVal")) == {}


@pytest.mark.parametrize(
    "hgvsp",
    [
        "p.Tyr772_Ala775dup",
        "p.Ala775_Gly776insTyrValMetAla",
        "p.Ala771_Tyr772insTyrValMetAla",
        "p.Glu770delinsGluAlaTyrValMet",
        "p.Tyr772delinsTyrValMetAlaTyr",
        "p.A775_G776insYVMA",
    ],
)
def test_one_erbb2_event_in_six_spellings(kb: KnowledgeBase, hgvsp: str) -> None:
    result = run(kb, "ERBB2", "inframe_insertion", hgvsp, **in_frame(4))
    assert names(result) == {"ERBB2_YVMA": "protein_change"}


@pytest.mark.parametrize(
    "hgvsp", ["p.Tyr772_Met774dup", "p.Gly776_Val777insTyrValMetAla", "p.Ala775_Gly776insTyrValMet"]
)
def test_other_erbb2_insertions_are_other_events(kb: KnowledgeBase, hgvsp: str) -> None:
    assert names(run(kb, "ERBB2", "inframe_insertion", hgvsp, **in_frame(4))) == {}


@pytest.mark.parametrize(
    ("hgvsp", "residues"),
    [
        ("p.Glu746_Ala750del", -5),
        ("p.Leu747_Pro753delinsSer", -6),
        ("p.Leu747_Ala750delinsPro", -3),
        ("p.Glu746_Ala750delinsIlePro", -3),
        ("p.Leu747_Thr751del", -5),
        ("p.Ser752_Ile759del", -8),
        ("p.Lys745_Glu749del", -5),
    ],
)
def test_egfr_exon_19_deletions(kb: KnowledgeBase, hgvsp: str, residues: int) -> None:
    for exon in (19, None):
        assert names(run(kb, "EGFR", "inframe_deletion", hgvsp, exon=exon, **in_frame(residues))) == {
            "EGFR_EX19DEL": "exon_class"
        }
    assert names(run(kb, "EGFR", "inframe_deletion", hgvsp, exon=18, **in_frame(residues))) == {}


def test_egfr_exon_20_insertion_except_fqea(kb: KnowledgeBase) -> None:
    for hgvsp in ("p.Ala767_Val769dup", "p.Asp770_Asn771insSerValAsp", "p.Asn771delinsGlyPhe", "p.His773_Val774insHis"):
        assert names(run(kb, "EGFR", "inframe_insertion", hgvsp, exon=20, **in_frame(1))) == {
            "EGFR_EX20INS": "exon_class"
        }
    for hgvsp in ("p.Ala763_Tyr764insPheGlnGluAla", "p.Glu762_Ala763insAlaPheGlnGlu"):
        assert names(run(kb, "EGFR", "inframe_insertion", hgvsp, exon=20, **in_frame(4))) == {
            "EGFR_A763_Y764INSFQEA": "protein_change"
        }


def test_alias_symbol_and_hgnc_id_lead_to_the_gene(kb: KnowledgeBase) -> None:
    for symbol, hgnc in (("INVOLD", ""), ("oldname", ""), ("WHATEVER", "HGNC:900001"), ("WHATEVER", "900001")):
        result = run(kb, "INVO1", "missense_variant", "p.Val60Glu", symbol=symbol, hgnc_id=hgnc)
        assert "INVO1_V60E" in names(result)
        assert result.gene == "INVO1"
    assert names(run(kb, "INVO1", "missense_variant", "p.Val60Glu", symbol="INVO11")) == {}


def test_a_clash_of_names_on_another_chromosome_leads_nowhere(kb: KnowledgeBase) -> None:
    chosen = consequence("INVO1", "missense_variant", "p.Val60Glu")
    assert match(kb, Assembly.GRCH38, Allele("5", 7777, "C", "G"), chosen, (chosen,)) == MatchResult((), (), "")


@pytest.mark.parametrize(
    ("transcript", "hgvsp", "reason"),
    [
        ("NM_900001.7", "p.Lys60Glu", "reference residue of annotated transcript disagrees: Lys60 stated"),
        ("NM_900101.1", "p.Val63Glu", "legacy|disagrees"),
        ("NM_900101.1", "p.Val60Glu", "legacy transcript NM_900101.1, whose numbering differs"),
        ("NM_777777.1", "p.Val140Glu", ""),
    ],
)
def test_wrong_numbering_is_a_near_miss_not_a_match(
    kb: KnowledgeBase, transcript: str, hgvsp: str, reason: str
) -> None:
    result = run(kb, "INVO1", "missense_variant", hgvsp, transcript=transcript)
    assert names(result) == {}
    reasons = " ".join(miss.reason for miss in result.near_misses if miss.alteration_id == "INVO1_V60E")
    assert any(part in reasons for part in reason.split("|"))
    if "NM_900101" in transcript:
        assert "3 residues more" in reasons


def test_coordinates_can_vouch_for_a_legacy_transcript(kb: KnowledgeBase) -> None:
    """p.Val60Met beside the curated allele of p.Val60Glu: the legacy transcript counts as the knowledge one there."""
    assert names(run(kb, "INVO1", "missense_variant", "p.Val60Met", transcript="NM_900101.1", pos=4178)) == {
        "INVO1_V60": "codon"
    }


def test_another_transcript_counts_where_residues_and_coordinates_agree(kb: KnowledgeBase) -> None:
    near = run(kb, "INVO1", "missense_variant", "p.Val60Glu", transcript="NM_777777.1", pos=4180)
    assert names(near)["INVO1_V60E"] == "protein_change"
    assert "not the knowledge transcript; its residues agree" in near.matches[0].rule
    far = run(kb, "INVO1", "missense_variant", "p.Val60Glu", transcript="NM_777777.1", pos=9000)
    assert "INVO1_V60E" not in names(far)


def test_the_knowledge_transcript_is_read_before_the_chosen_one(kb: KnowledgeBase) -> None:
    chosen = consequence("INVO1", "missense_variant", "p.Lys2Met", transcript="NM_777777.1")
    known = consequence("INVO1", "missense_variant", "p.Val60Glu", transcript="ENST00009000001.9")
    result = match(kb, Assembly.GRCH38, Allele("1", 7777, "C", "G"), chosen, (chosen, known))
    assert "INVO1_V60E" in names(result)


def test_the_mane_partner_is_the_knowledge_transcript(kb: KnowledgeBase) -> None:
    further = {"transcript": "ENST00000777777.1", "exon": 6, "mane_select": True}
    result = run(kb, "INVO1", "missense_variant", "p.Asp105Trp", extra={"MANE_SELECT": "NM_900001.4"}, **further)  # type: ignore[arg-type]
    assert names(result) == {"INVO1_EX6": "exon_class"}


def test_exons_count_on_the_knowledge_transcript_only(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Asp105Trp", exon=6, transcript="NM_777777.1")
    assert names(result) == {}


def test_terms_and_protein_change_must_not_contradict(kb: KnowledgeBase) -> None:
    assert names(run(kb, "INVO1", "synonymous_variant", "p.Val60Glu")) == {}
    assert names(run(kb, "INVO1", "frameshift_variant", "p.Val60Glu", ref="CA", alt="C")).keys() <= {"INVO1_V60E"}
    assert "INVO1_V60" not in names(run(kb, "INVO1", "frameshift_variant", "p.Val60Glu", ref="CA", alt="C"))


def test_other_inputs_are_never_matched_from_small_variants(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Val60Glu")
    assert "INVO1_AMP" not in names(result)
    assert all(miss.alteration_id != "INVO1_AMP" for miss in result.near_misses)


def test_near_misses_are_near_sorted_and_few(kb: KnowledgeBase) -> None:
    result = run(kb, "INVO1", "missense_variant", "p.Gly12Cys")
    assert [miss.alteration_id for miss in result.near_misses] == ["INVO1_G12DV"]
    assert result.near_misses[0].reason == "p.Gly12Cys is not p.Gly12Asp, p.Gly12Val"
    far = run(kb, "INVO1", "missense_variant", "p.Met1Val")
    assert far.near_misses == ()
    many = [replace(kb.alterations["INVO1_G12DV"], alteration_id=f"COPY_{i}") for i in range(30)]
    crowded = replace(
        kb,
        alterations_by_gene={"INVO1": tuple(many)},
        curated_changes={a.alteration_id: kb.curated_changes["INVO1_G12DV"] for a in many},
    )
    assert len(run(crowded, "INVO1", "missense_variant", "p.Gly12Cys").near_misses) == MAX_NEAR_MISSES


def test_missense_in_a_tumour_suppressor_says_why_not(kb: KnowledgeBase) -> None:
    result = run(kb, "INVT1", "missense_variant", "p.Val36Gln")
    reasons = {miss.alteration_id: miss.reason for miss in result.near_misses}
    assert reasons["INVT1_LOF"] == "p.Val36Gln is no null variant but missense"


def test_no_consequence_means_exact_alleles_only(kb: KnowledgeBase) -> None:
    assert match(kb, Assembly.GRCH38, Allele("1", 7777, "C", "G"), None, ()) == MatchResult((), (), "")
    assert match(kb, Assembly.GRCH37, Allele("1", 4179, "T", "A"), None, ()).matches == ()


def test_matching_is_deterministic(kb: KnowledgeBase) -> None:
    first = run(kb, "INVO1", "missense_variant", "p.Val60Glu")
    assert all(run(kb, "INVO1", "missense_variant", "p.Val60Glu") == first for _ in range(5))
