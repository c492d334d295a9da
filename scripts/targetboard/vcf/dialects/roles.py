"""Which column is the tumour and which the matched normal: named, declared, or refused; never guessed by order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from targetboard.errors import UsageError
from targetboard.model import SampleRoles, VcfHeader
from targetboard.vcf.dialects.declaration import Dialect

_REMEDY = "Name the tumour column with --tumour-sample (column tumour_sample of the sample sheet)"
_TUMOUR_NAMES = ("TUMOR", "TUMOUR", "PRIMARY")
_NORMAL_NAMES = ("NORMAL",)
_PAIR = re.compile(r'([A-Za-z_]+)=("(?:[^"\\]|\\.)*"|<[^>]*>|[^,>]*)')
_DRAGEN_TUMOUR = re.compile(r"--RGSM-tumor[ =](\S+?)(?=[\s\">]|$)")
_DRAGEN_NORMAL = re.compile(r"--RGSM[ =](\S+?)(?=[\s\">]|$)")


def resolve_roles(
    header: VcfHeader, dialect: Dialect, *, tumour_sample: str | None, normal_sample: str | None
) -> SampleRoles:
    """Tumour and normal columns of a VCF.

    The order is: names given by the user; names the header declares (``##tumor_sample``, ``##PEDIGREE``, ``##SAMPLE``,
    DRAGEN's ``--RGSM-tumor``); the caller's own naming; columns named TUMOR/NORMAL; the other one of two columns; the
    only column. Anything else is refused.

    Parameters
    ----------
    header
        Header of the VCF.
    dialect
        Its dialect.
    tumour_sample, normal_sample
        Column names given by the user, or None.

    Raises
    ------
    UsageError
        A name that is no column, or roles that cannot be told.
    """
    samples = header.samples
    for role, name in (("tumour", tumour_sample), ("normal", normal_sample)):
        if name is not None and name not in samples:
            listed = ", ".join(repr(s) for s in samples) if samples else "none"
            raise UsageError(
                f"The {role} sample {name!r} is not a column of the VCF (columns: {listed})",
                remedy="Give a column's name exactly as it stands in the #CHROM line",
            )
    if not samples:
        return SampleRoles(None, None, "the VCF has no sample columns")
    if tumour_sample is not None and tumour_sample == normal_sample:
        raise UsageError(f"Tumour and normal are the same column {tumour_sample!r}", remedy=_REMEDY)
    declared_tumour, declared_normal = _declared(header)
    both = dict(declared_tumour).keys() & dict(declared_normal).keys()
    if both and tumour_sample is None:
        raise _ambiguous(samples, f"The header names {_listed(sorted(both))} as tumour and as normal")
    normal, normal_basis = _normal(samples, dialect, normal_sample, tumour_sample, declared_normal)
    tumour, basis = _tumour(samples, dialect, tumour_sample, normal, declared_tumour)
    if tumour_sample is not None and declared_tumour and tumour_sample not in dict(declared_tumour):
        basis += f" (the header's {declared_tumour[0][1]} names {declared_tumour[0][0]!r})"
    if normal is None:
        return SampleRoles(tumour, None, f"tumour: {basis}; no normal")
    return SampleRoles(tumour, normal, f"tumour: {basis}; normal: {normal_basis}")


def _tumour(
    samples: Sequence[str],
    dialect: Dialect,
    named: str | None,
    normal: str | None,
    declared: Sequence[tuple[str, str]],
) -> tuple[str, str]:
    if named is not None:
        return named, "named by the user"
    candidates = {name: basis for name, basis in declared if name != normal}
    if len(candidates) > 1:
        raise _ambiguous(samples, f"The header names several tumour samples ({_listed(candidates)})")
    if candidates:
        name, basis = next(iter(candidates.items()))
        return name, f"{basis} of the header"
    by_name = [s for s in _by_name(samples, (*dialect.tumour_names, *_TUMOUR_NAMES)) if s != normal]
    if len(by_name) > 1:
        raise _ambiguous(samples, f"Several columns are named as tumour ({_listed(by_name)})")
    if by_name:
        return by_name[0], f"column named {by_name[0]}"
    others = [s for s in samples if s != normal]
    if normal is not None and len(others) == 1:
        return others[0], f"the only column beside the normal {normal}"
    if len(samples) == 1 and normal is None:
        return samples[0], "the only column"
    if len(samples) == 1:
        raise _ambiguous(samples, f"The only column, {samples[0]!r}, is a normal sample")
    raise _ambiguous(samples, "Which column is the tumour cannot be told")


def _normal(
    samples: Sequence[str],
    dialect: Dialect,
    named: str | None,
    tumour: str | None,
    declared: Sequence[tuple[str, str]],
) -> tuple[str | None, str]:
    if named is not None:
        return named, "named by the user"
    candidates = {name: basis for name, basis in declared if name != tumour}
    if len(candidates) == 1:
        name, basis = next(iter(candidates.items()))
        return name, f"{basis} of the header"
    by_name = [s for s in _by_name(samples, (*dialect.normal_names, *_NORMAL_NAMES)) if s != tumour]
    if len(by_name) == 1:
        return by_name[0], f"column named {by_name[0]}"
    if dialect.normal_suffix:
        suffixed = [s for s in samples if s.endswith(dialect.normal_suffix)]
        suffixed = [s for s in suffixed if s.removesuffix(dialect.normal_suffix) in samples and s != tumour]
        if len(suffixed) == 1:
            return suffixed[0], f"{dialect.title} names the normal with {dialect.normal_suffix}"
    return None, ""


def _ambiguous(samples: Sequence[str], what: str) -> UsageError:
    hints = [s for s in samples if re.search(r"(?:^|[^a-z])(?:tumou?r|somatic)(?:$|[^a-z])", s.lower())]
    hint = f"; {hints[0]!r} may be the one" if len(hints) == 1 else ""
    return UsageError(f"{what} (columns: {_listed(samples)})", remedy=_REMEDY + hint)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)


def _by_name(samples: Sequence[str], names: Sequence[str]) -> list[str]:
    wanted = {name.upper() for name in names}
    return [s for s in samples if s.upper() in wanted]


def _declared(header: VcfHeader) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Columns that the header declares as tumour and as normal, each with the line's key."""
    tumour: dict[str, str] = {}
    normal: dict[str, str] = {}
    for key, roles in (("tumor_sample", tumour), ("normal_sample", normal)):
        for value in header.meta(key):
            roles.setdefault(value.strip(), f"##{key}")
    for value in header.meta("PEDIGREE"):
        fields = _fields(value)
        if "Derived" in fields and "Original" in fields:
            tumour.setdefault(fields["Derived"], "##PEDIGREE")
            normal.setdefault(fields["Original"], "##PEDIGREE")
    for value in header.meta("SAMPLE"):
        fields = _fields(value)
        role = _sample_role(fields)
        if role == "tumour":
            tumour.setdefault(fields.get("ID", ""), "##SAMPLE")
        elif role == "normal":
            normal.setdefault(fields.get("ID", ""), "##SAMPLE")
    for value in header.meta("DRAGENCommandLine"):
        # Without --RGSM-tumor, --RGSM names the one sample of the run, which is no normal.
        if _DRAGEN_TUMOUR.search(value):
            for pattern, roles in ((_DRAGEN_TUMOUR, tumour), (_DRAGEN_NORMAL, normal)):
                for match in pattern.finditer(value):
                    roles.setdefault(match.group(1), "##DRAGENCommandLine")
    present = set(header.samples)
    return [(n, b) for n, b in tumour.items() if n in present], [(n, b) for n, b in normal.items() if n in present]


def _fields(value: str) -> dict[str, str]:
    return {key: text.strip('"') for key, text in _PAIR.findall(value.strip().removeprefix("<").removesuffix(">"))}


def _sample_role(fields: dict[str, str]) -> str:
    """Role by the VCF specification's Genomes (Germline, Germline;Tumor), ngs-bits' IsTumor or a plain Description."""
    flag = fields.get("IsTumor", "").lower()
    if flag in ("yes", "no"):
        return "tumour" if flag == "yes" else "normal"
    genomes = fields.get("Genomes", "").lower()
    if genomes:
        return "tumour" if "tumor" in genomes or "tumour" in genomes else "normal" if genomes == "germline" else ""
    text = fields.get("Description", "").lower()
    is_tumour, is_normal = "tumor" in text or "tumour" in text, "normal" in text
    # An RNA sample of the tumour is not the DNA sample the VAF belongs to; "tumour with matched normal" tells nothing.
    if "rna" in text or is_tumour == is_normal:
        return ""
    return "tumour" if is_tumour else "normal"
