"""Mutation Annotation Format: one row a reported variant, in the columns and words of the Genomic Data Commons.

The columns are the first of GDC's protected MAF and those most tools read beside them
(https://docs.gdc.cancer.gov/Data/File_Formats/MAF_Format/); own columns follow with the prefix ``targetboard_``. What a
VCF does not tell is empty, never guessed: dbSNP and Entrez numbers, the alleles of the normal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.classify.context import consent_refused
from targetboard.classify.flags import GERMLINE_SUSPECT
from targetboard.report.cells import neutralise
from targetboard.signing.status import sign_out
from targetboard.vcf.hgvs import format_protein, parse_protein

COLUMNS = (
    "Hugo_Symbol",
    "Entrez_Gene_Id",
    "Center",
    "NCBI_Build",
    "Chromosome",
    "Start_Position",
    "End_Position",
    "Strand",
    "Variant_Classification",
    "Variant_Type",
    "Reference_Allele",
    "Tumor_Seq_Allele1",
    "Tumor_Seq_Allele2",
    "dbSNP_RS",
    "dbSNP_Val_Status",
    "Tumor_Sample_Barcode",
    "Matched_Norm_Sample_Barcode",
    "Match_Norm_Seq_Allele1",
    "Match_Norm_Seq_Allele2",
    "HGVSc",
    "HGVSp",
    "HGVSp_Short",
    "Transcript_ID",
    "Exon_Number",
    "t_depth",
    "t_ref_count",
    "t_alt_count",
    "n_depth",
    "Consequence",
    "FILTER",
    "vcf_pos",
    "targetboard_driver_class",
    "targetboard_oncogenicity",
    "targetboard_points",
    "targetboard_alterations",
    "targetboard_amp_tier",
    "targetboard_flags",
    "targetboard_reviewed",
    "targetboard_sign_out",
)

CLASSIFICATIONS: Mapping[str, str] = {
    "transcript_ablation": "Splice_Site",
    "exon_loss_variant": "Splice_Site",
    "splice_acceptor_variant": "Splice_Site",
    "splice_donor_variant": "Splice_Site",
    "stop_gained": "Nonsense_Mutation",
    "stop_lost": "Nonstop_Mutation",
    "start_lost": "Translation_Start_Site",
    "initiator_codon_variant": "Translation_Start_Site",
    "missense_variant": "Missense_Mutation",
    "rare_amino_acid_variant": "Missense_Mutation",
    "coding_sequence_variant": "Missense_Mutation",
    "inframe_insertion": "In_Frame_Ins",
    "inframe_deletion": "In_Frame_Del",
    "splice_region_variant": "Splice_Region",
    "splice_donor_5th_base_variant": "Splice_Region",
    "splice_donor_region_variant": "Splice_Region",
    "splice_polypyrimidine_tract_variant": "Splice_Region",
    "splice_branch_variant": "Splice_Region",
    "synonymous_variant": "Silent",
    "stop_retained_variant": "Silent",
    "start_retained_variant": "Silent",
    "incomplete_terminal_codon_variant": "Silent",
    "NMD_transcript_variant": "Silent",
    "5_prime_UTR_variant": "5'UTR",
    "5_prime_UTR_premature_start_codon_gain_variant": "5'UTR",
    "3_prime_UTR_variant": "3'UTR",
    "upstream_gene_variant": "5'Flank",
    "downstream_gene_variant": "3'Flank",
    "intron_variant": "Intron",
    "intragenic_variant": "Intron",
    "transcript_amplification": "Intron",
    "mature_miRNA_variant": "RNA",
    "non_coding_transcript_exon_variant": "RNA",
    "non_coding_transcript_variant": "RNA",
    "intergenic_variant": "IGR",
    "regulatory_region_variant": "IGR",
    "TF_binding_site_variant": "IGR",
}
"""Variant_Classification of a Sequence Ontology term that needs no look at the allele (as vcf2maf maps it)."""

_FRAMED = frozenset({"frameshift_variant", "protein_altering_variant"})
_TYPES = {1: "SNP", 2: "DNP", 3: "TNP"}
_UNKNOWN = "Targeted_Region"
_FIXED = frozenset({"Strand", "Reference_Allele", "Tumor_Seq_Allele1", "Tumor_Seq_Allele2"})


@dataclass(slots=True, frozen=True)
class MafAllele:
    """An allele as MAF writes it: no anchor base, ``-`` for nothing, 1-based inclusive coordinates."""

    start: int
    end: int
    ref: str
    alt: str
    variant_type: str


def maf_allele(pos: int, ref: str, alt: str) -> MafAllele:
    """MAF coordinates of a trimmed VCF allele.

    A pure insertion lies between two bases (Start and End are its neighbours); a deletion names the deleted bases; an
    exchange of unequal length is INS or DEL by its net length, as GDC's MAF has no other word for it.
    """
    shared = 1 if ref[:1] == alt[:1] and len(ref) != len(alt) else 0
    start, ref, alt = pos + shared, ref[shared:], alt[shared:]
    if not ref:
        return MafAllele(start - 1, start, "-", alt, "INS")
    end = start + len(ref) - 1
    if not alt:
        return MafAllele(start, end, ref, "-", "DEL")
    if len(ref) == len(alt):
        return MafAllele(start, end, ref, alt, _TYPES.get(len(ref), "ONP"))
    return MafAllele(start, end, ref, alt, "INS" if len(alt) > len(ref) else "DEL")


def classification(consequence: str, allele: MafAllele) -> str:
    """Variant_Classification of the (most severe) consequence term of a variant."""
    term = consequence.split("&")[0]
    if term in _FRAMED:
        change = len(allele.alt.strip("-")) - len(allele.ref.strip("-"))
        framed = term == "protein_altering_variant" and change % 3 == 0
        if framed and change == 0:
            return "Missense_Mutation"
        kind = "Ins" if change > 0 else "Del"
        return f"In_Frame_{kind}" if framed else f"Frame_Shift_{kind}"
    return CLASSIFICATIONS.get(term, _UNKNOWN)


def maf(documents: Sequence[Mapping[str, Any]]) -> str:
    """A MAF of one sample document or more; a failed one contributes no row.

    Returns
    -------
    str
        The version line, the header line and one line a reported variant, in the order of the documents; cells that a
        spreadsheet would run as a formula are neutralised.
    """
    lines = ["#version 2.4", "\t".join(COLUMNS)]
    for document in documents:
        for index, variant in enumerate(document["variants"]):
            row = _row(document, variant) | _signed(document, index)
            lines.append("\t".join(_cell(column, row.get(column, "")) for column in COLUMNS))
    return "\n".join(lines) + "\n"


def _row(document: Mapping[str, Any], variant: Mapping[str, Any]) -> dict[str, str]:
    sample = document["sample"]
    allele = maf_allele(variant["pos"], variant["ref"], variant["alt"])
    depth, alt_depth = variant["depth"], variant["alt_depth"]
    oncogenicity = variant["oncogenicity"] or {}
    hidden = consent_refused(sample["clinical"])
    return {
        "Hugo_Symbol": variant["gene"] or "Unknown",
        "NCBI_Build": sample["assembly"],
        "Chromosome": f"chr{variant['chrom']}".replace("chrMT", "chrM"),
        "Start_Position": str(allele.start),
        "End_Position": str(allele.end),
        "Strand": "+",
        "Variant_Classification": classification(variant["consequence"] or "", allele),
        "Variant_Type": allele.variant_type,
        "Reference_Allele": allele.ref,
        "Tumor_Seq_Allele1": allele.ref,
        "Tumor_Seq_Allele2": allele.alt,
        "Tumor_Sample_Barcode": sample["sample_id"],
        "Matched_Norm_Sample_Barcode": sample["normal_column"] or "",
        "HGVSc": variant["hgvsc"] or "",
        "HGVSp": variant["hgvsp"] or "",
        "HGVSp_Short": _one_letter(variant["hgvsp"] or ""),
        "Transcript_ID": variant["transcript"] or "",
        "Exon_Number": variant["exon"] or "",
        "t_depth": _number(depth),
        "t_ref_count": "",
        "t_alt_count": _number(alt_depth),
        "n_depth": _number(variant["normal_depth"]),
        "Consequence": variant["consequence"] or "",
        "FILTER": variant["filter"] or "",
        "vcf_pos": str(variant["pos"]),
        "targetboard_driver_class": variant["driver_class"],
        "targetboard_oncogenicity": oncogenicity.get("class", ""),
        "targetboard_points": _number(oncogenicity.get("points")),
        "targetboard_alterations": "|".join(match["alteration_id"] for match in variant["matches"]),
        "targetboard_amp_tier": variant["tier"]["amp"] or "",
        "targetboard_flags": "|".join(flag for flag in variant["flags"] if not (hidden and flag == GERMLINE_SUSPECT)),
    }


def _signed(document: Mapping[str, Any], index: int) -> dict[str, str]:
    """How the report stands, and what a reviewer judges otherwise than the machine's columns say."""
    found = sign_out(document)
    reviewed = [
        f"{override['field']}={override['reviewed']}"
        for override in found["overrides"]
        if override["kind"] == "variant" and override["index"] == index
    ]
    return {"targetboard_reviewed": "|".join(reviewed), "targetboard_sign_out": found["banner"]}


def _cell(column: str, text: str) -> str:
    """``-`` and ``+`` alone are words of the format in four columns; every other text is neutralised."""
    return text if column in _FIXED and text in {"-", "+"} else neutralise(text)


def _one_letter(hgvsp: str) -> str:
    change = parse_protein(hgvsp)
    return format_protein(change, one_letter=True) if change is not None else ""


def _number(value: int | float | None) -> str:
    return "" if value is None else str(value)
