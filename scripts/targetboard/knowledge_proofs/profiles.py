"""What a sample must show so that a biomarker profile holds: one set of needs for every way in which it can."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from targetboard.knowledge.profile_grammar import (
    Combined,
    Compare,
    Not,
    Present,
    Profile,
    Together,
    WildType,
    number_of,
)

DETECTED = "detected"
OTHER_WORD = "something else"


@dataclass(slots=True, frozen=True)
class Needs:
    """One way to meet a profile.

    ``present`` and ``absent`` are alteration ids, ``wild`` genes shown to be wild type, ``markers`` the value of each
    marker (:data:`DETECTED` where it must only be there), ``cis`` pairs on one haplotype, ``trans`` pairs on two.
    """

    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    wild: tuple[str, ...] = ()
    markers: Mapping[str, str] = field(default_factory=dict)
    cis: tuple[tuple[str, str], ...] = ()
    trans: tuple[tuple[str, str], ...] = ()


Term = tuple[Profile, bool]
"""A single term, and whether it must hold."""


def needs_of(profile: Profile, alterations: Iterable[str]) -> list[Needs]:
    """Every alternative of an OR is taken once, with the first alternative of all others beside it."""
    known = frozenset(alterations)
    found = [_gather(terms, known) for terms in _alternatives(profile, holds=True)]
    return [needs for needs in found if needs is not None]


def unmet_markers(profile: Profile) -> dict[str, str]:
    """Values that meet none of a profile's marker comparisons."""
    terms = [term for terms in _alternatives(profile, holds=True) for term in terms]
    names = {term.name for term, holds in terms if isinstance(term, Compare) and holds}
    found: dict[str, str] = {}
    for name in sorted(names):
        compares = [(term, False) for term, holds in terms if isinstance(term, Compare) and term.name == name and holds]
        value = _value(compares)
        if value is not None:
            found[name] = value
    return found


def _alternatives(profile: Profile, *, holds: bool) -> list[list[Term]]:
    match profile:
        case Not(term):
            return _alternatives(term, holds=not holds)
        case Combined(terms, every) if every is holds:
            parts = [_alternatives(term, holds=holds) for term in terms]
            usual = [part[0] for part in parts]
            found = []
            for index, part in enumerate(parts):
                for one in part if index == 0 else part[1:]:
                    chosen = [*usual[:index], one, *usual[index + 1 :]]
                    found.append([term for terms_of_part in chosen for term in terms_of_part])
            return found
        case Combined(terms, _):
            return [one for term in terms for one in _alternatives(term, holds=holds)]
        case _:
            return [[(profile, holds)]]


def _gather(terms: Sequence[Term], alterations: frozenset[str]) -> Needs | None:
    present: list[str] = []
    absent: list[str] = []
    wild: list[str] = []
    cis: list[tuple[str, str]] = []
    trans: list[tuple[str, str]] = []
    compares: dict[str, list[tuple[Compare, bool]]] = {}
    markers: dict[str, str] = {}
    for term, holds in terms:
        match term:
            case Present(name) if name in alterations:
                (present if holds else absent).append(name)
            case Present(name):
                markers[name] = DETECTED if holds else ""
            case Compare(name):
                compares.setdefault(name, []).append((term, holds))
            case WildType(gene) if holds:
                wild.append(gene)
            case Together(first, second, is_cis):
                present += [first, second]
                (cis if is_cis is holds else trans).append((first, second))
            case _:
                return None
    for name, wanted in compares.items():
        value = _value(wanted)
        if value is None:
            return None
        markers[name] = value
    return Needs(_once(present), _once(absent), _once(wild), markers, tuple(cis), tuple(trans))


def _once(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def _value(wanted: Sequence[tuple[Compare, bool]]) -> str | None:
    """A value for which every comparison has the wanted result; None if there is none among the obvious ones."""
    candidates = [OTHER_WORD]
    for compare, _ in wanted:
        number = number_of(compare.value)
        candidates += [compare.value] if number is None else [f"{number:g}", f"{number + 1:g}", f"{number - 1:g}"]
    for value in candidates:
        if all(_compares(value, compare) is holds for compare, holds in wanted) and number_of(value) != -1:
            return value
    return None


def _compares(value: str, compare: Compare) -> bool | None:
    left, right = number_of(value), number_of(compare.value)
    if compare.operator in {"==", "!="}:
        equal = left == right if left is not None and right is not None else value == compare.value
        return equal if compare.operator == "==" else not equal
    if left is None or right is None:
        return None
    below, above = left < right, left > right
    return {">=": not below, "<=": not above, ">": above, "<": below}[compare.operator]
