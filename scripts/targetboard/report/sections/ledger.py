"""Every allele of the input accounted for."""

from __future__ import annotations

from dataclasses import dataclass

from targetboard.report.sections.section import Document, Section


@dataclass(slots=True, frozen=True)
class LedgerView:
    """Counts; ``balances`` is computed here and not taken on trust."""

    records_in: int
    alleles_in: int
    reported: int
    filtered: tuple[tuple[str, int], ...]
    unparsed: tuple[tuple[str, int], ...]
    filtered_sum: int
    unparsed_sum: int
    balances: bool


def view(document: Document) -> LedgerView | None:
    """Counts of the ledger; None for a sample that failed before counting."""
    ledger = document["ledger"]
    if ledger is None:
        return None
    filtered, unparsed = sum(ledger["filtered"].values()), sum(ledger["unparsed"].values())
    return LedgerView(
        records_in=ledger["records_in"],
        alleles_in=ledger["alleles_in"],
        reported=ledger["reported"],
        filtered=tuple(ledger["filtered"].items()),
        unparsed=tuple(ledger["unparsed"].items()),
        filtered_sum=filtered,
        unparsed_sum=unparsed,
        balances=ledger["alleles_in"] == ledger["reported"] + filtered + unparsed,
    )


SECTION = Section("ledger", "Ledger of the input", view)
