"""The reference genome as a FASTA, and whether a VCF belongs to it.

A reference N, an IUPAC code or a contig the FASTA lacks says nothing about an allele: such a site is "unchecked",
never a mismatch, so a FASTA that covers only the panel's genes works as well as a whole genome.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from targetboard.errors import BuildMismatch, MalformedInput, UsageError
from targetboard.model import Allele, Assembly
from targetboard.vcf.contigs import CHROMOSOMES

CheckResult = Literal["match", "mismatch", "unchecked"]

_BASES = frozenset("ACGT")

# When REF mismatches mean "another build" rather than a few odd records. In real files of the wrong build 38-100 % of
# the checkable sites mismatched, in files of the right one none of more than a thousand: half or more is never chance,
# and from two on a tenth is no isolated slip either.
MISMATCHES_TO_REFUSE = 2
MISMATCH_SHARE_TO_REFUSE = 0.10
MISMATCH_SHARE_TO_REFUSE_ONE = 0.50
# Evidence without a FASTA: independent loci (another chromosome, or this far apart) that only the other build explains.
LOCI_TO_REFUSE = 2
LOCUS_DISTANCE = 1_000_000
GENOME_BASES = 3_100_000_000
_LISTED = 5
_WINDOW = 16_384


class Reference:
    """Random access to an indexed FASTA by harmonised chromosome name (1…22, X, Y, MT).

    The FASTA may name its chromosomes ``7`` or ``chr7``, ``MT`` or ``chrM``, in upper or lower case bases (soft
    masking). Use it as a context manager, or call :meth:`close`.

    Raises
    ------
    UsageError
        The FASTA or its index (``.fai``, and ``.gzi`` beside a bgzip file) is missing, or no contig is a human
        chromosome.
    """

    def __init__(self, fasta: Path) -> None:
        self.path = fasta
        _require_index(fasta)
        try:
            import pysam  # only where a reference is read: loading it takes its time

            self._file = pysam.FastaFile(str(fasta))
        except (OSError, ValueError) as error:
            raise UsageError(
                "the FASTA cannot be opened", where=str(fasta), remedy="Give a plain or bgzip FASTA and index it anew"
            ) from error
        self._names = _by_chromosome(self._file.references)
        if not self._names:
            raise UsageError(
                "no contig of the FASTA is named like a human chromosome (7 or chr7)",
                where=str(fasta),
                remedy="Give the reference genome the VCF was called against",
            )
        self._window = ("", 0, "")  # chromosome, bases before it, bases: neighbours in a sorted VCF are read once
        self._lengths = {chrom: self._file.get_reference_length(name) for chrom, name in self._names.items()}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the FASTA."""
        self._file.close()

    def name(self, chrom: str) -> str | None:
        """The FASTA's own name of a chromosome, or None if it lacks it."""
        return self._names.get(chrom)

    def length(self, chrom: str) -> int | None:
        """Length of a chromosome in bases, or None if the FASTA lacks it."""
        return self._lengths.get(chrom)

    def fetch(self, chrom: str, start: int, end: int) -> str:
        """Bases ``start`` … ``end`` (1-based, both included) in upper case.

        Empty if the FASTA lacks the chromosome; shorter than asked where the span leaves the chromosome.

        Raises
        ------
        MalformedInput
            The FASTA is damaged there.
        """
        name = self._names.get(chrom)
        first, last = max(start, 1), min(end, self._lengths.get(chrom, 0))
        if name is None or last < first:
            return ""
        if (last - 1) // _WINDOW != (first - 1) // _WINDOW:
            return self._read(chrom, name, first, last)
        offset = (first - 1) // _WINDOW * _WINDOW
        if self._window[:2] != (chrom, offset):
            self._window = (chrom, offset, self._read(chrom, name, offset + 1, offset + _WINDOW))
        return self._window[2][first - 1 - offset : last - offset]

    def _read(self, chrom: str, name: str, start: int, end: int) -> str:
        """Bases of the file itself, upper case."""
        try:
            return self._file.fetch(name, start - 1, end).upper()
        except (OSError, ValueError) as error:
            raise MalformedInput(
                f"the FASTA cannot be read at {chrom}:{start}-{end}",
                where=str(self.path),
                remedy="Restore the file and index it anew",
            ) from error

    def check(self, allele: Allele) -> CheckResult:
        """Whether REF is what the FASTA has there; "unchecked" where the FASTA cannot tell.

        A base that is neither A, C, G nor T in the FASTA is skipped; any other base that differs is a mismatch.
        """
        there = self.fetch(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)
        if allele.pos < 1 or len(there) < len(allele.ref):
            return "unchecked"
        if any(base in _BASES and base != stated for base, stated in zip(there, allele.ref, strict=True)):
            return "mismatch"
        return "match" if _BASES.issuperset(there) else "unchecked"


@dataclass(slots=True, frozen=True)
class ReferenceCheck:
    """Outcome of comparing REF with the FASTA.

    ``checked`` counts alleles whose REF could be compared; ``mismatched`` and ``unchecked`` are indices into the
    alleles that were given. ``message`` is one sentence for the limitations, ``warnings`` name the mismatched alleles.
    """

    checked: int
    mismatched: tuple[int, ...]
    unchecked: tuple[int, ...]
    message: str
    warnings: tuple[str, ...] = ()


def check_reference(alleles: Sequence[Allele], reference: Reference, assembly: Assembly) -> ReferenceCheck:
    """Compare every REF with the FASTA; refuse another build, quarantine isolated mismatches.

    The VCF is refused when, counted over checkable sites (chromosome, position and REF, so that a multiallelic record
    counts once), at least two mismatch and they are 10 % or more, or one mismatches and it is half of the sites or all.
    Fewer are isolated: the caller leaves them out with the ledger reason "reference mismatch". The mitochondrion is
    left out of the count, since hg19 carries another mitochondrial sequence than GRCh37.

    Parameters
    ----------
    alleles
        Trimmed alleles of one VCF, chromosome names harmonised.
    reference
        The FASTA given with the VCF.
    assembly
        The stated assembly; named in the message only.

    Raises
    ------
    BuildMismatch
        The VCF or the FASTA belongs to another build; the share of mismatches is stated.
    """
    results = [reference.check(allele) for allele in alleles]
    mismatched = tuple(index for index, result in enumerate(results) if result == "mismatch")
    unchecked = tuple(index for index, result in enumerate(results) if result == "unchecked")
    _refuse_another_build(alleles, results, reference, assembly)
    checked = len(alleles) - len(unchecked)
    message = (
        f"REF agrees with the reference at {checked - len(mismatched)} of {checked} alleles that could be compared"
    )
    if unchecked:
        message += f"; {len(unchecked)} could not be compared (the reference has no sequence there)"
    return ReferenceCheck(
        checked=checked,
        mismatched=mismatched,
        unchecked=unchecked,
        message=message,
        warnings=tuple(_mismatch_text(alleles[index], reference) for index in mismatched),
    )


def _refuse_another_build(
    alleles: Sequence[Allele], results: Sequence[CheckResult], reference: Reference, assembly: Assembly
) -> None:
    """Apply the rule of :func:`check_reference` to nuclear sites."""
    sites: dict[tuple[str, int, str], tuple[CheckResult, int]] = {}
    for index, (allele, result) in enumerate(zip(alleles, results, strict=True)):
        if allele.chrom != "MT" and result != "unchecked":
            sites.setdefault((allele.chrom, allele.pos, allele.ref), (result, index))
    odd = [index for result, index in sites.values() if result == "mismatch"]
    if not odd:
        return
    share = len(odd) / len(sites)
    enough = MISMATCH_SHARE_TO_REFUSE if len(odd) >= MISMATCHES_TO_REFUSE else MISMATCH_SHARE_TO_REFUSE_ONE
    if share >= enough:
        examples = "; ".join(_mismatch_text(alleles[index], reference) for index in odd[:_LISTED])
        more = f" and {len(odd) - _LISTED} more" if len(odd) > _LISTED else ""
        raise BuildMismatch(
            f"REF differs from the reference at {len(odd)} of {len(sites)} sites that could be compared ({share:.0%}), "
            f"although the assembly is stated as {assembly}: {examples}{more}",
            where=str(reference.path),
            remedy="Give the assembly and the FASTA the VCF was called against",
        )


def _mismatch_text(allele: Allele, reference: Reference) -> str:
    """Name the allele and what the reference has; a swapped SNV is named as such."""
    there = reference.fetch(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)
    text = f"{allele.chrom}:{allele.pos} REF {_short(allele.ref)}, reference {_short(there)}"
    swapped = len(allele.ref) == len(allele.alt) == 1 and there == allele.alt
    return f"{text} (REF and ALT look swapped)" if swapped else text


def _short(bases: str) -> str:
    """At most twenty bases of a long allele."""
    return bases if len(bases) <= 20 else f"{bases[:20]}… ({len(bases)} bases)"


def build_evidence(
    alleles: Sequence[Allele],
    stated: Mapping[tuple[str, int], str],
    other: Mapping[tuple[str, int], str],
    *,
    sites: int = 0,
) -> str | None:
    """Evidence, without a FASTA, that the alleles belong to the other assembly.

    A site speaks for an assembly when its REF equals the REF that the knowledge tables hold there in that assembly and
    the other assembly's tables do not hold the same: JAK2 V617F stands at 9:5073770 in both builds and says nothing.
    Sites closer than 1 Mb count as one locus. The other build is called only by two or more loci, beyond what chance
    would place on its positions, and with ten times the loci that speak for the stated one. One site never suffices.

    Parameters
    ----------
    alleles
        Trimmed alleles of one VCF.
    stated, other
        Position ``(chromosome, position)`` to REF of known alleles, in the stated and in the other assembly.
    sites
        Number of positions in the VCF, where ``alleles`` holds only those at known positions.

    Returns
    -------
    str or None
        A sentence naming the sites, to raise :class:`BuildMismatch` with; None if there is no such evidence.
    """
    for_other: set[tuple[str, int]] = set()
    for_stated: set[tuple[str, int]] = set()
    positions: set[tuple[str, int]] = set()
    for allele in alleles:
        site = (allele.chrom, allele.pos)
        positions.add(site)
        fits_stated = _same_ref(allele.ref, stated.get(site))
        fits_other = _same_ref(allele.ref, other.get(site))
        if fits_other and not fits_stated:
            for_other.add(site)
        elif fits_stated and not fits_other:
            for_stated.add(site)
    by_chance = max(len(positions), sites) * len(other) / GENOME_BASES
    loci_other, loci_stated = _loci(for_other), _loci(for_stated)
    if len(loci_other) < max(LOCI_TO_REFUSE, 10 * by_chance) or len(loci_other) <= 10 * len(loci_stated):
        return None
    listed = ", ".join(f"{chrom}:{pos}" for chrom, pos in loci_other[:_LISTED])
    return (
        f"{len(loci_other)} loci carry the known position and REF of the other assembly ({listed}), "
        f"{len(loci_stated)} those of the stated one"
    )


def _same_ref(ref: str, known: str | None) -> bool:
    """Whether two REF alleles at one position agree over the shorter one."""
    return known is not None and (ref.startswith(known) or known.startswith(ref))


def _loci(sites: set[tuple[str, int]]) -> list[tuple[str, int]]:
    """The first site of each run of sites on one chromosome that lie less than 1 Mb apart."""
    loci: list[tuple[str, int]] = []
    before: tuple[str, int] | None = None
    for site in sorted(sites):
        if before is None or before[0] != site[0] or site[1] - before[1] >= LOCUS_DISTANCE:
            loci.append(site)
        before = site
    return loci


def _by_chromosome(names: Sequence[str]) -> dict[str, str]:
    """Harmonised chromosome to the FASTA's name; where both ``7`` and ``chr7`` exist, the plain one is taken."""
    found: dict[str, str] = {}
    for name in names:
        plain = name[3:] if name.lower().startswith("chr") else name
        chrom = "MT" if plain in ("M", "MT") else plain
        if chrom in CHROMOSOMES and (chrom not in found or name == chrom):
            found[chrom] = name
    return found


def _require_index(fasta: Path) -> None:
    """Refuse a FASTA without index: building it here would race with other samples of the run."""
    if not fasta.is_file():
        raise UsageError("the FASTA does not exist", where=str(fasta), remedy="Check the path")
    needed = [".fai"]
    with fasta.open("rb") as stream:
        if stream.read(2) == b"\x1f\x8b":
            needed.append(".gzi")
    for suffix in needed:
        if not Path(f"{fasta}{suffix}").is_file():
            raise UsageError(
                f"the FASTA has no index beside it ({suffix})",
                where=str(fasta),
                remedy="Index it with: samtools faidx (a compressed FASTA must be bgzip)",
            )
