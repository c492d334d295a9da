"""Consequences of un-annotated alleles from a FASTA and a GFF3 file.

Two independent readings must agree. The bundled ``bcftools csq`` calls the consequence of each allele alone (local
mode: its haplotype mode would fold an unphased neighbour into the call), and the transcript model derives HGVS ``c.``
and ``p.``. Where the amino acids of the two differ, or csq is silent about a coding allele, no protein change is
given and the consequence is ``coding_sequence_variant``: not evaluable, with the reason in ``extra["not_evaluable"]``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from targetboard.model import Allele, TranscriptConsequence
from targetboard.vcf.bundled import run_bcftools
from targetboard.vcf.geometry import FIELD as GEOMETRY_FIELD
from targetboard.vcf.geometry import LOST_FIELD, exons_lost, geometry_of
from targetboard.vcf.gff3 import read_transcripts
from targetboard.vcf.hgvs import ProteinKind, format_protein
from targetboard.vcf.normalise import classify_alt
from targetboard.vcf.reference import Reference
from targetboard.vcf.terms import normalise_terms, severity
from targetboard.vcf.transcripts import (
    Edit,
    ProteinOutcome,
    SplicedTranscript,
    Transcript,
    describe_coding,
    describe_protein,
    exon_of,
    location,
    minimal_edit,
    place,
    splice,
)

# Alleles per child process: bounds the size of the temporary files, and start-up is paid once for many.
CHUNK = 50_000
# An unknown base this close to an allele may belong to its codon or splice site.
UNKNOWN_BASE_MARGIN = 3
NOT_EVALUABLE = "not_evaluable"

_ESSENTIAL_SPLICE = frozenset({"splice_acceptor_variant", "splice_donor_variant"})
_LENGTH_ONLY = frozenset({"feature_truncation", "feature_elongation"})
_CODING = frozenset({"frameshift_variant", "inframe_deletion", "inframe_insertion", "missense_variant", "stop_gained"})
_OVERRIDES_SILENT = _ESSENTIAL_SPLICE | _LENGTH_ONLY | _CODING | {"stop_lost", "start_lost"}
_IN_FRAME = frozenset({"inframe_deletion", "inframe_insertion", "protein_altering_variant"}) | _LENGTH_ONLY
_CLASS_OF_KIND = {
    ProteinKind.DELETION: frozenset({"inframe_deletion"}),
    ProteinKind.INSERTION: frozenset({"inframe_insertion"}),
    ProteinKind.DUPLICATION: frozenset({"inframe_insertion"}),
    ProteinKind.DELINS: _IN_FRAME,
    ProteinKind.EXTENSION: frozenset({"stop_lost"}),
    ProteinKind.FRAMESHIFT: frozenset({"frameshift_variant"}),
    ProteinKind.NONSENSE: frozenset({"frameshift_variant", "stop_gained"}),
}
_RESIDUES = re.compile(r"(\d+)([A-Z*]+)(?:>(\d+)([A-Z*]+))?")
# Whether decay or exon skipping follows these depends on the exon ends, which classification asks for.
_LOST_EXONS = ("splice_acceptor_variant", "splice_donor_variant", "coding_sequence_variant")
_LOST_ALL = ("transcript_ablation",)
_ENDS_TRANSCRIPT = _ESSENTIAL_SPLICE | {"stop_gained", "frameshift_variant", "start_lost"}


@dataclass(slots=True, frozen=True)
class CsqCall:
    """What csq says about one allele on one transcript: SO terms, and its residues ("858L>858R") if it states any.

    ``site_kept``: the allele touches a splice site whose two bases read the same afterwards.
    """

    terms: tuple[str, ...]
    residues: str = ""
    site_kept: bool = False


def compute_consequences(
    alleles: Sequence[Allele], fasta: Path, gff3: Path, workdir: Path
) -> list[tuple[TranscriptConsequence, ...]]:
    """Consequence of each allele, alone, on every transcript that it overlaps.

    Parameters
    ----------
    alleles
        Trimmed (best left-aligned) alleles, in any order, duplicates allowed.
    fasta, gff3
        Reference sequence with its index, and annotation (Ensembl or NCBI style) of the same assembly.
    workdir
        Existing directory for temporary files; they are removed.

    Returns
    -------
    list[tuple[TranscriptConsequence, ...]]
        Same length and order as ``alleles``; empty outside every transcript (promoters included), on MT, and where
        the reference disagrees with REF or has an unknown base at the allele.

    Raises
    ------
    MalformedInput
        The GFF3 cannot be read, or the bundled bcftools refused its input or crashed.
    UsageError
        The FASTA or its index is missing.
    """
    results: list[tuple[TranscriptConsequence, ...]] = [()] * len(alleles)
    with Reference(fasta) as reference:
        usable = [i for i, allele in enumerate(alleles) if _is_evaluable(allele, reference)]
        loci: dict[str, list[tuple[int, int]]] = {}
        for i in usable:
            allele = alleles[i]
            loci.setdefault(allele.chrom, []).append((allele.pos, allele.pos + len(allele.ref)))
        transcripts = read_transcripts(gff3, loci) if usable else []
        found = _overlapping(alleles, usable, transcripts)
        spliced: dict[int, SplicedTranscript] = {}
        for first in range(0, len(found), CHUNK):
            chunk = found[first : first + CHUNK]
            wanted = sorted({t for _, owners in chunk for t in owners})
            for t in wanted:
                if t not in spliced:
                    spliced[t] = splice(transcripts[t], reference.fetch)
            sites: dict[tuple[int, int], Allele] = {}
            for i, owners in chunk:
                for t in owners:
                    sites[i, t] = _spelled_in_exon(transcripts[t], alleles[i], reference)
            calls = _run_csq(sites, {t: spliced[t] for t in wanted}, reference, workdir)
            for i, owners in chunk:
                results[i] = tuple(
                    _consequence(alleles[i], spliced[t], calls.get((sites[i, t], t)), reference) for t in owners
                )
    return results


def not_evaluable(consequences: Sequence[Sequence[TranscriptConsequence]]) -> int:
    """Number of alleles with a transcript on which the two readings disagreed; for the run's limitations."""
    return sum(any(NOT_EVALUABLE in one.extra for one in of_allele) for of_allele in consequences)


def _is_evaluable(allele: Allele, reference: Reference) -> bool:
    if allele.chrom == "MT" or classify_alt(allele.ref, allele.alt, allele.pos) is not None:
        return False
    first, last = allele.pos - UNKNOWN_BASE_MARGIN, allele.pos + len(allele.ref) - 1 + UNKNOWN_BASE_MARGIN
    return reference.check(allele) == "match" and not set(reference.fetch(allele.chrom, first, last)) - set("ACGT")


def _overlapping(
    alleles: Sequence[Allele], usable: Sequence[int], transcripts: Sequence[Transcript]
) -> list[tuple[int, list[int]]]:
    """Alleles (by index) in chromosome order, each with the transcripts (by index) its edit overlaps."""
    by_chrom: dict[str, list[tuple[int, int, int]]] = {}
    for t, transcript in enumerate(transcripts):
        by_chrom.setdefault(transcript.chrom, []).append((transcript.start, transcript.end, t))
    longest = {}
    for chrom, spans in by_chrom.items():
        spans.sort()
        longest[chrom] = max(end - start for start, end, _ in spans)
    found = []
    for i in sorted(usable, key=lambda i: (alleles[i].chrom, alleles[i].pos, i)):
        spans = by_chrom.get(alleles[i].chrom, [])
        edit = minimal_edit(alleles[i])
        first, last = (edit.position, edit.last) if edit.deleted else (edit.position - 1, edit.position)
        owners = []
        for at in range(bisect_right(spans, (last, last + 1_000_000_000, 0)) - 1, -1, -1):
            start, end, t = spans[at]
            if start + longest[alleles[i].chrom] < first:
                break
            if end >= first if edit.deleted else (start <= first and end >= last):
                owners.append(t)
        if owners:
            found.append((i, sorted(owners)))
    return found


def _spelled_in_exon(transcript: Transcript, allele: Allele, reference: Reference) -> Allele:
    """The allele as csq shall see it for one transcript.

    Where a repeat crosses the start or end of an exon, the left-aligned spelling may lie in the intron although the
    splice site stays as it is; csq then calls the splice site lost. It gets the spelling inside the exon.
    """
    if exon_of(transcript, minimal_edit(allele)) is not None:
        return allele
    placed = place(transcript, allele, reference.fetch)
    if exon_of(transcript, placed) is None:
        return allele
    anchor = reference.fetch(allele.chrom, placed.position - 1, placed.position - 1)
    return Allele(allele.chrom, placed.position - 1, anchor + placed.deleted, anchor + placed.inserted)


def _run_csq(
    wanted: Mapping[tuple[int, int], Allele],
    spliced: dict[int, SplicedTranscript],
    reference: Reference,
    workdir: Path,
) -> dict[tuple[Allele, int], CsqCall]:
    """Call csq on sites without samples; alleles go in under a number, transcripts under their index."""
    if not any(one.protein for one in spliced.values()):
        return {}  # csq refuses an annotation without a coding transcript
    folder = workdir.resolve()
    sites, models, output = (folder / f"csq.{name}" for name in ("in.vcf", "gff3", "out.vcf"))
    calls: dict[tuple[Allele, int], CsqCall] = {}
    alleles = sorted(dict.fromkeys(wanted.values()), key=Allele.key)
    try:
        models.write_text(_models_gff3(spliced, reference), encoding="ascii")
        sites.write_text(_sites_vcf(alleles, reference), encoding="ascii")
        arguments = ["--local-csq", "--no-version", "-f", str(reference.path), "-g", str(models)]
        run_bcftools("csq", [*arguments, "-o", str(output), str(sites)], where=str(reference.path))
        with output.open(encoding="ascii") as lines:
            for line in lines:
                if line.startswith("#"):
                    continue
                _, _, index, *_, info = line.rstrip("\n").split("\t")
                for transcript, call in _parse_bcsq(info):
                    key = (alleles[int(index)], transcript)
                    calls[key] = _merged(calls[key], call) if key in calls else call
    finally:
        for path in (sites, models, output):
            path.unlink(missing_ok=True)
    return calls


def _parse_bcsq(info: str) -> list[tuple[int, CsqCall]]:
    """Calls of one record; entries without a transcript (introns of a gene) say nothing the model does not know."""
    found = []
    for entry in info.partition("BCSQ=")[2].partition(";")[0].split(","):
        fields = entry.split("|")
        if entry.startswith("@") or len(fields) < 4 or not fields[2]:
            continue
        # a leading * marks a call behind a stop gained upstream, which local mode never sees
        terms = normalise_terms(fields[0].removeprefix("*").split("&"))
        # "synonymous&splice_donor" is csq's way to say that the site's sequence did not change
        site_kept = "synonymous_variant" in terms and bool(set(terms) & _ESSENTIAL_SPLICE)
        if site_kept:
            other = [term for term in terms if term != "synonymous_variant" and term not in _ESSENTIAL_SPLICE]
            terms = tuple(dict.fromkeys(["splice_region_variant", *other]))
        call = CsqCall(terms, fields[5] if len(fields) > 5 else "", site_kept)
        found.append((int(fields[2].removeprefix("t")), call))
    return found


def _merged(one: CsqCall, other: CsqCall) -> CsqCall:
    """Two entries of one transcript as one: csq writes the splice region and the coding change apart."""
    terms = sorted(dict.fromkeys(one.terms + other.terms), key=lambda term: (severity([term]), term))
    if set(terms) & _OVERRIDES_SILENT:
        terms = [term for term in terms if term != "synonymous_variant"]
    return CsqCall(tuple(terms), one.residues or other.residues, one.site_kept or other.site_kept)


def _consequence(
    allele: Allele, spliced: SplicedTranscript, call: CsqCall | None, reference: Reference
) -> TranscriptConsequence:
    transcript = spliced.transcript
    placed = place(transcript, allele, reference.fetch)
    outcome = describe_protein(spliced, placed)
    terms, problem = _judge(spliced, placed, call, outcome)
    hgvsp = "" if problem or outcome is None or outcome.change is None else format_protein(outcome.change)
    exon, intron = location(transcript, placed)
    extra = {NOT_EVALUABLE: problem} if problem else {}
    lost = exons_lost(transcript, placed)
    if lost is not None and not problem:
        # csq names one splice site of an exon that is gone with both
        terms = _LOST_ALL if lost == (1, len(transcript.exons)) else _LOST_EXONS
        extra[LOST_FIELD] = f"{lost[0]}-{lost[1]}"
    geometry = geometry_of(spliced) if _ENDS_TRANSCRIPT & set(terms) else None
    if geometry is not None:
        extra[GEOMETRY_FIELD] = geometry.text()
    return TranscriptConsequence(
        gene=transcript.gene,
        transcript=transcript.id,
        terms=terms,
        source="csq",
        hgnc_id=transcript.hgnc_id,
        protein=transcript.protein,
        hgvsc=describe_coding(spliced, placed, reference.fetch),
        hgvsp=hgvsp,
        exon=exon,
        exon_total=len(transcript.exons),
        intron=intron,
        codon=outcome.codon if outcome is not None and not problem else None,
        biotype=transcript.biotype,
        mane_select=transcript.mane_select,
        canonical=transcript.canonical,
        extra=extra,
    )


def _judge(
    spliced: SplicedTranscript, edit: Edit, call: CsqCall | None, outcome: ProteinOutcome | None
) -> tuple[tuple[str, ...], str]:
    """Terms to report, and why the protein change is not evaluable ("" where it is, or where there is none)."""
    if outcome is None:
        if call is not None and set(call.terms) & _ESSENTIAL_SPLICE:
            return _splice_terms(call.terms), ""
        if call is not None and call.site_kept and location(spliced.transcript, edit)[0] is not None:
            return ("splice_region_variant",), "the allele lies across the edge of an exon and remakes the splice site"
        if call is not None and not call.residues:
            return call.terms, ""
        if call is None and (region := _region(spliced, edit)):
            return (region,), ""
        reason = (
            "the allele lies on the edge of an exon"
            if spliced.protein
            else "the coding sequence of this transcript cannot be translated (incomplete, or unknown bases)"
        )
        return ("coding_sequence_variant",), reason
    if call is None:
        return ("coding_sequence_variant",), "bcftools csq gives no consequence for this coding allele"
    if outcome.change is None:
        return call.terms, "the change of the protein's end has no HGVS description here"
    if outcome.change.kind is ProteinKind.START_LOST:
        return (call.terms, "") if "start_lost" in call.terms else _disagree(call, outcome)
    if not _same_residues(spliced.protein, outcome.mutated, call.residues) and not _same_class(call, outcome):
        return _disagree(call, outcome)
    return _coding_terms(call.terms, edit), ""


def _splice_terms(terms: tuple[str, ...]) -> tuple[str, ...]:
    """Terms of a lost splice site: what csq says of the coding bases beside it rests on splicing as before."""
    beside = any(term in _CODING | _LENGTH_ONLY for term in terms)
    kept = tuple(term for term in terms if term not in _CODING | _LENGTH_ONLY)
    return (*kept, "coding_sequence_variant") if beside else kept


def _disagree(call: CsqCall, outcome: ProteinOutcome) -> tuple[tuple[str, ...], str]:
    ours = format_protein(outcome.change) if outcome.change is not None else "no description"
    said = f"{'&'.join(call.terms)} {_short(call.residues)}".strip()
    return ("coding_sequence_variant",), f"bcftools csq calls {said}, the transcript model gives {ours}"


def _same_residues(reference: str, mutated: str, residues: str) -> bool:
    """Whether csq's residues before and after stand at those places in the model's two proteins."""
    match = _RESIDUES.fullmatch(residues)
    if match is None:
        return False
    before, first = match[2], int(match[1]) - 1
    after, second = (match[4], int(match[3]) - 1) if match[3] else (before, first)
    return reference[first : first + len(before)] == before and mutated[second : second + len(after)] == after


def _same_class(call: CsqCall, outcome: ProteinOutcome) -> bool:
    """Whether both give the same class; csq names no residues (or "?") at the first and last bases of an exon."""
    if call.residues and not call.residues.endswith("?"):
        return False
    expected = _CLASS_OF_KIND.get(outcome.change.kind) if outcome.change is not None else None
    return expected is not None and not expected.isdisjoint(call.terms)


def _coding_terms(terms: tuple[str, ...], edit: Edit) -> tuple[str, ...]:
    """Terms of csq for an edit inside an exon, in the words of the other annotators.

    A delins is "feature truncation" or "elongation" in csq: here it is the in-frame or frameshift class. Where a
    repeat crosses the edge of an exon, csq calls the splice site lost; an edit that can be placed inside the exon
    leaves the site as it is, so it is in the splice region only.
    """
    grown = len(edit.inserted) - len(edit.deleted)
    in_frame = "inframe_insertion" if grown > 0 else "inframe_deletion"
    words = dict.fromkeys(_LENGTH_ONLY, "frameshift_variant" if grown % 3 else in_frame)
    words.update(dict.fromkeys(_ESSENTIAL_SPLICE, "splice_region_variant"))
    replaced = dict.fromkeys(words.get(term, term) for term in terms)
    return tuple(sorted(replaced, key=lambda term: (severity([term]), term)))


def _region(spliced: SplicedTranscript, edit: Edit) -> str:
    """SO term of an edit that touches no coding base, from the model alone; "" where it may touch one."""
    transcript = spliced.transcript
    first, last = (edit.position, edit.last) if edit.deleted else (edit.position - 1, edit.position)
    touched = [(start, end) for start, end in transcript.exons if start <= last and first <= end]
    if not touched and transcript.start < first and last < transcript.end:
        return "intron_variant"
    if not transcript.cds:
        return "non_coding_transcript_exon_variant" if touched else ""
    if exon_of(transcript, edit) is None:
        return ""
    before, after = ("5_prime_UTR_variant", "3_prime_UTR_variant")[:: transcript.strand]
    if last < transcript.cds[0][0]:
        return before
    return after if first > transcript.cds[-1][1] else ""


def _models_gff3(spliced: dict[int, SplicedTranscript], reference: Reference) -> str:
    """Ensembl-style GFF3 of the translatable transcripts, under names that no annotation can break."""
    lines = ["##gff-version 3"]
    for t, one in spliced.items():
        transcript = one.transcript
        if not one.protein:
            continue
        name, strand = reference.name(transcript.chrom), "+" if transcript.strand == 1 else "-"

        def feature(kind: str, start: int, end: int, phase: str, attributes: str) -> str:
            return "\t".join([str(name), "m", kind, str(start), str(end), ".", strand, phase, attributes])  # noqa: B023

        whole = (transcript.start, transcript.end)
        coding = "biotype=protein_coding"
        lines.append(feature("gene", *whole, ".", f"ID=gene:g{t};Name=g{t};{coding}"))
        lines.append(feature("mRNA", *whole, ".", f"ID=transcript:t{t};Parent=gene:g{t};{coding}"))
        parent = f"Parent=transcript:t{t}"
        lines += [feature("exon", start, end, ".", parent) for start, end in transcript.exons]
        read = 0
        for start, end in transcript.cds[:: transcript.strand]:
            lines.append(feature("CDS", start, end, str(-read % 3), parent))
            read += end - start + 1
        first, last = transcript.cds[0][0], transcript.cds[-1][1]
        sides = ("five_prime_UTR", "three_prime_UTR")[:: transcript.strand]
        for start, end in transcript.exons:
            if start < first:
                lines.append(feature(sides[0], start, min(end, first - 1), ".", parent))
            if end > last:
                lines.append(feature(sides[1], max(start, last + 1), end, ".", parent))
    return "\n".join(lines) + "\n"


def _sites_vcf(alleles: Sequence[Allele], reference: Reference) -> str:
    chroms = sorted({allele.chrom for allele in alleles})
    lines = ["##fileformat=VCFv4.2"]
    lines += [f"##contig=<ID={reference.name(chrom)},length={reference.length(chrom)}>" for chrom in chroms]
    lines.append("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO")
    sites = [(_for_csq(allele, reference), i) for i, allele in enumerate(alleles)]
    for allele, i in sorted(sites, key=lambda site: (site[0].chrom, site[0].pos, site[1])):
        lines.append(f"{reference.name(allele.chrom)}\t{allele.pos}\t{i}\t{allele.ref}\t{allele.alt}\t.\t.\t.")
    return "\n".join(lines) + "\n"


def _for_csq(allele: Allele, reference: Reference) -> Allele:
    """A delins with a one-base ALT with one more base in front of it.

    csq takes a one-base ALT for the anchor of a pure deletion even where it differs from REF's first base: EGFR
    c.2237_2255delinsT (p.Glu746_Ser752delinsVal) would become a deletion.
    """
    if len(allele.alt) > 1 or len(allele.ref) == 1 or allele.ref[0] == allele.alt or allele.pos == 1:
        return allele
    before = reference.fetch(allele.chrom, allele.pos - 1, allele.pos - 1)
    return Allele(allele.chrom, allele.pos - 1, before + allele.ref, before + allele.alt)


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
