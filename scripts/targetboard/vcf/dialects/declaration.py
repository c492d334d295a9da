"""The vocabulary a dialect is written in: plain data, no behaviour.

A :class:`Dialect` says which fields a caller writes and what they mean; :mod:`.reading` holds the few ways of turning
such fields into a fraction. Adding a caller is adding one file with one ``DIALECT``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

REAL_FILE = "real file"
FROM_DOCUMENTATION = "from documentation"

# FORMAT or INFO SS as the TCGA VCF specification numbers it; VarScan 2 and SomaticSniper use the same numbers.
SS_WORDS: Mapping[str, str] = {
    "0": "reference",
    "1": "germline",
    "2": "somatic",
    "3": "LOH",
    "4": "post-transcriptional modification",
    "5": "unknown",
    "Germline": "germline",
    "Somatic": "somatic",
    "LOH": "LOH",
}


class Place(StrEnum):
    """Column of the VCF a field stands in."""

    FORMAT = "FORMAT"
    INFO = "INFO"
    FILTER = "FILTER"


class RuleKind(StrEnum):
    """The ways callers write how many reads carry an allele; each is one function in :mod:`.reading`."""

    ALLELE_DEPTHS = "allele depths"
    ALT_OVER_DEPTH = "alternate count over depth"
    ALT_AND_REFERENCE = "alternate and reference counts"
    BASE_COUNTS = "counts per base, tier 1"
    INDEL_TIERS = "indel counts, tier 1"
    STRAND_COUNTS = "four strand counts"
    BASE_COUNT_LIST = "base counts A,C,G,T"
    PERCENT = "percent text"
    FRACTION = "caller's fraction"
    HAPLOTYPE_FREQUENCY = "haplotype frequencies"


@dataclass(slots=True, frozen=True)
class Rule:
    """One way to read a VAF.

    Parameters
    ----------
    kind
        Which reader applies.
    alt
        Field of the alternate count, or of all counts where one field holds them (``AD``, ``DP4``); for
        ``BASE_COUNTS`` the suffix behind the base letter (``U`` for ``AU``…``TU``).
    reference
        Field of the reference count, where it stands alone (``RO``, ``RD``, ``TAR``).
    depth
        Field that the caller divides by; empty: the sum of the counts.
    place
        FORMAT of the sample, or INFO (read only where INFO can speak of one sample alone).
    per_allele
        A fraction is given for the reference allele too (Number=R).
    missing_depth
        Denominator for ``ALLELE_DEPTHS`` where another allele's count is left out (".,21").
    """

    kind: RuleKind
    alt: str
    reference: str = ""
    depth: str = ""
    place: Place = Place.FORMAT
    per_allele: bool = False
    missing_depth: str = "DP"

    @property
    def caller_estimate(self) -> bool:
        """Whether the caller computed the fraction itself (no counts in the field)."""
        return self.kind in (RuleKind.PERCENT, RuleKind.FRACTION, RuleKind.HAPLOTYPE_FREQUENCY)


@dataclass(slots=True, frozen=True)
class StrandRule:
    """Where reads by strand stand.

    ``fields`` are one field of four counts (ref+, ref-, alt+, alt-), two fields of two (reference, alternate), or four
    fields of one count each (the alternates with one value per ALT).
    """

    fields: tuple[str, ...]
    place: Place = Place.FORMAT


@dataclass(slots=True, frozen=True)
class StatusRule:
    """Where the caller says somatic, germline or LOH.

    ``words`` maps the raw text to a normalised word; a key ending in ``*`` is a prefix. An INFO flag has the empty
    text as its value; for FILTER each ``;``-separated entry is looked up.
    """

    place: Place
    field: str
    words: Mapping[str, str]
    unknown: str = "unknown"


@dataclass(slots=True, frozen=True)
class FieldSet:
    """FORMAT and INFO identifiers that together give a caller away where the header names none."""

    format: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    description: tuple[tuple[str, str], ...] = ()

    def size(self) -> int:
        """How many identifiers must be there: the more, the more specific."""
        return len(self.format) + len(self.info) + len(self.filters) + len(self.description)


@dataclass(slots=True, frozen=True)
class Signature:
    """How a header gives its caller away.

    ``sources`` are regular expressions for the beginning of a program named by ``##source=`` (lower case, no path);
    ``lines`` are regular expressions matched against the beginning of whole header lines (any case); ``fields`` are
    alternatives used only where no line names a caller.
    """

    sources: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    fields: tuple[FieldSet, ...] = ()


@dataclass(slots=True, frozen=True)
class Dialect:
    """How one caller writes VAF, depths, strand, status and sample names.

    Parameters
    ----------
    name, title
        Token and the name shown to people.
    basis
        ``real file`` (read from a file of that caller) or ``from documentation``; shown in the document.
    documentation
        Where the conventions were read.
    rules
        Tried in order; the first that gives a value is used, the others serve as a cross-check.
    haplotype_status
        Somatic status stands per haplotype (Octopus HSS), not per record.
    tries_rules
        The dialect does not know the caller: say which rule fired, and do not warn of those that do not fit.
    normal_rules
        Rules for the matched normal's values inside the tumour column (ClairS, the TCGA merge).
    total_depth, normal_total_depth
        Field of the read depth, for the sanity check and for depth where no counts are given.
    no_fraction
        Reason why the caller offers no VAF at all (structural callers); empty otherwise.
    accepted_filters
        FILTER values other than PASS that this caller gives to calls it stands by.
    normal_suffix
        The normal's column is the tumour's name with this suffix.
    """

    name: str
    title: str
    basis: str
    documentation: str
    signature: Signature
    rules: tuple[Rule, ...]
    strand: tuple[StrandRule, ...] = ()
    status: tuple[StatusRule, ...] = ()
    haplotype_status: bool = False
    tries_rules: bool = False
    normal_rules: tuple[Rule, ...] = ()
    total_depth: str = "DP"
    normal_total_depth: str = ""
    no_fraction: str = ""
    accepted_filters: frozenset[str] = frozenset()
    tumour_names: tuple[str, ...] = ()
    normal_names: tuple[str, ...] = ()
    normal_suffix: str = ""
