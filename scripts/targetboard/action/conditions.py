"""Whether a claim's conditions hold for this patient, as far as the sample sheet tells; everything else stays unknown.

A condition is a short sentence of the knowledge tables ("metastatic, first line"). It is read part by part at its
commas; parts that no rule understands are unknown. Prior therapies speak only where the sheet gives them: an empty
cell means "not given", the word ``none`` means "untreated".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from targetboard.action.biomarkers import MET, NOT_MET, UNKNOWN, kleene_and, kleene_or
from targetboard.knowledge.records import Drug

UNTREATED = "none"
PLATINUM = frozenset({"cisplatin", "carboplatin", "oxaliplatin", "nedaplatin"})
FLUOROPYRIMIDINES = frozenset({"fluorouracil", "5-fluorouracil", "5-fu", "capecitabine", "s-1", "tegafur"})
_TAXANES = frozenset({"paclitaxel", "docetaxel", "nab-paclitaxel", "cabazitaxel"})
_ENDOCRINE_WORDS = frozenset(
    {"letrozole", "anastrozole", "exemestane", "tamoxifen", "toremifene", "megestrol", "goserelin", "leuprolide",
     "leuprorelin", "triptorelin"}
)  # fmt: skip
_CHEMOTHERAPY_WORDS = frozenset(
    {*PLATINUM, *FLUOROPYRIMIDINES, *_TAXANES, "irinotecan", "gemcitabine", "pemetrexed", "etoposide", "doxorubicin",
     "cyclophosphamide", "cytarabine", "temozolomide", "folfox", "folfiri", "folfirinox", "xelox", "capox"}
)  # fmt: skip
_REGIMENS: Mapping[str, frozenset[str]] = {
    "folfox": frozenset({"fluorouracil", "oxaliplatin"}),
    "folfiri": frozenset({"fluorouracil", "irinotecan"}),
    "folfirinox": frozenset({"fluorouracil", "oxaliplatin", "irinotecan"}),
    "xelox": frozenset({"capecitabine", "oxaliplatin"}),
    "capox": frozenset({"capecitabine", "oxaliplatin"}),
}
_BEFORE = re.compile(r"\b(after|prior|previous|previously|progressed|progression|pretreated|treated with)\b")
_FIRST_LINE = re.compile(r"\b(first line|previously untreated|untreated|newly diagnosed|no prior|no previous)\b")
_ANY_TREATMENT = re.compile(
    r"^(previously treated|pretreated|(at least one |one or more )?(prior|previous)( line of)? ?(systemic )?"
    r"(therapy|treatment|therapies|regimen)|after (at least one )?(prior |previous )?(systemic )?(therapy|treatment)"
    r"|progressed (after|on or after) (prior|previous) (systemic )?(therapy|treatment))$"
)
_THREE_DRUGS = re.compile(r"fluoropyrimidine.*oxaliplatin.*irinotecan")
_NEGATED = re.compile(r"\b(no|not|without|never|naive)\b")


@dataclass(slots=True, frozen=True)
class Course:
    """What the sheet tells of the patient's course.

    ``prior`` holds lower-case drug names (regimens resolved), None where the sheet does not say. ``metastatic`` is True
    for a metastasis as specimen; a primary says nothing on the stage.
    """

    prior: frozenset[str] | None
    metastatic: bool
    drugs: Mapping[str, Drug]

    def had(self, names: frozenset[str]) -> str:
        """Whether one of the drugs was given; a name on the sheet that nothing here knows may be one of them."""
        if self.prior is None:
            return UNKNOWN
        if self.prior & names:
            return MET
        return NOT_MET if self.prior <= self._known() else UNKNOWN

    def _known(self) -> frozenset[str]:
        words = _CHEMOTHERAPY_WORDS | FLUOROPYRIMIDINES | _TAXANES | _ENDOCRINE_WORDS
        return words | frozenset(self.drugs) | frozenset(_REGIMENS)

    def of_target(self, target: str, modality: str | None = None) -> frozenset[str]:
        """Drugs of the knowledge base against a target."""
        return frozenset(
            name
            for name, drug in self.drugs.items()
            if target.casefold() in re.split(r"[^a-z0-9-]+", drug.target.casefold())
            and (modality is None or drug.modality == modality)
        )

    def of_modality(self, modality: str) -> frozenset[str]:
        """Drugs of the knowledge base of one modality."""
        return frozenset(name for name, drug in self.drugs.items() if drug.modality == modality)


def course_of(clinical: Mapping[str, str], drugs: Mapping[str, Drug]) -> Course:
    """Read the course from the sheet's columns ``prior_therapies`` and ``sample_kind``."""
    text = clinical.get("prior_therapies", "").strip()
    if not text:
        prior = None
    elif text.casefold() == UNTREATED:
        prior = frozenset[str]()
    else:
        names: set[str] = set()
        for item in text.split("|"):
            for name in re.split(r"\s*\+\s*", item.split(":")[0].strip().casefold()):
                names.update(_REGIMENS.get(name, ()))
                names.add(name)
        prior = frozenset(names - {""})
    return Course(prior, clinical.get("sample_kind", "") == "metastasis", drugs)


def condition_state(text: str, course: Course) -> str:
    """State of a condition: ``met``, ``not_met`` or ``unknown``; parts are joined by Kleene's conjunction."""
    parts = [part.strip().casefold() for part in re.split(r"(?<!-),", text) if part.strip()]
    return kleene_and(*(_part(part, course) for part in parts)) if parts else UNKNOWN


def _part(part: str, course: Course) -> str:
    for rule in (_first_line, _any_treatment, _specific_treatment, _stage):
        state = rule(part, course)
        if state is not None:
            return state
    return UNKNOWN


def _first_line(part: str, course: Course) -> str | None:
    """``first line``, ``previously untreated``: a drug given before speaks against it; ``none`` proves it."""
    match = _FIRST_LINE.fullmatch(part)
    if match is None:
        return None
    if course.prior is None:
        return UNKNOWN
    return MET if not course.prior else NOT_MET


def _any_treatment(part: str, course: Course) -> str | None:
    if _ANY_TREATMENT.fullmatch(part) is None:
        return None
    if course.prior is None:
        return UNKNOWN
    return MET if course.prior else NOT_MET


def _specific_treatment(part: str, course: Course) -> str | None:
    """``after X``, ``progressed on an EGFR tyrosine kinase inhibitor``, ``prior platinum-based chemotherapy``."""
    if _BEFORE.search(part) is None or _NEGATED.search(part) or " or more" in part or "intoleran" in part:
        return None
    if _THREE_DRUGS.search(part) is not None:
        return _had_three(course)
    named = frozenset(name for name in course.drugs if re.search(rf"\b{re.escape(name)}\b", part))
    if named:
        every = re.search(r"\band\b", part) is not None and len(named) > 1
        states = [course.had(frozenset({name})) for name in sorted(named)]
        return kleene_and(*states) if every else kleene_or(*states)
    for pattern, drugs_of in _CLASSES:
        match = pattern.search(part)
        if match is not None:
            return drugs_of(course, match)
    return None


def _had_target_inhibitor(course: Course, match: re.Match[str]) -> str:
    return course.had(course.of_target(match["target"], "small-molecule inhibitor"))


def _had_target(course: Course, match: re.Match[str]) -> str:
    return course.had(course.of_target(match["target"]))


def _had_three(course: Course) -> str:
    parts = (FLUOROPYRIMIDINES, frozenset({"oxaliplatin"}), frozenset({"irinotecan"}))
    return kleene_and(*(course.had(names) for names in parts))


_CLASSES: tuple[tuple[re.Pattern[str], Callable[[Course, re.Match[str]], str]], ...] = (
    (re.compile(r"\b(?P<target>[a-z0-9]+) (tyrosine )?kinase inhibitor"), _had_target_inhibitor),
    (re.compile(r"\b(?P<target>egfr|alk|ros1|ret|met|braf|her2|fgfr|btk)[- ](directed|targeted) therapy"), _had_target),
    (re.compile(r"androgen receptor"), lambda course, _: course.had(course.of_target("AR"))),
    (
        re.compile(r"\bpd-1\b|\bpd-l1\b|checkpoint"),
        lambda course, _: course.had(course.of_modality("immune checkpoint inhibitor")),
    ),
    (
        re.compile(r"endocrine"),
        lambda course, _: course.had(_ENDOCRINE_WORDS | course.of_modality("endocrine therapy")),
    ),
    (re.compile(r"platinum"), lambda course, _: course.had(PLATINUM)),
    (re.compile(r"taxane"), lambda course, _: course.had(_TAXANES)),
    (
        re.compile(r"chemotherapy"),
        lambda course, _: course.had(_CHEMOTHERAPY_WORDS | course.of_modality("chemotherapy")),
    ),
)


def _stage(part: str, course: Course) -> str | None:
    """A metastasis as specimen shows metastatic disease; nothing on the sheet shows its absence."""
    if _NEGATED.search(part) or re.search(r"\bmetastatic\b", part) is None:
        return None
    plain = re.sub(r"\b(locally|advanced|unresectable|recurrent|metastatic|or|and)\b", "", part).strip()
    return MET if course.metastatic and not plain else UNKNOWN
