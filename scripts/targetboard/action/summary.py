"""The headline of a sample: what is not settled, then at most six sentences, most important first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from targetboard.action.resistance import resistance_against
from targetboard.action.therapies import NOT_INDICATED, RESISTANT, SENSITIVE
from targetboard.action.tiers import amp_rank
from targetboard.action.tumour_types import OTHER_TUMOUR, SAME_TUMOUR
from targetboard.classify.facts import describe
from targetboard.classify.flags import GERMLINE_SUSPECT
from targetboard.model import DriverClass, MarkerState, Variant

UNCLEAR = "unclear"
MOST_LINES = 6
MOST_ACTIONABLE = 3
MOST_NAMES = 4
_LONGEST_REASON = 200

# An inherited polymorphism is no reason for a germline test or genetic counselling.
_NOT_FOLLOWED_UP = frozenset({DriverClass.PASSENGER, DriverClass.LIKELY_PASSENGER})

NOTHING_FOUND = (
    "No validated driver with a sourced consequence for treatment was called. Without coverage data this is no"
    " negative result."
)

NOTHING_FOUND_COVERED = (
    "No validated driver with a sourced consequence for treatment was found. The pertinent negatives say, region by"
    " region, what the coverage allows to rule out."
)


HITS_HEADLINE = (
    "Quick look: only alleles that the knowledge tables name were reported; other variants were not judged, and nothing"
    " is said to be absent."
)
INADEQUATE = (
    "Inconclusive: repeat biopsy or liquid biopsy. Positive findings still stand; what was not found may have been"
    " missed."
)
"""Headline of an inadequate sample (rule R2)."""


def headline(
    therapies: Sequence[Mapping[str, Any]],
    resistance: Sequence[Mapping[str, Any]],
    variants: Sequence[Variant],
    *,
    covered: bool = False,
    inadequate: bool = False,
    deciding: Sequence[Mapping[str, Any]] = (),
    not_evaluated: Mapping[str, int] | None = None,
) -> list[dict[str, str]]:
    """Lines of the document's ``headline``.

    Parameters
    ----------
    therapies, resistance
        Entries of the document, in reading order.
    variants
        Classified variants; only those that may be inherited are named here, without any drug.
    covered
        Whether coverage data were supplied, so that negatives are judged one by one.
    inadequate
        Whether the sample does not allow the answers asked of it (rule R2); it stands first, positives still stand.
    deciding
        Entries of the document's ``markers`` on which statements of this tumour type or condition rest.
    not_evaluated
        Alleles that could not be judged, by gene of the knowledge base.

    Returns
    -------
    list of dict
        ``kind`` and ``text``: what is not settled, actionable in this tumour type, resistance, other tumour types,
        germline suspicion, or that nothing was found. A drug against which a resistance speaks is not called
        actionable.
    """
    active = [
        row
        for row in therapies
        if row["direction"] == SENSITIVE and row["drugs"] and not resistance_against(row, resistance)
    ]
    here = [row for row in active if row["tumour_match"] in SAME_TUMOUR and not row["conflicts_with"]]
    against = [
        row
        for row in therapies
        if row["direction"] in (RESISTANT, NOT_INDICATED) and row["tumour_match"] in SAME_TUMOUR
    ]
    listed = [set(row["drugs"]) for row in here]
    elsewhere = [
        row
        for row in active
        if row["tumour_match"] not in SAME_TUMOUR
        and row["state"] == "met"
        and not row["conflicts_with"]
        and set(row["drugs"]) not in listed
    ]
    lines = _per_biomarker("actionable", here, "may respond to {drugs}", MOST_ACTIONABLE)
    lines += _per_biomarker(
        "resistance", [r for r in against if r["direction"] == RESISTANT], "resistance to {drugs}", 2
    )
    lines += _per_biomarker(
        "resistance", [r for r in against if r["direction"] == NOT_INDICATED], "{drugs} not indicated", 1
    )
    told = {name for row in against for name in row["biomarkers"]}
    lines += _mechanisms([found for found in resistance if found["alteration_id"] not in told])
    lines += _elsewhere(elsewhere)
    if not lines:
        lines = [{"kind": "none", "text": NOTHING_FOUND_COVERED if covered else NOTHING_FOUND}]
    first = [{"kind": "adequacy", "text": INADEQUATE}] if inadequate else []
    lines = [*first, *lines][: MOST_LINES - 1]
    # what is not settled takes no place from the findings
    unclear = [*_inconclusive(deciding), *_not_evaluated(not_evaluated or {})]
    lines[len(first) : len(first)] = [{"kind": UNCLEAR, "text": text} for text in unclear]
    inherited = list(
        dict.fromkeys(
            describe(v) for v in variants if GERMLINE_SUSPECT in v.flags and v.driver_class not in _NOT_FOLLOWED_UP
        )
    )
    if inherited:
        verb = "may be inherited: offer a confirmatory germline test and genetic counselling."
        lines.append({"kind": "germline", "text": f"{first_names(inherited)} {verb}"})
    return lines


def _inconclusive(deciding: Sequence[Mapping[str, Any]]) -> list[str]:
    """The deciding markers that the sample leaves open, with what would settle a single one."""
    unclear = [row for row in deciding if row["state"] == MarkerState.INCONCLUSIVE]
    if not unclear:
        return []
    names = first_names([str(row["label"]) for row in unclear], "; ")
    reason = unclear[0]["reason"] or ""
    # of a measured marker the reason may be its date alone
    in_words = any(letter.isalpha() for letter in reason)
    if len(unclear) == 1 and in_words and len(reason) <= _LONGEST_REASON:
        return [f"{names}: inconclusive. {reason}."]
    return [f"{names}: inconclusive, see the markers."]


def _not_evaluated(by_gene: Mapping[str, int]) -> list[str]:
    """That alleles of knowledge genes could not be judged: no statement on such a gene is complete."""
    if not by_gene:
        return []
    number = sum(by_gene.values())
    alleles = "1 allele" if number == 1 else f"{number} alleles"
    return [
        f"{alleles} in {first_names(sorted(by_gene))} could not be judged: a driver may be among what is not named."
    ]


def _per_biomarker(kind: str, rows: Sequence[Mapping[str, Any]], pattern: str, most: int) -> list[dict[str, str]]:
    """One line per biomarker; what exceeds ``most`` lines is counted in the last.

    Only the drugs of the line's tier are named of response: a weaker one must not borrow it. One whose condition is
    known not to be met is counted after the others, or named as such where it is the only one. What speaks against a
    drug is named in full.
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["biomarker"], []).append(row)
    lines = []
    for biomarker, own in list(groups.items())[:most]:
        tier = min((row["amp"] for row in own if row["amp"]), key=amp_rank, default=None)
        best = [row for row in own if row["amp"] == tier or row["direction"] != SENSITIVE]
        fitting = [row for row in best if row["direction"] != SENSITIVE or not _is_ruled_out(row)] or best
        drugs = first_names(list(dict.fromkeys(_regimen(row) for row in fitting)))
        lowest = max((row["amp"] for row in best if row["amp"]), key=amp_rank, default=None)
        qualifiers = [f"tier {tier}" if tier == lowest else f"tiers {tier} to {lowest}"] if tier else []
        if all(row["state"] == "unknown" for row in best):
            qualifiers.append("conditional")
        elif all(_is_ruled_out(row) for row in best):
            qualifiers.append("a condition is not met")
        elif all(_is_open(row) for row in fitting):
            qualifiers.append("conditions to be checked")
        others = {_regimen(row) for row in best} - {_regimen(row) for row in fitting}
        more = f"; {len(others)} more with a condition that is not met" if others else ""
        said = f" ({', '.join(qualifiers)}{more})" if qualifiers else ""
        lines.append({"kind": kind, "text": f"{biomarker}: {pattern.format(drugs=drugs)}{said}."})
    if len(groups) > most:
        lines[-1]["text"] += f" {len(groups) - most} more in the table."
    return lines


def _is_open(row: Mapping[str, Any]) -> bool:
    """Whether a condition of the claim could not be answered from the sheet."""
    return any(found["state"] != "met" for found in row.get("conditions", ()))


def _is_ruled_out(row: Mapping[str, Any]) -> bool:
    """Whether the sheet shows that a condition of the claim is not met."""
    return any(found["state"] == "not_met" for found in row.get("conditions", ()))


def _regimen(row: Mapping[str, Any]) -> str:
    return row["regimen"] or " + ".join(row["drugs"])


def _mechanisms(resistance: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    found = list(dict.fromkeys(row["mechanism"] for row in resistance if row["kind"] == "found"))
    return [{"kind": "resistance", "text": f"Resistance mechanism found: {first_names(found)}."}] if found else []


def _elsewhere(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    if not rows:
        return []
    biomarkers = first_names(list(dict.fromkeys(row["biomarker"] for row in rows)), "; ")
    tier = min((row["amp"] for row in rows if row["amp"]), key=amp_rank, default=None)
    other = all(row["tumour_match"] == OTHER_TUMOUR for row in rows)
    place = "in other tumour types" if other else "in other or narrower tumour types"
    said = f" (tier {tier})" if tier else ""
    return [{"kind": "other_tumour", "text": f"{biomarkers}: drugs with evidence {place}{said}, see the table."}]


def first_names(names: Sequence[str], separator: str = ", ") -> str:
    """Some names, and how many more there are."""
    shown = separator.join(names[:MOST_NAMES])
    return f"{shown} and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else shown
