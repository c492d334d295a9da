"""Which assembly a VCF belongs to, judged from everything it shows by itself; a FASTA adds REF checks elsewhere.

Three kinds of evidence: declared contig lengths (:mod:`targetboard.vcf.contigs`), REF at curated positions
(:func:`targetboard.vcf.reference.build_evidence`), and where annotated genes lie. Without any of them the assembly is
taken on trust, and the report says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import BuildMismatch
from targetboard.knowledge.records import Gene, KnowledgeBase
from targetboard.model import Allele, Assembly, TranscriptConsequence, VcfHeader
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.contigs import LENGTHS, harmonise, other
from targetboard.vcf.reference import build_evidence

GENES_TO_REFUSE = 2
"""Annotated genes that lie only where the other assembly has them, and none where the stated one has them."""
NEAR_GENE = 5_000
"""Bases around a gene that annotators still call upstream or downstream."""
REMEDY = "Set the assembly of this sample"


@dataclass(slots=True, frozen=True)
class Placement:
    """Annotated genes by the assembly whose coordinates alone fit their alleles."""

    stated: frozenset[str]
    rival: frozenset[str]


def agreeing_contigs(header: VcfHeader, assembly: Assembly) -> int:
    """Number of nuclear chromosomes whose declared length is the assembly's and not the other's."""
    lengths, rivals = LENGTHS[assembly], LENGTHS[other(assembly)]
    count = 0
    for name, length in header.contigs.items():
        chrom = harmonise(name, assembly)
        count += chrom is not None and length == lengths[chrom] and length != rivals[chrom]
    return count


def fits_one_assembly(gene: Gene, allele: Allele) -> Assembly | None:
    """The assembly in which alone the allele lies in or near the gene; None for both, neither or unknown."""
    spans = {name: gene.span(name) for name in Assembly}
    fitting: list[Assembly] = []
    for name, span in spans.items():
        if span is None:
            return None
        if span[0] - NEAR_GENE <= allele.pos <= span[1] + NEAR_GENE:
            fitting.append(name)
    return fitting[0] if len(fitting) == 1 else None


def placement_of(
    alleles: Iterable[tuple[Allele, Sequence[TranscriptConsequence]]], base: KnowledgeBase, assembly: Assembly
) -> Placement:
    """Sort annotated genes by whether their alleles lie in the gene in one assembly only."""
    fits: dict[Assembly, set[str]] = {name: set() for name in Assembly}
    for allele, consequences in alleles:
        for consequence in consequences:
            gene = base.gene(consequence.gene, consequence.hgnc_id)
            if gene is None or gene.chrom != allele.chrom:
                continue
            only = fits_one_assembly(gene, allele)
            if only is not None:
                fits[only].add(gene.gene)
    return Placement(frozenset(fits[assembly]), frozenset(fits[other(assembly)]))


def _fits(allele: Allele, positions: Mapping[tuple[str, int], str]) -> bool:
    """Whether a curated allele begins here with the same bases, over the shorter REF of the two."""
    known = positions.get((allele.chrom, allele.pos))
    return known is not None and (known.startswith(allele.ref) or allele.ref.startswith(known))


def judge_assembly(
    vcf: Path,
    header: VcfHeader,
    base: KnowledgeBase,
    assembly: Assembly,
    places: Sequence[Allele],
    candidates: Sequence[Candidate],
    *,
    sites: int = 0,
    placed: Placement | None = None,
) -> str:
    """Refuse a VCF of the other assembly; else say in one sentence what speaks for the stated one.

    Parameters
    ----------
    vcf
        For the message.
    places
        Every allele of the file, or at least those at curated positions of either assembly.
    candidates
        The alleles that concern knowledge genes, with their annotation.
    sites
        Number of positions in the file, where ``places`` does not hold all of them.
    placed
        What alleles beyond the candidates say.

    Returns
    -------
    str
        "" if nothing in the file speaks for either assembly.

    Raises
    ------
    BuildMismatch
        Curated positions or annotated genes lie where the other assembly has them.
    """
    rival = other(assembly)
    curated = {name: base.alleles.get(name, {}) for name in Assembly}
    positions = {name: {(chrom, pos): ref for chrom, pos, ref, _ in curated[name]} for name in Assembly}
    evidence = build_evidence(places, positions[assembly], positions[rival], sites=sites)
    placement = placement_of(((own.allele, own.consequences) for own in candidates), base, assembly)
    if placed is not None:
        placement = Placement(placement.stated | placed.stated, placement.rival | placed.rival)
    contigs = agreeing_contigs(header, assembly)
    known = sum(_fits(allele, positions[assembly]) and not _fits(allele, positions[rival]) for allele in places)
    foreign = [allele for allele in places if allele.key() in curated[rival] and allele.key() not in curated[assembly]]
    if evidence is None and foreign and not (contigs or known or placement.stated):
        listed = ", ".join(f"{allele.chrom}:{allele.pos} {allele.ref}>{allele.alt}" for allele in foreign[:3])
        evidence = f"curated alleles stand where {rival} has them ({listed}), and nothing speaks for {assembly}"
    if evidence is None and len(placement.rival) >= GENES_TO_REFUSE and not placement.stated:
        evidence = f"{', '.join(sorted(placement.rival))} are annotated where {rival} has these genes"
    if evidence is not None:
        raise BuildMismatch(
            f"the VCF looks like {rival}, although {assembly} is stated: {evidence}", where=str(vcf), remedy=REMEDY
        )
    reasons = []
    if contigs:
        reasons.append(f"{contigs} declared contig lengths are those of {assembly}")
    if known:
        reasons.append(f"{known} alleles lie at curated positions with the REF of {assembly}")
    if placement.stated:
        reasons.append(f"{len(placement.stated)} annotated genes lie where {assembly} has them")
    return "; ".join(reasons)
