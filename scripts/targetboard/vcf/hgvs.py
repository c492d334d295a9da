"""HGVS protein and coding descriptions: parse, format, and compare events instead of spellings.

The grammar covers what annotators and curated tables really write (HGVS 21, one- and three-letter, old delins with
``>``); whatever is not understood in full is None, never a guess. Two spellings of one event are recognised as equal
by :func:`protein_edit`, which applies them to the reference protein.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import unquote

THREE_LETTER: dict[str, str] = {
    "A": "Ala", "C": "Cys", "D": "Asp", "E": "Glu", "F": "Phe", "G": "Gly", "H": "His", "I": "Ile", "K": "Lys",
    "L": "Leu", "M": "Met", "N": "Asn", "P": "Pro", "Q": "Gln", "R": "Arg", "S": "Ser", "T": "Thr", "U": "Sec",
    "V": "Val", "W": "Trp", "Y": "Tyr", "X": "Xaa", "*": "Ter",
}  # fmt: skip
ONE_LETTER: dict[str, str] = {three: one for one, three in THREE_LETTER.items()}

# An internal tandem duplication of a few hundred residues still fits; longer text is no protein change.
MAX_TEXT = 4000
MAX_UNNAMED_RESIDUES = 1000


class ProteinKind(StrEnum):
    """Kind of a protein change; ``extension`` includes every stop loss, ``nonsense`` every new stop in place."""

    SUBSTITUTION = "substitution"
    NONSENSE = "nonsense"
    SYNONYMOUS = "synonymous"
    DELETION = "deletion"
    DUPLICATION = "duplication"
    INSERTION = "insertion"
    DELINS = "delins"
    FRAMESHIFT = "frameshift"
    EXTENSION = "extension"
    START_LOST = "start_lost"
    NO_PROTEIN = "no_protein"
    UNKNOWN = "unknown"


@dataclass(slots=True, frozen=True)
class ProteinChange:
    """One protein change, residues in one-letter code, ``*`` for the stop and ``X`` for a residue not named.

    ``start`` and ``end`` are residue numbers (equal for one residue; 0 where no residue is named: ``p.=``, ``p.0``,
    ``p.?``); ``ref`` and ``end_ref`` the reference residues stated for them. An insertion lies between ``start`` and
    ``end``. ``alt`` holds the new residues (the first new one of a frameshift or extension, if stated). ``ter`` is
    the distance to the new stop of a frameshift or C-terminal extension, and negative for a new start upstream.
    """

    kind: ProteinKind
    start: int = 0
    end: int = 0
    ref: str = ""
    end_ref: str = ""
    alt: str = ""
    ter: int | None = None


@dataclass(slots=True, frozen=True)
class ProteinEdit:
    """Minimal, left-aligned edit of a reference protein: equal edits make equal proteins.

    ``position`` is the number of the first deleted residue, or, where nothing is deleted, of the residue before which
    the insertion stands. With a stop in ``inserted`` the protein ends there and ``deleted`` is the one residue at
    ``position``.
    """

    position: int
    deleted: str
    inserted: str


_RESIDUE = "(?:" + "|".join(sorted(ONE_LETTER)) + "|[ACDEFGHIKLMNPQRSTUVWXY*])"
_NUMBER = "([1-9][0-9]{0,5})"
_PLACE = f"({_RESIDUE}){_NUMBER}"
_RANGE = f"{_PLACE}(?:_{_PLACE})?"
_COUNT = r"\(?([1-9][0-9]{0,3})\)?"

_SPLIT = re.compile(_RESIDUE)
_ACCESSION = re.compile(r"([A-Za-z0-9_.\-]+(?:\([A-Za-z0-9_.\-]+\))?):(?=[cgmnpr]\.)")
_VEP_SILENT = re.compile(r"c\.[^()\s]+\((p\.=)\)")
_FRAMESHIFT = re.compile(f"{_PLACE}({_RESIDUE})?fs(?:(?:\\*|Ter|X)([1-9][0-9]{{0,5}}|\\?)?)?")
_EXTENSION = re.compile(f"{_PLACE}({_RESIDUE})?ext(?:\\*|Ter|X|Met|M)?(-?[1-9][0-9]{{0,5}}|-?\\?)?")
_START_LOST = re.compile("(?:Met|M)1\\?")
_DELETION = re.compile(f"{_RANGE}del(?:((?:{_RESIDUE})+)|{_COUNT})?")
_DUPLICATION = re.compile(f"{_RANGE}dup(?:((?:{_RESIDUE})+)|{_COUNT})?")
_DELINS = re.compile(f"{_RANGE}(?:del((?:{_RESIDUE})*)ins|>)(?:((?:{_RESIDUE})+)|{_COUNT})")
_INSERTION = re.compile(f"{_PLACE}_{_PLACE}ins(?:((?:{_RESIDUE})+)|{_COUNT}|Xaa\\[([1-9][0-9]{{0,3}})\\])")
_SILENT = re.compile(f"{_RANGE}=")
_SUBSTITUTION = re.compile(f"((?:{_RESIDUE})+){_NUMBER}((?:{_RESIDUE})+)")


def split_accession(text: str) -> tuple[str, str]:
    """Split ``NP_005219.2:p.Leu858Arg`` into accession and description; the accession is "" where there is none.

    Percent escapes are decoded once (VEP writes ``%3D`` for ``=``). Older VEP wrote silent changes as
    ``ENST…:c.…(p.=)``; that becomes ``p.=``.
    """
    text = text.strip()
    if "%" in text:
        text = unquote(text, errors="replace")
    match = _ACCESSION.match(text)
    accession = match.group(1) if match else ""
    description = text[match.end() :] if match else text
    silent = _VEP_SILENT.fullmatch(description)
    return accession, silent.group(1) if silent else description


@lru_cache(maxsize=4096)
def parse_protein(text: str) -> ProteinChange | None:
    """Parse one HGVS protein description.

    Parameters
    ----------
    text
        ``p.V600E``, ``p.(Val600Glu)``, ``V600E``, ``NP_004324.2:p.Val600Glu``, ``p.Leu858%3D``, ``p.R97Pfs*23`` …

    Returns
    -------
    ProteinChange | None
        None for anything that is not understood in full: range without residues (``p.746_750del``), residue lists in
        front of one number with ``del``, several changes, haplotypes, repeats, counts that contradict the range.
    """
    if len(text) > MAX_TEXT:
        return None
    body = split_accession(text)[1]
    if body.startswith("p."):
        body = body[2:]
    if body.startswith("(") and body.endswith(")"):
        body = body[1:-1]
    if body == "=":
        return ProteinChange(ProteinKind.SYNONYMOUS)
    if body == "?":
        return ProteinChange(ProteinKind.UNKNOWN)
    if body in {"0", "0?"}:
        return ProteinChange(ProteinKind.NO_PROTEIN)
    if _START_LOST.fullmatch(body):
        return ProteinChange(ProteinKind.START_LOST, 1, 1, "M", "M")
    for read in (_frameshift, _extension, _silent, _delins, _deletion, _duplication, _insertion, _substitution):
        change = read(body)
        if change is not None:
            return change
    return None


def format_protein(change: ProteinChange, *, one_letter: bool = False) -> str:
    """Format a change as HGVS without accession and parentheses: ``p.Val600Glu``, or ``p.V600E`` on request."""

    def spell(residues: str) -> str:
        return residues if one_letter else "".join(THREE_LETTER[residue] for residue in residues)

    stop = "*" if one_letter else "Ter"
    first = f"p.{spell(change.ref)}{change.start}"
    span = first if change.end == change.start else f"{first}_{spell(change.end_ref)}{change.end}"
    match change.kind:
        case ProteinKind.UNKNOWN:
            return "p.?"
        case ProteinKind.NO_PROTEIN:
            return "p.0"
        case ProteinKind.START_LOST:
            return f"{first}?"
        case ProteinKind.SYNONYMOUS:
            return f"{span}=" if change.start else "p.="
        case ProteinKind.DELETION:
            return f"{span}del"
        case ProteinKind.DUPLICATION:
            return f"{span}dup"
        case ProteinKind.INSERTION:
            return f"{span}ins{spell(change.alt)}"
        case ProteinKind.DELINS:
            return f"{span}delins{spell(change.alt)}"
        case ProteinKind.FRAMESHIFT:
            if change.ter is None:
                return f"{first}{spell(change.alt)}fs" + (f"{stop}?" if change.alt else "")
            return f"{first}{spell(change.alt)}fs{stop}{change.ter}"
        case ProteinKind.EXTENSION:
            if change.ref == "M":
                return f"{first}ext{'-?' if change.ter is None else change.ter}"
            return f"{first}{spell(change.alt)}ext{stop}{'?' if change.ter is None else change.ter}"
        case ProteinKind.SUBSTITUTION | ProteinKind.NONSENSE:
            return f"{first}{spell(change.alt)}"


def residue_mismatch(change: ProteinChange, window: tuple[int, str]) -> str | None:
    """Say where the residues a change states disagree with the reference protein.

    Parameters
    ----------
    change
        A parsed change.
    window
        Number of the first residue and the residues (one-letter) of the reference protein.

    Returns
    -------
    str | None
        A phrase such as ``"Tyr1003 stated, but residue 1003 of the reference is Asp"``; None where they agree, where
        none is stated or where the window does not reach (then nothing can be said).
    """
    start, residues = window
    for stated, position in ((change.ref, change.start), (change.end_ref, change.end)):
        index = position - start
        if stated and stated not in "X*" and 0 <= index < len(residues) and residues[index] != stated:
            actual = THREE_LETTER.get(residues[index], residues[index])
            return f"{THREE_LETTER[stated]}{position} stated, but residue {position} of the reference is {actual}"
    return None


def protein_edit(change: ProteinChange, window: tuple[int, str]) -> ProteinEdit | None:
    """Canonical edit that a change makes to the reference protein, so that spellings of one event compare equal.

    Parameters
    ----------
    change
        A parsed change. Frameshifts, extensions, start losses, silent and unknown changes are no edits: None.
    window
        Number of the first residue and the residues (one-letter) of the reference protein.

    Returns
    -------
    ProteinEdit | None
        The minimal edit in its left-most place. None where the window lacks a residue needed, where the event could
        be shifted beyond the window's left edge, where the stated residues disagree with the window, where inserted
        residues are not named, or where the change alters nothing.
    """
    start, residues = window
    edit = _raw_edit(change, start, residues)
    if edit is None or residue_mismatch(change, window) is not None:
        return None
    first, last, inserted = edit  # residues[first:last] is replaced by inserted
    if first < 0 or last > len(residues) or "X" in inserted:
        return None
    if "*" in inserted:
        inserted = inserted[: inserted.index("*") + 1]
        while first < len(residues) and residues[first] == inserted[0]:
            first, inserted = first + 1, inserted[1:]
        return ProteinEdit(start + first, residues[first], inserted) if first < len(residues) else None
    mutated = residues[:first] + inserted
    shared_end, mutated_end = last, len(mutated)
    while shared_end and mutated_end and residues[shared_end - 1] == mutated[mutated_end - 1]:
        shared_end, mutated_end = shared_end - 1, mutated_end - 1
    if start > 1 and 0 in (shared_end, mutated_end):
        return None
    head = min(first, shared_end, mutated_end)
    while head < min(shared_end, mutated_end) and residues[head] == mutated[head]:
        head += 1
    if head == shared_end == mutated_end:
        return None
    return ProteinEdit(start + head, residues[head:shared_end], mutated[head:mutated_end])


def _raw_edit(change: ProteinChange, start: int, residues: str) -> tuple[int, int, str] | None:
    first, last = change.start - start, change.end - start + 1
    match change.kind:
        case ProteinKind.SUBSTITUTION | ProteinKind.NONSENSE | ProteinKind.DELINS:
            return first, last, change.alt
        case ProteinKind.DELETION:
            return first, last, ""
        case ProteinKind.INSERTION:
            return (first + 1, first + 1, change.alt) if first >= 0 and last <= len(residues) else None
        case ProteinKind.DUPLICATION:
            return (last, last, residues[first:last]) if first >= 0 and last <= len(residues) else None
        case _:
            return None


def _letters(text: str | None) -> str:
    return "".join(ONE_LETTER.get(token, token) for token in _SPLIT.findall(text or ""))


def _span(groups: Iterable[str | None]) -> tuple[int, int, str, str] | None:
    """Start, end and their residues from the four groups of a range; None where the range runs backwards."""
    ref, start, end_ref, end = groups
    first, first_ref = int(start or 0), _letters(ref)
    last, last_ref = (int(end), _letters(end_ref)) if end else (first, first_ref)
    if last < first or (end and last == first) or "X" in first_ref + last_ref:
        return None
    return first, last, first_ref, last_ref


def _stated_residues_fit(stated: str, count: str | None, span: tuple[int, int, str, str]) -> bool:
    """Whether residues or a count written behind del/dup agree with the range in front."""
    length = span[1] - span[0] + 1
    if count is not None and int(count) != length:
        return False
    return not stated or (len(stated) == length and stated[0] == span[2] and stated[-1] == span[3])


def _unnamed(count: str | None) -> str | None:
    return "X" * int(count) if count and int(count) <= MAX_UNNAMED_RESIDUES else None


def _frameshift(body: str) -> ProteinChange | None:
    match = _FRAMESHIFT.fullmatch(body)
    if match is None:
        return None
    ref, position, alt, ter = _letters(match[1]), int(match[2]), _letters(match[3]), match[4]
    if ref in "X*" or alt == "X":
        return None
    if alt == "*":
        return ProteinChange(ProteinKind.NONSENSE, position, position, ref, ref, "*")
    distance = int(ter) if ter and ter != "?" else None
    return ProteinChange(ProteinKind.FRAMESHIFT, position, position, ref, ref, alt, distance)


def _extension(body: str) -> ProteinChange | None:
    match = _EXTENSION.fullmatch(body)
    if match is None:
        return None
    ref, position, alt, ter = _letters(match[1]), int(match[2]), _letters(match[3]), match[4]
    ref = "*" if ref == "X" else ref
    distance = int(ter) if ter and "?" not in ter else None
    if ref == "M" and position == 1 and (ter is None or ter.startswith("-")):
        return ProteinChange(ProteinKind.EXTENSION, 1, 1, "M", "M", "", distance)
    if ref != "*" or alt in {"X", "*"} or (ter or "").startswith("-"):
        return None
    return ProteinChange(ProteinKind.EXTENSION, position, position, "*", "*", alt, distance)


def _silent(body: str) -> ProteinChange | None:
    match = _SILENT.fullmatch(body)
    span = _span(match.groups()) if match else None
    return ProteinChange(ProteinKind.SYNONYMOUS, *span) if span else None


def _deletion(body: str) -> ProteinChange | None:
    match = _DELETION.fullmatch(body)
    span = _span(match.groups()[:4]) if match else None
    if match is None or span is None or "*" in span[2] + span[3]:
        return None
    fits = _stated_residues_fit(_letters(match[5]), match[6], span)
    return ProteinChange(ProteinKind.DELETION, *span) if fits else None


def _duplication(body: str) -> ProteinChange | None:
    match = _DUPLICATION.fullmatch(body)
    span = _span(match.groups()[:4]) if match else None
    if match is None or span is None or "*" in span[2] + span[3]:
        return None
    fits = _stated_residues_fit(_letters(match[5]), match[6], span)
    return ProteinChange(ProteinKind.DUPLICATION, *span) if fits else None


def _delins(body: str) -> ProteinChange | None:
    match = _DELINS.fullmatch(body)
    span = _span(match.groups()[:4]) if match else None
    if match is None or span is None or not _stated_residues_fit(_letters(match[5]), None, span):
        return None
    alt = _letters(match[6]) or _unnamed(match[7])
    if not alt or "*" in span[2] or "*" in alt[:-1]:
        return None
    if span[0] == span[1] and len(alt) == 1:
        return _one_residue(span[2], span[0], alt)
    return ProteinChange(ProteinKind.DELINS, *span, alt)


def _insertion(body: str) -> ProteinChange | None:
    match = _INSERTION.fullmatch(body)
    span = _span(match.groups()[:4]) if match else None
    if match is None or span is None or span[1] != span[0] + 1 or span[2] == "*":
        return None
    alt = _letters(match[5]) or _unnamed(match[6] or match[7])
    return ProteinChange(ProteinKind.INSERTION, *span, alt) if alt and "*" not in alt[:-1] else None


def _substitution(body: str) -> ProteinChange | None:
    match = _SUBSTITUTION.fullmatch(body)
    if match is None:
        return None
    ref, position, alt = _letters(match[1]), int(match[2]), _letters(match[3])
    if len(ref) != len(alt):
        return None
    if len(ref) == 1:
        # A single X in place of the new residue is the stop of older nomenclature; Xaa is a residue not named.
        alt = "*" if match[3] == "X" else alt
        ref = "*" if match[1] == "X" else ref
        return _one_residue(ref, position, alt)
    if "X" in ref + alt or "*" in ref or "*" in alt[:-1]:
        return None
    # SnpEff spells a substitution of neighbouring residues as p.IleThr669MetIle.
    end = position + len(ref) - 1
    if ref == alt:
        return ProteinChange(ProteinKind.SYNONYMOUS, position, end, ref[0], ref[-1])
    return ProteinChange(ProteinKind.DELINS, position, end, ref[0], ref[-1], alt)


def _one_residue(ref: str, position: int, alt: str) -> ProteinChange | None:
    if ref == "X":
        return None
    if ref == alt:
        return ProteinChange(ProteinKind.SYNONYMOUS, position, position, ref, ref)
    if ref == "*":
        alt = "" if alt == "X" else alt
        return ProteinChange(ProteinKind.EXTENSION, position, position, ref, ref, alt)
    kind = ProteinKind.NONSENSE if alt == "*" else ProteinKind.SUBSTITUTION
    return ProteinChange(kind, position, position, ref, ref, alt)
