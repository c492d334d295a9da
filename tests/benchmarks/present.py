"""Show benchmark results: a table, a plot, and the README's section on performance, all from results.json alone."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results" / "results.json"
PLOT = HERE / "results" / "ratios.svg"
TABLES = HERE / "results" / "README.md"
README = HERE.parents[1] / "README.md"
BEGIN = "<!-- performance: made by tests/benchmarks/present.py -->"
END = "<!-- performance: end -->"

SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 {{ height }}" role="img" aria-label="{{ title }}"
 font-family="sans-serif">
<title>{{ title }}</title>
<rect width="820" height="{{ height }}" fill="#ffffff"/>
<text x="10" y="20" font-size="14" fill="#1a1a1a">{{ title }}</text>
{% for tick in ticks %}
<line x1="{{ tick.x }}" y1="32" x2="{{ tick.x }}" y2="{{ bottom }}"
 stroke="{{ '#444444' if tick.label == '1' else '#d8d8d8' }}"/>
<text x="{{ tick.x }}" y="{{ bottom + 16 }}" font-size="11" text-anchor="middle" fill="#444444">{{ tick.label }}</text>
{% endfor %}
{% for bar in bars %}
<text x="312" y="{{ bar.y + 13 }}" font-size="12" text-anchor="end" fill="#1a1a1a">{{ bar.name }}</text>
<rect x="{{ bar.x }}" y="{{ bar.y }}" width="{{ bar.width }}" height="17"
 fill="{{ '#0b6e4f' if bar.ours else '#8fa3b0' }}"/>
<text x="{{ bar.label_x }}" y="{{ bar.y + 13 }}" font-size="11" fill="#1a1a1a">{{ bar.label }}</text>
{% endfor %}
<text x="{{ 320 + 200 }}" y="{{ bottom + 34 }}" font-size="11" text-anchor="middle" fill="#444444">{{ axis }}</text>
</svg>
"""


def plot(case: Mapping[str, Any]) -> str:
    """Bars of wall-time ratios on a logarithmic axis; the reference stands at 1."""
    rows = sorted(case["rows"], key=lambda row: row["wall_ratio"])
    low = math.floor(math.log10(min(row["wall_ratio"] for row in rows)))
    high = max(math.ceil(math.log10(max(row["wall_ratio"] for row in rows))), 0)
    left, width, top, step = 320.0, 400.0, 40.0, 24.0

    def place(ratio: float) -> float:
        return left + width * (math.log10(ratio) - low) / max(high - low, 1)

    bars = [
        {
            "name": row["name"],
            "ours": row["name"].startswith("targetboard"),
            "y": round(top + step * number),
            "x": round(left, 1),
            "width": max(round(place(row["wall_ratio"]) - left, 1), 1.0),
            "label_x": round(place(row["wall_ratio"]) + 6, 1),
            "label": f"{row['wall_ratio']:g} ({row['wall']:.1f} s)",
        }
        for number, row in enumerate(rows)
    ]
    bottom = round(top + step * len(rows) + 4)
    ticks = [{"x": round(place(10.0**power), 1), "label": f"{10.0**power:g}"} for power in range(low, high + 1)]
    template = Environment(autoescape=True, trim_blocks=True).from_string(SVG)
    return template.render(
        title=case["title"], bars=bars, ticks=ticks, bottom=bottom, height=bottom + 44, axis=case["axis"]
    )


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(headings), "|".join("---" for _ in headings)]
    return "\n".join(
        f"| {line} |" if number != 1 else f"|{line}|"
        for number, line in enumerate(lines + [" | ".join(row) for row in rows])
    )


def case_table(case: Mapping[str, Any]) -> str:
    """Every command of a case: medians, memory, ratios."""
    rows = [
        (
            row["name"],
            f"{row['wall']:.2f}",
            f"{row['wall_ratio']:g}",
            f"{row['cpu']:.2f}",
            f"{row['cpu_ratio']:g}",
            f"{row['memory']}",
            str(row["rounds"]),
        )
        for row in case["rows"]
    ]
    return table(("way", "wall s", "ratio", "CPU s", "ratio", "memory MB", "rounds"), rows)


def claims_table(results: Mapping[str, Any]) -> str:
    """What was promised and what was measured."""
    rows = [
        (
            claim["what"],
            f"{claim['measured']:g} {claim['unit']}".strip(),
            *_kept(claim),
        )
        for case in results["cases"]
        for claim in case["claims"]
    ]
    return table(("what", "measured", "budget", "kept"), rows)


def _kept(claim: Mapping[str, Any]) -> tuple[str, str]:
    """The budget and whether it is kept; a dash where only the figure is told."""
    if claim["limit"] is None:
        return "–", "–"
    return f"{claim['limit']:g} {claim['unit']}".strip(), "yes" if claim["measured"] <= claim["limit"] else "**no**"


def provenance(results: Mapping[str, Any]) -> str:
    """Machine, versions and date of the run."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    place = f"{machine['processor']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}"
    return f"Measured on {results['date']}: {place}; {versions}."


def section(results: Mapping[str, Any]) -> str:
    """The README's section between its two marks."""
    genome = next(case for case in results["cases"] if case["id"] == "genome")
    return "\n".join(
        (
            BEGIN,
            provenance(results),
            "Ratios within one run say more than seconds of one machine. Every table is in",
            "[tests/benchmarks/results](tests/benchmarks/results/README.md);",
            "`python tests/benchmarks/run.py` makes them anew.",
            "",
            claims_table(results),
            "",
            f"{genome['title']} ({genome['note']})",
            "",
            case_table(genome),
            "",
            f"![{genome['title']}](tests/benchmarks/results/ratios.svg)",
            END,
        )
    )


def tables(results: Mapping[str, Any]) -> str:
    """The page with every case."""
    parts = [
        "# Benchmarks",
        provenance(results),
        claims_table(results),
        f"![{results['cases'][0]['title']}](ratios.svg)",
    ]
    for case in results["cases"]:
        parts += [f"## {case['title']}", case["note"], case_table(case)]
    return "\n\n".join(parts) + "\n"


def replaced(text: str, new: str) -> str:
    """README text with its section on performance exchanged."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    if not tail:
        raise ValueError(f"README.md lacks the marks {BEGIN} and {END}")
    return head + new + tail


def main() -> None:
    """Write plot, tables and README section from results.json."""
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    genome = next(case for case in results["cases"] if case["id"] == "genome")
    PLOT.write_text(plot(genome), encoding="utf-8", newline="\n")
    TABLES.write_text(tables(results), encoding="utf-8", newline="\n")
    README.write_text(replaced(README.read_text(encoding="utf-8"), section(results)), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
