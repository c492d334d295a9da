"""The sample sheet: one row a sample, validated by its JSON Schema, every error with row, column and remedy."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from targetboard.classify.context import consent_refused
from targetboard.errors import UsageError

if TYPE_CHECKING:
    from jsonschema import ValidationError

SIDE_FILES = ("assay", "coverage", "copy_number", "fusions", "markers")
"""Columns that name a file beside the VCF, relative to the sheet."""
CONSENT = "consent_germline"
CONSENT_FROM = "consent_germline_from"
"""No column of the sheet: the sample whose refusal holds for a row (:func:`share_refusals`)."""
NOT_CLINICAL = (
    "sample_id",
    "vcf",
    "assembly",
    "tumour_type",
    "tumour_sample",
    "normal_sample",
    "patient_id",
    "purity",
    CONSENT_FROM,
    *SIDE_FILES,
)
"""Columns that have a place of their own in the document; all others are shown as clinical context."""


_SAMPLE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def valid_sample_id(text: str) -> bool:
    """Whether a sample id may name files: no separators, no shell characters, no leading dot or hyphen."""
    return _SAMPLE_ID.fullmatch(text) is not None


@dataclass(slots=True, frozen=True)
class Sample:
    """One row of the sheet: ``values`` holds every column as text, ``vcf`` is resolved against the sheet's folder."""

    sample_id: str
    vcf: Path
    assembly: str
    tumour_type: str
    values: Mapping[str, str]
    folder: Path

    def side_file(self, column: str) -> Path | None:
        """File that a column of :data:`SIDE_FILES` names; None where the cell is empty."""
        name = self.values.get(column, "")
        return self.folder / name if name else None


def read_rows(sheet: Path) -> list[tuple[int, dict[str, str]]]:
    """Rows of a tab-separated sheet with their line numbers; blank and comment lines are passed over.

    Raises
    ------
    UsageError
        If the file is missing or no UTF-8, a column name is missing or repeated, or a row has too many or few cells.
    """
    try:
        text = sheet.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(
            "the sample sheet does not exist", where=str(sheet), remedy="Set samples in config/config.yaml"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the sample sheet cannot be read ({error})", where=str(sheet), remedy="Save it as UTF-8 text"
        ) from None
    lines = [
        (number, line)
        for number, line in enumerate(io.StringIO(text, newline=None), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not lines:
        raise UsageError(
            "the sample sheet is empty", where=str(sheet), remedy="Give a header line and one row a sample"
        )
    cells = [
        (number, next(csv.reader([line.rstrip("\n")], delimiter="\t", quoting=csv.QUOTE_NONE)))
        for number, line in lines
    ]
    header_line, header = cells[0]
    if len(header) == 1 and ("," in header[0] or ";" in header[0]):
        raise UsageError(
            "the header line has no tabs", where=f"{sheet}, line {header_line}", remedy="Save the sheet tab-separated"
        )
    repeated = sorted({name for name in header if header.count(name) > 1})
    if repeated or "" in header:
        what = f"column {repeated[0]!r} is repeated" if repeated else "a column has no name"
        raise UsageError(what, where=f"{sheet}, line {header_line}", remedy="Give each column one name, once")
    rows: list[tuple[int, dict[str, str]]] = []
    for number, values in cells[1:]:
        if len(values) > len(header):
            raise UsageError(
                f"{len(values)} cells under {len(header)} columns",
                where=f"{sheet}, line {number}",
                remedy="Separate cells by single tabs",
            )
        padded = [value.strip() for value in values] + [""] * (len(header) - len(values))
        rows.append((number, dict(zip(header, padded, strict=True))))
    return rows


def _explain(error: ValidationError, column: str, spec: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a cell, and the remedy, in words a laboratory understands."""
    description = str(spec.get("description", f"Fill in {column}"))
    if error.validator == "enum":
        allowed = ", ".join(repr(value) for value in spec["enum"] if value)
        return f"{error.instance!r} is not allowed", f"Use one of {allowed}"
    if error.validator == "format":
        return f"{error.instance!r} is no date", "Write a day of the calendar as YYYY-MM-DD"
    if error.validator == "pattern":
        return f"{error.instance!r} does not have the form the column needs", description
    if error.validator == "minLength":
        return "the cell is empty", description
    return str(error.message), description


def validate_rows(sheet: Path, rows: Iterable[tuple[int, Mapping[str, str]]], schema: Mapping[str, Any]) -> None:
    """Check every row against the sheet's JSON Schema and the sample ids for uniqueness.

    Raises
    ------
    UsageError
        At the first error, with file, line, column and remedy.
    """
    from jsonschema import Draft202012Validator, FormatChecker

    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    needed, known_columns = schema["required"], schema["properties"]
    seen: dict[str, int] = {}
    for number, row in rows:
        # an empty cell of an optional column means "not given" and has no form to check
        given = {name: cell for name, cell in row.items() if cell or name in needed or name not in known_columns}
        for error in sorted(
            validator.iter_errors(given), key=lambda found: (list(map(str, found.path)), found.message)
        ):
            if error.validator == "required":
                missing = [name for name in schema["required"] if name not in row]
                known = ", ".join(schema["properties"])
                raise UsageError(
                    f"column {missing[0]!r} is missing", where=f"{sheet}, header line", remedy=f"Columns are {known}"
                )
            if error.validator == "additionalProperties":
                unknown = [name for name in row if name not in schema["properties"]]
                known = ", ".join(schema["properties"])
                raise UsageError(
                    f"column {unknown[0]!r} is unknown", where=f"{sheet}, header line", remedy=f"Columns are {known}"
                )
            column = str(error.path[0]) if error.path else ""
            what, remedy = _explain(error, column, schema["properties"].get(column, {}))
            raise UsageError(what, where=f"{sheet}, line {number}, column {column}", remedy=remedy)
        identifier = row["sample_id"]
        folded = identifier.casefold()
        if folded in seen:
            raise UsageError(
                f"sample_id {identifier!r} stands in line {seen[folded]} already (upper and lower case count as equal)",
                where=f"{sheet}, line {number}, column sample_id",
                remedy="Give each sample a name of its own",
            )
        seen[folded] = number


def share_refusals(
    rows: Sequence[tuple[int, Mapping[str, str]]],
) -> tuple[list[tuple[int, dict[str, str]]], list[str]]:
    """Let a refusal of statements on inherited findings hold for every sample of the patient.

    What is told against the patient's will cannot be taken back, so the strictest word of ``consent_germline`` wins.

    Parameters
    ----------
    rows
        Rows of a sheet with their line numbers.

    Returns
    -------
    tuple
        The rows, those that a refusal reaches with its word and, as :data:`CONSENT_FROM`, the sample it comes from; and
        a sentence for each patient whose rows differ.
    """
    patients: dict[str, list[tuple[int, Mapping[str, str]]]] = {}
    for number, row in rows:
        if row.get("patient_id"):
            patients.setdefault(row["patient_id"], []).append((number, row))
    refused = {
        patient: next((row for _, row in own if consent_refused(row)), None) for patient, own in patients.items()
    }
    shared = []
    for number, row in rows:
        strict = refused.get(row.get("patient_id", ""))
        if strict is None or consent_refused(row):
            shared.append((number, dict(row)))
        else:
            taken = {CONSENT: strict[CONSENT], CONSENT_FROM: strict.get("sample_id", "")}
            shared.append((number, {**row, **taken}))
    warnings = []
    for patient, own in patients.items():
        words = {row.get(CONSENT, "").casefold() for _, row in own}
        # an empty cell says nothing, unless another row refuses
        if len(words if refused[patient] else words - {""}) > 1:
            said = ", ".join(f"line {number} {row.get(CONSENT) or 'empty'}" for number, row in own)
            held = "the refusal holds for all of them" if refused[patient] else "none of them is a refusal"
            warnings.append(f"the samples of patient {patient} differ in {CONSENT} ({said}); {held}")
    return shared, warnings


def load_samples(
    sheet: Path, schema: Mapping[str, Any] | None = None, warn: Callable[[str], None] | None = None
) -> dict[str, Sample]:
    """Samples of a sheet by sample_id, in the sheet's order; validated where a schema is given.

    A refusal of statements on inherited findings holds for every sample of the patient (:func:`share_refusals`).

    Parameters
    ----------
    sheet
        The sample sheet.
    schema
        Its JSON Schema.
    warn
        Called with each sentence on rows that contradict each other.

    Raises
    ------
    UsageError
        If the sheet is unreadable or a row is invalid.
    """
    rows = read_rows(sheet)
    if not rows:
        raise UsageError("the sample sheet has no samples", where=str(sheet), remedy="Add one row a sample")
    if schema is not None:
        validate_rows(sheet, rows, schema)
    shared, warnings = share_refusals(rows)
    if warn is not None:
        for text in warnings:
            warn(f"{sheet}: {text}")
    return {
        row["sample_id"]: Sample(
            row["sample_id"], sheet.parent / row["vcf"], row["assembly"], row["tumour_type"], row, sheet.parent
        )
        for _, row in shared
    }


def clinical_context(values: Mapping[str, str]) -> dict[str, str]:
    """Columns of a row that describe specimen and course, without empty ones."""
    return {name: value for name, value in values.items() if value and name not in NOT_CLINICAL}
