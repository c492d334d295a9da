"""A variant as a person or a table names it, without a VCF: coordinates, a protein change, or a coding change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from targetboard.errors import UsageError
from targetboard.knowledge.match import match
from targetboard.knowledge.records import Gene
from targetboard.matching import Known
from targetboard.model import Allele, Assembly, InputAllele, Observation, TranscriptConsequence, Variant
from targetboard.vcf.consequence import choose
from targetboard.vcf.contigs import harmonise
from targetboard.vcf.hgvs import parse_protein, split_accession
from targetboard.vcf.implied import implied_consequence, placeholder_allele
from targetboard.vcf.normalise import classify_alt, trim
from targetboard.vcf.terms import normalise_terms
from targetboard.vcf.transcripts import Fetch

COORDINATES = re.compile(
    r"(?P<chrom>[A-Za-z0-9_.]+)[:\-](?P<pos>\d+)[:\-](?P<ref>[ACGTNacgtn]+)[:\->](?P<alt>[ACGTNacgtn]+)"
)
NAMED = re.compile(r"(?P<gene>[A-Za-z0-9-]+)[ :](?P<change>\S+)")
_SPLICE_SITE = re.compile(r"c\.\*?-?(\d+)([+-])([12])(?!\d).*")
_MAF_SPLICE = re.compile(r"(?:p\.)?X(\d+)_splice")
_SHOUTED_FRAMESHIFT = re.compile(r"FS(?=(?:\*|Ter)?\d*$)")
_EXON = re.compile(r"(\d+)(?:/(\d+))?")
UNKNOWN_SITE = "splice_site_variant"

# Variant_Classification of MAF files, in Sequence Ontology terms; in-frame and frameshift are told apart by name.
MAF_CLASSES: Mapping[str, str] = {
    "missense_mutation": "missense_variant",
    "nonsense_mutation": "stop_gained",
    "frame_shift_del": "frameshift_variant",
    "frame_shift_ins": "frameshift_variant",
    "in_frame_del": "inframe_deletion",
    "in_frame_ins": "inframe_insertion",
    "silent": "synonymous_variant",
    "nonstop_mutation": "stop_lost",
    "translation_start_site": "start_lost",
    "splice_site": UNKNOWN_SITE,
    "splice_region": "splice_region_variant",
    "intron": "intron_variant",
    "5'utr": "5_prime_UTR_variant",
    "3'utr": "3_prime_UTR_variant",
    "5'flank": "upstream_gene_variant",
    "3'flank": "downstream_gene_variant",
    "rna": "non_coding_transcript_exon_variant",
}


@dataclass(slots=True, frozen=True)
class Asked:
    """What is known of a variant, as text; "" for what is not. ``pos`` is 1-based; ``ref`` or ``alt`` may be ``-``."""

    gene: str = ""
    hgvsp: str = ""
    hgvsc: str = ""
    chrom: str = ""
    pos: str = ""
    ref: str = ""
    alt: str = ""
    consequence: str = ""
    exon: str = ""
    transcript: str = ""


def parse_asked(text: str) -> Asked:
    """Read ``7:140453136:A:T``, ``BRAF p.V600E`` or ``TERT c.-124C>T``.

    Raises
    ------
    UsageError
        If the text is none of these.
    """
    coordinates = COORDINATES.fullmatch(text.strip())
    if coordinates:
        return Asked(chrom=coordinates["chrom"], pos=coordinates["pos"], ref=coordinates["ref"], alt=coordinates["alt"])
    named = NAMED.fullmatch(text.strip())
    if named is None:
        raise UsageError(
            f"{text!r} is neither coordinates nor a protein change",
            where=text,
            remedy='Write 7:140453136:A:T or "BRAF p.V600E"',
        )
    change = named["change"]
    if split_accession(change)[1].startswith("c."):
        return Asked(gene=named["gene"], hgvsc=change)
    return Asked(gene=named["gene"], hgvsp=change)


def asked_variant(
    asked: Asked,
    known: Known,
    computed: Sequence[TranscriptConsequence] = (),
    place: int = 0,
    allele: Allele | None = None,
) -> Variant:
    """Build the variant as if a VCF had named it, and match it.

    Parameters
    ----------
    asked
        What is known.
    known
        Knowledge base and assembly.
    computed
        Consequences computed from reference and gene models; used where no protein change is given.
    place
        Number of the line or record it comes from.
    allele
        The allele of the coordinates where it was left-aligned already.

    Raises
    ------
    UsageError
        If a gene is unknown, or neither place nor change can be read.
    """
    base, assembly = known.base, known.assembly
    allele = allele or allele_of(asked, assembly)
    gene = base.gene(asked.gene) if asked.gene else None
    if asked.gene and gene is None:
        raise UsageError(
            f"gene {asked.gene!r} is not in the knowledge base",
            where=_shown(asked),
            remedy="Only genes of resources/knowledge/genes.tsv can be classified",
        )
    if allele is None and gene is not None:
        allele = _curated_allele(gene, asked, known)
    exact = known.exact(allele) if allele is not None else ()
    if gene is None and allele is not None:
        at = known.genes_at(allele)
        gene = base.genes[base.alterations[exact[0].alteration_id].gene] if exact else at[0] if at else None
    own = [found for found in computed if gene is not None and base.gene(found.gene, found.hgnc_id) is gene]
    chosen = _consequence(asked, gene, [row.hgvsp for row in exact], [row.hgvsc for row in exact], own, known)
    if allele is None:
        if gene is None or chosen is None:
            raise UsageError(
                f"{_shown(asked)!r} is no protein change, no known coding change and no place",
                where=_shown(asked),
                remedy="Write it as p.V600E, p.Val600Glu, c.1799T>A or CHROM:POS:REF:ALT",
            )
        allele = placeholder_allele(chosen.hgvsp, gene.chrom) if chosen.hgvsp else Allele(gene.chrom, 0, "N", "N")
    consequences = tuple(own) or ((chosen,) if chosen else ())
    found = match(base, assembly, allele, chosen, consequences)
    return Variant(
        allele,
        InputAllele(place, place, allele.chrom, allele.pos, allele.ref, allele.alt, 0),
        Observation(None, "not available: no VCF was read", None, None, ""),
        consequences,
        chosen=chosen,
        gene=gene.gene if gene is not None else "",
        matches=found.matches,
        near_misses=found.near_misses,
        notes=(f"read as {allele.chrom}:{allele.pos} {allele.ref}>{allele.alt}, its one curated allele",)
        if asked.hgvsp and not asked.pos and exact
        else (),
    )


def _shown(asked: Asked) -> str:
    place = f"{asked.chrom}:{asked.pos}:{asked.ref}:{asked.alt}" if asked.chrom else ""
    return " ".join(part for part in (asked.gene, asked.hgvsp or asked.hgvsc or place) if part)


def allele_of(asked: Asked, assembly: Assembly, fetch: Fetch | None = None) -> Allele | None:
    """The allele of the coordinates; None where there are none, or where a base in front of ``-`` would be needed.

    ``-`` is read as MAF files write it: a deletion starts at its first base, an insertion follows its position.

    Raises
    ------
    UsageError
        If the coordinates cannot be read.
    """
    if not (asked.chrom and asked.pos and asked.ref and asked.alt):
        return None
    if "-" in (asked.ref, asked.alt):
        return _anchored(asked, assembly, fetch)
    chrom = harmonise(asked.chrom, assembly)
    if chrom is None:
        raise UsageError(f"chromosome {asked.chrom!r} is not known", where=_shown(asked), remedy="Use 1-22, X, Y or MT")
    reason = classify_alt(asked.ref, asked.alt)
    if not asked.pos.isdecimal() or reason is not None:
        raise UsageError(
            f"{_shown(asked)!r} is no small variant", where=_shown(asked), remedy="Write REF and ALT as bases"
        )
    return trim(chrom, int(asked.pos), asked.ref.upper(), asked.alt.upper())


def _anchored(asked: Asked, assembly: Assembly, fetch: Fetch | None) -> Allele | None:
    """The allele of an indel written with ``-``, where the base in front of it is known."""
    chrom = harmonise(asked.chrom, assembly)
    if fetch is None or chrom is None or not asked.pos.isdecimal() or asked.ref == asked.alt:
        return None
    pos = int(asked.pos) - (1 if asked.alt == "-" else 0)
    base = fetch(chrom, pos, pos) if pos > 0 else ""
    if base not in ("A", "C", "G", "T"):
        return None
    ref, alt = (base + text.strip("-").upper() for text in (asked.ref, asked.alt))
    return trim(chrom, pos, ref, alt) if classify_alt(ref, alt) is None else None


def _curated_allele(gene: Gene, asked: Asked, known: Known) -> Allele | None:
    """The one curated allele of a coding change (``TERT c.-124C>T``); None where there is none or several.

    A protein change stands for an allele only where a row is curated by alleles alone (a neutral polymorphism, a change
    of splicing): there its name alone would match nothing.
    """
    coding = split_accession(asked.hgvsc)[1] if asked.hgvsc else ""
    change = None if coding else parse_protein(asked.hgvsp.strip())
    rows = known.base.alleles_by_alteration.get(known.assembly, {}) if coding or change is not None else {}
    found = {
        Allele(row.chrom, row.pos, row.ref, row.alt)
        for alteration in known.base.alterations_by_gene.get(gene.gene, ())
        for row in rows.get(alteration.alteration_id, ())
        if (row.hgvsc == coding if coding else not alteration.protein_changes and parse_protein(row.hgvsp) == change)
    }
    return found.pop() if len(found) == 1 else None


def _consequence(
    asked: Asked,
    gene: Gene | None,
    known_proteins: list[str],
    known_codings: list[str],
    computed: list[TranscriptConsequence],
    known: Known,
) -> TranscriptConsequence | None:
    """What the variant does, by what is stated first: protein change, terms, splice position, curated allele."""
    if gene is None:
        return None
    transcript = asked.transcript or gene.transcript_refseq or gene.transcript_ensembl
    coding = split_accession(asked.hgvsc)[1] if asked.hgvsc else ""
    terms = _stated_terms(asked.consequence)
    protein = _SHOUTED_FRAMESHIFT.sub("fs", asked.hgvsp.strip())
    splice = _MAF_SPLICE.fullmatch(protein)
    chosen: TranscriptConsequence | None = None
    if protein and not splice:
        chosen = implied_consequence(gene.gene, transcript, protein, "", coding)
        if chosen is not None and "start_lost" in terms:
            chosen = replace(chosen, terms=terms)
    if chosen is None and coding and (site := _SPLICE_SITE.fullmatch(coding)):
        term = "splice_donor_variant" if site[2] == "+" else "splice_acceptor_variant"
        codon = (int(site[1]) + 2) // 3
        chosen = TranscriptConsequence(gene.gene, transcript, (term,), "", hgvsc=coding, codon=codon)
    if chosen is None and splice:
        chosen = _splice_site(gene, transcript, int(splice[1]), known)
    if chosen is None and terms:
        chosen = TranscriptConsequence(gene.gene, transcript, terms, "", hgvsc=coding)
    if chosen is None and computed:
        return choose(computed, gene)[0]
    if chosen is None and known_proteins:
        chosen = implied_consequence(gene.gene, transcript, known_proteins[0], "knowledge", known_codings[0])
    exon = _EXON.fullmatch(asked.exon)
    if chosen is not None and exon:
        chosen = replace(chosen, exon=int(exon[1]), exon_total=int(exon[2]) if exon[2] else None)
    return chosen


def _splice_site(gene: Gene, transcript: str, codon: int, known: Known) -> TranscriptConsequence:
    """A splice site named by the codon beside it: its side is known where a curated exon begins or ends there."""
    for alteration in known.base.alterations_by_gene.get(gene.gene, ()):
        if alteration.event != "exon_skipping" or alteration.exon is None:
            continue
        if codon == alteration.codon_first:
            term, intron = "splice_acceptor_variant", alteration.exon - 1
        elif codon == alteration.codon_last:
            term, intron = "splice_donor_variant", alteration.exon
        else:
            continue
        return TranscriptConsequence(gene.gene, transcript, (term,), "", intron=intron, codon=codon)
    return TranscriptConsequence(gene.gene, transcript, (UNKNOWN_SITE,), "", codon=codon)


def _stated_terms(text: str) -> tuple[str, ...]:
    """Sequence Ontology terms of a consequence as VEP, SnpEff or a MAF states it."""
    if not text:
        return ()
    if text.casefold() in MAF_CLASSES:
        return (MAF_CLASSES[text.casefold()],)
    return normalise_terms(re.split(r"[&,;+]", text))
