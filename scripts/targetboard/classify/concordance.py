"""How the classes of a list agree with a truth: confusion matrices, precision and recall, counted as rows stream by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from targetboard.classify.codes import LOWEST_CLASS, THRESHOLDS
from targetboard.classify.listing import Listed
from targetboard.errors import UsageError
from targetboard.model import CriterionStatus, DriverClass, Oncogenicity

ONCOGENICITY_CLASSES = (*(name for _, name in THRESHOLDS), LOWEST_CLASS)
DRIVER, UNCERTAIN, PASSENGER = "driver", "uncertain", "passenger"
SIDES = (DRIVER, UNCERTAIN, PASSENGER)
NOT_EVALUABLE = str(DriverClass.NOT_EVALUABLE)

SIDE_OF: Mapping[str, str] = {
    "oncogenic": DRIVER,
    "likely oncogenic": DRIVER,
    "vus": UNCERTAIN,
    "uncertain significance": UNCERTAIN,
    "likely benign": PASSENGER,
    "benign": PASSENGER,
    "validated driver": DRIVER,
    "likely driver": DRIVER,
    "driver": DRIVER,
    "uncertain": UNCERTAIN,
    "unknown": UNCERTAIN,
    "likely passenger": PASSENGER,
    "passenger": PASSENGER,
    "neutral": PASSENGER,
    "likely neutral": PASSENGER,
}
"""Words a truth may use (folded, underscores as spaces) and the side they stand on."""
_FIVE = {name.casefold(): name for name in ONCOGENICITY_CLASSES} | {"uncertain significance": "VUS"}
_DRIVER_CLASSES = {str(name).replace("_", " "): str(name) for name in DriverClass}


def side_of(word: str) -> str:
    """Side of a class word.

    Raises
    ------
    UsageError
        If the word belongs to none of the vocabularies; "pathogenic" is a germline word and not accepted.
    """
    folded = word.casefold().replace("_", " ").strip()
    if folded not in SIDE_OF:
        raise UsageError(
            f"{word!r} is no class of oncogenicity",
            where="truth",
            remedy=f"Use {', '.join(ONCOGENICITY_CLASSES)}, or a driver class such as validated_driver or passenger",
        )
    return SIDE_OF[folded]


def points_side(oncogenicity: Oncogenicity | None) -> str:
    """Side by points alone; not evaluable where nothing could be judged."""
    return NOT_EVALUABLE if oncogenicity is None else side_of(oncogenicity.classification)


def verdict_side(listed: Listed) -> str:
    """Side of the verdict (curation and points)."""
    if listed.variant is None or listed.variant.driver_class is DriverClass.NOT_EVALUABLE:
        return NOT_EVALUABLE
    return side_of(str(listed.variant.driver_class))


@dataclass(slots=True)
class Matrix:
    """Counts of (truth, found); ``rows`` and ``columns`` in the order they are printed."""

    title: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, truth: str, found: str) -> None:
        """Count one variant."""
        self.counts[truth, found] += 1

    def precision(self, name: str) -> tuple[int, int]:
        """Of what was called ``name``: how many rightly, of how many."""
        return self.counts[name, name], sum(self.counts[row, name] for row in self.rows)

    def recall(self, name: str) -> tuple[int, int]:
        """Of what is ``name``: how many were called so, of how many."""
        return self.counts[name, name], sum(self.counts[name, column] for column in self.columns)

    def lines(self) -> Iterator[str]:
        """The matrix as text: truth down, found across, then precision and recall of each class."""
        first = max(len(name) for name in (*self.rows, "truth"))
        widths = [max(len(name), 5) for name in self.columns]
        yield self.title
        yield "  ".join(["truth".ljust(first), *(n.rjust(w) for n, w in zip(self.columns, widths, strict=True))])
        for row in self.rows:
            cells = [str(self.counts[row, column]).rjust(w) for column, w in zip(self.columns, widths, strict=True)]
            yield "  ".join([row.ljust(first), *cells])
        for name in self.rows:
            if name in self.columns:
                yield f"{name}: precision {_share(*self.precision(name))}, recall {_share(*self.recall(name))}"


def _share(part: int, whole: int) -> str:
    return f"{part}/{whole} ({part / whole:.1%})" if whole else f"{part}/{whole} (not defined)"


@dataclass(slots=True)
class Concordance:
    """Running counts over a list with a truth."""

    verdict: Matrix = field(
        default_factory=lambda: Matrix("by verdict (curation and points)", SIDES, (*SIDES, NOT_EVALUABLE))
    )
    points: Matrix = field(default_factory=lambda: Matrix("by points alone", SIDES, (*SIDES, NOT_EVALUABLE)))
    five: Matrix = field(
        default_factory=lambda: Matrix(
            "by the five classes of the standard (points alone)",
            ONCOGENICITY_CLASSES,
            (*ONCOGENICITY_CLASSES, NOT_EVALUABLE),
        )
    )
    drivers: Matrix = field(
        default_factory=lambda: Matrix(
            "by driver class", tuple(_DRIVER_CLASSES.values()), tuple(_DRIVER_CLASSES.values())
        )
    )
    without_truth: int = 0

    def add(self, listed: Listed) -> bool:
        """Count one answer; True where the side of the verdict is not that of the truth.

        Raises
        ------
        UsageError
            If the truth is no known class.
        """
        if not listed.truth or listed.truth == ".":
            self.without_truth += 1
            return False
        try:
            truth = side_of(listed.truth)
        except UsageError as error:
            raise UsageError(error.what, where=f"line or record {listed.place}", remedy=error.remedy) from None
        found = verdict_side(listed)
        variant = listed.variant
        self.verdict.add(truth, found)
        self.points.add(truth, points_side(variant.oncogenicity if variant is not None else None))
        folded = listed.truth.casefold().replace("_", " ").strip()
        if folded in _FIVE:
            judged = variant.oncogenicity if variant is not None else None
            self.five.add(_FIVE[folded], judged.classification if judged is not None else NOT_EVALUABLE)
        if folded in _DRIVER_CLASSES:
            called = str(variant.driver_class) if variant is not None else NOT_EVALUABLE
            self.drivers.add(_DRIVER_CLASSES[folded], called)
        return truth != found

    def lines(self) -> Iterator[str]:
        """Every matrix that counted something."""
        for matrix in (self.verdict, self.points, self.five, self.drivers):
            if matrix.counts:
                yield from matrix.lines()
                yield ""
        if self.without_truth:
            yield f"without a truth: {self.without_truth}"


def counted_codes(oncogenicity: Oncogenicity | None, status: CriterionStatus = CriterionStatus.MET) -> Sequence[str]:
    """Codes of one status: fulfilled ones with their points ("OS3:+4"), others by name."""
    if oncogenicity is None:
        return ()
    is_met = status is CriterionStatus.MET
    return [f"{c.code}:{c.points:+d}" if is_met else c.code for c in oncogenicity.criteria if c.status is status]
