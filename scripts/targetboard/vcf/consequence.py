"""Read the annotation a VCF already carries: VEP CSQ, SnpEff ANN and EFF, bcftools BCSQ.

The order of the sub-fields comes from the header of each file, never from here: real files differ. What cannot be
assigned to an allele with confidence is left out, so that the allele counts as not annotated rather than as wrongly
annotated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import Literal, Protocol

from targetboard.model import SourceRecord, TranscriptConsequence, VcfHeader
from targetboard.vcf.hgvs import ProteinChange, ProteinKind, format_protein, parse_protein, split_accession
from targetboard.vcf.terms import normalise_terms, severity

Kind = Literal["CSQ", "ANN", "BCSQ", "EFF"]

_ORDER: tuple[Kind, ...] = ("CSQ", "ANN", "BCSQ", "EFF")
_CSQ_USED = frozenset(
    {"SYMBOL", "Feature", "Feature_type", "Consequence", "HGVSc", "HGVSp", "EXON", "INTRON", "BIOTYPE"}
)
# texts of one column recur from transcript to transcript and from record to record
_REMEMBERED = 4096
_INFO_LINE = re.compile(r"INFO=<ID=([^,>]+),(.*)>?\s*$")
_FORMAT = re.compile(r"[Ff]ormat:\s*(.*)")
_EFF_ENTRY = re.compile(r"([^()|]+)\((.*)\)")
_PERCENT = re.compile("%(3A|3B|3D|25|2C|0D|0A|09|7C)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_DNA_CHANGE = re.compile(r"(\d+)([ACGTN]+)>([ACGTN]+)", re.IGNORECASE)
_BCSQ_RESIDUES = re.compile(r"(\d+)([A-Z*]+)(?:>(\d+)([A-Z*]+))?")
# Alleles of SnpEff's cancer mode ("G-C", genotype "2-1") compare the tumour with the normal's allele, not with REF.
_CANCER_ALLELE = re.compile(r"[A-Za-z0-9]+-[A-Za-z0-9]+")


@dataclass(slots=True, frozen=True)
class AnnotationFormat:
    """Where a file keeps its annotation: kind, the INFO field's name and the sub-fields in the header's order."""

    kind: Kind
    info_id: str
    fields: tuple[str, ...]


class GeneTranscripts(Protocol):
    """What :func:`choose` needs to know of a gene of the knowledge base."""

    @property
    def gene(self) -> str:
        """Approved symbol."""

    @property
    def aliases(self) -> tuple[str, ...]:
        """Further symbols."""

    @property
    def transcript_refseq(self) -> str:
        """RefSeq accession whose numbering the knowledge tables use."""

    @property
    def transcript_ensembl(self) -> str:
        """Ensembl accession with the same numbering."""

    @property
    def legacy_transcript(self) -> tuple[str, ...]:
        """Accessions of older literature, whose numbering may differ."""


def annotation_format(header: VcfHeader) -> AnnotationFormat | None:
    """Find the annotation field of a file and its own field order.

    A field is known by its description, not by its name (VEP may write into ``ANN``). With several, VEP's CSQ is
    taken before ANN, BCSQ and EFF; of two of one kind the first one declared.

    Returns
    -------
    AnnotationFormat | None
        None where no field declares a format that is understood.
    """
    found: dict[Kind, AnnotationFormat] = {}
    for info_id, description in _descriptions(header):
        one = _recognise(info_id, description)
        if one is not None:
            found.setdefault(one.kind, one)
    return next((found[kind] for kind in _ORDER if kind in found), None)


def read_consequences(fmt: AnnotationFormat, record: SourceRecord, alt_index: int) -> tuple[TranscriptConsequence, ...]:
    """Consequences that a record's annotation states for one of its alleles, every transcript, in the file's order.

    Parameters
    ----------
    fmt
        From :func:`annotation_format`.
    record
        The data line.
    alt_index
        Index of the allele among the record's ALTs, from 0.

    Returns
    -------
    tuple[TranscriptConsequence, ...]
        Empty where the record is not annotated, or its annotation cannot be assigned to the allele. Regulatory and
        motif features are left out; intergenic entries stay, without gene and transcript.
    """
    text = record.info.get(fmt.info_id, "")
    if text in {"", "."}:
        return ()
    return tuple(_READERS[fmt.kind](fmt.fields, text.split(","), record, alt_index))


def choose(
    consequences: Sequence[TranscriptConsequence], gene: GeneTranscripts | None
) -> tuple[TranscriptConsequence | None, str]:
    """Choose the consequence to report.

    The knowledge transcript (compared without version) goes first, then MANE Select, then the canonical one, then the
    most severe; ties fall to the more severe and then to the accession in lexical order.

    Parameters
    ----------
    consequences
        All consequences of one allele.
    gene
        Gene of the knowledge base to choose within; None: any gene.

    Returns
    -------
    tuple[TranscriptConsequence | None, str]
        The choice, None if there is none within the gene; and a note, "" where the knowledge transcript (or, without
        a gene, any) was chosen: it says when residue numbers may differ from those of the knowledge tables.
    """
    if gene is None:
        ranked = sorted(consequences, key=lambda one: (not one.mane_select, not one.canonical, *_severity_key(one)))
        return (ranked[0], "") if ranked else (None, "")
    refseq, ensembl = _versionless(gene.transcript_refseq), _versionless(gene.transcript_ensembl)
    legacy = {_versionless(accession) for accession in gene.legacy_transcript}
    known = ({refseq, ensembl} | legacy) - {""}
    names = {gene.gene.upper(), *(alias.upper() for alias in gene.aliases)}
    within = [one for one in consequences if one.gene.upper() in names or _versionless(one.transcript) in known]
    if not within:
        return None, f"{gene.gene}: the annotation names no transcript of this gene" if consequences else ""

    def rank(one: TranscriptConsequence) -> tuple[int, int, str]:
        accession = _versionless(one.transcript)
        partner = _versionless(one.extra.get("MANE_SELECT", ""))
        if accession and accession == refseq:
            order = 0
        elif accession and accession == ensembl:
            order = 1
        elif partner and partner == refseq:
            order = 2
        elif one.mane_select:
            order = 3
        elif accession in legacy:
            order = 4
        else:
            order = 5 if one.canonical else 6
        return (order, *_severity_key(one))

    (order, *_), best = min(((rank(one), one) for one in within), key=itemgetter(0))
    if order <= 2 or not known:
        return best, ""
    wanted = gene.transcript_refseq or gene.transcript_ensembl
    named = best.transcript or "without a name"
    return best, (
        f"{gene.gene} numbering: annotated transcript {named}"
        f"{' (legacy numbering)' if order == 4 else ''} is not the knowledge transcript {wanted}"
    )


def _severity_key(one: TranscriptConsequence) -> tuple[int, str]:
    return _severity(one.terms), one.transcript


_severity = lru_cache(maxsize=_REMEMBERED)(severity)


@lru_cache(maxsize=_REMEMBERED)
def _terms(joined: str) -> tuple[str, ...]:
    """Terms of VEP's Consequence and SnpEff's Annotation."""
    return normalise_terms(joined.split("&"))


def _versionless(accession: str) -> str:
    return accession.partition(".")[0]


def _descriptions(header: VcfHeader) -> Iterable[tuple[str, str]]:
    """INFO id and description as it stands in the file, unparsed: quotes inside descriptions are not always closed."""
    for line in header.lines:
        match = _INFO_LINE.match(line.removeprefix("##"))
        if match:
            yield match[1], match[2].partition("Description=")[2].strip().strip('"')
    for info_id, declaration in header.info.items():
        yield info_id, declaration.description


def _recognise(info_id: str, description: str) -> AnnotationFormat | None:
    if "Effect_Impact" in description and "(" in description:
        inner = re.split(r"\bEffect\s*\(", description, maxsplit=1)[-1]
        fields = tuple(field for field in (_clean(part) for part in re.split(r"[|\[]", inner)) if field)
        return AnnotationFormat("EFF", info_id, fields)
    if "Annotation_Impact" in description and "|" in description:
        listed = description[description.rfind("'", 0, description.index("|")) + 1 :]
        listed = listed.rpartition(":")[2] if "'" not in description else listed
        return AnnotationFormat("ANN", info_id, tuple(_clean(part) for part in listed.split("|")))
    match = _FORMAT.search(description)
    if match is None:
        return None
    fields = tuple(_clean(part) for part in match[1].split("|"))
    folded = {field.lower().lstrip("[*]") for field in fields}
    if {"consequence", "gene", "transcript", "dna_change"} <= folded:
        return AnnotationFormat("BCSQ", info_id, tuple(field.lower().lstrip("[*]") for field in fields))
    if "Consequence" in fields and ({"Allele", "Feature"} & set(fields)):
        return AnnotationFormat("CSQ", info_id, fields)
    return None


def _clean(text: str) -> str:
    return text.strip(" \t'\"()[]>")


def _decode(text: str) -> str:
    """Undo the percent escapes of the VCF specification, and only those: a text such as ``5%`` stays."""
    return _PERCENT.sub(lambda match: chr(int(match[1], 16)), text) if "%" in text else text


def _integer(text: str) -> int | None:
    match = _NUMBER.search(text)
    return int(match[0]) if match and len(match[0]) <= 9 else None


@lru_cache(maxsize=_REMEMBERED)
def _part_of(text: str) -> tuple[int | None, int | None]:
    """Number and total of ``21/28``; the first number of ``2-3/28``."""
    number, _, total = text.partition("/")
    return _integer(number), _integer(total)


@lru_cache(maxsize=_REMEMBERED)
def _hgnc(text: str) -> str:
    match = _NUMBER.search(text)
    return f"HGNC:{match[0]}" if match else ""


@lru_cache(maxsize=_REMEMBERED)
def _protein_name(text: str) -> str:
    """Three-letter description without accession; what is not understood stays as it stood, decoded."""
    change = parse_protein(text)
    return format_protein(change) if change is not None else text


@lru_cache(maxsize=_REMEMBERED)
def _codon(hgvsp: str, position: str) -> int | None:
    """First residue of the change as HGVS names it; where there is no name, of the position the annotator states."""
    change = parse_protein(hgvsp)
    return change.start if change is not None and change.start else _integer(position.partition("/")[0])


def _pick(values: Mapping[str, str], *names: str) -> str:
    return next((values[name] for name in names if values.get(name)), "")


def _read_csq(
    fields: Sequence[str], entries: Sequence[str], record: SourceRecord, alt_index: int
) -> Iterable[TranscriptConsequence]:
    rows = [_row(fields, entry, filled=True) for entry in entries]
    for row in _vep_entries(rows, record, alt_index):
        if row.get("Feature_type", "") not in {"", "Transcript"}:
            continue
        accession_c, hgvsc = split_accession(row.get("HGVSc", ""))
        accession_p, hgvsp = split_accession(row.get("HGVSp", ""))
        transcript = row.get("Feature", "")
        if "." not in transcript and _versionless(accession_c) == transcript:
            transcript = accession_c
        exon, exon_total = _part_of(row.get("EXON", ""))
        intron, intron_total = _part_of(row.get("INTRON", ""))
        terms = _terms(row.get("Consequence", ""))
        named = _protein_name(hgvsp) if hgvsp else _from_amino_acids(row, terms)
        yield TranscriptConsequence(
            gene=_pick(row, "SYMBOL", "HGNC", "Gene"),
            transcript=transcript,
            terms=terms,
            source="CSQ",
            hgnc_id=_hgnc(row.get("HGNC_ID", "")),
            protein=accession_p or row.get("ENSP", ""),
            hgvsc=hgvsc,
            hgvsp=named,
            exon=exon,
            exon_total=exon_total or (intron_total + 1 if intron_total else None),
            intron=intron,
            codon=_codon(named, row.get("Protein_position", "")),
            biotype=row.get("BIOTYPE", ""),
            mane_select=bool(row.get("MANE_SELECT")) or row.get("MANE", "") in {"MANE_Select", "MANE Select"},
            canonical=row.get("CANONICAL", "") in {"YES", "1"},
            extra={name: value for name, value in row.items() if name not in _CSQ_USED},
        )


def _from_amino_acids(row: Mapping[str, str], terms: Sequence[str]) -> str:
    """HGVS of one replaced residue where VEP ran without ``--hgvs``; longer changes cannot be named from this alone."""
    before, _, after = row.get("Amino_acids", "").partition("/")
    position = row.get("Protein_position", "").partition("/")[0]
    if len(before) != 1 or len(after) > 1 or not position.isdecimal():
        return ""
    if not {"missense_variant", "stop_gained", "synonymous_variant"} & set(terms) or "start_lost" in terms:
        return ""
    change = None if after == "X" else parse_protein(f"p.{before}{position}{after or '='}")
    return format_protein(change) if change is not None else ""


def _row(fields: Sequence[str], entry: str, *, filled: bool = False) -> dict[str, str]:
    pairs = zip(fields, (values := entry.split("|")), strict=False)
    row = dict(compress(pairs, values) if filled else pairs)
    return {name: _decode(value) for name, value in row.items()} if "%" in entry else row


def _vep_entries(rows: Sequence[dict[str, str]], record: SourceRecord, alt_index: int) -> list[dict[str, str]]:
    """Entries of one allele.

    VEP names an allele without the base that REF and all ALTs of an indel record share, "-" where nothing is left;
    ALLELE_NUM settles it for a record of several ALTs. A record that was split after annotation still carries the
    entries of its former neighbours, so the number counts only together with as many ALTs.
    """
    numbers = {row.get("ALLELE_NUM", "") for row in rows}
    if len(record.alts) > 1 and all(number.isdecimal() for number in numbers):
        return [row for row in rows if row["ALLELE_NUM"] == str(alt_index + 1)]
    stated = {row.get("Allele", "") for row in rows}
    if stated == {""}:
        return list(rows) if len(record.alts) == 1 else []
    spellings = _vep_spellings(record, alt_index)
    others = {_vep_spellings(record, i)[0] for i in range(len(record.alts)) if i != alt_index}
    for i, spelling in enumerate(spellings):
        if spelling in stated and (i == 0 or spelling not in others):
            return [row for row in rows if row.get("Allele", "") == spelling]
    return list(rows) if len(record.alts) == 1 and _sole_allele(stated, record) else []


def _vep_spellings(record: SourceRecord, alt_index: int) -> list[str]:
    """Ways VEP may name an allele, the most likely first."""
    ref, alt = record.ref, record.alts[alt_index]
    plain = [one for one in (ref, *record.alts) if one.isalpha()]
    indel = any(len(one) != len(ref) for one in record.alts if one.isalpha())
    trimmed = alt[1:] or "-"
    minimal_ref, minimal_alt = _without_shared_ends(ref, alt)
    spellings = [trimmed, alt] if indel and len({one[:1] for one in plain}) == 1 else [alt, trimmed]
    if minimal_ref or minimal_alt:
        spellings.append(minimal_alt or "-")
    return spellings


def _without_shared_ends(ref: str, alt: str) -> tuple[str, str]:
    while ref and alt and ref[0] == alt[0]:
        ref, alt = ref[1:], alt[1:]
    while ref and alt and ref[-1] == alt[-1]:
        ref, alt = ref[:-1], alt[:-1]
    return ref, alt


def _sole_allele(stated: set[str], record: SourceRecord) -> bool:
    """Whether the one allele stated is the record's one ALT under another spelling (trimmed or shifted since)."""
    inserted = _without_shared_ends(record.ref, record.alts[0])[1]
    only = next(iter(stated))
    return len(stated) == 1 and (only == "-" or only.isalpha()) and inserted in only.replace("-", "")


def _read_ann(
    fields: Sequence[str], entries: Sequence[str], record: SourceRecord, alt_index: int
) -> Iterable[TranscriptConsequence]:
    rows = [_row(fields, "|".join(value.strip() for value in entry.split("|"))) for entry in entries]
    rows = [row for row in rows if not _CANCER_ALLELE.fullmatch(row.get("Allele", ""))]
    alt = record.alts[alt_index]
    wanted = [row for row in rows if row.get("Allele", "") == alt]
    if not wanted and len(record.alts) == 1 and rows and _sole_allele({row.get("Allele", "") for row in rows}, record):
        wanted = rows
    for row in wanted:
        feature = row.get("Feature_Type", "").lower()
        if feature not in {"transcript", "", "intergenic_region"}:
            continue
        between_genes = feature == "intergenic_region"
        terms = _terms(row.get("Annotation", ""))
        rank, total = _part_of(row.get("Rank", ""))
        in_intron = "intron_variant" in terms
        used = {"Gene_Name", "Feature_ID", "Feature_Type", "Annotation", "HGVS.c", "HGVS.p", "Rank"}
        named = _protein_name(split_accession(row.get("HGVS.p", ""))[1])
        position = _pick(row, "AA.pos / AA.length", "AA.pos / AA.len", "AA.pos/AA.length")
        yield TranscriptConsequence(
            gene="" if between_genes else _pick(row, "Gene_Name", "Gene_ID"),
            transcript="" if between_genes else row.get("Feature_ID", ""),
            terms=terms,
            source="ANN",
            hgvsc=split_accession(row.get("HGVS.c", ""))[1],
            hgvsp=named,
            exon=None if in_intron else rank,
            exon_total=total,
            intron=rank if in_intron else None,
            codon=_codon(named, position),
            biotype=row.get("Transcript_BioType", ""),
            extra={name: value for name, value in row.items() if value and name not in used},
        )


def _read_eff(
    fields: Sequence[str], entries: Sequence[str], record: SourceRecord, alt_index: int
) -> Iterable[TranscriptConsequence]:
    for entry in entries:
        match = _EFF_ENTRY.fullmatch(entry.strip())
        if match is None:
            continue
        row = _row(fields, match[2])
        number = row.get("Genotype_Number", "")
        if number != str(alt_index + 1) and (number or len(record.alts) > 1):
            continue
        terms = normalise_terms(re.split("[+&]", match[1].strip()))
        hgvsc, hgvsp = _eff_names(row.get("Amino_Acid_Change", ""), terms)
        rank = _integer(_pick(row, "Exon_Rank", "Exon", "Exon_ID")) if "Exon_ID" not in row else None
        in_intron = "intron_variant" in terms
        used = {"Gene_Name", "Transcript_ID", "Amino_Acid_Change", "Exon_Rank", "Transcript_BioType", "Gene_BioType"}
        yield TranscriptConsequence(
            gene=row.get("Gene_Name", ""),
            transcript=_pick(row, "Transcript_ID", "Transcript"),
            terms=terms,
            source="EFF",
            hgvsc=hgvsc,
            hgvsp=hgvsp,
            exon=None if in_intron else rank,
            intron=rank if in_intron else None,
            codon=_codon(hgvsp, _eff_residues(row.get("Amino_Acid_Change", ""))),
            biotype=_pick(row, "Transcript_BioType", "Gene_BioType"),
            extra={name: value for name, value in row.items() if value and name not in used},
        )


def _eff_names(text: str, terms: Sequence[str]) -> tuple[str, str]:
    """HGVS c. and p. from EFF's amino-acid change: ``p.Gly12Val/c.35G>T``, ``G12V``, ``L858`` (silent)."""
    hgvsc = next((part for part in text.split("/") if part.startswith(("c.", "n."))), "")
    residues = _eff_residues(text)
    silent = re.fullmatch(r"([A-Z*])(\d{1,6})", residues)
    if silent and {"synonymous_variant", "stop_retained_variant"} & set(terms):
        residues = f"{residues}="
    change = parse_protein(residues)
    return hgvsc, format_protein(change) if change is not None else ""


def _eff_residues(text: str) -> str:
    return next((part for part in text.split("/") if part and not part.startswith(("c.", "n."))), "")


def _read_bcsq(
    fields: Sequence[str], entries: Sequence[str], record: SourceRecord, alt_index: int
) -> Iterable[TranscriptConsequence]:
    for entry in entries:
        if entry.startswith("@"):
            # the consequence stands at another record, as a compound of both: it is not this allele's alone
            continue
        row = _row(fields, entry)
        changes = _DNA_CHANGE.findall(row.get("dna_change", ""))
        if len(changes) > 1 or (len(record.alts) > 1 and not changes):
            continue
        if changes and len(record.alts) > 1:
            position, ref, alt = changes[0]
            stated = (int(position), ref, alt)
            if stated != (record.pos, record.ref, record.alts[alt_index]):
                continue
        words = row.get("consequence", "")
        change = _bcsq_protein(row.get("amino_acid_change", ""), behind_stop=words.startswith("*"))
        used = {"consequence", "gene", "transcript", "biotype"}
        yield TranscriptConsequence(
            gene=row.get("gene", ""),
            transcript=row.get("transcript", ""),
            terms=normalise_terms(word.removeprefix("*") for word in words.split("&")),
            source="BCSQ",
            hgvsp=format_protein(change) if change is not None else "",
            codon=_integer(row.get("amino_acid_change", "")),
            biotype=row.get("biotype", ""),
            extra={name: value for name, value in row.items() if value and name not in used},
        )


def _bcsq_protein(text: str, *, behind_stop: bool) -> ProteinChange | None:
    """Protein change of ``600V>600E`` or ``787Q``; None for a change of length, whose HGVS needs the whole protein."""
    match = _BCSQ_RESIDUES.fullmatch(text)
    if match is None or behind_stop:
        return None
    before, start = match[2], int(match[1])
    if match[3] is None:
        return ProteinChange(ProteinKind.SYNONYMOUS, start, start, before, before) if len(before) == 1 else None
    after = match[4]
    if match[3] != match[1] or len(before) != len(after) or len(before) > 10:
        return None
    return parse_protein(f"p.{before}{start}{after}")


_READERS = {"CSQ": _read_csq, "ANN": _read_ann, "EFF": _read_eff, "BCSQ": _read_bcsq}
