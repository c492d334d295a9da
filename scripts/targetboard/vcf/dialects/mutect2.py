"""GATK Mutect2 (and M2 of GATK 3): VAF = AD alt/sum(AD).

AF is a model estimate and differs from the ratio of depths (broadinstitute/gatk issue 6067); it is kept as the caller's
VAF. AD has one value per allele, SB four strand counts, phase stands in PGT/PID (and PS). GATK 4 writes
``##tumor_sample`` and ``##normal_sample``; the columns come in either order.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    REAL_FILE,
    Dialect,
    FieldSet,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
    StrandRule,
)

DIALECT = Dialect(
    name="mutect2",
    title="Mutect2",
    basis=REAL_FILE,
    documentation="GATK 3.4 and 3.6 MuTect2 files; GATK 4 header lines ##MutectVersion, ##tumor_sample",
    signature=Signature(
        sources=(r"mutect2", r"filtermutectcalls"),
        lines=(
            r"##GATKCommandLine=<ID=(?:Mutect2|FilterMutectCalls)\b",
            r"##GATKCommandLine\.(?:M2|MuTect2)=",
            "##MutectVersion=",
        ),
        fields=(
            FieldSet(format=("AD", "AF", "F1R2", "F2R1"), info=("TLOD",)),
            FieldSet(format=("AD", "AF"), info=("TLOD", "NLOD", "ECNT")),
        ),
    ),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"), Rule(RuleKind.FRACTION, "AF", depth="DP")),
    strand=(StrandRule(("SB",)),),
    status=(
        StatusRule(
            Place.FILTER,
            "FILTER",
            {
                "germline": "germline",
                "germline_risk": "germline",
                "alt_allele_in_normal": "in normal",
                "normal_artifact": "in normal",
            },
        ),
    ),
)
