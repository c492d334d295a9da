"""ClairS (long reads, tumour/normal): one column; VAF = AD/DP, where AD is the alternate count alone.

The normal's values stand in the tumour's column as NAD and NDP.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    FROM_DOCUMENTATION,
    Dialect,
    FieldSet,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
)

DIALECT = Dialect(
    name="clairs",
    title="ClairS",
    basis=FROM_DOCUMENTATION,
    documentation="HKU-BAL/ClairS shared/vcf.py",
    signature=Signature(sources=(r"clairs(?!-to)",), fields=(FieldSet(format=("AF", "AD", "NAF", "NAD", "NDP")),)),
    rules=(
        Rule(RuleKind.ALT_OVER_DEPTH, "AD", depth="DP"),
        Rule(RuleKind.BASE_COUNTS, "U"),
        Rule(RuleKind.FRACTION, "AF", depth="DP"),
    ),
    status=(
        StatusRule(
            Place.FILTER, "FILTER", {"Germline": "germline", "NonSomatic": "not somatic", "RefCall": "reference"}
        ),
    ),
    normal_rules=(Rule(RuleKind.ALT_OVER_DEPTH, "NAD", depth="NDP"), Rule(RuleKind.FRACTION, "NAF", depth="NDP")),
    normal_total_depth="NDP",
)
