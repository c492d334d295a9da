"""Every real file: dialect, roles and values read by eye from its text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from targetboard.errors import UsageError
from targetboard.vcf.dialects import observe

pytestmark = pytest.mark.real_data


@dataclass(slots=True, frozen=True)
class Value:
    """Expected of one ALT: alt/depth as counted by hand, or None with words of the reason."""

    locus: tuple[str, int, int]
    vaf: tuple[int, int] | None
    normal: tuple[int, int] | None = None
    reason: str = ""
    status: str | None = None
    warns: str = ""


@dataclass(slots=True, frozen=True)
class Real:
    """One real file; ``asked`` are the names a user must give because the file does not tell."""

    file: str
    dialect: str
    tumour: str | None
    normal: str | None
    values: Sequence[Value]
    asked: tuple[str, str | None] | None = None


V = Value
TCGA_BRCA = "TCGA-A2-A04W-01A-31D-A10Y-09_TCGA-A2-A04W-10A-01D-A110-09"
TCGA_COAD = "TCGA-A6-2686-01A-01D-1408-10_TCGA-A6-2686-10A-01D-2188-10"
NO_READS = "no reads counted"

FILES = [
    Real(
        "bcbio_ensemble_ANN.cyvcf2.grch37.vcf.gz",
        "ensemble",
        "c-tumor2",
        "c-normal",
        [
            # VarDict record DP 38, VD 38; normal DP 66, VD 65
            V(("chr22", 15658, 0), (38, 38), (65, 66), status="germline (STATUS=Germline)"),
            # MuTect record AD 13,8 and 11,17
            V(("chr22", 16060, 0), (8, 21), (17, 28)),
            V(("chr22", 16068, 0), (1, 24), (5, 21)),
            # FreeBayes record RO 0, AO 968
            V(("chrM", 150, 0), (968, 968), (968, 968)),
        ],
    ),
    Real(
        "delly_sv.vcf2maf.grch37.vcf",
        "delly",
        "TUMOR",
        "NORMAL",
        [V(("21", 42843749, 0), None, reason="no allele fraction")],
    ),
    Real(
        "freebayes_ANN.ngs-bits.hg19.vcf.gz",
        "freebayes",
        "NA12878",
        None,
        [
            V(("chr1", 27687466, 0), (371, 722)),  # RO 351, AO 371; INFO AF says 0.5
            V(("chr1", 45797505, 0), (115, 228)),
            # split from a two-ALT record: INFO was split, FORMAT AO 60,46 was not
            V(("chr2", 215632255, 0), None, reason="AO '60,46' has 2 values for 1 ALT allele", warns="AO '60,46'"),
            V(("chr7", 6037057, 0), (11, 20), warns="AO 11/DP 23"),
        ],
    ),
    Real(
        "freebayes_cancer_EFF.bcbio.grch37.vcf.gz",
        "freebayes",
        "c-tumor",
        "c-normal",
        [
            V(("chr22", 222, 0), (64, 64), (37, 37)),
            V(("chr22", 5090, 0), None, reason="no field that counts reads (FORMAT 'GT')"),
            V(("chr22", 6025, 0), (54, 54), (72, 72)),
            V(("chr22", 12786, 0), (43, 52), (37, 45)),  # GT:AD only: 9,43 and 8,37
        ],
        asked=("c-tumor", "c-normal"),
    ),
    Real(
        "m2_phasing.oncotator.grch37.vcf",
        "mutect2",
        "TUMOR",
        "NORMAL",
        [
            V(("12", 100000, 0), (82, 150), (0, 210)),
            V(("12", 100001, 0), (80, 148), (0, 207)),
            V(("12", 100008, 0), (7, 158), (2, 200), status="in normal (FILTER alt_allele_in_normal)"),
        ],
    ),
    Real(
        "malformed_trailing_ws.oncotator.vcf",
        "generic",
        "PRIMARY",
        "NORMAL",
        [
            V(("1", 14930, 0), (6, 19), (10, 17), status="germline (SS=1)"),
            V(("1", 14933, 0), (0, 19), (2, 15), status="germline (SS=1)"),
        ],
    ),
    Real(
        "manta_events.mavis.vcf",
        "manta",
        "COLO829",
        "COLO829BL",
        [V(("1", 207981229, 0), None, reason="no allele fraction", status="somatic (SOMATIC)")],
        asked=("COLO829", "COLO829BL"),
    ),
    Real(
        "merged_tcga.vcf2maf.grch37.vcf",
        "ensemble",
        "TUMOR",
        "NORMAL",
        [
            # AD 50,15 beside DP 43, DP4 20,15,5,3 and FA 0.186: three callers, three counts
            V(("1", 2585243, 0), (15, 65), None, status="somatic (SS=2)", warns="AD 15/(50+15), DP 43"),
            V(("1", 2629005, 0), (6, 18), (0, 12), status="somatic (SS=2)", warns="VAF disagrees"),  # AU 6,8 CU 12,27
            V(("1", 4667996, 0), (5, 5), (0, 4)),  # CU 0,0 GU 5,5
            V(("1", 26158900, 0), (5, 6), (0, 4), warns="TIR 5/(TAR+TIR 1+5)"),  # its lone AD is 3
            V(("1", 150944742, 0), (2, 6), (0, 4)),  # DP4 2,2,1,1
            V(("1", 153352260, 0), None, reason="AD '6' has 1 value", warns="AD '6'"),
        ],
    ),
    Real(
        "multiallelic.vatools.vcf.gz",
        "generic",
        "H_NJ-HCC1395-HCC1395",
        None,
        [
            V(("chr17", 7675088, 0), None, reason="AD '0,95' has 2 values", warns="AD '0,95'"),
            V(("chr17", 7675088, 1), None, reason="AD '0,95' has 2 values", warns="AD '0,95'"),
        ],
    ),
    Real(
        "muse.vcf2maf.grch37.vcf",
        "muse",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 1289197, 0), (2, 11), (0, 21), status="somatic (SS=2)"),
            V(("1", 8715966, 0), (12, 142), (0, 104)),
            V(("2", 90414247, 0), (6, 55), (1, 60)),
        ],
    ),
    Real(
        "mutect1.vcf2maf.grch37.vcf",
        "mutect1",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 2453125, 0), (30, 205), (31, 191), status="rejected (FILTER REJECT)"),
            V(("1", 2587467, 0), (3, 14), (0, 4)),
            V(("1", 204429832, 0), (3, 42), (0, 43), status="somatic (SS=2)"),
            V(("1", 105508789, 0), None, (1, 1), reason=NO_READS),  # FA 0.00 of DP 0
            # the somatic call stands in the normal's column
            V(("10", 21124238, 0), (0, 14), (3, 15), status="reference (SS=0)", warns="columns may be swapped"),
        ],
    ),
    Real(
        "panel_vep_csq.ngs-bits.vcf",
        "freebayes",
        "NA12878_03",
        None,
        [V(("chr1", 27355990, 0), (86, 169)), V(("chr1", 27359572, 0), (198, 198))],
        asked=("NA12878_03", None),  # the header says IsTumor=no
    ),
    Real("pcgr_T001-BRCA.tcga.grch37.vcf.gz", "pcgr_tcga", TCGA_BRCA, None, [V(("1", 1900265, 0), (32, 144))]),
    Real("pcgr_T001-BRCA.tcga.grch38.vcf.gz", "pcgr_tcga", TCGA_BRCA, None, [V(("1", 1968826, 0), (32, 144))]),
    Real(
        "pcgr_T001-COAD.tcga.grch37.vcf.gz",
        "pcgr_tcga",
        TCGA_COAD,
        None,
        [
            V(("1", 17266528, 0), (7, 37)),  # ADT 30,7 beside DPT 39; TVAF is 7/37 too
            # PTEN: ADT 130,0 but TVAF 1.0, genotype 1/1
            V(("10", 89720716, 0), None, reason="ADT 0/(130+0) counts no read", warns="TVAF 1.0"),
        ],
    ),
    Real("pcgr_T001-COAD.tcga.grch38.vcf.gz", "pcgr_tcga", TCGA_COAD, None, [V(("1", 1042010, 0), (8, 29))]),
    Real(
        "pindel.vcf2maf.grch37.vcf",
        "pindel",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 16890971, 0), (4, 47), (0, 46), status="somatic (SS=2)"),
            V(("10", 8111432, 0), (52, 218), (0, 65), warns="AD '52'"),  # a VarScan record: RD 166, AD 52, 23.85%
        ],
    ),
    Real(
        "pisces_consensus.grch37.vcf",
        "pisces",
        "SRR5627625.bam.sorted.bam",
        None,
        [
            V(("1", 115256530, 0), None, reason="ALT '.' is not a variant allele"),
            V(("2", 25497924, 0), (15, 152)),
            V(("2", 198267360, 0), (2280, 8569)),  # AD 6272,2280 of DP 8569, VF 0.266
        ],
    ),
    Real(
        "radia.vcf2maf.grch37.vcf",
        "radia",
        "DNA_TUMOR",
        "DNA_NORMAL",
        [
            V(("1", 29651735, 0), (11, 106), (0, 117), status="somatic (SS=2)"),
            V(("1", 155294949, 0), (24, 185), (0, 181)),  # AD 159,24,1,1
            V(("2", 100916306, 0), (61, 71), (64, 64)),
            V(("2", 100916306, 1), (10, 71), (0, 64)),
        ],
    ),
    Real(
        "snpeff_cancer_ANN.grch37.vcf",
        "generic",
        "Patient_01_Somatic",
        "Patient_01_Germline",
        [V(("1", 69091, 0), None, reason="FORMAT 'GT'"), V(("1", 69091, 1), None, reason="FORMAT 'GT'")],
        asked=("Patient_01_Somatic", "Patient_01_Germline"),
    ),
    Real(
        "snpeff_panel.ngs-bits.hg19.vcf",
        "generic",
        "./Sample_GS120297A3/GS120297A3.bam",
        None,
        [
            V(("chr17", 72196817, 0), (22, 29)),  # INFO DP4 4,3,11,11
            V(("chr17", 72196887, 0), (28, 28)),
            V(("chr18", 67904672, 0), None, reason="DP4 does not tell 2 ALT alleles apart"),
        ],
    ),
    Real(
        "somatic_vep.pvactools.vcf.gz",
        "mutect2",
        "H_NJ-HCC1395-HCC1395",
        None,
        [
            V(("chr1", 1212740, 0), (22, 22)),
            V(("chr1", 52941964, 0), (31, 61)),
            V(("chr1", 167383891, 0), (49, 134)),
        ],
    ),
    Real(
        "somaticsniper.vcf2maf.grch37.vcf",
        "somaticsniper",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 1233886, 0), (4, 7), (0, 10), status="somatic (SS=2)"),
            V(("1", 16363237, 0), (18, 73), (3, 52)),
            V(("2", 100916306, 0), (11, 75), (0, 70)),  # A>C of A>C,G; BCOUNT 0,11,64,0
            V(("2", 100916306, 1), (64, 75), (70, 70)),
        ],
    ),
    Real(
        "strelka1.vcf2maf.grch37.vcf",
        "strelka",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 12170228, 0), (57, 57), (0, 76), status="somatic (SOMATIC)"),
            V(("1", 35944648, 0), (56, 58), (0, 78)),
            V(("3", 51475501, 0), (60, 125), (0, 90)),
            V(("2", 102626146, 0), (57, 76), (0, 87)),  # TIR 57,58 TAR 19,19; normal TAR 87,89
        ],
    ),
    Real(
        "strelka_somatic_missense.ClinVAP.vcf",
        "strelka",
        "TUMOR",
        "NORMAL",
        [V(("chr1", 118166116, 0), (25, 64), (0, 122)), V(("chr3", 185766627, 0), (62, 119), (1, 83))],
    ),
    Real(
        "strelka_varscan_pindel_vep.pvactools.grch37.vcf",
        "ensemble",
        "H_NJ-HCC1395-HCC1395",
        None,
        [
            # the lone AD of Strelka indels is TAR, the reads without the indel
            V(("2", 217498305, 0), (4, 94), status="somatic (SS=2)"),
            V(("6", 41754573, 0), (55, 67), warns="DP4 (28+26)"),
            V(("22", 17039505, 0), (10, 91)),  # DP4 37,44,6,4
            V(("22", 18346472, 0), (4, 51)),
            V(("22", 25030084, 0), (3, 4), warns="VAF disagrees"),
        ],
    ),
    Real(
        "tiny_b37.vcf2maf.vcf",
        "generic",
        "TUMOR",
        "NORMAL",
        [
            V(("21", 36164589, 0), (21, 54)),  # AD .,21 DP 54; normal .,.
            V(("21", 36164775, 0), (123, 901), (0, 482)),
            V(("21", 39947622, 0), (96, 319), (0, 442)),
        ],
    ),
    Real("tiny_b38.vcf2maf.vcf", "generic", "TUMOR", "NORMAL", [V(("21", 34792478, 0), (123, 901), (0, 482))]),
    Real(
        "vardict_badheader.BALSAMIC.vcf.gz",
        "vardict",
        "TUMOR",
        None,
        [
            V(("1", 934893, 0), (5, 993), status="somatic (STATUS=StrongSomatic)"),
            V(("1", 2488059, 0), (5, 553)),
        ],
    ),
    Real(
        "vardict_cancer_EFF.bcbio.grch37.vcf.gz",
        "vardict",
        "c-tumor",
        "c-normal",
        [
            V(("chr22", 222, 0), (64, 64), (37, 37), status="germline (STATUS=Germline)"),
            # AD 48,19 is GATK's; VarDict's VD 67 of DP 72 is its AF 0.931
            V(("chr22", 5090, 0), (67, 72), (62, 67), warns="AD 19/(48+19)"),
        ],
        asked=("c-tumor", "c-normal"),
    ),
    Real(
        "vardict_paired.VarDictJava.hg19.vcf",
        "vardict",
        "abc",
        "abc-match",
        [
            V(("20", 68384, 0), (2, 264), (0, 134), status="somatic (STATUS=StrongSomatic)"),
            V(("20", 896558, 0), (2, 319), (1, 152), status="somatic (STATUS=LikelySomatic)"),
            V(("20", 590542, 0), (34, 37), (9, 10), warns="AD 34/(0+34)"),
            V(("20", 62680040, 0), None, (2, 3), reason=NO_READS, status="undetermined (STATUS=Deletion)"),
        ],
    ),
    Real(
        "vardict_tumoronly.VarDictJava.hg19.vcf",
        "vardict",
        "abc",
        None,
        [V(("1", 69302, 0), (3, 611)), V(("1", 69428, 0), (37, 118)), V(("1", 3397062, 0), (19, 42))],
    ),
    Real(
        "varscan2.vcf2maf.grch37.vcf",
        "varscan2",
        "TUMOR",
        "NORMAL",
        [
            V(("1", 1991014, 0), (35, 91), (56, 115), status="germline (SS=1)"),  # 38.46%
            V(("1", 2328714, 0), (115, 115), (91, 91)),
            V(("1", 2584408, 0), (4, 13), (0, 11), status="somatic (SS=2)"),
        ],
    ),
    Real(
        "varscan_cancer_EFF.bcbio.grch37.vcf.gz",
        "varscan2",
        "c-tumor",
        "c-normal",
        [
            # AD 0,64 is GATK's pair: VarScan's own counts are DP4 0,0,29,24 and, in the normal, 0,0,17,15
            V(("chr22", 222, 0), (53, 53), (32, 32), status="germline (SS=1)", warns="AD '0,64'"),
            V(("chr22", 5090, 0), (52, 57), (45, 52)),
        ],
        asked=("c-tumor", "c-normal"),
    ),
]


def test_every_real_file_is_in_the_table(shared_data: Path) -> None:
    here = {p.name for p in (shared_data / "vcf").iterdir() if p.name.endswith((".vcf", ".vcf.gz"))}
    assert here == {real.file for real in FILES}


@pytest.mark.parametrize("real", FILES, ids=lambda r: r.file)
def test_real_file(vcf: Any, shared_data: Path, real: Real) -> None:
    opened = vcf.open(vcf.lines(shared_data / "vcf" / real.file))
    assert opened.dialect.name == real.dialect
    assert opened.dialect.basis == "real file"
    if real.asked is not None:
        with pytest.raises(UsageError):
            opened.roles()
    roles = opened.roles(*(real.asked or (None, None)))
    assert (roles.tumour, roles.normal) == (real.tumour, real.normal)
    expected = {value.locus: value for value in real.values}
    seen_loci = set()
    for record in opened.records():
        for index in range(len(record.alts)):
            seen = observe(opened.dialect, record, index, roles)
            assert seen.vaf_source
            for vaf in (seen.vaf, seen.normal_vaf, seen.caller_vaf):
                assert vaf is None or (0 <= vaf <= 1 and math.isfinite(vaf))
            assert (seen.vaf is None) == seen.vaf_source.startswith("not available: ")
            wanted = expected.get((record.chrom.strip(), record.pos, index))
            if wanted is not None:
                seen_loci.add(wanted.locus)
                _check(seen, wanted, real)
    assert seen_loci == set(expected)


def _check(seen: Any, wanted: Value, real: Real) -> None:
    place = f"{real.file} {wanted.locus}: {seen}"
    if wanted.vaf is None:
        assert seen.vaf is None, place
        assert seen.alt_depth is None, place
        assert wanted.reason, "a missing value needs its reason"
        assert wanted.reason in seen.vaf_source, place
    else:
        assert (seen.alt_depth, seen.depth) == wanted.vaf, place
        assert seen.vaf == float(Fraction(*wanted.vaf)), place
    if wanted.normal is not None:
        assert (seen.normal_vaf, seen.normal_depth) == (float(Fraction(*wanted.normal)), wanted.normal[1]), place
    if wanted.status is not None:
        assert seen.somatic_status == wanted.status, place
    if wanted.warns:
        assert any(wanted.warns in warning for warning in seen.warnings), place
    else:
        assert seen.warnings == (), place


def test_phase_of_the_real_mutect2_file(vcf: Any, shared_data: Path) -> None:
    opened = vcf.open(vcf.lines(shared_data / "vcf" / "m2_phasing.oncotator.grch37.vcf"))
    first, second, third = opened.observations()
    assert first.phase == second.phase
    assert first.phase is not None
    assert third.phase is None
    assert (first.caller_vaf, second.caller_vaf) == (0.538, 0.537)
