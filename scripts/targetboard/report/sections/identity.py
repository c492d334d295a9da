"""Who and what was tested: at least four identifiers, the tumour, the specimen, and how the file was read."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.text import NOT_PROVIDED, or_missing, percent, plural, words
from targetboard.report.sections.words import ASSAY_STATUSES, CLINICAL_FIELDS, word

ALWAYS_SHOWN = ("specimen_type", "site", "time_point", "prior_therapies")
"""Clinical fields a tumour board expects: shown as "not provided" where they are missing."""


@dataclass(slots=True, frozen=True)
class Fact:
    """A label with its value; ``missing`` greys the value, ``detail`` is a second, smaller line."""

    label: str
    value: str
    detail: str = ""
    missing: bool = False


@dataclass(slots=True, frozen=True)
class IdentityView:
    """Three columns of facts."""

    groups: tuple[tuple[str, tuple[Fact, ...]], ...]


def fact(label: str, value: object, detail: str = "") -> Fact:
    """A fact, in the words for missing values where there is none."""
    text = or_missing(value)
    return Fact(label, text, detail, missing=text == NOT_PROVIDED)


def view(document: Document) -> IdentityView:
    """Facts of sample, tumour and method."""
    return IdentityView(
        groups=(
            ("Patient and sample", _identifiers(document)),
            ("Tumour and specimen", _specimen(document)),
            ("How the file was read", _method(document)),
        ),
    )


def _identifiers(document: Document) -> tuple[Fact, ...]:
    sample = document["sample"]
    clinical = sample["clinical"]
    return (
        fact("Patient", sample["patient_id"]),
        fact("Sample", sample["sample_id"]),
        fact("Specimen", clinical.get("specimen_id")),
        fact("Run or library", clinical.get("run_id")),
        fact("Tumour column in the VCF", sample["tumour_column"], sample["role_basis"]),
        fact("Normal column in the VCF", sample["normal_column"] or ("none" if sample["tumour_column"] else None)),
    )


def _specimen(document: Document) -> tuple[Fact, ...]:
    sample = document["sample"]
    clinical = sample["clinical"]
    tumour = sample["tumour_type"]
    if tumour is not None:
        lineage = " › ".join(reversed(tumour["lineage"]))
        facts = [fact("Tumour type", f"{tumour['name']} ({tumour['code']})", f"OncoTree: {lineage}" if lineage else "")]
    elif sample["condition"] is not None:
        facts = [fact("Condition", sample["condition"], "No tumour: tumour type logic is off")]
    else:
        facts = [fact("Tumour type", None)]
    facts.append(fact("Tumour purity", percent(sample["purity"])))
    facts += [
        fact(label, _listed(clinical.get(key, "")))
        for key, label in CLINICAL_FIELDS.items()
        if clinical.get(key) or key in ALWAYS_SHOWN
    ]
    facts.append(_turnaround(sample))
    shown = {*CLINICAL_FIELDS, "specimen_id", "run_id"}
    facts += [fact(words(key), _listed(value)) for key, value in clinical.items() if key not in shown]
    return tuple(facts)


def _method(document: Document) -> tuple[Fact, ...]:
    caller, annotation = document["caller"], document["annotation"]
    bases = {
        "real file": "dialect verified on real files",
        "from documentation": "dialect written from documentation only",
    }
    sources = {"csq": "computed (bcftools csq)", "none": "none"}
    knowledge = ", ".join(f"{entry['release']} ({entry['date']})" for entry in document["provenance"]["knowledge"])
    return (
        fact("Assembly", document["sample"]["assembly"]),
        fact("Variant caller", caller["title"] if caller else None, bases.get(caller["basis"], "") if caller else ""),
        fact(
            "Consequences from",
            sources.get(annotation["source"], f"{annotation['source']} of the input") if annotation else None,
            annotation["statement"] if annotation else "",
        ),
        _assay(document["assay"]),
        fact("Knowledge release", knowledge),
    )


def _assay(assay: Document | None) -> Fact:
    """Name, version and status of the assay; its description has a section of its own."""
    if not assay:
        return fact("Assay", None)
    name = " ".join(str(assay[key]) for key in ("name", "version") if assay.get(key))
    status = word(ASSAY_STATUSES, assay["status"]) if assay.get("status") else None
    detail = "status not stated" if status is None else f"{status.label}, {status.meaning}".rstrip(", ")
    return fact("Assay", name, detail)


def _turnaround(sample: Document) -> Fact:
    """Days from collection to report, as the document computed them from the dates of the sheet."""
    days = added(sample, "turnaround_days")
    wrong = "the report date lies before the collection date" if days is not None and days < 0 else ""
    return fact("Collection to report", None if days is None else plural(days, "day"), wrong)


def _listed(text: str) -> str:
    """Values the sheet separates by ``|`` as a list."""
    return ", ".join(part.strip() for part in text.split("|")) if text else ""


SECTION = Section("identity", "Sample", view, in_contents=False)
