"""Population frequencies and computed scores: what their fields are called, and how a user's files are joined.

Values come from three places: the annotation of the VCF (CSQ and its like), INFO fields of the VCF itself, and
tabix-indexed VCFs of the user (``--frequencies``, ``--scores``), joined by exact allele. All names stand in the tables
here; ``--evidence-field NAME=FIELD`` adds one.

Absence from a file proves nothing by itself: the site may not have been covered, or not been looked at. Only where
the user declares a file complete does an allele that is not listed count as frequency 0, and only where the file could
have listed it in this spelling: SNVs, and indels that were left-aligned against the reference.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import Self

from targetboard.errors import BuildMismatch, MalformedInput, UsageError
from targetboard.model import Allele, Assembly, EvidenceValue, SourceRecord, TranscriptConsequence, VcfHeader
from targetboard.vcf.contigs import check_contig_lengths, harmonise, other
from targetboard.vcf.normalise import classify_alt, trim

# The five continental populations the standard names, the highest of all groups, and the whole data set.
POPULATIONS = ("AFR", "AMR", "EAS", "NFE", "SAS")
GROUP_MAXIMUM, OVERALL = "GRPMAX", "ALL"
FREQUENCY_NAMES: tuple[str, ...] = tuple(f"AF_{name}" for name in (*POPULATIONS, GROUP_MAXIMUM, OVERALL))

SCORE_FIELDS: Mapping[str, tuple[str, ...]] = {
    "REVEL": ("REVEL", "REVEL_score"),
    "AlphaMissense": ("am_pathogenicity", "AlphaMissense", "AlphaMissense_score"),
    "AlphaMissense_class": ("am_class", "AlphaMissense_class", "AlphaMissense_pred"),
    "CADD": ("CADD_PHRED", "CADD_phred", "CADD"),
    "SIFT": ("SIFT", "SIFT_score"),
    "PolyPhen": ("PolyPhen", "Polyphen2_HVAR_score"),
    "PhyloP": ("phyloP100way_vertebrate", "phyloP100way", "PhyloP", "PHYLOP"),
    "SpliceAI": ("SpliceAI", "SpliceAI_pred", "SpliceAI_DS_max", "SpliceAI_pred_DS_max"),
    "SpliceAI_DS_AG": ("SpliceAI_pred_DS_AG", "SpliceAI_DS_AG"),
    "SpliceAI_DS_AL": ("SpliceAI_pred_DS_AL", "SpliceAI_DS_AL"),
    "SpliceAI_DS_DG": ("SpliceAI_pred_DS_DG", "SpliceAI_DS_DG"),
    "SpliceAI_DS_DL": ("SpliceAI_pred_DS_DL", "SpliceAI_DS_DL"),
}
"""Names here, and the fields (in any letter case) that hold them in annotation, INFO and score files."""
NAMES = (*FREQUENCY_NAMES, *SCORE_FIELDS)

_SCORE_BY_FIELD = {spelling.casefold(): name for name, fields in SCORE_FIELDS.items() for spelling in fields}
_POPULATION_WORDS = {name.casefold(): name for name in POPULATIONS} | {
    "grpmax": GROUP_MAXIMUM,
    "popmax": GROUP_MAXIMUM,
}
_DATA_SET_WORDS = frozenset({"exome", "exomes", "genome", "genomes", "joint", "e", "g"})
_SEPARATORS = re.compile(r"[_.\-]")
_SPLICE_AI_ENTRY_PARTS = 10
_NUMBERS = re.compile(r"[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?")
# REF bases that differ from the file's at one position: as many as prove another build (see vcf/reference.py).
MISMATCHES_TO_REFUSE, SHARE_TO_REFUSE = 2, 0.10


@lru_cache(maxsize=4096)
def frequency_field(name: str, *, bare: bool = False) -> tuple[str, str] | None:
    """Data set and population of a frequency field; None for any other field.

    ``gnomADe_AFR_AF``, ``gnomAD_exomes_AFR_AF``, ``gnomADg_AF``, ``gnomAD_AF_grpmax``; with ``bare`` (gnomAD's own
    files) also ``AF``, ``AF_nfe``, ``AF_joint_afr``, ``AF_popmax``. Populations the standard does not name, and
    subgroups, are no frequency field.
    """
    words = [word.casefold() for word in _SEPARATORS.split(name)]
    data_set = words[0] if words[0].startswith("gnomad") else ""
    if not data_set and not bare and not {"grpmax", "popmax"} & set(words):
        return None
    rest = words[1:] if data_set else words
    populations = [_POPULATION_WORDS[word] for word in rest if word in _POPULATION_WORDS]
    others = [word for word in rest if word not in _POPULATION_WORDS and word not in _DATA_SET_WORDS]
    if others != ["af"] or len(populations) > 1:
        return None
    extra = "".join(word[0] for word in rest if word in _DATA_SET_WORDS and word != "joint")
    return data_set + extra, populations[0] if populations else OVERALL


@dataclass(slots=True, frozen=True)
class EvidenceFields:
    """Further names of fields, as the user gives them: field (folded) to the name here."""

    added: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, texts: Iterable[str]) -> Self:
        """Read ``NAME=FIELD`` pairs.

        Raises
        ------
        UsageError
            If a text has another form or the name is none of :data:`NAMES`.
        """
        added: dict[str, str] = {}
        known = {name.casefold(): name for name in NAMES}
        for text in texts:
            name, equals, given = text.partition("=")
            if not equals or not given or name.casefold() not in known:
                raise UsageError(
                    f"{text!r} names no evidence field",
                    where="--evidence-field",
                    remedy=f"Write NAME=FIELD, NAME one of {', '.join(NAMES)}",
                )
            added[given.casefold()] = known[name.casefold()]
        return cls(added)

    def name_of(self, given: str, *, frequencies_bare: bool = False) -> str | None:
        """Name here of a field of a file; None where it means nothing to us."""
        folded = given.casefold()
        if folded in self.added:
            return self.added[folded]
        if folded in _SCORE_BY_FIELD:
            return _SCORE_BY_FIELD[folded]
        found = frequency_field(given, bare=frequencies_bare)
        return f"AF_{found[1]}" if found is not None else None

    def of_consequence(self, consequence: TranscriptConsequence | None) -> dict[str, EvidenceValue]:
        """Values of the fields that only the user names; the others are read where they are used."""
        if not self.added or consequence is None:
            return {}
        return {
            self.added[name.casefold()]: EvidenceValue(text, name)
            for name, text in consequence.extra.items()
            if name.casefold() in self.added and text not in ("", ".")
        }

    def of_record(self, record: SourceRecord, alt_index: int) -> dict[str, EvidenceValue]:
        """Frequencies and scores in the INFO fields of the VCF itself; ``AF`` there is the sample's, never used."""
        found: dict[str, EvidenceValue] = {}
        for given, text in record.info.items():
            name = self.name_of(given)
            value = _of_alt(text, alt_index, record.alts) if name is not None else ""
            if name is not None and value:
                _keep(found, name, EvidenceValue(value, f"INFO {given}"))
        return found


def splice_ai_maximum(text: str, alt: str = "") -> str:
    """Highest delta score of ``ALT|GENE|DS_AG|DS_AL|DS_DG|DS_DL|DP…`` or of a plain number; "" if there is none."""
    scores: list[float] = []
    for entry in text.replace("&", ",").split(","):
        parts = entry.split("|")
        if len(parts) == 1:
            scores += [float(parts[0])] if _NUMBERS.fullmatch(parts[0].strip()) else []
            continue
        # with allele and gene in front there are ten parts, VEP's SpliceAI_pred has the gene only
        first = len(parts) - 8
        if first < 0 or (alt and len(parts) == _SPLICE_AI_ENTRY_PARTS and parts[0] not in ("", alt)):
            continue
        scores += [float(part) for part in parts[first : first + 4] if _NUMBERS.fullmatch(part)]
    return f"{max(scores):g}" if scores else ""


def _of_alt(text: str, alt_index: int, alts: Sequence[str]) -> str:
    """The value of one ALT of a field with one value each; else the whole text where it belongs to all."""
    values = text.split(",")
    value = values[alt_index] if len(values) == len(alts) else text if len(alts) == 1 else ""
    return "" if value in ("", ".") else value


def _keep(found: dict[str, EvidenceValue], name: str, value: EvidenceValue) -> None:
    """Enter a value; of two frequencies the higher one stays, of two scores the first."""
    earlier = found.get(name)
    if earlier is None or (name in FREQUENCY_NAMES and (_number(value.text) or 0) > (_number(earlier.text) or 0)):
        found[name] = value


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


class EvidenceFile:
    """A tabix-indexed VCF of frequencies or scores, asked by allele.

    Raises
    ------
    UsageError
        The file or its index is missing, or it is not bgzip-compressed.
    BuildMismatch
        Its contig lengths are those of the other assembly.
    """

    def __init__(self, path: Path, assembly: Assembly, fields: EvidenceFields, *, frequencies: bool) -> None:
        self.path = path
        self._fields, self._frequencies = fields, frequencies
        if not path.is_file():
            raise UsageError("the file does not exist", where=str(path), remedy="Check --frequencies and --scores")
        try:
            import pysam  # only where a file is joined: loading it takes its time

            self._file = pysam.TabixFile(str(path), encoding="utf-8")
        except (OSError, ValueError) as error:
            raise UsageError(
                "the file cannot be searched by position",
                where=str(path),
                remedy="Compress it with bgzip and index it with tabix -p vcf",
            ) from error
        self._contigs: dict[str, str] = {}
        for name in self._file.contigs:
            chrom = harmonise(name, assembly)
            if chrom is not None:
                self._contigs.setdefault(chrom, name)
        lengths = _contig_lengths(self._file.header)
        check_contig_lengths(VcfHeader(tuple(self._file.header), (), lengths, {}, {}, ()), assembly)
        self._assembly = assembly
        self._compared = self._differing = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()

    def covers(self, chrom: str) -> bool:
        """Whether the file holds anything of a chromosome."""
        return chrom in self._contigs

    def look_up(self, allele: Allele) -> dict[str, EvidenceValue] | None:
        """Values of one allele; None where the file does not list it.

        Raises
        ------
        MalformedInput
            A line of the file is no VCF record.
        """
        contig = self._contigs.get(allele.chrom)
        if contig is None:
            return None
        try:
            rows = list(self._file.fetch(contig, allele.pos - 1, allele.pos + len(allele.ref) - 1))
        except (OSError, ValueError) as error:
            raise MalformedInput(
                "the file cannot be read at a position its index names",
                where=f"{self.path}, {allele.chrom}:{allele.pos}",
                remedy="Index it anew with tabix -p vcf",
            ) from error
        found: dict[str, EvidenceValue] | None = None
        for row in rows:
            parts = row.rstrip("\r\n").split("\t")
            if len(parts) < 8 or not parts[1].isdecimal():
                raise MalformedInput(
                    "a line is no VCF record",
                    where=f"{self.path}, {allele.chrom}:{allele.pos}",
                    remedy="Give a VCF with eight columns",
                )
            pos, ref, alts = int(parts[1]), parts[3].upper(), parts[4].upper().split(",")
            self._compare(allele, pos, ref)
            for index, alt in enumerate(alts):
                if classify_alt(ref, alt, pos) is None and trim(allele.chrom, pos, ref, alt) == allele:
                    found = found if found is not None else {}
                    self._values(parts[6], parts[7], index, alts, found)
        return found

    def _compare(self, allele: Allele, pos: int, ref: str) -> None:
        """Count REF bases that both state for one position."""
        if pos == allele.pos and ref[:1] in "ACGT" and allele.ref[:1] in "ACGT":
            self._compared += 1
            self._differing += ref[:1] != allele.ref[:1]

    def check_build(self) -> None:
        """Refuse a file whose REF bases contradict the alleles that were looked up.

        Raises
        ------
        BuildMismatch
            Two and a tenth of the shared positions, or more, state other bases.
        """
        if self._differing >= MISMATCHES_TO_REFUSE and self._differing >= SHARE_TO_REFUSE * self._compared:
            raise BuildMismatch(
                f"{self._differing} of {self._compared} shared positions have another REF base than the VCF on"
                f" {self._assembly}",
                where=str(self.path),
                remedy=f"Give a file on {self._assembly}; this one may be on {other(self._assembly)}",
            )

    def _values(
        self, filters: str, info: str, index: int, alts: Sequence[str], found: dict[str, EvidenceValue]
    ) -> None:
        entries = dict(entry.partition("=")[::2] for entry in info.split(";") if "=" in entry)
        for given, text in entries.items():
            name = self._fields.name_of(given, frequencies_bare=self._frequencies)
            if name is None or (name in FREQUENCY_NAMES) is not self._frequencies:
                continue
            value = splice_ai_maximum(text, alts[index]) if name == "SpliceAI" else _of_alt(text, index, alts)
            if value:
                doubt = "" if filters in ("PASS", ".") else f", FILTER {filters}"
                _keep(found, name, EvidenceValue(value, f"{self.path.name} {given}{doubt}"))


def _contig_lengths(header: Iterable[str]) -> dict[str, int | None]:
    lengths: dict[str, int | None] = {}
    for line in header:
        match = re.match(r"##contig=<.*?ID=([^,>]+)", line)
        if match:
            length = re.search(r"length=(\d+)", line)
            lengths[match[1]] = int(length[1]) if length else None
    return lengths


@dataclass(slots=True, frozen=True)
class EvidenceRequest:
    """Files to join and how to read them; ``frequencies_complete`` is the user's word that absence means absence."""

    frequencies: tuple[Path, ...] = ()
    scores: tuple[Path, ...] = ()
    frequencies_complete: bool = False
    fields: EvidenceFields = field(default_factory=EvidenceFields)


def join_evidence(
    alleles: Sequence[tuple[Allele, bool]], request: EvidenceRequest, assembly: Assembly
) -> list[dict[str, EvidenceValue]]:
    """Look alleles up in the user's files.

    Parameters
    ----------
    alleles
        Each with whether its REF was checked and it was left-aligned against the reference.
    request
        The files.
    assembly
        Assembly of alleles and files.

    Returns
    -------
    list of dict
        Same order: values by name. An allele that no file lists has none, save for frequencies of 0 where the files
        were declared complete.
    """
    joined: list[dict[str, EvidenceValue]] = [{} for _ in alleles]
    with ExitStack() as stack:
        frequencies = [
            stack.enter_context(EvidenceFile(path, assembly, request.fields, frequencies=True))
            for path in request.frequencies
        ]
        scores = [
            stack.enter_context(EvidenceFile(path, assembly, request.fields, frequencies=False))
            for path in request.scores
        ]
        for (allele, aligned), found in zip(alleles, joined, strict=True):
            for file in (*frequencies, *scores):
                for name, value in (file.look_up(allele) or {}).items():
                    _keep(found, name, value)
            covering = [file for file in frequencies if file.covers(allele.chrom)]
            listed = any(name in FREQUENCY_NAMES for name in found)
            if request.frequencies_complete and covering and not listed and could_be_listed(allele, aligned=aligned):
                names = ", ".join(file.path.name for file in covering)
                found["AF_GRPMAX"] = EvidenceValue("0", f"not listed in {names}, declared complete")
        for file in (*frequencies, *scores):
            file.check_build()
    return joined


def could_be_listed(allele: Allele, *, aligned: bool) -> bool:
    """Whether a sites file would spell the allele as we do: SNVs always, pure indels once left-aligned, others never.

    Frequency files split several changed bases into SNVs, so that an MNV or delins is never found in them.
    """
    if len(allele.ref) == len(allele.alt) == 1:
        return True
    return aligned and min(len(allele.ref), len(allele.alt)) == 1 and allele.ref[0] == allele.alt[0]
