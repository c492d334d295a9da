"""Frequencies and scores: which fields mean what, and joining by exact allele from tabix-indexed files."""

from __future__ import annotations

from pathlib import Path

import pysam
import pytest

from targetboard.errors import BuildMismatch, UsageError
from targetboard.model import Allele, Assembly, InputAllele, Observation, SourceRecord, TranscriptConsequence
from targetboard.vcf.absence import absent_by_annotation, gives_populations
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.scores import (
    EvidenceFields,
    EvidenceRequest,
    frequency_field,
    join_evidence,
    splice_ai_maximum,
)

HEADER = "##fileformat=VCFv4.2\n##contig=<ID={contig},length={length}>\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
CHR7_37, CHR7_38 = 159138663, 159345973


def indexed(folder: Path, name: str, rows: list[str], contig: str = "7", length: int = CHR7_37) -> Path:
    plain = folder / f"{name}.vcf"
    body = "".join(f"{contig}\t{row}\n" for row in rows)
    plain.write_text(HEADER.format(contig=contig, length=length) + body, encoding="ascii")
    return Path(pysam.tabix_index(str(plain), preset="vcf", force=True))


@pytest.mark.parametrize(
    ("name", "bare", "expected"),
    [
        ("gnomADe_AFR_AF", False, ("gnomade", "AFR")),
        ("gnomADg_AF", False, ("gnomadg", "ALL")),
        ("gnomAD_exomes_NFE_AF", False, ("gnomade", "NFE")),
        ("gnomAD_AF_grpmax", False, ("gnomad", "GRPMAX")),
        ("AF_grpmax", False, ("", "GRPMAX")),
        ("AF", True, ("", "ALL")),
        ("AF_nfe", True, ("", "NFE")),
        ("AF_joint_sas", True, ("", "SAS")),
        ("AF_popmax", True, ("", "GRPMAX")),
        # a sample's own allele fraction, and populations and subgroups the standard does not name
        ("AF", False, None),
        ("AF_nfe", False, None),
        ("gnomADe_ASJ_AF", False, None),
        ("AF_nfe_male", True, None),
        ("gnomAD_AC", False, None),
        ("nhomalt", True, None),
        ("faf95_afr", True, None),
    ],
)
def test_frequency_fields(name: str, bare: bool, expected: tuple[str, str] | None) -> None:
    assert frequency_field(name, bare=bare) == expected


@pytest.mark.parametrize(
    ("text", "alt", "expected"),
    [
        ("A|TP53|0.00|0.01|0.12|0.03|1|2|3|4", "A", "0.12"),
        ("C|TP53|0.00|0.01|0.92|0.03|1|2|3|4,A|TP53|0.2|0|0|0|1|2|3|4", "A", "0.2"),
        ("TP53|0.00|0.01|0.12|0.3|1|2|3|4", "", "0.3"),
        ("0.45", "A", "0.45"),
        ("A|TP53|.|.|.|.|.|.|.|.", "A", ""),
        ("", "A", ""),
    ],
)
def test_splice_ai(text: str, alt: str, expected: str) -> None:
    assert splice_ai_maximum(text, alt) == expected


SNV, OTHER = Allele("7", 100, "A", "T"), Allele("7", 100, "A", "G")
DELETION, MNV = Allele("7", 200, "CAG", "C"), Allele("7", 300, "AC", "TG")


def test_exact_alleles_are_joined_whatever_their_spelling(tmp_path: Path) -> None:
    frequencies = indexed(
        tmp_path,
        "f",
        [
            "100\t.\tA\tG,T\t.\tPASS\tAF=0.2,0.001;AF_nfe=0.3,0.002;AN=10",
            "199\t.\tGCAG\tGC\t.\tAC0\tAF_grpmax=0.07",
        ],
        contig="chr7",
    )
    scores = indexed(tmp_path, "s", ["100\t.\tA\tT\t.\t.\tREVEL=0.9;SpliceAI=T|BRAF|0.0|0.1|0|0|1|2|3|4;AF=0.5"])
    request = EvidenceRequest((frequencies,), (scores,))
    snv, other, deletion, mnv = join_evidence(
        [(SNV, False), (OTHER, False), (DELETION, True), (MNV, True)], request, Assembly.GRCH37
    )
    assert {name: value.text for name, value in snv.items()} == {
        "AF_ALL": "0.001",
        "AF_NFE": "0.002",
        "REVEL": "0.9",
        "SpliceAI": "0.1",
    }
    assert other["AF_NFE"].text == "0.3"
    assert "REVEL" not in other
    # "GCAG>GC" of the file is the same deletion
    assert deletion["AF_GRPMAX"].text == "0.07"
    assert deletion["AF_GRPMAX"].origin == "f.vcf.gz AF_grpmax, FILTER AC0"
    assert mnv == {}


def test_absence_counts_only_where_the_files_are_declared_complete(tmp_path: Path) -> None:
    path = indexed(tmp_path, "f", ["5\t.\tA\tT\t.\tPASS\tAF=0.1"])
    asked = [(SNV, False), (DELETION, True), (DELETION, False), (MNV, True), (Allele("8", 1, "A", "T"), True)]
    silent = join_evidence(asked, EvidenceRequest((path,)), Assembly.GRCH37)
    assert silent == [{}, {}, {}, {}, {}]
    declared = join_evidence(asked, EvidenceRequest((path,), frequencies_complete=True), Assembly.GRCH37)
    assert [value["AF_GRPMAX"].text if value else None for value in declared] == ["0", "0", None, None, None]
    assert "declared complete" in declared[0]["AF_GRPMAX"].origin


def test_the_higher_of_two_files_counts(tmp_path: Path) -> None:
    paths = tuple(
        indexed(tmp_path, name, [f"100\t.\tA\tT\t.\tPASS\tAF_grpmax={value}"])
        for name, value in (("e", 1e-5), ("g", 0.02))
    )
    (found,) = join_evidence([(SNV, False)], EvidenceRequest(paths), Assembly.GRCH37)
    assert found["AF_GRPMAX"].text == "0.02"


def test_files_of_another_assembly_are_refused(tmp_path: Path) -> None:
    by_length = indexed(tmp_path, "l", ["5\t.\tA\tT\t.\tPASS\tAF=0.1"], length=CHR7_38)
    with pytest.raises(BuildMismatch):
        join_evidence([(SNV, False)], EvidenceRequest((by_length,)), Assembly.GRCH37)
    by_bases = indexed(tmp_path, "b", ["100\t.\tG\tT\t.\tPASS\tAF=0.1", "200\t.\tT\tA\t.\tPASS\tAF=0.1"])
    with pytest.raises(BuildMismatch, match="2 of 2 shared positions"):
        join_evidence([(SNV, False), (DELETION, False)], EvidenceRequest((by_bases,)), Assembly.GRCH37)


def test_missing_files_and_indices_name_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        join_evidence([], EvidenceRequest((tmp_path / "none.vcf.gz",)), Assembly.GRCH37)
    bare = indexed(tmp_path, "f", ["5\t.\tA\tT\t.\tPASS\tAF=0.1"])
    Path(f"{bare}.tbi").unlink()
    with pytest.raises(UsageError) as error:
        join_evidence([], EvidenceRequest((bare,)), Assembly.GRCH37)
    assert "tabix" in error.value.remedy


def test_further_names() -> None:
    fields = EvidenceFields.parse(["REVEL=my_revel", "af_nfe=europe"])
    assert fields.name_of("MY_REVEL") == "REVEL"
    assert fields.name_of("Europe") == "AF_NFE"
    extra = {"my_revel": "0.7", "europe": ".", "REVEL": "0.1"}
    consequence = TranscriptConsequence("G", "T", ("missense_variant",), "CSQ", extra=extra)
    assert {name: value.text for name, value in fields.of_consequence(consequence).items()} == {"REVEL": "0.7"}
    for wrong in ("REVEL", "REVEL=", "COLOUR=x"):
        with pytest.raises(UsageError):
            EvidenceFields.parse([wrong])


def test_info_of_the_vcf_itself_is_read_but_its_own_fraction_never() -> None:
    info = {"AF": "0.45,0.1", "gnomAD_AF": "0.2,0.0001", "CADD_PHRED": "31", "REVEL": "0.5,."}
    record = SourceRecord(1, 9, "7", 100, "", "A", ("G", "T"), ".", "PASS", info, (), {})
    assert {n: v.text for n, v in EvidenceFields().of_record(record, 1).items()} == {"AF_ALL": "0.0001"}
    assert {n: v.text for n, v in EvidenceFields().of_record(record, 0).items()} == {"AF_ALL": "0.2", "REVEL": "0.5"}


FIVE = tuple(f"gnomADe_{name}_AF" for name in ("AFR", "AMR", "EAS", "NFE", "SAS"))


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("Allele", *FIVE), True),
        (("Allele", *FIVE[1:]), False),
        (("Allele", *FIVE[:2], "gnomADg_EAS_AF", "gnomADg_NFE_AF", "gnomADg_SAS_AF"), False),
        (("gnomAD_AF_grpmax",), True),
        (("gnomADe_AF", "AF"), False),
    ],
)
def test_what_gives_all_populations(fields: tuple[str, ...], expected: bool) -> None:
    assert gives_populations(fields) is expected


@pytest.mark.parametrize(
    ("allele", "extra", "annotated", "expected"),
    [
        (SNV, {"gnomADe_AFR_AF": ""}, True, "0"),
        (SNV, {"gnomADe_AFR_AF": "0.1"}, True, None),
        (SNV, {}, False, None),
        (DELETION, {}, True, "0"),
        (MNV, {}, True, None),
    ],
)
def test_silence_of_a_complete_annotation(
    allele: Allele, extra: dict[str, str], annotated: bool, expected: str | None
) -> None:
    consequence = TranscriptConsequence("BRAF", "T", ("missense_variant",), "CSQ", extra=extra)
    candidate = Candidate(
        allele,
        InputAllele(1, 1, "7", allele.pos, allele.ref, allele.alt, 0),
        Observation(None, "", None, None, "PASS"),
        (consequence,) if annotated else (),
    )
    found = absent_by_annotation(candidate).get("AF_GRPMAX")
    assert (found.text if found is not None else None) == expected
