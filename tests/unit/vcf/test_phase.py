"""Neighbours join only on the caller's evidence; without it both readings stand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pysam
import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.model import Allele, Phase
from targetboard.vcf.phase import AdjacentGroup, adjacent_groups, combine, phase_note, phase_of, relation
from targetboard.vcf.reference import Reference

# GRCh37; BRAF is on the reverse strand: c.1799T>A (V600E) and c.1798G>A, together c.1798_1799delGTinsAA (V600K)
V600E = Allele("7", 140453136, "A", "T")
V600M = Allele("7", 140453137, "C", "T")
V600K = Allele("7", 140453136, "AC", "TT")
# EGFR c.2369C>T, c.2389T>A and c.2390G>C
T790M = Allele("7", 55249071, "C", "T")
C797S_T = Allele("7", 55249091, "T", "A")
C797S_G = Allele("7", 55249092, "G", "C")


@pytest.mark.parametrize(
    ("values", "alt_index", "expected"),
    [
        ({"GT": "0/1"}, 0, None),
        ({}, 0, None),
        ({"GT": "."}, 0, None),
        ({"GT": "1"}, 0, None),
        ({"GT": "0|1", "PS": "100"}, 0, Phase("7:PS=100", 1, "PS and GT")),
        ({"GT": "1|0", "PS": "100"}, 0, Phase("7:PS=100", 0, "PS and GT")),
        ({"GT": "0/1", "PS": "100"}, 0, None),  # PS of an unphased genotype is ignored
        ({"GT": "0|0|1", "PS": "100"}, 0, Phase("7:PS=100", 2, "PS and GT")),  # Octopus
        ({"GT": "1|2", "PS": "100"}, 1, Phase("7:PS=100", 1, "PS and GT")),
        ({"GT": "0|1", "PS": "100"}, 1, None),  # this ALT is on no haplotype
        ({"GT": "1|1", "PS": "100"}, 0, None),  # on both
        ({"GT": "0/1|1", "PS": "100"}, 0, None),
        ({"GT": "|0|1", "PS": "100"}, 0, Phase("7:PS=100", 1, "PS and GT")),  # VCF 4.4 leading separator
        ({"GT": ".|1", "PS": "100"}, 0, Phase("7:PS=100", 1, "PS and GT")),
        ({"GT": "0|1", "PS": "."}, 0, Phase("7:GT", 1, "phased GT without a set")),
        ({"GT": "0|1"}, 0, Phase("7:GT", 1, "phased GT without a set")),
        ({"GT": "0/1", "PGT": "0|1", "PID": "100_T_A"}, 0, Phase("7:PID=100_T_A", 1, "PID and PGT")),
        ({"GT": "0|1", "PGT": "0|1", "PID": "100_T_A", "PS": "100"}, 0, Phase("7:PID=100_T_A", 1, "PID and PGT")),
        ({"GT": "0/1", "PGT": ".", "PID": "."}, 0, None),
        ({"GT": "0/1", "PGT": "0|1"}, 0, None),
        ({"GT": "0/1", "PID": "100_T_A"}, 0, None),
        ({"GT": "0/1", "PGT": "0/1", "PID": "100_T_A"}, 0, None),
        ({"GT": "10|1", "PS": "1"}, 9, Phase("7:PS=1", 0, "PS and GT")),
    ],
)
def test_phase_of(values: Mapping[str, str], alt_index: int, expected: Phase | None) -> None:
    assert phase_of(values, alt_index, "7") == expected


def test_set_names_do_not_join_chromosomes() -> None:
    values = {"GT": "0|1", "PS": "100"}
    assert relation(phase_of(values, 0, "7"), phase_of(values, 0, "8")) == "undetermined"


A0, A1 = Phase("7:PS=1", 0, "PS and GT"), Phase("7:PS=1", 1, "PS and GT")
B1 = Phase("7:PS=2", 1, "PS and GT")
G0, G1 = Phase("7:GT", 0, "phased GT without a set"), Phase("7:GT", 1, "phased GT without a set")


@pytest.mark.parametrize(
    ("one", "other", "distance", "expected"),
    [
        (A1, A1, None, "cis"),
        (A0, A1, None, "trans"),
        (A1, A1, 5_000_000, "cis"),
        (A1, B1, None, "undetermined"),
        (A1, None, None, "undetermined"),
        (None, None, None, "undetermined"),
        (G1, G1, 1, "cis"),
        (G0, G1, 100, "trans"),
        (G1, G1, -100, "cis"),
        (G1, G1, 101, "undetermined"),
        (G1, G1, None, "undetermined"),
    ],
)
def test_relation(one: Phase | None, other: Phase | None, distance: int | None, expected: str) -> None:
    assert relation(one, other, distance=distance) == expected
    assert relation(other, one, distance=distance) == expected


@pytest.mark.parametrize("second", [C797S_T, C797S_G])
@pytest.mark.parametrize(
    ("phases", "expected"),
    [((A1, A1), "cis"), ((A1, A0), "trans"), ((A1, B1), "undetermined"), ((None, A1), "undetermined")],
)
def test_t790m_with_c797s_is_related_but_not_combined(
    second: Allele, phases: tuple[Phase | None, Phase | None], expected: str
) -> None:
    assert relation(*phases, distance=second.pos - T790M.pos) == expected
    assert adjacent_groups([T790M, second], phases) == []
    assert combine([T790M, second]) is None


def test_v600k_of_two_phased_snvs() -> None:
    for alleles in ([V600M, V600E], [V600E, V600M]):
        (group,) = adjacent_groups(alleles, [A1, A1])
        assert group.relation == "cis"
        assert combine([alleles[i] for i in group.members]) == V600K


@pytest.mark.parametrize("phases", [(None, None), (A1, None), (A1, B1)])
def test_v600k_without_phase_stays_apart_and_says_so(phases: tuple[Phase | None, Phase | None]) -> None:
    alleles = [V600M, V600E]
    (group,) = adjacent_groups(alleles, phases)
    assert group == AdjacentGroup((1, 0), "undetermined")
    note = phase_note(alleles, group, phases)
    assert note.startswith("phase not determined: 7:140453136 A>T and 7:140453137 C>T")
    assert "laboratory" in note


def test_notes_name_the_evidence() -> None:
    alleles = [V600E, V600M]
    assert phase_note(alleles, AdjacentGroup((0, 1), "trans"), [A0, A1]).startswith(
        "on different haplotypes by PS and GT"
    )
    assert phase_note(alleles, AdjacentGroup((0, 1), "cis"), [A1, A1]).startswith("on one haplotype by PS and GT")


def snv(pos: int, ref: str = "A", alt: str = "C", chrom: str = "1") -> Allele:
    return Allele(chrom, pos, ref, alt)


@pytest.mark.parametrize(
    ("alleles", "phases", "expected"),
    [
        ([snv(10), snv(13)], [A1, A1], []),
        ([snv(10), snv(12)], [A1, A1], [((0, 1), "cis")]),
        ([snv(10), snv(11, chrom="2")], [A1, A1], []),
        ([snv(10), snv(11), snv(12)], [A1, A1, A1], [((0, 1, 2), "cis")]),
        ([snv(10), snv(11), snv(12)], [A1, A0, A1], [((0, 1), "trans"), ((0, 2), "cis"), ((1, 2), "trans")]),
        ([snv(10), snv(12), snv(14)], [A1, A1, A1], [((0, 1, 2), "cis")]),
        (
            [snv(10), snv(11), snv(12)],
            [A1, A1, None],
            [((0, 1), "cis"), ((0, 2), "undetermined"), ((1, 2), "undetermined")],
        ),
        # two ALTs of one position are alternatives, not neighbours
        ([snv(10), snv(10, alt="G")], [A1, A0], []),
        # two alleles on one haplotype for one base: the phase contradicts itself
        ([snv(10), snv(10, alt="G"), snv(11)], [A1, A1, A1], [((0, 2), "undetermined"), ((1, 2), "undetermined")]),
        # a deletion reaches to its last base: a delins that was called in two records
        ([Allele("1", 10, "AGGG", "A"), snv(15)], [A1, A1], [((0, 1), "cis")]),
        ([Allele("1", 10, "AGGG", "A"), snv(16)], [A1, A1], []),
        # two frameshifts that keep the frame together are one event, phased and within reach
        ([Allele("1", 10, "AGG", "A"), Allele("1", 30, "AG", "A")], [A1, A1], [((0, 1), "cis")]),
        ([Allele("1", 10, "AG", "A"), Allele("1", 30, "A", "AG")], [A1, A1], [((0, 1), "cis")]),
        ([Allele("1", 10, "AGG", "A"), Allele("1", 30, "AGG", "A")], [A1, A1], []),
        ([Allele("1", 10, "AGG", "A"), Allele("1", 30, "AG", "A")], [A1, A0], []),
        ([Allele("1", 10, "AGG", "A"), Allele("1", 30, "AG", "A")], [None, None], []),
        ([Allele("1", 10, "AGG", "A"), Allele("1", 41, "AG", "A")], [A1, A1], [((0, 1), "cis")]),
        ([Allele("1", 10, "AGG", "A"), Allele("1", 42, "AG", "A")], [A1, A1], []),
        ([Allele("1", 10, "AGGG", "A"), snv(12)], [A1, A1], []),
        ([Allele("1", 10, "AGGG", "A"), snv(10)], [A1, A1], [((1, 0), "cis")]),
        ([], [], []),
    ],
)
def test_adjacent_groups(
    alleles: list[Allele], phases: list[Phase | None], expected: list[tuple[tuple[int, ...], str]]
) -> None:
    assert [(group.members, group.relation) for group in adjacent_groups(alleles, phases)] == expected


def test_a_codon_split_by_an_intron_is_found_but_not_combined(tmp_path: Path) -> None:
    alleles = [snv(10), snv(500)]
    (group,) = adjacent_groups(alleles, [A1, A1], [("ENST1", 30), ("ENST1", 30)])
    assert group == AdjacentGroup((0, 1), "cis")
    with Reference(made_up(tmp_path)) as reference:
        assert combine(alleles, reference) is None
    assert adjacent_groups(alleles, [A1, A1], [("ENST1", 30), ("ENST2", 30)]) == []


BASES = "ACGTTGCAACNTTGACCA" * 40


def made_up(folder: Path) -> Path:
    path = folder / "r.fa"
    path.write_text(f">1\n{BASES}\n")
    pysam.faidx(str(path))
    return path


def test_combine_needs_the_base_between(tmp_path: Path) -> None:
    alleles = [Allele("1", 4, "T", "A"), Allele("1", 6, "G", "C")]
    assert combine(alleles) is None
    with Reference(made_up(tmp_path)) as reference:
        assert combine(alleles, reference) == Allele("1", 4, "TTG", "ATC")
        assert combine([Allele("1", 10, "C", "A"), Allele("1", 12, "T", "A")], reference) is None  # N between
        assert combine([Allele("2", 4, "T", "A"), Allele("2", 6, "G", "C")], reference) is None  # not in the FASTA


@pytest.mark.parametrize(
    ("alleles", "expected"),
    [
        ([Allele("1", 4, "T", "A"), Allele("1", 5, "T", "G"), Allele("1", 6, "G", "C")], Allele("1", 4, "TTG", "AGC")),
        ([Allele("1", 4, "TT", "AG"), Allele("1", 6, "G", "C")], Allele("1", 4, "TTG", "AGC")),
        (
            [Allele("1", 3, "GTT", "G"), Allele("1", 6, "G", "C")],
            Allele("1", 4, "TTG", "C"),
        ),  # deletion and SNV: delins
        ([Allele("1", 4, "T", "TAA"), Allele("1", 4, "T", "C")], Allele("1", 4, "T", "CAA")),  # SNV on the anchor
        ([Allele("1", 4, "T", "TAA"), Allele("1", 5, "T", "C")], Allele("1", 5, "T", "AAC")),
        ([Allele("1", 4, "TT", "T"), Allele("1", 4, "T", "C")], Allele("1", 4, "TT", "C")),
        ([Allele("1", 4, "TT", "T"), Allele("1", 5, "T", "TC")], Allele("1", 5, "T", "C")),
        ([Allele("1", 4, "TTG", "T"), Allele("1", 6, "GC", "G")], Allele("1", 4, "TTGC", "T")),
        ([Allele("1", 4, "TTG", "T"), Allele("1", 5, "T", "C")], None),  # overlap
        ([Allele("1", 4, "T", "TA"), Allele("1", 4, "T", "TC")], None),  # whose bases come first?
        ([Allele("1", 4, "T", "A"), Allele("1", 4, "T", "C")], None),
        ([Allele("1", 4, "T", "A"), Allele("2", 5, "T", "C")], None),
        ([Allele("1", 4, "T", "A")], None),
        ([], None),
        ([Allele("1", 4, "TT", "T"), Allele("1", 5, "T", "TT")], None),  # they cancel
    ],
)
def test_combine_by_hand(alleles: list[Allele], expected: Allele | None) -> None:
    assert combine(alleles) == expected
    assert combine(alleles[::-1]) == expected


@given(
    st.integers(1, 30), st.lists(st.tuples(st.sampled_from("sid"), st.text("ACGT", min_size=1, max_size=3)), min_size=2)
)
def test_combined_equals_both_applied(start: int, edits: list[tuple[str, str]]) -> None:
    """Neighbouring edits applied one by one, from the right, give the haplotype of the combined allele."""
    bases = BASES.replace("N", "A")
    alleles: list[Allele] = []
    pos = start + 1
    for kind, text in edits:
        ref = bases[pos - 1 : pos - 1 + len(text)]
        if kind == "s" and all(a != b for a, b in zip(ref, text, strict=True)):
            alleles.append(Allele("1", pos, ref, text))
            pos += len(text)
        elif kind == "d" and (not alleles or alleles[-1].pos + len(alleles[-1].ref) == pos):
            alleles.append(Allele("1", pos - 1, bases[pos - 2] + ref, bases[pos - 2]))
            pos += len(text)
        elif kind == "i" and not (alleles and len(alleles[-1].ref) < len(alleles[-1].alt)):
            alleles.append(Allele("1", pos - 1, bases[pos - 2], bases[pos - 2] + text))
    haplotype = bases
    for allele in reversed(alleles):
        at = allele.pos - 1
        anchor = 1 if len(allele.ref) != len(allele.alt) else 0
        haplotype = haplotype[: at + anchor] + allele.alt[anchor:] + haplotype[at + len(allele.ref) :]
    combined = combine(alleles)
    if len(alleles) < 2 or haplotype == bases:
        assert combined is None
    else:
        assert combined is not None
        at = combined.pos - 1
        assert bases[at : at + len(combined.ref)] == combined.ref
        assert bases[:at] + combined.alt + bases[at + len(combined.ref) :] == haplotype


@pytest.mark.real_data
def test_phased_mutect2(shared_data: Path) -> None:
    text = (shared_data / "vcf" / "m2_phasing.oncotator.grch37.vcf").read_text()
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    alleles = [Allele(row[0], int(row[1]), row[3], row[4]) for row in rows]
    tumours = [dict(zip(row[8].split(":"), row[9].split(":"), strict=True)) for row in rows]
    phases = [phase_of(values, 0, row[0]) for values, row in zip(tumours, rows, strict=True)]
    assert phases[:2] == [Phase("12:PID=100000_T_A", 1, "PID and PGT")] * 2
    assert phases[2] is None
    assert adjacent_groups(alleles, phases) == [AdjacentGroup((0, 1), "cis")]
    assert combine(alleles[:2]) == Allele("12", 100000, "TG", "AT")


@pytest.mark.real_data
def test_v600k_from_the_real_reference(shared_data: Path) -> None:
    with Reference(shared_data / "reference" / "GRCh37.sparse.fa.gz") as reference:
        for allele in (V600E, V600M, V600K, T790M, C797S_T, C797S_G):
            assert reference.check(allele) == "match"
        # c.1797 is A in the gene, T on the forward strand
        assert combine([V600E, Allele("7", 140453138, "T", "C")], reference) == Allele("7", 140453136, "ACT", "TCC")
