"""Which caller a header betrays, with the evidence, and when it is a merged file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from targetboard.vcf.dialects import recognise, recognition, recognition_evidence

MUTECT_FA = "Allele fraction of the alternate allele with regard to reference"
FA = f'##FORMAT=<ID=FA,Number=A,Type=Float,Description="{MUTECT_FA}">'


def _formats(*names: str) -> list[str]:
    return [f'##FORMAT=<ID={name},Number=1,Type=String,Description="x">' for name in names]


def _infos(*names: str) -> list[str]:
    return [f'##INFO=<ID={name},Number=1,Type=String,Description="x">' for name in names]


RECOGNISED = [
    (["##source=VarDict_v1.8.2"], "vardict", "##source=VarDict_v1.8.2"),
    (["##source=Mutect2", "##source=FilterMutectCalls"], "mutect2", "##source=Mutect2"),
    (['##GATKCommandLine=<ID=Mutect2,CommandLine="x">'], "mutect2", "##GATKCommandLine=<ID=Mutect2"),
    (["##GATKCommandLine=<ID=MuTect,Version=3.1>"], "mutect1", "##GATKCommandLine=<ID=MuTect,"),
    (["##source=/opt/strelka/bin/lofreq call -f strelka.fa"], "lofreq", "##source=/opt"),
    (["##source=ClairS-TO"], "clairs_to", "##source=ClairS-TO"),
    (["##source=ClairS"], "clairs", "##source=ClairS"),
    (['##source="tvc 5.10-12 (x) - Torrent Variant Caller"'], "tvc", "##source="),
    (["##source=octopus"], "octopus", "##source=octopus"),
    (["##octopus_version=0.6.3-beta"], "octopus", "##octopus_version"),
    (["##source=OctopuSV"], "generic", "no known caller"),
    (["##source=Samtools-Sniper-VarscanSomatic-Strelka"], "ensemble", "several callers are named: ##source=Samtools"),
    (["##source=VarScan2", "##source=Strelka"], "ensemble", "##source=VarScan2"),
    (["##source=VarScan2", *_infos("CALLERS")], "ensemble", "INFO CALLERS"),
    (["##source=Mutect2", *_infos("set")], "mutect2", "##source=Mutect2"),
    (_infos("set"), "ensemble", "INFO set"),
    (_formats("RD", "AD", "FREQ", "DP4") + _infos("SPV", "GPV"), "varscan2", "FORMAT RD AD FREQ DP4, INFO SPV GPV"),
    ([*_formats("AD", "BQ"), FA], "mutect1", "FORMAT AD BQ FA"),
    (_formats("AD", "BQ", "FA"), "generic", "no known caller"),
    (
        _formats("AU", "CU", "GU", "TU", "FDP", "SDP", "SUBDP", "IGT", "BCOUNT", "JGQ", "VAQ", "AMQ"),
        "ensemble",
        "Strelka",
    ),
    (
        [*_formats("AD", "VAF"), '##FILTER=<ID=GERMLINE,Description="x">', '##FILTER=<ID=RefCall,Description="x">'],
        "deepsomatic",
        "FILTER GERMLINE RefCall",
    ),
    ([], "generic", "no known caller"),
]


@pytest.mark.parametrize(
    ("lines", "name", "evidence"), RECOGNISED, ids=[f"{r[1]}-{i}" for i, r in enumerate(RECOGNISED)]
)
def test_recognition(vcf: Any, lines: list[str], name: str, evidence: str) -> None:
    header = vcf.header(*lines, samples=("A",))
    found = recognition(header)
    assert (found.dialect.name, recognise(header).name) == (name, name)
    assert found.evidence == recognition_evidence(header)
    assert evidence in found.evidence
    reordered = replace(header, lines=tuple(reversed(header.lines)))
    assert recognise(reordered).name == name


def test_fields_used_without_declaration_count(vcf: Any) -> None:
    header = replace(vcf.header(samples=("A",)), undeclared_format=("DPT", "ADT", "DPC", "ADC"))
    assert recognise(header).name == "pcgr_tcga"


def test_long_evidence_is_cut(vcf: Any) -> None:
    header = vcf.header("##source=strelka " + "x" * 500, samples=("A",))
    assert len(recognition_evidence(header)) < 100
