"""From one VCF to the variants of its report: the order of the steps, and the accounting of every allele.

The steps themselves live in their rooms (vcf, knowledge, classify); here they are called one after the other, in one
direction: preflight, reading, splitting, reference check, consequence, phase, matching. Nothing is written but
temporary files in ``workdir``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from targetboard.calls import accepted_filter
from targetboard.classify.haplotypes import read_haplotypes
from targetboard.inputs.copy_number import segment_of_record
from targetboard.inputs.fusions import fusions_of_record
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.matching import Known, chosen_of
from targetboard.model import (
    Allele,
    InputAllele,
    SourceRecord,
    TranscriptConsequence,
)
from targetboard.proving import prove
from targetboard.request import Request, SampleVariants, set_aside
from targetboard.rowless import NO_ROW
from targetboard.screened import ONLY_HITS, OUTSIDE_CONTIGS, OUTSIDE_GENES, RESTRICTED, Screened
from targetboard.selection import keep_hits, report_variants
from targetboard.silent_lines import NOT_REPORTED
from targetboard.vcf.absence import absent_by_annotation, gives_populations
from targetboard.vcf.annotated import Spliced
from targetboard.vcf.assembly_check import Placement, judge_assembly
from targetboard.vcf.candidate import Candidate, names_another_allele
from targetboard.vcf.consequence import AnnotationFormat, annotation_format, read_consequences
from targetboard.vcf.contigs import check_contig_lengths, harmonise
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.dialects import observe, recognise, resolve_roles
from targetboard.vcf.joined import ConsequencesOf, join_neighbours
from targetboard.vcf.normalise import BREAKEND, SYMBOLIC, classify_alt, left_align, split, trim
from targetboard.vcf.reader import read_records
from targetboard.vcf.reads import homopolymer_run, orientation_counts
from targetboard.vcf.reference import Reference, check_reference
from targetboard.vcf.scores import join_evidence
from targetboard.vcf.symbolic import read_symbolic, spelled_out


def read_variants(
    request: Request, base: KnowledgeBase, workdir: Path, meanwhile: Callable[[], None] = lambda: None
) -> SampleVariants:
    """Read a VCF and return what is reported, with every allele accounted for.

    ``meanwhile`` is done while other processes read, where they do.

    Raises
    ------
    MalformedInput, BuildMismatch, UsageError
        As the steps raise them; nothing has been written then.
    """
    known = Known(base, request.assembly, Loci.of(base, request.assembly), request.evidence.fields)
    inspection, screened, plan = prove(request, known, meanwhile)
    header = inspection.header
    dialect = recognise(header)
    roles = resolve_roles(header, dialect, tumour_sample=request.tumour_sample, normal_sample=request.normal_sample)
    result = SampleVariants(inspection, dialect, roles, warnings=list(inspection.warnings))
    result.warnings.extend(check_contig_lengths(header, request.assembly))
    annotated = annotation_format(header)
    with ExitStack() as open_files:
        reference = open_files.enter_context(Reference(request.fasta)) if request.fasta is not None else None
        candidates, places = _collect(request, known, result, screened, annotated, reference, workdir)
        placed = Placement(frozenset(screened.stated), frozenset(screened.rival)) if screened is not None else None
        basis = judge_assembly(
            request.vcf,
            header,
            base,
            request.assembly,
            places,
            candidates,
            sites=screened.sites if screened is not None else 0,
            placed=placed,
        )
        small_variants = bool(places or result.ledger.filtered)
        if small_variants and not basis and request.fasta is None:
            result.limitations["assembly_unchecked"] = (
                f"Nothing in the VCF shows its assembly (no contig lengths, no curated position): {request.assembly}"
                " was taken from the sample sheet on trust. A reference FASTA would prove it."
            )
        candidates = _against_reference(request, result, candidates, places, reference, workdir)
        candidates = _with_consequences(request, result, candidates, annotated, workdir)
        candidates = _join(request, known, result, candidates, reference, workdir)
        _with_evidence(request, result, candidates, annotated, reference)
    report_variants(request, known, result, candidates)
    read_haplotypes(result.variants, base)
    if request.only_hits:
        keep_hits(result)
    if screened is not None:
        if plan is not None or request.hits_only:
            result.kept_lines = {record: text for record, _, text in screened.kept}
        if plan is not None:
            result.spliced = Spliced(plan, result.kept_lines)
        if screened.restricted:
            result.limitations["restricted_to_index"] = RESTRICTED
    if request.only_hits:
        result.limitations["only_hits"] = ONLY_HITS
    if not result.ledger.balances():
        raise AssertionError("the ledger does not balance")
    return result


def _collect(
    request: Request,
    known: Known,
    result: SampleVariants,
    screened: Screened | None,
    annotated: AnnotationFormat | None,
    reference: Reference | None,
    workdir: Path,
) -> tuple[list[Candidate], list[Allele]]:
    """Split the kept records; the alleles that touch a gene or an allele of the knowledge base, and their places.

    What the screen set aside is counted, and its places come along in the order of the records.
    """
    ledger = result.ledger
    candidates: list[Candidate] = []
    places: list[tuple[int, Allele]] = []
    tumour = result.roles.tumour
    if screened is not None:
        ledger.records_in, ledger.alleles_in = screened.records, screened.alleles
        ledger.filtered, ledger.unparsed = dict(screened.filtered), dict(screened.unparsed)
        places += screened.places
    kept = screened.kept if screened is not None else None
    for record in read_records(request.vcf, result.inspection, workdir, kept):
        ledger.records_in += 1
        chrom = harmonise(record.chrom, request.assembly)
        for given in split(record):
            ledger.alleles_in += 1
            reason = classify_alt(given.ref, given.alt, given.pos, result.inspection.header.contigs.get(record.chrom))
            if chrom is None:
                set_aside(request, result, given, OUTSIDE_CONTIGS, parsed=False)
                continue
            spelled: Allele | None = None
            note = ""
            if reason is not None and reason.startswith(SYMBOLIC):
                segment = segment_of_record(record, given.alt, request.assembly, tumour)
                if (
                    segment is not None
                    and segment.copies is not None
                    and accepted_filter(record.filter, result.dialect)
                ):
                    result.segments.append(segment)
                spelled, note = _symbolic(known, result, record, given, chrom, reference)
            if reason == BREAKEND and accepted_filter(record.filter, result.dialect):
                result.fusions += fusions_of_record(record, given.alt, request.assembly, known.genes_within, tumour)
            if reason is not None and spelled is None:
                set_aside(request, result, given, reason, parsed=False)
                continue
            allele = spelled or trim(chrom, given.pos, given.ref.upper(), given.alt.upper())
            if spelled is None:
                places.append((record.number, allele))
            consequences = read_consequences(annotated, record, given.alt_index) if annotated else ()
            if not _concerns_knowledge(allele, consequences, known):
                set_aside(request, result, given, OUTSIDE_GENES, parsed=True)
                continue
            foreign = [found for found in consequences if names_another_allele(found, allele)]
            if foreign:
                consequences = tuple(found for found in consequences if found not in foreign)
                result.warnings.append(
                    f"record {given.record} (line {given.line}): the annotation of ALT {given.alt} describes"
                    f" another allele ({foreign[0].hgvsc}); it was not used"
                )
            if spelled is not None and request.gff3 is not None:
                consequences = ()  # annotators say "elongation" of a symbolic allele; from its bases more is known
            candidates.append(
                Candidate(
                    allele,
                    given,
                    observe(result.dialect, record, given.alt_index, result.roles),
                    consequences,
                    notes=(note,) if note else (),
                    evidence=request.evidence.fields.of_record(record, given.alt_index),
                    orientation=orientation_counts(record.samples.get(tumour, {}), given.alt_index) if tumour else None,
                )
            )
    if screened is not None:
        places.sort(key=lambda place: place[0])
    return candidates, [allele for _, allele in places]


def _symbolic(
    known: Known,
    result: SampleVariants,
    record: SourceRecord,
    given: InputAllele,
    chrom: str,
    reference: Reference | None,
) -> tuple[Allele | None, str]:
    """A symbolic allele in bases with a note; a warning where one lies in a gene that matters and cannot be read."""
    event = read_symbolic(record, given.alt_index)
    genes = known.loci.at(chrom, event.start, max(event.start, event.end)) if event is not None else ()
    if event is None or not genes:
        return None, ""
    allele = spelled_out(event, chrom, record, reference)
    tandem = " (taken to be in tandem)" if event.kind == "DUP" and not event.tandem else ""
    said = f"{given.alt} of {event.length} bases" if event.length else given.alt
    if allele is None and any(segment.start == event.start for segment in result.segments[-1:]):
        return None, ""  # read as a copy number
    if allele is None:
        names = ", ".join(gene.gene for gene in genes[:3])
        result.warnings.append(
            f"record {given.record} (line {given.line}): {said} in {names} was not read as a small variant"
            " (it needs exact ends, at most 10,000 bases and a reference FASTA)"
        )
        return None, ""
    return allele, f"read from {said}{tandem}"


def _with_evidence(
    request: Request,
    result: SampleVariants,
    candidates: Sequence[Candidate],
    annotated: AnnotationFormat | None,
    reference: Reference | None,
) -> None:
    """Add what joined files, the annotation's silence and the reference say of each allele."""
    lists_populations = annotated is not None and gives_populations(annotated.fields)
    if request.evidence.frequencies_complete and lists_populations:
        for candidate in candidates:
            candidate.evidence = {**absent_by_annotation(candidate), **candidate.evidence}
    elif request.evidence.frequencies_complete and not request.evidence.frequencies:
        result.warnings.append("frequencies were declared complete, but neither a file nor the annotation gives any")
    if request.evidence.frequencies or request.evidence.scores:
        aligned = [(candidate.allele, candidate.reference_checked) for candidate in candidates]
        for candidate, found in zip(
            candidates, join_evidence(aligned, request.evidence, request.assembly), strict=True
        ):
            candidate.evidence = {**candidate.evidence, **found}
    if reference is not None:
        for candidate in candidates:
            candidate.homopolymer = homopolymer_run(candidate.allele, reference)


def _concerns_knowledge(allele: Allele, consequences: Sequence[TranscriptConsequence], known: Known) -> bool:
    """Whether an allele may matter: annotated to a known gene, inside one, or a known exact allele."""
    if any(known.base.gene(found.gene, found.hgnc_id) is not None for found in consequences):
        return True
    return bool(known.exact(allele) or known.genes_at(allele))


def _against_reference(
    request: Request,
    result: SampleVariants,
    candidates: list[Candidate],
    places: Sequence[Allele],
    reference: Reference | None,
    workdir: Path,
) -> list[Candidate]:
    """Check REF and left-align where a FASTA is given; isolated mismatches go to the ledger by name."""
    if reference is None:
        # silent alleles, and those without a row, are candidates that are done with
        if candidates or {NOT_REPORTED, NO_ROW} & result.ledger.filtered.keys():
            result.limitations["reference_unchecked"] = (
                "No reference FASTA was given: REF bases were not checked and indels were not left-aligned."
            )
        return candidates
    check_reference(places, reference, request.assembly)
    check = check_reference([candidate.allele for candidate in candidates], reference, request.assembly)
    mismatched = set(check.mismatched)
    unchecked = set(check.unchecked)
    result.warnings.extend(f"{warning}; the allele was set aside" for warning in check.warnings)
    kept: list[Candidate] = []
    for index, candidate in enumerate(candidates):
        if index in mismatched:
            set_aside(request, result, candidate.input, "reference mismatch", parsed=True)
            continue
        candidate.reference_checked = index not in unchecked
        kept.append(candidate)
    if unchecked:
        result.limitations["reference_partly_unchecked"] = (
            f"{len(unchecked)} alleles lie where the reference FASTA has N or no sequence: their REF was not checked"
            " and they were not left-aligned."
        )
    aligned = left_align([candidate.allele for candidate in kept], reference, workdir)
    for candidate, allele in zip(kept, aligned, strict=True):
        if allele != candidate.allele:
            candidate.notes += ("left-aligned",)
            candidate.allele = allele
    return kept


def _with_consequences(
    request: Request,
    result: SampleVariants,
    candidates: list[Candidate],
    annotated: AnnotationFormat | None,
    workdir: Path,
) -> list[Candidate]:
    """Add consequences where the VCF brings none and FASTA + GFF3 are given."""
    if annotated is not None:
        result.annotation_source = annotated.kind
        missing = [candidate for candidate in candidates if not candidate.consequences]
    else:
        missing = candidates
    if request.fasta is not None and request.gff3 is not None:
        if annotated is None:
            result.annotation_source = "csq"
        if missing:
            computed = compute_consequences(
                [candidate.allele for candidate in missing], request.fasta, request.gff3, workdir
            )
            for candidate, consequences in zip(missing, computed, strict=True):
                candidate.consequences = consequences
    elif annotated is None and candidates:
        result.limitations["consequences_not_evaluated"] = (
            "The VCF carries no annotation and no FASTA with GFF3 was given: only exact alleles of the knowledge base"
            " were recognised, by coordinates. Every other consequence was not evaluated."
        )
    return candidates


def _join(
    request: Request,
    known: Known,
    result: SampleVariants,
    candidates: list[Candidate],
    reference: Reference | None,
    workdir: Path,
) -> list[Candidate]:
    """Read cis neighbours together; the joined members are counted in the ledger."""
    compute: ConsequencesOf | None = None
    if request.fasta is not None and request.gff3 is not None:
        compute = partial(compute_consequences, fasta=request.fasta, gff3=request.gff3, workdir=workdir)
    kept, gone = join_neighbours(candidates, partial(chosen_of, known), compute, reference)
    joined_into = sum(len(candidate.joined_records) - 1 for candidate in kept if candidate.joined_records)
    if joined_into != len(gone) - sum(1 for candidate in kept if candidate.joined_records):
        raise AssertionError("joined alleles do not add up")
    for _ in range(joined_into):
        result.ledger.filter("joined with its cis neighbour into one change")
    return kept
