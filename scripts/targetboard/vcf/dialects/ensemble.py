"""Merged call sets (bcbio ensemble, TCGA merges, SomaticSeq): each record has the fields of the callers that made it.

The rules of the generic dialect are tried record by record, and the one that fired is named.
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import REAL_FILE, Dialect, Signature
from targetboard.vcf.dialects.generic import TRIED_RULES, TRIED_STATUS, TRIED_STRANDS

DIALECT = Dialect(
    name="ensemble",
    title="merged call set",
    basis=REAL_FILE,
    documentation="a bcbio ensemble, a TCGA merge of three callers and a merge of VarScan, Strelka, Pindel and GATK",
    signature=Signature(),
    rules=TRIED_RULES,
    strand=TRIED_STRANDS,
    status=TRIED_STATUS,
    tries_rules=True,
)
