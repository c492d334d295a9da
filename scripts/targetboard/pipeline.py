"""From one VCF to the variants of its report: the order of the steps, and the accounting of every allele.

The steps themselves live in their rooms (vcf, knowledge, classify); here they are called one after the other, in one
direction: preflight, reading, splitting, reference check, consequence, phase, matching. Nothing is written but
temporary files in ``workdir``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.match import match
from targetboard.knowledge.records import Gene, KnowledgeBase, KnownAllele
from targetboard.model import (
    Allele,
    Assembly,
    Ledger,
    SampleRoles,
    TranscriptConsequence,
    Variant,
)
from targetboard.vcf.assembly_check import judge_assembly
from targetboard.vcf.candidate import Candidate, names_another_allele
from targetboard.vcf.consequence import AnnotationFormat, annotation_format, choose, read_consequences
from targetboard.vcf.contigs import check_contig_lengths, harmonise
from targetboard.vcf.csq import compute_consequences
from targetboard.vcf.dialects import Dialect, observe, recognise, resolve_roles
from targetboard.vcf.implied import implied_consequence
from targetboard.vcf.joined import join_neighbours
from targetboard.vcf.normalise import classify_alt, left_align, split, trim
from targetboard.vcf.preflight import Inspection, inspect
from targetboard.vcf.reader import read_records
from targetboard.vcf.reference import Reference, check_reference

CHROMOSOMES = (*(str(number) for number in range(1, 23)), "X", "Y", "MT")
_ORDER = {name: index for index, name in enumerate(CHROMOSOMES)}
NOT_EVALUATED = "consequence not evaluated"
NON_REPORTED_TERMS = frozenset(
    {
        "intron_variant",
        "upstream_gene_variant",
        "downstream_gene_variant",
        "intergenic_variant",
        "intergenic_region",
        "non_coding_transcript_variant",
        "non_coding_transcript_exon_variant",
        "nc_transcript_variant",
        "NMD_transcript_variant",
        "3_prime_UTR_variant",
        "5_prime_UTR_variant",
        "regulatory_region_variant",
        "TF_binding_site_variant",
        "feature_elongation",
        "feature_truncation",
        "intragenic_variant",
        "conserved_intron_variant",
        "mature_miRNA_variant",
        "coding_transcript_variant",
        "non_coding",
        "intron",
        "5_prime_utr",
        "3_prime_utr",
        "intergenic",
    }
)
"""Sequence Ontology terms that alone do not bring a variant into the report, unless the knowledge base knows it."""


@dataclass(slots=True, frozen=True)
class Request:
    """What is asked for one sample: paths and names as the user gave them."""

    vcf: Path
    assembly: Assembly
    tumour_sample: str | None = None
    normal_sample: str | None = None
    fasta: Path | None = None
    gff3: Path | None = None
    allow_missing_eof: bool = False


@dataclass(slots=True)
class SampleVariants:
    """Everything read from one VCF: reported variants in genome order, the ledger, and what limits them."""

    inspection: Inspection
    dialect: Dialect
    roles: SampleRoles
    variants: list[Variant] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    annotation_source: str = "none"
    warnings: list[str] = field(default_factory=list)
    limitations: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class _Known:
    """The knowledge base as one assembly sees it."""

    base: KnowledgeBase
    assembly: Assembly
    loci: Loci

    def genes_at(self, allele: Allele) -> tuple[Gene, ...]:
        """Genes that the allele's REF overlaps."""
        return self.loci.at(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)

    def exact(self, allele: Allele) -> tuple[KnownAllele, ...]:
        """Curated alleles that are this one."""
        return self.base.alleles.get(self.assembly, {}).get(allele.key(), ())


def genome_order(allele: Allele) -> tuple[int, int, str, str]:
    """Sort key: chromosome 1…22, X, Y, MT, then position and alleles."""
    return (_ORDER.get(allele.chrom, len(_ORDER)), allele.pos, allele.ref, allele.alt)


def read_variants(request: Request, base: KnowledgeBase, workdir: Path) -> SampleVariants:
    """Read a VCF and return what is reported, with every allele accounted for.

    Raises
    ------
    MalformedInput, BuildMismatch, UsageError
        As the steps raise them; nothing has been written then.
    """
    inspection = inspect(request.vcf, allow_missing_eof=request.allow_missing_eof)
    header = inspection.header
    dialect = recognise(header)
    roles = resolve_roles(header, dialect, tumour_sample=request.tumour_sample, normal_sample=request.normal_sample)
    result = SampleVariants(inspection, dialect, roles, warnings=list(inspection.warnings))
    result.warnings.extend(check_contig_lengths(header, request.assembly))
    annotated = annotation_format(header)
    known = _Known(base, request.assembly, Loci.of(base, request.assembly))
    candidates, places = _collect(request, known, result, annotated, workdir)
    basis = judge_assembly(request.vcf, header, base, request.assembly, places, candidates)
    if places and not basis and request.fasta is None:
        result.limitations["assembly_unchecked"] = (
            f"Nothing in the VCF shows its assembly (no contig lengths, no curated position): {request.assembly} was"
            " taken from the sample sheet on trust. A reference FASTA would prove it."
        )
    with ExitStack() as open_files:
        reference = open_files.enter_context(Reference(request.fasta)) if request.fasta is not None else None
        candidates = _against_reference(request, result, candidates, places, reference, workdir)
        candidates = _with_consequences(request, result, candidates, annotated, workdir)
        candidates = _join(request, known, result, candidates, reference, workdir)
    _report(known, result, candidates)
    if not result.ledger.balances():
        raise AssertionError("the ledger does not balance")
    return result


def _collect(
    request: Request,
    known: _Known,
    result: SampleVariants,
    annotated: AnnotationFormat | None,
    workdir: Path,
) -> tuple[list[Candidate], list[Allele]]:
    """Split every record; the alleles that touch a gene or an allele of the knowledge base, and the places of all."""
    ledger = result.ledger
    candidates: list[Candidate] = []
    places: list[Allele] = []
    for record in read_records(request.vcf, result.inspection, workdir):
        ledger.records_in += 1
        chrom = harmonise(record.chrom, request.assembly)
        for given in split(record):
            ledger.alleles_in += 1
            reason = classify_alt(given.ref, given.alt, given.pos, result.inspection.header.contigs.get(record.chrom))
            if chrom is None:
                ledger.unparse("contig outside 1-22, X, Y, MT")
            elif reason is not None:
                ledger.unparse(reason)
            else:
                allele = trim(chrom, given.pos, given.ref.upper(), given.alt.upper())
                places.append(allele)
                consequences = read_consequences(annotated, record, given.alt_index) if annotated else ()
                if not _concerns_knowledge(allele, consequences, known):
                    ledger.filter("outside the genes of the knowledge base")
                    continue
                foreign = [found for found in consequences if names_another_allele(found, allele)]
                if foreign:
                    consequences = tuple(found for found in consequences if found not in foreign)
                    result.warnings.append(
                        f"record {given.record} (line {given.line}): the annotation of ALT {given.alt} describes"
                        f" another allele ({foreign[0].hgvsc}); it was not used"
                    )
                observation = observe(result.dialect, record, given.alt_index, result.roles)
                candidates.append(Candidate(allele, given, observation, consequences))
    return candidates, places


def _concerns_knowledge(allele: Allele, consequences: Sequence[TranscriptConsequence], known: _Known) -> bool:
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
        if candidates:
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
            result.ledger.filter("reference mismatch")
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
    known: _Known,
    result: SampleVariants,
    candidates: list[Candidate],
    reference: Reference | None,
    workdir: Path,
) -> list[Candidate]:
    """Read cis neighbours together; the joined members are counted in the ledger."""

    def chosen_of(candidate: Candidate) -> TranscriptConsequence | None:
        return _variant(known, candidate).chosen

    def consequences_of(allele: Allele) -> tuple[TranscriptConsequence, ...]:
        if request.fasta is None or request.gff3 is None:
            return ()
        return compute_consequences([allele], request.fasta, request.gff3, workdir)[0]

    can_compute = request.fasta is not None and request.gff3 is not None
    kept, gone = join_neighbours(candidates, chosen_of, consequences_of if can_compute else None, reference)
    joined_into = sum(len(candidate.joined_records) - 1 for candidate in kept if candidate.joined_records)
    if joined_into != len(gone) - sum(1 for candidate in kept if candidate.joined_records):
        raise AssertionError("joined alleles do not add up")
    for _ in range(joined_into):
        result.ledger.filter("joined with its cis neighbour into one change")
    return kept


def _report(known: _Known, result: SampleVariants, candidates: Sequence[Candidate]) -> None:
    """Match, decide what is reported, and count everything else with its reason."""
    ledger = result.ledger
    suspects = result.inspection.suspect_records
    seen: dict[tuple[str, int, str, str], Candidate] = {}
    not_evaluated: dict[str, int] = {}
    for candidate in sorted(candidates, key=lambda found: (genome_order(found.allele), found.input.record)):
        variant = _variant(known, candidate)
        reason = _reason_not_reported(variant, result)
        if reason is not None:
            ledger.filter(reason)
            if reason == NOT_EVALUATED:
                not_evaluated[variant.gene] = not_evaluated.get(variant.gene, 0) + 1
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
            ledger.filter("duplicate of a reported allele" if same else "second record of a reported allele")
            if not same:
                result.warnings.append(
                    f"records {first.input.record} and {candidate.input.record} state the same allele with different"
                    " values; the first is reported"
                )
            continue
        seen[key] = candidate
        ledger.reported += 1
        result.variants.append(variant)
    if not_evaluated:
        genes = ", ".join(f"{gene} {count}" for gene, count in sorted(not_evaluated.items()))
        result.limitations["alleles_not_evaluated"] = (
            f"{sum(not_evaluated.values())} alleles inside genes of the knowledge base could not be judged, since their"
            f" consequence is not known ({genes}). An annotated VCF, or a reference with gene models, would settle it."
        )


def _variant(known: _Known, candidate: Candidate) -> Variant:
    """Match the allele for every gene it may belong to and keep the reading that says most."""
    base = known.base
    names: dict[str, None] = {}
    for exact in known.exact(candidate.allele):
        names[base.alterations[exact.alteration_id].gene] = None
    genes = [base.gene(found.gene, found.hgnc_id) for found in candidate.consequences]
    for gene in (*genes, *known.genes_at(candidate.allele)):
        if gene is not None:
            names[gene.gene] = None
    readings = [_reading(known, candidate, base.genes.get(name)) for name in names or {"": None}]
    return max(readings, key=_weight)


def _reading(known: _Known, candidate: Candidate, gene: Gene | None) -> Variant:
    own = tuple(
        found
        for found in candidate.consequences
        if gene is not None and known.base.gene(found.gene, found.hgnc_id) is gene
    )
    chosen, note = choose(own, gene)
    if chosen is None and gene is not None:
        chosen = _curated_consequence(known, candidate.allele, gene)
    found = match(known.base, known.assembly, candidate.allele, chosen, own)
    return Variant(
        candidate.allele,
        candidate.input,
        candidate.observation,
        candidate.consequences,
        chosen=chosen,
        transcript_note=note,
        reference_checked=candidate.reference_checked,
        gene=gene.gene if gene is not None else "",
        matches=found.matches,
        near_misses=found.near_misses,
        notes=candidate.notes,
    )


def _curated_consequence(known: _Known, allele: Allele, gene: Gene) -> TranscriptConsequence | None:
    """What the knowledge base says an exact allele does, where the VCF brings no annotation."""
    for exact in known.exact(allele):
        if known.base.alterations[exact.alteration_id].gene == gene.gene:
            return implied_consequence(gene.gene, gene.transcript_refseq, exact.hgvsp, "knowledge", exact.hgvsc)
    return None


def _weight(variant: Variant) -> tuple[int, int, int]:
    """Which gene an allele in overlapping genes is reported for: a match first, then a coding consequence."""
    coding = variant.chosen is not None and bool(set(variant.chosen.terms) - NON_REPORTED_TERMS)
    return (int(bool(variant.matches)), int(coding), int(variant.chosen is not None))


def _reason_not_reported(variant: Variant, result: SampleVariants) -> str | None:
    """Why an allele is counted only; a knowledge hit is always reported."""
    if variant.matches:
        return None
    if variant.chosen is None:
        return NOT_EVALUATED
    if not set(variant.chosen.terms) - NON_REPORTED_TERMS:
        return "no coding, splice or promoter consequence"
    status = variant.observation.somatic_status or ""
    if status.startswith(("germline", "reference")):
        return f"caller says {status.split(' ')[0]}"
    if not accepted_filter(variant.observation.filter, result.dialect):
        return f"FILTER {variant.observation.filter}"
    if variant.observation.genotype in {"0/0", "0|0"} and not variant.observation.alt_depth:
        return "not called in the tumour"
    return None


def accepted_filter(text: str, dialect: Dialect) -> bool:
    """Whether FILTER counts as passed: PASS, missing, or a value the caller's dialect calls a pass (MuSE Tier1…)."""
    return text in {"PASS", ".", ""} or (bool(text) and set(text.split(";")) <= dialect.accepted_filters)


def inputs_of(request: Request) -> Mapping[str, Path]:
    """Files a request reads, by role."""
    named = {"vcf": request.vcf, "fasta": request.fasta, "gff3": request.gff3}
    return {role: path for role, path in named.items() if path is not None}
