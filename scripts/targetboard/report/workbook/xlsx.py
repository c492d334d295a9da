r"""Tables as an XLSX workbook: text stays text, equal documents give equal bytes.

Every text cell is written as a string of the workbook, never as a formula or a link, and is guarded as in the TSV
tables (:func:`targetboard.report.cells.neutralise`), so that it stays text when somebody saves the sheet as CSV. Hidden
characters are written escaped (``\u202e``). The creation date in the file is fixed and means nothing; the times inside
the archive are fixed by XlsxWriter.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import xlsxwriter

from targetboard.report.cells import neutralise
from targetboard.report.sections.text import printable
from targetboard.report.workbook.sheets import Cell, Sheet, sheets
from targetboard.signing.status import sign_out

LONGEST_CELL = 32_000
"""Excel holds 32,767 characters a cell; longer text is cut with a mark, the document has it whole."""
_CREATED = datetime(2000, 1, 1)
"""Fixed: the format demands a date, and a clock would change the bytes."""
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_HEADER_LETTERS = 60


def render_workbook(document: Mapping[str, Any]) -> bytes:
    """The workbook of one sample.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json.

    Returns
    -------
    bytes
        An XLSX file.
    """
    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, _OPTIONS)
    sample = document["sample"]
    book.set_properties({"title": f"Actions of {text_cell(sample['sample_id'])}", "created": _CREATED})
    styles = _styles(book)
    for sheet in sheets(document):
        page = book.add_worksheet(sheet.name)
        _write(page, sheet, styles)
        _print_setup(page, document)
    book.close()
    return content.getvalue()


def text_cell(text: str) -> str:
    """Text as a cell: line breaks that the sheets set stay, everything else is guarded and cut."""
    lines = [printable(neutralise(line)) for line in text.split("\n")]
    whole = "\n".join(lines)
    return whole if len(whole) <= LONGEST_CELL else f"{whole[:LONGEST_CELL]} … (cut)"


def _styles(book: xlsxwriter.Workbook) -> dict[str, Any]:
    base = {"valign": "top", "text_wrap": True, "font_name": "Arial", "font_size": 9}
    return {
        "cell": book.add_format(base),
        "label": book.add_format({**base, "bold": True}),
        "header": book.add_format({**base, "bold": True, "bg_color": "#E8F2F6", "bottom": 1}),
    }


def _write(page: Any, sheet: Sheet, styles: Mapping[str, Any]) -> None:  # noqa: ANN401 - the library has no types
    first = 0
    if not sheet.is_list:
        for column, (name, _) in enumerate(sheet.columns):
            page.write_string(0, column, name.replace("_", " "), styles["header"])
        page.freeze_panes(1, 1)
        page.repeat_rows(0)
        page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)
        first = 1
    for column, (_, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
    for number, row in enumerate(sheet.rows, start=first):
        for column, value in enumerate(row):
            style = styles["label" if sheet.is_list and column == 0 else "cell"]
            _write_cell(page, number, column, value, style)


def _write_cell(page: Any, row: int, column: int, value: Cell, style: Any) -> None:  # noqa: ANN401 - no types there
    if value is None or value == "":
        page.write_blank(row, column, None, style)
    elif isinstance(value, str):
        page.write_string(row, column, text_cell(value), style)
    else:
        page.write_number(row, column, value, style)


def _print_setup(page: Any, document: Mapping[str, Any]) -> None:  # noqa: ANN401 - the library has no types
    """Landscape A4 with identifiers, status and page x of y on every sheet; ``&`` would be a command there."""
    sample = document["sample"]
    identifiers = f"Patient {sample['patient_id'] or 'not provided'}, sample {sample['sample_id']}"
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_header(f"&L{_plain(identifiers)}&R{_plain(sign_out(document)['banner'])}")
    page.set_footer("&RPage &P of &N")


def _plain(text: str) -> str:
    """Text for a page header: one line, cut, and without commands."""
    return printable(text).replace("&", "+")[: 2 * _HEADER_LETTERS]
