"""RADIA: VAF = AD alt/sum(AD) of the tumour's DNA; a third column holds the tumour's RNA and is left alone.

FORMAT AF has one value per allele, the reference included; INFO AF, DP and FA add DNA, RNA and normal together and are
not read.
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
    name="radia",
    title="RADIA",
    basis=REAL_FILE,
    documentation="a RADIA 1.1.5 file with DNA_NORMAL, DNA_TUMOR and RNA_TUMOR columns",
    signature=Signature(sources=(r"radia",), lines=(r"##vcfGenerator=.*algorithm=<RADIA>",)),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"), Rule(RuleKind.FRACTION, "AF", depth="DP", per_allele=True)),
    status=(StatusRule(Place.FORMAT, "SS", SS_WORDS),),
    tumour_names=("DNA_TUMOR",),
    normal_names=("DNA_NORMAL",),
)
