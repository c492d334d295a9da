"""Delly (structural variants): pairs (DR, DV) and junction reads (RR, RV) are no allele fraction; no VAF."""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import REAL_FILE, Dialect, FieldSet, Place, Signature, StatusRule

DIALECT = Dialect(
    name="delly",
    title="Delly",
    basis=REAL_FILE,
    documentation="a Delly 0.7.7 somatic file with TUMOR and NORMAL columns",
    signature=Signature(
        sources=(r"delly",), fields=(FieldSet(format=("DR", "DV", "RR", "RV"), info=("SVMETHOD", "CT")),)
    ),
    rules=(),
    no_fraction="Delly counts pairs (DR, DV) and junction reads (RR, RV), which are no allele fraction",
    status=(StatusRule(Place.INFO, "SOMATIC", {"": "somatic"}),),
)
