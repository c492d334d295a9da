"""The same variant or event in several documents of a patient, recognised across assays and assemblies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from targetboard.model import DRIVERS
from targetboard.patient.samples import PatientSample

SOMATIC = "tumour"
"""Origin of everything that nothing speaks against; the other origins are the names of flags."""


@dataclass(slots=True)
class Finding:
    """A variant with its entry and its index in each document that lists it; ``matched_by`` names the rules."""

    members: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    indices: dict[str, int] = field(default_factory=dict)
    assemblies: dict[str, str] = field(default_factory=dict)
    matched_by: list[str] = field(default_factory=list)

    @property
    def latest(self) -> Mapping[str, Any]:
        """The entry of the last sample that lists it."""
        return self.members[next(reversed(self.members))]

    @property
    def label(self) -> str:
        """Gene and change."""
        return variant_label(self.latest)

    @property
    def driver_class(self) -> str:
        """Class in the last sample that lists it."""
        return str(self.latest["driver_class"])

    @property
    def alterations(self) -> tuple[str, ...]:
        """Curated drivers that any of the entries matches."""
        return tuple(
            dict.fromkeys(
                match["alteration_id"]
                for entry in self.members.values()
                for match in entry["matches"]
                if match["kind"] == "driver"
            )
        )

    @property
    def is_driver(self) -> bool:
        """Whether it is a validated or likely driver."""
        return self.driver_class in DRIVERS

    def alleles(self, assembly: str) -> list[Mapping[str, Any]]:
        """Entries of one assembly, the latest first."""
        return [self.members[name] for name in reversed(self.members) if self.assemblies[name] == assembly]


def variant_label(entry: Mapping[str, Any]) -> str:
    """Gene with the protein change, the coding change or the allele, whichever is known."""
    change = entry["hgvsp"] or entry["hgvsc"] or f"{entry['chrom']}:{entry['pos']} {entry['ref']}>{entry['alt']}"
    return f"{entry['gene']} {change}".strip()


def group_variants(samples: Sequence[PatientSample]) -> list[Finding]:
    """Pair the variants of all documents, in the order of the samples and their variants.

    The first rule that fits decides: one allele in one assembly; one coding change on one transcript (versions are
    not compared); one coding change where a document names no transcript; across assemblies, one protein change.
    """
    findings: list[Finding] = []
    # findings that may fit, by what the rules compare
    index: dict[tuple[str, ...], list[int]] = {}
    for sample in samples:
        for position, entry in enumerate(sample.document["variants"]):
            keys = list(_keys(entry, sample.assembly))
            candidates = sorted({number for key in keys for number in index.get(key, ())})
            near = [number for number in candidates if sample.sample_id not in findings[number].members]
            found, rule = _home([findings[number] for number in near], entry, sample.assembly)
            if found is None:
                number = len(findings)
                findings.append(Finding())
            else:
                number = near[found]
                findings[number].matched_by.append(rule)
            home = findings[number]
            home.members[sample.sample_id] = entry
            home.indices[sample.sample_id] = position
            home.assemblies[sample.sample_id] = sample.assembly
            for key in keys:
                index.setdefault(key, []).append(number)
    return findings


def _keys(entry: Mapping[str, Any], assembly: str) -> Iterator[tuple[str, ...]]:
    """What two entries must share for any rule to pair them."""
    yield ("allele", assembly, entry["chrom"], str(entry["pos"]), entry["ref"], entry["alt"])
    for transcript, change in _coding(entry):
        yield ("coding", entry["gene"], transcript, change)
    if entry["hgvsc"]:
        yield ("gene coding", entry["gene"], entry["hgvsc"])
    if entry["hgvsp"]:
        yield ("protein", entry["gene"], entry["hgvsp"])


def _home(candidates: Sequence[Finding], entry: Mapping[str, Any], assembly: str) -> tuple[int | None, str]:
    """Index of the candidate that the first fitting rule pairs with the entry, and the rule."""
    for rule, fits in (
        ("allele", _same_allele),
        ("coding change", _same_coding),
        ("coding change without a transcript", _same_gene_coding),
        ("protein change", _same_protein),
    ):
        for number, finding in enumerate(candidates):
            for name, member in finding.members.items():
                if fits(member, entry, finding.assemblies[name] == assembly):
                    return number, rule
    return None, ""


def _same_allele(one: Mapping[str, Any], other: Mapping[str, Any], same_assembly: bool) -> bool:
    return same_assembly and all(one[key] == other[key] for key in ("chrom", "pos", "ref", "alt"))


def _coding(entry: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for row in (entry, *entry["transcripts"]):
        if row["transcript"] and row["hgvsc"]:
            yield row["transcript"].partition(".")[0], row["hgvsc"]


def _same_coding(one: Mapping[str, Any], other: Mapping[str, Any], _: bool) -> bool:
    return one["gene"] == other["gene"] and not set(_coding(one)).isdisjoint(_coding(other))


def _same_gene_coding(one: Mapping[str, Any], other: Mapping[str, Any], same_assembly: bool) -> bool:
    if same_assembly or not one["gene"] or one["gene"] != other["gene"] or not one["hgvsc"]:
        return False
    return one["hgvsc"] == other["hgvsc"] and not (one["transcript"] and other["transcript"])


def _same_protein(one: Mapping[str, Any], other: Mapping[str, Any], same_assembly: bool) -> bool:
    """A protein change pairs alleles of two assemblies only: in one assembly two alleles are two events."""
    if same_assembly or not one["gene"] or one["gene"] != other["gene"]:
        return False
    change = one["hgvsp"]
    return bool(change) and change == other["hgvsp"] and "=" not in change and "?" not in change


@dataclass(slots=True)
class EventFinding:
    """An amplification, deletion or fusion with its entry in each document that lists it."""

    members: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def latest(self) -> Mapping[str, Any]:
        """The entry of the last sample that lists it."""
        return self.members[next(reversed(self.members))]


def group_events(samples: Sequence[PatientSample]) -> list[EventFinding]:
    """Pair events by kind, gene and partner."""
    found: dict[tuple[str, str, str], EventFinding] = {}
    for sample in samples:
        for entry in sample.document.get("events", ()):
            key = (entry["kind"], entry["gene"], entry["partner"])
            found.setdefault(key, EventFinding()).members.setdefault(sample.sample_id, entry)
    return list(found.values())
