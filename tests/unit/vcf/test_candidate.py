"""An annotation speaks for its own allele only."""

from __future__ import annotations

import pytest

from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf.candidate import names_another_allele


@pytest.mark.parametrize(
    ("hgvsc", "ref", "alt", "foreign"),
    [
        ("c.524G>A", "C", "T", False),
        ("c.524G>A", "G", "A", False),
        ("c.524G>A", "C", "A", True),
        ("c.1799_1800delinsAA", "CA", "TT", False),
        ("c.375+1G>T", "C", "A", False),
        ("c.375+1G>T", "C", "G", True),
        ("c.-124C>T", "G", "A", False),
        ("c.35dup", "C", "CA", False),
        ("", "C", "A", False),
    ],
)
def test_bases_of_a_substitution(hgvsc: str, ref: str, alt: str, foreign: bool) -> None:
    consequence = TranscriptConsequence("TP53", "NM_000546.5", ("missense_variant",), "CSQ", hgvsc=hgvsc)
    assert names_another_allele(consequence, Allele("17", 7675088, ref, alt)) is foreign
