"""What a row of the sample sheet and the configuration ask of ``annotate``: its options, and the files it reads.

The workflow, a batch and a person at a shell get the same options for the same row, since they are made here only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from targetboard.config import find_path
from targetboard.samples import SIDE_FILES, Sample

SIDE_OPTIONS = dict(zip(SIDE_FILES, ("--assay", "--coverage", "--cna", "--fusions", "--markers"), strict=True))
"""Option of ``annotate`` by the column of the sheet that names its file."""
FLAGS = {
    "frequencies_complete": "--frequencies-complete",
    "allow_missing_eof": "--allow-missing-eof",
    "restrict_to_index": "--restrict-to-index",
    "only_hits": "--only-hits",
}
VALUES = {"annotated_vcf": "--annotated-vcf"}
"""Options by the key of the configuration, where they hold for every sample."""


@dataclass(slots=True, frozen=True)
class AssemblySettings:
    """Files for the samples of one assembly, in the order of the configuration."""

    fasta: str = ""
    gff3: str = ""
    frequencies: tuple[str, ...] = ()
    scores: tuple[str, ...] = ()


@dataclass(slots=True, frozen=True)
class Settings:
    """The part of the configuration that reaches ``annotate``, with every path resolved."""

    assemblies: Mapping[str, AssemblySettings]
    assay: str = ""
    options: tuple[str, ...] = ()
    trials: str = ""

    def dump(self) -> str:
        """One line of JSON, which :func:`parse_settings` reads."""
        content = {
            "assemblies": {name: asdict(files) for name, files in sorted(self.assemblies.items())},
            "assay": self.assay,
            "options": list(self.options),
            "trials": self.trials,
        }
        return json.dumps(content, sort_keys=True)


def settings_of(config: Mapping[str, Any], *bases: Path) -> Settings:
    """Settings of a complete configuration (see :func:`targetboard.config.complete_config`).

    Parameters
    ----------
    config
        The configuration with its defaults.
    bases
        Folders that relative paths are looked up in, in order.
    """

    def found(text: str) -> str:
        return str(find_path(text, *bases)) if text else ""

    assemblies = {}
    for name in sorted({*config["reference"], *config["frequencies"], *config["scores"]}):
        reference = config["reference"].get(name, {})
        assemblies[name] = AssemblySettings(
            found(reference.get("fasta", "")),
            found(reference.get("gff3", "")),
            tuple(found(path) for path in config["frequencies"].get(name, [])),
            tuple(found(path) for path in config["scores"].get(name, [])),
        )
    options = [flag for key, flag in FLAGS.items() if config.get(key)]
    for pair in config["evidence_fields"]:
        options += ["--evidence-field", pair]
    for key, option in VALUES.items():
        if key in config:
            options += [option, str(config[key])]
    return Settings(assemblies, found(config["assay"]), tuple(options), found(config["trials"]))


def parse_settings(text: str) -> Settings:
    """Settings from the line that :meth:`Settings.dump` wrote; empty text: nothing is configured."""
    if not text:
        return Settings({})
    content = json.loads(text)
    assemblies = {
        name: AssemblySettings(files["fasta"], files["gff3"], tuple(files["frequencies"]), tuple(files["scores"]))
        for name, files in content["assemblies"].items()
    }
    return Settings(assemblies, content["assay"], tuple(content["options"]), content["trials"])


def side_files(sample: Sample, settings: Settings) -> dict[str, Path]:
    """Files beside the VCF by option; the assay of the configuration where the row names none, and its trials.

    Where only hits are asked for nothing is said to be absent, and coverage is not read.
    """
    files = {option: sample.side_file(column) for column, option in SIDE_OPTIONS.items()}
    if files["--assay"] is None and settings.assay:
        files["--assay"] = Path(settings.assay)
    if FLAGS["only_hits"] in settings.options:
        files["--coverage"] = None
    files["--trials"] = Path(settings.trials) if settings.trials else None
    return {option: path for option, path in files.items() if path is not None}


def reference_files(sample: Sample, settings: Settings) -> dict[str, Path]:
    """Reference and gene models of the sample's assembly by option."""
    files = settings.assemblies.get(sample.assembly, AssemblySettings())
    return {option: Path(name) for option, name in (("--fasta", files.fasta), ("--gff3", files.gff3)) if name}


def evidence_files(sample: Sample, settings: Settings) -> list[tuple[str, Path]]:
    """VCFs of frequencies and scores of the sample's assembly with their option."""
    files = settings.assemblies.get(sample.assembly, AssemblySettings())
    named = [("--frequencies", name) for name in files.frequencies] + [("--scores", name) for name in files.scores]
    return [(option, Path(name)) for option, name in named]


def sample_options(sample: Sample, settings: Settings) -> list[str]:
    """Options of ``annotate`` for a row, but for the VCF, the sample id, the knowledge and the place of the output."""
    options = ["--assembly", sample.assembly]
    if sample.tumour_type.startswith("disease:"):
        options += ["--condition", sample.tumour_type]
    else:
        options += ["--tumour-type", sample.tumour_type]
    files = [*reference_files(sample, settings).items(), *side_files(sample, settings).items()]
    for option, path in [*files, *evidence_files(sample, settings)]:
        options += [option, str(path)]
    return [*options, *settings.options]


def index_files(sample: Sample, settings: Settings) -> list[Path]:
    """Where an index of the sample's VCF may lie, if the configuration lets the VCF be read by it."""
    chosen = dict(zip(settings.options, settings.options[1:], strict=False)).get(VALUES["annotated_vcf"])
    by_index = chosen == "hits" or {FLAGS["only_hits"], FLAGS["restrict_to_index"]} & set(settings.options)
    return [sample.vcf.with_name(f"{sample.vcf.name}{suffix}") for suffix in (".tbi", ".csi")] if by_index else []


def input_files(sample: Sample, settings: Settings) -> list[Path]:
    """Every file that the sample's document is made from, whether it is there or not."""
    evidence = [path for _, path in evidence_files(sample, settings)]
    return [
        sample.vcf,
        *index_files(sample, settings),
        *reference_files(sample, settings).values(),
        *side_files(sample, settings).values(),
        *evidence,
        *(Path(f"{path}.tbi") for path in evidence),
    ]


def row_digest(sample: Sample) -> str:
    """A digest: an edited row re-runs its sample, and no identifier stands in Snakemake's metadata."""
    cells = [f"{column}={value}" for column, value in sorted(sample.values.items()) if value]
    return hashlib.sha256("\n".join(cells).encode()).hexdigest()


class SampleKeys:
    """Digests that change when a sample has to be annotated again; a file that many samples name is looked at once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._state = cache(_file_state)

    def key(self, sample: Sample) -> str:
        """Digest over the row, the options, and the size and time of change of every input file."""
        files = [(str(path), self._state(path)) for path in input_files(sample, self._settings)]
        content = [row_digest(sample), sample_options(sample, self._settings), files]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def _file_state(path: Path) -> tuple[int, int] | None:
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_size, state.st_mtime_ns
