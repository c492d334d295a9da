"""Codes of the HL7 Genomics Reporting guide (STU 3, 3.0.0, on FHIR R4) and how ours map to them.

Every code was read in the guide's profiles and examples (repository HL7/genomics-reporting, input/fsh; pages of
hl7.org/fhir/uv/genomics-reporting). LOINC codes are those the guide binds: answer lists LL1971-2 (presence), LL378-1
(source class), LL1040-6 (assembly), LL5323-2 (coordinates). Where the guide names no code, text stands alone.
"""

from __future__ import annotations

from collections.abc import Mapping

GUIDE = "http://hl7.org/fhir/uv/genomics-reporting/StructureDefinition/"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
HGNC = "http://www.genenames.org"
HGVS = "http://varnomen.hgvs.org"
NUCCORE = "http://www.ncbi.nlm.nih.gov/nuccore"
SEQUENCE_ONTOLOGY = "http://sequenceontology.org"
OBSERVATION_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
DIAGNOSTIC_SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"
ABSENT_REASON = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
TBD = "http://hl7.org/fhir/uv/genomics-reporting/CodeSystem/tbd-codes-cs"

DISPLAYS: Mapping[str, str] = {
    "51969-4": "Genetic analysis report",
    "69548-6": "Genetic variant assessment",
    "48018-6": "Gene studied ID",
    "48004-6": "DNA change (c.HGVS)",
    "48005-3": "Amino acid change (pHGVS)",
    "51958-7": "Transcript reference sequence [ID]",
    "48013-7": "Genomic reference sequence [ID]",
    "62374-4": "Human reference sequence assembly version",
    "81254-5": "Genomic allele start-end",
    "92822-6": "Genomic coordinate system",
    "69547-8": "Genomic Ref allele [ID]",
    "69551-0": "Genomic Alt allele [ID]",
    "48002-0": "Genomic source class",
    "81258-6": "Sample variant allele frequency [NFr]",
    "82121-5": "Allelic read depth",
    "82155-3": "Genomic structural variant copy number",
    "81290-9": "Genomic DNA change (gHGVS)",
    "53037-8": "Genetic variation clinical significance [Imp]",
    "81259-4": "Associated phenotype",
    "93044-6": "Level of evidence",
    "51963-7": "Medication assessed [ID]",
    "94076-7": "Mutations/Megabase [# Ratio] in Tumor",
    "81695-9": "Microsatellite instability [Interpretation] in Cancer specimen Qualitative",
}
"""Display of each LOINC code used."""

PRESENCE: Mapping[str, tuple[str, str]] = {
    "detected": ("LA9633-4", "Present"),
    "not_detected": ("LA9634-2", "Absent"),
    "failed": ("LA18198-4", "No call"),
    "inconclusive": ("LA11884-6", "Indeterminate"),
}
"""Value of a Variant observation by our state; ``not_assessed`` has none: its value is absent, "not performed"."""

ASSEMBLIES: Mapping[str, tuple[str, str]] = {"GRCh37": ("LA14029-5", "GRCh37"), "GRCh38": ("LA26806-2", "GRCh38")}
ONE_BASED = ("LA30102-0", "1-based character counting")
SOMATIC = ("LA6684-0", "Somatic")
LIKELY_GERMLINE = ("LA18194-3", "Likely germline")
UNKNOWN_ORIGIN = ("LA18197-6", "Unknown genomic origin")
RESPONSIVE = ("LA6677-4", "Responsive")
RESISTANT = ("LA6676-6", "Resistant")

CONSEQUENCES: Mapping[str, str] = {
    "transcript_ablation": "SO:0001893",
    "exon_loss_variant": "SO:0001572",
    "splice_acceptor_variant": "SO:0001574",
    "splice_donor_variant": "SO:0001575",
    "stop_gained": "SO:0001587",
    "frameshift_variant": "SO:0001589",
    "stop_lost": "SO:0001578",
    "start_lost": "SO:0002012",
    "inframe_insertion": "SO:0001821",
    "inframe_deletion": "SO:0001822",
    "missense_variant": "SO:0001583",
    "rare_amino_acid_variant": "SO:0002008",
    "protein_altering_variant": "SO:0001818",
    "splice_donor_5th_base_variant": "SO:0001787",
    "splice_region_variant": "SO:0001630",
    "splice_donor_region_variant": "SO:0002170",
    "splice_polypyrimidine_tract_variant": "SO:0002169",
    "incomplete_terminal_codon_variant": "SO:0001626",
    "start_retained_variant": "SO:0002019",
    "stop_retained_variant": "SO:0001567",
    "synonymous_variant": "SO:0001819",
    "coding_sequence_variant": "SO:0001580",
    "5_prime_UTR_variant": "SO:0001623",
    "3_prime_UTR_variant": "SO:0001624",
    "intron_variant": "SO:0001627",
    "upstream_gene_variant": "SO:0001631",
    "downstream_gene_variant": "SO:0001632",
}
"""Sequence Ontology accession of a consequence term; terms without one here are given as text."""
