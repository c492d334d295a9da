"""The proofs of alterations.tsv, row by row, in two grades.

Grade A: alleles, by a reference with gene models, in every assembly at hand. Grade B: independently spelled HGVS in
annotation text; exact alleles by their coordinates. Events that no small variant shows are not provable yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from targetboard.knowledge.records import Alteration, KnowledgeBase, KnownAllele
from targetboard.knowledge_proofs import mutants
from targetboard.knowledge_proofs.cases import (
    COORDINATE_EVENTS,
    IN_LAST_EXON,
    SMALL_VARIANT_EVENTS,
    Case,
    Residues,
    cases_of,
)
from targetboard.knowledge_proofs.gene_models import AlleleBuilder, GeneModel, read_models
from targetboard.knowledge_proofs.running import (
    Outcome,
    ReferenceFiles,
    allele_name,
    matched_ids,
    rematch,
    rules_only,
    run_alleles,
    run_coordinates,
    run_text,
)
from targetboard.knowledge_proofs.spelling import FRAMESHIFT, NONSENSE, SUBSTITUTION, Change, read_canonical
from targetboard.model import Allele, Assembly
from targetboard.vcf.reference import Reference

NUCLEOTIDES, HGVS_TEXT, NOT_PROVABLE, UNPROVED = "nucleotides", "independent HGVS", "not provable yet", "unproved"
GRADES = (NUCLEOTIDES, HGVS_TEXT, NOT_PROVABLE, UNPROVED)
TEXT_ASSEMBLY = Assembly.GRCH38
EXACT = Change("exact allele", 0, 0)
EXCLUDED_CHANGE = "excluded change"
ONLY_BY_TEXT = frozenset(
    {"same change in another gene", "other exon annotated", "other new residue", "stop at the residue"}
)
"""Near misses that alleles would not prove better: the first two are faults of annotation, the others are many."""


@dataclass(slots=True)
class AlterationProofs:
    """Outcomes by grade, and what the mutation of rows showed.

    ``mutated`` counts rows whose proofs were repeated on a mutated row, ``survivors`` names those where no proof
    noticed, with the mutation. ``with_sequence`` are rows that every reference has the knowledge transcript of (or,
    for exact alleles, their bases).
    """

    kb: KnowledgeBase
    assemblies: tuple[Assembly, ...] = ()
    text_tried: bool = True
    by_text: list[Outcome] = field(default_factory=list)
    by_allele: list[Outcome] = field(default_factory=list)
    mutated: int = 0
    survivors: list[str] = field(default_factory=list)
    with_sequence: frozenset[str] = frozenset()

    def failures(self) -> list[str]:
        """Proofs that do not hold, one line each: row, why, what was tried."""
        failed = [
            f"{outcome.case.alteration_id}: {outcome.problem} [{outcome.tried}, {outcome.assembly}]"
            for outcome in (*self.by_text, *self.by_allele)
            if outcome.problem
        ]
        if not self.text_tried:
            return failed
        tried = _positives((*self.by_text, *self.by_allele))
        silent = [
            f"{name}: no positive case can be made of this row"
            for name, row in self._rows()
            if row.event in SMALL_VARIANT_EVENTS and name not in tried
        ]
        return [*failed, *silent]

    def grades(self) -> dict[str, str]:
        """Best grade of each row in which every positive case holds."""
        alleles, texts = _positives(self.by_allele), _positives(self.by_text)
        return {name: self._grade(row, alleles.get(name, ()), texts.get(name, ())) for name, row in self._rows()}

    def _rows(self) -> Iterable[tuple[str, Alteration]]:
        return self.kb.alterations.items()

    def _grade(self, row: Alteration, alleles: Sequence[Outcome], texts: Sequence[Outcome]) -> str:
        if row.event not in SMALL_VARIANT_EVENTS:
            return NOT_PROVABLE
        failed = any(outcome.problem for outcome in (*alleles, *texts))
        if not failed and self.assemblies and {o.assembly for o in alleles} >= set(self.assemblies):
            return NUCLEOTIDES
        return HGVS_TEXT if texts and not any(outcome.problem for outcome in texts) else UNPROVED

    def shares(self) -> dict[str, int]:
        """Rows by grade, in a fixed order."""
        grades = list(self.grades().values())
        return {grade: grades.count(grade) for grade in GRADES}

    def summary(self) -> list[str]:
        """The shares in words, one line each."""
        total = max(len(self.kb.alterations), 1)
        lines = [
            f"{grade}: {count} of {total} alterations ({count / total:.1%})" for grade, count in self.shares().items()
        ]
        if self.assemblies:
            grades = self.grades()
            by_allele = sum(grades[name] == NUCLEOTIDES for name in self.with_sequence)
            lines.append(f"of the {len(self.with_sequence)} with sequence, by {NUCLEOTIDES}: {by_allele}")
        events = ", ".join(f"{event} {count}" for event, count in self.not_provable().items())
        lines.append(f"{NOT_PROVABLE}, by event: {events or 'none'}")
        caught = self.mutated - len({line.partition(":")[0] for line in self.survivors})
        lines.append(f"mutated rows noticed: {caught} of {self.mutated} ({caught / max(self.mutated, 1):.1%})")
        return lines

    def not_provable(self) -> dict[str, int]:
        """Rows that no small variant shows, by event."""
        counts: dict[str, int] = {}
        for _, row in self._rows():
            if row.event not in SMALL_VARIANT_EVENTS:
                counts[row.event] = counts.get(row.event, 0) + 1
        return dict(sorted(counts.items()))


def prove_alterations(
    kb: KnowledgeBase,
    workdir: Path,
    references: Mapping[Assembly, ReferenceFiles] | None = None,
    *,
    by_text: bool = True,
) -> AlterationProofs:
    """Prove every row of alterations.tsv.

    Parameters
    ----------
    kb
        The knowledge base.
    workdir
        Existing directory for temporary files.
    references
        Reference files by assembly; without them only annotation text and coordinates are used. Near misses are tried
        in the last assembly, positives in all.
    by_text
        Whether annotation text and bare coordinates are tried as well.

    Returns
    -------
    AlterationProofs
        With every outcome; nothing is raised for a row that fails.
    """
    references = references or {}
    proofs = AlterationProofs(kb, tuple(references), by_text)
    bare = rules_only(kb)
    if by_text:
        residues = Residues(kb)
        cases = [case for row in kb.alterations.values() for case in cases_of(kb, row, residues)]
        proofs.by_text += run_text(bare, TEXT_ASSEMBLY, cases, residues, workdir)
        for assembly in Assembly:
            proofs.by_text += _coordinates(kb, assembly, _curated(kb, assembly), workdir, None)
    for assembly, files in references.items():
        last = assembly is proofs.assemblies[-1]
        with Reference(files.fasta) as reference:
            models = _models(kb, files, reference)
            whole = Residues(kb, {name: model.protein for name, model in models.items()})
            items = list(_items(kb, assembly, models, reference, near_misses=last))
            covered = [row for row in _curated(kb, assembly) if _is_covered(row, reference)]
        here = {name for name, row in kb.alterations.items() if row.gene in models and _has_rule(row)}
        here |= {row.alteration_id for row in covered}
        proofs.with_sequence = frozenset(here if assembly is proofs.assemblies[0] else here & proofs.with_sequence)
        proofs.by_allele += run_alleles(bare, assembly, files, items, whole, workdir)
        proofs.by_allele += _coordinates(kb, assembly, covered, workdir, files)
    _mutate(proofs)
    return proofs


def _has_rule(row: Alteration) -> bool:
    return row.event in SMALL_VARIANT_EVENTS - COORDINATE_EVENTS


def _positives(outcomes: Iterable[Outcome]) -> dict[str, list[Outcome]]:
    found: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.case.expected:
            found.setdefault(outcome.case.alteration_id, []).append(outcome)
    return found


def _curated(kb: KnowledgeBase, assembly: Assembly) -> list[KnownAllele]:
    """Exact alleles of the rows that nothing else recognises."""
    rows = (row for rows in kb.alleles.get(assembly, {}).values() for row in rows)
    return [row for row in rows if kb.alterations[row.alteration_id].event in COORDINATE_EVENTS]


def _is_covered(row: KnownAllele, reference: Reference) -> bool:
    return reference.check(Allele(row.chrom, row.pos, row.ref, row.alt)) == "match"


def _coordinates(
    kb: KnowledgeBase,
    assembly: Assembly,
    rows: Sequence[KnownAllele],
    workdir: Path,
    files: ReferenceFiles | None,
) -> list[Outcome]:
    """Exact alleles; near misses: another base at the place, and (without a reference to contradict) the next place."""
    items: list[tuple[Case, Allele]] = []
    for row in rows:
        gene = kb.alterations[row.alteration_id].gene
        allele = Allele(row.chrom, row.pos, row.ref, row.alt)
        items.append((Case(row.alteration_id, "curated allele", gene, EXACT, expected=True), allele))
        others = [Allele(row.chrom, row.pos, row.ref, base) for base in "ACGT" if base not in (row.ref, row.alt)]
        moved = [Allele(row.chrom, row.pos + 1, row.ref, row.alt)] if files is None else []
        for what, other in (*(("another base", one) for one in others[:1]), *(("the next base", one) for one in moved)):
            if all(known.alteration_id != row.alteration_id for known in kb.alleles[assembly].get(other.key(), ())):
                items.append((Case(row.alteration_id, what, gene, EXACT, expected=False), other))
        for owner in kb.alterations.values():
            if row.alteration_id in owner.excludes:
                items.append((Case(owner.alteration_id, EXCLUDED_CHANGE, gene, EXACT, expected=False), allele))
    variants = run_coordinates(kb, assembly, list(dict.fromkeys(allele for _, allele in items)), workdir, files)
    outcomes: list[Outcome] = []
    for case, allele in items:
        matched = case.alteration_id in matched_ids(variants.get(allele))
        wrong = "is not matched" if case.expected else "is matched, but must not be"
        problem = f"{case.what} {wrong}" if matched is not case.expected else ""
        outcomes.append(Outcome(case, assembly, allele_name(allele), problem, variants.get(allele)))
    return outcomes


def _models(kb: KnowledgeBase, files: ReferenceFiles, reference: Reference) -> dict[str, GeneModel]:
    """Models by gene, on the knowledge transcript."""
    names = {
        gene.gene: [text.partition(".")[0] for text in (gene.transcript_refseq, gene.transcript_ensembl) if text]
        for gene in kb.genes.values()
    }
    found = read_models(files.gff3, {name for both in names.values() for name in both}, reference.fetch)
    return {gene: found[both[0]] for gene, both in names.items() if both and both[0] in found}


def _items(
    kb: KnowledgeBase,
    assembly: Assembly,
    models: Mapping[str, GeneModel],
    reference: Reference,
    *,
    near_misses: bool,
) -> Iterator[tuple[Case, Allele]]:
    """Alleles of every case whose gene has a model: the curated ones for a stated change, else built ones."""
    residues = Residues(kb, {name: model.protein for name, model in models.items()})
    builders = {name: AlleleBuilder(model, reference.fetch) for name, model in models.items()}
    for row in kb.alterations.values():
        if row.gene not in builders:
            continue
        curated = set(_curated_cases(kb, assembly, row, reference))
        given = {case.change for case, _ in curated}
        yield from sorted(curated, key=lambda item: item[1].key())
        for case in cases_of(kb, row, residues):
            if case.what in ONLY_BY_TEXT or case.what.endswith(IN_LAST_EXON) or case.change in given:
                continue
            allele = builders[row.gene].build(case.change) if case.expected or near_misses else None
            if allele is None:
                continue
            if row.event == "loss_of_function" and kb.genes[row.gene].last_pathogenic_codon is None:
                case = _as_exon_says(case, builders[row.gene], allele)
            if case.expected and row.event == "exon_class" and row.exon != builders[row.gene].exon_of(allele):
                case = replace(case, what="part of the codon in the next exon", expected=False)
            yield case, allele


def _as_exon_says(case: Case, builder: AlleleBuilder, allele: Allele) -> Case:
    """The case of a truncation, expected where its allele does not lie in the last exon."""
    if case.change.kind not in {FRAMESHIFT, NONSENSE}:
        return case
    if builder.exon_of(allele) != len(builder.model.exons):
        return replace(case, what=case.change.kind, expected=True)
    return replace(case, what=f"{case.change.kind} {IN_LAST_EXON}", expected=False)


def _curated_cases(
    kb: KnowledgeBase, assembly: Assembly, row: Alteration, reference: Reference
) -> Iterator[tuple[Case, Allele]]:
    """Curated alleles of a row that its rule alone must recognise."""
    if row.event in COORDINATE_EVENTS:
        return
    for known in kb.alleles_by_alteration.get(assembly, {}).get(row.alteration_id, ()):
        change = read_canonical(known.hgvsp)
        if change is not None and _is_covered(known, reference):
            case = Case(row.alteration_id, "curated allele by its rule", row.gene, change, expected=True)
            yield case, Allele(known.chrom, known.pos, known.ref, known.alt)


def _mutate(proofs: AlterationProofs) -> None:
    """Repeat every proof that holds on mutated rows: each row must lose one of its positives."""
    bare = rules_only(proofs.kb)
    held = [o for o in (*proofs.by_text, *proofs.by_allele) if not o.problem and o.variant is not None]
    exact = [o for o in held if o.case.change is EXACT]
    ruled = [o for o in held if o.case.change is not EXACT]
    positive = [o for o in ruled if o.case.expected]
    stated = [o for o in positive if o.case.change.kind == SUBSTITUTION and _is_stated(proofs.kb, o)]
    excluded = [o for o in ruled if o.case.what == EXCLUDED_CHANGE]

    def lost(found: bool) -> bool:
        return not found

    def gained(found: bool) -> bool:
        return found

    tried: set[str] = set()
    for what, kb, outcomes, noticed in (
        ("moved by one", mutants.shifted(bare), positive, lost),
        ("moved by one base", mutants.shifted(proofs.kb), [o for o in exact if o.case.expected], lost),
        ("another new residue", mutants.other_residue(bare), stated, lost),
        ("exclusions removed", mutants.without_exclusions(bare), excluded, gained),
    ):
        survivors = _survivors(kb, outcomes, noticed)
        tried |= {o.case.alteration_id for o in outcomes}
        proofs.survivors += [f"{name}: {what}" for name in sorted(survivors)]
    proofs.mutated = len(tried)


def _is_stated(kb: KnowledgeBase, outcome: Outcome) -> bool:
    return kb.alterations[outcome.case.alteration_id].event == "protein"


def _survivors(kb: KnowledgeBase, outcomes: Iterable[Outcome], noticed: Callable[[bool], bool]) -> set[str]:
    """Rows none of whose outcomes notices the mutation."""
    seen: dict[str, bool] = {}
    found: dict[int, frozenset[str]] = {}
    for outcome in outcomes:
        name, variant = outcome.case.alteration_id, outcome.variant
        if seen.get(name, False) or variant is None:
            continue
        if id(variant) not in found:
            found[id(variant)] = rematch(kb, outcome.assembly, variant)
        seen[name] = noticed(name in found[id(variant)])
    return {name for name, noted in seen.items() if not noted}
