"""What differs between two documents of a sample, so that a reader of an amended report need not compare by eye.

Findings are compared field by field; whatever else differs is named without its content, so that nothing that changed
goes unsaid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from targetboard.signing.overrides import variant_name
from targetboard.signing.records import Difference, Override

Entry = Mapping[str, Any]
_LONGEST = 200
_DETAILS = "details"


@dataclass(slots=True, frozen=True)
class _Part:
    """One list of the document: how an entry is called, which entries are the same, and which fields are told."""

    key: str
    kind: str
    name: Callable[[Entry], str]
    fields: tuple[str, ...]


_PARTS = (
    _Part("variants", "variant", variant_name, ("driver_class", "tier", "oncogenicity", "vaf", "filter", "flags")),
    _Part("events", "event", lambda e: e["label"], ("driver_class", "tier", "value")),
    _Part("markers", "marker", lambda e: e["marker_id"], ("state", "value", "cutoff", "method")),
    _Part("negatives", "negative", lambda e: f"{e['gene']} {e['label']}".strip(), ("state",)),
    _Part(
        "therapies",
        "therapy",
        lambda e: f"{e['claim_id']}: {e['regimen'] or ' + '.join(e['drugs']) or e['implication']}",
        ("direction", "state", "amp", "escat", "tumour_match", "approvals", "conditions", "cdx", "sources"),
    ),
    _Part("withheld", "withheld", lambda e: e["claim_id"], ("reason",)),
    _Part(
        "resistance", "resistance", lambda e: f"{e['alteration_id']} ({e['kind']})", ("mechanism", "after", "next_line")
    ),
    _Part("options_without_biomarker", "option", lambda e: e["option_id"], ("drugs", "conditions")),
    _Part("trials", "trial", lambda e: e["trial_id"], ("state", "status", "arm")),
)
_TOLD_APART = frozenset({*(part.key for part in _PARTS), "sample", "provenance", "adequacy"})


def differences(old: Entry, new: Entry) -> tuple[Difference, ...]:
    """Everything that differs from the old document to the new one, findings first."""
    found: list[Difference] = []
    for part in _PARTS:
        found += _of_part(part, old.get(part.key) or (), new.get(part.key) or ())
    found += _of_mapping("adequacy", "sample", old.get("adequacy") or {}, new.get("adequacy") or {})
    found += _of_mapping("sample", "sample", _flat(old["sample"]), _flat(new["sample"]))
    found += _of_mapping("basis", "report", _basis(old["provenance"]), _basis(new["provenance"]))
    for key in sorted((set(old) | set(new)) - _TOLD_APART):
        if old.get(key) != new.get(key):
            found.append(Difference("other", "changed", key, _DETAILS, "", ""))
    if not found and old != new:
        found.append(Difference("other", "changed", "order or place of entries", _DETAILS, "", ""))
    return tuple(found)


def override_differences(old: Iterable[Override], new: Iterable[Override]) -> tuple[Difference, ...]:
    """Values a reviewer set that were added, removed or changed between two versions."""
    before, after = ({one.key: one for one in overrides} for overrides in (old, new))
    found = []
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        told = tuple("" if one is None else f"{one.reviewed} ({one.reason})" for one in (was, now))
        if told[0] != told[1]:
            change = "added" if was is None else "removed" if now is None else "changed"
            found.append(Difference("override", change, key[1], key[2], told[0], told[1]))
    return tuple(found)


def _of_part(part: _Part, old: Iterable[Entry], new: Iterable[Entry]) -> Iterator[Difference]:
    before, after = _named(part, old), _named(part, new)
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            told = [_brief(part, entry) for entry in (was, now)]
            yield Difference(part.kind, "added" if was is None else "removed", name, "", *told)
            continue
        changed = [field for field in part.fields if _text(was.get(field)) != _text(now.get(field))]
        for field in changed:
            yield Difference(part.kind, "changed", name, field, _text(was.get(field)), _text(now.get(field)))
        if not changed and _without_places(was) != _without_places(now):
            yield Difference(part.kind, "changed", name, _DETAILS, "", "")


def _named(part: _Part, entries: Iterable[Entry]) -> dict[str, Entry]:
    """Entries by name; of equal names the second gets a number."""
    found: dict[str, Entry] = {}
    for entry in entries:
        name, number = part.name(entry), 1
        unique = name
        while unique in found:
            number += 1
            unique = f"{name} [{number}]"
        found[unique] = entry
    return found


def _brief(part: _Part, entry: Entry | None) -> str:
    """The first told field that says something."""
    if entry is None:
        return ""
    return next((text for field in part.fields if (text := _text(entry.get(field)))), "present")


def _without_places(entry: Entry) -> dict[str, Any]:
    """An entry without indices into other lists, which move when a neighbour comes or goes."""
    return {key: value for key, value in entry.items() if key not in ("variants", "input")}


def _of_mapping(kind: str, subject: str, old: Entry, new: Entry) -> Iterator[Difference]:
    for key in dict.fromkeys((*old, *new)):
        was, now = _text(old.get(key)), _text(new.get(key))
        if was != now:
            change = "added" if not was else "removed" if not now else "changed"
            yield Difference(kind, change, subject, key, was, now)


def _flat(sample: Entry) -> dict[str, Any]:
    """The sample's facts and the columns of its sheet row in one mapping."""
    facts = {key: value for key, value in sample.items() if key != "clinical"}
    tumour = facts.get("tumour_type")
    facts["tumour_type"] = tumour["code"] if isinstance(tumour, Mapping) else tumour
    return {**sample["clinical"], **facts}


def _basis(provenance: Entry) -> dict[str, str]:
    """What the result rests on: knowledge, code, tools, settings and input files."""
    knowledge = " + ".join(f"{layer['release']} ({layer['sha256'][:12]})" for layer in provenance["knowledge"])
    facts = {
        "knowledge": knowledge,
        "pipeline": f"{provenance['pipeline']['name']} {provenance['pipeline']['version']}",
        "code": provenance["code_sha256"][:12],
        "tools": _text(provenance["tools"]),
        "settings": _text(provenance.get("parameters")),
    }
    for entry in provenance["inputs"]:
        facts[f"input {entry['role']} {entry['name']}"] = entry["sha256"][:12]
    return facts


def _text(value: object) -> str:
    """A value on one line, cut where it is long."""
    text = _spelled(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _spelled(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        parts = {key: _spelled(part) for key, part in value.items() if not isinstance(part, list)}
        return ", ".join(f"{key} {part}" for key, part in parts.items() if part)
    if isinstance(value, (list, tuple)):
        return "; ".join(_spelled(part) for part in value)
    return "yes" if value is True else "no" if value is False else str(value)
