"""The verdict on one variant: curation first, points second, disagreement shown.

``validated_driver`` needs a matched curated driver with validated evidence and its sources; nothing else may carry a
therapy. ``likely_driver`` is a driver curated below that, or 6 points and more. ``passenger`` is curated neutral, or
-7 points and fewer. Without a match the classes follow the points; without a consequence and without a match the
variant is ``not_evaluable``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from targetboard.classify.clonality import cancer_cell_fraction
from targetboard.classify.context import SampleContext
from targetboard.classify.facts import Facts, describe, is_validated, read_facts
from targetboard.classify.flags import CONFLICT, flags_of
from targetboard.classify.null_variant import doubt_about_loss
from targetboard.classify.oncogenicity import assess
from targetboard.knowledge.records import Alteration, KnowledgeBase
from targetboard.model import CriterionStatus, DriverClass, MatchLevel, Oncogenicity, Variant

DRIVER_POINTS = 6
PASSENGER_POINTS = -7

CLASS_OF_POINTS: tuple[tuple[int, DriverClass], ...] = (
    (DRIVER_POINTS, DriverClass.LIKELY_DRIVER),
    (0, DriverClass.UNCERTAIN),
    (PASSENGER_POINTS + 1, DriverClass.LIKELY_PASSENGER),
)
_SPECIFICITY = {level: rank for rank, level in enumerate(MatchLevel)}
_WEAKER_EVIDENCE = {
    "validated": "a driver whose source is not verified here",
    "supported": "a driver with supporting evidence",
    "preclinical": "a driver with preclinical evidence",
}


def class_of_points(points: int) -> DriverClass:
    """Driver class of a sum of points where nothing is curated."""
    return next((found for lowest, found in CLASS_OF_POINTS if points >= lowest), DriverClass.PASSENGER)


def classify(
    variant: Variant,
    kb: KnowledgeBase,
    *,
    clinical: Mapping[str, str] | None = None,
    has_normal: bool = False,
    purity: float | None = None,
    lineage: Sequence[str] = (),
    copy_numbers: Mapping[str, float] | None = None,
    is_tumour: bool = True,
) -> None:
    """Set oncogenicity, driver class, reason, flags and flag notes of one variant.

    Parameters
    ----------
    variant
        With consequence chosen and alterations matched; changed in place. Notes it already carries are kept.
    kb
        Curated tables.
    clinical
        Further columns of the sample sheet by name (``specimen_type``, ``prior_therapies``,
        ``consent_germline`` are used).
    has_normal
        Whether a matched normal was sequenced with the tumour.
    purity
        Fraction of tumour cells, 0…1.
    lineage
        Codes of the tumour type from the type up to the root.
    copy_numbers
        Tumour copy number by gene symbol, where known.
    is_tumour
        False for a condition that is no tumour: curated variants are recognised, but neither the points of oncogenicity
        nor the flags of tumours (blood cells, inherited, contamination) have a meaning there.
    """
    if not is_tumour:
        facts = read_facts(variant, kb)
        variant.driver_class, variant.class_reason, conflict = verdict(facts, kb, None)
        if variant.driver_class is DriverClass.NOT_EVALUABLE:
            variant.class_reason = f"{describe(variant)} is not curated, and oncogenicity is a standard of tumours"
        if conflict:
            variant.flags, variant.notes = (*variant.flags, CONFLICT), (*variant.notes, conflict)
        return
    context = SampleContext(tuple(lineage), has_normal, purity, clinical or {}, copy_numbers or {})
    facts = read_facts(variant, kb)
    variant.ccf = cancer_cell_fraction(variant.observation, purity, context.copies_of(variant))
    variant.oncogenicity = assess(variant, kb, context.lineage)
    variant.driver_class, variant.class_reason, conflict = verdict(facts, kb, variant.oncogenicity)
    found = flags_of(facts, kb, context, variant.driver_class)
    if conflict:
        found.append((CONFLICT, conflict))
    variant.flags = tuple(dict.fromkeys((*variant.flags, *(flag for flag, _ in found))))
    variant.notes = tuple(dict.fromkeys((*variant.notes, *(reason for _, reason in found))))


def verdict(facts: Facts, kb: KnowledgeBase, oncogenicity: Oncogenicity | None) -> tuple[DriverClass, str, str]:
    """Class, reason and, where curation and points (or two curations) disagree, the conflict in words.

    Of a driver and a neutral curation that both match, the more specific one decides; at equal level the driver
    does. Either way the conflict is shown. A rule for every null variant of a gene decides less where the variant may
    leave the protein's function alone (:func:`targetboard.classify.null_variant.doubt_about_loss`).
    """
    name = describe(facts.variant)
    curated = sorted(
        (
            (_SPECIFICITY[match.level], not is_validated(alteration), alteration.kind != "driver", alteration)
            for match in facts.variant.matches
            if (alteration := kb.alterations.get(match.alteration_id)) is not None
        ),
        key=lambda row: (row[0], row[1], row[2], row[3].alteration_id),
    )
    drivers = [row for row in curated if row[3].kind == "driver"]
    outweighs, doubt = doubt_about_loss(facts, kb) if any(_is_class_rule(row[3]) for row in drivers) else (False, "")
    doubted = [row for row in drivers if doubt and _is_class_rule(row[3])]
    neutrals = [row for row in curated if row[3].kind == "neutral"]
    if doubted and outweighs and len(doubted) == len(drivers) and oncogenicity is not None and not neutrals:
        rule = doubted[0][3].alteration_id
        reason = f"{name} falls under {rule}, a rule for null variants, but {doubt}; {_points_basis(oncogenicity)}"
        return class_of_points(oncogenicity.points), reason, f"falls under {rule}, but {doubt}: review"
    points = oncogenicity.points if oncogenicity is not None else None
    if neutrals and (not drivers or neutrals[0][0] < drivers[0][0]):
        alteration = neutrals[0][3]
        conflict = _driver_beside_neutral(drivers[0][3], alteration) if drivers else _points_conflict(False, points)
        return DriverClass.PASSENGER, f"{name} is curated as neutral ({_cite(alteration)})", conflict
    if drivers:
        validated = [row[3] for row in drivers if is_validated(row[3]) and row not in doubted]
        conflict = _driver_beside_neutral(drivers[0][3], neutrals[0][3]) if neutrals else _points_conflict(True, points)
        if validated:
            return (
                DriverClass.VALIDATED_DRIVER,
                f"{name} is curated as a validated driver ({_cite(validated[0])})",
                conflict,
            )
        alteration = drivers[0][3]
        if drivers[0] in doubted:
            rule = f"falls under {alteration.alteration_id}, a rule for null variants; {doubt}"
            return DriverClass.LIKELY_DRIVER, f"{name} {rule} ({_cite(alteration)})", conflict
        words = _WEAKER_EVIDENCE.get(alteration.evidence, "a driver")
        return DriverClass.LIKELY_DRIVER, f"{name} is curated as {words} ({_cite(alteration)})", conflict
    if oncogenicity is None:
        return DriverClass.NOT_EVALUABLE, f"{name} cannot be judged: its consequence is not known", ""
    return class_of_points(oncogenicity.points), _points_reason(name, oncogenicity), ""


def _is_class_rule(alteration: Alteration) -> bool:
    """Whether a row stands for every null variant of its gene rather than for single changes."""
    return alteration.event == "loss_of_function"


def _points_reason(name: str, oncogenicity: Oncogenicity) -> str:
    return f"{name} is not curated and has {_points_basis(oncogenicity)}"


def _points_basis(oncogenicity: Oncogenicity) -> str:
    met = [f"{c.code} {c.points:+d}" for c in oncogenicity.criteria if c.status is CriterionStatus.MET]
    unknown = sum(c.status is CriterionStatus.NOT_EVALUABLE for c in oncogenicity.criteria)
    lowest, highest = oncogenicity.points_range
    basis = f"from {', '.join(met)}" if met else "no code is met"
    open_codes = f"; {unknown} codes could not be evaluated (possible range {lowest} to {highest})" if unknown else ""
    plural = "" if abs(oncogenicity.points) == 1 else "s"
    return f"{oncogenicity.points} oncogenicity point{plural} ({oncogenicity.classification}): {basis}{open_codes}"


def _points_conflict(is_driver: bool, points: int | None) -> str:
    if points is None:
        return ""
    if is_driver and points < 0:
        return f"curated as a driver, but the oncogenicity points are {points}: review"
    if not is_driver and points >= DRIVER_POINTS:
        return f"curated as neutral, but the oncogenicity points are {points}: review"
    return ""


def _driver_beside_neutral(driver: Alteration, neutral: Alteration) -> str:
    return f"curated both as a driver ({driver.alteration_id}) and as neutral ({neutral.alteration_id}): review"


def _cite(alteration: Alteration) -> str:
    sources = ", ".join(alteration.sources)
    return f"{alteration.alteration_id}; {sources}" if sources else alteration.alteration_id
