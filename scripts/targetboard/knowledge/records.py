"""Typed rows of the knowledge tables, and the knowledge base that holds them.

One dataclass per table; its fields are the table's columns, in the words of ``resources/knowledge/schema.yaml``. An
empty text is "", an empty number None, an empty list (). Nothing here reads files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from targetboard.model import Assembly
from targetboard.vcf.hgvs import ProteinChange, ProteinEdit

if TYPE_CHECKING:
    from targetboard.knowledge.rows import GeneRows

UNVERIFIED = "unverified"
NAMES_REMEMBERED = 65_536


@dataclass(slots=True, frozen=True)
class Gene:
    """A gene the pipeline judges; positions are 1-based and inclusive."""

    gene: str
    hgnc_id: str
    name: str
    aliases: tuple[str, ...]
    role: str
    transcript_refseq: str
    transcript_ensembl: str
    legacy_transcript: tuple[str, ...]
    numbering_note: str
    lof_mechanism: bool
    last_pathogenic_codon: int | None
    chip_gene: bool
    germline_followup: bool
    chrom: str
    start_GRCh37: int | None  # noqa: N815  the assembly's own spelling
    end_GRCh37: int | None  # noqa: N815
    start_GRCh38: int | None  # noqa: N815
    end_GRCh38: int | None  # noqa: N815
    strand: str
    sources: tuple[str, ...]
    verified_in: str
    numbering_offset: int | None = None
    mane_select: bool = False
    panels: tuple[str, ...] = ()

    def span(self, assembly: Assembly) -> tuple[int, int] | None:
        """First and last base of the locus in one assembly; None where the table gives none."""
        start, end = (
            (self.start_GRCh37, self.end_GRCh37)
            if assembly is Assembly.GRCH37
            else (self.start_GRCh38, self.end_GRCh38)
        )
        return None if start is None or end is None else (start, end)


@dataclass(slots=True, frozen=True)
class ProteinWindow:
    """Residues of a reference protein from residue ``start`` on (one-letter code)."""

    gene: str
    transcript: str
    start: int
    residues: str
    verified_in: str

    @property
    def window(self) -> tuple[int, str]:
        """The window as :mod:`targetboard.vcf.hgvs` takes it: first residue number and residues."""
        return (self.start, self.residues)


@dataclass(slots=True, frozen=True)
class Alteration:
    """A curated alteration and the rule that recognises it."""

    alteration_id: str
    gene: str
    label: str
    event: str
    protein_changes: tuple[str, ...]
    codon_first: int | None
    codon_last: int | None
    exon: int | None
    classes: tuple[str, ...]
    excludes: tuple[str, ...]
    effect: str
    kind: str
    evidence: str
    mechanism: str
    sources: tuple[str, ...]
    verified_in: str
    functional_effect: str = ""
    functional_sources: tuple[str, ...] = ()
    partner: str = ""
    orientation: str = ""
    exon_range: str = ""
    reviewers: tuple[str, ...] = ()
    review_date: str = ""

    @property
    def is_validated_driver(self) -> bool:
        """Whether a match may carry a therapy: curated as driver with validated evidence."""
        return self.kind == "driver" and self.evidence == "validated"


@dataclass(slots=True, frozen=True)
class KnownAllele:
    """An exact allele of an alteration in one assembly."""

    alteration_id: str
    assembly: str
    chrom: str
    pos: int
    ref: str
    alt: str
    hgvsc: str
    hgvsp: str
    verified_in: str


@dataclass(slots=True, frozen=True)
class HotspotCount:
    """Tumours with one change at one residue, and with any change there."""

    gene: str
    residue: str
    reference_aa: str
    residue_count: int
    change: str
    change_count: int
    verified_in: str


@dataclass(slots=True, frozen=True)
class Domain:
    """A functional region of a protein by codon, both ends included."""

    gene: str
    name: str
    codon_first: int
    codon_last: int
    kind: str
    sources: tuple[str, ...]
    verified_in: str


@dataclass(slots=True, frozen=True)
class TumourType:
    """An OncoTree node; ``parent`` is "" for the root."""

    code: str
    name: str
    parent: str
    tissue: str
    main_type: str


@dataclass(slots=True, frozen=True)
class Drug:
    """A drug by its lower-case INN."""

    drug: str
    modality: str
    target: str
    side_effects: str
    monitoring: str
    sources: tuple[str, ...]
    verified_in: str
    targets: tuple[str, ...] = ()
    cost_band: str = ""
    cost_country: str = ""
    cost_date: str = ""
    assistance: str = ""
    plain_language: str = ""
    first_approvals: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Marker:
    """A measured marker that is no variant."""

    marker_id: str
    label: str
    unit: str
    kind: str
    verified_in: str


@dataclass(slots=True, frozen=True)
class Biomarker:
    """A profile of alterations and markers; the expression is read by :mod:`targetboard.action.biomarkers`."""

    biomarker_id: str
    label: str
    profile: str
    verified_in: str


@dataclass(slots=True, frozen=True)
class Claim:
    """A row of therapies.tsv: what a biomarker means in a tumour type."""

    claim_id: str
    biomarker_id: str
    tumour_types: tuple[str, ...]
    excluded_tumour_types: tuple[str, ...]
    implication: str
    direction: str
    drugs: tuple[str, ...]
    regimen: str
    evidence_level: str
    evidence_basis: str
    escat: str
    conditions: tuple[str, ...]
    cdx: tuple[str, ...]
    sources: tuple[str, ...]
    verified_in: str
    note: str
    origin: str = ""
    valid_from: str = ""
    valid_to: str = ""
    reviewers: tuple[str, ...] = ()
    review_date: str = ""


@dataclass(slots=True, frozen=True)
class Approval:
    """One regulatory status of a claim."""

    claim_id: str
    jurisdiction: str
    year: int | None
    status: str
    label: str
    verified_in: str


@dataclass(slots=True, frozen=True)
class OptionWithoutBiomarker:
    """An approved option that needs no biomarker."""

    option_id: str
    tumour_types: tuple[str, ...]
    drugs: tuple[str, ...]
    conditions: tuple[str, ...]
    sources: tuple[str, ...]
    verified_in: str


@dataclass(slots=True, frozen=True)
class ResistanceRow:
    """A resistance mechanism; ``alteration_id`` is "" where no alteration shows it."""

    resistance_id: str
    alteration_id: str
    tumour_types: tuple[str, ...]
    after_drugs: tuple[str, ...]
    mechanism: str
    next_line: tuple[str, ...]
    sources: tuple[str, ...]
    verified_in: str


@dataclass(slots=True, frozen=True)
class Diagnostic:
    """A companion diagnostic of a claim in one jurisdiction."""

    claim_id: str
    device: str
    manufacturer: str
    jurisdiction: str
    approval_id: str
    specimen: str
    biomarker_detail: str
    year: int | None
    verified_in: str


@dataclass(slots=True, frozen=True)
class Trial:
    """A trial that selects patients by biomarker, or one arm of it; ages in years, None where the trial sets none."""

    trial_id: str
    title: str
    design: str
    biomarkers: tuple[str, ...]
    tumour_types: tuple[str, ...]
    status: str
    access_date: str
    sources: tuple[str, ...]
    verified_in: str
    phase: str = ""
    arm: str = ""
    drugs: tuple[str, ...] = ()
    profile: str = ""
    excluded_tumour_types: tuple[str, ...] = ()
    prior_required: tuple[str, ...] = ()
    prior_excluded: tuple[str, ...] = ()
    age_min: int | None = None
    age_max: int | None = None
    specimens: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    other_criteria: tuple[str, ...] = ()
    status_as_of: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """Name of the row: the trial, and the arm where the row describes one."""
        return f"{self.trial_id} {self.arm}".rstrip()


@dataclass(slots=True, frozen=True)
class PertinentNegative:
    """An absence that matters in a tumour type, with the regions it has to be covered in.

    Regions are written ``7:55174772-55174793|7:…`` (1-based, both included); without any, coverage cannot show it.
    ``wild_type_of`` names the wild type (RAS) that needs every row which carries it.
    """

    negative_id: str
    tumour_types: tuple[str, ...]
    gene: str
    label: str
    variant_class: str
    regions_GRCh37: tuple[str, ...]  # noqa: N815  the assembly's own spelling
    regions_GRCh38: tuple[str, ...]  # noqa: N815
    wild_type_of: str
    verified_in: str

    def regions(self, assembly: Assembly) -> tuple[str, ...]:
        """Regions of one assembly, as written."""
        return self.regions_GRCh37 if assembly is Assembly.GRCH37 else self.regions_GRCh38


@dataclass(slots=True, frozen=True)
class Layer:
    """One knowledge directory that went into the base: release, date and the digest over its tables."""

    release: str
    date: str
    sha256: str


@dataclass(slots=True, frozen=True)
class Origin:
    """Where an overlaid row came from: number of the layer, and whether it replaces a row of an earlier one."""

    layer: int
    replaces: bool


@dataclass(slots=True, frozen=True)
class LayerShare:
    """What a later layer brings to one table: rows added, and rows that replace those of earlier layers."""

    layer: Layer
    table: str
    added: int
    replaced: int


@dataclass(slots=True, frozen=True)
class CuratedChange:
    """One entry of ``protein_changes`` or ``excludes``, parsed, with its edit where a protein window allows it."""

    text: str
    change: ProteinChange
    edit: ProteinEdit | None


@dataclass(slots=True, frozen=True)
class KnowledgeBase:
    """Everything the tables say, indexed for one sample's look-ups. Treat every mapping as read-only.

    ``sha256`` is the digest over all tables (see :func:`targetboard.knowledge.manifest.combined_digest`); ``release``
    joins the releases of the layers by "+". ``alleles`` is keyed by assembly, then by (chrom, pos, ref, alt).
    ``genes_by_name`` maps the folded symbol, alias or HGNC id to the symbol; a name claimed by two genes is left out.
    ``overlaid`` holds, by table and key, the rows that later layers brought; every other row is of the first layer.
    ``prepared`` keeps what :func:`targetboard.knowledge.rows.rows_of` made of a gene, ``named`` what :meth:`gene`
    found; a changed copy starts without.
    """

    release: str
    sha256: str
    layers: tuple[Layer, ...]
    genes: Mapping[str, Gene]
    genes_by_name: Mapping[str, str]
    alterations: Mapping[str, Alteration]
    alterations_by_gene: Mapping[str, tuple[Alteration, ...]]
    alleles: Mapping[Assembly, Mapping[tuple[str, int, str, str], tuple[KnownAllele, ...]]]
    proteins: Mapping[str, tuple[ProteinWindow, ...]]
    hotspots: Mapping[str, tuple[HotspotCount, ...]]
    domains: Mapping[str, tuple[Domain, ...]]
    tumour_types: Mapping[str, TumourType]
    drugs: Mapping[str, Drug]
    markers: Mapping[str, Marker]
    biomarkers: Mapping[str, Biomarker]
    claims: Mapping[str, Claim]
    approvals: Mapping[str, tuple[Approval, ...]]
    options_without_biomarker: Mapping[str, OptionWithoutBiomarker]
    resistance: Mapping[str, ResistanceRow]
    curated_changes: Mapping[str, tuple[CuratedChange, ...]] = field(default_factory=dict)
    excluded_changes: Mapping[str, tuple[CuratedChange, ...]] = field(default_factory=dict)
    alleles_by_alteration: Mapping[Assembly, Mapping[str, tuple[KnownAllele, ...]]] = field(default_factory=dict)
    diagnostics: Mapping[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    trials: Mapping[str, Trial] = field(default_factory=dict)
    negatives: Mapping[str, PertinentNegative] = field(default_factory=dict)
    overlaid: Mapping[str, Mapping[tuple[str, ...], Origin]] = field(default_factory=dict)
    prepared: dict[tuple[str, Assembly], GeneRows] = field(default_factory=dict, init=False, repr=False, compare=False)
    named: dict[tuple[str, str], Gene | None] = field(default_factory=dict, init=False, repr=False, compare=False)

    def gene(self, symbol: str, hgnc_id: str = "") -> Gene | None:
        """The gene of a symbol or alias as a caller writes it; an HGNC id, where given, decides over the symbol."""
        key = (symbol, hgnc_id)
        try:
            return self.named[key]
        except KeyError:
            names = (hgnc_key(hgnc_id), symbol.casefold())
            symbols = (self.genes_by_name.get(name) for name in names if name)
            found = next((self.genes[known] for known in symbols if known is not None), None)
            if len(self.named) >= NAMES_REMEMBERED:
                self.named.clear()
            self.named[key] = found
            return found

    def layer_of(self, table: str, *key: str) -> Layer:
        """The layer a row in force came from; ``key`` is the row's key in the order of the schema."""
        origin = self.overlaid.get(table, {}).get(key)
        return self.layers[origin.layer if origin is not None else 0]

    def shares(self) -> tuple[LayerShare, ...]:
        """What each later layer brings, by layer and table; empty for one layer."""
        counts: dict[tuple[int, str], list[int]] = {}
        for table, rows in self.overlaid.items():
            for origin in rows.values():
                counts.setdefault((origin.layer, table), [0, 0])[origin.replaces] += 1
        return tuple(
            LayerShare(self.layers[number], table, added, replaced)
            for (number, table), (added, replaced) in sorted(counts.items())
        )


def hgnc_key(hgnc_id: str) -> str:
    """``HGNC:3236`` and ``3236`` name the same gene; "" for anything else."""
    number = hgnc_id.upper().removeprefix("HGNC:")
    return f"hgnc:{number}" if number.isdigit() else ""
