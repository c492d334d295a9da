"""``targetboard knowledge prove``: every row of the tables through the pipeline, and mutated copies of it as well."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, KnowledgeError, UsageError
from targetboard.model import Assembly


def register(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    add_knowledge_option: Callable[[argparse.ArgumentParser], None],
    knowledge_folders: Callable[[list[Path] | None], list[Path]],
) -> None:
    """Add the action."""
    prove = actions.add_parser(
        "prove",
        help="prove every row by the pipeline's own code; exit 5 if one fails",
        description="Each alteration must be found where it is and nowhere beside it; each claim must be shown where"
        " its profile is met. A row whose mutated copy is still found is a failure as well. With reference files the"
        " proof goes through nucleotides, otherwise through independently spelled HGVS. Takes about half a minute.",
        allow_abbrev=False,
    )
    add_knowledge_option(prove)
    for assembly in ("37", "38"):
        prove.add_argument(f"--fasta-grch{assembly}", metavar="FASTA", type=Path, help="reference of this assembly")
        prove.add_argument(f"--gff3-grch{assembly}", metavar="GFF3", type=Path, help="its gene models")
    prove.set_defaults(run=lambda options: run_prove(options, knowledge_folders))


def run_prove(options: argparse.Namespace, knowledge_folders: Callable[[list[Path] | None], list[Path]]) -> int:
    """Prove the rows and print the shares."""
    from targetboard.knowledge.loader import load
    from targetboard.knowledge_proofs.report import prove
    from targetboard.knowledge_proofs.running import ReferenceFiles

    references: dict[Assembly, Any] = {}
    for assembly in Assembly:
        number = assembly.value.removeprefix("GRCh")
        fasta, gff3 = getattr(options, f"fasta_grch{number}"), getattr(options, f"gff3_grch{number}")
        if (fasta is None) is not (gff3 is None):
            raise UsageError(
                f"the reference of {assembly} needs FASTA and GFF3",
                where="targetboard knowledge prove",
                remedy="Give both",
            )
        for path in (fasta, gff3):
            if path is not None and not path.is_file():
                raise UsageError("the file does not exist", where=str(path), remedy="Check the option")
        if fasta is not None:
            references[assembly] = ReferenceFiles(fasta, gff3)
    folders = knowledge_folders(options.knowledge)
    with tempfile.TemporaryDirectory(prefix="targetboard-") as folder:
        report = prove(load(folders), Path(folder), references or None)
    for line in report.lines():
        print(line)
    if not report.holds:
        raise KnowledgeError(
            f"{len(report.problems())} rows are not proved",
            where=", ".join(map(str, folders)),
            remedy="Mend the rows above",
        )
    return ExitCode.OK
