"""One variant written by every caller: 15 of 100 reads, normal 0 of 60. All dialects must agree on it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "data" / "dialects"
STRAND = (44, 41, 7, 8)

# file, dialect, tumour, normal, VAF source, strand, somatic status, caller's VAF
CALLERS = [
    ("clairs.vcf", "clairs", "SAMPLE", None, "AD 15/DP 100", None, None, 0.15),
    ("clairs_to.vcf", "clairs_to", "SAMPLE", None, "AD 15/(85+15)", None, "somatic (Verdict_Somatic)", 0.1485),
    ("deepsomatic.vcf", "deepsomatic", "S1", None, "AD 15/(85+15)", None, "somatic (FILTER PASS)", 0.15),
    ("dragen.vcf", "dragen", "BIOPSY_1", "BLOOD_1", "AD 15/(85+15)", STRAND, "somatic (SOMATIC)", 0.15),
    ("ensemble.vcf", "ensemble", "TUMOR", "NORMAL", "AD 15/(85+15) (read as allele depths)", None, None, 0.15),
    ("freebayes.vcf", "freebayes", "S1", None, "AO 15/(RO+AO 85+15)", STRAND, None, None),
    ("generic.vcf", "generic", "TUMOR", "NORMAL", "AD 15/(85+15) (read as allele depths)", None, None, None),
    ("lofreq.vcf", "lofreq", None, None, "DP4 (7+8)/DP 100", STRAND, None, 0.15),
    ("muse.vcf", "muse", "TUMOR", "NORMAL", "AD 15/(85+15)", None, "somatic (SS=2)", None),
    ("mutect1.vcf", "mutect1", "TUMOR", "NORMAL", "AD 15/(85+15)", None, "somatic (FILTER PASS)", 0.15),
    ("mutect2.vcf", "mutect2", "BIOPSY_1", "BLOOD_1", "AD 15/(85+15)", STRAND, None, 0.157),
    ("octopus.vcf", "octopus", "TUMOUR", "NORMAL", "AD 15/ADP 100", None, "somatic (HSS 0,0,1 of GT 0|0|1)", 0.15),
    ("pcgr_tcga.vcf", "pcgr_tcga", "TUMOUR_NORMAL", None, "ADT 15/(85+15)", None, None, 0.15),
    ("pindel.vcf", "pindel", "TUMOR", "NORMAL", "AD 15/(85+15)", None, None, None),
    ("pisces.vcf", "pisces", "S1.bam", None, "AD 15/DP 100", None, None, 0.15),
    ("radia.vcf", "radia", "DNA_TUMOR", "DNA_NORMAL", "AD 15/(85+15)", None, "somatic (SS=2)", 0.15),
    (
        "somaticsniper.vcf",
        "somaticsniper",
        "TUMOR",
        "NORMAL",
        "BCOUNT T 15/(85+0+0+15)",
        STRAND,
        "somatic (SS=2)",
        None,
    ),
    (
        "strelka_indel.vcf",
        "strelka",
        "TUMOR",
        "NORMAL",
        "TIR 15/(TAR+TIR 85+15), tier 1",
        None,
        "somatic (SOMATIC)",
        None,
    ),
    ("strelka_snv.vcf", "strelka", "TUMOR", "NORMAL", "TU 15/(AU+TU 85+15), tier 1", None, "somatic (SOMATIC)", None),
    ("tvc.vcf", "tvc", "IonXpress_001", None, "FAO 15/FDP 100", STRAND, None, 0.15),
    ("vardict.vcf", "vardict", "S1", "S1-match", "VD 15/DP 100", STRAND, "somatic (STATUS=StrongSomatic)", 0.15),
    ("varscan2.vcf", "varscan2", "TUMOR", "NORMAL", "AD 15/(RD+AD 85+15)", STRAND, "somatic (SS=2)", 0.15),
]
HAS_NORMAL = {"clairs.vcf": 60, "pcgr_tcga.vcf": 60, "strelka_indel.vcf": 58}


@pytest.mark.parametrize("case", CALLERS, ids=lambda c: c[0])
def test_every_caller_gives_the_same_vaf(vcf: Any, case: tuple[Any, ...]) -> None:
    name, dialect, tumour, normal, source, strand, status, caller_vaf = case
    opened = vcf.open(vcf.lines(FOLDER / name))
    assert opened.dialect.name == dialect
    roles = opened.roles()
    assert (roles.tumour, roles.normal) == (tumour, normal)
    (seen,) = opened.observations(roles)
    assert (seen.vaf, seen.depth, seen.alt_depth) == (0.15, 100, 15)
    assert seen.vaf_source == source
    assert seen.strand == strand
    assert seen.somatic_status == status
    assert seen.caller_vaf == caller_vaf
    if normal is not None or name in HAS_NORMAL:
        assert (seen.normal_vaf, seen.normal_depth) == (0.0, HAS_NORMAL.get(name, 60))
    else:
        assert (seen.normal_vaf, seen.normal_depth) == (None, None)
    assert seen.warnings == ()


@pytest.mark.parametrize("name", ["manta.vcf", "delly.vcf"])
def test_structural_callers_have_no_vaf(vcf: Any, name: str) -> None:
    opened = vcf.open(vcf.lines(FOLDER / name))
    assert opened.dialect.name == name.removesuffix(".vcf")
    (seen,) = opened.observations()
    assert (seen.vaf, seen.alt_depth, seen.normal_vaf) == (None, None, None)
    assert seen.vaf_source.startswith("not available: ")
    assert "no allele fraction" in seen.vaf_source


def _swap_columns(lines: list[str]) -> list[str]:
    swapped = []
    for line in lines:
        cells = line.split("\t")
        swapped.append(line if line.startswith("##") else "\t".join([*cells[:9], *reversed(cells[9:])]))
    return swapped


@pytest.mark.parametrize("name", [c[0] for c in CALLERS if c[3] is not None])
def test_the_order_of_columns_does_not_matter(vcf: Any, name: str) -> None:
    lines = vcf.lines(FOLDER / name)
    before, after = vcf.open(lines), vcf.open(_swap_columns(lines))
    assert before.header.samples == tuple(reversed(after.header.samples))
    assert before.roles() == after.roles()
    assert before.observations() == after.observations()


def test_every_dialect_has_a_fixture(vcf: Any) -> None:
    from targetboard.vcf.dialects import DIALECTS

    covered = {vcf.open(vcf.lines(path)).dialect.name for path in FOLDER.glob("*.vcf")}
    assert covered == {dialect.name for dialect in DIALECTS}
    assert [d.name for d in DIALECTS] == sorted(d.name for d in DIALECTS)
    assert {d.basis for d in DIALECTS} == {"real file", "from documentation"}
    assert all(d.documentation and d.title for d in DIALECTS)


def test_octopus_haplotype_frequency_where_no_depths_are_written(vcf: Any) -> None:
    opened = vcf.open(vcf.lines(FOLDER / "octopus.vcf"))
    (record,) = opened.records()
    kept = {"GT", "PS", "HSS", "MAP_HF"}
    bare = replace(
        record, samples={s: {k: v for k, v in values.items() if k in kept} for s, values in record.samples.items()}
    )
    from targetboard.vcf.dialects import observe

    seen = observe(opened.dialect, bare, 0, opened.roles())
    assert (seen.vaf, seen.depth, seen.alt_depth) == (0.15, None, None)
    assert seen.vaf_source == "MAP_HF 0.43,0.42,0.15, modelled haplotype frequency"
    assert seen.phase is not None
    assert seen.phase.haplotype == 2
