"""Annotation of VEP, SnpEff and bcftools is read by the header's order and assigned to the right allele."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from targetboard.model import SourceRecord, TranscriptConsequence, VcfHeader
from targetboard.vcf.consequence import AnnotationFormat, annotation_format, choose, read_consequences
from targetboard.vcf.hgvs import parse_protein
from targetboard.vcf.preflight import inspect
from targetboard.vcf.reader import read_records
from targetboard.vcf.terms import SEVERITY, SYNONYMS, normalise_terms, severity


def read(path: Path, workdir: Path) -> tuple[AnnotationFormat, list[SourceRecord]]:
    inspection = inspect(path)
    fmt = annotation_format(inspection.header)
    assert fmt is not None
    return fmt, list(read_records(path, inspection, workdir))


def by_position(path: Path, workdir: Path, position: int, alt_index: int = 0) -> tuple[TranscriptConsequence, ...]:
    fmt, records = read(path, workdir)
    return read_consequences(fmt, next(record for record in records if record.pos == position), alt_index)


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "tests/data/consequence"


@pytest.mark.parametrize(
    ("position", "alt_index", "expected"),
    [
        # (transcript, terms, c., p., exon, intron, codon)
        (
            100,
            0,
            [
                (
                    "ENST900.3",
                    ("missense_variant", "splice_region_variant"),
                    "c.2573T>G",
                    "p.Leu858Arg",
                    21,
                    None,
                    858,
                ),
                ("ENST901.1", ("synonymous_variant",), "c.9A>G", "p.Leu3=", None, None, 3),
            ],
        ),
        (200, 0, [("ENST900.3", ("frameshift_variant",), "", "p.Phe10LeufsTer4", 2, None, 10)]),
        (300, 0, [("ENST900.3", ("frameshift_variant",), "", "", None, None, None)]),
        # not every allele shares the first base: nothing is trimmed
        (400, 0, [("ENST900.3", ("frameshift_variant",), "", "", None, None, None)]),
        (400, 1, [("ENST900.3", ("frameshift_variant", "stop_gained"), "", "", None, None, None)]),
        (400, 2, [("ENST900.3", ("missense_variant",), "", "", None, None, None)]),
        (500, 0, [("ENST900.3", ("inframe_deletion",), "", "", None, None, None)]),
        (500, 1, [("ENST900.3", ("frameshift_variant",), "", "", None, None, None)]),
        # minimal alleles are told apart by their number
        (600, 0, [("ENST900.3", ("frameshift_variant",), "", "", None, None, None)]),
        (600, 1, [("ENST900.3", ("inframe_deletion",), "", "", None, None, None)]),
        # split after annotation: the former neighbour's entries are left out
        (700, 0, [("ENST900.3", ("frameshift_variant",), "", "", None, None, None)]),
        # split and trimmed after annotation, two alleles stated, neither spelled like this one: nothing is guessed
        (800, 0, []),
        # the annotation of another allele
        (900, 0, []),
        # VEP without --hgvs: one residue for another can be named, more cannot
        (1000, 0, [("ENST900.3", ("missense_variant",), "", "p.Gly12Val", None, None, 12)]),
        (1100, 0, [("ENST900.3", ("frameshift_variant",), "", "", None, None, 12)]),
        (1200, 0, [("ENST900.3", ("intron_variant",), "c.60+5G>A", "", None, 3, None)]),
        (1300, 0, []),
        (1400, 0, [("", ("intergenic_variant",), "", "", None, None, None)]),
        # the version stands in HGVSc only; silent in the old spelling
        (1500, 0, [("ENST900.3", ("synonymous_variant",), "c.9A>G", "p.=", None, None, None)]),
    ],
)
def test_vep(folder: Path, tmp_path: Path, position: int, alt_index: int, expected: list[tuple[object, ...]]) -> None:
    found = by_position(folder / "vep.vcf", tmp_path, position, alt_index)
    rows = [(one.transcript, one.terms, one.hgvsc, one.hgvsp, one.exon, one.intron, one.codon) for one in found]
    assert rows == expected


def test_vep_fields(folder: Path, tmp_path: Path) -> None:
    one = by_position(folder / "vep.vcf", tmp_path, 100)[0]
    assert (one.gene, one.hgnc_id, one.protein, one.exon_total) == ("TOYA", "HGNC:77", "ENSP900.2", 28)
    assert (one.mane_select, one.canonical, one.biotype, one.source) == (True, True, "protein_coding", "CSQ")
    assert one.extra["gnomADe_AF"] == "0.0001"
    assert one.extra["MANE_SELECT"] == "NM_900.4"
    assert "" not in one.extra.values()


def test_another_field_order(folder: Path, tmp_path: Path) -> None:
    (one,) = by_position(folder / "vep_other_order.vcf", tmp_path, 100)
    assert (one.gene, one.transcript, one.hgvsp, one.codon, one.canonical) == (
        "TOYA", "ENST900.3", "p.Leu858Arg", 858, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("position", "alt_index", "expected"),
    [
        (
            100,
            0,
            [
                (
                    "NM_900.4",
                    ("missense_variant", "splice_region_variant"),
                    "c.1866C>A",
                    "p.Asn622Lys",
                    14,
                    None,
                    622,
                ),
                ("NM_901.1", ("intron_variant",), "c.60+5G>A", "", None, 3, None),
            ],
        ),
        (200, 0, [("NM_900.4", ("initiator_codon_variant",), "c.1A>C", "p.Met1?", 1, None, 1)]),
        # G-C compares with the normal's allele, not with REF
        (200, 1, [("NM_900.4", ("start_lost",), "c.1A>G", "p.Met1?", 1, None, 1)]),
        (300, 0, [("NM_900.4", ("inframe_deletion",), "c.94_96delAAA", "p.Lys32del", 2, None, 32)]),
        (
            400,
            0,
            [("NM_900.4", ("missense_variant",), "c.94_95delATinsCA", "p.Ile669_Thr670delinsMetIle", 2, None, 669)],
        ),
        # trimmed after annotation: the one allele stated is this one
        (500, 0, [("NM_900.4", ("frameshift_variant",), "c.94delA", "p.Lys32fs", 2, None, 32)]),
        (600, 0, [("", ("intergenic_variant",), "n.600C>T", "", None, None, None)]),
        (700, 0, []),
    ],
)
def test_snpeff_ann(
    folder: Path, tmp_path: Path, position: int, alt_index: int, expected: list[tuple[object, ...]]
) -> None:
    found = by_position(folder / "snpeff_ann.vcf", tmp_path, position, alt_index)
    rows = [(one.transcript, one.terms, one.hgvsc, one.hgvsp, one.exon, one.intron, one.codon) for one in found]
    assert rows == expected


@pytest.mark.parametrize(
    ("position", "alt_index", "expected"),
    [
        (
            100,
            0,
            [
                ("TOYA", "ENST900", ("missense_variant",), "", "p.Gly12Val", 2, None, 12),
                ("TOYA", "ENST901", ("intron_variant",), "", "", None, 3, None),
                ("", "", ("intergenic_variant",), "", "", None, None, None),
            ],
        ),
        (200, 0, [("TOYA", "ENST900", ("missense_variant",), "c.35G>T", "p.Gly12Val", 2, None, 12)]),
        (200, 1, [("TOYA", "ENST900", ("stop_gained",), "c.34G>T", "p.Gly12Ter", 2, None, 12)]),
        (
            300,
            0,
            [
                ("TOYA", "ENST900", ("synonymous_variant",), "", "p.Leu858=", 21, None, 858),
                ("TOYA", "ENST901", ("splice_donor_variant", "intron_variant"), "c.60+1G>A", "", None, 3, None),
            ],
        ),
        (400, 0, [("TOYA", "ENST900", ("inframe_deletion",), "", "", 19, None, 746)]),
        (500, 0, [("TOYA", "ENST900", ("frameshift_variant",), "", "", 5, None, 158)]),
    ],
)
def test_snpeff_eff(
    folder: Path, tmp_path: Path, position: int, alt_index: int, expected: list[tuple[object, ...]]
) -> None:
    found = by_position(folder / "snpeff_eff.vcf", tmp_path, position, alt_index)
    rows = [
        (one.gene, one.transcript, one.terms, one.hgvsc, one.hgvsp, one.exon, one.intron, one.codon) for one in found
    ]
    assert rows == expected


@pytest.mark.parametrize(
    ("position", "alt_index", "expected"),
    [
        (100, 0, [("ENST900", ("missense_variant",), "p.Val600Glu"), ("", ("intron_variant",), "")]),
        (200, 0, [("ENST900", ("stop_gained",), "p.Lys12Ter")]),
        (200, 1, [("ENST900", ("missense_variant",), "p.Lys12Thr")]),
        (300, 0, []),
        (400, 0, [("ENST900", ("missense_variant",), "")]),
        (500, 0, []),
        (600, 0, [("ENST900", ("inframe_deletion", "splice_region_variant"), "")]),
        (700, 0, [("ENST900", ("synonymous_variant",), "p.Gln787=")]),
    ],
)
def test_bcftools_bcsq(
    folder: Path, tmp_path: Path, position: int, alt_index: int, expected: list[tuple[object, ...]]
) -> None:
    found = by_position(folder / "bcsq.vcf", tmp_path, position, alt_index)
    assert [(one.transcript, one.terms, one.hgvsp) for one in found] == expected


def header(*lines: str) -> VcfHeader:
    return VcfHeader(lines, (), {}, {}, {}, ())


@pytest.mark.parametrize(
    ("lines", "kind", "info_id", "first_fields"),
    [
        (['##INFO=<ID=CSQ,Number=.,Type=String,Description="x. Format: Allele|Consequence|Feature">'], "CSQ", "CSQ",
         ("Allele", "Consequence", "Feature")),
        # VEP told to write into ANN
        (['##INFO=<ID=ANN,Number=.,Type=String,Description="VEP. Format: Consequence|Allele|Feature">'], "CSQ", "ANN",
         ("Consequence", "Allele", "Feature")),
        # inner and outer quotes of every kind
        (["##INFO=<ID=ANN,Number=.,Type=String,Description=\"a: 'Allele | Annotation | Annotation_Impact' \">"], "ANN",
         "ANN", ("Allele", "Annotation", "Annotation_Impact")),
        (["##INFO=<ID=CSQ,Number=.,Type=String,Description='VEP. Format: Allele|Consequence|Feature'>"], "CSQ", "CSQ",
         ("Allele", "Consequence", "Feature")),
        (['##INFO=<ID=CSQ,Number=.,Type=String,Description="VEP. Format: Allele|Consequence|Feature"'], "CSQ", "CSQ",
         ("Allele", "Consequence", "Feature")),
        # two fields: VEP goes first, whatever the order
        (["##INFO=<ID=ANN,Number=.,Type=String,Description=\"a: 'Allele | Annotation | Annotation_Impact'\">",
          '##INFO=<ID=CSQ,Number=.,Type=String,Description="x. Format: Allele|Consequence|Feature">'], "CSQ", "CSQ",
         ("Allele", "Consequence", "Feature")),
    ],
)  # fmt: skip
def test_formats_are_found(lines: list[str], kind: str, info_id: str, first_fields: tuple[str, ...]) -> None:
    fmt = annotation_format(header(*lines))
    assert fmt is not None
    assert (fmt.kind, fmt.info_id, fmt.fields[:3]) == (kind, info_id, first_fields)


@pytest.mark.parametrize(
    "line",
    [
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences">',
        '##INFO=<ID=CSQ,Number=.,Type=String,Description="">',
        '##INFO=<ID=DP,Number=1,Type=Integer,Description="Depth. Format: integer">',
        "##INFO=<ID=CSQ",
        '##FORMAT=<ID=CSQ,Number=.,Type=String,Description="Format: Allele|Consequence|Feature">',
    ],
)
def test_without_a_stated_order_nothing_is_assumed(line: str) -> None:
    assert annotation_format(header(line)) is None


def test_hostile_annotation_is_text() -> None:
    fmt = AnnotationFormat("CSQ", "CSQ", ("Allele", "Consequence", "Feature", "HGVSp", "Protein_position", "EXON"))
    info = {"CSQ": "T|<b>|=1+1|p.<script>|99999999999999|x/y/z,T,,|||"}
    record = SourceRecord(1, 1, "1", 1, ".", "C", ("T",), ".", "PASS", info, (), {})
    one, two = read_consequences(fmt, record, 0)
    assert (one.terms, one.hgvsp, one.codon, one.exon) == (("<b>",), "p.<script>", None, None)
    assert (two.terms, two.hgvsp) == ((), "")


@dataclass(frozen=True)
class ToyGene:
    gene: str = "TOYA"
    aliases: tuple[str, ...] = ("OLDTOY",)
    transcript_refseq: str = "NM_900.4"
    transcript_ensembl: str = "ENST900.3"
    legacy_transcript: tuple[str, ...] = ("NM_800",)


def consequence(transcript: str, term: str = "missense_variant", **fields: object) -> TranscriptConsequence:
    values = {"gene": "TOYA", "transcript": transcript, "terms": (term,), "source": "CSQ", **fields}
    return TranscriptConsequence(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("consequences", "chosen", "noted"),
    [
        # the knowledge transcript, whatever its version, even where another one is worse hit
        ([consequence("NM_1.1", "stop_gained", mane_select=True), consequence("NM_900.2")], "NM_900.2", False),
        ([consequence("ENST900.9"), consequence("NM_900.2")], "NM_900.2", False),
        ([consequence("ENST1.1", "stop_gained"), consequence("ENST900.9")], "ENST900.9", False),
        # another transcript that MANE pairs with the knowledge transcript
        (
            [consequence("ENST1.1", "stop_gained"), consequence("ENST7.1", extra={"MANE_SELECT": "NM_900.5"})],
            "ENST7.1",
            False,
        ),
        (
            [consequence("ENST1.1", "stop_gained", canonical=True), consequence("ENST2.1", mane_select=True)],
            "ENST2.1",
            True,
        ),
        ([consequence("NM_800.1"), consequence("ENST2.1", canonical=True)], "NM_800.1", True),
        ([consequence("ENST1.1", "stop_gained"), consequence("ENST2.1", canonical=True)], "ENST2.1", True),
        ([consequence("ENST2.1", "stop_gained"), consequence("ENST1.1")], "ENST2.1", True),
        ([consequence("ENST2.1"), consequence("ENST1.1")], "ENST1.1", True),
        # by alias, and never a neighbour's consequence
        ([consequence("ENST1.1", gene="oldtoy"), consequence("ENST2.1", "stop_gained", gene="TOYB")], "ENST1.1", True),
        ([consequence("ENST2.1", "stop_gained", gene="TOYB")], None, True),
        ([], None, False),
    ],
)
def test_choice(consequences: list[TranscriptConsequence], chosen: str | None, noted: bool) -> None:
    for given in (consequences, consequences[::-1]):
        one, note = choose(given, ToyGene())
        assert (one.transcript if one else None) == chosen
        assert bool(note) is noted


def test_the_note_names_both_transcripts() -> None:
    _, note = choose([consequence("ENST1.1")], ToyGene())
    assert note == "TOYA numbering: annotated transcript ENST1.1 is not the knowledge transcript NM_900.4"
    _, note = choose([consequence("NM_800.1")], ToyGene())
    assert "legacy numbering" in note


def test_choice_without_a_gene() -> None:
    worst = consequence("ENST2.1", "stop_gained", gene="TOYB")
    assert choose([consequence("ENST1.1"), worst], None) == (worst, "")
    assert choose([], None) == (None, "")


def test_one_vocabulary() -> None:
    assert len(set(SEVERITY)) == len(SEVERITY)
    assert set(SYNONYMS.values()) <= set(SEVERITY)
    assert normalise_terms(["NON_SYNONYMOUS_CODING", "missense_variant", "", "odd"]) == ("missense_variant", "odd")
    assert severity(["intron_variant", "stop_gained"]) == severity(["stop_gained"])
    assert severity([]) == severity(["odd"]) > severity(["sequence_variant"])


# file, position, allele, then a row read by eye from the file: gene, transcript, terms, p., exon
BY_EYE = [
    ("multiallelic.vatools.vcf.gz", 7675088, "T", "TP53", "ENST00000269305.8", "missense_variant", "p.Arg175His", 5),
    ("multiallelic.vatools.vcf.gz", 7675088, "A", "TP53", "ENST00000420246.6", "missense_variant", "p.Arg175His", 5),
    ("panel_vep_csq.ngs-bits.vcf", 120069388, "C", "NOTCH2", "ENST00000256646.2", "frameshift_variant",
     "p.Pro6ArgfsTer27", 1),
    ("snpeff_cancer_ANN.grch37.vcf", 69091, "G", "OR4F5", "ENST00000335137", "start_lost", "p.Met1?", 1),
    ("snpeff_cancer_ANN.grch37.vcf", 69091, "C", "OR4F5", "ENST00000335137", "initiator_codon_variant", "p.Met1?", 1),
    ("freebayes_ANN.ngs-bits.hg19.vcf.gz", 27687466, "T", "MAP3K6", "NM_004672.4", "missense_variant",
     "p.Asn622Lys", 14),
    ("freebayes_ANN.ngs-bits.hg19.vcf.gz", 120612002, "C", "NOTCH2", "NM_024408.3", "frameshift_variant",
     "p.Pro6fs", 1),
    ("freebayes_ANN.ngs-bits.hg19.vcf.gz", 10088407, "A", "FANCD2", "NM_033084.3", "splice_donor_variant", "", None),
    ("strelka_varscan_pindel_vep.pvactools.grch37.vcf", 217498305, "TGCTGCC", "IGFBP2", "ENST00000233809.4",
     "inframe_insertion", "p.Leu20_Leu21insLeuPro", None),
    ("strelka_varscan_pindel_vep.pvactools.grch37.vcf", 43250725, "G", "TTBK1", "ENST00000259750.4", "inframe_deletion",
     "p.Glu750del", None),
    ("somatic_vep.pvactools.vcf.gz", 209760083, "A", "TRAF3IP3", "ENST00000367024.5", "stop_gained", "p.Trp15Ter", 3),
    ("freebayes_cancer_EFF.bcbio.grch37.vcf.gz", 222, "T", "", "", "intergenic_variant", "", None),
]  # fmt: skip


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "pos", "alt", "gene", "transcript", "term", "hgvsp", "exon"), BY_EYE)
def test_real_files_by_eye(
    shared_data: Path, tmp_path: Path, name: str, pos: int, alt: str, gene: str, transcript: str, term: str, hgvsp: str,
    exon: int | None,
) -> None:  # fmt: skip
    fmt, records = read(shared_data / "vcf" / name, tmp_path)
    record = next(one for one in records if one.pos == pos and alt in one.alts)
    found = read_consequences(fmt, record, record.alts.index(alt))
    one = next(row for row in found if row.transcript == transcript)
    assert (one.gene, one.terms[0], one.hgvsp, one.exon) == (gene, term, hgvsp, exon)


def annotated_files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name.endswith((".vcf", ".vcf.gz")) and "trailing_ws" not in path.name:
            yield path


@pytest.mark.real_data
def test_every_annotated_allele_of_every_real_file_is_read(shared_data: Path, tmp_path: Path) -> None:
    """Whatever an annotator wrote for an allele is found again; only regulatory entries are left out."""
    seen = alleles = 0
    for path in annotated_files(shared_data / "vcf"):
        inspection = inspect(path, allow_missing_eof=True)
        fmt = annotation_format(inspection.header)
        if fmt is None:
            continue
        seen += 1
        for record in read_records(path, inspection, tmp_path):
            for index in range(len(record.alts)):
                found = read_consequences(fmt, record, index)
                text = record.info.get(fmt.info_id, "")
                # of several ALTs some files annotate one
                if len(record.alts) == 1 and "RegulatoryFeature" not in text:
                    assert bool(found) == bool(text), (path.name, record.line)
                alleles += bool(found)
                for one in found:
                    assert one.terms
                    assert set(one.terms) <= set(SEVERITY)
                    assert not one.hgvsp or parse_protein(one.hgvsp) is not None, (path.name, one.hgvsp)
    assert seen >= 10
    assert alleles > 3700
