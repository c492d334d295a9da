"""MuSE: VAF = AD alt/sum(AD); FILTER PASS or Tier1…Tier5 says how sure the call is.

A tier is a grade of confidence and no rejection: all five are read as calls, and the report shows the tier.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    REAL_FILE,
    SS_WORDS,
    Dialect,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
)

DIALECT = Dialect(
    name="muse",
    title="MuSE",
    basis=REAL_FILE,
    documentation="a MuSE 1.0rc file with TUMOR and NORMAL columns",
    signature=Signature(sources=(r"muse",), lines=(r"##MuSE_(?:version|call|sump)",)),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"),),
    accepted_filters=frozenset({"Tier1", "Tier2", "Tier3", "Tier4", "Tier5"}),
    status=(StatusRule(Place.FORMAT, "SS", SS_WORDS), StatusRule(Place.INFO, "SOMATIC", {"": "somatic"})),
)
