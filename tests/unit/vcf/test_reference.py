"""REF against the FASTA: unchecked is no mismatch, another build is refused, an odd record is set aside."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pysam
import pytest

from targetboard.errors import BuildMismatch, ExitCode, MalformedInput, UsageError
from targetboard.model import Allele, Assembly
from targetboard.vcf.normalise import classify_alt, left_align, trim
from targetboard.vcf.reference import Reference, build_evidence, check_reference

# 1-based: 1-40 bases, 41-50 N, 51 an IUPAC code, 52-60 soft-masked bases
BASES = "ACGTTGCAAC" * 4 + "N" * 10 + "R" + "acgttgcaa"
OTHER = str.maketrans("ACGT", "CGTA")


@pytest.fixture(scope="module")
def fasta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reference") / "small.fa"
    path.write_text(f">7 some description\n{BASES}\n>chrX\n{BASES}\n>chrM\n{BASES}\n>chrUn_x\nACGT\n")
    pysam.faidx(str(path))
    return path


@pytest.fixture
def reference(fasta: Path) -> Iterator[Reference]:
    with Reference(fasta) as opened:
        yield opened


@pytest.mark.parametrize(
    ("allele", "result"),
    [
        (Allele("7", 1, "A", "C"), "match"),
        (Allele("X", 1, "A", "C"), "match"),
        (Allele("MT", 1, "A", "C"), "match"),
        (Allele("7", 1, "C", "A"), "mismatch"),
        (Allele("7", 39, "AC", "A"), "match"),
        (Allele("7", 52, "ACG", "A"), "match"),  # soft-masked
        (Allele("7", 45, "A", "C"), "unchecked"),  # N
        (Allele("7", 51, "A", "C"), "unchecked"),  # IUPAC code
        (Allele("7", 40, "CAA", "C"), "unchecked"),  # reaches into N
        (Allele("7", 40, "GAA", "G"), "mismatch"),  # reaches into N, but the known base differs
        (Allele("7", 60, "AC", "A"), "unchecked"),  # over the end
        (Allele("7", 61, "A", "C"), "unchecked"),
        (Allele("7", 0, "A", "C"), "unchecked"),
        (Allele("8", 1, "A", "C"), "unchecked"),  # not in the FASTA
    ],
)
def test_check(reference: Reference, allele: Allele, result: str) -> None:
    assert reference.check(allele) == result


@pytest.mark.parametrize(
    ("span", "bases"),
    [
        (("7", 1, 4), "ACGT"),
        (("X", 52, 54), "ACG"),
        (("7", -3, 2), "AC"),
        (("7", 59, 99), "AA"),
        (("7", 5, 4), ""),
        (("7", 99, 120), ""),
        (("9", 1, 4), ""),
    ],
)
def test_fetch(reference: Reference, span: tuple[str, int, int], bases: str) -> None:
    assert reference.fetch(*span) == bases


def test_names_and_lengths(reference: Reference) -> None:
    assert [reference.name(chrom) for chrom in ("7", "X", "MT", "1")] == ["7", "chrX", "chrM", None]
    assert reference.length("X") == 60
    assert reference.length("1") is None


def test_missing_fasta_or_index_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        Reference(tmp_path / "no.fa")
    plain = tmp_path / "a.fa"
    plain.write_text(">7\nACGT\n")
    with pytest.raises(UsageError, match=r"no index beside it \(\.fai\)"):
        Reference(plain)
    squeezed = tmp_path / "b.fa.gz"
    squeezed.write_bytes(gzip.compress(b">7\nACGT\n"))
    (tmp_path / "b.fa.gz.fai").write_text("7\t4\t3\t4\t5\n")
    with pytest.raises(UsageError, match=r"no index beside it \(\.gzi\)"):
        Reference(squeezed)


def test_a_fasta_of_something_else_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "phage.fa"
    path.write_text(">phiX\nACGT\n")
    pysam.faidx(str(path))
    with pytest.raises(UsageError, match="no contig of the FASTA"):
        Reference(path)


def test_a_damaged_fasta_is_one_line(tmp_path: Path) -> None:
    path = tmp_path / "d.fa.gz"
    with pysam.BGZFile(str(path), "wb") as stream:
        stream.write(b">7\n" + b"ACGT" * 50_000 + b"\n")
    pysam.faidx(str(path))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])
    with Reference(path) as damaged, pytest.raises(MalformedInput, match="cannot be read at 7:"):
        damaged.fetch("7", 150_000, 150_010)


def snvs(right: int, wrong: int, chrom: str = "7") -> list[Allele]:
    """SNVs at the first positions; the first ``wrong`` of them have another REF than the FASTA."""
    alleles = []
    for index in range(right + wrong):
        base = BASES[index].translate(OTHER) if index < wrong else BASES[index]
        alleles.append(Allele(chrom, index + 1, base, base.translate(OTHER)))
    return alleles


@pytest.mark.parametrize(
    ("right", "wrong", "refused"),
    [
        (0, 0, False),
        (5, 0, False),
        (0, 1, True),  # nothing agrees
        (1, 1, True),
        (2, 1, False),  # one odd record beside sound ones
        (39, 1, False),
        (18, 2, True),  # 10 %
        (19, 2, False),  # 9.5 %
        (30, 10, True),
        (0, 3, True),
    ],
)
def test_the_rule(reference: Reference, right: int, wrong: int, refused: bool) -> None:
    alleles = snvs(right, wrong)
    if refused:
        with pytest.raises(BuildMismatch) as caught:
            check_reference(alleles, reference, Assembly.GRCH38)
        assert caught.value.code is ExitCode.BUILD_MISMATCH
        share = round(100 * wrong / (right + wrong))
        assert f"{wrong} of {right + wrong} sites that could be compared ({share}%)" in caught.value.what
        assert "GRCh38" in caught.value.what
    else:
        checked = check_reference(alleles, reference, Assembly.GRCH38)
        assert checked.mismatched == tuple(range(wrong))
        assert len(checked.warnings) == wrong


def test_unchecked_sites_count_for_nothing(reference: Reference) -> None:
    alleles = [*snvs(3, 0), Allele("7", 45, "A", "C"), Allele("8", 1, "A", "C")]
    checked = check_reference(alleles, reference, Assembly.GRCH37)
    assert (checked.checked, checked.mismatched, checked.unchecked) == (3, (), (3, 4))
    assert "3 of 3" in checked.message
    assert "2 could not be compared" in checked.message


def test_a_multiallelic_record_is_one_site(reference: Reference) -> None:
    odd = snvs(0, 1)[0]
    alleles = [odd, Allele("7", 1, odd.ref, "G"), Allele("7", 1, odd.ref, "T"), *snvs(9, 0)[1:]]
    assert check_reference(alleles, reference, Assembly.GRCH37).mismatched == (0, 1, 2)


def test_the_other_mitochondrion_is_quarantined_not_another_build(reference: Reference) -> None:
    checked = check_reference(snvs(0, 10, "MT"), reference, Assembly.GRCH37)
    assert checked.mismatched == tuple(range(10))


def test_swapped_ref_and_alt_is_named(reference: Reference) -> None:
    alleles = [*snvs(9, 0), Allele("7", 20, "G", BASES[19])]
    (warning,) = check_reference(alleles, reference, Assembly.GRCH37).warnings
    assert warning == f"7:20 REF G, reference {BASES[19]} (REF and ALT look swapped)"


GRCH37 = {
    ("7", 140453136): "A",
    ("12", 25398284): "C",
    ("17", 7577120): "C",
    ("9", 5073770): "G",
    ("7", 140453137): "C",
}
GRCH38 = {
    ("7", 140753336): "A",
    ("12", 25245350): "C",
    ("17", 7673802): "C",
    ("9", 5073770): "G",
    ("7", 140753337): "C",
}


@pytest.mark.parametrize(
    ("sites", "other_build"),
    [
        ([("7", 140453136, "A"), ("12", 25398284, "C")], True),
        ([("7", 140453136, "ACG"), ("12", 25398284, "C"), ("1", 5, "A")], True),
        ([("7", 140453136, "A")], False),  # one site never suffices
        ([("7", 140453136, "A"), ("7", 140453137, "C")], False),  # nor does one locus
        ([("7", 140453136, "A"), ("9", 5073770, "G")], False),  # the same in both builds
        ([("7", 140453136, "T"), ("12", 25398284, "G")], False),  # another REF
        ([("7", 140453136, "A"), ("12", 25398284, "C"), ("17", 7673802, "C")], False),  # the stated one has support
        ([("7", 140753336, "A"), ("12", 25245350, "C")], False),
        ([], False),
    ],
)
def test_build_evidence(sites: list[tuple[str, int, str]], other_build: bool) -> None:
    alleles = [Allele(chrom, pos, ref, "G" if ref != "G" else "T") for chrom, pos, ref in sites]
    evidence = build_evidence(alleles, GRCH38, GRCH37)
    assert (evidence is not None) == other_build
    if evidence:
        assert "7:140453136" in evidence


def test_chance_hits_of_a_genome_are_no_evidence() -> None:
    other = {("1", 1000 * number): "A" for number in range(3_000)}
    alleles = [Allele("1", 10 * number, "A", "C") for number in range(300_000)]
    few = [allele for allele in alleles if ("1", allele.pos) not in other]
    hits = [Allele("1", 1_000_000, "A", "C"), Allele("1", 2_500_000, "A", "C")]
    assert build_evidence(hits, {}, other) is not None
    assert build_evidence(few + hits, {}, other) is None


def read_alleles(path: Path) -> list[Allele]:
    """Trimmed small variants of a real file, read by hand."""
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.suffix == ".gz" else data).decode()
    rows = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    return [
        trim(row[0].removeprefix("chr"), int(row[1]), row[3], alt)
        for row in rows
        for alt in row[4].split(",")
        if classify_alt(row[3], alt, int(row[1])) is None
    ]


REAL = [
    ("pcgr_T001-COAD.tcga.grch37.vcf.gz", Assembly.GRCH37),
    ("pcgr_T001-COAD.tcga.grch38.vcf.gz", Assembly.GRCH38),
    ("pcgr_T001-BRCA.tcga.grch37.vcf.gz", Assembly.GRCH37),
    ("pcgr_T001-BRCA.tcga.grch38.vcf.gz", Assembly.GRCH38),
    ("vardict_paired.VarDictJava.hg19.vcf", Assembly.GRCH37),
    ("merged_tcga.vcf2maf.grch37.vcf", Assembly.GRCH37),
    ("panel_vep_csq.ngs-bits.vcf", Assembly.GRCH38),
    ("somatic_vep.pvactools.vcf.gz", Assembly.GRCH38),
]


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "assembly"), REAL)
def test_real_files_fit_their_build_and_no_other(
    shared_data: Path, name: str, assembly: Assembly, tmp_path: Path
) -> None:
    alleles = read_alleles(shared_data / "vcf" / name)
    (wrong,) = set(Assembly) - {assembly}
    with Reference(shared_data / "reference" / f"{assembly}.sparse.fa.gz") as right_one:
        checked = check_reference(alleles, right_one, assembly)
        assert checked.mismatched == ()
        assert checked.checked + len(checked.unchecked) == len(alleles)
        assert checked.checked > 0
        assert len(left_align(alleles, right_one, tmp_path)) == len(alleles)
    with (
        Reference(shared_data / "reference" / f"{wrong}.sparse.fa.gz") as wrong_one,
        pytest.raises(BuildMismatch, match=r"\(\d+%\)"),
    ):
        check_reference(alleles, wrong_one, wrong)


def rolled_right(allele: Allele, reference: Reference) -> Allele:
    """The same insertion or deletion one repeat unit base at a time to the right, as another caller may spell it."""
    pos, anchor = allele.pos, allele.ref[0]
    event = (allele.alt if len(allele.alt) > len(allele.ref) else allele.ref)[1:]
    while True:
        following = reference.fetch(allele.chrom, pos + 1, pos + 1 + len(allele.ref))
        after = following[0] if len(allele.ref) == 1 else following[len(event)]
        if after != event[0]:
            return Allele(
                allele.chrom, pos, *((anchor, anchor + event) if len(allele.ref) == 1 else (anchor + event, anchor))
            )
        pos, anchor, event = pos + 1, event[0], event[1:] + after


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "assembly"), [*REAL, ("tiny_b38.vcf2maf.vcf", Assembly.GRCH38)])
def test_real_indels_spelled_to_the_right_come_back(
    shared_data: Path, name: str, assembly: Assembly, tmp_path: Path
) -> None:
    with Reference(shared_data / "reference" / f"{assembly}.sparse.fa.gz") as reference:
        indels = [
            allele
            for allele in read_alleles(shared_data / "vcf" / name)
            if sorted((len(allele.ref), len(allele.alt)))[0] == 1 != max(len(allele.ref), len(allele.alt))
            and allele.ref[0] == allele.alt[0]
            and reference.check(allele) == "match"
        ]
        assert left_align(indels, reference, tmp_path) == indels
        assert left_align([rolled_right(allele, reference) for allele in indels], reference, tmp_path) == indels


@pytest.mark.real_data
def test_the_reference_is_never_written_to(shared_data: Path) -> None:
    folder = shared_data / "reference"
    before = sorted(path.name for path in folder.iterdir())
    Reference(folder / "GRCh37.sparse.fa.gz").close()
    assert sorted(path.name for path in folder.iterdir()) == before


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "assembly"), REAL[:4])
def test_without_fasta_known_hotspots_tell_the_builds_apart(shared_data: Path, name: str, assembly: Assembly) -> None:
    known: dict[Assembly, dict[tuple[str, int], str]] = {}
    for build in Assembly:
        table = (shared_data / "hotspots" / f"cancerhotspots_v2_{build}.tsv").read_text().splitlines()
        rows = [line.split("\t") for line in table]
        known[build] = {(row[0], int(row[1])): row[2] for row in rows}
    (wrong,) = set(Assembly) - {assembly}
    alleles = read_alleles(shared_data / "vcf" / name)
    assert build_evidence(alleles, known[assembly], known[wrong]) is None
    evidence = build_evidence(alleles, known[wrong], known[assembly])
    assert evidence is not None
    assert "0 those of the stated one" in evidence
