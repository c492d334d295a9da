"""What is answered for a whole chunk is what is answered line by line."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from targetboard.knowledge.loader import load
from targetboard.knowledge.loci import Loci
from targetboard.matching import Known
from targetboard.model import Assembly
from targetboard.quiet_rows import QuietRows
from targetboard.silent_lines import SilentLines, _bases_of
from targetboard.vcf.layout import PADDING, lay_out

np = pytest.importorskip("numpy")

FIELDS = "Allele|Consequence|SYMBOL|Feature_type|Feature|HGVSc|HGVSp|Protein_position|Amino_acids|HGNC_ID|LAST"
CODINGS = (
    *("ENST1:c.90+5{ref}>{alt}", "ENST1:c.90+5{ref}>{alt}", "n.12{ref}>{alt}", "c.-7{ref}>{alt}", "c.*7{ref}>{alt}"),
    *("", "", "c.5dup", "c.90+5+5{ref}>{alt}", "c.+9{ref}>{alt}", "A:B:c.9{ref}>{alt}", "c.9-{ref}>{alt}"),
    *("c.{ref}>{alt}", "c.9+5-{ref}>{alt}", "c.*-9{ref}>{alt}"),
    *("p.9{ref}>{alt}", "c.9{alt}>{ref}", "c.9{ref}>G", "c9{ref}>{alt}", "c.1234567{ref}>{alt}", "c.9*{ref}>{alt}"),
)  # fmt: skip
SILENT_TERMS = ("intron_variant", "intron_variant&NMD_transcript_variant", "3_prime_UTR_variant")
CALLS = (
    *(["0/1:9,4"] * 30),
    *("0|1:9,4", "1/0:0,7", "1:9,4", "./1:10,2", "1|.:9,4", "1/1:0,7", "0/1:9,4,5"),
    *("0/0:9,4", "0/1:9,0", "0/1:9,00", "./.:.", "0/1", "0/1:9", "0/1:,4", "0/1:9,", "0/1:9,x", "0/2:9,4", "01:9,4"),
)


@pytest.fixture(scope="module")
def silent(root: Path) -> SilentLines:
    base = load([root / "resources/knowledge"])
    names = FIELDS.split("|")
    places = {name: names.index(name) for name in names if name not in ("Feature", "LAST")}
    return SilentLines(Known(base, Assembly.GRCH38, Loci({})), b"CSQ=", places, 9)


def entry(dice: random.Random, ref: str, alt: str) -> str:
    stated = alt if len(ref) == len(alt) else (alt[1:] or "-")
    odd = dice.random() < 0.06
    return "|".join(
        (
            "C" if odd and dice.random() < 0.3 else stated,
            "missense_variant" if odd and dice.random() < 0.3 else dice.choice(SILENT_TERMS),
            dice.choice(("BRAF", "BRAF", "BRAF", "braf", "EGFR", "NOGENE", "")) if odd else "BRAF",
            "" if odd and dice.random() < 0.2 else "Transcript",
            "ENST1",
            dice.choice(CODINGS).format(ref=ref, alt=alt) if odd else f"ENST1:c.90+5{ref}>{alt}",
            "ENSP1:p.Val600Glu" if odd and dice.random() < 0.2 else "",
            "600" if odd and dice.random() < 0.2 else "",
            "",
            dice.choice(("", "HGNC:1097", "HGNC:3236")) if odd else "HGNC:1097",
            "",
        )
    )  # fmt: skip


def line(dice: random.Random, pos: int) -> str:
    ref, alt = dice.choice((("A", "T"), ("C", "G"), ("G", "A"), ("A", "ACG"), ("ACG", "A"), ("a", "T"), ("N", "A")))
    entries = [entry(dice, ref, alt) for _ in range(dice.randrange(1, 4))]
    value = ",".join(entries)
    info = dice.choice((f"CSQ={value}", f"DP=5;CSQ={value}", f"CSQ={value};DP=5"))
    if dice.random() < 0.05:
        info = dice.choice(
            ("DP=5", f"CSQ={value};CSQ={value}", f"XCSQ={value}", f"CSQ={value}%3D", "CSQ=", f"CSQ={value}=1")
        )
    filter_ = dice.choice(("PASS", "PASS", "germline", "NoCall", "weak_evidence;haplotype"))
    form, call = ("GT:AD", dice.choice(CALLS)) if dice.random() < 0.9 else ("AD:GT:DP", "9,4:0/1:13")
    return f"chr7\t{pos}\t.\t{ref}\t{alt}\t.\t{filter_}\t{info}\t{form}\t{call}\t0/0:9,0"


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("seed", range(40))
def test_a_chunk_is_judged_as_its_lines_are(silent: SilentLines, seed: int, sparse: bool) -> None:
    dice = random.Random(seed)  # noqa: S311
    places = [140_760_000 + 300 * number for number in range(200)]
    lines = [line(dice, pos).encode() for pos in places]
    layout = lay_out(b"\n".join(lines) + b"\n" + PADDING, 11)
    assert layout is not None
    rows = np.array([row for row in range(200) if not sparse or row % 5 == 0])
    quiet = QuietRows(silent)
    found = quiet.find(layout, rows)
    answered = 0
    for row, number in zip(rows.tolist(), found.tolist(), strict=True):
        if number < 0:
            continue
        answered += 1
        alone = silent.judge(lines[row], "7", places[row])
        assert alone is not None, lines[row]
        fields = lines[row].split(b"\t")
        bases = _bases_of(fields[3].upper(), fields[4].upper())
        assert bases is not None
        assert {gene.name for gene in silent._genes_of(fields[7], bases)} == {quiet.genes[number].name}
        assert alone.stated | alone.rival <= quiet.genes[number].name
    silent_lines = sum(silent.judge(lines[row], "7", places[row]) is not None for row in rows.tolist())
    # of another FORMAT than the commonest nothing is said
    assert answered >= 0.5 * silent_lines > 0
