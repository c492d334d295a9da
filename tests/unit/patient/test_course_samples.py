"""Order, time points and places of a patient's samples."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from targetboard.errors import UsageError
from targetboard.patient.samples import PLASMA, order_samples, same_place


def dated(make_document: Callable, sample_id: str, day: str, label: str = "", **clinical: str) -> dict:
    return make_document(sample_id, clinical={"collection_date": day, "time_point": label, **clinical})


def test_dates_stand_before_the_order_given(make_document: Callable) -> None:
    course = order_samples([dated(make_document, "B", "2025-02-01"), dated(make_document, "A", "2024-02-01")])
    assert [sample.sample_id for sample in course.samples] == ["A", "B"]
    assert course.order_basis == "by collection date"
    assert [point.label for point in course.times] == ["time point 1", "time point 2"]


@pytest.mark.parametrize("day", ["", "2024-13-01", "spring"])
def test_without_a_date_the_order_given_stands_and_is_said(make_document: Callable, day: str) -> None:
    course = order_samples([dated(make_document, "B", "2025-02-01"), dated(make_document, "A", day)])
    assert [sample.sample_id for sample in course.samples] == ["B", "A"]
    assert "a collection date is missing (A)" in course.order_basis


@pytest.mark.parametrize(
    ("second", "label", "times"),
    [
        ("2025-02-01", "other name", 1),
        ("2025-03-03", "progression", 1),
        ("2025-03-04", "progression", 2),
        ("2025-02-02", "other name", 2),
    ],
)
def test_what_counts_as_one_time_point(make_document: Callable, second: str, label: str, times: int) -> None:
    first = dated(make_document, "A", "2025-02-01", "progression")
    assert len(order_samples([first, dated(make_document, "B", second, label)]).times) == times


def test_places(make_document: Callable) -> None:
    lung, other, nowhere, blood = order_samples(
        [
            make_document("A", clinical={"site": "Lung,  left"}),
            make_document("B", clinical={"site": "lung, left"}),
            make_document("C", clinical={"site": ""}),
            make_document("D", clinical={"specimen_type": "plasma"}),
        ]
    ).samples
    assert same_place(lung, other)
    assert not same_place(lung, nowhere)
    assert not same_place(nowhere, nowhere)
    assert blood.compartment == PLASMA
    assert not same_place(lung, blood)
    assert same_place(blood, blood)


def test_blood_is_tissue_of_a_leukaemia_and_purity_of_plasma_is_not_believed(make_document: Callable) -> None:
    leukaemia = {"code": "AML", "name": "AML", "lineage": ["AML", "MYELOID", "TISSUE"]}
    marrow, plasma = order_samples(
        [
            make_document("A", sample={"tumour_type": leukaemia, "purity": 0.5}, clinical={"specimen_type": "blood"}),
            make_document("B", sample={"purity": 0.5}, clinical={"specimen_type": "plasma"}),
        ]
    ).samples
    assert marrow.compartment == "tissue"
    assert marrow.purity == 0.5
    assert plasma.purity is None


def test_documents_of_other_patients_are_refused(make_document: Callable) -> None:
    with pytest.raises(UsageError, match="P1, P2"):
        order_samples([make_document("A"), make_document("B", sample={"patient_id": "P2"})])
    with pytest.raises(UsageError, match="none"):
        order_samples([make_document("A", sample={"patient_id": ""})])
    with pytest.raises(UsageError, match="given twice"):
        order_samples([make_document("A"), make_document("A")])
    with pytest.raises(UsageError, match="no document"):
        order_samples([])
