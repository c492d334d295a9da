"""The schema of the knowledge tables: what ``schema.yaml`` declares, and the check of one table against it.

The loader stops at the first finding, the lint collects all of them; both read tables through :func:`read_table`, so
that they can never disagree about what a legal table is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

from targetboard.errors import KnowledgeError
from targetboard.knowledge import records

Value = str | int | bool | None | tuple[str, ...]
Key = tuple[str, ...]

LIST_SEPARATOR = "|"
SCHEMA_VERSION = 1
MAX_YAML_BYTES = 1_000_000

RECORD_OF_TABLE: Mapping[str, type[Any]] = {
    "genes": records.Gene,
    "proteins": records.ProteinWindow,
    "alterations": records.Alteration,
    "alleles": records.KnownAllele,
    "hotspots": records.HotspotCount,
    "domains": records.Domain,
    "tumour_types": records.TumourType,
    "drugs": records.Drug,
    "markers": records.Marker,
    "biomarkers": records.Biomarker,
    "therapies": records.Claim,
    "approvals": records.Approval,
    "options_without_biomarker": records.OptionWithoutBiomarker,
    "resistance": records.ResistanceRow,
    "diagnostics": records.Diagnostic,
    "trials": records.Trial,
    "negatives": records.PertinentNegative,
}
# Tables that an earlier release did not have: its schema, and its folder, may lack them.
LATER_TABLES = frozenset({"diagnostics", "trials", "negatives"})


@dataclass(slots=True, frozen=True)
class Finding:
    """One fault of the knowledge tables: place, what is wrong, and what to do.

    ``row`` is the key of the row (parts joined by "/"), "" for a fault of the whole table; ``line`` counts from 1, 0
    where there is none; ``path`` is the file. ``severity`` is "error" (the tables must not be used) or "warning".
    """

    table: str
    row: str
    column: str
    message: str
    remedy: str
    line: int = 0
    path: str = ""
    severity: str = "error"

    def place(self) -> str:
        """File, line, row and column as far as known."""
        parts = [self.path or self.table]
        if self.line:
            parts.append(f"line {self.line}")
        if self.row:
            parts.append(f"row {self.row}")
        if self.column:
            parts.append(f"column {self.column}")
        return ", ".join(parts)

    def one_line(self) -> str:
        """The finding as one printable line, in the form of an error message."""
        return f"{self.severity}: {KnowledgeError(self.message, where=self.place(), remedy=self.remedy).one_line()}"

    def error(self) -> KnowledgeError:
        """The finding as the error the loader raises."""
        return KnowledgeError(self.message, where=self.place(), remedy=self.remedy)


@dataclass(slots=True, frozen=True)
class Column:
    """One declared column; ``pattern`` and ``reference`` hold for the field, or for each item of a list."""

    name: str
    type: str
    required: bool
    optional: bool
    values: frozenset[str]
    pattern: re.Pattern[str] | None
    reference: tuple[str, str] | None
    reference_except: re.Pattern[str] | None
    minimum: int | None
    source: bool


@dataclass(slots=True, frozen=True)
class SourceType:
    """A kind of source: pattern of its identifier, and whether it counts as evidence for "validated"."""

    pattern: re.Pattern[str]
    evidence: bool


@dataclass(slots=True, frozen=True)
class Table:
    """One declared table; ``columns`` stand in the order of the record's fields."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    optional: bool = False

    def position(self, column: str) -> int:
        """Index of a column in a row's values."""
        return [c.name for c in self.columns].index(column)


@dataclass(slots=True, frozen=True)
class Schema:
    """The whole schema; ``raw`` is what the YAML file says, kept for the compiled index."""

    tables: Mapping[str, Table]
    source_types: Mapping[str, SourceType]
    raw: Mapping[str, Any]


@dataclass(slots=True, frozen=True)
class Row:
    """One row with converted values, and where it stands.

    ``layer`` counts the layers from 0; ``replaces`` says that the row took the place of one of an earlier layer.
    """

    line: int
    path: str
    key: Key
    values: tuple[Value, ...]
    layer: int = 0
    replaces: bool = False


def read_yaml(data: bytes, where: str) -> Mapping[str, Any]:
    """Parse a YAML mapping from trusted-size bytes; KnowledgeError for anything else."""
    import yaml  # a sample that reads a compiled index never needs it

    if len(data) > MAX_YAML_BYTES:
        raise KnowledgeError(f"{len(data)} bytes are too many for this file", where=where)
    try:
        content = yaml.safe_load(data.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError, RecursionError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise KnowledgeError(f"not readable as YAML ({reason})", where=where, remedy="Mend the file.") from error
    if not isinstance(content, dict):
        raise KnowledgeError("the file must hold one mapping", where=where, remedy="Mend the file.")
    return content


def parse_schema(raw: Mapping[str, Any], where: str) -> Schema:
    """Build the schema from parsed YAML.

    Raises
    ------
    KnowledgeError
        If the schema lacks a table or column the program reads, or names one it does not know.
    """

    def wrong(what: str) -> KnowledgeError:
        return KnowledgeError(what, where=where, remedy="Use the schema.yaml that came with this version.")

    if raw.get("schema_version") != SCHEMA_VERSION:
        raise wrong(f"schema_version {raw.get('schema_version')!r} is not {SCHEMA_VERSION}")
    try:
        tables = {name: _parse_table(name, entry) for name, entry in raw["tables"].items()}
        sources = {
            kind: SourceType(re.compile(entry["pattern"]), bool(entry["evidence"]))
            for kind, entry in raw["source_types"].items()
        }
    except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
        raise wrong(f"the schema is incomplete or malformed ({type(error).__name__}: {error})") from error
    for name in LATER_TABLES - tables.keys():
        tables[name] = _table_of_a_later_release(name)
    tables = {name: tables[name] for name in RECORD_OF_TABLE if name in tables}
    if tables.keys() != RECORD_OF_TABLE.keys():
        odd = sorted(tables.keys() ^ RECORD_OF_TABLE.keys())
        raise wrong(f"the schema and the program disagree about the tables {', '.join(odd)}")
    for table in tables.values():
        for column in table.columns:
            if column.reference is not None:
                target = tables.get(column.reference[0])
                if target is None or column.reference[1] not in {c.name for c in target.columns}:
                    raise wrong(f"{table.name}.{column.name} refers to unknown {'.'.join(column.reference)}")
    return Schema(tables, sources, raw)


def _parse_table(name: str, entry: Mapping[str, Any]) -> Table:
    record = RECORD_OF_TABLE.get(name)
    if record is None:
        raise ValueError(f"unknown table {name}")
    columns = {column: _parse_column(column, spec) for column, spec in entry["columns"].items()}
    wanted = [f.name for f in fields(record)]
    # The schema of an earlier release lacks columns that have a default since.
    later = [f for f in fields(record) if f.name not in columns and f.default is not MISSING]
    columns |= {f.name: _absent(f.name, f.default) for f in later}
    if set(columns) != set(wanted):
        raise ValueError(f"columns of {name}: {', '.join(sorted(set(columns) ^ set(wanted)))}")
    key = tuple(entry["key"])
    if not key or not set(key) <= set(columns):
        raise ValueError(f"key of {name}")
    return Table(name, key, tuple(columns[column] for column in wanted), bool(entry.get("optional", False)))


def _absent(name: str, default: object) -> Column:
    """A column that the schema does not name, read as its default."""
    types = {"tuple": "list", "bool": "boolean", "NoneType": "integer"}
    kind = types.get(type(default).__name__, "text")
    return Column(name, kind, False, True, frozenset(), None, None, None, None, False)


def _table_of_a_later_release(name: str) -> Table:
    columns = tuple(_absent(f.name, "") for f in fields(RECORD_OF_TABLE[name]))
    return Table(name, (columns[0].name,), columns, optional=True)


def _parse_column(name: str, spec: Mapping[str, Any]) -> Column:
    known = {"type", "required", "optional", "values", "pattern", "reference", "reference_except", "minimum", "source",
             "description"}  # fmt: skip
    if spec["type"] not in {"text", "symbol", "integer", "boolean", "list"} or set(spec) - known:
        raise ValueError(f"column {name}")
    reference = tuple(spec["reference"].split(".")) if "reference" in spec else None
    if reference is not None and len(reference) != 2:
        raise ValueError(f"reference of {name}")
    return Column(
        name=name,
        type=spec["type"],
        required=bool(spec.get("required", False)),
        optional=bool(spec.get("optional", False)),
        values=frozenset(str(v) for v in spec.get("values", ())),
        pattern=re.compile(spec["pattern"]) if "pattern" in spec else None,
        reference=(reference[0], reference[1]) if reference is not None else None,
        reference_except=re.compile(spec["reference_except"]) if "reference_except" in spec else None,
        minimum=spec.get("minimum"),
        source=bool(spec.get("source", False)),
    )


def read_table(schema: Schema, table: Table, data: bytes, path: str, layer: int = 0) -> tuple[list[Row], list[Finding]]:
    """Read one table and check it against its schema (references apart: they need every table).

    Parameters
    ----------
    schema, table
        The schema, and the table of it that ``data`` should hold.
    data
        Bytes of the file.
    path
        Name of the file for messages.
    layer
        Number of the layer the file belongs to.

    Returns
    -------
    tuple[list[Row], list[Finding]]
        The rows that could be read, in file order, and every fault found.
    """

    def fault(message: str, remedy: str, line: int = 0, column: str = "", row: str = "") -> Finding:
        return Finding(table.name, row, column, message, remedy, line, path)

    text, findings = _decode(data, fault)
    if text is None:
        return [], findings
    lines = csv.reader(text.split("\n")[:-1], delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
    try:
        header = next(lines, [])
        positions, faults = _positions(table, header, fault)
        findings += faults
        if faults:
            return [], findings
        checks = [_value_reader(schema, column) for column in table.columns]
        key_positions = [table.position(column) for column in table.key]
        rows: list[Row] = []
        seen: dict[Key, int] = {}
        for number, cells in enumerate(lines, start=2):
            if len(cells) != len(header):
                message = f"{len(cells)} fields where the header line has {len(header)}"
                findings.append(fault(message, "Separate fields by exactly one tab.", number))
                continue
            raw = [cells[position] if position >= 0 else "" for position in positions]
            key = tuple(raw[position] for position in key_positions)
            row_id = "/".join(key)
            values: list[Value] = []
            for column, check, cell in zip(table.columns, checks, raw, strict=True):
                value, message = check(cell)
                values.append(value)
                if message:
                    findings.append(fault(message, "Mend the field.", number, column.name, row_id))
            if key in seen:
                message = f"the key {row_id} already stands in line {seen[key]}"
                findings.append(fault(message, "Keep one of the two rows.", number, table.key[0], row_id))
                continue
            seen[key] = number
            rows.append(Row(number, path, key, tuple(values), layer))
    except csv.Error as error:
        findings.append(fault(f"not readable as a table ({error})", "Mend the line.", lines.line_num))
        return [], findings
    return rows, findings


def _decode(data: bytes, fault: Callable[..., Finding]) -> tuple[str | None, list[Finding]]:
    if data.startswith(b"\xef\xbb\xbf"):
        return None, [fault("the file starts with a byte order mark", "Save it as UTF-8 without BOM.", 1)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [fault("a byte is no UTF-8", "Save the file as UTF-8.", line)]
    findings: list[Finding] = []
    if not text.endswith("\n"):
        return None, [fault("the last line has no line end", "End the file with a newline: it may be cut short.")]
    for number, content in enumerate(text.split("\n")[:-1], start=1):
        if content.replace("\t", "").isprintable() and content.strip():
            continue
        odd = next((c for c in content if not c.isprintable() and c != "\t"), None)
        if odd == "\r":
            return None, [fault("the line ends with CR LF", "Save the file with LF line ends.", number)]
        if odd is not None:
            findings.append(fault(f"the line holds the non-printing character U+{ord(odd):04X}", "Remove it.", number))
        if not content.strip():
            return None, [fault("the line is empty", "Remove the line.", number)]
    return text, findings


def _positions(table: Table, header: Sequence[str], fault: Callable[..., Finding]) -> tuple[list[int], list[Finding]]:
    names = [column.name for column in table.columns]
    findings = [
        fault(f"unknown column {name!r}", f"Known columns: {' '.join(names)}.", 1, name)
        for name in header
        if name not in names
    ]
    findings += [
        fault(f"column {name!r} stands twice", "Keep one of them.", 1, name)
        for name in sorted({name for name in header if header.count(name) > 1})
    ]
    findings += [
        fault(f"required column {column.name!r} is missing", "Add it to the header line.", 1, column.name)
        for column in table.columns
        if column.name not in header and not column.optional
    ]
    return [header.index(name) if name in header else -1 for name in names], findings


def _value_reader(schema: Schema, column: Column) -> Callable[[str], tuple[Value, str]]:
    """Function that converts one cell and says what is wrong with it ("" if nothing)."""
    readers: dict[str, Callable[[str], tuple[Value, str]]] = {
        "integer": lambda cell: _integer(column, cell),
        "boolean": lambda cell: _boolean(column, cell),
        "list": lambda cell: _list(schema, column, cell),
    }
    plain = not (column.values or column.pattern or column.source)

    def text(cell: str) -> tuple[Value, str]:
        if not cell:
            return "", ""
        if cell[0] == " " or cell[-1] == " ":
            return cell, f"{cell!r} starts or ends with a blank"
        return cell, "" if plain else _item_fault(schema, column, cell)

    read = readers.get(column.type, text)

    def checked(cell: str) -> tuple[Value, str]:
        if not cell and column.required:
            return read(cell)[0], "the field is empty but required"
        return read(cell)

    # Most cells repeat within a column (genes, sources, words of a closed list).
    known: dict[str, tuple[Value, str]] = {}

    def remembered(cell: str) -> tuple[Value, str]:
        found = known.get(cell)
        if found is None:
            found = known[cell] = checked(cell)
        return found

    return remembered


def _boolean(column: Column, cell: str) -> tuple[Value, str]:
    if not cell and not column.required:
        return False, ""
    return cell == "yes", "" if cell in {"yes", "no"} else f"{cell!r} is neither yes nor no"


def _integer(column: Column, cell: str) -> tuple[Value, str]:
    if not cell:
        return None, ""
    signed = column.minimum is not None and column.minimum < 0
    digits = cell.removeprefix("-") if signed else cell
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10 or (digits[0] == "0" and len(cell) > 1):
        return None, f"{cell!r} is no whole number"
    number = int(cell)
    if column.minimum is not None and number < column.minimum:
        return number, f"{number} is below {column.minimum}"
    return number, ""


def _list(schema: Schema, column: Column, cell: str) -> tuple[Value, str]:
    if not cell:
        return (), ""
    items = tuple(cell.split(LIST_SEPARATOR))
    for item in items:
        if not item or item[0] == " " or item[-1] == " ":
            return items, f"list item {item!r} is empty or has blanks around it (items are joined by | alone)"
        message = _item_fault(schema, column, item)
        if message:
            return items, message
    if len(set(items)) != len(items):
        return items, "a list item stands twice"
    return items, ""


def _item_fault(schema: Schema, column: Column, item: str) -> str:
    if column.values and item not in column.values:
        return f"{item!r} is none of {', '.join(sorted(column.values))}"
    if column.pattern is not None and column.pattern.fullmatch(item) is None:
        return f"{item!r} does not fit the pattern {column.pattern.pattern}"
    if column.source:
        kind, _, identifier = item.partition(":")
        source_type = schema.source_types.get(kind)
        if source_type is None:
            return f"source {item!r} has no known type ({', '.join(schema.source_types)})"
        if source_type.pattern.fullmatch(identifier) is None:
            return f"source {item!r} does not fit the pattern {source_type.pattern.pattern}"
    return ""


def reference_findings(schema: Schema, tables: Mapping[str, Sequence[Row]]) -> list[Finding]:
    """Every value that should name a row of another table and does not, over the merged tables."""
    findings: list[Finding] = []
    known: dict[tuple[str, str], set[Value]] = {}
    for table in schema.tables.values():
        for position, column in enumerate(table.columns):
            if column.reference is None:
                continue
            if column.reference not in known:
                target = schema.tables[column.reference[0]].position(column.reference[1])
                known[column.reference] = {row.values[target] for row in tables.get(column.reference[0], ())}
            legal = known[column.reference]
            for row in tables.get(table.name, ()):
                value = row.values[position]
                for item in value if isinstance(value, tuple) else (value,):
                    if not item or item in legal:
                        continue
                    if column.reference_except is not None and column.reference_except.fullmatch(str(item)):
                        continue
                    where = ".".join(column.reference)
                    findings.append(
                        Finding(
                            table.name,
                            "/".join(row.key),
                            column.name,
                            f"{item!r} does not stand in {where}",
                            f"Correct it, or add the row to {column.reference[0]}.tsv.",
                            row.line,
                            row.path,
                        )
                    )
    return findings
