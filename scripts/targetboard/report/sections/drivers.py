"""The variants that count: validated and likely drivers, and the chart of allele fractions of all reported variants."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.figures import Chart, fraction_chart
from targetboard.report.sections.section import Document, Section
from targetboard.report.sections.variant import VariantView, is_driver, name_of, variant_view
from targetboard.report.sections.words import DRIVERS


@dataclass(slots=True, frozen=True)
class DriversView:
    """Drivers, validated ones first; ``reported`` counts all variants of the document."""

    variants: tuple[VariantView, ...]
    chart: Chart | None
    reported: int


def view(document: Document) -> DriversView:
    """Driver rows in the document's order within each class."""
    variants = document["variants"]
    order = sorted(
        (index for index, variant in enumerate(variants) if is_driver(variant)),
        key=lambda index: (DRIVERS.index(variants[index]["driver_class"]), index),
    )
    return DriversView(
        variants=tuple(variant_view(document, index) for index in order),
        chart=fraction_chart(variants, [name_of(variant) for variant in variants], document["sample"]["purity"]),
        reported=len(variants),
    )


SECTION = Section("drivers", "Driver variants", view)
