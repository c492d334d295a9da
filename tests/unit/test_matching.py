"""The consequence an allele is read by, chosen without matching it."""

from __future__ import annotations

from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.loci import Loci
from targetboard.matching import Known, chosen_of, variant_of
from targetboard.model import Allele, Assembly, InputAllele, Observation, TranscriptConsequence
from targetboard.vcf.candidate import Candidate


@pytest.fixture(scope="module")
def known(root: Path) -> Known:
    base = load([root / "resources/knowledge"])
    return Known(base, Assembly.GRCH38, Loci.of(base, Assembly.GRCH38))


def candidate(allele: Allele, *consequences: TranscriptConsequence) -> Candidate:
    given = InputAllele(1, 1, allele.chrom, allele.pos, allele.ref, allele.alt, 0)
    return Candidate(allele, given, Observation(0.2, "AD", 100, 20, "PASS"), consequences)


def consequence(gene: str, transcript: str, term: str = "missense_variant", hgvsp: str = "") -> TranscriptConsequence:
    return TranscriptConsequence(gene, transcript, (term,), "CSQ", hgvsp=hgvsp)


@pytest.mark.parametrize(
    ("allele", "consequences"),
    [
        (Allele("7", 55191822, "T", "G"), ()),
        (Allele("7", 55191822, "T", "G"), (("EGFR", "NM_005228.5", "missense_variant", "p.Leu858Arg"),)),
        (
            Allele("7", 55191822, "T", "G"),
            (
                ("EGFR", "NM_201284.2", "intron_variant", ""),
                ("EGFR", "ENST00000275493.7", "missense_variant", "p.Leu858Arg"),
            ),
        ),
        (
            Allele("7", 55191822, "T", "G"),
            (
                ("KRAS", "NM_004985.5", "missense_variant", "p.Gly12Asp"),
                ("EGFR", "NM_005228.5", "missense_variant", "p.Leu858Arg"),
            ),
        ),
        (Allele("7", 55191822, "T", "G"), (("EGFR-AS1", "NR_047551.1", "downstream_gene_variant", ""),)),
        (Allele("1", 5, "T", "G"), (("NOWHERE", "NM_1.1", "missense_variant", "p.Leu1Arg"),)),
        (Allele("1", 5, "T", "G"), ()),
    ],
)
def test_chosen_of_is_what_variant_of_chooses(
    known: Known, allele: Allele, consequences: tuple[tuple[str, str, str, str], ...]
) -> None:
    found = candidate(allele, *(consequence(*one) for one in consequences))
    assert chosen_of(known, found) == variant_of(known, found).chosen
