"""Symbolic alleles spelled out: a deletion, tandem duplication or insertion whose ends are known is a small variant.

FLT3-ITD and losses of single exons are often called as ``<DUP:TANDEM>`` or ``<DEL>``. With the reference their bases
are known, and they are judged like any other allele. Imprecise calls, and events longer than a few exons, stay as they
are: their ends, or their meaning, need copy-number data.
"""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.model import Allele, SourceRecord
from targetboard.vcf.normalise import trim
from targetboard.vcf.reference import Reference

# Longer events are left to copy-number data; a document should not carry their bases either.
LONGEST_EVENT = 10_000
_INSERTED_SEQUENCE = ("SVINSSEQ", "INSSEQ")


@dataclass(slots=True, frozen=True)
class SymbolicEvent:
    """What a symbolic ALT states: kind (DEL, DUP, INS), first changed base, last base, inserted bases if given."""

    kind: str
    tandem: bool
    start: int
    end: int
    inserted: str
    imprecise: bool

    @property
    def length(self) -> int:
        """Bases deleted, duplicated or inserted; 0 where not known."""
        return len(self.inserted) if self.kind == "INS" else max(0, self.end - self.start + 1)


def read_symbolic(record: SourceRecord, alt_index: int) -> SymbolicEvent | None:
    """Read a symbolic ALT; None for kinds that are no deletion, duplication or insertion."""
    parts = record.alts[alt_index].strip("<>").upper().split(":")
    if parts[0] not in {"DEL", "DUP", "INS"}:
        return None
    end = _integer(record.info.get("END", ""), 0)
    if not end:
        end = record.pos + abs(_integer(record.info.get("SVLEN", ""), alt_index) or 0)
    inserted = next((record.info[name] for name in _INSERTED_SEQUENCE if record.info.get(name)), "").upper()
    return SymbolicEvent(
        parts[0],
        "TANDEM" in parts[1:],
        record.pos + 1,
        end,
        inserted if inserted and set(inserted) <= set("ACGT") else "",
        "IMPRECISE" in record.info,
    )


def spelled_out(event: SymbolicEvent, chrom: str, record: SourceRecord, reference: Reference | None) -> Allele | None:
    """The allele in bases, or None where they are not known with confidence."""
    if event.imprecise or not 0 < event.length <= LONGEST_EVENT:
        return None
    anchor = record.ref[:1].upper()
    if event.kind == "INS":
        return trim(chrom, record.pos, anchor, anchor + event.inserted) if anchor in "ACGT" else None
    bases = reference.fetch(chrom, record.pos, event.end) if reference is not None else ""
    if len(bases) != event.length + 1 or not set(bases) <= set("ACGT") or (anchor != "N" and bases[0] != anchor):
        return None
    if event.kind == "DEL":
        return trim(chrom, record.pos, bases, bases[0])
    return trim(chrom, record.pos, bases[0], bases)


def _integer(text: str, index: int) -> int | None:
    values = text.split(",")
    value = values[index] if index < len(values) else values[0]
    return int(value) if value.lstrip("-").isdecimal() else None
