"""What single records and the reference say about artefacts: read orientation, and runs of one base."""

from __future__ import annotations

from collections.abc import Mapping

from targetboard.model import Allele
from targetboard.vcf.reference import Reference

# A run is looked for this far to either side of an indel.
RUN_REACH = 50


def orientation_counts(values: Mapping[str, str], alt_index: int) -> tuple[int, int] | None:
    """Reads with one ALT as (F1R2, F2R1), from GATK's FORMAT fields of these names; None where they are not given."""
    counts = []
    for name in ("F1R2", "F2R1"):
        fields = values.get(name, "").split(",")
        if alt_index + 1 >= len(fields) or not fields[alt_index + 1].isdecimal():
            return None
        counts.append(int(fields[alt_index + 1]))
    return counts[0], counts[1]


def homopolymer_run(allele: Allele, reference: Reference) -> int | None:
    """Length of the reference run of one base that an indel of this base lengthens or shortens.

    Returns
    -------
    int or None
        0 for an indel of several different bases; None for anything but a pure indel, and where the reference is
        not known around it.
    """
    shorter, longer = sorted((allele.ref, allele.alt), key=len)
    if len(shorter) != 1 or len(longer) < 2 or longer[0] != shorter:
        return None
    moved = set(longer[1:])
    if len(moved) != 1:
        return 0
    base = moved.pop()
    after = reference.fetch(allele.chrom, allele.pos + 1, allele.pos + RUN_REACH)
    before = reference.fetch(allele.chrom, max(1, allele.pos - RUN_REACH + 1), allele.pos)
    if not after or not before or "N" in after[:1] + before[-1:]:
        return None
    return _leading(after, base) + _leading(before[::-1], base)


def _leading(bases: str, base: str) -> int:
    return len(bases) - len(bases.lstrip(base))
