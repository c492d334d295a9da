from __future__ import annotations

from types import ModuleType

import pytest

from targetboard.action.tumour_types import TumourTypes
from targetboard.errors import KnowledgeError, UsageError
from targetboard.knowledge.records import TumourType


@pytest.fixture(scope="module")
def tree(small: ModuleType) -> TumourTypes:
    return TumourTypes(small.make_kb().tumour_types)


@pytest.mark.parametrize("text", ["NSCLC", "nsclc", " Nsclc "])
def test_resolves_in_any_case(tree: TumourTypes, text: str) -> None:
    assert tree.resolve(text).code == "NSCLC"


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [("NSCL", "NSCLC"), ("LUNGADENO", "LUNG"), ("melanoma", "MEL"), ("colon adenocarcinoma", "COAD"), ("lung", "")],
)
def test_suggests_the_nearest(tree: TumourTypes, text: str, suggestion: str) -> None:
    if not suggestion:
        assert tree.resolve(text).code == "LUNG"
        return
    with pytest.raises(UsageError) as caught:
        tree.resolve(text)
    assert suggestion in caught.value.remedy
    assert caught.value.code == 2


def test_nothing_near(tree: TumourTypes) -> None:
    with pytest.raises(UsageError, match="is not a tumour type code"):
        tree.resolve("€€€")


def test_lineage(tree: TumourTypes) -> None:
    assert tree.lineage("LUAD") == ("LUAD", "NSCLC", "LUNG", "TISSUE")
    assert not tree.is_solid("AML")
    assert tree.is_solid("LUAD")


@pytest.mark.parametrize(
    ("sample", "claim", "excluded", "token", "is_open"),
    [
        ("NSCLC", ["NSCLC"], [], "exact", False),
        ("LUAD", ["NSCLC"], [], "descendant", False),
        ("NSCLC", ["LUAD"], [], "ancestor", True),
        ("MEL", ["NSCLC"], [], "other_tumour", False),
        ("MEL", ["ANY_SOLID"], [], "pan_tumour", False),
        ("AML", ["ANY_SOLID"], [], "other_tumour", False),
        ("AML", ["ANY"], [], "pan_tumour", False),
        ("COAD", ["ANY_SOLID"], ["COADREAD"], "excluded", False),
        ("COADREAD", ["ANY_SOLID"], ["COADREAD"], "excluded", False),
        ("BOWEL", ["ANY_SOLID"], ["COADREAD"], "pan_tumour", True),
        ("NSCLC", ["ANY", "LUAD", "LUNG"], [], "descendant", False),
        ("NSCLC", ["MEL", "LUAD"], [], "ancestor", True),
        ("NSCLC", ["disease:RPE65"], [], "other_tumour", False),
        (None, ["NSCLC"], [], "ancestor", True),
        (None, ["ANY"], [], "pan_tumour", False),
    ],
)
def test_relation(
    tree: TumourTypes, sample: str | None, claim: list[str], excluded: list[str], token: str, is_open: bool
) -> None:
    relation = tree.relation(sample, claim, excluded)
    assert relation.token == token
    assert bool(relation.unknown) is is_open


def test_a_broader_type_says_what_it_is_broader_than(tree: TumourTypes) -> None:
    assert tree.relation("NSCLC", ["LUAD"]).unknown == (
        "tumour type NSCLC (Non-Small Cell Lung Cancer) is broader than LUAD (Lung Adenocarcinoma)"
    )


@pytest.mark.parametrize(
    ("claim", "token"), [(["disease:RPE65"], "exact"), (["NSCLC"], "other_tumour"), (["ANY"], "other_tumour")]
)
def test_a_condition_switches_the_tree_off(tree: TumourTypes, claim: list[str], token: str) -> None:
    assert tree.relation(None, claim, (), "disease:rpe65").token == token


def test_a_circle_is_a_knowledge_error() -> None:
    nodes = {code: TumourType(code, code, parent, "", "") for code, parent in (("A", "B"), ("B", "A"))}
    with pytest.raises(KnowledgeError, match="its own ancestor"):
        TumourTypes(nodes)
