"""Re-evaluating archived sample documents with another knowledge base, without their VCFs.

A document holds the variants that were reported, not those that were filtered, and of each variant what a reader needs.
What it does not hold is told as a limitation: annotate again where it matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from targetboard.action.assess import assess_sample
from targetboard.action.tumour_types import TumourTypes
from targetboard.classify.driver import classify
from targetboard.errors import UsageError
from targetboard.knowledge.diff import Difference
from targetboard.knowledge.manifest import combined_digest
from targetboard.knowledge.match import match
from targetboard.knowledge.records import KnowledgeBase
from targetboard.model import (
    Allele,
    Assembly,
    InputAllele,
    Observation,
    Phase,
    TranscriptConsequence,
    Variant,
)
from targetboard.vcf.consequence import choose

# Columns of a therapy row whose change a treating physician must hear of.
THERAPY_FIELDS = ("direction", "amp", "escat", "state", "drugs", "tumour_match", "evidence_level", "approvals")
NOT_IN_DOCUMENT = (
    "Population frequencies, predictor scores, strand counts and intron numbers are not in a document: oncogenicity"
    " codes that rest on them are not evaluable in either re-evaluation."
)
OTHER_INPUTS = "Copy number, fusions, coverage and measured markers of the sample are not re-evaluated."


@dataclass(slots=True, frozen=True)
class Change:
    """One thing that differs between the two evaluations of a sample.

    ``kind`` is class, tier, matches or therapy; ``subject`` the variant or claim; ``because`` names the knowledge rows.
    """

    kind: str
    subject: str
    old: str
    new: str
    because: tuple[str, ...]


@dataclass(slots=True, frozen=True)
class SampleImpact:
    """A sample's changes; ``knowledge`` says whose knowledge its document was made with: old, new or another one."""

    sample_id: str
    knowledge: str
    changes: tuple[Change, ...]
    notes: tuple[str, ...]


def rebuild_variant(entry: Mapping[str, Any], kb: KnowledgeBase, assembly: Assembly) -> Variant:
    """Make a variant of a document's entry, matched against a knowledge base but not yet classified."""
    allele = Allele(entry["chrom"], entry["pos"], entry["ref"], entry["alt"])
    consequences = _consequences(entry)
    gene = kb.gene(entry["gene"])
    chosen, note = choose(consequences, gene)
    if chosen is None and gene is None:
        chosen, note = choose(consequences, None)
    variant = Variant(
        allele=allele,
        input=InputAllele(**entry["input"]),
        observation=_observation(entry),
        consequences=consequences,
        chosen=chosen,
        transcript_note=note,
        reference_checked=entry["reference_checked"],
    )
    found = match(kb, assembly, allele, chosen, consequences)
    variant.matches, variant.near_misses = found.matches, found.near_misses
    variant.gene = found.gene or entry["gene"]
    return variant


def _consequences(entry: Mapping[str, Any]) -> tuple[TranscriptConsequence, ...]:
    source = entry["consequence_source"]
    found = [
        _consequence(one["gene"], one["transcript"], one["consequence"], source, one, one["mane_select"])
        for one in entry["transcripts"]
    ]
    if not any(one["chosen"] for one in entry["transcripts"]) and (entry["transcript"] or entry["consequence"]):
        terms = entry["consequence"].split("&") if entry["consequence"] else []
        found.append(_consequence(entry["gene"], entry["transcript"], terms, source, entry, False))
    return tuple(found)


def _consequence(
    gene: str, transcript: str, terms: Sequence[str], source: str, texts: Mapping[str, Any], mane_select: bool
) -> TranscriptConsequence:
    exon, _, total = texts["exon"].partition("/")
    return TranscriptConsequence(
        gene=gene,
        transcript=transcript,
        terms=tuple(terms),
        source=source,
        hgvsc=texts["hgvsc"],
        hgvsp=texts["hgvsp"],
        exon=int(exon) if exon.isdecimal() else None,
        exon_total=int(total) if total.isdecimal() else None,
        mane_select=mane_select,
    )


def _observation(entry: Mapping[str, Any]) -> Observation:
    phase = entry["phase"]
    return Observation(
        vaf=entry["vaf"],
        vaf_source=entry["vaf_source"],
        depth=entry["depth"],
        alt_depth=entry["alt_depth"],
        filter=entry["filter"],
        genotype=entry["genotype"],
        phase=None if phase is None else Phase(phase["set_id"], phase["haplotype"], phase["source"]),
        somatic_status=entry["somatic_status"],
        caller_vaf=entry["caller_vaf"],
        normal_vaf=entry["normal_vaf"],
        normal_depth=entry["normal_depth"],
    )


def evaluate(document: Mapping[str, Any], kb: KnowledgeBase) -> tuple[list[Variant], dict[str, Any]]:
    """Match, classify and assess the variants of a complete document.

    Raises
    ------
    UsageError
        If the knowledge base does not know the sample's tumour type.
    """
    sample = document["sample"]
    assembly = Assembly(sample["assembly"])
    code = sample["tumour_type"]["code"] if sample["tumour_type"] else None
    types = TumourTypes(kb.tumour_types)
    lineage = types.lineage(types.resolve(code).code) if code else ()
    variants = [rebuild_variant(entry, kb, assembly) for entry in document["variants"]]
    for variant in variants:
        classify(
            variant,
            kb,
            clinical=sample["clinical"],
            has_normal=sample["normal_column"] is not None,
            purity=sample["purity"],
            lineage=lineage,
        )
    assessment = assess_sample(kb, variants, code, sample["condition"], sample["clinical"], sample["purity"])
    return variants, assessment


def impact(document: Mapping[str, Any], old: KnowledgeBase, new: KnowledgeBase, difference: Difference) -> SampleImpact:
    """What changes for one sample between two knowledge bases, and which rows made it change."""
    sample_id = document["sample"]["sample_id"]
    own = combined_digest([layer["sha256"] for layer in document["provenance"]["knowledge"]])
    origin = {old.sha256: "old", new.sha256: "new"}.get(own, "another")
    notes = list(_notes(document, origin))
    try:
        before, after = evaluate(document, old), evaluate(document, new)
    except UsageError as error:
        return SampleImpact(sample_id, origin, (), (*notes, f"not re-evaluated: {error.what}"))
    rows = _ChangedRows(difference)
    changes: list[Change] = []
    for index, entry in enumerate(document["variants"]):
        changes += _variant_changes(entry, index, before, after, rows)
    changes += _therapy_changes(before[1]["therapies"], after[1]["therapies"], rows)
    if origin in {"old", "new"}:
        same = (before if origin == "old" else after)[0]
        drifted = [
            _name(entry)
            for entry, variant in zip(document["variants"], same, strict=True)
            if entry["driver_class"] != str(variant.driver_class)
        ]
        if drifted:
            notes.append(f"the document alone does not reproduce the class of {', '.join(drifted)}: annotate again")
    return SampleImpact(sample_id, origin, tuple(changes), tuple(notes))


def _notes(document: Mapping[str, Any], origin: str) -> Iterable[str]:
    if origin == "another":
        releases = "+".join(layer["release"] for layer in document["provenance"]["knowledge"])
        yield f"the document was made with knowledge {releases}, which is neither OLD nor NEW"
    filtered = document["ledger"]["filtered"]
    count = sum(filtered.values())
    if count:
        reasons = ", ".join(f"{reason} {number:,}" for reason, number in sorted(filtered.items()))
        yield (
            f"{count:,} filtered alleles are counted only ({reasons}): if NEW would report one of them, only annotating"
            " again shows it"
        )


def _name(entry: Mapping[str, Any]) -> str:
    change = entry["hgvsp"] or entry["hgvsc"] or f"{entry['chrom']}:{entry['pos']} {entry['ref']}>{entry['alt']}"
    return f"{entry['gene']} {change}".strip()


class _ChangedRows:
    """Rows that differ, found by the id or gene at the head of their key."""

    def __init__(self, difference: Difference) -> None:
        self._rows: dict[tuple[str, str], list[str]] = {}
        for table, changes in difference.tables.items():
            for key, what in changes.rows():
                self._rows.setdefault((table, key[0]), []).append(f"{table} {'/'.join(key)} {what}")

    def of(self, names: Iterable[tuple[str, str]], limit: int = 6) -> tuple[str, ...]:
        """Changed rows under the given (table, id), each once, at most ``limit`` and the number of the others."""
        found = list(dict.fromkeys(text for name in names for text in self._rows.get(name, ())))
        rest = [f"and {len(found) - limit} more rows"] if len(found) > limit else []
        return (*found[:limit], *rest)


Evaluated = tuple[list[Variant], dict[str, Any]]


def _variant_changes(
    entry: Mapping[str, Any], index: int, before: Evaluated, after: Evaluated, rows: _ChangedRows
) -> list[Change]:
    old, new = before[0][index], after[0][index]
    matches = [sorted(found.alteration_id for found in variant.matches) for variant in (old, new)]
    tiers = [evaluated[1]["tiers"][index] for evaluated in (before, after)]
    ids = [*matches[0], *matches[1]]
    named = [(table, name) for name in dict.fromkeys(ids) for table in ("alterations", "alleles")]
    wider = [
        (table, gene)
        for gene in dict.fromkeys((old.gene, new.gene))
        for table in ("genes", "proteins", "hotspots", "domains")
    ]
    because = rows.of(named) or rows.of(wider)
    subject = _name(entry)
    changes: list[Change] = []
    if old.driver_class != new.driver_class:
        changes.append(Change("class", subject, str(old.driver_class), str(new.driver_class), because))
    if matches[0] != matches[1]:
        changes.append(
            Change("matches", subject, ", ".join(matches[0]) or "none", ", ".join(matches[1]) or "none", because)
        )
    for scale in ("amp", "escat"):
        values = [tier.get(scale) or "none" for tier in tiers]
        if values[0] != values[1]:
            carried = [claim for evaluated in (before, after) for claim in _claims_of(evaluated[1], index)]
            reasons = rows.of([*_claim_rows(carried), *named])
            changes.append(Change("tier", f"{subject} ({scale})", values[0], values[1], reasons or because))
    return changes


def _claims_of(assessment: Mapping[str, Any], index: int) -> list[Mapping[str, Any]]:
    return [row for row in assessment["therapies"] if index in row["variants"]]


def _claim_rows(claims: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    names: list[tuple[str, str]] = []
    for row in claims:
        names += [("therapies", row["claim_id"]), ("approvals", row["claim_id"]), ("biomarkers", row["biomarker_id"])]
        names += [("alterations", name) for name in row["biomarkers"]]
    return list(dict.fromkeys(names))


def _therapy_changes(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], rows: _ChangedRows
) -> list[Change]:
    old, new = ({row["claim_id"]: row for row in shown} for shown in (before, after))
    changes: list[Change] = []
    for claim_id in sorted(old.keys() | new.keys()):
        a, b = old.get(claim_id), new.get(claim_id)
        because = rows.of(_claim_rows([row for row in (a, b) if row is not None]))
        if a is None or b is None:
            words = ["not shown" if row is None else _therapy(row) for row in (a, b)]
            changes.append(Change("therapy", claim_id, words[0], words[1], because))
            continue
        for field in THERAPY_FIELDS:
            if a[field] != b[field]:
                changes.append(Change("therapy", f"{claim_id} ({field})", _words(a[field]), _words(b[field]), because))
    return changes


def _therapy(row: Mapping[str, Any]) -> str:
    drugs = " + ".join(row["drugs"]) or row["implication"]
    tier = f", {row['amp']}" if row["amp"] else ""
    return f"{drugs}: {row['direction'] or row['implication']}{tier}"


def _words(value: object) -> str:
    if isinstance(value, list):
        parts = [
            " ".join(str(item[key]) for key in ("jurisdiction", "year", "status") if item[key])
            if isinstance(item, dict)
            else str(item)
            for item in value
        ]
        return ", ".join(parts) or "none"
    return str(value) if value else "none"


def as_json(impacts: Sequence[SampleImpact], difference: Difference, skipped: Mapping[str, str]) -> dict[str, Any]:
    """The re-analysis list as plain data."""
    return {
        "old": {"release": difference.old_release, "sha256": difference.old_sha256},
        "new": {"release": difference.new_release, "sha256": difference.new_sha256},
        "samples": [
            {
                "sample_id": one.sample_id,
                "document_knowledge": one.knowledge,
                "changes": [
                    {
                        "kind": change.kind,
                        "subject": change.subject,
                        "old": change.old,
                        "new": change.new,
                        "because": list(change.because),
                    }
                    for change in one.changes
                ],
                "notes": list(one.notes),
            }
            for one in impacts
        ],
        "skipped": dict(skipped),
        "limitations": limitations(difference),
    }


def limitations(difference: Difference) -> list[str]:
    """What a re-evaluation of documents cannot tell."""
    texts = [NOT_IN_DOCUMENT, OTHER_INPUTS]
    genes = difference.tables.get("genes")
    if genes is not None and genes.added:
        count = len(genes.added)
        texts.append(
            f"NEW judges {count:,} more gene{'s' if count > 1 else ''}: their variants are in no document made before;"
            " annotate again."
        )
    return texts


def in_words(impacts: Sequence[SampleImpact], difference: Difference, skipped: Mapping[str, str]) -> list[str]:
    """The re-analysis list as lines of Markdown."""
    touched = [one for one in impacts if one.changes]
    lines = [
        f"# Samples touched by knowledge {difference.old_release} → {difference.new_release}",
        "",
        f"{len(touched)} of {len(impacts)} re-evaluated samples change.",
    ]
    if touched:
        lines += ["", "| sample | what | of | old | new | because |", "|---|---|---|---|---|---|"]
        lines += [_line(one.sample_id, change) for one in touched for change in one.changes]
    noted = [f"- {one.sample_id}: {note}" for one in impacts for note in one.notes]
    lines += ["", "## Notes", "", *noted] if noted else []
    lines += ["", "## Not re-evaluated", "", *(f"- {name}: {why}" for name, why in skipped.items())] if skipped else []
    return [*lines, "", "## What documents cannot tell", "", *(f"- {text}" for text in limitations(difference))]


def _line(sample_id: str, change: Change) -> str:
    because = "; ".join(change.because) or "no changed row of its own"
    cells = (sample_id, change.kind, change.subject, change.old, change.new, because)
    return f"| {' | '.join(_cell(text) for text in cells)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
