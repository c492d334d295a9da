"""VarDict and VarDictJava: VAF = VD/DP, which is how the caller computes AF.

The caller writes AD as (RD forward + reverse, VD), so reads of a third allele count in DP but not in AD; later tools
overwrite AD with their own counts (GATK VariantAnnotator does), never VD. INFO AF, DP and VD repeat the tumour's
values. var2vcf_paired.pl names the normal column after the tumour with ``-match`` unless told otherwise, and writes
no contig lines. INFO STATUS holds the verdict of paired calling.
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
    name="vardict",
    title="VarDict",
    basis=REAL_FILE,
    documentation="paired, tumour-only and filtered VarDict 1.8.2 files; AstraZeneca-NGS/VarDict var2vcf_paired.pl",
    signature=Signature(
        sources=(r"vardict",),
        fields=(FieldSet(format=("VD", "HIAF", "ADJAF", "SBF"), info=("MSILEN", "LSEQ", "RSEQ")),),
    ),
    rules=(
        Rule(RuleKind.ALT_OVER_DEPTH, "VD", depth="DP"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
        Rule(RuleKind.FRACTION, "AF", depth="DP"),
    ),
    strand=(StrandRule(("RD", "ALD")),),
    status=(
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
    ),
    normal_suffix="-match",
)
