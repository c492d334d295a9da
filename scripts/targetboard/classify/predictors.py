"""Codes that rest on computed effects: OP1, SBP1 and SBP2.

Used only where the input brings the scores. Between two cut-offs a line is undecided, and an undecided line means that
not all lines agree. SIFT and PolyPhen-2 are inputs of REVEL (Ioannidis 2016, PMID 27666373) and CADD: beside one of
them they are no lines of their own, and without one neither is enough alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import SPLICE_SITE_TERMS, Facts
from targetboard.vcf.scores import splice_ai_maximum

ONCOGENIC, NEUTRAL, UNDECIDED = "oncogenic", "neutral", "undecided"
PEJAVER = "Pejaver 2022, PMC9748256 table 2, supporting strength"
WALKER = "ClinGen SVI splicing subgroup, Walker 2023, PMC9980257"
CHENG = "class bounds of its authors, Cheng 2023, doi:10.1126/science.adg7492"


@dataclass(slots=True, frozen=True)
class Predictor:
    """Cut-offs of one score, both included.

    ``low_is_oncogenic`` turns them round; ``part_of`` names scores that already hold this one.
    """

    name: str
    oncogenic: float
    neutral: float
    source: str
    low_is_oncogenic: bool = False
    enough_alone: bool = True
    part_of: tuple[str, ...] = ()

    def verdict(self, score: float) -> str:
        """What the score says."""
        sign = -1 if self.low_is_oncogenic else 1
        if sign * score >= sign * self.oncogenic:
            return ONCOGENIC
        return NEUTRAL if sign * score <= sign * self.neutral else UNDECIDED


MISSENSE_PREDICTORS: tuple[Predictor, ...] = (
    Predictor("REVEL", 0.644, 0.290, PEJAVER),
    Predictor("AlphaMissense", 0.564, 0.340, CHENG),
    Predictor("CADD", 25.3, 22.7, PEJAVER, enough_alone=False),
    Predictor("PolyPhen", 0.978, 0.113, PEJAVER, enough_alone=False, part_of=("REVEL", "CADD")),
    Predictor("SIFT", 0.001, 0.080, PEJAVER, low_is_oncogenic=True, enough_alone=False, part_of=("REVEL", "CADD")),
)
CONSERVATION = Predictor("PhyloP", 7.367, 1.879, PEJAVER, enough_alone=False)
SPLICING = Predictor("SpliceAI", 0.2, 0.1, WALKER)
ALPHAMISSENSE_CLASSES: Mapping[str, str] = {
    "likely_pathogenic": ONCOGENIC,
    "pathogenic": ONCOGENIC,
    "p": ONCOGENIC,
    "likely_benign": NEUTRAL,
    "benign": NEUTRAL,
    "b": NEUTRAL,
    "ambiguous": UNDECIDED,
    "a": UNDECIDED,
}
DELTA_SCORES = ("SpliceAI_DS_AG", "SpliceAI_DS_AL", "SpliceAI_DS_DG", "SpliceAI_DS_DL")
# Below the two dinucleotides these terms are what splice prediction is for.
SPLICE_TERMS = frozenset(
    {
        "splice_region_variant",
        "splice_polypyrimidine_tract_variant",
        "splice_donor_5th_base_variant",
        "splice_donor_region_variant",
    }
)

_SCORE = re.compile(r"-?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?")


def _scores(text: str) -> list[float]:
    """Numbers of a field such as ``deleterious(0.01)`` or ``0.93&0.91``."""
    return [float(number) for number in _SCORE.findall(text)]


def _score(facts: Facts, predictor: Predictor) -> float | None:
    """The score that says most, over the transcripts a field may list."""
    value = facts.evidence(predictor.name)
    if value is None or "low_confidence" in value.text:
        return None
    numbers = _scores(value.text)
    if not numbers:
        return None
    return min(numbers) if predictor.low_is_oncogenic else max(numbers)


def splice_score(facts: Facts) -> float | None:
    """Highest SpliceAI delta score, from its own text or from the four fields of VEP's plugin."""
    value = facts.evidence("SpliceAI")
    text = splice_ai_maximum(value.text) if value is not None else ""
    if text:
        return float(text)
    deltas = [number for name in DELTA_SCORES if (found := facts.evidence(name)) for number in _scores(found.text)]
    return max(deltas) if deltas else None


def missense_lines(facts: Facts) -> dict[str, str]:
    """Verdict of each line in use on the protein change: oncogenic, neutral or undecided."""
    lines: dict[str, str] = {}
    for predictor in MISSENSE_PREDICTORS:
        score = _score(facts, predictor)
        stated = facts.evidence("AlphaMissense_class") if predictor.name == "AlphaMissense" else None
        if score is not None:
            lines[predictor.name] = predictor.verdict(score)
        elif stated is not None and stated.text.casefold() in ALPHAMISSENSE_CLASSES:
            lines[predictor.name] = ALPHAMISSENSE_CLASSES[stated.text.casefold()]
    contained = {p.name for p in MISSENSE_PREDICTORS if any(name in lines for name in p.part_of)}
    return {name: verdict for name, verdict in lines.items() if name not in contained}


def computational_lines(facts: Facts) -> dict[str, str]:
    """Every line in use on a variant.

    Conservation is a line beside a missense predictor where it decides; it is not held against one where it does not,
    since its oncogenic cut-off is reached by few sites. A splice effect predicted for a missense variant is a line
    towards an oncogenic effect; its absence says nothing about the protein and is a line for "no effect" only.
    """
    splice = splice_score(facts)
    splice_line = {SPLICING.name: SPLICING.verdict(splice)} if splice is not None else {}
    conserved = _score(facts, CONSERVATION)
    if facts.is_missense:
        lines = missense_lines(facts)
        if conserved is not None and lines and CONSERVATION.verdict(conserved) != UNDECIDED:
            lines[CONSERVATION.name] = CONSERVATION.verdict(conserved)
        verdicts = set(lines.values())
        if splice_line and (splice_line[SPLICING.name] == ONCOGENIC or verdicts == {NEUTRAL}):
            lines |= splice_line
        return lines
    if facts.is_synonymous or facts.terms & SPLICE_TERMS:
        return splice_line
    return {}


def assess_predictors(facts: Facts) -> tuple[Finding, Finding]:
    """Findings for OP1 and SBP1, in this order.

    Missense variants are judged by their predictors, synonymous and splice region variants by splice prediction.
    Variants at the splice site itself and truncations are counted by OVS1, so that no line is used on them.
    """
    if facts.is_null or facts.terms & SPLICE_SITE_TERMS:
        unused = not_met("a null variant; computed effects are used for missense, silent and splice region variants")
        return unused, unused
    lines = computational_lines(facts)
    said = ", ".join(f"{name} {verdict}" for name, verdict in lines.items())
    alone = {p.name for p in (*MISSENSE_PREDICTORS, CONSERVATION, SPLICING) if p.enough_alone}
    if len(lines) < 2 and not alone & set(lines):
        few = not_evaluable(f"too few computational lines in the input ({said or 'none'})")
        return few, few
    verdicts = set(lines.values())
    neutral = not_met(said)
    if verdicts == {NEUTRAL}:
        # for a silent variant SBP2 is the code of this finding
        neutral = not_met(f"{said}; counted as SBP2") if facts.is_synonymous else met(said)
    return met(said) if verdicts == {ONCOGENIC} else not_met(said), neutral


def assess_silent(facts: Facts) -> Finding:
    """Finding for SBP2: synonymous, no splice effect predicted, not highly conserved; both have to be known.

    The standard names no conservation score. PhyloP over 100 vertebrates is read by the calibrated cut-off below which
    it supports "no effect".
    """
    if not facts.is_synonymous:
        return not_met("not synonymous")
    splice, conserved = splice_score(facts), _score(facts, CONSERVATION)
    if splice is not None and splice >= SPLICING.oncogenic:
        return not_met(f"synonymous, but SpliceAI predicts a splice effect ({splice:g})")
    if conserved is not None and conserved > CONSERVATION.neutral:
        return not_met(f"synonymous, but the base is conserved (PhyloP {conserved:g})")
    said = []
    said += ["splice prediction (SpliceAI)"] if splice is None else []
    said += ["conservation (PhyloP)"] if conserved is None else []
    if said:
        return not_evaluable(f"synonymous, but {' and '.join(said)} is not in the input")
    if splice is not None and splice > SPLICING.neutral:
        return not_met(f"synonymous, but a splice effect is not excluded (SpliceAI {splice:g})")
    return met(f"synonymous, SpliceAI {splice:g}, PhyloP {conserved:g} (cut-offs: {WALKER}; {PEJAVER})")
