"""Protein changes against the protein windows of the knowledge tables: numbering checks and equality of events."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.knowledge.records import CuratedChange, ProteinWindow
from targetboard.vcf.hgvs import (
    ProteinChange,
    ProteinEdit,
    ProteinKind,
    parse_protein,
    protein_edit,
    residue_mismatch,
)

CODING_EDITS = frozenset({ProteinKind.DELETION, ProteinKind.DUPLICATION, ProteinKind.INSERTION, ProteinKind.DELINS})


def curated_change(text: str, windows: Sequence[ProteinWindow]) -> CuratedChange | None:
    """Parse one curated change; None if it is no protein change (the lint reports that)."""
    change = parse_protein(text)
    return None if change is None else CuratedChange(text, change, edit_of(change, windows))


def edit_of(change: ProteinChange, windows: Sequence[ProteinWindow]) -> ProteinEdit | None:
    """Canonical edit of a change on the first window that holds it."""
    for window in windows:
        edit = protein_edit(change, window.window)
        if edit is not None:
            return edit
    return None


def numbering_fault(change: ProteinChange, windows: Sequence[ProteinWindow]) -> str | None:
    """Where the residues stated by a change disagree with a window; None where they agree or nothing can be said."""
    for window in windows:
        fault = residue_mismatch(change, window.window)
        if fault is not None:
            return fault
    return None


def residues_confirmed(change: ProteinChange, windows: Sequence[ProteinWindow]) -> bool:
    """Whether every residue the change states lies in a window and agrees with it (at least one is stated)."""
    stated = [(r, p) for r, p in ((change.ref, change.start), (change.end_ref, change.end)) if r and r not in "X*"]
    return bool(stated) and all(_residue(position, windows) == residue for residue, position in stated)


def _residue(position: int, windows: Sequence[ProteinWindow]) -> str:
    for window in windows:
        if 0 <= position - window.start < len(window.residues):
            return window.residues[position - window.start]
    return ""


def same_event(observed: ProteinChange, observed_edit: ProteinEdit | None, curated: CuratedChange) -> bool:
    """Whether an observed and a curated change are one event, whatever their spelling.

    Edits decide where both exist. Frameshifts are equal when they start at the same residue and do not contradict each
    other in the new residue or the distance to the new stop; one that states less than the other is the same class.
    """
    known = curated.change
    if observed_edit is not None and curated.edit is not None:
        return observed_edit == curated.edit
    if known.kind is ProteinKind.FRAMESHIFT and observed.kind is ProteinKind.FRAMESHIFT:
        return _same_frameshift(observed, known)
    if known.kind in {ProteinKind.UNKNOWN, ProteinKind.SYNONYMOUS} or known.kind is not observed.kind:
        return False
    return (known.start, known.end, known.ref, known.end_ref, known.alt, known.ter) == (
        observed.start,
        observed.end,
        observed.ref,
        observed.end_ref,
        observed.alt,
        observed.ter,
    )


def _same_frameshift(observed: ProteinChange, known: ProteinChange) -> bool:
    if (observed.start, observed.ref) != (known.start, known.ref):
        return False
    if known.alt and observed.alt != known.alt:
        return False
    return known.ter is None or observed.ter == known.ter


def substituted_residues(change: ProteinChange, edit: ProteinEdit | None) -> dict[int, tuple[str, str]] | None:
    """Residue-wise reading of a substitution of one or several neighbouring residues of equal number.

    Returns
    -------
    dict[int, tuple[str, str]] | None
        New residue by position with the reference residue ("" where not known); None for anything that changes the
        length or stops the protein. ``p.Ile669_Thr670delinsMetIle`` gives I>M at 669 and T>I at 670.
    """
    if edit is not None:
        if not edit.deleted or len(edit.deleted) != len(edit.inserted) or "*" in edit.inserted:
            return None
        pairs = zip(edit.deleted, edit.inserted, strict=True)
        return {edit.position + i: (old, new) for i, (old, new) in enumerate(pairs) if old != new}
    if change.kind is ProteinKind.SUBSTITUTION:
        return {change.start: (change.ref, change.alt)}
    if change.kind is not ProteinKind.DELINS or len(change.alt) != change.end - change.start + 1 or "*" in change.alt:
        return None
    stated = {change.start: change.ref, change.end: change.end_ref}
    return {
        change.start + i: (stated.get(change.start + i, ""), new)
        for i, new in enumerate(change.alt)
        if stated.get(change.start + i) != new
    }


def touched_codons(
    change: ProteinChange, edit: ProteinEdit | None, windows: Sequence[ProteinWindow]
) -> tuple[int, int] | None:
    """First and last codon an event touches, in its right-most (HGVS 3') placement; None where no codon is named.

    An insertion touches the two residues it separates. Placement by the 3' rule makes the answer the same for every
    spelling of an event; without a window that holds it, the change's own positions count.
    """
    if edit is not None and "*" not in edit.inserted and (not edit.deleted or not edit.inserted):
        position = _shift_right(edit, windows)
        if not edit.deleted:
            return (max(position - 1, 1), position)
        return (position, position + len(edit.deleted) - 1)
    if edit is not None and edit.deleted:
        return (edit.position, edit.position + len(edit.deleted) - 1)
    if change.start < 1:
        return None
    if change.kind is ProteinKind.DUPLICATION:
        return (change.end, change.end + 1)
    return (change.start, change.end)


def _shift_right(edit: ProteinEdit, windows: Sequence[ProteinWindow]) -> int:
    """Position of a pure deletion or insertion after shifting it right while the protein stays the same."""
    unit, position = edit.deleted or edit.inserted, edit.position
    while True:
        following = _residue(position + len(edit.deleted), windows)
        if not following or following != unit[0]:
            return position
        unit, position = unit[1:] + unit[0], position + 1
