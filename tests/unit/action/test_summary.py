from __future__ import annotations

from types import ModuleType
from typing import Any

from targetboard.action.summary import headline


def row(name: str, direction: str = "sensitive", match: str = "exact", **values: Any) -> dict[str, Any]:
    base = {
        "biomarker": name, "direction": direction, "drugs": [f"drug of {name}"], "regimen": "", "amp": "I-A",
        "tumour_match": match, "state": "met", "conflicts_with": [], "biomarkers": [name],
    }  # fmt: skip
    return {**base, **values}


def test_at_most_six_lines_and_germline_is_never_lost(small: ModuleType) -> None:
    rows = [row(f"B{i}") for i in range(9)] + [
        row("R", "resistant"),
        row("N", "not_indicated"),
        row("O", match="other_tumour"),
    ]
    lines = headline(rows, [], [small.make_variant("BRCA1", flags=("germline_suspect",))])
    assert [line["kind"] for line in lines] == [
        "actionable", "actionable", "actionable", "resistance", "resistance", "germline",
    ]  # fmt: skip
    assert lines[2]["text"].endswith("6 more in the table.")


def test_conditional_and_many_drugs() -> None:
    rows = [row("B", drugs=[f"d{i}"], state="unknown") for i in range(6)]
    assert headline(rows, [], [])[0]["text"] == "B: may respond to d0, d1, d2, d3 and 2 more (tier I-A, conditional)."


def test_a_drug_spoken_against_is_not_actionable() -> None:
    lines = headline([row("B", conflicts_with=["X"]), row("R", "resistant", conflicts_with=["Y"])], [], [])
    assert [line["kind"] for line in lines] == ["resistance"]


def test_elsewhere_leaves_out_what_is_listed_here() -> None:
    rows = [row("B", drugs=["d"]), row("B", drugs=["d"], match="other_tumour")]
    assert [line["kind"] for line in headline(rows, [], [])] == ["actionable"]
    rows.append(row("C", drugs=["e"], match="other_tumour", amp="II-C"))
    assert (
        headline(rows, [], [])[1]["text"] == "C: drugs with evidence in other tumour types (tier II-C), see the table."
    )


def test_a_mechanism_without_a_claim_is_told() -> None:
    found = {"kind": "found", "mechanism": "gatekeeper change", "alteration_id": "X", "after": []}
    assert headline([], [found], [])[0] == {
        "kind": "resistance",
        "text": "Resistance mechanism found: gatekeeper change.",
    }


def test_a_drug_whose_condition_is_not_met_is_counted_after_the_others() -> None:
    def judged(*states: str) -> list[dict[str, str]]:
        return [{"text": "first line", "state": state} for state in states]

    rows = [
        row("B", drugs=["open"], conditions=judged("unknown")),
        row("B", drugs=["late"], conditions=judged("not_met")),
    ]
    assert headline(rows, [], [])[0]["text"] == (
        "B: may respond to open (tier I-A, conditions to be checked; 1 more with a condition that is not met)."
    )
    assert headline(rows[1:], [], [])[0]["text"] == "B: may respond to late (tier I-A, a condition is not met)."
    against = [row("B", "not_indicated", drugs=[name], conditions=judged(name)) for name in ("met", "not_met")]
    assert headline(against, [], [])[0]["text"] == "B: met, not_met not indicated (tier I-A)."


def test_a_drug_of_a_weaker_tier_does_not_borrow_the_better_one() -> None:
    rows = [row("B", drugs=["strong"]), row("B", drugs=["weak"], amp="II-C")]
    assert headline(rows, [], [])[0]["text"] == "B: may respond to strong (tier I-A)."


def test_what_speaks_against_a_drug_is_named_in_full() -> None:
    rows = [row("R", "resistant", drugs=["d"]), row("R", "resistant", drugs=["e"], amp="II-C")]
    assert headline(rows, [], [])[0]["text"] == "R: resistance to d, e (tiers I-A to II-C)."


def test_a_found_resistance_takes_its_drug_from_the_headline_and_is_told_beside_another_one() -> None:
    found = {"kind": "found", "mechanism": "pocket change", "alteration_id": "V654A", "after": ["d"]}
    rows = [row("EX11", drugs=["d"]), row("EX11", drugs=["d", "e"]), row("R", "resistant", drugs=["f"])]
    lines = [line["text"] for line in headline(rows, [found], [])]
    assert lines == [
        "EX11: may respond to d + e (tier I-A).",
        "R: resistance to f (tier I-A).",
        "Resistance mechanism found: pocket change.",
    ]


def test_nothing_found_is_no_negative_result() -> None:
    (line,) = headline([], [], [])
    assert line["kind"] == "none"
    assert "no negative result" in line["text"]


def test_an_inadequate_sample_is_said_first_and_positives_stand() -> None:
    lines = headline([], [], [], covered=True, inadequate=True)
    assert [line["kind"] for line in lines] == ["adequacy", "none"]
    assert lines[0]["text"].startswith("Inconclusive: repeat biopsy or liquid biopsy.")


def marker(label: str, state: str, reason: str) -> dict[str, Any]:
    return {"marker_id": label, "label": label, "state": state, "reason": reason}


def test_what_is_not_settled_stands_first_and_takes_no_place_from_the_findings(small: ModuleType) -> None:
    rows = [row(f"B{i}") for i in range(9)] + [row("R", "resistant"), row("N", "not_indicated")]
    lines = headline(
        rows,
        [],
        [small.make_variant("BRCA1", flags=("germline_suspect",))],
        inadequate=True,
        deciding=[marker("Biallelic X", "inconclusive", "a and b; test the parents"), marker("Y", "detected", "")],
        not_evaluated={"TP53": 2, "ATM": 1},
    )
    assert lines[0]["kind"] == "adequacy"
    assert lines[1:3] == [
        {"kind": "unclear", "text": "Biallelic X: inconclusive. a and b; test the parents."},
        {
            "kind": "unclear",
            "text": "3 alleles in ATM, TP53 could not be judged: a driver may be among what is not named.",
        },
    ]
    assert [line["kind"] for line in lines[3:]] == ["actionable", "actionable", "actionable", "resistance", "germline"]


def test_several_open_markers_are_one_line() -> None:
    deciding = [marker(name, "inconclusive", "why") for name in "ABCDEF"]
    assert headline([], [], [], deciding=deciding)[0]["text"] == (
        "A; B; C; D and 2 more: inconclusive, see the markers."
    )
    for reason in ("long " * 50, "2026-02-03", ""):
        assert headline([], [], [], deciding=[marker("A", "inconclusive", reason)])[0]["text"] == (
            "A: inconclusive, see the markers."
        )
    assert headline([], [], [], deciding=[marker("A", "not_assessed", "")])[0]["kind"] == "none"
