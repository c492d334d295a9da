"""What every lint rule works on: the knowledge base, the rows' places, and the list of findings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from targetboard.errors import UsageError
from targetboard.knowledge.records import KnowledgeBase, KnownAllele
from targetboard.knowledge.schema import Finding, Key, Row, Schema
from targetboard.model import Assembly


@dataclass(slots=True)
class LintContext:
    """The base assembled from sound rows, and where to put findings."""

    base: KnowledgeBase
    schema: Schema
    rows: Mapping[str, Mapping[Key, Row]]
    findings: list[Finding]

    def add(self, table: str, key: Key, column: str, message: str, remedy: str, *, severity: str = "error") -> None:
        """Add a finding for the row with this key."""
        row = self.rows[table].get(key)
        line, path = (row.line, row.path) if row is not None else (0, "")
        self.findings.append(Finding(table, "/".join(key), column, message, remedy, line, path, severity))

    def alteration(
        self, alteration_id: str, column: str, message: str, remedy: str, *, severity: str = "error"
    ) -> None:
        """Add a finding for an alteration."""
        self.add("alterations", (alteration_id,), column, message, remedy, severity=severity)

    def allele(self, row: KnownAllele, column: str, message: str, remedy: str, *, severity: str = "error") -> None:
        """Add a finding for an allele."""
        key = (row.alteration_id, row.assembly, row.chrom, str(row.pos), row.ref, row.alt)
        self.add("alleles", key, column, message, remedy, severity=severity)

    @staticmethod
    def assembly(name: str) -> Assembly:
        """An assembly by name; UsageError for an unknown one."""
        try:
            return Assembly(name)
        except ValueError as error:
            raise UsageError(f"unknown assembly {name!r}", remedy="Use GRCh37 or GRCh38.") from error
