"""Mappings that decode their values when they are asked for: a sample touches a few genes of a large knowledge base."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Generic, TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")
Stored = TypeVar("Stored")


class Whole(Mapping[Name, Value]):
    """A mapping that is made as a whole at its first use."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], Mapping[Name, Value]]) -> None:
        self._make = make
        self._made: Mapping[Name, Value] | None = None

    def _whole(self) -> Mapping[Name, Value]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, name: Name) -> Value:
        made = self._made
        return (made if made is not None else self._whole())[name]

    def __iter__(self) -> Iterator[Name]:
        return iter(self._whole())

    def __len__(self) -> int:
        return len(self._whole())

    def __contains__(self, name: object) -> bool:
        return name in self._whole()


class Piecewise(Mapping[Name, Value], Generic[Name, Stored, Value]):
    """A mapping whose names are known and whose values are decoded one by one, once each.

    Parameters
    ----------
    stored
        What is stored under each name.
    decode
        Makes the value of one stored entry.
    """

    __slots__ = ("_decode", "_made", "_stored")

    def __init__(self, stored: Mapping[Name, Stored], decode: Callable[[Stored], Value]) -> None:
        self._stored = stored
        self._decode = decode
        self._made: dict[Name, Value] = {}

    def __getitem__(self, name: Name) -> Value:
        try:
            return self._made[name]
        except KeyError:
            value = self._made[name] = self._decode(self._stored[name])
            return value

    def __iter__(self) -> Iterator[Name]:
        return iter(self._stored)

    def __len__(self) -> int:
        return len(self._stored)

    def __contains__(self, name: object) -> bool:
        return name in self._stored
