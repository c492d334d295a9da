"""The matching rules, one function per event of alterations.tsv.

Each takes the reading of an allele and an alteration and says whether the alteration is there: the rule in words with
its inputs, or the reason why not. Exclusions are applied by :mod:`targetboard.knowledge.match`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from targetboard.knowledge.protein import CODING_EDITS, same_event
from targetboard.knowledge.reading import (
    ACCEPTOR_TERMS,
    DONOR_TERMS,
    EXON_LOSS_TERMS,
    SPLICE_REGION_TERMS,
    CodingPlace,
    Reading,
)
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.knowledge.truncation import not_shown
from targetboard.model import MatchLevel
from targetboard.vcf.hgvs import ProteinKind

NULL_CLASSES = frozenset({"nonsense", "frameshift", "splice_site", "start_lost"})
TRUNCATING_CLASSES = frozenset({"nonsense", "frameshift"})
# "any" in a table means any change of the protein; a silent or merely near-splice change is never one.
UNCOUNTED_BY_ANY = frozenset({"synonymous", "splice_region"})
MIN_ITD_BASES = 3
ACCEPTOR_REGION_TERMS = frozenset({"splice_polypyrimidine_tract_variant"})
DONOR_REGION_TERMS = frozenset({"splice_donor_5th_base_variant", "splice_donor_region_variant"})


@dataclass(slots=True, frozen=True)
class Outcome:
    """Result of one rule: matched with the rule in words, or failed with the reason."""

    matched: bool
    level: MatchLevel
    text: str


Rule = Callable[[KnowledgeBase, Alteration, Reading], Outcome]


def _name(change: str) -> str:
    return change.replace("_", " ")


def _window(alteration: Alteration) -> str:
    if alteration.codon_first is None:
        return ""
    if alteration.codon_first == alteration.codon_last:
        return f"codon {alteration.codon_first}"
    return f"codons {alteration.codon_first}-{alteration.codon_last}"


def _touches(alteration: Alteration, reading: Reading) -> bool | None:
    """Whether the change touches the codon window; None without a window or without a codon."""
    if alteration.codon_first is None or alteration.codon_last is None or reading.touched is None:
        return None
    if reading.substitutions:
        return any(alteration.codon_first <= position <= alteration.codon_last for position in reading.substitutions)
    return reading.touched[0] <= alteration.codon_last and reading.touched[1] >= alteration.codon_first


def _class_hit(alteration: Alteration, reading: Reading) -> str:
    """Class of the row that the change falls into; "" for none.

    ``delins`` beside only one of inframe_deletion and inframe_insertion means delins of that direction.
    """
    wanted = set(alteration.classes)
    if "any" in wanted and reading.classes - UNCOUNTED_BY_ANY:
        return min(reading.classes - UNCOUNTED_BY_ANY)
    directions = wanted & {"inframe_deletion", "inframe_insertion"}
    hits = wanted & reading.classes
    if hits == {"delins"} and len(directions) == 1:
        return ""
    return min(hits, key=alteration.classes.index) if hits else ""


def _classes_in_words(reading: Reading) -> str:
    return ", ".join(_name(c) for c in sorted(reading.classes)) or "of no class that counts"


def protein(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Exact protein change, whatever the nucleotide route and spelling; also inside a wider substitution."""
    level = MatchLevel.PROTEIN_CHANGE
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    if reading.change is None:
        return Outcome(False, level, "no protein change is annotated")
    if "synonymous" in reading.classes:
        return Outcome(False, level, f"{reading.text} is synonymous")
    if not reading.classes:
        return Outcome(False, level, f"{reading.text} and the annotated consequence contradict each other")
    curated = kb.curated_changes.get(alteration.alteration_id, ())
    for known in curated:
        if same_event(reading.change, reading.edit, known):
            spelled = "" if known.text == reading.text else f" ({known.text})"
            text = f"{reading.text} equals {alteration.alteration_id}{spelled} (protein change) {reading.where}"
            return Outcome(True, level, text)
    if len(reading.substitutions) > 1:
        for known in curated:
            if known.change.kind is not ProteinKind.SUBSTITUTION:
                continue
            found = reading.substitutions.get(known.change.start)
            if found is not None and found[1] == known.change.alt and found[0] in ("", known.change.ref):
                text = (
                    f"{reading.text} exchanges residue by residue and holds {known.text}, {alteration.alteration_id},"
                    f" beside another exchange {reading.where}"
                )
                return Outcome(True, MatchLevel.CODON, text)
    listed = ", ".join(known.text for known in curated[:3]) + (", …" if len(curated) > 3 else "")
    return Outcome(False, level, f"{reading.text} is not {listed or 'a curated change'}")


def codon(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Missense at a codon: a frameshift, stop, deletion or silent change there is not the marker."""
    level = MatchLevel.CODON
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    if "missense" not in reading.classes:
        return Outcome(False, level, f"{reading.text} is no missense change but {_classes_in_words(reading)}")
    if not _touches(alteration, reading):
        return Outcome(False, level, f"{reading.text} lies outside {_window(alteration)}")
    text = f"{reading.text} is missense in {_window(alteration)} of {alteration.alteration_id} {reading.where}"
    return Outcome(True, level, text)


def exon_class(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Class of change in an exon of the knowledge transcript, and in the codon window where one is curated.

    The exon number counts only where it is annotated on the knowledge transcript; without it the window decides.
    """
    level = MatchLevel.EXON_CLASS
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    exon_known = alteration.exon is not None and reading.exon is not None
    touches = _touches(alteration, reading)
    if exon_known and reading.exon != alteration.exon:
        return Outcome(False, level, f"{reading.text} lies in exon {reading.exon}, not in exon {alteration.exon}")
    if alteration.codon_first is not None and not touches:
        why = f"does not touch {_window(alteration)}" if touches is False else "has no annotated codon"
        return Outcome(False, level, f"{reading.text} {why}")
    if not exon_known and alteration.codon_first is None:
        return Outcome(False, level, "the exon is not annotated on the knowledge transcript")
    hit = _class_hit(alteration, reading)
    if not hit:
        wanted = ", ".join(_name(c) for c in alteration.classes)
        return Outcome(False, level, f"{reading.text} is {_classes_in_words(reading)}; the rule asks for {wanted}")
    place = [f"in exon {alteration.exon}"] if exon_known else []
    place += [f"touching {_window(alteration)}"] if touches else []
    text = f"{reading.text} is {_name(hit)} {' '.join(place)} ({alteration.alteration_id}) {reading.where}"
    return Outcome(True, level, text)


def region_class(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Class of change that touches a codon window."""
    level = MatchLevel.REGION
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    touches = _touches(alteration, reading)
    if not touches:
        why = f"does not touch {_window(alteration)}" if touches is False else "has no annotated codon"
        return Outcome(False, level, f"{reading.text} {why}")
    hit = _class_hit(alteration, reading)
    if not hit:
        wanted = ", ".join(_name(c) for c in alteration.classes)
        return Outcome(False, level, f"{reading.text} is {_classes_in_words(reading)}; the rule asks for {wanted}")
    text = f"{reading.text} is {_name(hit)} touching {_window(alteration)} ({alteration.alteration_id}) {reading.where}"
    return Outcome(True, level, text)


def _codon_of_truncation(reading: Reading) -> int | None:
    """Codon at which a null variant strikes: the protein change's, the annotated one, or that of the coding base."""
    if reading.touched is not None:
        return reading.touched[0]
    return reading.place.codon if reading.place is not None else None


def loss_of_function(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Null variant before the last pathogenic codon; missense never counts.

    Null: stop gained, frameshift, splice acceptor or donor (±1, ±2), start lost, loss of an exon or the transcript.
    ``classes`` of the row narrows these where it is filled. Where no last pathogenic codon is curated, a truncation
    must not lie where the transcript escapes decay (:func:`targetboard.knowledge.truncation.not_shown`).
    """
    level = MatchLevel.GENE_CLASS
    lost = reading.terms & EXON_LOSS_TERMS
    null = reading.classes & NULL_CLASSES
    if alteration.classes and "any" not in alteration.classes:
        null &= frozenset(alteration.classes)
    if not null and not lost:
        return Outcome(False, level, f"{reading.text} is no null variant but {_classes_in_words(reading)}")
    # Numbering matters as soon as a codon or an excluded truncation is compared; a residue fault is always a fault.
    compares = bool(alteration.excludes and null & TRUNCATING_CLASSES)
    if reading.untrusted and (not reading.representative or reading.on_knowledge_transcript or compares):
        return Outcome(False, level, reading.untrusted)
    kind = _name(min(null)) if null else _name(min(lost))
    text = f"{reading.text} is a null variant ({kind})"
    last = reading.gene.last_pathogenic_codon
    if last is not None and null and "start_lost" not in null:
        if reading.untrusted:
            return Outcome(False, level, reading.untrusted)
        position = _codon_of_truncation(reading)
        if position is None:
            return Outcome(False, level, f"{text}, but its codon is not annotated (the last that counts is {last})")
        if position > last:
            return Outcome(False, level, f"{text} at codon {position}, after the last pathogenic codon {last}")
        text = f"{text} at codon {position}, not after the last pathogenic codon {last}"
    elif last is None and null and null <= TRUNCATING_CLASSES and not lost:
        doubt = not_shown(kb, reading, _codon_of_truncation(reading))
        if doubt:
            return Outcome(False, level, f"{text} {doubt}")
    where = reading.where if not reading.untrusted else f"on {reading.transcript}, which stands for the gene"
    return Outcome(True, level, f"{text} ({alteration.alteration_id}) {where}")


def truncation_gain(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Truncation inside a codon window that activates the gene."""
    level = MatchLevel.REGION
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    if not reading.classes & TRUNCATING_CLASSES:
        return Outcome(False, level, f"{reading.text} is no truncation but {_classes_in_words(reading)}")
    if not _touches(alteration, reading):
        return Outcome(False, level, f"{reading.text} does not strike in {_window(alteration)}")
    text = f"{reading.text} truncates in {_window(alteration)} ({alteration.alteration_id}) {reading.where}"
    return Outcome(True, level, text)


def internal_tandem_duplication(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """In-frame insertion or duplication of at least 3 bp that lies inside the codon window with both its ends."""
    level = MatchLevel.REGION
    if reading.untrusted:
        return Outcome(False, level, reading.untrusted)
    bases = len(reading.allele.alt) - len(reading.allele.ref)
    if "inframe_insertion" not in reading.classes or bases < MIN_ITD_BASES:
        return Outcome(False, level, f"{reading.text} is no in-frame insertion of at least {MIN_ITD_BASES} bp")
    first, last = alteration.codon_first, alteration.codon_last
    if first is None or last is None or reading.touched is None:
        return Outcome(False, level, f"{reading.text} has no annotated codon")
    if reading.touched[0] < first or reading.touched[1] > last:
        return Outcome(False, level, f"{reading.text} does not lie inside {_window(alteration)}")
    text = f"{reading.text} inserts {bases} bp in frame inside {_window(alteration)} ({alteration.alteration_id})"
    return Outcome(True, level, f"{text} {reading.where}")


def exon_skipping(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Loss of a splice site of the exon, by the annotation of the knowledge transcript.

    Of exon N: a splice acceptor variant in intron N-1, a splice donor variant in intron N; where the intron is not
    annotated, the coding position next to the exon's first or last codon (from the codon window). The whole exon is
    lost by a deletion that takes both sites with exon N annotated, by one that reaches from the intron before to the
    intron behind by its coding position, and by an exon loss of exon N. Splice region changes count only where the
    row's classes name splice_region, and only on the exon's own side of the intron.

    On a legacy transcript with a known offset neither exon nor intron numbers count: the coding position less the
    offset must be that of the exon's first or last codon, and a protein change beside it must agree with the tables.
    """
    level = MatchLevel.EXON_CLASS
    exon = alteration.exon
    by_place = bool(reading.offset) and (reading.change is None or not reading.untrusted)
    if exon is None or not (by_place or (reading.on_knowledge_transcript and not reading.untrusted)):
        return Outcome(False, level, reading.untrusted or "the exon is counted on the knowledge transcript only")
    deletes = len(reading.allele.ref) > len(reading.allele.alt)
    both = bool(reading.terms & ACCEPTOR_TERMS and reading.terms & DONOR_TERMS)
    at_acceptor, at_donor = (_beside(alteration, reading, exon, acceptor=side) for side in (True, False))
    loses_exon = reading.exon == exon and (reading.terms & EXON_LOSS_TERMS or (both and deletes))
    if loses_exon or (deletes and _reaches_over(alteration, reading.place)):
        text = f"{reading.text} removes exon {exon}"
    elif reading.terms & ACCEPTOR_TERMS and at_acceptor:
        text = f"{reading.text} hits the splice acceptor of exon {exon}"
    elif reading.terms & DONOR_TERMS and at_donor:
        text = f"{reading.text} hits the splice donor of exon {exon}"
    elif "splice_region" in alteration.classes and _in_splice_region(alteration, reading, exon):
        text = f"{reading.text} lies in a splice region of exon {exon}"
    else:
        return Outcome(False, level, f"{reading.text} is not annotated to hit a splice site of exon {exon}")
    return Outcome(True, level, f"{text} ({alteration.alteration_id}) {reading.where}")


def _reaches_over(alteration: Alteration, place: CodingPlace | None) -> bool:
    """Whether a coding description reaches from the intron before the exon to the intron behind it."""
    if place is None or not place.offset or not place.end_offset or alteration.codon_first == alteration.codon_last:
        return False
    ends = ((place.base + 2) // 3, (place.end_base + 2) // 3)
    return ends == (alteration.codon_first, alteration.codon_last)


def _beside(alteration: Alteration, reading: Reading, exon: int, *, acceptor: bool) -> bool:
    """Whether an intronic change lies at the acceptor (or donor) side of the exon."""
    if reading.intron is not None:
        return reading.intron == (exon - 1 if acceptor else exon)
    place = reading.place
    if place is None:
        return False
    for base, offset in ((place.base, place.offset), (place.end_base, place.end_offset)):
        edge = alteration.codon_first if acceptor else alteration.codon_last
        if offset and (offset < 0) is acceptor and edge is not None and (base + 2) // 3 == edge:
            return True
    return False


def _in_splice_region(alteration: Alteration, reading: Reading, exon: int) -> bool:
    if not reading.terms & SPLICE_REGION_TERMS:
        return False
    offset = reading.place.offset if reading.place is not None else 0
    if reading.terms & ACCEPTOR_REGION_TERMS or offset < 0:
        return _beside(alteration, reading, exon, acceptor=True)
    if reading.terms & DONOR_REGION_TERMS or offset > 0:
        return _beside(alteration, reading, exon, acceptor=False)
    return reading.intron is None and reading.exon == exon and reading.place is not None


def coordinates_only(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> Outcome:
    """Alleles and promoters are recognised by their exact coordinates alone."""
    return Outcome(False, MatchLevel.EXACT_ALLELE, "only its exact alleles count")


RULES: Mapping[str, Rule] = {
    "allele": coordinates_only,
    "promoter": coordinates_only,
    "protein": protein,
    "codon": codon,
    "exon_class": exon_class,
    "region_class": region_class,
    "loss_of_function": loss_of_function,
    "truncation_gain": truncation_gain,
    "exon_skipping": exon_skipping,
    "internal_tandem_duplication": internal_tandem_duplication,
}
"""Rules by event. Copy number, fusion, rearrangement, overexpression, signature and wild type rest on other inputs."""

GENE_WIDE_EVENTS = frozenset({"loss_of_function"})


def exclusion(kb: KnowledgeBase, alteration: Alteration, reading: Reading) -> str:
    """Why an excluded change forbids the match; "" if none does.

    A change that cannot be told apart from an excluded one, for want of a protein change, is taken as excluded.
    """
    for known in kb.excluded_changes.get(alteration.alteration_id, ()):
        if reading.change is not None and same_event(reading.change, reading.edit, known):
            return f"{known.text} is excluded from {alteration.alteration_id}"
        if reading.change is None and _might_be(reading, known.change.kind, known.change.start):
            return f"without a protein change it cannot be told from {known.text}, which the rule excludes"
    for name in alteration.excludes:
        other = kb.alterations.get(name)
        if other is None or other.event not in RULES:
            continue
        if RULES[other.event](kb, other, reading).matched:
            return f"{reading.text} is {name}, which is excluded from {alteration.alteration_id}"
        if reading.change is None:
            for known in kb.curated_changes.get(name, ()):
                if _might_be(reading, known.change.kind, known.change.start):
                    return f"without a protein change it cannot be told from {name}, which the rule excludes"
    return ""


def _might_be(reading: Reading, kind: ProteinKind, start: int) -> bool:
    """Whether a reading without protein change could be a change of this kind at this residue."""
    if kind in CODING_EDITS:
        return bool(reading.classes & {"inframe_deletion", "inframe_insertion", "delins"})
    near = reading.touched is None or reading.touched[0] <= start <= reading.touched[1]
    expected = {ProteinKind.NONSENSE: "nonsense", ProteinKind.FRAMESHIFT: "frameshift"}.get(kind, "missense")
    return near and expected in reading.classes
