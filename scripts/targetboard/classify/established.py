"""Codes that rest on curated changes of the gene: OS1, OS2, OM4, SBS2."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from targetboard.classify.codes import Finding, met, not_evaluable, not_met
from targetboard.classify.facts import ESTABLISHED_EFFECTS, NO_SINGLE_RESIDUE, Facts, is_validated
from targetboard.classify.grantham import distance
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.model import MatchLevel
from targetboard.vcf.hgvs import ProteinChange, ProteinKind

_SAME_CHANGE_LEVELS = frozenset({MatchLevel.EXACT_ALLELE, MatchLevel.PROTEIN_CHANGE})
FUNCTIONAL_WORD = "functional"
# Words of the column functional_effect by the kind of row that asks for them.
FUNCTIONAL_EFFECTS = {"driver": "oncogenic", "neutral": "neutral"}


def established_changes(facts: Facts, kb: KnowledgeBase) -> Iterator[tuple[Alteration, ProteinChange]]:
    """Curated changes of the gene that count as established oncogenic variants.

    Validated drivers with a gain, loss or switch of function; resistance mutations are no oncogenic variants by
    themselves.
    """
    if facts.gene is None:
        return
    for alteration in kb.alterations_by_gene.get(facts.gene.gene, ()):
        if alteration.effect in ESTABLISHED_EFFECTS and is_validated(alteration):
            for curated in kb.curated_changes.get(alteration.alteration_id, ()):
                yield alteration, curated.change


def same_protein_change(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OS1: same amino-acid change as an established oncogenic variant, by another nucleotide change.

    The curated variant itself is not compared with itself: that would count one curation twice.
    """
    if not facts.is_missense:
        return not_met("not a missense variant")
    if facts.substitution is None:
        return not_evaluable(NO_SINGLE_RESIDUE)
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    established = [alteration for alteration, change in established_changes(facts, kb) if change == facts.change]
    if not established:
        return not_met("the amino-acid change is not curated as an established oncogenic variant")
    ids = {alteration.alteration_id for alteration in established}
    labels = ", ".join(sorted(alteration.label for alteration in established))
    if "N" in facts.variant.allele.ref + facts.variant.allele.alt:
        return not_evaluable(
            f"same amino-acid change as {labels}, but the nucleotide change of the variant is not known"
        )
    own = [known for table in kb.alleles.values() for known in table.get(facts.variant.allele.key(), ())]
    if any(known.alteration_id in ids for known in own):
        return not_met(f"is the curated allele of {labels} itself; the code compares another nucleotide change")
    if not any(name in table for table in kb.alleles_by_alteration.values() for name in ids):
        return not_evaluable(f"same amino-acid change as {labels}, whose nucleotide change the tables do not give")
    return met(f"same amino-acid change as {labels} ({sources_of(established)}) by another nucleotide change")


def same_residue(facts: Facts, kb: KnowledgeBase) -> Finding:
    """OM4 (other missense): another missense variant of the residue is oncogenic, and this one is no milder.

    "At least approximately the same" difference is read strictly: Grantham's distance of this change must reach that
    of an established one.
    """
    if not facts.is_missense:
        return not_met("not a missense variant")
    if facts.gene is None:
        return not_evaluable("the gene is not in the knowledge base")
    if facts.numbering:
        return not_evaluable(facts.numbering)
    seen = facts.substitution
    if seen is None:
        return not_evaluable(NO_SINGLE_RESIDUE)
    own = distance(seen.ref, seen.alt)
    others = [
        (alteration, change.alt, other)
        for alteration, change in established_changes(facts, kb)
        if change.kind is ProteinKind.SUBSTITUTION and change.start == seen.start and change.alt != seen.alt
        if (other := distance(seen.ref, change.alt)) is not None
    ]
    if not others or own is None:
        return not_met("no other missense variant of this residue is curated as an established oncogenic variant")
    alteration, alt, other = min(others, key=lambda row: (row[2], row[1], row[0].alteration_id))
    said = (
        f"{seen.ref}{seen.start}{alt} is established ({alteration.alteration_id}: {sources_of([alteration])}); "
        f"Grantham distance {own} here, {other} there"
    )
    return met(said) if own >= other else not_met(said)


def functional_studies(facts: Facts, kb: KnowledgeBase, kind: str) -> Finding:
    """OS2 (``kind`` "driver") and SBS2 ("neutral"): a curated functional study of this very change.

    A row counts where it matches at allele or protein level and its column ``functional_effect`` says what the studies
    named in ``functional_sources`` showed. A row without that column counts where it names its sources and was checked
    in functional evidence ("functional" in ``verified_in``). Clinical evidence, a mechanism in words or a rule for a
    whole class (any truncation, any change of a codon) is no functional study of the change. Studies that contradict
    each other leave both codes open.
    """
    said: dict[str, list[str]] = {"driver": [], "neutral": []}
    for match in facts.variant.matches:
        alteration = kb.alterations.get(match.alteration_id)
        if alteration is None or match.level not in _SAME_CHANGE_LEVELS:
            continue
        for side in said:
            shown = _shown_by_studies(alteration, side)
            if shown:
                said[side].append(shown)
    if said["driver"] and said["neutral"]:
        return not_evaluable(f"functional studies disagree: {'; '.join(said['driver'] + said['neutral'])}")
    if said[kind]:
        return met("; ".join(said[kind]))
    return not_evaluable("no curated functional study of this change")


def _shown_by_studies(alteration: Alteration, side: str) -> str:
    """What functional studies show of a row, with sources; "" where none speaks for this side."""
    if alteration.functional_effect:
        if alteration.functional_effect != FUNCTIONAL_EFFECTS[side] or not alteration.functional_sources:
            return ""
        return (
            f"{alteration.functional_effect} ({alteration.alteration_id}: {', '.join(alteration.functional_sources)})"
        )
    effects = ESTABLISHED_EFFECTS if side == "driver" else frozenset({"neutral"})
    if (
        alteration.kind != side
        or alteration.effect not in effects
        or not alteration.sources
        or FUNCTIONAL_WORD not in alteration.verified_in.casefold()
    ):
        return ""
    words = alteration.mechanism or alteration.effect.replace("_", " ")
    return f"{words} ({alteration.alteration_id}: {sources_of([alteration])})"


def sources_of(alterations: Sequence[Alteration]) -> str:
    """Sources of curated rows, each once, as a report prints them.

    The name of a label holds its drug, and these words stand beside variants that no drug may be named for (R19).
    """
    sources = (source for alteration in alterations for source in alteration.sources)
    return ", ".join(dict.fromkeys("drug label" if source.startswith("label:") else source for source in sources))
