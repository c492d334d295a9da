"""A file proved in parts and spliced says and holds what reading and writing it from end to end gives."""

from __future__ import annotations

import gzip
import random
from dataclasses import asdict, replace
from pathlib import Path

import pysam
import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.pipeline import read_variants
from targetboard.request import Request, SampleVariants
from targetboard.vcf import genome
from targetboard.vcf.annotated import write_annotated_vcf
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import deflated

CSQ = "Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|Protein_position|Amino_acids|HGNC_ID"
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr7>\n##contig=<ID=chr12>\n##MutectVersion=2.2\n##tumor_sample=T\n"
    f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {CSQ}">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
)
GENES = (("chr7", 140720000, "BRAF"), ("chr7", 55020000, "EGFR"), ("chr12", 25206000, "KRAS"))


@pytest.fixture(scope="module")
def base(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few blocks, so that a small file is cut in many places."""
    monkeypatch.setattr(genome, "PART_BYTES", 40_000)
    monkeypatch.setattr(genome, "CHUNK_BYTES", 10_000)


def body(seed: int, count: int) -> str:
    dice = random.Random(seed)  # noqa: S311
    places = []
    for _ in range(count):
        chrom, start, symbol = dice.choice(GENES)
        places.append((["chr7", "chr12"].index(chrom), start + dice.randrange(60_000), chrom, symbol))
    lines = []
    for _, pos, chrom, symbol in sorted(places):
        ref, alt = dice.sample("ACGT", 2)
        if dice.random() < 0.1:
            alt = ref + alt
        stated = alt if len(alt) == 1 else alt[1:]
        terms, protein = dice.choice(
            (("intron_variant", ""), ("intron_variant", ""), ("missense_variant", "E1:p.Gly12Asp"))
        )
        coding = f"ENST1:c.90+5{ref}>{alt}" if not protein and len(alt) == 1 else ""
        entry = f"{stated}|{terms}|{symbol}|Transcript|ENST1|{coding}|{protein}|||"
        extra = dice.choice(("", "", "NEW=1;", "DB;", f"END={pos + 50};"))
        padding = "PAD=" + "x" * dice.randrange(400)
        alt = dice.choice((alt, alt, alt, alt, "<DEL>")) if extra.startswith("END") else alt
        lines.append(f"{chrom}\t{pos}\t.\t{ref}\t{alt}\t.\tPASS\t{extra}{padding};CSQ={entry}\tGT:AD\t0/1:9,4\n")
    return "".join(lines)


def bgzf(path: Path, text: str, *, block: int = 3000) -> Path:
    """Blocks of an uneven size, so that lines and the header cross their edges."""
    data = text.encode()
    pieces = [b"".join(deflated(data[start : start + block])) for start in range(0, len(data), block)]
    path.write_bytes(b"".join((*pieces, EOF_BLOCK)))
    return path


def read(path: Path, base: KnowledgeBase, workdir: Path, large_bytes: int) -> SampleVariants:
    return read_variants(Request(path, Assembly.GRCH38, large_bytes=large_bytes), base, workdir)


def shown(found: SampleVariants) -> object:
    proved = replace(found.inspection, digest=found.inspection.sha256)
    plain = asdict(replace(found, spliced=None, kept_lines={}, inspection=proved))
    plain["ledger"]["filtered"] = dict(sorted(plain["ledger"]["filtered"].items()))
    return plain


def written(path: Path, found: SampleVariants, folder: Path, *, spliced: bool) -> Path:
    variants = [
        {
            "oncogenicity": None,
            "driver_class": "uncertain",
            "gene": variant.gene,
            "hgvsp": "",
            "matches": [],
            "vaf": 0.25,
            "flags": [],
            "input": {"record": variant.input.record, "alt_index": variant.input.alt_index},
        }
        for variant in found.variants
    ]
    document = {"variants": variants, "provenance": {"knowledge": [{"release": "1", "sha256": "0"}]}}
    folder.mkdir()
    target = folder / "out.vcf.gz"
    index = folder / "out.vcf.gz.tbi"
    plan = found.spliced if spliced else None
    write_annotated_vcf(target, index, path, found.inspection, document, plan)
    return target


@pytest.mark.parametrize("seed", range(6))
def test_parts_give_what_the_whole_gives(tmp_path: Path, base: KnowledgeBase, seed: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(seed, 900), block=(3000, 65280, 777, 20_011, 3000, 50)[seed])
    whole = read(path, base, tmp_path, 1 << 40)
    parts = read(path, base, tmp_path, 0)
    assert whole.spliced is None
    assert parts.spliced is not None
    assert shown(parts) == shown(whole)
    one = written(path, whole, tmp_path / "whole", spliced=False)
    other = written(path, parts, tmp_path / "parts", spliced=True)
    assert gzip.decompress(other.read_bytes()) == gzip.decompress(one.read_bytes())
    assert other.read_bytes().endswith(EOF_BLOCK)
    assert b"TB_CLASS=uncertain" in gzip.decompress(other.read_bytes())
    dice = random.Random(seed)  # noqa: S311
    with pysam.TabixFile(str(one)) as expected, pysam.TabixFile(str(other)) as found:
        assert found.contigs == expected.contigs
        for chrom, start, _ in GENES:
            for _ in range(60):
                begin = start + dice.randrange(70_000)
                end = begin + dice.choice((1, 10, 500, 20_000))
                assert list(found.fetch(chrom, begin, end)) == list(expected.fetch(chrom, begin, end))


@pytest.mark.parametrize(
    ("change", "plan"),
    [
        (lambda text: text.replace("PAD=x", "TB_GENE=x", 1), False),
        (lambda text: text.replace("\tPASS\t", "\tPASS \t", 3), True),
        (lambda text: text.replace("DB;", "DB;;", 2), True),
        (lambda text: text.replace("NEW=1;", "NEW=1;NEW=2;", 2), True),
        (lambda text: text.replace("\n", "\r\n"), False),
        (lambda text: text.removesuffix("\n"), False),
        (lambda text: text + "\n", False),
        (lambda text: text + "chr7\t5\t.\tA\tT\t.\tPASS\t.\tGT:AD\t0/1:9,4\n", False),
        (lambda text: text.replace("PAD=x", "PAD=\x01", 1), False),
        (lambda text: text.replace("GT:AD\t0/1", "GT:AD\t0/1:1:1", 1), False),
        (lambda text: text.replace("chr12\t", "chrUn_KI270742v1\t"), True),
        (lambda text: text.replace("PAD=xx", "PAD=\u00e9"), True),
        (lambda text: HEADER, True),
    ],
)
def test_an_odd_file_is_read_as_from_end_to_end(
    tmp_path: Path, base: KnowledgeBase, change: object, plan: bool
) -> None:
    assert callable(change)
    path = bgzf(tmp_path / "in.vcf.gz", change(HEADER + body(9, 400)))
    outcomes: list[object] = []
    for large_bytes in (1 << 40, 0):
        try:
            found = read(path, base, tmp_path, large_bytes)
        except Exception as error:  # noqa: BLE001 - both ways must fail alike
            outcomes.append(str(error))
            continue
        outcomes.append(shown(found))
        if large_bytes == 0:
            assert (found.spliced is not None) is plan
    assert outcomes[0] == outcomes[1]


@pytest.mark.parametrize("place", [20, 3000, -40, -10])
def test_damage_is_named_as_always(tmp_path: Path, base: KnowledgeBase, place: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(2, 300))
    data = bytearray(path.read_bytes())
    data[place] ^= 0xFF
    path.write_bytes(data)
    said: list[str] = []
    for large_bytes in (1 << 40, 0):
        with pytest.raises(Exception) as failure:
            read(path, base, tmp_path, large_bytes)
        said.append(str(failure.value))
    assert said[0] == said[1]
