"""All samples of a run, collected from documents one at a time; a document is forgotten before the next is read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from targetboard.cohort.facts import SampleFacts, Trial, sample_facts
from targetboard.cohort.tables import COLUMNS, FAILURE_COLUMNS, failure_row, sample_row


@dataclass(slots=True)
class Alleles:
    """Alleles of all samples: read, reported, filtered and not usable, by reason; ``unbalanced`` names samples.

    A sample is unbalanced if its parts do not add up to what was read, which would be a fault.
    """

    read: int = 0
    reported: int = 0
    filtered: Counter[str] = field(default_factory=Counter)
    unparsed: Counter[str] = field(default_factory=Counter)
    unbalanced: list[str] = field(default_factory=list)

    def add(self, sample_id: str, ledger: Mapping[str, Any]) -> None:
        """Add the ledger of one document."""
        self.read += ledger["alleles_in"]
        self.reported += ledger["reported"]
        self.filtered.update(ledger["filtered"])
        self.unparsed.update(ledger["unparsed"])
        parts = ledger["reported"] + sum(ledger["filtered"].values()) + sum(ledger["unparsed"].values())
        if parts != ledger["alleles_in"]:
            self.unbalanced.append(sample_id)


@dataclass(slots=True)
class Cohort:
    """Samples in the order of the sheet; ``rows`` and ``failures`` are cells of the tables by column.

    Memory: a few kilobytes a sample.
    """

    samples: list[SampleFacts]
    rows: list[tuple[str, ...]]
    failures: list[tuple[str, ...]]
    alleles: Alleles

    @property
    def complete(self) -> list[SampleFacts]:
        """Samples that were analysed."""
        return [sample for sample in self.samples if not sample.failed]

    def releases(self) -> list[tuple[str, str, int]]:
        """Knowledge at work as (release, SHA-256, samples), the most frequent first; more than one is a mixture.

        A sample analysed with several tables that overlay one another counts once, under all their names.
        """
        counts = Counter(
            (" + ".join(release for release, _ in sample.knowledge), " + ".join(sha for _, sha in sample.knowledge))
            for sample in self.samples
            if sample.knowledge
        )
        ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
        return [(release, digest, number) for (release, digest), number in ordered]

    def values(self, name: str) -> list[tuple[str, int]]:
        """Values of an attribute of the complete samples with their number, the most frequent first."""
        counts = Counter(getattr(sample, name) for sample in self.complete)
        return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def collect(documents: Iterable[Mapping[str, Any]]) -> Cohort:
    """The cohort of some documents, in their order."""
    cohort = Cohort([], [], [], Alleles())
    trials: dict[Trial, Trial] = {}
    for document in documents:
        facts = sample_facts(document, trials)
        row = sample_row(document, facts)
        cohort.samples.append(facts)
        if document["ledger"] is not None:
            cohort.alleles.add(facts.sample_id, document["ledger"])
        cohort.rows.append(tuple(row[name] for name in COLUMNS))
        if facts.failed:
            failure = failure_row(document)
            cohort.failures.append(tuple(failure[name] for name in FAILURE_COLUMNS))
    return cohort
