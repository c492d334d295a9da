r"""The table of variants of one sample (``ID.variants.tsv``), made from the document and nothing else.

One line a variant, in the document's order, UTF-8, tab-separated, LF; empty cells mean "not available". Lists are
joined by ``|``. A cell with a quotation mark is quoted as in CSV, so that spreadsheets and pandas read it alike.

Spreadsheets run cells that begin with ``=``, ``+``, ``-`` or ``@``. In text columns such a cell, and one that begins
with a tab or a carriage return, gets one leading apostrophe (:func:`targetboard.report.cells.neutralise`); remove it to
have the value back. Numeric columns (:data:`NUMERIC`) hold numbers only and are never touched, so negative points stay
numbers. Tabs and line breaks become spaces; control, zero-width and bidirectional characters are written escaped
(``\u202e``). No treatment stands in this table: variants that carry none could not be told from those that do.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from targetboard.report.cells import neutralise
from targetboard.report.sections.text import printable
from targetboard.report.sections.variant import germline_is_hidden

Cell = str | int | float | None
Read = Callable[[Mapping[str, Any], Mapping[str, Any]], Cell]


def _field(name: str) -> Read:
    return lambda document, variant: variant[name]


def _input(name: str) -> Read:
    return lambda document, variant: variant["input"][name]


def _sample(name: str) -> Read:
    return lambda document, variant: document["sample"][name]


def _bound(position: int) -> Read:
    return lambda document, variant: variant["vaf_interval"][position] if variant["vaf_interval"] else None


def _assessed(read: Callable[[Mapping[str, Any]], Cell]) -> Read:
    return lambda document, variant: read(variant["oncogenicity"]) if variant["oncogenicity"] else None


def _codes(status: str) -> Read:
    return _assessed(lambda found: "|".join(c["code"] for c in found["criteria"] if c["status"] == status))


def _tumour_type(document: Mapping[str, Any], variant: Mapping[str, Any]) -> Cell:
    tumour, condition = document["sample"]["tumour_type"], document["sample"]["condition"]
    return str(tumour["code"]) if tumour else str(condition or "")


def _flags(document: Mapping[str, Any], variant: Mapping[str, Any]) -> Cell:
    hidden = germline_is_hidden(document)
    return "|".join(flag for flag in variant["flags"] if not (hidden and flag == "germline_suspect"))


def _matches(name: str) -> Read:
    return lambda document, variant: "|".join(match[name] for match in variant["matches"])


COLUMNS: Mapping[str, Read] = MappingProxyType(
    {
        "sample_id": _sample("sample_id"),
        "tumour_type": _tumour_type,
        "assembly": _sample("assembly"),
        "chrom": _field("chrom"),
        "pos": _field("pos"),
        "ref": _field("ref"),
        "alt": _field("alt"),
        "gene": _field("gene"),
        "transcript": _field("transcript"),
        "hgvsc": _field("hgvsc"),
        "hgvsp": _field("hgvsp"),
        "consequence": _field("consequence"),
        "exon": _field("exon"),
        "vaf": _field("vaf"),
        "vaf_low": _bound(0),
        "vaf_high": _bound(1),
        "vaf_source": _field("vaf_source"),
        "depth": _field("depth"),
        "alt_depth": _field("alt_depth"),
        "filter": _field("filter"),
        "driver_class": _field("driver_class"),
        "class_reason": _field("class_reason"),
        "oncogenicity": _assessed(lambda found: str(found["class"])),
        "points": _assessed(lambda found: int(found["points"])),
        "points_min": _assessed(lambda found: int(found["points_range"][0])),
        "points_max": _assessed(lambda found: int(found["points_range"][1])),
        "criteria_met": _codes("met"),
        "criteria_not_evaluable": _codes("not_evaluable"),
        "alterations": _matches("alteration_id"),
        "match_levels": _matches("level"),
        "amp": lambda document, variant: variant["tier"]["amp"],
        "escat": lambda document, variant: variant["tier"]["escat"],
        "flags": _flags,
        "input_record": _input("record"),
        "input_line": _input("line"),
        "input_chrom": _input("chrom"),
        "input_pos": _input("pos"),
        "input_ref": _input("ref"),
        "input_alt": _input("alt"),
        "input_alt_index": _input("alt_index"),
    }
)
"""Column name and how its cell is read, in the order of the table."""

NUMERIC = frozenset(
    {
        *("pos", "vaf", "vaf_low", "vaf_high", "depth", "alt_depth", "points", "points_min", "points_max"),
        *("input_record", "input_line", "input_pos", "input_alt_index"),
    }
)
"""Columns that hold numbers; every other column holds text."""


def variants_tsv(document: Mapping[str, Any]) -> str:
    """The table of variants as text; a failed or empty sample gives the header line alone.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json.
    """
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter="\t", lineterminator="\n")
    writer.writerow(COLUMNS)
    for variant in document["variants"]:
        writer.writerow([_cell(name, read(document, variant)) for name, read in COLUMNS.items()])
    return table.getvalue()


def _cell(name: str, value: Cell) -> str:
    if value is None:
        return ""
    return repr(value) if name in NUMERIC else printable(neutralise(str(value)))
