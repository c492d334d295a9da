"""Gene models for the proofs: an own small GFF3 reader, and protein changes turned into alleles.

It shares no code with :mod:`targetboard.vcf.transcripts`, so that the two check each other. Only what the proofs need
is here: coding bases in transcript order with their chromosome positions, and exons in transcript order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.knowledge_proofs import spelling
from targetboard.knowledge_proofs.spelling import Change
from targetboard.model import Allele

_AMINO = "KNKNTTTTRSRSIIMIQHQHPPPPRRRRLLLLEDEDAAAAGGGGVVVV*Y*YSSSS*CWCLFLF"
_ALPHABET = "ACGT"
CODE = {_ALPHABET[i // 16] + _ALPHABET[i // 4 % 4] + _ALPHABET[i % 4]: residue for i, residue in enumerate(_AMINO)}
"""The standard genetic code (NCBI table 1) in alphabetical order of codons."""
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
MAX_DELETED = 400
Fetch = Callable[[str, int, int], str]


@dataclass(slots=True, frozen=True)
class GeneModel:
    """One transcript; ``coding`` are chromosome positions of the coding bases in transcript order, stop included.

    ``exons`` are (first, last) on the chromosome, in transcript order.
    """

    transcript: str
    chrom: str
    strand: int
    exons: tuple[tuple[int, int], ...]
    coding: tuple[int, ...]
    bases: str

    @property
    def protein(self) -> str:
        """Residues with the stop; X where the reference is not known."""
        return "".join(CODE.get(self.bases[i : i + 3], "X") for i in range(0, len(self.bases) - 2, 3))


def read_models(gff3: Path, wanted: Iterable[str], fetch: Fetch) -> dict[str, GeneModel]:
    """Models of the wanted transcripts (accessions without version) that have a whole, known coding sequence."""
    names = frozenset(wanted)
    parts: dict[str, list[tuple[str, str, int, int, int]]] = {}
    with gff3.open(encoding="utf-8") as lines:
        for line in lines:
            fields = line.rstrip("\n").split("\t")
            if len(fields) != 9 or fields[2] not in {"exon", "CDS"}:
                continue
            parent = fields[8].partition("Parent=")[2].partition(";")[0].rpartition(":")[2]
            if parent.partition(".")[0] in names:
                strand = -1 if fields[6] == "-" else 1
                parts.setdefault(parent, []).append((fields[2], fields[0], int(fields[3]), int(fields[4]), strand))
    models: dict[str, GeneModel] = {}
    for transcript, rows in sorted(parts.items()):
        model = _model(transcript, rows, fetch)
        if model is not None:
            models[transcript.partition(".")[0]] = model
    return models


def _model(transcript: str, rows: Sequence[tuple[str, str, int, int, int]], fetch: Fetch) -> GeneModel | None:
    chrom, strand = rows[0][1], rows[0][4]
    exons = sorted((start, end) for kind, _, start, end, _ in rows if kind == "exon")
    blocks = sorted((start, end) for kind, _, start, end, _ in rows if kind == "CDS")
    coding = [position for start, end in blocks for position in range(start, end + 1)]
    bases = "".join(fetch(chrom, start, end) for start, end in blocks)
    if strand < 0:
        exons.reverse()
        coding.reverse()
        bases = bases.translate(COMPLEMENT)[::-1]
    model = GeneModel(transcript, chrom, strand, tuple(exons), tuple(coding), bases)
    protein = model.protein
    whole = len(bases) == len(coding) and len(bases) % 3 == 0 and protein.endswith("*")
    return model if whole and "*" not in protein[:-1] and "X" not in protein else None


class AlleleBuilder:
    """Builds an allele for a change on one model; ``None`` where no contiguous allele in one exon makes it."""

    def __init__(self, model: GeneModel, fetch: Fetch) -> None:
        self.model = model
        self.fetch = fetch
        self.protein = model.protein

    def build(self, change: Change) -> Allele | None:
        """An allele that makes the change, left-aligned; codons with the fewest changed bases are chosen."""
        if change.kind in spelling.SPLICED:
            allele = self._spliced(change)
        elif not self._fits(change):
            allele = None
        elif change.kind in {spelling.SUBSTITUTION, spelling.NONSENSE, spelling.SYNONYMOUS, spelling.STOP_LOST}:
            allele = self._exchanged(change)
        elif change.kind == spelling.FRAMESHIFT:
            allele = self._frameshift(change)
        elif change.kind == spelling.START_LOST:
            allele = self._replaced(2, 3, next(base for base in "ACT" if base != self.model.bases[2]))
        else:
            allele = self._in_frame(change)
        return self._left_aligned(allele) if allele is not None else None

    def _fits(self, change: Change) -> bool:
        if not 1 <= change.start <= change.end <= len(self.protein):
            return False
        stated = [(change.ref, change.start), (change.end_ref, change.end)]
        return all(not residue or self.protein[position - 1] == residue for residue, position in stated)

    def _exchanged(self, change: Change) -> Allele | None:
        at = 3 * (change.start - 1)
        before = self.model.bases[at : at + 3]
        wanted = CODE[before] if change.kind == spelling.SYNONYMOUS else change.alt or "Q"
        candidates = [codon for codon, residue in CODE.items() if residue == wanted and codon != before]
        candidates.sort(key=lambda codon: (sum(a != b for a, b in zip(before, codon, strict=True)), codon))
        for codon in candidates:
            allele = self._replaced(at, at + 3, codon)
            if allele is not None:
                return allele
        return None

    def _in_frame(self, change: Change) -> Allele | None:
        first, last = 3 * (change.start - 1), 3 * change.end
        if change.kind == spelling.DELETION:
            return self._replaced(first, last, "")
        if change.kind == spelling.DUPLICATION:
            return self._replaced(last, last, self.model.bases[first:last])
        if change.kind == spelling.INSERTION:
            return self._replaced(first + 3, first + 3, _codons_of(change.alt))
        return self._replaced(first, last, _codons_of(change.alt))

    def _frameshift(self, change: Change) -> Allele | None:
        codon = change.start - 1
        for at in range(3 * codon, max(3 * codon - 3, 3), -1):
            for end, inserted in ((at + 1, ""), *((at, base) for base in _ALPHABET)):
                after = self.model.bases[:at] + inserted + self.model.bases[end:]
                new = "".join(CODE[after[i : i + 3]] for i in range(0, len(after) - 2, 3))
                head = next(
                    (i for i, pair in enumerate(zip(new, self.protein, strict=False)) if pair[0] != pair[1]), -1
                )
                if head != codon or new[head] == "*" or (change.alt and new[head] != change.alt):
                    continue
                if change.stop_after is not None and new.find("*", head) - head + 1 != change.stop_after:
                    continue
                allele = self._replaced(at, end, inserted)
                if allele is not None and self.exon_of(self._left_aligned(allele)) is not None:
                    return allele
        return None

    def exon_of(self, allele: Allele) -> int | None:
        """Number of the exon that holds the edit, an insertion with both its neighbours; None where none does."""
        first, last = edited(allele)
        for number, (start, end) in enumerate(self.model.exons, 1):
            if start <= min(first, last) and max(first, last) <= end:
                return number
        return None

    def _spliced(self, change: Change) -> Allele | None:
        model = self.model
        introns = [change.intron] if change.intron is not None else self._coding_introns()
        for intron in introns:
            if not 1 <= intron < len(model.exons):
                continue
            before, after = model.exons[intron - 1], model.exons[intron]
            plus = model.strand > 0
            if change.kind == spelling.EXON_LOSS:
                if before[1] - before[0] > MAX_DELETED:
                    continue
                return self._deleted(before[0] - 5, before[1] + 5)
            offset = 4 if change.kind == spelling.SPLICE_REGION else 1
            if change.kind == spelling.SPLICE_ACCEPTOR:
                position = after[0] - 1 if plus else after[1] + 1
            else:
                position = before[1] + offset if plus else before[0] - offset
            base = self.fetch(model.chrom, position, position)
            if base in _ALPHABET:
                return Allele(model.chrom, position, base, "T" if base != "T" else "A")
        return None

    def _coding_introns(self) -> list[int]:
        """Introns with coding sequence on both sides, from the middle of the transcript outwards."""
        ends = {self.model.coding[0], self.model.coding[-1]}
        holding = [i for i, (start, end) in enumerate(self.model.exons) if any(start <= one <= end for one in ends)]
        first, last = min(holding), max(holding)
        middle = (first + last) / 2
        return sorted(range(first + 1, last + 1), key=lambda intron: (abs(intron - middle), intron))

    def _deleted(self, first: int, last: int) -> Allele | None:
        bases = self.fetch(self.model.chrom, first - 1, last)
        return Allele(self.model.chrom, first - 1, bases, bases[0]) if set(bases) <= set(_ALPHABET) else None

    def _replaced(self, first: int, last: int, inserted: str) -> Allele | None:
        """Coding bases ``first`` to ``last`` (0-based, half-open) replaced, if they lie together on the chromosome."""
        coding, model = self.model.coding, self.model
        before = model.bases[first:last]
        while before and inserted and before[-1] == inserted[-1]:
            before, inserted, last = before[:-1], inserted[:-1], last - 1
        while before and inserted and before[0] == inserted[0]:
            before, inserted, first = before[1:], inserted[1:], first + 1
        low, high = (first, last - 1) if before else (first - 1, first)
        if low < 0 or high >= len(coding) or abs(coding[high] - coding[low]) != high - low:
            return None
        plus = model.strand > 0
        if not plus:
            inserted = inserted.translate(COMPLEMENT)[::-1]
        if before:
            start = min(coding[low], coding[high])
            ref = self.fetch(model.chrom, start, start + len(before) - 1)
            if inserted:
                return Allele(model.chrom, start, ref, inserted)
            anchor = self.fetch(model.chrom, start - 1, start - 1)
            return Allele(model.chrom, start - 1, anchor + ref, anchor)
        position = coding[low] if plus else coding[high]
        anchor = self.fetch(model.chrom, position, position)
        return Allele(model.chrom, position, anchor, anchor + inserted)

    def _left_aligned(self, allele: Allele) -> Allele:
        ref, alt, position = allele.ref, allele.alt, allele.pos
        while len(ref) != len(alt) and ref[-1] == alt[-1]:
            ref, alt = ref[:-1], alt[:-1]
            if not ref or not alt:
                position -= 1
                base = self.fetch(allele.chrom, position, position)
                ref, alt = base + ref, base + alt
        while len(ref) > 1 and len(alt) > 1 and ref[0] == alt[0]:
            ref, alt, position = ref[1:], alt[1:], position + 1
        return Allele(allele.chrom, position, ref, alt)


def _codons_of(residues: str) -> str:
    first: dict[str, str] = {}
    for codon, residue in sorted(CODE.items()):
        first.setdefault(residue, codon)
    return "".join(first[residue] for residue in residues)


def waves(alleles: Sequence[Allele], codons: Sequence[tuple[str, int]], reach: int = 2) -> list[list[int]]:
    """Split alleles into groups without neighbours, by index.

    Unphased neighbours (of one codon, or apart by ``reach`` bases or fewer) are read together on trial, which costs a
    run of csq each and is not what is proved here. Alleles that overlap exclude each other and may stand together.

    Parameters
    ----------
    alleles
        Left-aligned alleles.
    codons
        Gene and first residue of each.
    reach
        Bases within which two alleles are neighbours.
    """
    order = sorted(range(len(alleles)), key=lambda i: (alleles[i].chrom, *edited(alleles[i]), i))
    groups: list[list[int]] = []
    recent: list[list[int]] = []
    owners: list[dict[tuple[str, int], list[int]]] = []
    for index in order:
        first = edited(alleles[index])[0]
        for group, near, of_codon in zip(groups, recent, owners, strict=True):
            near[:] = [
                other
                for other in near
                if alleles[other].chrom == alleles[index].chrom and edited(alleles[other])[1] + reach >= first
            ]
            mates = of_codon.get(codons[index], [])
            if all(edited(alleles[other])[1] >= first for other in (*near, *mates)):
                group.append(index)
                near.append(index)
                of_codon.setdefault(codons[index], []).append(index)
                break
        else:
            groups.append([index])
            recent.append([index])
            owners.append({codons[index]: [index]})
    return groups


def edited(allele: Allele) -> tuple[int, int]:
    """First and last changed base; of an insertion the last is the base before it."""
    anchor = 1 if len(allele.ref) != len(allele.alt) and allele.ref[0] == allele.alt[0] else 0
    return allele.pos + anchor, allele.pos + len(allele.ref) - 1
