"""Tumour types on the OncoTree: resolving what the user wrote, and how a claim's types relate to a sample's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from targetboard.errors import KnowledgeError, UsageError
from targetboard.knowledge.records import TumourType

ANY = "ANY"
ANY_SOLID = "ANY_SOLID"
DISEASE_PREFIX = "disease:"
# Roots of the haematological lineages; everything else counts as solid.
HAEMATOLOGICAL_ROOTS = frozenset({"MYELOID", "LYMPH"})

EXACT = "exact"
DESCENDANT = "descendant"
PAN_TUMOUR = "pan_tumour"
ANCESTOR = "ancestor"
OTHER_TUMOUR = "other_tumour"
EXCLUDED = "excluded"
# Best relation first, where a claim names several tumour types.
RELATION_ORDER = (EXACT, DESCENDANT, PAN_TUMOUR, ANCESTOR, OTHER_TUMOUR)
SAME_TUMOUR = frozenset({EXACT, DESCENDANT, PAN_TUMOUR})

SUGGESTIONS = 5


@dataclass(slots=True, frozen=True)
class Relation:
    """How a claim's tumour types relate to the sample's.

    ``token`` is exact, descendant (the sample's type lies below the claim's), pan_tumour, ancestor (the sample's type
    is broader than the claim's), other_tumour or excluded. ``unknown`` says what more exact diagnosis would settle
    the relation; "" where it is settled.
    """

    token: str
    unknown: str = ""


class TumourTypes:
    """The OncoTree nodes with their ancestry.

    Parameters
    ----------
    nodes
        Nodes by code, as the knowledge base holds them.

    Raises
    ------
    KnowledgeError
        If the parents form a circle.
    """

    def __init__(self, nodes: Mapping[str, TumourType]) -> None:
        self._nodes = nodes
        self._by_folded_code = {code.casefold(): code for code in nodes}
        self._lineages = {code: self._walk(code) for code in nodes}

    def _walk(self, code: str) -> tuple[str, ...]:
        lineage = [code]
        while (parent := self._nodes[lineage[-1]].parent) and parent in self._nodes:
            if parent in lineage:
                raise KnowledgeError(
                    f"tumour type {code} is its own ancestor", where="tumour_types.tsv", remedy="Correct its parent."
                )
            lineage.append(parent)
        return tuple(lineage)

    def resolve(self, code: str) -> TumourType:
        """The node of a code, in any case.

        Raises
        ------
        UsageError
            If there is no such code; the remedy names the nearest codes.
        """
        found = self._by_folded_code.get(code.strip().casefold())
        if found is not None:
            return self._nodes[found]
        nearest = ", ".join(f"{node.code} ({node.name})" for node in self._nearest(code))
        raise UsageError(
            f"{code!r} is not a tumour type code",
            remedy=f"Nearest OncoTree codes: {nearest}." if nearest else "Use a code of tumour_types.tsv.",
        )

    def _nearest(self, text: str) -> list[TumourType]:
        folded = text.strip().casefold()
        by_name = {node.name.casefold(): code for code, node in self._nodes.items()}
        codes = [self._by_folded_code[match] for match in get_close_matches(folded, self._by_folded_code, SUGGESTIONS)]
        names = [by_name[match] for match in get_close_matches(folded, by_name, SUGGESTIONS)]
        containing = [by_name[name] for name in sorted(by_name) if folded and folded in name]
        best_first = dict.fromkeys((*names, *codes, *containing) if " " in folded else (*codes, *names, *containing))
        return [self._nodes[code] for code in list(best_first)[:SUGGESTIONS]]

    def lineage(self, code: str) -> tuple[str, ...]:
        """Codes from the tumour type up to the root."""
        return self._lineages[code]

    def name(self, code: str) -> str:
        """Name of a code; the code itself where it is no node (ANY, disease:…)."""
        return self._nodes[code].name if code in self._nodes else code

    def is_solid(self, code: str) -> bool:
        """Whether a tumour type lies outside the myeloid and lymphoid lineages."""
        return not HAEMATOLOGICAL_ROOTS & set(self._lineages[code])

    def relation(
        self, sample: str | None, claim: Sequence[str], excluded: Sequence[str] = (), condition: str | None = None
    ) -> Relation:
        """How a claim's tumour types relate to a sample's.

        Parameters
        ----------
        sample
            Code of the sample's tumour type; None where a condition stands in its place.
        claim
            OncoTree codes, ANY_SOLID, ANY or disease:NAME.
        excluded
            Codes the claim does not extend to, with everything below them.
        condition
            A disease outside oncology (``disease:NAME``): then only claims that name it apply.

        Returns
        -------
        Relation
            Exclusion comes first, then the best of the claim's types. A sample type that is broader than an excluded
            one leaves the relation open, and so does one broader than the claim's.
        """
        if condition is not None:
            wanted = condition.casefold()
            wanted = wanted if wanted.startswith(DISEASE_PREFIX) else DISEASE_PREFIX + wanted
            return Relation(EXACT if any(code.casefold() == wanted for code in claim) else OTHER_TUMOUR)
        if sample is None:
            return Relation(PAN_TUMOUR) if ANY in claim else Relation(ANCESTOR, "the tumour type is not given")
        lineage = self._lineages[sample]
        if any(code in lineage for code in excluded):
            return Relation(EXCLUDED)
        best = min((self._token(sample, code) for code in claim), key=RELATION_ORDER.index, default=OTHER_TUMOUR)
        if best == ANCESTOR:
            narrower = [code for code in claim if code in self._nodes and sample in self._lineages[code]]
            return Relation(ANCESTOR, f"tumour type {self._say(sample)} is broader than {self._say(*narrower)}")
        open_exclusions = [code for code in excluded if code in self._nodes and sample in self._lineages[code]]
        if open_exclusions and best in SAME_TUMOUR:
            return Relation(
                best, f"not for {self._say(*open_exclusions)}, and tumour type {self._say(sample)} is broader than that"
            )
        return Relation(best)

    def _token(self, sample: str, code: str) -> str:
        if code == sample:
            return EXACT
        if code == ANY or (code == ANY_SOLID and self.is_solid(sample)):
            return PAN_TUMOUR
        if code in self._lineages[sample]:
            return DESCENDANT
        if code in self._nodes and sample in self._lineages[code]:
            return ANCESTOR
        return OTHER_TUMOUR

    def _say(self, *codes: str) -> str:
        return " or ".join(f"{code} ({self.name(code)})" for code in codes)
