"""Cohort rows come from documents only, and hostile text stays one cell."""

from __future__ import annotations

from typing import Any

from targetboard.cohort.tables import COLUMNS, FAILURE_COLUMNS, as_tsv, failure_row, sample_row


def document(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "status": "complete",
        "error": None,
        "sample": {"sample_id": "S1", "tumour_type": {"code": "MEL"}, "condition": None, "assembly": "GRCh38"},
        "caller": {"name": "mutect2"},
        "annotation": {"source": "CSQ"},
        "ledger": {"records_in": 9, "reported": 2},
        "warnings": ["w"],
        "events": [{"label": "MET amplification", "driver_class": "likely_driver", "tier": {"amp": "II-C"}}],
        "adequacy": {"verdict": "limited", "reasons": []},
        "variants": [
            {
                "gene": "BRAF",
                "hgvsp": "p.Val600Glu",
                "hgvsc": "",
                "ref": "A",
                "alt": "T",
                "driver_class": "validated_driver",
                "tier": {"amp": "I-A"},
            },
            {
                "gene": "TP53",
                "hgvsp": "",
                "hgvsc": "",
                "ref": "C",
                "alt": "T",
                "driver_class": "uncertain",
                "tier": {"amp": "III"},
            },
        ],
    }
    return {**base, **changes}


def test_row_counts_classes_and_names_drivers() -> None:
    row = sample_row(document())
    assert row["validated_driver"] == "1"
    assert row["uncertain"] == "1"
    assert row["best_tier"] == "I-A"
    assert row["drivers"] == "BRAF p.Val600Glu; MET amplification"
    assert row["adequacy"] == "limited"
    assert set(row) == set(COLUMNS)


def test_failed_sample_has_no_counts_and_a_failure_row() -> None:
    failed = document(
        status="failed",
        error={"exit_code": 3, "kind": "MalformedInput", "what": "=bad\ttab", "where": "x", "remedy": ""},
        caller=None,
        annotation=None,
        ledger=None,
        variants=[],
        events=[],
        warnings=[],
    )
    row = sample_row(failed)
    assert row["validated_driver"] == ""
    assert row["status"] == "failed"
    text = as_tsv(FAILURE_COLUMNS, [failure_row(failed)])
    assert text.splitlines()[1].split("\t") == ["S1", "3", "'=bad tab", "x", ""]
