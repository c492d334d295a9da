"""Codes that rest on computed effects: OP1, SBP1 and the splice part of SBP2.

Used only where the annotation brings the scores. Cut-offs for missense scores are the supporting-evidence intervals of
Pejaver et al. 2022 (PMC9748256, table 2); AlphaMissense is read by its own class words (VEP field am_class). Between
two cut-offs a line is undecided, and an undecided line means that not all lines agree.
"""

from __future__ import annotations

import re

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import Facts

ONCOGENIC, NEUTRAL, UNDECIDED = "oncogenic", "neutral", "undecided"

# Fields, oncogenic cut-off, neutral cut-off; SIFT runs the other way (low is damaging).
HIGH_IS_ONCOGENIC: tuple[tuple[str, tuple[str, ...], float, float], ...] = (
    ("REVEL", ("REVEL", "REVEL_score"), 0.644, 0.290),
    ("PolyPhen-2", ("PolyPhen",), 0.978, 0.113),
)
SIFT_ONCOGENIC, SIFT_NEUTRAL = 0.001, 0.080
ALPHAMISSENSE_CLASSES = {"likely_pathogenic": ONCOGENIC, "likely_benign": NEUTRAL, "ambiguous": UNDECIDED}

# "All lines" needs more than one; SIFT, PolyPhen-2 and REVEL share inputs, so three would add little.
FEWEST_LINES = 2

SPLICE_AI_FIELDS = ("SpliceAI_pred_DS_AG", "SpliceAI_pred_DS_AL", "SpliceAI_pred_DS_DG", "SpliceAI_pred_DS_DL")
# SpliceAI's authors' high-recall cut-off: below it no splice effect is predicted.
SPLICE_AI_EFFECT = 0.2

_SCORE = re.compile(r"[0-9]*\.?[0-9]+(?:[eE]-?[0-9]+)?")


def computational_lines(facts: Facts) -> dict[str, str]:
    """Verdict of each predictor whose score the annotation holds: oncogenic, neutral or undecided."""
    lines: dict[str, str] = {}
    for name, fields, oncogenic, neutral in HIGH_IS_ONCOGENIC:
        score = _score(facts.annotation(*fields))
        if score is not None:
            lines[name] = ONCOGENIC if score >= oncogenic else NEUTRAL if score <= neutral else UNDECIDED
    sift_text = facts.annotation("SIFT")
    sift = None if "low_confidence" in sift_text else _score(sift_text)
    if sift is not None:
        lines["SIFT"] = ONCOGENIC if sift <= SIFT_ONCOGENIC else NEUTRAL if sift >= SIFT_NEUTRAL else UNDECIDED
    alphamissense = ALPHAMISSENSE_CLASSES.get(facts.annotation("am_class", "AlphaMissense_class").casefold())
    if alphamissense is not None:
        lines["AlphaMissense"] = alphamissense
    return lines


def _score(text: str) -> float | None:
    """Highest number in a field such as ``deleterious(0.01)`` or ``0.93&0.91``."""
    numbers = [float(number) for number in _SCORE.findall(text)]
    return max(numbers) if numbers else None


def assess_predictors(facts: Facts) -> tuple[Finding, Finding]:
    """Findings for OP1 and SBP1, in this order; only missense variants are scored by these predictors."""
    if not facts.is_missense:
        unscored = not_evaluable("no computational line for this consequence in the input")
        return unscored, unscored
    lines = computational_lines(facts)
    if len(lines) < FEWEST_LINES:
        given = ", ".join(f"{name} {verdict}" for name, verdict in lines.items()) or "none"
        few = not_evaluable(f"fewer than {FEWEST_LINES} computational lines in the input ({given})")
        return few, few
    said = ", ".join(f"{name} {verdict}" for name, verdict in lines.items())
    verdicts = set(lines.values())
    return (
        met(said) if verdicts == {ONCOGENIC} else not_met(said),
        met(said) if verdicts == {NEUTRAL} else not_met(said),
    )


def assess_silent(facts: Facts) -> Finding:
    """Finding for SBP2; a synonymous variant is judged only as far as splice prediction is given.

    The standard asks for low conservation as well but names no score, so that without a splice effect the code stays
    not evaluable rather than met.
    """
    if not facts.is_synonymous:
        return not_met("not synonymous")
    scores = [score for score in (_score(facts.annotation(field)) for field in SPLICE_AI_FIELDS) if score is not None]
    if not scores:
        return not_evaluable("synonymous, but neither splice prediction nor conservation is in the input")
    highest = max(scores)
    if highest >= SPLICE_AI_EFFECT:
        return not_met(f"synonymous, but SpliceAI predicts a splice effect ({highest:g})")
    return not_evaluable(f"synonymous, no splice effect by SpliceAI ({highest:g}), but conservation was not assessed")
