"""``targetboard report``: render a sample document; nothing but the document and its sign-out is read."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from targetboard.commands.manifest_options import add_manifest_options, one_sample_only
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


def _fhir(document: Mapping[str, Any]) -> bytes:
    from targetboard.export.fhir import fhir

    return fhir(document)


def _maf(document: Mapping[str, Any]) -> bytes:
    from targetboard.export.maf import maf

    return maf([document]).encode("utf-8")


def _patient_html(document: Mapping[str, Any]) -> bytes:
    from targetboard.report.patient_page.page import render_patient_page

    return render_patient_page(document).encode("utf-8")


def _pdf(document: Mapping[str, Any]) -> bytes:
    from targetboard.report.pdf.paper import render_report_pdf

    return render_report_pdf(document)


def _patient_pdf(document: Mapping[str, Any]) -> bytes:
    from targetboard.report.pdf.paper import render_patient_pdf

    return render_patient_pdf(document)


def _xlsx(document: Mapping[str, Any]) -> bytes:
    from targetboard.report.workbook.xlsx import render_workbook

    return render_workbook(document)


FORMATS: dict[str, Format] = {
    "html": Format(".report.html", _html),
    "pdf": Format(".report.pdf", _pdf),
    "patient-html": Format(".patient.html", _patient_html),
    "patient-pdf": Format(".patient.pdf", _patient_pdf),
    "xlsx": Format(".actions.xlsx", _xlsx),
    "fhir": Format(".fhir.json", _fhir),
    "maf": Format(".maf", _maf),
}
"""Every format by the name ``--format`` and the configuration know it under; each shows the document's ``sign_out``."""


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "report", help="render a sample document: a self-contained HTML report and other formats", allow_abbrev=False
    )
    parser.add_argument("--document", metavar="FILE", type=Path, help="<sample>.json written by annotate")
    parser.add_argument("--out", metavar="DIR", type=Path, required=True, help="folder for the files")
    parser.add_argument(
        "--format",
        metavar="NAME[,NAME]",
        type=_formats,
        action="extend",
        help=f"what to render, repeatable: {', '.join(FORMATS)} (default: html)",
    )
    parser.add_argument(
        "--signatures", metavar="DIR", type=Path, help="folder of targetboard sign's files (default: the document's)"
    )
    add_manifest_options(parser)
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


def read_with_sign_out(path: Path, signatures: Path | None = None) -> dict[str, Any]:
    """Read a sample document for rendering: with its verified sign-out, which says draft unless its bytes are signed.

    What does not hold (an edited signature, a document that changed since) leaves the report a draft that says so, and
    is told on stderr; it is no error, since the findings stand as before.

    Raises
    ------
    UsageError, MalformedInput
        As :func:`read_document`; also if the document itself claims a sign-out.
    """
    from targetboard.signing.standing import with_sign_out
    from targetboard.signing.status import DRAFT, sign_out

    document = with_sign_out(read_document(path), path, signatures)
    found = sign_out(document)
    if found["status"] == "stale" or (found["status"] == "draft" and found["banner"] != DRAFT["banner"]):
        sample_id = document["sample"]["sample_id"]
        print(f"targetboard: {sample_id}: {found['banner']}. {found['statement']}", file=sys.stderr)
    return document


def write_formats(document: Mapping[str, Any], names: Iterable[str], out: Path, *, flush: bool = True) -> list[Path]:
    """Render a document in the named formats, all before the first is written, each file whole or not at all.

    ``flush``: see :func:`targetboard.files.atomic_path`.

    Raises
    ------
    MalformedInput
        If the sample id is none that a sheet may hold: it names the files, and could point out of the folder.

    Returns
    -------
    list[Path]
        The files written, in the order of the names; a repeated name counts once.
    """
    from targetboard.files import remove_leftovers, write_atomically
    from targetboard.samples import valid_sample_id

    sample_id = document["sample"]["sample_id"]
    if not valid_sample_id(sample_id):
        raise MalformedInput(
            f"sample_id {sample_id!r} cannot name a file", where=str(out), remedy="Give a document made by annotate"
        )
    wanted = [FORMATS[name] for name in dict.fromkeys(names)]
    rendered = [(form, form.render(document)) for form in wanted]
    out.mkdir(parents=True, exist_ok=True)
    remove_leftovers(out, [f"{sample_id}{form.suffix}" for form in wanted])
    written = []
    for form, content in rendered:
        target = out / f"{sample_id}{form.suffix}"
        write_atomically(target, content, flush=flush)
        written.append(target)
    return written


def run(options: argparse.Namespace) -> int:
    """Render what was asked for, of one document or of every sample of a sheet."""
    if options.manifest:
        from targetboard.commands.report_sheet import render_samples

        return render_samples(options)
    one_sample_only(options)
    if options.document is None:
        raise UsageError(
            "the following arguments are required: --document",
            where="targetboard report",
            remedy="See targetboard report --help",
        )
    write_formats(read_with_sign_out(options.document, options.signatures), options.format or ["html"], options.out)
    return ExitCode.OK
