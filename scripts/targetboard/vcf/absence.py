"""When an annotation without a frequency means absence from the population: only where the user says so."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.model import EvidenceValue
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.scores import GROUP_MAXIMUM, POPULATIONS, could_be_listed, frequency_field


def gives_populations(fields: Sequence[str]) -> bool:
    """Whether an annotation's fields hold all five continental populations of one data set, or a group maximum."""
    by_data_set: dict[str, set[str]] = {}
    for name in fields:
        found = frequency_field(name)
        if found is not None:
            by_data_set.setdefault(found[0], set()).add(found[1])
    return any(GROUP_MAXIMUM in found or set(POPULATIONS) <= found for found in by_data_set.values())


def absent_by_annotation(candidate: Candidate) -> dict[str, EvidenceValue]:
    """A frequency of 0 for an annotated allele to which the annotator, declared complete, assigned none.

    Alleles that a frequency file would spell another way (MNVs, delins) are left open.
    """
    if not candidate.consequences or not could_be_listed(candidate.allele, aligned=True):
        return {}
    stated = any(
        frequency_field(name) is not None and text not in ("", ".")
        for consequence in candidate.consequences
        for name, text in consequence.extra.items()
    )
    source = candidate.consequences[0].source
    return {} if stated else {"AF_GRPMAX": EvidenceValue("0", f"none in {source}, declared complete")}
