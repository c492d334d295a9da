"""Candidate rows from CIViC's TSV release (CC0), by the stated rules of curation; nothing curated is ever changed.

Rules: an alteration is "validated" by accepted supporting evidence of level A or B with rating 3 or more of type
predictive, diagnostic or functional, else "supported" (level C or weaker B) or "preclinical" (D and E only). A claim is
level A by an item of level A, B by two items of level B with rating 3 or more, C by one such item, level C or weaker B;
preclinical items make no claim. A therapy needs a validated alteration, as everywhere.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from targetboard.errors import MalformedInput
from targetboard.knowledge.civic_names import PREFIX, Reading, read_name
from targetboard.knowledge.profiles import profile_terms
from targetboard.knowledge.records import KnowledgeBase

NEEDED = (
    "gene", "variant", "disease", "doid", "drugs", "drug_interaction_type", "evidence_type", "evidence_direction",
    "evidence_level", "clinical_significance", "rating", "evidence_status", "evidence_id", "variant_origin",
)  # fmt: skip
# Items that only repeat a guideline whose content is not used here (resources/knowledge/README.md).
NOT_USED = frozenset({"5344", "5345"})
MIN_RATING = 3
SUPPORTS = "Supports"
IMPLICATIONS = {"Predictive": "therapeutic", "Diagnostic": "diagnostic", "Prognostic": "prognostic"}
DIRECTIONS = {"Sensitivity/Response": "sensitive", "Resistance": "resistant"}
ORIGINS = {"Somatic": "somatic", "Rare Germline": "germline", "Common Germline": "germline"}

Item = Mapping[str, str]


@dataclass(slots=True, frozen=True)
class Disease:
    """OncoTree codes of a CIViC disease, and what its name says beyond them."""

    codes: tuple[str, ...]
    condition: str


@dataclass(slots=True)
class Import:
    """Candidate rows by table, the items that made none with the reason, and how many items were read."""

    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    unmatched: dict[tuple[str, str, str], list[str]] = field(default_factory=dict)
    items: int = 0
    used: set[str] = field(default_factory=set)
    curated: set[str] = field(default_factory=set)

    def leave_out(self, kind: str, name: str, reason: str, items: Iterable[Item]) -> None:
        """List items that make no row."""
        self.unmatched.setdefault((kind, name, reason), []).extend(item["evidence_id"] for item in items)


def read_items(text: str, where: str) -> list[Item]:
    """Evidence items of a release file; MalformedInput where a needed column is missing."""
    reader = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
    if missing:
        raise MalformedInput(
            f"no CIViC clinical evidence: columns {', '.join(missing)} are missing",
            where=where,
            remedy="Give nightly-ClinicalEvidenceSummaries.tsv of a CIViC release",
        )
    return [{key: (value or "").strip() for key, value in row.items() if isinstance(key, str)} for row in reader]


def read_diseases(text: str) -> dict[str, Disease]:
    """The table of disease names (resources/civic/diseases.tsv), by folded name."""
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["disease"].casefold(): Disease(tuple(row["tumour_types"].split("|")), row["condition"]) for row in rows}


def candidates(items: Sequence[Item], diseases: Mapping[str, Disease], kb: KnowledgeBase) -> Import:
    """Make candidate rows of evidence items.

    Parameters
    ----------
    items
        Rows of the clinical evidence file.
    diseases
        Codes by folded disease name; a name equal to an OncoTree name needs no entry.
    kb
        The curated knowledge: its alterations and drugs are referred to, its claims are not repeated.
    """
    result = Import(items=len(items))
    by_name = {node.name.casefold(): Disease((node.code,), "") for node in kb.tumour_types.values()} | dict(diseases)
    accepted = [item for item in items if _is_usable(item, result)]
    readings = {name: read_name(*name, kb) for name in dict.fromkeys((i["gene"], i["variant"]) for i in accepted)}
    alterations = _alterations(accepted, readings, kb, result)
    groups: dict[tuple[str, ...], list[Item]] = {}
    for item in accepted:
        reading = readings[item["gene"], item["variant"]]
        disease = by_name.get(item["disease"].casefold())
        if reading.reason:
            result.leave_out("variant", f"{item['gene']} {item['variant']}", reading.reason, [item])
        elif disease is None:
            result.leave_out("disease", item["disease"] or "(none)", "no OncoTree code is mapped to it", [item])
        else:
            for drugs in _regimens(item, kb, result):
                statement = (
                    " AND ".join(reading.ids), item["evidence_type"], item["clinical_significance"],
                    "|".join(disease.codes), disease.condition, "|".join(drugs),
                )  # fmt: skip
                groups.setdefault(statement, []).append(item)
    _claims(groups, alterations, kb, result)
    return result


def _is_usable(item: Item, result: Import) -> bool:
    if item["evidence_status"] != "accepted":
        reason = "the item is not accepted"
    elif item["evidence_id"] in NOT_USED:
        reason = "the item only repeats a guideline"
    elif item["evidence_type"] == "Functional":
        return True
    elif item["evidence_type"] not in IMPLICATIONS:
        reason = "not a therapeutic, diagnostic or prognostic statement"
    elif item["evidence_type"] == "Predictive" and item["clinical_significance"] not in DIRECTIONS:
        reason = "neither sensitivity nor resistance"
    elif item["evidence_type"] != "Predictive" and item["clinical_significance"] in {"", "N/A"}:
        reason = "no direction is stated"
    else:
        return True
    name = f"{item['evidence_type']} {item['clinical_significance']}".strip()
    result.leave_out("statement", name, reason, [item])
    return False


def _regimens(item: Item, kb: KnowledgeBase, result: Import) -> list[tuple[str, ...]]:
    """Drugs of the claims an item makes: one claim a substitute, one for a combination; none for a functional item."""
    if item["evidence_type"] == "Functional" or item["evidence_direction"] not in {SUPPORTS, "Does Not Support"}:
        return []
    if item["evidence_type"] != "Predictive":
        return [()]
    drugs = tuple(sorted(name.strip().lower() for name in item["drugs"].split(",") if name.strip()))
    unknown = [drug for drug in drugs if drug not in kb.drugs]
    if not drugs:
        result.leave_out("drug", "(none)", "a therapeutic item without a drug", [item])
    elif unknown:
        result.leave_out("drug", ", ".join(unknown), "not in drugs.tsv", [item])
    elif len(drugs) == 1 or item["drug_interaction_type"] == "Combination":
        return [drugs]
    elif item["drug_interaction_type"] == "Substitutes":
        return [(drug,) for drug in drugs]
    else:
        result.leave_out("drug", ", ".join(drugs), "several drugs whose relation is not stated", [item])
    return []


def _rating(item: Item) -> int:
    return int(item["rating"]) if item["rating"].isdecimal() else 0


def _alterations(
    items: Sequence[Item], readings: Mapping[tuple[str, str], Reading], kb: KnowledgeBase, result: Import
) -> dict[str, str]:
    """Evidence by alteration id, curated ones as they are; candidate rows go into the result."""
    evidence = {name: row.evidence if row.kind == "driver" else "" for name, row in kb.alterations.items()}
    rows: dict[str, dict[str, str]] = {}
    supporting: dict[str, list[Item]] = {}
    for item in items:
        reading = readings[item["gene"], item["variant"]]
        if item["evidence_direction"] != SUPPORTS:
            continue
        for name, row in reading.candidates.items():
            rows[name] = row
            # A compound name (a change within a fusion) is evidence of the pair, not of each part.
            if len(reading.ids) == 1:
                supporting.setdefault(name, []).append(item)
    for name in sorted(supporting):
        found = supporting[name]
        evidence[name] = _alteration_evidence(found)
        ids = sorted({int(item["evidence_id"]) for item in found})
        result.tables.setdefault("alterations", []).append(
            rows[name]
            | {
                "effect": _effect(found),
                "kind": "driver",
                "evidence": evidence[name],
                "sources": "|".join(f"CIViC:EID{number}" for number in ids),
                "verified_in": "; ".join(f"civic/ClinicalEvidence EID{number}" for number in ids),
            }
        )
    return evidence


def _alteration_evidence(items: Sequence[Item]) -> str:
    kinds = {"Predictive", "Diagnostic", "Functional"}
    strong = [i for i in items if i["evidence_level"] in {"A", "B"} and _rating(i) >= MIN_RATING]
    if any(item["evidence_type"] in kinds for item in strong):
        return "validated"
    return "supported" if any(item["evidence_level"] in {"A", "B", "C"} for item in items) else "preclinical"


def _effect(items: Sequence[Item]) -> str:
    words = {item["clinical_significance"] for item in items if item["evidence_type"] == "Functional"}
    return {"Gain of Function": "gain_of_function", "Loss of Function": "loss_of_function"}.get(
        next(iter(words)) if len(words) == 1 else "", "unknown"
    )


def _claims(
    groups: Mapping[tuple[str, ...], list[Item]], evidence: Mapping[str, str], kb: KnowledgeBase, result: Import
) -> None:
    curated = _curated_statements(kb)
    biomarkers: dict[str, dict[str, str]] = {}
    for statement in sorted(groups):
        profile, kind, significance, codes, condition, drugs = statement
        items = groups[statement]
        for_it = [item for item in items if item["evidence_direction"] == SUPPORTS]
        against = sorted(int(i["evidence_id"]) for i in items if i["evidence_direction"] != SUPPORTS)
        level, basis = _level(for_it)
        name = f"{profile}: {drugs or significance}"
        missing = [part for part in profile.split(" AND ") if part not in evidence]
        weak = [part for part in profile.split(" AND ") if evidence.get(part) != "validated"]
        implication = IMPLICATIONS[kind]
        direction = DIRECTIONS.get(significance, "") if implication == "therapeutic" else ""
        if not for_it:
            result.leave_out("claim", name, "no item supports it", items)
        elif not level:
            result.leave_out("claim", name, "preclinical evidence only", items)
        elif missing:
            result.leave_out("claim", name, f"no single-variant evidence of {', '.join(missing)}", items)
        elif implication == "therapeutic" and weak:
            result.leave_out("claim", name, f"{', '.join(weak)} is not validated", items)
        elif _is_curated(curated, profile, codes, drugs, implication, direction):
            result.curated.update(item["evidence_id"] for item in items)
        else:
            biomarker = PREFIX + re.sub(r"[^A-Z0-9]+", "_", profile.upper()).removeprefix(PREFIX)
            label = " and ".join(_label(part, result, kb) for part in profile.split(" AND "))
            biomarkers[biomarker] = {
                "biomarker_id": biomarker,
                "label": label,
                "profile": profile,
                "verified_in": f"alterations {profile}",
            }
            ids = sorted({int(item["evidence_id"]) for item in for_it})
            origins = {ORIGINS.get(item["variant_origin"], "") for item in for_it}
            result.tables.setdefault("therapies", []).append(
                {
                    "claim_id": _claim_id(biomarker, codes, condition, drugs, direction or f"{kind}_{significance}"),
                    "biomarker_id": biomarker,
                    "tumour_types": codes,
                    "implication": implication,
                    "direction": direction,
                    "drugs": drugs,
                    "evidence_level": level,
                    "evidence_basis": basis,
                    "conditions": condition,
                    "sources": "|".join(f"CIViC:EID{number}" for number in ids),
                    "verified_in": "; ".join(f"civic/ClinicalEvidence EID{number}" for number in ids),
                    "note": _note(significance if not direction else "", against),
                    "origin": origins.pop() if len(origins) == 1 else "",
                }
            )
            result.used.update(item["evidence_id"] for item in for_it)
    result.tables["biomarkers"] = [biomarkers[name] for name in sorted(biomarkers)]


def _level(items: Sequence[Item]) -> tuple[str, str]:
    """Evidence level and its basis in words; "" for preclinical items alone."""

    def ids(found: Iterable[Item]) -> str:
        return ", ".join(f"EID{number}" for number in sorted({int(item["evidence_id"]) for item in found}))

    top = [item for item in items if item["evidence_level"] == "A"]
    strong = [item for item in items if item["evidence_level"] == "B" and _rating(item) >= MIN_RATING]
    weaker = [item for item in items if item["evidence_level"] in {"B", "C"}]
    if top:
        return "A", f"CIViC level A: {ids(top)}"
    if len({item["evidence_id"] for item in strong}) > 1:
        return "B", f"several CIViC level B (rating 3 or more): {ids(strong)}"
    if strong:
        return "C", f"one CIViC level B (rating 3 or more): {ids(strong)}"
    return ("C", f"CIViC level C, or B with a lower rating: {ids(weaker)}") if weaker else ("", "")


def _curated_statements(kb: KnowledgeBase) -> dict[tuple[frozenset[str], str, str, str], set[str]]:
    """Tumour types by the alterations, drugs, implication and direction of the curated claims."""
    found: dict[tuple[frozenset[str], str, str, str], set[str]] = {}
    for claim in kb.claims.values():
        terms = profile_terms(kb.biomarkers[claim.biomarker_id].profile)
        drugs = "|".join(sorted(claim.drugs))
        # Each alteration of an OR profile is a statement of its own; a compound of AND is not told apart here.
        for names in [frozenset({term.name}) for term in terms] + [frozenset(term.name for term in terms)]:
            found.setdefault((names, drugs, claim.implication, claim.direction), set()).update(claim.tumour_types)
    return found


def _is_curated(
    curated: Mapping[tuple[frozenset[str], str, str, str], set[str]],
    profile: str,
    codes: str,
    drugs: str,
    implication: str,
    direction: str,
) -> bool:
    types = curated.get((frozenset(profile.split(" AND ")), drugs, implication, direction), set())
    return set(codes.split("|")) <= types


def _label(name: str, result: Import, kb: KnowledgeBase) -> str:
    if name in kb.alterations:
        return kb.alterations[name].label
    return next(row["label"] for row in result.tables["alterations"] if row["alteration_id"] == name)


def _claim_id(*parts: str) -> str:
    joined = "_".join(part for part in parts if part)
    return re.sub(r"[^A-Z0-9]+", "_", joined.upper()).strip("_")


def _note(significance: str, against: Sequence[int]) -> str:
    parts = [f"CIViC: {significance.lower()}"] if significance else []
    if against:
        parts.append(f"CIViC also holds items that do not support this: {', '.join(f'EID{n}' for n in against)}")
    return "; ".join(parts)
