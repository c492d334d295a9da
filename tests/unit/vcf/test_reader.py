"""Every value of a record reaches the pipeline as the text that stood in the file."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targetboard.errors import MalformedInput, UsageError
from targetboard.model import SourceRecord
from targetboard.vcf import reader
from targetboard.vcf.preflight import Inspection, canonical_lines, inspect
from targetboard.vcf.reader import read_records

META = (
    "##fileformat=VCFv4.2\n"
    "##contig=<ID=7,length=159138663>\n"
    '##INFO=<ID=AF,Number=A,Type=Float,Description="x">\n'
    '##INFO=<ID=DB,Number=0,Type=Flag,Description="x">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="x">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="x">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="x">\n'
    '##FORMAT=<ID=AF,Number=A,Type=Float,Description="x">\n'
    '##FORMAT=<ID=FL,Number=0,Type=Flag,Description="no flag may stand in FORMAT">\n'
    "##INFO=<ID=broken\n"
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN\tT\n"
)


def read_text(tmp_path: Path, *records: str, meta: str = META) -> list[SourceRecord]:
    path = tmp_path / "in.vcf"
    path.write_text(meta + "".join(f"{record}\n" for record in records), encoding="utf-8", newline="")
    return list(read_records(path, inspect(path), tmp_path))


def expected_records(path: Path, inspection: Inspection) -> Iterator[SourceRecord]:
    """The records by plain splitting: the specification of ``read_records``, written a second time."""
    number = 0
    for line, text in canonical_lines(path, inspection):
        if text.startswith("#"):
            continue
        number += 1
        fields = text.split("\t")
        info: dict[str, str] = {}
        for item in fields[7].split(";"):
            key, equals, value = item.partition("=")
            if key and fields[7] != ".":
                info.setdefault(key, value if value or not equals else ".")
        samples: dict[str, dict[str, str]] = {}
        keys = [] if len(fields) == 8 or fields[8] == "." else fields[8].split(":")
        for name, column in zip(inspection.header.samples, fields[9:], strict=True):
            values = column.split(":")
            samples[name] = {}
            for place, key in enumerate(keys):
                samples[name].setdefault(key, (values[place] if place < len(values) else "") or ".")
        yield SourceRecord(
            number,
            line,
            fields[0],
            int(fields[1]),
            fields[2],
            fields[3],
            tuple(fields[4].split(",")),
            fields[5],
            fields[6],
            info,
            tuple(dict.fromkeys(keys)),
            samples,
        )


def test_a_record(tmp_path: Path) -> None:
    (record,) = read_text(
        tmp_path, "7\t140453136\trs1;x\tA\tT,C\t1e-3\tq10;s50\tAF=0.0076,.;DB\tGT:AD\t0/0:9,0\t0/1:12,8"
    )
    assert record == SourceRecord(
        number=1,
        line=12,
        chrom="7",
        pos=140453136,
        id="rs1;x",
        ref="A",
        alts=("T", "C"),
        qual="1e-3",
        filter="q10;s50",
        info={"AF": "0.0076,.", "DB": ""},
        format=("GT", "AD"),
        samples={"N": {"GT": "0/0", "AD": "9,0"}, "T": {"GT": "0/1", "AD": "12,8"}},
    )


# Each of these loses or changes its text in at least one common reader.
TRAPS: dict[str, str] = {
    "percent and decimal comma": "7\t5\t.\tA\tT\t.\tPASS\tAF=0,30;X=38.46%\tGT:AF\t0/1:0,30\t0/1:38.46%",
    "float digits": "7\t5\t.\tA\tT\t99.990000001\tPASS\tAF=0.10000000000000001\tGT:AF\t0/1:0.0076\t0/1:1E-400",
    "genotypes": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT\t0/0/1\t/0|1",
    "genotype of one, missing, out of range": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT:AD\t1:1,2\t./2:.",
    "genotype not first": "7\t5\t.\tA\tT\t.\tPASS\t.\tAD:GT\t1,2:0/1\t.:.",
    "genotype junk": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT\tnocall\t0/x",
    "dropped trailing values": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT:AD:AF\t0/1\t.",
    "empty values": "7\t5\t.\tA\tT\t.\tPASS\tAF=;DB\tGT:AD:AF\t0/1::\t:1,2:0.1",
    "FORMAT missing": "7\t5\t.\tA\tT\t.\tPASS\t.\t.\t.\t.",
    "FORMAT flag": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT:FL\t0/1:yes\t0/1:no",
    "flag with a value, key without": "7\t5\t.\tA\tT\t.\tPASS\tDB=1;AF\tGT\t.\t.",
    "flag with and without a value": "7\t5\t.\tA\tT\t.\tPASS\tDB=1;DB\tGT\t.\t.",
    "percent-encoding": "7\t5\t.\tA\tT\t.\tPASS\tX=a%3Bb%2Cc%25\tGT:AD\t0/1:%3A\t.",
    "odd INFO keys": "7\t5\t.\tA\tT\t.\tPASS\t1000G;3-x=1;ünï=2;a b=3;.\tGT\t.\t.",
    "odd FORMAT keys": "7\t5\t.\tA\tT\t.\tPASS\t.\tGT:4BASE:x-y:é\t.:1:2:3\t.",
    "stand-ins already taken": "7\t5\t.\tA\tT\t.\tPASS\tINFO_2=1;a-b=2\tFORMAT_2:GT\t1:0/1\t2:.",
    "equals signs in a value": "7\t5\t.\tA\tT\t.\tPASS\tX=a=b==c\tGT\t.\t.",
    "empty INFO elements": "7\t5\t.\tA\tT\t.\tPASS\t;AF=1;;DB;\tGT\t.\t.",
    "INFO empty": "7\t5\t.\tA\tT\t.\tPASS\t\tGT\t.\t.",
    "INFO with spaces and quotes": "7\t5\t.\tA\tT\t.\tPASS\tFUNC=[{'gene':\"BRAF, x\"}]\tGT\t.\t.",
    "INFO key twice": "7\t5\t.\tA\tT\t.\tPASS\tX=1;X=2\tGT\t.\t.",
    "FORMAT key twice": "7\t5\t.\tA\tT\t.\tPASS\t.\tAD:GT:AD\t1:0/1:2\t3",
    "END before POS": "7\t500\t.\tA\t<DEL>\t.\tPASS\tEND=3;SVLEN=-99999999999\tGT\t.\t.",
    "END as text": "7\t5\t.\tA\t<DEL>\t.\tPASS\tEND=here\tGT\t.\t.",
    "FILTER undeclared, odd, twice": "7\t5\t.\tA\tT\t.\tq<1>;a,b;0;q<1>;PASS\t.\tGT\t.\t.",
    "FILTER with empty elements": "7\t5\t.\tA\tT\t.\t;q10;;\t.\tGT\t.\t.",
    "FILTER with a dot": "7\t5\t.\tA\tT\t.\t.;q10\t.\tGT\t.\t.",
    "POS 0": "7\t0\t.\tN\tT\t.\tPASS\t.\tGT\t.\t.",
    "POS with zeros": "7\t0005\t.\tN\tT\t.\tPASS\t.\tGT\t.\t.",
    "POS at the limit": "8\t2147483647\t.\tN\tT\t.\tPASS\t.\tGT\t.\t.",
    "undeclared contig": "HLA-A*01:01:01:01\t5\t.\tA\tT\t.\tPASS\t.\tGT\t.\t.",
    "odd contig": '<a,"b">=\t5\t.\tA\tT\t.\tPASS\t.\tGT\t.\t.',
    "lower case and IUPAC": "7\t5\t.\tacgRYn\ttM\t.\tPASS\t.\tGT\t.\t.",
    "alleles of all kinds": "7\t5\t.\tA\t*,<*>,<NON_REF>,]8:5]A,.A,A,A\t.\tPASS\t.\tGT\t.\t.",
    "no ALT": "7\t5\t.\tA\t.\t.\t.\t.\tGT\t.\t.",
    "ID": "7\t5\ta b;c=d,e\tA\tT\t.\tPASS\t.\tGT\t.\t.",
    "special keys of htslib": "7\t5\t.\tA\tT\t.\tPASS\tAC=x;AN=y;DP=z\tGT:PL:GL:GP:GQ:LEN\t.:a:b:c:d:e\t.",
    "not ASCII": "7\t5\t.\tA\tT\t.\tPASS\tX=Müller\tGT:AD\t0/1:naïve\t.",
}


@pytest.mark.parametrize("text", TRAPS.values(), ids=TRAPS.keys())
def test_text_survives(tmp_path: Path, text: str, capfd: pytest.CaptureFixture[str]) -> None:
    found = read_text(tmp_path, text)
    path = tmp_path / "in.vcf"
    assert found == list(expected_records(path, inspect(path)))
    assert capfd.readouterr().err == ""


def test_all_traps_in_one_file(tmp_path: Path) -> None:
    found = read_text(tmp_path, *TRAPS.values())
    path = tmp_path / "in.vcf"
    assert found == list(expected_records(path, inspect(path)))
    assert [record.number for record in found] == list(range(1, len(TRAPS) + 1))


def test_sites_without_samples(tmp_path: Path) -> None:
    meta = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
    (record,) = read_text(tmp_path, "7\t5\t.\tA\tT\t49314\tPASS\tDP=10;DP4=1,2,3,4", meta=meta)
    assert (record.format, record.samples, record.info["DP4"]) == ((), {}, "1,2,3,4")


def test_header_only_has_no_records(tmp_path: Path) -> None:
    assert read_text(tmp_path) == []


def test_large_values(tmp_path: Path) -> None:
    (record,) = read_text(tmp_path, f"7\t5\t.\t{'A' * 1_000_000}\tT\t.\tPASS\tX={'x' * 10_000_000}\tGT\t.\t.")
    assert (len(record.ref), len(record.info["X"])) == (1_000_000, 10_000_000)


def test_batches_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read_text(tmp_path, *TRAPS.values())
    for size in (1, 7):
        monkeypatch.setattr(reader, "BATCH_RECORDS", size)
        assert read_text(tmp_path, *TRAPS.values()) == whole
    monkeypatch.setattr(reader, "BATCH_CHARACTERS", 1)
    assert read_text(tmp_path, *TRAPS.values()) == whole


def test_the_canonical_copy_is_private_and_goes(tmp_path: Path) -> None:
    path = tmp_path / "in.vcf"
    path.write_text(META + TRAPS["POS 0"] + "\n")
    records = read_records(path, inspect(path), tmp_path)
    next(records)
    copy = tmp_path / "canonical.vcf"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    records.close()  # type: ignore[attr-defined]
    assert not copy.exists()


def test_a_missing_work_directory_is_a_usage_error(tmp_path: Path) -> None:
    path = tmp_path / "in.vcf"
    path.write_text(META + TRAPS["POS 0"] + "\n")
    with pytest.raises(UsageError, match="cannot be written"):
        list(read_records(path, inspect(path), tmp_path / "absent"))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda line: line.replace("AF=1", "AF=2"), "reads this record differently"),
        (lambda line: line.replace("\t9\t", "\tx\t"), "cannot read this record|stops reading"),
        (lambda line: line.rpartition("\t")[0], "cannot read this record|stops reading|differently"),
    ],
)
def test_a_disagreement_with_htslib_is_never_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: object, message: str
) -> None:
    """Whatever htslib makes of the canonical copy, a record passes only if it reads the same."""
    original = Path.write_text

    def spoil(self: Path, data: str, **options: str) -> int:
        if self.name == "canonical.vcf":
            lines = data.split("\n")
            lines[-2] = damage(lines[-2])  # type: ignore[operator]
            data = "\n".join(lines)
        return original(self, data, **options)

    path = tmp_path / "in.vcf"
    original(
        path, META + "7\t5\t.\tA\tT\t.\tPASS\tAF=1\tGT\t0/1\t0/1\n" + "7\t9\t.\tA\tT\t.\tPASS\tAF=1\tGT\t0/1\t0/1\n"
    )
    monkeypatch.setattr(Path, "write_text", spoil)
    records = read_records(path, inspect(path), tmp_path)
    assert next(records).pos == 5
    with pytest.raises(MalformedInput, match=message) as caught:
        next(records)
    assert "line 13, record 2" in caught.value.where


TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\t\n\r;:,= "), min_size=1, max_size=8)
ITEM = st.one_of(TEXT, st.tuples(TEXT, TEXT).map("=".join), st.sampled_from(["DB", "AF=0.5", "END=1", "X=", ".", ""]))
KEYS = st.lists(st.one_of(TEXT, st.sampled_from(["GT", "AD", "PL", "FT"])), min_size=1, max_size=4)
VALUE = st.one_of(TEXT, st.sampled_from(["0/1", "./.", "1,2", ".", ""]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    chrom=st.one_of(st.just("7"), TEXT),
    filters=st.lists(TEXT, min_size=1, max_size=3),
    info=st.lists(ITEM, min_size=1, max_size=4),
    keys=KEYS,
    values=st.lists(VALUE, min_size=2, max_size=8),
)
def test_any_text_survives_or_is_refused(
    tmp_path: Path, chrom: str, filters: list[str], info: list[str], keys: list[str], values: list[str]
) -> None:
    half = len(values) // 2
    samples = [":".join(part[: len(keys)]) or "." for part in (values[:half], values[half:])]
    columns = [chrom, "5", ".", "A", "T", ".", ";".join(filters), ";".join(info), ":".join(keys), *samples]
    path = tmp_path / "in.vcf"
    path.write_text(META + "\t".join(columns) + "\n", encoding="utf-8", newline="")
    try:
        inspection = inspect(path)
    except MalformedInput:
        return
    assert list(read_records(path, inspection, tmp_path)) == list(expected_records(path, inspection))


@pytest.mark.real_data
def test_real_files_survive_verbatim(shared_data: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    files = [*sorted(shared_data.glob("vcf/*.vcf")), *sorted(shared_data.glob("vcf/*.vcf.gz"))]
    assert len(files) >= 34
    for file in files:
        inspection = inspect(file)
        found = list(read_records(file, inspection, tmp_path))
        assert found == list(expected_records(file, inspection)), file.name
        assert len(found) == inspection.records > 0, file.name
    assert capfd.readouterr().err == ""
