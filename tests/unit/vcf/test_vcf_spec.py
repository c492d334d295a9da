"""The VCF specification's own valid and invalid files, and every real file: read, or refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.errors import ExitCode, TargetboardError
from targetboard.vcf.header import repaired_header
from targetboard.vcf.preflight import inspect
from targetboard.vcf.reader import read_records

pytestmark = pytest.mark.real_data

# Valid files that are refused, by version/name, with the reason: none.
REFUSED_VALID: dict[str, str] = {}
# Real files that are refused, by name, with the reason: none.
REFUSED_REAL: dict[str, str] = {}
# Invalid files of each version that must be refused: what they break could change a reported value.
REFUSED_INVALID = {
    "failed_body_alt_001.vcf": "space inside an allele",
    "failed_body_alt_002.vcf": "empty allele",
    "failed_body_chrom_002.vcf": "CHROM holds a space",
    "failed_body_format_000.vcf": "empty key",
    "failed_body_pos_000.vcf": "no whole number",
    "failed_body_pos_001.vcf": "no whole number",
    "failed_body_pos_002.vcf": "no whole number",
    "failed_body_qual_000.vcf": "neither a number nor '.'",
    "failed_body_ref_000.vcf": "no base sequence",
    "failed_body_ref_002.vcf": "REF is missing",
    "failed_body_sample_003.vcf": "4 values where FORMAT has 3 keys",
    "failed_body_sample_011.vcf": "stands twice",
    "failed_header_000.vcf": "does not name the columns",
    "failed_header_001.vcf": "no sample",
    "failed_empty.vcf": "no #CHROM line",
    "failed_empty_sample.vcf": "the file is empty",
}


def outcome(path: Path, workdir: Path) -> str:
    """Empty if every record was read, else what was refused; anything but an expected error fails the test."""
    try:
        inspection = inspect(path)
        assert sum(1 for _ in read_records(path, inspection, workdir)) == inspection.records
        assert repaired_header(inspection)[0].startswith("##fileformat=")
    except TargetboardError as error:
        return f"{error.code.value}: {error.what}"
    return ""


def test_valid_files_of_the_specification_are_read(shared_data: Path, tmp_path: Path) -> None:
    files = sorted(shared_data.glob("vcf_spec/*/passed/*.vcf"))
    assert len(files) > 70
    refused = {f"{f.parents[1].name}/{f.name}": text for f in files if (text := outcome(f, tmp_path))}
    assert refused.keys() == REFUSED_VALID.keys(), refused


@pytest.mark.parametrize("version", ["4.1", "4.2", "4.3"])
def test_invalid_files_of_the_specification_never_crash(shared_data: Path, tmp_path: Path, version: str) -> None:
    files = sorted((shared_data / "vcf_spec" / version / "failed").glob("*.vcf"))
    assert len(files) > 150
    refused = {f.name: text for f in files if (text := outcome(f, tmp_path))}
    assert refused.keys() == REFUSED_INVALID.keys() & {f.name for f in files}
    for name, text in refused.items():
        assert text.startswith(f"{ExitCode.MALFORMED.value}: ")
        assert REFUSED_INVALID[name] in text


def test_real_files_are_read(shared_data: Path, tmp_path: Path) -> None:
    files = [*sorted(shared_data.glob("vcf/*.vcf")), *sorted(shared_data.glob("vcf/*.vcf.gz"))]
    assert len(files) >= 34
    refused = {f.name: text for f in files if (text := outcome(f, tmp_path))}
    assert refused.keys() == REFUSED_REAL.keys(), refused
