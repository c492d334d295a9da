"""Options of the verbs that take many samples in one process."""

from __future__ import annotations

import argparse
from pathlib import Path

from targetboard.errors import UsageError

_WITH_MANIFEST = ("batch", "journal", "state", "done")


def add_manifest_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--manifest`` and what goes with it."""
    parser.add_argument(
        "--manifest",
        metavar="FILE",
        type=Path,
        help="sample sheet: every sample of it in one process, each in DIR/<sample> of --out DIR",
    )
    parser.add_argument(
        "--batch", metavar="I-of-N", help="with --manifest: only this part of the sheet, N a power of 2"
    )
    parser.add_argument(
        "--journal",
        metavar="DIR",
        type=Path,
        help="with --manifest: remember here what was made from what, and make only what is missing or outdated",
    )
    parser.add_argument("--state", metavar="TEXT", default="", help="with --journal: the workflow's word for this run")
    parser.add_argument(
        "--done", metavar="FILE", type=Path, help="with --manifest: list the samples here when all were delivered"
    )


def one_sample_only(options: argparse.Namespace) -> None:
    """Refuse options that mean nothing without ``--manifest``."""
    given = [f"--{name}" for name in (*_WITH_MANIFEST, "settings") if getattr(options, name, None)]
    if given:
        raise UsageError(
            f"{given[0]} needs --manifest", where=f"targetboard {options.verb}", remedy="Give both, or neither"
        )
