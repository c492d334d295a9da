"""Lines in genes of the knowledge base of which their text shows that reading them in full would report nothing.

Most alleles of a genome that lie in a known gene lie in its introns. This module recognises a called Mutect2 allele
all of whose VEP annotations are intronic or otherwise outside coding sequence and splice sites, which is no curated
allele and has no neighbour that it could be read with. Whatever is not as plain as that is read in full.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from targetboard.errors import TargetboardError
from targetboard.knowledge.records import Gene
from targetboard.matching import NON_REPORTED_TERMS, Known
from targetboard.model import Allele, VcfHeader
from targetboard.vcf.assembly_check import fits_one_assembly
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.dialects import recognise, resolve_roles
from targetboard.vcf.normalise import classify_alt, trim
from targetboard.vcf.terms import normalise_terms

NOT_REPORTED = "no coding, splice or promoter consequence"
NEAR = 100
"""Bases to the next kept line; codons and indels are read together over much less."""

_SUBSTITUTION = re.compile(rb"[cn]\.[-*]?\d+(?:[+-]\d+)?([ACGT]+)>([ACGT]+)")
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")
_GENOTYPE = re.compile(rb"(?:[0-9.][/|])?1|1[/|][0-9.]")
_NEEDED = ("Allele", "Consequence", "SYMBOL", "HGVSc", "HGVSp", "Protein_position", "Amino_acids", "Feature_type")
_NO_CALL = (b"RefCall", b"NoCall", b"NOCALL")


class Silent(NamedTuple):
    """An allele that says nothing: the ledger's reason, and genes that lie there in one assembly only."""

    allele: Allele
    reason: str
    stated: frozenset[str]
    rival: frozenset[str]


@dataclass(slots=True)
class SilentLines:
    """Recognises silent lines of one file; made by :meth:`of`."""

    known: Known
    info_key: bytes
    places: dict[str, int]
    tumour: int  # column
    near: int = NEAR

    @classmethod
    def of(
        cls,
        known: Known,
        annotated: AnnotationFormat | None,
        header: VcfHeader,
        tumour_sample: str | None,
        normal_sample: str | None,
    ) -> SilentLines | None:
        """None for files in which silence is not recognised: only VEP's CSQ on Mutect2 calls is."""
        if annotated is None or annotated.kind != "CSQ":
            return None
        try:
            dialect = recognise(header)
            roles = resolve_roles(header, dialect, tumour_sample=tumour_sample, normal_sample=normal_sample)
        except TargetboardError:  # told where the roles are asked for
            return None
        if dialect.name != "mutect2" or roles.tumour is None:
            return None
        if not set(_NEEDED) <= set(annotated.fields) or "ALLELE_NUM" in annotated.fields:
            return None
        if len(set(annotated.fields)) != len(annotated.fields):
            return None
        places = {name: annotated.fields.index(name) for name in (*_NEEDED, "HGNC_ID") if name in annotated.fields}
        return cls(known, annotated.info_id.encode(), places, 9 + header.samples.index(roles.tumour))

    def same_as(self, other: SilentLines | None) -> bool:
        """Whether another one reads the same columns in the same way."""
        return other is not None and (self.info_key, self.places, self.tumour) == (
            other.info_key,
            other.places,
            other.tumour,
        )

    def judge(self, line: bytes, chrom: str, pos: int) -> Silent | None:
        """What the line amounts to if it is silent, else None. ``pos`` is its POS on the harmonised ``chrom``."""
        if b"%" in line or b" " in line or not line.isascii():
            return None
        fields = line.split(b"\t")
        ref, alt = fields[3].upper(), fields[4].upper()
        if not (ref.isalpha() and alt.isalpha()) or classify_alt(ref.decode(), alt.decode(), pos) is not None:
            return None
        if not self._is_called(fields):
            return None
        allele = trim(chrom, pos, ref.decode(), alt.decode())
        if self.known.exact(allele):
            return None
        genes = self._genes(fields[7], ref, alt, allele)
        if genes is None:
            return None
        if len(ref) > len(alt) and any(_has_exon_skipping(self.known, gene.gene) for gene in genes):
            return None
        stated: set[str] = set()
        rival: set[str] = set()
        for gene in genes:
            assembly = fits_one_assembly(gene, allele) if gene.chrom == chrom else None
            if assembly is not None:
                (stated if assembly is self.known.assembly else rival).add(gene.gene)
        return Silent(allele, NOT_REPORTED, frozenset(stated), frozenset(rival))

    def _is_called(self, fields: list[bytes]) -> bool:
        """Whether GT has the allele and AD counts reads with it; no other way of being called is looked for."""
        if any(name in fields[6] for name in _NO_CALL):
            return False
        keys = fields[8].split(b":")
        values = fields[self.tumour].split(b":")
        if len(values) != len(keys) or keys.count(b"GT") != 1 or keys.count(b"AD") != 1:
            return False
        counts = values[keys.index(b"AD")].split(b",")
        return (
            len(counts) == 2
            and counts[0].isdigit()
            and counts[1].isdigit()
            and int(counts[1]) > 0
            and _GENOTYPE.fullmatch(values[keys.index(b"GT")]) is not None
        )

    def _genes(self, info: bytes, ref: bytes, alt: bytes, allele: Allele) -> list[Gene] | None:
        """Genes of the knowledge base that the annotation names, at least one; None if any entry says something."""
        key = self.info_key + b"="
        texts = [item for item in info.split(b";") if item.startswith(key)]
        if len(texts) != 1:
            return None
        place = self.places
        expected = alt if len(ref) == len(alt) else (alt[1:] or b"-")
        if len(ref) != len(alt) and ref[:1] != alt[:1]:
            return None
        snv = len(allele.ref) == len(allele.alt)
        bases = (allele.ref.encode(), allele.alt.encode())
        spelled = (bases, (bases[0].translate(_COMPLEMENT)[::-1], bases[1].translate(_COMPLEMENT)[::-1]))
        last = max(place.values())
        found: dict[str, Gene] = {}
        for entry in texts[0][len(key) :].split(b","):
            row = entry.split(b"|", last + 1)
            if len(row) <= last or row[place["Allele"]] != expected or not _says_nothing(row[place["Consequence"]]):
                return None
            if row[place["HGVSp"]] or row[place["Protein_position"]] or row[place["Amino_acids"]]:
                return None
            if row[place["Feature_type"]] != b"Transcript":
                if row[place["Feature_type"]]:
                    continue
                return None
            coding = row[place["HGVSc"]].rpartition(b":")[2]
            if snv and coding:
                stated = _SUBSTITUTION.fullmatch(coding)
                if stated is None or stated.groups() not in spelled:
                    return None
            hgnc = row[place["HGNC_ID"]] if "HGNC_ID" in place else b""
            symbol = row[place["SYMBOL"]].decode()
            if not symbol:
                return None
            gene = self.known.base.gene(symbol, hgnc.decode())
            if gene is not None:
                if symbol.upper() not in (gene.gene.upper(), *(alias.upper() for alias in gene.aliases)):
                    return None
                found[gene.gene] = gene
        return list(found.values()) or None


@lru_cache(maxsize=4096)
def _says_nothing(consequence: bytes) -> bool:
    """Whether a Consequence holds only terms that bring no variant into the report."""
    terms = normalise_terms(consequence.decode().split("&"))
    return bool(terms) and set(terms) <= NON_REPORTED_TERMS


def _has_exon_skipping(known: Known, gene: str) -> bool:
    """Whether a deletion may matter by its coding position alone."""
    return any(row.event == "exon_skipping" for row in known.base.alterations_by_gene.get(gene, ()))
