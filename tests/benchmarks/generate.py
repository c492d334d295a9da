"""Seeded inputs for measurements: a genome or a batch of panels as VEP and Mutect2 write them, and larger knowledge.

    python tests/benchmarks/generate.py genome --records 4000000 --out genome.vcf.gz
    python tests/benchmarks/generate.py panel --samples 100 --records 2000 --out panels/
    python tests/benchmarks/generate.py knowledge --rows 50000 --out knowledge/

The same arguments give the same records. Alleles of the knowledge base stand among them with the annotation VEP would
give; everything else is chance: no record is a patient's. ``genome`` also writes ``*.alleles.vcf.gz``, the knowledge
base's alleles as a table for ``bcftools annotate``.
"""

from __future__ import annotations

import argparse
import csv
import random
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pysam

from targetboard.knowledge.manifest import write_manifest

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = ROOT / "resources/knowledge"
ASSEMBLY = "GRCh38"
LENGTHS = {
    "1": 248956422, "2": 242193529, "3": 198295559, "4": 190214555, "5": 181538259, "6": 170805979, "7": 159345973,
    "8": 145138636, "9": 138394717, "10": 133797422, "11": 135086622, "12": 133275309, "13": 114364328,
    "14": 107043718, "15": 101991189, "16": 90338345, "17": 83257441, "18": 80373285, "19": 58617616, "20": 64444167,
    "21": 46709983, "22": 50818468, "X": 156040895, "Y": 57227415,
}  # fmt: skip
# The fields VEP writes with --everything, in its order.
_FIELDS = (
    "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|INTRON|HGVSc|HGVSp|"
    "cDNA_position|CDS_position|Protein_position|Amino_acids|Codons|Existing_variation|DISTANCE|STRAND|"
    "FLAGS|VARIANT_CLASS|SYMBOL_SOURCE|HGNC_ID|CANONICAL|MANE|MANE_SELECT|MANE_PLUS_CLINICAL|TSL|APPRIS|"
    "CCDS|ENSP|SWISSPROT|TREMBL|UNIPARC|UNIPROT_ISOFORM|GENE_PHENO|SIFT|PolyPhen|DOMAINS|miRNA|"
    "HGVS_OFFSET|AF|AFR_AF|AMR_AF|EAS_AF|EUR_AF|SAS_AF|gnomADe_AF|gnomADe_AFR_AF|gnomADe_AMR_AF|"
    "gnomADe_ASJ_AF|gnomADe_EAS_AF|gnomADe_FIN_AF|gnomADe_NFE_AF|gnomADe_OTH_AF|gnomADe_SAS_AF|"
    "gnomADg_AF|MAX_AF|MAX_AF_POPS|CLIN_SIG|SOMATIC|PHENO|PUBMED|MOTIF_NAME|MOTIF_POS|HIGH_INF_POS|"
    "MOTIF_SCORE_CHANGE|TRANSCRIPTION_FACTORS"
)
CSQ = tuple(_FIELDS.split("|"))
PLACE = {name: index for index, name in enumerate(CSQ)}
FORMAT = "GT:AD:AF:DP:F1R2:F2R1:FAD:SB"
BASES = "ACGT"
FRAGMENT = 1 << 20
RESIDUES = [
    "Ala",
    "Arg",
    "Asn",
    "Asp",
    "Cys",
    "Gln",
    "Glu",
    "Gly",
    "His",
    "Ile",
    "Leu",
    "Lys",
    "Met",
    "Phe",
    "Pro",
    "Ser",
    "Thr",
    "Trp",
    "Tyr",
    "Val",
]


@dataclass(slots=True, frozen=True)
class Locus:
    """A gene with its span and the transcripts that annotation names."""

    chrom: str
    start: int
    end: int
    symbol: str
    hgnc: str
    transcripts: tuple[tuple[str, str], ...]  # accession, MANE partner


@dataclass(slots=True, frozen=True)
class Hit:
    """An allele of the knowledge base with the names its table gives."""

    chrom: str
    pos: int
    ref: str
    alt: str
    gene: str
    hgvsc: str
    hgvsp: str


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a knowledge table."""
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def known_genes() -> dict[str, Locus]:
    """Genes of the knowledge base that have a span in the assembly."""
    found = {}
    for number, row in enumerate(rows(KNOWLEDGE / "genes.tsv")):
        if row[f"start_{ASSEMBLY}"] and row["chrom"] in LENGTHS:
            first = row["transcript_ensembl"] or f"ENST009{number:08d}"
            others = [f"ENST008{number:05d}{index:03d}" for index in range(number % 4)]
            transcripts = ((f"{first}.4", row["transcript_refseq"]), *((f"{name}.1", "") for name in others))
            span = int(row[f"start_{ASSEMBLY}"]), int(row[f"end_{ASSEMBLY}"])
            found[row["gene"]] = Locus(row["chrom"], *span, row["gene"], row["hgnc_id"], transcripts)
    return found


def known_alleles() -> list[Hit]:
    """Alleles of the knowledge base in the assembly, in its order."""
    genes = {row["alteration_id"]: row["gene"] for row in rows(KNOWLEDGE / "alterations.tsv")}
    return [
        Hit(
            row["chrom"],
            int(row["pos"]),
            row["ref"],
            row["alt"],
            genes[row["alteration_id"]],
            row["hgvsc"],
            row["hgvsp"],
        )
        for row in rows(KNOWLEDGE / "alleles.tsv")
        if row["assembly"] == ASSEMBLY and row["chrom"] in LENGTHS
    ]


def all_genes(dice: random.Random, known: Iterable[Locus]) -> dict[str, list[Locus]]:
    """Known genes and, between them, invented ones over about half of each chromosome."""
    by_chrom: dict[str, list[Locus]] = {chrom: [] for chrom in LENGTHS}
    for locus in known:
        by_chrom[locus.chrom].append(locus)
    number = 0
    for chrom, length in LENGTHS.items():
        taken = sorted((locus.start, locus.end) for locus in by_chrom[chrom])
        place = 20_000
        while place < length - 100_000:
            end = place + int(dice.expovariate(1 / 55_000)) + 2_000
            if not any(start <= end and place <= stop for start, stop in taken):
                number += 1
                count = 1 + min(int(dice.expovariate(0.4)), 7)
                transcripts = tuple((f"ENST007{number:05d}{index:03d}.2", "") for index in range(count))
                by_chrom[chrom].append(Locus(chrom, place, end, f"BENCH{number}", f"HGNC:9{number:06d}", transcripts))
            place = end + int(dice.expovariate(1 / 55_000))
        by_chrom[chrom].sort(key=lambda locus: locus.start)
    return by_chrom


def entry(values: dict[str, str]) -> str:
    """One CSQ entry."""
    fields = [""] * len(CSQ)
    for name, value in values.items():
        fields[PLACE[name]] = value
    return "|".join(fields)


class Annotator:
    """CSQ entries; the constant parts of a transcript are made once."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self._parts: dict[tuple[str, str], list[str]] = {}
        self._between = entry({"Allele": "\0", "Consequence": "intergenic_variant", "IMPACT": "MODIFIER",
                               "Existing_variation": "\0", "VARIANT_CLASS": "SNV"}).split("\0")  # fmt: skip

    def intergenic(self, allele: str, name: str) -> str:
        """The one entry of an allele between genes."""
        first, second, third = self._between
        return f"{first}{allele}{second}{name}{third}"

    def genic(self, locus: Locus, allele: str, name: str, change: str, terms: str, hit: Hit | None = None) -> str:
        """Entries of every transcript of a gene; ``change`` is the substitution as HGVS writes it."""
        found = []
        for index, (accession, partner) in enumerate(locus.transcripts):
            own = terms if index == 0 or terms == "intron_variant" else "intron_variant"
            parts = self._parts.get((accession, own))
            if parts is None:
                parts = self._parts[accession, own] = self._template(locus, accession, partner, own, first=index == 0)
            place = self.dice.randrange(20, 3000)
            coding = f"{place}{change}" if own != "intron_variant" else f"{place}+{place * 7 % 4001 + 3}{change}"
            protein = ""
            if own != "intron_variant":
                before, after = self.dice.choice(RESIDUES), self.dice.choice(RESIDUES)
                protein = f"p.{before}{place // 3 + 1}{'%3D' if own == 'synonymous_variant' else after}"
            if hit is not None and index == 0:
                coding, protein = hit.hgvsc.removeprefix("c."), hit.hgvsp.replace("=", "%3D")
            text = f"{accession}:c.{coding}"
            protein = f"{accession.replace('ENST', 'ENSP')}:{protein}" if protein else ""
            residue = "".join(c for c in protein.rpartition("p.")[2].split("_")[0] if c.isdigit())
            found.append(
                f"{parts[0]}{allele}{parts[1]}{text}{parts[2]}{protein}{parts[3]}{residue}{parts[4]}{name}{parts[5]}"
            )
        return ",".join(found)

    def _template(self, locus: Locus, accession: str, partner: str, terms: str, *, first: bool) -> list[str]:
        impact = {"intron_variant": "MODIFIER", "synonymous_variant": "LOW", "stop_gained": "HIGH"}.get(
            terms, "MODERATE"
        )
        gene = f"ENSG00{sum(map(ord, locus.symbol)) * 7919 % 10**9:09d}"
        part = {"INTRON": "3/14"} if terms == "intron_variant" else {"EXON": "7/15"}
        return entry(
            {
                "Allele": "\0", "Consequence": terms, "IMPACT": impact, "SYMBOL": locus.symbol, "Gene": gene,
                "Feature_type": "Transcript", "Feature": accession, "BIOTYPE": "protein_coding", **part,
                "HGVSc": "\0", "HGVSp": "\0", "Protein_position": "\0", "Existing_variation": "\0",
                "STRAND": "1", "VARIANT_CLASS": "SNV", "SYMBOL_SOURCE": "HGNC", "HGNC_ID": locus.hgnc,
                "CANONICAL": "YES" if first else "", "MANE": "MANE_Select" if first and partner else "",
                "MANE_SELECT": partner if first else "", "TSL": "1", "APPRIS": "P1", "CCDS": "CCDS31018.1",
                "ENSP": accession.split(".")[0].replace("ENST", "ENSP"), "SWISSPROT": "P00533.264",
                "UNIPARC": "UPI000003E750",
            }
        ).split("\0")  # fmt: skip


def header(chroms: Iterable[str], samples: Sequence[str]) -> str:
    """Header lines as Mutect2 and VEP write them."""
    lines = ["##fileformat=VCFv4.2"]
    for name in ("PASS", "weak_evidence", "germline", "panel_of_normals", "clustered_events", "haplotype"):
        lines.append(f'##FILTER=<ID={name},Description="{name.replace("_", " ")}">')
    for key, number, kind, text in (
        ("AD", "R", "Integer", "Allelic depths"), ("AF", "A", "Float", "Allele fractions"),
        ("DP", "1", "Integer", "Depth"), ("F1R2", "R", "Integer", "Reads in F1R2"),
        ("F2R1", "R", "Integer", "Reads in F2R1"), ("FAD", "R", "Integer", "Fragment depths"),
        ("GT", "1", "String", "Genotype"), ("SB", "4", "Integer", "Strand bias"),
    ):  # fmt: skip
        lines.append(f'##FORMAT=<ID={key},Number={number},Type={kind},Description="{text}">')
    for key, number, kind, text in (
        ("AS_FilterStatus", "A", "String", "Filter status of each allele"), ("AS_SB_TABLE", "1", "String", "Strands"),
        ("DP", "1", "Integer", "Depth"), ("ECNT", "1", "Integer", "Events in the haplotype"),
        ("GERMQ", "1", "Integer", "Phred of being germline"), ("MBQ", "R", "Integer", "Median base quality"),
        ("MFRL", "R", "Integer", "Median fragment length"), ("MMQ", "R", "Integer", "Median mapping quality"),
        ("MPOS", "A", "Integer", "Median distance from the end of the read"), ("NALOD", "A", "Float", "Normal artefact"),  # noqa: E501
        ("NLOD", "A", "Float", "Normal log odds"), ("POPAF", "A", "Float", "Population frequency"),
        ("TLOD", "A", "Float", "Tumour log odds"),
        ("CSQ", ".", "String", f"Consequence annotations from Ensembl VEP. Format: {'|'.join(CSQ)}"),
    ):  # fmt: skip
        lines.append(f'##INFO=<ID={key},Number={number},Type={kind},Description="{text}">')
    lines += [f"##contig=<ID=chr{chrom},length={LENGTHS[chrom]}>" for chrom in chroms]
    lines += [
        "##MutectVersion=2.2",
        "##source=Mutect2",
        f"##normal_sample={samples[1]}",
        f"##tumor_sample={samples[0]}",
    ]
    return "\n".join(
        [*lines, "\t".join(["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples])]
    )


class Caller:
    """Data lines with the values Mutect2 writes."""

    def __init__(self, dice: random.Random, genes: dict[str, list[Locus]]) -> None:
        self.dice = dice
        self.genes = genes
        self.starts = {chrom: [locus.start for locus in found] for chrom, found in genes.items()}
        self.by_symbol = {locus.symbol: locus for found in genes.values() for locus in found}
        self.annotator = Annotator(dice)

    def line(self, chrom: str, pos: int, hit: Hit | None) -> str:
        """One record: the hit, or a chance allele."""
        dice = self.dice
        ref, alt = (hit.ref, hit.alt) if hit else self._chance_allele()
        allele = alt if len(ref) == len(alt) else (alt[1:] or "-")
        change = f"{ref}>{alt}" if len(ref) == len(alt) == 1 else ("del" if len(ref) > len(alt) else f"ins{alt[1:]}")
        name = f"rs{dice.randrange(10**9)}" if dice.random() < 0.5 else ""
        locus = self.by_symbol.get(hit.gene) if hit else self._locus(chrom, pos)
        if locus is None:
            annotation = self.annotator.intergenic(allele, name)
        else:
            terms = "missense_variant" if hit else self._terms(ref, alt)
            annotation = self.annotator.genic(locus, allele, name, change, terms, hit)
        depth, normal = dice.randrange(60, 200), dice.randrange(40, 120)
        count = max(4, int(depth * dice.random() * 0.5))
        half, low = count // 2, depth - count
        passed = "PASS" if hit or dice.random() < 0.7 else dice.choice(("germline", "weak_evidence;haplotype"))
        info = (
            f"AS_FilterStatus=SITE;AS_SB_TABLE={low},{low}|{half},{count - half};DP={depth + normal};ECNT=1;"
            f"GERMQ={dice.randrange(1, 94)};MBQ=30,{dice.randrange(20, 38)};MFRL=210,{dice.randrange(150, 320)};MMQ=60,60;"  # noqa: E501
            f"MPOS={dice.randrange(3, 70)};NALOD=1.{dice.randrange(999)};NLOD={normal // 4}.{dice.randrange(99)};"
            f"POPAF=6.00;TLOD={count}.{dice.randrange(99)};CSQ={annotation}"
        )
        tumour = f"0/1:{low},{count}:{count / depth:.3f}:{depth}:{low // 2},{half}:{low - low // 2},{count - half}:{low},{count}:{low // 2},{low - low // 2},{half},{count - half}"  # noqa: E501
        other = f"0/0:{normal},0:0.014:{normal}:{normal // 2},0:{normal - normal // 2},0:{normal},0:{normal // 2},{normal - normal // 2},0,0"  # noqa: E501
        return f"chr{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t{passed}\t{info}\t{FORMAT}\t{tumour}\t{other}"

    def _chance_allele(self) -> tuple[str, str]:
        ref, alt = self.dice.sample(BASES, 2)
        kind = self.dice.random()
        if kind < 0.06:
            return ref + "".join(self.dice.choices(BASES, k=self.dice.randrange(1, 6))), ref
        if kind < 0.12:
            return ref, ref + "".join(self.dice.choices(BASES, k=self.dice.randrange(1, 6)))
        return ref, alt

    def _locus(self, chrom: str, pos: int) -> Locus | None:
        index = bisect_right(self.starts[chrom], pos) - 1
        return next((locus for locus in self.genes[chrom][max(0, index - 3) : index + 1] if locus.end >= pos), None)

    def _terms(self, ref: str, alt: str) -> str:
        chance = self.dice.random()
        if len(ref) != len(alt) or chance < 0.975:
            return "intron_variant"
        return "missense_variant" if chance < 0.99 else ("synonymous_variant" if chance < 0.998 else "stop_gained")


@contextmanager
def bgzip(path: Path) -> Iterator[BinaryIO]:
    """A BGZF file to write to, with the system's bgzip where there is one (it uses both cores)."""
    program = shutil.which("bgzip")
    if program is None:
        with pysam.BGZFile(str(path), "wb", None) as stream:
            yield stream
        return
    with path.open("wb") as target:
        child = subprocess.Popen([program, "-@", "2", "-c"], stdin=subprocess.PIPE, stdout=target)
        if child.stdin is None:
            raise RuntimeError("bgzip has no standard input")
        yield child.stdin
        child.stdin.close()
        if child.wait() != 0:
            raise RuntimeError("bgzip failed")


def write(path: Path, head: str, lines: Iterable[str]) -> None:
    """Write a BGZF file and its tabix index."""
    with bgzip(path) as stream:
        pending, size = [head], 0
        for text in lines:
            pending.append(text)
            size += len(text)
            if size > FRAGMENT:
                stream.write(("\n".join(pending) + "\n").encode())
                pending, size = [], 0
        if pending:
            stream.write(("\n".join(pending) + "\n").encode())
    pysam.tabix_index(str(path), preset="vcf", force=True)


def genome(records: int, out: Path, seed: int, hits: int) -> None:
    """A whole genome with ``hits`` alleles of the knowledge base among its records."""
    dice = random.Random(seed)
    caller = Caller(dice, all_genes(dice, known_genes().values()))
    alleles = known_alleles()
    sprinkled = {(hit.chrom, hit.pos): hit for hit in dice.sample(alleles, min(hits, len(alleles)))}
    total = sum(LENGTHS.values())

    def lines() -> Iterator[str]:
        for chrom, length in LENGTHS.items():
            count = records * length // total
            places = set(dice.sample(range(10_000, length - 10_000), min(count, length - 20_000)))
            places |= {pos for name, pos in sprinkled if name == chrom}
            for pos in sorted(places):
                yield caller.line(chrom, pos, sprinkled.get((chrom, pos)))

    write(out, header(LENGTHS, ("TUMOUR", "NORMAL")), lines())
    table(alleles, out.with_name(out.name.replace(".vcf.gz", ".alleles.vcf.gz")))


def table(alleles: Iterable[Hit], out: Path) -> None:
    """The knowledge base's alleles as a VCF, the annotation source of other tools."""
    head = ["##fileformat=VCFv4.2", '##INFO=<ID=KNOWN,Number=.,Type=String,Description="Known change">']
    head += [f"##contig=<ID=chr{chrom},length={length}>" for chrom, length in LENGTHS.items()]
    order = list(LENGTHS)
    unique = {(order.index(hit.chrom), hit.pos, hit.ref, hit.alt): hit for hit in alleles}
    lines = [
        f"chr{hit.chrom}\t{hit.pos}\t.\t{hit.ref}\t{hit.alt}\t.\t.\tKNOWN={hit.gene}:{hit.hgvsp.replace('=', '%3D')}"
        for _, hit in sorted(unique.items())
    ]
    write(out, "\n".join([*head, "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]), lines)


def panel(samples: int, records: int, out: Path, seed: int, *, annotated: bool = True) -> None:
    """A batch of panels over the genes of the knowledge base with a sample sheet; without CSQ where asked."""
    dice = random.Random(seed)
    genes = known_genes()
    by_chrom: dict[str, list[Locus]] = {chrom: [] for chrom in LENGTHS}
    for locus in sorted(genes.values(), key=lambda one: one.start):
        by_chrom[locus.chrom].append(locus)
    caller = Caller(dice, by_chrom)
    alleles = known_alleles()
    chosen = dice.sample(sorted(genes.values(), key=lambda one: one.symbol), min(150, len(genes)))
    order = list(LENGTHS)
    out.mkdir(parents=True, exist_ok=True)
    sheet = ["sample_id\tvcf\tassembly\ttumour_type"]
    for number in range(1, samples + 1):
        name = f"P{number:05d}"
        places: dict[tuple[int, int], Hit | None] = {}
        for hit in dice.sample(alleles, min(5, records)):
            places[order.index(hit.chrom), hit.pos] = hit
        while len(places) < records:
            locus = dice.choice(chosen)
            places.setdefault((order.index(locus.chrom), dice.randrange(locus.start, locus.end)), None)
        lines = [caller.line(order[rank], pos, hit) for (rank, pos), hit in sorted(places.items())]
        if not annotated:
            lines = [line.replace(line[line.index(";CSQ=") : line.index(f"\t{FORMAT}")], "") for line in lines]
        write(out / f"{name}.vcf.gz", header(LENGTHS, ("TUMOUR", "NORMAL")), lines)
        tumour = dice.choice(("NSCLC", "COADREAD", "MEL", "BRCA", "PAAD"))
        sheet.append(f"{name}\t{(out / f'{name}.vcf.gz').resolve()}\t{ASSEMBLY}\t{tumour}")
    (out / "samples.tsv").write_text("\n".join(sheet) + "\n", encoding="utf-8")


def knowledge(count: int, out: Path, seed: int) -> None:
    """The knowledge tables with invented exact alleles added until there are ``count``; their manifest is written anew."""  # noqa: E501
    dice = random.Random(seed)
    shutil.copytree(KNOWLEDGE, out, dirs_exist_ok=True)
    genes, alterations = known_genes(), rows(KNOWLEDGE / "alterations.tsv")
    path = out / "alleles.tsv"
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    columns = head.split("\t")
    usable = [row for row in alterations if row["gene"] in genes]
    taken = {tuple(line.split("\t")[1:6]) for line in lines}
    while len(lines) < count:
        row = dice.choice(usable)
        locus = genes[row["gene"]]
        ref, alt = dice.sample(BASES, 2)
        key = (ASSEMBLY, locus.chrom, str(dice.randrange(locus.start, locus.end)), ref, alt)
        if key in taken:
            continue
        taken.add(key)
        values = dict(zip(("assembly", "chrom", "pos", "ref", "alt"), key, strict=True))
        values |= {"alteration_id": row["alteration_id"], "verified_in": "unverified"}
        lines.append("\t".join(values.get(column, "") for column in columns))
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    write_manifest(out)


def main() -> None:
    """Parse the command line and generate."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    kinds = parser.add_subparsers(dest="kind", required=True)
    one = kinds.add_parser("genome")
    one.add_argument("--records", type=int, default=4_000_000)
    one.add_argument("--hits", type=int, default=300)
    two = kinds.add_parser("panel")
    two.add_argument("--samples", type=int, default=1)
    two.add_argument("--records", type=int, default=2000)
    two.add_argument("--plain", action="store_true", help="without CSQ")
    three = kinds.add_parser("knowledge")
    three.add_argument("--rows", type=int, default=5000)
    for each in (one, two, three):
        each.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    if options.kind == "genome":
        genome(options.records, options.out, options.seed, options.hits)
    elif options.kind == "panel":
        panel(options.samples, options.records, options.out, options.seed, annotated=not options.plain)
    else:
        knowledge(options.rows, options.out, options.seed)


if __name__ == "__main__":
    main()
