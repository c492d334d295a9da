"""Candidate rows from CIViC: names, grades, regimens, tumour types; nothing curated is changed or repeated."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import pytest

from targetboard.cli import main
from targetboard.errors import MalformedInput
from targetboard.knowledge.civic import NEEDED, Disease, candidates, read_diseases, read_items
from targetboard.knowledge.civic_names import read_name
from targetboard.knowledge.lint import lint
from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase

ROOT = Path(__file__).resolve().parents[3]
DISEASES = {"lung thing": Disease(("LUAD",), ""), "bowel thing": Disease(("BOWEL",), "in children")}


def item(number: int, **cells: str) -> dict[str, str]:
    values = dict.fromkeys(NEEDED, "") | {
        "gene": "INVO1",
        "variant": "V60K",
        "disease": "Lung thing",
        "drugs": "Inventinib",
        "evidence_type": "Predictive",
        "evidence_direction": "Supports",
        "evidence_level": "B",
        "clinical_significance": "Sensitivity/Response",
        "rating": "4",
        "evidence_status": "accepted",
        "evidence_id": str(number),
        "variant_origin": "Somatic",
    }
    return values | cells


@pytest.mark.parametrize(
    ("gene", "name", "ids", "candidate", "reason"),
    [
        ("INVO1", "V60E", ("INVO1_V60E",), False, ""),
        ("INVOLD", "V60E", ("INVO1_V60E",), False, ""),
        ("INVO1", "V60E (c.179T>A)", ("INVO1_V60E",), False, ""),
        ("INVO1", "V60K", ("CIVIC_INVO1_V60K",), True, ""),
        ("INVO1", "V60*", ("CIVIC_INVO1_V60STOP",), True, ""),
        ("INVO1", "V60", ("INVO1_V60",), False, ""),
        ("INVO1", "K61", ("CIVIC_INVO1_K61",), True, ""),
        ("INVO1", "K60E", (), False, "numbered on another transcript: Lys60 stated"),
        ("INVO1", "AMPLIFICATION", ("INVO1_AMP",), False, ""),
        ("INVT1", "AMPLIFICATION", ("CIVIC_INVT1_AMP",), True, ""),
        ("INVT1", "Loss-of-function", ("INVT1_LOF",), False, ""),
        ("INVO1", "LOSS-OF-FUNCTION", (), False, "no mechanism of the gene"),
        ("INVO1", "ABC-INVO1", ("CIVIC_INVO1_ABC_FUSION",), True, ""),
        ("INVO1", "INVO1 FUSIONS", ("CIVIC_INVO1_FUSION",), True, ""),
        ("INVO1", "ABC-INVO1 V60E", ("CIVIC_INVO1_ABC_FUSION", "INVO1_V60E"), True, ""),
        ("INVO1", "MUTATION", (), False, "a class that no mechanical rule states"),
        ("INVO1", "EXON 3 MUTATION", (), False, "a class that no mechanical rule states"),
        ("NOGENE", "V60E", (), False, "not in genes.tsv"),
    ],
)
def test_names(kb: KnowledgeBase, gene: str, name: str, ids: tuple[str, ...], candidate: bool, reason: str) -> None:
    reading = read_name(gene, name, kb)
    assert reading.ids == ids
    assert bool(reading.candidates) is candidate
    assert reason in reading.reason
    assert bool(reading.reason) is bool(reason)


def test_a_claim_with_its_alteration(kb: KnowledgeBase) -> None:
    result = candidates([item(2), item(1), item(3, evidence_direction="Does Not Support")], DISEASES, kb)
    (alteration,), (biomarker,), (claim,) = (result.tables[name] for name in ("alterations", "biomarkers", "therapies"))
    assert (alteration["alteration_id"], alteration["protein_changes"]) == ("CIVIC_INVO1_V60K", "p.Val60Lys")
    assert (alteration["evidence"], alteration["effect"], alteration["kind"]) == ("validated", "unknown", "driver")
    assert alteration["sources"] == "CIViC:EID1|CIViC:EID2"
    assert biomarker["profile"] == "CIVIC_INVO1_V60K"
    assert claim["claim_id"] == "CIVIC_INVO1_V60K_LUAD_INVENTINIB_SENSITIVE"
    assert (claim["evidence_level"], claim["direction"], claim["origin"]) == ("B", "sensitive", "somatic")
    assert claim["verified_in"] == "civic/ClinicalEvidence EID1; civic/ClinicalEvidence EID2"
    assert "do not support this: EID3" in claim["note"]
    assert result.used == {"1", "2"}


@pytest.mark.parametrize(
    ("items", "level"),
    [
        ([{"evidence_level": "A"}], "A"),
        ([{}, {}], "B"),
        ([{}], "C"),
        ([{}, {"rating": "2"}], "C"),
        ([{}, {"evidence_level": "C"}], "C"),
    ],
)
def test_levels(kb: KnowledgeBase, items: list[dict[str, str]], level: str) -> None:
    result = candidates([item(n, **cells) for n, cells in enumerate(items)], DISEASES, kb)
    assert [row["evidence_level"] for row in result.tables["therapies"]] == [level]


@pytest.mark.parametrize(
    ("cells", "kind", "reason"),
    [
        ({"evidence_level": "D"}, "claim", "preclinical evidence only"),
        ({"rating": "2"}, "claim", "CIVIC_INVO1_V60K is not validated"),
        ({"evidence_direction": "Does Not Support"}, "claim", "no item supports it"),
        ({"disease": "Odd thing"}, "disease", "no OncoTree code is mapped to it"),
        ({"drugs": "Unknownib"}, "drug", "not in drugs.tsv"),
        ({"drugs": ""}, "drug", "a therapeutic item without a drug"),
        ({"drugs": "Inventinib,Inventumab"}, "drug", "several drugs whose relation is not stated"),
        ({"evidence_type": "Predisposing"}, "statement", "not a therapeutic, diagnostic or prognostic statement"),
        ({"clinical_significance": "Adverse Response"}, "statement", "neither sensitivity nor resistance"),
        ({"evidence_status": "submitted"}, "statement", "the item is not accepted"),
        ({"variant": "MUTATION"}, "variant", "the name is a class that no mechanical rule states"),
    ],
)
def test_what_is_left_out_is_listed(kb: KnowledgeBase, cells: dict[str, str], kind: str, reason: str) -> None:
    result = candidates([item(7, **cells)], DISEASES, kb)
    assert not result.tables.get("therapies")
    assert [(key[0], key[2], ids) for key, ids in result.unmatched.items()] == [(kind, reason, ["7"])]


def test_regimens_and_conditions(kb: KnowledgeBase) -> None:
    both = "Inventinib,Inventumab"
    cells = {"drugs": both, "disease": "Bowel thing", "evidence_level": "A"}
    together = candidates([item(1, drug_interaction_type="Combination", **cells)], DISEASES, kb)
    assert [row["drugs"] for row in together.tables["therapies"]] == ["inventinib|inventumab"]
    assert [row["conditions"] for row in together.tables["therapies"]] == ["in children"]
    apart = candidates([item(1, drug_interaction_type="Substitutes", **cells)], DISEASES, kb)
    assert [row["drugs"] for row in apart.tables["therapies"]] == ["inventinib", "inventumab"]


def test_curated_claims_are_not_repeated(kb: KnowledgeBase) -> None:
    result = candidates([item(1, variant="V60E", evidence_level="A")], DISEASES, kb)
    assert result.curated == {"1"}
    assert not result.tables.get("therapies")
    assert not result.tables.get("alterations")


def test_diagnostic_and_functional_items(kb: KnowledgeBase) -> None:
    items = [
        item(1, evidence_type="Diagnostic", clinical_significance="Positive", drugs=""),
        item(2, evidence_type="Functional", clinical_significance="Gain of Function", drugs="", disease=""),
    ]
    result = candidates(items, DISEASES, kb)
    (claim,) = result.tables["therapies"]
    assert (claim["implication"], claim["direction"], claim["note"]) == ("diagnostic", "", "CIViC: positive")
    assert result.tables["alterations"][0]["effect"] == "gain_of_function"


def test_a_file_that_is_something_else() -> None:
    with pytest.raises(MalformedInput, match="no CIViC clinical evidence"):
        read_items("a\tb\n1\t2\n", "x.tsv")


def evidence_file(path: Path, *rows: dict[str, str]) -> Path:
    lines = ["\t".join(NEEDED), *("\t".join(row[name] for name in NEEDED) for row in rows)]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_on_the_command_line(knowledge_dir: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    evidence = evidence_file(tmp_path / "evidence.tsv", item(1, disease="Melanoma"), item(2, disease="LUAD name"))
    out = tmp_path / "out"
    command = ["knowledge", "import", "civic", str(evidence), "--out", str(out), "--knowledge", str(knowledge_dir)]
    assert main(command) == 0
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(first) == {"alterations.tsv", "biomarkers.tsv", "therapies.tsv", "MANIFEST.yaml", "UNMATCHED.md"}
    assert main(command) == 0
    assert first == {path.name: path.read_bytes() for path in out.iterdir()}
    assert "2 evidence items read" in capsys.readouterr().out
    assert load([knowledge_dir, out]).layers[1].release == "civic-candidates"
    before = sorted(path.read_bytes() for path in knowledge_dir.iterdir())
    assert main([*command[:5], str(knowledge_dir), *command[6:]]) == 2
    assert sorted(path.read_bytes() for path in knowledge_dir.iterdir()) == before
    assert main(["knowledge", "import", "civic", str(tmp_path / "none.tsv"), "--out", str(out)]) == 2


def test_the_disease_table_names_oncotree_codes() -> None:
    base = load([ROOT / "resources/knowledge"])
    diseases = read_diseases((ROOT / "resources/civic/diseases.tsv").read_text(encoding="utf-8"))
    assert len(diseases) > 100
    names = {node.name.casefold() for node in base.tumour_types.values()}
    for name, disease in diseases.items():
        assert name not in names, f"{name} is an OncoTree name and needs no row"
        assert all(code in base.tumour_types or code == "ANY_SOLID" for code in disease.codes), name


@pytest.mark.real_data
def test_the_shared_release(shared_data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [str(path) for path in sorted((shared_data / "civic").glob("*.tsv"))]
    knowledge = ROOT / "resources/knowledge"
    assert main(["knowledge", "import", "civic", *files, "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    with capsys.disabled():
        sys.stdout.write(f"\n{said}")
    errors = [f for f in lint([knowledge, tmp_path / "out"]) if f.severity == "error" and "out" in f.path]
    assert [f.one_line() for f in errors if str(tmp_path) in f.path] == []
    base, merged = load([knowledge]), load([knowledge, tmp_path / "out"])
    assert all(origin.replaces is False for rows in merged.overlaid.values() for origin in rows.values())
    assert base.claims.items() <= merged.claims.items()
    with (tmp_path / "out/therapies.tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    assert len(rows) > 100
    assert all(row["claim_id"].startswith("CIVIC_") and row["sources"] for row in rows)
