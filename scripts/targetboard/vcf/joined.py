"""Neighbouring alleles of one haplotype read together: one codon change instead of two wrong ones.

BRAF c.1798G>A and c.1799T>A together are p.Val600Lys; apart they would read p.Val600Met and p.Val600Glu. They are
joined only on phase evidence (:mod:`targetboard.vcf.phase`); where it is missing both readings stand, each with a note.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from targetboard.model import Allele, Observation, TranscriptConsequence
from targetboard.vcf.candidate import Candidate
from targetboard.vcf.hgvs import THREE_LETTER
from targetboard.vcf.phase import AdjacentGroup, adjacent_groups, combine, phase_note
from targetboard.vcf.reference import Reference

_BASES = "TCAG"
_AMINO_ACIDS = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
CODON_TABLE = {
    first + second + third: _AMINO_ACIDS[16 * i + 4 * j + k]
    for i, first in enumerate(_BASES)
    for j, second in enumerate(_BASES)
    for k, third in enumerate(_BASES)
}
"""The standard genetic code (NCBI translation table 1)."""

# Terms of the pieces that a split delins may have; a splice site or a stop is more than a piece.
_PIECES = frozenset(
    {
        "frameshift_variant",
        "inframe_deletion",
        "inframe_insertion",
        "missense_variant",
        "synonymous_variant",
        "protein_altering_variant",
        "coding_sequence_variant",
    }
)

ChosenOf = Callable[[Candidate], TranscriptConsequence | None]
ConsequencesOf = Callable[[Sequence[Allele]], Sequence[tuple[TranscriptConsequence, ...]]]


def joined_codon(members: Sequence[TranscriptConsequence]) -> TranscriptConsequence | None:
    """Consequence of SNVs that change one codon together, from VEP's ``Codons`` field (``gTg/gAg``).

    Parameters
    ----------
    members
        The annotation of each SNV on one transcript and codon.

    Returns
    -------
    TranscriptConsequence or None
        None unless every member shows one changed base of the same reference codon and no two change the same base.
    """
    first = members[0]
    if len(members) < 2 or first.codon is None:
        return None
    bases: list[str] | None = None
    reference = ""
    changed: set[int] = set()
    for member in members:
        before, _, after = member.extra.get("Codons", "").partition("/")
        if (member.transcript, member.codon) != (first.transcript, first.codon) or len(before) != 3 or len(after) != 3:
            return None
        places = [
            index for index in range(3) if before[index].isupper() and before[index].upper() != after[index].upper()
        ]
        if len(places) != 1 or places[0] in changed or (reference and reference != before.upper()):
            return None
        reference = before.upper()
        bases = bases or list(reference)
        changed.add(places[0])
        bases[places[0]] = after[places[0]].upper()
    residue, new = CODON_TABLE.get(reference), CODON_TABLE.get("".join(bases or ()))
    if residue is None or new is None:
        return None
    place = f"p.{THREE_LETTER[residue]}{first.codon}"
    if residue == new:
        terms, hgvsp = ("synonymous_variant",), f"{place}="
    elif new == "*":
        terms, hgvsp = ("stop_gained",), f"{place}Ter"
    elif residue == "*":
        return None
    else:
        terms, hgvsp = ("missense_variant",), f"{place}{THREE_LETTER[new]}"
    return replace(first, terms=terms, hgvsp=hgvsp, hgvsc="", extra={})


def joined_indel(together: Allele, chosen: Sequence[TranscriptConsequence | None]) -> TranscriptConsequence | None:
    """Consequence of pieces of one indel by their net length, where nothing computes it from the sequence.

    The frame follows from the haplotype: two frameshifts whose lengths add up to a multiple of three are one in-frame
    event. The protein change stays unnamed.

    Returns
    -------
    TranscriptConsequence or None
        None unless every piece lies in the coding sequence of one transcript, without a splice site or new stop.
    """
    known = [found for found in chosen if found is not None]
    first = min(known, key=lambda found: found.codon or 0, default=None)
    net = len(together.alt) - len(together.ref)
    if first is None or len(known) != len(chosen) or net % 3 or not net:
        return None
    if any(found.transcript != first.transcript or found.codon is None for found in known):
        return None
    if any(not set(found.terms) or set(found.terms) - _PIECES for found in known):
        return None
    term = "inframe_insertion" if net > 0 else "inframe_deletion"
    return replace(first, terms=(term,), hgvsp="", hgvsc="", extra={})


def _joined_observation(members: Sequence[Candidate]) -> Observation:
    """The weaker of the observations: a haplotype is seen at most as often as its least seen allele."""
    weakest = min(members, key=lambda member: (member.observation.vaf is None, member.observation.vaf or 0.0))
    filters = sorted({part for member in members for part in member.observation.filter.split(";")} - {"PASS", ".", ""})
    return replace(
        weakest.observation,
        vaf_source=f"{weakest.observation.vaf_source} (lowest of the joined records)",
        filter=";".join(filters) if filters else weakest.observation.filter,
    )


def join_neighbours(
    candidates: Sequence[Candidate],
    chosen_of: ChosenOf,
    consequences_of: ConsequencesOf | None,
    reference: Reference | None,
) -> tuple[list[Candidate], list[Candidate]]:
    """Join cis neighbours, and note trans and undetermined ones.

    Parameters
    ----------
    candidates
        Alleles in knowledge genes.
    chosen_of
        The consequence on the transcript that counts, for one candidate.
    consequences_of
        Computes the consequences of alleles from reference and gene models, in the order given; called at most once,
        since every call reads the gene models anew. None where reference and models were not given.
    reference
        Reference bases between alleles that do not touch.

    Returns
    -------
    tuple of lists
        The candidates to go on with, and the members that were joined away.
    """
    chosen = [chosen_of(candidate) for candidate in candidates]
    codons = [
        (found.transcript, found.codon) if found is not None and found.codon is not None else None for found in chosen
    ]
    alleles = [candidate.allele for candidate in candidates]
    phases = [candidate.observation.phase for candidate in candidates]
    gone: dict[int, None] = {}
    added: list[Candidate] = []
    groups = adjacent_groups(alleles, phases, codons)
    combined = [
        # On different haplotypes nothing is joined, so that no joint effect is asked for.
        combine([alleles[index] for index in group.members], reference) if group.relation != "trans" else None
        for group in groups
    ]
    effects = _consequences(combined, [[chosen[index] for index in group.members] for group in groups], consequences_of)
    for group, together, consequences in zip(groups, combined, effects, strict=True):
        members = [candidates[index] for index in group.members]
        note = phase_note(alleles, group, phases)
        if group.relation == "cis" and together is not None and (consequences or _whole(members)):
            gone.update(dict.fromkeys(group.members))
            added.append(_joined(members, together, consequences, note))
        else:
            _annotate_group(members, group, consequences, note)
    kept = [candidate for index, candidate in enumerate(candidates) if index not in gone]
    return kept + added, [candidates[index] for index in gone]


def _consequences(
    combined: Sequence[Allele | None],
    chosen: Sequence[Sequence[TranscriptConsequence | None]],
    compute: ConsequencesOf | None,
) -> list[tuple[TranscriptConsequence, ...]]:
    """Consequences of each combined allele: by its codon, else computed (all in one call), else by its net length."""
    effects: list[tuple[TranscriptConsequence, ...]] = [()] * len(combined)
    unread: list[tuple[int, Allele]] = []
    for index, (together, members) in enumerate(zip(combined, chosen, strict=True)):
        known = [found for found in members if found is not None]
        by_codon = joined_codon(known) if known and len(known) == len(members) else None
        if by_codon is not None:
            effects[index] = (by_codon,)
        elif together is not None:
            unread.append((index, together))
    computed = compute([allele for _, allele in unread]) if compute is not None and unread else [()] * len(unread)
    for (index, together), found in zip(unread, computed, strict=True):
        by_length = joined_indel(together, chosen[index]) if not found else None
        effects[index] = (by_length,) if by_length is not None else found
    return effects


def _whole(members: Sequence[Candidate]) -> bool:
    """Whether nothing is lost by joining: none of the members had a consequence of its own."""
    return not any(member.consequences for member in members)


def _joined(
    members: Sequence[Candidate], together: Allele, consequences: tuple[TranscriptConsequence, ...], note: str
) -> Candidate:
    first = members[0]
    return Candidate(
        together,
        first.input,
        _joined_observation(members),
        consequences,
        reference_checked=all(member.reference_checked for member in members),
        notes=(*first.notes, note),
        joined_records=tuple(member.input.record for member in members),
    )


def _annotate_group(
    members: Sequence[Candidate], group: AdjacentGroup, consequences: tuple[TranscriptConsequence, ...], note: str
) -> None:
    """Note on every member how it lies to its neighbour, and what both would mean on one haplotype."""
    reading = next((found.hgvsp for found in consequences if found.hgvsp), "")
    if group.relation == "undetermined" and reading:
        note = f"{note}; on one haplotype they would read {reading}"
    elif group.relation == "cis":
        note = f"{note}, but their joint effect was not evaluated (give FASTA and GFF3)"
    for member in members:
        member.notes = (*member.notes, note)
