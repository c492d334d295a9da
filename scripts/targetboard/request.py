"""What is asked for one sample, and what reading its VCF gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from targetboard.inputs.copy_number import Segment
from targetboard.inputs.fusions import Fusion
from targetboard.model import Allele, Assembly, InputAllele, Ledger, SampleRoles, Variant
from targetboard.vcf.annotated import Spliced
from targetboard.vcf.dialects import Dialect
from targetboard.vcf.genome import WORTH_BYTES
from targetboard.vcf.preflight import Inspection
from targetboard.vcf.scores import EvidenceRequest


@dataclass(slots=True, frozen=True)
class Request:
    """What is asked for one sample: paths and names as the user gave them.

    With ``every_allele`` nothing is set aside by filter, germline call or genotype (a list of alleles is to be
    classified, not a sample), and what is not reported is kept in ``SampleVariants.set_aside``. BGZF files of at least
    ``large_bytes`` are proved on several cores. With ``hits_only`` or ``restricted`` (then all of it is written
    again) an indexed file is read only where the knowledge base has genes and alleles, and the document says so. With
    ``only_hits`` an allele is reported only if a row of the tables matches it, and of an indexed file only genes that
    have rows are read.
    """

    vcf: Path
    assembly: Assembly
    tumour_sample: str | None = None
    normal_sample: str | None = None
    fasta: Path | None = None
    gff3: Path | None = None
    allow_missing_eof: bool = False
    evidence: EvidenceRequest = field(default_factory=EvidenceRequest)
    every_allele: bool = False
    large_bytes: int = WORTH_BYTES
    hits_only: bool = False
    restricted: bool = False
    only_hits: bool = False


@dataclass(slots=True)
class SampleVariants:
    """Everything read from one VCF: reported variants in genome order, the ledger, and what limits them.

    ``unjudged`` are alleles in genes of the knowledge base that were called and whose consequence is not known;
    ``not_evaluated`` counts all such alleles by gene.
    ``set_aside`` holds alleles that are not reported with the reason, only where the request asks for every allele.
    ``fusions`` come from breakends, ``segments`` from symbolic records that state a copy number.
    ``spliced`` says how a large file is written again. ``kept_lines`` are the lines that were read in full, by record
    number, where they are asked for.
    """

    inspection: Inspection
    dialect: Dialect
    roles: SampleRoles
    variants: list[Variant] = field(default_factory=list)
    ledger: Ledger = field(default_factory=Ledger)
    annotation_source: str = "none"
    warnings: list[str] = field(default_factory=list)
    limitations: dict[str, str] = field(default_factory=dict)
    set_aside: list[tuple[InputAllele, str]] = field(default_factory=list)
    unjudged: list[Allele] = field(default_factory=list)
    not_evaluated: dict[str, int] = field(default_factory=dict)
    fusions: list[Fusion] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)
    spliced: Spliced | None = None
    kept_lines: Mapping[int, bytes] = field(default_factory=dict)


def set_aside(request: Request, result: SampleVariants, given: InputAllele, reason: str, *, parsed: bool) -> None:
    """Count an allele that is not reported, and keep it where every allele is asked for."""
    if parsed:
        result.ledger.filter(reason)
    else:
        result.ledger.unparse(reason)
    if request.every_allele:
        result.set_aside.append((given, reason))


def inputs_of(request: Request) -> Mapping[str, Path]:
    """Files a request reads, by role."""
    named = {"vcf": request.vcf, "fasta": request.fasta, "gff3": request.gff3}
    joined = [("frequencies", request.evidence.frequencies), ("scores", request.evidence.scores)]
    for role, paths in joined:
        named |= {role if number == 1 else f"{role} {number}": path for number, path in enumerate(paths, start=1)}
    return {role: path for role, path in named.items() if path is not None}
