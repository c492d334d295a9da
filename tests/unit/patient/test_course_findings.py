"""One variant in several documents: what pairs it, and what keeps two variants apart."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.patient.findings import group_events, group_variants
from targetboard.patient.samples import order_samples

CODING = {"transcript": "NM_005228.3", "hgvsc": "c.2369C>T"}
NEWER = {"transcript": "NM_005228.5", "hgvsc": "c.2369C>T"}


def paired(make_document: Callable, one: dict[str, Any], other: dict[str, Any], assembly: str = "GRCh38") -> list[str]:
    documents = [
        make_document("A", variants=[one]),
        make_document("B", variants=[other], sample={"assembly": assembly}),
    ]
    findings = group_variants(order_samples(documents).samples)
    assert sum(len(finding.members) for finding in findings) == 2
    return [rule for finding in findings for rule in finding.matched_by]


@pytest.mark.parametrize(
    ("one", "other", "assembly", "rules"),
    [
        ({"pos": 5}, {"pos": 5}, "GRCh38", ["allele"]),
        ({"pos": 5}, {"pos": 5}, "GRCh37", []),
        ({"pos": 5, "alt": "A"}, {"pos": 5}, "GRCh38", []),
        # an indel that two callers place differently
        ({"pos": 5, **CODING}, {"pos": 9, **NEWER}, "GRCh38", ["coding change"]),
        ({"pos": 5, **CODING}, {"pos": 9, **NEWER}, "GRCh37", ["coding change"]),
        ({"pos": 5, **CODING}, {"pos": 9, **CODING, "gene": "KRAS"}, "GRCh37", []),
        ({"pos": 5, "hgvsc": "c.-124C>T"}, {"pos": 9, "hgvsc": "c.-124C>T"}, "GRCh37", ["coding change without"]),
        ({"pos": 5, "hgvsp": "p.Cys797Ser"}, {"pos": 9, "hgvsp": "p.Cys797Ser"}, "GRCh37", ["protein change"]),
        # two nucleotide routes to one protein change are two events in one assembly
        ({"pos": 5, "hgvsp": "p.Cys797Ser"}, {"pos": 9, "hgvsp": "p.Cys797Ser"}, "GRCh38", []),
        ({"pos": 5, "hgvsp": "p.Val1="}, {"pos": 9, "hgvsp": "p.Val1="}, "GRCh37", []),
        ({"pos": 5, "hgvsp": "p.?"}, {"pos": 9, "hgvsp": "p.?"}, "GRCh37", []),
        ({"pos": 5, "hgvsp": ""}, {"pos": 9, "hgvsp": ""}, "GRCh37", []),
    ],
)
def test_pairing(
    make_document: Callable,
    make_variant: Callable,
    one: dict[str, Any],
    other: dict[str, Any],
    assembly: str,
    rules: list[str],
) -> None:
    entries = [make_variant(**{"gene": "EGFR", **values}) for values in (one, other)]
    found = paired(make_document, entries[0], entries[1], assembly)
    assert len(found) == len(rules)
    assert all(rule.startswith(wanted) for rule, wanted in zip(found, rules, strict=True))


def test_two_routes_in_one_sample_stay_two_findings(make_document: Callable, make_variant: Callable) -> None:
    routes = [make_variant("EGFR", 5, "p.Cys797Ser"), make_variant("EGFR", 6, "p.Cys797Ser")]
    documents = [make_document("A", variants=routes), make_document("B", variants=[dict(routes[1])])]
    findings = group_variants(order_samples(documents).samples)
    assert [list(finding.members) for finding in findings] == [["A"], ["A", "B"]]


def test_events_pair_by_kind_gene_and_partner(make_document: Callable) -> None:
    events = [
        {"kind": "fusion", "gene": "ALK", "partner": "EML4", "label": "EML4::ALK fusion"},
        {"kind": "fusion", "gene": "ALK", "partner": "KIF5B", "label": "KIF5B::ALK fusion"},
    ]
    documents = [make_document("A", events=events[:1]), make_document("B", events=events)]
    found = group_events(order_samples(documents).samples)
    assert [list(event.members) for event in found] == [["A", "B"], ["B"]]
