"""``targetboard sign``: sign a document out, amend or withdraw it, and verify what was signed."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from targetboard.errors import ExitCode, MalformedInput, SignOutError, UsageError

if TYPE_CHECKING:
    from targetboard.signing.files import SignOutFiles
    from targetboard.signing.history import History
    from targetboard.signing.log import Entry
    from targetboard.signing.records import Difference, Override, Record

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?)?")
_LONGEST = {"reviewer": 100, "role": 100, "comment": 1000, "reason": 1000}
_WHERE = "targetboard sign"


def register(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = verbs.add_parser(
        "sign", help="sign a document out, amend or withdraw it; verify signatures", allow_abbrev=False
    )
    parser.add_argument("--document", metavar="FILE", type=Path, required=True, help="<sample>.json as it was reviewed")
    parser.add_argument("--reviewer", metavar="NAME", help="who signs: name or staff number, no patient identifier")
    parser.add_argument("--role", metavar="TEXT", help="in which role")
    parser.add_argument(
        "--meaning",
        choices=["reviewed", "approved", "amended", "withdrawn"],
        help="reviewed: read, the report stays a draft; approved: released, version 1; amended: a later version, with"
        " --reason; withdrawn: the version no longer holds, with --reason",
    )
    parser.add_argument("--date", metavar="DATE", help="YYYY-MM-DD, or with time and zone; asked for if not given")
    parser.add_argument("--overrides", metavar="FILE", type=Path, help="table: subject, field, value, reason")
    parser.add_argument("--comment", metavar="TEXT", default="", help="shown with the signature")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why the report is amended or withdrawn")
    parser.add_argument("--out", metavar="DIR", type=Path, help="folder of signatures (default: the document's)")
    other = parser.add_mutually_exclusive_group()
    other.add_argument("--verify", action="store_true", help="sign nothing; prove log, signature and kept documents")
    other.add_argument("--restore", action="store_true", help="write the signature anew from an intact log")
    parser.add_argument("--head", metavar="SHA256", help="with --verify: a head of the log kept elsewhere")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Sign, verify or restore."""
    from targetboard.commands.report import read_document
    from targetboard.signing.files import SignOutFiles, alone_in

    document = read_document(options.document)
    files = SignOutFiles(options.out or options.document.parent, document["sample"]["sample_id"])
    if options.head and not options.verify:
        raise UsageError("--head goes with --verify", where=_WHERE, remedy="Add --verify")
    if options.verify:
        return _verify(files, options.document.read_bytes(), options.head)
    if options.restore:
        return _restore(files)
    files.folder.mkdir(parents=True, exist_ok=True)
    with alone_in(files.folder):
        return _sign(options, document, files)


def _sign(options: argparse.Namespace, document: Mapping[str, Any], files: SignOutFiles) -> int:
    from targetboard.report.sections.section import is_quick_look
    from targetboard.signing.files import read_sign_out, write_sign_out
    from targetboard.signing.history import add, objection, version_of
    from targetboard.signing.log import next_entry
    from targetboard.signing.records import Record

    if document["status"] != "complete":
        raise UsageError(
            "a failed sample has no result to sign",
            where=str(options.document),
            remedy="Mend its input and run it again",
        )
    if is_quick_look(document) and options.meaning != "withdrawn":
        raise UsageError(
            "a quick look names hits only, and cannot be signed out",
            where=str(options.document),
            remedy="Annotate the sample again without --only-hits",
        )
    raw = options.document.read_bytes()
    if json.loads(raw) != document:
        raise MalformedInput("the document changed while it was read", where=_WHERE, remedy="Run the command again")
    for name in ("reviewer", "role", "meaning"):
        if not getattr(options, name):
            raise UsageError(f"--{name} is needed", where=_WHERE, remedy="See targetboard sign --help")
    texts = {name: _text(name, getattr(options, name)) for name in _LONGEST}
    entries, history = read_sign_out(files)
    sha256, size = hashlib.sha256(raw).hexdigest(), len(raw)
    overrides = _overrides(options, document, history)
    if options.meaning == "withdrawn" and history.current is not None:
        release = history.current.release
        sha256, size = release.document_sha256, release.document_bytes
    record = Record(
        sample_id=files.sample_id,
        version=version_of(history, options.meaning, sha256),
        document_sha256=sha256,
        document_bytes=size,
        meaning=options.meaning,
        date=_date(options.date),
        overrides=overrides,
        changes=_changes(files, history, options.meaning, document, overrides),
        **texts,
    )
    problem = objection(history, record)
    if problem:
        raise UsageError(problem, where=_WHERE, remedy="See targetboard sign --help")
    entry = next_entry(entries, record)
    after = add(history, record)
    releases = len(after.versions) > len(history.versions)
    write_sign_out(files, (*entries, entry), after, raw if releases else None)
    _tell(files, record, after, entry, options.document)
    return ExitCode.OK


def _overrides(options: argparse.Namespace, document: Mapping[str, Any], history: History) -> tuple[Override, ...]:
    from targetboard.signing.overrides import read_overrides

    current = history.current
    if options.meaning == "withdrawn" and options.overrides:
        raise UsageError("--overrides cannot go with “withdrawn”", where=_WHERE, remedy="Leave it out")
    if options.overrides:
        return read_overrides(options.overrides, document, options.reviewer)
    if options.meaning == "amended" and current is not None and current.overrides:
        raise UsageError(
            f"version {current.number} has {len(current.overrides)} overrides; nothing says whether they still hold",
            where=_WHERE,
            remedy="Give --overrides again; a table with its header line only drops them",
        )
    return ()


def _changes(
    files: SignOutFiles, history: History, meaning: str, document: Mapping[str, Any], overrides: tuple[Override, ...]
) -> tuple[Difference, ...]:
    """What an amendment changes against the version before."""
    from targetboard.signing.differences import differences, override_differences
    from targetboard.signing.files import kept_document

    if meaning != "amended" or history.current is None:
        return ()
    documents = differences(kept_document(files, history.current), document)
    return (*override_differences(history.current.overrides, overrides), *documents)


def _text(name: str, text: str) -> str:
    text = text.strip()
    if len(text) > _LONGEST[name] or not text.isprintable():
        raise UsageError(
            f"--{name} is not printable or longer than {_LONGEST[name]} characters", where=_WHERE, remedy="Shorten it"
        )
    if not text and name in ("reviewer", "role"):
        raise UsageError(f"--{name} is empty", where=_WHERE, remedy="Say who signs, and as what")
    return text


def _date(given: str | None) -> str:
    """The stated date: there is no clock here, the person who signs says when."""
    text = given
    if text is None:
        if not sys.stdin.isatty():
            raise UsageError(
                "--date is needed where nobody can be asked", where=_WHERE, remedy="Give --date YYYY-MM-DD"
            )
        text = input("Date of signing (YYYY-MM-DD): ").strip()
    try:
        if _DATE.fullmatch(text):
            datetime.fromisoformat(text)
            return text
    except ValueError:
        pass
    raise UsageError(f"{text!r} is no date", where=_WHERE, remedy="Write YYYY-MM-DD or YYYY-MM-DDTHH:MM+01:00")


def _tell(files: SignOutFiles, record: Record, history: History, entry: Entry, document: Path) -> None:
    print(f"{record.meaning}: {record.sample_id}, version {record.version}, document sha256 {record.document_sha256}")
    current = history.current
    if current is None or (record.meaning == "reviewed" and record.version != current.number):
        print("the report stays a draft until somebody approves it")
    elif current.release == record:
        print(f"kept: {files.kept(current.number).name}")
        for override in current.overrides:
            told = f"{override.subject} {override.field}: {override.machine} -> {override.reviewed}"
            print(f"override: {told} ({override.by}: {override.reason})")
        print(f"changes against the version before: {len(record.changes)}" if record.changes else "no earlier version")
    print(f"audit log: entry {entry.sequence}, head {entry.sha256}")
    print("keep the head outside this folder: with --verify --head it shows whether the end of the log was cut")
    print(f"render again: targetboard report --document {document} --out {document.parent}")


def _verify(files: SignOutFiles, document: bytes, head: str | None) -> int:
    """Prove everything that can be proved, and say what cannot."""
    from targetboard.signing.files import kept_document, read_sign_out

    if not files.are_there():
        raise SignOutError("nothing is signed here", where=str(files.folder), remedy="Sign with targetboard sign")
    entries, history = read_sign_out(files)
    for version in history.versions:
        kept_document(files, version)
    if head and head not in {entry.sha256 for entry in entries}:
        raise SignOutError(
            "the head kept elsewhere is not in the log: its end was cut, or it was written anew",
            where=str(files.log),
            remedy="Take the file from a backup",
        )
    print(f"audit log: {len(entries)} entries, every hash holds, head {entries[-1].sha256}")
    print(f"signature and kept documents hold: {len(history.versions)} versions")
    if head:
        newer = len(entries) - next(entry.sequence for entry in entries if entry.sha256 == head)
        print(f"the head kept elsewhere is entry {len(entries) - newer}; {newer} were added since")
    else:
        print("not shown without a head kept elsewhere (--head): entries cut from the end, or a log written anew")
    current, sha256 = history.current, hashlib.sha256(document).hexdigest()
    if current is None:
        print("no version is released: the report is a draft")
    elif current.withdrawal is not None:
        print(f"version {current.number} is withdrawn: the report is a draft")
    elif current.release.document_sha256 != sha256:
        raise SignOutError(
            f"version {current.number} was signed for another document (sha256 {current.release.document_sha256},"
            f" this one {sha256})",
            where=str(files.signature),
            remedy="Review the document and sign it as amended; the report is a draft until then",
        )
    else:
        print(f"version {current.number} is signed for this document: the report is final")
    return ExitCode.OK


def _restore(files: SignOutFiles) -> int:
    """Write the signature that the log tells."""
    from targetboard.files import write_atomically
    from targetboard.signing.files import alone_in, read_log_only, signature_bytes

    if not files.log.exists():
        raise SignOutError("there is no audit log", where=str(files.log), remedy="Take the file from a backup")
    with alone_in(files.folder):
        entries, history = read_log_only(files)
        write_atomically(files.signature, signature_bytes(entries, history))
    print(f"written from {len(entries)} entries: {files.signature.name}; head {entries[-1].sha256}")
    return ExitCode.OK
