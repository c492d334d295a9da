"""The ids a biomarker profile names, and with which sign: what the lint needs of a profile."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.knowledge.profile_grammar import Combined, Compare, Not, Present, Profile, Together, WildType, parse
from targetboard.knowledge.records import KnowledgeBase


@dataclass(slots=True, frozen=True)
class ProfileTerm:
    """One id of a profile: ``kind`` is id, phased, wild_type or marker; ``positive`` is False under an odd NOT."""

    kind: str
    name: str
    positive: bool


def profile_terms(expression: str) -> tuple[ProfileTerm, ...]:
    """Every id of a profile in order of appearance; KnowledgeError where the expression breaks the grammar."""
    return _terms(parse(expression), True)


def _terms(profile: Profile, positive: bool) -> tuple[ProfileTerm, ...]:
    match profile:
        case Present(name):
            return (ProfileTerm("id", name, positive),)
        case Compare(name):
            return (ProfileTerm("marker", name, positive),)
        case WildType(gene):
            return (ProfileTerm("wild_type", gene, positive),)
        case Together(first, second):
            return (ProfileTerm("phased", first, positive), ProfileTerm("phased", second, positive))
        case Not(term):
            return _terms(term, not positive)
        case Combined(terms):
            return tuple(found for term in terms for found in _terms(term, positive))


def term_is_known(term: ProfileTerm, kb: KnowledgeBase) -> bool:
    """Whether the id of a term stands in the table its place in the profile asks for."""
    match term.kind:
        case "phased":
            return term.name in kb.alterations
        case "marker":
            return term.name in kb.markers
        case "wild_type":
            return any(
                (
                    term.name in kb.genes,
                    term.name in kb.alterations,
                    term.name in kb.markers,
                    f"{term.name}_WT" in kb.markers,
                )
            )
        case _:
            return term.name in kb.alterations or term.name in kb.markers
