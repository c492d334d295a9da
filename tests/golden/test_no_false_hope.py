"""No variant that is not a validated driver brings a drug name into any output (rule R19).

The pool holds every curated allele that is neutral or of supporting evidence only, and a made-up variant of unknown
effect in every gene of the knowledge base. What the engine itself calls a validated driver leaves the pool; random
samples of the rest, in tumour types with many drugs, must not name one, whatever else they say.
"""

from __future__ import annotations

import csv
import gzip
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from targetboard.cli import main

KNOWLEDGE = Path(__file__).resolve().parents[2] / "resources/knowledge"
ASSEMBLY = "GRCh38"
TUMOUR_TYPES = ("LUAD", "COAD", "IDC", "MEL", "AML", "PRAD", "GIST", "HGSOC", "IHCH", "THME", "BLCA", "PAAD")
CSQ = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp"
RESIDUES = ("Ala", "Cys", "Asp", "Glu", "Phe", "Gly", "His", "Ile", "Lys", "Leu", "Pro", "Gln", "Arg", "Ser", "Thr")
KINDS = (
    ("missense_variant", "MODERATE", "p.{ref}{codon}{alt}"),
    ("missense_variant", "MODERATE", "p.{ref}{codon}{alt}"),
    ("synonymous_variant", "LOW", "p.{ref}{codon}="),
    ("stop_gained", "HIGH", "p.{ref}{codon}Ter"),
    ("frameshift_variant", "HIGH", "p.{ref}{codon}{alt}fsTer9"),
)
FORMATS = "html,patient-html,patient-pdf,xlsx,fhir,maf"
"""All but the PDF of the report, which is made from the HTML page and would cost most of the time."""
FEWEST_IN_POOL = 2000


@dataclass(frozen=True)
class Line:
    """One record of a made-up VCF."""

    chrom: str
    pos: int
    ref: str
    alt: str
    info: str = "."

    def text(self, fraction: float = 0.3) -> str:
        alt = round(500 * fraction)
        sample = f"0/1:{500 - alt},{alt}:{fraction:.3f}:500"
        return f"{self.chrom}\t{self.pos}\t.\t{self.ref}\t{self.alt}\t.\tPASS\t{self.info}\tGT:AD:AF:DP\t{sample}"


def rows(table: str) -> list[dict[str, str]]:
    with (KNOWLEDGE / f"{table}.tsv").open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle, delimiter="\t"))


def drugs() -> list[str]:
    return [row["drug"] for row in rows("drugs")]


def curated_lines() -> list[Line]:
    """Exact alleles of rows that are no validated driver, unannotated: the knowledge base names them."""
    weak = {
        row["alteration_id"] for row in rows("alterations") if row["kind"] != "driver" or row["evidence"] != "validated"
    }
    return [
        Line(row["chrom"], int(row["pos"]), row["ref"], row["alt"])
        for row in rows("alleles")
        if row["assembly"] == ASSEMBLY and row["alteration_id"] in weak
    ]


def invented_lines(seed: int) -> list[Line]:
    """A variant of unknown effect in the middle of every gene that has a place, annotated as VEP does."""
    chance = random.Random(seed)  # noqa: S311
    lines = []
    for gene in rows("genes"):
        if not gene[f"start_{ASSEMBLY}"]:
            continue
        pos = (int(gene[f"start_{ASSEMBLY}"]) + int(gene[f"end_{ASSEMBLY}"])) // 2 + seed
        term, impact, pattern = chance.choice(KINDS)
        ref, alt = chance.sample(RESIDUES, 2)
        codon = chance.randint(5, 900)
        protein = pattern.format(ref=ref, codon=codon, alt=alt)
        transcript = gene["transcript_refseq"] or "NM_1.1"
        fields = ["G", term, impact, gene["gene"], "", "Transcript", transcript, "protein_coding", "", ""]
        info = "CSQ=" + "|".join([*fields, f"{transcript}:c.{3 * codon - 1}A>G", protein.replace("=", "%3D")])
        lines.append(Line(gene["chrom"], pos, "A", "G", info))
    return lines


def write_vcf(path: Path, lines: Sequence[Line]) -> None:
    header = [
        "##fileformat=VCFv4.2",
        "##source=Mutect2",
        "##tumor_sample=TUMOUR",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="Allelic depths for the ref and alt alleles">',
        '##FORMAT=<ID=AF,Number=A,Type=Float,Description="Allele fractions of alternate alleles in the tumor">',
        '##FORMAT=<ID=DP,Number=1,Type=Integer,Description="Approximate read depth">',
        f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequence annotations from Ensembl VEP. Format: {CSQ}">',
        "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tTUMOUR",
    ]
    path.write_text("\n".join([*header, *(line.text() for line in lines)]) + "\n", encoding="utf-8")


def annotate(lines: Sequence[Line], tumour_type: str, folder: Path) -> dict[str, Any]:
    write_vcf(folder / "pool.vcf", lines)
    arguments = ["--vcf", str(folder / "pool.vcf"), "--sample-id", "hope", "--assembly", ASSEMBLY]
    assert main(["annotate", *arguments, "--tumour-type", tumour_type, "--out", str(folder)]) == 0
    document: dict[str, Any] = json.loads((folder / "hope.json").read_text(encoding="utf-8"))
    return document


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> list[Line]:
    """Lines whose variants are reported and are no validated drivers."""
    lines = list(dict.fromkeys([*curated_lines(), *invented_lines(0), *invented_lines(7)]))
    document = annotate(lines, "LUAD", tmp_path_factory.mktemp("pool"))
    kept = {row["input"]["record"] for row in document["variants"] if row["driver_class"] != "validated_driver"}
    dropped = {row["input"]["record"] for row in document["variants"] if row["driver_class"] == "validated_driver"}
    return [line for number, line in enumerate(lines, start=1) if number in kept - dropped]


def outputs(folder: Path, document: dict[str, Any], formats: str = FORMATS) -> dict[str, str]:
    """Every text a reader may see, without the options that need no biomarker.

    The mechanism of a matched row is left out of the document's text: it is a fact of the knowledge table ("found on
    crizotinib"), and the report and the tables show it for validated drivers only.
    """
    assert main(["report", "--document", str(folder / "hope.json"), "--out", str(folder), "--format", formats]) == 0
    told = {part: text for part, text in document.items() if part != "options_without_biomarker"}
    told["variants"] = [
        {**row, "matches": [{**match, "mechanism": ""} for match in row["matches"]]} for row in document["variants"]
    ]
    found = {"document": json.dumps(told)}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".tsv":
            lines = path.read_text(encoding="utf-8").splitlines()
            found[path.name] = "\n".join(line for line in lines if "\toption_without_biomarker\t" not in line)
        elif path.name.endswith(".vcf.gz"):
            with gzip.open(path, "rt", encoding="utf-8") as handle:
                found[path.name] = handle.read()
        elif path.suffix in (".maf", ".json") and path.name != "hope.json":
            found[path.name] = path.read_text(encoding="utf-8")
        elif path.suffix == ".pdf":
            found[path.name] = " ".join(page.extract_text() for page in PdfReader(path).pages)
        elif path.suffix == ".xlsx":
            cells = (cell for sheet in openpyxl.load_workbook(path) for row in sheet.values for cell in row)
            found[path.name] = "\n".join(str(cell) for cell in cells if cell is not None)
        elif path.suffix == ".html":
            found[path.name] = re.sub(
                r'<section[^>]*id="options"[^>]*>.*?</section>', "", path.read_text(encoding="utf-8"), flags=re.DOTALL
            )
    return found


def test_the_pool_holds_every_class_but_validated_drivers(pool: list[Line]) -> None:
    assert len(pool) >= FEWEST_IN_POOL


@pytest.mark.parametrize("seed", range(12))
def test_no_drug_is_named_for_variants_that_are_no_validated_drivers(
    pool: list[Line], seed: int, tmp_path: Path, reading: ModuleType
) -> None:
    chance = random.Random(seed)  # noqa: S311
    lines = chance.sample(pool, chance.choice((1, 8, 60, 400)))
    document = annotate(lines, TUMOUR_TYPES[seed % len(TUMOUR_TYPES)], tmp_path)
    assert document["variants"]
    for name, text in outputs(tmp_path, document).items():
        assert reading.names_in(text, drugs()) == [], name
    assert document["therapies"] == []
    assert document["withheld"] == []
    assert document["resistance"] == []


def test_the_whole_pool_at_once_names_no_drug(pool: list[Line], tmp_path: Path, reading: ModuleType) -> None:
    document = annotate(pool, "COAD", tmp_path)
    for name, text in outputs(tmp_path, document, "html,patient-html,patient-pdf").items():
        assert reading.names_in(text, drugs()) == [], name


def test_the_test_would_see_a_drug(tmp_path: Path, reading: ModuleType) -> None:
    """A validated driver is enough to fail it, in every output that may name drugs."""
    document = annotate([Line("7", 140753336, "A", "T")], "MEL", tmp_path)
    named = {
        name for name, text in outputs(tmp_path, document).items() if "vemurafenib" in reading.names_in(text, drugs())
    }
    papers = {f"hope.{suffix}" for suffix in ("report.html", "patient.html", "patient.pdf", "actions.xlsx")}
    assert {"document", *papers} <= named
