"""What would change the class of a variant: each code without input, its points, and the class it would lead to."""

from __future__ import annotations

from collections.abc import Mapping

from targetboard.classify.codes import BY_MEANING, Meaning, class_of, code_of
from targetboard.model import CriterionStatus, Oncogenicity

CONDITIONS: Mapping[Meaning, str] = {
    Meaning.NULL_VARIANT: "if loss of function is shown",
    Meaning.SAME_PROTEIN_CHANGE: "if the nucleotide change differs from that of the established variant",
    Meaning.FUNCTION_ONCOGENIC: "if functional studies show an oncogenic effect",
    Meaning.HOTSPOT_STRONG: "if the residue proves to be a frequent hotspot",
    Meaning.CRITICAL_DOMAIN: "if it lies in a critical part of a functional domain",
    Meaning.LENGTH_CHANGE: "if the gene proves to be an oncogene or tumour suppressor",
    Meaning.HOTSPOT_MODERATE: "if the residue proves to be a hotspot with this change in 10 tumours or more",
    Meaning.SAME_RESIDUE: "if another missense variant of the residue is established",
    Meaning.COMPUTED_ONCOGENIC: "if all computational lines support an oncogenic effect",
    Meaning.SINGLE_AETIOLOGY: "if the tumour is one with a single genetic aetiology in this gene",
    Meaning.HOTSPOT_SUPPORTING: "if the residue proves to be a hotspot",
    Meaning.POPULATION_ABSENT: "if absent from gnomAD or extremely rare there",
    Meaning.POPULATION_VERY_COMMON: "if above 5 % in a gnomAD population",
    Meaning.POPULATION_COMMON: "if above 1 % in a gnomAD population",
    Meaning.FUNCTION_NEUTRAL: "if functional studies show no oncogenic effect",
    Meaning.COMPUTED_NEUTRAL: "if all computational lines suggest no effect",
    Meaning.SILENT: "if no splice effect is predicted and the base is not conserved",
}


def could_change(oncogenicity: Oncogenicity | None) -> list[str]:
    """Sentences such as "+1 point: OP4 if absent from gnomAD or extremely rare there (6 points, Likely Oncogenic)".

    One for each code without input that could still count, in the order of the standard; the class is named where
    this code alone would change it. Codes that the counted ones rule out or contradict are left out.
    """
    if oncogenicity is None:
        return []
    fulfilled = {code_of(c.code).meaning for c in oncogenicity.criteria if c.status is CriterionStatus.MET}
    closed = {other for meaning in fulfilled for other in BY_MEANING[meaning].contradicts}
    sentences = []
    for criterion in oncogenicity.criteria:
        if criterion.status is not CriterionStatus.NOT_EVALUABLE:
            continue
        code = code_of(criterion.code)
        if code.meaning in closed or fulfilled & set(code.not_with):
            continue
        ruled_out = sum(BY_MEANING[m].points for m in fulfilled if code.meaning in BY_MEANING[m].not_with)
        gain = code.points - ruled_out
        if gain == 0:
            continue
        sum_then = oncogenicity.points + gain
        then = class_of(sum_then)
        changed = f" ({sum_then} points, {then})" if then != oncogenicity.classification else ""
        plural = "" if abs(gain) == 1 else "s"
        sentences.append(f"{gain:+d} point{plural}: {code.name} {CONDITIONS[code.meaning]}{changed}")
    return sentences
