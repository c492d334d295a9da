"""The versions of a sample that follow from its log, and which act of signing may come next."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from targetboard.errors import SignOutError
from targetboard.signing.log import Entry
from targetboard.signing.records import Difference, Override, Record


@dataclass(slots=True, frozen=True)
class Version:
    """One released version: the record that released it, every signature on it, and the overrides that hold."""

    number: int
    release: Record
    signatures: tuple[Record, ...]
    overrides: tuple[Override, ...]
    withdrawal: Record | None = None

    @property
    def changes(self) -> tuple[Difference, ...]:
        """Against the version before."""
        return self.release.changes


@dataclass(slots=True, frozen=True)
class History:
    """Released versions in order, and reviews of documents that are not released (yet)."""

    versions: tuple[Version, ...] = ()
    reviews: tuple[Record, ...] = ()
    last: Record | None = None

    @property
    def current(self) -> Version | None:
        """The latest version, withdrawn or not."""
        return self.versions[-1] if self.versions else None

    def released_as(self, document_sha256: str) -> Version | None:
        """The latest version, if it holds and was released for these bytes."""
        found = self.current
        if found is None or found.withdrawal or found.release.document_sha256 != document_sha256:
            return None
        return found

    def reviews_of(self, document_sha256: str) -> tuple[Record, ...]:
        """Reviews of these bytes that no release has taken up."""
        return tuple(record for record in self.reviews if record.document_sha256 == document_sha256)


def version_of(history: History, meaning: str, document_sha256: str) -> int:
    """Number of the version an act of signing belongs to."""
    if meaning == "withdrawn":
        return len(history.versions)
    joins = meaning in ("reviewed", "approved") and history.released_as(document_sha256) is not None
    return len(history.versions) + (0 if joins else 1)


def objection(history: History, record: Record) -> str:
    """Why this act may not follow; empty if it may."""
    current, same = history.current, history.released_as(record.document_sha256)
    number = len(history.versions)
    if history.last is not None and record.sample_id != history.last.sample_id:
        return f"the log is that of sample {history.last.sample_id!r}, not {record.sample_id!r}"
    if history.last is not None and record.date[:10] < history.last.date[:10]:
        return f"the date {record.date} lies before that of the last entry ({history.last.date})"
    if record.version != version_of(history, record.meaning, record.document_sha256):
        return f"the entry is for version {record.version}, which is not the one that follows"
    if record.meaning in ("amended", "withdrawn") and not record.reason:
        return f"no reason is given for “{record.meaning}”"
    if record.meaning in ("amended", "withdrawn") and current is None:
        return f"no version was released: nothing can be {record.meaning}"
    if record.meaning == "withdrawn" and current is not None:
        if current.withdrawal:
            return f"version {number} is withdrawn already"
        if record.document_sha256 != current.release.document_sha256:
            return f"version {number} was released for another document"
    if record.meaning == "approved" and current is not None and same is None:
        return f"version {number} was released before: a later one is “amended”, with a reason"
    if record.meaning in ("reviewed", "approved") and same is not None and record.overrides:
        return f"version {number} is released: other values need “amended”, with a reason"
    if record.meaning == "amended" and same is not None and _values(same) == _values(add(history, record).versions[-1]):
        return f"nothing differs from version {number}"
    return ""


def add(history: History, record: Record) -> History:
    """The history with one more act of signing; see :func:`objection` for which are allowed."""
    versions = history.versions
    if record.meaning == "withdrawn":
        versions = (*versions[:-1], replace(versions[-1], withdrawal=record))
        return replace(history, versions=versions, last=record)
    same = history.released_as(record.document_sha256)
    if record.meaning in ("reviewed", "approved") and same is not None:
        versions = (*versions[:-1], replace(same, signatures=(*same.signatures, record)))
        return replace(history, versions=versions, last=record)
    if record.meaning == "reviewed":
        return replace(history, reviews=(*history.reviews, record), last=record)
    signatures = (*history.reviews_of(record.document_sha256), record)
    released = Version(record.version, record, signatures, _merged(signatures))
    return History((*versions, released), (), record)


def replay(entries: Iterable[Entry], where: str) -> History:
    """The history a proven log tells.

    Raises
    ------
    SignOutError
        If an entry may not follow the ones before it, which ``targetboard sign`` would have refused to write.
    """
    history = History()
    for entry in entries:
        problem = objection(history, entry.record)
        if problem:
            raise SignOutError(
                f"the log contradicts itself: {problem}",
                where=f"{where}, line {entry.sequence}",
                remedy="Take the file from a backup",
            )
        history = add(history, entry.record)
    return history


def _merged(records: Iterable[Record]) -> tuple[Override, ...]:
    """Overrides of all signatures of a version; of two about the same value the later one holds."""
    found: dict[tuple[str, str, str], Override] = {}
    for record in records:
        for override in record.overrides:
            found.pop(override.key, None)
            found[override.key] = override
    return tuple(found.values())


def _values(version: Version) -> dict[tuple[str, str, str], tuple[str, str]]:
    return {override.key: (override.reviewed, override.reason) for override in version.overrides}
