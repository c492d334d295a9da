"""What the golden tests of patients need: a course of made-up samples run through ``annotate``, and its summary."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from targetboard.cli import main

CHROMOSOMES = {"GRCh37": {"7": 159138663, "17": 81195210, "2": 243199373}}
CHROMOSOMES["GRCh38"] = {"7": 159345973, "17": 83257441, "2": 242193529}
HEADER = """##fileformat=VCFv4.2
##source=Mutect2
##tumor_sample=TUMOUR
##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">
##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths for the ref and alt alleles in the order listed">
##FORMAT=<ID=PS,Number=1,Type=Integer,Description="Phasing set">
"""
PATIENT = "P1"


def vcf_text(assembly: str, rows: list[str]) -> str:
    """A VCF of rows ``CHROM POS REF ALT REF_READS/ALT_READS [GT:PS]``."""
    lines = [f"##contig=<ID={name},length={length}>" for name, length in sorted(CHROMOSOMES[assembly].items())]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR")
    for row in rows:
        chrom, pos, ref, alt, reads, *phase = row.split()
        genotype, _, phase_set = (phase[0] if phase else "0/1:.").partition(":")
        lines.append(
            f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t.\tGT:AD:PS\t{genotype}:{reads.replace('/', ',')}:{phase_set}"
        )
    return HEADER + "\n".join(lines) + "\n"


def annotate(sample: Mapping[str, Any], assay: Path, folder: Path) -> Path:
    """Write the files of one sample of case.yaml, annotate it, and give its document."""
    name = sample["id"]
    own = folder / name
    own.mkdir(parents=True)
    assembly = sample.get("assembly", "GRCh38")
    vcf = own / "tumour.vcf"
    vcf.write_text("no VCF\n" if sample.get("broken") else vcf_text(assembly, sample["variants"]), encoding="utf-8")
    clinical = {"patient_id": PATIENT, **sample.get("clinical", {})}
    table = own / "clinical.tsv"
    table.write_text("\t".join(clinical) + "\n" + "\t".join(map(str, clinical.values())) + "\n", encoding="utf-8")
    words = ["annotate", "--vcf", str(vcf), "--sample-id", name, "--assembly", assembly, "--clinical", str(table)]
    words += ["--tumour-type", sample.get("tumour_type", "LUAD"), "--out", str(own), "--failure-document"]
    if "purity" in sample:
        words += ["--purity", str(sample["purity"])]
    if "coverage" in sample:
        coverage = own / "coverage.tsv"
        rows = ["\t".join(row.split()) for row in sample["coverage"]]
        header = "chrom\tstart\tend\tmean_depth\tmin_depth"
        coverage.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        words += ["--assay", str(assay), "--coverage", str(coverage)]
    assert main(words) == 0
    return own / f"{name}.json"


def compare(case: Mapping[str, Any], assay: Path, folder: Path) -> dict[str, Any]:
    """Annotate every sample of a case and compare them."""
    documents = [annotate(sample, assay, folder) for sample in case["samples"]]
    assert main(["patient", "--documents", *map(str, documents), "--out", str(folder / "out")]) == 0
    document: dict[str, Any] = json.loads((folder / "out" / f"{PATIENT}.patient.json").read_text(encoding="utf-8"))
    return document


def summary(document: Mapping[str, Any]) -> str:
    """The comparison in a page."""
    lines = [f"ORDER {document['order_basis']}"]
    for sample in document["samples"]:
        cells = [
            sample["sample_id"],
            sample["status"],
            sample["compartment"],
            sample["site"],
            sample["collection_date"],
        ]
        lines.append(f"{sample['time']} | " + " | ".join(cells) + f" | shows tumour: {sample['shows_tumour'] or 'no'}")
    lines += ["", "HEADLINE", *(f"{line['kind']}: {line['text']}" for line in document["headline"])]
    for part in ("variants", "set_apart", "events"):
        lines += ["", part.upper().replace("_", " ")]
        for row in document[part]:
            tokens = ", ".join(row["change"]["tokens"]) if row["change"] else "one time point"
            lines.append(f"{row['label']} | {row['origin']} | {row['driver_class']} | {tokens or 'no change said'}")
            if row["change"]:
                lines.append(f"    {row['change']['text']}")
            lines += [f"    {own['token']}: {own['text']}" for own in row["spread"]]
            for seen in row["observations"]:
                value = seen["vaf"] if seen["vaf"] is not None else seen["reason"]
                lines.append(
                    f"    {seen['sample_id']}: {seen['state']} | {value} | {seen['clonality']} | {seen['limit']}"
                )
    lines += ["", "RESISTANCE"]
    for row in document["resistance"]:
        new = "new" if row["is_new"] else "earlier"
        lines.append(f"{row['alteration_id']} | {new} | {', '.join(row['sample_ids'])} | next {row['next_line']}")
    lines += ["", "PHASE", *(row["text"] for row in document["phase"])]
    lines += ["", "TISSUE AND PLASMA", *(f"{row['token']}: {row['text']}" for row in document["discordance"])]
    lines += ["", "WARNINGS", *document["warnings"], "", "LIMITS", *(note["code"] for note in document["limitations"])]
    return "\n".join(lines) + "\n"
