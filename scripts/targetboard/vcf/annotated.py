"""The annotated VCF of a sample document: the input's records with the verdicts beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from targetboard import __version__
from targetboard.files import atomic_path
from targetboard.model import FieldDeclaration
from targetboard.vcf.genome import SplicePlan
from targetboard.vcf.header import repaired_header
from targetboard.vcf.preflight import Inspection, bare_alleles, canonical_lines
from targetboard.vcf.restricted import StretchPlan
from targetboard.vcf.splice import Edit, splice
from targetboard.vcf.writer import (
    annotated_header,
    annotated_line,
    info_declarations,
    provenance_lines,
    write_annotated,
)


def annotations_of(variants: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], dict[str, str]]:
    """INFO values per allele of the input, keyed by record number and ALT index.

    Parameters
    ----------
    variants
        ``variants[]`` of a sample document.
    """
    found: dict[tuple[int, int], dict[str, str]] = {}
    for variant in variants:
        points = variant["oncogenicity"]["points"] if variant["oncogenicity"] else None
        values = {
            "TB_CLASS": variant["driver_class"],
            "TB_GENE": variant["gene"],
            "TB_HGVSP": variant["hgvsp"],
            "TB_ALTERATION": "|".join(match["alteration_id"] for match in variant["matches"]),
            "TB_POINTS": "" if points is None else str(points),
            "TB_VAF": "" if variant["vaf"] is None else f"{variant['vaf']:g}",
            "TB_FLAGS": "|".join(variant["flags"]),
        }
        given = variant["input"]
        found[(given["record"], given["alt_index"])] = {key: value for key, value in values.items() if value}
    return found


def _records(source: Path, inspection: Inspection) -> Iterator[tuple[int, str]]:
    number = 0
    for _, line in canonical_lines(source, inspection):
        if not line.startswith("#"):
            number += 1
            yield number, line


def _column_line(source: Path, inspection: Inspection) -> str:
    return next(line for _, line in canonical_lines(source, inspection) if line.startswith("#CHROM\t"))


@dataclass(slots=True, frozen=True)
class Spliced:
    """How a file is written again: the plan, and the text of the lines that may change, by record number."""

    plan: SplicePlan | StretchPlan
    lines: Mapping[int, bytes]


def _edits(
    spliced: Spliced,
    header: Sequence[str],
    document: Mapping[str, Any],
    declarations: Sequence[FieldDeclaration],
) -> list[Edit]:
    """The header and every annotated line."""
    annotations = annotations_of(document["variants"])
    keys = [declaration.id for declaration in declarations]
    edits = [Edit(0, spliced.plan.body, ("\n".join(header) + "\n").encode("utf-8"))]
    for record in sorted({record for record, _ in annotations}):
        line = spliced.lines[record]
        start = int(spliced.plan.lines[record - 1])
        text = annotated_line(record, line.decode("utf-8"), keys, annotations).encode("utf-8")
        edits.append(Edit(start, start + len(line), text))
    return edits


def write_hits(
    target: Path,
    index: Path,
    source: Path,
    inspection: Inspection,
    document: Mapping[str, Any],
    lines: Mapping[int, bytes],
) -> None:
    """Write only the records with a verdict; ``lines`` holds their text by record number.

    Raises
    ------
    MalformedInput
        If the input cannot be indexed.
    """
    annotations = annotations_of(document["variants"])
    knowledge = [(layer["release"], layer["sha256"]) for layer in document["provenance"]["knowledge"]]
    records = sorted({record for record, _ in annotations})
    texts = ((record, lines[record].decode("utf-8", "replace")) for record in records)
    write_annotated(
        target,
        repaired_header(inspection),
        _column_line(source, inspection),
        ((record, bare_alleles(text) if inspection.stripped_alleles else text) for record, text in texts),
        annotations,
        declarations=info_declarations(__version__, "+".join(name for name, _ in knowledge)),
        extra_header_lines=provenance_lines(__version__, knowledge),
        index=index,
    )


def write_annotated_vcf(
    target: Path,
    index: Path,
    source: Path,
    inspection: Inspection,
    document: Mapping[str, Any],
    spliced: Spliced | None = None,
) -> None:
    """Write ``target`` (BGZF) and its tabix index from the input and its document.

    With ``spliced`` (a large file that was proved in parts, or one of which only stretches were read) only the blocks
    that change are compressed anew; the text is the same.

    Raises
    ------
    MalformedInput
        If the input changed since it was inspected, or cannot be indexed.
    """
    knowledge = [(layer["release"], layer["sha256"]) for layer in document["provenance"]["knowledge"]]
    release = "+".join(name for name, _ in knowledge)
    declarations = info_declarations(__version__, release)
    if spliced is not None:
        extra = provenance_lines(__version__, knowledge)
        header = annotated_header(repaired_header(inspection), _column_line(source, inspection), declarations, extra)
        with atomic_path(target) as data_part, atomic_path(index) as index_part:
            with data_part.open("wb") as stream:
                content = splice(stream, spliced.plan, _edits(spliced, header, document, declarations))
            index_part.write_bytes(content)
        return
    write_annotated(
        target,
        repaired_header(inspection),
        _column_line(source, inspection),
        _records(source, inspection),
        annotations_of(document["variants"]),
        declarations=declarations,
        extra_header_lines=provenance_lines(__version__, knowledge),
        index=index,
    )
