"""What the tables state is derived again from reference files, and every doctored cell is found."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from targetboard.knowledge.derive import Derivation, derive, main
from targetboard.knowledge.loader import load
from targetboard.knowledge.manifest import write_manifest
from targetboard.model import Assembly

TOY = Path(__file__).resolve().parents[2] / "data/toy_reference"
TOYA = "MAKLPEDSGVTRHWQNCFYIGVAGKSALTIKELREATSPKANKEILDEAYVMASVDNPHVGGGQQSLLEKWRTPCDMAI*"
TOYB = "MDHEYRLCVVVPAGWVNKSAFTWQLIENHFCDEYQPTIMDSWRKQVVYDGETCIIDMLPA*"
GENES = [
    {
        "gene": "TOYA", "role": "oncogene", "transcript_refseq": "NM_800001.1", "strand": "+",
        "start_GRCh38": "201", "end_GRCh38": "1000", "verified_in": "reference/GRCh38 genes.gff3 TOYA",
    },
    {
        "gene": "TOYB", "role": "oncogene", "transcript_refseq": "NM_800002.1", "strand": "-",
        "legacy_transcript": "NM_800003.1", "numbering_offset": "-24",
        "start_GRCh38": "1400", "end_GRCh38": "2100", "verified_in": "look-up: a wider locus",
    },
]  # fmt: skip
PROTEINS = [
    {"gene": "TOYA", "transcript": "NM_800001.1", "start": "1", "residues": TOYA},
    {"gene": "TOYB", "transcript": "NM_800002.1", "start": "9", "residues": TOYB[8:20]},
    {"gene": "TOYB", "transcript": "NM_800009.1", "start": "1", "residues": TOYB},
]
ALTERATION = {
    "alteration_id": "TOYA_R34S", "gene": "TOYA", "label": "TOYA R34S", "event": "protein",
    "protein_changes": "p.Arg34Ser", "effect": "gain_of_function", "kind": "driver", "evidence": "supported",
}  # fmt: skip
ALLELE = {
    "alteration_id": "TOYA_R34S", "assembly": "GRCh38", "chrom": "1", "pos": "540", "ref": "C", "alt": "A",
    "hgvsc": "c.100C>A", "hgvsp": "p.Arg34Ser",
}  # fmt: skip


def _append(table: Path, rows: list[dict[str, str]]) -> None:
    with table.open(encoding="utf-8", newline="") as handle:
        old = list(csv.DictReader(handle, delimiter="\t", quoting=csv.QUOTE_NONE))
    columns = list(dict.fromkeys([*old[0], *(name for row in rows for name in row)]))
    lines = ["\t".join(columns)]
    for row in [*old, *rows]:
        lines.append("\t".join(row.get(name, "") for name in columns))
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _derived(folder: Path, tmp_path: Path, cells: dict[tuple[str, str, str], str] | None = None) -> Derivation:
    """Derive the toy rows; ``cells`` replaces (table, key, column)."""
    tables = {"genes": GENES, "proteins": PROTEINS, "alterations": [ALTERATION], "alleles": [ALLELE]}
    for name, rows in tables.items():
        made = []
        for row in rows:
            key = row.get("transcript") or row.get("gene") or row["alteration_id"]
            replaced = {
                column: text for (table, of, column), text in (cells or {}).items() if (table, of) == (name, key)
            }
            flags = dict.fromkeys(("lof_mechanism", "chip_gene", "germline_followup"), "no") if name == "genes" else {}
            chrom = {"chrom": "1"} if name == "genes" else {}
            made.append({"verified_in": "invented for the tests", **flags, **chrom, **row, **replaced})
        _append(folder / f"{name}.tsv", made)
    write_manifest(folder)
    work = tmp_path / "work"
    work.mkdir()
    models = work / "toy.gff3"
    # The invented knowledge base uses the accessions of the toy reference for other genes.
    models.write_text((TOY / "toy.gff3").read_text(encoding="utf-8").replace("NM_9", "NM_8"), encoding="utf-8")
    return derive(load([folder]), {Assembly.GRCH38: (TOY / "toy.fa", models)}, work)


def test_true_rows_are_derived(knowledge_dir: Path, tmp_path: Path) -> None:
    found = _derived(knowledge_dir, tmp_path)
    assert [one.one_line() for one in found.disagreements] == []
    assert {name: found.derived[name] for name in ("proteins", "genes", "numbering")} == {
        "proteins": 3,
        "genes": 2,
        "numbering": 1,
    }
    assert found.derived["alleles"] >= 1
    assert found.total["genes"] == 7


@pytest.mark.parametrize(
    ("table", "key", "column", "text", "named"),
    [
        (
            "proteins",
            "NM_800001.1",
            "residues",
            TOYA.replace("KELREA", "KELQEA"),
            "residue 34 (GRCh38): Q is stated, R",
        ),
        ("proteins", "NM_800001.1", "residues", TOYA[:-1] + "A*", "residue 80 (GRCh38): A is stated, *"),
        ("proteins", "NM_800002.1", "start", "10", "residue 12 (GRCh38): V is stated, P"),
        ("genes", "TOYA", "end_GRCh38", "1001", "locus in GRCh38: 201-1001 is stated, 201-1000"),
        ("genes", "TOYA", "strand", "-", "strand: - is stated, + is derived"),
        ("genes", "TOYB", "start_GRCh38", "1500", "locus in GRCh38: 1500-2100 is stated, 1441-2000"),
        ("genes", "TOYB", "numbering_offset", "-23", "numbering_offset: -23 is stated"),
        ("alleles", "TOYA_R34S", "ref", "G", "ref: G is stated, C is derived"),
        ("alleles", "TOYA_R34S", "hgvsc", "c.101C>A", "hgvsc: c.101C>A is stated, c.100C>A"),
        ("alleles", "TOYA_R34S", "hgvsp", "p.Arg34Leu", "hgvsp: p.Arg34Leu is stated, p.Arg34Ser"),
    ],
)
def test_a_doctored_cell_is_found(
    knowledge_dir: Path, tmp_path: Path, table: str, key: str, column: str, text: str, named: str
) -> None:
    found = _derived(knowledge_dir, tmp_path, {(table, key, column): text})
    assert named in "\n".join(one.one_line() for one in found.disagreements)


def test_a_protein_on_a_missing_transcript_is_read_through_the_legacy_one(knowledge_dir: Path, tmp_path: Path) -> None:
    other = TOYB[:20] + "GGGGGGGGGGGGGGGGGGGGGGGGGGGG" + TOYB[48:]
    found = _derived(knowledge_dir, tmp_path, {("proteins", "NM_800009.1", "residues"): other})
    assert found.disagreements[0].row == "TOYB NM_800009.1 1"


def test_a_difference_between_the_assemblies_is_explained_by_its_row(knowledge_dir: Path, tmp_path: Path) -> None:
    cells = {
        ("proteins", "NM_800001.1", "residues"): TOYA.replace("KELREA", "KELQEA"),
        ("proteins", "NM_800001.1", "verified_in"): "GRCh37 differs at R34Q",
    }
    found = _derived(knowledge_dir, tmp_path, cells)
    assert len(found.disagreements) == 1, "the row speaks of GRCh37, the files are GRCh38"


def test_the_command_prints_counts_and_says_what_it_needs(
    knowledge_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--knowledge", str(knowledge_dir)]
    assert main(arguments) == 2
    assert "FASTA and a GFF3" in capsys.readouterr().err
    files = ["--fasta-grch38", str(TOY / "toy.fa"), "--gff3-grch38", str(TOY / "toy.gff3")]
    assert main(arguments + files) == 0
    assert "proteins: 0 of" in capsys.readouterr().out
    assert main([*arguments, "--fasta-grch38", str(TOY / "no.fa"), "--gff3-grch38", str(TOY / "toy.gff3")]) != 0


# Disagreements that are no faults, or stand in rows under revision: what is derived is another valid spelling.
EXPLAINED = {
    r"alleles, row EGFR_A763_Y764INSFQEA .*, hgvsc: .* is stated, c\.2284-5_2290dup is derived":
        "the insertion repeats the bases across the start of exon 20; the literature writes it inside the exon",
    r"alleles, row KIT_EX11 .*, hgvsc: c\.1676_1678del is stated, c\.1679_1681del is derived":
        "the stated deletion is not shifted to the 3' end of the repeat",
}  # fmt: skip


@pytest.mark.real_data
def test_the_released_tables_are_derived_from_the_reference(root: Path, shared_data: Path, tmp_path: Path) -> None:
    files = {
        assembly: (
            shared_data / f"reference/{assembly}.sparse.fa.gz",
            shared_data / f"reference/{assembly}.genes.gff3",
        )
        for assembly in Assembly
    }
    found = derive(load([root / "resources/knowledge"]), files, tmp_path)
    lines = [one.one_line() for one in found.disagreements]
    assert [line for line in lines if not any(re.fullmatch(pattern, line) for pattern in EXPLAINED)] == []
    assert found.derived["proteins"] > 145
    assert found.derived["genes"] > 150
    assert found.derived["numbering"] >= 7
    assert found.derived["alleles"] > 450
