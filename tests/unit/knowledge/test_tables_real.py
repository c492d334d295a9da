"""The released knowledge tables, verified again against the files their ``verified_in`` columns name.

Each check is a function from rows to findings, so that a doctored row shows that the check can fail.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pysam
import pytest

pytestmark = pytest.mark.real_data

Row = Mapping[str, str]
ASSEMBLIES = ("GRCh37", "GRCh38")
DIRECTION = {"sensitive": "Sensitivity/Response", "resistant": "Resistance"}
POLYMORPHIC = 0.01
BASES = "TCAG"
AMINO = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODE = {
    a + b + c: AMINO[16 * i + 4 * j + k]
    for i, a in enumerate(BASES)
    for j, b in enumerate(BASES)
    for k, c in enumerate(BASES)
}
COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


@dataclass(frozen=True, slots=True)
class Civic:
    """Evidence items and assertions by number."""

    evidence: Mapping[str, Row]
    assertions: Mapping[str, Row]


def _rows(lines: Iterable[str]) -> list[Row]:
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def _table(root: Path, name: str) -> list[Row]:
    with (root / "resources/knowledge" / f"{name}.tsv").open(encoding="utf-8", newline="") as handle:
        return _rows(handle)


@pytest.fixture(scope="module")
def civic(shared_data: Path) -> Civic:
    tables = []
    for name, key in (("ClinicalEvidence", "evidence_id"), ("Assertion", "assertion_id")):
        with (shared_data / "civic" / f"nightly-{name}Summaries.tsv").open(encoding="utf-8", newline="") as handle:
            tables.append({row[key]: row for row in _rows(handle)})
    return Civic(*tables)


@pytest.fixture(scope="module")
def docm(shared_data: Path) -> set[tuple[str, str]]:
    with gzip.open(shared_data / "docm/variants.tsv.gz", "rt", encoding="utf-8", newline="") as handle:
        return {(row["gene"], row["hgvs"]) for row in _rows(handle)}


@pytest.fixture(scope="module")
def fasta(shared_data: Path) -> dict[str, pysam.FastaFile]:
    return {build: pysam.FastaFile(str(shared_data / f"reference/{build}.sparse.fa.gz")) for build in ASSEMBLIES}


def _civic_ids(text: str, kind: str) -> list[str]:
    return re.findall(rf"\b{kind}(\d+)\b", text)


def _names(root: Path) -> dict[str, set[str]]:
    """Symbol and former symbols of each gene, as older sources write them."""
    return {row["gene"]: {row["gene"], *row["aliases"].split("|")} for row in _table(root, "genes")}


def wrong_sources(
    rows: Sequence[Row], civic: Civic, docm: set[tuple[str, str]], names: Mapping[str, set[str]]
) -> Iterator[str]:
    """Alterations whose CIViC or DoCM source does not exist or speaks of another gene.

    A fusion is filed under either of its genes.
    """
    for row in rows:
        own = names.get(row["gene"], {row["gene"]}) | names.get(row["partner"], {row["partner"]})
        for source in filter(None, row["sources"].split("|")):
            kind, _, name = source.partition(":")
            if kind == "CIViC" and name.startswith("EID"):
                item = civic.evidence.get(name[3:])
                if item is None or item["gene"] not in own or item["evidence_status"] != "accepted":
                    yield f"{row['alteration_id']}: {source}"
            elif kind == "CIViC" and name.startswith("AID"):
                item = civic.assertions.get(name[3:])
                if item is None or item["gene"] not in own:
                    yield f"{row['alteration_id']}: {source}"
            elif kind == "DoCM" and not any((gene, name) in docm for gene in own):
                yield f"{row['alteration_id']}: {source}"


def unfounded_validations(rows: Sequence[Row], civic: Civic) -> Iterator[str]:
    """Validated rows without an assertion, a label, a functional study or strong accepted evidence.

    Strong is level A or B, rated 3 or more, supporting, and predictive, diagnostic or functional.
    """
    for row in rows:
        if row["evidence"] != "validated":
            continue
        sources = row["sources"]
        items = [civic.evidence[number] for number in _civic_ids(sources, "EID")]
        strong = any(
            item["evidence_level"] in "AB"
            and int(item["rating"] or 0) >= 3
            and item["evidence_direction"] == "Supports"
            and item["evidence_type"] in {"Predictive", "Diagnostic", "Functional"}
            for item in items
        )
        functional = "functional" in row["verified_in"] and re.search(r"(PMID|doi):", sources)
        if not (strong or functional or "CIViC:AID" in sources or "label:" in sources):
            yield row["alteration_id"]


def wrong_claims(rows: Sequence[Row], civic: Civic) -> Iterator[str]:
    """Claims whose evidence names other drugs, the other direction, or does not support it."""
    for row in rows:
        drugs = set(filter(None, row["drugs"].split("|")))
        wanted = DIRECTION.get(row["direction"])
        items = [(f"EID{n}", civic.evidence.get(n)) for n in _civic_ids(row["sources"], "EID")]
        items += [(f"AID{n}", civic.assertions.get(n)) for n in _civic_ids(row["sources"], "AID")]
        for name, item in items:
            if item is None:
                yield f"{row['claim_id']}: {name} does not exist"
                continue
            named = {drug.strip().lower() for drug in item["drugs"].split(",")}
            supports = item.get("evidence_direction", item.get("assertion_direction")) == "Supports"
            kind = item.get("evidence_type", item.get("assertion_type"))
            expected = {"therapeutic": "Predictive", "diagnostic": "Diagnostic", "prognostic": "Prognostic"}
            if not supports or kind != expected[row["implication"]]:
                yield f"{row['claim_id']}: {name} is {kind}"
            if row["implication"] == "therapeutic" and (not drugs <= named or item["clinical_significance"] != wanted):
                yield f"{row['claim_id']}: {name} says {item['clinical_significance']} for {sorted(named)}"


def weak_levels(rows: Sequence[Row], civic: Civic, approved: set[str]) -> Iterator[str]:
    """Claims whose evidence level is above what the mechanical rule gives."""
    for row in rows:
        items = [civic.evidence[number] for number in _civic_ids(row["sources"], "EID")]
        tier_one = any(
            civic.assertions[number]["amp_category"] == "Tier I - Level A"
            for number in _civic_ids(row["sources"], "AID")
        )
        good = [item for item in items if item["evidence_level"] == "B" and int(item["rating"] or 0) >= 3]
        label = row["direction"] == "not_indicated" and "label:" in row["sources"]
        if row["claim_id"] in approved or tier_one or label or any(i["evidence_level"] == "A" for i in items):
            expected = "A"
        else:
            expected = "B" if len(good) >= 2 else "C"
        if row["evidence_level"] != expected:
            yield f"{row['claim_id']}: {row['evidence_level']}, the rule gives {expected}"


def wrong_alleles(rows: Sequence[Row], fasta: Mapping[str, pysam.FastaFile]) -> tuple[list[str], int]:
    """Alleles whose REF differs from the reference, and how many could be checked (the reference holds N elsewhere)."""
    wrong, checked = [], 0
    for row in rows:
        start = int(row["pos"]) - 1
        bases = fasta[row["assembly"]].fetch(row["chrom"], start, start + len(row["ref"])).upper()
        if "N" in bases:
            continue
        checked += 1
        if bases != row["ref"]:
            wrong.append(f"{row['alteration_id']} {row['assembly']}:{row['pos']} {row['ref']} is {bases}")
    return wrong, checked


def _coding(gff3: Path) -> dict[str, tuple[str, str, list[tuple[int, int]]]]:
    """CDS segments by transcript: chromosome, strand, (start, end) in coding order."""
    found: dict[str, tuple[str, str, list[tuple[int, int]]]] = {}
    with gff3.open(encoding="utf-8") as handle:
        for line in handle:
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 9 and fields[2] == "CDS":
                name = fields[8].split("Parent=transcript:")[1].split(";")[0]
                found.setdefault(name, (fields[0], fields[6], []))[2].append((int(fields[3]), int(fields[4])))
    for _, strand, segments in found.values():
        segments.sort(reverse=strand == "-")
    return found


def _translate(place: tuple[str, str, list[tuple[int, int]]], fasta: pysam.FastaFile) -> str:
    chrom, strand, segments = place
    parts = [fasta.fetch(chrom, start - 1, end).upper() for start, end in segments]
    bases = "".join(part if strand == "+" else part.translate(COMPLEMENT)[::-1] for part in parts)
    return "".join(CODE.get(bases[i : i + 3], "X") for i in range(0, len(bases) - 2, 3))


def test_alteration_sources_exist_and_name_the_gene(root: Path, civic: Civic, docm: set[tuple[str, str]]) -> None:
    rows = _table(root, "alterations")
    names = _names(root)
    assert list(wrong_sources(rows, civic, docm, names)) == []
    for wrong in ("CIViC:EID1409", "CIViC:AID7", "DoCM:ENST00000288602:c.1799T>A"):
        doctored = {**rows[0], "gene": "EGFR", "partner": "", "sources": wrong}
        assert list(wrong_sources([doctored], civic, docm, names)) == [f"{rows[0]['alteration_id']}: {wrong}"]


def wrong_hotspot_counts(rows: Sequence[Row], counts: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Alterations that state another number of tumours for a change than the counts say."""
    for row in rows:
        for gene, change, stated in re.findall(
            r"hotspots/(?:residue|indel)_counts (\S+) (\S+) \((\d+) tumours\)", row["verified_in"]
        ):
            if counts.get((gene, change)) != stated:
                yield f"{row['alteration_id']}: {change} in {stated} tumours"


def test_imported_changes_state_the_counts_of_their_source(root: Path, shared_data: Path) -> None:
    counts: dict[tuple[str, str], str] = {}
    for name in ("residue_counts", "indel_counts"):
        with (shared_data / f"hotspots/{name}.tsv").open(encoding="utf-8", newline="") as handle:
            for row in _rows(handle):
                change = row["change"]
                if row["residue"].isdigit() and name == "residue_counts":
                    change = row["reference_aa"] + row["residue"] + change
                counts[row["gene"], change] = row["change_count"]
    rows = _table(root, "alterations")
    assert list(wrong_hotspot_counts(rows, counts)) == []
    counted = next(row for row in rows if "tumours)" in row["verified_in"])
    doctored = {**counted, "verified_in": re.sub(r"\(\d+ tumours", "(9999 tumours", counted["verified_in"])}
    assert list(wrong_hotspot_counts([doctored], counts))


def test_validated_rests_on_clinical_or_functional_evidence(root: Path, civic: Civic) -> None:
    rows = _table(root, "alterations")
    assert list(unfounded_validations(rows, civic)) == []
    doctored = {**rows[0], "evidence": "validated", "sources": "CIViC:EID4497"}
    assert list(unfounded_validations([doctored], civic)) == [rows[0]["alteration_id"]]


def test_claims_say_what_their_evidence_says(root: Path, civic: Civic) -> None:
    rows = _table(root, "therapies")
    assert list(wrong_claims(rows, civic)) == []
    claim = next(row for row in rows if row["claim_id"] == "EGFR_T790M_NSCLC_ERLOTINIB_RESISTANT")
    assert list(wrong_claims([{**claim, "direction": "sensitive"}], civic))


def test_evidence_levels_follow_the_rule(root: Path, civic: Civic) -> None:
    approved = {row["claim_id"] for row in _table(root, "approvals") if row["status"] != "withdrawn"}
    rows = _table(root, "therapies")
    assert list(weak_levels(rows, civic, approved)) == []
    assert list(weak_levels([{**rows[0], "evidence_level": "D"}], civic, approved))


def test_resistance_evidence_names_gene_and_drug(root: Path, civic: Civic) -> None:
    genes = {row["alteration_id"]: row["gene"] for row in _table(root, "alterations")}
    for row in _table(root, "resistance"):
        items = [civic.evidence[number] for number in _civic_ids(row["sources"], "EID")]
        if not items:
            assert "look-up:" in row["verified_in"], row["resistance_id"]
            continue
        assert {item["gene"] for item in items} == {genes[row["alteration_id"]]}, row["resistance_id"]
        by_meaning: dict[str, set[str]] = {}
        for item in items:
            named = {drug.strip().lower() for drug in item["drugs"].split(",")}
            by_meaning.setdefault(item["clinical_significance"], set()).update(named)
        after = set(filter(None, row["after_drugs"].split("|")))
        assert after <= by_meaning.get("Resistance", set()), row["resistance_id"]
        later = set(filter(None, row["next_line"].split("|")))
        assert later <= by_meaning.get("Sensitivity/Response", set()) or "look-up:" in row["verified_in"], row


def test_reference_bases(root: Path, fasta: Mapping[str, pysam.FastaFile]) -> None:
    rows = _table(root, "alleles")
    wrong, checked = wrong_alleles(rows, fasta)
    assert wrong == []
    assert checked > 2000
    flipped = {**rows[0], "ref": rows[0]["ref"].translate(str.maketrans("ACGT", "CATG"))}
    assert wrong_alleles([flipped], fasta)[0]


def test_both_assemblies_carry_the_same_alleles(root: Path) -> None:
    by_build: dict[str, list[tuple[str, str, str]]] = {build: [] for build in ASSEMBLIES}
    for row in _table(root, "alleles"):
        by_build[row["assembly"]].append((row["alteration_id"], row["hgvsc"], row["ref"] + ">" + row["alt"]))
    assert sorted(by_build["GRCh37"]) == sorted(by_build["GRCh38"])


def test_attested_alleles_stand_in_their_files(root: Path, shared_data: Path, docm: set[tuple[str, str]]) -> None:
    hotspots = {}
    for build in ASSEMBLIES:
        with (shared_data / f"hotspots/cancerhotspots_v2_{build}.tsv").open(encoding="utf-8") as handle:
            hotspots[build] = {tuple(line.split("\t")[:5]) for line in handle}
    genes = {row["alteration_id"]: row["gene"] for row in _table(root, "alterations")}
    names = _names(root)
    attested = 0
    for row in _table(root, "alleles"):
        own = names[genes[row["alteration_id"]]]
        for build, chrom, pos, ref, alt in re.findall(
            r"hotspots/(GRCh3[78]) (\w+):(\d+) ([ACGT-]+)>([ACGT-]+)", row["verified_in"]
        ):
            assert any((chrom, pos, ref, alt, gene) in hotspots[build] for gene in own), row
            attested += 1
        for name in re.findall(r"docm/variants (ENST\S+?)(?:\||;|$)", row["verified_in"]):
            assert any((gene, name) in docm for gene in own), row
            attested += 1
    assert attested > 1000


def test_whole_proteins_are_the_translated_coding_sequence(
    root: Path, shared_data: Path, fasta: Mapping[str, pysam.FastaFile]
) -> None:
    coding = _coding(shared_data / "reference/GRCh38.genes.gff3")
    # Proteins of transcripts that the gene models lack are derived again by test_derive.
    rows = [row for row in _table(root, "proteins") if row["start"] == "1" and row["residues"].endswith("*")]
    whole = [row for row in rows if row["transcript"] in coding]
    assert len(whole) > 140
    for row in whole:
        assert _translate(coding[row["transcript"]], fasta["GRCh38"]) == row["residues"], row["gene"]


def test_windows_hold_the_residues_of_the_hotspots(root: Path) -> None:
    windows = [(row["gene"], int(row["start"]), row["residues"]) for row in _table(root, "proteins")]
    for row in _table(root, "hotspots"):
        if not row["residue"].isdigit() or len(row["reference_aa"]) != 1:
            continue
        number = int(row["residue"])
        for gene, start, residues in windows:
            if gene == row["gene"] and start <= number < start + len(residues):
                assert residues[number - start] == row["reference_aa"], row


def test_hotspot_counts(root: Path, shared_data: Path) -> None:
    counts: set[tuple[str, ...]] = set()
    for name in ("residue_counts", "indel_counts"):
        with (shared_data / f"hotspots/{name}.tsv").open(encoding="utf-8", newline="") as handle:
            for row in _rows(handle):
                change = "sp" if row["residue"].endswith("_splice") else row["change"]
                counts.add((row["gene"], row["residue"], row["residue_count"], change, row["change_count"]))
    renumbered = 0
    for row in _table(root, "hotspots"):
        # The source's own gene name and residue stand in verified_in, also where the table numbers differently.
        _, gene, residue, _ = row["verified_in"].partition(";")[0].split(" ")
        renumbered += residue != row["residue"]
        assert (gene, residue, row["residue_count"], row["change"], row["change_count"]) in counts, row
    assert 0 < renumbered < 100


def test_tumour_types_are_all_nodes_of_oncotree(root: Path, shared_data: Path) -> None:
    nodes = json.loads((shared_data / "oncotree/tumortypes-flat.json").read_text(encoding="utf-8"))
    expected = {(n["code"], n["name"], n["parent"] or "", n["tissue"] or "", n["mainType"] or "") for n in nodes}
    found = {
        tuple(row[c] for c in ("code", "name", "parent", "tissue", "main_type")) for row in _table(root, "tumour_types")
    }
    assert found == expected


def _frequencies(shared_data: Path) -> dict[tuple[str, ...], float]:
    """Highest frequency of each allele in any population that the VEP-annotated file gives, by GRCh38 coordinates."""
    lines = (shared_data / "vcf/panel_vep_csq.ngs-bits.vcf").read_text(encoding="utf-8").splitlines()
    header = next(line for line in lines if line.startswith("##INFO=<ID=CSQ"))
    names = header.split("Format: ")[1].rstrip('">').split("|")
    columns = [index for index, name in enumerate(names) if name == "AF" or name.endswith("_AF")]
    frequency: dict[tuple[str, ...], float] = {}
    for line in lines:
        fields = line.split("\t")
        found = re.search(r"CSQ=([^;\t]+)", fields[7]) if not line.startswith("#") else None
        if found:
            values = [entry.split("|") for entry in found[1].split(",")]
            known = [float(part) for value in values for c in columns for part in value[c].split("&") if part]
            frequency[fields[0].removeprefix("chr"), fields[1], fields[3], fields[4]] = max(known, default=0.0)
    return frequency


def rare_neutrals(rows: Sequence[Row], frequency: Mapping[tuple[str, ...], float]) -> Iterator[str]:
    """Neutral rows that rest on the annotated file, but whose allele is not polymorphic there."""
    for row in rows:
        place = re.search(r"panel_vep_csq\.ngs-bits\.vcf (\w+):(\d+) ([ACGT]+)>([ACGT]+)", row["verified_in"])
        if row["kind"] == "neutral" and place and frequency.get(place.groups(), 0.0) < POLYMORPHIC:
            yield row["alteration_id"]


def test_neutral_variants_are_polymorphic(root: Path, shared_data: Path) -> None:
    rows = [row for row in _table(root, "alterations") if row["kind"] == "neutral"]
    frequency = _frequencies(shared_data)
    assert len(rows) > 100
    assert list(rare_neutrals(rows, frequency)) == []
    elsewhere = [row for row in rows if "panel_vep_csq" not in row["verified_in"]]
    assert {row["alteration_id"] for row in elsewhere} <= {"BRCA2_K3326TER", "FLT3_T227M"}
    stated = next(row for row in rows if "panel_vep_csq" in row["verified_in"])
    doctored = {**stated, "verified_in": re.sub(r":\d+ ", ":1 ", stated["verified_in"])}
    assert list(rare_neutrals([doctored], frequency)) == [stated["alteration_id"]]


def test_every_row_says_where_it_was_verified(root: Path) -> None:
    for name in ("genes", "alterations", "alleles", "biomarkers", "therapies", "approvals", "drugs", "resistance"):
        for row in _table(root, name):
            assert row["verified_in"], (name, row)
    for row in _table(root, "therapies"):
        assert row["verified_in"] != "unverified", row["claim_id"]
