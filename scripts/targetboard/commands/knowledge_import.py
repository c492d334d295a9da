"""``targetboard knowledge import civic`` and ``knowledge stats``: candidate rows for curators, and counts."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from targetboard.errors import ExitCode, MalformedInput, UsageError

if TYPE_CHECKING:
    from targetboard.knowledge.civic import Import

DISEASES = Path(__file__).resolve().parents[3] / "resources" / "civic" / "diseases.tsv"
RELEASE = "civic-candidates"
TABLES = ("alterations", "biomarkers", "therapies")
UNMATCHED = "UNMATCHED.md"

Folders = Callable[[list[Path] | None], list[Path]]


def register(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    add_knowledge_option: Callable[[argparse.ArgumentParser], None],
    folders: Folders,
) -> None:
    """Add both actions."""
    importer = actions.add_parser("import", help="make candidate rows of a public release", allow_abbrev=False)
    sources = importer.add_subparsers(dest="source", metavar="SOURCE", required=True)
    civic = sources.add_parser(
        "civic",
        help="CIViC's TSV release (nightly-ClinicalEvidenceSummaries.tsv)",
        description="Writes a folder of candidate tables with ids that begin with CIVIC_, to be read by curators row by"
        " row. Curated rows are never changed or repeated; what could not be used is listed in UNMATCHED.md.",
        allow_abbrev=False,
    )
    civic.add_argument("files", metavar="FILE", type=Path, nargs="+", help="files of the release")
    civic.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the candidates")
    add_knowledge_option(civic)
    civic.set_defaults(run=lambda options: run_civic(options, folders))
    stats = actions.add_parser("stats", help="count rows by grade, state, gene and tumour type", allow_abbrev=False)
    stats.add_argument("--markdown", action="store_true", help="print the page resources/knowledge/STATS.md")
    add_knowledge_option(stats)
    stats.set_defaults(run=lambda options: run_stats(options, folders))


def run_stats(options: argparse.Namespace, folders: Folders) -> int:
    """Print the counts."""
    from targetboard.knowledge.loader import load
    from targetboard.knowledge.stats import as_markdown, as_text, statistics

    base = load(folders(options.knowledge))
    print("\n".join((as_markdown if options.markdown else as_text)(base, statistics(base))))
    return ExitCode.OK


def run_civic(options: argparse.Namespace, folders: Folders) -> int:
    """Write the candidate tables and what was left out."""
    from targetboard.files import write_atomically
    from targetboard.knowledge.civic import candidates, read_diseases, read_items
    from targetboard.knowledge.index import read_tables
    from targetboard.knowledge.loader import load
    from targetboard.knowledge.manifest import MANIFEST, write_manifest

    paths = folders(options.knowledge)
    _refuse_curated(options.out)
    evidence = [path for path in options.files if _is_evidence(path)]
    if len(evidence) != 1:
        raise UsageError(
            f"{len(evidence)} files hold clinical evidence", remedy="Give one nightly-ClinicalEvidenceSummaries.tsv"
        )
    text = _text(evidence[0])
    items = read_items(text, str(evidence[0]))
    result = candidates(items, read_diseases(DISEASES.read_text(encoding="utf-8")), load(paths))
    schema = read_tables(paths).schema
    options.out.mkdir(parents=True, exist_ok=True)
    for name in TABLES:
        columns = [column.name for column in schema.tables[name].columns]
        lines = ["\t".join(columns)]
        lines += ["\t".join(row.get(column, "") for column in columns) for row in result.tables.get(name, [])]
        write_atomically(options.out / f"{name}.tsv", ("\n".join(lines) + "\n").encode())
    reviewed = sorted(item.get("last_review_date", "")[:10] for item in items)
    write_atomically(options.out / MANIFEST, _manifest(reviewed[-1] if reviewed else "").encode())
    write_manifest(options.out)
    write_atomically(options.out / UNMATCHED, ("\n".join(unmatched(result)) + "\n").encode())
    print(yields(result, options.out))
    return ExitCode.OK


def _refuse_curated(out: Path) -> None:
    """An existing folder is written only where this import made it."""
    manifest = out / "MANIFEST.yaml"
    if out.is_file() or (out.is_dir() and any(out.iterdir()) and not _is_own(manifest)):
        raise UsageError("the folder holds something else", where=str(out), remedy="Give a new folder with --out")


def _is_own(manifest: Path) -> bool:
    return manifest.is_file() and f"release: {RELEASE}\n" in manifest.read_text(encoding="utf-8", errors="replace")


def _is_evidence(path: Path) -> bool:
    head = _text(path).partition("\n")[0].split("\t")
    return "evidence_id" in head and "evidence_type" in head


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise UsageError(f"the file cannot be read ({error.strerror})", where=str(path)) from error
    except UnicodeDecodeError as error:
        raise MalformedInput("a byte is no UTF-8", where=str(path), remedy="Download the file again") from error


def _manifest(date: str) -> str:
    entry = "sha256: ''\n    source: CIViC, imported by rule; candidates that nobody has reviewed\n    licence: CC0-1.0"
    tables = "".join(f"  {name}:\n    {entry}\n" for name in TABLES)
    head = f"# Candidates for curators, not a release.\nrelease: {RELEASE}\ndate: '{date or 'unknown'}'\n"
    return f"{head}tables:\n{tables}"


def unmatched(result: Import) -> list[str]:
    """The page of what was left out: by kind, most items first."""
    lines = ["# Not imported", "", "Evidence items of CIViC that made no candidate row, by the first reason met.", ""]
    lines += ["| what | name | reason | items | ids |", "|---|---|---|---|---|"]
    rows = sorted(result.unmatched.items(), key=lambda row: (row[0][0], -len(row[1]), row[0]))
    for (kind, name, reason), ids in rows:
        shown = ", ".join(f"EID{number}" for number in sorted({int(one) for one in ids})[:20])
        more = " …" if len(set(ids)) > 20 else ""
        cells = (kind, name, reason, str(len(set(ids))), shown + more)
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


def yields(result: Import, out: Path) -> str:
    """The yield in a few lines."""
    counts: Mapping[str, int] = {name: len(result.tables.get(name, [])) for name in TABLES}
    left: Counter[str] = Counter()
    for (kind, _, reason), ids in result.unmatched.items():
        left[f"{kind}: {reason.partition(':')[0]}" if kind != "claim" else "claim"] += len(set(ids))
    lines = [
        f"{result.items:,} evidence items read: {len(result.used):,} made {counts['therapies']:,} candidate claims on"
        f" {counts['biomarkers']:,} biomarkers and {counts['alterations']:,} candidate alterations;"
        f" {len(result.curated - result.used):,} say what curated claims say already",
        *(f"  not imported: {count:,} items: {reason}" for reason, count in left.most_common(12)),
        f"written to {out}; names and ids of what was left out in {UNMATCHED}",
    ]
    return "\n".join(lines)
