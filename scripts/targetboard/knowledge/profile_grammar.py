"""The grammar of biomarker profiles, and its parser.

Keywords in capitals; NOT binds tighter than AND, AND tighter than OR::

    profile    := and_terms { "OR" and_terms }
    and_terms  := term { "AND" term }
    term       := "NOT" term | "(" profile ")" | function | comparison | identifier
    function   := ("cis" | "trans") "(" identifier "," identifier ")" | "wild_type" "(" identifier ")"
    comparison := identifier ("==" | "!=" | ">=" | "<=" | ">" | "<") value

Identifiers are alteration or marker ids (``EGFR_L858R``, ``PD-L1_TPS``); values are numbers or words (``50``, ``high``,
``3+``). Nothing is ever evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from targetboard.errors import KnowledgeError

MAX_LENGTH = 2000
MAX_DEPTH = 50

_TOKEN = re.compile(r"\s*(?:(>=|<=|==|!=|>|<)|([(),])|([A-Za-z0-9_.+%/-]+))")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_KEYWORDS = frozenset({"AND", "OR", "NOT"})
_ORDERED = frozenset({">=", "<=", ">", "<"})
_OPERATORS = _ORDERED | {"==", "!="}


@dataclass(slots=True, frozen=True)
class Present:
    """An alteration or marker by id."""

    name: str


@dataclass(slots=True, frozen=True)
class Compare:
    """A marker compared with a value."""

    name: str
    operator: str
    value: str


@dataclass(slots=True, frozen=True)
class WildType:
    """No driver in a gene or gene group."""

    gene: str


@dataclass(slots=True, frozen=True)
class Together:
    """Two alterations on one haplotype (``cis``) or on two (not ``cis``)."""

    first: str
    second: str
    cis: bool


@dataclass(slots=True, frozen=True)
class Not:
    """Negation."""

    term: Profile


@dataclass(slots=True, frozen=True)
class Combined:
    """Terms joined by AND (``every``) or OR."""

    terms: tuple[Profile, ...]
    every: bool


Profile = Present | Compare | WildType | Together | Not | Combined


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens: list[tuple[str, int]] = []
        self.at = 0
        position = 0
        if len(text) > MAX_LENGTH:
            raise self.error(f"is longer than {MAX_LENGTH} characters", 0)
        while position < len(text.rstrip()):
            match = _TOKEN.match(text, position)
            if match is None:
                start = position + len(text[position:]) - len(text[position:].lstrip())
                raise self.error(f"has the unexpected character {text[start]!r}", start)
            self.tokens.append((match.group().strip(), match.end() - len(match.group().strip())))
            position = match.end()

    def error(self, what: str, position: int) -> KnowledgeError:
        return KnowledgeError(
            f"profile {self.text[:200]!r} {what} at position {position + 1}",
            where="biomarkers.tsv",
            remedy="See the profile grammar: ids, AND, OR, NOT, parentheses, cis(A,B), trans(A,B), wild_type(GENE), "
            "comparisons.",
        )

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def position(self) -> int:
        return self.tokens[self.at][1] if self.at < len(self.tokens) else len(self.text)

    def take(self, expected: str = "") -> str:
        token = self.peek()
        if not token or (expected and token != expected):
            wanted = f"where {expected!r} is expected" if expected else "where a term is expected"
            raise self.error(f"has {token or 'its end'!r} {wanted}", self.position())
        self.at += 1
        return token

    def identifier(self) -> str:
        position, token = self.position(), self.take()
        if token in _KEYWORDS or not _IDENTIFIER.fullmatch(token):
            raise self.error(f"has {token!r} where an identifier is expected", position)
        return token

    def profile(self, depth: int = 0) -> Profile:
        if depth > MAX_DEPTH:
            raise self.error("is nested too deeply", self.position())
        return self.joined("OR", lambda: self.joined("AND", lambda: self.term(depth)))

    def joined(self, keyword: str, read: Callable[[], Profile]) -> Profile:
        terms = [read()]
        while self.peek() == keyword:
            self.take()
            terms.append(read())
        return terms[0] if len(terms) == 1 else Combined(tuple(terms), every=keyword == "AND")

    def term(self, depth: int) -> Profile:
        if depth > MAX_DEPTH:
            raise self.error("is nested too deeply", self.position())
        if self.peek() == "NOT":
            self.take()
            return Not(self.term(depth + 1))
        if self.peek() == "(":
            self.take()
            inner = self.profile(depth + 1)
            self.take(")")
            return inner
        position, name = self.position(), self.identifier()
        if self.peek() == "(":
            return self.function(name, position)
        if self.peek() in _OPERATORS:
            operator = self.take()
            value_position, value = self.position(), self.take()
            if value in _KEYWORDS or value in {"(", ")", ","} or value in _OPERATORS:
                raise self.error(f"has {value!r} where a value is expected", value_position)
            if operator in _ORDERED and number_of(value) is None:
                raise self.error(f"compares with {value!r}, which is no number,", value_position)
            return Compare(name, operator, value)
        return Present(name)

    def function(self, name: str, position: int) -> Profile:
        if name not in {"cis", "trans", "wild_type"}:
            raise self.error(f"has the unknown function {name!r}", position)
        self.take("(")
        first = self.identifier()
        if name == "wild_type":
            self.take(")")
            return WildType(first)
        self.take(",")
        second = self.identifier()
        self.take(")")
        return Together(first, second, cis=name == "cis")


def number_of(text: str) -> float | None:
    """A value as a number (``50``, ``12.5%``); None for words."""
    try:
        return float(text.removesuffix("%"))
    except ValueError:
        return None


def parse(expression: str) -> Profile:
    """Parse a profile.

    Raises
    ------
    KnowledgeError
        For malformed expressions, with the position (from 1) of the first thing that does not fit.
    """
    parser = _Parser(expression)
    profile = parser.profile()
    if parser.peek():
        raise parser.error(f"has {parser.peek()!r} where its end is expected", parser.position())
    return profile


def identifiers(profile: Profile) -> tuple[str, ...]:
    """Alteration and marker ids of a profile in order of appearance; ``wild_type(X)`` is left out."""
    match profile:
        case Present(name) | Compare(name):
            return (name,)
        case Together(first, second):
            return (first, second)
        case WildType():
            return ()
        case Not(term):
            return identifiers(term)
        case Combined(terms):
            return tuple(dict.fromkeys(name for term in terms for name in identifiers(term)))


def wild_types(profile: Profile) -> tuple[str, ...]:
    """Genes or gene groups a profile asks to be wild type, in order of appearance."""
    match profile:
        case WildType(gene):
            return (gene,)
        case Not(term):
            return wild_types(term)
        case Combined(terms):
            return tuple(dict.fromkeys(gene for term in terms for gene in wild_types(term)))
        case _:
            return ()
