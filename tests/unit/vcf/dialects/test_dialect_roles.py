"""Tumour and normal columns: named, declared, refused; never guessed from the order."""

from __future__ import annotations

from typing import Any

import pytest

from targetboard.errors import ExitCode, UsageError
from targetboard.vcf.dialects import resolve_roles
from targetboard.vcf.dialects.registry import dialect_named

GENERIC = "generic"
DRAGEN_PAIR = '##DRAGENCommandLine=<ID=dragen,CommandLineOptions="--RGSM N1 --x 1 --RGSM-tumor T1">'
DRAGEN_ONE = '##DRAGENCommandLine=<ID=dragen,CommandLineOptions="--tumor-bam x.bam --RGSM T1">'

# dialect, header lines, columns, names given (tumour, normal), expected (tumour, normal), words of the basis
RESOLVED = [
    (GENERIC, [], ("TUMOR", "NORMAL"), (None, None), ("TUMOR", "NORMAL"), "column named TUMOR"),
    (GENERIC, [], ("normal", "tumour"), (None, None), ("tumour", "normal"), "column named tumour"),
    (GENERIC, [], ("NORMAL", "PRIMARY"), (None, None), ("PRIMARY", "NORMAL"), "column named PRIMARY"),
    (GENERIC, [], ("NORMAL", "X1"), (None, None), ("X1", "NORMAL"), "only column beside the normal"),
    (GENERIC, [], ("TUMOR", "X1"), (None, None), ("TUMOR", None), "no normal"),
    (GENERIC, [], ("X1",), (None, None), ("X1", None), "the only column"),
    (GENERIC, [], (), (None, None), (None, None), "no sample columns"),
    (GENERIC, [], ("A", "B"), ("B", "A"), ("B", "A"), "named by the user"),
    (GENERIC, [], ("A", "B"), ("B", None), ("B", None), "no normal"),
    (GENERIC, [], ("A", "B"), (None, "A"), ("B", "A"), "only column beside the normal"),
    (GENERIC, [], ("TUMOR", "NORMAL"), ("NORMAL", None), ("NORMAL", None), "named by the user"),
    ("mutect2", ["##tumor_sample=B", "##normal_sample=A"], ("A", "B"), (None, None), ("B", "A"), "##tumor_sample"),
    ("mutect2", ["##tumor_sample=B", "##normal_sample=A"], ("B", "A"), (None, None), ("B", "A"), "##tumor_sample"),
    ("mutect2", ["##normal_sample=A"], ("A", "B"), (None, None), ("B", "A"), "##normal_sample"),
    ("mutect2", ["##tumor_sample=TUMOR_7"], ("TUMOR", "X"), (None, None), ("TUMOR", None), "column named TUMOR"),
    ("mutect2", ["##tumor_sample=B"], ("A", "B"), ("A", None), ("A", None), "##tumor_sample names 'B'"),
    ("mutect2", ["##normal_sample=A"], ("A", "B"), ("A", None), ("A", None), "named by the user"),
    ("mutect2", ["##tumor_sample=B"], ("A", "B"), (None, "B"), ("A", "B"), "normal: named by the user"),
    (GENERIC, [], ("TUMOR", "X1"), (None, "TUMOR"), ("X1", "TUMOR"), "normal: named by the user"),
    (GENERIC, ["##PEDIGREE=<Derived=t,Original=n>"], ("n", "t"), (None, None), ("t", "n"), "##PEDIGREE"),
    (GENERIC, ["##SAMPLE=<ID=b,Genomes=Germline>"], ("b", "t"), (None, None), ("t", "b"), "##SAMPLE"),
    (
        GENERIC,
        ["##SAMPLE=<ID=b,Genomes=Germline>", '##SAMPLE=<ID=t,Genomes="Germline;Tumor",Mixture=".3;.7">'],
        ("b", "t", "z"),
        (None, None),
        ("t", "b"),
        "##SAMPLE",
    ),
    (
        GENERIC,
        ["##SAMPLE=<ID=a,IsTumor=yes>", "##SAMPLE=<ID=b,IsTumor=no>"],
        ("b", "a"),
        (None, None),
        ("a", "b"),
        "##SAMPLE",
    ),
    ("radia", [], ("DNA_NORMAL", "DNA_TUMOR", "RNA_TUMOR"), (None, None), ("DNA_TUMOR", "DNA_NORMAL"), "DNA_TUMOR"),
    ("vardict", [], ("s1-match", "s1"), (None, None), ("s1", "s1-match"), "-match"),
    ("dragen", [DRAGEN_PAIR], ("T1", "N1"), (None, None), ("T1", "N1"), "##DRAGENCommandLine"),
    ("dragen", [DRAGEN_ONE], ("T1",), (None, None), ("T1", None), "the only column"),
]


@pytest.mark.parametrize("case", RESOLVED, ids=lambda c: f"{c[0]}-{'-'.join(c[2])}-{c[3][0]}-{c[3][1]}-{len(c[1])}")
def test_roles(vcf: Any, case: tuple[Any, ...]) -> None:
    dialect, lines, columns, (tumour, normal), expected, words = case
    header = vcf.header(*lines, samples=columns)
    roles = resolve_roles(header, dialect_named(dialect), tumour_sample=tumour, normal_sample=normal)
    assert (roles.tumour, roles.normal) == expected
    assert words in roles.basis


# header lines, columns, names given, words that the error must show
REFUSED = [
    ([], ("A", "B"), (None, None), ["'A'", "'B'", "--tumour-sample", "tumour_sample"]),
    ([], ("c-normal", "c-tumor"), (None, None), ["'c-tumor' may be the one"]),
    ([], ("A", "B", "C"), (None, "A"), ["'B'"]),
    ([], ("A", "B"), ("C", None), ["'C' is not a column", "'A', 'B'"]),
    ([], ("A", "B"), ("A", "C"), ["normal sample 'C' is not a column"]),
    ([], ("A", "B"), ("A", "A"), ["same column 'A'"]),
    ([], (), ("A", None), ["'A' is not a column", "none"]),
    ([], ("TUMOR", "PRIMARY", "NORMAL"), (None, None), ["Several columns are named as tumour"]),
    (["##tumor_sample=A", "##tumor_sample=B"], ("A", "B", "C"), (None, None), ["several tumour samples"]),
    (["##tumor_sample=A", "##normal_sample=A"], ("A", "B"), (None, None), ["'A' as tumour and as normal"]),
    ([], ("NORMAL",), (None, None), ["is a normal sample"]),
    (["##SAMPLE=<ID=A,IsTumor=no>"], ("A",), (None, None), ["is a normal sample"]),
    (['##SAMPLE=<ID=A,Description="tumour with its normal">'], ("A", "B"), (None, None), ["cannot be told"]),
]


@pytest.mark.parametrize("case", REFUSED, ids=lambda c: f"{'-'.join(c[1])}-{c[2][0]}-{c[2][1]}-{len(c[0])}")
def test_what_cannot_be_told_is_refused(vcf: Any, case: tuple[Any, ...]) -> None:
    lines, columns, (tumour, normal), words = case
    header = vcf.header(*lines, samples=columns)
    with pytest.raises(UsageError) as caught:
        resolve_roles(header, dialect_named(GENERIC), tumour_sample=tumour, normal_sample=normal)
    assert caught.value.code is ExitCode.USAGE
    message = caught.value.one_line()
    assert all(word in message for word in words), message
