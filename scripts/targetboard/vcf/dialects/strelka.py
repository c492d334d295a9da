"""Strelka 1 and 2, SNVs and indels: tier 1 counts, VAF = alt/(alt + ref).

SNVs: AU CU GU TU hold (tier 1, tier 2) counts per base. Indels: TIR (indel) and TAR (alternate to the indel). There
is no AD and no AF in the somatic files (Illumina/strelka issues 205 and 233); both record kinds may share one file. The
germline workflow writes AD.
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
)

DIALECT = Dialect(
    name="strelka",
    title="Strelka",
    basis=REAL_FILE,
    documentation="Strelka 1 files with SNVs and indels; Strelka 2.9 header lines",
    signature=Signature(
        sources=(r"strelka",),
        lines=(r"##content=strelka ",),
        fields=(
            FieldSet(format=("AU", "CU", "GU", "TU", "FDP", "SDP", "SUBDP")),
            FieldSet(format=("TAR", "TIR", "TOR", "DP2")),
        ),
    ),
    rules=(
        Rule(RuleKind.INDEL_TIERS, "TIR", reference="TAR"),
        Rule(RuleKind.BASE_COUNTS, "U"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
    ),
    status=(StatusRule(Place.INFO, "SOMATIC", {"": "somatic"}),),
)
