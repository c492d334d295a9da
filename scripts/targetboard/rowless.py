"""Lines that no row of the knowledge tables matches, found before they are read in full; where only hits are asked for.

The same code decides as for lines that are read in full: the annotation is read, and every row of the genes it names is
tried. What saves the time is what need not be done for such a line, and that the processes which prove a large file
do it.
"""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.matching import NON_REPORTED_TERMS, Known, unmatched
from targetboard.model import SourceRecord
from targetboard.silent_lines import NOT_REPORTED, Silent
from targetboard.vcf.assembly_check import placement_of
from targetboard.vcf.candidate import names_another_allele
from targetboard.vcf.consequence import AnnotationFormat, read_consequences
from targetboard.vcf.normalise import classify_alt, trim
from targetboard.vcf.reader import info_values

NO_ROW = "no row of the knowledge tables matches"


@dataclass(slots=True, frozen=True)
class RowlessLines:
    """Recognises lines without a row by the annotation of their file."""

    known: Known
    annotated: AnnotationFormat

    def judge(self, line: bytes, chrom: str, pos: int) -> Silent | None:
        """What the line amounts to if no row matches its one small variant, else None.

        Parameters
        ----------
        line
            A proved data line.
        chrom, pos
            Its harmonised contig, and its POS.
        """
        if b" " in line or not line.isascii():
            return None
        fields = line.decode("ascii").split("\t")
        ref, alt = fields[3].upper(), fields[4].upper()
        if not (ref.isalpha() and alt.isalpha()) or pos < 1 or classify_alt(ref, alt) is not None:
            return None
        info = info_values(fields[7])
        record = SourceRecord(
            0, 0, fields[0], pos, fields[2], fields[3], (fields[4],), fields[5], fields[6], info, (), {}
        )
        allele = trim(chrom, pos, ref, alt)
        consequences = read_consequences(self.annotated, record, 0)
        if any(names_another_allele(found, allele) for found in consequences):
            return None  # a warning names it
        terms = {term for found in consequences for term in found.terms}
        if "frameshift_variant" in terms or any("splice" in term for term in terms):
            return None  # another one may restore the frame; its codon may go on behind an intron
        chosen = unmatched(self.known, allele, consequences)
        if chosen is None:
            return None
        placed = placement_of(((allele, consequences),), self.known.base, self.known.assembly)
        speaks = set(chosen.terms) - NON_REPORTED_TERMS
        return Silent(allele, NO_ROW if speaks else NOT_REPORTED, placed.stated, placed.rival)
