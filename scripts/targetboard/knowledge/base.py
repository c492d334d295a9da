"""Assembling the knowledge base from merged rows: look-up tables, parsed protein changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from targetboard.knowledge.manifest import combined_digest
from targetboard.knowledge.protein import curated_change
from targetboard.knowledge.records import (
    Alteration,
    CuratedChange,
    Gene,
    KnowledgeBase,
    KnownAllele,
    Layer,
    Origin,
    ProteinWindow,
    hgnc_key,
)
from targetboard.knowledge.schema import RECORD_OF_TABLE, Key, Row, Value
from targetboard.model import Assembly

Record = TypeVar("Record")
Name = TypeVar("Name")


Overlaid = Mapping[str, Mapping[tuple[str, ...], Origin]]


def assemble_rows(layers: Sequence[Layer], rows: Mapping[str, Mapping[Key, Row]]) -> KnowledgeBase:
    """Build the knowledge base from merged rows, which tell their layers."""
    values = {name: [row.values for row in table.values()] for name, table in rows.items()}
    return assemble(layers, values, overlaid_rows(rows))


def overlaid_rows(rows: Mapping[str, Mapping[Key, Row]]) -> Overlaid:
    """Rows of later layers by table and key."""
    found = {
        name: {key: Origin(row.layer, row.replaces) for key, row in table.items() if row.layer}
        for name, table in rows.items()
    }
    return {name: table for name, table in found.items() if table}


def assemble(
    layers: Sequence[Layer], rows: Mapping[str, Iterable[Sequence[Value]]], overlaid: Overlaid | None = None
) -> KnowledgeBase:
    """Build the knowledge base.

    Parameters
    ----------
    layers
        The layers that went in, first to last.
    rows
        Values per table in the order of the record's fields; list values are tuples. A later table may lack.
    overlaid
        Rows of later layers by table and key.
    """
    made: dict[str, list[Any]] = {
        name: [record(*values) for values in rows.get(name, ())] for name, record in RECORD_OF_TABLE.items()
    }
    genes: dict[str, Gene] = {gene.gene: gene for gene in made["genes"]}
    alterations: dict[str, Alteration] = {a.alteration_id: a for a in made["alterations"]}
    proteins: dict[str, tuple[ProteinWindow, ...]] = _group(made["proteins"], lambda row: row.gene)
    return KnowledgeBase(
        release="+".join(layer.release for layer in layers),
        sha256=combined_digest([layer.sha256 for layer in layers]),
        layers=tuple(layers),
        genes=genes,
        genes_by_name=_names(genes.values()),
        alterations=alterations,
        alterations_by_gene=_group(made["alterations"], lambda row: row.gene),
        alleles=_alleles(made["alleles"], lambda row: (row.chrom, row.pos, row.ref, row.alt)),
        proteins=proteins,
        hotspots=_group(made["hotspots"], lambda row: row.gene),
        domains=_group(made["domains"], lambda row: row.gene),
        tumour_types={row.code: row for row in made["tumour_types"]},
        drugs={row.drug: row for row in made["drugs"]},
        markers={row.marker_id: row for row in made["markers"]},
        biomarkers={row.biomarker_id: row for row in made["biomarkers"]},
        claims={row.claim_id: row for row in made["therapies"]},
        approvals=_group(made["approvals"], lambda row: row.claim_id),
        options_without_biomarker={row.option_id: row for row in made["options_without_biomarker"]},
        resistance={row.resistance_id: row for row in made["resistance"]},
        curated_changes=_changes(alterations.values(), proteins, lambda row: row.protein_changes),
        excluded_changes=_changes(
            alterations.values(), proteins, lambda row: tuple(e for e in row.excludes if e.startswith("p."))
        ),
        alleles_by_alteration=_alleles(made["alleles"], lambda row: row.alteration_id),
        diagnostics=_group(made["diagnostics"], lambda row: row.claim_id),
        trials={row.key: row for row in made["trials"]},
        negatives={row.negative_id: row for row in made["negatives"]},
        overlaid=overlaid or {},
    )


def _group(rows: Iterable[Record], name: Callable[[Record], Name]) -> dict[Name, tuple[Record, ...]]:
    groups: dict[Name, list[Record]] = {}
    for row in rows:
        groups.setdefault(name(row), []).append(row)
    return {key: tuple(group) for key, group in groups.items()}


def _names(genes: Iterable[Gene]) -> dict[str, str]:
    """Symbols win over aliases; an alias that two genes claim names neither."""
    genes = tuple(genes)
    names = {gene.gene.casefold(): gene.gene for gene in genes}
    names.update({hgnc_key(gene.hgnc_id): gene.gene for gene in genes if gene.hgnc_id})
    aliases: dict[str, set[str]] = {}
    for gene in genes:
        for alias in gene.aliases:
            aliases.setdefault(alias.casefold(), set()).add(gene.gene)
    for alias, owners in aliases.items():
        if alias not in names and len(owners) == 1:
            names[alias] = owners.pop()
    return names


def _alleles(
    rows: Iterable[KnownAllele], name: Callable[[KnownAllele], Name]
) -> dict[Assembly, dict[Name, tuple[KnownAllele, ...]]]:
    by_assembly: dict[Assembly, list[KnownAllele]] = {assembly: [] for assembly in Assembly}
    for row in rows:
        by_assembly[Assembly(row.assembly)].append(row)
    return {assembly: _group(alleles, name) for assembly, alleles in by_assembly.items()}


def _changes(
    alterations: Iterable[Alteration],
    proteins: Mapping[str, tuple[ProteinWindow, ...]],
    texts: Callable[[Alteration], tuple[str, ...]],
) -> dict[str, tuple[CuratedChange, ...]]:
    changes: dict[str, tuple[CuratedChange, ...]] = {}
    for alteration in alterations:
        windows = proteins.get(alteration.gene, ())
        parsed = tuple(c for text in texts(alteration) if (c := curated_change(text, windows)) is not None)
        if parsed:
            changes[alteration.alteration_id] = parsed
    return changes
