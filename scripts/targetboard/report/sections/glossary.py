"""Words, classes and tiers of the report explained."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.variant import germline_is_hidden
from targetboard.report.sections.words import (
    ADEQUACY,
    AMP_TIERS,
    DRIVER_CLASSES,
    ESCAT_TIERS,
    FLAGS,
    MARKER_STATES,
    TRIAL_DESIGNS,
    TRIAL_STATES,
    TUMOUR_MATCHES,
    Word,
)


@dataclass(slots=True, frozen=True)
class GlossaryView:
    """Vocabularies as (title, where it comes from, entries)."""

    vocabularies: tuple[tuple[str, str, tuple[Word, ...]], ...]


def view(document: Document) -> GlossaryView:
    """The same words for every document, but none on inherited findings where the patient wants no word on them."""
    hidden = germline_is_hidden(document)
    flags = tuple(flag for flag in FLAGS.values() if not (hidden and flag is FLAGS["germline_suspect"]))
    return GlossaryView(
        (
            ("Class of a variant", "points by PMID:35101336", tuple(DRIVER_CLASSES.values())),
            ("AMP/ASCO/CAP tier", "PMID:27993330", tuple(AMP_TIERS.values())),
            ("ESCAT tier", "PMID:30137196", tuple(ESCAT_TIERS.values())),
            ("Tumour match of a claim", "", tuple(TUMOUR_MATCHES.values())),
            ("Verdict on the sample", "", tuple(ADEQUACY.values())),
            ("State of a marker or negative", "", tuple(MARKER_STATES.values())),
            ("Flags beside a class", "", flags),
            ("Trial and sample", "", tuple(TRIAL_STATES.values())),
            ("Design of a trial", "", tuple(TRIAL_DESIGNS.values())),
        )
    )


SECTION = Section("glossary", "Glossary", view)
