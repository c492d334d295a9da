"""What the golden tests read of a document: its summary as text, expectations on its rows, and drug names in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from targetboard.cli import main
from targetboard.report.render import render

VARIANT_COLUMNS = ("gene", "hgvsc", "hgvsp", "consequence", "vaf", "depth", "driver_class", "class_reason")
FILE_OPTIONS = ("vcf", "assay", "coverage", "cna", "fusions", "markers", "trials", "clinical", "fasta", "gff3")
# The sheet's prior therapies are what the user wrote; options without a biomarker are the one place for other drugs.
MAY_NAME_DRUGS = frozenset({"sample", "options_without_biomarker"})


def annotate(sample_id: str, arguments: Mapping[str, Any], folder: Path, out: Path) -> dict[str, Any]:
    """Run ``targetboard annotate`` and return its document; file arguments are relative to ``folder``."""
    given = {"vcf": "tumour.vcf", **arguments}
    words = ["annotate", "--sample-id", sample_id, "--out", str(out)]
    for option, value in given.items():
        words += [f"--{option}", str(folder / value) if option in FILE_OPTIONS else str(value)]
    assert main(words) == 0
    document: dict[str, Any] = json.loads((out / f"{sample_id}.json").read_text(encoding="utf-8"))
    return document


def summary(document: Mapping[str, Any]) -> str:
    """The calls of a document in a page: columns, headline, variants, claims, what was withheld, resistance, ledger."""
    sample, caller = document["sample"], document["caller"]
    lines = [f"caller {caller['name']}, annotation {document['annotation']['source']}"]
    lines.append(f"tumour column {sample['tumour_column']}, normal column {sample['normal_column']}")
    lines += ["", "HEADLINE", *(f"{line['kind']}: {line['text']}" for line in document["headline"])]
    lines += ["", "VARIANTS"]
    for variant in document["variants"]:
        matches = (
            ", ".join(f"{match['alteration_id']} ({match['level']})" for match in variant["matches"]) or "no match"
        )
        oncogenicity = variant["oncogenicity"] or {"class": "not evaluable", "points": "-"}
        flags = ", ".join(variant["flags"]) or "no flags"
        lines.append(" | ".join(str(variant[column]) for column in VARIANT_COLUMNS[:-1]))
        lines.append(f"    {matches} | {oncogenicity['class']} {oncogenicity['points']} | {flags} | {variant['tier']}")
        lines.append(f"    {variant['class_reason']}")
    lines += ["", "EVENTS"]
    for event in document["events"]:
        lines.append(f"{event['label']} | {event['value']} | {event['driver_class']} | {event['alterations']}")
    lines += ["", f"ADEQUACY {document['adequacy']['verdict']}: {'; '.join(document['adequacy']['reasons'])}"]
    lines += ["", "NEGATIVES"]
    lines += [f"{row['label']} | {row['state']} | {row['reason']}" for row in document["negatives"]]
    measured = [row for row in document["markers"] if row["state"] != "not_assessed"]
    lines += ["", "MARKERS", *(f"{row['marker_id']} | {row['state']} | {row['value']}" for row in measured)]
    lines += ["", "CLAIMS"]
    for claim in document["therapies"]:
        drugs = " + ".join(claim["drugs"]) or "-"
        what = claim["direction"] or claim["implication"]
        lines.append(
            f"{claim['claim_id']} | {drugs} | {what} | {claim['amp']} | {claim['tumour_match']} | {claim['state']}"
        )
    lines += ["", "WITHHELD", *(f"{found['claim_id']}: {found['reason']}" for found in document["withheld"])]
    lines += ["", "RESISTANCE"]
    for found in document["resistance"]:
        lines.append(f"{found['kind']} {found['alteration_id']} after {found['after']}: next {found['next_line']}")
    lines += ["", "TRIALS", *(_trial(entry) for entry in document["trials"] if entry["title"])]
    lines += ["", "LEDGER", json.dumps(document["ledger"], sort_keys=True)]
    lines += ["", "WARNINGS", *document["warnings"], "", "LIMITS", *(note["code"] for note in document["limitations"])]
    return "\n".join(lines) + "\n"


def _trial(entry: Mapping[str, Any]) -> str:
    """One trial with the criteria that are not met, or open."""
    names = {
        state: [c["criterion"] for c in entry["criteria"] if c["state"] == state] for state in ("not_met", "unknown")
    }
    told = "; ".join(f"{state} {', '.join(dict.fromkeys(found))}" for state, found in names.items() if found)
    return f"{entry['trial_id']} {entry['arm']} | {entry['design']} | {entry['state']} | {told or 'all met'}"


def mismatch(expectation: Mapping[str, Any], document: Mapping[str, Any], drugs: Iterable[str]) -> str:
    """Why a document does not meet an expectation of case.yaml; "" where it does.

    ``{present: PART, …}`` asks for a row of that part of the document which fits all other keys, ``{absent: PART, …}``
    for none, ``{report: TEXT}`` for words of the HTML report, and ``{no_drug_named: true}`` for no drug name outside
    the options without a biomarker.
    """
    wanted = dict(expectation)
    if "report" in wanted:
        text = " ".join(re.sub(r"<[^>]+>", " ", render(document)).split())
        return "" if wanted["report"] in text else f"the report does not say {wanted['report']!r}"
    if wanted.pop("no_drug_named", False):
        named = drug_names(document, drugs)
        return f"names {', '.join(named)}" if named else ""
    kind = "present" if "present" in wanted else "absent"
    part = wanted.pop(kind)
    content = document[part]
    rows = content if isinstance(content, list) else [content]
    fitting = [row for row in rows if fits(row, wanted)]
    if kind == "present":
        return "" if fitting else f"no row of {part} fits {wanted}"
    return f"{len(fitting)} rows of {part} fit {wanted}: {fitting[0]}" if fitting else ""


def fits(found: Any, wanted: Any) -> bool:
    """Whether a value is what an expectation says.

    A mapping asks for its keys, a list for equality, a scalar for equality or, where the value is a list, for one
    fitting element; a text with ``~`` before it asks for a part of the value, in any case.
    """
    if isinstance(wanted, list):
        return bool(found == wanted)
    if isinstance(found, list):
        return any(fits(item, wanted) for item in found)
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(fits(found[key], value) for key, value in wanted.items())
    if isinstance(wanted, str) and wanted.startswith("~"):
        return wanted[1:].casefold() in str(found).casefold()
    return bool(found == wanted)


def drug_names(document: Mapping[str, Any], drugs: Iterable[str]) -> list[str]:
    """Drugs that a document names in any part but the sheet's columns and the options without a biomarker."""
    parts = {part: content for part, content in document.items() if part not in MAY_NAME_DRUGS}
    return names_in(json.dumps(parts, ensure_ascii=False), drugs)


def names_in(text: str, drugs: Iterable[str]) -> list[str]:
    """Drugs named in a text as whole words, sorted."""
    folded = text.casefold()
    near = (drug for drug in drugs if drug.casefold() in folded)
    return sorted(drug for drug in near if re.search(rf"(?<![a-z0-9]){re.escape(drug.casefold())}(?![a-z0-9])", folded))
