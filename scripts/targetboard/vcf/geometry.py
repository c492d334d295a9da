"""Where the exons of a transcript end on its coding sequence: what decay and exon skipping are judged by.

Computed once per transcript while consequences are computed, and carried as text in the consequence's ``extra`` field
``coding_exon_ends``, so that classification needs no second look at the gene models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from targetboard.vcf.transcripts import Edit, SplicedTranscript, Transcript

FIELD = "coding_exon_ends"
LOST_FIELD = "exons_lost"
_TEXT = re.compile(r"(\d+):((?:-?\d+)(?:,-?\d+)*)?")


@dataclass(slots=True, frozen=True)
class Geometry:
    """Exon ends in coding bases: the A of the start codon is 1, ``length`` the last base of the stop codon.

    ``ends`` holds the last base of every exon but the last one; an exon that ends before the start codon ends at 0 or
    below, one that ends behind the stop codon above ``length``.
    """

    length: int
    ends: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read the text form; None for anything else."""
        match = _TEXT.fullmatch(text)
        if match is None:
            return None
        return cls(int(match[1]), tuple(int(end) for end in (match[2] or "").split(",") if end))

    def text(self) -> str:
        """``length:end,end,…``."""
        return f"{self.length}:{','.join(str(end) for end in self.ends)}"

    @property
    def last_junction(self) -> int | None:
        """Last base before the last exon-exon junction; None for a transcript of one exon."""
        return self.ends[-1] if self.ends else None

    def coding_span(self, exon: int) -> tuple[int, int] | None:
        """First and last coding base of an exon (numbered from 1); None where it holds no coding base."""
        if not 1 <= exon <= len(self.ends) + 1:
            return None
        first = self.ends[exon - 2] + 1 if exon > 1 else 1
        last = self.ends[exon - 1] if exon <= len(self.ends) else self.length
        first, last = max(first, 1), min(last, self.length)
        return (first, last) if first <= last else None


def exons_lost(transcript: Transcript, edit: Edit) -> tuple[int, int] | None:
    """First and last exon (in the transcript's direction) that a deletion removes whole; None where it removes none."""
    if not edit.deleted:
        return None
    count = len(transcript.exons)
    gone = [i for i, (start, end) in enumerate(transcript.exons) if edit.position <= start and end <= edit.last]
    if not gone:
        return None
    return (gone[0] + 1, gone[-1] + 1) if transcript.strand == 1 else (count - gone[-1], count - gone[0])


def geometry_of(spliced: SplicedTranscript) -> Geometry | None:
    """Geometry of a transcript; None without a translated coding sequence."""
    if not spliced.protein:
        return None
    exons = spliced.transcript.exons[:: spliced.transcript.strand]
    ends: list[int] = []
    read = 0
    for start, end in exons[:-1]:
        read += end - start + 1
        ends.append(read - spliced.coding_start)
    return Geometry(spliced.coding_end - spliced.coding_start, tuple(ends))
