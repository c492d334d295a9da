"""What changed between time points, and what differs between sites: the tokens of the patient document.

acquired: shown absent before, detected later. lost: detected, later shown absent. persistent: detected at two or more
time points. Where the earlier (or later) samples cannot show an absence, the token says which of below_detection,
not_covered and unknown they are: the variant may have been there. Samples of different places are never compared
without saying so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from targetboard.patient.absence import State
from targetboard.patient.comparison import Compared, Seen
from targetboard.patient.samples import TISSUE, Course, TimePoint, same_place

ACQUIRED, LOST, PERSISTENT = "acquired", "lost", "persistent"
SHARED, PRIVATE, PARTLY_SHARED, UNDETERMINED = "shared", "private", "partly_shared", "undetermined"
STATE_WORDS = {
    State.DETECTED: "detected",
    State.NOT_DETECTED: "not detected",
    State.BELOW_DETECTION: "below detection",
    State.NOT_COVERED: "not covered",
    State.UNKNOWN: "unknown",
}
# What is said of several samples is the best that any of them can say.
_BEST_FIRST = (State.NOT_DETECTED, State.BELOW_DETECTION, State.NOT_COVERED, State.UNKNOWN)


@dataclass(slots=True, frozen=True)
class Change:
    """Change over time. ``before`` and ``after`` say what the samples outside the detections show ("" for none).

    ``other_place`` is set where the only samples that show the absence come from another place, so that a difference
    between sites is not ruled out.
    """

    tokens: tuple[str, ...]
    first: int
    last: int
    before: str
    after: str
    other_place: bool
    text: str


@dataclass(slots=True, frozen=True)
class Spread:
    """Shared, private, partly shared or undetermined over the tissue sites of one time point."""

    time: int
    token: str
    text: str


def when(point: TimePoint) -> str:
    """A time point with its date: ``progression (2025-06-11)``."""
    return f"{point.label} ({point.first})" if point.first else point.label


def change_over_time(compared: Compared, course: Course) -> Change | None:
    """Change over the time points; None where all samples belong to one."""
    if len({sample.time for sample in course.complete}) < 2:
        return None
    detected = compared.detected_in()
    times = sorted({own.sample.time for own in detected})
    first, last = times[0], times[-1]
    earlier = [own for own in compared.seen if own.sample.time < first]
    later = [own for own in compared.seen if own.sample.time > last]
    before, after = _best(earlier), _best(later)
    tokens: list[str] = []
    if before is State.NOT_DETECTED:
        tokens.append(ACQUIRED)
    elif before is not None:
        tokens.append(str(before))
    if len(times) > 1:
        tokens.append(PERSISTENT)
    if after is State.NOT_DETECTED:
        tokens.append(LOST)
    elif after is not None and str(after) not in tokens:
        tokens.append(str(after))
    other_before = before is State.NOT_DETECTED and not _compared_in_place(earlier, detected, first)
    other_after = after is State.NOT_DETECTED and not _compared_in_place(later, detected, last)
    sentences = [_seen_text(times, course)]
    if before is not None:
        sentences.append(_side_text("before", earlier, course, other_place=other_before))
    sentences += _gaps(compared, times, course)
    if after is not None:
        sentences.append(_side_text("later", later, course, other_place=other_after))
    return Change(
        tuple(tokens),
        first,
        last,
        "" if before is None else str(before),
        "" if after is None else str(after),
        other_before or other_after,
        " ".join(sentences),
    )


def _best(seen: Sequence[Seen]) -> State | None:
    states = {own.state for own in seen}
    return next((state for state in _BEST_FIRST if state in states), None)


def _compared_in_place(side: Sequence[Seen], detected: Sequence[Seen], time: int) -> bool:
    """Whether a sample that shows the absence comes from a place where the variant was detected at that time."""
    return any(
        same_place(own.sample, other.sample)
        for own in side
        if own.state is State.NOT_DETECTED
        for other in detected
        if other.sample.time == time
    )


def _seen_text(times: Sequence[int], course: Course) -> str:
    points = [when(course.times[time]) for time in times]
    return f"Detected at {', '.join(points)}."


def _gaps(compared: Compared, times: Sequence[int], course: Course) -> list[str]:
    """Time points between detections at which the variant was not seen."""
    sentences = []
    for time in range(times[0] + 1, times[-1]):
        between = [own for own in compared.seen if own.sample.time == time]
        state = _best(between)
        if time not in times and state is not None:
            sentences.append(f"In between, at {when(course.times[time])}: {STATE_WORDS[state]}.")
    return sentences


def _side_text(side: str, seen: Sequence[Seen], course: Course, *, other_place: bool) -> str:
    parts = []
    for own in seen:
        reason = own.absent.reason if own.absent is not None else ""
        where = f"{own.sample.name} at {course.times[own.sample.time].label}"
        parts.append(
            f"{where}: {STATE_WORDS[own.state]} ({reason})" if reason else f"{where}: {STATE_WORDS[own.state]}"
        )
    text = f"{side.capitalize()}: {'; '.join(parts)}."
    if other_place:
        text += " The places differ: a difference between sites is not ruled out."
    return text


def spread_over_sites(compared: Compared, course: Course) -> tuple[Spread, ...]:
    """Shared or private over the tissue sites of each time point that has two or more."""
    rows = []
    for point in course.times:
        tissue = [
            own
            for own in compared.seen
            if own.sample.time == point.index and own.sample.complete and own.sample.compartment == TISSUE
        ]
        places: dict[str, list[Seen]] = {}
        for own in tissue:
            places.setdefault(own.sample.place or own.sample.sample_id, []).append(own)
        if len(places) < 2:
            continue
        with_it = {name: own for name, own in places.items() if any(s.state is State.DETECTED for s in own)}
        if not with_it:
            continue
        without = [own for name, own in places.items() if name not in with_it]
        absent = [own for own in without if _best(own) is State.NOT_DETECTED]
        if not without:
            token = SHARED
        elif len(absent) == len(without) and len(with_it) == 1:
            token = PRIVATE
        elif absent and len(with_it) > 1:
            token = PARTLY_SHARED
        else:
            token = UNDETERMINED
        parts = [
            f"{own.sample.name}: {STATE_WORDS[own.state]}"
            + (f" ({own.absent.reason})" if own.absent is not None and own.absent.reason else "")
            for own in tissue
        ]
        rows.append(Spread(point.index, token, f"At {when(point)}: {'; '.join(parts)}."))
    return tuple(rows)
