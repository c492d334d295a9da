"""MuTect 1: VAF = AD alt/sum(AD); FA is the same ratio, rounded.

The header of MuTect 1 declares FA as "Allele fraction of the alternate allele with regard to reference". Rejected
candidates stay in the file with FILTER REJECT; kept ones are PASS, or KEEP in older versions.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    REAL_FILE,
    SS_WORDS,
    Dialect,
    FieldSet,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
)

DIALECT = Dialect(
    name="mutect1",
    title="MuTect 1",
    basis=REAL_FILE,
    documentation="a MuTect 1 file with TUMOR and NORMAL columns",
    signature=Signature(
        sources=(r"mutect(?!2)",),
        lines=(r"##GATKCommandLine=<ID=MuTect,", r"##MuTect="),
        fields=(
            FieldSet(
                format=("AD", "BQ", "FA"),
                description=(("FA", "Allele fraction of the alternate allele with regard to reference"),),
            ),
        ),
    ),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"), Rule(RuleKind.FRACTION, "FA", depth="DP")),
    status=(
        StatusRule(Place.FORMAT, "SS", SS_WORDS),
        StatusRule(Place.FILTER, "FILTER", {"PASS": "somatic", "KEEP": "somatic", "REJECT": "rejected"}),
    ),
)
