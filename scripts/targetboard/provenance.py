"""What a result rests on: fingerprints of code and files, versions of the tools at work."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from targetboard.errors import MalformedInput

PACKAGE = Path(__file__).resolve().parent
REPORT_ROOMS = (
    *("report/sections", "report/templates", "report/render.py", "report/figures.py", "report/html_page.py"),
    *("signing", "commands/sign.py", "commands/report.py", "commands/report_sheet.py"),
    *("export", "report/patient_page", "report/pdf", "report/workbook"),
)
COHORT_ROOMS = ("cohort", "commands/cohort.py")
"""Sources that change a rendering only; every other source can change a call."""
COHORT_BORROWED = (
    *("report/sections/words.py", "report/sections/text.py"),
    *("report/html_page.py", "report/templates/head.html", "report/templates/style.css", "signing/status.py"),
)
"""Sources of the report that the overview of a cohort, and the report of a patient, are made with as well."""
PATIENT_ROOMS = ("patient", "commands/patient.py")
PLANNING_ROOMS = (
    *("batches/assignment.py", "batches/journal.py", "batches/plan.py", "batches/running.py"),
    *("commands/manifest_options.py", "progress.py", "config_readme.py"),
)
"""Sources that decide what is made when and tell how far it is; what is made from a sample they cannot change."""


_BLOCK_BYTES = 32 << 20


@dataclass(slots=True, frozen=True)
class FileFacts:
    """Identity of one input file: ``name`` has no directory, so that a document does not depend on the machine."""

    role: str
    name: str
    sha256: str
    size: int


def file_sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, read in blocks."""
    total = hashlib.sha256()
    with path.open("rb", buffering=0) as handle:
        # large blocks: between them a thread that hashes waits for the one that computes
        buffer = memoryview(bytearray(max(1, min(path.stat().st_size, _BLOCK_BYTES))))
        while count := handle.readinto(buffer):
            total.update(buffer[:count])
    return total.hexdigest()


class LateDigest:
    """SHA-256 of a file that was read, taken in a thread while its content is worked on.

    Parameters
    ----------
    path
        The file.
    before
        Its state before it was read: it must not have changed until the digest is taken.
    hashed
        Whether the digest is taken at all; that the file did not change is looked at in any case.
    """

    def __init__(self, path: Path, before: os.stat_result, *, hashed: bool = True) -> None:
        self._path = path
        self._before = before
        self._found: str | BaseException = ""
        self._thread = threading.Thread(target=self._take, daemon=True)
        if hashed:
            self._thread.start()

    def _take(self) -> None:
        try:
            self._found = file_sha256(self._path)
        except BaseException as error:  # noqa: BLE001  raised again where the digest is asked for
            self._found = error

    def result(self) -> str:
        """The digest, in hexadecimal digits; "" if none is taken.

        Raises
        ------
        MalformedInput
            The file changed while it was read, or can no longer be read.
        """
        if self._thread.ident is not None:
            self._thread.join()
        try:
            if isinstance(self._found, BaseException):
                raise self._found
            now = self._path.stat()
        except OSError as error:
            raise MalformedInput(
                f"the file can no longer be read ({error.strerror})", where=str(self._path), remedy="Run again"
            ) from error
        if (now.st_size, now.st_mtime_ns) != (self._before.st_size, self._before.st_mtime_ns):
            raise MalformedInput("the file changed while it was read", where=str(self._path), remedy="Run again")
        return self._found


def file_facts(role: str, path: Path) -> FileFacts:
    """Name, size and SHA-256 of an input file."""
    return FileFacts(role, path.name, file_sha256(path), path.stat().st_size)


def _sources() -> list[Path]:
    return sorted(
        path
        for path in PACKAGE.rglob("*")
        if path.is_file()
        and "__pycache__" not in path.parts
        and path.suffix in {".py", ".j2", ".html", ".css", ".typ", ".yaml"}
    )


def _within(path: Path, rooms: Iterable[str]) -> bool:
    relative = path.relative_to(PACKAGE).as_posix()
    return any(relative == room or relative.startswith(f"{room}/") for room in rooms)


def _digest(paths: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for path in paths:
        total.update(path.relative_to(PACKAGE).as_posix().encode())
        total.update(b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def code_fingerprint(stage: str) -> str:
    """SHA-256 over the package sources that can change the output of a stage.

    Snakemake compares a rule's shell text, not the code behind it; the rules carry this value as a parameter, so that
    an edit re-runs exactly the jobs whose output may change.

    Parameters
    ----------
    stage
        ``annotate`` (everything but the renderers and the planning), ``report`` (the renderers), ``cohort`` or
        ``patient``.
    """
    renderers = REPORT_ROOMS + COHORT_ROOMS + PATIENT_ROOMS + PLANNING_ROOMS
    if stage == "annotate":
        return _digest(path for path in _sources() if not _within(path, renderers))
    if stage == "report":
        return _digest(path for path in _sources() if _within(path, REPORT_ROOMS))
    if stage == "cohort":
        return _digest(path for path in _sources() if _within(path, COHORT_ROOMS + COHORT_BORROWED))
    if stage == "patient":
        return _digest(path for path in _sources() if _within(path, PATIENT_ROOMS + COHORT_BORROWED))
    raise ValueError(f"unknown stage {stage!r}")


def tool_versions() -> list[tuple[str, str]]:
    """Versions of the libraries that read the input, in a fixed order."""
    import cyvcf2
    from pysam.version import __bcftools_version__, __htslib_version__, __version__

    return [
        ("cyvcf2", str(cyvcf2.__version__)),
        ("pysam", str(__version__)),
        ("bcftools (bundled with pysam)", str(__bcftools_version__)),
        ("htslib (bundled with pysam)", str(__htslib_version__)),
    ]
