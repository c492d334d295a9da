"""Any other VCF: the ways of counting are tried in turn, the most telling first, and the one that fired is named.

Fields that only one caller writes come before AD, since merged files carry an AD that another tool filled in (a lone
AD beside TIR/TAR is Strelka's TAR, not the alternate count). INFO AF is never read: it may be a population or genotype
frequency.
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
    StrandRule,
)

TRIED_RULES = (
    Rule(RuleKind.INDEL_TIERS, "TIR", reference="TAR"),
    Rule(RuleKind.BASE_COUNTS, "U"),
    Rule(RuleKind.ALT_OVER_DEPTH, "FAO", depth="FDP"),
    Rule(RuleKind.ALT_AND_REFERENCE, "AO", reference="RO"),
    Rule(RuleKind.ALT_OVER_DEPTH, "VD", depth="DP"),
    Rule(RuleKind.ALT_AND_REFERENCE, "AD", reference="RD"),
    Rule(RuleKind.ALLELE_DEPTHS, "AD"),
    Rule(RuleKind.BASE_COUNT_LIST, "BCOUNT"),
    Rule(RuleKind.STRAND_COUNTS, "DP4"),
    Rule(RuleKind.ALT_OVER_DEPTH, "AO", depth="DP"),
    Rule(RuleKind.PERCENT, "FREQ", depth="DP"),
    Rule(RuleKind.FRACTION, "AF", depth="DP"),
    Rule(RuleKind.FRACTION, "VAF", depth="DP"),
    Rule(RuleKind.FRACTION, "FA", depth="DP"),
    Rule(RuleKind.FRACTION, "VF", depth="DP"),
    Rule(RuleKind.STRAND_COUNTS, "DP4", place=Place.INFO),
)
TRIED_STRANDS = (StrandRule(("SB",)), StrandRule(("DP4",)), StrandRule(("RD", "ALD")), StrandRule(("DP4",), Place.INFO))
TRIED_STATUS = (
    StatusRule(
        Place.INFO,
        "STATUS",
        {
            "StrongSomatic": "somatic",
            "LikelySomatic": "somatic",
            "Germline": "germline",
            "StrongLOH": "LOH",
            "LikelyLOH": "LOH",
        },
        unknown="undetermined",
    ),
    StatusRule(Place.FORMAT, "SS", SS_WORDS),
    StatusRule(Place.INFO, "SS", SS_WORDS),
    StatusRule(Place.FILTER, "FILTER", {"germline": "germline", "GERMLINE": "germline", "germline_risk": "germline"}),
    StatusRule(Place.INFO, "SOMATIC", {"": "somatic"}),
)

DIALECT = Dialect(
    name="generic",
    title="unknown caller",
    basis=REAL_FILE,
    documentation="files of unnamed origin with AD, with GT only, and with INFO DP4 (samtools)",
    signature=Signature(),
    rules=TRIED_RULES,
    strand=TRIED_STRANDS,
    status=TRIED_STATUS,
    tries_rules=True,
)
