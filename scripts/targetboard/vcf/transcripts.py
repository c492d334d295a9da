"""Transcript models: exons, coding sequence, HGVS coding positions and protein changes.

Everything here is pure arithmetic on a model and a ``fetch`` function for reference bases. Numbering follows HGVS:
``c.1`` is the A of the start codon, ``c.-1`` the base before it, ``c.*1`` the base after the stop codon, and an intron
base is counted from the nearer exon (``c.123+1``, ``c.124-2``; the middle base of an odd intron from the left one).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from targetboard.model import Allele
from targetboard.vcf.hgvs import ProteinChange, ProteinKind

Fetch = Callable[[str, int, int], str]
"""Reference bases of (chromosome, first, last), 1-based inclusive, upper case; shorter at a contig's end."""

_BASES = "TCAG"
_RESIDUES = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODONS: Mapping[str, str] = {
    first + second + third: _RESIDUES[16 * i + 4 * j + k]
    for i, first in enumerate(_BASES)
    for j, second in enumerate(_BASES)
    for k, third in enumerate(_BASES)
}
"""The standard genetic code (NCBI table 1); mitochondrial genes are not modelled."""

_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")
# Repeats longer than this are shifted no further; their description is then not the 3'-most one.
MAX_SHIFT = 2000


@dataclass(slots=True, frozen=True)
class Transcript:
    """One transcript: intervals are 1-based inclusive and ascend on the chromosome; ``cds`` holds the stop codon."""

    id: str
    gene: str
    chrom: str
    strand: int
    exons: tuple[tuple[int, int], ...]
    cds: tuple[tuple[int, int], ...] = ()
    complete: bool = True
    biotype: str = ""
    hgnc_id: str = ""
    protein: str = ""
    mane_select: bool = False
    canonical: bool = False

    @property
    def start(self) -> int:
        """First base on the chromosome."""
        return self.exons[0][0]

    @property
    def end(self) -> int:
        """Last base on the chromosome."""
        return self.exons[-1][1]


@dataclass(slots=True, frozen=True)
class SplicedTranscript:
    """A transcript with its sequence: ``mrna[coding_start:coding_end]`` is the CDS, ``protein`` ends with ``*``.

    ``protein`` is "" where the CDS cannot be translated with confidence: incomplete, out of frame, unknown bases, no
    stop at its end or a stop inside.
    """

    transcript: Transcript
    mrna: str
    coding_start: int
    coding_end: int
    protein: str


@dataclass(slots=True, frozen=True)
class Edit:
    """An allele without anchor bases: ``deleted`` begins at ``position``; an insertion stands before it."""

    position: int
    deleted: str
    inserted: str

    @property
    def last(self) -> int:
        """Last deleted base, or the base before an insertion."""
        return self.position + len(self.deleted) - 1


@dataclass(slots=True, frozen=True)
class ProteinOutcome:
    """What an edit does to the protein: the change (None: cannot be described) and the new protein up to its stop."""

    change: ProteinChange | None
    mutated: str
    codon: int


def reverse_complement(bases: str) -> str:
    """Reverse complement of upper-case A, C, G, T, N."""
    return bases.translate(_COMPLEMENT)[::-1]


def translate(bases: str) -> str:
    """Residues of whole codons, stops included; X for a codon with an unknown base."""
    return "".join(CODONS.get(bases[i : i + 3], "X") for i in range(0, len(bases) - 2, 3))


def minimal_edit(allele: Allele) -> Edit:
    """The allele without shared ends (suffix first, so that an indel keeps its left-most place)."""
    ref, alt, position = allele.ref, allele.alt, allele.pos
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    while ref and alt and ref[0] == alt[0]:
        ref, alt, position = ref[1:], alt[1:], position + 1
    return Edit(position, ref, alt)


def splice(transcript: Transcript, fetch: Fetch) -> SplicedTranscript:
    """Join the exons of a transcript in its own direction and translate its coding sequence."""
    genome = "".join(fetch(transcript.chrom, start, end) for start, end in transcript.exons)
    mrna = genome if transcript.strand == 1 else reverse_complement(genome)
    if not transcript.cds:
        return SplicedTranscript(transcript, mrna, 0, 0, "")
    first, last = transcript.cds[0][0], transcript.cds[-1][1]
    ends = [_mrna_index(transcript, first), _mrna_index(transcript, last)]
    if None in ends or len(mrna) != sum(end - start + 1 for start, end in transcript.exons):
        return SplicedTranscript(transcript, mrna, 0, 0, "")
    coding_start, coding_end = min(i for i in ends if i is not None), max(i for i in ends if i is not None) + 1
    protein = translate(mrna[coding_start:coding_end]) if transcript.complete else ""
    if (coding_end - coding_start) % 3 or not protein.endswith("*") or "*" in protein[:-1] or "X" in protein:
        protein = ""
    return SplicedTranscript(transcript, mrna, coding_start, coding_end, protein)


def place(transcript: Transcript, allele: Allele, fetch: Fetch) -> Edit:
    """The placement that HGVS describes: 3'-most in the transcript, but inside an exon if any placement is.

    A repeat that runs across the end of an exon is described in the exon, as it would be on the transcript's own
    sequence.
    """
    edit = minimal_edit(allele)
    if edit.deleted and edit.inserted:
        return edit
    placements = _placements(edit, allele.chrom, fetch)
    if transcript.strand == 1:
        placements.reverse()
    return next((one for one in placements if exon_of(transcript, one) is not None), placements[0])


def exon_of(transcript: Transcript, edit: Edit) -> int | None:
    """Index (on the chromosome) of the exon that holds the whole edit, an insertion with both neighbours; or None."""
    first, last = (edit.position, edit.last) if edit.deleted else (edit.position - 1, edit.position)
    for index, (start, end) in enumerate(transcript.exons):
        if start <= first and last <= end:
            return index
    return None


def location(transcript: Transcript, edit: Edit) -> tuple[int | None, int | None]:
    """Number of the first exon touched, and of the intron where no exon is; both in the transcript's direction."""
    first, last = (edit.position, edit.last) if edit.deleted else (edit.position - 1, edit.position)
    count = len(transcript.exons)
    touched = [i for i, (start, end) in enumerate(transcript.exons) if start <= last and first <= end]
    if not edit.deleted:
        inside = [i for i in touched if transcript.exons[i][0] <= first and last <= transcript.exons[i][1]]
        touched = inside or touched
    if touched:
        return (touched[0] + 1 if transcript.strand == 1 else count - touched[-1]), None
    for i in range(count - 1):
        if transcript.exons[i][1] < first and last < transcript.exons[i + 1][0]:
            return None, (i + 1 if transcript.strand == 1 else count - 1 - i)
    return None, None


def coding_position(spliced: SplicedTranscript, position: int) -> str:
    """HGVS ``c.`` position of a chromosome position, without the prefix: ``35``, ``-124``, ``*12``, ``123+1``."""
    transcript = spliced.transcript
    index, offset = _nearest_exon_base(transcript, position)
    if index < spliced.coding_start:
        base = f"-{spliced.coding_start - index}"
    elif index >= spliced.coding_end:
        base = f"*{index - spliced.coding_end + 1}"
    else:
        base = str(index - spliced.coding_start + 1)
    return base + (f"{offset:+d}" if offset else "")


def describe_coding(spliced: SplicedTranscript, edit: Edit, fetch: Fetch) -> str:
    """HGVS ``c.`` description of a placed edit (see :func:`place`); "" for a transcript without coding sequence."""
    transcript = spliced.transcript
    if spliced.coding_end == 0:
        return ""
    plus = transcript.strand == 1
    deleted = edit.deleted if plus else reverse_complement(edit.deleted)
    inserted = edit.inserted if plus else reverse_complement(edit.inserted)

    def span(first: int, last: int) -> str:
        ends = [coding_position(spliced, first), coding_position(spliced, last)]
        ends = ends if plus else ends[::-1]
        return f"c.{ends[0]}" if first == last else f"c.{ends[0]}_{ends[1]}"

    if edit.deleted:
        where = span(edit.position, edit.last)
        if not inserted:
            return f"{where}del"
        if len(deleted) == len(inserted) == 1:
            return f"{where}{deleted}>{inserted}"
        return f"{where}delins{inserted}"
    length = len(edit.inserted)
    # the copy lies on the 5' side of the insertion: before it on the plus strand, behind it on the minus strand
    first = edit.position - length if plus else edit.position
    if first >= 1 and fetch(transcript.chrom, first, first + length - 1) == edit.inserted:
        return f"{span(first, first + length - 1)}dup"
    return f"{span(edit.position - 1, edit.position)}ins{inserted}"


def describe_protein(spliced: SplicedTranscript, edit: Edit) -> ProteinOutcome | None:
    """Protein change of an edit that lies inside one exon and touches the coding sequence.

    Returns
    -------
    ProteinOutcome | None
        None where there is nothing to say: outside the coding sequence, across a splice junction, or a transcript
        whose coding sequence cannot be translated with confidence.
    """
    transcript, reference = spliced.transcript, spliced.protein
    if not reference or exon_of(transcript, edit) is None:
        return None
    if transcript.strand == 1:
        start, inserted = _mrna_index(transcript, edit.position), edit.inserted
    else:
        start, inserted = _mrna_index(transcript, edit.last), reverse_complement(edit.inserted)
    if start is None:
        return None
    end = start + len(edit.deleted)
    touches = start < spliced.coding_end and end > spliced.coding_start
    if not touches if edit.deleted else not spliced.coding_start < start < spliced.coding_end:
        return None
    mutated_mrna = spliced.mrna[:start] + inserted + spliced.mrna[end:]
    first = max(start - spliced.coding_start, 0)
    codon = first // 3
    tail = translate(mutated_mrna[spliced.coding_start + 3 * codon :])
    mutated = reference[:codon] + tail[: tail.find("*") + 1 or None]
    if "X" in mutated:
        return None
    if (
        start < spliced.coding_start
        or mutated_mrna[spliced.coding_start : spliced.coding_start + 3]
        != spliced.mrna[spliced.coding_start : spliced.coding_start + 3]
    ):
        change = ProteinChange(ProteinKind.START_LOST, 1, 1, "M", "M") if reference[0] == "M" else None
        return ProteinOutcome(change, mutated, 1)
    shift = len(inserted) - len(edit.deleted)
    if shift % 3 or end > spliced.coding_end - 3:
        change = _beyond_frame(reference, mutated, codon, in_frame=shift % 3 == 0)
    else:
        # an insertion at a codon's first base leaves that codon whole
        after = -(-(end - spliced.coding_start) // 3)
        local = translate(mutated_mrna[spliced.coding_start + 3 * codon : spliced.coding_start + 3 * after + shift])
        change = _in_frame(reference, codon, after, local)
    start_codon = change.start if change is not None and change.start else codon + 1
    return ProteinOutcome(change, mutated, start_codon)


def _in_frame(reference: str, first: int, last: int, local: str) -> ProteinChange:
    """Change when residues ``first`` to ``last`` (0-based, half-open) become ``local`` and the frame is kept."""
    mutated = reference[:first] + local + reference[last:]
    if mutated == reference:
        last = max(last, first + 1)
        return ProteinChange(ProteinKind.SYNONYMOUS, first + 1, last, reference[first], reference[last - 1])
    head = first
    while head < min(len(reference), len(mutated)) and reference[head] == mutated[head]:
        head += 1
    tail = 0
    while tail < min(len(reference), len(mutated)) - head and reference[-1 - tail] == mutated[-1 - tail]:
        tail += 1
    removed, added = reference[head : len(reference) - tail], mutated[head : len(mutated) - tail]
    start, end = head + 1, head + len(removed)
    if "*" in added:
        added = added[: added.index("*") + 1]
        if added == "*":
            return ProteinChange(ProteinKind.NONSENSE, start, start, reference[head], reference[head], "*")
    if not removed:
        copied = reference[head - len(added) : head] if head >= len(added) else ""
        if copied == added:
            first_copy = head - len(added)
            return ProteinChange(ProteinKind.DUPLICATION, first_copy + 1, head, copied[0], copied[-1])
        return ProteinChange(ProteinKind.INSERTION, head, head + 1, reference[head - 1], reference[head], added)
    ends = (start, end, removed[0], removed[-1])
    if not added:
        return ProteinChange(ProteinKind.DELETION, *ends)
    if len(removed) == len(added) == 1:
        return ProteinChange(ProteinKind.SUBSTITUTION, *ends, added)
    return ProteinChange(ProteinKind.DELINS, *ends, added)


def _beyond_frame(reference: str, mutated: str, codon: int, *, in_frame: bool) -> ProteinChange | None:
    """Frameshift, or a change at the stop codon; None for what neither of them describes."""
    head = codon
    while head < min(len(reference), len(mutated)) and reference[head] == mutated[head]:
        head += 1
    if head == len(reference):
        return ProteinChange(ProteinKind.SYNONYMOUS, head, head, "*", "*")
    if head == len(mutated):
        return None
    stop = mutated.find("*", head)
    position, residue = head + 1, reference[head]
    if mutated[head] == "*":
        return ProteinChange(ProteinKind.NONSENSE, position, position, residue, residue, "*")
    if residue == "*":
        extra = stop + 1 - len(reference) if stop >= 0 else None
        return ProteinChange(ProteinKind.EXTENSION, position, position, "*", "*", mutated[head], extra)
    if in_frame and len(mutated) == len(reference) and mutated[head + 1 :] == reference[head + 1 :]:
        return ProteinChange(ProteinKind.SUBSTITUTION, position, position, residue, residue, mutated[head])
    if in_frame:
        return None
    ter = stop - head + 1 if stop >= 0 else None
    return ProteinChange(ProteinKind.FRAMESHIFT, position, position, residue, residue, mutated[head], ter)


def _placements(edit: Edit, chrom: str, fetch: Fetch) -> list[Edit]:
    """Every equivalent placement of a pure deletion or insertion, from left to right on the chromosome."""
    moving = edit.deleted or edit.inserted
    first = max(1, edit.position - MAX_SHIFT)
    before = fetch(chrom, first, edit.position - 1) if edit.position > 1 else ""
    after_start = edit.position + len(edit.deleted)
    after = fetch(chrom, after_start, after_start + MAX_SHIFT)

    def moved(position: int, bases: str) -> Edit:
        return Edit(position, bases, "") if edit.deleted else Edit(position, "", bases)

    left: list[Edit] = []
    bases, position = moving, edit.position
    for base in reversed(before):
        if base != bases[-1]:
            break
        bases, position = base + bases[:-1], position - 1
        left.append(moved(position, bases))
    right: list[Edit] = []
    bases, position = moving, edit.position
    for base in after:
        if base != bases[0]:
            break
        bases, position = bases[1:] + base, position + 1
        right.append(moved(position, bases))
    return [*reversed(left), edit, *right]


def _mrna_index(transcript: Transcript, position: int) -> int | None:
    """Index of a chromosome position in the spliced sequence, in the transcript's direction; None in an intron."""
    index, offset = _nearest_exon_base(transcript, position)
    return None if offset or not transcript.start <= position <= transcript.end else index


def _nearest_exon_base(transcript: Transcript, position: int) -> tuple[int, int]:
    """Index in the spliced sequence and signed intron offset; beyond the transcript the index runs on."""
    length = sum(end - start + 1 for start, end in transcript.exons)

    def directed(index: int) -> int:
        return index if transcript.strand == 1 else length - 1 - index

    if position < transcript.start:
        return directed(position - transcript.start), 0
    before = 0
    for i, (start, end) in enumerate(transcript.exons):
        if position < start:
            left, right = position - transcript.exons[i - 1][1], start - position
            nearer_left = left <= right if transcript.strand == 1 else left < right
            if nearer_left:
                return directed(before - 1), left * transcript.strand
            return directed(before), -right * transcript.strand
        if position <= end:
            return directed(before + position - start), 0
        before += end - start + 1
    return directed(before + position - transcript.end - 1), 0
