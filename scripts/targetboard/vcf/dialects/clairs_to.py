"""ClairS-TO (long reads, tumour only): VAF = AD alt/sum(AD); AF is kept as the caller's.

AU CU GU TU look like Strelka's but hold one count each. FILTER NonSomatic marks alleles found in population databases;
Verdict adds INFO flags from copy number and purity.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    FROM_DOCUMENTATION,
    Dialect,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
)

DIALECT = Dialect(
    name="clairs_to",
    title="ClairS-TO",
    basis=FROM_DOCUMENTATION,
    documentation="HKU-BAL/ClairS-TO shared/vcf.py and src/verdict/tag_germline_variant.py",
    signature=Signature(sources=(r"clairs-to",), lines=(r"##clairs-to_version=",)),
    rules=(
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
        Rule(RuleKind.BASE_COUNTS, "U"),
        Rule(RuleKind.FRACTION, "AF", depth="DP"),
    ),
    status=(
        StatusRule(Place.INFO, "Verdict_Germline", {"": "germline"}),
        StatusRule(Place.INFO, "Verdict_SubclonalSomatic", {"": "somatic"}),
        StatusRule(Place.INFO, "Verdict_Somatic", {"": "somatic"}),
        StatusRule(Place.FILTER, "FILTER", {"NonSomatic": "not somatic", "RefCall": "reference"}),
    ),
)
