"""Literals searched in a whole chunk of lines at once: gene names between the pipes of an annotation, and INFO END.

One pass of an Aho-Corasick automaton finds every name in every spelling that annotators use (as the knowledge tables
write it, in capitals, in small letters). Where the automaton's library is not installed, or a file keeps names where
the literals would not find them, :func:`targetboard.vcf.layout.entry_names` does the same with numpy, more slowly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

try:
    import ahocorasick_rs
except ImportError:
    _AUTOMATON: Any = None
else:
    _AUTOMATON = ahocorasick_rs

GENES = (b"ENSG", *(b"%d" % digit for digit in range(1, 10)))
"""How the annotation's gene identifier begins (Ensembl, NCBI)."""
SOURCES = (b"HGNC", b"EntrezGene")
VALUES = frozenset({b"YES"})
"""Names of genes that annotators also use as values of other fields; they count before a gene identifier only, as bare
numbers count behind a source of symbols only. Every literal begins with a pipe, which makes the search fast.
"""
_ENDS = (b"\tEND=", b";END=")


@dataclass(slots=True, frozen=True)
class Literals:
    """Two automata, since literals that begin alike are found several times faster than a mixture."""

    names: Any
    ends: Any

    def find(self, text: bytes) -> tuple[list[int], list[int]]:
        """Places of names (of the pipe before each), and of the value behind each INFO END, in order."""
        names = [start for _, start, _ in self.names.find_matches_as_indexes(text)]
        return names, [stop for _, _, stop in self.ends.find_matches_as_indexes(text)]


def literals_of(fields: Sequence[str], wanted: Iterable[str], names: Iterable[str]) -> Literals | None:
    """The automaton for an annotation with these fields.

    Parameters
    ----------
    fields
        Names of the annotation's fields, in order.
    wanted
        Those that hold a gene's symbol or number.
    names
        Symbols, aliases and numbers, each as the tables spell it.

    Returns
    -------
    Literals or None
        None where a wanted field stands first or last (its names are not between two pipes), where the gene identifier
        does not follow the symbol or the number its source, or where the library is missing.
    """
    places = [fields.index(name) for name in wanted if name in fields]
    if _AUTOMATON is None or not places or min(places) == 0 or max(places) == len(fields) - 1:
        return None
    order = f"|{'|'.join(fields)}|"
    if "|SYMBOL|Gene|" not in order or "|CANONICAL|TSL|" in order:  # YES|1 would be a gene, or say canonical
        return None
    if "HGNC_ID" in fields and fields[fields.index("HGNC_ID") - 1] != "SYMBOL_SOURCE":
        return None
    spellings = sorted({form.encode() for name in names for form in (name, name.upper(), name.lower())})
    symbols = [name for name in spellings if not name.isdigit()]
    patterns = [b"|%b|" % name for name in symbols if name.upper() not in VALUES]
    patterns += [b"|%b|%b" % (name, gene) for name in symbols if name.upper() in VALUES for gene in GENES]
    patterns += [b"|%b|%b|" % (source, name) for name in spellings if name.isdigit() for source in SOURCES]
    dense = _AUTOMATON.Implementation.DFA
    return Literals(
        _AUTOMATON.BytesAhoCorasick(patterns, implementation=dense),
        _AUTOMATON.BytesAhoCorasick(_ENDS, implementation=dense),
    )
