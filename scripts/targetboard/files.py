"""Write output files so that a reader sees the old file, or the whole new one, and never a part."""

from __future__ import annotations

import errno
import glob
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from targetboard.errors import OutputError

# Patient data: the owner writes, the group reads, others see nothing (the umask may take more away).
_MODE = 0o640
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_RANDOM = "?" * 8
"""As many characters as tempfile puts into a name."""


@contextmanager
def atomic_path(target: Path, *, flush: bool = True) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; on success it becomes ``target``, on failure it is removed.

    The temporary file lies in the target's directory (a rename within one file system is atomic), keeps the target's
    suffixes (tools choose the format by them), is flushed to the disk before the rename and gets the mode 0640 less
    the umask. An existing target is replaced; if the target is a symbolic link, the link itself is replaced.

    Parameters
    ----------
    target
        The file to make.
    flush
        False leaves the flushing to :func:`flush_files`, for many files at once; until then a loss of power (not a
        kill) may cut the file.

    Raises
    ------
    OutputError
        The directory is missing or cannot be written, or the disk is full.
    """
    prefix, suffix = f".{target.name[:100]}.", f".part{_suffix(target)}"
    try:
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=target.parent)
    except OSError as error:
        raise OutputError(
            f"the output cannot be written ({error.strerror})",
            where=str(target),
            remedy="Create the directory or choose another with write permission",
        ) from error
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(_MODE & ~_umask())
        if flush:
            _flush(temporary)
        temporary.replace(target)
    except BaseException as error:
        with suppress(FileNotFoundError):
            temporary.unlink()
        if isinstance(error, OSError) and no_room(error):
            raise OutputError(
                f"the output cannot be written ({error.strerror})", where=str(target), remedy="Free some space"
            ) from error
        raise
    if flush:
        _flush(target.parent)


def write_atomically(target: Path, data: bytes, *, flush: bool = True) -> None:
    """Write ``data`` as the whole content of ``target``; see :func:`atomic_path`."""
    with atomic_path(target, flush=flush) as temporary:
        temporary.write_bytes(data)


def no_room(error: OSError) -> bool:
    """Whether an error says that the disk or the quota is full."""
    return error.errno in _FULL


def remove_leftovers(folder: Path, names: Iterable[str], work_prefix: str = "") -> None:
    """Remove what a killed process left of the files with these names, and its working folders, from their folder.

    Only for a caller that alone writes these files; ``work_prefix`` is what its working folders' names begin with.
    """
    for name in names:
        # a writer that is given a part file makes one of its own for it: two dots
        for dots in (".", ".."):
            for path in folder.glob(f"{dots}{glob.escape(name[:100])}.{_RANDOM}.part*"):
                path.unlink(missing_ok=True)
    if work_prefix:
        for path in folder.glob(f"{glob.escape(work_prefix)}{_RANDOM}"):
            shutil.rmtree(path, ignore_errors=True)


def flush_files(paths: Iterable[Path]) -> None:
    """Make files and their folders reach the disk; much cheaper for many together than after each."""
    files = [path for path in paths if path.exists()]
    for path in [*files, *sorted({path.parent for path in files})]:
        _flush(path)


def _suffix(target: Path) -> str:
    """The last two suffixes at most: ``.vcf.gz`` of ``S1.annotated.vcf.gz``."""
    return "".join(target.suffixes[-2:])[-30:]


def _umask() -> int:
    """The umask of the process; the system offers no way to read it but to set it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _flush(path: Path) -> None:
    """Make the file's bytes, or the directory's entries, reach the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
