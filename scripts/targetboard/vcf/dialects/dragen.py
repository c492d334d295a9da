"""DRAGEN small variants, somatic: VAF = AD alt/sum(AD); AF is kept as the caller's VAF.

AD counts informative reads only. The command line in the header names the columns (``--RGSM``, ``--RGSM-tumor``) where
the run started from reads. GermlineStatus appears with germline tagging (values seen in public code:
Germline_DB, Germline_Proxi, Somatic, Somatic_Putative_DB).
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    FROM_DOCUMENTATION,
    Dialect,
    Place,
    Rule,
    RuleKind,
    Signature,
    StatusRule,
    StrandRule,
)

DIALECT = Dialect(
    name="dragen",
    title="DRAGEN",
    basis=FROM_DOCUMENTATION,
    documentation="public DRAGEN 3.8 headers (FORMAT AD, AF, F1R2, SB) and the DRAGEN guide, somatic mode",
    signature=Signature(sources=(r"dragen",), lines=(r"##DRAGENCommandLine=",)),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD"), Rule(RuleKind.FRACTION, "AF", depth="DP")),
    strand=(StrandRule(("SB",)),),
    status=(
        StatusRule(Place.INFO, "GermlineStatus", {"Germline*": "germline", "Somatic*": "somatic"}),
        StatusRule(Place.FILTER, "FILTER", {"non_homref_normal": "in normal", "alt_allele_in_normal": "in normal"}),
        StatusRule(Place.INFO, "SOMATIC", {"": "somatic"}),
    ),
)
