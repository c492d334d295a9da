"""OP2: a somatic variant in the gene of a malignancy that has a single genetic aetiology."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import NULL_TERMS, Facts

# Terms of a change that could be the aetiology; a silent or intronic one is none.
_PROTEIN_TERMS = NULL_TERMS | {
    "missense_variant",
    "inframe_deletion",
    "inframe_insertion",
    "protein_altering_variant",
    "stop_lost",
}


@dataclass(slots=True, frozen=True)
class Aetiology:
    """A malignancy by its OncoTree code, the gene that causes it, and who says so."""

    tumour_type: str
    gene: str
    source: str


# Only what a source states to be the single aetiology. Rhabdoid tumours and small cell carcinoma of the ovary,
# hypercalcaemic type, are left out: SMARCB1 and SMARCA4 both cause them (PMID 24752781).
SINGLE_AETIOLOGIES: tuple[Aetiology, ...] = (Aetiology("RBL", "RB1", "the standard's own example, PMC9081216 table 2"),)


def single_aetiology(facts: Facts, lineage: Sequence[str]) -> Finding:
    """OP2 by the table above; not evaluable without a tumour type, not met for any other malignancy."""
    if not lineage:
        return not_evaluable("the tumour type is not given")
    if not facts.terms & _PROTEIN_TERMS:
        return not_met("no change of the protein")
    for row in SINGLE_AETIOLOGIES:
        if row.tumour_type in lineage and facts.gene is not None and facts.gene.gene == row.gene:
            return met(f"{row.gene} in {row.tumour_type} ({row.source})")
    listed = ", ".join(f"{row.gene} in {row.tumour_type}" for row in SINGLE_AETIOLOGIES)
    return not_met(f"not among the malignancies with a single genetic aetiology ({listed})")
