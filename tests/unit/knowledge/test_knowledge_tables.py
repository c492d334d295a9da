"""Loading: integrity, schema, overlay and the compiled index; a damaged table is exit 5 with its place."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from targetboard.errors import ExitCode, KnowledgeError, UsageError
from targetboard.knowledge.index import build
from targetboard.knowledge.loader import load
from targetboard.knowledge.loci import Loci
from targetboard.knowledge.manifest import read_manifest, write_manifest
from targetboard.knowledge.records import KnowledgeBase
from targetboard.knowledge.stats import summary
from targetboard.model import Assembly


def edit(directory: Path, table: str, change: Callable[[str], str]) -> None:
    """Change a table and renew the manifest, so that only the content is at fault."""
    path = directory / f"{table}.tsv"
    path.write_bytes(change(path.read_text(encoding="utf-8")).encode())
    write_manifest(directory)


def test_load_holds_every_row(knowledge_dir: Path, kb: KnowledgeBase) -> None:
    for table, rows in (
        ("genes", kb.genes),
        ("alterations", kb.alterations),
        ("therapies", kb.claims),
        ("tumour_types", kb.tumour_types),
        ("drugs", kb.drugs),
        ("resistance", kb.resistance),
    ):
        assert len(rows) == len((knowledge_dir / f"{table}.tsv").read_text().splitlines()) - 1
    assert kb.release == "test-1"
    assert [layer.sha256 for layer in kb.layers] == [kb.sha256]
    assert kb.genes["INVO1"].aliases == ("INVOLD", "OLDNAME")
    assert kb.genes["INVT1"].lof_mechanism is True
    assert kb.genes["INVT2"].last_pathogenic_codon is None
    assert kb.approvals["C1"][0].year == 2020
    assert summary(kb)["alterations"] == len(kb.alterations)


def test_an_alias_of_two_genes_names_neither(knowledge_dir: Path) -> None:
    edit(knowledge_dir, "genes", lambda text: text.replace("INVOLD|OLDNAME", "NEU|OLDNAME"))
    base = load([knowledge_dir])
    assert base.gene("NEU") is None
    assert base.gene("oldname") is base.genes["INVO1"]
    assert base.gene("nothing") is None


def without_last_column(text: str) -> str:
    return "".join(line.rpartition("\t")[0] + "\n" for line in text.splitlines())


@pytest.mark.parametrize(
    ("table", "change", "words"),
    [
        ("genes", lambda t: t.replace("\trole\t", "\trole\tcolour\t", 1), ["line 1", "column 'colour'"]),
        ("genes", lambda t: t.replace("\trole\t", "\tcolour\t", 1), ["unknown column 'colour'", "Known columns"]),
        ("genes", lambda t: t.replace("\trole\t", "\tname\t", 1), ["'name' stands twice"]),
        ("markers", without_last_column, ["is missing"]),
        ("genes", lambda t: t.replace("tumour_suppressor", "suppressor"), ["'suppressor' is none of", "line 3"]),
        ("genes", lambda t: t.replace("\tno\t", "\tperhaps\t", 1), ["'perhaps' is neither yes nor no"]),
        ("genes", lambda t: t.replace("\t1000\t", "\t1e3\t", 1), ["'1e3' is no whole number", "column start_GRCh37"]),
        ("genes", lambda t: t.replace("\t1000\t", "\t0\t", 1), ["0 is below 1"]),
        ("genes", lambda t: t.replace("INVOLD|OLDNAME", "INVOLD||OLDNAME"), ["list item ''"]),
        ("genes", lambda t: t.replace("INVOLD|OLDNAME", "INVOLD|INVOLD"), ["stands twice"]),
        ("alterations", lambda t: t.replace("INVO1_V60E", "invo1_v60e", 1), ["does not fit the pattern"]),
        ("alterations", lambda t: t.replace("PMID:1\t", "PMID:one\t", 1), ["source 'PMID:one'"]),
        ("alterations", lambda t: t.replace("PMID:1\t", "rumour:1\t", 1), ["no known type"]),
        ("alterations", lambda t: t.replace("INVO1_G12DV\tINVO1", "INVO1_V60E\tINVO1", 1), ["stands in line 2"]),
        ("alterations", lambda t: t.replace("INVO1 V60E", "", 1), ["empty but required"]),
        ("alterations", lambda t: t.replace("INVO1 V60E", " INVO1 V60E", 1), ["starts or ends with a blank"]),
        ("alterations", lambda t: t.replace("INVO1 V60E", "INVO1\u202eV60E", 1), ["U+202E"]),
        ("alterations", lambda t: t.replace("\tINVO1\t", "\tNOGENE\t", 1), ["'NOGENE' does not stand in genes.gene"]),
        ("therapies", lambda t: t.replace("inventinib", "noinib", 1), ["'noinib' does not stand in drugs.drug"]),
        ("therapies", lambda t: t.replace("LUAD", "NOTUM", 1), ["'NOTUM' does not stand in tumour_types.code"]),
        ("approvals", lambda t: t.replace("C1", "C99", 1), ["'C99' does not stand in therapies.claim_id"]),
        ("genes", lambda t: t.replace("\n", "\r\n"), ["CR LF"]),
        ("genes", lambda t: t + "\n", ["the line is empty"]),
        ("genes", lambda t: t.rstrip("\n"), ["no line end"]),
        ("genes", lambda t: "\ufeff" + t, ["byte order mark"]),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused(
    knowledge_dir: Path, table: str, change: Callable[[str], str], words: list[str]
) -> None:
    edit(knowledge_dir, table, change)
    with pytest.raises(KnowledgeError) as caught:
        load([knowledge_dir])
    line = caught.value.one_line()
    assert caught.value.code is ExitCode.KNOWLEDGE
    assert table in line
    assert "\n" not in line
    for word in words:
        assert word in line


def test_excluded_and_special_tumour_types_pass(kb: KnowledgeBase) -> None:
    assert kb.claims["C2"].tumour_types == ("ANY_SOLID",)
    assert kb.claims["C2"].excluded_tumour_types == ("BOWEL",)


def test_no_utf8(knowledge_dir: Path) -> None:
    path = knowledge_dir / "drugs.tsv"
    path.write_bytes(path.read_bytes().replace(b"inventinib", b"inventin\xe9b", 1))
    write_manifest(knowledge_dir)
    with pytest.raises(KnowledgeError, match="no UTF-8"):
        load([knowledge_dir])


def test_one_changed_byte_breaks_the_manifest(knowledge_dir: Path) -> None:
    path = knowledge_dir / "drugs.tsv"
    path.write_bytes(path.read_bytes().replace(b"inventinib", b"inventinab"))
    with pytest.raises(KnowledgeError, match="not that of the manifest") as caught:
        load([knowledge_dir])
    assert "drugs.tsv" in caught.value.where
    assert "--refresh-manifest" in caught.value.remedy


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("release: 2026.10\ndate: 2026-01-01\ntables: {}\n", "release"),
        ("release: '1'\ntables: {}\n", "date"),
        ("release: '1'\ndate: 2026-01-01\n", "tables"),
        ("release: '1'\ndate: 2026-01-01\ntables: {genes: {}}\n", "sha256"),
        ("- a\n", "mapping"),
        ("a: [\n", "YAML"),
        ("!!python/object/apply:os.system ['true']\n", "YAML"),
    ],
)
def test_a_bad_manifest_is_refused(knowledge_dir: Path, text: str, words: str) -> None:
    (knowledge_dir / "MANIFEST.yaml").write_text(text)
    with pytest.raises(KnowledgeError, match=words):
        load([knowledge_dir])


def test_missing_and_unknown_files(knowledge_dir: Path, tmp_path: Path) -> None:
    (knowledge_dir / "colours.tsv").write_text("a\nb\n")
    with pytest.raises(KnowledgeError, match="not in the manifest"):
        load([knowledge_dir])
    write_manifest(knowledge_dir)
    with pytest.raises(KnowledgeError, match="unknown table 'colours'"):
        load([knowledge_dir])
    (knowledge_dir / "colours.tsv").unlink()
    with pytest.raises(KnowledgeError, match="not there"):
        load([knowledge_dir])
    with pytest.raises(KnowledgeError, match="Remove the entry"):
        raise_one_line(lambda: write_manifest(knowledge_dir))
    (knowledge_dir / "MANIFEST.yaml").unlink()
    with pytest.raises(KnowledgeError, match="manifest cannot be read"):
        load([knowledge_dir])
    with pytest.raises(UsageError):
        load([tmp_path / "nowhere"])
    with pytest.raises(UsageError):
        load([])
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError, match="schema cannot be read"):
        load([tmp_path / "empty"])


def raise_one_line(action: Callable[[], object]) -> None:
    try:
        action()
    except KnowledgeError as error:
        raise KnowledgeError(error.one_line()) from error


def test_a_table_of_the_schema_must_be_there(knowledge_dir: Path) -> None:
    (knowledge_dir / "markers.tsv").unlink()
    manifest = (knowledge_dir / "MANIFEST.yaml").read_text()
    start = manifest.index("  markers:")
    (knowledge_dir / "MANIFEST.yaml").write_text(manifest[:start] + manifest[manifest.index("  options") :])
    with pytest.raises(KnowledgeError, match=r"table markers\.tsv is missing"):
        load([knowledge_dir])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.replace("schema_version: 1", "schema_version: 9"), "schema_version 9"),
        (lambda t: t.replace("      strand:", "      strandedness:"), "columns of genes"),
        (lambda t: t.replace("  resistance:\n", "  defiance:\n"), "unknown table defiance"),
        (lambda t: t.replace("reference: genes.gene", "reference: genes.colour", 1), "refers to unknown genes.colour"),
        (lambda t: t.replace("type: boolean", "type: colour", 1), "column lof_mechanism"),
    ],
)
def test_a_foreign_schema_is_refused(knowledge_dir: Path, change: Callable[[str], str], words: str) -> None:
    path = knowledge_dir / "schema.yaml"
    path.write_text(change(path.read_text()))
    with pytest.raises(KnowledgeError, match=words):
        load([knowledge_dir])


def make_overlay(directory: Path, base: Path, table: str, *rows: str) -> Path:
    directory.mkdir()
    header = (base / f"{table}.tsv").read_text().splitlines()[0]
    (directory / f"{table}.tsv").write_text("\n".join([header, *rows]) + "\n")
    (directory / "MANIFEST.yaml").write_text("release: local\ndate: 2026-02-02\ntables: {}\n")
    write_manifest(directory)
    return directory


def test_a_later_layer_overlays_by_key(knowledge_dir: Path, tmp_path: Path, kb: KnowledgeBase) -> None:
    drug = "inventinib\tother\tnew target\t\t\tPMID:2\thospital"
    added = "addedinib\tother\tadded\t\t\tPMID:2\thospital"
    local = make_overlay(tmp_path / "local", knowledge_dir, "drugs", drug, added)
    base = load([knowledge_dir, local])
    assert base.drugs["inventinib"].target == "new target"
    assert base.drugs["addedinib"].modality == "other"
    assert base.drugs["inventumab"] == kb.drugs["inventumab"]
    assert base.release == "test-1+local"
    assert [layer.release for layer in base.layers] == ["test-1", "local"]
    assert base.sha256 not in {layer.sha256 for layer in base.layers}
    assert load([knowledge_dir]).sha256 == kb.sha256
    index = tmp_path / "index.json"
    index.write_bytes(build([knowledge_dir]).content)
    assert load([index, local]) == base


def test_an_overlay_is_checked_like_the_rest(knowledge_dir: Path, tmp_path: Path) -> None:
    row = "R9\tNO_SUCH\tLUAD\tinventinib\tm\t\tPMID:1\thospital"
    local = make_overlay(tmp_path / "local", knowledge_dir, "resistance", row)
    with pytest.raises(KnowledgeError, match="NO_SUCH") as caught:
        load([knowledge_dir, local])
    assert str(local) in caught.value.where


def test_the_index_is_deterministic_and_equals_the_directory(knowledge_dir: Path, tmp_path: Path) -> None:
    first, second = build([knowledge_dir]), build([knowledge_dir])
    assert first.content == second.content
    index = tmp_path / "index.json"
    index.write_bytes(first.content)
    base = load([knowledge_dir])
    assert load([index]) == base
    assert (first.sha256, first.release) == (base.sha256, "test-1")
    assert str(tmp_path) not in first.content.decode()
    command = [sys.executable, "-c", SCRIPT, str(knowledge_dir)]
    digests = {
        subprocess.run(
            command, env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1


SCRIPT = """
import hashlib, pathlib, sys
from targetboard.knowledge.index import build
sys.stdout.write(hashlib.sha256(build([pathlib.Path(sys.argv[1])]).content).hexdigest())
"""


def test_a_damaged_index_is_refused(knowledge_dir: Path, tmp_path: Path) -> None:
    index = tmp_path / "index.json"
    content = build([knowledge_dir]).content
    head, _, body = content.partition(b"\n")
    declared = json.loads(head)
    for damaged in (
        content.replace(b"inventinib", b"inventinab"),
        content[:-200],
        b"{}\n",
        b"not json\n",
        b"",
        json.dumps(declared | {"sha256": "0" * 64}).encode() + b"\n" + body,
        json.dumps(declared | {"knowledge_sha256": "0" * 64}).encode() + b"\n" + body,
        json.dumps(declared | {"format": "other"}).encode() + b"\n" + body,
    ):
        index.write_bytes(damaged)
        with pytest.raises(KnowledgeError) as caught:
            load([index])
        assert "knowledge build" in caught.value.remedy


def test_writing_the_manifest_keeps_what_people_wrote(knowledge_dir: Path) -> None:
    path = knowledge_dir / "MANIFEST.yaml"
    path.write_text(path.read_text().replace("licence: MIT", "licence: ODbL, see notice", 1))
    before = path.read_text()
    assert write_manifest(knowledge_dir) == ()
    assert path.read_text() == before
    drugs = knowledge_dir / "drugs.tsv"
    drugs.write_text(drugs.read_text().replace("inventinib\t", "inventinib\t", 1) + "x\tother\t\t\t\t\thospital\n")
    assert write_manifest(knowledge_dir) == ("drugs",)
    assert "ODbL, see notice" in path.read_text()
    assert path.read_text().startswith("# Small knowledge base")
    assert read_manifest(knowledge_dir).release == "test-1"
    assert [p.name for p in knowledge_dir.iterdir() if p.name.startswith(".")] == []


def test_loci(kb: KnowledgeBase) -> None:
    loci = Loci.of(kb, Assembly.GRCH37)
    assert [gene.gene for gene in loci.at("1", 1000, 1000)] == ["INVO1"]
    assert [gene.gene for gene in loci.at("1", 900, 1000)] == ["INVO1"]
    assert [gene.gene for gene in loci.at("1", 9000, 9001)] == ["INVO1"]
    assert loci.at("1", 9001, 9002) == ()
    assert loci.at("1", 900, 999) == ()
    assert loci.at("22", 1, 10**9) == ()


def test_loading_needs_no_heavy_import(knowledge_dir: Path) -> None:
    code = (
        "import sys, pathlib; from targetboard.knowledge.loader import load; import targetboard.knowledge.match;"
        "load([pathlib.Path(sys.argv[1])]);"
        "print(*({'pandas','numpy','jsonschema','jinja2','snakemake','pysam','cyvcf2'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(knowledge_dir)], env={"PYTHONPATH": ":".join(sys.path)}, capture_output=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"\n", b"")


def without_later_columns(text: str) -> str:
    """The schema as a release before the optional columns and tables had it."""
    kept = [line for line in text[: text.index("\n  diagnostics:")].splitlines() if "optional: true" not in line]
    return "\n".join(kept) + "\n"


def test_the_schema_of_an_earlier_release_still_loads(knowledge_dir: Path) -> None:
    path = knowledge_dir / "schema.yaml"
    path.write_text(without_later_columns(path.read_text()))
    base = load([knowledge_dir])
    gene, claim = base.genes["INVO1"], base.claims["C1"]
    assert (gene.numbering_offset, gene.mane_select, gene.panels) == (None, False, ())
    assert (claim.origin, claim.valid_to, claim.reviewers) == ("", "", ())
    assert (base.diagnostics, base.trials) == ({}, {})


DIAGNOSTICS = (
    "claim_id\tdevice\tmanufacturer\tjurisdiction\tapproval_id\tspecimen\tbiomarker_detail\tyear\tverified_in\n"
    "C1\tInventest\tInventor\tUS\tP000001\ttissue\tINVO1 V60E\t2021\tinvented\n"
)
TRIALS = (
    "trial_id\ttitle\tdesign\tbiomarkers\ttumour_types\tstatus\taccess_date\tsources\tverified_in\n"
    "NCT00000001\tINVENT\tbasket\tINVO1_V60E\tANY_SOLID\trecruiting\t2026-01-02\tNCT:00000001\tinvented\n"
)


def test_diagnostics_and_trials(knowledge_dir: Path) -> None:
    (knowledge_dir / "diagnostics.tsv").write_text(DIAGNOSTICS)
    (knowledge_dir / "trials.tsv").write_text(TRIALS)
    write_manifest(knowledge_dir)
    base = load([knowledge_dir])
    assert [row.device for row in base.diagnostics["C1"]] == ["Inventest"]
    assert base.trials["NCT00000001"].biomarkers == ("INVO1_V60E",)
    (knowledge_dir / "trials.tsv").write_text(TRIALS.replace("INVO1_V60E", "NO_SUCH"))
    write_manifest(knowledge_dir)
    with pytest.raises(KnowledgeError, match=r"does not stand in biomarkers\.biomarker_id"):
        load([knowledge_dir])


def add_column(text: str, name: str, value: str) -> str:
    head, first, *rest = text.splitlines()
    return "\n".join([f"{head}\t{name}", f"{first}\t{value}", *(f"{line}\t" for line in rest)]) + "\n"


@pytest.mark.parametrize("value", ["-24", "19", "0"])
def test_a_numbering_offset_may_be_negative(knowledge_dir: Path, value: str) -> None:
    edit(knowledge_dir, "genes", lambda t: add_column(t, "numbering_offset", value))
    base = load([knowledge_dir])
    assert next(iter(base.genes.values())).numbering_offset == int(value)


@pytest.mark.parametrize("value", ["--1", "-01", "-", "1.5"])
def test_a_numbering_offset_is_a_whole_number(knowledge_dir: Path, value: str) -> None:
    edit(knowledge_dir, "genes", lambda t: add_column(t, "numbering_offset", value))
    with pytest.raises(KnowledgeError, match="no whole number"):
        load([knowledge_dir])


@pytest.mark.parametrize("event", ["rearrangement", "overexpression", "signature"])
def test_events_of_other_inputs_load(knowledge_dir: Path, event: str) -> None:
    def other(text: str) -> str:
        row = next(line for line in text.splitlines() if line.startswith("INVO1_V60E\t")).split("\t")
        row[0] = "INVO1_OTHER"
        row[text.splitlines()[0].split("\t").index("event")] = event
        return text + "\t".join(row) + "\n"

    edit(knowledge_dir, "alterations", other)
    assert load([knowledge_dir]).alterations["INVO1_OTHER"].event == event
