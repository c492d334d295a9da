"""The TCGA call sets distributed with PCGR: tumour and normal in one column; VAF = ADT alt/sum(ADT).

DPT and ADT are the tumour's depth and allele depths, DPC and ADC the control's. VCFs prepared for PCGR carry INFO TDP
and TVAF, which serve where there are no samples.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import REAL_FILE, Dialect, FieldSet, Place, Rule, RuleKind, Signature

DIALECT = Dialect(
    name="pcgr_tcga",
    title="PCGR TCGA merge",
    basis=REAL_FILE,
    documentation="four files of PCGR's examples, TCGA breast and colon tumours in both assemblies",
    signature=Signature(fields=(FieldSet(format=("DPT", "ADT", "DPC", "ADC")), FieldSet(info=("TVAF", "TDP")))),
    rules=(
        Rule(RuleKind.ALLELE_DEPTHS, "ADT", missing_depth="DPT"),
        Rule(RuleKind.FRACTION, "TVAF", depth="TDP", place=Place.INFO),
    ),
    normal_rules=(Rule(RuleKind.ALLELE_DEPTHS, "ADC", missing_depth="DPC"),),
    total_depth="DPT",
    normal_total_depth="DPC",
)
