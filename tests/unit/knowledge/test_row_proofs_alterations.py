"""Every row of alterations.tsv is proved by the pipeline, and every proof fails when its row is mutated."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.knowledge_proofs.alterations import (
    HGVS_TEXT,
    NOT_PROVABLE,
    NUCLEOTIDES,
    UNPROVED,
    AlterationProofs,
    prove_alterations,
)
from targetboard.knowledge_proofs.cases import SMALL_VARIANT_EVENTS, Case, Residues, cases_of
from targetboard.knowledge_proofs.gene_models import CODE, AlleleBuilder, GeneModel, waves
from targetboard.knowledge_proofs.mutants import shifted
from targetboard.knowledge_proofs.running import ReferenceFiles, matched_ids, run_text
from targetboard.knowledge_proofs.spelling import Change, apply_change, canonical, read_canonical, spellings
from targetboard.model import Allele, Assembly

LEAST_BY_NUCLEOTIDES = 0.5
LEAST_WHERE_SEQUENCE_IS = 0.97
LEAST_PROVED = 0.8
SMALLEST_TABLE = 200


@pytest.fixture(scope="module")
def tables(root: Path) -> KnowledgeBase:
    """The released tables (the invented ones of the room's own fixture are too small to prove anything)."""
    return load([root / "resources/knowledge"])


def _restricted(kb: KnowledgeBase, *names: str) -> KnowledgeBase:
    rows = {name: kb.alterations[name] for name in names}
    by_gene = {row.gene: tuple(one for one in rows.values() if one.gene == row.gene) for row in rows.values()}
    alleles = {
        assembly: {
            key: kept
            for key, found in by_key.items()
            if (kept := tuple(allele for allele in found if allele.alteration_id in rows))
        }
        for assembly, by_key in kb.alleles.items()
    }
    return replace(kb, alterations=rows, alterations_by_gene=by_gene, alleles=alleles)


def _assert_sound(proofs: AlterationProofs) -> None:
    assert proofs.failures() == []
    assert proofs.survivors == [], "these rows may be wrong without a proof noticing"
    assert len(proofs.kb.alterations) >= SMALLEST_TABLE


def test_every_row_is_proved_by_independent_hgvs(tables: KnowledgeBase, tmp_path: Path) -> None:
    proofs = prove_alterations(tables, tmp_path)
    _assert_sound(proofs)
    shares = proofs.shares()
    assert shares[UNPROVED] == 0
    assert shares[HGVS_TEXT] >= LEAST_PROVED * len(tables.alterations), proofs.summary()
    assert shares[NOT_PROVABLE] == sum(proofs.not_provable().values())
    assert not SMALL_VARIANT_EVENTS & set(proofs.not_provable())


def test_events_beyond_small_variants_are_never_matched(tables: KnowledgeBase, tmp_path: Path) -> None:
    """Truncations and missense changes in the genes of fusions, amplifications and the like match none of these."""
    beyond = [row for row in tables.alterations.values() if row.event not in SMALL_VARIANT_EVENTS]
    residues = Residues(tables)
    stand_ins = [replace(row, event="loss_of_function", excludes=(), classes=()) for row in beyond]
    cases = [case for row in stand_ins for case in cases_of(tables, row, residues)]
    outcomes = run_text(tables, Assembly.GRCH38, cases, residues, tmp_path)
    assert len({outcome.case.alteration_id for outcome in outcomes if outcome.variant is not None}) == len(beyond)
    names = {row.alteration_id for row in beyond}
    assert [o.case.alteration_id for o in outcomes if names & matched_ids(o.variant)] == []


# The proofs themselves: a wrong row must be named.


@pytest.mark.parametrize("name", ["EGFR_L858R", "KRAS_G12", "EGFR_EX19DEL", "CALR_EX9FS", "TERT_C228T"])
def test_a_wrong_row_is_named(tables: KnowledgeBase, tmp_path: Path, name: str) -> None:
    small = _restricted(tables, name)
    assert prove_alterations(small, tmp_path).failures() == []
    wrong = shifted(small)
    row = small.alterations[name]
    cases = cases_of(small, row, Residues(small))
    outcomes = run_text(wrong, Assembly.GRCH38, cases, Residues(small), tmp_path)
    if cases:
        assert any(outcome.problem for outcome in outcomes)
    else:
        proofs = prove_alterations(replace(small, alleles={assembly: {} for assembly in Assembly}), tmp_path)
        assert proofs.failures() == [f"{name}: no positive case can be made of this row"]


def test_a_row_without_a_case_is_named(tables: KnowledgeBase, tmp_path: Path) -> None:
    small = _restricted(tables, "EGFR_L858R")
    row = replace(small.alterations["EGFR_L858R"], protein_changes=("p.Leu858Xaa",))
    proofs = prove_alterations(replace(small, alterations={row.alteration_id: row}), tmp_path)
    assert proofs.failures() == ["EGFR_L858R: no positive case can be made of this row"]
    assert proofs.shares()[UNPROVED] == 1


def test_an_exclusion_that_does_nothing_is_named(tables: KnowledgeBase, tmp_path: Path) -> None:
    small = _restricted(tables, "EGFR_EX20INS")
    row = replace(small.alterations["EGFR_EX20INS"], excludes=("p.Ala763_Tyr764insPheGlnGluAla", "p.Leu858Arg"))
    useless = replace(row, excludes=("p.Leu858Arg",))
    proofs = prove_alterations(replace(small, alterations={row.alteration_id: useless}), tmp_path)
    assert "EGFR_EX20INS: exclusions removed" in proofs.survivors


# Spellings written by hand: what the proofs' own writer and reader are held against.


def _hand_spelled(root: Path) -> list[Mapping[str, str]]:
    with (root / "tests/data/row_proofs/spellings.tsv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_hand_spelled_changes_are_matched(root: Path, tables: KnowledgeBase, tmp_path: Path) -> None:
    """Each spelling, put into annotation text as it stands, finds its row (or must not, by the table)."""
    residues = Residues(tables)
    cases: list[Case] = []
    for row in _hand_spelled(root):
        alteration = tables.alterations[row["alteration_id"]]
        change = read_canonical(row["canonical"])
        assert change is not None, row
        expected = row["matches"] == "yes"
        cases.append(
            Case(
                alteration.alteration_id, row["spelling"], alteration.gene, change, expected, alteration.exon,
                row["spelling"],
            )
        )  # fmt: skip
    outcomes = run_text(tables, Assembly.GRCH38, cases, residues, tmp_path)
    assert [f"{o.case.alteration_id} {o.problem}" for o in outcomes if o.problem] == []
    assert len(outcomes) >= 30


def test_hand_spelled_changes_read_and_written_alike(root: Path) -> None:
    for row in _hand_spelled(root):
        change = read_canonical(row["canonical"])
        assert change is not None
        assert canonical(change) == row["canonical"]


@pytest.mark.parametrize(
    ("text", "start", "residues", "expected"),
    [
        ("p.Leu2Arg", 1, "MLK*", "MRK*"),
        ("p.Lys3Ter", 1, "MLK*", "ML*"),
        ("p.Leu11_Lys12del", 10, "MLKE", "ME"),
        ("p.Leu11dup", 10, "MLKE", "MLLKE"),
        ("p.Leu11_Lys12insGlyGly", 10, "MLKE", "MLGGKE"),
        ("p.Leu11_Lys12delinsTrp", 10, "MLKE", "MWE"),
        ("p.Leu9_Lys12delinsTrp", 10, "MLKE", None),
    ],
)
def test_a_change_is_applied(text: str, start: int, residues: str, expected: str | None) -> None:
    change = read_canonical(text)
    assert change is not None
    assert apply_change(change, residues, start) == expected


def test_a_duplication_is_also_spelled_as_an_insertion() -> None:
    residues = dict(enumerate("AYVMAGV", 771))
    dup = Change("duplication", 772, 775, "Y", "A")
    assert "p.(A775_G776insYVMA)" in [f"p.({text[2:]})" if "(" not in text else text for text in _texts(dup, residues)]
    insertion = Change("insertion", 775, 776, "A", "G", "YVMA")
    assert "p.(Y772_A775dup)" in _texts(insertion, residues)


def _texts(change: Change, residues: Mapping[int, str]) -> list[str]:
    return spellings(change, lambda position: residues.get(position, ""))


# Alleles built on a small invented gene: ATG TTA AAA | CAT GGG TAA, intron of ten bases between the exons.

PLUS = "CCC" + "ATGTTAAAA" + "GTTTTTTTAG" + "CATGGGTAA" + "CCC"
COMPLEMENT = str.maketrans("ACGT", "TGCA")
PROTEIN = "MLKHG*"


def _builder(strand: int) -> AlleleBuilder:
    bases = PLUS if strand > 0 else PLUS.translate(COMPLEMENT)[::-1]
    exons = [(1, 12), (23, 34)] if strand > 0 else [(23, 34), (1, 12)]
    positions = [*range(4, 13), *range(23, 32)]
    coding = positions if strand > 0 else [35 - position for position in positions]
    model = GeneModel("T1", "1", strand, tuple(exons), tuple(coding), PLUS[3:12] + PLUS[22:31])
    return AlleleBuilder(model, lambda _chrom, start, end: bases[start - 1 : end])


@pytest.mark.parametrize("strand", [1, -1])
@pytest.mark.parametrize(
    "text",
    [
        "p.Leu2Arg",
        "p.Lys3Ter",
        "p.His4Asp",
        "p.Leu2=",
        "p.Leu2del",
        "p.Gly5dup",
        "p.His4_Gly5insTrp",
        "p.Gly5delinsTrpTrp",
    ],
)
def test_an_allele_makes_its_change(strand: int, text: str) -> None:
    change = read_canonical(text)
    builder = _builder(strand)
    assert change is not None
    allele = builder.build(change)
    assert allele is not None
    bases = PLUS if strand > 0 else PLUS.translate(COMPLEMENT)[::-1]
    assert bases[allele.pos - 1 :].startswith(allele.ref)
    mutated = bases[: allele.pos - 1] + allele.alt + bases[allele.pos - 1 + len(allele.ref) :]
    sense = mutated if strand > 0 else mutated.translate(COMPLEMENT)[::-1]
    intron = sense.index("GTTTTTTTAG")
    coding = sense[3:intron] + sense[intron + 10 : -3]
    made = "".join(CODE[coding[i : i + 3]] for i in range(0, len(coding), 3))
    wanted = PROTEIN if change.kind == "synonymous" else apply_change(change, PROTEIN)
    assert made[: made.index("*") + 1] == wanted
    assert builder.exon_of(allele) is not None


@pytest.mark.parametrize("text", ["p.Lys3_His4del", "p.Leu3Arg", "p.Gly9Arg"])
def test_what_no_contiguous_allele_makes_is_not_built(text: str) -> None:
    change = read_canonical(text)
    assert change is not None
    assert _builder(1).build(change) is None


def test_neighbours_go_into_separate_waves() -> None:
    alleles = [
        Allele("1", 10, "A", "C"),
        Allele("1", 10, "A", "G"),
        Allele("1", 12, "A", "C"),
        Allele("1", 40, "A", "C"),
    ]
    codons = [("X", 4), ("X", 4), ("X", 4), ("X", 14)]
    assert waves(alleles, codons) == [[0, 1, 3], [2]]
    apart = [("X", 4), ("X", 4), ("X", 4), ("X", 4)]
    assert waves(alleles, apart) == [[0, 1], [2], [3]]


# The long one last, so that two workers share the work.


@pytest.mark.real_data
def test_every_row_with_sequence_is_proved_by_alleles(tables: KnowledgeBase, shared_data: Path, tmp_path: Path) -> None:
    proofs = prove_alterations(tables, tmp_path, _references(shared_data), by_text=False)
    _assert_sound(proofs)
    count = proofs.shares()[NUCLEOTIDES]
    assert count >= LEAST_BY_NUCLEOTIDES * len(tables.alterations), proofs.summary()
    assert count >= LEAST_WHERE_SEQUENCE_IS * len(proofs.with_sequence), proofs.summary()


def _references(shared_data: Path) -> Mapping[Assembly, ReferenceFiles]:
    folder = shared_data / "reference"
    return {name: ReferenceFiles(folder / f"{name}.sparse.fa.gz", folder / f"{name}.genes.gff3") for name in Assembly}
