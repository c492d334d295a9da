"""The command line: parse, dispatch to a verb, and one boundary where errors become a line and an exit code."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from targetboard import __version__
from targetboard.errors import ExitCode, TargetboardError, UsageError

VERBS = ("annotate", "report", "sign", "explain", "classify", "concordance", "cohort", "patient", "knowledge")
"""Modules of :mod:`targetboard.commands`, each of which registers the verb of its name."""
EPILOG = """exit codes:
  0 ok   2 usage or configuration   3 corrupt or malformed input   4 build or REF mismatch
  5 knowledge integrity   6 internal error   7 some samples failed   8 a sign-out does not hold"""


class _Parser(argparse.ArgumentParser):
    """Wrong usage is one line with the remedy, like every other expected error."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, where=self.prog, remedy=f"See {self.prog} --help")


def make_parser(names: Sequence[str] = VERBS) -> argparse.ArgumentParser:
    """Build the parser with the verbs named; abbreviations of options are refused, since their meaning may change."""
    parser = _Parser(
        prog="targetboard",
        description="From tumour panel VCF to a sourced report of actionable targets.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"targetboard {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name in names:
        import_module(f"targetboard.commands.{name}").register(verbs)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code (see :class:`targetboard.errors.ExitCode`)."""
    arguments = sys.argv[1:] if arguments is None else arguments
    # nothing here multiplies matrices: numpy need not start a thread on every core for it
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # objects here hardly ever refer to each other in circles: looking for such less often saves a twentieth of the time
    gc.set_threshold(50_000, 20, 20)
    try:
        # a verb that is given first is the only one whose code is needed
        options = make_parser(arguments[:1] if set(arguments[:1]) & set(VERBS) else VERBS).parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
        return code
    except TargetboardError as error:
        print(f"targetboard: error: {error.one_line()}", file=sys.stderr)
        return int(error.code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except KeyboardInterrupt:
        print("targetboard: interrupted", file=sys.stderr)
        return 130
    except Exception:  # noqa: BLE001
        traceback.print_exc()
        print(
            "targetboard: this is a bug; please report it with the lines above (check them for names first)",
            file=sys.stderr,
        )
        return int(ExitCode.INTERNAL)
