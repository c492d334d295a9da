"""The overview page and the figures: self-contained, inert, the same bytes again, and what they leave out is said."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest

from targetboard.cohort.collect import Cohort, collect
from targetboard.cohort.oncoprint import MOST_COLUMNS, MOST_GENES, oncoprint
from targetboard.cohort.outputs import write_outputs
from targetboard.cohort.page import cohort_page, oncoprint_svg, tiers_svg
from targetboard.cohort.summary import tumour_groups

Make = Callable[..., dict[str, Any]]


def page_of(cohort: Cohort) -> str:
    return cohort_page(cohort, tumour_groups(cohort.samples))


def test_page_is_valid_html_without_scripts_styles_or_network(mixed: Cohort) -> None:
    page = page_of(mixed)
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    tree = parser.parse(page)
    assert not list(tree.iter("script"))
    assert not [element.tag for element in tree.iter() if "style" in element.attrib]
    links = [element.get("href") for element in tree.iter("a")]
    assert links
    assert all(link.startswith(("#", "../")) for link in links)
    identifiers = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(identifiers) == len(set(identifiers))
    assert {link[1:] for link in links if link.startswith("#")} <= set(identifiers)


def test_hostile_text_stays_text(documents: dict[str, dict[str, Any]]) -> None:
    hostile = documents["hostile"]
    failed = {**documents["failed_build"]}
    failed["error"] = {**failed["error"], "what": "<img src=x onerror=alert(1)>\u202e"}
    cohort = collect([hostile, failed])
    page = page_of(cohort)
    tree = html5lib.parse(page, namespaceHTMLElements=False)
    assert not list(tree.iter("script"))
    assert not list(tree.iter("img"))
    assert "\u202e" not in page
    assert "&lt;img src=x" in page
    ElementTree.fromstring(oncoprint_svg(cohort))  # noqa: S314 - our own file
    ElementTree.fromstring(tiers_svg(tumour_groups(cohort.samples)))  # noqa: S314 - our own file


def test_a_mixture_of_releases_is_flagged(mixed: Cohort, make: Make) -> None:
    assert "Mixture of knowledge" in page_of(mixed)
    assert "2025.9" in page_of(mixed)
    assert "Mixture of knowledge" not in page_of(collect([make("A"), make("B")]))


def test_failures_and_inadequate_samples_are_named_with_their_reasons(mixed: Cohort) -> None:
    page = page_of(mixed)
    for sample_id, _, what, *_ in mixed.failures:
        assert sample_id in page
        assert what.split("<")[0][:20] in page
    assert any(sample.adequacy == "inadequate" for sample in mixed.samples)
    assert "what was not found may have been missed" in page


def test_nothing_complete_and_no_driver_have_words_of_their_own(
    documents: dict[str, dict[str, Any]], make: Make
) -> None:
    failures = collect([documents["failed_build"]])
    assert "No sample was analysed completely." in page_of(failures)
    assert "No sample was analysed completely." in tiers_svg(tumour_groups(failures.samples))
    silent = collect([make("A")])
    assert "No driver was reported" in page_of(silent)
    assert "No driver was reported" in oncoprint_svg(silent)


def test_oncoprint_orders_samples_and_marks_what_coverage_shows(make: Make, variant: Make) -> None:
    absent = [{"gene": "KRAS", "state": "not_detected"}]
    cohort = collect(
        [
            make("A", variants=[variant("TP53", "p.Arg273His", driver_class="likely_driver")], negatives=absent),
            make("B", variants=[variant("KRAS", "p.Gly12Asp")]),
            make("C", variants=[variant("KRAS", "p.Gly12Asp"), variant("TP53", "p.Arg273His")]),
            make("D"),
        ]
    )
    chart = oncoprint(cohort.complete)
    assert chart is not None
    assert [(row.gene, row.carriers, row.share) for row in chart.rows] == [
        ("KRAS", 2, "50\u00a0%"),
        ("TP53", 2, "50\u00a0%"),
    ]
    assert [column.name for column in chart.names] == ["C", "B", "A", "D"]
    looks = [layer.look for layer in chart.rows[0].layers]
    assert looks == ["cell", "cell absent", "kind-missense validated_driver"]
    assert chart.rows[1].layers[-1].look == "kind-missense validated_driver"
    assert "kind-missense likely_driver" in [layer.look for layer in chart.rows[1].layers]


def test_a_large_cohort_shares_columns_and_says_so(make: Make, variant: Make) -> None:
    genes = [f"G{number}" for number in range(MOST_GENES + 5)]
    base = [make(f"S{n}", variants=[variant(genes[n % len(genes)], "p.Ala1Val")]) for n in range(MOST_COLUMNS * 2 + 1)]
    cohort = collect(base)
    chart = oncoprint(cohort.complete)
    assert chart is not None
    assert (chart.per_column, chart.genes_left_out, chart.names) == (3, 5, ())
    page = page_of(cohort)
    assert "3 neighbouring samples share a column" in page
    assert "5 less frequent genes not drawn" in page
    assert "more in samples.tsv" in page
    assert len(page) < 600_000


def test_equal_cohorts_give_equal_bytes(tmp_path: Path, documents: dict[str, dict[str, Any]]) -> None:
    for name in ("a", "b"):
        write_outputs(collect(documents.values()), tmp_path / name)
    first, second = (
        {path.relative_to(tmp_path / name).as_posix(): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("a", "b")
    )
    assert first == second
    assert {"cohort.html", "oncoprint.svg", "tiers.svg", "summary.tsv", "trials.tsv", "alterations.tsv"} <= set(first)
    assert "multiqc/multiqc_config.yaml" in first


def test_trials_name_the_samples_that_have_what_they_ask_for(make: Make) -> None:
    trial = {
        **dict.fromkeys(("arm", "phase", "status", "status_as_of", "url", "design"), ""),
        "trial_id": "NCT00000001",
        "title": "A basket",
        "countries": [],
        "drugs": ["dabrafenib"],
        "accessed": "2026-02-03",
    }
    found = {**trial, "state": "match", "biomarkers": ["BRAF_V600E"], "criteria": []}
    untested = {**trial, "title": "", "drugs": [], "state": "possible", "biomarkers": [], "criteria": []}
    other = {**untested, "trial_id": "NCT00000002"}
    cohort = collect([make("A", trials=[untested]), make("B", trials=[found, other])])
    page = page_of(cohort)
    section = page[page.index('<section id="trials"') : page.index('<section id="adequacy"')]
    assert "NCT00000001 – A basket" in section
    assert re.findall(r">([AB])</a>", section) == ["B"]
    assert "In 1 more sample the biomarker is not known" in section
    assert "1 trial arm more where no sample has the biomarker shown" in section


@pytest.mark.parametrize("name", ["A&B", "S 1"])
def test_links_are_quoted(make: Make, name: str) -> None:
    page = page_of(collect([make(name)]))
    assert re.search(r'href="\.\./(A%26B|S%201)/', page)


def test_alleles_of_all_samples_are_accounted_for(make: Make) -> None:
    ledger = {"records_in": 3, "alleles_in": 4, "reported": 1, "filtered": {"a": 1}, "unparsed": {"b": 2}}
    cohort = collect([make("A", ledger=ledger), make("B", ledger=ledger), make("C", ledger=None)])
    assert (cohort.alleles.read, cohort.alleles.filtered, cohort.alleles.unbalanced) == (8, {"a": 2}, [])
    assert re.search(r"<th[^>]*>b</th><td class=\"number\">4</td>", page_of(cohort))
    lost = collect([make("A", ledger={**ledger, "reported": 0})])
    assert lost.alleles.unbalanced == ["A"]
    assert "The ledger does not balance in 1 sample: A." in page_of(lost)


def test_samples_of_a_patient_are_told_from_patients(make: Make) -> None:
    documents = [make(name) for name in ("A", "B", "C")]
    for document, patient in zip(documents, ("P1", "P1", ""), strict=True):
        document["sample"]["patient_id"] = patient
    assert "2 samples of 1 patient, and 1 without a patient." in page_of(collect(documents))
