"""LoFreq: no sample columns; VAF = (DP4 alternate + and -)/DP in INFO, which is how the caller computes AF.

DP is the raw depth of the pileup column, so bases that are neither reference nor this ALT count in it.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    FROM_DOCUMENTATION,
    Dialect,
    FieldSet,
    Place,
    Rule,
    RuleKind,
    Signature,
    StrandRule,
)

DIALECT = Dialect(
    name="lofreq",
    title="LoFreq",
    basis=FROM_DOCUMENTATION,
    documentation="CSB5/lofreq src/lofreq/vcf.c (INFO fields) and lofreq_call.c (AF = alternate bases/coverage)",
    signature=Signature(sources=(r"lofreq",), fields=(FieldSet(info=("AF", "DP4", "SB", "CONSVAR")),)),
    rules=(
        Rule(RuleKind.STRAND_COUNTS, "DP4", depth="DP", place=Place.INFO),
        Rule(RuleKind.FRACTION, "AF", depth="DP", place=Place.INFO),
    ),
    strand=(StrandRule(("DP4",), Place.INFO),),
)
