"""What was tested and what the test covers, by gene and in plain words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from targetboard.report.patient_page.words import CLASSES, SPECIMENS
from targetboard.report.sections.negatives import checked, coverage_was_supplied
from targetboard.report.sections.section import Document, added, is_quick_look


@dataclass(slots=True, frozen=True)
class Tested:
    """The test, the sample, and the genes that matter for the tumour type by what can be said of them.

    ``adequacy`` is the verdict on the sample. ``clear`` are genes without a finding, ``unclear`` those without a clear
    answer for a part or all, ``not_tested`` those without any. A gene with a finding stands in none of them.
    ``unjudged`` says that some allele in a gene that matters could not be judged, ``quick_look`` that only alleles of
    the knowledge tables were looked for.
    """

    test: str
    specimen: str
    collected: str
    reported: str
    looked_for: tuple[str, ...]
    not_looked_for: tuple[str, ...]
    adequacy: str
    unjudged: bool
    quick_look: bool
    coverage_known: bool
    clear: tuple[str, ...]
    unclear: tuple[str, ...]
    not_tested: tuple[str, ...]
    markers: tuple[tuple[str, str], ...]
    markers_unclear: tuple[str, ...]
    markers_without_result: tuple[str, ...]


def tested(document: Document, genes_with_finding: Collection[str]) -> Tested:
    """What the document says of test and sample; genes with a finding are left to the list of findings."""
    clinical = document["sample"]["clinical"]
    assay = document["assay"] or {}
    validated = {entry["name"] for entry in assay.get("classes", ()) if entry["validated"]}
    specimen = clinical.get("specimen_type", "")
    genes = {gene: states for gene, states in _genes(document).items() if gene not in genes_with_finding}
    return Tested(
        test=" ".join(str(assay[key]) for key in ("name", "version") if assay.get(key)),
        specimen=SPECIMENS.get(specimen, specimen),
        collected=clinical.get("collection_date", ""),
        reported=clinical.get("report_date", ""),
        looked_for=tuple(text for name, text in CLASSES.items() if name in validated),
        not_looked_for=tuple(text for name, text in CLASSES.items() if assay and name not in validated),
        adequacy=added(document, "adequacy")["verdict"],
        unjudged=any(note["code"] == "alleles_not_evaluated" for note in document["limitations"]),
        quick_look=is_quick_look(document),
        coverage_known=coverage_was_supplied(document),
        clear=tuple(gene for gene, states in genes.items() if states == {"not_detected"}),
        unclear=tuple(gene for gene, states in genes.items() if _is_unclear(states)),
        not_tested=tuple(gene for gene, states in genes.items() if states == {"not_assessed"}),
        markers=tuple(_measured(marker) for marker in document["markers"] if marker["value"]),
        markers_unclear=_without_value(document, "failed", "inconclusive"),
        markers_without_result=_without_value(document, "not_assessed"),
    )


def _genes(document: Document) -> dict[str, set[str]]:
    """States of each gene's pertinent regions, genes in the document's order."""
    genes: dict[str, set[str]] = {}
    for entry in checked(document):
        genes.setdefault(entry["gene"] or entry["label"], set()).add(entry["state"])
    return genes


def _is_unclear(states: set[str]) -> bool:
    """Whether a gene without a finding was judged in part only, or not clearly."""
    return "detected" not in states and states not in ({"not_detected"}, {"not_assessed"})


def _without_value(document: Document, *states: str) -> tuple[str, ...]:
    """Markers of these states that have no value to show."""
    return tuple(
        marker["label"] or marker["marker_id"]
        for marker in document["markers"]
        if not marker["value"] and marker["state"] in states
    )


def _measured(marker: Document) -> tuple[str, str]:
    value = " ".join(str(marker[key]) for key in ("value", "unit") if marker[key])
    return marker["label"] or marker["marker_id"], value
