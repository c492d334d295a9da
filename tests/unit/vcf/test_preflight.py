"""Every damage a VCF is known to suffer is refused with a place and a remedy, every harmless oddity is accepted."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from targetboard.errors import ExitCode, MalformedInput, UsageError
from targetboard.vcf import bgzf, preflight
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.header import repaired_header
from targetboard.vcf.preflight import Inspection, canonical_lines, inspect
from targetboard.vcf.reader import read_records

META = (
    b"##fileformat=VCFv4.2\n"
    b"##contig=<ID=7,length=1000>\n"
    b'##FILTER=<ID=q10,Description="x">\n'
    b'##INFO=<ID=DP,Number=1,Type=Integer,Description="x">\n'
    b'##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
    b'##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">\n'
)
COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tNORMAL\tTUMOUR\n"
SITES_COLUMNS = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
RECORD = b"7\t100\t.\tA\tT\t.\tPASS\tDP=30\tGT:AD\t0/0:10,0\t0/1:12,8\n"
SECOND = b"7\t200\trs1\tG\tGA\t50.5\tq10\tDP=31\tGT:AD\t0/0:11,0\t0/1:10,9\n"
VCF = META + COLUMNS + RECORD + SECOND


def block(data: bytes) -> bytes:
    """One BGZF block."""
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    body = packer.compress(data) + packer.flush()
    size = len(body) + 25
    head = b"\x1f\x8b\x08\x04\0\0\0\0\0\xff\x06\0BC\x02\0" + size.to_bytes(2, "little")
    return head + body + zlib.crc32(data).to_bytes(4, "little") + len(data).to_bytes(4, "little")


def bgzip(data: bytes, size: int = 200) -> bytes:
    """BGZF with small blocks and the end-of-file block."""
    return b"".join(block(data[i : i + size]) for i in range(0, len(data), size)) + EOF_BLOCK


def replaced(old: bytes, new: bytes) -> bytes:
    assert VCF.count(old) >= 1
    return VCF.replace(old, new, 1)


def written(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "sample.vcf"
    path.write_bytes(data)
    return path


def lines_of(path: Path, inspection: Inspection) -> list[str]:
    return [text for _, text in canonical_lines(path, inspection)]


PACKED = bgzip(VCF)


@pytest.mark.parametrize(
    ("data", "compression"),
    [
        (VCF, "plain"),
        (gzip.compress(VCF), "gzip"),
        (PACKED, "bgzf"),
        (gzip.compress(VCF[:99]) + gzip.compress(VCF[99:]), "gzip"),
    ],
    ids=["plain", "gzip", "bgzf", "gzip members"],
)
def test_each_compression_gives_the_same_records(tmp_path: Path, data: bytes, compression: str) -> None:
    path = written(tmp_path, data)
    found = inspect(path)
    assert (found.compression, found.records, found.warnings) == (compression, 2, ())
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.size_bytes == len(data)
    assert found.header.samples == ("NORMAL", "TUMOUR")
    assert found.contigs_used == ("7",)
    assert found.info_used == ("DP",)
    assert found.format_used == ("GT", "AD")
    assert found.use.filters == ("PASS", "q10")
    assert lines_of(path, found) == VCF.decode().splitlines()


REFUSED: dict[str, tuple[bytes, str]] = {
    # compression
    "cut inside a block": (PACKED[: len(PACKED) // 2], "cut short inside the block"),
    "cut inside the first block": (PACKED[:40], "cut short"),
    "cut in a block header": (PACKED[: len(PACKED) - len(EOF_BLOCK) + 7], "cut short inside the block"),
    "no end-of-file block": (PACKED[: -len(EOF_BLOCK)], "end-of-file block is missing"),
    "cut at a block boundary": (bgzip(VCF, 100)[: len(block(VCF[:100]))], "end-of-file block is missing"),
    "bit flip in the checksum": (PACKED[:-36] + bytes([PACKED[-36] ^ 1]) + PACKED[-35:], "CRC32"),
    "bit flip in the length": (PACKED[:-32] + bytes([PACKED[-32] ^ 1]) + PACKED[-31:], "length"),
    "bytes after the end": (PACKED + b"garbage", "bytes follow the end-of-file block"),
    "one byte after the end": (PACKED + b"\0", "bytes follow the end-of-file block"),
    "gzip after BGZF": (PACKED + gzip.compress(b"7\n"), "bytes follow the end-of-file block"),
    "gzip cut": (gzip.compress(VCF)[:-9], "gzip file is cut short"),
    "gzip checksum": (gzip.compress(VCF)[:-6] + b"\0\0" + gzip.compress(VCF)[-4:], "CRC32"),
    "gzip and garbage": (gzip.compress(VCF) + b"garbage", "no gzip data follow"),
    "gzip twice": (gzip.compress(gzip.compress(VCF)), "twice"),
    "gzip in BGZF": (bgzip(gzip.compress(VCF)), "twice"),
    "nothing compressed": (EOF_BLOCK, "holds no data"),
    "block over 64 KiB": (block(b"#" * 70_000) + EOF_BLOCK, "64 KiB"),
    # not a VCF
    "empty": (b"", "empty"),
    "BAM": (bgzip(b"BAM\x01\0\0\0\0"), "BAM"),
    "BCF": (bgzip(b"BCF\x02\x02\0\0\0\0"), "BCF"),
    "CRAM": (b"CRAM\x03\0", "CRAM"),
    "zip": (b"PK\x03\x04....", "zip"),
    "xz": (b"\xfd7zXZ\0\0", "xz"),
    "bzip2": (b"BZh91AY", "bzip2"),
    "PDF": (b"%PDF-1.7\n", "PDF"),
    "HTML": (b"<!doctype html><p>404", "web page"),
    "UTF-16": (VCF.decode().encode("utf-16"), "UTF-16"),
    "prose": (b"Dear colleague,\nhere is the VCF.\n" * 60, "no VCF"),
    "only a header part": (META, "no #CHROM line"),
    "MAF": (b"Hugo_Symbol\tEntrez_Gene_Id\nTP53\t7157\n", "line 1: this is a MAF"),
    "VCF 3.3": (replaced(b"VCFv4.2", b"VCFv3.3"), "VCFv3.3"),
    # header
    "record before the columns": (META + RECORD + COLUMNS, "line 7: a record stands before"),
    "no header at all": (RECORD + SECOND, "line 1: a record stands before"),
    "columns twice": (META + COLUMNS + COLUMNS + RECORD, "line 8: a header line stands among the records"),
    "two files": (VCF + VCF, "line 10: a header line stands among the records"),
    "two BGZF files": (PACKED + PACKED, "line 10: a header line stands among the records"),
    "spaces in #CHROM": (replaced(COLUMNS, COLUMNS.replace(b"\t", b" ")), "line 7: the #CHROM line has spaces"),
    "columns renamed": (replaced(b"\tPOS\t", b"\tPOSITION\t"), "'POSITION'"),
    "columns missing": (replaced(COLUMNS, b"#CHROM\tPOS\n"), "line 7: the #CHROM line does not name"),
    "FORMAT without sample": (META + COLUMNS.replace(b"\tNORMAL\tTUMOUR", b""), "no sample"),
    "sample twice": (replaced(b"\tTUMOUR\n", b"\tNORMAL\n"), "'NORMAL' stands twice"),
    "sample unnamed": (replaced(b"\tTUMOUR\n", b"\t\n"), "sample name is empty"),
    # records
    "column missing": (replaced(b"\t0/1:12,8\n", b"\n"), "line 8: 10 columns where the #CHROM line has 11"),
    "column too many": (replaced(b"\t0/1:12,8\n", b"\t0/1:12,8\t.\n"), "line 8: 12 columns"),
    "tab at the end": (replaced(b"12,8\n", b"12,8\t\n"), "line 8: 12 columns"),
    "cut mid-record": (VCF[: VCF.rindex(b"\t")], "line 9: 10 columns"),
    "cut in the last sample": (VCF[: VCF.rindex(b":")], "line 9: the last line looks cut off"),
    "spaces in records": (META + COLUMNS + RECORD.replace(b"\t", b"   "), "line 8: 1 columns.*spaces stand where tabs"),
    "POS negative": (replaced(b"\t100\t", b"\t-5\t"), "line 8: POS '-5'"),
    "POS text": (replaced(b"\t100\t", b"\t1e5\t"), "POS '1e5'"),
    "POS missing": (replaced(b"\t100\t", b"\t.\t"), "POS '.'"),
    "POS decimal": (replaced(b"\t100\t", b"\t100.0\t"), "POS '100.0'"),
    "POS other digits": (replaced(b"\t100\t", "\t١٠٠\t".encode()), "no whole number"),
    "POS beyond the contig": (replaced(b"\t100\t", b"\t1002\t"), "beyond the end of '7'.*1000 bases"),
    "POS beyond 2^31": (replaced(b"7\t100\t", b"8\t2147483648\t"), "beyond 2\\^31-1"),
    "POS huge": (replaced(b"\t100\t", b"\t" + b"9" * 5000 + b"\t"), "beyond 2\\^31-1"),
    "CHROM empty": (replaced(b"7\t100", b"\t100"), "CHROM is empty"),
    "CHROM with space": (replaced(b"7\t100", b"chr 7\t100"), "CHROM holds a space"),
    "REF missing": (replaced(b"\tA\tT\t", b"\t.\tT\t"), "REF is missing"),
    "REF empty": (replaced(b"\tA\tT\t", b"\t\tT\t"), "REF is empty"),
    "REF dash": (replaced(b"\tA\tT\t", b"\t-\tT\t"), "REF is missing"),
    "REF split by a space": (replaced(b"\tA\tT\t", b"\tA C\tT\t"), "REF 'A C'"),
    "REF of symbols": (replaced(b"\tA\tT\t", b"\t<DEL>\tT\t"), "no base sequence"),
    "ALT empty": (replaced(b"\tA\tT\t", b"\tA\t\t"), "ALT is empty"),
    "ALT dash": (replaced(b"\tA\tT\t", b"\tA\t-\t"), "empty allele"),
    "ALT with an empty allele": (replaced(b"\tA\tT\t", b"\tA\tT,,C\t"), "empty allele"),
    "ALT split by a space": (replaced(b"\tA\tT\t", b"\tA\tT C\t"), "space inside an allele"),
    "QUAL text": (replaced(b"\t.\tPASS", b"\thigh\tPASS"), "QUAL 'high'"),
    "FILTER empty": (replaced(b"\tPASS\t", b"\t\t"), "FILTER is empty"),
    "INFO value without key": (replaced(b"DP=30", b"DP=30;=4"), "value without a key"),
    "FORMAT with an empty key": (replaced(b"GT:AD", b"GT::AD"), "empty key"),
    "sample empty": (replaced(b"\t0/0:10,0\t", b"\t\t"), "sample 'NORMAL' is empty"),
    "sample with too many values": (replaced(b"12,8\n", b"12,8:9\n"), "'TUMOUR' has 3 values where FORMAT has 2"),
    # text
    "NUL": (replaced(b"DP=31", b"DP=3\0"), "line 9: the text holds NUL"),
    "control character": (replaced(b"DP=31", b"DP=\x1b[31m"), "line 9: .*0x1b"),
    "DEL": (replaced(b"##contig", b"##con\x7ftig"), "line 2: .*0x7f"),
    "old Mac line ends": (VCF.replace(b"\n", b"\r"), "carriage return"),
    "CR inside a line": (replaced(b"DP=31", b"DP=\r31"), "line 9: a carriage return"),
}


@pytest.mark.parametrize(("data", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_damage_is_refused_with_place_and_remedy(tmp_path: Path, data: bytes, message: str) -> None:
    with pytest.raises(MalformedInput) as caught:
        inspect(written(tmp_path, data))
    assert caught.value.code == ExitCode.MALFORMED
    assert caught.value.remedy
    assert str(tmp_path) in caught.value.where
    assert re.search(message, caught.value.one_line()), caught.value.one_line()


ACCEPTED: dict[str, tuple[bytes, int, str]] = {
    "header only": (META + COLUMNS, 0, ""),
    "header only, no line end": (META + COLUMNS[:-1], 0, ""),
    "sites only": (META + SITES_COLUMNS + b"7\t100\t.\tA\tT\t.\tPASS\tDP=30\n", 1, ""),
    "CRLF": (VCF.replace(b"\n", b"\r\n"), 2, "CR LF"),
    "byte order mark": (b"\xef\xbb\xbf" + VCF, 2, "byte order mark"),
    "byte order mark in BGZF": (bgzip(b"\xef\xbb\xbf" + VCF), 2, "byte order mark"),
    "Latin-1": (replaced(b"DP=30", b"DP=30;N=M\xfcller"), 2, "Line 8: bytes that are not UTF-8"),
    "Latin-1 in the header": (replaced(b'"x"', b'"M\xfc"'), 2, "not UTF-8"),
    "UTF-8": (replaced(b"DP=30", "DP=30;N=Müller".encode()), 2, ""),
    "no line end": (VCF[:-1], 2, "no line end"),
    "blank lines at the end": (VCF + b"\n\n", 2, "2 lines, first line 10: a blank line"),
    "carriage return alone at the end": (VCF + b"\r", 2, "CR LF"),
    "blank line in the header": (replaced(b"##contig", b"\n##contig"), 2, "Line 2: a blank line in the header"),
    "log text first": (b"00:00:39.673\tReading from 'x'.\n" + VCF, 2, "Line 1: a line of text"),
    "no fileformat": (VCF.split(b"\n", 1)[1], 2, "no ##fileformat"),
    "unknown fileformat": (replaced(b"VCFv4.2", b"VCF5"), 2, "'VCF5'"),
    "POS 0": (replaced(b"\t100\t", b"\t0\t"), 2, ""),
    "POS N+1": (replaced(b"\t100\t", b"\t1001\t"), 2, ""),
    "POS 2^31-1, undeclared contig": (replaced(b"7\t100\t", b"8\t2147483647\t"), 2, ""),
    "white space around REF": (replaced(b"\tA\tT\t", b"\t A\tT\t"), 2, "Line 8: white space around REF was removed"),
    "white space around ALT": (replaced(b"\tA\tT\t", b"\tA\tT \t"), 2, "white space around ALT was removed"),
    "INFO empty": (replaced(b"\tDP=30\t", b"\t\t"), 2, "INFO is empty"),
    "INFO with a space": (replaced(b"DP=30", b"DP=30;N=a b"), 2, "INFO holds a space"),
    "INFO with empty elements": (replaced(b"DP=30", b"DP=30;;X;"), 2, "INFO has an empty element"),
    "GT not first": (replaced(b"GT:AD\t0/0:10,0\t0/1:12,8", b"AD:GT\t10,0:0/0\t12,8:0/1"), 2, "GT is not the first"),
    "values dropped at the end": (replaced(b"\t0/0:10,0\t", b"\t0/0\t"), 2, ""),
    "symbolic and breakend": (replaced(b"\tA\tT\t", b"\tA\t<DEL>,]9:5]A,*,<NON_REF>\t"), 2, ""),
    "lower case": (replaced(b"\tA\tT\t", b"\ta\tt\t"), 2, ""),
    "QUAL forms": (VCF.replace(b"50.5", b"1.2e-3").replace(b".\tPASS", b"inf\tPASS"), 2, ""),
    "INFO key twice, same value": (replaced(b"DP=30", b"DP=30;DP=30"), 2, "INFO 'DP' stands twice with the same"),
    "contig declared twice": (replaced(b"##FILTER", b"##contig=<ID=7>\n##FILTER"), 2, "contig 7 twice"),
}


@pytest.mark.parametrize(("data", "records", "warning"), ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_has_one_meaning_is_accepted(tmp_path: Path, data: bytes, records: int, warning: str) -> None:
    path = written(tmp_path, data)
    found = inspect(path)
    assert found.records == records
    assert not found.suspect_records
    if warning:
        assert any(warning in text for text in found.warnings), found.warnings
    else:
        assert found.warnings == ()
    texts = lines_of(path, found)
    assert sum(not text.startswith("#") for text in texts) == records
    assert not any(c in text for text in texts for c in "\r\n\ufeff")


@pytest.mark.parametrize(
    "data",
    [VCF.replace(b"\n", b"\r\n"), b"\xef\xbb\xbf" + VCF, VCF[:-1], VCF + b"\n", replaced(b"\tA\tT\t", b"\t A \t T\t")],
    ids=["CRLF", "BOM", "no line end", "blank line", "white space"],
)
def test_canonical_lines_are_those_of_the_clean_file(tmp_path: Path, data: bytes) -> None:
    path = written(tmp_path, data)
    assert lines_of(path, inspect(path)) == VCF.decode().splitlines()


def test_line_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, b"log text\n\n" + META + COLUMNS + b"\n" + RECORD + b"\n" + SECOND)
    numbers = [number for number, text in canonical_lines(path, inspect(path)) if not text.startswith("#")]
    assert numbers == [11, 13]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b"DP=31", b"DP=31;DP=99", "INFO 'DP'"),
        (b"GT:AD\t0/0:11,0\t0/1:10,9", b"GT:AD:AD\t0/0:11,0:11,0\t0/1:10,9:9,9", "FORMAT 'AD'"),
        (b"GT:AD\t0/0:11,0\t0/1:10,9", b"GT:AD:AD\t0/0\t0/1:10,9", "FORMAT 'AD'"),
    ],
)
def test_a_repeated_key_makes_its_record_suspect(tmp_path: Path, old: bytes, new: bytes, reason: str) -> None:
    found = inspect(written(tmp_path, replaced(old, new)))
    assert list(found.suspect_records) == [2]
    assert reason in found.suspect_records[2]


def test_missing_eof_block_may_be_allowed(tmp_path: Path) -> None:
    path = written(tmp_path, PACKED[: -len(EOF_BLOCK)])
    found = inspect(path, allow_missing_eof=True)
    assert found.records == 2
    assert "end-of-file block is missing" in found.warnings[0]
    with pytest.raises(MalformedInput, match="cut short"):
        inspect(written(tmp_path, PACKED[: -len(EOF_BLOCK) - 3]), allow_missing_eof=True)


def test_what_the_body_uses_undeclared_is_named(tmp_path: Path) -> None:
    body = RECORD.replace(b"7\t", b"HLA-A*01:01\t").replace(b"PASS", b"weak;q10").replace(b"DP=30", b"SOMATIC;X=1")
    header = inspect(written(tmp_path, META + COLUMNS + body.replace(b"GT:AD", b"GT:FREQ"))).header
    assert header.undeclared_contigs == ("HLA-A*01:01",)
    assert header.undeclared_info == ("SOMATIC", "X")
    assert header.undeclared_format == ("FREQ",)
    assert header.undeclared_filters == ("weak",)


def test_a_decompression_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bgzf, "RATIO_FREE_BYTES", 1 << 20)
    bomb = VCF + b"7\t100\t.\tA\tT\t.\tPASS\t" + b"A" * (8 << 20)
    for data in (gzip.compress(bomb, 9), bgzip(bomb, 1 << 16)):
        with pytest.raises(MalformedInput, match="decompression bomb"):
            inspect(written(tmp_path, data))


def test_an_endless_line_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preflight, "LINE_LIMIT", 1 << 20)
    with pytest.raises(MalformedInput, match="a line is longer") as caught:
        inspect(written(tmp_path, META + COLUMNS + b"A" * (4 << 20)))
    assert caught.value.where.endswith("line 8")


def test_a_large_info_is_accepted(tmp_path: Path) -> None:
    found = inspect(written(tmp_path, replaced(b"DP=30", b"DP=30;X=" + b"y" * (5 << 20))))
    assert (found.records, found.info_used) == (2, ("DP", "X"))


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    path = written(tmp_path, VCF)
    found = inspect(path)
    path.write_bytes(replaced(b"12,8", b"12,9"))
    with pytest.raises(MalformedInput, match="changed"):
        lines_of(path, found)


def test_paths_that_are_no_files_are_usage_errors(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, what in (
        (tmp_path / "absent.vcf", "cannot be opened"),
        (tmp_path, "a directory"),
        (tmp_path / "pipe", "a pipe"),
        (Path("/dev/null"), "device"),
        (tmp_path / "a\0b", "NUL"),
    ):
        with pytest.raises(UsageError, match=what):
            inspect(path)


def test_an_unreadable_file_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = written(tmp_path, VCF)
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UsageError, match="Permission denied"):
        inspect(path)


def mutated(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for start, length, new in edits:
        at = start % (len(data) + 1)
        data = data[:at] + new + data[at + length :]
    return data


EDITS = st.lists(
    st.tuples(
        st.integers(0, 2000),
        st.integers(0, 30),
        st.one_of(st.binary(max_size=6), st.sampled_from([b"\t", b"\n", b";", b":", b"=", b" ", b"#", b"."])),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(edits=EDITS, form=st.sampled_from(["plain", "bgzf", "gzip", "inside bgzf"]))
@example(edits=[(0, 0, b"")], form="plain")
def test_mutated_bytes_are_accepted_or_refused(tmp_path: Path, edits: list[tuple[int, int, bytes]], form: str) -> None:
    original = {"plain": VCF, "bgzf": PACKED, "gzip": gzip.compress(VCF, mtime=0), "inside bgzf": VCF}[form]
    data = mutated(original, edits)
    path = written(tmp_path, bgzip(data) if form == "inside bgzf" else data)
    try:
        found = inspect(path)
    except MalformedInput:
        return
    assert sum(not text.startswith("#") for _, text in canonical_lines(path, found)) == found.records
    assert sum(1 for _ in read_records(path, found, tmp_path)) == found.records
    assert repaired_header(found)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(1, len(PACKED) - 1))
def test_no_truncated_bgzf_file_passes(tmp_path: Path, cut: int) -> None:
    with pytest.raises(MalformedInput):
        inspect(written(tmp_path, PACKED[:cut]))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, len(PACKED) - 1), bit=st.integers(0, 7))
def test_no_flipped_bit_changes_what_is_read(tmp_path: Path, at: int, bit: int) -> None:
    """A flip in the time stamp or operating system byte of a block header is harmless; any other is refused."""
    path = written(tmp_path, PACKED[:at] + bytes([PACKED[at] ^ 1 << bit]) + PACKED[at + 1 :])
    try:
        found = inspect(path)
    except MalformedInput:
        return
    assert lines_of(path, found) == VCF.decode().splitlines()
