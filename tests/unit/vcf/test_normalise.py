"""Splitting, trimming and left-alignment keep the haplotype and end in one spelling."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pysam
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targetboard.model import Allele, SourceRecord
from targetboard.vcf import normalise
from targetboard.vcf.normalise import Reference, classify_alt, left_align, split, trim

CHROMOSOME_LENGTH = 600
MASKED = (400, 450)  # 1-based, all N


def made_up_chromosome(seed: int) -> str:
    """Random bases with homopolymers and short tandem repeats, some soft-masked, and a stretch of N."""
    source = random.Random(seed)  # noqa: S311
    parts: list[str] = []
    while sum(map(len, parts)) < CHROMOSOME_LENGTH:
        unit = "".join(source.choice("ACGT") for _ in range(source.choice([1, 1, 2, 3, 5, 9])))
        parts.append(unit * source.choice([1, 1, 2, 4, 12]))
        if source.random() < 0.1:
            parts[-1] = parts[-1].lower()
    bases = "".join(parts)[:CHROMOSOME_LENGTH]
    return bases[: MASKED[0] - 1] + "N" * (MASKED[1] - MASKED[0] + 1) + bases[MASKED[1] :]


BASES = {"1": made_up_chromosome(1), "MT": made_up_chromosome(2)}


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("made up") / "made up.fa"
    path.write_text(f">chr1\n{BASES['1']}\n>chrM\n{BASES['MT']}\n")
    pysam.faidx(str(path))
    return path


def apply(allele: Allele) -> str:
    """The chromosome with the allele in it."""
    bases = BASES[allele.chrom].upper()
    assert bases[allele.pos - 1 : allele.pos - 1 + len(allele.ref)] == allele.ref
    return bases[: allele.pos - 1] + allele.alt + bases[allele.pos - 1 + len(allele.ref) :]


def leftmost(allele: Allele) -> Allele:
    """Textbook normalisation (Tan et al. 2015, PMID 25701572), one base at a time: slow and plain."""
    bases = BASES[allele.chrom].upper()
    pos, ref, alt = allele.pos, allele.ref, allele.alt
    changed = True
    while changed:
        changed = False
        if ref and alt and ref[-1] == alt[-1] and (pos > 1 or min(len(ref), len(alt)) > 1):
            ref, alt, changed = ref[:-1], alt[:-1], True
        if (not ref or not alt) and pos > 1:
            pos -= 1
            ref, alt, changed = bases[pos - 1] + ref, bases[pos - 1] + alt, True
    return trim(allele.chrom, pos, ref, alt)


@st.composite
def spelled_alleles(draw: st.DrawFn) -> tuple[int, str, str]:
    """An allele of chromosome 1 in a wordy spelling: shared bases may stand on both sides."""
    bases = BASES["1"].upper()
    start = draw(st.integers(2, CHROMOSOME_LENGTH - 60))
    ref = bases[start - 1 : start - 1 + draw(st.integers(1, 40))]
    kind = draw(st.sampled_from(["insert", "delete", "replace", "repeat"]))
    cut = draw(st.integers(0, len(ref) - 1))
    width = draw(st.integers(1, 12))
    if kind == "delete":
        alt = ref[:cut] + ref[cut + width :]
    elif kind == "repeat":
        alt = ref[:cut] + ref[cut : cut + width] + ref[cut:]
    else:
        new = draw(st.text("ACGT", min_size=1, max_size=12))
        alt = ref[:cut] + new + ref[cut if kind == "insert" else cut + width :]
    return start, ref, alt


usable = spelled_alleles().filter(lambda a: classify_alt(a[1], a[2]) is None)


@given(usable)
def test_trim_keeps_the_haplotype_and_is_idempotent(spelled: tuple[int, str, str]) -> None:
    pos, ref, alt = spelled
    trimmed = trim("1", pos, ref, alt)
    assert apply(trimmed) == apply(Allele("1", pos, ref, alt))
    assert trim(*trimmed.key()) == trimmed
    assert trimmed.ref
    assert trimmed.alt
    if min(len(trimmed.ref), len(trimmed.alt)) > 1:
        assert trimmed.ref[0] != trimmed.alt[0]
        assert trimmed.ref[-1] != trimmed.alt[-1]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spelled=st.lists(usable, min_size=20, max_size=60))
def test_left_alignment_is_the_textbook_one(spelled: list[tuple[int, str, str]], fasta: Path, tmp_path: Path) -> None:
    alleles = [trim("1", *one) for one in spelled]
    with Reference(fasta) as reference:
        aligned = left_align(alleles, reference, tmp_path)
        again = left_align(aligned, reference, tmp_path)
    assert again == aligned
    for before, after in zip(alleles, aligned, strict=True):
        assert apply(after) == apply(before)
        expected = leftmost(before)
        # an allele that would lie on N, before or after, keeps its place
        assert after == (before if "N" in expected.ref + before.ref else expected)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(spelled=st.lists(usable.filter(lambda a: "N" not in a[1]), min_size=20, max_size=60))
def test_untrimmed_input_through_bcftools_norm_agrees(
    spelled: list[tuple[int, str, str]], fasta: Path, tmp_path: Path
) -> None:
    lines = [f"chr1\t{pos}\t{i}\t{ref}\t{alt}\t.\t.\t." for i, (pos, ref, alt) in enumerate(spelled)]
    source, target = tmp_path / "whole.vcf", tmp_path / "norm.vcf"
    header = "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    source.write_text(header + "\n".join(sorted(lines, key=lambda line: int(line.split("\t")[1]))) + "\n")
    normalise.run_bcftools("norm", ["-f", str(fasta), "-o", str(target), str(source)], where="test")
    with Reference(fasta) as reference:
        ours = left_align([trim("1", *one) for one in spelled], reference, tmp_path)
    for line in target.read_text().splitlines():
        if not line.startswith("#"):
            _, pos, index, ref, alt, *_ = line.split("\t")
            if "N" not in ref:
                # bcftools writes soft-masked bases of the reference in lower case
                assert ours[int(index)] == Allele("1", int(pos), ref.upper(), alt.upper())


@pytest.mark.parametrize(
    ("given_allele", "expected"),
    [
        ((10, "a", "t"), (10, "A", "T")),
        ((10, "ACG", "ATG"), (11, "C", "T")),
        ((10, "CTT", "CTTT"), (10, "C", "CT")),
        ((10, "CTTT", "CT"), (10, "CTT", "C")),
        ((10, "TC", "C"), (10, "TC", "C")),  # without FASTA there is no base to anchor on
        ((140453136, "AC", "TT"), (140453136, "AC", "TT")),  # BRAF V600K stays one event
        ((10, "GATG", "GTTC"), (11, "ATG", "TTC")),
        ((10, "GGAATTAAGAGAAGC", "GC"), (10, "GGAATTAAGAGAAG", "G")),
        ((10, "AATT", "AC"), (11, "ATT", "C")),  # delins is not atomised
    ],
)
def test_trim_by_hand(given_allele: tuple[int, str, str], expected: tuple[int, str, str]) -> None:
    assert trim("7", *given_allele) == Allele("7", *expected)


@pytest.mark.parametrize(
    ("ref", "alt", "reason"),
    [
        ("A", "T", None),
        ("a", "tg", None),
        ("A", "", "no alternate allele"),
        ("A", ".", "no alternate allele"),
        ("A", "<NON_REF>", "no alternate allele"),
        ("A", "<*>", "no alternate allele"),
        ("A", "*", "spanning deletion"),
        ("A", "<DEL>", "symbolic allele <DEL>"),
        ("N", "<DUP:TANDEM>", "symbolic allele <DUP:TANDEM>"),
        ("N", "<script>alert(1)</script>", "symbolic allele"),
        ("N", "<" + "X" * 4000 + ">", "symbolic allele"),
        ("G", "G]17:198982]", "breakend"),
        ("G", "[13:123457[G", "breakend"),
        ("G", "G.", "breakend"),
        ("G", ".TGCA", "breakend"),
        ("N", "A", "ambiguous base (N or IUPAC code)"),
        ("A", "r", "ambiguous base (N or IUPAC code)"),
        ("A", "21", "REF or ALT is not a sequence of bases"),
        ("A", "A/T", "REF or ALT is not a sequence of bases"),
        ("A", "-", "REF or ALT is not a sequence of bases"),
        ("", "A", "REF or ALT is not a sequence of bases"),
        ("A", "T\n", "REF or ALT is not a sequence of bases"),
        ("A", "a", "REF equals ALT"),
    ],
)
def test_reasons(ref: str, alt: str, reason: str | None) -> None:
    assert classify_alt(ref, alt) == reason


@pytest.mark.parametrize(
    ("pos", "length", "reason"),
    [
        (0, None, "telomere"),
        (0, 100, "telomere"),
        (101, 100, "telomere"),
        (100, 100, None),
        (101, None, None),
        (1, 1, None),
    ],
)
def test_telomeres(pos: int, length: int | None, reason: str | None) -> None:
    assert classify_alt("A", "C", pos, length) == reason


def record(*alts: str) -> SourceRecord:
    return SourceRecord(7, 30, "chr7", 140453136, ".", "A", alts, ".", "PASS", {}, (), {})


def test_split_keeps_the_allele_as_it_came() -> None:
    alleles = split(record("t", "<DEL>", "*"))
    assert [(a.record, a.line, a.chrom, a.pos, a.ref, a.alt, a.alt_index) for a in alleles] == [
        (7, 30, "chr7", 140453136, "A", "t", 0),
        (7, 30, "chr7", 140453136, "A", "<DEL>", 1),
        (7, 30, "chr7", 140453136, "A", "*", 2),
    ]


@pytest.mark.parametrize("alts", [(), (".",)])
def test_a_record_without_alt_is_counted_once(alts: tuple[str, ...]) -> None:
    assert [allele.alt for allele in split(record(*alts))] == ["."]


def test_no_process_without_movable_alleles(fasta: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise AssertionError("started a process")

    monkeypatch.setattr(normalise, "run_bcftools", fail)
    base = BASES["1"][9].upper()
    alleles = [
        Allele("1", 10, base, "A" if base != "A" else "C"),
        Allele("1", 405, "AC", "A"),  # reference N
        Allele("9", 10, "AC", "A"),  # not in the FASTA
        trim("1", 20, BASES["1"][19:21].upper(), "NN".replace("N", "C" if BASES["1"][19].upper() != "C" else "G")),
    ]
    with Reference(fasta) as reference:
        assert left_align(alleles, reference, tmp_path) == alleles


def test_order_duplicates_and_other_chromosomes_survive(fasta: Path, tmp_path: Path) -> None:
    alleles = []
    for chrom in ("MT", "1", "MT"):
        bases = BASES[chrom].upper()
        place = next(
            i for i in range(30, 300) if bases[i] == bases[i + 1] == bases[i + 2] and "N" not in bases[i : i + 3]
        )
        alleles.append(Allele(chrom, place + 2, bases[place + 1 : place + 3], bases[place + 1]))
    with Reference(fasta) as reference:
        aligned = left_align(alleles, reference, tmp_path)
    assert aligned == [leftmost(allele) for allele in alleles]
    assert aligned[0] == aligned[2]
    assert list(tmp_path.iterdir()) == []


def test_trim_of_a_megabase_is_linear() -> None:
    bases = "ACGT" * 250_000
    assert trim("1", 1, bases, bases + "T") == Allele("1", 999_999, "G", "GT")


def test_import_stays_cheap(root: Path) -> None:
    program = "import sys, targetboard.vcf.normalise; print(sorted({'pandas', 'jinja2', 'cyvcf2'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(root / "scripts")}, capture_output=True, check=True
    )
    assert done.stdout == b"[]\n"
