"""Every row of therapies.tsv is proved: shown where its profile is met, and nowhere near by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.profile_grammar import parse
from targetboard.knowledge.records import KnowledgeBase, TumourType
from targetboard.knowledge_proofs import claims as proofs_of_claims
from targetboard.knowledge_proofs.claims import (
    BY_MARKERS,
    BY_STAND_IN,
    BY_VARIANTS,
    DORMANT,
    UNPROVED,
    prove_claims,
)
from targetboard.knowledge_proofs.profiles import DETECTED, Needs, needs_of, unmet_markers
from targetboard.knowledge_proofs.report import prove
from targetboard.knowledge_proofs.tumour_neighbours import Tree
from targetboard.model import Assembly

LEAST_BY_VARIANTS = 0.35
MOST_DORMANT = 0.15
SMALLEST_TABLE = 100
ALTERATIONS = ("A", "B", "C")


@pytest.fixture(scope="module")
def tables(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


def _only(kb: KnowledgeBase, *names: str) -> KnowledgeBase:
    return replace(kb, claims={name: kb.claims[name] for name in names})


def test_every_claim_is_proved(tables: KnowledgeBase, tmp_path: Path) -> None:
    proofs = prove_claims(tables, tmp_path)
    assert proofs.failures == []
    assert proofs.survivors == [], "these claims may be wrong without a proof noticing"
    shares, total = proofs.shares(), len(tables.claims)
    assert total >= SMALLEST_TABLE
    assert shares[UNPROVED] == 0
    assert shares[BY_VARIANTS] >= LEAST_BY_VARIANTS * total, proofs.summary()
    assert shares[DORMANT] <= MOST_DORMANT * total, proofs.dormant
    assert sum(shares.values()) == total
    assert proofs.near_misses >= total


@pytest.mark.parametrize(
    ("claim", "ground"),
    [
        ("EGFR_T790M_NSCLC_OSIMERTINIB", BY_VARIANTS),
        ("ABL1_T315I_CML_ASCIMINIB", BY_VARIANTS),
        ("ALK_FUSION_NSCLC_CRIZOTINIB", BY_STAND_IN),
    ],
)
def test_the_ground_of_a_claim_is_named(tables: KnowledgeBase, tmp_path: Path, claim: str, ground: str) -> None:
    assert prove_claims(_only(tables, claim), tmp_path).grounds == {claim: ground}


def test_a_claim_on_an_unvalidated_driver_is_dormant(tables: KnowledgeBase, tmp_path: Path) -> None:
    name = "ABL1_T315I_CML_ASCIMINIB"
    row = replace(tables.alterations["ABL1_T315I"], evidence="supported")
    kb = replace(_only(tables, name), alterations={**tables.alterations, row.alteration_id: row})
    proofs = prove_claims(kb, tmp_path)
    assert (proofs.failures, proofs.grounds, proofs.dormant) == ([], {name: DORMANT}, {name: ("ABL1_T315I",)})


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tier": "I-B"}, "amp is I-B, not I-A"),
        ({"direction": "resistant"}, "direction is resistant"),
        ({"drugs": ["aspirin"]}, "drugs is ['aspirin']"),
        ({"state": "unknown"}, "state is unknown, not met"),
    ],
)
def test_a_wrong_entry_is_named(
    tables: KnowledgeBase,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: Mapping[str, Any],
    problem: str,
) -> None:
    real = proofs_of_claims.assess_claims

    def wrong(*arguments: Any) -> Any:
        shown, withheld = real(*arguments)
        names = {"tier": "amp"}
        return [{**row, **{names.get(name, name): value for name, value in changes.items()}} for row in shown], withheld

    monkeypatch.setattr(proofs_of_claims, "assess_claims", wrong)
    assert problem in " ".join(prove_claims(_only(tables, "ABL1_T315I_CML_ASCIMINIB"), tmp_path).failures)


def _excluding(kb: KnowledgeBase) -> str:
    return next(
        name
        for name, claim in sorted(kb.claims.items())
        if claim.excluded_tumour_types and claim.direction == "sensitive" and claim.tumour_types == ("NSCLC",)
    )


def test_an_ignored_exclusion_is_named(tables: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = proofs_of_claims.assess_claims

    def careless(kb: KnowledgeBase, *arguments: Any) -> Any:
        open_claims = {name: replace(claim, excluded_tumour_types=()) for name, claim in kb.claims.items()}
        return real(replace(kb, claims=open_claims), *arguments)

    kb = _only(tables, _excluding(tables))
    assert prove_claims(kb, tmp_path).failures == []
    monkeypatch.setattr(proofs_of_claims, "assess_claims", careless)
    assert any("shown in the excluded tumour type" in line for line in prove_claims(kb, tmp_path).failures)


def test_false_hope_is_named(tables: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were a match enough to make a driver validated, the proofs would say so."""
    real = proofs_of_claims.classify

    def hopeful(variant: Any, kb: KnowledgeBase) -> None:
        real(variant, tables)

    monkeypatch.setattr(proofs_of_claims, "classify", hopeful)
    failures = prove_claims(_only(tables, "ABL1_T315I_CML_ASCIMINIB"), tmp_path).failures
    assert any("false hope" in line for line in failures)


def test_carrying_over_a_prognosis_is_named(
    tables: KnowledgeBase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = proofs_of_claims.assess_claims

    def anywhere(kb: KnowledgeBase, *arguments: Any) -> Any:
        claims = {name: replace(claim, tumour_types=("ANY",)) for name, claim in kb.claims.items()}
        return real(replace(kb, claims=claims), *arguments)

    name = next(
        name
        for name, claim in sorted(tables.claims.items())
        if claim.implication == "prognostic" and claim.biomarker_id == "BRAF_V600E"
    )
    monkeypatch.setattr(proofs_of_claims, "assess_claims", anywhere)
    failures = prove_claims(_only(tables, name), tmp_path).failures
    assert any("is carried over" in line for line in failures)


def test_the_report_names_shares_and_problems(tables: KnowledgeBase, tmp_path: Path) -> None:
    alteration = tables.alterations["EGFR_L858R"]
    small = replace(
        _only(tables, "EGFR_T790M_NSCLC_OSIMERTINIB"),
        alterations={name: tables.alterations[name] for name in ("EGFR_L858R", "EGFR_T790M")},
        alleles={assembly: {} for assembly in Assembly},
        biomarkers={name: tables.biomarkers[name] for name in ("EGFR_L858R", "EGFR_T790M")},
    )
    report = prove(small, tmp_path)
    assert report.holds
    assert "independent HGVS: 2 of 2 alterations (100.0%)" in report.lines()
    assert "read variants: 1 of 1 claims (100.0%)" in report.lines()
    wrong = replace(alteration, protein_changes=("p.Leu858Xaa",))
    broken = prove(replace(small, alterations={**small.alterations, "EGFR_L858R": wrong}), tmp_path)
    assert not broken.holds
    assert broken.problems() == ["EGFR_L858R: no positive case can be made of this row"]


# Needs of profiles.


@pytest.mark.parametrize(
    ("profile", "expected"),
    [
        ("A", [Needs(("A",))]),
        ("A OR B", [Needs(("A",)), Needs(("B",))]),
        ("A AND NOT B", [Needs(("A",), ("B",))]),
        ("NOT (A OR B)", [Needs((), ("A", "B"))]),
        ("NOT (A AND B)", [Needs((), ("A",)), Needs((), ("B",))]),
        ("(A OR B) AND C", [Needs(("A", "C")), Needs(("B", "C"))]),
        ("A AND (B OR C)", [Needs(("A", "B")), Needs(("A", "C"))]),
        ("wild_type(KRAS)", [Needs(wild=("KRAS",))]),
        ("NOT wild_type(KRAS)", []),
        ("cis(A,B)", [Needs(("A", "B"), cis=(("A", "B"),))]),
        ("trans(A,B)", [Needs(("A", "B"), trans=(("A", "B"),))]),
        ("M", [Needs(markers={"M": DETECTED})]),
        ("M == high", [Needs(markers={"M": "high"})]),
        ("M >= 1", [Needs(markers={"M": "1"})]),
        ("M > 1", [Needs(markers={"M": "2"})]),
        ("M < 1", [Needs(markers={"M": "0"})]),
        ("M >= 1 AND M < 50", [Needs(markers={"M": "1"})]),
        ("NOT M >= 50", [Needs(markers={"M": "49"})]),
        ("M == a AND M == b", []),
    ],
)
def test_needs_of_a_profile(profile: str, expected: list[Needs]) -> None:
    assert needs_of(parse(profile), ALTERATIONS) == expected


def test_unmet_values() -> None:
    assert unmet_markers(parse("M >= 50 OR N == high")) == {"M": "49", "N": "something else"}
    assert unmet_markers(parse("A AND NOT B")) == {}


# Tumour types beside each other.

NODES = {
    code: TumourType(code, code, parent, "", "")
    for code, parent in {
        "LUNG": "", "NSCLC": "LUNG", "LUAD": "NSCLC", "LUSC": "NSCLC", "SCLC": "LUNG",
        "MYELOID": "", "AML": "MYELOID", "BLOOD_LIKE": "",
    }.items()
}  # fmt: skip


def test_neighbours_on_the_tree() -> None:
    tree = Tree(NODES)
    assert tree.inside("NSCLC", ()) == "NSCLC"
    assert tree.inside("NSCLC", ("LUSC",)) == "LUAD"
    assert tree.inside("NSCLC", ("LUNG",)) is None
    assert tree.sibling(("LUAD",), ()) == "LUSC"
    assert tree.sibling(("NSCLC",), ()) == "SCLC"
    assert tree.sibling(("LUNG",), ()) is None
    assert tree.blood(()) == "AML"
    assert tree.ordinary(solid=True, avoid=()) == "BLOOD_LIKE"
    assert tree.ordinary(solid=False, avoid=()) == "AML"


def test_markers_alone_are_a_ground(tables: KnowledgeBase, tmp_path: Path) -> None:
    name = next(
        n for n, c in sorted(tables.claims.items()) if tables.biomarkers[c.biomarker_id].profile == "MSI == high"
    )
    assert prove_claims(_only(tables, name), tmp_path).grounds == {name: BY_MARKERS}
