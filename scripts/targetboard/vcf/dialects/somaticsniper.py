"""SomaticSniper: VAF = BCOUNT of the ALT/sum(BCOUNT); BCOUNT lists A,C,G,T.

DP4 (ref+, ref-, alt+, alt-) serves where BCOUNT is missing; it adds the ALTs of a record together, BCOUNT does not.
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
    name="somaticsniper",
    title="SomaticSniper",
    basis=REAL_FILE,
    documentation="a SomaticSniper 1.0.5 file with NORMAL and TUMOR columns",
    signature=Signature(
        sources=(r"(?:bam-?)?(?:somatic-?)?sniper",),
        lines=(r"##vcfProcessLog=.*InputVCFSource=<?\"?bam-somaticsniper",),
        fields=(FieldSet(format=("IGT", "BCOUNT", "JGQ", "VAQ", "AMQ")),),
    ),
    rules=(
        Rule(RuleKind.BASE_COUNT_LIST, "BCOUNT"),
        Rule(RuleKind.STRAND_COUNTS, "DP4"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
    ),
    strand=(StrandRule(("DP4",)),),
    status=(StatusRule(Place.FORMAT, "SS", SS_WORDS),),
)
