"""What the screen sets aside is what reading every line in full would have set aside."""

from __future__ import annotations

import random
from dataclasses import asdict
from pathlib import Path

import pytest

from targetboard import pipeline
from targetboard.errors import TargetboardError
from targetboard.knowledge.loader import load
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.pipeline import read_variants
from targetboard.request import Request
from targetboard.silent_lines import SilentLines, _bases_of
from targetboard.vcf.preflight import inspect

CSQ = "Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|Protein_position|Amino_acids|HGNC_ID"
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr7,length=159345973>\n##MutectVersion=2.2\n##tumor_sample=T\n"
    f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {CSQ}">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\tN\n"
)
# BRAF and EGFR of GRCh38, a place between genes, a curated position (BRAF V600), and one outside the chromosome
PLACES = (140753336, 140753335, 140753338, 140760000, 140760050, 140790000, 55191822, 55150000, 5000, 5001, 100, 0)
ALLELES = (
    *(("A", "T"), ("A", "T"), ("A", "T"), ("T", "A"), ("A", "AT"), ("AC", "A"), ("a", "g"), ("A", "T,G"), ("A", "*")),
    *(("A", "<DEL>"), ("N", "A"), ("A", "."), ("A", "A[chr7:100["), ("AC", "GT"), ("A", "a"), ("TAC", "TGC")),
)
SYMBOLS = ("BRAF", "braf", "EGFR", "NOGENE", "ERBB1", "", "BRAF1")
TERMS = ("intron_variant", "missense_variant", "intron_variant&non_coding_transcript_variant", "upstream_gene_variant")


@pytest.fixture(scope="module")
def base(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


def entry(dice: random.Random, ref: str, alt: str) -> str:
    stated = alt if len(ref) == len(alt) else (alt[1:] or "-")
    allele = dice.choice((stated, stated, stated, "C"))
    coding = dice.choice((f"ENST1:c.90+5{ref}>{alt}", f"ENST1:c.90+5{ref}>{alt}", "", "ENST1:c.90G>C", "c.5dup"))
    protein = dice.choice(("", "", "", "", "ENSP1:p.Val600Glu"))
    kind = dice.choice(("Transcript", "Transcript", "Transcript", "", "RegulatoryFeature"))
    hgnc = dice.choice(("", "HGNC:1097", "1097", "HGNC%3A1097", "HGNC:3236"))
    symbol = dice.choice(SYMBOLS)
    return "|".join((allele, dice.choice(TERMS), symbol, kind, "ENST1", coding, protein, "", "", hgnc))


def record(dice: random.Random, pos: int) -> str:
    ref, alt = dice.choice(ALLELES)
    info = "CSQ=" + ",".join(entry(dice, ref, alt) for _ in range(dice.randrange(1, 4)))
    info = dice.choice((info, info, info, "DP=5", "."))
    values = dice.choice(("0/1:9,4", "0/1:9,4", "0/0:9,4", "0/1:9,0", "./.:.", "0/1", "0|1:9,4,5", "1/1:0,7"))
    chrom = dice.choice(("chr7", "chr7", "chr7", "chr7", "chrUn_1"))
    filter_ = dice.choice(("PASS", "PASS", "germline", "NoCall"))
    return f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\t{filter_}\t{info}\tGT:AD\t{values}\t0/0:9,0"


def told(path: Path, base: KnowledgeBase, assembly: Assembly, workdir: Path, *, only_hits: bool = False) -> object:
    """Everything that a document could say of a file, or its error."""
    try:
        found = read_variants(Request(path, assembly, only_hits=only_hits), base, workdir)
    except TargetboardError as error:
        return error.one_line()
    shown = asdict(found)
    shown["ledger"]["filtered"] = dict(sorted(shown["ledger"]["filtered"].items()))
    return shown


def without_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on every line is read in full."""
    monkeypatch.setattr(pipeline, "prove", lambda request, known, meanwhile: (inspect(request.vcf), None, None))


@pytest.mark.parametrize("only_hits", [False, True])
@pytest.mark.parametrize("seed", range(60))
@pytest.mark.parametrize("order", ["sorted", "unsorted"])
def test_screened_and_unscreened_reading_agree(
    tmp_path: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, seed: int, order: str, only_hits: bool
) -> None:
    dice = random.Random(seed)  # noqa: S311
    places = [dice.choice(PLACES) + dice.randrange(3) * 200 for _ in range(dice.randrange(1, 40))]
    if order == "sorted":
        places.sort()
    path = tmp_path / "in.vcf"
    path.write_text(HEADER + "".join(record(dice, pos) + "\n" for pos in places), encoding="utf-8")
    assembly = Assembly.GRCH37 if seed % 7 == 0 else Assembly.GRCH38
    screened = told(path, base, assembly, tmp_path, only_hits=only_hits)
    without_screen(monkeypatch)
    assert screened == told(path, base, assembly, tmp_path, only_hits=only_hits)


@pytest.mark.parametrize("only_hits", [False, True])
@pytest.mark.parametrize("seed", range(30))
def test_lines_that_stand_alone_are_read_as_without_a_screen(
    tmp_path: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, seed: int, only_hits: bool
) -> None:
    dice = random.Random(seed)  # noqa: S311
    places, pos = [], 140_700_000 if seed % 2 else 140_780_000  # before BRAF, and in it
    for _ in range(dice.randrange(20, 300)):
        pos += dice.choice((1, 7, 90, 101, 130, 300, 600))
        places.append(pos)
    path = tmp_path / "in.vcf"
    lines = [record(dice, pos) for pos in places]
    if only_hits:  # a codon has one place; by chance it is the one of a row
        codons = [400 + (pos - places[0]) // 3 for pos in places]
        lines = [line.replace("600", str(codon)) for line, codon in zip(lines, codons, strict=True)]
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    screened = told(path, base, Assembly.GRCH38, tmp_path, only_hits=only_hits)
    without_screen(monkeypatch)
    assert screened == told(path, base, Assembly.GRCH38, tmp_path, only_hits=only_hits)


def close_record(dice: random.Random, pos: int) -> str:
    """A record of BRAF that stands close to others, with phase sets by name."""
    ref, alt = dice.choice((("A", "T"), ("A", "T"), ("C", "G"), ("A", "AT"), ("AC", "A"), ("A", "ATTT"), ("ACGT", "A")))
    stated = alt if len(ref) == len(alt) else (alt[1:] or "-")
    terms, protein, codon = dice.choice(
        (
            *[("intron_variant", "", "")] * 3,
            ("missense_variant", "ENSP1:p.Val600Glu", "600"),
            ("frameshift_variant", "ENSP1:p.Val600fs", "600"),
        )
    )
    coding = f"ENST1:c.90+5{ref}>{alt}" if len(ref) == len(alt) == 1 else ""
    entry_ = "|".join((stated, terms, "BRAF", "Transcript", "ENST1", coding, protein, codon, "", "HGNC:1097"))
    genotype, phase = dice.choice((("0/1", "."), ("0|1", "77"), ("0|1", "77"), ("0|1", "78"), ("1|0", "77")))
    return f"chr7\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\tCSQ={entry_}\tGT:AD:PS\t{genotype}:9,4:{phase}\t0/0:9,0:."


@pytest.mark.parametrize("only_hits", [False, True])
@pytest.mark.parametrize("seed", range(80))
def test_neighbours_are_read_together_as_without_a_screen(
    tmp_path: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, seed: int, only_hits: bool
) -> None:
    dice = random.Random(seed)  # noqa: S311
    places, pos = [], 140760000
    for _ in range(dice.randrange(2, 30)):
        pos += dice.choice((0, 1, 1, 2, 3, 4, 6, 7, 20, 29, 30, 31, 33, 40, 99, 101, 300))
        places.append(pos)
    path = tmp_path / "in.vcf"
    lines = [close_record(dice, pos) for pos in places]
    if only_hits:
        lines = [
            line.replace("Val600", f"Val{codon}").replace("|600|", f"|{codon}|")
            for line, codon in zip(lines, (400 + (pos - 140_760_000) // 3 for pos in places), strict=True)
        ]
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    screened = told(path, base, Assembly.GRCH38, tmp_path, only_hits=only_hits)
    without_screen(monkeypatch)
    assert screened == told(path, base, Assembly.GRCH38, tmp_path, only_hits=only_hits)


def odd_entry(dice: random.Random, ref: str, alt: str) -> str:
    """An entry as above, or one with a column too few, too many, or with signs that part columns and fields."""
    text = entry(dice, ref, alt).replace("%3A", ":")
    return dice.choice((text, text, text, text, text.rpartition("|")[0], f"{text}|x=y", f"{text}|", f"|{text}", ""))


@pytest.mark.parametrize("fields", [CSQ, "SYMBOL|Allele|" + CSQ.replace("Allele|", "").replace("SYMBOL|", "")])
@pytest.mark.parametrize("seed", range(20))
def test_common_and_any_form_of_annotation_are_judged_alike(base: KnowledgeBase, fields: str, seed: int) -> None:
    known = pipeline.Known(base, Assembly.GRCH37 if seed % 4 == 0 else Assembly.GRCH38, Loci({}))
    places = {name: index for index, name in enumerate(fields.split("|"))}
    quick = SilentLines(known, b"CSQ=", {name: place for name, place in places.items() if name != "Feature"}, 9)
    dice = random.Random(seed)  # noqa: S311
    found = 0
    for _ in range(300):
        ref, alt = dice.choice(ALLELES)
        entries = [odd_entry(dice, ref, alt) if dice.random() < 0.1 else entry(dice, ref, alt) for _ in range(2)]
        entries = [dice.choice(entries) for _ in range(dice.randrange(1, 4))]
        info = dice.choice(("", "DP=5;", "CSQ=A;", "XCSQ=A;")) + "CSQ=" + ",".join(entries) + dice.choice(("", ";DP=5"))
        line = f"chr7\t{dice.choice(PLACES)}\t.\t{ref}\t{alt}\t.\tPASS\t{info}\tGT:AD\t0/1:9,4\t0/0:9,0".encode()
        bases = _bases_of(ref.encode().upper(), alt.encode().upper())
        if bases is None:
            continue
        quickly = quick._genes_of(line.split(b"\t")[7], bases)
        assert quickly == quick._genes_by_column(line.split(b"\t")[7], bases)
        found += bool(quickly)
    assert found or fields != CSQ


def test_only_lines_that_can_matter_are_kept(tmp_path: Path, base: KnowledgeBase) -> None:
    silent = "CSQ=T|intron_variant|BRAF|Transcript|ENST1|ENST1:c.90+5A>T||||HGNC:1097"
    row = "chr7\t{pos}\t.\tA\t{alt}\t.\tPASS\t{info}\tGT:AD\t0/1:9,4\t0/0:9,0\n"
    lines = [row.format(pos=pos, alt="T", info="DP=5") for pos in range(1000, 3000)]
    lines += [row.format(pos=140760000 + 1000 * step, alt="T", info=silent) for step in range(20)]
    lines += [row.format(pos=140790000, alt="T", info=silent.replace("intron", "missense"))]
    path = tmp_path / "in.vcf"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    known = pipeline.Known(base, Assembly.GRCH38, pipeline.Loci.of(base, Assembly.GRCH38))
    inspection, screened, _ = pipeline.prove(Request(path, Assembly.GRCH38), known)
    assert screened is not None
    assert inspection.records == 2021
    # the first line in a gene is read in full, as nothing is known of what lies before it
    assert [record for record, _, _ in screened.kept] == [2001, 2021]
    assert screened.filtered == {
        "outside the genes of the knowledge base": 2000,
        "no coding, splice or promoter consequence": 19,
    }


def alone(path: Path, base: KnowledgeBase, workdir: Path, lines: list[str], *, only_hits: bool = False) -> object:
    """What is told of lines with and without a screen, which must be the same."""
    path.write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    return told(path, base, Assembly.GRCH38, workdir, only_hits=only_hits)


QUIET = "chr7\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{info}\tGT:AD\t0/1:9,4\t0/0:9,0"
INTRON = "CSQ=T|intron_variant|BRAF|Transcript|ENST1|ENST1:c.90+5A>T||||HGNC:1097"
MISSENSE = "CSQ=T|missense_variant|BRAF|Transcript|ENST1|ENST1:c.90A>T|ENSP1:p.Lys30Asn|30||HGNC:1097"
FIRST = QUIET.format(pos=140760000, ref="A", alt="T", info=INTRON)


@pytest.mark.parametrize(
    ("lines", "only_hits"),
    [
        ([FIRST, QUIET.format(pos=140770000, ref="A", alt="T", info=f"CSQ;{INTRON}")], False),
        ([FIRST, QUIET.format(pos=140770000, ref="A", alt="T", info=f"{INTRON};CSQ")], False),
        ([FIRST, QUIET.format(pos=159345974, ref="A", alt="T", info=INTRON)], False),
        ([FIRST, QUIET.format(pos=159345974, ref="A", alt="T", info=MISSENSE)], True),
        (
            [
                QUIET.format(pos=140760000, ref="A", alt=".", info=INTRON),
                QUIET.format(pos=140770000, ref="A", alt="T", info=MISSENSE),
            ],
            True,
        ),
    ],
)
def test_odd_lines_are_told_as_without_a_screen(
    tmp_path: Path, base: KnowledgeBase, monkeypatch: pytest.MonkeyPatch, lines: list[str], only_hits: bool
) -> None:
    screened = alone(tmp_path / "in.vcf", base, tmp_path, lines, only_hits=only_hits)
    without_screen(monkeypatch)
    assert screened == alone(tmp_path / "in.vcf", base, tmp_path, lines, only_hits=only_hits)
