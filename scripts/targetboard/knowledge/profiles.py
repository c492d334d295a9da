"""The ids a biomarker profile names, and with which sign: what the lint needs of the profile grammar.

Grammar: ids joined by AND, OR, NOT and parentheses; ``cis(A,B)``, ``trans(A,B)``; ``wild_type(X)``; comparisons of a
marker such as ``PD-L1_TPS >= 50`` or ``MSI == high``. Evaluation belongs to :mod:`targetboard.action.biomarkers`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(r"\s*(\(|\)|,|>=|<=|==|!=|>|<|[A-Za-z0-9][A-Za-z0-9_.+/-]*)")
_COMPARISONS = frozenset({">=", "<=", "==", "!=", ">", "<"})
_KEYWORDS = frozenset({"AND", "OR", "NOT"})
_SYMBOLS = _COMPARISONS | {"(", ")", ","}
MAX_DEPTH = 50


@dataclass(slots=True, frozen=True)
class ProfileTerm:
    """One id of a profile: ``kind`` is id, phased, wild_type or marker; ``positive`` is False under an odd NOT."""

    kind: str
    name: str
    positive: bool


class ProfileSyntaxError(ValueError):
    """The expression breaks the grammar."""


def profile_terms(expression: str) -> tuple[ProfileTerm, ...]:
    """Every id of a profile in order; ProfileSyntaxError where the expression breaks the grammar."""
    reader = _Reader(_tokens(expression))
    reader.alternatives(True, 0)
    if reader.peek() is not None:
        raise ProfileSyntaxError(f"unexpected {reader.peek()!r}")
    return tuple(reader.terms)


def _tokens(expression: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    expression = expression.rstrip()
    while position < len(expression):
        match = _TOKEN.match(expression, position)
        if match is None:
            raise ProfileSyntaxError(f"unexpected {expression[position:].strip()[:20]!r}")
        tokens.append(match[1])
        position = match.end()
    return tokens


class _Reader:
    """Recursive descent over the tokens; collects terms with their sign."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens
        self._position = 0
        self.terms: list[ProfileTerm] = []

    def peek(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _next(self) -> str:
        token = self.peek()
        if token is None:
            raise ProfileSyntaxError("the expression ends too early")
        self._position += 1
        return token

    def _expect(self, token: str) -> None:
        found = self._next()
        if found != token:
            raise ProfileSyntaxError(f"{token!r} expected, {found!r} found")

    def _name(self) -> str:
        token = self._next()
        if token in _KEYWORDS or token in _SYMBOLS:
            raise ProfileSyntaxError(f"an id expected, {token!r} found")
        return token

    def alternatives(self, positive: bool, depth: int) -> None:
        self._conjunction(positive, depth)
        while self.peek() == "OR":
            self._next()
            self._conjunction(positive, depth)

    def _conjunction(self, positive: bool, depth: int) -> None:
        self._factor(positive, depth)
        while self.peek() == "AND":
            self._next()
            self._factor(positive, depth)

    def _factor(self, positive: bool, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise ProfileSyntaxError("the expression is nested too deeply")
        if self.peek() == "NOT":
            self._next()
            self._factor(not positive, depth + 1)
        elif self.peek() == "(":
            self._next()
            self.alternatives(positive, depth + 1)
            self._expect(")")
        else:
            self._term(positive)

    def _term(self, positive: bool) -> None:
        name = self._name()
        if name in {"cis", "trans", "wild_type"} and self.peek() == "(":
            self._next()
            arguments = [self._name()]
            while self.peek() == ",":
                self._next()
                arguments.append(self._name())
            self._expect(")")
            if (name == "wild_type") is (len(arguments) > 1):
                raise ProfileSyntaxError(f"{name} takes {'one id' if name == 'wild_type' else 'two or more ids'}")
            kind = "wild_type" if name == "wild_type" else "phased"
            self.terms += [ProfileTerm(kind, argument, positive) for argument in arguments]
        elif self.peek() in _COMPARISONS:
            self._next()
            self._name()
            self.terms.append(ProfileTerm("marker", name, positive))
        else:
            self.terms.append(ProfileTerm("id", name, positive))
