"""Whether a record is a call of the tumour, in the caller's own words."""

from __future__ import annotations

import re

from targetboard.model import Observation, Variant
from targetboard.vcf.dialects import Dialect

NO_CALL_FILTERS = frozenset({"RefCall", "NoCall", "NOCALL"})
"""FILTER values by which callers say that a listed position is no call."""
READS_AGAINST_GENOTYPE = 5
"""Reads with the allele from which a genotype without it is not believed."""


def not_called_in_tumour(variant: Variant) -> bool:
    """Whether the record says that the tumour does not carry the allele.

    No read carries it; or the caller names the record no call (torrent hotspots, DeepSomatic); or the tumour's genotype
    is another one, and too few reads speak against it. A record without genotype and counts is believed to be a call.
    """
    seen = variant.observation
    if seen.alt_depth == 0 or (seen.somatic_status or "").startswith("reference"):
        return True
    if set(seen.filter.split(";")) & NO_CALL_FILTERS:
        return True
    called = re.findall(r"\d+|\.", seen.genotype or "")
    wanted = str(variant.input.alt_index + 1)
    return bool(called) and wanted not in called and (seen.alt_depth or 0) < READS_AGAINST_GENOTYPE


def reads_in_words(seen: Observation) -> str:
    """``12 of 640 reads``, or that the counts are not known."""
    if seen.alt_depth is None or seen.depth is None:
        return "reads not stated"
    return f"{seen.alt_depth} of {seen.depth} reads"


def accepted_filter(text: str, dialect: Dialect) -> bool:
    """Whether FILTER counts as passed: PASS, missing, or a value the caller's dialect calls a pass (MuSE Tier1…)."""
    return text in {"PASS", ".", ""} or (bool(text) and set(text.split(";")) <= dialect.accepted_filters)
