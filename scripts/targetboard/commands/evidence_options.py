"""Options that join population frequencies and computed scores; shared by the verbs that classify."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from targetboard.vcf.scores import EvidenceRequest


def add_evidence_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--frequencies``, ``--frequencies-complete``, ``--scores`` and ``--evidence-field``."""
    parser.add_argument(
        "--frequencies",
        metavar="VCF",
        type=Path,
        action="append",
        default=[],
        help="tabix-indexed VCF with population frequencies (gnomAD's INFO names); may be repeated",
    )
    parser.add_argument(
        "--frequencies-complete",
        action="store_true",
        help="the frequency files (or the gnomAD fields of the annotation) list every allele of their populations: one"
        " without an entry is absent from them",
    )
    parser.add_argument(
        "--scores",
        metavar="VCF",
        type=Path,
        action="append",
        default=[],
        help="tabix-indexed VCF with REVEL, AlphaMissense, CADD, SpliceAI or PhyloP in INFO; may be repeated",
    )
    parser.add_argument(
        "--evidence-field",
        metavar="NAME=FIELD",
        action="append",
        default=[],
        help="a further field name, for example REVEL=my_revel or AF_NFE=nfe_freq; may be repeated",
    )


def evidence_request(options: argparse.Namespace) -> EvidenceRequest:
    """What the options ask to join.

    Raises
    ------
    UsageError
        If a field name is not understood.
    """
    from targetboard.vcf.scores import EvidenceFields, EvidenceRequest

    return EvidenceRequest(
        tuple(options.frequencies),
        tuple(options.scores),
        frequencies_complete=options.frequencies_complete,
        fields=EvidenceFields.parse(options.evidence_field),
    )
