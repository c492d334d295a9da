"""The reading rules: what is refused, what is taken, and that nothing leaves the range 0…1."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from targetboard.model import SampleRoles
from targetboard.vcf.dialects import DIALECTS, observe
from targetboard.vcf.dialects.declaration import Rule, RuleKind
from targetboard.vcf.dialects.reading import Reading, Refusal, Severity, Site, apply, parse_count, parse_fraction
from targetboard.vcf.dialects.registry import dialect_named

ONE = Site("A", "T", 0, 1)
FIRST_OF_TWO, SECOND_OF_TWO = Site("A", "T", 0, 2), Site("A", "G", 1, 2)
INDEL = Site("AC", "A", 0, 1)
AD = Rule(RuleKind.ALLELE_DEPTHS, "AD")
AO = Rule(RuleKind.ALT_AND_REFERENCE, "AO", reference="RO")
AF = Rule(RuleKind.FRACTION, "AF", depth="DP")
FREQ = Rule(RuleKind.PERCENT, "FREQ", depth="DP")
DP4 = Rule(RuleKind.STRAND_COUNTS, "DP4")
BASES = Rule(RuleKind.BASE_COUNTS, "U")
BCOUNT = Rule(RuleKind.BASE_COUNT_LIST, "BCOUNT")
TIR = Rule(RuleKind.INDEL_TIERS, "TIR", reference="TAR")
VD = Rule(RuleKind.ALT_OVER_DEPTH, "VD", depth="DP")
MAP_HF = Rule(RuleKind.HAPLOTYPE_FREQUENCY, "MAP_HF")


@pytest.mark.parametrize(
    ("rule", "values", "site", "alt", "depth"),
    [
        (AD, {"AD": "60,20,20"}, FIRST_OF_TWO, 20, 100),
        (AD, {"AD": "60,15,25"}, SECOND_OF_TWO, 25, 100),
        (AD, {"AD": ".,21", "DP": "54"}, ONE, 21, 54),
        (AD, {"AD": "60,.,25", "DP": "100"}, SECOND_OF_TWO, 25, 100),
        (AO, {"AO": "15,25", "RO": "60"}, SECOND_OF_TWO, 25, 100),
        (AO, {"AO": "968", "RO": "0"}, ONE, 968, 968),
        (VD, {"VD": "67", "DP": "72"}, INDEL, 67, 72),
        (DP4, {"DP4": "44,41,7,8"}, ONE, 15, 100),
        (BASES, {"AU": "85,90", "TU": "15,20"}, ONE, 15, 100),
        (BASES, {"AU": "85", "TU": "15"}, ONE, 15, 100),
        (BASES, {"AU": "0,0", "TU": "57,57"}, Site("a", "t", 0, 1), 57, 57),
        (BCOUNT, {"BCOUNT": "85,3,2,10"}, ONE, 10, 100),
        (BCOUNT, {"BCOUNT": "0,11,64,0"}, Site("A", "G", 1, 2), 64, 75),
        (TIR, {"TIR": "57,58", "TAR": "19,19"}, INDEL, 57, 76),
    ],
)
def test_counts(rule: Rule, values: dict[str, str], site: Site, alt: int, depth: int) -> None:
    read = apply(rule, values, site)
    assert isinstance(read, Reading), read
    assert (read.alt, read.depth, read.vaf) == (alt, depth, alt / depth)


@pytest.mark.parametrize(
    ("rule", "text", "vaf"),
    [
        (FREQ, "38.46%", 0.3846),
        (FREQ, "100%", 1.0),
        (FREQ, "0%", 0.0),
        (AF, "0.0076", 0.0076),
        (AF, "1", 1.0),
        (AF, "1.", 1.0),
        (AF, "9.98E-3", 0.00998),
        (AF, ".5", 0.5),
    ],
)
def test_fraction_text_is_exact(rule: Rule, text: str, vaf: float) -> None:
    read = apply(rule, {rule.alt: text, "DP": "100"}, ONE)
    assert isinstance(read, Reading), read
    assert (read.vaf, read.alt, read.depth) == (vaf, None, 100)


@pytest.mark.parametrize(
    "text", ["nan", "NaN", "inf", "-inf", "-0.1", "1.2", "1e5", "0,30", "30%", "0.3.0", "٠.٣", "1_0"]
)
def test_impossible_fractions_are_refused_not_zero(vcf: Any, text: str) -> None:
    seen = observe(dialect_named("mutect2"), vcf.record("GT:AF", f"0/1:{text}"), 0, SampleRoles("T", None, "test"))
    assert seen.vaf is None
    assert seen.vaf_source.startswith("not available: AF ")
    assert any(warning.startswith("not used: AF ") for warning in seen.warnings)


def test_decimal_comma_is_named_and_counts_still_serve(vcf: Any) -> None:
    roles = SampleRoles("T", None, "test")
    seen = observe(dialect_named("mutect2"), vcf.record("GT:AD:AF", "0/1:70,30:0,30"), 0, roles)
    assert (seen.vaf, seen.caller_vaf) == (0.3, None)
    assert seen.warnings == ("not used: AF '0,30' has 2 values where 1 belong (decimal comma?)",)
    seen = observe(dialect_named("varscan2"), vcf.record("GT:FREQ", "0/1:38,46%"), 0, roles)
    assert seen.vaf is None
    assert "decimal comma" in seen.vaf_source


@pytest.mark.parametrize(
    ("rule", "values", "site", "severity", "reason"),
    [
        (AD, {}, ONE, Severity.ABSENT, "AD is not given"),
        (AD, {"AD": "."}, ONE, Severity.EMPTY, "AD is missing ('.')"),
        (AD, {"AD": ".,."}, ONE, Severity.EMPTY, "AD is missing ('.,.')"),
        (AD, {"AD": "21,."}, ONE, Severity.EMPTY, "AD is missing ('.')"),
        (AD, {"AD": ".,21"}, ONE, Severity.ABSENT, "DP is not given"),
        (AD, {"AD": "0,0"}, ONE, Severity.EMPTY, "no reads counted (AD 0/(0+0))"),
        (AD, {"AD": "0,95"}, SECOND_OF_TWO, Severity.SHAPE, "2 values for the reference and 2 ALT alleles"),
        (AD, {"AD": "90"}, ONE, Severity.SHAPE, "1 value for the reference and 1 ALT allele"),
        (AD, {"AD": "10,-3"}, ONE, Severity.BAD, "'-3' is not a read count"),
        (AD, {"AD": "10,3.5"}, ONE, Severity.BAD, "'3.5' is not a read count"),
        (AD, {"AD": "9" * 5000 + ",1"}, ONE, Severity.BAD, "is not a read count"),
        (VD, {"VD": "12", "DP": "10"}, ONE, Severity.BAD, "more alternate reads than reads (VD 12/DP 10)"),
        (DP4, {"DP4": "0,0,37,38"}, FIRST_OF_TWO, Severity.EMPTY, "does not tell 2 ALT alleles apart"),
        (BASES, {"AU": "85,90", "TU": "15,20"}, INDEL, Severity.EMPTY, "single-base substitutions only"),
        (BASES, {}, ONE, Severity.ABSENT, "AU is not given"),
        (FREQ, {"FREQ": "0.4"}, ONE, Severity.SHAPE, "not a percentage"),
        (FREQ, {"FREQ": "140%"}, ONE, Severity.BAD, "not a percentage"),
        (FREQ, {"FREQ": "-3%"}, ONE, Severity.BAD, "not a percentage"),
        (AF, {"AF": "0.00", "DP": "0"}, ONE, Severity.EMPTY, "no reads counted (DP 0)"),
        (MAP_HF, {"MAP_HF": "0.7,0.7", "GT": "1|1"}, ONE, Severity.BAD, "adds up to more than 1"),
        (MAP_HF, {"MAP_HF": "0.7,0.3", "GT": "0|0|1"}, ONE, Severity.SHAPE, "3 haplotypes"),
    ],
)
def test_refusals(rule: Rule, values: dict[str, str], site: Site, severity: Severity, reason: str) -> None:
    refused = apply(rule, values, site)
    assert isinstance(refused, Refusal), refused
    assert refused.severity is severity
    assert reason in refused.reason
    assert len(refused.reason) < 200


def test_sanity_warnings_show_both_values(vcf: Any) -> None:
    roles = SampleRoles("T", None, "test")
    mutect2 = dialect_named("mutect2")
    seen = observe(mutect2, vcf.record("AD:AF:DP", "50,50:0.44:100"), 0, roles)
    assert seen.warnings == ("VAF disagrees: AD 50/(50+50) = 0.5000, but AF 0.44 as the caller states it = 0.4400",)
    assert observe(mutect2, vcf.record("AD:AF:DP", "50,50:0.45:100"), 0, roles).warnings == ()
    assert observe(mutect2, vcf.record("AD:DP", "55,50:100"), 0, roles).warnings == ()
    seen = observe(mutect2, vcf.record("AD:DP", "56,50:100"), 0, roles)
    assert seen.warnings == ("counted reads exceed the depth: AD 50/(56+50), DP 100",)


def test_no_counted_read_against_a_stated_fraction_is_not_evaluable(vcf: Any) -> None:
    record = vcf.record("ADT:DPT", "130,0:130", info="TVAF=1.0;TDP=130")
    seen = observe(dialect_named("pcgr_tcga"), record, 0, SampleRoles("T", None, "test"))
    assert (seen.vaf, seen.alt_depth, seen.depth) == (None, None, 130)
    assert seen.vaf_source.startswith("not available: ADT 0/(130+0) counts no read of the allele, but TVAF 1.0")


def test_info_af_is_never_a_vaf_but_for_lofreq(vcf: Any) -> None:
    single = vcf.record("GT", "0/1", info="AF=0.5;DP=100")
    bare = vcf.record(info="AF=0.5;DP=100")
    for dialect in DIALECTS:
        roles = SampleRoles("T", None, "test")
        if dialect.name != "lofreq":
            assert observe(dialect, single, 0, roles).vaf is None, dialect.name
            assert observe(dialect, bare, 0, SampleRoles(None, None, "none")).vaf is None, dialect.name
    assert observe(dialect_named("lofreq"), bare, 0, SampleRoles(None, None, "none")).vaf == 0.5


def test_info_of_several_samples_is_not_read(vcf: Any) -> None:
    record = vcf.record("GT", "0/1", "0/0", samples=("T", "N"), info="DP4=10,10,10,10")
    seen = observe(dialect_named("generic"), record, 0, SampleRoles("T", "N", "test"))
    assert (seen.vaf, seen.strand) == (None, None)
    seen = observe(
        dialect_named("generic"), vcf.record("GT", "0/1", info="DP4=10,10,10,10"), 0, SampleRoles("T", None, "")
    )
    assert (seen.vaf, seen.strand) == (0.5, (10, 10, 10, 10))


@pytest.mark.parametrize("alt", [".", "*", "<NON_REF>", "<*>"])
def test_alts_that_are_no_allele_have_no_vaf(vcf: Any, alt: str) -> None:
    record = vcf.record("AD:VF:DP", "90,10:0.1:100", alt=alt)
    seen = observe(dialect_named("pisces"), record, 0, SampleRoles("T", None, "test"))
    assert (seen.vaf, seen.depth) == (None, 100)
    assert "is not a variant allele" in seen.vaf_source


def test_swapped_columns_leave_a_trace(vcf: Any) -> None:
    record = vcf.record("VD:DP", "0:60", "15:100", samples=("N", "T"), info="SAMPLE=N")
    seen = observe(dialect_named("vardict"), record, 0, SampleRoles("T", "N", "test"))
    assert any("INFO SAMPLE names 'N'" in warning for warning in seen.warnings)
    record = vcf.record("AD:SS", "85,15:2", "60,0:0", samples=("N", "T"))
    seen = observe(dialect_named("mutect1"), record, 0, SampleRoles("T", "N", "test"))
    assert any("SS=2 (somatic) stands in 'N'" in warning for warning in seen.warnings)
    record = vcf.record("AD:SS", "60,0:2", "85,15:2", samples=("N", "T"))  # Pindel marks both columns
    assert observe(dialect_named("pindel"), record, 0, SampleRoles("T", "N", "test")).warnings == ()


@pytest.mark.parametrize(
    ("dialect", "filter_", "info", "format_", "values", "status"),
    [
        ("varscan2", "PASS", "SS=1", "GT", "0/1", "germline (SS=1)"),
        ("varscan2", "PASS", "SS=3", "GT", "0/1", "LOH (SS=3)"),
        ("varscan2", "PASS", "SS=0", "GT", "0/1", "reference (SS=0)"),
        ("varscan2", "PASS", "SS=9", "GT", "0/1", "unknown (SS=9)"),
        ("vardict", "PASS", "STATUS=LikelyLOH", "GT", "0/1", "LOH (STATUS=LikelyLOH)"),
        ("vardict", "PASS", "STATUS=AFDiff", "GT", "0/1", "undetermined (STATUS=AFDiff)"),
        ("mutect1", "REJECT", ".", "GT", "0/1", "rejected (FILTER REJECT)"),
        ("mutect2", "germline;weak_evidence", ".", "GT", "0/1", "germline (FILTER germline)"),
        ("deepsomatic", "GERMLINE", ".", "GT", "1/1", "germline (FILTER GERMLINE)"),
        ("clairs_to", "LowQual", "Verdict_Germline", "GT", "0/1", "germline (Verdict_Germline)"),
        ("clairs_to", "NonSomatic", ".", "GT", "0/1", "not somatic (FILTER NonSomatic)"),
        ("dragen", "PASS", "GermlineStatus=Germline_DB", "GT", "0/1", "germline (GermlineStatus=Germline_DB)"),
        ("somaticsniper", "PASS", ".", "GT:SS", "0/1:3", "LOH (SS=3)"),
        ("octopus", "PASS", "SOMATIC", "GT:HSS", "1|0|1:0,0,1", "germline (HSS 0,0,1 of GT 1|0|1)"),
        ("octopus", "PASS", ".", "GT:HSS", "0|1:0,0", "germline (HSS 0,0 of GT 0|1)"),
        ("freebayes", ".", ".", "GT", "0/1", None),
    ],
)
def test_somatic_status(
    vcf: Any, dialect: str, filter_: str, info: str, format_: str, values: str, status: str | None
) -> None:
    record = vcf.record(format_, values, info=info, filter_=filter_)
    seen = observe(dialect_named(dialect), record, 0, SampleRoles("T", None, "test"))
    assert seen.somatic_status == status


def test_a_lone_ad_beside_indel_tiers_is_passed_over(vcf: Any) -> None:
    roles = SampleRoles("T", None, "test")
    record = vcf.record("GT:AD:DP:TAR:TIR", "0/1:90:101:90,91:4,4", ref="T", alt="TG")
    seen = observe(dialect_named("ensemble"), record, 0, roles)
    assert (seen.vaf_source, seen.warnings) == ("TIR 4/(TAR+TIR 90+4), tier 1 (read as indel counts, tier 1)", ())
    record = vcf.record("GT:AD:RD:DP4", "0/1:85,15:85:44,41,7,8")
    seen = observe(dialect_named("varscan2"), record, 0, roles)
    assert seen.vaf_source == "DP4 (7+8)/(44+41+7+8)"
    assert seen.warnings == ("not used: AD '85,15' has 2 values for 1 ALT allele",)


def test_strand_of_several_alts(vcf: Any) -> None:
    roles = SampleRoles("T", None, "test")
    record = vcf.record("FAO:FDP:FSRF:FSRR:FSAF:FSAR", "15,5:100:40:40:7,2:8,3", alt="T,G")
    assert observe(dialect_named("tvc"), record, 0, roles).strand == (40, 40, 7, 8)
    assert observe(dialect_named("tvc"), record, 1, roles).strand == (40, 40, 2, 3)
    record = vcf.record("AD:SB", "80,15,5:40,40,10,10", alt="T,G")
    assert observe(dialect_named("mutect2"), record, 0, roles).strand is None


def test_octopus_before_haplotype_marks(vcf: Any) -> None:
    record = vcf.record("GT:DP:MAP_VAF:VAF_CR:AF", "0|0|1:2098:0.9:0.89,0.91:0.430", info="SOMATIC")
    seen = observe(dialect_named("octopus"), record, 0, SampleRoles("T", None, "test"))
    assert (seen.vaf, seen.depth, seen.somatic_status) == (0.9, 2098, "somatic (SOMATIC)")
    assert seen.vaf_source == "MAP_VAF 0.9 as the caller states it"


def test_phase_is_passed_on(vcf: Any) -> None:
    roles = SampleRoles("T", None, "test")
    first = observe(dialect_named("mutect2"), vcf.record("GT:AD:PGT:PID", "0/1:5,5:0|1:100_T_A"), 0, roles)
    second = observe(dialect_named("mutect2"), vcf.record("GT:AD", "0/1:5,5"), 0, roles)
    assert first.phase is not None
    assert first.phase.haplotype == 1
    assert "100_T_A" in first.phase.set_id
    assert second.phase is None


# Any text at all: a caller's file may be cut, edited in a spreadsheet or made to harm.
_FIELDS = (
    "AD",
    "AF",
    "DP",
    "VD",
    "RD",
    "AO",
    "RO",
    "FAO",
    "FDP",
    "FREQ",
    "DP4",
    "BCOUNT",
    "AU",
    "CU",
    "GU",
    "TU",
    "TIR",
)
_FIELDS += (
    "TAR",
    "FA",
    "VF",
    "VAF",
    "ADT",
    "DPT",
    "TVAF",
    "TDP",
    "ADP",
    "MAP_HF",
    "GT",
    "HSS",
    "SS",
    "PGT",
    "PID",
    "PS",
)
_number = st.one_of(
    st.integers(-3, 10**6).map(str),
    st.floats().map(str),
    st.decimals(allow_nan=True).map(str),
    st.sampled_from([".", "", "NA", "0", "1e400", "0.5%", "50%", "0x1", "١"]),
    st.text(max_size=8),
)
_cell = st.lists(_number, min_size=1, max_size=5).map(",".join)


@given(
    st.sampled_from(DIALECTS),
    st.dictionaries(st.sampled_from(_FIELDS), _cell),
    st.dictionaries(st.sampled_from(_FIELDS), _cell),
    st.sampled_from([("A", "T"), ("A", "T,G"), ("AC", "A"), ("A", "<DEL>"), ("A", ".")]),
    st.booleans(),
)
def test_any_text_gives_none_or_a_fraction(
    vcf: Any, dialect: Any, values: dict[str, str], info: dict[str, str], alleles: tuple[str, str], has_samples: bool
) -> None:
    from dataclasses import replace

    record = vcf.record("GT", ".", ".", samples=("T", "N"), ref=alleles[0], alt=alleles[1])
    samples = {"T": values, "N": values} if has_samples else {}
    record = replace(record, info=info, samples=samples)
    roles = SampleRoles("T", "N", "test") if has_samples else SampleRoles(None, None, "test")
    for index in range(len(record.alts)):
        seen = observe(dialect, record, index, roles)
        for value in (seen.vaf, seen.normal_vaf, seen.caller_vaf):
            assert value is None or (0.0 <= value <= 1.0 and math.isfinite(value))
        assert seen.vaf_source
        assert (seen.vaf is None) == seen.vaf_source.startswith("not available: ")
        assert all(d is None or d >= 0 for d in (seen.depth, seen.alt_depth, seen.normal_depth))
        assert all(warning.isprintable() for warning in seen.warnings)


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_counts_give_their_exact_ratio(alt: int, ref: int) -> None:
    read = apply(AD, {"AD": f"{ref},{alt}"}, ONE)
    if alt + ref == 0:
        assert isinstance(read, Refusal)
    else:
        assert isinstance(read, Reading)
        assert read.vaf == alt / (alt + ref)


@given(st.text())
def test_parsers_never_raise(text: str) -> None:
    count, fraction = parse_count(text), parse_fraction(text)
    assert count is None or count >= 0
    assert fraction is None or Decimal(0) <= fraction <= 1
