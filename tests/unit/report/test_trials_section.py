"""The trials of a report: matches and possible ones with their criteria, the others with the reason, nothing unsafe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from targetboard.report.render import render
from targetboard.report.sections import trials

Example = Callable[[str], dict[str, Any]]


def test_offered_trials_and_the_others_stand_apart(nsclc: dict[str, Any]) -> None:
    view = trials.view(nsclc)
    assert view is not None
    assert [(row.trial_id, row.state.label) for row in view.offered] == [
        ("NCT00000001", "match"),
        ("LOCAL-7", "possible"),
    ]
    assert [row.trial_id for row in view.others] == ["NCT00000002", "NCT00000003"]
    assert view.withheld == 0


def test_the_reason_against_is_what_decides(nsclc: dict[str, Any]) -> None:
    view = trials.view(nsclc)
    assert view is not None
    reasons = [[text for _, _, text in row.against] for row in view.others]
    assert reasons == [
        ["recruitment: active not recruiting as of 2025 (read 2026-11-24)"],
        ["asks for KRAS G12C; KRAS G12C was not called"],
    ]


def test_the_page_names_design_state_status_with_its_date_and_list(nsclc: dict[str, Any]) -> None:
    page = " ".join(render(nsclc).split())
    start = page.index('<section id="trials"')
    section = page[start : page.index("</section>", start)]
    for words in (
        "An invented trial after osimertinib",
        "platform trial",
        "umbrella trial",
        "recruiting as of 2026-03-02",
        'read <span class="data">2026-11-24</span>',
        "own.tsv",
        "✗ not met",
        "Why not: 2 trials considered that do not fit",
        "ask the registry or a site",
    ):
        assert words in section, words
    assert '<a href="http' not in section


def test_no_trials_no_section(example: Example) -> None:
    document = example("no_variants")
    assert trials.view(document) is None
    del document["trials"]
    assert trials.view(document) is None
    assert '<section id="trials"' not in render(document)


@pytest.mark.parametrize("index", [4, 99])
def test_a_trial_that_rests_on_another_variant_is_withheld(nsclc: dict[str, Any], index: int) -> None:
    nsclc["trials"][0]["variants"] = [index]
    view = trials.view(nsclc)
    assert view is not None
    assert (len(view.offered), view.withheld) == (1, 1)
    assert "An invented trial after osimertinib" not in render(nsclc)
    assert "1 trial withheld" in render(nsclc)


def test_only_trials_that_do_not_fit(nsclc: dict[str, Any]) -> None:
    nsclc["trials"] = nsclc["trials"][2:3]
    page = " ".join(render(nsclc).split())
    assert "No trial of the lists fits this sample." in page
    assert "Why not: 1 trial considered that does not fit" in page
