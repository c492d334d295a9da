"""One allele per ALT, in its shortest form and, where a FASTA is given, as far left as it goes.

Two spellings of one event become one allele, so that the knowledge tables need to hold it once. MNVs and delins are
never atomised: the protein change belongs to the whole event.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from targetboard.model import Allele, InputAllele, SourceRecord
from targetboard.vcf.bundled import run_bcftools
from targetboard.vcf.reference import Reference, ReferenceCheck, check_reference

__all__ = ["Reference", "ReferenceCheck", "check_reference", "classify_alt", "left_align", "split", "trim"]

NO_ALTERNATE = "no alternate allele"
SPANNING_DELETION = "spanning deletion"
BREAKEND = "breakend"
SYMBOLIC = "symbolic allele"
AMBIGUOUS_BASE = "ambiguous base (N or IUPAC code)"
NOT_BASES = "REF or ALT is not a sequence of bases"
SAME_AS_REFERENCE = "REF equals ALT"
TELOMERE = "telomere"

_BASES = re.compile(r"[ACGT]+", re.IGNORECASE)
_IUPAC = re.compile(r"[ACGTRYSWKMBDHVN]+", re.IGNORECASE)
_SYMBOLIC = re.compile(r"<[A-Za-z0-9_:.*+-]{1,40}>")
_NO_ALTERNATE = frozenset({"", ".", "<NON_REF>", "<*>"})


def split(record: SourceRecord) -> list[InputAllele]:
    """One input allele per ALT, as it came; a record without ALT gives one with ALT "." so that it is counted."""
    return [
        InputAllele(record.number, record.line, record.chrom, record.pos, record.ref, alt, index)
        for index, alt in enumerate(record.alts or (".",))
    ]


def classify_alt(ref: str, alt: str, pos: int | None = None, contig_length: int | None = None) -> str | None:
    """Why an allele is no small variant, or None if it is one.

    The reasons are keys of the ledger's ``unparsed``. VCF allows POS 0 and N+1 for telomeres; both need ``pos``, the
    second also ``contig_length`` in bases. Letter case does not matter.
    """
    if alt in _NO_ALTERNATE:
        return NO_ALTERNATE
    if alt == "*":
        return SPANNING_DELETION
    if alt.startswith("<"):
        return f"{SYMBOLIC} {alt}" if _SYMBOLIC.fullmatch(alt) else SYMBOLIC
    if "[" in alt or "]" in alt or (len(alt) > 1 and (alt.startswith(".") or alt.endswith("."))):
        return BREAKEND
    if pos is not None and (pos < 1 or (contig_length is not None and pos > contig_length)):
        return TELOMERE
    if not (_BASES.fullmatch(ref) and _BASES.fullmatch(alt)):
        return AMBIGUOUS_BASE if _IUPAC.fullmatch(ref) and _IUPAC.fullmatch(alt) else NOT_BASES
    return SAME_AS_REFERENCE if ref.upper() == alt.upper() else None


def trim(chrom: str, pos: int, ref: str, alt: str) -> Allele:
    """The parsimonious allele: shared bases are cut from the right, then from the left; none becomes empty.

    Parameters
    ----------
    chrom
        Harmonised chromosome name, taken over as it is.
    pos
        1-based position of the first base of ``ref``.
    ref, alt
        Bases in any case, for which :func:`classify_alt` gave None.
    """
    ref, alt = ref.upper(), alt.upper()
    longest = min(len(ref), len(alt)) - 1
    right = 0
    while right < longest and ref[-1 - right] == alt[-1 - right]:
        right += 1
    left = 0
    while left < longest - right and ref[left] == alt[left]:
        left += 1
    return Allele(chrom, pos + left, ref[left : len(ref) - right], alt[left : len(alt) - right])


def left_align(alleles: Sequence[Allele], reference: Reference, workdir: Path) -> list[Allele]:
    """Shift insertions and deletions to their leftmost position with the bundled ``bcftools norm``.

    Only pure insertions and deletions can move, so only those are written to the sites-only VCF that a child process
    normalises; without any, no process starts. An allele that the FASTA cannot check, that mismatches it, or that
    would come to lie on a reference N stays as it is.

    Parameters
    ----------
    alleles
        Trimmed alleles, in any order, duplicates allowed.
    reference
        The FASTA of the same assembly.
    workdir
        Existing directory for two temporary files, removed afterwards.

    Returns
    -------
    list of Allele
        Same length and order as ``alleles``.

    Raises
    ------
    MalformedInput
        bcftools refused the sites or crashed.
    """
    movable = [i for i, allele in enumerate(alleles) if _can_move(allele) and reference.check(allele) == "match"]
    aligned = list(alleles)
    if not movable:
        return aligned
    folder = workdir.resolve()
    source, target = folder / "left_align.in.vcf", folder / "left_align.out.vcf"
    try:
        source.write_text(_sites_vcf(alleles, movable, reference), encoding="ascii")
        arguments = [
            "--fasta-ref",
            str(reference.path),
            "--check-ref",
            "w",
            "--no-version",
            "-o",
            str(target),
            str(source),
        ]
        run_bcftools("norm", arguments, where=str(reference.path))
        for line in target.read_text(encoding="ascii").splitlines():
            if line.startswith("#"):
                continue
            _, pos, index, ref, alt, *_ = line.split("\t")
            moved = Allele(alleles[int(index)].chrom, int(pos), ref.upper(), alt.upper())
            if _BASES.fullmatch(moved.ref) and _BASES.fullmatch(moved.alt):
                aligned[int(index)] = moved
    finally:
        source.unlink(missing_ok=True)
        target.unlink(missing_ok=True)
    return aligned


def _can_move(allele: Allele) -> bool:
    """Whether the trimmed allele is a pure insertion or deletion: one side is the other's prefix or suffix."""
    short, long = sorted((allele.ref, allele.alt), key=len)
    return len(short) < len(long) and (long.startswith(short) or long.endswith(short))


def _sites_vcf(alleles: Sequence[Allele], indices: Sequence[int], reference: Reference) -> str:
    """A VCF without samples, sorted, whose ID column holds the index of the allele."""
    chroms = sorted({alleles[index].chrom for index in indices})
    names = {chrom: reference.name(chrom) or chrom for chrom in chroms}
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={names[chrom]},length={reference.length(chrom)}>" for chrom in chroms]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    for index in sorted(indices, key=lambda i: (alleles[i].chrom, alleles[i].pos, i)):
        allele = alleles[index]
        lines.append(f"{names[allele.chrom]}\t{allele.pos}\t{index}\t{allele.ref}\t{allele.alt}\t.\t.\t.")
    return "\n".join(lines) + "\n"
