"""Whether a mechanism of resistance may be told to the patient in the words of the knowledge tables.

A mechanism that names a variant which is not the patient's ("amplification of BRAF V600E" beside a V600K) would be read
as a result. It is then told without its words; the clinician's report has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from targetboard.report.patient_page.findings import VALIDATED, Overruled
from targetboard.report.sections.section import Document
from targetboard.vcf.hgvs import ONE_LETTER

_RESIDUE = "|".join([*sorted(ONE_LETTER), "[A-Z]"])
_CHANGE = re.compile(rf"(?<![A-Za-z0-9])(?:p\.)?({_RESIDUE})([0-9]{{2,5}})({_RESIDUE})?(?![A-Za-z0-9])")
_GENE = re.compile(r"[A-Z][A-Z0-9]+")


def told_to_patient(document: Document, out: Overruled, alteration_id: str, mechanism: str) -> str:
    """The mechanism, or "" where it names a variant that is no validated driver of the patient's in that gene."""
    named = {change for change, _ in _changes(mechanism)}
    if not named:
        return mechanism
    genes = {alteration_id.partition("_")[0], *_GENE.findall(mechanism)}
    own = {
        form
        for index, variant in enumerate(document["variants"])
        if variant["driver_class"] == VALIDATED and index not in out.variants and variant["gene"] in genes
        for forms in _changes(variant["hgvsp"])
        for form in forms
    }
    return mechanism if named <= own else ""


def _changes(text: str) -> Iterator[tuple[str, str]]:
    """Changes of one residue in one-letter code, as stated and without the new residue."""
    for before, position, after in _CHANGE.findall(text):
        place = f"{ONE_LETTER.get(before, before)}{position}"
        yield f"{place}{ONE_LETTER.get(after, after)}", place
