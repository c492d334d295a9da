"""The table of what a reviewer judges otherwise: subject, field, value and reason, one row a value.

``subject`` names a variant (``7:140753336:A:T``, or gene and change in any spelling: ``BRAF p.V600E``), an event by its
label (``ERBB2 amplification``), or a treatment row (``claim:CLAIM_ID``). ``field`` is driver_class, amp or escat
(``none`` takes a tier away). An override adds no treatment row and removes none: those stay the machine's, marked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from targetboard.errors import MalformedInput
from targetboard.inputs.reading import TableRow, read_table
from targetboard.model import DriverClass
from targetboard.signing.records import Override
from targetboard.vcf.hgvs import format_protein, parse_protein

COLUMNS = ("subject", "field", "value", "reason")
NONE = "none"
CLASSES = tuple(map(str, DriverClass))
ESCAT = ("I-A", "I-B", "I-C", "II-A", "II-B", "III-A", "III-B", "IV-A", "IV-B", "V", "X")
AMP = ("I-A", "I-B", "II-C", "II-D")
_FINDING = {"driver_class": CLASSES, "amp": (*AMP, "III", "IV", NONE), "escat": (*ESCAT, NONE)}
ALLOWED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "variant": _FINDING,
    "event": _FINDING,
    "claim": {"amp": (*AMP, NONE), "escat": (*ESCAT, NONE)},
}
"""Fields by kind of subject, and the values each may take."""
_LONGEST = 1000


def read_overrides(path: Path, document: Mapping[str, Any], reviewer: str) -> tuple[Override, ...]:
    """The reviewer's values against a sample document.

    Raises
    ------
    UsageError
        If the file does not exist.
    MalformedInput
        If a subject is not in the document or is ambiguous, a value is unknown or the machine's own, a reason is
        missing, or two rows set the same value.
    """
    found: dict[tuple[str, str, str], Override] = {}
    for row in read_table(path, [[name] for name in COLUMNS]):
        where = f"{path}, line {row.line}"
        override = _override(row, document, reviewer, where)
        if override.key in found:
            raise MalformedInput(
                f"{override.field} of {override.subject} is set twice", where=where, remedy="Keep one row"
            )
        found[override.key] = override
    return tuple(found.values())


def _override(row: TableRow, document: Mapping[str, Any], reviewer: str, where: str) -> Override:
    kind, index, subject = _find(row.text("subject"), document, where)
    field, value, reason = row.text("field"), row.text("value"), row.text("reason")
    allowed = ALLOWED[kind]
    if field not in allowed:
        raise MalformedInput(
            f"field {field!r} of a {kind} cannot be set", where=where, remedy=f"Fields: {', '.join(allowed)}"
        )
    if value not in allowed[field]:
        raise MalformedInput(
            f"value {value!r} is no {field}", where=where, remedy=f"Values: {', '.join(allowed[field])}"
        )
    if not reason or len(reason) > _LONGEST or not reason.isprintable():
        raise MalformedInput(
            "the reason is missing, too long or not printable", where=where, remedy="Say why in a sentence"
        )
    machine = machine_value(document, kind, index, field)
    if value == machine:
        raise MalformedInput(
            f"{field} of {subject} is {value} already", where=where, remedy="Remove the row: there is nothing to change"
        )
    claims = tuple(_claims(document, kind, index))
    return Override(kind, index, subject, field, machine, value, reason, reviewer, claims)


def machine_value(document: Mapping[str, Any], kind: str, index: int, field: str) -> str:
    """What the document says, with ``none`` for a tier that was not given."""
    if kind == "claim":
        found = document["therapies"][index][field]
    else:
        entry = document["variants" if kind == "variant" else "events"][index]
        found = entry["driver_class"] if field == "driver_class" else entry["tier"][field]
    return found or NONE


def _find(text: str, document: Mapping[str, Any], where: str) -> tuple[str, int, str]:
    """Kind, index and name of the one thing the text names."""
    found = sorted(set(_candidates(text, document)))
    if len(found) == 1:
        return found[0]
    if found:
        names = "; ".join(name for _, _, name in found)
        raise MalformedInput(
            f"{text!r} may be any of: {names}", where=where, remedy="Name the allele, as chrom:pos:ref:alt"
        )
    raise MalformedInput(
        f"{text!r} is not in the document",
        where=where,
        remedy="Name chrom:pos:ref:alt, gene and change, the label of an event, or claim:CLAIM_ID",
    )


def _candidates(text: str, document: Mapping[str, Any]) -> Iterator[tuple[str, int, str]]:
    for index, claim in enumerate(document["therapies"]):
        if text == f"claim:{claim['claim_id']}":
            yield "claim", index, f"claim {claim['claim_id']}"
    for index, event in enumerate(document.get("events", ())):
        if text.casefold() == event["label"].casefold():
            yield "event", index, event["label"]
    gene, _, change = text.partition(" ")
    for index, variant in enumerate(document["variants"]):
        if text.removeprefix("chr") == allele_of(variant) or (
            change and gene == variant["gene"] and _protein(change) in _changes(variant)
        ):
            yield "variant", index, variant_name(variant)


def _changes(variant: Mapping[str, Any]) -> set[str]:
    return {text for text in (_protein(variant["hgvsp"]), variant["hgvsc"]) if text}


def _protein(text: str) -> str:
    """A protein change in the document's spelling; other text as it is."""
    change = parse_protein(text)
    return text.strip() if change is None else format_protein(change)


def allele_of(variant: Mapping[str, Any]) -> str:
    """The allele as ``7:140753336:A:T``."""
    return f"{variant['chrom']}:{variant['pos']}:{variant['ref']}:{variant['alt']}"


def variant_name(variant: Mapping[str, Any]) -> str:
    """Gene, change and allele."""
    change = variant["hgvsp"] or variant["hgvsc"]
    return " ".join(part for part in (variant["gene"], change, f"({allele_of(variant)})") if part)


def _claims(document: Mapping[str, Any], kind: str, index: int) -> Iterator[int]:
    """Treatment rows that rest on the finding."""
    named = set(document["events"][index]["alterations"]) if kind == "event" else set()
    for place, claim in enumerate(document["therapies"]):
        if (
            (kind == "claim" and place == index)
            or (kind == "variant" and index in claim["variants"])
            or named & set(claim["biomarkers"])
        ):
            yield place
