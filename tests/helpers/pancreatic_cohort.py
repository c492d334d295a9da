"""The TCGA PAAD mutations of the shared data as one VCF a sample, with the words of VEP that the table holds."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

TERMS = {
    "Missense_Mutation": "missense_variant",
    "Nonsense_Mutation": "stop_gained",
    "Frame_Shift_Del": "frameshift_variant",
    "Frame_Shift_Ins": "frameshift_variant",
    "In_Frame_Del": "inframe_deletion",
    "In_Frame_Ins": "inframe_insertion",
    "Silent": "synonymous_variant",
    "Nonstop_Mutation": "stop_lost",
    "Translation_Start_Site": "start_lost",
    "Splice_Site": "splice_donor_variant",
}
VCF_HEADER = (
    "##fileformat=VCFv4.2\n"
    '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. '
    'Format: Allele|Consequence|SYMBOL|Feature|EXON|HGVSc|HGVSp|CANONICAL">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Depths">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOR\n"
)


def pancreatic_rows(shared_data: Path) -> list[dict[str, str]]:
    """Rows of the mutation table (GRCh37)."""
    text = gzip.decompress((shared_data / "cohort" / "PAAD.MC3.maf.gz").read_bytes()).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def vcf_texts(rows: Iterable[dict[str, str]]) -> dict[str, str]:
    """Text of the VCF of each sample, by its barcode."""
    by_sample: dict[str, list[str]] = {}
    for row in rows:
        by_sample.setdefault(row["Tumor_Sample_Barcode_min"], []).append(vcf_line(row))
    return {sample: VCF_HEADER + "\n".join(lines) + "\n" for sample, lines in sorted(by_sample.items())}


def vcf_line(row: dict[str, str]) -> str:
    """One MAF row as a VCF line with VEP's own words; the anchor base of an indel is made up where it is not known."""
    ref, alt, pos = row["Reference_Allele"], row["Tumor_Seq_Allele2"], int(row["Start_Position"])
    if "-" in (ref, alt):
        pos -= alt == "-"
        ref, alt = f"A{ref.strip('-')}", f"A{alt.strip('-')}"
    term = TERMS.get(row["Variant_Classification"], "intron_variant")
    if term == "splice_donor_variant" and "-" in row["HGVSc"]:
        term = "splice_acceptor_variant"
    protein = "" if row["HGVSp_Short"] == "." else row["HGVSp_Short"].replace("=", "%3D")
    coding = "" if row["HGVSc"] == "." else row["HGVSc"]
    named = alt if len(alt) == len(ref) else alt[1:] or "-"
    csq = "|".join([named, term, row["Hugo_Symbol"], row["Transcript_ID"], row["Exon_Number"], coding, protein, "YES"])
    depths = f"{row['t_ref_count']},{row['t_alt_count']}"
    return f"{row['Chromosome']}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={csq}\tAD\t{depths}"
