"""VarScan 2: VAF = AD/(RD+AD), which is what FREQ says in per cent.

AD is the variant count alone (Number=1), RD the reference count; FREQ is percent text ("38.46%"). Tools that overwrite
AD with GATK's pair leave RD and DP4 (ref+, ref-, var+, var-) as the caller's counts, so DP4 comes before such a pair.
SS=1 rows are germline and PASS all the same.
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
    StrandRule,
)

DIALECT = Dialect(
    name="varscan2",
    title="VarScan 2",
    basis=REAL_FILE,
    documentation="VarScan 2 somatic files, one of them with AD and FREQ rewritten by later tools",
    signature=Signature(
        sources=(r"varscan",), fields=(FieldSet(format=("RD", "AD", "FREQ", "DP4"), info=("SPV", "GPV")),)
    ),
    rules=(
        Rule(RuleKind.ALT_AND_REFERENCE, "AD", reference="RD"),
        Rule(RuleKind.STRAND_COUNTS, "DP4"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
        Rule(RuleKind.PERCENT, "FREQ", depth="DP"),
    ),
    strand=(StrandRule(("DP4",)),),
    status=(StatusRule(Place.INFO, "SS", SS_WORDS),),
)
