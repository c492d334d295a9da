"""The patient document (workflow/schemas/patient.schema.json): everything the report over time shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from targetboard import __version__
from targetboard.classify.flags import GERMLINE_SUSPECT
from targetboard.patient.absence import Absence, State
from targetboard.patient.changes import change_over_time, spread_over_sites
from targetboard.patient.clones import clonality
from targetboard.patient.comparison import Compared, Comparison, Seen, compare
from targetboard.patient.discordance import discordances
from targetboard.patient.findings import SOMATIC, Finding
from targetboard.patient.headline import headline
from targetboard.patient.resistance import ResistanceFact, phase_facts, resistance_over_time
from targetboard.patient.samples import PLASMA, Course, PatientSample, order_samples

SCHEMA_VERSION = "1.0"
KIND = "targetboard patient document"
_CLASS_ORDER = ("validated_driver", "likely_driver", "uncertain", "not_evaluable", "likely_passenger", "passenger")


def patient_document(
    documents: Sequence[Mapping[str, Any]], digests: Mapping[str, str], code_sha256: str
) -> dict[str, Any]:
    """Compare the documents of one patient.

    Parameters
    ----------
    documents
        Sample documents in the order of the sheet.
    digests
        SHA-256 of each document's bytes by sample_id.
    code_sha256
        Fingerprint of the code that compares.

    Raises
    ------
    UsageError
        If the documents are not of one named patient.
    """
    course = order_samples(documents)
    comparison = compare(course)
    resistance = resistance_over_time(course, comparison)
    discordant = discordances(course, comparison)
    rank = {name: index for index, name in enumerate(_CLASS_ORDER)}
    against = {fact.alteration_id for fact in resistance}
    variants = sorted(
        comparison.variants,
        key=lambda row: (against.isdisjoint(row.alterations), rank.get(row.driver_class, len(rank))),
    )
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "patient_id": course.patient_id,
        "provenance": {
            "pipeline": {"name": "targetboard", "version": __version__},
            "code_sha256": code_sha256,
            "documents": [
                {
                    "sample_id": sample.sample_id,
                    "sha256": digests[sample.sample_id],
                    "knowledge": [layer["release"] for layer in sample.document["provenance"]["knowledge"]],
                }
                for sample in course.samples
            ],
        },
        "order_basis": course.order_basis,
        "time_points": [
            {
                "label": point.label,
                "first_date": point.first,
                "last_date": point.last,
                "sample_ids": list(point.sample_ids),
            }
            for point in course.times
        ],
        "samples": [_sample_entry(sample, comparison) for sample in course.samples],
        "headline": headline(course, comparison, resistance, discordant),
        "resistance": [_resistance_entry(fact) for fact in resistance],
        "phase": [
            {
                "sample_id": fact.sample_id,
                "first": fact.first,
                "second": fact.second,
                "relation": fact.relation,
                "text": fact.text,
            }
            for fact in phase_facts(course.complete)
        ],
        "variants": [_variant_entry(row, course, comparison) for row in variants if row.origin == SOMATIC],
        "set_apart": [_variant_entry(row, course, comparison) for row in variants if row.origin != SOMATIC],
        "events": [_variant_entry(row, course, comparison) for row in comparison.events],
        "discordance": [
            {"time": row.time, "label": row.label, "token": row.token, "text": row.text} for row in discordant
        ],
        "markers": _markers(course),
        "warnings": _warnings(course, comparison),
        "limitations": [{"code": code, "text": text} for code, text in _limitations(course, comparison).items()],
    }


def _sample_entry(sample: PatientSample, comparison: Comparison) -> dict[str, Any]:
    document = sample.document
    about, clinical = document["sample"], document["sample"]["clinical"]
    tumour, assay = about["tumour_type"], document["assay"]
    return {
        "sample_id": sample.sample_id,
        "status": document["status"],
        "time": sample.time,
        "compartment": sample.compartment,
        "site": clinical.get("site", ""),
        "specimen_id": clinical.get("specimen_id", ""),
        "specimen_type": clinical.get("specimen_type", ""),
        "sample_kind": clinical.get("sample_kind", ""),
        "collection_date": sample.collected,
        "prior_therapies": list(sample.drugs),
        "purity": about["purity"],
        "assembly": about["assembly"],
        "tumour_type": "" if tumour is None else f"{tumour['name']} ({tumour['code']})",
        "assay": "" if not assay else " ".join(filter(None, (assay["name"], assay["version"]))),
        "caller": document["caller"]["title"] if document["caller"] else "",
        "adequacy": document["adequacy"]["verdict"],
        "has_coverage": sample.coverage is not None,
        "shows_tumour": comparison.informative[sample.sample_id],
        "error": document["error"]["what"] if document["error"] else "",
    }


def _resistance_entry(fact: ResistanceFact) -> dict[str, Any]:
    return {
        "alteration_id": fact.alteration_id,
        "labels": list(fact.labels),
        "mechanism": fact.row["mechanism"],
        "after": list(fact.row["after"]),
        "next_line": list(fact.next_line),
        "next_line_then": list(fact.next_line_then),
        "given_before": list(fact.given_before),
        "given_later": list(fact.given_later),
        "first_time": fact.first,
        "last_time": fact.last,
        "sample_ids": list(fact.sample_ids),
        "is_new": fact.is_new,
        "phase": list(dict.fromkeys(own.text for own in fact.phases)),
        "sources": list(fact.row["sources"]),
        "verified_in": fact.row["verified_in"],
    }


def _variant_entry(row: Compared, course: Course, comparison: Comparison) -> dict[str, Any]:
    change = change_over_time(row, course)
    latest = row.finding.latest
    matched = row.finding.matched_by if isinstance(row.finding, Finding) else []
    return {
        "label": row.label,
        "gene": latest["gene"],
        "origin": row.origin,
        "origin_reason": row.origin_reason,
        "driver_class": row.driver_class,
        "alterations": list(row.alterations),
        "matched_by": list(dict.fromkeys(matched)),
        "change": None
        if change is None
        else {
            "tokens": list(change.tokens),
            "first_time": change.first,
            "last_time": change.last,
            "before": change.before,
            "after": change.after,
            "other_place": change.other_place,
            "text": change.text,
        },
        "spread": [{"time": own.time, "token": own.token, "text": own.text} for own in spread_over_sites(row, course)],
        "observations": [_observation(seen, germline_refused=comparison.germline_refused) for seen in row.seen],
    }


def _observation(seen: Seen, *, germline_refused: bool) -> dict[str, Any]:
    entry: Mapping[str, Any] = seen.entry or {}
    absent = seen.absent or Absence(State.DETECTED, "")
    return {
        "sample_id": seen.sample.sample_id,
        "state": str(seen.state),
        "reason": absent.reason,
        "vaf": entry.get("vaf"),
        "vaf_interval": entry.get("vaf_interval"),
        "depth": entry.get("depth") if seen.entry is not None else _whole(absent.depth),
        "alt_depth": entry.get("alt_depth"),
        "ccf": None if seen.sample.compartment == PLASMA else entry.get("ccf"),
        "clonality": clonality(entry, plasma=seen.sample.compartment == PLASMA) if seen.entry is not None else None,
        "value": entry.get("value", ""),
        "limit": None if absent.limit is None else round(absent.limit, 6),
        "expected": None if absent.expected is None else round(absent.expected, 6),
        "filter": entry.get("filter", ""),
        "flags": [flag for flag in entry.get("flags", ()) if flag != GERMLINE_SUSPECT or not germline_refused],
    }


def _whole(depth: float | None) -> int | None:
    return None if depth is None else round(depth)


def _markers(course: Course) -> list[dict[str, Any]]:
    """Markers that any sample measured, with the value of every sample."""
    found: dict[str, dict[str, Any]] = {}
    for sample in course.complete:
        for marker in sample.document["markers"]:
            if marker["state"] != "not_assessed":
                found.setdefault(marker["marker_id"], {"marker_id": marker["marker_id"], "label": marker["label"]})
    for marker_id, row in found.items():
        row["values"] = []
        for sample in course.complete:
            own = next((m for m in sample.document["markers"] if m["marker_id"] == marker_id), None)
            row["values"].append(
                {
                    "sample_id": sample.sample_id,
                    "state": own["state"] if own else "not_assessed",
                    "value": own["value"] if own else None,
                    "unit": own["unit"] if own else "",
                    "method": (own["method"] if own else None) or "",
                }
            )
    return [found[name] for name in sorted(found)]


def _warnings(course: Course, comparison: Comparison) -> list[str]:
    """What a reader has to settle before trusting the comparison: identity, tumour type, missing purity of a swap."""
    warnings = []
    types = list(dict.fromkeys(_type(sample) for sample in course.samples if _type(sample)))
    if len(types) > 1:
        warnings.append(
            f"The samples state different tumour types ({', '.join(types)}): a change of histology, a second tumour or"
            " a mistake in the sheet."
        )
    everything = (*comparison.variants, *comparison.events)
    for one, other in combinations(course.complete, 2):
        names = {one.sample_id, other.sample_id}
        both = [len(names & {own.sample.sample_id for own in row.detected_in()}) for row in everything]
        proven = [row for row in everything if row.is_driver and not row.low_in_plasma]
        drivers = [{own.sample.sample_id for own in row.detected_in()} & names for row in proven]
        if 2 not in both and all(any(name in found for found in drivers) for name in names):
            warnings.append(
                f"{one.sample_id} and {other.sample_id} share no finding though each has a driver: a second tumour or a"
                " mixed-up sample is not ruled out."
            )
    return warnings


def _type(sample: PatientSample) -> str:
    tumour = sample.document["sample"]["tumour_type"]
    return "" if tumour is None else str(tumour["code"])


def _limitations(course: Course, comparison: Comparison) -> dict[str, str]:
    limits: dict[str, str] = {}
    silent = [sample.sample_id for sample in course.complete if sample.coverage is None]
    if silent:
        limits["no_coverage"] = (
            f"No coverage data for {', '.join(silent)}: that a variant is missing there means nothing."
        )
    unjudged = [
        sample.sample_id
        for sample in course.complete
        if any(note["code"] == "alleles_not_evaluated" for note in sample.document["limitations"])
    ]
    if unjudged:
        limits["alleles_not_evaluated"] = (
            f"Alleles in genes of the knowledge base could not be judged in {', '.join(unjudged)}, since their"
            " consequence is not known: they are not compared, and a resistance among them is not seen."
        )
    dark = [name for name, reason in comparison.informative.items() if not reason]
    dark = [name for name in dark if name in {sample.sample_id for sample in course.complete}]
    if dark:
        limits["no_tumour_shown"] = (
            f"Neither a purity nor a variant of the tumour shows tumour DNA in {', '.join(dark)}: nothing is called"
            " lost because of it."
        )
    if len({sample.assembly for sample in course.complete}) > 1:
        limits["assemblies_differ"] = (
            "The samples were analysed on different assemblies: variants are paired by HGVS, and absences are judged"
            " over the pertinent region of the tumour type where the position is not known on the other assembly."
        )
    assays = {_assay_name(sample) for sample in course.complete}
    if len(assays) > 1:
        limits["assays_differ"] = (
            "The samples were tested with different assays: differences of coverage, filters and limits of detection"
            " remain, even where a position was covered by both."
        )
    releases = {
        tuple(layer["sha256"] for layer in sample.document["provenance"]["knowledge"]) for sample in course.complete
    }
    if len(releases) > 1:
        limits["knowledge_differs"] = (
            "The documents rest on different knowledge releases: annotate the older samples again before classes,"
            " resistance and next lines are compared."
        )
    if "collection date is missing" in course.order_basis:
        limits["order_from_sheet"] = f"The samples stand {course.order_basis}."
    limits["smaller_clones"] = (
        "Acquired and lost speak of fractions from each sample's limit on: a smaller clone may have been there before,"
        " or may remain."
    )
    limits["fractions_are_not_burden"] = (
        "An allele fraction depends on tumour content and copy number as well as on the clone: a rise or fall of it is"
        " not by itself progression or response."
    )
    limits["clonality_is_estimated"] = (
        "Fractions of tumour cells take one mutated copy a cell, and two copies where the copy number is not given."
    )
    if any(sample.compartment == PLASMA for sample in course.complete):
        limits["plasma"] = (
            "Plasma collects DNA of all sites and of blood cells, and tumours may shed little: a variant missing there"
            " is not shown to be gone, and one found only there is not shown to come from the sampled tumour."
        )
    return limits


def _assay_name(sample: PatientSample) -> tuple[str, str]:
    assay = sample.document["assay"]
    return ("", sample.sample_id) if not assay else (assay["name"], assay["version"])
