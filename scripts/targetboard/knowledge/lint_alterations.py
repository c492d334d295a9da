"""Lint rules of genes, proteins, alterations, alleles, hotspots and domains."""

from __future__ import annotations

import re
from collections import Counter

from targetboard.knowledge.lint_context import LintContext
from targetboard.knowledge.lint_numbering import residue_fault
from targetboard.knowledge.protein import CODING_EDITS, curated_change, edit_of, numbering_fault, same_event
from targetboard.knowledge.records import UNVERIFIED, Alteration, Gene, KnownAllele
from targetboard.model import Assembly
from targetboard.vcf.hgvs import ProteinKind, format_protein, parse_protein, split_accession

# Promoters lie outside the transcribed locus; alleles this far outside still belong to the gene.
PROMOTER_MARGIN = 2_000

COORDINATE_EVENTS = frozenset({"allele", "promoter"})
OTHER_INPUT_EVENTS = frozenset(
    {"amplification", "homozygous_deletion", "fusion", "rearrangement", "overexpression", "signature", "wild_type"}
)
NEEDED_COLUMNS = {
    "protein": ("protein_changes",),
    "codon": ("codon_first", "codon_last"),
    "exon_class": ("classes",),
    "region_class": ("codon_first", "codon_last", "classes"),
    "truncation_gain": ("codon_first", "codon_last"),
    "internal_tandem_duplication": ("codon_first", "codon_last"),
    "exon_skipping": ("exon",),
}
SPLICE_CLASSES = frozenset({"splice_site", "splice_region"})
SPLICE_CHANGES = frozenset({"splice", "sp"})
_CODING_SNV = re.compile(r"[cn]\.[-*]?\d+(?:[+-]\d+)?([ACGT])>([ACGT])")
_COMPLEMENT = str.maketrans("ACGT", "TGCA")


def check(context: LintContext) -> None:
    """Run every rule of this module."""
    _genes(context)
    _proteins(context)
    for alteration in context.base.alterations.values():
        _alteration(context, alteration)
        _protein_changes(context, alteration)
        _excludes(context, alteration)
        _evidence(context, alteration)
    _alleles(context)
    _hotspots(context)
    _domains(context)


def _genes(context: LintContext) -> None:
    base = context.base
    owners: dict[str, list[str]] = {}
    for gene in base.genes.values():
        for name in (gene.gene, *gene.aliases):
            owners.setdefault(name.casefold(), []).append(gene.gene)
    for gene in base.genes.values():
        key = (gene.gene,)
        for alias in gene.aliases:
            others = sorted(set(owners[alias.casefold()]) - {gene.gene})
            if others:
                message = f"alias {alias!r} is also a name of {', '.join(others)}"
                context.add("genes", key, "aliases", message, "Keep it at one gene.")
        for assembly in Assembly:
            span = gene.span(assembly)
            if span is None:
                message = f"the gene has no coordinates in {assembly}"
                context.add("genes", key, f"start_{assembly}", message, "Give start and end.", severity="warning")
            elif span[0] > span[1]:
                context.add("genes", key, f"start_{assembly}", "start lies after end", "Swap or correct them.")
        if gene.last_pathogenic_codon is not None and not gene.lof_mechanism:
            message = "last_pathogenic_codon is set, but loss of function is no mechanism of the gene"
            context.add("genes", key, "last_pathogenic_codon", message, "Correct one of the two.")


def _accession(transcript: str) -> str:
    return transcript.partition(".")[0]


def _proteins(context: LintContext) -> None:
    for name, windows in context.base.proteins.items():
        gene = context.base.genes.get(name)
        for window in windows:
            key = (window.gene, window.transcript, str(window.start))
            known = {_accession(t) for t in (gene.transcript_refseq, gene.transcript_ensembl) if t} if gene else set()
            if known and _accession(window.transcript) not in known:
                message = f"{window.transcript} is no knowledge transcript of {name}"
                context.add("proteins", key, "transcript", message, "Numbering must be that of genes.tsv.")
            if "*" in window.residues[:-1]:
                context.add("proteins", key, "residues", "a stop stands inside the residues", "Correct the sequence.")
            if window.start == 1 and not window.residues.startswith("M"):
                context.add("proteins", key, "residues", "residue 1 is no Met", "Correct start or sequence.")
        positions: dict[int, str] = {}
        for window in windows:
            for offset, residue in enumerate(window.residues):
                position = window.start + offset
                if positions.setdefault(position, residue) != residue:
                    key = (window.gene, window.transcript, str(window.start))
                    message = f"residue {position} differs between windows of {name}"
                    context.add("proteins", key, "residues", message, "Windows of one protein must agree.")
                    break


def _alteration(context: LintContext, row: Alteration) -> None:
    for column in NEEDED_COLUMNS.get(row.event, ()):
        if not getattr(row, column):
            message = f"event {row.event} needs {column}"
            context.alteration(row.alteration_id, column, message, "Fill the column or change the event.")
    if row.event == "exon_class" and row.exon is None and row.codon_first is None:
        context.alteration(row.alteration_id, "exon", "exon_class needs an exon or a codon window", "Give one.")
    if (row.codon_first is None) is not (row.codon_last is None):
        context.alteration(row.alteration_id, "codon_first", "a codon window needs both ends", "Give both.")
    elif row.codon_first is not None and row.codon_last is not None and row.codon_first > row.codon_last:
        context.alteration(
            row.alteration_id, "codon_first", "the window's first codon lies after its last", "Swap them."
        )
    if row.event == "exon_skipping" and not set(row.classes) <= SPLICE_CLASSES:
        message = f"exon_skipping counts splice classes only, not {'|'.join(sorted(set(row.classes) - SPLICE_CLASSES))}"
        context.alteration(row.alteration_id, "classes", message, "List further changes as exact alleles.")
    if row.event in COORDINATE_EVENTS and not _alleles_of(context, row.alteration_id):
        message = f"event {row.event} has no alleles"
        context.alteration(row.alteration_id, "event", message, "Add its alleles of both assemblies to alleles.tsv.")
    gene = context.base.genes.get(row.gene)
    if gene is None:
        return
    if row.event not in COORDINATE_EVENTS | OTHER_INPUT_EVENTS and not (
        gene.transcript_refseq or gene.transcript_ensembl
    ):
        message = f"{row.gene} has no knowledge transcript, so its numbering is undefined"
        context.alteration(row.alteration_id, "gene", message, "Give a transcript in genes.tsv.")
    if row.event == "loss_of_function" and row.kind == "driver" and not gene.lof_mechanism:
        message = f"loss of function is no mechanism of {row.gene} in genes.tsv"
        context.alteration(row.alteration_id, "event", message, "Correct one of the two.")
    if (row.kind == "neutral") is not (row.effect == "neutral"):
        context.alteration(
            row.alteration_id, "effect", f"kind {row.kind} and effect {row.effect} disagree", "Correct one."
        )


def _protein_changes(context: LintContext, row: Alteration) -> None:
    windows = context.base.proteins.get(row.gene, ())
    for text in row.protein_changes:
        parsed = curated_change(text, windows)
        if parsed is None:
            context.alteration(row.alteration_id, "protein_changes", f"{text!r} is no protein change", "Use HGVS.")
            continue
        if parsed.change.kind in {ProteinKind.SYNONYMOUS, ProteinKind.UNKNOWN, ProteinKind.NO_PROTEIN}:
            message = f"{text!r} names no change that a rule could recognise"
            context.alteration(row.alteration_id, "protein_changes", message, "Use an allele.")
        spelled = format_protein(parsed.change)
        if spelled != text:
            message = f"{text!r} should be spelled {spelled}"
            context.alteration(
                row.alteration_id, "protein_changes", message, "Use three-letter HGVS.", severity="warning"
            )
        fault = residue_fault(parsed.change, windows)
        if fault is not None:
            message = f"{text}: {fault}"
            context.alteration(row.alteration_id, "protein_changes", message, "Correct numbering or transcript.")
        elif parsed.edit is None and parsed.change.kind in CODING_EDITS:
            message = f"{text}: no protein window holds it, so other spellings of the event are missed"
            context.alteration(
                row.alteration_id, "protein_changes", message, "Add the window to proteins.tsv.", severity="warning"
            )


def _excludes(context: LintContext, row: Alteration) -> None:
    windows = context.base.proteins.get(row.gene, ())
    for text in row.excludes:
        if text.startswith("p."):
            parsed = curated_change(text, windows)
            if parsed is None:
                context.alteration(row.alteration_id, "excludes", f"{text!r} is no protein change", "Use HGVS.")
            elif (fault := residue_fault(parsed.change, windows)) is not None:
                context.alteration(row.alteration_id, "excludes", f"{text}: {fault}", "Correct the numbering.")
            elif parsed.edit is None and parsed.change.kind in CODING_EDITS:
                message = f"{text}: no protein window holds it, so another spelling would slip through the exclusion"
                context.alteration(row.alteration_id, "excludes", message, "Add the window to proteins.tsv.")
            continue
        other = context.base.alterations.get(text)
        if other is None or other.gene != row.gene:
            message = f"{text!r} is no alteration of {row.gene}"
            context.alteration(row.alteration_id, "excludes", message, "Name an alteration of the gene.")
        elif text == row.alteration_id:
            context.alteration(row.alteration_id, "excludes", "the alteration excludes itself", "Remove it.")


def _evidence(context: LintContext, row: Alteration) -> None:
    if row.evidence != "validated":
        return
    types = context.schema.source_types
    if not any(types[kind].evidence for source in row.sources if (kind := source.partition(":")[0]) in types):
        kinds = ", ".join(kind for kind, source_type in types.items() if source_type.evidence)
        message = "validated needs a clinical or functional source"
        context.alteration(row.alteration_id, "sources", message, f"Add one of: {kinds}.")
    if row.verified_in == UNVERIFIED:
        message = "validated needs a row that was checked"
        context.alteration(row.alteration_id, "verified_in", message, "Check it, or lower the evidence.")


def _alleles_of(context: LintContext, alteration_id: str) -> list[KnownAllele]:
    return [
        row
        for assembly in Assembly
        for row in context.base.alleles_by_alteration.get(assembly, {}).get(alteration_id, ())
    ]


def _alleles(context: LintContext) -> None:
    for alteration in context.base.alterations.values():
        rows = _alleles_of(context, alteration.alteration_id)
        gene = context.base.genes.get(alteration.gene)
        for row in rows:
            _allele_form(context, row)
            if gene is not None:
                _allele_place(context, row, gene)
            _allele_protein(context, row, alteration)
        by_assembly = [[row for row in rows if row.assembly == assembly] for assembly in Assembly]
        forms = [Counter((split_accession(r.hgvsc)[1], len(r.ref), len(r.alt)) for r in group) for group in by_assembly]
        if forms[0] != forms[1]:
            for present, absent, group in zip(forms, reversed(forms), by_assembly, strict=True):
                for row in group:
                    form = (split_accession(row.hgvsc)[1], len(row.ref), len(row.alt))
                    if present[form] > absent[form]:
                        message = f"the allele {row.hgvsc or row.hgvsp} has no counterpart in the other assembly"
                        context.allele(row, "assembly", message, "Give each allele in GRCh37 and GRCh38, same hgvsc.")


def _allele_form(context: LintContext, row: KnownAllele) -> None:
    if row.ref == row.alt:
        context.allele(row, "alt", "REF and ALT are the same", "Correct the allele.")
        return
    # Normal form (vt, bcftools norm): the last bases differ, and the first ones too unless one of them is the anchor.
    if row.ref[-1] == row.alt[-1] or (min(len(row.ref), len(row.alt)) > 1 and row.ref[0] == row.alt[0]):
        message = f"{row.ref}>{row.alt} is not trimmed and left-aligned"
        context.allele(row, "ref", message, "Normalise the allele against the reference.")


def _allele_place(context: LintContext, row: KnownAllele, gene: Gene) -> None:
    if row.chrom != gene.chrom:
        context.allele(row, "chrom", f"{gene.gene} lies on chromosome {gene.chrom}", "Correct the coordinates.")
        return
    span = gene.span(Assembly(row.assembly))
    if span is not None and not span[0] - PROMOTER_MARGIN <= row.pos <= span[1] + PROMOTER_MARGIN:
        message = f"{row.pos} lies outside {gene.gene} ({span[0]}-{span[1]} in {row.assembly})"
        context.allele(row, "pos", message, "Correct position or assembly.")
    match = _CODING_SNV.fullmatch(split_accession(row.hgvsc)[1])
    if match and len(row.ref) == len(row.alt) == 1:
        bases = (match[1], match[2])
        expected = bases if gene.strand == "+" else tuple(base.translate(_COMPLEMENT) for base in bases)
        if expected != (row.ref, row.alt):
            message = f"{row.hgvsc} on the {gene.strand} strand is {expected[0]}>{expected[1]}, not {row.ref}>{row.alt}"
            context.allele(row, "ref", message, "Correct allele, hgvsc or strand.")


def _allele_protein(context: LintContext, row: KnownAllele, alteration: Alteration) -> None:
    if not row.hgvsp:
        return
    windows = context.base.proteins.get(alteration.gene, ())
    change = parse_protein(row.hgvsp)
    if change is None:
        context.allele(row, "hgvsp", f"{row.hgvsp!r} is no protein change", "Use HGVS.")
        return
    fault = residue_fault(change, windows)
    if fault is not None:
        context.allele(row, "hgvsp", f"{row.hgvsp}: {fault}", "Correct numbering or transcript.")
    elif alteration.event == "protein":
        curated = context.base.curated_changes.get(alteration.alteration_id, ())
        if not any(same_event(change, edit_of(change, windows), known) for known in curated):
            message = f"{row.hgvsp} is none of the protein changes of {alteration.alteration_id}"
            context.allele(row, "hgvsp", message, "Move the allele to its own alteration, or correct it.")


def _hotspots(context: LintContext) -> None:
    for name, rows in context.base.hotspots.items():
        windows = context.base.proteins.get(name, ())
        totals: dict[tuple[str, bool], int] = {}
        for row in rows:
            key = (row.gene, row.residue, row.change)
            if row.change_count > row.residue_count:
                message = f"{row.change_count} tumours with the change, but {row.residue_count} at the residue"
                context.add("hotspots", key, "change_count", message, "Correct the counts.")
            # A splice hotspot is counted apart from the substitutions of the residue beside it.
            place = (row.residue, row.change in SPLICE_CHANGES)
            if totals.setdefault(place, row.residue_count) != row.residue_count:
                message = f"residue_count {row.residue_count} differs from {totals[place]} of another row"
                context.add("hotspots", key, "residue_count", message, "All rows of a residue state one count.")
            if row.residue.isdecimal() and len(row.reference_aa) == 1 and row.reference_aa != "*":
                change = parse_protein(f"p.{row.reference_aa}{row.residue}=")
                fault = numbering_fault(change, windows) if change is not None else None
                if fault is not None:
                    message = f"the hotspot is numbered on another transcript: {fault}"
                    context.add("hotspots", key, "residue", message, "Leave the residue out, or renumber it.")


def _domains(context: LintContext) -> None:
    for rows in context.base.domains.values():
        for row in rows:
            if row.codon_first > row.codon_last:
                key = (row.gene, row.name, str(row.codon_first), str(row.codon_last))
                context.add("domains", key, "codon_first", "the first codon lies after the last", "Swap them.")
