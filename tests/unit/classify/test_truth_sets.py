"""Public development truth: curated drivers are no passengers, curated neutrals no drivers, a cohort adds up.

DoCM, Cancer Hotspots and CIViC are sources of the knowledge tables as well: agreement with them shows that nothing is
lost on the way, not how well new variants are classified. Run with ``-s`` to see the confusion matrices.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pytest
from pancreatic_cohort import pancreatic_rows, vcf_texts

from targetboard.classify.concordance import Concordance
from targetboard.classify.driver import classify
from targetboard.classify.listing import Listed, ListRequest, classify_list
from targetboard.knowledge.loader import load
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import Assembly, CriterionStatus, DriverClass
from targetboard.pipeline import read_variants
from targetboard.request import Request

pytestmark = pytest.mark.real_data
DRIVERS = frozenset({DriverClass.VALIDATED_DRIVER, DriverClass.LIKELY_DRIVER})
PASSENGERS = frozenset({DriverClass.PASSENGER, DriverClass.LIKELY_PASSENGER})
# A common polymorphism that DoCM lists beside the drivers; the knowledge tables have it as neutral.
DOCM_POLYMORPHISMS = frozenset({"TP53 p.P72R"})


@pytest.fixture(scope="module")
def kb(root: Path) -> KnowledgeBase:
    return load([root / "resources" / "knowledge"])


def table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> Path:
    text = "\n".join("\t".join(row) for row in (header, *rows))
    path.write_text(text + "\n", encoding="utf-8")
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    packed = path.read_bytes()
    text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8")
    return list(csv.DictReader(io.StringIO(text), delimiter="\t", quoting=csv.QUOTE_NONE))


def judged(name: str, path: Path, kb: KnowledgeBase, workdir: Path) -> tuple[list[Listed], Concordance]:
    counts = Concordance()
    found = list(classify_list(ListRequest(path, Assembly.GRCH37, truth="truth"), kb, workdir))
    for listed in found:
        counts.add(listed)
    print(f"\n== {name}\n" + "\n".join(counts.lines()))  # noqa: T201
    return found, counts


def test_docm(shared_data: Path, kb: KnowledgeBase, tmp_path: Path) -> None:
    rows = [
        [
            r["gene"],
            r["amino_acid"],
            r["hgvs"].partition(":")[2],
            r["chromosome"],
            r["start"],
            r["read"],
            r["variant"],
            "Oncogenic",
        ]
        for r in rows_of(shared_data / "docm" / "variants.tsv.gz")
    ]
    header = ("gene", "hgvsp", "hgvsc", "chrom", "pos", "ref", "alt", "truth")
    found, counts = judged("DoCM", table(tmp_path / "docm.tsv", header, rows), kb, tmp_path)
    assert len(found) == 1364
    called_passenger = [
        listed.name
        for listed in found
        if listed.variant is not None
        and listed.variant.driver_class in PASSENGERS
        and not listed.name.startswith(tuple(DOCM_POLYMORPHISMS))
    ]
    assert called_passenger == []
    right, of = counts.verdict.recall("driver")
    assert right >= 0.9 * of


def test_hotspots(shared_data: Path, kb: KnowledgeBase, tmp_path: Path) -> None:
    rows = [
        [r["gene"], f"p.{r['reference_aa']}{r['residue']}{r['change']}", "Oncogenic"]
        for r in rows_of(shared_data / "hotspots" / "residue_counts.tsv")
        if int(r["change_count"]) >= 10
        and r["judgement"] == "RETAIN"
        and r["residue"].isdigit()
        and len(r["change"]) == 1
    ]
    path = table(tmp_path / "hotspots.tsv", ("gene", "hgvsp", "truth"), rows)
    found, counts = judged("Cancer Hotspots, changes in 10 tumours and more", path, kb, tmp_path)
    assert len(found) > 400
    assert [x.name for x in found if x.variant is not None and x.variant.driver_class in PASSENGERS] == []
    right, of = counts.verdict.recall("driver")
    assert right >= 0.9 * of


def test_civic(shared_data: Path, kb: KnowledgeBase, tmp_path: Path) -> None:
    named = {
        (r["gene"], r["variant"])
        for r in rows_of(shared_data / "civic" / "nightly-ClinicalEvidenceSummaries.tsv")
        if r["evidence_status"] == "accepted"
        and r["variant_origin"].startswith("Somatic")
        and r["evidence_type"] == "Predictive"
        and r["evidence_direction"] == "Supports"
        and r["evidence_level"] in {"A", "B"}
        and re.fullmatch(r"[A-Z]\d+[A-Z]", r["variant"])
    }
    rows = [[gene, f"p.{change}", "Oncogenic"] for gene, change in sorted(named)]
    found, counts = judged(
        "CIViC, predictive evidence of levels A and B",
        table(tmp_path / "civic.tsv", ("gene", "hgvsp", "truth"), rows),
        kb,
        tmp_path,
    )
    assert [x.name for x in found if x.variant is not None and x.variant.driver_class in PASSENGERS] == []
    assert counts.verdict.recall("driver")[0] > 0


def test_no_curated_neutral_is_a_driver_and_no_curated_driver_a_passenger(kb: KnowledgeBase, tmp_path: Path) -> None:
    rows = []
    for alteration in kb.alterations.values():
        word = "passenger" if alteration.kind == "neutral" else "driver"
        rows += [[alteration.gene, change, "", "", "", "", word] for change in alteration.protein_changes]
        rows += [
            [alteration.gene, row.hgvsp, row.chrom, str(row.pos), row.ref, row.alt, word]
            for row in kb.alleles_by_alteration.get(Assembly.GRCH37, {}).get(alteration.alteration_id, ())
        ]
    header = ("gene", "hgvsp", "chrom", "pos", "ref", "alt", "truth")
    found, counts = judged("knowledge tables", table(tmp_path / "tables.tsv", header, rows), kb, tmp_path)
    for listed in found:
        if listed.variant is None:
            continue
        if listed.truth == "passenger":
            assert listed.variant.driver_class is not DriverClass.VALIDATED_DRIVER, listed.name
        else:
            assert listed.variant.driver_class not in PASSENGERS, listed.name
    assert counts.verdict.counts["driver", "passenger"] == 0


VEP_FILES = (("panel_vep_csq.ngs-bits.vcf", Assembly.GRCH38, "NA12878_03"),)


@pytest.mark.parametrize(("name", "assembly", "sample"), VEP_FILES)
def test_frequency_codes_are_evaluated_on_annotated_files(
    shared_data: Path, kb: KnowledgeBase, tmp_path: Path, name: str, assembly: Assembly, sample: str
) -> None:
    request = Request(shared_data / "vcf" / name, assembly, tumour_sample=sample, every_allele=True)
    read = read_variants(request, kb, tmp_path)
    evaluated: Counter[str] = Counter()
    for variant in read.variants:
        classify(variant, kb)
        if variant.oncogenicity is None or variant.chosen is None:
            continue
        given = [variant.chosen.extra.get(f"gnomAD_{p}_AF", "") for p in ("AFR", "AMR", "EAS", "NFE", "SAS")]
        codes = {c.code: c.status for c in variant.oncogenicity.criteria}
        if all(given):
            assert codes["SBVS1"] is not CriterionStatus.NOT_EVALUABLE
            assert codes["SBS1"] is not CriterionStatus.NOT_EVALUABLE
            evaluated["given"] += 1
            evaluated["common"] += codes["SBVS1"] is CriterionStatus.MET
            if max(float(text) for part in given for text in part.split("&")) > 0.05:
                assert codes["SBVS1"] is CriterionStatus.MET
        elif not any(given) and not any(variant.chosen.extra.get(f, "") for f in ("gnomAD_AF", "gnomADg_AF")):
            assert codes["OP4"] is CriterionStatus.NOT_EVALUABLE
    print(f"\n{name}: frequencies evaluated for {evaluated['given']}, above 5 % {evaluated['common']}")  # noqa: T201
    assert evaluated["given"] > 20
    assert evaluated["common"] > 5


GENES = {"KRAS": 118, "TP53": 108, "SMAD4": 37, "CDKN2A": 35}


def test_pancreatic_cohort(shared_data: Path, kb: KnowledgeBase, tmp_path: Path) -> None:
    vcfs = vcf_texts(pancreatic_rows(shared_data))
    assert len(vcfs) == 177
    carriers: dict[str, set[str]] = {gene: set() for gene in GENES}
    drivers: dict[str, set[str]] = {gene: set() for gene in GENES}
    classes: Counter[str] = Counter()
    null_calls: Counter[tuple[str, bool]] = Counter()
    for sample, text in vcfs.items():
        path = tmp_path / "sample.vcf"
        path.write_text(text, encoding="utf-8")
        for variant in read_variants(Request(path, Assembly.GRCH37), kb, tmp_path).variants:
            classify(variant, kb)
            classes[str(variant.driver_class)] += 1
            assert variant.chosen is not None
            if variant.gene not in GENES or set(variant.chosen.terms) <= {"synonymous_variant"}:
                continue
            carriers[variant.gene].add(sample)
            is_driver = variant.driver_class in DRIVERS
            if is_driver:
                drivers[variant.gene].add(sample)
            if set(variant.chosen.terms) & {"stop_gained", "frameshift_variant", "splice_donor_variant"}:
                null_calls[variant.gene, is_driver] += 1
    total = sum(classes.values())
    print("\nPAAD (177 samples): carriers", {gene: len(found) for gene, found in carriers.items()})  # noqa: T201
    print("of these with a driver", {gene: len(found) for gene, found in drivers.items()})  # noqa: T201
    print("classes", {name: f"{count} ({count / total:.1%})" for name, count in sorted(classes.items())})  # noqa: T201
    assert {gene: len(found) for gene, found in carriers.items()} == GENES
    assert len(drivers["KRAS"]) == GENES["KRAS"]
    # what is no driver is missense or in-frame without evidence; a truncation always is one
    assert not any(count for (_, is_driver), count in null_calls.items() if not is_driver)
    assert len(drivers["TP53"]) >= 95
    assert len(drivers["SMAD4"]) >= 25
    assert len(drivers["CDKN2A"]) >= 25
