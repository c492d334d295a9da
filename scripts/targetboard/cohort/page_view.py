"""What the overview page shows, as values that its template only has to print."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from urllib.parse import quote

from markupsafe import Markup

from targetboard.cohort.collect import Alleles, Cohort
from targetboard.cohort.facts import KINDS, OUTCOMES, SampleFacts, Trial, TrialMatch
from targetboard.cohort.oncoprint import MOST_GENES, Oncoprint
from targetboard.cohort.summary import TumourGroup, share
from targetboard.report.sections.text import count, plural
from targetboard.report.sections.words import ADEQUACY, Word, word

MOST_LISTED = 500
MOST_GROUPS = 40
MOST_TRIALS = 60
MOST_MATCHES = 100
MOST_NAMES = 4

OUTCOME_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "I-A": "I-A: approved or in guidelines here",
        "I-B": "I-B: well-powered studies here",
        "II-C": "II-C: other tumour type, or trials",
        "II-D": "II-D: preclinical or few cases",
        "conditional": "conditional: a biomarker is open",
        "none": "none: no statement of response",
        "inconclusive": "inconclusive: none, in an inadequate sample",
    }
)
KIND_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "missense": "missense",
        "truncating": "truncating",
        "inframe": "in-frame",
        "splice": "splice",
        "promoter_or_other": "promoter or other",
        "amplification": "amplification",
        "homozygous_deletion": "homozygous deletion",
        "fusion": "fusion or rearrangement",
    }
)
if tuple(OUTCOME_WORDS) != OUTCOMES or tuple(KIND_WORDS) != KINDS:  # pragma: no cover
    raise AssertionError("each outcome and kind needs its words")


@dataclass(slots=True, frozen=True)
class GroupLine:
    """One tumour type of the table of outcomes."""

    name: str
    outcomes: tuple[int, ...]
    actionable: int
    complete: int
    share: str
    failed: int


@dataclass(slots=True, frozen=True)
class GeneLine:
    """One gene of the table of drivers; ``frequent`` names its most frequent changes with their numbers."""

    gene: str
    samples: int
    share: str
    validated: int
    frequent: str


@dataclass(slots=True, frozen=True)
class MatchLine:
    """A sample under a trial."""

    sample_id: str
    href: str
    tumour_type: str
    state: str
    found: str
    open: str


@dataclass(slots=True, frozen=True)
class TrialLine:
    """A trial arm with its samples; ``untested`` more have an open biomarker and are not named under it."""

    name: str
    facts: str
    matches: tuple[MatchLine, ...]
    left_out: int
    untested: int


@dataclass(slots=True, frozen=True)
class SampleLine:
    """A sample of the list."""

    sample_id: str
    href: str
    tumour_type: str
    outcome: str
    drivers: str
    drugs: str
    resistance: str


@dataclass(slots=True, frozen=True)
class ReasonLine:
    """An inadequate sample and why."""

    sample_id: str
    href: str
    reasons: str


@dataclass(slots=True, frozen=True)
class FailureLine:
    """A failed sample."""

    sample_id: str
    href: str
    exit_code: str
    what: str
    where: str
    remedy: str


@dataclass(slots=True, frozen=True)
class PageView:
    """The page's values in the order of its sections."""

    made_by: str
    samples: int
    tier_one: str
    tier_one_share: str
    actionable: str
    actionable_share: str
    resistance: int
    limited: int
    counted: str
    warnings: tuple[str, ...]
    alleles: Alleles
    reasons: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]
    tiers: Markup
    groups: tuple[GroupLine, ...]
    groups_left_out: int
    oncoprint: Markup
    oncoprint_words: str
    genes: tuple[GeneLine, ...]
    genes_left_out: int
    trials: tuple[TrialLine, ...]
    trials_left_out: int
    trials_untested: int
    adequacy: tuple[tuple[Word, int], ...]
    inadequate: tuple[ReasonLine, ...]
    failures: tuple[FailureLine, ...]
    most_listed: int
    listed: tuple[SampleLine, ...]
    listed_left_out: int
    releases: tuple[tuple[str, str, int], ...]
    origins: tuple[tuple[str, tuple[tuple[str, int], ...]], ...]


def page_view(
    cohort: Cohort, groups: Sequence[TumourGroup], tiers: Markup, figure: Markup, chart: Oncoprint | None
) -> PageView:
    """The values of the page; ``tiers`` and ``figure`` are its two SVG figures, ``chart`` the second's geometry."""
    complete, total = cohort.complete, groups[0]
    trials, trials_untested = _trials(complete)
    genes = _genes(complete)
    inadequate = [sample for sample in complete if sample.adequacy == "inadequate"]
    return PageView(
        made_by=", ".join(pipeline for pipeline, _ in cohort.values("pipeline")[:2]),
        samples=len(cohort.samples),
        tier_one=count(total.tier_one),
        tier_one_share=percent_with_interval(total.tier_one, total.complete),
        actionable=count(total.actionable),
        actionable_share=percent_with_interval(total.actionable, total.complete),
        resistance=sum(bool(sample.resistance) for sample in complete),
        limited=sum(sample.adequacy in ("limited", "inadequate") for sample in complete),
        counted=_counted(cohort.samples),
        warnings=tuple(_warnings(cohort)),
        alleles=cohort.alleles,
        reasons=(
            ("Understood, not reported", _most_frequent(cohort.alleles.filtered)),
            ("Not usable as a small variant", _most_frequent(cohort.alleles.unparsed)),
        ),
        tiers=tiers,
        groups=tuple(_group_line(group) for group in groups[: MOST_GROUPS + 1]),
        groups_left_out=max(0, len(groups) - MOST_GROUPS - 1),
        oncoprint=figure,
        oncoprint_words="" if chart is None else oncoprint_words(chart),
        genes=genes[:MOST_GENES],
        genes_left_out=max(0, len(genes) - MOST_GENES),
        trials=trials[:MOST_TRIALS],
        trials_left_out=max(0, len(trials) - MOST_TRIALS),
        trials_untested=trials_untested,
        adequacy=tuple(
            (word(ADEQUACY, verdict), sum(sample.adequacy == verdict for sample in complete)) for verdict in ADEQUACY
        ),
        inadequate=tuple(
            ReasonLine(sample.sample_id, report_href(sample.sample_id), sample.adequacy_reasons)
            for sample in inadequate[:MOST_LISTED]
        ),
        failures=tuple(FailureLine(row[0], report_href(row[0]), *row[1:]) for row in cohort.failures),
        most_listed=MOST_LISTED,
        listed=tuple(_sample_line(sample) for sample in cohort.samples[:MOST_LISTED]),
        listed_left_out=max(0, len(cohort.samples) - MOST_LISTED),
        releases=tuple(cohort.releases()),
        origins=(
            ("Software", tuple(cohort.values("pipeline"))),
            ("Assays", tuple(cohort.values("assay"))),
            ("Variant callers", tuple(cohort.values("caller"))),
        ),
    )


def percent_with_interval(number: int, of: int) -> str:
    """``34 % (21–50 %)``: a share with its 95 % Wilson interval; empty without samples."""
    if of == 0:
        return ""
    middle, low, high = (100 * float(text) for text in share(number, of))
    return f"{middle:.0f}\u00a0% ({low:.0f}–{high:.0f}\u00a0%)"


def report_href(sample_id: str) -> str:
    """Address of a sample's report, relative to the page; quoted, so that it stays one."""
    name = quote(sample_id, safe="")
    return f"../{name}/{name}.report.html"


def oncoprint_words(chart: Oncoprint) -> str:
    """What the figure draws and what it leaves out."""
    each = (
        "one column a sample"
        if chart.per_column == 1
        else f"{chart.per_column} neighbouring samples share a column, and the height of a mark is their share"
    )
    left_out = f"; {plural(chart.genes_left_out, 'less frequent gene')} not drawn" if chart.genes_left_out else ""
    return (
        f"Validated and likely drivers; {count(chart.altered)} of {plural(chart.samples, 'complete sample')} carry one."
        f" Samples are ordered by gene; {each}{left_out}. The strip on top is the sample's outcome; the bars count"
        " samples."
    )


def _counted(samples: Sequence[SampleFacts]) -> str:
    """Whose samples are counted, where the sheet names patients."""
    patients = {sample.patient_id for sample in samples if sample.patient_id}
    unnamed = sum(not sample.patient_id for sample in samples)
    if not patients:
        return "Samples are counted, not patients: the sheet names no patients."
    rest = f", and {unnamed} without a patient" if unnamed else ""
    return (
        f"Samples are counted, not patients: {plural(len(samples) - unnamed, 'sample')} of"
        f" {plural(len(patients), 'patient')}{rest}."
    )


def _most_frequent(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def _warnings(cohort: Cohort) -> list[str]:
    found = []
    if cohort.alleles.unbalanced:
        found.append(
            f"The ledger does not balance in {plural(len(cohort.alleles.unbalanced), 'sample')}:"
            f" {', '.join(cohort.alleles.unbalanced[:MOST_NAMES])}. Do not use their reports; report the fault."
        )
    releases = cohort.releases()
    if len(releases) > 1:
        named = "; ".join(
            f"{release} ({digest[:12]}): {plural(number, 'sample')}" for release, digest, number in releases
        )
        found.append(
            f"Mixture of knowledge: the samples were not judged by the same tables ({named}). Run the workflow again"
            " before comparing them."
        )
    codes = cohort.values("pipeline")
    if len(codes) > 1:
        found.append(f"Mixture of software: {len(codes)} versions made these documents. Run the workflow again.")
    return found


def _group_line(group: TumourGroup) -> GroupLine:
    return GroupLine(
        group.name,
        group.outcomes,
        group.actionable,
        group.complete,
        percent_with_interval(group.actionable, group.complete) or "–",
        group.failed,
    )


def _genes(samples: Sequence[SampleFacts]) -> tuple[GeneLine, ...]:
    carriers: Counter[str] = Counter()
    validated: Counter[str] = Counter()
    names: dict[str, Counter[str]] = defaultdict(Counter)
    for sample in samples:
        carriers.update({found.gene for found in sample.alterations})
        validated.update({found.gene for found in sample.alterations if found.driver_class == "validated_driver"})
        for gene, name in {(found.gene, found.name) for found in sample.alterations}:
            names[gene][name] += 1
    return tuple(
        GeneLine(
            gene,
            carriers[gene],
            percent_with_interval(carriers[gene], len(samples)),
            validated[gene],
            _frequent(names[gene]),
        )
        for gene in sorted(carriers, key=lambda gene: (-carriers[gene], gene))
    )


def _frequent(names: Counter[str]) -> str:
    ordered = sorted(names.items(), key=lambda entry: (-entry[1], entry[0]))
    shown = ", ".join(f"{name} ({number})" for name, number in islice(ordered, MOST_NAMES))
    return f"{shown} and {len(ordered) - MOST_NAMES} more" if len(ordered) > MOST_NAMES else shown


def _trials(samples: Sequence[SampleFacts]) -> tuple[tuple[TrialLine, ...], int]:
    """Trial arms with samples that have what they ask for, most samples first; and the number of arms without any."""
    arms: dict[tuple[str, str], list[tuple[SampleFacts, TrialMatch]]] = defaultdict(list)
    for sample in samples:
        for match in sample.trials:
            arms[match.trial.trial_id, match.trial.arm].append((sample, match))
    lines = []
    for key in sorted(arms):
        known = [(sample, match) for sample, match in arms[key] if match.state == "match" or match.biomarkers]
        if known:
            known.sort(key=lambda pair: pair[1].state != "match")
            lines.append((sum(match.state == "match" for _, match in known), len(known), key, known))
    lines.sort(key=lambda line: (-line[0], -line[1], line[2]))
    return (
        tuple(_trial_line(known, len(arms[key]) - len(known)) for _, _, key, known in lines),
        len(arms) - len(lines),
    )


def _trial_line(known: Sequence[tuple[SampleFacts, TrialMatch]], untested: int) -> TrialLine:
    trial = known[0][1].trial
    return TrialLine(
        name=" – ".join(part for part in (trial.trial_id, trial.title, trial.arm) if part),
        facts=" · ".join(_trial_facts(trial)),
        matches=tuple(
            MatchLine(
                sample.sample_id,
                report_href(sample.sample_id),
                sample.tumour_type,
                "match" if match.state == "match" else "possible",
                match.biomarkers.replace("|", ", "),
                match.open_criteria,
            )
            for sample, match in known[:MOST_MATCHES]
        ),
        left_out=max(0, len(known) - MOST_MATCHES),
        untested=untested,
    )


def _trial_facts(trial: Trial) -> list[str]:
    as_of = f", as of {trial.status_as_of}" if trial.status_as_of else ""
    facts = (
        ("phase", trial.phase),
        ("design", trial.design),
        ("drugs", trial.drugs.replace("|", ", ")),
        ("countries", trial.countries.replace("|", ", ")),
        ("status", f"{trial.status}{as_of}" if trial.status else ""),
        ("read on", trial.accessed),
    )
    return [f"{name} {value}" for name, value in facts if value]


def _sample_line(sample: SampleFacts) -> SampleLine:
    names = dict.fromkeys(
        found.name if found.kind in ("amplification", "homozygous_deletion", "fusion") else f"{found.gene} {found.name}"
        for found in sample.alterations
    )
    return SampleLine(
        sample.sample_id,
        report_href(sample.sample_id),
        sample.tumour_type,
        "failed" if sample.failed else sample.outcome,
        "; ".join(names),
        sample.drugs,
        sample.resistance,
    )
