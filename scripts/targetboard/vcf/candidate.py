"""One allele on its way from the VCF to the report, before matching."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from targetboard.model import Allele, EvidenceValue, InputAllele, Observation, TranscriptConsequence

OTHER_RECORD = "another record states this allele"
"""How the note of an allele begins that a second record states with other values."""


@dataclass(slots=True)
class Candidate:
    """An allele with what its record says of it.

    ``joined_records`` names the records of cis neighbours that were joined into this allele (empty for an allele that
    stands in the VCF as it is). ``evidence`` holds frequencies and scores by name; ``homopolymer`` and ``orientation``
    are those of :class:`~targetboard.model.Variant`.
    """

    allele: Allele
    input: InputAllele
    observation: Observation
    consequences: tuple[TranscriptConsequence, ...]
    reference_checked: bool = False
    notes: tuple[str, ...] = ()
    joined_records: tuple[int, ...] = ()
    evidence: Mapping[str, EvidenceValue] = field(default_factory=dict)
    homopolymer: int | None = None
    orientation: tuple[int, int] | None = None


_SUBSTITUTION = re.compile(r"[cn]\.[-*]?\d+(?:[+-]\d+)?([ACGT]+)>([ACGT]+)")
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def names_another_allele(consequence: TranscriptConsequence, allele: Allele) -> bool:
    """Whether an annotated substitution states other bases than the allele has, on either strand.

    Split multiallelic files happen to carry the first ALT's description on every ALT; such an annotation must not
    speak for the allele. Only substitutions are judged: an indel's bases depend on how it is aligned.
    """
    stated = _SUBSTITUTION.fullmatch(consequence.hgvsc)
    if stated is None or len(allele.ref) != len(allele.alt):
        return False
    bases = (stated[1], stated[2])
    here = (allele.ref, allele.alt)
    there = (allele.ref.translate(_COMPLEMENT)[::-1], allele.alt.translate(_COMPLEMENT)[::-1])
    return bases not in (here, there)
