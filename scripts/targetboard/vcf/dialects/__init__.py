"""Caller dialects: one file per caller says how it writes VAF, depth, strand, status and sample names.

``recognise`` finds the dialect from the header, ``resolve_roles`` the tumour column, ``observe`` reads a record. To
add a caller, add one module with a ``DIALECT`` (:class:`~targetboard.vcf.dialects.declaration.Dialect`) to this folder
and a fixture to ``tests/data/dialects``.
"""

from targetboard.vcf.dialects.declaration import Dialect
from targetboard.vcf.dialects.observing import observe
from targetboard.vcf.dialects.recognition import Recognition, recognise, recognition, recognition_evidence
from targetboard.vcf.dialects.registry import DIALECTS
from targetboard.vcf.dialects.roles import resolve_roles

__all__ = [
    "DIALECTS",
    "Dialect",
    "Recognition",
    "observe",
    "recognise",
    "recognition",
    "recognition_evidence",
    "resolve_roles",
]
