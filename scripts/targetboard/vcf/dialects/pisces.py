"""Pisces (also TSO500 LocalApp): VAF = AD alt/DP, which is how the caller computes VF.

The Pisces wiki works it out as 3488/30709 for AD 27165,3488 and DP 30709: other bases count in DP. Genome VCFs carry
rows with ALT '.', and consensus files (VennVcf) add VF0, VF1 … of the pools, which are not read.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import REAL_FILE, Dialect, FieldSet, Rule, RuleKind, Signature

DIALECT = Dialect(
    name="pisces",
    title="Pisces",
    basis=REAL_FILE,
    documentation="a Pisces 5.2.5 consensus file; Illumina/Pisces wiki, Frequently Asked Questions",
    signature=Signature(
        sources=(r"pisces",), lines=(r"##Pisces_cmdline=",), fields=(FieldSet(format=("AD", "VF", "NL", "SB")),)
    ),
    rules=(Rule(RuleKind.ALLELE_DEPTHS, "AD", depth="DP"), Rule(RuleKind.FRACTION, "VF", depth="DP")),
)
