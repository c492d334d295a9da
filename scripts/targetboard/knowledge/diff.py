"""What changed between two knowledge bases: rows and columns, and in words the changes that matter to a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from targetboard.knowledge.schema import RECORD_OF_TABLE, Key, Row, Value
from targetboard.knowledge.tables import Tables

EVIDENCE_ORDER = ("preclinical", "supported", "validated")
LEVEL_ORDER = ("D", "C", "B", "A")
WITHDRAWN = "withdrawn"
SHOWN_ROWS = 40


@dataclass(slots=True, frozen=True)
class ChangedRow:
    """A row of both bases: old and new value of each column that differs."""

    key: Key
    columns: Mapping[str, tuple[Value, Value]]


@dataclass(slots=True, frozen=True)
class TableDifference:
    """Rows of one table that were added, removed or changed, by key."""

    added: tuple[Key, ...]
    removed: tuple[Key, ...]
    changed: tuple[ChangedRow, ...]

    def rows(self) -> Iterator[tuple[Key, str]]:
        """Every key with what happened to its row."""
        yield from ((key, "added") for key in self.added)
        yield from ((key, "removed") for key in self.removed)
        yield from ((row.key, f"changed in {', '.join(row.columns)}") for row in self.changed)


@dataclass(slots=True, frozen=True)
class Difference:
    """Two knowledge bases compared; ``consequences`` are sentences on what matters to a report."""

    old_release: str
    new_release: str
    old_sha256: str
    new_sha256: str
    tables: Mapping[str, TableDifference]
    consequences: tuple[str, ...]


def compare(old: Tables, new: Tables) -> Difference:
    """Compare two knowledge bases row by row, in the order of the tables and of the keys."""
    tables = {
        name: difference
        for name in RECORD_OF_TABLE
        if any((difference := _table(name, old.rows.get(name, {}), new.rows.get(name, {}))).rows())
    }
    return Difference(old.release, new.release, old.sha256, new.sha256, tables, tuple(_consequences(old, new)))


def _table(name: str, old: Mapping[Key, Row], new: Mapping[Key, Row]) -> TableDifference:
    columns = _columns(name)
    changed = []
    for key in sorted(old.keys() & new.keys()):
        before, after = old[key].values, new[key].values
        if before != after:
            pairs = zip(columns, before, after, strict=True)
            changed.append(ChangedRow(key, {column: (a, b) for column, a, b in pairs if a != b}))
    return TableDifference(
        tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), tuple(changed)
    )


def _columns(name: str) -> list[str]:
    return [field.name for field in fields(RECORD_OF_TABLE[name])]


def _records(tables: Tables, name: str) -> dict[str, dict[str, Any]]:
    """Rows of a table with one key column as column-to-value mappings."""
    columns = _columns(name)
    return {key[0]: dict(zip(columns, row.values, strict=True)) for key, row in tables.rows.get(name, {}).items()}


def _consequences(old: Tables, new: Tables) -> Iterator[str]:
    yield from _alterations(_records(old, "alterations"), _records(new, "alterations"))
    yield from _claims(_records(old, "therapies"), _records(new, "therapies"))
    yield from _approvals(old, new)
    before, after = _records(old, "biomarkers"), _records(new, "biomarkers")
    for name in sorted(before.keys() & after.keys()):
        if before[name]["profile"] != after[name]["profile"]:
            yield f"biomarker {name} is now “{after[name]['profile']}”, it was “{before[name]['profile']}”"
    genes, later = _records(old, "genes"), _records(new, "genes")
    for name in sorted(genes.keys() & later.keys()):
        transcripts = genes[name]["transcript_refseq"], later[name]["transcript_refseq"]
        if transcripts[0] != transcripts[1]:
            yield f"numbering of {name} moves from {transcripts[0] or 'none'} to {transcripts[1] or 'none'}"
    for name in sorted(genes.keys() - later.keys()):
        yield f"gene {name} is no longer judged"


def _alterations(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            row = after or before or {}
            if row["kind"] == "driver" and row["evidence"] == "validated":
                yield f"{name} is {'a new validated driver' if before is None else 'gone; it was a validated driver'}"
            continue
        if before["kind"] != after["kind"]:
            yield f"{name} is now {after['kind']}, it was {before['kind']}"
        if before["effect"] != after["effect"]:
            yield f"effect of {name} is now {after['effect']}, it was {before['effect']}"
        yield from _moved(f"evidence of {name}", EVIDENCE_ORDER, before["evidence"], after["evidence"])
        rule = [c for c in ("event", "protein_changes", "codon_first", "codon_last", "exon", "classes", "excludes")
                if before[c] != after[c]]  # fmt: skip
        if rule:
            yield f"{name} is recognised by another rule ({', '.join(rule)})"


def _moved(what: str, order: tuple[str, ...], before: str, after: str) -> Iterator[str]:
    if before == after:
        return
    if before in order and after in order:
        direction = "raised" if order.index(after) > order.index(before) else "lowered"
        yield f"{what} was {direction} from {before} to {after}"
    else:
        yield f"{what} is now {after or 'empty'}, it was {before or 'empty'}"


def _claims(old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if before is None or after is None:
            row = after or before or {}
            yield f"claim {name} is {'new' if before is None else 'gone'}: {_statement(row)}"
            continue
        if before["direction"] != after["direction"]:
            yield (
                f"direction of {name} changed from {before['direction'] or 'none'} to {after['direction'] or 'none'}"
            )
        yield from _moved(f"evidence level of {name}", LEVEL_ORDER, before["evidence_level"], after["evidence_level"])
        for column, words in (("tumour_types", "tumour types"), ("excluded_tumour_types", "excluded tumour types")):
            yield from _members(f"{words} of {name}", before[column], after[column])
        yield from _members(f"drugs of {name}", before["drugs"], after["drugs"])
        if before["biomarker_id"] != after["biomarker_id"]:
            yield f"{name} now rests on {after['biomarker_id']}, it rested on {before['biomarker_id']}"
        if after["valid_to"] and before["valid_to"] != after["valid_to"]:
            yield f"{name} holds until {after['valid_to']} only"


def _statement(row: Mapping[str, Any]) -> str:
    drugs = " + ".join(row["drugs"]) or row["implication"]
    direction = row["direction"] or row["implication"]
    level = f", level {row['evidence_level']}" if row["evidence_level"] else ""
    return f"{row['biomarker_id']} in {', '.join(row['tumour_types'])}: {drugs}, {direction}{level}"


def _members(what: str, before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    added = sorted(set(after) - set(before))
    removed = sorted(set(before) - set(after))
    parts = [f"with {', '.join(added)} added"] if added else []
    parts += [f"without {', '.join(removed)}"] if removed else []
    if parts:
        yield f"{what}: now {' and '.join(parts)}"


def _approvals(old: Tables, new: Tables) -> Iterator[str]:
    before, after = _statuses(old), _statuses(new)
    for claim, jurisdiction in sorted(before.keys() | after.keys()):
        was, now = before.get((claim, jurisdiction), set()), after.get((claim, jurisdiction), set())
        if WITHDRAWN in now - was:
            yield f"approval of {claim} in {jurisdiction} was withdrawn"
        elif not was:
            yield f"approval of {claim} in {jurisdiction} is new ({', '.join(sorted(now))})"
        elif not now:
            yield f"approval of {claim} in {jurisdiction} is no longer listed"
        elif was != now:
            yield f"approval of {claim} in {jurisdiction}: now {', '.join(sorted(now))}, was {', '.join(sorted(was))}"


def _statuses(tables: Tables) -> dict[tuple[str, str], set[str]]:
    columns = _columns("approvals")
    found: dict[tuple[str, str], set[str]] = {}
    for row in tables.rows.get("approvals", {}).values():
        values = dict(zip(columns, row.values, strict=True))
        found.setdefault((str(values["claim_id"]), str(values["jurisdiction"])), set()).add(str(values["status"]))
    return found


def as_json(difference: Difference) -> dict[str, Any]:
    """The difference as plain data with a fixed order."""
    return {
        "old": {"release": difference.old_release, "sha256": difference.old_sha256},
        "new": {"release": difference.new_release, "sha256": difference.new_sha256},
        "consequences": list(difference.consequences),
        "tables": {
            name: {
                "added": [list(key) for key in table.added],
                "removed": [list(key) for key in table.removed],
                "changed": [
                    {"key": list(row.key), "columns": {c: {"old": a, "new": b} for c, (a, b) in row.columns.items()}}
                    for row in table.changed
                ],
            }
            for name, table in difference.tables.items()
        },
    }


def in_words(difference: Difference, shown: int = SHOWN_ROWS) -> list[str]:
    """The difference as lines of Markdown; of each kind of change in a table at most ``shown`` rows."""
    lines = [f"# Knowledge {difference.old_release} → {difference.new_release}", ""]
    if not difference.tables:
        return [*lines, "No row differs."]
    if difference.consequences:
        lines += ["## What matters", "", *(f"- {sentence}" for sentence in difference.consequences), ""]
    for name, table in difference.tables.items():
        counts = f"{len(table.added)} added, {len(table.removed)} removed, {len(table.changed)} changed"
        lines += [f"## {name}: {counts}", ""]
        for words, keys in (("added", table.added), ("removed", table.removed)):
            lines += [f"- {words}: {' / '.join(key)}" for key in keys[:shown]] + _rest(len(keys), shown, words)
        for row in table.changed[:shown]:
            changes = "; ".join(f"{c} {_cell(a)} → {_cell(b)}" for c, (a, b) in row.columns.items())
            lines.append(f"- changed: {' / '.join(row.key)}: {changes}")
        lines += [*_rest(len(table.changed), shown, "changed"), ""]
    return lines[:-1]


def _rest(count: int, shown: int, words: str) -> list[str]:
    return [f"- {count - shown:,} more {words} (--json lists all)"] if count > shown else []


def _cell(value: Value) -> str:
    if value is None or value in ("", ()):
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "|".join(value) if isinstance(value, tuple) else str(value)
