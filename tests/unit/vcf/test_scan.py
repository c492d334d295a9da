"""Chunks of lines are proved with the verdict that the line-by-line checker gives."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from targetboard.errors import MalformedInput
from targetboard.model import VcfHeader
from targetboard.vcf.header import parse_header
from targetboard.vcf.layout import LONGEST_NAME, PADDING, entry_names, hash_names, hashes, lay_out, numbers
from targetboard.vcf.record_checks import BodyChecker
from targetboard.vcf.scan import BodyScanner

META = [
    "##fileformat=VCFv4.2",
    "##contig=<ID=chr1,length=5000>",
    '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth">',
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|IMPACT|SYMBOL">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
]
PIECES: tuple[tuple[str, ...], ...] = (
    ("chr1", "chr1", "chr1", "chr2", "GL000220.1", "HLA-A*01:01:01:01"),
    ("1", "17", "4999", "5001", "0", "123456", "2147483647"),
    (".", "rs1"),
    ("A", "a", "G", "AC", "N", " A"),
    ("T", "G", "TG", "T,G", "<DEL>", "*", ".", "G]chr2:5]", "T ,C"),
    (".", "30", "1e-3", "NaN", "12.5"),
    ("PASS", "PASS", ".", "q10;weak", "q10;"),
    (
        "DP=5",
        "DP=38%",
        ".",
        "",
        "DP=5;CSQ=T|missense_variant|MODERATE|BRAF,T|x||",
        "DB;DP=7;DP=8",
        "DP=7;DP=7",
        "SOMATIC;;END=5",
        "END=x",
        f"{'k' * 40}=1",
        "CSQ=T|a%3Db||\u00e9",
        "note=two words",
    ),
    ("GT", "GT:AD", "AD:GT", "GT:GT", "GQ:GT"),
    ("0/1", "0/1:3", "0/1:3,4", ".", "7:x"),
    ("0/0", "0/0:9", "."),
)
FAULTS = ("chr1\t1\t.\tA\tT", "", "chr1\tx\t.\tA\tT\t.\t.\t.\tGT\t0\t0", "chr1\t6000\t.\tA\tT\t.\t.\t.\tGT\t0\t0",
          "chr1\t1\t.\t.\tT\t.\t.\t.\tGT\t0\t0", "chr1\t1\t.\tA\tT\tbad\t.\t.\tGT\t0\t0",
          "chr1\t1\t.\tA\tT\t.\t.\t.\tGT\t0:1\t0", "#CHROM\t1\t.\tA\tT\t.\t.\t.\tGT\t0\t0",
          "chr1\t12345678901\t.\tA\tT\t.\t.\t.\tGT\t0\t0", "chr1\t1\t\tA\tT\t.\t.\t.\tGT\t0\t0")  # fmt: skip


def header() -> VcfHeader:
    return parse_header(META, ["T", "N"])[0]


def outcome(lines: list[bytes], chunks: int | None) -> tuple[object, ...]:
    """What the checker gathers of the lines, or its error; line by line for None, else in so many chunks."""
    checker = BodyChecker(Path("in.vcf"), header())
    try:
        if chunks is None:
            text = b"\n".join(lines)
            checker.check(lines, 7, spaces=b" " in text, percents=b"%" in text, ascii_only=text.isascii())
        else:
            scanner = BodyScanner(checker)
            size = max(1, len(lines) // chunks)
            for start in range(0, len(lines), size):
                scanner.scan(b"\n".join(lines[start : start + size]), 7 + start)
    except MalformedInput as error:
        return (error.one_line(),)
    notes = checker.notes.sentences()
    return (checker.records, notes, checker.suspects, checker.stripped_alleles, checker.use())


@pytest.mark.parametrize("seed", range(40))
def test_chunks_are_judged_as_single_lines(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    lines = ["\t".join(dice.choice(choices) for choices in PIECES).encode() for _ in range(dice.randrange(1, 60))]
    if seed % 2:
        lines = [line for line in lines if len(outcome([line], None)) > 1]
    if seed % 5 == 1:
        lines.insert(dice.randrange(len(lines) + 1), dice.choice(FAULTS).encode())
    expected = outcome(lines, None) if lines else None
    for chunks in (1, 3, 50):
        assert not lines or outcome(lines, chunks) == expected


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_among_plain_lines_is_found_with_its_line(fault: str) -> None:
    plain = [b"chr1\t%d\t.\tA\tT\t.\tPASS\tDP=5\tGT\t0/1\t0/0" % number for number in range(1, 50)]
    lines = [*plain[:20], fault.encode(), *plain[20:]]
    expected = outcome(lines, None)
    assert outcome(lines, 1) == expected
    assert "line 27" in str(expected).lower()


def test_a_hash_depends_on_every_byte_of_a_name() -> None:
    dice = random.Random(3)  # noqa: S311
    names = {bytes(dice.choices(b"abcXYZ012_", k=dice.randrange(1, LONGEST_NAME + 1))) for _ in range(3000)}
    for name in list(names)[:300]:
        for place in range(len(name)):
            names.add(name[:place] + b"!" + name[place + 1 :])
    folded = {name.lower() for name in names}
    assert len({*hash_names(sorted(folded)).tolist()}) == len(folded)
    text = b"\t".join(sorted(folded)) + PADDING
    layout = lay_out(b"A\tB\n" + PADDING, 2)
    assert layout is not None
    assert hashes(layout.words, layout.starts, layout.ends[:, 0], folded=True).tolist() == hash_names([b"a"]).tolist()
    assert len(text) > len(folded)


@pytest.mark.parametrize(
    ("info", "place", "names"),
    [
        ("CSQ=T|x|MODERATE|BRAF|e", 3, ["BRAF"]),
        ("DP=3;CSQ=T|x|MODERATE|BRAF", 3, ["BRAF"]),
        ("CSQ=T|x||BRAF|,G|y||KRAS|;DB", 3, ["BRAF", "KRAS"]),
        ("BCSQ=missense|BRAF|ENST1|protein_coding", 1, ["BRAF"]),
        ("BCSQ=missense|BRAF", 1, ["BRAF"]),
        ("CSQ=T|x", 3, []),
        ("CSQ=T|x|||", 3, []),
        ("DP=5", 3, []),
        ("CSQ=HGNC:1097|x", 0, ["HGNC:1097"]),
        ("CSQ=T|p.L1=||BRAF|,G|y||KRAS|", 3, ["BRAF", "KRAS"]),
        ("AD=3,T|x||KRAS|;DB;CSQ=T|x||BRAF|", 3, ["BRAF"]),
    ],
)
def test_names_of_annotation_entries(info: str, place: int, names: list[str]) -> None:
    lines = [f"1\t5\t.\tA\tT\t.\t.\t{text}" for text in (info, "DP=1", info)]
    layout = lay_out("\n".join([*lines, ""]).encode() + PADDING, 8)
    assert layout is not None
    rows, found = entry_names(layout, b"BCSQ" if info.startswith("BCSQ") else b"CSQ", (place,))
    wanted = hash_names([name.lower().encode() for name in names]).tolist() if names else []
    for row in (0, 2):
        assert [value for at, value in zip(rows.tolist(), found.tolist(), strict=True) if at == row] == wanted
    assert 1 not in rows.tolist()


@pytest.mark.parametrize("longest", [3, 8, 9, 12])
def test_numbers_are_those_of_int(longest: int) -> None:
    dice = random.Random(longest)  # noqa: S311
    texts = ["".join(dice.choice("0123456789") for _ in range(dice.randrange(1, longest + 1))) for _ in range(400)]
    odd = ["1 2", "12a", "/1", ":9", "-5", "1.5", "²", "99999999", "0", "00000000"]
    texts += [text for text in odd if len(text.encode()) <= longest]
    dice.shuffle(texts)
    layout = lay_out("".join(f"chr1\t{text}\tx\n" for text in texts).encode() + PADDING, 3)
    assert layout is not None
    values, valid = numbers(layout, 1)
    for text, value, good in zip(texts, values.tolist(), valid.tolist(), strict=True):
        assert good == (text.isascii() and text.isdigit() and len(text) <= 10), text
        assert not good or value == int(text)


PLAIN_META = [
    *META[:2],
    '##INFO=<ID=XX,Number=1,Type=String,Description="x">',
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">',
]


@pytest.mark.parametrize(
    ("plain", "odd"),
    [
        ("XX=5\tGT:A;D\t0/1:5", "XX=5\tGT:A;D\t0/1:5:7"),
        ("XX=5\tGT\t0/1", "XX=5;\tGT\t0/1"),
        ("XX=5\tGT\t0/1", "XX=5;;XX=6\tGT\t0/1"),
        ("XX=5\tGT\t0/1", ";XX=5\tGT\t0/1"),
    ],
)
def test_an_odd_line_is_noticed_in_a_later_chunk_too(tmp_path: Path, plain: str, odd: str) -> None:
    header = parse_header(PLAIN_META, ["T"])[0]
    told = []
    for size in (1, 50):
        checker = BodyChecker(tmp_path / "in.vcf", header)
        scanner = BodyScanner(checker)
        lines = [f"chr1\t{number}\t.\tA\tT\t.\tPASS\t{plain}".encode() for number in range(1, 101)]
        lines.append(f"chr1\t200\t.\tA\tT\t.\tPASS\t{odd}".encode())
        try:
            if size == 1:
                checker.check(lines, 7, spaces=False, percents=False, ascii_only=True)
            else:
                for start in range(0, len(lines), size):
                    scanner.scan(b"\n".join(lines[start : start + size]), 7 + start)
            told.append(checker.notes.sentences())
        except MalformedInput as error:
            told.append([error.one_line()])
    assert told[0] == told[1]
    assert told[0]
