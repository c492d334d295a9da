"""Where a stated residue does stand, when it does not stand where a row says; legacy numbering; coding positions."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from targetboard.knowledge.legacy import accession
from targetboard.knowledge.lint_context import LintContext
from targetboard.knowledge.protein import curated_change as parsed_change
from targetboard.knowledge.protein import edit_of, numbering_fault, same_event
from targetboard.knowledge.records import Gene, KnownAllele, ProteinWindow
from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf.hgvs import THREE_LETTER, ProteinChange, ProteinKind, parse_protein, split_accession

NEARBY_CODONS = 10
MAX_PLACES = 3
FUSION_EVENTS = frozenset({"fusion", "rearrangement"})
FUSION_COLUMNS = ("partner", "orientation", "exon_range")
_EXAMPLE = re.compile(r"p\.[A-Z][a-z]{2}(\d+)\S* here is p\.[A-Z][a-z]{2}(\d+)\S* there")
_CODING_SNV = re.compile(r"c\.(\d+)[ACGT]>[ACGT]")


def check(context: LintContext) -> None:
    """Run every rule of this module that needs no reference sequence."""
    for gene in context.base.genes.values():
        _offset(context, gene)
    for row in context.base.alterations.values():
        length = protein_length(context.base.proteins.get(row.gene, ()))
        if length is not None and row.codon_last is not None and row.codon_last > length + 1:
            message = f"codon {row.codon_last} lies beyond the protein of {row.gene} ({length} residues)"
            context.alteration(row.alteration_id, "codon_last", message, "Correct the window or the transcript.")
        if row.event not in FUSION_EVENTS:
            for column in FUSION_COLUMNS:
                if getattr(row, column):
                    message = f"{column} says nothing of a {row.event}"
                    context.alteration(row.alteration_id, column, message, "Leave it empty, or correct the event.")
        if row.functional_effect and not row.functional_sources:
            message = "a functional effect needs its study"
            context.alteration(row.alteration_id, "functional_sources", message, "Add the source.")
        if row.functional_effect and (row.functional_effect == "neutral") is not (row.kind == "neutral"):
            message = f"kind {row.kind}, but functional studies say {row.functional_effect}"
            context.alteration(row.alteration_id, "functional_effect", message, "Weigh the two.", severity="warning")
    for alleles in context.base.alleles_by_alteration.values():
        for known_alleles in alleles.values():
            for known in known_alleles:
                _codon_of_coding_position(context, known)
    _silent_hotspots(context)


def residue_fault(change: ProteinChange, windows: Sequence[ProteinWindow]) -> str | None:
    """Where a change disagrees with the protein, and where the stated residue does stand; None if nothing is wrong.

    A slip of the pen is looked for first: the digits of the position in another order (A862G for A682G); then the same
    residue within ten codons. A position beyond the stop is a fault as well.
    """
    fault = numbering_fault(change, windows)
    if fault is None:
        length = protein_length(windows)
        if length is None or change.start <= length + 1 or change.kind is ProteinKind.EXTENSION:
            return None
        stated = THREE_LETTER.get(change.ref, change.ref)
        fault = f"{stated}{change.start} stated, but the protein has {length} residues"
    places = _places(change, windows)
    return f"{fault}; {places}" if places else fault


def protein_length(windows: Sequence[ProteinWindow]) -> int | None:
    """Residues before the stop, where a window holds the stop."""
    for window in windows:
        if window.residues.endswith("*"):
            return window.start + len(window.residues) - 2
    return None


def _places(change: ProteinChange, windows: Sequence[ProteinWindow]) -> str:
    if not change.ref or change.ref in "X*":
        return ""
    held = {
        window.start + offset
        for window in windows
        for offset, residue in enumerate(window.residues)
        if residue == change.ref
    }
    name = THREE_LETTER[change.ref]
    swapped = sorted(held & _swapped(change.start))
    if swapped:
        return f"{name} stands at {', '.join(map(str, swapped))} (digits in another order)"
    near = sorted(held, key=lambda position: (abs(position - change.start), position))
    near = [position for position in near if abs(position - change.start) <= NEARBY_CODONS][:MAX_PLACES]
    return f"{name} stands nearby at {', '.join(map(str, sorted(near)))}" if near else ""


def _swapped(position: int) -> set[int]:
    """The numbers that come of exchanging two neighbouring digits."""
    digits = str(position)
    pairs = range(len(digits) - 1)
    return {int(digits[:i] + digits[i + 1] + digits[i] + digits[i + 2 :]) for i in pairs} - {position}


def _offset(context: LintContext, gene: Gene) -> None:
    if gene.numbering_offset is None:
        return
    key = (gene.gene,)
    if not gene.legacy_transcript:
        message = "numbering_offset is set, but no legacy transcript is named"
        context.add("genes", key, "numbering_offset", message, "Name the transcript it belongs to.")
    example = _EXAMPLE.search(gene.numbering_note)
    if example is not None and int(example[2]) - int(example[1]) != gene.numbering_offset:
        stated = int(example[2]) - int(example[1])
        message = f"numbering_offset {gene.numbering_offset}, but the example of numbering_note says {stated}"
        context.add("genes", key, "numbering_offset", message, "It is the legacy number minus the number here.")
    for change in _legacy_faults(context, gene):
        context.add("genes", key, "numbering_offset", change, "Correct the offset.", severity="warning")


def _legacy_faults(context: LintContext, gene: Gene) -> list[str]:
    """An offset that leads below residue 1 cannot be right for the residues it is meant for."""
    if gene.numbering_offset is None or gene.numbering_offset >= 0:
        return []
    starts = [
        change.change.start
        for row in context.base.alterations_by_gene.get(gene.gene, ())
        for change in context.base.curated_changes.get(row.alteration_id, ())
        if change.change.start
    ]
    if not starts or max(starts) + gene.numbering_offset >= 1:
        return []
    return [f"numbering_offset {gene.numbering_offset} leads below residue 1 for every curated change"]


def _codon_of_coding_position(context: LintContext, row: KnownAllele) -> None:
    """A substitution at c.N lies in codon (N+2)/3: the protein change beside it must start there."""
    coding = _CODING_SNV.fullmatch(split_accession(row.hgvsc)[1]) if row.hgvsc else None
    change = parse_protein(row.hgvsp) if coding is not None and row.hgvsp else None
    if coding is None or change is None or change.kind not in {ProteinKind.SUBSTITUTION, ProteinKind.NONSENSE}:
        return
    codon = (int(coding[1]) + 2) // 3
    if change.start != codon:
        message = f"{row.hgvsc} lies in codon {codon}, but {row.hgvsp} is at residue {change.start}"
        context.allele(row, "hgvsc", message, "Correct one of the two.")


def _silent_hotspots(context: LintContext) -> None:
    for rows in context.base.hotspots.values():
        for row in rows:
            if row.residue.isdecimal() and row.change == row.reference_aa:
                message = f"the change {row.change} is the reference residue"
                context.add("hotspots", (row.gene, row.residue, row.change), "change", message, "Leave the row out.",
                            severity="warning")  # fmt: skip


def check_translation(context: LintContext, models: Mapping[str, tuple[Path, Path]], workdir: Path) -> None:
    """Compute every curated allele on its knowledge transcript, and compare hgvsp with what comes out.

    Parameters
    ----------
    context
        The lint's rows and findings.
    models
        FASTA and GFF3 by assembly.
    workdir
        Folder for temporary files.
    """
    from targetboard.vcf.csq import compute_consequences  # pysam only where sequence is asked for

    base = context.base
    for assembly, (fasta, gff3) in sorted(models.items()):
        by_alteration = base.alleles_by_alteration.get(context.assembly(assembly), {})
        rows = [row for group in by_alteration.values() for row in group if row.hgvsp]
        found = compute_consequences([Allele(r.chrom, r.pos, r.ref, r.alt) for r in rows], fasta, gff3, workdir)
        for row, consequences in zip(rows, found, strict=True):
            gene = base.genes.get(base.alterations[row.alteration_id].gene)
            if gene is not None:
                _compare(context, row, gene, consequences, assembly)


def _compare(
    context: LintContext,
    row: KnownAllele,
    gene: Gene,
    consequences: Sequence[TranscriptConsequence],
    assembly: str,
) -> None:
    known = {accession(name) for name in (gene.transcript_refseq, gene.transcript_ensembl) if name}
    windows = context.base.proteins.get(gene.gene, ())
    curated = parsed_change(row.hgvsp, windows)
    for consequence in consequences:
        computed = parse_protein(consequence.hgvsp) if consequence.hgvsp else None
        if accession(consequence.transcript) not in known or computed is None or curated is None:
            continue
        if computed.start == curated.change.start and _is_silent_twice(computed, curated.change):
            continue
        if computed.kind is ProteinKind.START_LOST and curated.change.start == 1:
            if curated.change.kind is not ProteinKind.START_LOST:
                message = f"{row.hgvsp} is stated, but the start codon is lost: {consequence.hgvsp}"
                context.allele(row, "hgvsp", message, "No annotation says the stated change.", severity="warning")
            continue
        if not same_event(computed, edit_of(computed, windows), curated):
            message = f"{row.hgvsp} is stated, but the allele makes {consequence.hgvsp} on {consequence.transcript}"
            context.allele(row, "hgvsp", message, f"Correct allele or change ({assembly} sequence and gene model).")


def _is_silent_twice(first: ProteinChange, second: ProteinChange) -> bool:
    return first.kind is second.kind is ProteinKind.SYNONYMOUS
