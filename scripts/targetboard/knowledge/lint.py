"""Lint of the knowledge tables: every fault at once, each with its place and what to do.

The loader refuses damaged tables; the lint also judges their content: references, numbering, both assemblies,
evidence, and the product rule that a therapy rests on validated drivers only.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from targetboard.errors import KnowledgeError, UsageError
from targetboard.knowledge import lint_alterations, lint_claims, lint_numbering, lint_reviews
from targetboard.knowledge import manifest as manifests
from targetboard.knowledge.base import assemble_rows
from targetboard.knowledge.index import read_index
from targetboard.knowledge.lint_context import LintContext
from targetboard.knowledge.records import Layer
from targetboard.knowledge.schema import Finding, Key, Row, Schema, reference_findings
from targetboard.knowledge.tables import Tables, overlay, parse_contents, read_contents, read_schema
from targetboard.model import Allele

__all__ = ["Finding", "lint"]


def lint(
    paths: Sequence[Path], fasta: Mapping[str, Path] | None = None, gff3: Mapping[str, Path] | None = None
) -> list[Finding]:
    """Check knowledge directories (or a compiled index followed by directories).

    Parameters
    ----------
    paths
        As for :func:`targetboard.knowledge.loader.load`.
    fasta
        Indexed FASTA by assembly ("GRCh37", "GRCh38"); with it REF of every allele is compared with the sequence.
        A reference N or an absent contig is no finding.
    gff3
        Gene models by assembly; with both, the protein change of every allele is computed on the knowledge transcript
        and compared with what the row states.

    Returns
    -------
    list[Finding]
        In order of table, line and column; empty if there is nothing to say.

    Raises
    ------
    KnowledgeError, UsageError
        Only where nothing can be read at all: no schema, a damaged index, a missing directory.
    """
    tables, findings = _read(paths)
    broken = {(finding.path, finding.line) for finding in findings if finding.line}
    sound = {
        name: {key: row for key, row in rows.items() if not row.line or (row.path, row.line) not in broken}
        for name, rows in tables.rows.items()
    }
    context = LintContext(
        assemble_rows(tables.layers, sound),
        tables.schema,
        sound,
        findings,
    )
    findings += reference_findings(tables.schema, {name: list(rows.values()) for name, rows in tables.rows.items()})
    lint_alterations.check(context)
    lint_claims.check(context)
    lint_numbering.check(context)
    lint_reviews.check(context)
    _check_reference(context, fasta or {})
    _check_translation(context, fasta or {}, gff3 or {})
    order = list(tables.schema.tables)
    return sorted(
        findings,
        key=lambda f: (order.index(f.table) if f.table in order else -1, f.path, f.line, f.column, f.message),
    )


def _read(paths: Sequence[Path]) -> tuple[Tables, list[Finding]]:
    """Merged tables whatever their faults, and the faults of files, manifests and schema."""
    if not paths:
        raise UsageError("no knowledge was given", remedy="Name a knowledge directory or a compiled index.")
    findings: list[Finding] = []
    base = read_index(paths[0]) if paths[0].is_file() else None
    schema = base.schema if base is not None else read_schema(paths[0])
    layers: list[Layer] = list(base.layers) if base is not None else []
    parts: list[dict[str, list[Row]]] = []
    if base is not None:
        parts.append({name: list(rows.values()) for name, rows in base.rows.items()})
    for directory in paths[1:] if base is not None else paths:
        contents = read_contents(directory)
        rows, faults = parse_contents(schema, directory, contents, complete=not layers, number=len(layers))
        findings += faults
        layers.append(_layer(schema, directory, contents, findings))
        parts.append({name: table for name, table in rows.items() if name in schema.tables})
    merged: Mapping[str, Mapping[Key, Row]] = overlay(schema, parts)
    return Tables(schema, tuple(layers), merged), findings


def _layer(schema: Schema, directory: Path, contents: Mapping[str, bytes], findings: list[Finding]) -> Layer:
    path = str(directory / manifests.MANIFEST)
    digest = manifests.layer_digest(contents)
    try:
        manifest = manifests.read_manifest(directory)
    except KnowledgeError as error:
        findings.append(Finding("MANIFEST", "", "", error.what, error.remedy, 0, error.where))
        return Layer("unknown", "", digest)
    try:
        manifests.verify(directory, manifest, contents)
    except KnowledgeError as error:
        findings.append(Finding("MANIFEST", "", "sha256", error.what, error.remedy, 0, error.where))
    for name, entry in manifest.tables.items():
        for field, value in (("source", entry.source), ("licence", entry.licence)):
            if not value.strip() and name in schema.tables:
                message = f"table {name!r} has no {field}"
                findings.append(Finding("MANIFEST", name, field, message, f"State its {field}.", 0, path))
    return Layer(manifest.release, manifest.date, digest)


def _check_translation(context: LintContext, fasta: Mapping[str, Path], gff3: Mapping[str, Path]) -> None:
    models = {assembly: (fasta[assembly], path) for assembly, path in gff3.items() if assembly in fasta}
    if models:
        with tempfile.TemporaryDirectory() as folder:
            lint_numbering.check_translation(context, models, Path(folder))


def _check_reference(context: LintContext, fasta: Mapping[str, Path]) -> None:
    if not fasta:
        return
    from targetboard.vcf.reference import Reference  # pysam only where sequence is asked for

    for assembly, path in sorted(fasta.items()):
        with Reference(path) as reference:
            for row in context.base.alleles_by_alteration.get(context.assembly(assembly), {}).values():
                for allele in row:
                    if reference.check(Allele(allele.chrom, allele.pos, allele.ref, allele.alt)) != "mismatch":
                        continue
                    there = reference.fetch(allele.chrom, allele.pos, allele.pos + len(allele.ref) - 1)
                    context.allele(
                        allele,
                        "ref",
                        f"REF {allele.ref} differs from the reference ({there[:40]})",
                        "Correct position, assembly or strand.",
                    )
