"""One pass over a VCF: every line is proved, and the screen keeps those that can matter."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from targetboard.matching import Known
from targetboard.model import VcfHeader
from targetboard.progress import Progress
from targetboard.rowless import RowlessLines
from targetboard.screen import Screen
from targetboard.screen_tables import Tables
from targetboard.screened import Screened
from targetboard.silent_lines import SilentLines
from targetboard.vcf.consequence import annotation_format
from targetboard.vcf.genome import SplicePlan, inspect_large
from targetboard.vcf.indexed import inspect_stretches
from targetboard.vcf.preflight import Inspection, inspect
from targetboard.vcf.restricted import StretchPlan, inspect_restricted

if TYPE_CHECKING:
    from targetboard.request import Request


def prove(
    request: Request, known: Known, meanwhile: Callable[[], None] = lambda: None
) -> tuple[Inspection, Screened | None, SplicePlan | StretchPlan | None]:
    """Prove the file and sort its lines in one pass.

    Where every allele is asked for, nothing is screened and every line is read in full. A file is read a second time
    if its lines are not sorted, or if its body shows that it was not written by the caller the header speaks of.
    ``meanwhile`` is done while other processes read, where they do.
    """
    if request.every_allele:
        return inspect(request.vcf, allow_missing_eof=request.allow_missing_eof), None, None
    silence = _Silence(request, known)
    if (request.hits_only or request.restricted) and request.fasta is None:
        restricted = _prove_stretches(request, silence, meanwhile)
        if restricted is not None:
            return restricted
    if request.hits_only and request.fasta is None:
        inspection = inspect_stretches(
            request.vcf,
            silence.screen,
            lambda contigs: silence.screens[-1].stretches(contigs),
            hashed=not request.only_hits,
        )
        if inspection is not None:
            screened = silence.screens[-1].finish_restricted()
            if not screened.silent or (not screened.disordered and silence.confirmed(inspection.header)):
                return inspection, screened, None
            silence.allowed = False
    large = _prove_large(request, silence, meanwhile)
    if large is not None:
        return large
    inspection = inspect(request.vcf, allow_missing_eof=request.allow_missing_eof, screen_of=silence.screen)
    screened = silence.screens[-1].finish()
    if screened.silent and (screened.disordered or not silence.confirmed(inspection.header)):
        silence.allowed = False
        inspection = inspect(request.vcf, allow_missing_eof=request.allow_missing_eof, screen_of=silence.screen)
        screened = silence.screens[-1].finish()
    return inspection, screened, None


def _prove_stretches(
    request: Request, silence: _Silence, meanwhile: Callable[[], None]
) -> tuple[Inspection, Screened, StretchPlan | None] | None:
    """Prove what the index places at knowledge; None where that cannot be done on several cores or by a .tbi."""
    for _ in range(2):
        made = len(silence.screens)
        found = inspect_restricted(
            request.vcf,
            silence.screen,
            lambda contigs: silence.screens[-1].stretches(contigs),
            planned=request.restricted,
            hashed=not request.only_hits,
            meanwhile=meanwhile,
        )
        if found is None:
            return None
        screen = silence.screens[made]  # the others are those of the parts
        for part, records, lines in found.summaries:
            screen.result.add(part, records, lines)
        screened = screen.finish_restricted()
        if not screened.silent or (not screened.disordered and silence.confirmed(found.inspection.header)):
            return found.inspection, screened, found.plan
        silence.allowed = False
    return None


def _prove_large(
    request: Request, silence: _Silence, meanwhile: Callable[[], None]
) -> tuple[Inspection, Screened, SplicePlan] | None:
    """Prove a large file on several cores; None where it must be read from end to end.

    With a reference every place is checked, which is done in one process.
    """
    if request.fasta is not None or not request.vcf.is_file() or request.vcf.stat().st_size < request.large_bytes:
        return None
    with Progress("read", "records") as progress:
        found = inspect_large(request.vcf, silence.screen, progress.advance, meanwhile)
    if found is None:
        return None
    inspection, summaries, plan = found
    screened = Screened()
    for part, records, lines in summaries:
        screened.add(part, records, lines)
    silence.screen(inspection.header)
    if plan is None or screened.disordered or (screened.silent and not silence.confirmed(inspection.header)):
        return None
    return inspection, screened, plan


@dataclass(slots=True)
class _Silence:
    """Makes the screen of a file, and remembers how silent lines were recognised."""

    request: Request
    known: Known
    allowed: bool = True
    used: SilentLines | None = None
    screens: list[Screen] = field(default_factory=list)
    tables: Tables | None = None

    def screen(self, header: VcfHeader) -> Screen:
        """The screen for a file with this header."""
        self.used = self._recognise(header) if self.allowed and self.request.fasta is None else None
        every_place = self.request.fasta is not None
        annotated = annotation_format(header)
        if self.tables is None or self.tables.annotated != annotated:
            self.tables = Tables.of(self.known, annotated, only_hits=self.request.only_hits)
        rowless = RowlessLines(self.known, annotated) if self.request.only_hits and annotated is not None else None
        screen = Screen(
            self.known,
            annotated,
            header.contigs,
            self.used,
            rowless=rowless,
            every_place=every_place,
            tables=self.tables,
        )
        self.screens.append(screen)
        return screen

    def confirmed(self, header: VcfHeader) -> bool:
        """Whether the header with what the body uses leads to the same reading."""
        return self.used is not None and self.used.same_as(self._recognise(header))

    def _recognise(self, header: VcfHeader) -> SilentLines | None:
        names = (self.request.tumour_sample, self.request.normal_sample)
        return SilentLines.of(self.known, annotation_format(header), header, *names)
