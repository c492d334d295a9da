"""``targetboard classify``: a list of variants without samples, one answer a row."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from targetboard.commands.evidence_options import add_evidence_options, evidence_request
from targetboard.commands.knowledge import add_knowledge_option, knowledge_folders
from targetboard.errors import ExitCode, UsageError
from targetboard.model import Assembly

if TYPE_CHECKING:
    from targetboard.classify.listing import Listed, ListRequest
    from targetboard.knowledge.records import KnowledgeBase

COLUMNS = (
    "place", "name", "gene", "transcript", "hgvsc", "hgvsp", "consequence", "chrom", "pos", "ref", "alt",
    "driver_class", "oncogenicity", "points", "points_low", "points_high", "codes", "open_codes",
    "matches", "flags", "reason", "could_change",
)  # fmt: skip
FORMS = (
    "a VCF (annotated, or with --fasta and --gff3), or a tab-separated table with columns gene and hgvsp (or hgvsc), or"
    " chrom, pos, ref and alt, or variant"
)


def add_list_options(parser: argparse.ArgumentParser) -> None:
    """Options of the verbs that classify a list."""
    parser.add_argument(
        "--assembly", choices=[str(name) for name in Assembly], required=True, help="genome assembly of coordinates"
    )
    parser.add_argument("--tumour-type", metavar="ONCOTREE", help="OncoTree code; code OP2 needs it")
    parser.add_argument("--fasta", metavar="FILE", type=Path, help="reference FASTA with .fai")
    parser.add_argument(
        "--gff3", metavar="FILE", type=Path, help="gene models; with --fasta, consequences are computed"
    )
    parser.add_argument("--tumour-sample", metavar="NAME", help="column of a VCF with several samples")
    add_evidence_options(parser)
    add_knowledge_option(parser)


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "classify",
        help="classify a list of variants without samples",
        description=f"FILE is {FORMS}. Nothing is filtered: every row gives one row, in a tab-separated table.",
        allow_abbrev=False,
    )
    parser.add_argument("--variants", metavar="FILE", type=Path, required=True, help="the list")
    parser.add_argument("--out", metavar="FILE", type=Path, help="table to write; standard output where not given")
    add_list_options(parser)
    parser.set_defaults(run=run)


def list_request(options: argparse.Namespace, path: Path, truth: str, base: KnowledgeBase) -> ListRequest:
    """What the options ask to classify.

    Raises
    ------
    UsageError
        If a file is missing, options contradict each other or the tumour type is unknown.
    """
    from targetboard.action.tumour_types import TumourTypes
    from targetboard.classify.listing import ListRequest

    for role in ("fasta", "gff3"):
        given = getattr(options, role)
        if given is not None and not given.is_file():
            raise UsageError("the file does not exist", where=str(given), remedy=f"Check --{role}")
    if options.gff3 and not options.fasta:
        raise UsageError("--gff3 needs --fasta", where="targetboard", remedy="Give both, or neither")
    types = TumourTypes(base.tumour_types)
    lineage = types.lineage(types.resolve(options.tumour_type).code) if options.tumour_type else ()
    return ListRequest(
        path,
        Assembly(options.assembly),
        tuple(lineage),
        options.fasta,
        options.gff3,
        evidence_request(options),
        truth,
        options.tumour_sample,
    )


def answers(options: argparse.Namespace, path: Path, truth: str = "") -> Iterator[Listed]:
    """Answers to the rows of a list, as they come."""
    from targetboard.classify.listing import classify_list
    from targetboard.knowledge.loader import load

    base = load(knowledge_folders(options.knowledge))
    request = list_request(options, path, truth, base)
    with tempfile.TemporaryDirectory(prefix="targetboard-") as folder:
        yield from classify_list(request, base, Path(folder))


def row_of(listed: Listed) -> tuple[str, ...]:
    """Cells of one answer, in the order of :data:`COLUMNS`."""
    from targetboard.classify.concordance import counted_codes
    from targetboard.classify.could_change import could_change
    from targetboard.model import CriterionStatus, DriverClass

    variant = listed.variant
    if variant is None:
        empty = ("",) * (COLUMNS.index("driver_class") - 2)
        after = ("",) * (COLUMNS.index("reason") - COLUMNS.index("driver_class") - 1)
        return (str(listed.place), listed.name, *empty, str(DriverClass.NOT_EVALUABLE), *after, listed.reason, "")
    chosen, found, allele = variant.chosen, variant.oncogenicity, variant.allele
    placed = allele.pos > 0
    return (
        str(listed.place),
        listed.name,
        variant.gene,
        chosen.transcript if chosen else "",
        chosen.hgvsc if chosen else "",
        chosen.hgvsp if chosen else "",
        "&".join(chosen.terms) if chosen else "",
        allele.chrom if placed else "",
        str(allele.pos) if placed else "",
        allele.ref if placed else "",
        allele.alt if placed else "",
        str(variant.driver_class),
        found.classification if found else "",
        str(found.points) if found else "",
        str(found.points_range[0]) if found else "",
        str(found.points_range[1]) if found else "",
        ";".join(counted_codes(found)),
        ";".join(counted_codes(found, CriterionStatus.NOT_EVALUABLE)),
        ";".join(f"{match.alteration_id}:{match.level}" for match in variant.matches),
        ";".join(flag for flag in variant.flags if flag == "conflict"),
        variant.class_reason,
        " | ".join(could_change(found)),
    )


def _cell(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def run(options: argparse.Namespace) -> int:
    """Write one row for each variant of the list, as it is read."""
    from targetboard.files import atomic_path

    with ExitStack() as stack:
        target: TextIO = sys.stdout
        if options.out is not None:
            path = stack.enter_context(atomic_path(options.out))
            target = stack.enter_context(path.open("w", encoding="utf-8", newline="\n"))
        print("\t".join(COLUMNS), file=target)
        for listed in answers(options, options.variants):
            print("\t".join(_cell(cell) for cell in row_of(listed)), file=target)
        target.flush()
    return ExitCode.OK
