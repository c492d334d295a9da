"""Every row of the released alterations and alleles, run through the real matching code.

Nothing here needs files outside the repository: the coordinates and sources of the rows are verified again in
``test_tables_real.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.match import MatchResult, match
from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase, KnownAllele
from targetboard.knowledge.rules import RULES
from targetboard.model import Allele, Assembly, MatchLevel, TranscriptConsequence
from targetboard.vcf.hgvs import ProteinChange, ProteinKind, format_protein, parse_protein

TERM = {
    ProteinKind.SUBSTITUTION: "missense_variant",
    ProteinKind.NONSENSE: "stop_gained",
    ProteinKind.FRAMESHIFT: "frameshift_variant",
    ProteinKind.DELETION: "inframe_deletion",
    ProteinKind.DUPLICATION: "inframe_insertion",
    ProteinKind.INSERTION: "inframe_insertion",
    ProteinKind.DELINS: "protein_altering_variant",
    ProteinKind.START_LOST: "start_lost",
    ProteinKind.EXTENSION: "stop_lost",
}
LENGTH_CHANGES = frozenset({ProteinKind.DELETION, ProteinKind.DUPLICATION, ProteinKind.INSERTION, ProteinKind.DELINS})


@pytest.fixture(scope="module")
def kb(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


def _transcript(gene: Gene) -> str:
    return gene.transcript_refseq or gene.transcript_ensembl


def _elsewhere(gene: Gene, net: int) -> Allele:
    """An allele of the gene's chromosome that no table lists, so that only the protein change can match."""
    return Allele(gene.chrom, 1, "A" * (1 + max(-net, 0)), "C" + "A" * max(net, 0))


def _net_bases(change: ProteinChange) -> int:
    span = change.end - change.start + 1
    by_kind = {
        ProteinKind.DELETION: -span,
        ProteinKind.DUPLICATION: span,
        ProteinKind.INSERTION: len(change.alt),
        ProteinKind.DELINS: len(change.alt) - span,
        ProteinKind.FRAMESHIFT: 0,
    }
    return 1 if change.kind is ProteinKind.FRAMESHIFT else 3 * by_kind.get(change.kind, 0)


def _match_change(kb: KnowledgeBase, gene: Gene, text: str) -> MatchResult:
    change = parse_protein(text)
    assert change is not None, text
    consequence = TranscriptConsequence(
        gene=gene.gene, transcript=_transcript(gene), terms=(TERM[change.kind],), source="CSQ", hgvsp=text
    )
    return match(kb, Assembly.GRCH38, _elsewhere(gene, _net_bases(change)), consequence, (consequence,))


def _protein_rows(kb: KnowledgeBase) -> Iterator[tuple[Alteration, str]]:
    for alteration in kb.alterations.values():
        if alteration.event == "protein":
            for text in alteration.protein_changes:
                yield alteration, text


def _ids(result: MatchResult) -> dict[str, MatchLevel]:
    return {found.alteration_id: found.level for found in result.matches}


def _alleles(kb: KnowledgeBase) -> Iterator[tuple[Assembly, KnownAllele]]:
    for assembly in Assembly:
        for rows in kb.alleles[assembly].values():
            for row in rows:
                yield assembly, row


def test_each_protein_change_matches_its_own_row(kb: KnowledgeBase) -> None:
    lost = [
        (alteration.alteration_id, text)
        for alteration, text in _protein_rows(kb)
        if _ids(_match_change(kb, kb.genes[alteration.gene], text)).get(alteration.alteration_id)
        is not MatchLevel.PROTEIN_CHANGE
    ]
    assert lost == []


def test_another_residue_at_the_codon_is_another_row(kb: KnowledgeBase) -> None:
    """A near miss for each substitution: the residue exchanged for a third one never matches the row."""
    caught = []
    for alteration, text in _protein_rows(kb):
        change = parse_protein(text)
        if change is None or change.kind is not ProteinKind.SUBSTITUTION:
            continue
        taken = {change.ref} | {
            other.alt
            for known in alteration.protein_changes
            if (other := parse_protein(known)) is not None and other.start == change.start
        }
        third = next(residue for residue in "AGVLKDPQ" if residue not in taken)
        near = f"p.{change.ref}{change.start}{third}"
        if alteration.alteration_id in _ids(_match_change(kb, kb.genes[alteration.gene], near)):
            caught.append((alteration.alteration_id, near))
    assert caught == []


def test_each_exact_allele_matches_its_own_row_without_annotation(kb: KnowledgeBase) -> None:
    checked = 0
    for assembly, row in _alleles(kb):
        if kb.alterations[row.alteration_id].event not in RULES:
            continue
        result = match(kb, assembly, Allele(row.chrom, row.pos, row.ref, row.alt), None, ())
        assert _ids(result).get(row.alteration_id) is MatchLevel.EXACT_ALLELE, row
        assert result.gene == kb.alterations[row.alteration_id].gene
        checked += 1
    assert checked > 2000


def test_the_protein_change_of_each_allele_leads_to_the_same_rows(kb: KnowledgeBase) -> None:
    """What the coordinates say and what the stated protein change says agree, in both assemblies."""
    for _, row in _alleles(kb):
        alteration = kb.alterations[row.alteration_id]
        change = parse_protein(row.hgvsp) if row.hgvsp else None
        if alteration.event != "protein" or change is None or change.kind in LENGTH_CHANGES:
            continue
        found = _ids(_match_change(kb, kb.genes[alteration.gene], format_protein(change)))
        assert row.alteration_id in found, row


def test_no_allele_belongs_to_a_driver_and_a_neutral_row(kb: KnowledgeBase) -> None:
    for assembly in Assembly:
        for key, rows in kb.alleles[assembly].items():
            kinds = {kb.alterations[row.alteration_id].kind for row in rows}
            assert len(kinds) == 1, (assembly, key, kinds)


def test_no_driver_rule_catches_a_neutral_change(kb: KnowledgeBase) -> None:
    """A neutral allele's protein change, met by another nucleotide change, is caught by no driver row."""
    for assembly, row in _alleles(kb):
        alteration = kb.alterations[row.alteration_id]
        change = parse_protein(row.hgvsp) if row.hgvsp else None
        if alteration.kind != "neutral" or change is None or change.kind not in TERM:
            continue
        gene = kb.genes[alteration.gene]
        consequence = TranscriptConsequence(
            gene=gene.gene, transcript=_transcript(gene), terms=(TERM[change.kind],), source="CSQ", hgvsp=row.hgvsp
        )
        allele = Allele(row.chrom, row.pos, row.ref, row.alt)
        found = match(kb, assembly, allele, consequence, (consequence,)).matches
        drivers = [m.alteration_id for m in found if kb.alterations[m.alteration_id].kind == "driver"]
        assert drivers == [], (row.alteration_id, drivers)


def test_one_protein_change_has_one_row_of_its_own(kb: KnowledgeBase) -> None:
    single = Counter(
        (alteration.gene, text) for alteration, text in _protein_rows(kb) if len(alteration.protein_changes) == 1
    )
    assert [key for key, count in single.items() if count > 1] == []


def test_loss_of_function_rows_spare_what_they_exclude_and_neutral_truncations(kb: KnowledgeBase) -> None:
    """BRCA2 p.Lys3326Ter lies behind the last pathogenic codon; a curated last codon or an exclusion spares others."""
    spared = [
        (row, text)
        for row in kb.alterations.values()
        if row.event == "loss_of_function"
        for text in row.excludes
        if text.startswith("p.")
    ]
    spared += [
        (kb.alterations[f"{row.gene}_LOF"], text)
        for row in kb.alterations.values()
        if row.kind == "neutral" and f"{row.gene}_LOF" in kb.alterations
        for text in row.protein_changes
        if text.endswith("Ter") or "fs" in text
    ]
    assert ("BRCA2_LOF", "p.Lys3326Ter") in {(row.alteration_id, text) for row, text in spared}
    for row, text in spared:
        assert row.alteration_id not in _ids(_match_change(kb, kb.genes[row.gene], text)), (row, text)


LAST_EXON_CASES = [
    ("BRCA1", "p.Gln1857Ter", 23, False),
    ("BRCA1", "p.Tyr1853Ter", 23, True),
    ("BRCA1", "p.Gln1756ProfsTer74", 20, True),
    ("BRCA2", "p.Glu3309Ter", 27, True),
    ("BRCA2", "p.Thr3310fs", 27, False),
    ("APC", "p.Gln1429Ter", 16, True),
    ("APC", "p.Tyr2645Ter", 16, True),
    ("APC", "p.Gln2646fs", 16, False),
    ("VHL", "p.Glu204Ter", 3, True),
    ("VHL", "p.Arg205fs", 3, False),
    ("VHL", "p.Lys200fs", 3, None),
    ("SMAD4", "p.Gln534Ter", 12, True),
    ("MSH6", "p.Glu1341Ter", 10, True),
    ("PTEN", "p.Asp375Ter", 9, False),
    ("TP53", "p.Glu343Ter", 10, True),
    ("TP53", "p.Ser371fs", 11, False),
    ("STK11", "p.Glu223Ter", 5, True),
    ("MEN1", "p.Arg460Ter", 10, False),
]


@pytest.mark.parametrize(("gene", "hgvsp", "exon", "matched"), LAST_EXON_CASES)
def test_truncations_towards_the_end_of_a_gene(
    kb: KnowledgeBase, gene: str, hgvsp: str, exon: int, matched: bool | None
) -> None:
    """By a curated last codon where there is one, else not in the last exon; a residue that disagrees never counts."""
    totals = {"BRCA1": 23, "BRCA2": 27, "APC": 16, "VHL": 3, "SMAD4": 12, "MSH6": 10, "PTEN": 9, "TP53": 11}
    found = TranscriptConsequence(
        gene=gene,
        transcript=kb.genes[gene].transcript_refseq,
        terms=("frameshift_variant" if "fs" in hgvsp else "stop_gained",),
        source="CSQ",
        hgvsp=hgvsp,
        exon=exon,
        exon_total=totals.get(gene, 10),
    )
    result = match(kb, Assembly.GRCH38, Allele(kb.genes[gene].chrom, 5, "C", "T"), found, (found,))
    if matched is None:
        assert f"{gene}_LOF" not in _ids(result)
        return
    assert (f"{gene}_LOF" in _ids(result)) is matched
    if not matched:
        (reason,) = [miss.reason for miss in result.near_misses if miss.alteration_id == f"{gene}_LOF"]
        curated = kb.genes[gene].last_pathogenic_codon
        assert (f"after the last pathogenic codon {curated}" if curated else "loss of function is not shown") in reason


def test_labels_and_ids_begin_with_the_gene(kb: KnowledgeBase) -> None:
    for row in kb.alterations.values():
        assert row.gene in row.label, row.alteration_id


def test_fusions_name_what_a_caller_reports(kb: KnowledgeBase) -> None:
    """Rows that rest on other inputs than small variants carry no residue that could never match."""
    for row in kb.alterations.values():
        if row.event in {"fusion", "amplification", "homozygous_deletion", "rearrangement", "overexpression"}:
            assert not row.protein_changes, row.alteration_id
            assert row.codon_first is None, row.alteration_id
