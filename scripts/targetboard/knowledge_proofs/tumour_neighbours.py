"""Tumour types inside a claim, and next to it; an own walk over the parents of tumour_types.tsv."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from targetboard.knowledge.records import TumourType

BLOOD_ROOTS = ("MYELOID", "LYMPH")


class Tree:
    """Tumour types by code with their children, in order of the code."""

    def __init__(self, nodes: Mapping[str, TumourType]) -> None:
        self.nodes = nodes
        self.children: dict[str, list[str]] = {}
        for code in sorted(nodes):
            self.children.setdefault(nodes[code].parent, []).append(code)

    def below(self, code: str) -> Iterator[str]:
        """The code and everything below it."""
        yield code
        for child in self.children.get(code, ()):
            yield from self.below(child)

    def above(self, code: str) -> list[str]:
        """The code and everything above it."""
        found = [code]
        while (parent := self.nodes[found[-1]].parent) in self.nodes:
            found.append(parent)
        return found

    def related(self, code: str, others: Iterable[str]) -> bool:
        """Whether one of the others lies above, at or below the code."""
        mine = self.above(code)
        return any(other in mine or (other in self.nodes and code in self.above(other)) for other in others)

    def inside(self, code: str, excluded: Sequence[str]) -> str | None:
        """The code itself, or the first type below it that no exclusion concerns; None if there is none."""
        if code not in self.nodes:
            return None
        return next((one for one in self.below(code) if not self.related(one, excluded)), None)

    def ordinary(self, *, solid: bool, avoid: Sequence[str]) -> str | None:
        """A type without subtypes that no exclusion concerns."""
        for code in sorted(self.nodes):
            is_blood = bool(set(self.above(code)) & set(BLOOD_ROOTS))
            if not self.children.get(code) and not (solid and is_blood) and not self.related(code, avoid):
                return code
        return None

    def blood(self, avoid: Sequence[str]) -> str | None:
        """A haematological type that is not related to any of the given ones."""
        codes = (code for root in BLOOD_ROOTS if root in self.nodes for code in self.below(root))
        return next((code for code in codes if code not in BLOOD_ROOTS and not self.related(code, avoid)), None)

    def sibling(self, claimed: Sequence[str], excluded: Sequence[str]) -> str | None:
        """The nearest type beside the first claimed one that the claim does not concern."""
        avoid = (*claimed, *excluded)
        for parent in self.above(claimed[0])[1:]:
            for code in self.below(parent):
                if not self.related(code, avoid):
                    return code
        return None
