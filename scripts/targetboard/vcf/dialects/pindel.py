"""Pindel: VAF = AD alt/sum(AD).

The genotype is often 0/0 although reads carry the variant. The reference count of pindel2vcf is known to be low for
long events. Files of the TCGA may hold single VarScan records (AD alone beside RD).
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
    name="pindel",
    title="Pindel",
    basis=REAL_FILE,
    documentation="a pindel2vcf 0.6.3 file with NORMAL and TUMOR columns",
    signature=Signature(
        sources=(r"pindel",),
        lines=(r"##vcfProcessLog=.*InputVCFSource=<?\"?pindel2vcf",),
        fields=(FieldSet(info=("NTLEN", "HOMLEN", "HOMSEQ", "SVLEN", "SVTYPE")),),
    ),
    rules=(
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
        Rule(RuleKind.ALT_AND_REFERENCE, "AD", reference="RD"),
        Rule(RuleKind.STRAND_COUNTS, "DP4"),
    ),
    status=(StatusRule(Place.FORMAT, "SS", SS_WORDS),),
)
