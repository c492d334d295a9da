"""Cases of each alteration: changes that must match the row, and near misses that must not.

A case is an event on a protein (:class:`~targetboard.knowledge_proofs.spelling.Change`); it is proved through HGVS
text and, where the reference has the gene, through an allele.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase
from targetboard.knowledge_proofs import spelling
from targetboard.knowledge_proofs.spelling import RESIDUES, Change, read_canonical

COORDINATE_EVENTS = frozenset({"allele", "promoter"})
SMALL_VARIANT_EVENTS = COORDINATE_EVENTS | {
    "protein",
    "codon",
    "exon_class",
    "region_class",
    "loss_of_function",
    "truncation_gain",
    "exon_skipping",
    "internal_tandem_duplication",
}
"""Events that a VCF of small variants can show; every other event of the schema rests on other inputs."""
ORDINARY_CODON = 40
OTHER_INTRON = 2
EXONS_ANNOTATED = 99
"""Exons of a transcript as annotation text states them."""
END_OF_PROTEIN = "at the end of the protein"
IN_LAST_EXON = "in the last exon"


@dataclass(slots=True, frozen=True)
class Case:
    """One case of a row: what is tried, in which gene, and whether the row must match.

    ``exon`` is the exon a text annotation states; ``spelled`` is the HGVS text to use in place of the own spellings.
    """

    alteration_id: str
    what: str
    gene: str
    change: Change
    expected: bool
    exon: int | None = None
    spelled: str = ""


@dataclass(slots=True)
class Residues:
    """Reference residues of the genes, from the protein windows of the tables and from whole proteins where known."""

    kb: KnowledgeBase
    proteins: Mapping[str, str] = field(default_factory=dict)

    def windows(self, gene: str) -> list[tuple[int, str]]:
        """Windows of a gene, the whole protein first where it is known."""
        whole = [(1, self.proteins[gene])] if gene in self.proteins else []
        return [*whole, *(window.window for window in self.kb.proteins.get(gene, ()))]

    def at(self, gene: str, position: int) -> str:
        """Residue at a position; "" where it is not known."""
        for start, residues in self.windows(gene):
            if 0 <= position - start < len(residues):
                return residues[position - start]
        return ""

    def length(self, gene: str) -> int | None:
        """Residues of the protein without the stop; None where no window holds its end."""
        ends = [start + len(text) - 2 for start, text in self.windows(gene) if text.endswith("*")]
        return max(ends, default=None)

    def place(self, gene: str, position: int) -> tuple[str, int]:
        """Residue and position; a residue that is not known is taken as one that no window contradicts."""
        return self.at(gene, position) or "Q", position


def cases_of(kb: KnowledgeBase, alteration: Alteration, residues: Residues) -> list[Case]:
    """Every case of one alteration; empty for events that no small variant shows and for exact coordinates."""
    makers: Mapping[str, Callable[[_Row], Iterator[Case]]] = {
        "protein": _protein,
        "codon": _codon,
        "exon_class": _window,
        "region_class": _window,
        "loss_of_function": _loss_of_function,
        "truncation_gain": _truncation_gain,
        "exon_skipping": _exon_skipping,
        "internal_tandem_duplication": _tandem_duplication,
    }
    gene = kb.genes.get(alteration.gene)
    if alteration.event not in makers or gene is None:
        return []
    row = _Row(kb, alteration, gene, residues)
    found = [case for case in makers[alteration.event](row) if case is not None]
    found += row.excluded()
    found += row.in_another_gene([case for case in found if case.expected])
    return found


@dataclass(slots=True, frozen=True)
class _Row:
    """One alteration with what its cases need."""

    kb: KnowledgeBase
    alteration: Alteration
    gene: Gene
    residues: Residues

    def listed(self) -> list[Change]:
        """The row's own changes."""
        found = [read_canonical(text) for text in self.alteration.protein_changes]
        return [change for change in found if change is not None]

    def forbidden(self) -> list[Change]:
        """Changes that the row excludes, its own and those of excluded alterations."""
        texts = [text for text in self.alteration.excludes if text.startswith("p.")]
        for name in self.alteration.excludes:
            if name in self.kb.alterations:
                texts += self.kb.alterations[name].protein_changes
        found = [read_canonical(text) for text in dict.fromkeys(texts)]
        return [change for change in found if change is not None]

    def same(self, one: Change, other: Change) -> bool:
        return spelling.same_protein(one, other, self.residues.windows(self.gene.gene))

    def case(self, what: str, change: Change | None, *, expected: bool) -> Iterator[Case]:
        """The case, unless the change cannot be made, is excluded, or (for a near miss) is one of the row's own."""
        if change is None or change.start < 1:
            return
        avoided = self.forbidden() if expected else self.listed()
        if change.kind not in spelling.SPLICED and any(self.same(change, other) for other in avoided):
            return
        name = self.alteration.alteration_id
        yield Case(name, what, self.gene.gene, change, expected, self.alteration.exon)

    def excluded(self) -> list[Case]:
        name = self.alteration.alteration_id
        return [
            Case(name, "excluded change", self.gene.gene, change, expected=False, exon=self.alteration.exon)
            for change in self.forbidden()
        ]

    def in_another_gene(self, positives: Sequence[Case]) -> list[Case]:
        """The first positive, annotated in the next gene of the table."""
        names = sorted(self.kb.genes)
        other = names[(names.index(self.gene.gene) + 1) % len(names)]
        name = self.alteration.alteration_id
        return [
            Case(name, "same change in another gene", other, case.change, expected=False, exon=case.exon)
            for case in positives[:1]
            if other != self.gene.gene
        ]

    # Changes at a position; None where the position or a residue it needs does not exist.

    def exists(self, position: int) -> bool:
        length = self.residues.length(self.gene.gene)
        return position >= 1 and (length is None or position <= length)

    def substitution(self, position: int, alt: str = "", avoid: Sequence[str] = ()) -> Change | None:
        ref, _ = self.residues.place(self.gene.gene, position)
        taken = [c.alt for c in (*self.forbidden(), *self.listed()) if c.start == position] + [ref, *avoid]
        new = alt or next(residue for residue in RESIDUES if residue not in taken)
        if not self.exists(position) or new == ref or (position == 1 and ref == "M"):
            return None
        return Change(spelling.SUBSTITUTION, position, position, ref, ref, new)

    def at(self, kind: str, position: int) -> Change | None:
        """Nonsense, frameshift or silent change at a residue."""
        ref, _ = self.residues.place(self.gene.gene, position)
        silent_one = kind == spelling.SYNONYMOUS and ref in "MW"
        start_one = position == 1 and kind != spelling.SYNONYMOUS
        if not self.exists(position) or silent_one or start_one:
            return None
        return Change(kind, position, position, ref, ref, "*" if kind == spelling.NONSENSE else "")

    def deletion(self, first: int, last: int) -> Change | None:
        """Deletion that HGVS cannot shift: the residue behind differs from the first deleted one."""
        known = [self.residues.at(self.gene.gene, position) for position in (first - 1, first, last, last + 1)]
        if first < 2 or not self.exists(last) or (known[1] and known[1] == known[3]) or (known[2] == known[0] != ""):
            return None
        start, end = self.residues.place(self.gene.gene, first)[0], self.residues.place(self.gene.gene, last)[0]
        return Change(spelling.DELETION, first, last, start, end)

    def insertion(self, before: int, count: int = 1) -> Change | None:
        """Insertion between ``before`` and the next residue that HGVS cannot shift nor call a duplication."""
        left, right = (self.residues.place(self.gene.gene, position)[0] for position in (before, before + 1))
        if before < 2 or not self.exists(before + 1):
            return None
        new = next(residue for residue in RESIDUES if residue not in (left, right))
        return Change(spelling.INSERTION, before, before + 1, left, right, new * count)

    def duplication(self, first: int, last: int) -> Change | None:
        if first < 2 or not self.exists(last):
            return None
        start, end = self.residues.place(self.gene.gene, first)[0], self.residues.place(self.gene.gene, last)[0]
        return Change(spelling.DUPLICATION, first, last, start, end)

    def delins(self, first: int, last: int, count: int) -> Change | None:
        start, end = self.residues.place(self.gene.gene, first)[0], self.residues.place(self.gene.gene, last)[0]
        if first < 2 or not self.exists(last):
            return None
        new = next(residue for residue in RESIDUES if residue not in (start, end))
        return Change(spelling.DELINS, first, last, start, end, new * count)

    def shifted(self, change: Change, by: int) -> Change | None:
        """The same event ``by`` residues on, with the residues that stand there."""
        first, last = change.start + by, change.end + by
        start, end = self.residues.place(self.gene.gene, first)[0], self.residues.place(self.gene.gene, last)[0]
        if first < 2 or not self.exists(last) or (change.kind == spelling.SUBSTITUTION and change.alt == start):
            return None
        if change.kind == spelling.FRAMESHIFT:
            return Change(change.kind, first, last, start, end)
        return Change(change.kind, first, last, start, end, change.alt)


def _protein(row: _Row) -> Iterator[Case]:
    changes = row.listed()
    for change in changes:
        yield from row.case("stated change", change, expected=True)
    for change in changes[:1]:
        moved = row.shifted(change, 1) or row.shifted(change, -1)
        if moved is not None and any(row.same(moved, own) for own in changes):
            moved = row.shifted(change, 2) or row.shifted(change, -2)
        yield from row.case("neighbouring residue", moved, expected=False)
        if change.kind not in {spelling.FRAMESHIFT, spelling.START_LOST, spelling.STOP_LOST}:
            yield from row.case("frameshift at the residue", row.at(spelling.FRAMESHIFT, change.start), expected=False)
        if change.kind != spelling.NONSENSE:
            yield from row.case("stop at the residue", row.at(spelling.NONSENSE, change.start), expected=False)
        yield from row.case("silent at the residue", row.at(spelling.SYNONYMOUS, change.start), expected=False)
        if change.kind != spelling.STOP_LOST:
            yield from row.case("other new residue", row.substitution(change.start), expected=False)


def _codon(row: _Row) -> Iterator[Case]:
    first = row.alteration.codon_first
    if first is None:
        return
    last = row.alteration.codon_last or first
    for codon in dict.fromkeys((first, last)):
        one = row.substitution(codon)
        yield from row.case("missense at the codon", one, expected=True)
        if one is not None:
            other = row.substitution(codon, avoid=(one.alt,))
            yield from row.case("another missense at the codon", other, expected=True)
    for codon in (first - 1, last + 1):
        yield from row.case("neighbouring residue", row.substitution(codon), expected=False)
    for kind in (spelling.FRAMESHIFT, spelling.NONSENSE, spelling.SYNONYMOUS):
        yield from row.case(f"{kind} at the codon", row.at(kind, first), expected=False)
    yield from row.case("deletion of the codon", row.deletion(first, last), expected=False)


def _window(row: _Row) -> Iterator[Case]:
    first = row.alteration.codon_first
    if first is None:
        return
    last = row.alteration.codon_last or first
    wanted = set(row.alteration.classes)
    if "any" in wanted:
        wanted |= {"missense", "frameshift", "nonsense", "inframe_deletion", "inframe_insertion"}
    makers = _class_changes(row, wanted)
    middle = (first + last) // 2
    for name, make in makers.items():
        if name in wanted:
            if row.alteration.exon is not None:  # the codons at the edges may lie in the next exon by a base or two
                yield from row.case(f"{name} in the middle", make(middle, "first"), expected=True)
            for edge, inside, outside in (("first", first, first - 1), ("last", last, last + 1)):
                yield from row.case(f"{name} at the {edge} codon", make(inside, edge), expected=True)
                far = outside + (1 if edge == "last" else -1) if "insertion" in name else outside
                yield from row.case(f"{name} beyond the {edge} codon", make(far, edge), expected=False)
        elif name != "delins":
            yield from row.case(f"{name} inside the window", make(middle, "first"), expected=False)
    yield from row.case("silent inside the window", row.at(spelling.SYNONYMOUS, middle), expected=False)
    if row.alteration.exon is not None:
        for case in _first_positive(row, makers, wanted, middle):
            name, other = case.alteration_id, row.alteration.exon + 1
            yield Case(name, "other exon annotated", case.gene, case.change, expected=False, exon=other)


def _first_positive(
    row: _Row, makers: Mapping[str, Callable[[int, str], Change | None]], wanted: set[str], codon: int
) -> Iterator[Case]:
    for name, make in makers.items():
        if name in wanted and name != "delins":
            yield from row.case(name, make(codon, "first"), expected=True)
            return


def _class_changes(row: _Row, wanted: set[str]) -> dict[str, Callable[[int, str], Change | None]]:
    """How a change of each class is made so that it touches a codon and, beyond that, the window's outside."""
    shorter = "inframe_insertion" not in wanted or "inframe_deletion" in wanted

    def delins(codon: int, edge: str) -> Change | None:
        if not shorter:
            return row.delins(codon, codon, 2)
        return row.delins(codon - 1, codon, 1) if edge == "first" else row.delins(codon, codon + 1, 1)

    def delins_beyond(codon: int, edge: str) -> Change | None:
        first, last = row.alteration.codon_first or 0, row.alteration.codon_last or 0
        if shorter and not first <= codon <= last:
            return row.delins(codon - 1, codon, 1) if edge == "first" else row.delins(codon, codon + 1, 1)
        return delins(codon, edge)

    def deletion(codon: int, edge: str) -> Change | None:
        outwards = codon - 1 if edge == "first" else codon + 1
        low, high = sorted((codon, outwards))
        return row.deletion(codon, codon) or row.deletion(low, high)

    def insertion(codon: int, edge: str) -> Change | None:
        return row.insertion(codon - 1 if edge == "first" else codon)

    return {
        "missense": lambda codon, _: row.substitution(codon),
        "frameshift": lambda codon, _: row.at(spelling.FRAMESHIFT, codon),
        "nonsense": lambda codon, _: row.at(spelling.NONSENSE, codon),
        "inframe_deletion": deletion,
        "inframe_insertion": insertion,
        "delins": delins_beyond,
    }


def _loss_of_function(row: _Row) -> Iterator[Case]:
    wanted = set(row.alteration.classes) or {"any"}
    length, limit = row.residues.length(row.gene.gene), row.gene.last_pathogenic_codon
    end = limit or length or 2 * ORDINARY_CODON
    codon = max(end // 5, 2)  # as good as always before the last exon
    truncations = {"nonsense": spelling.NONSENSE, "frameshift": spelling.FRAMESHIFT}
    for name, kind in truncations.items():
        expected = bool(wanted & {name, "any"})
        ordinary = row.case(name, row.at(kind, codon), expected=expected)
        if limit is None and expected:
            for case in ordinary:
                yield replace(case, exon=OTHER_INTRON)
                yield replace(case, what=f"{name} {IN_LAST_EXON}", expected=False, exon=EXONS_ANNOTATED)
            if length is not None:
                yield from row.case(f"{name} {END_OF_PROTEIN}", row.at(kind, length), expected=False)
            continue
        yield from ordinary
        if limit is not None and expected:
            yield from row.case(f"{name} at the last codon that counts", row.at(kind, limit), expected=True)
            yield from row.case(f"{name} behind the last codon that counts", row.at(kind, limit + 1), expected=False)
    spliced = bool(wanted & {"splice_site", "any"})
    for kind in (spelling.SPLICE_DONOR, spelling.SPLICE_ACCEPTOR):
        yield from row.case(kind, Change(kind, codon, codon), expected=spliced)
    yield from row.case(
        "start lost", Change(spelling.START_LOST, 1, 1, "M", "M"), expected=bool(wanted & {"start_lost", "any"})
    )
    yield from row.case("splice region", Change(spelling.SPLICE_REGION, codon, codon), expected=False)
    yield from row.case("missense", row.substitution(codon), expected=False)
    yield from row.case("silent", row.at(spelling.SYNONYMOUS, codon), expected=False)
    yield from row.case(
        "in-frame deletion", row.deletion(codon, codon) or row.deletion(codon, codon + 1), expected=False
    )


def _truncation_gain(row: _Row) -> Iterator[Case]:
    first = row.alteration.codon_first
    if first is None:
        return
    last = row.alteration.codon_last or first
    wanted = set(row.alteration.classes) & {"nonsense", "frameshift"} or {"nonsense", "frameshift"}
    for kind in (spelling.NONSENSE, spelling.FRAMESHIFT):
        if kind in wanted:
            for edge, inside, outside in (("first", first, first - 1), ("last", last, last + 1)):
                yield from row.case(f"{kind} at the {edge} codon", row.at(kind, inside), expected=True)
                yield from row.case(f"{kind} beyond the {edge} codon", row.at(kind, outside), expected=False)
    yield from row.case("missense inside the window", row.substitution(first), expected=False)
    yield from row.case("silent inside the window", row.at(spelling.SYNONYMOUS, first), expected=False)
    yield from row.case("deletion inside the window", row.deletion(first, first), expected=False)


def _exon_skipping(row: _Row) -> Iterator[Case]:
    exon = row.alteration.exon
    if exon is None:
        return
    first, last = row.alteration.codon_first or ORDINARY_CODON, row.alteration.codon_last or ORDINARY_CODON

    def site(kind: str, codon: int, intron: int) -> Change:
        return Change(kind, codon, codon, intron=intron)

    yield from row.case("splice acceptor", site(spelling.SPLICE_ACCEPTOR, first, exon - 1), expected=True)
    yield from row.case("splice donor", site(spelling.SPLICE_DONOR, last, exon), expected=True)
    yield from row.case("whole exon deleted", site(spelling.EXON_LOSS, first, exon), expected=True)
    yield from row.case("acceptor of the next exon", site(spelling.SPLICE_ACCEPTOR, last + 1, exon), expected=False)
    yield from row.case("donor of the exon before", site(spelling.SPLICE_DONOR, first - 1, exon - 1), expected=False)
    yield from row.case("next exon deleted", site(spelling.EXON_LOSS, last + 1, exon + 1), expected=False)
    region = "splice_region" in row.alteration.classes
    yield from row.case("splice region", site(spelling.SPLICE_REGION, last, exon), expected=region)
    middle = (first + last) // 2
    yield from row.case("missense in the exon", row.substitution(middle), expected=False)
    yield from row.case("frameshift in the exon", row.at(spelling.FRAMESHIFT, middle), expected=False)


def _tandem_duplication(row: _Row) -> Iterator[Case]:
    first, last = row.alteration.codon_first, row.alteration.codon_last
    if first is None or last is None:
        return
    middle = (first + last) // 2
    yield from row.case("insertion behind the first codon", row.insertion(first, 2), expected=True)
    yield from row.case("insertion before the last codon", row.insertion(last - 1, 2), expected=True)
    yield from row.case("duplication of six residues", row.duplication(middle, middle + 5), expected=True)
    yield from row.case("insertion before the first codon", row.insertion(first - 1, 2), expected=False)
    yield from row.case("insertion behind the last codon", row.insertion(last, 2), expected=False)
    yield from row.case("frameshift inside", row.at(spelling.FRAMESHIFT, middle), expected=False)
    yield from row.case("missense inside", row.substitution(middle), expected=False)
    yield from row.case("deletion inside", row.deletion(middle, middle + 1), expected=False)
