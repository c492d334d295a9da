"""``targetboard knowledge``: prove the tables, compile them, compare releases, count and import rows."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from targetboard.commands import knowledge_diff, knowledge_import, knowledge_prove
from targetboard.errors import ExitCode, KnowledgeError, UsageError

BUNDLED = Path(__file__).resolve().parents[3] / "resources" / "knowledge"


def knowledge_folders(given: list[Path] | None) -> list[Path]:
    """Folders named on the command line, or the tables that come with the program.

    Raises
    ------
    UsageError
        If none is given and none comes with the program (an installation without the repository).
    """
    if given:
        missing = [folder for folder in given if not folder.exists()]
        if missing:
            raise UsageError("the knowledge folder does not exist", where=str(missing[0]), remedy="Check --knowledge")
        return given
    if not BUNDLED.is_dir():
        raise UsageError("no knowledge tables are here", remedy="Give a folder of tables with --knowledge")
    return [BUNDLED]


def add_knowledge_option(parser: argparse.ArgumentParser) -> None:
    """Add ``--knowledge``, which every verb that matches takes."""
    parser.add_argument(
        "--knowledge",
        metavar="DIR",
        type=Path,
        action="append",
        help="folder of knowledge tables or a compiled index; may be repeated, a later one overlays an earlier one"
        " (default: the tables that come with the program)",
    )


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb and its actions."""
    parser = verbs.add_parser("knowledge", help="lint, compile, compare or count the tables", allow_abbrev=False)
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    lint = actions.add_parser("lint", help="check every table; exit 5 if a finding is an error", allow_abbrev=False)
    add_knowledge_option(lint)
    lint.add_argument(
        "--fasta-grch37", metavar="FASTA", type=Path, help="also compare REF of every allele with this reference"
    )
    lint.add_argument(
        "--fasta-grch38", metavar="FASTA", type=Path, help="also compare REF of every allele with this reference"
    )
    for assembly in ("37", "38"):
        lint.add_argument(
            f"--gff3-grch{assembly}",
            metavar="GFF3",
            type=Path,
            help=f"with --fasta-grch{assembly}, also compute the protein change of every allele and compare",
        )
    lint.add_argument("--all", action="store_true", help="print every warning instead of a few of each kind")
    lint.set_defaults(run=run_lint)
    build = actions.add_parser("build", help="compile the tables to one index, after the lint", allow_abbrev=False)
    add_knowledge_option(build)
    build.add_argument("--out", metavar="FILE", type=Path, required=True, help="index to write (JSON)")
    build.add_argument(
        "--refresh-manifest",
        action="store_true",
        help="first write the tables' checksums into MANIFEST.yaml (for curators)",
    )
    build.set_defaults(run=run_build)
    knowledge_diff.register(actions)
    knowledge_import.register(actions, add_knowledge_option, knowledge_folders)
    knowledge_prove.register(actions, add_knowledge_option, knowledge_folders)


def _lint(
    folders: list[Path],
    fasta: dict[str, Path] | None = None,
    gff3: dict[str, Path] | None = None,
    *,
    every: bool = False,
) -> int:
    from targetboard.knowledge.findings import grouped
    from targetboard.knowledge.lint import lint

    findings = lint(folders, fasta=fasta or {}, gff3=gff3 or {})
    for line in [finding.one_line() for finding in findings] if every else grouped(findings):
        print(line, file=sys.stderr)
    return sum(finding.severity == "error" for finding in findings)


def run_lint(options: argparse.Namespace) -> int:
    """Print what was found, errors one by one and warnings by kind; fail if one is an error."""
    from targetboard.knowledge.loader import load
    from targetboard.knowledge.stats import summary, unreviewed

    folders = knowledge_folders(options.knowledge)
    fasta = {"GRCh37": options.fasta_grch37, "GRCh38": options.fasta_grch38}
    gff3 = {"GRCh37": options.gff3_grch37, "GRCh38": options.gff3_grch38}
    for assembly, path in gff3.items():
        if path and not fasta[assembly]:
            number = assembly.removeprefix("GRCh")
            raise UsageError(
                f"--gff3-grch{number} needs --fasta-grch{number}", remedy="Give both, or neither: models need sequence"
            )
    errors = _lint(
        folders,
        {assembly: path for assembly, path in fasta.items() if path},
        {assembly: path for assembly, path in gff3.items() if path},
        every=options.all,
    )
    if errors:
        raise KnowledgeError(
            f"{errors} findings are errors", where=", ".join(map(str, folders)), remedy="Mend the rows above"
        )
    base = load(folders)
    counts = ", ".join(f"{name} {count}" for name, count in summary(base).items())
    print(f"knowledge release {base.release} is clean: {counts}")
    waiting = ", ".join(f"{count:,} of {total:,} {name}" for name, (count, total) in unreviewed(base).items())
    print(f"not reviewed by two people: {waiting}")
    return ExitCode.OK


def run_build(options: argparse.Namespace) -> int:
    """Lint, compile and write the index whole or not at all."""
    from targetboard.files import atomic_path
    from targetboard.knowledge.index import build, write_manifest

    folders = knowledge_folders(options.knowledge)
    if options.refresh_manifest:
        for folder in folders:
            write_manifest(folder)
    errors = _lint(folders)
    if errors:
        raise KnowledgeError(
            f"{errors} findings are errors", where=", ".join(map(str, folders)), remedy="Mend the rows above"
        )
    index = build(folders)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(options.out) as path:
        path.write_bytes(index.content)
    print(f"knowledge release {index.release} ({index.sha256[:12]}) written to {options.out}")
    return ExitCode.OK
