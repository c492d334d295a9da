"""Which lines of a VCF can matter, decided from their text, so that no object is built for the millions that cannot.

A line is kept, and read in full, if one of its alleles lies in a gene of the knowledge base or at a curated position,
if its annotation names such a gene, or if it is a symbolic allele or breakend. Of the kept ones, plain intronic and
intergenic annotations are recognised by :mod:`targetboard.silent_lines` and only counted as well. Everything else is
counted with the reason that reading it in full would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from targetboard.errors import BuildMismatch
from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known
from targetboard.model import Allele, Assembly
from targetboard.silent_lines import Silent, SilentLines
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.contigs import harmonise
from targetboard.vcf.layout import LONGEST_NAME, Flags, Ints, Layout, entry_names, hash_names, info_keys
from targetboard.vcf.literals import Literals, literals_of
from targetboard.vcf.normalise import BREAKEND, SYMBOLIC, classify_alt, trim
from targetboard.vcf.reference import GENOME_BASES

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
)
OUTSIDE_CONTIGS = "contig outside 1-22, X, Y, MT"

_NAME_FIELDS = {
    "CSQ": ("SYMBOL", "HGNC", "Gene", "HGNC_ID"),
    "ANN": ("Gene_Name", "Gene_ID"),
    "EFF": ("Gene_Name",),
    "BCSQ": ("gene",),
}
_BASES = np.zeros(256, dtype=np.uint8)
for _number, _base in enumerate(b"ACGT", start=1):
    _BASES[[_base, _base + 32]] = _number
_TABLE_BITS = 20
LONGEST_CHAIN = 1000
"""So many silent lines near each other wait for what follows; more are kept."""
EDGE = 500
"""Bases from the first line of a part in which an allele of the part before may still reach."""
FAR = -(1 << 40)
NEAR_SINGLE = 6
"""Bases to the next kept line where one base is exchanged: only what stands beside it or in its codon is read with it
(:mod:`targetboard.vcf.phase`); two indels may keep the frame together over a longer stretch."""


@dataclass(slots=True)
class Screened:
    """What became of the lines that were not kept, and the lines that were.

    ``records`` and ``alleles`` count what was set aside, ``filtered`` and ``unparsed`` with which reasons. ``places``
    are alleles among them at curated positions (record number, allele), ``sites`` their number of distinct positions.
    ``silent`` alleles concern a gene but say nothing; ``stated`` and ``rival`` are genes that they place (see
    :func:`targetboard.vcf.assembly_check.place_genes`). ``kept`` holds record number, line number and text.
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


@dataclass(slots=True, frozen=True)
class _Contig:
    """Merged stretches that matter (first and last base), and every curated position of either assembly."""

    starts: Ints
    ends: Ints
    curated: Ints
    known: frozenset[int]


@dataclass(slots=True)
class Tables:
    """What every screen of one file needs of the knowledge base: its stretches, and the names of its genes.

    ``sought`` are the stretches that are read where an index allows to leave out the others.
    ``literals`` are made where a file is large enough to be worth it, by :meth:`expect_many`.
    """

    base: KnowledgeBase
    regions: Mapping[str, _Contig]
    sought: Mapping[str, _Contig]
    annotated: AnnotationFormat | None
    places: tuple[int, ...] = ()
    every_line: bool = False
    hashed: npt.NDArray[np.uint64] | None = None
    table: Flags | None = None
    literals: Literals | None = None

    @classmethod
    def of(cls, known: Known, annotated: AnnotationFormat | None, *, only_hits: bool = False) -> Tables:
        """Prepare the tables for files with this annotation; with ``only_hits`` genes without rows are not sought."""
        regions = sought = _regions(known.base, known.assembly, known.base.genes)
        if only_hits:
            sought = _regions(known.base, known.assembly, known.base.alterations_by_gene)
        made = cls(known.base, regions, sought, annotated)
        if annotated is not None:
            wanted = _NAME_FIELDS[annotated.kind]
            made.places = tuple(annotated.fields.index(name) for name in wanted if name in annotated.fields)
            names = _spellings(known.base)
            made.every_line = not made.places or any(len(name) > LONGEST_NAME for name in names)
            if not made.every_line:
                made.hashed = np.unique(hash_names(names))
                made.table = np.zeros(1 << _TABLE_BITS, dtype=np.bool_)
                made.table[made.hashed >> np.uint64(64 - _TABLE_BITS)] = True
        return made

    def expect_many(self) -> None:
        """Prepare for millions of lines."""
        if self.annotated is not None and self.annotated.kind == "CSQ" and self.literals is None:
            wanted = _NAME_FIELDS[self.annotated.kind]
            self.literals = literals_of(self.annotated.fields, wanted, _written(self.base))


class Screen:
    """Takes proved lines from :class:`targetboard.vcf.scan.BodyScanner` and sorts them; see :class:`Screened`.

    Parameters
    ----------
    known
        The knowledge base in the stated assembly.
    annotated
        Annotation of the file.
    contig_lengths
        Declared lengths by the file's own contig names.
    silent
        Recognises kept lines that say nothing; None: every kept line is read in full.
    every_place
        Keep the alleles of all lines in ``places``, since a reference checks them.
    tables
        Made once for several screens of one file; None: made here.
    """

    def __init__(
        self,
        known: Known,
        annotated: AnnotationFormat | None,
        contig_lengths: Mapping[str, int | None],
        silent: SilentLines | None,
        *,
        every_place: bool = False,
        tables: Tables | None = None,
    ) -> None:
        self.result = Screened()
        self._known = known
        self._annotated = annotated
        self._lengths = contig_lengths
        self._every_place = every_place
        self._silent = silent
        self._tables = tables or Tables.of(known, annotated)
        self._regions = self._tables.regions
        self.stated_ends: list[int] | None = None
        self._before: tuple[str, int] = ("", -1)
        self._left: set[str] = set()
        # lines that say nothing and stand near each other, until what follows them is known; see _keep
        self._quiet: list[tuple[Silent, int, int, bytes]] = []
        self._quiet_reach = self._quiet_near = 0  # their last base, and the widest distance that counts as near
        self._chrom = ""
        self._loud = FAR  # last base of the lines that speak
        self._covered = 0

    def chunk(self, layout: Layout, contigs: list[tuple[bytes, int]], positions: Ints, line: int, record: int) -> None:
        """See :class:`targetboard.vcf.scan.LineScreen`."""
        named = self._named(layout)
        bounds = [*(row for _, row in contigs[1:]), layout.count]
        kept = self.result.kept
        for (name, first), last in zip(contigs, bounds, strict=True):
            text = name.decode("utf-8", "replace")
            try:
                chrom = harmonise(text, self._known.assembly)
            except BuildMismatch:  # raised again, in its turn, where the kept line is read
                self._settle(kept=True)
                self._chrom = ""
                kept += [(record + row, line + row, layout.line(row)) for row in range(first, last)]
                continue
            if chrom is None:
                self._outside(layout, first, last)
                continue
            rows = slice(first, last)
            careful, keep, reach = self._sort(layout, chrom, text, positions, rows)
            keep |= named[rows]
            self._count_sites(chrom, positions[rows])
            near = self._near_curated(chrom, positions[rows], reach)
            careful[
                self._plain_indels(layout, text, positions, np.flatnonzero(careful & ~keep & ~near) + first) - first
            ] = 0
            for row in (np.flatnonzero(careful & ~keep) + first).tolist():
                if self._set_aside_by_hand(layout.column(3, row), layout.column(4, row), chrom, text,
                                           int(positions[row]), record + row):  # fmt: skip
                    keep[row - first] = True
            plain = ~careful & ~keep
            count = int(np.count_nonzero(plain))
            self.result.records += count
            self.result.alleles += count
            if count:
                self._filtered(OUTSIDE_GENES, count)
            self._places_of(layout, chrom, positions, np.flatnonzero(plain) + first, record)
            for row in (np.flatnonzero(keep) + first).tolist():
                place = (chrom, int(positions[row]), int(reach[row - first]))
                self._keep(*place, record + row, line + row, layout.line(row), single=not careful[row - first])

    def expect_many(self) -> None:
        """Prepare for millions of lines."""
        self._tables.expect_many()

    def line(self, text: bytes, line: int, record: int) -> None:
        """See :class:`targetboard.vcf.scan.LineScreen`."""
        self._settle(kept=True)
        self._silent = None  # neighbours can no longer be told
        self.result.kept.append((record, line, text))

    def stretches(self, contigs: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
        """Where lines can matter by their place: by contig as the file names it, first and last base, sorted."""
        found: dict[str, list[tuple[int, int]]] = {}
        for contig in contigs:
            chrom = harmonise(contig, self._known.assembly)
            regions = self._tables.sought.get(chrom) if chrom is not None else None
            if regions is None:
                continue
            spans = [*zip(regions.starts.tolist(), regions.ends.tolist(), strict=True)]
            spans += [(place, place) for place in regions.curated.tolist()]  # those of the other assembly tell it
            merged: list[tuple[int, int]] = []
            for start, end in sorted(spans):
                if merged and start <= merged[-1][1] + 1:
                    merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
                else:
                    merged.append((start, end))
            found[contig] = merged
            self._covered += sum(end - start + 1 for start, end in merged)
        return found

    def finish_restricted(self) -> Screened:
        """The result where only :meth:`stretches` were read; ``sites`` is what the whole genome would have."""
        found = self.finish()
        found.restricted = True
        found.sites = found.sites * GENOME_BASES // max(self._covered, 1)
        return found

    def finish(self, *, edge: bool = False) -> Screened:
        """The result; with ``edge`` the last lines are kept, since what follows them is not known."""
        self._settle(kept=edge)
        return self.result

    def _named(self, layout: Layout) -> Flags:
        """Lines whose annotation names a gene of the knowledge base."""
        tables = self._tables
        found = np.zeros(layout.count, dtype=np.bool_)
        self.stated_ends = None
        if tables.every_line or (tables.hashed is not None and not layout.text.isascii()):
            found[:] = True
            return found
        if tables.hashed is None or tables.table is None:
            return found
        if tables.literals is not None:
            places, self.stated_ends = tables.literals.find(layout.text)
            found[layout.row_of(np.array(places, dtype=np.int64))] = True
            return found
        if self._annotated is not None and self._annotated.kind == "ANN" and b" " in layout.text:
            found[layout.row_of(np.flatnonzero(layout.codes == ord(" ")))] = True
        key = self._annotated.info_id.encode() if self._annotated is not None else b""
        rows, names = entry_names(layout, info_keys(layout), key, tables.places)
        likely = np.flatnonzero(tables.table[names >> np.uint64(64 - _TABLE_BITS)])
        place = np.minimum(np.searchsorted(tables.hashed, names[likely]), len(tables.hashed) - 1)
        sure = likely[tables.hashed[place] == names[likely]]
        found[rows[sure]] = True
        return found

    def _sort(self, layout: Layout, chrom: str, contig: str, positions: Ints, rows: slice) -> tuple[Flags, Flags, Ints]:
        """Lines that need more than a look at two letters, lines that lie where it matters, and their last base."""
        begin_ref, end_ref = layout.begin(3)[rows], layout.ends[rows, 3]
        begin_alt, end_alt = layout.begin(4)[rows], layout.ends[rows, 4]
        place = positions[rows]
        reach = place + (end_ref - begin_ref) - 1
        ref, alt = _BASES[layout.codes[begin_ref]], _BASES[layout.codes[begin_alt]]
        plain = (end_ref - begin_ref == 1) & (end_alt - begin_alt == 1) & (ref > 0) & (alt > 0) & (ref != alt)
        plain &= place >= 1
        length = self._lengths.get(contig)
        if length is not None:
            plain &= place <= length
        regions = self._regions.get(chrom)
        keep = np.zeros(len(place), dtype=np.bool_)
        if regions is not None:
            index = np.searchsorted(regions.ends, place)
            inside = index < len(regions.ends)
            keep[inside] = regions.starts[index[inside]] <= reach[inside]
        return ~plain, keep, reach

    def _near_curated(self, chrom: str, place: Ints, reach: Ints) -> Flags:
        """Lines whose REF reaches a curated position of either assembly; all where every place is kept."""
        near = np.full(len(place), self._every_place, dtype=np.bool_)
        regions = self._regions.get(chrom)
        if regions is not None and len(regions.curated):
            index = np.searchsorted(regions.curated, place)
            inside = index < len(regions.curated)
            near[inside] |= regions.curated[index[inside]] <= reach[inside]
        return near

    def _plain_indels(self, layout: Layout, contig: str, positions: Ints, rows: Ints) -> Ints:
        """Those of the lines that have one ALT, bases of unequal length as REF and ALT, and POS on the contig."""
        place = positions[rows]
        length = self._lengths.get(contig)
        fine = place >= 1
        if length is not None:
            fine &= place <= length
        sizes = []
        for column in (3, 4):
            begin, end = layout.begin(column)[rows], layout.ends[rows, column]
            sizes.append(end - begin)
            fine &= end - begin <= LONGEST_NAME
            for step in range(int((end - begin)[fine].max(initial=0))):
                fine &= (begin + step >= end) | (_BASES[layout.codes[np.minimum(begin + step, end)]] > 0)
        found: Ints = rows[fine & (sizes[0] != sizes[1])]
        return found

    def _count_sites(self, chrom: str, place: Ints) -> None:
        steps = np.diff(place)
        before, last = self._before
        if chrom != before:
            self.result.disordered |= chrom in self._left
            self._left.add(before)
            last = -1
        self.result.disordered |= bool((steps < 0).any()) or int(place[0]) < last
        self.result.sites += int(np.count_nonzero(steps)) + (int(place[0]) != last)
        self._before = (chrom, int(place[-1]))

    def _outside(self, layout: Layout, first: int, last: int) -> None:
        alleles = sum(layout.column(4, row).count(b",") + 1 for row in range(first, last))
        self.result.records += last - first
        self.result.alleles += alleles
        self._unparsed(OUTSIDE_CONTIGS, alleles)

    def _set_aside_by_hand(self, ref: bytes, alts: bytes, chrom: str, contig: str, pos: int, record: int) -> bool:
        """Count the alleles of a line with their reasons; True, and nothing counted, if the line must be kept."""
        bases = ref.strip(b" ").decode("utf-8", "replace")
        length = self._lengths.get(contig)
        alleles: list[Allele] = []
        reasons: list[str] = []
        for text in alts.split(b","):
            alt = text.strip(b" ").decode("utf-8", "replace")
            reason = classify_alt(bases, alt, pos, length)
            if reason is None:
                alleles.append(trim(chrom, pos, bases.upper(), alt.upper()))
            elif reason == BREAKEND or reason.startswith(SYMBOLIC):
                return True
            else:
                reasons.append(reason)
        self.result.records += 1
        self.result.alleles += len(alleles) + len(reasons)
        for reason in reasons:
            self._unparsed(reason, 1)
        if alleles:
            self._filtered(OUTSIDE_GENES, len(alleles))
        self._add_places(alleles, record)
        return False

    def _places_of(self, layout: Layout, chrom: str, positions: Ints, rows: Ints, record: int) -> None:
        """Keep the alleles of plain lines at curated positions, or of all where a reference is to check them."""
        if not self._every_place:
            regions = self._regions.get(chrom)
            if regions is None:
                return
            index = np.searchsorted(regions.curated, positions[rows])
            index[index == len(regions.curated)] = 0
            rows = rows[regions.curated[index] == positions[rows]] if len(regions.curated) else rows[:0]
        for row in rows.tolist():
            ref, alt = layout.column(3, row).decode(), layout.column(4, row).decode()
            self.result.places.append((record + row, Allele(chrom, int(positions[row]), ref.upper(), alt.upper())))

    def _add_places(self, alleles: Iterable[Allele], record: int) -> None:
        for allele in alleles:
            regions = self._regions.get(allele.chrom)
            if self._every_place or (regions is not None and allele.pos in regions.known):
                self.result.places.append((record, allele))

    def _keep(self, chrom: str, pos: int, reach: int, record: int, line: int, text: bytes, *, single: bool) -> None:
        """Keep a line, or set it aside if it is silent and stands near no line that speaks.

        Neighbours that all say nothing are read together to nothing; a silent line beside one that speaks is kept, and
        so are silent ones beside that. What came before a part of a file is not known: its first line speaks.
        """
        if self._silent is None:
            self.result.kept.append((record, line, text))
            return
        near = NEAR_SINGLE if single else self._silent.near
        if self._chrom != chrom:
            self._settle(kept=False)
            self._loud = pos + EDGE if self._chrom == "" else FAR
            self._chrom = chrom
        if self._quiet and pos - self._quiet_reach > max(near, self._quiet_near):
            self._settle(kept=False)
        found = self._silent.judge(text, chrom, pos) if pos - self._loud > near else None
        if found is not None and len(self._quiet) < LONGEST_CHAIN:
            self._quiet.append((found, record, line, text))
            self._quiet_reach = max(reach, self._quiet_reach)
            self._quiet_near = max(near, self._quiet_near)
            return
        self._settle(kept=True)
        self.result.kept.append((record, line, text))
        self._loud = max(reach, self._loud)

    def _settle(self, *, kept: bool) -> None:
        """Keep the silent lines that wait, or count them."""
        for found, record, line, text in self._quiet:
            if kept:
                self.result.kept.append((record, line, text))
                continue
            self.result.records += 1
            self.result.alleles += 1
            self.result.silent += 1
            self.result.stated |= found.stated
            self.result.rival |= found.rival
            self._filtered(found.reason, 1)
            self._add_places((found.allele,), record)
        self._quiet.clear()
        self._quiet_reach = self._quiet_near = 0

    def _filtered(self, reason: str, count: int) -> None:
        self.result.filtered[reason] = self.result.filtered.get(reason, 0) + count

    def _unparsed(self, reason: str, count: int) -> None:
        self.result.unparsed[reason] = self.result.unparsed.get(reason, 0) + count


def _written(base: KnowledgeBase) -> set[str]:
    """Every name of a gene as the tables write it, where it means one gene only."""
    names = set(base.genes_by_name)
    for gene in base.genes.values():
        names |= {name for name in (gene.gene, gene.hgnc_id, *gene.aliases) if name.casefold() in base.genes_by_name}
    return names | {name.decode() for name in _spellings(base)}


def _spellings(base: KnowledgeBase) -> list[bytes]:
    """Every name by which an annotation may mean a gene of the knowledge base."""
    names: set[str] = set()
    for name in base.genes_by_name:
        names.add(name)
        if name.startswith("hgnc:"):
            number = name.removeprefix("hgnc:")
            names |= {number, f"hgnc%3a{number}"}
    return [name.encode() for name in sorted(names)]


def _regions(base: KnowledgeBase, assembly: Assembly, genes: Iterable[str]) -> dict[str, _Contig]:
    """By chromosome: stretches of genes and curated alleles of the assembly, and curated positions of both."""
    spans: dict[str, list[tuple[int, int]]] = {}
    for gene in (base.genes[name] for name in genes if name in base.genes):
        span = gene.span(assembly)
        if span is not None:
            spans.setdefault(gene.chrom, []).append(span)
    curated: dict[str, set[int]] = {}
    for name in Assembly:
        for chrom, pos, ref, _ in base.alleles.get(name, {}):
            curated.setdefault(chrom, set()).add(pos)
            if name is assembly:
                spans.setdefault(chrom, []).append((pos, pos + len(ref) - 1))
    found = {}
    for chrom in spans.keys() | curated.keys():
        merged: list[list[int]] = []
        for start, end in sorted(spans.get(chrom, ())):
            if merged and start <= merged[-1][1] + 1:
                merged[-1][1] = max(merged[-1][1], end)
            else:
                merged.append([start, end])
        found[chrom] = _Contig(
            np.array([start for start, _ in merged], dtype=np.int64),
            np.array([end for _, end in merged], dtype=np.int64),
            np.array(sorted(curated.get(chrom, ())), dtype=np.int64),
            frozenset(curated.get(chrom, ())),
        )
    return found
