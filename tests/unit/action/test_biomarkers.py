"""Three-valued evaluation of profiles."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.action.biomarkers import (
    MET,
    NOT_MET,
    UNKNOWN,
    Findings,
    FoundAlteration,
    MeasuredMarker,
    evaluate,
    kleene_and,
    kleene_not,
    kleene_or,
    parse,
)
from targetboard.errors import KnowledgeError
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import MarkerState, Phase

STATES = st.sampled_from([MET, NOT_MET, UNKNOWN])


@pytest.fixture(scope="module")
def kb(small: ModuleType) -> KnowledgeBase:
    return small.make_kb(  # type: ignore[no-any-return]
        genes=[{"gene": "EGFR"}, {"gene": "KRAS"}, {"gene": "NRAS"}, {"gene": "ALK"}],
        alterations=[
            {"alteration_id": "L858R", "gene": "EGFR", "label": "EGFR L858R", "protein_changes": ("p.Leu858Arg",)},
            {"alteration_id": "T790M", "gene": "EGFR", "label": "EGFR T790M", "protein_changes": ("p.Thr790Met",)},
            {"alteration_id": "C797S", "gene": "EGFR", "label": "EGFR C797S", "protein_changes": ("p.Cys797Ser",)},
            {"alteration_id": "EX20", "gene": "EGFR", "label": "ex20ins", "codon_first": 762, "codon_last": 774},
            {"alteration_id": "FQEA", "gene": "EGFR", "label": "FQEA", "codon_first": 763, "codon_last": 764},
            {"alteration_id": "G12C", "gene": "KRAS", "label": "KRAS G12C", "protein_changes": ("p.Gly12Cys",)},
            {"alteration_id": "FUSION", "gene": "ALK", "label": "ALK fusion", "event": "fusion"},
            {"alteration_id": "AMP", "gene": "EGFR", "label": "EGFR amplification", "event": "amplification"},
        ],
        markers=[
            {"marker_id": "TPS", "label": "PD-L1 TPS", "unit": "%"},
            {"marker_id": "MSI", "label": "microsatellite status"},
        ],
    )


def found(*names: str, codons: dict[str, int] | None = None, **more: object) -> Findings:
    places = codons or {}
    alterations = {
        name: FoundAlteration((index,), (None,), ((places[name], places[name]),) if name in places else ())
        for index, name in enumerate(names)
    }
    return Findings(alterations, **more)  # type: ignore[arg-type]


MEASURED = {
    "TPS": MeasuredMarker(MarkerState.DETECTED, "50"),
    "MSI": MeasuredMarker(MarkerState.NOT_DETECTED, "stable"),
}


@pytest.mark.parametrize(
    ("expression", "findings", "expected"),
    [
        ("L858R", found("L858R"), MET),
        ("L858R", found(), NOT_MET),
        ("L858R OR G12C", found("G12C"), MET),
        ("L858R AND G12C", found("G12C"), NOT_MET),
        # An absence that nothing shows is unknown, not met: the VCF lists calls, not coverage.
        ("L858R AND NOT T790M", found("L858R"), UNKNOWN),
        ("L858R AND NOT T790M", found("L858R", shown_absent=frozenset({"T790M"})), MET),
        ("L858R AND NOT T790M", found("L858R", "T790M"), NOT_MET),
        ("L858R AND NOT L858R", found("L858R"), NOT_MET),
        ("NOT NOT L858R", found(), NOT_MET),
        ("NOT NOT L858R", found("L858R"), MET),
        # The reads that carry the insertion at codon 770 cover codons 763 and 764 too; they do not reach 797.
        ("EX20 AND NOT FQEA", found("EX20", codons={"EX20": 770}), MET),
        ("EX20 AND NOT C797S", found("EX20", codons={"EX20": 770}), UNKNOWN),
        ("EX20 AND NOT FQEA", found("EX20", "FQEA"), NOT_MET),
        ("EX20 AND NOT G12C", found("EX20", codons={"EX20": 12}), UNKNOWN),
        # Classes of change that a small-variant VCF cannot hold.
        ("FUSION", found(), UNKNOWN),
        ("L858R AND NOT AMP", found("L858R"), UNKNOWN),
        ("FUSION", found(shown_absent=frozenset({"FUSION"})), NOT_MET),
        ("FUSION", found("FUSION"), MET),
        ("L858R OR FUSION", found("L858R"), MET),
        ("L858R AND FUSION", found(), NOT_MET),
        ("wild_type(RAS)", found(), UNKNOWN),
        ("wild_type(RAS)", found(driver_genes=frozenset({"NRAS"})), NOT_MET),
        ("wild_type(RAS)", found(wild_type_genes=frozenset({"KRAS", "NRAS"})), MET),
        ("wild_type(RAS)", found(wild_type_genes=frozenset({"KRAS"})), UNKNOWN),
        (
            "wild_type(RAS)",
            found(unclear_genes=frozenset({"KRAS"}), wild_type_genes=frozenset({"KRAS", "NRAS"})),
            UNKNOWN,
        ),
        ("NOT wild_type(KRAS)", found(driver_genes=frozenset({"KRAS"})), MET),
        ("NOT wild_type(KRAS)", found(), UNKNOWN),
        ("TPS >= 50", found(markers=MEASURED), MET),
        ("TPS > 50", found(markers=MEASURED), NOT_MET),
        ("NOT TPS > 50", found(markers=MEASURED), MET),
        ("TPS < 50", found(markers=MEASURED), NOT_MET),
        ("TPS <= 50", found(markers=MEASURED), MET),
        ("TPS == 50.0", found(markers=MEASURED), MET),
        ("TPS >= 50", found(), UNKNOWN),
        ("NOT TPS >= 50", found(), UNKNOWN),
        ("MSI == STABLE", found(markers=MEASURED), MET),
        ("MSI != stable", found(markers=MEASURED), NOT_MET),
        ("MSI >= 3", found(markers=MEASURED), UNKNOWN),
        ("MSI", found(markers=MEASURED), NOT_MET),
        ("NOT MSI", found(markers=MEASURED), MET),
        ("TPS", found(markers={"TPS": MeasuredMarker(MarkerState.FAILED, "80")}), UNKNOWN),
        ("TPS >= 50", found(markers={"TPS": MeasuredMarker(MarkerState.INCONCLUSIVE, "80")}), UNKNOWN),
    ],
)
def test_states(kb: KnowledgeBase, expression: str, findings: Findings, expected: str) -> None:
    result = evaluate(parse(expression), findings, kb)
    assert result.state == expected
    assert bool(result.unknown) is (expected == UNKNOWN)
    assert bool(result.failed) is (expected == NOT_MET)


PAIR = Phase("1", 0, "PS"), Phase("1", 1, "PS"), Phase("2", 0, "PS")


@pytest.mark.parametrize(
    ("first", "second", "cis", "trans"),
    [
        (PAIR[0], PAIR[0], MET, NOT_MET),
        (PAIR[0], PAIR[1], NOT_MET, MET),
        (PAIR[0], PAIR[2], UNKNOWN, UNKNOWN),
        (PAIR[0], None, UNKNOWN, UNKNOWN),
        (None, None, UNKNOWN, UNKNOWN),
    ],
)
def test_phase(kb: KnowledgeBase, first: Phase | None, second: Phase | None, cis: str, trans: str) -> None:
    findings = Findings({"T790M": FoundAlteration((0,), (first,)), "C797S": FoundAlteration((1,), (second,))})
    together = evaluate(parse("cis(T790M,C797S)"), findings, kb)
    apart = evaluate(parse("trans(T790M,C797S)"), findings, kb)
    assert (together.state, apart.state) == (cis, trans)
    assert evaluate(parse("NOT cis(T790M,C797S)"), findings, kb).state == kleene_not(cis)
    if cis == UNKNOWN:
        assert "ask the laboratory" in together.unknown[0]


def test_one_variant_that_is_both_is_in_cis(kb: KnowledgeBase) -> None:
    findings = Findings({"T790M": FoundAlteration((0,), (None,)), "C797S": FoundAlteration((0,), (None,))})
    assert evaluate(parse("cis(T790M,C797S)"), findings, kb).state == MET


def test_a_missing_partner_is_no_phase_question(kb: KnowledgeBase) -> None:
    assert evaluate(parse("cis(T790M,C797S)"), found("T790M"), kb).state == NOT_MET


def test_what_the_result_tells(kb: KnowledgeBase) -> None:
    result = evaluate(parse("(L858R OR FUSION) AND NOT T790M AND TPS >= 1"), found("L858R"), kb)
    assert result.terms == ("L858R",)
    assert result.variants == (0,)
    assert result.unknown == (
        "EGFR T790M: not called, and no coverage data show that it is absent",
        "PD-L1 TPS >= 1: not assessed",
    )
    against = evaluate(parse("L858R AND wild_type(RAS)"), found("L858R", driver_genes=frozenset({"KRAS"})), kb)
    assert against.contradicted
    assert against.failed == ("KRAS driver found",)
    assert not evaluate(parse("L858R AND G12C"), found("L858R"), kb).contradicted


def test_an_unknown_name_is_an_error(kb: KnowledgeBase) -> None:
    with pytest.raises(KnowledgeError, match="neither an alteration nor a marker"):
        evaluate(parse("NOBODY"), found(), kb)


@given(STATES, STATES, STATES)
def test_kleene_laws(a: str, b: str, c: str) -> None:
    assert kleene_not(kleene_not(a)) == a
    assert kleene_and(a, b) == kleene_and(b, a)
    assert kleene_or(a, b) == kleene_or(b, a)
    assert kleene_and(a, kleene_and(b, c)) == kleene_and(kleene_and(a, b), c)
    assert kleene_or(a, kleene_or(b, c)) == kleene_or(kleene_or(a, b), c)
    assert kleene_and(a, kleene_or(b, c)) == kleene_or(kleene_and(a, b), kleene_and(a, c))
    assert kleene_not(kleene_and(a, b)) == kleene_or(kleene_not(a), kleene_not(b))
    assert kleene_and(a, MET) == a == kleene_or(a, NOT_MET)
    assert kleene_and(a, NOT_MET) == NOT_MET
    assert kleene_or(a, MET) == MET


NAMES = ("L858R", "T790M", "G12C", "TPS", "MSI")
LEAVES = st.sampled_from(NAMES)
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} AND {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} OR {pair[1]})"),
        inner.map(lambda term: f"NOT {term}"),
    ),
    max_leaves=8,
)
SETTLED = st.fixed_dictionaries({name: st.sampled_from([MET, NOT_MET]) for name in NAMES})


def _settled(states: dict[str, str]) -> Findings:
    variants = [name for name in ("L858R", "T790M", "G12C") if states[name] == MET]
    absent = frozenset(name for name in ("L858R", "T790M", "G12C") if states[name] == NOT_MET)
    markers = {
        name: MeasuredMarker(MarkerState.DETECTED if states[name] == MET else MarkerState.NOT_DETECTED, "x")
        for name in ("TPS", "MSI")
    }
    return found(*variants, shown_absent=absent, markers=markers)


@given(EXPRESSIONS, SETTLED)
def test_settled_inputs_give_classical_logic(kb: KnowledgeBase, expression: str, states: dict[str, str]) -> None:
    tokens = expression.replace("(", " ( ").replace(")", " ) ").split()
    classical = _classical(tokens, states)
    assert evaluate(parse(expression), _settled(states), kb).state == (MET if classical else NOT_MET)


def _classical(tokens: list[str], states: dict[str, str]) -> bool:
    """Independent evaluation: every pair is in parentheses, so that one look at the next token decides."""

    def read(at: int) -> tuple[bool, int]:
        if tokens[at] == "NOT":
            value, at = read(at + 1)
            return not value, at
        if tokens[at] != "(":
            return states[tokens[at]] == MET, at + 1
        left, at = read(at + 1)
        operator = tokens[at]
        right, at = read(at + 1)
        return (left and right) if operator == "AND" else (left or right), at + 1

    return read(0)[0]


@given(EXPRESSIONS, SETTLED, st.sets(LEAVES))
def test_less_knowledge_never_turns_a_result_around(
    kb: KnowledgeBase, expression: str, states: dict[str, str], hidden: set[str]
) -> None:
    full = _settled(states)
    less = Findings(
        full.alterations,
        markers={name: marker for name, marker in full.markers.items() if name not in hidden},
        shown_absent=full.shown_absent,
    )
    before, after = (evaluate(parse(expression), findings, kb).state for findings in (full, less))
    assert after in (before, UNKNOWN)
