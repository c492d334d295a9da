"""The verb proves a base, and fails where a row does not hold."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from targetboard.cli import main


def test_half_a_reference_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["knowledge", "prove", "--fasta-grch37", "x.fa"]) == 2
    assert "needs FASTA and GFF3" in capsys.readouterr().err
    assert main(["knowledge", "prove", "--fasta-grch37", "x.fa", "--gff3-grch37", "x.gff3"]) == 2


def test_a_wrong_row_fails_by_name(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "kb"
    shutil.copytree(root / "resources/knowledge", folder)
    table = folder / "alterations.tsv"
    head, *rows = table.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if row.split("\t")[1] == "SMO"]
    assert kept
    names = head.split("\t")
    broken = next(row.split("\t") for row in kept if row.split("\t")[names.index("protein_changes")])
    broken[names.index("excludes")] = broken[names.index("protein_changes")]
    only = {row.split("\t")[0] for row in kept}
    table.write_text(
        "\n".join([head, "\t".join(broken), *(row for row in kept if not row.startswith(broken[0] + "\t"))]) + "\n",
        encoding="utf-8",
    )
    for name, key in (("alleles", 0),):
        path = folder / f"{name}.tsv"
        first, *others = path.read_text(encoding="utf-8").splitlines()
        others = [row for row in others if row.split("\t")[key] in only]
        path.write_text("\n".join([first, *others]) + "\n", encoding="utf-8")
    for name in ("biomarkers", "therapies", "approvals", "diagnostics", "resistance", "trials", "negatives"):
        path = folder / f"{name}.tsv"
        path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    from targetboard.knowledge.index import write_manifest

    write_manifest(folder)
    code = main(["knowledge", "prove", "--knowledge", str(folder)])
    text = capsys.readouterr()
    assert code == 5, text.out
    assert broken[0] in text.out
    assert "rows are not proved" in text.err
