"""``targetboard concordance``: how our classes agree with a laboratory's own truth."""

from __future__ import annotations

import argparse
from pathlib import Path

from targetboard.commands.classify import FORMS, add_list_options, answers
from targetboard.errors import ExitCode


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "concordance",
        help="compare our classes with a truth set: confusion matrix, precision, recall, disagreements",
        description=f"FILE is {FORMS}, and holds the expected class in a column (table) or an INFO field (VCF).",
        allow_abbrev=False,
    )
    parser.add_argument("--truth", metavar="FILE", type=Path, required=True, help="the list with expected classes")
    parser.add_argument(
        "--truth-column", metavar="NAME", default="truth", help="column or INFO field of the expected class (truth)"
    )
    add_list_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every disagreement as it is met, then the matrices."""
    from targetboard.classify.concordance import Concordance, counted_codes, verdict_side

    counts = Concordance()
    print(
        "\t".join(("disagreement", "name", "truth", "verdict", "oncogenicity", "points", "codes", "matches", "reason"))
    )
    for listed in answers(options, options.truth, options.truth_column):
        if not counts.add(listed):
            continue
        variant = listed.variant
        found = variant.oncogenicity if variant is not None else None
        cells = (
            str(listed.place),
            listed.name,
            listed.truth,
            str(variant.driver_class) if variant is not None else verdict_side(listed),
            found.classification if found is not None else "",
            str(found.points) if found is not None else "",
            ";".join(counted_codes(found)),
            ";".join(match.alteration_id for match in variant.matches) if variant is not None else "",
            variant.class_reason if variant is not None else listed.reason,
        )
        print("\t".join(cells))
    print()
    for line in counts.lines():
        print(line)
    return ExitCode.OK
