"""How many samples have what to offer, by tier and tumour type: counts, shares and their intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from targetboard.classify.intervals import wilson_interval
from targetboard.cohort.facts import OUTCOMES, RESPONSE_TIERS, SampleFacts

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
NO_TYPE = "not stated"
ANY_TIERS = (*RESPONSE_TIERS, "III", "IV", "none")
ACTIONABLE, TIER_I = "actionable", "tier_I"
SUMMARY_COLUMNS = ("measure", "tumour_type", "tumour_name", "outcome", "samples", "of", "share", "low", "high")
"""Columns of summary.tsv.

measure
    ``response``: best tier of statements of response (:data:`targetboard.cohort.facts.OUTCOMES`), and ``actionable``,
    the sum of its four tiers, of which ``tier_I`` is the evidence in the sample's own tumour type. ``any``: best AMP
    tier of any finding or statement, resistance, diagnosis and prognosis included. ``analysis``: complete and failed
    samples.
share, low, high
    ``samples`` of ``of`` and the 95 % Wilson interval, as fractions; empty without samples.
"""


@dataclass(slots=True, frozen=True)
class TumourGroup:
    """Complete samples of one tumour type (or :data:`ALL`): number by outcome in the order of :data:`OUTCOMES`."""

    code: str
    name: str
    complete: int
    failed: int
    outcomes: tuple[int, ...]
    any_tiers: tuple[int, ...]

    @property
    def actionable(self) -> int:
        """Samples with a statement of response whose biomarkers are met."""
        return sum(self.outcomes[: len(RESPONSE_TIERS)])

    @property
    def tier_one(self) -> int:
        """Samples with a statement of tier I: evidence in their own tumour type."""
        return sum(self.outcomes[:2])


def tumour_groups(samples: Sequence[SampleFacts]) -> list[TumourGroup]:
    """All samples, then each tumour type: the largest first, equal ones by code."""
    import pandas as pd

    frame = pd.DataFrame(
        {
            "code": [sample.tumour_type or NO_TYPE for sample in samples],
            "failed": [sample.failed for sample in samples],
            "outcome": [sample.outcome for sample in samples],
            "any": [sample.any_tier or "none" for sample in samples],
        },
        dtype=object,
    )
    names = {sample.tumour_type or NO_TYPE: sample.tumour_name or NO_TYPE for sample in samples}
    complete = frame[~frame["failed"].astype(bool)]
    failed = frame.loc[frame["failed"].astype(bool), "code"].value_counts()
    outcomes = pd.crosstab(complete["code"], complete["outcome"]).reindex(columns=list(OUTCOMES), fill_value=0)
    tiers = pd.crosstab(complete["code"], complete["any"]).reindex(columns=list(ANY_TIERS), fill_value=0)
    groups = [_group(code, name, outcomes, tiers, failed) for code, name in names.items()]
    groups.sort(key=lambda group: (-group.complete - group.failed, group.code))
    return [_total(groups), *groups]


def _group(code: str, name: str, outcomes: pd.DataFrame, tiers: pd.DataFrame, failed: pd.Series[int]) -> TumourGroup:
    counts = tuple(map(int, outcomes.loc[code].to_numpy())) if code in outcomes.index else (0,) * len(OUTCOMES)
    any_tiers = tuple(map(int, tiers.loc[code].to_numpy())) if code in tiers.index else (0,) * len(ANY_TIERS)
    return TumourGroup(code, name, sum(counts), int(failed.get(code, 0)), counts, any_tiers)


def _total(groups: Sequence[TumourGroup]) -> TumourGroup:
    return TumourGroup(
        ALL,
        "all tumour types",
        sum(group.complete for group in groups),
        sum(group.failed for group in groups),
        tuple(sum(column) for column in zip(*(group.outcomes for group in groups), strict=True)),
        tuple(sum(column) for column in zip(*(group.any_tiers for group in groups), strict=True)),
    )


def pooled(groups: Sequence[TumourGroup], most: int) -> list[TumourGroup]:
    """The first group and at most ``most`` tumour types; what exceeds them becomes one group of others."""
    total, types = groups[0], list(groups[1:])
    if len(types) <= most:
        return [total, *types]
    rest = _total(types[most - 1 :])
    others = TumourGroup(
        "others", f"{len(types) - most + 1} other types", rest.complete, rest.failed, rest.outcomes, rest.any_tiers
    )
    return [total, *types[: most - 1], others]


def summary_rows(groups: Sequence[TumourGroup]) -> list[tuple[str, ...]]:
    """Rows of summary.tsv in the order of the groups."""
    rows: list[tuple[str, ...]] = []
    for group in groups:
        response = {
            **dict(zip(OUTCOMES, group.outcomes, strict=True)),
            ACTIONABLE: group.actionable,
            TIER_I: group.tier_one,
        }
        sheet = group.complete + group.failed
        measures: tuple[tuple[str, Mapping[str, int], int], ...] = (
            ("response", response, group.complete),
            ("any", dict(zip(ANY_TIERS, group.any_tiers, strict=True)), group.complete),
            ("analysis", {"complete": group.complete, "failed": group.failed}, sheet),
        )
        for measure, counts, of in measures:
            rows += [
                (measure, group.code, group.name, outcome, str(number), str(of), *share(number, of))
                for outcome, number in counts.items()
            ]
    return rows


def share(number: int, of: int) -> tuple[str, str, str]:
    """Share and its 95 % Wilson interval with four decimals; empty without samples."""
    if of == 0:
        return "", "", ""
    low, high = wilson_interval(number, of)
    return f"{number / of:.4f}", f"{low:.4f}", f"{high:.4f}"
