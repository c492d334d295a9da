"""The sample sheet: text stays text, and every error names its place and remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.batches.settings import row_digest
from targetboard.config import load_schema
from targetboard.errors import UsageError
from targetboard.samples import clinical_context, load_samples, valid_sample_id

HEADER = "sample_id\tvcf\tassembly\ttumour_type\tpurity"


@pytest.fixture(scope="module")
def schema(root: Path) -> dict:
    return load_schema(root / "workflow/schemas/samples.schema.yaml")


def sheet(tmp_path: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "samples.tsv"
    path.write_bytes(("\n".join(lines) + "\n").encode(encoding))
    return path


def test_values_stay_text(tmp_path: Path, schema: dict) -> None:
    path = sheet(tmp_path, "# a comment", HEADER, "NA\tna.vcf\tGRCh37\tMEL\t", "", "007\tx.vcf\tGRCh38\tNSCLC\t0.3")
    samples = load_samples(path, schema)
    assert list(samples) == ["NA", "007"]
    assert samples["NA"].vcf == tmp_path / "na.vcf"
    assert samples["007"].values["purity"] == "0.3"


def test_windows_line_ends_and_bom_change_nothing(tmp_path: Path, schema: dict) -> None:
    path = tmp_path / "samples.tsv"
    path.write_bytes(b"\xef\xbb\xbf" + f"{HEADER}\r\nS1\ta.vcf\tGRCh37\tMEL\t\r\n".encode())
    assert load_samples(path, schema)["S1"].tumour_type == "MEL"


@pytest.mark.parametrize(
    ("rows", "place", "remedy"),
    [
        (["../x\ta.vcf\tGRCh37\tMEL\t"], "line 2, column sample_id", "Unique name"),
        (["-x\ta.vcf\tGRCh37\tMEL\t"], "column sample_id", "Unique name"),
        (["a b\ta.vcf\tGRCh37\tMEL\t"], "column sample_id", "Unique name"),
        (["$(id)\ta.vcf\tGRCh37\tMEL\t"], "column sample_id", "Unique name"),
        (["x" * 65 + "\ta.vcf\tGRCh37\tMEL\t"], "column sample_id", "Unique name"),
        (["S\ta.vcf\thg19\tMEL\t"], "line 2, column assembly", "GRCh37"),
        (["S\t\tGRCh37\tMEL\t"], "line 2, column vcf", "VCF of the tumour"),
        (["S\ta.vcf\tGRCh37\tMEL\t30%"], "line 2, column purity", "Fraction"),
        (["S\ta.vcf\tGRCh37\tMEL\t0,3"], "column purity", "Fraction"),
        (["cohort\ta.vcf\tGRCh37\tMEL\t"], "column sample_id", "Unique name"),
        (["S\ta.vcf\tGRCh37\tMEL\t", "s\tb.vcf\tGRCh37\tMEL\t"], "line 3, column sample_id", "name of its own"),
        (["S\ta.vcf\tGRCh37\tMEL\t\textra"], "line 2", "tabs"),
    ],
)
def test_errors_name_row_column_and_remedy(
    tmp_path: Path, schema: dict, rows: list[str], place: str, remedy: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_samples(sheet(tmp_path, HEADER, *rows), schema)
    assert place in caught.value.where
    assert "samples.tsv" in caught.value.where
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        ([], "empty"),
        (["sample_id,vcf,assembly,tumour_type", "S,a,GRCh37,MEL"], "no tabs"),
        (["sample_id\tvcf\tassembly", "S\ta\tGRCh37"], "'tumour_type' is missing"),
        ([HEADER + "\tcolour", "S\ta\tGRCh37\tMEL\t\tred"], "'colour' is unknown"),
        ([HEADER + "\tpurity", "S\ta\tGRCh37\tMEL\t\t"], "repeated"),
        ([HEADER], "no samples"),
    ],
)
def test_header_errors(tmp_path: Path, schema: dict, lines: list[str], what: str) -> None:
    with pytest.raises(UsageError, match=what):
        load_samples(sheet(tmp_path, *lines), schema)


def test_missing_and_unreadable_sheets_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        load_samples(tmp_path / "none.tsv")
    with pytest.raises(UsageError, match="cannot be read"):
        load_samples(sheet(tmp_path, HEADER, "S\té.vcf\tGRCh37\tMEL\t", encoding="latin-1"))


def test_clinical_context_leaves_out_identity_and_empty_cells() -> None:
    values = {"sample_id": "S", "vcf": "a", "purity": "0.3", "site": "lung", "sex": ""}
    assert clinical_context(values) == {"site": "lung"}


@pytest.mark.parametrize(
    ("text", "valid"), [("A", True), ("a.b-c_9", True), (".a", False), ("a/b", False), ("", False), ("a\n", False)]
)
def test_sample_id_rule(text: str, valid: bool) -> None:
    assert valid_sample_id(text) is valid


def test_dates_are_days_of_the_calendar(tmp_path: Path, schema: dict) -> None:
    header = "sample_id\tvcf\tassembly\ttumour_type\tcollection_date"
    assert load_samples(sheet(tmp_path, header, "S\ta.vcf\tGRCh37\tMEL\t2026-02-28"), schema)
    assert load_samples(sheet(tmp_path, header, "S\ta.vcf\tGRCh37\tMEL\t"), schema)
    with pytest.raises(UsageError, match="'2026-02-30' is no date"):
        load_samples(sheet(tmp_path, header, "S\ta.vcf\tGRCh37\tMEL\t2026-02-30"), schema)


CONSENT_HEADER = "sample_id\tvcf\tassembly\ttumour_type\tpatient_id\tconsent_germline"


@pytest.mark.parametrize(
    ("words", "held", "warned"),
    [
        (("yes", "no"), ("no", "no"), "line 2 yes, line 3 no); the refusal holds for all of them"),
        (("withdrawn", "yes", ""), ("withdrawn",) * 3, "line 4 empty); the refusal holds"),
        (("", "no"), ("no", "no"), "line 2 empty, line 3 no"),
        (("yes", "unknown"), ("yes", "unknown"), "none of them is a refusal"),
        (("yes", ""), ("yes", ""), ""),
        (("no", "no"), ("no", "no"), ""),
    ],
)
def test_a_refusal_holds_for_every_sample_of_the_patient(
    tmp_path: Path, words: tuple[str, ...], held: tuple[str, ...], warned: str
) -> None:
    lines = [f"S{number}\ta.vcf\tGRCh37\tMEL\tP1\t{word}" for number, word in enumerate(words)]
    path = sheet(tmp_path, CONSENT_HEADER, *lines, "OTHER\ta.vcf\tGRCh37\tMEL\tP2\tyes", "NONE\ta.vcf\tGRCh37\tMEL\t\t")
    warnings: list[str] = []
    samples = load_samples(path, warn=warnings.append)
    assert tuple(samples[f"S{number}"].values["consent_germline"] for number in range(len(words))) == held
    assert (samples["OTHER"].values["consent_germline"], samples["NONE"].values["consent_germline"]) == ("yes", "")
    assert len(warnings) == bool(warned)
    assert warned in "".join(warnings)
    assert "consent_germline_from" not in clinical_context(samples["S0"].values)


def test_the_sample_that_refused_is_named_and_changes_what_is_made(tmp_path: Path) -> None:
    rows = ["A\ta.vcf\tGRCh37\tMEL\tP1\tyes", "B\ta.vcf\tGRCh37\tMEL\tP1\tno"]
    both = load_samples(sheet(tmp_path, CONSENT_HEADER, *rows))
    alone = load_samples(sheet(tmp_path, CONSENT_HEADER, rows[0]))
    assert both["A"].values["consent_germline_from"] == "B"
    assert row_digest(both["A"]) != row_digest(alone["A"])
    assert "consent_germline_from" not in both["B"].values
