"""The sample document: the single source of truth that every renderer reads (workflow/schemas/document.schema.json)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from targetboard import __version__
from targetboard.action.negatives import Absences
from targetboard.classify.could_change import could_change
from targetboard.classify.intervals import wilson_interval
from targetboard.errors import TargetboardError
from targetboard.inputs.assay import Assay
from targetboard.inputs.coverage_summary import coverage_entry
from targetboard.inputs.sample_inputs import SampleInputs
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly, DriverClass, Match, TranscriptConsequence, Variant
from targetboard.provenance import FileFacts
from targetboard.report.json_text import json_text
from targetboard.request import SampleVariants

SCHEMA_VERSION = "1.0"
STATEMENTS = {
    "CSQ": "Consequences as annotated by VEP (CSQ).",
    "ANN": "Consequences as annotated by SnpEff (ANN).",
    "EFF": "Consequences as annotated by SnpEff (EFF, the older format).",
    "BCSQ": "Consequences as annotated by bcftools csq (BCSQ).",
    "csq": "Consequences computed here from the reference and gene models (bcftools csq, one allele at a time).",
    "none": "No consequences: only exact alleles of the knowledge base were recognised.",
}


def dump(document: Mapping[str, Any]) -> bytes:
    """The document as UTF-8 JSON with a fixed layout: the same content always gives the same bytes."""
    return f"{json_text(document)}\n".encode()


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def _exon(consequence: TranscriptConsequence | None) -> str:
    if consequence is None or consequence.exon is None:
        return ""
    return f"{consequence.exon}/{consequence.exon_total}" if consequence.exon_total else str(consequence.exon)


def match_entry(match: Match, base: KnowledgeBase) -> dict[str, Any]:
    """One satisfied alteration with what the knowledge base says of it."""
    alteration = base.alterations[match.alteration_id]
    return {
        "alteration_id": match.alteration_id,
        "label": alteration.label,
        "level": str(match.level),
        "rule": match.rule,
        "kind": alteration.kind,
        "evidence": alteration.evidence,
        "effect": alteration.effect,
        "mechanism": alteration.mechanism,
        "sources": list(alteration.sources),
    }


def _known_names(variant: Variant, base: KnowledgeBase, assembly: Assembly) -> tuple[str, str]:
    """HGVS c. and p. of the knowledge base for an exact allele, where the annotation brought none."""
    for known in base.alleles.get(assembly, {}).get(variant.allele.key(), ()):
        return known.hgvsc, known.hgvsp
    return "", ""


def _same_gene(consequence: TranscriptConsequence, gene: str, base: KnowledgeBase) -> bool:
    known = base.gene(consequence.gene, consequence.hgnc_id)
    return not gene or (known is not None and known.gene == gene)


def variant_entry(
    variant: Variant, base: KnowledgeBase, assembly: Assembly, tier: Mapping[str, str | None]
) -> dict[str, Any]:
    """One variant of the document."""
    chosen, seen, given = variant.chosen, variant.observation, variant.input
    hgvsc, hgvsp, source = "", "", ""
    if chosen is not None:
        hgvsc, hgvsp, source = chosen.hgvsc, chosen.hgvsp, chosen.source
    elif variant.matches:
        hgvsc, hgvsp = _known_names(variant, base, assembly)
        source = "knowledge"
    interval = None
    if seen.depth and seen.alt_depth is not None and seen.alt_depth <= seen.depth:
        interval = [round(bound, 6) for bound in wilson_interval(seen.alt_depth, seen.depth)]
    oncogenicity = variant.oncogenicity
    return {
        "chrom": variant.allele.chrom,
        "pos": variant.allele.pos,
        "ref": variant.allele.ref,
        "alt": variant.allele.alt,
        "input": {
            "record": given.record,
            "line": given.line,
            "chrom": given.chrom,
            "pos": given.pos,
            "ref": given.ref,
            "alt": given.alt,
            "alt_index": given.alt_index,
        },
        "reference_checked": variant.reference_checked,
        "gene": variant.gene,
        "transcript": chosen.transcript if chosen else "",
        "transcript_note": variant.transcript_note,
        "hgvsc": hgvsc,
        "hgvsp": hgvsp,
        "consequence": "&".join(chosen.terms) if chosen else "",
        "consequence_source": source,
        "exon": _exon(chosen),
        "vaf": _rounded(seen.vaf),
        "vaf_interval": interval,
        "vaf_source": seen.vaf_source,
        "ccf": None if variant.ccf is None else [round(bound, 6) for bound in variant.ccf],
        "caller_vaf": _rounded(seen.caller_vaf),
        "depth": seen.depth,
        "alt_depth": seen.alt_depth,
        "normal_vaf": _rounded(seen.normal_vaf),
        "normal_depth": seen.normal_depth,
        "filter": seen.filter,
        "genotype": seen.genotype,
        "somatic_status": seen.somatic_status,
        "phase": None
        if seen.phase is None
        else {"set_id": seen.phase.set_id, "haplotype": seen.phase.haplotype, "source": seen.phase.source},
        "driver_class": str(variant.driver_class),
        "class_reason": variant.class_reason,
        "oncogenicity": None
        if oncogenicity is None
        else {
            "class": oncogenicity.classification,
            "points": oncogenicity.points,
            "points_range": list(oncogenicity.points_range),
            "criteria": [
                {"code": found.code, "points": found.points, "status": str(found.status), "evidence": found.evidence}
                for found in oncogenicity.criteria
                if found.status != "not_met"
            ],
        },
        "could_change": could_change(oncogenicity),
        "matches": [match_entry(match, base) for match in variant.matches],
        "near_misses": [
            {
                "alteration_id": miss.alteration_id,
                "label": base.alterations[miss.alteration_id].label,
                "reason": miss.reason,
            }
            for miss in variant.near_misses
        ],
        "tier": {"amp": tier.get("amp"), "escat": tier.get("escat")},
        "flags": list(variant.flags),
        "notes": [*variant.notes, *seen.warnings],
        "transcripts": [
            {
                "transcript": consequence.transcript,
                "gene": consequence.gene,
                "consequence": list(consequence.terms),
                "hgvsc": consequence.hgvsc,
                "hgvsp": consequence.hgvsp,
                "exon": _exon(consequence),
                "mane_select": consequence.mane_select,
                "chosen": consequence is chosen,
            }
            for consequence in variant.consequences
            if consequence.transcript and _same_gene(consequence, variant.gene, base)
        ],
    }


def sample_entry(
    sample_id: str,
    assembly: str,
    tumour_type: Mapping[str, Any] | None,
    condition: str | None,
    clinical: Mapping[str, str],
    patient_id: str = "",
    purity: float | None = None,
    read: SampleVariants | None = None,
) -> dict[str, Any]:
    """Identity and context of the sample; ``read`` adds which columns of the VCF were used."""
    return {
        "sample_id": sample_id,
        "patient_id": patient_id,
        "tumour_type": tumour_type,
        "condition": condition,
        "assembly": assembly,
        "tumour_column": read.roles.tumour if read else None,
        "normal_column": read.roles.normal if read else None,
        "role_basis": read.roles.basis if read else "",
        "purity": purity,
        "turnaround_days": _turnaround(clinical),
        "clinical": dict(clinical),
    }


def _turnaround(clinical: Mapping[str, str]) -> int | None:
    """Days from sampling to the report's date, both from the sheet; None where one is missing or no date."""
    try:
        first, last = (date.fromisoformat(clinical[name]) for name in ("collection_date", "report_date"))
    except (KeyError, ValueError):
        return None
    return (last - first).days


def _assay_entry(assay: Assay | None) -> dict[str, Any] | None:
    """What the laboratory says its assay can do; None where it is not described."""
    if assay is None:
        return None
    return {
        "name": assay.name,
        "version": assay.version,
        "status": assay.status,
        "minimum_depth": assay.minimum_depth,
        "minimum_alt_reads": assay.minimum_alt_reads,
        "minimum_purity": assay.minimum_purity,
        "umi": assay.umi,
        "classes": [
            {"name": name, "validated": found.validated, "lod": found.lod, "max_length": found.max_length}
            for name, found in assay.classes.items()
        ],
        "companion_diagnostics": list(assay.companion_diagnostics),
        "blind_spots": list(assay.blind_spots),
        "tmb_megabases": assay.tmb_megabases,
        "msi_loci": assay.msi_loci,
    }


def _knowledge_limits(base: KnowledgeBase) -> dict[str, str]:
    """What a reader has to know of the tables: who reviewed the rows, and what local tables change."""
    limits: dict[str, str] = {}
    total = len(base.claims) + len(base.alterations)
    waiting = sum(len(row.reviewers) < 2 for row in base.claims.values())
    waiting += sum(len(row.reviewers) < 2 for row in base.alterations.values())
    if waiting:
        limits["knowledge_not_reviewed"] = (
            f"{waiting:,} of {total:,} alterations and claims of the knowledge tables carry no review by two people:"
            " each has its source, which the reader has to weigh."
        )
    shares = base.shares()
    if shares:
        told = "; ".join(
            f"{share.layer.release} adds {share.added} and replaces {share.replaced} rows of {share.table}"
            for share in shares
        )
        limits["knowledge_layers"] = f"Local tables stand before the released ones: {told}."
    limits["approval_status"] = (
        "An accelerated or conditional approval is told as it was granted; its later conversion or end only where a"
        " source was read."
    )
    if not any(drug.cost_band or drug.assistance for drug in base.drugs.values()):
        limits["no_costs"] = (
            "Costs and programmes that help with them differ by country and date; the knowledge tables have no sourced"
            " statement on them."
        )
    return limits


def _missing_inputs(inputs: SampleInputs, read: SampleVariants) -> dict[str, str]:
    """What was not supplied, and what therefore cannot be said."""
    missing: dict[str, str] = {}
    if inputs.coverage is None:
        missing["no_coverage"] = (
            "Coverage data were not supplied: no negative finding can be stated. A variant that is not listed may have"
            " been missed for lack of coverage."
        )
    if inputs.assay is None:
        missing["no_assay"] = "The assay was not described: what it covers and what it can detect is not known here."
    if inputs.copies is None and read.segments:
        missing["copy_number_of_vcf"] = (
            f"Copy numbers were read from {len(read.segments)} records of the VCF; of every other gene no amplification"
            " and no deletion was assessed."
        )
    elif inputs.copies is None:
        missing["no_copy_number"] = (
            "Copy-number data were not supplied: amplifications and deletions were not assessed."
        )
    if inputs.fusions is None:
        missing["no_fusions"] = "Fusion data were not supplied: fusions and rearrangements were not assessed."
    if not inputs.markers:
        missing["no_markers"] = (
            "No measured markers were supplied (PD-L1, HER2, MSI, TMB and others): not assessed here."
        )
    missing["tumour_only_or_not"] = (
        "A matched normal column was used as the caller reports it."
        if read.roles.normal is not None
        else "No matched normal: a variant may be inherited or come from blood cells; this test cannot decide."
    )
    return missing


def _proteins(variants: Sequence[Variant], base: KnowledgeBase) -> list[dict[str, Any]]:
    """Length and critical domains of the proteins with a driver, where the whole protein is in the tables."""
    drivers = (DriverClass.VALIDATED_DRIVER, DriverClass.LIKELY_DRIVER)
    rows = []
    for gene in sorted({variant.gene for variant in variants if variant.driver_class in drivers and variant.gene}):
        whole = [window for window in base.proteins.get(gene, ()) if window.start == 1]
        if not whole:
            continue
        longest = max(whole, key=lambda window: len(window.residues))
        domains = [
            {"name": domain.name, "first": domain.codon_first, "last": domain.codon_last}
            for domain in base.domains.get(gene, ())
        ]
        residues = longest.residues.rstrip("*")
        rows.append({"gene": gene, "transcript": longest.transcript, "length": len(residues), "domains": domains})
    return rows


def _genes(
    variants: Sequence[Variant],
    events: Sequence[Mapping[str, Any]],
    negatives: Sequence[Mapping[str, Any]],
    base: KnowledgeBase,
) -> list[dict[str, str]]:
    """HGNC numbers of the genes that the document names, by symbol; exports code a gene by its number."""
    named = {variant.gene for variant in variants}
    named |= {name for event in events for name in (event["gene"], event["partner"])}
    named |= {row["gene"] for row in negatives}
    found = ((name, base.genes.get(name)) for name in sorted(named))
    return [{"gene": name, "hgnc_id": gene.hgnc_id} for name, gene in found if gene is not None and gene.hgnc_id]


def provenance_entry(
    code_sha256: str,
    knowledge: KnowledgeBase | None,
    inputs: Sequence[tuple[FileFacts, int | None]],
    tools: Sequence[tuple[str, str]],
    parameters: Mapping[str, Any],
) -> dict[str, Any]:
    """What the document rests on; ``inputs`` pairs a file with its record count where it has one."""
    return {
        "pipeline": {"name": "targetboard", "version": __version__},
        "code_sha256": code_sha256,
        "knowledge": []
        if knowledge is None
        else [{"release": layer.release, "date": layer.date, "sha256": layer.sha256} for layer in knowledge.layers],
        "inputs": [
            {"role": facts.role, "name": facts.name, "sha256": facts.sha256, "bytes": facts.size, "records": records}
            for facts, records in inputs
        ],
        "tools": [{"name": name, "version": version} for name, version in tools],
        "parameters": dict(parameters),
    }


def complete_document(
    sample: Mapping[str, Any],
    read: SampleVariants,
    base: KnowledgeBase,
    assessment: Mapping[str, Any],
    absences: Absences,
    inputs: SampleInputs,
    provenance: Mapping[str, Any],
) -> dict[str, Any]:
    """Assemble the document of an analysed sample."""
    limitations = {
        **read.limitations,
        **_missing_inputs(inputs, read),
        **_knowledge_limits(base),
    }
    ledger = read.ledger
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "complete",
        "error": None,
        "sample": dict(sample),
        "assay": _assay_entry(inputs.assay),
        "caller": {"name": read.dialect.name, "title": read.dialect.title, "basis": read.dialect.basis},
        "annotation": {"source": read.annotation_source, "statement": STATEMENTS[read.annotation_source]},
        "provenance": dict(provenance),
        "ledger": {
            "records_in": ledger.records_in,
            "alleles_in": ledger.alleles_in,
            "reported": ledger.reported,
            "filtered": dict(sorted(ledger.filtered.items())),
            "unparsed": dict(sorted(ledger.unparsed.items())),
        },
        "headline": assessment["headline"],
        "variants": [
            variant_entry(variant, base, Assembly(sample["assembly"]), tier)
            for variant, tier in zip(read.variants, assessment["tiers"], strict=True)
        ],
        "events": assessment["events"],
        "negatives": absences.rows,
        "coverage": coverage_entry(inputs.coverage, inputs.assay.minimum_depth if inputs.assay else None),
        "adequacy": {"verdict": absences.adequacy.verdict, "reasons": list(absences.adequacy.reasons)},
        "proteins": _proteins(read.variants, base),
        "genes": _genes(read.variants, assessment["events"], absences.rows, base),
        "markers": assessment["markers"],
        "therapies": assessment["therapies"],
        "withheld": assessment["withheld"],
        "resistance": assessment["resistance"],
        "options_without_biomarker": assessment["options_without_biomarker"],
        "trials": assessment["trials"],
        "flags": sorted({flag for variant in read.variants for flag in variant.flags}),
        "warnings": list(dict.fromkeys(read.warnings)),
        "limitations": [{"code": code, "text": text} for code, text in limitations.items()],
    }


def failed_document(
    sample: Mapping[str, Any], error: TargetboardError, provenance: Mapping[str, Any], paths: Sequence[Path] = ()
) -> dict[str, Any]:
    """The document of a sample that could not be analysed: what, where, remedy, and no finding of any kind.

    Of the ``paths`` that the error may name only the file names are kept: a document does not depend on the machine.
    """
    where = error.where
    for path in paths:
        where = where.replace(str(path), path.name)
    return {
        "schema_version": SCHEMA_VERSION,
        "status": "failed",
        "error": {
            "exit_code": int(error.code),
            "kind": type(error).__name__,
            "what": error.what,
            "where": where,
            "remedy": error.remedy,
        },
        "sample": dict(sample),
        "assay": None,
        "caller": None,
        "annotation": None,
        "provenance": dict(provenance),
        "ledger": None,
        "headline": [{"kind": "failed", "text": "This sample could not be analysed; nothing can be said about it."}],
        "variants": [],
        "events": [],
        "negatives": [],
        "coverage": None,
        "adequacy": {"verdict": "not_stated", "reasons": []},
        "proteins": [],
        "genes": [],
        "markers": [],
        "therapies": [],
        "withheld": [],
        "resistance": [],
        "options_without_biomarker": [],
        "trials": [],
        "flags": [],
        "warnings": [],
        "limitations": [],
    }
