"""The knowledge base of a compiled index, decoded as far as a sample needs it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from targetboard.knowledge.compiled import CompiledFile, Place, values
from targetboard.knowledge.index import ALTERATIONS, CHANGES, NAMES, OVERLAY
from targetboard.knowledge.lazy import Piecewise, Whole
from targetboard.knowledge.records import Alteration, CuratedChange, KnowledgeBase, KnownAllele, Origin
from targetboard.knowledge.schema import RECORD_OF_TABLE
from targetboard.model import Assembly
from targetboard.vcf.hgvs import ProteinChange, ProteinEdit, ProteinKind

Name = TypeVar("Name")
AlleleKey = tuple[str, int, str, str]


def base_of(compiled: CompiledFile) -> KnowledgeBase:
    """The same knowledge base as that of the tables the index was built from."""
    by_id: Mapping[str, dict[str, Alteration]] = Piecewise(
        compiled.places["alterations"], lambda place: _keyed(compiled, "alterations", "alteration_id", place)
    )
    alleles = {assembly: Whole(partial(_allele_rows, compiled, assembly)) for assembly in Assembly}
    return KnowledgeBase(
        release="+".join(layer.release for layer in compiled.layers),
        sha256=compiled.sha256,
        layers=compiled.layers,
        genes=_whole(compiled, "genes", "gene"),
        genes_by_name=Whole(partial(compiled.piece, NAMES)),
        alterations=Whole(partial(_alterations, compiled, by_id)),
        alterations_by_gene=Piecewise({gene: gene for gene in by_id}, lambda gene: tuple(by_id[gene].values())),
        alleles={name: Whole(partial(_by, rows, _allele_key)) for name, rows in alleles.items()},
        proteins=_by_gene(compiled, "proteins"),
        hotspots=_by_gene(compiled, "hotspots"),
        domains=_by_gene(compiled, "domains"),
        tumour_types=_whole(compiled, "tumour_types", "code"),
        drugs=_whole(compiled, "drugs", "drug"),
        markers=_whole(compiled, "markers", "marker_id"),
        biomarkers=_whole(compiled, "biomarkers", "biomarker_id"),
        claims=_whole(compiled, "therapies", "claim_id"),
        approvals=_by_claim(compiled, "approvals"),
        options_without_biomarker=_whole(compiled, "options_without_biomarker", "option_id"),
        resistance=_whole(compiled, "resistance", "resistance_id"),
        curated_changes=Whole(partial(_changes, compiled, 0)),
        excluded_changes=Whole(partial(_changes, compiled, 1)),
        alleles_by_alteration={name: Whole(partial(_by, rows, _alteration_of)) for name, rows in alleles.items()},
        diagnostics=_by_claim(compiled, "diagnostics"),
        trials=_whole(compiled, "trials", "key"),
        negatives=_whole(compiled, "negatives", "negative_id"),
        overlaid=Whole(partial(_overlaid, compiled)),
    )


def _records(compiled: CompiledFile, table: str, place: Place) -> list[Any]:
    record = RECORD_OF_TABLE[table]
    return [record(*values(row)) for row in compiled.at(place)]


def _keyed(compiled: CompiledFile, table: str, key: str, place: Place) -> dict[str, Any]:
    return {getattr(row, key): row for row in _records(compiled, table, place)}


def _whole(compiled: CompiledFile, table: str, key: str) -> Mapping[str, Any]:
    return Whole(partial(_keyed, compiled, table, key, compiled.places[table][""]))


def _by_gene(compiled: CompiledFile, table: str) -> Mapping[str, Any]:
    return Piecewise(compiled.places[table], lambda place: tuple(_records(compiled, table, place)))


def _by_claim(compiled: CompiledFile, table: str) -> Mapping[str, Any]:
    def grouped() -> dict[str, tuple[Any, ...]]:
        groups: dict[str, list[Any]] = {}
        for row in _records(compiled, table, compiled.places[table][""]):
            groups.setdefault(row.claim_id, []).append(row)
        return {name: tuple(rows) for name, rows in groups.items()}

    return Whole(grouped)


def _alterations(compiled: CompiledFile, by_id: Mapping[str, dict[str, Alteration]]) -> Mapping[str, Alteration]:
    gene_of = {name: (gene, name) for name, gene, _, _ in compiled.piece(ALTERATIONS)}
    return Piecewise(gene_of, lambda place: by_id[place[0]][place[1]])


def _changes(compiled: CompiledFile, number: int) -> Mapping[str, tuple[CuratedChange, ...]]:
    """Curated (0) or excluded (1) changes by alteration."""
    pieces: Mapping[str, Any] = Piecewise(compiled.places[CHANGES], compiled.at)
    gene_of = {name: (gene, name) for name, gene, *has in compiled.piece(ALTERATIONS) if has[number]}
    return Piecewise(gene_of, lambda place: tuple(map(_change, pieces[place[0]][number][place[1]])))


def _change(stored: Sequence[Any]) -> CuratedChange:
    text, (kind, *rest), edit = stored
    return CuratedChange(text, ProteinChange(ProteinKind(kind), *rest), None if edit is None else ProteinEdit(*edit))


def _allele_rows(compiled: CompiledFile, assembly: Assembly) -> Mapping[int, Sequence[Any]]:
    """Stored rows of an assembly, decoded once for both look-ups."""
    place = compiled.places["alleles"].get(assembly)
    return dict(enumerate(compiled.at(place))) if place is not None else {}


def _allele_key(row: Sequence[Any]) -> AlleleKey:
    return (row[2], row[3], row[4], row[5])


def _alteration_of(row: Sequence[Any]) -> str:
    return str(row[0])


def _by(
    rows: Mapping[int, Sequence[Any]], name: Callable[[Sequence[Any]], Name]
) -> Mapping[Name, tuple[KnownAllele, ...]]:
    groups: dict[Name, list[Sequence[Any]]] = {}
    for row in rows.values():
        groups.setdefault(name(row), []).append(row)
    return Piecewise(groups, lambda group: tuple(KnownAllele(*values(row)) for row in group))  # type: ignore[arg-type]


def _overlaid(compiled: CompiledFile) -> Mapping[str, Mapping[tuple[str, ...], Origin]]:
    return {
        name: {tuple(key): Origin(layer, replaces) for key, layer, replaces in rows}
        for name, rows in compiled.piece(OVERLAY).items()
    }
