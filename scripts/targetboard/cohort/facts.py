"""What the cohort keeps of one sample document: a few hundred bytes, so that ten thousand documents fit in memory.

Everything here is read from the document and nothing is judged anew; the only definition of its own is the outcome of a
sample (:func:`response_outcome`), which says in one word what the document's statements on treatments amount to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from sys import intern
from types import MappingProxyType
from typing import Any

from targetboard.action.resistance import resistance_against
from targetboard.action.tiers import amp_rank
from targetboard.classify.context import consent_refused
from targetboard.model import DRIVERS

Document = Mapping[str, Any]

RESPONSE_TIERS = ("I-A", "I-B", "II-C", "II-D")
CONDITIONAL, NONE, INCONCLUSIVE = "conditional", "none", "inconclusive"
OUTCOMES = (*RESPONSE_TIERS, CONDITIONAL, NONE, INCONCLUSIVE)
"""Outcomes of a complete sample, best first.

A tier: the best AMP/ASCO/CAP tier among statements of response whose biomarkers are met. ``conditional``: only
statements with an open biomarker. ``none``: no statement. ``inconclusive``: no statement, and the sample does not allow
the answer.
"""

KINDS = (
    "missense",
    "truncating",
    "inframe",
    "splice",
    "promoter_or_other",
    "amplification",
    "homozygous_deletion",
    "fusion",
)
"""Kinds of alteration in the order of the oncoprint's legend."""

_KIND_OF_TERM = MappingProxyType(
    {
        "stop_gained": "truncating",
        "frameshift_variant": "truncating",
        "start_lost": "truncating",
        "transcript_ablation": "truncating",
        "splice_donor_variant": "splice",
        "splice_acceptor_variant": "splice",
        "missense_variant": "missense",
        "inframe_deletion": "inframe",
        "inframe_insertion": "inframe",
        "protein_altering_variant": "inframe",
        "splice_region_variant": "splice",
    }
)
"""Sequence Ontology term to kind; of several terms the one that stands first here decides."""

_KIND_OF_EVENT = MappingProxyType(
    {
        "amplification": "amplification",
        "homozygous_deletion": "homozygous_deletion",
        "fusion": "fusion",
        "rearrangement": "fusion",
    }
)


@dataclass(slots=True, frozen=True)
class Alteration:
    """A driver of a sample: ``vaf`` is text as in the document, or empty for an event."""

    gene: str
    name: str
    kind: str
    driver_class: str
    amp: str
    escat: str
    vaf: str
    consequence: str
    flags: str


@dataclass(slots=True, frozen=True)
class Trial:
    """One arm of one trial as the table of trials describes it.

    ``title`` and ``drugs`` are empty in a document where nothing found speaks for the trial's biomarker.
    """

    trial_id: str
    arm: str
    title: str
    phase: str
    design: str
    status: str
    status_as_of: str
    countries: str
    accessed: str
    drugs: str
    url: str


@dataclass(slots=True, frozen=True)
class TrialMatch:
    """A sample that a trial may admit; ``open_criteria`` names what is unknown, ``biomarkers`` what was found."""

    trial: Trial
    state: str
    biomarkers: str
    met: str
    open_criteria: str


@dataclass(slots=True, frozen=True)
class SampleFacts:
    """One sample: ``absent`` are genes all of whose pertinent negatives were shown absent by coverage."""

    sample_id: str
    patient_id: str
    failed: bool
    tumour_type: str
    tumour_name: str
    adequacy: str
    adequacy_reasons: str
    outcome: str
    any_tier: str
    drugs: str
    resistance: str
    alterations: tuple[Alteration, ...]
    absent: frozenset[str]
    trials: tuple[TrialMatch, ...]
    knowledge: tuple[tuple[str, str], ...]
    pipeline: str
    assay: str
    caller: str


def sample_facts(document: Document, known_trials: dict[Trial, Trial] | None = None) -> SampleFacts:
    """Facts of one document.

    Parameters
    ----------
    document
        A sample document, valid against workflow/schemas/document.schema.json.
    known_trials
        Trials of earlier documents, which this one's are added to: equal trials are kept once.

    Raises
    ------
    KeyError
        If the document lacks a key the schema requires.
    """
    sample, provenance = document["sample"], document["provenance"]
    tumour = sample["tumour_type"]
    failed = document["status"] == "failed"
    outcome, drugs = ("", ()) if failed else response_outcome(document)
    tiers = [finding["tier"]["amp"] for finding in (*document["variants"], *document["events"])]
    tiers += [row["amp"] for row in document["therapies"] if row["state"] == "met"]
    return SampleFacts(
        sample_id=sample["sample_id"],
        patient_id=sample["patient_id"],
        failed=failed,
        tumour_type=tumour["code"] if tumour else sample["condition"] or "",
        tumour_name=tumour["name"] if tumour else sample["condition"] or "",
        adequacy="" if failed else document["adequacy"]["verdict"],
        adequacy_reasons="" if failed else "; ".join(document["adequacy"]["reasons"]),
        outcome=outcome,
        any_tier=min((tier for tier in tiers if tier), key=_any_rank, default=""),
        drugs="; ".join(drugs),
        resistance="; ".join(
            dict.fromkeys(row["mechanism"] for row in document["resistance"] if row["kind"] == "found")
        ),
        alterations=() if failed else alterations(document),
        absent=_shown_absent(document),
        trials=tuple(
            _trial_match(entry, {} if known_trials is None else known_trials)
            for entry in document.get("trials", ())
            if entry["state"] != "no_match"
        ),
        knowledge=tuple((entry["release"], entry["sha256"]) for entry in provenance["knowledge"]),
        pipeline=f"{provenance['pipeline']['name']} {provenance['pipeline']['version']}, code "
        f"{provenance['code_sha256'][:12]}",
        assay=_assay(document["assay"]),
        caller=document["caller"]["name"] if document["caller"] else "",
    )


def response_outcome(document: Document) -> tuple[str, tuple[str, ...]]:
    """Outcome of a complete sample (one of :data:`OUTCOMES`) and the regimens of its best tier.

    As in the headline of a sample, a drug against which a resistance was found, or against which another statement
    speaks, is not counted.
    """
    rows = [
        row
        for row in document["therapies"]
        if row["implication"] == "therapeutic"
        and row["direction"] == "sensitive"
        and row["drugs"]
        and not row["conflicts_with"]
        and not resistance_against(row, document["resistance"])
    ]
    met = [row for row in rows if row["state"] == "met" and row["amp"] in RESPONSE_TIERS]
    if met:
        best = min((row["amp"] for row in met), key=amp_rank)
        return best, tuple(
            dict.fromkeys(row["regimen"] or " + ".join(row["drugs"]) for row in met if row["amp"] == best)
        )
    if rows:
        return CONDITIONAL, ()
    return (INCONCLUSIVE if document["adequacy"]["verdict"] == "inadequate" else NONE), ()


def alterations(document: Document) -> tuple[Alteration, ...]:
    """Validated and likely drivers of a document, variants first.

    Where the patient does not want to learn of inherited findings, the flag that suspects one is left out.
    """
    hidden = consent_refused(document["sample"]["clinical"])
    found = [
        Alteration(
            gene=intern(variant["gene"]),
            name=intern(variant["hgvsp"] or variant["hgvsc"] or f"{variant['ref']}>{variant['alt']}"),
            kind=kind_of(variant["consequence"]),
            driver_class=intern(variant["driver_class"]),
            amp=variant["tier"]["amp"] or "",
            escat=variant["tier"]["escat"] or "",
            vaf="" if variant["vaf"] is None else repr(variant["vaf"]),
            consequence=intern(variant["consequence"]),
            flags="|".join(flag for flag in variant["flags"] if not (hidden and flag == "germline_suspect")),
        )
        for variant in document["variants"]
        if variant["driver_class"] in DRIVERS
    ]
    found += [
        Alteration(
            gene=event["gene"],
            name=event["label"],
            kind=_KIND_OF_EVENT[event["kind"]],
            driver_class=event["driver_class"],
            amp=event["tier"]["amp"] or "",
            escat=event["tier"]["escat"] or "",
            vaf="",
            consequence=event["kind"],
            flags="",
        )
        for event in document["events"]
        if event["driver_class"] in DRIVERS
    ]
    return tuple(found)


def kind_of(consequence: str) -> str:
    """Kind of a small variant by its Sequence Ontology terms (joined by ``&``)."""
    terms = set(consequence.split("&"))
    return next((kind for term, kind in _KIND_OF_TERM.items() if term in terms), "promoter_or_other")


def _any_rank(tier: str) -> int:
    """Tiers III and IV stand behind those that a treatment carries."""
    order = (*RESPONSE_TIERS, "III", "IV")
    return order.index(tier) if tier in order else len(order)


def _shown_absent(document: Document) -> frozenset[str]:
    states: dict[str, set[str]] = {}
    for negative in document["negatives"]:
        states.setdefault(negative["gene"], set()).add(negative["state"])
    return frozenset(gene for gene, found in states.items() if found == {"not_detected"})


def _assay(assay: Mapping[str, Any] | None) -> str:
    return f"{assay['name']} {assay['version']}".strip() if assay else ""


def _trial_match(entry: Mapping[str, Any], known: dict[Trial, Trial]) -> TrialMatch:
    trial = Trial(
        trial_id=entry["trial_id"],
        arm=entry["arm"],
        title=entry["title"],
        phase=entry["phase"],
        design=entry["design"],
        status=entry["status"],
        status_as_of=entry["status_as_of"],
        countries="|".join(entry["countries"]),
        accessed=entry["accessed"],
        drugs="|".join(entry["drugs"]),
        url=entry["url"],
    )
    return TrialMatch(
        trial=known.setdefault(trial, trial),
        state=intern(entry["state"]),
        biomarkers=intern("|".join(entry["biomarkers"])),
        met=intern(_criteria(entry, "met")),
        open_criteria=intern(_criteria(entry, "unknown")),
    )


def _criteria(entry: Mapping[str, Any], state: str) -> str:
    return "; ".join(criterion["text"] for criterion in entry["criteria"] if criterion["state"] == state)
