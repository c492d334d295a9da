"""What counts: drivers among variants and events, on their proteins, and the allele fractions of all variants."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.model import DRIVERS
from targetboard.report.figures import Chart, ProteinFigure, fraction_chart, protein_figure
from targetboard.report.sections.event import EventView, event_views
from targetboard.report.sections.section import Document, Section, added
from targetboard.report.sections.text import percent
from targetboard.report.sections.variant import VariantView, change_of, is_driver, name_of, variant_view
from targetboard.report.sections.words import ASSAY_CLASSES

_SMALL = ("snv", "mnv", "insertion", "deletion")


@dataclass(slots=True, frozen=True)
class DriversView:
    """Drivers, validated ones first; ``reported`` counts all variants of the document.

    ``limits`` says the assay's limits that the chart draws, in words.
    """

    variants: tuple[VariantView, ...]
    events: tuple[EventView, ...]
    proteins: tuple[ProteinFigure, ...]
    chart: Chart | None
    limits: str
    reported: int


def view(document: Document) -> DriversView:
    """Driver rows in the document's order within each class."""
    variants = document["variants"]
    order = sorted(
        (index for index, variant in enumerate(variants) if is_driver(variant)),
        key=lambda index: (DRIVERS.index(variants[index]["driver_class"]), index),
    )
    limits = _limits(document)
    names = [name_of(variant) for variant in variants]
    chart = fraction_chart(variants, names, document["sample"]["purity"], limits)
    return DriversView(
        variants=tuple(variant_view(document, index) for index in order),
        events=event_views(document, drivers=True),
        proteins=_proteins(document),
        chart=chart,
        limits=", ".join(f"{ASSAY_CLASSES[kind].lower()} {value} %" for kind, value in chart.limits) if chart else "",
        reported=len(variants),
    )


def _limits(document: Document) -> dict[str, float]:
    """The assay's limit of detection of each class of small variants it was validated for."""
    classes = (document["assay"] or {}).get("classes", ())
    return {
        entry["name"]: entry["lod"]
        for entry in classes
        if entry["validated"] and entry["lod"] is not None and entry["name"] in _SMALL
    }


def _proteins(document: Document) -> tuple[ProteinFigure, ...]:
    """One figure for each protein of the document that a driver variant has a place on."""
    figures = []
    for protein in added(document, "proteins"):
        own = [v for v in document["variants"] if is_driver(v) and v["gene"] == protein["gene"]]
        names = [f"{change_of(v)} {percent(v['vaf'])}".strip() for v in own]
        figure = protein_figure(protein, own, names)
        if figure is not None:
            figures.append(figure)
    return tuple(figures)


SECTION = Section("drivers", "Drivers", view)
