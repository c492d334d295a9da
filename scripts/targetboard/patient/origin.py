"""Whether a finding is of the tumour, may be inherited, or may stem from blood cells, seen over all samples."""

from __future__ import annotations

from collections.abc import Sequence

from targetboard.classify.flags import CHIP_SUSPECT, GERMLINE_SUSPECT
from targetboard.patient.absence import limit_of_detection, variant_class
from targetboard.patient.findings import SOMATIC, Finding
from targetboard.patient.samples import PLASMA, TISSUE, PatientSample

_LOW_IN_BLOOD_CELLS = frozenset({"KRAS", "NRAS"})
"""Genes whose changes at a low fraction of plasma may be those of blood cells (rule R5), beside the flagged ones."""


def origin_of(finding: Finding, samples: Sequence[PatientSample], *, germline_refused: bool) -> tuple[str, str]:
    """Origin and what it rests on.

    The flags of the documents decide. A plasma sample alone cannot tell a change of blood cells from one of the tumour;
    tissue can, where it holds more of the allele than blood cells explain (:func:`_more_than_blood`).

    Returns
    -------
    tuple of str
        ``tumour``, ``germline_suspect`` or ``chip_suspect``; and a sentence, "" where no sample raised a doubt.
    """
    flags = {flag for entry in finding.members.values() for flag in entry["flags"]}
    if GERMLINE_SUSPECT in flags and not germline_refused:
        return GERMLINE_SUSPECT, ""
    if CHIP_SUSPECT not in flags:
        return SOMATIC, ""
    flagged = [name for name, entry in finding.members.items() if CHIP_SUSPECT in entry["flags"]]
    doubt = f"In {', '.join(flagged)} it may stem from blood cells"
    found = [sample for sample in samples if sample.compartment == TISSUE and sample.sample_id in finding.members]
    for sample in found:
        reason = _more_than_blood(finding, sample, samples)
        if reason:
            return SOMATIC, f"{doubt}, but {reason}."
    if found:
        names = ", ".join(sample.name for sample in found)
        return CHIP_SUSPECT, f"{doubt}; it is found in {names} as well, at no more than blood cells there may explain."
    return CHIP_SUSPECT, f"{doubt}; no tissue sample shows it."


def doubt_in_plasma(finding: Finding, samples: Sequence[PatientSample]) -> str:
    """Why a finding is no proof of tumour DNA though no document flags it; "" where it is none of these.

    A change of KRAS or NRAS that only plasma shows, in every sample without a normal and below the assay's limit of
    detection (or at a fraction that is not known), may stem from blood cells or be noise (rule R5).
    """
    if finding.latest["gene"] not in _LOW_IN_BLOOD_CELLS:
        return ""
    showing = [sample for sample in samples if sample.sample_id in finding.members]
    if not all(_is_low_in_plasma(finding, sample) for sample in showing):
        return ""
    return (
        f"Below the limit of detection in plasma only ({', '.join(sample.sample_id for sample in showing)}), without a"
        " control of blood cells: it may stem from blood cells or be noise, and is not taken as proof of tumour DNA;"
        " confirm in tissue or white blood cells."
    )


def _is_low_in_plasma(finding: Finding, sample: PatientSample) -> bool:
    entry = finding.members[sample.sample_id]
    if sample.compartment != PLASMA or sample.document["sample"].get("normal_column"):
        return False
    return entry["vaf"] is None or entry["vaf"] < limit_of_detection(sample, variant_class(entry))


def _more_than_blood(finding: Finding, sample: PatientSample, samples: Sequence[PatientSample]) -> str:
    """Why the fraction in a tissue sample is more than blood cells explain; "" where it may be theirs.

    A heterozygous change of normal cells reaches (1 - purity) / 2 of the alleles at most; and blood cells are a part of
    tissue, but nearly all of the normal DNA of plasma, so theirs is no higher in tissue than in plasma. The 95 %
    intervals must stand apart.
    """
    entry = finding.members[sample.sample_id]
    bounds = entry["vaf_interval"]
    if CHIP_SUSPECT in entry["flags"] or not bounds:
        return ""
    if sample.purity and bounds[0] > (1 - sample.purity) / 2:
        return f"{entry['vaf']:.1%} in {sample.name} is more than its normal cells could carry"
    plasma = [
        finding.members[own.sample_id]["vaf_interval"]
        for own in samples
        if own.compartment == PLASMA and own.sample_id in finding.members
    ]
    if plasma and all(other and bounds[0] > other[1] for other in plasma):
        return f"{entry['vaf']:.1%} in {sample.name} is more than in plasma"
    return ""
