"""DeepSomatic: VAF = AD alt/sum(AD); FORMAT VAF is kept as the caller's.

It writes DeepVariant's header with one more filter, GERMLINE; germline and reference candidates stay in the file. The
genotype of a somatic call is 1/1 whatever its VAF.
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
    name="deepsomatic",
    title="DeepSomatic",
    basis=FROM_DOCUMENTATION,
    documentation="DeepVariant headers (FORMAT AD, VAF) and its source's filter names (RefCall, GERMLINE, PON)",
    signature=Signature(
        sources=(r"deepsomatic",),
        lines=(r"##DeepSomatic_version=",),
        fields=(FieldSet(format=("AD", "VAF"), filters=("GERMLINE", "RefCall")),),
    ),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"), Rule(RuleKind.FRACTION, "VAF", depth="DP")),
    status=(StatusRule(Place.FILTER, "FILTER", {"GERMLINE": "germline", "RefCall": "reference", "PASS": "somatic"}),),
)
