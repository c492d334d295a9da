"""Torrent Variant Caller (Ion Torrent): VAF = FAO/FDP, the flow evaluator's counts, from which the caller takes AF.

AO, RO and DP are the counts before flow evaluation and serve only where the flow counts are missing. Hotspot rows that
were looked at and not called stay in the file (GT 0/0 or ./., FILTER NOCALL).
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import (
    FROM_DOCUMENTATION,
    Dialect,
    FieldSet,
    Rule,
    RuleKind,
    Signature,
    StrandRule,
)

DIALECT = Dialect(
    name="tvc",
    title="Torrent Variant Caller",
    basis=FROM_DOCUMENTATION,
    documentation="header writer of Ion Torrent TS (FORMAT FAO, FRO, FDP, AF, FSRF…FSAR)",
    signature=Signature(
        sources=(r"tvc",),
        lines=(r"##source=.*Torrent Variant Caller",),
        fields=(FieldSet(format=("FAO", "FRO", "FDP")),),
    ),
    rules=(
        Rule(RuleKind.ALT_OVER_DEPTH, "FAO", depth="FDP"),
        Rule(RuleKind.ALT_AND_REFERENCE, "AO", reference="RO"),
        Rule(RuleKind.FRACTION, "AF", depth="FDP"),
    ),
    strand=(StrandRule(("FSRF", "FSRR", "FSAF", "FSAR")), StrandRule(("SRF", "SRR", "SAF", "SAR"))),
)
