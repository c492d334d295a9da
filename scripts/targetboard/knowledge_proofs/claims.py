"""The proofs of therapies.tsv: a met profile gives the claim, and nothing near by does.

Alterations are read by the pipeline from annotation text or coordinates; events that no small variant shows are stood
for by a variant that matches the row. Both are classified, so that the rule "no therapy without a validated driver"
is part of every proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from targetboard.action.biomarkers import GENE_GROUPS, MeasuredMarker
from targetboard.action.sample_findings import findings_of
from targetboard.action.therapies import assess_claims, profile_of
from targetboard.action.tumour_types import TumourTypes
from targetboard.classify.driver import classify
from targetboard.classify.facts import is_validated
from targetboard.knowledge.records import Claim, KnowledgeBase
from targetboard.knowledge_proofs import mutants
from targetboard.knowledge_proofs.alterations import TEXT_ASSEMBLY
from targetboard.knowledge_proofs.cases import COORDINATE_EVENTS, Case, Residues, cases_of
from targetboard.knowledge_proofs.profiles import DETECTED, Needs, needs_of, unmet_markers
from targetboard.knowledge_proofs.running import UNPLACED, matched_ids, run_coordinates, run_text
from targetboard.knowledge_proofs.tumour_neighbours import Tree
from targetboard.model import (
    Allele,
    InputAllele,
    MarkerState,
    Match,
    MatchLevel,
    Observation,
    Phase,
    Variant,
)

BY_VARIANTS, BY_STAND_IN, BY_MARKERS = "read variants", "stand-in for an event", "markers alone"
DORMANT, UNPROVED = "dormant (no validated driver)", "unproved"
GROUNDS = (BY_VARIANTS, BY_STAND_IN, BY_MARKERS, DORMANT, UNPROVED)
# AMP/ASCO/CAP 2017 (PMID 27993330): level of evidence to tier, in the claim's tumour type and in another one.
AMP_HERE = {"A": "I-A", "B": "I-B", "C": "II-C", "D": "II-D"}
AMP_ELSEWHERE = {"A": "II-C", "B": "II-C", "C": "II-D", "D": "II-D"}
CARRIED_OVER = frozenset({"sensitive", "resistant"})


@dataclass(slots=True, frozen=True)
class Sample:
    """A tumour type (or a condition) and how the claim's own types relate to it."""

    code: str | None
    condition: str | None
    relation: str

    def __str__(self) -> str:
        return self.code or self.condition or "no tumour type"


@dataclass(slots=True)
class ClaimProofs:
    """Failures by line, the grounds of each claim, and what the mutation of claims showed.

    ``dormant`` names, by claim, alterations that its profile asks for and that are no validated drivers: such a way
    to meet the profile is never shown until their evidence is.
    """

    kb: KnowledgeBase
    failures: list[str] = field(default_factory=list)
    grounds: dict[str, str] = field(default_factory=dict)
    events: dict[str, int] = field(default_factory=dict)
    dormant: dict[str, tuple[str, ...]] = field(default_factory=dict)
    positives: int = 0
    near_misses: int = 0
    mutated: int = 0
    survivors: list[str] = field(default_factory=list)

    def shares(self) -> dict[str, int]:
        """Claims by ground, in a fixed order."""
        grounds = list(self.grounds.values())
        return {ground: grounds.count(ground) for ground in GROUNDS}

    def summary(self) -> list[str]:
        """The shares in words, one line each."""
        total = max(len(self.kb.claims), 1)
        lines = [
            f"{ground}: {count} of {total} claims ({count / total:.1%})" for ground, count in self.shares().items()
        ]
        events = ", ".join(f"{event} {count}" for event, count in sorted(self.events.items()))
        lines.append(f"stood for, by event: {events or 'none'}")
        lines.append(f"claims with a dormant way: {len(self.dormant)}")
        lines.append(f"mutated claims noticed: {self.mutated - len(self.survivors)} of {self.mutated}")
        return lines


def prove_claims(kb: KnowledgeBase, workdir: Path) -> ClaimProofs:
    """Prove every row of therapies.tsv.

    Parameters
    ----------
    kb
        The knowledge base.
    workdir
        Existing directory for temporary files.

    Returns
    -------
    ClaimProofs
        Nothing is raised for a claim that fails.
    """
    proofs = ClaimProofs(kb)
    bench = _Bench(kb, Tree(kb.tumour_types), _variants_of_profiles(kb, workdir))
    weak = replace(bench, kb=mutants.only_supported(kb))
    for claim in kb.claims.values():
        ways = needs_of(profile_of(claim, kb), kb.alterations)
        alternatives = [needs for needs in ways if not _unvalidated(kb, needs)]
        asleep = tuple(dict.fromkeys(name for needs in ways for name in _unvalidated(kb, needs)))
        if asleep:
            proofs.dormant[claim.claim_id] = asleep
            proofs.failures += [
                f"{claim.claim_id}: {line}"
                for needs in ways
                if _unvalidated(kb, needs) and (line := _asleep_problem(bench, claim, needs))
            ]
        if ways and not alternatives:
            proofs.grounds[claim.claim_id] = DORMANT
            continue
        found = [line for line in _claim(proofs, bench, weak, claim, alternatives) if line]
        proofs.failures += [f"{claim.claim_id}: {line}" for line in dict.fromkeys(found)]
        proofs.grounds[claim.claim_id] = UNPROVED if found or not alternatives else _ground(bench, alternatives)
        if not found and alternatives:
            _mutate(proofs, bench, claim, alternatives[0])
        for event in {kb.alterations[name].event for needs in alternatives for name in needs.present}:
            if proofs.grounds[claim.claim_id] == BY_STAND_IN and event not in bench.read_events():
                proofs.events[event] = proofs.events.get(event, 0) + 1
    return proofs


@dataclass(slots=True, frozen=True)
class _Bench:
    """What the proofs of claims share; ``variants`` are unclassified, by the alteration they show."""

    kb: KnowledgeBase
    tree: Tree
    variants: Mapping[str, tuple[Variant, bool]]
    types: list[TumourTypes] = field(default_factory=list)

    def read_events(self) -> frozenset[str]:
        return frozenset(self.kb.alterations[name].event for name, (_, read) in self.variants.items() if read)

    def tumour_types(self) -> TumourTypes:
        if not self.types:
            self.types.append(TumourTypes(self.kb.tumour_types))
        return self.types[0]

    def assess(self, claim: Claim, needs: Needs, sample: Sample) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Shown and withheld entries of one claim on a sample that shows what is needed."""
        kb = replace(self.kb, claims={claim.claim_id: claim})
        variants = [self._classified(name, needs) for name in needs.present]
        markers = {name: _measured(value) for name, value in needs.markers.items()}
        wild = {gene for name in needs.wild for gene in GENE_GROUPS.get(name, (name,))}
        findings = replace(
            findings_of(kb, variants, markers), shown_absent=frozenset(needs.absent), wild_type_genes=frozenset(wild)
        )
        types = self.tumour_types()
        return assess_claims(kb, types, variants, findings, sample.code, sample.condition, {})

    def _classified(self, name: str, needs: Needs) -> Variant:
        variant = replace(self.variants[name][0], flags=(), notes=())
        haplotype = next((pair.index(name) for pair in needs.trans if name in pair), 0)
        if any(name in pair for pair in (*needs.cis, *needs.trans)):
            phase = Phase("proof", haplotype, "PS")
            variant = replace(variant, observation=replace(variant.observation, phase=phase))
        classify(variant, self.kb)
        return variant


def _claim(
    proofs: ClaimProofs, bench: _Bench, weak: _Bench, claim: Claim, alternatives: Sequence[Needs]
) -> Iterator[str]:
    """Every proof of one claim, as problems ("" for one that holds)."""
    if not alternatives:
        yield "the profile cannot be met by any sample"
        return
    samples = _samples_here(bench.tree, claim)
    if not samples:
        yield "no tumour type lies inside the claim and outside its exclusions"
        return
    for needs in alternatives:
        for sample in samples if needs is alternatives[0] else samples[:1]:
            proofs.positives += 1
            yield _shown_problem(bench, claim, needs, sample)
    needs, here = alternatives[0], samples[0]
    for sample in _samples_elsewhere(bench.tree, claim):
        proofs.near_misses += 1
        yield _elsewhere_problem(bench, claim, needs, sample)
    for code in claim.excluded_tumour_types:
        proofs.near_misses += 1
        yield _excluded_problem(bench, claim, needs, Sample(code, None, "excluded"))
    for needs in alternatives:
        if needs.present:
            proofs.near_misses += 1
            yield _false_hope_problem(weak, claim, needs, here)
    unmet = unmet_markers(profile_of(claim, bench.kb))
    if unmet:
        proofs.near_misses += 1
        shown, _ = bench.assess(claim, replace(alternatives[0], markers=unmet), here)
        met = [row for row in shown if row["state"] == "met"]
        only_markers = not any(needs.present or needs.wild for needs in alternatives)
        yield "met although no marker has the value asked for" if met and only_markers else ""


def _unvalidated(kb: KnowledgeBase, needs: Needs) -> list[str]:
    """Alterations among the needs that no therapy may rest on."""
    return [name for name in needs.present if not is_validated(kb.alterations[name])]


def _asleep_problem(bench: _Bench, claim: Claim, needs: Needs) -> str:
    """A way that rests on no validated driver must not be shown as met."""
    if any(name not in bench.variants for name in needs.present):
        return f"no variant could be made for {', '.join(needs.present)}"
    for sample in _samples_here(bench.tree, claim)[:1]:
        shown, _ = bench.assess(claim, needs, sample)
        if any(row["state"] == "met" for row in shown):
            return f"shown with {', '.join(_unvalidated(bench.kb, needs))}, no validated driver (false hope)"
    return ""


def _samples_here(tree: Tree, claim: Claim) -> list[Sample]:
    """One sample for each tumour type of the claim."""
    found: list[Sample] = []
    for name in claim.tumour_types:
        if name.startswith("disease:"):
            found.append(Sample(None, name.removeprefix("disease:"), "exact"))
        elif name in {"ANY", "ANY_SOLID"}:
            code = tree.ordinary(solid=name == "ANY_SOLID", avoid=claim.excluded_tumour_types)
            relation = "exact" if code in claim.tumour_types else "pan_tumour"
            found += [Sample(code, None, relation)] if code else []
        else:
            code = tree.inside(name, claim.excluded_tumour_types)
            relation = "exact" if code in claim.tumour_types else "descendant"
            found += [Sample(code, None, relation)] if code else []
    return found


def _samples_elsewhere(tree: Tree, claim: Claim) -> list[Sample]:
    named = [name for name in claim.tumour_types if name in tree.nodes]
    found: list[Sample] = []
    if "ANY" in claim.tumour_types:
        return found
    if any(name.startswith("disease:") for name in claim.tumour_types):
        found.append(Sample(None, "another disease", "other_tumour"))
    if "ANY_SOLID" in claim.tumour_types:
        code = tree.blood(avoid=(*named, *claim.excluded_tumour_types))
        found += [Sample(code, None, "other_tumour")] if code else []
    elif named:
        code = tree.sibling(named, claim.excluded_tumour_types)
        found += [Sample(code, None, "other_tumour")] if code else []
    return found


def _shown_problem(bench: _Bench, claim: Claim, needs: Needs, sample: Sample) -> str:
    missing = [name for name in needs.present if name not in bench.variants]
    if missing:
        return f"no variant could be made for {', '.join(missing)}"
    shown, withheld = bench.assess(claim, needs, sample)
    where = f"in {sample}, with {', '.join((*needs.present, *needs.markers, *needs.wild)) or 'nothing'}"
    if _is_history(bench.kb, claim):
        told = any("withdrawn" in row["reason"] for row in withheld) or claim.direction != "sensitive"
        return "" if not shown and told else f"every approval is withdrawn, but it is not history {where}"
    if not shown:
        return f"not shown {where}{': ' + withheld[0]['reason'] if withheld else ''}"
    escat = claim.escat or None
    amp = AMP_HERE.get(claim.evidence_level) if claim.implication != "safety" else None
    wanted = {
        "claim_id": claim.claim_id,
        "implication": claim.implication,
        "direction": claim.direction or None,
        "drugs": list(claim.drugs),
        "tumour_match": sample.relation,
        "state": "met",
        "amp": amp,
        "escat": escat,
    }
    wrong = [f"{name} is {shown[0][name]}, not {value}" for name, value in wanted.items() if shown[0][name] != value]
    return f"{'; '.join(wrong)} {where}" if wrong else ""


def _elsewhere_problem(bench: _Bench, claim: Claim, needs: Needs, sample: Sample) -> str:
    shown, _ = bench.assess(claim, needs, sample)
    if not shown:
        return ""
    if claim.implication != "therapeutic" or claim.direction not in CARRIED_OVER:
        return f"a {claim.direction or claim.implication} statement is carried over to {sample}"
    row, amp = shown[0], AMP_ELSEWHERE.get(claim.evidence_level)
    right = row["tumour_match"] == "other_tumour" and row["amp"] == amp
    return "" if right else f"shown in {sample} as {row['tumour_match']} with tier {row['amp']}"


def _excluded_problem(bench: _Bench, claim: Claim, needs: Needs, sample: Sample) -> str:
    shown, withheld = bench.assess(claim, needs, sample)
    if shown:
        return f"shown in the excluded tumour type {sample}"
    told = any("excludes" in row["reason"] for row in withheld) or claim.direction != "sensitive"
    return "" if told else f"the excluded tumour type {sample} is not named"


def _false_hope_problem(weak: _Bench, claim: Claim, needs: Needs, sample: Sample) -> str:
    """With supporting evidence only, nothing may rest on the alterations; open terms may be told as open."""
    shown, _ = weak.assess(claim, needs, sample)
    resting = [
        row for row in shown if row["state"] == "met" or row["variants"] or set(row["biomarkers"]) & set(needs.present)
    ]
    return "shown although its alterations are not validated (false hope)" if resting else ""


def _is_history(kb: KnowledgeBase, claim: Claim) -> bool:
    approvals = kb.approvals.get(claim.claim_id, ())
    return bool(approvals) and all(approval.status == "withdrawn" for approval in approvals)


def _ground(bench: _Bench, alternatives: Sequence[Needs]) -> str:
    names = [name for needs in alternatives for name in needs.present]
    if not names:
        return BY_MARKERS
    return BY_VARIANTS if all(bench.variants[name][1] for name in names) else BY_STAND_IN


def _mutate(proofs: ClaimProofs, bench: _Bench, claim: Claim, needs: Needs) -> None:
    """Repeat the first proof on claims with a wrong direction, level, tumour type and biomarker."""
    sample = _samples_here(bench.tree, claim)[0]
    elsewhere = _samples_elsewhere(bench.tree, claim)
    other = _unmet_biomarker(bench.kb, needs)
    wrong: dict[str, Claim] = {"biomarker": replace(claim, biomarker_id=other)} if other else {}
    if not _is_history(bench.kb, claim):
        turned = {"sensitive": "resistant", "resistant": "sensitive", "not_indicated": "sensitive"}
        if claim.direction in turned:
            wrong["direction"] = replace(claim, direction=turned[claim.direction])
        if claim.evidence_level and claim.implication != "safety":
            level = "ABCD"[("ABCD".index(claim.evidence_level) + 1) % 4]
            wrong["level"] = replace(claim, evidence_level=level)
    if elsewhere and elsewhere[0].code and not _is_history(bench.kb, claim):
        wrong["tumour type"] = replace(claim, tumour_types=(elsewhere[0].code,), excluded_tumour_types=())
    proofs.mutated += 1
    for what, mutant in wrong.items():
        shown, withheld = bench.assess(mutant, needs, sample)
        if not _noticed(bench, claim, shown, withheld, sample):
            proofs.survivors.append(f"{claim.claim_id}: {what}")


def _unmet_biomarker(kb: KnowledgeBase, needs: Needs) -> str | None:
    """The first biomarker that asks for alterations or measured markers of which the needs hold none."""
    for name, biomarker in sorted(kb.biomarkers.items()):
        words = set(biomarker.profile.replace("(", " ").replace(")", " ").split())
        open_words = words & {"<", "<=", "!=", "NOT", "wild_type"} or words & set(needs.markers)
        if not words & set(needs.present) and not open_words:
            return name
    return None


def _noticed(
    bench: _Bench,
    claim: Claim,
    shown: Sequence[Mapping[str, Any]],
    withheld: Sequence[Mapping[str, Any]],
    sample: Sample,
) -> bool:
    if _is_history(bench.kb, claim):
        return not any("withdrawn" in row["reason"] for row in withheld) or bool(shown)
    if not shown:
        return True
    amp = AMP_HERE.get(claim.evidence_level) if claim.implication != "safety" else None
    row = shown[0]
    said = (row["direction"], row["amp"], row["tumour_match"], row["state"], row["biomarker_id"])
    return said != (claim.direction or None, amp, sample.relation, "met", claim.biomarker_id)


def _measured(value: str) -> MeasuredMarker:
    if value == DETECTED:
        return MeasuredMarker(MarkerState.DETECTED)
    return MeasuredMarker(MarkerState.DETECTED, value) if value else MeasuredMarker(MarkerState.NOT_DETECTED)


def _variants_of_profiles(kb: KnowledgeBase, workdir: Path) -> dict[str, tuple[Variant, bool]]:
    """A variant for every alteration that a profile names, and whether the pipeline read it from a VCF."""
    names: dict[str, None] = {}
    for claim in kb.claims.values():
        for needs in needs_of(profile_of(claim, kb), kb.alterations):
            names.update(dict.fromkeys(needs.present))
    residues = Residues(kb)
    cases: list[Case] = []
    exact: dict[Allele, str] = {}
    for name in names:
        row = kb.alterations[name]
        cases += [case for case in cases_of(kb, row, residues) if case.expected][:1]
        if row.event in COORDINATE_EVENTS:
            rows = kb.alleles_by_alteration.get(TEXT_ASSEMBLY, {}).get(name, ())
            exact.update((Allele(r.chrom, r.pos, r.ref, r.alt), name) for r in rows[:1])
    found: dict[str, tuple[Variant, bool]] = {}
    for outcome in run_text(kb, TEXT_ASSEMBLY, cases, residues, workdir):
        if outcome.variant is not None and not outcome.problem:
            found.setdefault(outcome.case.alteration_id, (outcome.variant, True))
    for allele, variant in run_coordinates(kb, TEXT_ASSEMBLY, list(exact), workdir).items():
        if exact[allele] in matched_ids(variant):
            found[exact[allele]] = (variant, True)
    found.update(_stand_ins(kb, [name for name in names if name not in found], residues))
    return found


def _stand_ins(
    kb: KnowledgeBase, names: Iterable[str], residues: Residues
) -> Iterator[tuple[str, tuple[Variant, bool]]]:
    """Variants that stand for events no small variant shows."""
    for number, name in enumerate(names, 1):
        row = kb.alterations[name]
        if cases_of(kb, row, residues) or row.event in COORDINATE_EVENTS:
            continue
        chrom = kb.genes[row.gene].chrom if row.gene in kb.genes else "1"
        allele = Allele(chrom, UNPLACED + number, "N", "A")
        observation = Observation(None, "not available: stands for an event", None, None, "PASS")
        source = InputAllele(number, number, chrom, allele.pos, allele.ref, allele.alt, 0)
        match = Match(name, MatchLevel.GENE_CLASS, f"stands for {row.event}")
        yield name, (Variant(allele, source, observation, (), gene=row.gene, matches=(match,)), False)
