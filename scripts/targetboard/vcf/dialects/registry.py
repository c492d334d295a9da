"""All dialects: every module of this folder that declares a ``DIALECT``, in alphabetical order of its name."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from pathlib import Path

from targetboard.vcf.dialects.declaration import Dialect

ENSEMBLE = "ensemble"
GENERIC = "generic"


def _discover() -> tuple[Dialect, ...]:
    package = __name__.rpartition(".")[0]
    found: list[Dialect] = []
    for module in sorted(m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)])):
        dialect = getattr(import_module(f"{package}.{module}"), "DIALECT", None) if module not in _MACHINERY else None
        if isinstance(dialect, Dialect):
            found.append(dialect)
    return tuple(sorted(found, key=lambda d: d.name))


# Modules that serve the dialects; importing them here would go in a circle.
_MACHINERY = frozenset({"registry", "recognition", "roles", "observing", "reading", "stating", "declaration"})

DIALECTS = _discover()
_BY_NAME = {dialect.name: dialect for dialect in DIALECTS}


def dialect_named(name: str) -> Dialect:
    """The dialect of that name; KeyError if there is none (a bug, not a user's error)."""
    return _BY_NAME[name]
