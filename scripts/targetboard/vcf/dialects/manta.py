"""Manta (structural variants): read pairs (PR) and split reads (SR) are no allele fraction; VAF is not available."""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import REAL_FILE, Dialect, FieldSet, Place, Signature, StatusRule

DIALECT = Dialect(
    name="manta",
    title="Manta",
    basis=REAL_FILE,
    documentation="a Manta 1.0 somatic file",
    signature=Signature(
        sources=(r"generatesvcandidates", r"manta"),
        fields=(FieldSet(format=("PR", "SR"), info=("BND_DEPTH", "MATEID")),),
    ),
    rules=(),
    no_fraction="Manta counts read pairs (PR) and split reads (SR), which are no allele fraction",
    status=(StatusRule(Place.INFO, "SOMATIC", {"": "somatic"}),),
)
