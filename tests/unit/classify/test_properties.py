"""Properties: benign evidence never raises points, and neither order nor spelling changes a class."""

from __future__ import annotations

from itertools import permutations
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from targetboard.classify.asked import Asked, asked_variant
from targetboard.classify.codes import BY_MEANING, Finding, Meaning, combine
from targetboard.classify.driver import classify
from targetboard.classify.oncogenicity import assess
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known, variant_of
from targetboard.model import Allele, Assembly, CriterionStatus, InputAllele, Observation, TranscriptConsequence
from targetboard.vcf.candidate import Candidate

MET, NOT_MET, OPEN = CriterionStatus.MET, CriterionStatus.NOT_MET, CriterionStatus.NOT_EVALUABLE
BENIGN = [meaning for meaning in Meaning if BY_MEANING[meaning].points < 0]
ONCOGENIC = [meaning for meaning in Meaning if BY_MEANING[meaning].points > 0]
STATES = st.sampled_from([MET, NOT_MET, OPEN])
ALL_STATES = st.fixed_dictionaries(dict.fromkeys(Meaning, STATES))


def _findings(states: dict[Meaning, CriterionStatus]) -> dict[Meaning, Finding]:
    return {meaning: Finding(state, "x") for meaning, state in states.items()}


@given(ALL_STATES, st.sampled_from(BENIGN))
def test_more_benign_evidence_never_raises_points(states: dict[Meaning, CriterionStatus], benign: Meaning) -> None:
    without = combine(_findings({**states, benign: NOT_MET}))
    with_it = combine(_findings({**states, benign: MET}))
    assert with_it[0] <= without[0]


@given(ALL_STATES, st.sampled_from(ONCOGENIC))
def test_more_oncogenic_evidence_never_lowers_points(states: dict[Meaning, CriterionStatus], code: Meaning) -> None:
    without = combine(_findings({**states, code: NOT_MET}))
    with_it = combine(_findings({**states, code: MET}))
    assert with_it[0] >= without[0]


@given(ALL_STATES)
def test_points_lie_in_their_range(states: dict[Meaning, CriterionStatus]) -> None:
    points, (lowest, highest), _ = combine(_findings(states))
    assert lowest <= points <= highest


FREQUENCIES = st.sampled_from(["0", "0.00001", "0.0001", "0.005", "0.02", "0.2"])


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[
            {"gene": "ONCO", "transcript_refseq": "NM_1.1", "start_GRCh37": 1, "end_GRCh37": 5000},
            {"gene": "TSG", "role": "tumour_suppressor", "lof_mechanism": True, "transcript_refseq": "NM_2.1"},
        ],
        proteins=[
            {"gene": "ONCO", "transcript": "NM_1.1", "start": 745, "residues": "KELREATSPKAN", "verified_in": "x"},
        ],
        alterations=[
            {
                "alteration_id": "ONCO_DEL",
                "gene": "ONCO",
                "label": "ONCO deletion",
                "protein_changes": ("p.Glu746_Ala750del",),
            },
            {"alteration_id": "ONCO_INS", "gene": "ONCO", "label": "ONCO dup", "protein_changes": ("p.Thr751dup",)},
            {"alteration_id": "ONCO_P753S", "gene": "ONCO", "label": "ONCO P753S", "protein_changes": ("p.Pro753Ser",)},
            {"alteration_id": "TSG_LOF", "gene": "TSG", "event": "loss_of_function", "effect": "loss_of_function"},
        ],
        hotspots=[{"gene": "ONCO", "residue": "753", "residue_count": 60, "change": "S", "change_count": 20}],
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(FREQUENCIES, FREQUENCIES)
def test_a_commoner_variant_never_has_more_points(small: ModuleType, kb: KnowledgeBase, one: str, other: str) -> None:
    points = {}
    for text in (one, other):
        extra = {"gnomADe_AF_grpmax": text}
        result = assess(small.make_variant("ONCO", "p.Pro753Ser", consequence={"extra": extra}), kb)
        assert result is not None
        points[float(text)] = result.points
    assert points[max(points)] <= points[min(points)]


SPELLINGS: list[tuple[str, tuple[str, ...]]] = [
    ("ONCO", ("p.P753S", "p.Pro753Ser", "P753S", "p.(Pro753Ser)", "NP_1.1:p.Pro753Ser")),
    ("ONCO", ("p.Glu746_Ala750del", "p.E746_A750del", "p.(Glu746_Ala750del)", "p.E746_A750delELREA")),
    ("ONCO", ("p.Thr751dup", "p.T751dup", "p.T751_S752insT", "p.Thr751delinsThrThr")),
    ("TSG", ("p.R50*", "p.Arg50Ter", "p.R50X", "p.(Arg50*)")),
    ("TSG", ("p.Lys20fs", "p.K20fs", "p.Lys20ArgfsTer4", "p.K20Rfs*4")),
]


@pytest.mark.parametrize(("gene", "spellings"), SPELLINGS)
def test_spelling_never_changes_a_class(kb: KnowledgeBase, gene: str, spellings: tuple[str, ...]) -> None:
    known = Known(kb, Assembly.GRCH37, Loci.of(kb, Assembly.GRCH37))
    found: set[Any] = set()
    for spelling in spellings:
        variant = asked_variant(Asked(gene=gene, hgvsp=spelling), known)
        classify(variant, kb)
        assert variant.oncogenicity is not None
        matches = tuple(match.alteration_id for match in variant.matches)
        found.add((variant.driver_class, variant.oncogenicity.points, matches))
    assert len(found) == 1


def test_order_of_transcripts_never_changes_a_class(kb: KnowledgeBase) -> None:
    known = Known(kb, Assembly.GRCH37, Loci.of(kb, Assembly.GRCH37))
    consequences = [
        TranscriptConsequence(
            "ONCO", "NM_1.4", ("missense_variant",), "CSQ", hgvsp="p.Pro753Ser", exon=3, exon_total=9
        ),
        TranscriptConsequence("ONCO", "NM_7.1", ("stop_gained",), "CSQ", hgvsp="p.Pro53Ter", canonical=True),
        TranscriptConsequence("ONCO", "NM_8.1", ("intron_variant",), "CSQ"),
        TranscriptConsequence("OTHER", "NM_9.1", ("frameshift_variant",), "CSQ", hgvsp="p.Pro3fs"),
    ]
    found = set()
    for order in permutations(consequences):
        candidate = Candidate(
            Allele("1", 100, "C", "T"),
            InputAllele(1, 1, "1", 100, "C", "T", 0),
            Observation(0.3, "AD", 100, 30, "PASS"),
            tuple(order),
        )
        variant = variant_of(known, candidate)
        classify(variant, kb)
        assert variant.oncogenicity is not None
        found.add((variant.driver_class, variant.oncogenicity.points, variant.chosen and variant.chosen.transcript))
    assert len(found) == 1
    assert next(iter(found))[2] == "NM_1.4"
