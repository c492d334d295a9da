"""A file that is read by its index only is written again with the text that reading all of it gives."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pysam
import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly
from targetboard.pipeline import read_variants
from targetboard.request import Request, SampleVariants
from targetboard.vcf import restricted, splice
from targetboard.vcf.annotated import write_annotated_vcf
from targetboard.vcf.bgzf import EOF_BLOCK
from targetboard.vcf.blocks import deflated
from targetboard.vcf.restricted import StretchPlan
from targetboard.vcf.tabix_reading import OddIndex, TabixIndex, read_tabix

CSQ = "Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|Protein_position|Amino_acids|HGNC_ID"
HEADER = (
    "##fileformat=VCFv4.2\n##contig=<ID=chr1>\n##contig=<ID=chr7>\n##contig=<ID=chr12>\n##contig=<ID=chr22>\n"
    "##MutectVersion=2.2\n##tumor_sample=T\n"
    f'##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: {CSQ}">\n'
    '##INFO=<ID=PAD,Number=1,Type=String,Description="p">\n'
    '##INFO=<ID=END,Number=1,Type=Integer,Description="e">\n'
    '##FORMAT=<ID=GT,Number=1,Type=String,Description="g">\n'
    '##FORMAT=<ID=AD,Number=R,Type=Integer,Description="a">\n'
    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tT\n"
)
CONTIGS = ["chr1", "chr7", "chr12", "chr22"]
# KRAS and BRAF; the other places lie in no gene of the tables
PLACES = (("chr12", 25206000, "KRAS"), ("chr7", 140740000, "BRAF"), ("chr7", 1000, ""), ("chr1", 5000, ""))


@pytest.fixture(scope="module")
def base(root: Path) -> KnowledgeBase:
    return load([root / "resources/knowledge"])


@pytest.fixture(params=[1, 3], ids=["one process", "three processes"])
def shares(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Small chunks, and as many workers as asked for whatever the size."""
    monkeypatch.setattr(restricted, "CHUNK_BYTES", 5000)
    monkeypatch.setattr(restricted, "WORTH_BYTES", 0)
    monkeypatch.setattr(restricted, "processes", lambda: request.param)
    monkeypatch.setattr(splice, "_WORTH_RANGE", 1000)
    return int(request.param)


def line(contig: str, pos: int, gene: str, *, hit: bool, pad: int = 20, extra: str = "") -> str:
    terms, protein = ("missense_variant", f"E1:p.Gly{pos // 3}Asp") if hit else ("intron_variant", "")
    coding = "" if hit else "ENST1:c.90+5C>T"
    entry = f"T|{terms}|{gene}|Transcript|ENST1|{coding}|{protein}|||"
    info = f"{extra}PAD={'x' * pad}" + (f";CSQ={entry}" if gene else "")
    return f"{contig}\t{pos}\t.\tC\tT\t.\tPASS\t{info}\tGT:AD\t0/1:9,4\n"


def body(seed: int, count: int) -> str:
    dice = random.Random(seed)  # noqa: S311
    places = []
    for _ in range(count):
        contig, start, gene = dice.choice(PLACES)
        places.append((CONTIGS.index(contig), start + dice.randrange(40_000), contig, gene))
    lines = []
    for _, pos, contig, gene in sorted(places):
        extra = "" if dice.random() < 0.9 else f"END={pos + dice.randrange(2000)};"
        lines.append(
            line(contig, pos, gene, hit=bool(gene) and dice.random() < 0.3, pad=dice.randrange(400), extra=extra)
        )
    return "".join(lines)


def bgzf(path: Path, text: str, *, block: int = 3000) -> Path:
    """The text in blocks of this size, and its tabix index."""
    data = text.encode()
    pieces = [b"".join(deflated(data[start : start + block])) for start in range(0, len(data), block)]
    path.write_bytes(b"".join((*pieces, EOF_BLOCK)))
    pysam.tabix_index(str(path), preset="vcf", force=True)
    return path


def read(path: Path, base: KnowledgeBase, workdir: Path, **how: bool) -> SampleVariants:
    return read_variants(Request(path, Assembly.GRCH38, **how), base, workdir)  # type: ignore[arg-type]


def written(path: Path, found: SampleVariants, folder: Path) -> Path:
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
    write_annotated_vcf(target, folder / "out.vcf.gz.tbi", path, found.inspection, document, found.spliced)
    return target


def assert_same(whole: Path, other: Path, seed: int = 1) -> None:
    """The same text, and the same lines wherever one asks for them."""
    assert gzip.decompress(other.read_bytes()) == gzip.decompress(whole.read_bytes())
    assert other.read_bytes().endswith(EOF_BLOCK)
    dice = random.Random(seed)  # noqa: S311
    with pysam.TabixFile(str(whole)) as expected, pysam.TabixFile(str(other)) as found:
        assert found.contigs == expected.contigs
        for contig in expected.contigs:
            assert list(found.fetch(contig)) == list(expected.fetch(contig))
        for contig, start, _ in PLACES:
            if contig not in expected.contigs:
                continue
            for _ in range(40):
                begin = start + dice.randrange(45_000)
                end = begin + dice.choice((1, 10, 500, 20_000))
                assert list(found.fetch(contig, begin, end)) == list(expected.fetch(contig, begin, end))


def shown(found: SampleVariants) -> list[dict[str, Any]]:
    """The variants without the numbers of records and lines, which count what was read."""
    plain = [asdict(variant) for variant in found.variants]
    for variant in plain:
        variant["input"].update(record=0, line=0)
    return plain


@pytest.mark.usefixtures("shares")
@pytest.mark.parametrize("block", [50, 777, 3000, 20_011, 65280])
def test_the_file_written_is_the_same(tmp_path: Path, base: KnowledgeBase, block: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(block, 700), block=block)
    whole = read(path, base, tmp_path)
    by_index = read(path, base, tmp_path, restricted=True)
    assert whole.spliced is None
    assert by_index.spliced is not None
    assert isinstance(by_index.spliced.plan, StretchPlan)
    assert len(whole.variants) > 20
    assert shown(by_index) == shown(whole)
    assert "restricted_to_index" in by_index.limitations
    assert by_index.ledger.records_in < whole.ledger.records_in
    assert_same(written(path, whole, tmp_path / "whole"), written(path, by_index, tmp_path / "index"), block)


@pytest.mark.usefixtures("shares")
@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line("chr1", 5, "", hit=False)],
        [line("chr12", 25245000, "KRAS", hit=True)],
        [line("chr12", 25245000, "KRAS", hit=True, pad=5000)],
        [line("chr1", 5, "", hit=False), line("chr12", 25245000, "KRAS", hit=True)],
        [line("chr12", 25245000, "KRAS", hit=True), line("chr22", 50_000_000, "", hit=False)],
        [line("chr12", 25245000 + 3 * step, "KRAS", hit=True) for step in range(40)],
        [line("chr12", 25245000, "KRAS", hit=True), line("chr12", 25245000, "KRAS", hit=False)],
    ],
    ids=["none", "outside", "only", "long", "last", "first", "all", "one place"],
)
@pytest.mark.parametrize("block", [1, 100, 65280])
def test_edges(tmp_path: Path, base: KnowledgeBase, lines: list[str], block: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + "".join(lines), block=block)
    whole = read(path, base, tmp_path)
    by_index = read(path, base, tmp_path, restricted=True)
    assert by_index.spliced is not None
    assert shown(by_index) == shown(whole)
    assert_same(written(path, whole, tmp_path / "whole"), written(path, by_index, tmp_path / "index"))


@pytest.mark.usefixtures("shares")
@pytest.mark.parametrize("offset", range(-3, 4))
def test_a_hit_at_the_edge_of_a_block(tmp_path: Path, base: KnowledgeBase, offset: int) -> None:
    before = HEADER + line("chr1", 5, "", hit=False)
    hits = [line("chr12", 25245000 + 200 * step, "KRAS", hit=True) for step in range(3)]
    cuts = [len(HEADER), len(before) + offset, len(before) + len(hits[0]) + offset]
    data = (before + "".join(hits) + line("chr22", 5, "", hit=False)).encode()
    edges = [0, *cuts, len(data)]
    path = tmp_path / "in.vcf.gz"
    pieces = [b"".join(deflated(data[one:other])) for one, other in pairwise(edges)]
    path.write_bytes(b"".join((*pieces, EOF_BLOCK)))
    pysam.tabix_index(str(path), preset="vcf")
    whole = read(path, base, tmp_path)
    by_index = read(path, base, tmp_path, restricted=True)
    assert len(by_index.variants) == 3
    assert_same(written(path, whole, tmp_path / "whole"), written(path, by_index, tmp_path / "index"))


def cut_off(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: -len(EOF_BLOCK)])


def cut_inside(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + EOF_BLOCK)


def damaged_in_a_gene(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[read_tabix(Path(f"{path}.tbi")).ranges({"chr12": [(1, 1 << 28)]})[0].begin >> 16 | 0x20] ^= 0xFF
    path.write_bytes(data)


@pytest.mark.parametrize("change", [cut_off, cut_inside, damaged_in_a_gene])
def test_damage_is_named_as_always(tmp_path: Path, base: KnowledgeBase, change: Callable[[Path], None]) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(4, 300))
    change(path)
    Path(f"{path}.tbi").touch()
    said = []
    for how in (False, True):
        with pytest.raises(Exception) as failure:
            read(path, base, tmp_path, restricted=how)
        said.append(str(failure.value))
    assert said[0] == said[1]


def as_csi(path: Path) -> None:
    Path(f"{path}.tbi").unlink()
    pysam.tabix_index(str(path), preset="vcf", csi=True)


def without_index(path: Path) -> None:
    Path(f"{path}.tbi").unlink()


def of_another_file(path: Path) -> None:
    other = bgzf(path.with_name("other.vcf.gz"), HEADER + body(99, 100))
    Path(f"{path}.tbi").write_bytes(Path(f"{other}.tbi").read_bytes())


def no_index_at_all(path: Path) -> None:
    Path(f"{path}.tbi").write_bytes(gzip.compress(b"TBI\x01 and so on"))


@pytest.mark.parametrize(
    ("change", "edit"),
    [
        (as_csi, str),
        (without_index, str),
        (of_another_file, str),
        (no_index_at_all, str),
        (str, lambda text: text.replace("PAD=x", "TB_GENE=x")),
        (str, lambda text: text.replace("##tumor", "##targetboard_version=0\n##tumor")),
        (str, lambda text: text.replace("##contig=<ID=chr1>\n", "")),
        (
            str,
            lambda text: text.replace("##contig=<ID=chr1>\n", "").replace("##Mutect", "##contig=<ID=chr1>\n##Mutect"),
        ),
        (str, lambda text: text.replace("\n", "\r\n")),
        (str, lambda text: text.removesuffix("\n")),
        (str, lambda text: text.replace("\tC\tT\t", "\tC \tT\t")),
    ],
)
def test_what_is_odd_is_read_from_end_to_end(
    tmp_path: Path, base: KnowledgeBase, change: Callable[[Any], object], edit: Callable[[str], str]
) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", edit(HEADER + body(5, 300)))
    change(path)
    whole = read(path, base, tmp_path)
    by_index = read(path, base, tmp_path, restricted=True)
    assert by_index.spliced is None
    assert "restricted_to_index" not in by_index.limitations
    assert asdict(by_index) == asdict(whole)


@pytest.mark.usefixtures("shares")
@pytest.mark.parametrize("seed", range(3))
def test_hits_are_found_as_by_htslib(tmp_path: Path, seed: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(seed, 600), block=(100, 3000, 65280)[seed])
    index = read_tabix(Path(f"{path}.tbi"))
    dice = random.Random(seed)  # noqa: S311
    with pysam.TabixFile(str(path)) as table, path.open("rb") as stream:
        for contig, start, _ in PLACES:
            for _ in range(40):
                begin = start + dice.randrange(45_000)
                end = begin + dice.choice((0, 10, 500, 20_000))
                stretches = {contig: [(begin, end), (end + 300, end + 400)]}
                places: list[int] = []
                found = [
                    line
                    for text in restricted._selected(stream, index.ranges(stretches), stretches, places)
                    for line in text.decode().splitlines()
                ]
                wanted = dict.fromkeys(
                    str(text) for first, last in stretches[contig] for text in table.fetch(contig, first - 1, last)
                )
                assert list(dict.fromkeys(found)) == list(wanted)
                assert len(places) == len(found)


def test_an_index_that_nothing_moves_stays_as_it_is(tmp_path: Path) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(1, 600), block=100)
    index = read_tabix(Path(f"{path}.tbi"))
    assert gzip.decompress(index.remapped(lambda offsets: offsets)) == index.content
    moved = tmp_path / "moved.tbi"
    moved.write_bytes(index.remapped(lambda offsets: offsets + (5 << 16)))
    assert np.array_equal(read_tabix(moved).offsets(), index.offsets() + np.uint64(5 << 16))


@pytest.mark.parametrize("size", [0, 10, 40, -9, -100])
def test_a_cut_index_is_refused(tmp_path: Path, size: int) -> None:
    path = bgzf(tmp_path / "in.vcf.gz", HEADER + body(1, 100))
    index = Path(f"{path}.tbi")
    index.write_bytes(gzip.compress(gzip.decompress(index.read_bytes())[:size]))
    with pytest.raises(OddIndex):
        read_tabix(index)


def test_an_index_of_no_contig() -> None:
    assert len(TabixIndex(b"", (), ()).offsets()) == 0


@pytest.mark.parametrize("how", [{"hits_only": True}, {"hits_only": True, "only_hits": True}, {"restricted": True}])
@pytest.mark.parametrize("csi", [False, True])
def test_a_line_that_ends_otherwise_is_left_to_the_careful_reader(
    tmp_path: Path, base: KnowledgeBase, how: dict[str, bool], csi: bool
) -> None:
    text = HEADER + body(5, 60)
    lines = text.splitlines()
    last = max(number for number, line in enumerate(lines) if line.startswith("chr12"))
    lines[last] += "\r"
    path = bgzf(tmp_path / "in.vcf.gz", "\n".join(lines) + "\n")
    if csi:
        as_csi(path)
    whole = read(path, base, tmp_path)
    assert any("CR LF" in warning for warning in whole.warnings)
    by_index = read(path, base, tmp_path, **how)
    if "restricted" in how:  # htslib takes the sign away where it reads by an index
        assert by_index.warnings == whole.warnings
    hits = [variant for variant in shown(whole) if variant["matches"] or "only_hits" not in how]
    assert shown(by_index) == hits
