"""Reading header lines leniently, writing them strictly."""

from __future__ import annotations

from pathlib import Path

import pysam
import pytest

from targetboard.model import FieldDeclaration
from targetboard.vcf.header import parse_header, parse_structured, repaired_header
from targetboard.vcf.preflight import inspect

COLUMNS = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS\n"


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("##contig=<ID=chr1,length=5>", {"ID": "chr1", "length": "5"}),
        ('##INFO=<ID=A,Description="a, b=<c>">', {"ID": "A", "Description": "a, b=<c>"}),
        ('##INFO=<ID=A,Description="a \\"b\\" \\\\">', {"ID": "A", "Description": 'a "b" \\'}),
        ('##INFO=<ID=A, Description="x">', {"ID": "A", "Description": "x"}),
        ("##contig=<ID=HLA-A*01:01:01:01,length=5>", {"ID": "HLA-A*01:01:01:01", "length": "5"}),
        ('##INFO=<ID=A,Description="a "b" c">', None),
        ('##INFO=<ID=A,Description="open>', None),
        ("##INFO=<ID=A", None),
        ("##source=x", None),
        ("##INFO", None),
    ],
)
def test_parse_structured(line: str, fields: dict[str, str] | None) -> None:
    parsed = parse_structured(line)
    assert (parsed[1] if parsed else None) == fields


def test_declarations_are_read() -> None:
    lines = [
        "##fileformat=VCFv4.2",
        "##contig=<ID=1,length=100>",
        "##contig=<ID=2>",
        "##contig=<ID=3,length=many>",
        '##FILTER=<ID=q10,Description="x">',
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Gene">',
        '##FORMAT=<Number=R,Type=Integer,ID=AD,Description="x">',
    ]
    header, warnings = parse_header(lines, ("S",))
    assert warnings == []
    assert header.contigs == {"1": 100, "2": None, "3": None}
    assert header.filters == ("q10",)
    assert header.info == {"CSQ": FieldDeclaration("CSQ", ".", "String", "Format: Allele|Gene")}
    assert header.format == {"AD": FieldDeclaration("AD", "R", "Integer", "x")}
    assert header.meta("fileformat") == ("VCFv4.2",)


@pytest.mark.parametrize(
    ("line", "warning", "declared"),
    [
        ('##INFO=<ID=A,Number=1,Type=Float,Description="a "b" c">', "leniently", True),
        ('##INFO=<ID=A,Number=1,Type=Float,Description="open>', "leniently", True),
        ("##INFO=<ID=A,Number=1>", "ignored", False),
        ("##INFO=<Number=1,Type=Float>", "ignored", False),
        ("##INFO=A", "ignored", False),
        ("##INFO=", "ignored", False),
    ],
)
def test_lines_that_are_not_well_formed(line: str, warning: str, declared: bool) -> None:
    header, warnings = parse_header([line], ())
    assert len(warnings) == 1
    assert warning in warnings[0]
    assert ("A" in header.info) is declared


def test_the_first_of_two_declarations_counts() -> None:
    lines = [f'##INFO=<ID=A,Number={n},Type=Integer,Description="x">' for n in "12"]
    header, warnings = parse_header(lines, ())
    assert header.info["A"].number == "1"
    assert "INFO A twice" in warnings[0]


def repaired(tmp_path: Path, meta: str, *records: str, columns: str = COLUMNS) -> list[str]:
    path = tmp_path / "in.vcf"
    path.write_text(meta + columns + "".join(f"{record}\n" for record in records))
    return repaired_header(inspect(path))


def test_undeclared_names_are_declared_with_the_types_of_the_specification(tmp_path: Path) -> None:
    record = "chr7\t5\t.\tA\tT\t.\tq10;PASS\tDP=3;SOMATIC;STATUS=x;FLAG;MQ=a\tGT:AD:AF:DP:FREQ\t0/1:3,4:0.5:7:5%"
    lines = repaired(tmp_path, "##source=caller\n", record)
    assert lines[:2] == ["##fileformat=VCFv4.2", "##source=caller"]
    short = {line.partition(",Description")[0] for line in lines[2:]}
    assert short == {
        "##contig=<ID=chr7>",
        "##FILTER=<ID=q10",
        "##INFO=<ID=DP,Number=1,Type=Integer",
        "##INFO=<ID=SOMATIC,Number=0,Type=Flag",
        "##INFO=<ID=STATUS,Number=.,Type=String",
        "##INFO=<ID=FLAG,Number=0,Type=Flag",
        "##INFO=<ID=MQ,Number=.,Type=String",  # a reserved number, but here it holds text
        "##FORMAT=<ID=GT,Number=1,Type=String",
        "##FORMAT=<ID=AD,Number=R,Type=Integer",
        "##FORMAT=<ID=AF,Number=A,Type=Float",
        "##FORMAT=<ID=DP,Number=1,Type=Integer",
        "##FORMAT=<ID=FREQ,Number=.,Type=String",
    }


@pytest.mark.parametrize(
    ("info", "sample", "kept_numeric"),
    [
        ("AF=0.5,.", "0/1:1,2:0.5", True),
        ("AF=5e-8", "0/1:.:.", True),
        ("AF=50%", "0/1:1,2:0.5", False),
        ("AF=0.5;DB", "0/1:1,2:38.46%", False),
        ("AF=0.5", "0/1:1/2:0.5", False),
    ],
)
def test_a_reserved_key_with_text_values_is_text(tmp_path: Path, info: str, sample: str, kept_numeric: bool) -> None:
    lines = repaired(tmp_path, "", f"7\t5\t.\tA\tT\t.\t.\t{info}\tGT:AD:AF\t{sample}")
    numeric = [line for line in lines if "ID=A" in line and "Type=String" not in line]
    assert (len(numeric) == 3) is kept_numeric


def test_a_declared_number_with_percent_signs_is_written_as_text(tmp_path: Path) -> None:
    meta = (
        '##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
        '##INFO=<ID=NOTE,Number=1,Type=String,Description="x">\n'
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
        '##FORMAT=<ID=FA,Number=A,Type=Float,Description="x">\n'
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="x">\n'
    )
    path = tmp_path / "in.vcf"
    path.write_text(meta + COLUMNS + "7\t5\t.\tA\tT\t.\tPASS\tAF=0.3;NOTE=5%\tGT:FA:DP\t0/1:38.46%:9\n")
    found = inspect(path)
    assert found.warnings[1:] == ("Line 7: FORMAT 'FA' is declared as a number but holds a percent sign.",)
    lines = repaired_header(found)
    assert '##INFO=<ID=AF,Number=A,Type=Float,Description="x">' in lines
    assert '##FORMAT=<ID=FA,Number=.,Type=String,Description="x">' in lines
    path.write_text("\n".join([*lines, *path.read_text().splitlines()[5:]]) + "\n")
    with pysam.VariantFile(str(path)) as opened:
        assert [record.samples["S"]["FA"] for record in opened] == [("38.46%",)]


def test_original_declarations_keep_their_types_and_bad_lines_go(tmp_path: Path) -> None:
    meta = (
        "##fileformat=VCFv4.1\n"
        '##INFO=<ID=DP,Number=1,Type=Float,Description="kept">\n'
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="second">\n'
        '##INFO=<ID=Q,Number=1,Type=Float,Description="a "quoted" word">\n'
        '##INFO=<ID=T,Number=x,Type=Text,Description="no such type">\n'
        '##INFO=<ID=F,Number=1,Type=Flag,Description="flag with a number">\n'
        '##FORMAT=<ID=GT,Number=0,Type=Flag,Description="no flag in FORMAT">\n'
        "##INFO=<ID=broken\n"
        "##no equals sign\n"
        '##FILTER=<ID=q10,Description="x">\n'
        "##cmd=<free text, no pairs>\n"
    )
    lines = repaired(tmp_path, meta)
    assert lines == [
        "##fileformat=VCFv4.1",
        '##INFO=<ID=DP,Number=1,Type=Float,Description="kept">',
        '##INFO=<ID=Q,Number=1,Type=Float,Description="a \\"quoted\\" word">',
        '##INFO=<ID=T,Number=.,Type=String,Description="no such type">',
        '##INFO=<ID=F,Number=0,Type=Flag,Description="flag with a number">',
        '##FORMAT=<ID=GT,Number=.,Type=String,Description="no flag in FORMAT">',
        '##FILTER=<ID=q10,Description="x">',
    ]


@pytest.mark.real_data
def test_repaired_headers_of_real_files_are_read_without_complaint(
    shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    files = [*sorted(shared_data.glob("vcf/*.vcf")), *sorted(shared_data.glob("vcf/*.vcf.gz"))]
    assert len(files) > 30
    previous = pysam.set_verbosity(3)
    try:
        for file in files:
            found = inspect(file)
            columns = "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO"])
            if found.header.samples:
                columns += "\t".join(["", "FORMAT", *found.header.samples])
            path = tmp_path / "repaired.vcf"
            path.write_text("\n".join([*repaired_header(found), columns, ""]))
            with pysam.VariantFile(str(path)) as opened:
                declared = opened.header
                assert set(found.contigs_used) <= set(declared.contigs), file.name
                assert set(found.info_used) <= set(declared.info), file.name
                assert set(found.format_used) <= set(declared.formats), file.name
                assert set(found.use.filters) <= set(declared.filters), file.name
    finally:
        pysam.set_verbosity(previous)
    known = ("should be declared as", 'Invalid tag name: "1000G_AF"')  # the callers' own declarations and names
    assert [line for line in capfd.readouterr().err.splitlines() if not any(text in line for text in known)] == []
