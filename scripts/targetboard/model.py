"""The typed records that flow through the pipeline, one direction only.

VCF text becomes :class:`SourceRecord`, then one :class:`Allele` per ALT with its :class:`Observation` (what the caller
wrote) and :class:`TranscriptConsequence` list; knowledge matching and classification turn it into a :class:`Variant`.
Coordinates are 1-based as in VCF; chromosomes are 1…22, X, Y, MT without ``chr``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Assembly(StrEnum):
    """Genome assemblies the knowledge tables carry coordinates for."""

    GRCH37 = "GRCh37"
    GRCH38 = "GRCh38"


class DriverClass(StrEnum):
    """Verdict on one variant; see design words in CONTRIBUTING.md."""

    VALIDATED_DRIVER = "validated_driver"
    LIKELY_DRIVER = "likely_driver"
    UNCERTAIN = "uncertain"
    LIKELY_PASSENGER = "likely_passenger"
    PASSENGER = "passenger"
    NOT_EVALUABLE = "not_evaluable"


DRIVERS = (DriverClass.VALIDATED_DRIVER, DriverClass.LIKELY_DRIVER)
"""Classes that the driver list shows, the surer first."""


class CriterionStatus(StrEnum):
    """Three-valued result of one oncogenicity code."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_EVALUABLE = "not_evaluable"


class MatchLevel(StrEnum):
    """How an alteration of the knowledge base was recognised, most specific first."""

    EXACT_ALLELE = "exact_allele"
    PROTEIN_CHANGE = "protein_change"
    CODON = "codon"
    EXON_CLASS = "exon_class"
    REGION = "region"
    GENE_CLASS = "gene_class"


class MarkerState(StrEnum):
    """State of a marker; ``not_detected`` needs adequate coverage to have been shown."""

    DETECTED = "detected"
    NOT_DETECTED = "not_detected"
    NOT_ASSESSED = "not_assessed"
    FAILED = "failed"
    INCONCLUSIVE = "inconclusive"


@dataclass(slots=True, frozen=True)
class FieldDeclaration:
    """One ##INFO or ##FORMAT line: ``number`` as text ("A", "R", "1", ".")."""

    id: str
    number: str
    type: str
    description: str


@dataclass(slots=True, frozen=True)
class VcfHeader:
    """Header of the input VCF as it came, plus what its body uses without declaring it.

    ``lines`` are the ``##`` lines without line ends, in file order; ``contigs`` maps a declared contig name to its
    declared length or None.
    """

    lines: tuple[str, ...]
    samples: tuple[str, ...]
    contigs: Mapping[str, int | None]
    info: Mapping[str, FieldDeclaration]
    format: Mapping[str, FieldDeclaration]
    filters: tuple[str, ...]
    undeclared_contigs: tuple[str, ...] = ()
    undeclared_info: tuple[str, ...] = ()
    undeclared_format: tuple[str, ...] = ()
    undeclared_filters: tuple[str, ...] = ()

    def meta(self, key: str) -> tuple[str, ...]:
        """Values of every ``##key=value`` line, in file order."""
        prefix = f"##{key}="
        return tuple(line[len(prefix) :] for line in self.lines if line.startswith(prefix))


@dataclass(slots=True, frozen=True)
class SourceRecord:
    """One data line of a VCF, every value as the text that stood in the file (never float32).

    ``number`` counts data lines from 1, ``line`` counts lines of the file from 1. INFO flags map to "". ``samples``
    maps the sample name to its FORMAT values by key.
    """

    number: int
    line: int
    chrom: str
    pos: int
    id: str
    ref: str
    alts: tuple[str, ...]
    qual: str
    filter: str
    info: Mapping[str, str]
    format: tuple[str, ...]
    samples: Mapping[str, Mapping[str, str]]


@dataclass(slots=True, frozen=True)
class InputAllele:
    """The allele as it came: ``alt_index`` counts the ALTs of the record from 0."""

    record: int
    line: int
    chrom: str
    pos: int
    ref: str
    alt: str
    alt_index: int


@dataclass(slots=True, frozen=True)
class Allele:
    """A trimmed (and, where a FASTA is given, left-aligned) allele with harmonised chromosome name.

    REF and ALT are upper case and never empty: an indel keeps its anchor base, as in VCF.
    """

    chrom: str
    pos: int
    ref: str
    alt: str

    def key(self) -> tuple[str, int, str, str]:
        """Hashable identity of the allele within one assembly."""
        return (self.chrom, self.pos, self.ref, self.alt)


@dataclass(slots=True, frozen=True)
class SampleRoles:
    """Columns of the VCF by role; ``basis`` says how they were found. ``tumour`` is None for a VCF without samples."""

    tumour: str | None
    normal: str | None
    basis: str


@dataclass(slots=True, frozen=True)
class Phase:
    """Phase evidence of one allele in the tumour: ``set_id`` (PS or PID) and the haplotype index it sits on.

    ``haplotype`` is the position of the ALT in a phased genotype (0 or 1 for a diploid one).
    """

    set_id: str
    haplotype: int
    source: str


@dataclass(slots=True, frozen=True)
class Observation:
    """What the caller states about one allele in the tumour (and the matched normal), read by its dialect.

    ``vaf`` is a fraction 0…1 computed from integer depths or parsed as decimal text; None means "not available", with
    the reason in ``vaf_source`` ("not available: no sample columns"). ``strand`` is (ref+, ref-, alt+, alt-).
    ``caller_vaf`` is the caller's own estimate where it differs in kind (Mutect2 AF).
    """

    vaf: float | None
    vaf_source: str
    depth: int | None
    alt_depth: int | None
    filter: str
    genotype: str | None = None
    strand: tuple[int, int, int, int] | None = None
    phase: Phase | None = None
    somatic_status: str | None = None
    caller_vaf: float | None = None
    normal_vaf: float | None = None
    normal_depth: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class TranscriptConsequence:
    """Consequence of one allele on one transcript, as annotated or as computed.

    ``terms`` are Sequence Ontology terms; ``hgvsc``/``hgvsp`` come without the accession ("c.2573T>G",
    "p.Leu858Arg"), the accession stands in ``transcript`` / ``protein``. ``exon`` and ``intron`` are numbers with
    ``exon_total`` beside them. ``source`` is CSQ, ANN, EFF, BCSQ or csq (computed here). ``extra`` holds further
    annotation fields by the header's own names (gnomAD, REVEL, …).
    """

    gene: str
    transcript: str
    terms: tuple[str, ...]
    source: str
    hgnc_id: str = ""
    protein: str = ""
    hgvsc: str = ""
    hgvsp: str = ""
    exon: int | None = None
    exon_total: int | None = None
    intron: int | None = None
    codon: int | None = None
    biotype: str = ""
    mane_select: bool = False
    canonical: bool = False
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, frozen=True)
class Match:
    """A knowledge alteration that an allele satisfies: level, and the rule that fired in words with its inputs."""

    alteration_id: str
    level: MatchLevel
    rule: str


@dataclass(slots=True, frozen=True)
class NearMiss:
    """An alteration of the same gene that was tried and failed, with the reason."""

    alteration_id: str
    reason: str


@dataclass(slots=True, frozen=True)
class Criterion:
    """One oncogenicity code with its official points (signed) and the fact it rests on."""

    code: str
    points: int
    status: CriterionStatus
    evidence: str


@dataclass(slots=True, frozen=True)
class Oncogenicity:
    """Result of the ClinGen/CGC/VICC 2022 standard (Horak et al., PMID 35101336).

    ``points_range`` is the lowest and highest sum that the codes which could not be evaluated might still bring.
    """

    classification: str
    points: int
    points_range: tuple[int, int]
    criteria: tuple[Criterion, ...]


@dataclass(slots=True, frozen=True)
class EvidenceValue:
    """A population frequency or computed score as text, and where it was read ("gnomad.vcf.gz AF_grpmax")."""

    text: str
    origin: str


@dataclass(slots=True)
class Variant:
    """One allele with everything known about it; classification fills the fields after ``consequences``.

    ``evidence`` holds frequencies and scores by their name here (:mod:`targetboard.vcf.scores`).
    ``frame_restored_by`` names a second indel of the same haplotype that brings the reading frame back.
    ``homopolymer`` is the length of the run of one base in which an indel lies, None without a reference.
    ``orientation`` counts the reads with the allele as (F1R2, F2R1). ``ccf`` bounds the fraction of tumour cells.
    """

    allele: Allele
    input: InputAllele
    observation: Observation
    consequences: tuple[TranscriptConsequence, ...]
    chosen: TranscriptConsequence | None = None
    transcript_note: str = ""
    reference_checked: bool = False
    gene: str = ""
    matches: tuple[Match, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    oncogenicity: Oncogenicity | None = None
    driver_class: DriverClass = DriverClass.NOT_EVALUABLE
    class_reason: str = ""
    flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: Mapping[str, EvidenceValue] = field(default_factory=dict)
    frame_restored_by: str = ""
    homopolymer: int | None = None
    orientation: tuple[int, int] | None = None
    ccf: tuple[float, float] | None = None


@dataclass(slots=True)
class Ledger:
    """Accounting of one run: ``alleles_in == reported + sum(filtered) + sum(unparsed)`` always holds."""

    records_in: int = 0
    alleles_in: int = 0
    reported: int = 0
    filtered: dict[str, int] = field(default_factory=dict)
    unparsed: dict[str, int] = field(default_factory=dict)

    def filter(self, reason: str) -> None:
        """Count one allele that is understood but not reported."""
        self.filtered[reason] = self.filtered.get(reason, 0) + 1

    def unparse(self, reason: str) -> None:
        """Count one allele that could not be used as a small variant."""
        self.unparsed[reason] = self.unparsed.get(reason, 0) + 1

    def balances(self) -> bool:
        """Whether every allele that came in is accounted for."""
        return self.alleles_in == self.reported + sum(self.filtered.values()) + sum(self.unparsed.values())
