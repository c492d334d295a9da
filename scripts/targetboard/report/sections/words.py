"""The words the report uses for the tokens of the document: one table for each vocabulary.

Definitions follow the AMP/ASCO/CAP 2017 guideline (PMID 27993330), ESCAT (PMID 30137196) and the ClinGen/CGC/VICC
standard of oncogenicity (PMID 35101336), in our own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(slots=True, frozen=True)
class Word:
    """A token in words: short ``label``, one-sentence ``meaning`` and the ``tone`` that styles its badge."""

    token: str
    label: str
    meaning: str
    tone: str = "plain"


def _table(*entries: Word) -> Mapping[str, Word]:
    return MappingProxyType({entry.token: entry for entry in entries})


DRIVER_CLASSES = _table(
    Word(
        "validated_driver",
        "Validated driver",
        "A curated alteration with validated evidence matches. Only these can carry a treatment.",
        "strong",
    ),
    Word(
        "likely_driver",
        "Likely driver",
        "Six or more points of oncogenicity, or curated with evidence below “validated”. Carries no treatment.",
        "medium",
    ),
    Word("uncertain", "Uncertain", "0 to 5 points: the evidence does not decide. Carries no treatment.", "plain"),
    Word(
        "not_evaluable",
        "Not evaluable",
        "Consequence or allele cannot be judged; this is not a benign finding.",
        "warn",
    ),
    Word("likely_passenger", "Likely passenger", "−1 to −6 points.", "plain"),
    Word("passenger", "Passenger", "Curated as neutral, or −7 points or fewer.", "plain"),
)
"""In the order in which the report shows them."""

AMP_TIERS = _table(
    Word(
        "I-A", "Tier I, level A", "Therapy approved or in guidelines for this biomarker in this tumour type.", "strong"
    ),
    Word("I-B", "Tier I, level B", "Well-powered studies with expert consensus in this tumour type.", "strong"),
    Word(
        "II-C",
        "Tier II, level C",
        "Approved or in guidelines for another tumour type, or inclusion criterion of trials.",
        "medium",
    ),
    Word("II-D", "Tier II, level D", "Plausible from preclinical studies or a few case reports.", "medium"),
    Word("III", "Tier III", "Unknown clinical significance."),
    Word("IV", "Tier IV", "Benign or likely benign."),
)

ESCAT_TIERS = _table(
    Word(
        "I", "Tier I", "Ready for routine use (A randomised, B non-randomised prospective, C basket trials).", "strong"
    ),
    Word("II", "Tier II", "Investigational: antitumour activity shown, size of the benefit not yet known.", "medium"),
    Word("III", "Tier III", "Benefit shown in other tumour types or for similar alterations."),
    Word("IV", "Tier IV", "Preclinical evidence."),
    Word("V", "Tier V", "Evidence for co-targeting only."),
    Word("X", "Tier X", "No evidence of actionability."),
)

DIRECTIONS = _table(
    Word("sensitive", "▲ sensitive", "Evidence of response.", "good"),
    Word("resistant", "▼ resistant", "Evidence that the treatment does not work.", "bad"),
    Word(
        "not_indicated", "⊘ not indicated", "Excluded by label or guideline in the presence of the biomarker.", "warn"
    ),
)

TUMOUR_MATCHES = _table(
    Word("exact", "this tumour type", "The claim was made for the sample's own tumour type.", "good"),
    Word(
        "descendant",
        "includes this tumour type",
        "The claim was made for a broader type that includes the sample's.",
        "good",
    ),
    Word(
        "ancestor",
        "narrower tumour type",
        "The claim was made for a subtype of the sample's tumour type: confirm the subtype.",
        "warn",
    ),
    Word("pan_tumour", "any tumour type", "The claim was made regardless of tumour type.", "good"),
    Word("other_tumour", "other tumour type", "The claim was made for another tumour type.", "plain"),
)

MARKER_STATES = _table(
    Word("detected", "Detected", "Present.", "strong"),
    Word("not_detected", "Not detected", "Looked for, coverage shown to be adequate, not found.", "good"),
    Word(
        "inconclusive",
        "Inconclusive",
        "Tumour content or depth is too low to tell presence from absence, or a call there could not be judged.",
        "warn",
    ),
    Word("failed", "Failed", "Coverage was below what the assay needs.", "bad"),
    Word(
        "not_assessed",
        "Not assessed",
        "Not on the panel, this class of variant is not called, or no coverage was given.",
        "plain",
    ),
)
"""In the order in which the report shows them."""

ADEQUACY = _table(
    Word("adequate", "Adequate", "The sample allows the answers that were asked of it.", "good"),
    Word("limited", "Limited", "Some pertinent regions were not judged; their answers are missing.", "warn"),
    Word("inadequate", "Inadequate", "The sample does not allow the answers that were asked of it.", "bad"),
    Word("not_stated", "Not stated", "The inputs do not allow a verdict on the sample.", "plain"),
)
"""Verdicts on the sample (ESMO 2024, PMID 39112111: sample-specific performance belongs into the report)."""

EVENT_KINDS = _table(
    Word("amplification", "amplification", ""),
    Word("homozygous_deletion", "homozygous deletion", ""),
    Word("fusion", "fusion", ""),
    Word("rearrangement", "rearrangement", ""),
)

ASSAY_STATUSES = _table(
    Word("IVD", "IVD", "in vitro diagnostic device", "good"),
    Word("LDT", "LDT", "test developed and validated by the laboratory", "plain"),
    Word("RUO", "RUO", "research use only: not to be used for decisions on treatment", "warn"),
)

ASSAY_CLASSES = MappingProxyType(
    {
        "snv": "Single base changes",
        "mnv": "Several bases changed",
        "insertion": "Insertions",
        "deletion": "Deletions",
        "internal_tandem_duplication": "Internal tandem duplications",
        "promoter": "Promoter variants",
        "splice": "Splice variants",
        "amplification": "Amplifications",
        "homozygous_deletion": "Homozygous deletions",
        "fusion_dna": "Fusions from DNA",
        "fusion_rna": "Fusions from RNA",
        "msi": "Microsatellite instability",
        "tmb": "Tumour mutational burden",
        "hrd": "Homologous recombination deficiency",
    }
)
"""Classes an assay description can name, in its order."""

CONDITION_STATES = _table(
    Word("met", "✓ met", "", "good"),
    Word("not_met", "✗ not met", "", "bad"),
    Word("unknown", "? unknown", "", "warn"),
)

TRIAL_STATES = _table(
    Word("match", "match", "Every criterion that is known here is met.", "good"),
    Word("possible", "possible", "Some criteria are open; none that is known here speaks against it.", "warn"),
    Word("no_match", "no match", "A criterion is not met, or nothing found speaks for its biomarker.", "plain"),
)

TRIAL_DESIGNS = _table(
    Word("single", "one question", "One disease and one question."),
    Word("basket", "basket trial", "One biomarker in many tumour types."),
    Word("umbrella", "umbrella trial", "Many biomarkers in one tumour type, an arm for each."),
    Word("platform", "platform trial", "Many biomarkers in many tumour types; arms open and close."),
)

TRIAL_CRITERIA = _table(
    Word("biomarker", "biomarker", ""),
    Word("tumour_type", "tumour type", ""),
    Word("recruitment", "recruitment", ""),
    Word("prior_therapy", "prior therapy", ""),
    Word("age", "age", ""),
    Word("specimen", "specimen", ""),
    Word("country", "site (informs only)", ""),
    Word("other", "to be checked", ""),
)

CRITERION_STATES = _table(
    Word("met", "met", "", "strong"),
    Word("not_met", "not met", "", "plain"),
    Word("not_evaluable", "not evaluable", "", "warn"),
)

MATCH_LEVELS = _table(
    Word("exact_allele", "exact allele", "The very allele is curated."),
    Word("protein_change", "protein change", "The protein change is curated."),
    Word("codon", "codon", "The codon is curated for this kind of change."),
    Word("exon_class", "exon and class", "The exon is curated for this class of change."),
    Word("region", "region", "The protein region is curated for this class of change."),
    Word("gene_class", "gene and class", "The gene is curated for this class of change, such as loss of function."),
)

FLAGS = _table(
    Word(
        "germline_suspect",
        "possibly inherited",
        "May be inherited; a tumour test cannot decide. Offer confirmatory germline testing and genetic counselling.",
        "warn",
    ),
    Word(
        "chip_suspect",
        "possibly clonal haematopoiesis",
        "May stem from blood cells, not from the tumour: confirm.",
        "warn",
    ),
    Word(
        "artefact_suspect",
        "possible artefact",
        "The pattern fits a preparation or sequencing artefact: confirm.",
        "warn",
    ),
    Word(
        "subclonal",
        "subclonal",
        "By fraction and purity it may be in a part of the tumour cells only; a change of copies imitates that.",
    ),
    Word("conflict", "conflict", "Curation and points disagree; both are shown.", "warn"),
    Word("low_support", "low support", "Few reads carry the allele: confirm.", "warn"),
    Word("population_unknown", "population frequency unknown", "No population frequency was available."),
)

IMPLICATIONS = _table(
    Word("diagnostic", "Diagnostic", ""),
    Word("prognostic", "Prognostic", ""),
    Word("safety", "Safety", ""),
)

HEADLINE_KINDS = _table(
    Word("actionable", "Actionable", "", "good"),
    Word("resistance", "Resistance", "", "bad"),
    Word("other_tumour", "Other tumour types", "", "plain"),
    Word("unclear", "Not settled", "", "warn"),
    Word("germline", "Possibly inherited", "", "warn"),
    Word("adequacy", "Adequacy", "", "plain"),
    Word("none", "No target", "", "plain"),
    Word("failed", "Failed", "", "bad"),
)

CLINICAL_FIELDS = MappingProxyType(
    {
        "specimen_type": "Specimen type",
        "site": "Anatomical site",
        "sample_kind": "Primary or metastasis",
        "time_point": "Time point",
        "prior_therapies": "Prior therapies",
        "collection_date": "Collected on",
        "report_date": "Report date",
        "age_years": "Age (years)",
        "sex": "Sex",
        "consent_germline": "Consent to germline findings",
        "country": "Country",
    }
)
"""Columns of the sample sheet with a label of their own; others are shown under their names."""


def word(table: Mapping[str, Word], token: str | None) -> Word:
    """The entry of a token; an unknown token is shown as it is, never dropped."""
    if token is None:
        return Word("", "", "")
    return table.get(token) or Word(token, token.replace("_", " "), "")
