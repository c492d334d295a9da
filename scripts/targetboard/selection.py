"""Which alleles are reported, and with which reason every other one is counted."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.calls import accepted_filter, not_called_in_tumour, reads_in_words
from targetboard.classify.facts import describe
from targetboard.errors import MalformedInput
from targetboard.matching import NON_REPORTED_TERMS, Known, variant_of
from targetboard.model import Allele, Variant
from targetboard.request import Request, SampleVariants, set_aside
from targetboard.rowless import NO_ROW
from targetboard.silent_lines import NOT_REPORTED
from targetboard.vcf.candidate import OTHER_RECORD, Candidate
from targetboard.vcf.contigs import CHROMOSOMES
from targetboard.vcf.phase import PHASE_OPEN

_ORDER = {name: index for index, name in enumerate(CHROMOSOMES)}
_JOINT = ("joint effect was not evaluated", "keep the reading frame")
NOT_EVALUATED = "consequence not evaluated"
NOT_CALLED = "not called in the tumour"


def genome_order(allele: Allele) -> tuple[int, int, str, str]:
    """Sort key: chromosome 1…22, X, Y, MT, then position and alleles."""
    return (_ORDER.get(allele.chrom, len(_ORDER)), allele.pos, allele.ref, allele.alt)


def report_variants(request: Request, known: Known, result: SampleVariants, candidates: Sequence[Candidate]) -> None:
    """Match, decide what is reported, and count everything else with its reason."""
    ledger = result.ledger
    suspects = result.inspection.suspect_records
    seen: dict[tuple[str, int, str, str], Candidate] = {}
    not_called: list[str] = []

    def order(found: Candidate) -> tuple[object, ...]:
        own = found.observation
        passed = accepted_filter(own.filter, result.dialect)
        return (*genome_order(found.allele), not passed, -(own.alt_depth or 0), own.depth or 0, own.filter)

    for candidate in sorted(candidates, key=order):
        variant = variant_of(known, candidate)
        reason = _reason_not_reported(variant, request, result)
        if reason is not None:
            set_aside(request, result, candidate.input, reason, parsed=True)
            if reason == NOT_CALLED and variant.matches:
                not_called.append(f"{describe(variant)} ({reads_in_words(variant.observation)})")
            if reason == NOT_EVALUATED:
                result.not_evaluated[variant.gene] = result.not_evaluated.get(variant.gene, 0) + 1
                if accepted_filter(variant.observation.filter, result.dialect):
                    result.unjudged.append(variant.allele)
            continue
        if candidate.input.record in suspects:
            raise MalformedInput(
                suspects[candidate.input.record],
                where=f"{result.inspection.path}, line {candidate.input.line}",
                remedy="Mend the record; readers disagree on which value counts",
            )
        key = candidate.allele.key()
        if key in seen:
            first = seen[key]
            same = first.observation == candidate.observation
            said = "duplicate of a reported allele" if same else "second record of a reported allele"
            set_aside(request, result, candidate.input, said, parsed=True)
            if not same:
                kept = result.variants[-1]
                other = f"{reads_in_words(candidate.observation)}, FILTER {candidate.observation.filter}"
                kept.notes = (*kept.notes, f"{OTHER_RECORD} with other values ({other}); the better supported is shown")
                result.warnings.append(f"{describe(kept)}: two records state this allele with different values")
            continue
        seen[key] = candidate
        ledger.reported += 1
        result.variants.append(variant)
    if not_called:
        listed = "; ".join(not_called[:5]) + (f"; and {len(not_called) - 5} more" if len(not_called) > 5 else "")
        result.limitations["positions_not_called"] = (
            f"{len(not_called)} curated alleles stand in the VCF but were not called in the tumour; this is no negative"
            f" result without coverage ({listed})."
        )
    if result.not_evaluated:
        genes = ", ".join(f"{gene} {count}" for gene, count in sorted(result.not_evaluated.items()))
        result.limitations["alleles_not_evaluated"] = (
            f"{sum(result.not_evaluated.values())} alleles inside genes of the knowledge base could not be judged,"
            f" since their consequence is not known ({genes}). An annotated VCF, or a reference with gene models, would"
            " settle it."
        )


def keep_hits(result: SampleVariants) -> None:
    """Count the variants that no row matches, unless they may mean something together with a neighbour."""
    kept = [variant for variant in result.variants if variant.matches or _may_join(variant)]
    for _ in range(len(result.variants) - len(kept)):
        result.ledger.reported -= 1
        result.ledger.filter(NO_ROW)
    result.variants = kept


def _is_rowless(variant: Variant) -> bool:
    """Whether no row matches, and none can through a neighbour: a second frameshift may restore the frame."""
    if variant.matches or variant.chosen is None:
        return False
    return "frameshift_variant" not in variant.chosen.terms and not _may_join(variant)


def _may_join(variant: Variant) -> bool:
    """Whether a note says that the variant and a neighbour may be one change, or do keep the frame together."""
    return any(note.startswith(PHASE_OPEN) or any(said in note for said in _JOINT) for note in variant.notes)


def _reason_not_reported(variant: Variant, request: Request, result: SampleVariants) -> str | None:
    """Why an allele is counted only; a knowledge hit that was called is always reported."""
    every_allele = request.every_allele
    if request.only_hits and _is_rowless(variant):  # as the screen has it
        return NO_ROW if variant.chosen and set(variant.chosen.terms) - NON_REPORTED_TERMS else NOT_REPORTED
    if not every_allele and not_called_in_tumour(variant):
        return NOT_CALLED
    if variant.matches:
        return None
    if variant.chosen is None:
        return NOT_EVALUATED
    if not set(variant.chosen.terms) - NON_REPORTED_TERMS:
        return NOT_REPORTED
    if every_allele:
        return None
    status = variant.observation.somatic_status or ""
    if status.startswith("germline"):
        return "caller says germline"
    if not accepted_filter(variant.observation.filter, result.dialect):
        return f"FILTER {variant.observation.filter}"
    return None
