"""Rows laid out by place: whatever may match or be a near miss is tried, and in a large gene little else."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targetboard.knowledge import match as matching
from targetboard.knowledge.match import MatchResult, match
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.knowledge.rows import NEAR_CODONS, GeneRows, rows_of
from targetboard.model import Allele, Assembly, TranscriptConsequence
from targetboard.vcf.hgvs import THREE_LETTER

RESIDUES = sorted(set(THREE_LETTER.values()) - {"Xaa", "Ter"})
KNOWN = {"INVO1": ("1", "NM_900001.2"), "INVT1": ("2", "NM_900002.1"), "EGFR": ("7", "NM_005228.5")}


def _everything(rows: GeneRows) -> GeneRows:
    """The same rows, all of them tried for every allele."""
    every = {row.alteration.alteration_id: row for row in rows.anywhere}
    for groups in (rows.by_codon, rows.by_exon, rows.by_exchange):
        every.update((row.alteration.alteration_id, row) for group in groups.values() for row in group)
    every.update((row.alteration.alteration_id, row) for _, row in rows.placed)
    return replace(rows, anywhere=tuple(every.values()))


def _matched(kb: KnowledgeBase, allele: Allele, found: TranscriptConsequence) -> MatchResult:
    return match(kb, Assembly.GRCH38, allele, found, (found,))


@st.composite
def _consequences(draw: st.DrawFn) -> tuple[Allele, TranscriptConsequence]:
    gene = draw(st.sampled_from(sorted(KNOWN)))
    chrom, transcript = KNOWN[gene]
    codon = draw(st.integers(1, 130)) + (draw(st.sampled_from([0, 690, 740])) if gene == "EGFR" else 0)
    first, last, new = (draw(st.sampled_from(RESIDUES)) for _ in range(3))
    end = codon + draw(st.integers(1, 12))
    hgvsp, term = draw(
        st.sampled_from(
            [
                (f"p.{first}{codon}{new}", "missense_variant"),
                (f"p.{first}{codon}Ter", "stop_gained"),
                (f"p.{first}{codon}fs", "frameshift_variant"),
                (f"p.{first}{codon}_{last}{end}del", "inframe_deletion"),
                (f"p.{first}{codon}_{last}{end}dup", "inframe_insertion"),
                (f"p.{first}{codon}_{last}{end}delins{new}", "inframe_deletion"),
                (f"p.{first}{codon}_{last}{codon + 1}ins{new}", "inframe_insertion"),
                ("", "splice_acceptor_variant"),
                ("", "missense_variant"),
            ]
        )
    )
    ref, alt = draw(st.sampled_from([("A", "C"), ("A", "ACGT"), ("ACGT", "A"), ("A" * 60, "A")]))
    found = TranscriptConsequence(
        gene=gene,
        transcript=draw(st.sampled_from([transcript, transcript, "NM_900101.1", "NM_777777.1", ""])),
        terms=(term,),
        source="CSQ",
        hgvsp=hgvsp,
        exon=draw(st.sampled_from([None, 3, 4, 5, 6, 19, 20])),
        codon=draw(st.sampled_from([None, codon])) if not hgvsp else None,
        canonical=draw(st.booleans()),
    )
    return Allele(chrom, draw(st.integers(4100, 4300) | st.integers(7900, 8100)), ref, alt), found


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
@given(drawn=_consequences())
def test_nothing_is_lost_by_trying_few_rows(
    kb: KnowledgeBase, drawn: tuple[Allele, TranscriptConsequence], monkeypatch: pytest.MonkeyPatch
) -> None:
    allele, found = drawn
    few = _matched(kb, allele, found)
    with monkeypatch.context() as patched:
        patched.setattr(matching, "rows_of", lambda *asked: _everything(rows_of(*asked)))
        assert _matched(kb, allele, found) == few


def _crowded(kb: KnowledgeBase) -> tuple[KnowledgeBase, list[Alteration]]:
    """INVT1 with one row at each of three hundred codons."""
    like = kb.alterations["INVO1_V60"]
    many = [replace(like, alteration_id=f"COPY_{i}", gene="INVT1", codon_first=i, codon_last=i) for i in range(1, 301)]
    return replace(kb, alterations_by_gene={"INVT1": tuple(many)}), many


def test_of_three_hundred_rows_those_nearby_are_tried(kb: KnowledgeBase) -> None:
    crowded, _ = _crowded(kb)
    rows = rows_of(crowded, crowded.genes["INVT1"], Assembly.GRCH38)
    allele = Allele("2", 5, "A", "C")
    tried: Iterable[str] = [row.alteration.alteration_id for row in rows.near(allele, (100, 102), None, None)]
    assert sorted(tried) == sorted(f"COPY_{i}" for i in range(100 - NEAR_CODONS, 102 + NEAR_CODONS + 1))
    assert not list(rows.near(allele, None, None, None))


def test_a_changed_copy_is_laid_out_anew(kb: KnowledgeBase) -> None:
    gene = kb.genes["INVT1"]
    rows = rows_of(kb, gene, Assembly.GRCH38)
    assert rows_of(kb, gene, Assembly.GRCH38) is rows
    crowded, many = _crowded(kb)
    assert len(_everything(rows_of(crowded, gene, Assembly.GRCH38)).anywhere) == len(many)
