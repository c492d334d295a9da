"""Lines in genes of the knowledge base of which their text shows that reading them in full would report nothing.

Most alleles of a genome that lie in a known gene lie in its introns. This module recognises a called Mutect2 allele
all of whose VEP annotations are intronic or otherwise outside coding sequence and splice sites, which is no curated
allele and has no neighbour that it could be read with. Whatever is not as plain as that is read in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from targetboard.errors import TargetboardError
from targetboard.knowledge.records import Gene
from targetboard.matching import NON_REPORTED_TERMS, Known
from targetboard.model import Allele, VcfHeader
from targetboard.vcf.assembly_check import NEAR_GENE
from targetboard.vcf.consequence import AnnotationFormat
from targetboard.vcf.contigs import other
from targetboard.vcf.dialects import recognise, resolve_roles
from targetboard.vcf.normalise import classify_alt, trim
from targetboard.vcf.terms import normalise_terms

NOT_REPORTED = "no coding, splice or promoter consequence"
NEAR = 100
"""Bases to the next kept line; codons and indels are read together over much less."""

_SUBSTITUTION = re.compile(rb"[cn]\.[-*]?\d+(?:[+-]\d+)?([ACGT]+>[ACGT]+)")
_COMPLEMENT = bytes.maketrans(b"ACGT", b"TGCA")
_GENOTYPE = re.compile(rb"(?:[0-9.][/|])?1|1[/|][0-9.]")
_NEEDED = ("Allele", "Consequence", "SYMBOL", "HGVSc", "HGVSp", "Protein_position", "Amino_acids", "Feature_type")
_NO_CALL = (b"RefCall", b"NoCall", b"NOCALL")
# columns captured by their form, each with one group; the others may hold anything
_FORMS = {
    "Consequence": "([^|]*+)",
    "SYMBOL": "([^|]*+)",
    "Feature_type": "([^|]*+)",
    "HGNC_ID": "([^|]*+)",
    "HGVSp": "",
    "Protein_position": "",
    "Amino_acids": "",
}
_ANY = "[^|]*+"
_EXCHANGE = r"(?:(?:[^|:]*+:)?+[cn]\.[-*]?+\d++(?:[+-]\d++)?+([ACGT]+>[ACGT]+))?"
SPEAKS = b"?"
_REMEMBERED = 4096
_NONE: frozenset[str] = frozenset()


class Silent(NamedTuple):
    """An allele that says nothing: the ledger's reason, and genes that lie there in one assembly only."""

    allele: Allele
    reason: str
    stated: frozenset[str]
    rival: frozenset[str]


@dataclass(slots=True, frozen=True, eq=False)
class Place:
    """A gene of the knowledge base: where an allele is in or near it in either assembly, and what its rows ask for."""

    chrom: str
    stated: tuple[int, int]
    rival: tuple[int, int]
    has_exon_skipping: bool
    name: frozenset[str]


_Verdict = tuple[bytes, Place | None]
"""On an entry of the annotation: the exchange of bases it states, ``SPEAKS`` if it says more, and its gene."""


@dataclass(slots=True, frozen=True)
class _Bases:
    """REF and ALT of lines, trimmed; VEP's name of the ALT; the exchanges that HGVSc may state ("" for none).

    Where the length changes, HGVSc is not looked at.
    """

    ref: str
    alt: str
    offset: int
    length_change: int
    expected: bytes
    exchanges: frozenset[bytes]


@dataclass(slots=True)
class SilentLines:
    """Recognises silent lines of one file; made by :meth:`of`."""

    known: Known
    info_key: bytes
    places: dict[str, int]
    tumour: int  # column
    near: int = NEAR
    _curated: Mapping[tuple[str, int, str, str], object] = field(init=False, repr=False, compare=False)
    _substitutions: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    _indels: re.Pattern[bytes] = field(init=False, repr=False, compare=False)
    _order: dict[str, int] = field(init=False, repr=False, compare=False)  # of the groups of the patterns
    # What was seen before: REF with ALT; FORMAT with its number of values and places of GT and AD; entries of the
    # annotation by what the patterns capture, with the exchange they state and their gene; genes.
    _bases: dict[tuple[bytes, bytes], _Bases | None] = field(default_factory=dict, repr=False, compare=False)
    _formats: dict[bytes, tuple[int, int, int] | None] = field(default_factory=dict, repr=False, compare=False)
    _verdicts: dict[tuple[bytes, ...], _Verdict] = field(default_factory=dict, repr=False, compare=False)
    _genes: dict[tuple[bytes, bytes], tuple[bool, Place | None]] = field(
        default_factory=dict, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        self._curated = self.known.base.alleles.get(self.known.assembly, {})
        captured = sorted((place, name) for name, place in self.places.items() if name == "HGVSc" or _FORMS.get(name))
        self._order = {name: number for number, (_, name) in enumerate(captured)}
        self._substitutions = _entry_pattern(self.places, _EXCHANGE)
        self._indels = _entry_pattern(self.places, f"{_ANY}()")

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
        return cls(known, f"{annotated.info_id}=".encode(), places, 9 + header.samples.index(roles.tumour))

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
        spelling = (fields[3], fields[4])
        if spelling not in self._bases:
            if len(self._bases) >= _REMEMBERED:
                self._bases.clear()
            self._bases[spelling] = _bases_of(fields[3].upper(), fields[4].upper())
        bases = self._bases[spelling]
        if bases is None or pos < 1 or not self._is_called(fields):
            return None
        place = pos + bases.offset
        key = (chrom, place, bases.ref, bases.alt)
        if key in self._curated:
            return None
        genes = self._genes_of(fields[7], bases)
        stated = rival = _NONE
        for gene in genes:
            if bases.length_change < 0 and gene.has_exon_skipping:
                return None
            if gene.chrom == chrom:
                fits_stated = gene.stated[0] <= place <= gene.stated[1]
                fits_rival = gene.rival[0] <= place <= gene.rival[1]
                if fits_stated and not fits_rival:
                    stated |= gene.name
                elif fits_rival and not fits_stated:
                    rival |= gene.name
        return Silent(Allele(*key), NOT_REPORTED, stated, rival) if genes else None

    def _is_called(self, fields: list[bytes]) -> bool:
        """Whether GT has the allele and AD counts reads with it; no other way of being called is looked for."""
        layout = self.format_layout(fields[8])
        if layout is None or is_no_call(fields[6]):
            return False
        width, genotype, depths = layout
        values = fields[self.tumour].split(b":")
        if len(values) != width:
            return False
        reference, _, alternate = values[depths].partition(b",")
        return (
            reference.isdigit()
            and alternate.isdigit()
            and alternate.strip(b"0") != b""
            and _has_allele(values[genotype])
        )

    def format_layout(self, names: bytes) -> tuple[int, int, int] | None:
        """Number of values that a FORMAT names, and places of GT and AD; None where one of them does not stand once."""
        if names not in self._formats:
            if len(self._formats) >= _REMEMBERED:
                self._formats.clear()
            self._formats[names] = _format_layout(names)
        return self._formats[names]

    def _genes_of(self, info: bytes, bases: _Bases) -> set[Place]:
        """Genes of the knowledge base that the annotation names; none if any entry says something."""
        start = info.find(self.info_key)
        if start < 0:
            return set()
        if (start and info[start - 1 : start] != b";") or info.find(self.info_key, start + 1) >= 0:
            return self._genes_by_column(info, bases)
        if start and self.info_key[:-1] in info[: start - 1].split(b";"):
            return set()  # of a key that stands twice the first counts, which is empty
        start += len(self.info_key)
        end = info.find(b";", start)
        end = end if end >= 0 else len(info)
        pattern = self._indels if bases.length_change else self._substitutions
        entries: list[tuple[bytes, ...]] = pattern.findall(info, start - 1, end)
        # each entry was found if there are as many as there are signs that begin one
        commas = info.count(b",", start, end)
        if len(entries) != commas + 1 or self.places["Allele"] or info.find(b"=", start, end) >= 0:
            return self._genes_by_column(info, bases)
        begin = bases.expected + b"|"
        if not info.startswith(begin, start) or info.count(b"," + begin, start, end) != commas:
            return set()
        found: set[Place] = set()
        before: tuple[bytes, ...] = ()
        for entry in entries:
            if entry == before:  # transcripts of one gene differ in what is not looked at
                continue
            before = entry
            exchange, gene = self._verdicts.get(entry) or self._verdict_of(entry)
            if exchange not in bases.exchanges:
                return set()
            if gene is not None:
                found.add(gene)
        return found

    def _genes_by_column(self, info: bytes, bases: _Bases) -> set[Place]:
        """The same where entries are not all of the common form."""
        items = info.split(b";")
        texts = [item for item in items if item.startswith(self.info_key)]
        if len(texts) != 1 or self.info_key[:-1] in items:
            return set()
        last = max(self.places.values())
        found: set[Place] = set()
        for entry in texts[0].removeprefix(self.info_key).split(b","):
            row = entry.split(b"|", last + 1)
            if len(row) <= last:
                return set()
            told = {name: row[place] for name, place in self.places.items()}
            if told["Allele"] != bases.expected or told["HGVSp"] or told["Protein_position"] or told["Amino_acids"]:
                return set()
            coding = told["HGVSc"].rpartition(b":")[2] if not bases.length_change else b""
            stated = _SUBSTITUTION.fullmatch(coding)
            exchange, gene = self.verdict(
                told["Consequence"],
                told["Feature_type"],
                told["SYMBOL"],
                told.get("HGNC_ID", b""),
                stated[1] if stated is not None else coding and SPEAKS,
            )
            if exchange not in bases.exchanges:
                return set()
            if gene is not None:
                found.add(gene)
        return found

    def _verdict_of(self, entry: tuple[bytes, ...]) -> _Verdict:
        """The verdict on what a pattern captured, for the first time."""
        if len(self._verdicts) >= _REMEMBERED:
            self._verdicts.clear()
        order = self._order
        verdict = self.verdict(
            entry[order["Consequence"]],
            entry[order["Feature_type"]],
            entry[order["SYMBOL"]],
            entry[order["HGNC_ID"]] if "HGNC_ID" in order else b"",
            entry[order["HGVSc"]],
        )
        self._verdicts[entry] = verdict
        return verdict

    def verdict(self, consequence: bytes, feature: bytes, symbol: bytes, hgnc: bytes, exchange: bytes) -> _Verdict:
        """The exchange of bases that an entry without protein change rests on, and its gene, if it says nothing."""
        if not _says_nothing(consequence) or not feature:
            return (SPEAKS, None)
        if feature != b"Transcript":
            return (b"", None)
        named = (symbol, hgnc)
        if named not in self._genes:
            if len(self._genes) >= _REMEMBERED:
                self._genes.clear()
            self._genes[named] = self._gene(symbol.decode(), hgnc.decode())
        is_clear, gene = self._genes[named]
        return (exchange if is_clear else SPEAKS, gene)

    def _gene(self, symbol: str, hgnc: str) -> tuple[bool, Place | None]:
        """Whether symbol and HGNC id name one gene, and that gene if it is one of the knowledge base."""
        gene = self.known.base.gene(symbol, hgnc) if symbol else None
        if gene is None:
            return bool(symbol), None
        names = {gene.gene.upper(), *(alias.upper() for alias in gene.aliases)}
        return symbol.upper() in names, self._place(gene)

    def _place(self, gene: Gene) -> Place:
        """What is looked at of a gene; see :func:`targetboard.vcf.assembly_check.fits_one_assembly`."""
        stated, rival = gene.span(self.known.assembly), gene.span(other(self.known.assembly))
        if stated is None or rival is None:
            stated = rival = (1, 0)  # the same in both tells nothing
        return Place(
            gene.chrom,
            (stated[0] - NEAR_GENE, stated[1] + NEAR_GENE),
            (rival[0] - NEAR_GENE, rival[1] + NEAR_GENE),
            _has_exon_skipping(self.known, gene.gene),
            frozenset({gene.gene}),
        )


def _entry_pattern(places: Mapping[str, int], coding: str) -> re.Pattern[bytes]:
    """Finds entries without protein change, each behind its comma or "=", whose HGVSc has the form ``coding``."""
    forms = {place: coding if name == "HGVSc" else _FORMS.get(name, _ANY) for name, place in places.items()}
    columns = [forms.get(place, _ANY) for place in range(max(forms) + 1)]
    columns[-1] = columns[-1].replace("[^|]", "[^|,]")
    return re.compile(f"[=,]{'[|]'.join(columns)}[^,]*+".encode())


def _bases_of(ref: bytes, alt: bytes) -> _Bases | None:
    """None where REF and ALT in capitals are no small variant, or an indel that VEP may name in another way."""
    if not (ref.isalpha() and alt.isalpha()) or classify_alt(ref.decode(), alt.decode()) is not None:
        return None
    length_change = len(alt) - len(ref)
    if length_change and ref[:1] != alt[:1]:
        return None
    allele = trim("", 0, ref.decode(), alt.decode())
    exchanges = {b""}
    if not length_change:
        before, after = allele.ref.encode(), allele.alt.encode()
        exchanges.add(before + b">" + after)
        exchanges.add(before.translate(_COMPLEMENT)[::-1] + b">" + after.translate(_COMPLEMENT)[::-1])
    expected = (alt[1:] or b"-") if length_change else alt
    return _Bases(allele.ref, allele.alt, allele.pos, length_change, expected, frozenset(exchanges))


def _format_layout(names: bytes) -> tuple[int, int, int] | None:
    """Number of values, and places of GT and AD; None where one of them does not stand once."""
    keys = names.split(b":")
    if keys.count(b"GT") != 1 or keys.count(b"AD") != 1:
        return None
    return len(keys), keys.index(b"GT"), keys.index(b"AD")


@lru_cache(maxsize=_REMEMBERED)
def is_no_call(filters: bytes) -> bool:
    """Whether a FILTER says that nothing was called."""
    return any(name in filters for name in _NO_CALL)


@lru_cache(maxsize=_REMEMBERED)
def _has_allele(genotype: bytes) -> bool:
    return _GENOTYPE.fullmatch(genotype) is not None


@lru_cache(maxsize=_REMEMBERED)
def _says_nothing(consequence: bytes) -> bool:
    """Whether a Consequence holds only terms that bring no variant into the report."""
    terms = normalise_terms(consequence.decode().split("&"))
    return bool(terms) and set(terms) <= NON_REPORTED_TERMS


def _has_exon_skipping(known: Known, gene: str) -> bool:
    """Whether a deletion may matter by its coding position alone."""
    return any(row.event == "exon_skipping" for row in known.base.alterations_by_gene.get(gene, ()))
