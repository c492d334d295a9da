"""What a CIViC variant name means in our schema: a curated alteration, a candidate row, or the reason why neither."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from targetboard.knowledge.lint_numbering import residue_fault
from targetboard.knowledge.protein import curated_change, same_event
from targetboard.knowledge.records import Alteration, Gene, KnowledgeBase
from targetboard.vcf.hgvs import ProteinChange, ProteinKind, format_protein, parse_protein

PREFIX = "CIVIC_"
_PARENTHESES = re.compile(r"\s*\(c\.[^)]*\)\s*$")
_CODON = re.compile(r"[A-Z](\d+)")
_CODONS = re.compile(r"[A-Z](\d+)/[A-Z](\d+)")
_FUSION = re.compile(r"([A-Z0-9]+)-([A-Z0-9]+)")
_ANY_FUSION = re.compile(r"([A-Z0-9]+) FUSIONS?")
_FUSION_AND_CHANGE = re.compile(r"([A-Z0-9]+-[A-Z0-9]+)\s+([A-Z]\d+[A-Z])")
_CLASSES = {"AMPLIFICATION": "amplification", "LOSS-OF-FUNCTION": "loss_of_function"}
_KINDS = frozenset(
    {
        ProteinKind.SUBSTITUTION,
        ProteinKind.NONSENSE,
        ProteinKind.FRAMESHIFT,
        ProteinKind.DELETION,
        ProteinKind.DUPLICATION,
        ProteinKind.INSERTION,
        ProteinKind.DELINS,
    }
)
_LOWER = re.compile(r"(DELINS|DEL|DUP|INS|FS)", re.IGNORECASE)
_CLASS_OF_KIND = {ProteinKind.SUBSTITUTION: ("missense",), ProteinKind.NONSENSE: ("nonsense",)}


@dataclass(slots=True)
class Reading:
    """Ids of the alterations a name stands for (joined by AND), candidate rows among them, or why there are none."""

    ids: tuple[str, ...] = ()
    candidates: dict[str, dict[str, str]] = field(default_factory=dict)
    reason: str = ""


def read_name(gene_name: str, name: str, kb: KnowledgeBase) -> Reading:
    """Read a variant name of CIViC.

    Parameters
    ----------
    gene_name, name
        Gene symbol and variant name as CIViC has them (``EGFR``, ``L858R``).
    kb
        The curated knowledge: its row is used wherever it states the same alteration.
    """
    gene = kb.gene(gene_name)
    if gene is None:
        return Reading(reason="the gene is not in genes.tsv")
    text = _PARENTHESES.sub("", name.strip())
    upper = text.upper()
    both = _FUSION_AND_CHANGE.fullmatch(upper)
    if both is not None:
        return _together(read_name(gene_name, both[1], kb), read_name(gene_name, both[2], kb))
    if upper in _CLASSES:
        return _class(gene, _CLASSES[upper], kb)
    fusion = _FUSION.fullmatch(upper)
    any_fusion = _ANY_FUSION.fullmatch(upper)
    if fusion is not None and gene.gene in fusion.groups():
        partner = fusion[2] if fusion[1] == gene.gene else fusion[1]
        return _fusion(gene, partner, "three_prime" if fusion[2] == gene.gene else "five_prime", kb)
    if any_fusion is not None and any_fusion[1] == gene.gene:
        return _fusion(gene, "", "", kb)
    for pattern in (_CODONS, _CODON):
        codons = pattern.fullmatch(upper)
        if codons is not None:
            return _codon(gene, text, int(codons[1]), int(codons[len(codons.groups())]), kb)
    change = parse_protein(f"p.{_LOWER.sub(lambda m: m[0].lower(), upper)}")
    if change is None or change.kind not in _KINDS or not change.start:
        return Reading(reason="the name is a class that no mechanical rule states")
    return _protein(gene, change, kb)


def _together(first: Reading, second: Reading) -> Reading:
    if first.reason or second.reason:
        return Reading(reason=first.reason or second.reason)
    return Reading(first.ids + second.ids, first.candidates | second.candidates)


def _protein(gene: Gene, change: ProteinChange, kb: KnowledgeBase) -> Reading:
    windows = kb.proteins.get(gene.gene, ())
    text = format_protein(change)
    fault = residue_fault(change, windows)
    if fault is not None:
        return Reading(reason=f"numbered on another transcript: {fault}")
    if not gene.transcript_refseq and not gene.transcript_ensembl:
        return Reading(reason="the gene has no knowledge transcript")
    stated = curated_change(text, windows)
    for row in kb.alterations_by_gene.get(gene.gene, ()):
        known = kb.curated_changes.get(row.alteration_id, ())
        alone = row.event == "protein" and len(known) == 1
        if alone and stated is not None and same_event(stated.change, stated.edit, known[0]):
            return Reading((row.alteration_id,))
    short = format_protein(change, one_letter=True).removeprefix("p.")
    classes = "|".join(_CLASS_OF_KIND.get(change.kind, ()))
    return _candidate(gene, short, "protein", {"protein_changes": text, "classes": classes})


def _codon(gene: Gene, name: str, first: int, last: int, kb: KnowledgeBase) -> Reading:
    if not gene.transcript_refseq and not gene.transcript_ensembl:
        return Reading(reason="the gene has no knowledge transcript")
    for letter, position in re.findall(r"([A-Za-z])(\d+)", name):
        change = parse_protein(f"p.{letter.upper()}{position}=")
        fault = residue_fault(change, kb.proteins.get(gene.gene, ())) if change is not None else None
        if fault is not None:
            return Reading(reason=f"numbered on another transcript: {fault}")
    for row in kb.alterations_by_gene.get(gene.gene, ()):
        if row.event == "codon" and (row.codon_first, row.codon_last) == (first, last) and not row.excludes:
            return Reading((row.alteration_id,))
    return _candidate(gene, name, "codon", {"codon_first": str(first), "codon_last": str(last), "classes": "missense"})


def _class(gene: Gene, event: str, kb: KnowledgeBase) -> Reading:
    found = [row for row in kb.alterations_by_gene.get(gene.gene, ()) if row.event == event]
    if found:
        return Reading((found[0].alteration_id,))
    if event == "loss_of_function" and not gene.lof_mechanism:
        return Reading(reason="loss of function is no mechanism of the gene in genes.tsv")
    return _candidate(gene, {"amplification": "AMP"}.get(event, "LOF"), event, {})


def _fusion(gene: Gene, partner: str, orientation: str, kb: KnowledgeBase) -> Reading:
    found = [row for row in kb.alterations_by_gene.get(gene.gene, ()) if row.event == "fusion"]
    for row in found:
        if _partner(row, gene) == partner:
            return Reading((row.alteration_id,))
    cells = {"partner": partner, "orientation": orientation} if partner else {}
    return _candidate(gene, f"{partner}_FUSION" if partner else "FUSION", "fusion", cells)


def _partner(row: Alteration, gene: Gene) -> str:
    """Partner of a curated fusion, also where only its id names it (``EML4_ALK``)."""
    if row.partner:
        return row.partner
    names = [name for name in row.alteration_id.split("_") if name not in {gene.gene, "FUSION"}]
    return names[0] if len(names) == 1 and row.alteration_id != f"{gene.gene}_FUSION" else ""


def _candidate(gene: Gene, name: str, event: str, cells: dict[str, str]) -> Reading:
    spelled = f"{gene.gene}_{name}".upper().replace("*", "STOP")
    identifier = PREFIX + re.sub(r"[^A-Z0-9]+", "_", spelled).strip("_")
    row = {"alteration_id": identifier, "gene": gene.gene, "label": f"{gene.gene} {name}", "event": event} | cells
    return Reading((identifier,), {identifier: row})
