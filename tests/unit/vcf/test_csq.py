"""From FASTA and GFF3 to consequences: the made-up reference without any download, real loci where they are here."""

import gzip
import random
import time
from pathlib import Path

import pytest

from targetboard.errors import MalformedInput, UsageError
from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf import csq
from targetboard.vcf.csq import compute_consequences, not_evaluable
from targetboard.vcf.normalise import trim

Row = tuple[tuple[str, ...], str, str, int | None, int | None]

# allele: {transcript: (terms, c., p., exon, intron)}; written down from the gene models, not from a run
EXPECTED: dict[tuple[int, str, str], dict[str, Row]] = {
    (261, "A", "G"): {"NM_900001.1": (("start_lost",), "c.1A>G", "p.Met1?", 1, None)},
    (264, "G", "T"): {"NM_900001.1": (("missense_variant",), "c.4G>T", "p.Ala2Ser", 1, None)},
    (266, "T", "C"): {"NM_900001.1": (("synonymous_variant",), "c.6T>C", "p.Ala2=", 1, None)},
    (267, "A", "T"): {"NM_900001.1": (("stop_gained",), "c.7A>T", "p.Lys3Ter", 1, None)},
    (267, "AA", "GC"): {"NM_900001.1": (("missense_variant",), "c.7_8delinsGC", "p.Lys3Ala", 1, None)},
    (268, "AGC", "CTA"): {
        "NM_900001.1": (("missense_variant",), "c.8_10delinsCTA", "p.Lys3_Leu4delinsThrMet", 1, None)
    },
    # the exon-19-like deletion and the SNV behind it stay two events, although csq would join them on a haplotype
    (533, "GGAACTGCGTGAAGCT", "G"): {
        "NM_900001.1": (("inframe_deletion",), "c.94_108del", "p.Glu32_Ala36del", 2, None)
    },
    (549, "A", "T"): {"NM_900001.1": (("missense_variant",), "c.109A>T", "p.Thr37Ser", 2, None)},
    (532, "AG", "A"): {"NM_900001.1": (("frameshift_variant",), "c.94del", "p.Glu32AsnfsTer58", 2, None)},
    (534, "GAACTGCGTGAAGCTACT", "TCC"): {
        "NM_900001.1": (("inframe_deletion",), "c.94_111delinsTCC", "p.Glu32_Thr37delinsSer", 2, None)
    },
    # a delins with a one-base ALT: EGFR c.2237_2255delinsT in miniature (csq alone takes it for a pure deletion)
    (535, "AACTGCGTGAAGCTACTTC", "T"): {
        "NM_900001.1": (("inframe_deletion",), "c.95_113delinsT", "p.Glu32_Ser38delinsVal", 2, None)
    },
    (584, "A", "AGCTTACGTTATG"): {"NM_900001.1": (("inframe_insertion",), "c.149_160dup", "p.Tyr50_Ala53dup", 2, None)},
    (598, "C", "CTGG"): {"NM_900001.1": (("inframe_insertion",), "c.159_160insGGT", "p.Ala53_Ser54insGly", 2, None)},
    (266, "T", "TTAA"): {"NM_900001.1": (("stop_gained", "inframe_insertion"), "c.6_7insTAA", "p.Lys3Ter", 1, None)},
    (800, "GGGT", "G"): {
        "NM_900001.1": (("inframe_deletion", "splice_region_variant"), "c.187_189del", "p.Gly63del", 3, None)
    },
    # the repeat crosses into the exon and the acceptor's AG stays: a frameshift, not a lost splice site
    (499, "AGG", "A"): {
        "NM_900001.1": (("frameshift_variant", "splice_region_variant"), "c.61_62del", "p.Gly21CysfsTer4", 2, None)
    },
    # across the donor: splicing changes, so nothing is said of the reading frame
    (318, "ATCGT", "A"): {
        "NM_900001.1": (("splice_donor_variant", "coding_sequence_variant"), "c.59_60+2del", "", 1, None)
    },
    (858, "T", "C"): {"NM_900001.1": (("stop_lost",), "c.238T>C", "p.Ter80GlnextTer5", 3, None)},
    (860, "A", "G"): {"NM_900001.1": (("stop_retained_variant",), "c.240A>G", "p.Ter80=", 3, None)},
    (321, "G", "A"): {"NM_900001.1": (("splice_donor_variant",), "c.60+1G>A", "", None, 1)},
    (500, "G", "C"): {"NM_900001.1": (("splice_acceptor_variant",), "c.61-1G>C", "", None, 1)},
    (410, "G", "A"): {"NM_900001.1": (("intron_variant",), "c.60+90G>A", "", None, 1)},
    (201, "G", "A"): {"NM_900001.1": (("5_prime_UTR_variant",), "c.-60G>A", "", 1, None)},
    (872, "T", "C"): {"NM_900001.1": (("3_prime_UTR_variant",), "c.*12T>C", "", 3, None)},
    # minus strand, two transcripts with their own numbering
    (1970, "T", "C"): {
        "NM_900002.1": (("start_lost",), "c.1A>G", "p.Met1?", 1, None),
        "NM_900003.1": (("start_lost",), "c.1A>G", "p.Met1?", 1, None),
    },
    (1600, "G", "T"): {
        "NM_900002.1": (("synonymous_variant", "splice_region_variant"), "c.123C>A", "p.Ser41=", 3, None),
        "NM_900003.1": (("missense_variant", "splice_region_variant"), "c.51C>A", "p.Asn17Lys", 2, None),
    },
    (1801, "C", "A"): {
        "NM_900002.1": (("splice_acceptor_variant",), "c.51-1G>T", "", None, 1),
        "NM_900003.1": (("intron_variant",), "c.50+120G>T", "", None, 1),
    },
    (1937, "GAAC", "G"): {
        "NM_900002.1": (("inframe_deletion",), "c.31_33del", "p.Val11del", 1, None),
        "NM_900003.1": (("inframe_deletion",), "c.31_33del", "p.Val11del", 1, None),
    },
    # not coding, outside every gene, beside an unknown base
    (3050, "G", "A"): {"NR_900005.1": (("non_coding_transcript_exon_variant",), "", "", 1, None)},
    (3150, "A", "C"): {"NR_900005.1": (("intron_variant",), "", "", None, 1)},
    (100, "A", "C"): {},
    (2578, "C", "T"): {},
}


@pytest.fixture(scope="module")
def toy(root: Path) -> Path:
    return root / "tests/data/toy_reference"


def run(toy: Path, alleles: list[Allele], tmp_path: Path) -> list[tuple[TranscriptConsequence, ...]]:
    return compute_consequences(alleles, toy / "toy.fa", toy / "toy.gff3", tmp_path)


def test_consequences_of_every_kind_in_one_call(toy: Path, tmp_path: Path) -> None:
    alleles = [Allele("1", *key) for key in EXPECTED]
    random.Random(3).shuffle(alleles)  # noqa: S311  an order, not a secret
    for allele, found in zip(alleles, run(toy, alleles, tmp_path), strict=True):
        rows = {one.transcript: (tuple(sorted(one.terms)), one.hgvsc, one.hgvsp, one.exon, one.intron) for one in found}
        wanted = {name: (tuple(sorted(terms)), *rest) for name, (terms, *rest) in EXPECTED[allele.key()[1:]].items()}
        assert rows == wanted, allele
        assert all(one.source == "csq" and set(one.extra) <= {"coding_exon_ends"} for one in found)
    assert list(tmp_path.iterdir()) == []


def test_transcript_fields(toy: Path, tmp_path: Path) -> None:
    one, two = run(toy, [Allele("1", 1560, "T", "G")], tmp_path)[0]
    assert (one.gene, one.transcript, one.protein, one.exon, one.exon_total) == (
        "TOYB",
        "NM_900002.1",
        "NP_900002.1",
        3,
        3,
    )
    assert (one.hgvsp, one.codon, one.mane_select, one.biotype) == ("p.Ile55Leu", 55, True, "protein_coding")
    assert (two.hgvsp, two.codon, two.mane_select, two.exon_total) == ("p.Ile31Leu", 31, False, 2)


def test_an_allele_reads_the_same_alone_and_among_others(toy: Path, tmp_path: Path) -> None:
    alleles = [Allele("1", *key) for key in EXPECTED]
    together = run(toy, alleles, tmp_path)
    for allele, found in list(zip(alleles, together, strict=True))[::5]:
        assert run(toy, [allele], tmp_path) == [found]


def test_chunks_make_no_difference(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alleles = [Allele("1", *key) for key in EXPECTED]
    whole = run(toy, alleles, tmp_path)
    monkeypatch.setattr(csq, "CHUNK", 7)
    assert run(toy, alleles, tmp_path) == whole


def test_nothing_is_guessed(toy: Path, tmp_path: Path) -> None:
    beside_unknown, wrong_ref, other_contig, mitochondrial, symbolic, untranslatable = run(
        toy,
        [
            Allele("1", 2580, "G", "A"),
            Allele("1", 264, "C", "T"),
            Allele("2", 264, "C", "T"),
            Allele("MT", 264, "C", "T"),
            Allele("1", 264, "G", "<DEL>"),
            Allele("1", 2550, "G", "A"),
        ],
        tmp_path,
    )
    assert [beside_unknown, wrong_ref, other_contig, mitochondrial, symbolic] == [()] * 5
    assert untranslatable[0].terms == ("coding_sequence_variant",)
    assert untranslatable[0].hgvsp == ""
    assert "cannot be translated" in untranslatable[0].extra["not_evaluable"]


def test_disagreement_of_the_two_readings_is_not_evaluable(
    toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = csq._parse_bcsq
    monkeypatch.setattr(csq, "_parse_bcsq", lambda info: read(info.replace("2A>2S", "2A>2T")))
    found = run(toy, [Allele("1", 264, "G", "T"), Allele("1", 549, "A", "T")], tmp_path)
    assert found[0][0].terms == ("coding_sequence_variant",)
    assert found[0][0].hgvsp == ""
    assert found[0][0].codon is None
    assert "missense_variant 2A>2T" in found[0][0].extra["not_evaluable"]
    assert "p.Ala2Ser" in found[0][0].extra["not_evaluable"]
    assert found[1][0].hgvsp == "p.Thr37Ser"
    assert not_evaluable(found) == 1


def test_an_edge_that_remakes_its_splice_site_is_not_evaluable(toy: Path, tmp_path: Path) -> None:
    # eight bases from the last of the exon on are lost, and by chance GT follows again
    (one,) = run(toy, [Allele("1", 319, "TCGTAAGTA", "T")], tmp_path)[0]
    assert (one.terms, one.hgvsp) == (("splice_region_variant",), "")
    assert "remakes the splice site" in one.extra["not_evaluable"]


def test_silence_of_csq_is_not_evaluable(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csq, "_parse_bcsq", lambda info: [])
    coding, intronic = run(toy, [Allele("1", 264, "G", "T"), Allele("1", 410, "G", "A")], tmp_path)
    assert coding[0].hgvsp == ""
    assert "gives no consequence" in coding[0].extra["not_evaluable"]
    assert intronic[0].terms == ("intron_variant",)


def test_every_single_base_change_is_judged_and_agrees(toy: Path, tmp_path: Path) -> None:
    fasta = "".join((toy / "toy.fa").read_text().splitlines()[1:])
    alleles = [
        trim("1", pos, fasta[pos - 1], alt)
        for pos in [*range(195, 1006), *range(1436, 2006)]
        for alt in "ACGT"
        if alt != fasta[pos - 1]
    ]
    found = run(toy, alleles, tmp_path)
    assert not_evaluable(found) == 0
    genic = [bool(one) for one in found]
    assert sum(genic) == 3 * (800 + 560)


def test_a_chr_prefixed_fasta_gives_the_same(toy: Path, tmp_path: Path) -> None:
    fasta = tmp_path / "chr.fa"
    fasta.write_text((toy / "toy.fa").read_text().replace(">1", ">chr1").lower())
    (tmp_path / "chr.fa.fai").write_text((toy / "toy.fa.fai").read_text().replace("1\t3600\t3", "chr1\t3600\t6"))
    alleles = [Allele("1", *key) for key in EXPECTED]
    assert compute_consequences(alleles, fasta, toy / "toy.gff3", tmp_path) == run(toy, alleles, tmp_path)


def test_errors_name_the_file(toy: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        compute_consequences([], tmp_path / "missing.fa", toy / "toy.gff3", tmp_path)
    broken = tmp_path / "broken.gff3"
    broken.write_text("not a gff3\n")
    with pytest.raises(MalformedInput, match="not a GFF3"):
        compute_consequences([Allele("1", 264, "G", "T")], toy / "toy.fa", broken, tmp_path)


def test_no_alleles_starts_no_process(toy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csq, "run_bcftools", lambda *_, **__: pytest.fail("a child process was started"))
    assert run(toy, [], tmp_path) == []
    assert run(toy, [Allele("1", 100, "A", "C")], tmp_path) == [()]


# GRCh37; names as the literature and HGVS write them
KNOWN = [
    (("7", 140453136, "A", "T"), "BRAF", "c.1799T>A", "p.Val600Glu"),
    (("7", 140453136, "AC", "TT"), "BRAF", "c.1798_1799delinsAA", "p.Val600Lys"),
    (("7", 55259515, "T", "G"), "EGFR", "c.2573T>G", "p.Leu858Arg"),
    (("7", 55249071, "C", "T"), "EGFR", "c.2369C>T", "p.Thr790Met"),
    (("7", 55242464, "AGGAATTAAGAGAAGC", "A"), "EGFR", "c.2235_2249del", "p.Glu746_Ala750del"),
    (("7", 55242465, "GGAATTAAGAGAAGCA", "G"), "EGFR", "c.2236_2250del", "p.Glu746_Ala750del"),
    (("7", 55242467, "AATTAAGAGAAGCAACATC", "T"), "EGFR", "c.2237_2255delinsT", "p.Glu746_Ser752delinsVal"),
    (("7", 55242469, "TTAAGAGAAGCAACATCTC", "T"), "EGFR", "c.2240_2257del", "p.Leu747_Pro753delinsSer"),
    (("12", 25398284, "C", "T"), "KRAS", "c.35G>A", "p.Gly12Asp"),
    (("12", 25398284, "CC", "AA"), "KRAS", "c.34_35delinsTT", "p.Gly12Phe"),
    (("17", 41276044, "ACT", "A"), "BRCA1", "c.68_69del", "p.Glu23ValfsTer17"),
    (("17", 41209079, "T", "TG"), "BRCA1", "c.5266dup", "p.Gln1756ProfsTer74"),
    (("13", 32914437, "GT", "G"), "BRCA2", "c.5946del", "p.Ser1982ArgfsTer22"),
]


@pytest.mark.real_data
def test_known_alterations(shared_data: Path, tmp_path: Path) -> None:
    folder = shared_data / "reference"
    alleles = [Allele(*key) for key, *_ in KNOWN]
    found = compute_consequences(alleles, folder / "GRCh37.sparse.fa.gz", folder / "GRCh37.genes.gff3", tmp_path)
    for (key, gene, hgvsc, hgvsp), consequences in zip(KNOWN, found, strict=True):
        names = {(one.gene, one.hgvsc, one.hgvsp) for one in consequences}
        assert (gene, hgvsc, hgvsp) in names, (key, names)
    assert not_evaluable(found) == 0


@pytest.mark.real_data
@pytest.mark.parametrize("tumour", ["COAD", "BRCA"])
def test_one_tumour_reads_the_same_in_both_builds(shared_data: Path, tmp_path: Path, tumour: str) -> None:
    """pcgr's example tumours exist in both builds: matched by gene and order, the protein changes are the same."""
    lists: list[dict[str, list[str]]] = []
    for build in ("GRCh37", "GRCh38"):
        folder = shared_data / "reference"
        with gzip.open(shared_data / f"vcf/pcgr_T001-{tumour}.tcga.{build.lower()}.vcf.gz", "rt") as lines:
            fields = [line.split("\t") for line in lines if not line.startswith("#")]
        alleles = [trim(f[0].removeprefix("chr"), int(f[1]), f[3], alt) for f in fields for alt in f[4].split(",")]
        started = time.monotonic()
        found = compute_consequences(
            alleles, folder / f"{build}.sparse.fa.gz", folder / f"{build}.genes.gff3", tmp_path
        )
        assert time.monotonic() - started < 60
        assert not_evaluable(found) == 0
        named: dict[str, list[str]] = {}
        for consequences in found:
            for one in consequences:
                if one.hgvsp:
                    named.setdefault(f"{one.gene} {one.transcript.partition('.')[0]}", []).append(one.hgvsp)
        lists.append({key: sorted(changes) for key, changes in named.items()})
    one, two = lists
    shared = set(one) & set(two)
    assert len(shared) >= 10
    assert {key for key in shared if one[key] != two[key]} == set()
