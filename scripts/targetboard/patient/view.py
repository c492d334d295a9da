"""What the page of a patient shows, as text: every view is made from the patient document and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.patient.timeline import Timeline, place_of, timeline
from targetboard.report.sections.text import interval, percent
from targetboard.report.sections.words import DRIVER_CLASSES, FLAGS, MARKER_STATES, Word, word

HEADLINE_KINDS = {
    "resistance": Word("resistance", "Resistance", "", "bad"),
    "change": Word("change", "Change", "", "warn"),
    "sites": Word("sites", "Sites differ", "", "warn"),
    "discordance": Word("discordance", "Tissue and plasma", "", "warn"),
    "germline": Word("germline", "Possibly inherited", "", "warn"),
    "chip": Word("chip", "Possibly blood cells", "", "warn"),
    "failed": Word("failed", "Failed", "", "bad"),
    "none": Word("none", "Nothing new", "", "plain"),
}
CHANGES = {
    "acquired": Word(
        "acquired",
        "▲ acquired",
        "Not seen before from the fraction stated on, detected later; a smaller clone may have been there.",
        "bad",
    ),
    "lost": Word(
        "lost", "▽ lost", "Detected, later not seen from the fraction stated on; a smaller clone may remain.", "medium"
    ),
    "persistent": Word("persistent", "● persistent", "Detected at two or more time points.", "strong"),
    "below_detection": Word(
        "below_detection",
        "below detection at other times",
        "Covered, but it might not have been seen: no change is stated.",
        "plain",
    ),
    "not_covered": Word(
        "not_covered", "not covered at other times", "No or too little depth: no change is stated.", "plain"
    ),
    "unknown": Word("unknown", "unknown at other times", "The documents cannot tell: no change is stated.", "plain"),
    "not_detected": Word("not_detected", "not detected at other times", "", "plain"),
}
OTHER_PLACE = Word("other_place", "places differ", "A difference between sites is not ruled out.", "warn")
SPREADS = {
    "shared": Word("shared", "shared", "Detected at every site of the time point.", "strong"),
    "private": Word("private", "private to a site", "Detected at one site, shown absent at all others.", "medium"),
    "partly_shared": Word(
        "partly_shared", "partly shared", "Detected at several sites, shown absent at another.", "medium"
    ),
    "undetermined": Word("undetermined", "not decided", "At a site without it the sample cannot rule it out.", "plain"),
}
STATES = {
    "detected": Word("detected", "detected", "", "strong"),
    "not_detected": Word(
        "not_detected", "not detected", "Covered; it would have been seen from the fraction stated on.", "good"
    ),
    "below_detection": Word(
        "below_detection",
        "below detection",
        "Covered, but it might not have been seen here: neither present nor absent.",
        "warn",
    ),
    "not_covered": Word("not_covered", "not covered", "No depth, or less than the assay needs.", "plain"),
    "unknown": Word("unknown", "unknown", "The document cannot tell, for the reason stated.", "plain"),
}
CLONALITIES = {
    "clonal": Word("clonal", "clonal", "The reads fit a variant in all tumour cells.", "strong"),
    "subclonal": Word(
        "subclonal", "subclonal", "In less than half of the tumour cells, by reads and purity.", "medium"
    ),
    "intermediate": Word(
        "intermediate", "intermediate", "Neither all tumour cells nor less than half of them.", "plain"
    ),
    "unknown": Word("unknown", "not computed", "Purity or read counts are missing, or the sample is plasma.", "plain"),
}
DISCORDANCES = {
    "plasma_only": Word("plasma_only", "plasma only", "", "warn"),
    "tissue_only": Word("tissue_only", "tissue only", "", "warn"),
    "both": Word("both", "both", "", "good"),
    "undetermined": Word("undetermined", "not decided", "", "plain"),
}
RELATIONS = {
    "cis": Word("cis", "in cis", "", "bad"),
    "trans": Word("trans", "in trans", "", "medium"),
    "undetermined": Word("undetermined", "phase unknown", "", "warn"),
}
WORDS = (
    ("Changes over time", (CHANGES["acquired"], CHANGES["persistent"], CHANGES["lost"], OTHER_PLACE)),
    ("States of a sample", tuple(STATES[name] for name in list(STATES)[1:])),
    ("Sites", tuple(SPREADS.values())),
    ("Tumour cells", tuple(CLONALITIES.values())),
)


@dataclass(slots=True, frozen=True)
class Cell:
    """One finding in one sample."""

    state: Word
    value: str
    detail: str
    reason: str
    clonality: Word | None
    flags: tuple[Word, ...]


@dataclass(slots=True, frozen=True)
class FindingView:
    """One row of the tables of findings."""

    label: str
    driver_class: Word
    changes: tuple[Word, ...]
    text: str
    reasons: tuple[str, ...]
    cells: tuple[Cell, ...]
    alterations: str
    matched_by: str
    origin_reason: str


@dataclass(slots=True, frozen=True)
class SiteGroup:
    """Findings of one time point that spread alike over its sites."""

    title: str
    meaning: str
    rows: tuple[tuple[str, Word, tuple[Cell, ...], str], ...]


@dataclass(slots=True, frozen=True)
class Sites:
    """The tissue samples of one time point side by side."""

    title: str
    names: tuple[tuple[str, str], ...]
    groups: tuple[SiteGroup, ...]


@dataclass(slots=True, frozen=True)
class ResistanceView:
    """One mechanism of resistance in the course."""

    label: str
    mechanism: str
    since: str
    is_new: bool
    after: tuple[tuple[str, bool], ...]
    next_line: tuple[str, ...]
    history: str
    phase: tuple[str, ...]
    sources: tuple[str, ...]
    verified: bool
    verified_in: str


@dataclass(slots=True, frozen=True)
class PatientView:
    """Everything the template shows."""

    patient_id: str
    headline: tuple[tuple[Word, str], ...]
    warnings: tuple[str, ...]
    order_basis: str
    samples: tuple[Mapping[str, Any], ...]
    chart: Timeline | None
    resistance: tuple[ResistanceView, ...]
    phase: tuple[tuple[Word, str], ...]
    columns: tuple[tuple[str, str, str], ...]
    findings: tuple[FindingView, ...]
    events: tuple[FindingView, ...]
    set_apart: tuple[tuple[Word, FindingView], ...]
    sites: tuple[Sites, ...]
    discordance: tuple[tuple[Word, str], ...]
    markers: tuple[tuple[str, tuple[tuple[Word, str], ...]], ...]
    limits: tuple[str, ...]
    documents: tuple[Mapping[str, Any], ...]
    words: tuple[tuple[str, tuple[Word, ...]], ...]


def view(document: Mapping[str, Any]) -> PatientView:
    """The page of a patient document."""
    samples = document["samples"]
    notes = [_note(variant) for variant in document["variants"]]
    return PatientView(
        patient_id=document["patient_id"],
        headline=tuple((word(HEADLINE_KINDS, line["kind"]), line["text"]) for line in document["headline"]),
        warnings=tuple(document["warnings"]),
        order_basis=document["order_basis"],
        samples=tuple(_sample(sample, document) for sample in samples),
        chart=timeline(document, notes),
        resistance=tuple(_resistance(row, document) for row in document["resistance"]),
        phase=tuple((word(RELATIONS, row["relation"]), row["text"]) for row in document["phase"]),
        columns=tuple(
            (document["time_points"][sample["time"]]["label"], place_of(sample), sample["sample_id"])
            for sample in samples
        ),
        findings=tuple(_finding(row) for row in document["variants"]),
        events=tuple(_finding(row) for row in document["events"]),
        set_apart=tuple((word(FLAGS, row["origin"]), _finding(row)) for row in document["set_apart"]),
        sites=_sites(document),
        discordance=tuple((word(DISCORDANCES, row["token"]), row["text"]) for row in document["discordance"]),
        markers=tuple(_marker(row, samples) for row in document["markers"]),
        limits=tuple(note["text"] for note in document["limitations"]),
        documents=tuple(document["provenance"]["documents"]),
        words=WORDS,
    )


def _note(variant: Mapping[str, Any]) -> str:
    """What stands under a variant's name in the figure: its changes, or its class."""
    tokens = variant["change"]["tokens"] if variant["change"] else []
    said = [token for token in tokens if token in ("acquired", "lost", "persistent")]
    return ", ".join(said) or word(DRIVER_CLASSES, variant["driver_class"]).label


def _sample(sample: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
    point = document["time_points"][sample["time"]]
    return {
        **sample,
        "time_label": point["label"],
        "place": place_of(sample),
        "purity_text": percent(sample["purity"]) or "not stated",
        "drugs": ", ".join(sample["prior_therapies"]) or "none stated",
    }


def _cell(seen: Mapping[str, Any]) -> Cell:
    reads = ""
    if seen["state"] == "detected":
        value = percent(seen["vaf"]) or seen["value"] or "detected"
        if seen["alt_depth"] is not None and seen["depth"] is not None:
            reads = f"{seen['alt_depth']} of {seen['depth']} reads"
        bounds = interval(seen["vaf_interval"])
        detail = ", ".join(filter(None, (bounds, reads)))
    else:
        value = f"from {percent(seen['limit'])} on" if seen["limit"] is not None else ""
        detail = ""
    cells = interval(seen["ccf"])
    clonality = word(CLONALITIES, seen["clonality"]) if seen["clonality"] not in (None, "unknown") else None
    detail = f"{detail}; {cells} of tumour cells" if cells and clonality is not None else detail
    shown = tuple(word(FLAGS, flag) for flag in seen["flags"] if flag not in ("population_unknown", "subclonal"))
    return Cell(word(STATES, seen["state"]), value, detail, seen["reason"], clonality, shown)


def _finding(row: Mapping[str, Any]) -> FindingView:
    change = row["change"]
    changes = tuple(word(CHANGES, token) for token in change["tokens"]) if change else ()
    if change and change["other_place"]:
        changes = (*changes, OTHER_PLACE)
    return FindingView(
        label=row["label"],
        driver_class=word(DRIVER_CLASSES, row["driver_class"]),
        changes=changes,
        text=change["text"] if change else "",
        reasons=tuple(
            f"{seen['sample_id']}: {word(STATES, seen['state']).label} ({seen['reason']})"
            for seen in row["observations"]
            if seen["reason"] and not (change and seen["reason"] in change["text"])
        ),
        cells=tuple(_cell(seen) for seen in row["observations"]),
        alterations=", ".join(row["alterations"]),
        matched_by=", ".join(name for name in row["matched_by"] if name != "allele"),
        origin_reason=row["origin_reason"],
    )


def _sites(document: Mapping[str, Any]) -> tuple[Sites, ...]:
    """Time points with two or more tissue sites, their findings grouped by spread, then by clonality."""
    tables = []
    for time, point in enumerate(document["time_points"]):
        indices = [
            index
            for index, sample in enumerate(document["samples"])
            if sample["time"] == time and sample["compartment"] == "tissue" and sample["status"] == "complete"
        ]
        groups: dict[tuple[int, int], list[tuple[str, Word, tuple[Cell, ...], str]]] = {}
        for row in document["variants"]:
            own = next((spread for spread in row["spread"] if spread["time"] == time), None)
            if own is None:
                continue
            seen = [row["observations"][index] for index in indices]
            cells = tuple(_cell(one) for one in seen)
            key = (list(SPREADS).index(own["token"]), _clonal_rank(seen))
            entry = (row["label"], word(DRIVER_CLASSES, row["driver_class"]), cells, own["text"])
            groups.setdefault(key, []).append(entry)
        if not groups:
            continue
        names = tuple((place_of(document["samples"][i]), document["samples"][i]["sample_id"]) for i in indices)
        tables.append(
            Sites(
                point["label"],
                names,
                tuple(_group(spread, rank, rows) for (spread, rank), rows in sorted(groups.items())),
            )
        )
    return tuple(tables)


_RANKS = ("clonal", "intermediate", "subclonal", "unknown")
_RANK_TEXT = (
    "clonal in all samples that show it",
    "intermediate in at least one",
    "subclonal in at least one",
    "not computed",
)


def _clonal_rank(seen: Sequence[Mapping[str, Any]]) -> int:
    """The least clonal of the samples that show it; not computed where any of them is."""
    return max(_RANKS.index(own["clonality"]) for own in seen if own["state"] == "detected")


def _group(spread: int, rank: int, rows: list[tuple[str, Word, tuple[Cell, ...], str]]) -> SiteGroup:
    token = list(SPREADS.values())[spread]
    return SiteGroup(f"{token.label.capitalize()}, {_RANK_TEXT[rank]}", token.meaning, tuple(rows))


def _resistance(row: Mapping[str, Any], document: Mapping[str, Any]) -> ResistanceView:
    points = document["time_points"]
    first = points[row["first_time"]]
    since = f"{first['label']} ({first['first_date']})" if first["first_date"] else first["label"]
    history = []
    if row["next_line_then"] and row["next_line_then"] != row["next_line"]:
        history.append(f"next line then: {', '.join(row['next_line_then'])}")
    if row["given_later"]:
        history.append(f"given since: {', '.join(row['given_later'])}")
    return ResistanceView(
        label=", ".join(dict.fromkeys(row["labels"])) or row["alteration_id"],
        mechanism=row["mechanism"],
        since=since,
        is_new=row["is_new"],
        after=tuple((drug, drug in row["given_before"]) for drug in row["after"]),
        next_line=tuple(row["next_line"]),
        history="; ".join(history),
        phase=tuple(row["phase"]),
        sources=tuple(row["sources"]),
        verified=bool(row["verified_in"]) and row["verified_in"] != "unverified",
        verified_in=row["verified_in"],
    )


def _marker(row: Mapping[str, Any], samples: Sequence[Mapping[str, Any]]) -> tuple[str, tuple[tuple[Word, str], ...]]:
    values = {value["sample_id"]: value for value in row["values"]}
    cells = []
    for sample in samples:
        value = values.get(sample["sample_id"], {"state": "not_assessed", "value": None, "unit": "", "method": ""})
        text = f"{value['value']} {value['unit']}".strip() if value["value"] is not None else ""
        cells.append((word(MARKER_STATES, value["state"]), text))
    return row["label"], tuple(cells)
