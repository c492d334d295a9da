"""Protein changes for the proofs: an own reader and writer of HGVS, independent of :mod:`targetboard.vcf.hgvs`.

A proof that spelled its changes with the code under test would agree with every fault of that code. This module knows
only the canonical spelling of the tables, and writes the same event the way callers, papers and old tools do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

ONE_OF_THREE = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E", "Gly": "G", "His": "H",
    "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F", "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W",
    "Tyr": "Y", "Val": "V", "Sec": "U", "Ter": "*",
}  # fmt: skip
THREE_OF_ONE = {one: three for three, one in ONE_OF_THREE.items()}
RESIDUES = "AGVLSTDENQKRHPFYWMIC"

SUBSTITUTION, NONSENSE, SYNONYMOUS = "substitution", "nonsense", "synonymous"
DELETION, DUPLICATION, INSERTION, DELINS = "deletion", "duplication", "insertion", "delins"
FRAMESHIFT, START_LOST, STOP_LOST = "frameshift", "start lost", "stop lost"
SPLICE_ACCEPTOR, SPLICE_DONOR, SPLICE_REGION, EXON_LOSS = (
    "splice acceptor",
    "splice donor",
    "splice region",
    "exon loss",
)
SPLICED = frozenset({SPLICE_ACCEPTOR, SPLICE_DONOR, SPLICE_REGION, EXON_LOSS})
IN_FRAME_EDITS = frozenset({DELETION, DUPLICATION, INSERTION, DELINS})

_AA = "(" + "|".join(ONE_OF_THREE) + ")"
_CANONICAL = re.compile(
    rf"p\.{_AA}(\d+)(?:_{_AA}(\d+))?(?:(del)?(ins|dup)?((?:{_AA})*)|((?:{_AA})?)fs(?:Ter(\d+))?|(=)|(\?)|ext.*)"
)
_TRIPLE = re.compile("...")
Residue = Callable[[int], str]
"""Reference residue (one letter) of a position; "" where it is not known."""


@dataclass(slots=True, frozen=True)
class Change:
    """One event on a protein, or at a splice site.

    ``start`` and ``end`` are residues, of an insertion the two it lies between. ``ref`` and ``end_ref`` are the
    reference residues at both ends ("" where not known), ``alt`` new residues in one-letter code. ``intron`` numbers
    the intron of a splice event (None: any intron of the coding sequence).
    """

    kind: str
    start: int
    end: int
    ref: str = ""
    end_ref: str = ""
    alt: str = ""
    stop_after: int | None = None
    intron: int | None = None

    @property
    def net_residues(self) -> int:
        """Residues gained (or lost, negative) by an in-frame event."""
        span = self.end - self.start + 1
        return {DELETION: -span, DUPLICATION: span, INSERTION: len(self.alt), DELINS: len(self.alt) - span}.get(
            self.kind, 0
        )


def one_letter(text: str) -> str:
    """``TyrValMetAla`` as ``YVMA``."""
    return "".join(ONE_OF_THREE[part] for part in _TRIPLE.findall(text))


def three_letter(text: str) -> str:
    """``YVMA`` as ``TyrValMetAla``."""
    return "".join(THREE_OF_ONE[residue] for residue in text)


def read_canonical(text: str) -> Change | None:
    """Read a change in the tables' spelling (three-letter, no accession, no parentheses); None for anything else."""
    found = _CANONICAL.fullmatch(text)
    if found is None:
        return None
    ref, start = ONE_OF_THREE[found[1]], int(found[2])
    end_ref, end = (ONE_OF_THREE[found[3]], int(found[4])) if found[3] else (ref, start)
    place = Change("", start, end, ref, end_ref)
    tail = text[found.end(4) if found[4] else found.end(2) :]
    alt = one_letter(found[7] or "")
    if "fs" in tail:
        shifted = one_letter(found[9] or "")
        return replace(place, kind=FRAMESHIFT, alt=shifted, stop_after=int(found[11]) if found[11] else None)
    if tail == "=":
        return replace(place, kind=SYNONYMOUS)
    if tail == "?":
        return replace(place, kind=START_LOST) if start == 1 else None
    if tail.startswith("ext") or (ref == "*" and alt):
        return replace(place, kind=STOP_LOST, alt=alt)
    if found[5]:
        return replace(place, kind=DELINS if found[6] else DELETION, alt=alt) if found[6] != "dup" else None
    if found[6]:
        kind = DUPLICATION if found[6] == "dup" else INSERTION
        return replace(place, kind=kind, alt=alt) if bool(alt) is (kind == INSERTION) else None
    if len(alt) != 1 or end != start:
        return None
    return replace(place, kind=NONSENSE if alt == "*" else SUBSTITUTION, alt=alt)


def canonical(change: Change) -> str:
    """A change in the tables' spelling."""
    first = f"p.{three_letter(change.ref)}{change.start}"
    span = first if change.end == change.start else f"{first}_{three_letter(change.end_ref)}{change.end}"
    stop = f"Ter{change.stop_after}" if change.stop_after is not None else ""
    return {
        SUBSTITUTION: f"{first}{three_letter(change.alt)}",
        NONSENSE: f"{first}Ter",
        SYNONYMOUS: f"{span}=",
        DELETION: f"{span}del",
        DUPLICATION: f"{span}dup",
        INSERTION: f"{span}ins{three_letter(change.alt)}",
        DELINS: f"{span}delins{three_letter(change.alt)}",
        FRAMESHIFT: f"{first}{three_letter(change.alt)}fs{stop}",
        START_LOST: f"{first}?",
        STOP_LOST: f"{first}{three_letter(change.alt)}ext*?",
    }[change.kind]


def spellings(change: Change, residue: Residue) -> list[str]:
    """The same event as others write it: one letter, parentheses, accession, old forms, insertion for duplication."""
    first = f"{change.ref}{change.start}"
    span = first if change.end == change.start else f"{first}_{change.end_ref}{change.end}"
    removed = "".join(residue(position) for position in range(change.start, change.end + 1))
    named = removed if len(removed) == change.end - change.start + 1 else ""
    match change.kind:
        case "substitution":
            three = f"({three_letter(change.ref)}{change.start}{three_letter(change.alt)})"
            return [f"NP_999999.9:p.{first}{change.alt}", f"p.{three}"]
        case "nonsense":
            return [f"NP_999999.9:p.{first}*", f"p.({first}X)"]
        case "synonymous":
            return [f"p.({first}=)"]
        case "deletion":
            return [f"p.({span}del)", f"NP_999999.9:p.{span}del{named}"]
        case "duplication":
            return [f"NP_999999.9:p.{span}dup{named}", *_as_insertion(change, named, residue)]
        case "insertion":
            return [f"NP_999999.9:p.({span}ins{change.alt})", *_as_duplication(change, residue)]
        case "delins":
            return [f"p.({span}delins{change.alt})", f"NP_999999.9:p.{span}>{change.alt}"]
        case "frameshift":
            new = change.alt or next(r for r in RESIDUES if r != change.ref)
            stop = f"*{change.stop_after or 17}"
            return [f"NP_999999.9:p.{first}{new}fs{stop}", f"p.({three_letter(change.ref)}{change.start}{new}fs{stop})"]
        case "start lost":
            return ["NP_999999.9:p.M1?", "p.(Met1?)"]
        case "stop lost":
            return [f"p.(Ter{change.start}{three_letter(change.alt or 'Q')}extTer9)"]
        case _:
            return [""]


def _as_insertion(change: Change, named: str, residue: Residue) -> list[str]:
    following = residue(change.end + 1)
    if not named or not following or following == "*":
        return []
    return [f"p.({change.end_ref}{change.end}_{following}{change.end + 1}ins{named})"]


def _as_duplication(change: Change, residue: Residue) -> list[str]:
    first = change.start - len(change.alt) + 1
    copied = "".join(residue(position) for position in range(first, change.start + 1)) if first > 0 else ""
    if copied != change.alt:
        return []
    span = f"{copied[0]}{first}" + (f"_{copied[-1]}{change.start}" if len(copied) > 1 else "")
    return [f"p.({span}dup)"]


def apply_change(change: Change, residues: str, offset: int = 1) -> str | None:
    """The protein after an in-frame change; ``residues`` begin at position ``offset``. None where it does not reach."""
    first, last = change.start - offset, change.end - offset + 1
    if first < 0 or last > len(residues):
        return None
    match change.kind:
        case "substitution" | "nonsense" | "delins":
            new = residues[:first] + change.alt + residues[last:]
            return new[: new.index("*") + 1] if "*" in change.alt else new
        case "deletion":
            return residues[:first] + residues[last:]
        case "duplication":
            return residues[:last] + residues[first:]
        case "insertion":
            new = residues[: first + 1] + change.alt + residues[first + 1 :]
            return new[: new.index("*") + 1] if "*" in change.alt else new
        case _:
            return None


def same_protein(one: Change, other: Change, windows: Sequence[tuple[int, str]]) -> bool:
    """Whether two changes make the same protein; by their fields where no window reaches."""
    for start, residues in windows:
        first, second = apply_change(one, residues, start), apply_change(other, residues, start)
        if first is not None and second is not None:
            return first == second
    plain = replace(one, ref="", end_ref=""), replace(other, ref="", end_ref="")
    return plain[0] == plain[1]
