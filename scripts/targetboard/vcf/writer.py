"""Write the input VCF again with our verdicts in INFO: compressed, indexed, sorted, and otherwise as it came.

A record without a verdict is written byte for byte; others get only INFO keys that begin with ``TB_``. Annotating an
annotated file again replaces what the first run added.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from targetboard.errors import MalformedInput
from targetboard.files import atomic_path
from targetboard.model import FieldDeclaration

PREFIX = "TB_"
META_PREFIX = "targetboard_"
_INFO_COLUMN = 7
_CHUNK = 1 << 16

# INFO key, what it holds; a list within one allele is joined by "|", since the comma separates alleles.
_FIELDS = (
    ("TB_CLASS", "driver class"),
    ("TB_GENE", "gene symbol"),
    ("TB_HGVSP", "protein change, three-letter"),
    ("TB_ALTERATION", "matched alterations of the knowledge base"),
    ("TB_POINTS", "oncogenicity points"),
    ("TB_VAF", "variant allele fraction in the tumour, 0 to 1"),
    ("TB_FLAGS", "flags"),
)
# VCF 4.3, section 1.2, and the space and control characters, which INFO may not hold.
_ENCODED = {code: f"%{code:02X}" for code in (*range(33), *map(ord, "%;=,"), 127)}
_DECLARED_CONTIG = re.compile(r"##contig=<(?:.*,)?ID=([^,>]+)")


def info_declarations(version: str, knowledge_release: str) -> tuple[FieldDeclaration, ...]:
    """Declarations of the INFO keys that targetboard adds, with the versions that filled them."""
    origin = f"by targetboard {version}, knowledge {knowledge_release}"
    return tuple(FieldDeclaration(key, "A", "String", f"{meaning}; {origin}") for key, meaning in _FIELDS)


def provenance_lines(version: str, knowledge: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Header lines that name the pipeline's version and each knowledge ``(release, sha256)``, base first."""
    lines = [f"##{META_PREFIX}version={version}"]
    lines += [f"##{META_PREFIX}knowledge=<ID={release},sha256={digest}>" for release, digest in knowledge]
    return tuple(lines)


def encode(value: str) -> str:
    """A value as INFO may hold it: percent-encoded after VCF 4.3; an empty one is "."."""
    return value.translate(_ENCODED) if value else "."


def write_annotated(
    target: Path,
    header_lines: Sequence[str],
    column_line: str,
    records: Iterable[tuple[int, str]],
    annotations: Mapping[tuple[int, int], Mapping[str, str]],
    *,
    declarations: Sequence[FieldDeclaration],
    extra_header_lines: Sequence[str] = (),
    index: Path | None = None,
) -> None:
    """Write ``target`` (BGZF) and its tabix index; both appear whole or not at all, the index first.

    Parameters
    ----------
    target
        Output path ending in ``.vcf.gz``.
    header_lines
        Repaired ``##`` lines without line ends. Declarations of ``TB_`` keys and ``##targetboard_`` lines of an
        earlier run are dropped.
    column_line
        The ``#CHROM`` line.
    records
        Record number (from 1, the key of ``annotations``) and data line as it came, without line end.
    annotations
        ``(record number, ALT index from 0)`` to INFO key to plain value; only declared keys are allowed.
    declarations
        INFO keys that may be written, in the order in which they are written; see :func:`info_declarations`.
    extra_header_lines
        Further ``##`` lines; see :func:`provenance_lines`.
    index
        Path of the index; by default ``target`` with ``.tbi`` after it.

    Notes
    -----
    Records are sorted by the header's order of contigs (undeclared ones after them, as they appear), then by position;
    equal positions keep their order. Sorted input is streamed; only unsorted input is held in memory.

    Raises
    ------
    MalformedInput
        A record has fewer than eight columns or no integer position, or the file cannot be indexed.
    UsageError
        The directory cannot be written.
    """
    keys = tuple(declaration.id for declaration in declarations)
    header = annotated_header(header_lines, column_line, declarations, extra_header_lines)
    ranks = {name: rank for rank, name in enumerate(_declared_contigs(header))}
    annotated = {record for record, _ in annotations}
    lines = (
        annotated_line(number, line, keys, annotations) if number in annotated or PREFIX in line else line
        for number, line in records
    )
    index = index or target.with_name(f"{target.name}.tbi")
    with atomic_path(target) as data_part, atomic_path(index) as index_part:
        unsorted = _write_while_sorted(data_part, header, lines, ranks)
        if unsorted is not None:
            _write(data_part, header, sorted(unsorted, key=lambda line: _place(line, ranks)))
        _build_index(data_part, index_part, target)


def annotated_header(
    header_lines: Sequence[str],
    column_line: str,
    declarations: Sequence[FieldDeclaration],
    extra_header_lines: Sequence[str] = (),
) -> list[str]:
    """The header of the annotated VCF, without what an earlier run added; parameters as in :func:`write_annotated`."""
    keys = tuple(declaration.id for declaration in declarations)
    kept = [line for line in header_lines if not _is_ours(line, keys)]
    return [*kept, *extra_header_lines, *(_declaration_line(declaration) for declaration in declarations), column_line]


def _write_while_sorted(
    path: Path, header: Sequence[str], lines: Iterator[str], ranks: dict[str, int]
) -> list[str] | None:
    """Write the lines as they come; at the first one out of order stop and give all lines, written ones first."""
    late: list[str] = []

    def in_order() -> Iterator[str]:
        before = (-1, -1)
        for line in lines:
            place = _place(line, ranks)
            if place < before:
                late.append(line)
                return
            before = place
            yield line

    _write(path, header, in_order())
    if not late:
        return None
    import pysam  # only where something is written: loading it takes its time

    with pysam.BGZFile(str(path), "rb", None) as stream:
        written = [line.decode("utf-8") for line in stream]
    return [*(line.rstrip("\n") for line in written[len(header) :]), *late, *lines]


def _write(path: Path, header: Iterable[str], lines: Iterable[str]) -> None:
    """Write header and lines as BGZF, whose bytes depend on the content alone."""
    import pysam

    with pysam.BGZFile(str(path), "wb", None) as stream:
        pending, size = list(header), 0
        for text in lines:
            pending.append(text)
            size += len(text)
            if size > _CHUNK:
                stream.write(("\n".join(pending) + "\n").encode("utf-8"))
                pending, size = [], 0
        if pending:
            stream.write(("\n".join(pending) + "\n").encode("utf-8"))


def _build_index(data: Path, index: Path, target: Path) -> None:
    """Write the tabix index of ``data`` to ``index``."""
    import pysam

    verbosity = pysam.set_verbosity(0)  # htslib warns of POS 0, which VCF allows
    try:
        pysam.tabix_index(str(data), preset="vcf", force=True, index=str(index))
    except (OSError, ValueError) as error:
        raise MalformedInput(
            "the annotated VCF cannot be indexed", where=str(target), remedy="Check the positions of the input"
        ) from error
    finally:
        pysam.set_verbosity(verbosity)


def _place(line: str, ranks: dict[str, int]) -> tuple[int, int]:
    """Sort key of a data line; a contig the header does not declare is ranked when it first appears."""
    chrom, _, rest = line.partition("\t")
    pos = rest.partition("\t")[0]
    if not pos.isdecimal():
        raise MalformedInput(
            f"the position {pos!r} is not a number",
            where=f"a record of {chrom}",
            remedy="Check the input with bcftools",
        )
    return ranks.setdefault(chrom, len(ranks)), int(pos)


def annotated_line(
    number: int, line: str, keys: Sequence[str], annotations: Mapping[tuple[int, int], Mapping[str, str]]
) -> str:
    """The data line with our INFO keys; unchanged where there is nothing to say and nothing of an earlier run."""
    columns = line.split("\t", _INFO_COLUMN + 1)
    if len(columns) <= _INFO_COLUMN:
        raise MalformedInput(
            "a record has fewer than eight columns", where=f"record {number}", remedy="Check the input with bcftools"
        )
    alts = columns[4].count(",") + 1
    per_alt = [annotations.get((number, index), {}) for index in range(alts)]
    unknown = {key for values in per_alt for key in values}.difference(keys)
    if unknown:
        raise ValueError(f"INFO keys without declaration: {sorted(unknown)}")
    kept = [item for item in columns[_INFO_COLUMN].split(";") if item.partition("=")[0] not in keys]
    added = [
        f"{key}={','.join(encode(values.get(key, '')) for values in per_alt)}"
        for key in keys
        if any(values.get(key) for values in per_alt)
    ]
    info = ";".join([item for item in kept if item not in ("", ".")] + added) if added else ";".join(kept) or "."
    if info == columns[_INFO_COLUMN]:
        return line
    columns[_INFO_COLUMN] = info
    return "\t".join(columns)


def _declaration_line(declaration: FieldDeclaration) -> str:
    """The ``##INFO`` line; quotes and backslashes of the description are escaped."""
    text = declaration.description.replace("\\", "\\\\").replace('"', '\\"')
    return f'##INFO=<ID={declaration.id},Number={declaration.number},Type={declaration.type},Description="{text}">'


def _is_ours(line: str, keys: Sequence[str]) -> bool:
    """Whether a header line was written by an earlier run of targetboard."""
    return line.startswith((f"##{META_PREFIX}", *(f"##INFO=<ID={key}," for key in keys)))


def _declared_contigs(header: Sequence[str]) -> Iterator[str]:
    """Contig names of the ``##contig`` lines, in file order, each once."""
    names = (match.group(1) for line in header if (match := _DECLARED_CONTIG.match(line)))
    yield from dict.fromkeys(names)
