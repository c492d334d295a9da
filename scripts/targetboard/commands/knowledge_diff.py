"""``targetboard knowledge diff|impact``: what changed between two knowledge bases, and for which reported samples."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, MalformedInput, UsageError


def register(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add both actions."""
    diff = actions.add_parser(
        "diff",
        help="rows added, removed and changed between two knowledge bases",
        description="OLD and NEW are folders of tables or compiled indexes. The words are Markdown.",
        allow_abbrev=False,
    )
    _add_pair(diff)
    diff.set_defaults(run=run_diff)
    impact = actions.add_parser(
        "impact",
        help="which archived samples change class, tier or therapy between two knowledge bases, and why",
        description="Re-evaluates the variants of sample documents (ID.json) with both knowledge bases, without"
        " their VCFs. What a document cannot tell is listed at the end.",
        allow_abbrev=False,
    )
    impact.add_argument(
        "--documents",
        metavar="DIR",
        type=Path,
        required=True,
        help="folder of sample documents and its subfolders",
    )
    _add_pair(impact)
    impact.set_defaults(run=run_impact)


def _add_pair(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("old", metavar="OLD", type=Path, help="earlier folder of tables or compiled index")
    parser.add_argument("new", metavar="NEW", type=Path, help="later folder of tables or compiled index")
    parser.add_argument("--json", action="store_true", help="print JSON instead of words")


def run_diff(options: argparse.Namespace) -> int:
    """Print what changed."""
    from targetboard.knowledge.diff import as_json, compare, in_words
    from targetboard.knowledge.index import read_tables

    difference = compare(read_tables([_existing(options.old)]), read_tables([_existing(options.new)]))
    _print(as_json(difference) if options.json else in_words(difference))
    return ExitCode.OK


def run_impact(options: argparse.Namespace) -> int:
    """Re-evaluate every complete document and print what changes."""
    from targetboard import reanalysis
    from targetboard.knowledge.diff import compare
    from targetboard.knowledge.index import read_tables
    from targetboard.knowledge.loader import load

    if not options.documents.is_dir():
        raise UsageError("the folder does not exist", where=str(options.documents), remedy="Check --documents")
    pair = [_existing(options.old)], [_existing(options.new)]
    difference = compare(read_tables(pair[0]), read_tables(pair[1]))
    old, new = load(pair[0]), load(pair[1])
    impacts: list[reanalysis.SampleImpact] = []
    skipped: dict[str, str] = {}
    for path, document in _documents(options.documents):
        name = path.relative_to(options.documents).as_posix()
        if document.get("status") != "complete":
            skipped[name] = "the sample failed and holds no variants"
            continue
        try:
            impacts.append(reanalysis.impact(document, old, new, difference))
        except (KeyError, TypeError, ValueError) as error:
            skipped[name] = f"this document lacks what a re-evaluation needs ({type(error).__name__}: {error})"
    if not impacts and not skipped:
        raise UsageError("no sample document is here", where=str(options.documents), remedy="Look for files ID.json")
    arguments = impacts, difference, skipped
    _print(reanalysis.as_json(*arguments) if options.json else reanalysis.in_words(*arguments))
    return ExitCode.OK


def _existing(path: Path) -> Path:
    if not path.exists():
        raise UsageError("the knowledge does not exist", where=str(path), remedy="Give a folder or a compiled index")
    return path


def _documents(folder: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Sample documents in order of their paths; JSON files that are something else are passed over."""
    from targetboard.knowledge.compiled import is_compiled

    for path in sorted(folder.rglob("*.json")):
        raw = path.read_bytes()
        if is_compiled(raw):
            continue
        try:
            content = json.loads(raw)
        except (OSError, ValueError) as error:
            raise MalformedInput("not readable as JSON", where=str(path), remedy="Remove or mend the file") from error
        if not isinstance(content, dict) or not {"schema_version", "status", "sample", "variants"} <= content.keys():
            continue
        if not _is_kept_version(path, content["sample"]["sample_id"]):
            yield path, content


def _is_kept_version(path: Path, sample_id: str) -> bool:
    """Whether the file is a signed version that ``targetboard sign`` keeps beside the sample's document."""
    kept = re.fullmatch(re.escape(sample_id) + r"\.v[0-9]+\.json", path.name)
    return kept is not None and path.with_name(f"{sample_id}.json").exists()


def _print(content: Mapping[str, Any] | list[str]) -> None:
    if isinstance(content, list):
        print("\n".join(content))
    else:
        print(json.dumps(content, ensure_ascii=False, indent=1))
