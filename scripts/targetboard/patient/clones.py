"""Clonal, subclonal or between: the fraction of tumour cells in words, with the bounds the reads and purity allow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from targetboard.classify.flags import SUBCLONAL_FRACTION

CLONAL, SUBCLONAL, INTERMEDIATE, UNKNOWN = "clonal", "subclonal", "intermediate", "unknown"


def clonality(entry: Mapping[str, Any], *, plasma: bool) -> str:
    """Group of a variant by its ``ccf``: the bounds of the fraction of tumour cells, one mutated copy a cell.

    ``clonal`` where the bounds reach all tumour cells, ``subclonal`` where they stay below half of them (the rule of
    the flag), ``intermediate`` between, ``unknown`` without purity or read counts, and always in plasma, whose share of
    tumour DNA is not stated.
    """
    bounds = None if plasma else entry.get("ccf")
    if not bounds:
        return UNKNOWN
    if bounds[1] >= 1.0:
        return CLONAL
    return SUBCLONAL if bounds[1] < SUBCLONAL_FRACTION else INTERMEDIATE
