"""Running cases through the pipeline: small VCFs are written, read back, matched, and judged against the case.

Annotation text is written here as VEP would write it; alleles go in without annotation, with FASTA and GFF3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import quote

from targetboard.knowledge.match import match
from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.knowledge_proofs import spelling
from targetboard.knowledge_proofs.cases import EXONS_ANNOTATED, Case, Residues
from targetboard.knowledge_proofs.gene_models import waves
from targetboard.knowledge_proofs.spelling import Change, read_canonical
from targetboard.model import Allele, Assembly, Variant
from targetboard.pipeline import read_variants
from targetboard.request import Request, SampleVariants

FIELDS = (
    "Allele",
    "Consequence",
    "SYMBOL",
    "Feature_type",
    "Feature",
    "BIOTYPE",
    "EXON",
    "INTRON",
    "HGVSc",
    "HGVSp",
)
_CSQ = f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations. Format: {"|".join(FIELDS)}">'
_HEAD = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"
UNPLACED = 1_000_000
CODON_REACH = 6
"""Bases that keep two alleles of unknown codons out of one codon, and out of each other's repeats."""
_TERMS: Mapping[str, str] = {
    spelling.SUBSTITUTION: "missense_variant",
    spelling.NONSENSE: "stop_gained",
    spelling.SYNONYMOUS: "synonymous_variant",
    spelling.DELETION: "inframe_deletion",
    spelling.DUPLICATION: "inframe_insertion",
    spelling.INSERTION: "inframe_insertion",
    spelling.FRAMESHIFT: "frameshift_variant",
    spelling.START_LOST: "start_lost",
    spelling.STOP_LOST: "stop_lost",
    spelling.SPLICE_ACCEPTOR: "splice_acceptor_variant",
    spelling.SPLICE_DONOR: "splice_donor_variant",
    spelling.SPLICE_REGION: "splice_region_variant&intron_variant",
    spelling.EXON_LOSS: "splice_acceptor_variant&splice_donor_variant&coding_sequence_variant&intron_variant",
}


@dataclass(slots=True, frozen=True)
class ReferenceFiles:
    """FASTA (with index) and GFF3 of one assembly."""

    fasta: Path
    gff3: Path


@dataclass(slots=True, frozen=True)
class Outcome:
    """What the pipeline made of one case; ``tried`` is the HGVS text or the allele that went in.

    ``problem`` is "" for a proof that holds. ``variant`` is None where the pipeline reported none.
    """

    case: Case
    assembly: Assembly
    tried: str
    problem: str
    variant: Variant | None


def rules_only(kb: KnowledgeBase) -> KnowledgeBase:
    """The knowledge base without exact alleles, so that only the rule of a row can match."""
    return replace(kb, alleles={name: {} for name in Assembly}, alleles_by_alteration={name: {} for name in Assembly})


def run_text(
    kb: KnowledgeBase, assembly: Assembly, cases: Iterable[Case], residues: Residues, workdir: Path
) -> list[Outcome]:
    """Prove cases by annotation text: every spelling of a positive, the first spelling of a near miss."""
    lines: list[str] = []
    records: dict[tuple[str, Change, int | None, str], int] = {}
    tried: list[tuple[Case, str, int]] = []
    for case in cases:
        gene = kb.genes[case.gene]
        texts = [case.spelled] if case.spelled else spelling.spellings(case.change, partial(residues.at, case.gene))
        for text in texts if case.expected else texts[:1]:
            key = (case.gene, case.change, case.exon, text)
            if key not in records:
                records[key] = len(records) + 1
                position = (gene.span(assembly) or (UNPLACED, 0))[0] + records[key]
                lines.append(_annotated_line(gene, position, case, text))
            tried.append((case, text or case.change.kind, records[key]))
    sample = _read(kb, assembly, [_CSQ, _HEAD, *lines], workdir)
    variants = {variant.input.record: variant for variant in sample.variants}
    return [_judged(case, assembly, text, variants.get(number), residues) for case, text, number in tried]


def run_alleles(
    kb: KnowledgeBase,
    assembly: Assembly,
    files: ReferenceFiles,
    items: Sequence[tuple[Case, Allele]],
    residues: Residues,
    workdir: Path,
) -> list[Outcome]:
    """Prove cases by alleles, read with FASTA and GFF3; every distinct allele goes in once."""
    places: dict[Allele, tuple[str, int]] = {}
    for case, allele in items:
        places.setdefault(allele, (case.gene, case.change.start))
    alleles = list(places)
    variants: dict[Allele, Variant] = {}
    for wave in waves(alleles, list(places.values())):
        variants.update(_run_group(kb, assembly, [alleles[index] for index in wave], workdir, files))
    return [_judged(case, assembly, allele_name(allele), variants.get(allele), residues) for case, allele in items]


def run_coordinates(
    kb: KnowledgeBase, assembly: Assembly, alleles: Sequence[Allele], workdir: Path, files: ReferenceFiles | None = None
) -> dict[Allele, Variant]:
    """Variants that the pipeline reports of alleles without annotation, by the allele that went in."""
    places = [(allele.chrom, allele.pos) for allele in alleles]
    groups = waves(alleles, places, reach=CODON_REACH) if files is not None else [list(range(len(alleles)))]
    variants: dict[Allele, Variant] = {}
    for group in groups:
        variants.update(_run_group(kb, assembly, [alleles[index] for index in group], workdir, files))
    return variants


def _run_group(
    kb: KnowledgeBase, assembly: Assembly, alleles: Sequence[Allele], workdir: Path, files: ReferenceFiles | None
) -> dict[Allele, Variant]:
    sample = _read(kb, assembly, [_HEAD, *map(_plain_line, alleles)], workdir, files)
    return {alleles[variant.input.record - 1]: variant for variant in sample.variants}


def matched_ids(variant: Variant | None) -> frozenset[str]:
    """Alterations that a variant matches."""
    return frozenset(found.alteration_id for found in variant.matches) if variant is not None else frozenset()


def rematch(kb: KnowledgeBase, assembly: Assembly, variant: Variant) -> frozenset[str]:
    """Alterations of another knowledge base that an already read variant matches."""
    own = tuple(c for c in variant.consequences if kb.gene(c.gene, c.hgnc_id) is kb.genes.get(variant.gene))
    found = match(kb, assembly, variant.allele, variant.chosen, own)
    return frozenset(one.alteration_id for one in found.matches)


def _read(
    kb: KnowledgeBase, assembly: Assembly, lines: Sequence[str], workdir: Path, files: ReferenceFiles | None = None
) -> SampleVariants:
    path = workdir / "proofs.vcf"
    path.write_text("\n".join(["##fileformat=VCFv4.2", *lines, ""]), encoding="ascii")
    fasta, gff3 = (files.fasta, files.gff3) if files is not None else (None, None)
    try:
        return read_variants(Request(path, assembly, fasta=fasta, gff3=gff3), kb, workdir)
    finally:
        path.unlink()


def allele_name(allele: Allele) -> str:
    """An allele as a message prints it."""
    return f"{allele.chrom}:{allele.pos} {allele.ref}>{allele.alt}"


def _plain_line(allele: Allele) -> str:
    return f"{allele.chrom}\t{allele.pos}\t.\t{allele.ref}\t{allele.alt}\t.\tPASS\t."


def _annotated_line(gene: Gene, position: int, case: Case, hgvsp: str) -> str:
    """A record of the right length whose meaning stands in its annotation alone."""
    change = case.change
    ref, alt = _bases(change)
    stated = (alt[1:] or "-") if len(ref) != len(alt) and ref[0] == alt[0] else alt
    exon = f"{case.exon}/{EXONS_ANNOTATED}" if case.exon is not None and change.kind not in spelling.SPLICED else ""
    intron, hgvsc = "", ""
    if change.kind == spelling.EXON_LOSS:
        exon = f"{change.intron}/{EXONS_ANNOTATED}"
    elif change.kind in spelling.SPLICED:
        intron = f"{change.intron or 3}/{EXONS_ANNOTATED - 1}"
        offset = {spelling.SPLICE_ACCEPTOR: "-1", spelling.SPLICE_REGION: "+4"}.get(change.kind, "+1")
        base = 3 * change.start - 2 if change.kind == spelling.SPLICE_ACCEPTOR else 3 * change.start
        hgvsc = f"c.{base}{offset}{ref}>{alt}"
    values = {
        "Allele": stated,
        "Consequence": _terms(change),
        "SYMBOL": gene.gene,
        "Feature_type": "Transcript",
        "Feature": (gene.transcript_ensembl or gene.transcript_refseq).partition(".")[0],
        "BIOTYPE": "protein_coding",
        "EXON": exon,
        "INTRON": intron,
        "HGVSc": hgvsc,
        "HGVSp": quote(hgvsp, safe=":.()*_>?+-"),
    }
    text = "|".join(values.get(name, "") for name in FIELDS)
    return f"{gene.chrom}\t{position}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={text}"


def _terms(change: Change) -> str:
    if change.kind == spelling.DELINS:
        net = change.net_residues
        terms = "inframe_insertion" if net > 0 else "inframe_deletion" if net < 0 else "missense_variant"
        return f"stop_gained&{terms}" if "*" in change.alt else terms
    return _TERMS[change.kind]


def _bases(change: Change) -> tuple[str, str]:
    """REF and ALT of the right length; the bases themselves mean nothing."""
    span = 3 * (change.end - change.start + 1)
    match change.kind:
        case "deletion":
            return "A" + "C" * span, "A"
        case "duplication":
            return "A", "A" + "C" * span
        case "insertion":
            return "A", "A" + "C" * 3 * len(change.alt)
        case "delins":
            return "C" * span, "G" * 3 * len(change.alt)
        case "frameshift":
            return "A", "AC"
        case "exon loss":
            return "A" + "C" * 160, "A"
        case _:
            return "G", "T"


def _judged(case: Case, assembly: Assembly, tried: str, variant: Variant | None, residues: Residues) -> Outcome:
    matched = case.alteration_id in matched_ids(variant)
    problem = ""
    if case.expected and not matched:
        problem = f"{case.what} is not matched ({_why_not(case, variant)})"
    elif matched and not case.expected:
        problem = f"{case.what} is matched, but must not be"
    elif variant is None and not case.expected and case.change.kind != spelling.SPLICE_REGION:
        problem = f"{case.what} was not read, so it proves nothing"
    elif matched and not _states(case, variant, residues):
        stated = variant.chosen.hgvsp if variant is not None and variant.chosen is not None else ""
        problem = f"{case.what} is matched, but as {stated or 'no protein change'}"
    return Outcome(case, assembly, tried, problem, variant)


def _why_not(case: Case, variant: Variant | None) -> str:
    if variant is None:
        return "not reported"
    said = [miss.reason for miss in variant.near_misses if miss.alteration_id == case.alteration_id]
    read = variant.chosen.hgvsp or "&".join(variant.chosen.terms) if variant.chosen is not None else "not read"
    return said[0] if said else f"read as {variant.gene} {read}"


def _states(case: Case, variant: Variant | None, residues: Residues) -> bool:
    """Whether the variant states the protein change that was meant, in whatever spelling."""
    change = case.change
    if change.kind in spelling.SPLICED | {spelling.STOP_LOST}:
        return True
    chosen = variant.chosen if variant is not None else None
    read = read_canonical(chosen.hgvsp) if chosen is not None else None
    if read is None:
        return False
    if change.kind == spelling.FRAMESHIFT:
        return (read.kind, read.start) == (change.kind, change.start)
    return spelling.same_protein(change, read, residues.windows(case.gene))
