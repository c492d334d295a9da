"""What may stand beside a sample's VCF, read once: assay, coverage, copy number, fusions, markers, trials."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from targetboard.errors import UsageError
from targetboard.inputs.assay import Assay, read_assay
from targetboard.inputs.copy_number import GeneCopies, copies_of_genes, read_copy_number
from targetboard.inputs.coverage import Coverage, read_coverage
from targetboard.inputs.fusions import Fusion, read_fusions
from targetboard.inputs.markers import MarkerResult, read_markers
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.trials.reading import UserTrials, read_trials


@dataclass(slots=True, frozen=True)
class SidePaths:
    """Files beside the VCF as the user named them; None where not given."""

    assay: Path | None = None
    coverage: Path | None = None
    copy_number: Path | None = None
    fusions: Path | None = None
    markers: Path | None = None
    trials: Path | None = None

    def given(self) -> dict[str, Path]:
        """Files by role, in a fixed order."""
        named = {
            "assay": self.assay,
            "coverage": self.coverage,
            "copy number": self.copy_number,
            "fusions": self.fusions,
            "markers": self.markers,
            "trials": self.trials,
        }
        return {role: path for role, path in named.items() if path is not None}


@dataclass(slots=True, frozen=True)
class SampleInputs:
    """What the files say; ``copies`` and ``fusions`` are None where no such file was given (not: none found)."""

    assay: Assay | None = None
    coverage: Coverage | None = None
    copies: Sequence[GeneCopies] | None = None
    fusions: Sequence[Fusion] | None = None
    markers: Mapping[str, MarkerResult] = field(default_factory=dict)
    trials: UserTrials | None = None


def read_inputs(paths: SidePaths, base: KnowledgeBase, assembly: Assembly, sample_id: str) -> SampleInputs:
    """Read and check every file that is given.

    Raises
    ------
    UsageError
        For a wrong assay, marker or trial file, or an assay of another assembly.
    MalformedInput
        For a damaged or unknown table.
    """
    assay = read_assay(paths.assay) if paths.assay else None
    if assay is not None and assay.assembly and assay.assembly != str(assembly):
        raise UsageError(
            f"the assay is described on {assay.assembly}, the sample on {assembly}",
            where=f"{paths.assay}, key assembly",
            remedy="Give the description for this assembly",
        )
    coverage = None
    if paths.coverage:
        loci = Loci.of(base, assembly)
        coverage = read_coverage(
            paths.coverage, assembly, lambda chrom, start, end: bool(loci.at(chrom, start - 2000, end + 2000))
        )
    copies = None
    if paths.copy_number:
        copies = copies_of_genes(base.genes.values(), read_copy_number(paths.copy_number, assembly), assembly)
    return SampleInputs(
        assay,
        coverage,
        copies,
        read_fusions(paths.fusions, assembly) if paths.fusions else None,
        read_markers(paths.markers, sample_id, base.markers) if paths.markers else {},
        read_trials(paths.trials, base) if paths.trials else None,
    )
