"""Which lines of a VCF can matter, decided from their text, so that no object is built for the millions that cannot.

A line is kept, and read in full, if one of its alleles lies in a gene of the knowledge base or at a curated position,
if its annotation names such a gene, or if it is a symbolic allele or breakend. Of the kept ones, plain intronic and
intergenic annotations are recognised by :mod:`targetboard.silent_lines` and only counted as well. Everything else is
counted with the reason that reading it in full would give.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from targetboard.errors import BuildMismatch
from targetboard.matching import Known
from targetboard.model import Allele
from targetboard.quiet_rows import QuietRows
from targetboard.rowless import RowlessLines
from targetboard.screen_tables import TABLE_BITS, Tables
from targetboard.screened import OUTSIDE_CONTIGS, OUTSIDE_GENES, Screened
from targetboard.silent_lines import NOT_REPORTED, Place, Silent, SilentLines
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.contigs import harmonise
from targetboard.vcf.layout import LONGEST_NAME, PADDING, Flags, Ints, Layout, distinct, entry_names, lay_out
from targetboard.vcf.normalise import BREAKEND, SYMBOLIC, classify_alt, trim
from targetboard.vcf.reference import GENOME_BASES

_BASES = np.zeros(256, dtype=np.uint8)
for _number, _base in enumerate(b"ACGT", start=1):
    _BASES[[_base, _base + 32]] = _number
WORTH_ASKING = 128
"""Fewer lines are judged one by one, which is faster then."""
MOST_HELD = 512
LONGEST_CHAIN = 1000
"""So many silent lines near each other wait for what follows; more are kept."""
EDGE = 500
"""Bases from the first line of a part in which an allele of the part before may still reach."""
FAR = -(1 << 40)
NEAR_SINGLE = 6
"""Bases to the next kept line where one base is exchanged: only what stands beside it or in its codon is read with it
(:mod:`targetboard.vcf.phase`); two indels may keep the frame together over a longer stretch."""


@dataclass(slots=True)
class _Run:
    """Lines of a chunk on one contig: which need more than a look, which are kept, and their last bases.

    ``chrom`` is None outside the known contigs, and where the name shows another assembly; then all are kept.
    """

    contig: str
    chrom: str | None
    first: int
    careful: Flags
    keep: Flags
    reach: Ints


@dataclass(slots=True, frozen=True)
class _Held:
    """Kept lines: first and last base, whether one base is exchanged and POS on the contig, numbers, and text."""

    place: Ints
    reach: Ints
    single: Flags
    fine: Flags
    records: Ints
    lines: Ints
    texts: list[bytes]

    @classmethod
    def joined(cls, parts: Sequence[_Held]) -> _Held:
        """The parts one after the other."""
        return cls(
            np.concatenate([part.place for part in parts]),
            np.concatenate([part.reach for part in parts]),
            np.concatenate([part.single for part in parts]),
            np.concatenate([part.fine for part in parts]),
            np.concatenate([part.records for part in parts]),
            np.concatenate([part.lines for part in parts]),
            [text for part in parts for text in part.texts],
        )


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
    rowless
        Recognises lines that no row of the tables matches; None: they are kept.
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
        rowless: RowlessLines | None = None,
        every_place: bool = False,
        tables: Tables | None = None,
    ) -> None:
        self.result = Screened()
        self._known = known
        self._annotated = annotated
        self._lengths = contig_lengths
        self._every_place = every_place
        self._silent = silent
        self._rowless = rowless
        self._tables = tables or Tables.of(known, annotated)
        self._regions = self._tables.regions
        self.stated_ends: list[int] | None = None
        self._before: tuple[str, int] = ("", -1)
        self._left: set[str] = set()
        # lines that say nothing and stand near each other, until what follows them is known; see _keep
        self._quiet: list[tuple[Silent, int, int, bytes]] = []
        self._waits_alone = False  # what waits has no row, and may have one together with a neighbour
        self._quiet_reach = self._quiet_near = 0  # their last base, and the widest distance that counts as near
        self._quiet_rows: QuietRows | None = None
        self._behind_chrom = ""
        self._behind = (0, 0)  # up to where kept lines are near, and reach
        self._chrom = ""
        self._loud = FAR  # last base of the lines that speak
        self._covered = 0
        # kept lines of a few chunks, on one contig
        self._held: list[_Held] = []
        self._held_chrom = ""
        self._columns = 0

    def chunk(self, layout: Layout, contigs: list[tuple[bytes, int]], positions: Ints, line: int, record: int) -> None:
        """See :class:`targetboard.vcf.scan.LineScreen`."""
        bounds = [*(row for _, row in contigs[1:]), layout.count]
        runs: list[_Run] = []
        for (name, first), last in zip(contigs, bounds, strict=True):
            text = name.decode("utf-8", "replace")
            try:
                chrom = harmonise(text, self._known.assembly)
                runs.append(_Run(text, chrom, first, *self._sort(layout, chrom, text, positions, slice(first, last))))
            except BuildMismatch:  # raised again, in its turn, where the kept line is read
                runs.append(_Run(text, None, first, *self._sort(layout, None, text, positions, slice(first, last))))
                runs[-1].keep[:] = True
        named = self._named(layout, np.concatenate([run.keep for run in runs]))
        for run, last in zip(runs, bounds, strict=True):
            if run.chrom is not None:
                run.keep |= named[run.first : last]
                self._take(layout, run, positions, line, record)
            elif run.keep.all():
                self._release()
                self._settle(kept=True)
                self._chrom = ""
                self.result.kept += [(record + row, line + row, layout.line(row)) for row in range(run.first, last)]
            else:
                self._outside(layout, run.first, last)

    def _take(self, layout: Layout, run: _Run, positions: Ints, line: int, record: int) -> None:
        """Sort the lines of a run: those to keep, those that say nothing, and those outside of what is known."""
        chrom, first, careful, keep = run.chrom or "", run.first, run.careful, run.keep
        place = positions[first : first + len(keep)]
        self._count_sites(chrom, place)
        near = self._near_curated(chrom, place, run.reach)
        careful[
            self._plain_indels(layout, run.contig, positions, np.flatnonzero(careful & ~keep & ~near) + first) - first
        ] = 0
        for row in (np.flatnonzero(careful & ~keep) + first).tolist():
            if self._set_aside_by_hand(layout.column(3, row), layout.column(4, row), chrom, run.contig,
                                       int(positions[row]), record + row):  # fmt: skip
                keep[row - first] = True
        plain = ~careful & ~keep
        count = int(np.count_nonzero(plain))
        self.result.records += count
        self.result.alleles += count
        if count:
            self._filtered(OUTSIDE_GENES, count)
        self._places_of(layout, chrom, positions, np.flatnonzero(plain) + first, record)
        rows = np.flatnonzero(keep)
        if not len(rows):
            return
        texts = [layout.line(row) for row in (rows + first).tolist()]
        length = self._lengths.get(run.contig)
        fine = (place[rows] >= 1) & (place[rows] <= (length if length is not None else place[rows]))
        numbers = (rows + record + first, rows + line + first)
        found = _Held(place[rows], run.reach[rows], ~careful[rows], fine, *numbers, texts)
        if len(rows) >= WORTH_ASKING:
            self._release()
            self._sift(chrom, found, layout, rows + first)
            return
        if self._held_chrom != chrom:
            self._release()
            self._held_chrom, self._columns = chrom, layout.ends.shape[1]
        self._held.append(found)
        if sum(len(held.texts) for held in self._held) >= MOST_HELD:
            self._release()

    def _release(self) -> None:
        """Go on with the kept lines that were held back: a few of many chunks are looked at together."""
        if not self._held:
            return
        held, self._held = _Held.joined(self._held), []
        layout = lay_out(b"%b\n%b" % (b"\n".join(held.texts), PADDING), self._columns)
        self._sift(self._held_chrom, held, layout, np.arange(len(held.texts)))

    def _sift(self, chrom: str, held: _Held, layout: Layout | None, rows: Ints) -> None:
        """Keep lines or set them aside; ``rows`` are their places in ``layout``."""
        aside = self._set_aside_quiet(layout, chrom, held, rows)
        for number in np.flatnonzero(~aside).tolist():
            own = (chrom, int(held.place[number]), int(held.reach[number]))
            named = (int(held.records[number]), int(held.lines[number]), held.texts[number])
            self._keep(*own, *named, single=bool(held.single[number]), fine=bool(held.fine[number]))

    def expect_many(self) -> None:
        """Prepare for millions of lines."""
        self._tables.expect_many()

    def line(self, text: bytes, line: int, record: int) -> None:
        """See :class:`targetboard.vcf.scan.LineScreen`."""
        self._release()
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
        self._release()
        self._settle(kept=edge)
        return self.result

    def _named(self, layout: Layout, kept: Flags) -> Flags:
        """Lines whose annotation names a gene of the knowledge base; of those that are kept it may not be told."""
        tables = self._tables
        found = np.zeros(layout.count, dtype=np.bool_)
        self.stated_ends = None
        if tables.every_line or (tables.hashed is not None and not layout.is_ascii):
            found[:] = True
            return found
        if tables.hashed is None or tables.table is None:
            return found
        if tables.literals is not None:
            places, self.stated_ends = tables.literals.find(layout.text)
            found[layout.row_of(np.array(places, dtype=np.int64))] = True
            return found
        rows = np.flatnonzero(~kept)
        own = layout.only(rows) if len(rows) < layout.count // 2 else layout
        if own is layout:
            return self._named_by_column(layout)
        if own is not None:  # otherwise every line is kept
            found[rows] = self._named_by_column(own)
        return found

    def _named_by_column(self, layout: Layout) -> Flags:
        tables = self._tables
        found = np.zeros(layout.count, dtype=np.bool_)
        if tables.hashed is None or tables.table is None:
            return found
        if self._annotated is not None and self._annotated.kind == "ANN" and b" " in layout.text:
            found[layout.row_of(np.flatnonzero(layout.codes == ord(" ")))] = True
        key = self._annotated.info_id.encode() if self._annotated is not None else b""
        rows, names = entry_names(layout, key, tables.places)
        likely = np.flatnonzero(tables.table[names >> np.uint64(64 - TABLE_BITS)])
        place = np.minimum(np.searchsorted(tables.hashed, names[likely]), len(tables.hashed) - 1)
        sure = likely[tables.hashed[place] == names[likely]]
        found[rows[sure]] = True
        return found

    def _sort(
        self, layout: Layout, chrom: str | None, contig: str, positions: Ints, rows: slice
    ) -> tuple[Flags, Flags, Ints]:
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
        regions = self._regions.get(chrom) if chrom is not None else None
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

    def _set_aside_quiet(self, layout: Layout | None, chrom: str, held: _Held, rows: Ints) -> Flags:
        """Count the plain silent ones among kept lines that stand alone, and say which they are.

        All belong to ``rows``; see :meth:`_keep` for what near means. The last line of a chunk waits for the next one.
        """
        aside = np.zeros(len(rows), dtype=np.bool_)
        if self._silent is None:
            return aside
        place, reach = held.place, held.reach
        near = np.where(held.single, NEAR_SINGLE, self._silent.near)
        before, reached = self._behind if self._behind_chrom == chrom else (int(place[0]) + EDGE, int(place[0]))
        limits = np.maximum.accumulate(np.concatenate(([before], reach + near)))
        reaches = np.maximum.accumulate(np.concatenate(([reached], reach)))
        self._behind_chrom, self._behind = chrom, (int(limits[-1]), int(reaches[-1]))
        alone = (place > limits[:-1]) & (place - near > reaches[:-1])
        ahead = np.minimum.accumulate(np.append(place - near, place[-1] - self._silent.near)[::-1])[::-1][1:]
        alone &= np.append(place[1:], place[-1]) > reach + near
        alone &= ahead > reach
        regions = self._regions.get(chrom)
        if regions is not None and len(regions.curated):
            index = np.minimum(np.searchsorted(regions.curated, place), len(regions.curated) - 1)
            alone &= (regions.curated[index] < place) | (regions.curated[index] > reach)
        asked = np.flatnonzero(alone & held.fine)
        if layout is None or len(asked) < WORTH_ASKING:
            return aside
        answers = self._quiet_rows = self._quiet_rows or QuietRows(self._silent)
        genes = answers.find(layout, rows[asked])
        quiet = genes >= 0
        aside[asked[quiet]] = True
        count = int(np.count_nonzero(quiet))
        self.result.records += count
        self.result.alleles += count
        self.result.silent += count
        if count:
            self._filtered(NOT_REPORTED, count)
        for number in distinct(genes[quiet]).tolist():
            self._place_quiet(chrom, place[asked[genes == number]], answers.genes[number])
        return aside

    def _place_quiet(self, chrom: str, own: Ints, gene: Place) -> None:
        """Note a gene if its silent lines place it in one assembly only."""
        if gene.chrom == chrom:
            stated = (own >= gene.stated[0]) & (own <= gene.stated[1])
            rival = (own >= gene.rival[0]) & (own <= gene.rival[1])
            if bool((stated & ~rival).any()):
                self.result.stated |= gene.name
            if bool((rival & ~stated).any()):
                self.result.rival |= gene.name

    def _keep(
        self, chrom: str, pos: int, reach: int, record: int, line: int, text: bytes, *, single: bool, fine: bool
    ) -> None:
        """Keep a line, or set it aside if it is silent and stands near no line that speaks.

        Neighbours that all say nothing are read together to nothing; a silent line beside one that speaks is kept, and
        so are silent ones beside that. A line that no row matches is set aside only if nothing that may speak is near.
        What came before a part of a file is not known: its first line speaks; so does one whose POS is not ``fine``.
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
        elif self._quiet and self._waits_alone:
            self._settle(kept=True)
        found = self._silent.judge(text, chrom, pos) if fine and pos - self._loud > near else None
        if (
            found is None
            and fine
            and self._rowless is not None
            and not self._quiet
            and pos - self._loud > self._silent.near
        ):
            near = self._silent.near
            found = self._rowless.judge(text, chrom, pos)
            self._waits_alone = found is not None
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
        if kept:
            self._loud = max(self._loud, self._quiet_reach) if self._quiet else self._loud
        self._waits_alone = False
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
