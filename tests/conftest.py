"""Fixtures shared by every test room."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The shared real files; a test that asks for them also carries the ``real_data`` marker."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"real files are not here ({SHARED_DATA})")
    return SHARED_DATA


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that takes ``shared_data`` must say so, or CI could not require it."""
    for item in items:
        if "shared_data" in getattr(item, "fixturenames", ()) and item.get_closest_marker("real_data") is None:
            raise pytest.UsageError(f"{item.nodeid} uses shared_data without the real_data marker")
