"""One allele on its way from the VCF to the report, before matching."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.model import Allele, InputAllele, Observation, TranscriptConsequence


@dataclass(slots=True)
class Candidate:
    """An allele with what its record says of it.

    ``joined_records`` names the records of cis neighbours that were joined into this allele (empty for an allele that
    stands in the VCF as it is).
    """

    allele: Allele
    input: InputAllele
    observation: Observation
    consequences: tuple[TranscriptConsequence, ...]
    reference_checked: bool = False
    notes: tuple[str, ...] = ()
    joined_records: tuple[int, ...] = ()
