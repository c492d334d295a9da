"""What is known about the sample while its variants are judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from targetboard.model import Variant

# Words of the sample sheet's specimen columns, compared folded and as whole words.
SPECIMEN_COLUMNS = ("specimen_type", "specimen")
FFPE_WORDS = frozenset({"ffpe"})
BLOOD_WORDS = frozenset({"plasma", "blood", "cfdna", "ctdna", "liquid"})
NO_THERAPY = frozenset({"none", "no", "naive"})
CONSENT_OPEN = frozenset({"", "yes", "y", "true", "1", "given", "unknown"})


@dataclass(slots=True, frozen=True)
class SampleContext:
    """Sample-level facts that the flags and codes use; every field may be unknown.

    ``lineage`` holds the tumour type's codes from the type up to the root; ``purity`` is a fraction 0…1; ``clinical``
    is the sample sheet's further columns by name, as text. ``copy_numbers`` is the tumour's copy number by gene symbol,
    where copy-number data were given.
    """

    lineage: tuple[str, ...] = ()
    matched_normal: bool = False
    purity: float | None = None
    clinical: Mapping[str, str] = field(default_factory=dict)
    copy_numbers: Mapping[str, float] = field(default_factory=dict)

    def copies_of(self, variant: Variant) -> float | None:
        """Tumour copy number of a variant's gene; None where it is not known."""
        return self.copy_numbers.get(variant.gene)

    def specimen_words(self) -> frozenset[str]:
        """Folded words of the specimen description."""
        text = " ".join(self.clinical.get(column, "") for column in SPECIMEN_COLUMNS).casefold()
        return frozenset("".join(c if c.isalnum() else " " for c in text).split())

    @property
    def is_ffpe(self) -> bool:
        """Whether the specimen is stated to be formalin-fixed and paraffin-embedded."""
        return bool(self.specimen_words() & FFPE_WORDS)

    @property
    def is_blood_derived(self) -> bool:
        """Whether the specimen is plasma or blood, in which clonal haematopoiesis is found as well."""
        return bool(self.specimen_words() & BLOOD_WORDS)

    @property
    def is_haematological(self) -> bool:
        """Whether the tumour itself is myeloid or lymphoid."""
        return bool({"MYELOID", "LYMPH"} & set(self.lineage))

    @property
    def germline_statements_refused(self) -> bool:
        """Whether the patient declined statements on inherited findings."""
        return consent_refused(self.clinical)

    @property
    def is_pretreated(self) -> bool:
        """Whether the sheet names any earlier therapy."""
        return bool(prior_drugs(self.clinical))


def consent_refused(clinical: Mapping[str, str]) -> bool:
    """Whether no statement on inherited findings may be made (sheet column ``consent_germline``).

    The sheet knows yes, no and unknown. Of any other word ("withdrawn", "declined") silence is read: what was told
    against the patient's will cannot be taken back.
    """
    return clinical.get("consent_germline", "").strip().casefold() not in CONSENT_OPEN


def prior_drugs(clinical: Mapping[str, str]) -> tuple[str, ...]:
    """Drugs given so far, folded, from ``prior_therapies`` ("erlotinib:2025-03|carboplatin"); dates are dropped."""
    entries = (entry.partition(":")[0].strip().casefold() for entry in clinical.get("prior_therapies", "").split("|"))
    return tuple(dict.fromkeys(entry for entry in entries if entry and entry not in NO_THERAPY))
