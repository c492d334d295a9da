"""The overview page of a cohort and its figures, made from the facts of the samples and nothing else.

Security as in the report of a sample: every value is escaped and stripped of hidden characters; no scripts, no style
attributes, no network; the content security policy allows exactly the inline style sheet by its hash. Links lead to the
reports beside the page only.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup

from targetboard.cohort.collect import Cohort
from targetboard.cohort.oncoprint import Oncoprint, legend_path, oncoprint
from targetboard.cohort.page_view import KIND_WORDS, OUTCOME_WORDS, page_view
from targetboard.cohort.summary import TumourGroup
from targetboard.cohort.tier_chart import TierChart, tier_chart
from targetboard.report.html_page import SHARED, content_policy, style_sheet, template_environment

CONTENTS = (
    ("summary", "Summary"),
    ("tiers", "Actionable share"),
    ("oncoprint", "Drivers"),
    ("trials", "Trials"),
    ("adequacy", "Adequacy"),
    ("failed", "Failed samples"),
    ("samples", "Samples"),
    ("ledger", "Alleles"),
    ("origin", "Knowledge and software"),
)

_TEMPLATES = Path(__file__).parent / "templates"
_STYLES = (SHARED / "style.css", _TEMPLATES / "cohort.css", _TEMPLATES / "figure.css")
_NOTHING = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="320" height="40">'
    '<title>{0}</title><text x="8" y="24">{0}</text></svg>\n'
)


def cohort_page(cohort: Cohort, groups: list[TumourGroup]) -> str:
    """The page as HTML5, ending with a line break; write it as UTF-8 beside the folders of the samples."""
    tiers, drivers = tier_chart(groups), oncoprint(cohort.complete)
    style = Markup("").join(map(style_sheet, _STYLES))
    page = (
        _environment()
        .get_template("cohort.html")
        .render(
            view=page_view(cohort, groups, _inline("tiers.html", tiers), _inline("oncoprint.html", drivers), drivers),
            contents=CONTENTS,
            outcomes=tuple(OUTCOME_WORDS.items()),
            kinds=tuple((token, words, legend_path(token)) for token, words in KIND_WORDS.items()),
            style=style,
            policy=content_policy(style),
        )
    )
    return page.rstrip("\n") + "\n"


def oncoprint_svg(cohort: Cohort) -> str:
    """The oncoprint as an SVG file of its own; a file that says so where there is no driver."""
    chart = oncoprint(cohort.complete)
    return _NOTHING.format("No driver was reported.") if chart is None else _figure("oncoprint.html", chart)


def tiers_svg(groups: list[TumourGroup]) -> str:
    """The chart of outcomes as an SVG file of its own; a file that says so without complete samples."""
    chart = tier_chart(groups)
    return _NOTHING.format("No sample was analysed completely.") if chart is None else _figure("tiers.html", chart)


def _figure(template: str, chart: Oncoprint | TierChart) -> str:
    return _environment().get_template(template).render(chart=chart, style=style_sheet(_TEMPLATES / "figure.css"))


def _inline(template: str, chart: Oncoprint | TierChart | None) -> Markup:
    if chart is None:
        return Markup("")
    return Markup(_environment().get_template(template).render(chart=chart, style=""))  # noqa: S704 - autoescaped


@lru_cache(maxsize=1)
def _environment() -> Environment:
    """The templates, compiled once a process."""
    return template_environment(_TEMPLATES)
