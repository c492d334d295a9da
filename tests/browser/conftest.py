"""A browser and the accessibility checker, shared by the tests of all pages."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from chromium_pipe import SECONDS, Browser

BINARIES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
AXE = "axe-playwright-python==0.1.8"
"""Wheel that carries the accessibility checker axe-core 4.12.1; fetched by pip for these tests only, never installed.
AXE_CORE may name an axe.min.js instead."""


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    binary = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, BINARIES)), None)
    if binary is None:
        pytest.skip("no Chromium on PATH (set CHROMIUM to its binary)")
    opened = Browser(binary, tmp_path_factory.mktemp("profile"))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Source of the accessibility checker; never a part of the repository."""
    given = os.environ.get("AXE_CORE")
    if given:
        return Path(given).read_text(encoding="utf-8")
    folder = tmp_path_factory.mktemp("axe")
    fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), AXE]
    done = subprocess.run(fetch, capture_output=True, text=True, timeout=2 * SECONDS)
    wheel = next(folder.glob("*.whl"), None)
    if done.returncode or wheel is None:
        pytest.skip(f"pip could not fetch {AXE} and AXE_CORE is not set: {done.stderr.strip()[-200:]}")
    with zipfile.ZipFile(wheel) as archive:
        return archive.read("axe_playwright_python/axe.min.js").decode("utf-8")
