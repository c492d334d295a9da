"""``targetboard report``: render a sample document; nothing but the document is read."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from targetboard.errors import ExitCode, MalformedInput, UsageError


@dataclass(slots=True, frozen=True)
class Format:
    """One paper made from a document: what its file is called and what makes its bytes.

    Attributes
    ----------
    suffix
        What follows the sample id in the file name, with its dot.
    render
        Document to bytes; the library it needs is imported inside, so that one paper does not cost another's start-up.
    """

    suffix: str
    render: Callable[[Mapping[str, Any]], bytes]


def _html(document: Mapping[str, Any]) -> bytes:
    from targetboard.report.render import render

    return render(document).encode("utf-8")


FORMATS: dict[str, Format] = {
    "html": Format(".report.html", _html),
}
"""Every format by the name ``--format`` and the configuration know it under."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "report", help="render a sample document: a self-contained HTML report and other formats", allow_abbrev=False
    )
    parser.add_argument(
        "--document", metavar="FILE", type=Path, required=True, help="<sample>.json written by annotate"
    )
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the files")
    parser.add_argument(
        "--format",
        metavar="NAME[,NAME]",
        type=_formats,
        action="extend",
        help=f"what to render, repeatable: {', '.join(FORMATS)} (default: html)",
    )
    parser.set_defaults(run=run)


def _formats(text: str) -> list[str]:
    """Split a comma list; an unknown name is wrong usage."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in FORMATS]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"no known format: {', '.join(unknown) or repr(text)} (known: {', '.join(FORMATS)})"
        )
    return names


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


def write_formats(document: Mapping[str, Any], names: Iterable[str], out: Path) -> list[Path]:
    """Render a document in the named formats, all before the first is written, each file whole or not at all.

    Returns
    -------
    list[Path]
        The files written, in the order of the names; a repeated name counts once.
    """
    from targetboard.files import write_atomically

    wanted = [FORMATS[name] for name in dict.fromkeys(names)]
    rendered = [(form, form.render(document)) for form in wanted]
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for form, content in rendered:
        target = out / f"{document['sample']['sample_id']}{form.suffix}"
        write_atomically(target, content)
        written.append(target)
    return written


def run(options: argparse.Namespace) -> int:
    """Render what was asked for."""
    write_formats(read_document(options.document), options.format or ["html"], options.out)
    return ExitCode.OK
