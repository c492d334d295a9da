"""From what was read of a sample to its document: classification, events, absences, therapies, headline.

The rooms do the work; here they are called one after the other. Nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from targetboard.action.assess import assess_sample
from targetboard.action.biallelic import biallelic_markers
from targetboard.action.biomarkers import MeasuredMarker
from targetboard.action.events import sample_events
from targetboard.action.negatives import assess_absences
from targetboard.action.summary import HITS_HEADLINE, UNCLEAR
from targetboard.action.tumour_types import TumourTypes
from targetboard.classify.artefacts import damage_warning
from targetboard.classify.context import SampleContext
from targetboard.classify.driver import classify
from targetboard.inputs.copy_number import copies_of_genes
from targetboard.inputs.sample_inputs import SampleInputs
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.report.document import complete_document, sample_entry
from targetboard.request import SampleVariants


@dataclass(slots=True, frozen=True)
class SampleFacts:
    """What is known of a sample beside its files.

    ``tumour_type`` has ``code``, ``name`` and ``lineage``; None where ``condition`` (``disease:NAME``) stands in its
    place. ``clinical`` holds columns of the sample sheet by name.
    """

    sample_id: str
    assembly: Assembly
    tumour_type: Mapping[str, Any] | None
    condition: str | None
    clinical: Mapping[str, str]
    patient_id: str
    purity: float | None


def document_of(
    sample: SampleFacts,
    read: SampleVariants,
    inputs: SampleInputs,
    base: KnowledgeBase,
    tumour_types: TumourTypes,
    provenance: Mapping[str, Any],
    *,
    only_hits: bool = False,
) -> dict[str, Any]:
    """Classify what was read and put the document of the sample together.

    Parameters
    ----------
    sample, read, inputs
        The sample; its VCF as it was read, whose variants are classified and whose warnings are completed here; and
        the files beside the VCF.
    base, tumour_types
        The knowledge base and its tree of tumour types.
    provenance
        The document's ``provenance``.
    only_hits
        Whether only alleles with a row were asked for; the headline begins with it.

    Returns
    -------
    dict
        The document, as workflow/schemas/document.schema.json has it.
    """
    # a table of copy numbers stands before the symbolic records of the VCF
    copies = inputs.copies
    if copies is None and read.segments:
        copies = copies_of_genes(base.genes.values(), read.segments, sample.assembly)
    # a gene whose segments differ has no one copy number for its variants
    copy_numbers = {own.gene: own.lowest for own in copies or () if own.lowest == own.highest and own.covered >= 1}
    for variant in read.variants:
        classify(
            variant,
            base,
            clinical=sample.clinical,
            has_normal=read.roles.normal is not None,
            purity=sample.purity,
            lineage=sample.tumour_type["lineage"] if sample.tumour_type else (),
            copy_numbers=copy_numbers,
            is_tumour=sample.condition is None,
        )
    damage = damage_warning(read.variants, SampleContext(clinical=sample.clinical))
    if damage:
        read.warnings.append(damage)
    code = sample.tumour_type["code"] if sample.tumour_type else None
    threshold = inputs.assay.amplification_copies if inputs.assay else None
    fusions = [*(inputs.fusions or ()), *read.fusions]
    events = sample_events(copies or (), fusions, base, threshold=threshold, purity=sample.purity)
    absences = assess_absences(
        base, tumour_types, code, sample.assembly, read.variants, events, inputs, sample.purity, read.unjudged
    )
    markers = {
        name: MeasuredMarker(found.state, found.value, found.unit, found.method, found.cutoff, found.remark())
        for name, found in inputs.markers.items()
    }
    if sample.condition is not None:
        named = sorted({name for claim in base.claims.values() for name in claim.tumour_types if ":" in name})
        if sample.condition.casefold() not in {name.casefold() for name in named}:
            read.warnings.append(
                f"no statement of the knowledge tables is on {sample.condition}; they name"
                f" {', '.join(named) or 'no condition'}"
            )
        # what the laboratory measured stands before what the VCF shows
        markers = {**biallelic_markers(base, read.variants), **markers}
    assessment = assess_sample(
        base,
        read.variants,
        code,
        sample.condition,
        sample.clinical,
        sample.purity,
        markers,
        events,
        absences,
        inputs.assay.companion_diagnostics if inputs.assay else (),
        inputs.trials,
        read.not_evaluated,
    )
    if only_hits:
        assessment["headline"].insert(0, {"kind": UNCLEAR, "text": HITS_HEADLINE})
    return complete_document(
        sample_entry(
            sample.sample_id,
            str(sample.assembly),
            sample.tumour_type,
            sample.condition,
            sample.clinical,
            sample.patient_id,
            sample.purity,
            read,
        ),
        read,
        base,
        assessment,
        absences,
        inputs,
        provenance,
    )
