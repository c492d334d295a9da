"""Names and lengths of human chromosomes in GRCh37 and GRCh38.

Lengths are those of the primary assemblies as in the FASTA index of the reference sequence; RefSeq accessions are those
of the NCBI assembly reports GCF_000001405.25 (GRCh37.p13) and GCF_000001405.40 (GRCh38.p14): every GRCh38 version is
one above the GRCh37 version. Both assemblies use the revised Cambridge mitochondrial sequence (NC_012920.1, 16,569
bases); UCSC's hg19 shipped an older one (16,571 bases) as chrM.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from targetboard.errors import BuildMismatch
from targetboard.model import Assembly, VcfHeader

MITOCHONDRION = "MT"
MITOCHONDRION_LENGTH = 16569
HG19_MITOCHONDRION_LENGTH = 16571

# chromosome, length in GRCh37, length in GRCh38, RefSeq accession, its version in GRCh37, its version in GRCh38
_CHROMOSOMES: tuple[tuple[str, int, int, str, int, int], ...] = (
    ("1", 249250621, 248956422, "NC_000001", 10, 11),
    ("2", 243199373, 242193529, "NC_000002", 11, 12),
    ("3", 198022430, 198295559, "NC_000003", 11, 12),
    ("4", 191154276, 190214555, "NC_000004", 11, 12),
    ("5", 180915260, 181538259, "NC_000005", 9, 10),
    ("6", 171115067, 170805979, "NC_000006", 11, 12),
    ("7", 159138663, 159345973, "NC_000007", 13, 14),
    ("8", 146364022, 145138636, "NC_000008", 10, 11),
    ("9", 141213431, 138394717, "NC_000009", 11, 12),
    ("10", 135534747, 133797422, "NC_000010", 10, 11),
    ("11", 135006516, 135086622, "NC_000011", 9, 10),
    ("12", 133851895, 133275309, "NC_000012", 11, 12),
    ("13", 115169878, 114364328, "NC_000013", 10, 11),
    ("14", 107349540, 107043718, "NC_000014", 8, 9),
    ("15", 102531392, 101991189, "NC_000015", 9, 10),
    ("16", 90354753, 90338345, "NC_000016", 9, 10),
    ("17", 81195210, 83257441, "NC_000017", 10, 11),
    ("18", 78077248, 80373285, "NC_000018", 9, 10),
    ("19", 59128983, 58617616, "NC_000019", 9, 10),
    ("20", 63025520, 64444167, "NC_000020", 10, 11),
    ("21", 48129895, 46709983, "NC_000021", 8, 9),
    ("22", 51304566, 50818468, "NC_000022", 10, 11),
    ("X", 155270560, 156040895, "NC_000023", 10, 11),
    ("Y", 59373566, 57227415, "NC_000024", 9, 10),
)

CHROMOSOMES: tuple[str, ...] = (*(row[0] for row in _CHROMOSOMES), MITOCHONDRION)
LENGTHS: Mapping[Assembly, Mapping[str, int]] = MappingProxyType(
    {
        Assembly.GRCH37: MappingProxyType({**{r[0]: r[1] for r in _CHROMOSOMES}, MITOCHONDRION: MITOCHONDRION_LENGTH}),
        Assembly.GRCH38: MappingProxyType({**{r[0]: r[2] for r in _CHROMOSOMES}, MITOCHONDRION: MITOCHONDRION_LENGTH}),
    }
)
ACCESSIONS: Mapping[Assembly, Mapping[str, str]] = MappingProxyType(
    {
        Assembly.GRCH37: MappingProxyType({f"{r[3]}.{r[4]}": r[0] for r in _CHROMOSOMES}),
        Assembly.GRCH38: MappingProxyType({f"{r[3]}.{r[5]}": r[0] for r in _CHROMOSOMES}),
    }
)

_CHROMOSOME_SET = frozenset(CHROMOSOMES)
_NUCLEAR_ACCESSION = re.compile(r"NC_0000(?:0[1-9]|1[0-9]|2[0-4])\.[0-9]+")
_MITOCHONDRIAL_ACCESSION = "NC_012920.1"
_PREFIXES = ("chr", "Chr", "CHR")


def other(assembly: Assembly) -> Assembly:
    """The assembly that ``assembly`` may be confused with."""
    return Assembly.GRCH38 if assembly is Assembly.GRCH37 else Assembly.GRCH37


def harmonise(name: str, assembly: Assembly) -> str | None:
    """Chromosome name without prefix (1…22, X, Y, MT), or None for a decoy, HLA, alternate or unplaced contig.

    Raises
    ------
    BuildMismatch
        ``name`` is the RefSeq accession of a human chromosome in another assembly.
    """
    if name in _CHROMOSOME_SET:
        return name
    if name.startswith(_PREFIXES):
        bare = name[3:]
        if bare in _CHROMOSOME_SET:
            return bare
        return MITOCHONDRION if bare == "M" else None
    if name in ("M", _MITOCHONDRIAL_ACCESSION):
        return MITOCHONDRION
    if name.startswith("NC_0000") and _NUCLEAR_ACCESSION.fullmatch(name):
        chromosome = ACCESSIONS[assembly].get(name)
        if chromosome is None:
            raise _wrong_accession(name, assembly)
        return chromosome
    return None


def _wrong_accession(name: str, assembly: Assembly) -> BuildMismatch:
    rival = other(assembly)
    belongs = rival.value if name in ACCESSIONS[rival] else f"neither {assembly.value} nor {rival.value}"
    remedy = f"State --assembly {rival.value}" if name in ACCESSIONS[rival] else "Lift the calls over, or call again"
    return BuildMismatch(
        f"contig {name} belongs to {belongs}, but the stated assembly is {assembly.value}", where=name, remedy=remedy
    )


def check_contig_lengths(header: VcfHeader, assembly: Assembly) -> tuple[str, ...]:
    """Compare the declared contig lengths with both assemblies.

    Lengths of nuclear chromosomes are counted by the assembly they equal. The other assembly wins, and the build is
    refused, if at least one length equals it and not fewer equal it than the stated one. Any single length that does
    not equal the stated assembly's is otherwise a warning.

    Returns
    -------
    tuple of str
        Warnings, as sentences.

    Raises
    ------
    BuildMismatch
        The declared lengths are those of the other assembly; the evidence is in the message.
    """
    expected, rival_lengths = LENGTHS[assembly], LENGTHS[other(assembly)]
    rival = other(assembly)
    same: list[str] = []
    rivals: list[str] = []
    warnings: list[str] = []
    for name, length in header.contigs.items():
        chromosome = harmonise(name, assembly)
        if chromosome is None or length is None:
            continue
        if chromosome == MITOCHONDRION:
            if length == HG19_MITOCHONDRION_LENGTH:
                warnings.append(
                    f"Contig {name} is {length} bases long: this is hg19's old mitochondrial sequence, "
                    f"whose positions differ from the revised Cambridge sequence ({MITOCHONDRION_LENGTH} bases)."
                )
            elif length != MITOCHONDRION_LENGTH:
                warnings.append(f"Contig {name} is declared {length} bases long, not {MITOCHONDRION_LENGTH}.")
            continue
        if length == expected[chromosome]:
            same.append(name)
            continue
        if length == rival_lengths[chromosome]:
            rivals.append(name)
        note = f" as in {rival.value}" if length == rival_lengths[chromosome] else ""
        warnings.append(
            f"Contig {name} is declared {length} bases long{note}, not {expected[chromosome]} as in {assembly.value}."
        )
    if rivals and len(rivals) >= len(same):
        first = rivals[0]
        raise BuildMismatch(
            f"{len(rivals)} declared contig lengths equal {rival.value} and {len(same)} equal {assembly.value} "
            f"(contig {first}: {header.contigs[first]} bases), but the stated assembly is {assembly.value}",
            where="contig lines of the header",
            remedy=f"State --assembly {rival.value} if that is the build the calls were made on",
        )
    return tuple(warnings)
