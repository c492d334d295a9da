"""What a screen gives: the lines that are read further, and how every other one is counted."""

from __future__ import annotations

from dataclasses import dataclass, field

from targetboard.model import Allele

OUTSIDE_GENES = "outside the genes of the knowledge base"
RESTRICTED = (
    "Only the parts of the VCF were read that its index places in genes and at alleles of the knowledge tables: the"
    " ledger counts those that were read, records are numbered in the order of reading, and an allele elsewhere that"
    " its annotation assigns to a known gene is missing. In the annotated VCF all other records stand as they came,"
    " without having been checked."
)
ONLY_HITS = (
    "Only hits were asked for: alleles that a row of the knowledge tables matches. Every other variant was counted at"
    " most: uncertain ones, and drivers by oncogenicity points alone, are not named, and nothing is said to be absent."
    " An allele without a row is named only if it and a neighbour may be one change. Of a VCF that is read by its"
    " index no digest is taken: name, size and the digest of its index identify it."
)
OUTSIDE_CONTIGS = "contig outside 1-22, X, Y, MT"


@dataclass(slots=True)
class Screened:
    """What became of the lines that were not kept, and the lines that were.

    ``records`` and ``alleles`` count what was set aside, ``filtered`` and ``unparsed`` with which reasons. ``places``
    are alleles among them at curated positions (record number, allele), ``sites`` their number of distinct positions.
    ``silent`` alleles concern a gene but say nothing; ``stated`` and ``rival`` are genes that they place (see
    :func:`targetboard.vcf.assembly_check.placement_of`). ``kept`` holds record number, line number and text.
    ``disordered`` says that lines were not sorted, so that neighbours may have been missed;
    ``restricted`` that only stretches of the file were read.
    """

    records: int = 0
    alleles: int = 0
    filtered: dict[str, int] = field(default_factory=dict)
    unparsed: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, Allele]] = field(default_factory=list)
    sites: int = 0
    silent: int = 0
    stated: set[str] = field(default_factory=set)
    rival: set[str] = field(default_factory=set)
    kept: list[tuple[int, int, bytes]] = field(default_factory=list)
    disordered: bool = False
    restricted: bool = False

    def add(self, other: Screened, records: int, lines: int) -> None:
        """Take over what a later part of the file gave, whose numbers begin after ``records`` and ``lines``."""
        self.records += other.records
        self.alleles += other.alleles
        for mine, theirs in ((self.filtered, other.filtered), (self.unparsed, other.unparsed)):
            for reason, count in theirs.items():
                mine[reason] = mine.get(reason, 0) + count
        self.places += [(record + records, allele) for record, allele in other.places]
        self.sites += other.sites
        self.silent += other.silent
        self.stated |= other.stated
        self.rival |= other.rival
        self.kept += [(record + records, line + lines, text) for record, line, text in other.kept]
        self.disordered |= other.disordered
