"""``targetboard report``: render a sample document; nothing but the document is read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, MalformedInput, UsageError


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "report", help="render a sample document as a self-contained HTML report", allow_abbrev=False
    )
    parser.add_argument(
        "--document", metavar="FILE", type=Path, required=True, help="<sample>.json written by annotate"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for <sample>.report.html")
    parser.add_argument("--format", choices=["html"], default="html", help="what to render (default: html)")
    parser.set_defaults(run=run)


def read_document(path: Path) -> dict[str, Any]:
    """Read a sample document.

    Raises
    ------
    UsageError
        If the file does not exist.
    MalformedInput
        If it is no targetboard document of a known schema version.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            "the document does not exist", where=str(path), remedy="Run targetboard annotate first"
        ) from None
    except (OSError, ValueError) as error:
        raise MalformedInput(
            f"no readable JSON ({error})", where=str(path), remedy="Run targetboard annotate again"
        ) from None
    if not isinstance(document, dict) or document.get("schema_version") != "1.0":
        raise MalformedInput(
            "no targetboard document of schema version 1.0", where=str(path), remedy="Give <sample>.json"
        )
    return document


def run(options: argparse.Namespace) -> int:
    """Render and write whole or not at all."""
    from targetboard.files import atomic_path
    from targetboard.report.render import render

    document = read_document(options.document)
    html = render(document)
    options.out.mkdir(parents=True, exist_ok=True)
    with atomic_path(options.out / f"{document['sample']['sample_id']}.report.html") as path:
        path.write_text(html, encoding="utf-8", newline="\n")
    return ExitCode.OK
