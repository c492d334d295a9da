"""What the workflow has to know of a batch before it runs: a word that changes when a sample must be made again.

Snakemake compares the parameters of a job with those of its last run. The word of a batch is the recorded one while
every sample of it is as its journal says, and else a new one; so an edited input, a row, a deleted output or a sample
that failed by an internal error starts the batch, and the batch itself then makes only what has to be made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from targetboard.batches.assignment import batch_names, members
from targetboard.batches.journal import Journals


class BatchPlan:
    """The batches of one stage.

    Parameters
    ----------
    sample_ids
        All samples, in the sheet's order.
    count
        Number of batches, a power of two.
    journal
        Folder with the stage's journals.
    results
        Folder with one folder a sample.
    planned
        What is known of a sample's inputs before they are read, as a digest.
    extra
        What else the outputs depend on, for example the formats asked for.
    """

    def __init__(
        self,
        sample_ids: Sequence[str],
        count: int,
        journal: Path,
        results: Path,
        planned: Callable[[str], str],
        extra: str = "",
    ) -> None:
        self.members: Mapping[str, Sequence[str]] = {
            name: ids for name, ids in zip(batch_names(count), members(sample_ids, count), strict=True) if ids
        }
        self._journal, self._results = journal, results
        self._planned, self._extra = planned, extra
        self._journals: Journals | None = None
        self._states: dict[str, str] = {}

    def state(self, batch: str) -> str:
        """The word of a batch; it is made once, so that a running workflow keeps it."""
        if batch not in self._states:
            if self._journals is None:
                self._journals = Journals(self._journal)
            self._states[batch] = self._state(batch, self._journals)
        return self._states[batch]

    def _state(self, batch: str, journals: Journals) -> str:
        planned = {sample_id: self._planned(sample_id) for sample_id in self.members[batch]}
        digest = hashlib.sha256(json.dumps([planned, self._extra]).encode()).hexdigest()[:32]
        before, _, generation = journals.state(batch).partition(".")
        if before == digest and all(
            journals.find(sample_id, self._results / sample_id, planned=text) for sample_id, text in planned.items()
        ):
            return journals.state(batch)
        return f"{digest}.{int(generation or -1) + 1}"
