"""Why a variant is not in a document: shown absent, below detection, not covered, or unknown.

"Not detected" is said only where the document proves that the place was covered, that the class is called, that a call
there would stand in the document, and that the fraction expected in this sample would have been seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from targetboard.action.coverage import DEFAULT_LOD, Region, RegionResult, judge_region, regions_of_text
from targetboard.action.power import ENOUGH_POWER, detection_power
from targetboard.classify.flags import FEWEST_ALT_READS
from targetboard.model import MarkerState
from targetboard.patient.findings import EventFinding, Finding, variant_label
from targetboard.patient.samples import PatientSample

_MAY_HIDE = frozenset({"caller says germline", "consequence not evaluated", "reference mismatch"})
"""Reasons of the ledger under which an allele that is not curated is counted, not named."""


class State(StrEnum):
    """What a sample says of a variant."""

    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    BELOW_DETECTION = "below_detection"
    NOT_COVERED = "not_covered"
    UNKNOWN = "unknown"


@dataclass(slots=True, frozen=True)
class Absence:
    """State of a variant that a document does not list.

    ``limit`` is the lowest allele fraction (0…1) that the sample would have shown, ``expected`` the fraction the
    variant should have here if it were there, ``depth`` the depth that decides.
    """

    state: State
    reason: str
    limit: float | None = None
    expected: float | None = None
    depth: float | None = None


@dataclass(slots=True, frozen=True)
class Expectation:
    """Fraction a variant should have in a sample if it were there, and what that rests on."""

    fraction: float
    basis: str


def absence(
    finding: Finding, sample: PatientSample, everyone: Sequence[PatientSample], expected: Expectation | None
) -> Absence:
    """Judge a variant that other samples of the patient show and this document does not list.

    Parameters
    ----------
    finding
        The variant, with its entries in the documents that list it.
    sample
        The sample whose document does not list it.
    everyone
        All samples; their pertinent negatives translate places between assemblies.
    expected
        Fraction it should have here; None where nothing tells.
    """
    if not sample.complete:
        return Absence(State.UNKNOWN, "the sample could not be analysed")
    unseen = _would_not_be_listed(finding, sample, everyone)
    if unseen:
        return Absence(State.UNKNOWN, unseen)
    if sample.coverage is None:
        return Absence(State.UNKNOWN, "coverage data were not supplied")
    places, said = _places(finding, sample, everyone)
    if not places:
        return Absence(State.UNKNOWN, f"its position in {sample.assembly} is not known here")
    kind = variant_class(finding.latest)
    too_long = _too_long(finding.latest, kind, sample)
    if too_long:
        return Absence(State.UNKNOWN, too_long)
    result = judge_region(places, kind, sample.coverage, sample.assay, sample.purity)
    found = _translate(result, places, sample, kind)
    if said and found.state is State.NOT_DETECTED:
        found = Absence(found.state, f"{found.reason}; {said}", found.limit, found.expected, found.depth)
    if found.state is not State.NOT_DETECTED or expected is None:
        return found
    return _against_expectation(found, expected, sample)


def _would_not_be_listed(finding: Finding, sample: PatientSample, everyone: Sequence[PatientSample]) -> str:
    """Why a call could be missing from the document though the VCF has it; "" where it would be listed.

    A curated alteration that was called is always listed; of other alleles those are left out that the caller rejected
    or whose consequence is not known. Another knowledge release may not have curated it.
    """
    levels = {match["level"] for entry in finding.members.values() for match in entry["matches"]}
    if sample.document["annotation"]["source"] == "none" and "exact_allele" not in levels:
        return "the VCF has no consequences, so only curated alleles are recognised there"
    curated_there = _knowledge(sample) in {_knowledge(own) for own in everyone if own.sample_id in finding.members}
    if levels and curated_there:
        return ""
    left_out = sum(
        number
        for reason, number in sample.document["ledger"]["filtered"].items()
        if reason.startswith("FILTER") or reason in _MAY_HIDE
    )
    if left_out:
        return f"not called as passed; the document does not name the {left_out} alleles that were set aside"
    return ""


def _knowledge(sample: PatientSample) -> tuple[str, ...]:
    return tuple(layer["sha256"] for layer in sample.document["provenance"]["knowledge"])


def variant_class(entry: Mapping[str, Any]) -> str:
    """Class of a variant as an assay description names it."""
    ids = {match["alteration_id"] for match in entry["matches"]}
    if any(name.endswith("_ITD") for name in ids):
        return "internal_tandem_duplication"
    if "upstream_gene_variant" in entry["consequence"] or entry["hgvsc"].startswith("c.-"):
        return "promoter"
    if "splice_acceptor" in entry["consequence"] or "splice_donor" in entry["consequence"]:
        return "splice"
    ref, alt = entry["ref"], entry["alt"]
    if len(ref) == len(alt):
        return "snv" if len(ref) == 1 else "mnv"
    return "insertion" if len(alt) > len(ref) else "deletion"


def _too_long(entry: Mapping[str, Any], kind: str, sample: PatientSample) -> str:
    stated = sample.assay.classes.get(kind) if sample.assay is not None else None
    length = abs(len(entry["alt"]) - len(entry["ref"]))
    if stated is None or stated.max_length is None or length <= stated.max_length:
        return ""
    return f"{length} bases, the assay is validated up to {stated.max_length} for this class"


def _places(
    finding: Finding, sample: PatientSample, everyone: Sequence[PatientSample]
) -> tuple[tuple[Region, ...], str]:
    """Where the variant would lie in the sample's assembly, and how that is known where it is no exact position."""
    own = finding.alleles(sample.assembly)
    if own:
        entry = own[0]
        return (Region(entry["chrom"], entry["pos"], entry["pos"] + len(entry["ref"]) - 1),), ""
    here = {row["negative_id"]: row for row in sample.document["negatives"] if row.get("regions")}
    fitting: list[tuple[int, str, Mapping[str, Any]]] = []
    for other in everyone:
        member = finding.members.get(other.sample_id)
        if member is None:
            continue
        for row in other.document["negatives"]:
            if row["negative_id"] in here and _holds(row.get("regions", ()), member):
                regions = regions_of_text("|".join(here[row["negative_id"]]["regions"]))
                size = sum(region.end - region.start + 1 for region in regions)
                fitting.append((size, row["negative_id"], here[row["negative_id"]]))
    if not fitting:
        return (), ""
    row = min(fitting, key=lambda found: found[:2])[2]
    return regions_of_text("|".join(row["regions"])), f"judged over {row['label']}, since the assemblies differ"


def _holds(regions: Iterable[str], entry: Mapping[str, Any]) -> bool:
    start, end = entry["pos"], entry["pos"] + len(entry["ref"]) - 1
    return any(
        region.chrom == entry["chrom"] and region.start <= start and end <= region.end
        for region in regions_of_text("|".join(regions))
    )


def _translate(result: RegionResult, places: Sequence[Region], sample: PatientSample, kind: str) -> Absence:
    """The verdict on a region in the words of a comparison."""
    if result.state is MarkerState.FAILED:
        return Absence(State.NOT_COVERED, result.reason, depth=result.lowest)
    if result.state is MarkerState.NOT_ASSESSED:
        coverage = sample.coverage
        outside = coverage is not None and any(
            coverage.over(place.chrom, place.start, place.end).covered == 0 for place in places
        )
        return Absence(State.NOT_COVERED if outside else State.UNKNOWN, result.reason)
    limit = max(limit_of_detection(sample, kind), result.detectable or 0.0)
    state = State.NOT_DETECTED if result.state is MarkerState.NOT_DETECTED else State.BELOW_DETECTION
    return Absence(state, result.reason, limit=limit, depth=result.lowest)


def limit_of_detection(sample: PatientSample, kind: str) -> float:
    """Lowest fraction (0…1) the sample's assay is validated for in a class of variants, or a default."""
    stated = sample.assay.lod(kind) if sample.assay is not None else None
    return DEFAULT_LOD if stated is None else stated


def _against_expectation(found: Absence, expected: Expectation, sample: PatientSample) -> Absence:
    """An absence that this sample could not have shown is below detection."""
    reads = sample.assay.minimum_alt_reads if sample.assay is not None else FEWEST_ALT_READS
    power = detection_power(int(found.depth or 0), expected.fraction, reads)
    limit = found.limit or 0.0
    if expected.fraction >= limit and power >= ENOUGH_POWER:
        reason = f"{found.reason}; {expected.fraction:.2%} expected here ({expected.basis})"
        return Absence(State.NOT_DETECTED, reason, found.limit, expected.fraction, found.depth)
    reason = (
        f"{expected.fraction:.2%} expected here ({expected.basis}), seen only from {limit:.2%} on at {found.depth:g}x"
    )
    return Absence(State.BELOW_DETECTION, reason, found.limit, expected.fraction, found.depth)


def not_informative(found: Absence) -> Absence:
    """The absence in a sample that shows no tumour DNA at all: nothing can be concluded from it."""
    if found.state is not State.NOT_DETECTED:
        return found
    reason = f"no tumour variant is seen in this sample, so it may hold too little tumour DNA ({found.reason})"
    return Absence(State.BELOW_DETECTION, reason, found.limit, found.expected, found.depth)


@dataclass(slots=True, frozen=True)
class Anchor:
    """A variant of the tumour that two samples show: its fraction ``there`` and ``here``."""

    label: str
    there: float
    here: float


def anchors_between(tumour: Iterable[Finding]) -> dict[tuple[str, str], Anchor]:
    """For each pair of samples (there, here), the shared variant of the tumour with the highest fraction there."""
    best: dict[tuple[str, str], Anchor] = {}
    for finding in tumour:
        shown = [(name, entry["vaf"]) for name, entry in finding.members.items() if entry["vaf"]]
        for there, high in shown:
            for here, other in shown:
                known = best.get((there, here))
                if there != here and (known is None or high > known.there):
                    best[there, here] = Anchor(variant_label(finding.latest), high, other)
    return best


def expectation(
    finding: Finding,
    sample: PatientSample,
    everyone: Sequence[PatientSample],
    anchors: Mapping[tuple[str, str], Anchor],
) -> Expectation | None:
    """Fraction the variant should have in a sample, from the nearest sample that shows it.

    With the purity of both, in proportion to it (equal copy number assumed); else in proportion to the variant of the
    tumour that both show and that has the highest fraction there.

    Parameters
    ----------
    anchors
        Of :func:`anchors_between`.
    """
    position = [own.sample_id for own in everyone].index(sample.sample_id)
    showing = [
        (abs(index - position), index, own)
        for index, own in enumerate(everyone)
        if (finding.members.get(own.sample_id) or {}).get("vaf")
    ]
    if not showing:
        return None
    there = min(showing, key=lambda row: row[:2])[2]
    seen = finding.members[there.sample_id]["vaf"]
    if sample.purity and there.purity:
        fraction = min(1.0, seen * sample.purity / there.purity)
        return Expectation(fraction, f"from {seen:.1%} in {there.sample_id} and the purities")
    anchor = anchors.get((there.sample_id, sample.sample_id))
    if anchor is None:
        return None
    return Expectation(min(1.0, seen * anchor.here / anchor.there), f"in proportion to {anchor.label}")


_EVENT_CLASSES: Mapping[str, tuple[str, ...]] = {
    "amplification": ("amplification",),
    "homozygous_deletion": ("homozygous_deletion",),
    "fusion": ("fusion_dna", "fusion_rna"),
    "rearrangement": ("fusion_dna", "fusion_rna"),
}


def event_absence(finding: EventFinding, sample: PatientSample) -> Absence:
    """Judge an event that a document does not list, by the pertinent negative of its gene and class."""
    if not sample.complete:
        return Absence(State.UNKNOWN, "the sample could not be analysed")
    entry = finding.latest
    rows = [
        row
        for row in sample.document["negatives"]
        if row["variant_class"] in _EVENT_CLASSES.get(entry["kind"], ())
        and row["gene"] in (entry["gene"], entry["partner"])
    ]
    if not rows:
        return Absence(State.UNKNOWN, "no statement on this event in the document")
    row = rows[0]
    states = {"not_detected": State.NOT_DETECTED, "inconclusive": State.BELOW_DETECTION, "failed": State.NOT_COVERED}
    return Absence(states.get(row["state"], State.UNKNOWN), row["reason"])
