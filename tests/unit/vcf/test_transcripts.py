"""Transcript models of the made-up reference: numbering, coding descriptions, protein changes, GFF3 reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from targetboard.errors import MalformedInput
from targetboard.model import Allele
from targetboard.vcf.gff3 import read_transcripts
from targetboard.vcf.hgvs import format_protein
from targetboard.vcf.reference import Reference
from targetboard.vcf.transcripts import (
    Edit,
    SplicedTranscript,
    coding_position,
    describe_coding,
    describe_protein,
    location,
    minimal_edit,
    place,
    splice,
    translate,
)

WHOLE = {"1": [(1, 3600)]}


@pytest.fixture(scope="module")
def toy(root: Path) -> Path:
    return root / "tests/data/toy_reference"


@pytest.fixture(scope="module")
def reference(toy: Path) -> Iterator[Reference]:
    with Reference(toy / "toy.fa") as opened:
        yield opened


@pytest.fixture(scope="module")
def spliced(toy: Path, reference: Reference) -> dict[str, SplicedTranscript]:
    return {one.id: splice(one, reference.fetch) for one in read_transcripts(toy / "toy.gff3", WHOLE)}


def test_models_are_read_and_translated(spliced: dict[str, SplicedTranscript]) -> None:
    assert list(spliced) == ["NM_900001.1", "NM_900002.1", "NM_900003.1", "NM_900004.1", "NR_900005.1"]
    plus, minus, skipping = (spliced[f"NM_90000{i}.1"] for i in (1, 2, 3))
    assert plus.protein == "MAKLPEDSGVTRHWQNCFYIGVAGKSALTIKELREATSPKANKEILDEAYVMASVDNPHVGGGQQSLLEKWRTPCDMAI*"
    assert minus.protein == "MDHEYRLCVVVPAGWVNKSAFTWQLIENHFCDEYQPTIMDSWRKQVVYDGETCIIDMLPA*"
    assert skipping.protein == "MDHEYRLCVVVPAGWVNWRKQVVYDGETCIIDMLPA*"
    assert minus.transcript.mane_select
    assert not skipping.transcript.mane_select
    assert minus.transcript.protein == "NP_900002.1"
    assert spliced["NM_900004.1"].protein == ""  # an unknown base
    assert spliced["NR_900005.1"].coding_end == 0


def test_only_overlapping_transcripts_are_read(toy: Path) -> None:
    assert [one.id for one in read_transcripts(toy / "toy.gff3", {"1": [(900, 901)]})] == ["NM_900001.1"]
    assert read_transcripts(toy / "toy.gff3", {"1": [(1001, 1440)], "2": [(1, 9999)]}) == []


@pytest.mark.parametrize(
    ("transcript", "position", "expected"),
    [
        ("NM_900001.1", 261, "1"),
        ("NM_900001.1", 260, "-1"),
        ("NM_900001.1", 201, "-60"),
        ("NM_900001.1", 137, "-124"),
        ("NM_900001.1", 320, "60"),
        ("NM_900001.1", 321, "60+1"),
        ("NM_900001.1", 410, "60+90"),
        ("NM_900001.1", 411, "61-90"),
        ("NM_900001.1", 500, "61-1"),
        ("NM_900001.1", 501, "61"),
        ("NM_900001.1", 860, "240"),
        ("NM_900001.1", 872, "*12"),
        ("NM_900001.1", 1001, "*141"),
        ("NM_900002.1", 1970, "1"),
        ("NM_900002.1", 2000, "-30"),
        ("NM_900002.1", 1921, "50"),
        ("NM_900002.1", 1920, "50+1"),
        ("NM_900002.1", 1801, "51-1"),
        ("NM_900002.1", 1800, "51"),
        ("NM_900002.1", 1540, "183"),
        ("NM_900002.1", 1539, "*1"),
        ("NM_900003.1", 1600, "51"),
        ("NM_900003.1", 1801, "50+120"),
    ],
)
def test_coding_positions(spliced: dict[str, SplicedTranscript], transcript: str, position: int, expected: str) -> None:
    assert coding_position(spliced[transcript], position) == expected


@pytest.mark.parametrize(
    ("transcript", "allele", "coding", "protein"),
    [
        ("NM_900001.1", (261, "A", "G"), "c.1A>G", "p.Met1?"),
        ("NM_900001.1", (264, "G", "T"), "c.4G>T", "p.Ala2Ser"),
        ("NM_900001.1", (266, "T", "C"), "c.6T>C", "p.Ala2="),
        ("NM_900001.1", (267, "A", "T"), "c.7A>T", "p.Lys3Ter"),
        ("NM_900001.1", (267, "AA", "GC"), "c.7_8delinsGC", "p.Lys3Ala"),
        ("NM_900001.1", (268, "AGC", "CTA"), "c.8_10delinsCTA", "p.Lys3_Leu4delinsThrMet"),
        ("NM_900001.1", (533, "GGAACTGCGTGAAGCT", "G"), "c.94_108del", "p.Glu32_Ala36del"),
        ("NM_900001.1", (534, "GAACTGCGTGAAGCTACT", "TCC"), "c.94_111delinsTCC", "p.Glu32_Thr37delinsSer"),
        ("NM_900001.1", (532, "AG", "A"), "c.94del", "p.Glu32AsnfsTer58"),
        ("NM_900001.1", (584, "A", "AGCTTACGTTATG"), "c.149_160dup", "p.Tyr50_Ala53dup"),
        ("NM_900001.1", (598, "C", "CTGG"), "c.159_160insGGT", "p.Ala53_Ser54insGly"),
        ("NM_900001.1", (266, "T", "TTAA"), "c.6_7insTAA", "p.Lys3Ter"),
        ("NM_900001.1", (800, "GGGT", "G"), "c.187_189del", "p.Gly63del"),
        ("NM_900001.1", (858, "T", "C"), "c.238T>C", "p.Ter80GlnextTer5"),
        ("NM_900001.1", (860, "A", "G"), "c.240A>G", "p.Ter80="),
        ("NM_900001.1", (259, "CT", "C"), "c.-1del", None),
        ("NM_900001.1", (320, "CG", "C"), "c.60+1del", None),
        ("NM_900001.1", (318, "ATCGT", "A"), "c.59_60+2del", None),
        ("NM_900001.1", (872, "T", "C"), "c.*12T>C", None),
        ("NM_900002.1", (1966, "T", "A"), "c.5A>T", "p.Asp2Val"),
        ("NM_900002.1", (1922, "TA", "GT"), "c.48_49delinsAC", "p.Asn17His"),
        ("NM_900002.1", (1937, "GAAC", "G"), "c.31_33del", "p.Val11del"),
        ("NM_900002.1", (1945, "A", "ACGC"), "c.23_25dup", "p.Cys8_Val9insGly"),
        ("NM_900002.1", (1800, "G", "A"), "c.51C>T", "p.Asn17="),
        ("NM_900003.1", (1600, "G", "T"), "c.51C>A", "p.Asn17Lys"),
        ("NM_900002.1", (1600, "G", "T"), "c.123C>A", "p.Ser41="),
        ("NR_900005.1", (3050, "G", "A"), "", None),
    ],
)
def test_descriptions(
    spliced: dict[str, SplicedTranscript],
    reference: Reference,
    transcript: str,
    allele: tuple[int, str, str],
    coding: str,
    protein: str | None,
) -> None:
    model = spliced[transcript]
    one = Allele("1", *allele)
    assert reference.check(one) == "match"
    edit = place(model.transcript, one, reference.fetch)
    assert describe_coding(model, edit, reference.fetch) == coding
    outcome = describe_protein(model, edit)
    if protein is None:
        assert outcome is None
    else:
        assert outcome is not None
        assert outcome.change is not None
        assert format_protein(outcome.change) == protein


@pytest.mark.parametrize(
    ("transcript", "edit", "expected"),
    [
        ("NM_900001.1", Edit(300, "A", ""), (1, None)),
        ("NM_900001.1", Edit(400, "A", ""), (None, 1)),
        ("NM_900001.1", Edit(700, "A", ""), (None, 2)),
        ("NM_900001.1", Edit(319, "AAAA", ""), (1, None)),
        ("NM_900002.1", Edit(1950, "A", ""), (1, None)),
        ("NM_900002.1", Edit(1850, "A", ""), (None, 1)),
        ("NM_900002.1", Edit(1590, "A", ""), (3, None)),
        ("NM_900003.1", Edit(1750, "A", ""), (None, 1)),
        ("NM_900001.1", Edit(100, "A", ""), (None, None)),
    ],
)
def test_exon_and_intron_numbers(
    spliced: dict[str, SplicedTranscript], transcript: str, edit: Edit, expected: tuple[int | None, int | None]
) -> None:
    assert location(spliced[transcript].transcript, edit) == expected


def test_every_protein_outcome_equals_translating_the_edited_gene(
    spliced: dict[str, SplicedTranscript], reference: Reference
) -> None:
    """The new protein is the same when the edited chromosome itself is spliced and read from the start."""
    model = spliced["NM_900002.1"]
    for position in range(1545, 1598):
        for ref_length, inserted in ((1, ""), (2, "T"), (3, ""), (4, "GGC"), (0, "A"), (0, "GAT")):
            deleted = reference.fetch("1", position, position + ref_length - 1)
            edit = Edit(position, deleted, inserted)
            if minimal_edit(Allele("1", position - 1, "N" + deleted, "N" + inserted)) != edit:
                continue
            outcome = describe_protein(model, edit)
            assert outcome is not None
            chromosome = reference.fetch("1", 1441, 1600)
            at = position - 1441
            exon = chromosome[:at] + inserted + chromosome[at + ref_length :]
            before = model.mrna[model.coding_start : 80 + 72]
            whole = before + exon.translate(str.maketrans("ACGT", "TGCA"))[::-1]
            residues = translate(whole)
            assert outcome.mutated == residues[: residues.find("*") + 1 or None]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("1\ttoy\tgene\t1\t10\t.\t+\t.\n", "line 1"),
        ("##gff-version 3\n1\ttoy\tgene\tx\t10\t.\t+\t.\tID=gene:G\n", "line 2"),
    ],
)
def test_a_file_that_is_no_gff3_is_refused(tmp_path: Path, text: str, where: str) -> None:
    path = tmp_path / "odd.gff3"
    path.write_text(text)
    with pytest.raises(MalformedInput) as caught:
        read_transcripts(path, WHOLE)
    assert where in caught.value.one_line()


def test_ncbi_and_versioned_ensembl_names(tmp_path: Path) -> None:
    path = tmp_path / "names.gff3"
    path.write_text(
        "##gff-version 3\n"
        "NC_000007.14\tRefSeq\tgene\t1\t99\t.\t+\t.\tID=gene-G;Dbxref=GeneID:1,HGNC:HGNC:77;Name=G;gene=G\n"
        "NC_000007.14\tRefSeq\tmRNA\t1\t99\t.\t+\t.\tID=rna-NM_1.2;Parent=gene-G;transcript_id=NM_1.2;tag=MANE Select\n"
        "NC_000007.14\tRefSeq\texon\t1\t99\t.\t+\t.\tID=exon-1;Parent=rna-NM_1.2\n"
        "NC_000007.14\tRefSeq\tCDS\t1\t30\t.\t+\t0\tID=cds-NP_1.1;Parent=rna-NM_1.2;protein_id=NP_1.1\n"
        "chr7\tensembl\tgene\t1\t99\t.\t-\t.\tID=gene:ENSG1;Name=G;description=a [Source:HGNC Symbol%3BAcc:HGNC:77]\n"
        "chr7\tensembl\tmRNA\t1\t99\t.\t-\t.\tID=transcript:ENST1;Parent=gene:ENSG1;version=4;tag=basic,Ensembl_canonical\n"
        "chr7\tensembl\texon\t1\t99\t.\t-\t.\tParent=transcript:ENST1\n"
        "chr7\tensembl\tCDS\t1\t30\t.\t-\t2\tID=CDS:ENSP1;Parent=transcript:ENST1\n"
    )
    one, two = read_transcripts(path, {"7": [(50, 50)]})
    assert (one.id, one.gene, one.hgnc_id, one.protein, one.mane_select) == ("NM_1.2", "G", "HGNC:77", "NP_1.1", True)
    assert (two.id, two.hgnc_id, two.protein, two.canonical, two.complete) == (
        "ENST1.4",
        "HGNC:77",
        "ENSP1",
        True,
        False,
    )
