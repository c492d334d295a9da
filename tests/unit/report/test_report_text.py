"""Text helpers, the strings in CSS, the figures' geometry and the palette's contrast."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.report.figures import MAX_ROWS, fraction_chart, interval_bar
from targetboard.report.html_page import css_string
from targetboard.report.sections.text import interval, percent, pmid, points, printable, short


@pytest.mark.parametrize(
    ("given_text", "shown"),
    [
        ("EGFR p.Leu858Arg", "EGFR p.Leu858Arg"),
        ("two\r\nlines\tand tab", "two lines and tab"),
        ("\u202eevil", "\\u202eevil"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\x00", "\\x00"),
        ("\ud800", "\\ud800"),
        ("5\u00a0%", "5\u00a0%"),
        ("שלום", "שלום"),
    ],
)
def test_hidden_characters_are_shown(given_text: str, shown: str) -> None:
    assert printable(given_text) == shown


@pytest.mark.parametrize(
    ("fraction", "text"),
    [(None, ""), (0.0, "0.0\u00a0%"), (0.0042, "0.42\u00a0%"), (0.382, "38.2\u00a0%"), (1.0, "100.0\u00a0%")],
)
def test_percent(fraction: float | None, text: str) -> None:
    assert percent(fraction) == text


def test_interval_has_one_number_of_decimals() -> None:
    assert (interval([0.001, 0.004]), interval([0.001, 0.04]), interval(None)) == (
        "0.10–0.40\u00a0%",
        "0.1–4.0\u00a0%",
        "",
    )


def test_points_carry_their_sign() -> None:
    assert [points(number) for number in (10, 0, -4)] == ["+10", "0", "−4"]


def test_long_alleles_are_cut_and_say_so() -> None:
    assert short("A" * 24) == "A" * 24
    assert short("A" * 1024) == "A" * 20 + "… (+1,004)"


@pytest.mark.parametrize(
    ("source", "digits"),
    [
        ("PMID:27959700", "27959700"),
        ("PMID: 27959700", "27959700"),
        ("PMID:1/../x", ""),
        ("PMID:１２", ""),
        ("xPMID:12", ""),
        ("PMID:12\n", ""),
        ("PMID:", ""),
        ("CIViC:EID12", ""),
    ],
)
def test_only_digits_become_links(source: str, digits: str) -> None:
    assert pmid(source) == digits


@given(st.text())
def test_css_strings_cannot_be_left(text: str) -> None:
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ]|\\[0-9a-f]{1,6} )*"', css_string(text))


def test_bar_stays_inside_and_has_a_width() -> None:
    bar = interval_bar(1.2, [0.9, 1.3])
    assert bar is not None
    assert (bar.x, bar.low, bar.high, bar.width) == ("120", "108", "120", "12")
    point = interval_bar(0.5, None)
    assert point is not None
    assert (point.x, point.width) == ("60", "1")
    assert interval_bar(None, None) is None


def variants(number: int, **change: Any) -> list[dict[str, Any]]:
    return [
        {"ref": "C", "alt": "T", "vaf": 0.5, "vaf_interval": [0.4, 0.6], "driver_class": "uncertain", **change}
        for _ in range(number)
    ]


def test_chart_says_what_it_leaves_out() -> None:
    drawn = [*variants(MAX_ROWS + 3), *variants(2, vaf=None, vaf_interval=None)]
    chart = fraction_chart(drawn, ["name"] * len(drawn), 0.6)
    assert chart is not None
    assert (chart.drawn, chart.left_out, chart.without_fraction, chart.expected_percent) == (MAX_ROWS, 3, 2, "30")
    assert fraction_chart(variants(2, vaf=None), ["", ""], None) is None


def test_chart_orders_by_class_then_fraction() -> None:
    drawn = [*variants(1, vaf=0.1), *variants(1, vaf=0.2), *variants(1, driver_class="validated_driver", vaf=0.05)]
    chart = fraction_chart(drawn, ["a", "b", "c"], None)
    assert chart is not None
    assert [row.heading or row.label for row in chart.rows] == ["Validated driver", "c", "Uncertain", "b", "a"]
    assert chart.expected == ""


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        ("ink", "paper"),
        ("ink", "brand-soft"),
        ("muted", "paper"),
        ("muted", "soft"),
        ("brand", "paper"),
        ("brand", "brand-soft"),
        ("paper", "brand"),
        ("good", "good-soft"),
        ("bad", "bad-soft"),
        ("warn", "warn-soft"),
    ],
)
def test_contrast_of_the_palette(root: Path, ink: str, ground: str) -> None:
    css = (root / "scripts/targetboard/report/templates/style.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css))
    lighter, darker = sorted((luminance(colours[ink]), luminance(colours[ground])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5
