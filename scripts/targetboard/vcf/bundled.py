"""Run the bcftools that comes inside pysam, in a process of its own.

The library call keeps Python's global lock, and a failed assertion inside it would end the whole run. In a fresh
interpreter a crash is one more kind of bad input. Output goes to the file that the arguments name (``-o``): pysam's
own capture of standard output loses records.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence

from targetboard.errors import MalformedInput

_CHILD = """
import sys
import pysam
import pysam.bcftools
try:
    getattr(pysam.bcftools, sys.argv[1])(*sys.argv[2:], catch_stdout=False)
except pysam.SamtoolsError as error:
    text = error.args[0] if error.args else error
    sys.exit(text if isinstance(text, str) else str(text))
"""
_COMMANDS = frozenset({"norm", "csq", "view", "query", "sort", "index", "annotate"})


def run_bcftools(command: str, arguments: Sequence[str], *, where: str) -> None:
    """Run one bundled bcftools command in a child process and wait for it.

    Parameters
    ----------
    command
        Name of the command: ``norm``, ``csq``, ``view``, ``query``, ``sort``, ``index`` or ``annotate``.
    arguments
        Options and file names, one list entry each; must name an output file by ``-o``. Never read by a shell.
    where
        The user's file this work is for; it opens the error message.

    Raises
    ------
    MalformedInput
        The tool refused its input or crashed; the message ends with the last line the tool wrote.
    """
    if command not in _COMMANDS:
        raise ValueError(f"not a bundled command in use: {command}")
    # -P keeps a pysam.py in the working directory from being imported
    done = subprocess.run(
        [sys.executable, "-P", "-c", _CHILD, command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode == 0:
        return
    raise MalformedInput(
        f"bcftools {command} {_how_it_ended(done.returncode)}: {_last_line(done.stderr)}",
        where=where,
        remedy="Check the file with bcftools view; if it is sound, report this message",
    )


def _how_it_ended(return_code: int) -> str:
    """In words: an exit code, or the signal of a crash (negative on POSIX)."""
    if return_code >= 0:
        return "failed"
    try:
        return f"crashed ({signal.Signals(-return_code).name})"
    except ValueError:
        return f"crashed (signal {-return_code})"


def _last_line(stderr: bytes) -> str:
    """The last line with text: what the tool said before it ended; pysam shows the text as a quoted literal."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").replace("\\n", "\n").splitlines()]
    lines = [line for line in lines if line.strip("'\"")]
    return lines[-1].rpartition("stderr=")[2].strip("'\"") if lines else "it wrote no message"
