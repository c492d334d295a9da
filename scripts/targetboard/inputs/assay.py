"""The assay: what it was validated for, from what depth and fraction on; from assay.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from targetboard.errors import UsageError

VARIANT_CLASSES = (
    "snv",
    "mnv",
    "insertion",
    "deletion",
    "internal_tandem_duplication",
    "promoter",
    "splice",
    "amplification",
    "homozygous_deletion",
    "fusion_dna",
    "fusion_rna",
    "msi",
    "tmb",
    "hrd",
)
STATUSES = ("IVD", "LDT", "RUO")
_TOP = {
    "name": str,
    "version": str,
    "status": str,
    "assembly": str,
    "targets": str,
    "classes": dict,
    "minimum_depth": int,
    "minimum_alt_reads": int,
    "minimum_purity": float,
    "umi": bool,
    "genes": list,
    "companion_diagnostics": list,
    "blind_spots": list,
    "amplification_copies": float,
    "tmb_megabases": float,
    "msi_loci": int,
}
_CLASS = {"validated": bool, "lod": float, "max_length": int}


@dataclass(slots=True, frozen=True)
class ClassValidation:
    """What the assay can do for one class of variants: ``lod`` is the lowest validated fraction (0…1)."""

    validated: bool
    lod: float | None = None
    max_length: int | None = None


@dataclass(slots=True, frozen=True)
class Assay:
    """An assay as its laboratory describes it. ``targets`` is a BED file; None means the whole of each gene named."""

    name: str
    version: str = ""
    status: str = ""
    assembly: str = ""
    targets: Path | None = None
    classes: Mapping[str, ClassValidation] = field(default_factory=dict)
    minimum_depth: int | None = None
    minimum_alt_reads: int = 5
    minimum_purity: float | None = None
    umi: bool | None = None
    genes: tuple[str, ...] = ()
    companion_diagnostics: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()
    amplification_copies: float | None = None
    tmb_megabases: float | None = None
    msi_loci: int | None = None

    def is_called(self, variant_class: str) -> bool | None:
        """Whether a class was called; None where the laboratory does not say."""
        found = self.classes.get(variant_class)
        return None if found is None else found.validated

    def lod(self, variant_class: str) -> float | None:
        """Lowest validated allele fraction of a class, 0…1."""
        found = self.classes.get(variant_class)
        return None if found is None else found.lod


def _typed(values: Mapping[str, Any], allowed: Mapping[str, type], where: str) -> dict[str, Any]:
    for key, value in values.items():
        kind = allowed.get(str(key))
        if kind is None:
            raise UsageError(f"unknown key {key!r}", where=where, remedy=f"Known keys are {', '.join(allowed)}")
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = number if kind is float else isinstance(value, kind) and not (kind is int and isinstance(value, bool))
        if not fits:
            raise UsageError(
                f"{value!r} is not of the kind {kind.__name__}",
                where=f"{where}, key {key}",
                remedy="See config/README.md",
            )
    return {str(key): value for key, value in values.items()}


def _fraction(value: float | None, where: str) -> float | None:
    if value is not None and not 0 < value <= 1:
        raise UsageError(
            f"{value!r} is no fraction", where=where, remedy="Give a number above 0 and at most 1, such as 0.05"
        )
    return None if value is None else float(value)


def read_assay(path: Path) -> Assay:
    """Read and check an assay description.

    Raises
    ------
    UsageError
        For a missing file, wrong YAML, an unknown key, class or status, or a value of the wrong kind; with the key.
    """
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError("the file does not exist", where=str(path), remedy="Check --assay") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        line = str(error).replace("\n", " ")
        raise UsageError(f"no readable YAML ({line})", where=str(path), remedy="Mend the file") from None
    if not isinstance(content, dict):
        raise UsageError("the file holds no keys", where=str(path), remedy="See config/README.md for an example")
    values = _typed(content, _TOP, str(path))
    if not values.get("name"):
        raise UsageError("the assay has no name", where=f"{path}, key name", remedy="Name it")
    if values.get("status", "RUO") not in STATUSES:
        raise UsageError(
            f"{values['status']!r} is not allowed",
            where=f"{path}, key status",
            remedy=f"Use one of {', '.join(STATUSES)}",
        )
    classes: dict[str, ClassValidation] = {}
    for name, given in values.pop("classes", {}).items():
        where = f"{path}, key classes.{name}"
        if name not in VARIANT_CLASSES:
            raise UsageError(
                f"unknown class {name!r}", where=where, remedy=f"Known classes are {', '.join(VARIANT_CLASSES)}"
            )
        if not isinstance(given, dict):
            raise UsageError(
                f"{given!r} has no keys", where=where, remedy="Write validated: true, and lod or max_length"
            )
        spec = _typed(given, _CLASS, where)
        if "validated" not in spec:
            raise UsageError("'validated' is missing", where=where, remedy="Write validated: true or false")
        classes[name] = ClassValidation(spec["validated"], _fraction(spec.get("lod"), where), spec.get("max_length"))
    values["minimum_purity"] = _fraction(values.get("minimum_purity"), f"{path}, key minimum_purity")
    for key in ("genes", "companion_diagnostics", "blind_spots"):
        items = values.pop(key, [])
        if not all(isinstance(item, str) for item in items):
            raise UsageError(
                "the list holds something else than text", where=f"{path}, key {key}", remedy="Quote its items"
            )
        values[key] = tuple(items)
    if "targets" in values:
        values["targets"] = path.parent / values["targets"]
    return Assay(classes=classes, **values)
