"""FreeBayes: VAF = AO/(RO + sum(AO)) of the sample.

INFO AF is the frequency of the allele in the called genotypes (0.5 for a heterozygote), never a VAF, and is not read.
AO has one value per ALT. Files stripped of RO are read as AO/DP. Strand counts stand in INFO for all samples together
and are used for one-sample files only.
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
    StrandRule,
)

DIALECT = Dialect(
    name="freebayes",
    title="FreeBayes",
    basis=REAL_FILE,
    documentation="one-sample and tumour/normal FreeBayes 0.9 files",
    signature=Signature(
        sources=(r"freebayes",), fields=(FieldSet(format=("AO", "DP"), info=("ODDS", "GTI", "PAIREDR", "DPRA")),)
    ),
    rules=(
        Rule(RuleKind.ALT_AND_REFERENCE, "AO", reference="RO"),
        Rule(RuleKind.ALT_OVER_DEPTH, "AO", depth="DP"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
    ),
    strand=(StrandRule(("SRF", "SRR", "SAF", "SAR"), Place.INFO),),
)
