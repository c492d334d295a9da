"""The headline of a patient: at most six lines, a new resistance alteration first."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.action.summary import MOST_NAMES, first_names
from targetboard.patient.changes import ACQUIRED, LOST, PRIVATE, change_over_time, spread_over_sites, when
from targetboard.patient.comparison import Compared, Comparison
from targetboard.patient.discordance import PLASMA_ONLY, TISSUE_ONLY, Discordance
from targetboard.patient.findings import SOMATIC
from targetboard.patient.resistance import ResistanceFact
from targetboard.patient.samples import TISSUE, Course

MOST_LINES = 6
WEAK_FLAGS = {"artefact_suspect": "possible artefact", "low_support": "low support"}
"""Flags under which a first detection has to be confirmed before anything follows from it."""
LOW_IN_PLASMA = "low in plasma only, may stem from blood cells"


def headline(
    course: Course,
    comparison: Comparison,
    resistance: Sequence[ResistanceFact],
    discordant: Sequence[Discordance],
) -> list[dict[str, str]]:
    """Lines of the patient document: ``kind`` and ``text``."""
    failed = [sample.sample_id for sample in course.samples if not sample.complete]
    single = len(course.times) < 2
    fresh = [fact for fact in resistance if fact.is_new or single]
    lines = [{"kind": "resistance", "text": _new(fact, course, comparison)} for fact in fresh]
    phases = list(dict.fromkeys(own.text for fact in fresh for own in fact.phases if own.sample_id in fact.sample_ids))
    if phases:
        lines[0]["text"] += f" {'. '.join(phases)}."
    if course.complete and (single or not fresh):
        lines.append({"kind": "none", "text": _nothing_new(course)})
    earlier = [fact for fact in resistance if not fact.is_new and not single]
    if earlier:
        lines.append({"kind": "resistance", "text": _earlier(earlier, course, comparison)})
    lines += _drivers(course, comparison, resistance)
    lines += _sites(course, comparison)
    lines += _plasma(discordant)
    lines += _suspects(comparison)
    if failed:
        lines = [*lines[: MOST_LINES - 1], {"kind": "failed", "text": f"Not analysed: {first_names(failed)}."}]
    return lines[:MOST_LINES]


def _new(fact: ResistanceFact, course: Course, comparison: Comparison) -> str:
    name = first_names(list(dict.fromkeys(fact.labels))) if fact.labels else fact.alteration_id
    text = f"{'New' if fact.is_new else 'Found'} at {when(course.times[fact.first])}: {name}"
    if fact.change is not None and ACQUIRED in fact.change.tokens:
        text += " (acquired"
        text += ", or private to the site: the places differ)" if fact.change.other_place else ")"
    elif fact.change is not None and fact.change.before:
        text += f" (may have been there: {fact.change.before.replace('_', ' ')} before)"
    weak = _weak(fact, comparison)
    if weak:
        text += f" [{weak}: confirm]"
    text += f", {fact.row['mechanism']}"
    if fact.row["after"]:
        text += f"; speaks against {', '.join(fact.row['after'])}"
        text += " (given before)" if fact.given_before else ""
    following = fact.next_line
    text += f"; next line to discuss: {', '.join(following)}" if following else "; no next line in the tables"
    return f"{text}."


def _weak(fact: ResistanceFact, comparison: Comparison) -> str:
    """What makes every first detection of the alteration doubtful; "" where one stands without."""
    if fact.origins and SOMATIC not in fact.origins:
        return "may be inherited" if "germline_suspect" in fact.origins else "may stem from blood cells"
    carriers = [own for own in comparison.variants if fact.alteration_id in own.alterations]
    if carriers and all(own.low_in_plasma for own in carriers):
        return LOW_IN_PLASMA
    entries = [
        seen.entry
        for own in carriers
        for seen in own.detected_in()
        if seen.sample.time == fact.first and seen.entry is not None
    ]
    doubts = [[word for flag, word in WEAK_FLAGS.items() if flag in entry["flags"]] for entry in entries]
    return ", ".join(doubts[0]) if doubts and all(doubts) else ""


def _nothing_new(course: Course) -> str:
    last = course.times[max(sample.time for sample in course.complete)]
    if len(course.times) < 2:
        return f"One time point only ({when(last)}): nothing can be said about changes."
    return (
        f"No new resistance alteration was called at {when(last)}. What was not covered or lies below detection may"
        " have been missed."
    )


def _earlier(facts: Sequence[ResistanceFact], course: Course, comparison: Comparison) -> str:
    parts = []
    for fact in facts[:MOST_NAMES]:
        name = fact.labels[0] if fact.labels else fact.alteration_id
        part = f"{name} since {when(course.times[fact.first])}"
        weak = _weak(fact, comparison)
        if weak:
            part += f" [{weak}: confirm]"
        if fact.given_later:
            part += f", then {', '.join(fact.given_later)}"
        if fact.change is not None and LOST in fact.change.tokens:
            part += ", not detected since" + (" (at another place)" if fact.change.other_place else "")
        parts.append(part)
    more = f"; {len(facts) - MOST_NAMES} more" if len(facts) > MOST_NAMES else ""
    return f"Resistance found earlier: {'; '.join(parts)}{more}."


def _drivers(course: Course, comparison: Comparison, resistance: Sequence[ResistanceFact]) -> list[dict[str, str]]:
    told = {fact.alteration_id for fact in resistance}
    final = max((sample.time for sample in course.complete), default=0)
    drivers = [
        row for row in (*comparison.variants, *comparison.events) if row.is_driver and told.isdisjoint(row.alterations)
    ]
    changes = [(row, change_over_time(row, course)) for row in drivers]
    gained = [
        _with_place(row, change.other_place)
        for row, change in changes
        if change is not None and change.first == final and ACQUIRED in change.tokens
    ]
    unsure = [
        _with_place(row, other_place=False)
        for row, change in changes
        if change is not None and change.first == final and final > 0 and ACQUIRED not in change.tokens
    ]
    gone = [
        _with_place(row, change.other_place) for row, change in changes if change is not None and LOST in change.tokens
    ]
    lines = []
    if gained:
        lines.append({"kind": "change", "text": f"Newly found drivers: {first_names(gained)}."})
    if unsure:
        text = f"Drivers seen first now, which may have been there before: {first_names(unsure)}."
        lines.append({"kind": "change", "text": text})
    if gone:
        lines.append({"kind": "change", "text": f"Drivers no longer detected: {first_names(gone)}."})
    return lines


def _with_place(row: Compared, other_place: bool) -> str:
    name = f"{row.label} [{LOW_IN_PLASMA}: confirm]" if row.low_in_plasma else row.label
    return f"{name} (the places differ)" if other_place else name


def _sites(course: Course, comparison: Comparison) -> list[dict[str, str]]:
    """Drivers that only one of the sites of the last time point shows, the others being shown free of them."""
    final = max((sample.time for sample in course.complete), default=0)
    by_site: dict[str, list[str]] = {}
    for row in (*comparison.variants, *comparison.events):
        private = any(own.time == final and own.token == PRIVATE for own in spread_over_sites(row, course))
        if row.is_driver and private:
            sites = [
                seen.sample.site or seen.sample.sample_id
                for seen in row.detected_in()
                if seen.sample.time == final and seen.sample.compartment == TISSUE
            ]
            by_site.setdefault(sites[0], []).append(row.label)
    if not by_site:
        return []
    parts = [f"{first_names(labels)} in {site} only" for site, labels in by_site.items()]
    return [{"kind": "sites", "text": f"Tissue sites differ at {when(course.times[final])}: {'; '.join(parts)}."}]


def _plasma(rows: Sequence[Discordance]) -> list[dict[str, str]]:
    lines = []
    for token, words in ((PLASMA_ONLY, "in plasma only"), (TISSUE_ONLY, "in tissue only")):
        names = list(dict.fromkeys(row.label for row in rows if row.token == token))
        if names:
            lines.append({"kind": "discordance", "text": f"Found {words}: {first_names(names)}."})
    return lines


def _suspects(comparison: Comparison) -> list[dict[str, str]]:
    suspects = [row for row in comparison.variants if row.origin != SOMATIC]
    inherited = [row.label for row in suspects if row.origin == "germline_suspect"]
    blood = [row.label for row in suspects if row.origin == "chip_suspect"]
    lines = []
    if inherited:
        text = f"{first_names(inherited)} may be inherited: offer a confirmatory germline test and genetic counselling."
        lines.append({"kind": "germline", "text": text})
    if blood:
        text = f"{first_names(blood)} may stem from blood cells (clonal haematopoiesis): not counted as tumour."
        lines.append({"kind": "chip", "text": text})
    return lines
