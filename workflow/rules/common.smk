"""What all rules share: the configuration, the samples, the interpreter and the fingerprints. No rules, no domain logic.

Inputs:  config/config.yaml of the working directory, or else the one beside the Snakefile; the sample sheet.
Outputs: CONFIG, SAMPLES, KNOWLEDGE_TABLES, CODE, the functions the rules call, and the shell function "targetboard": the
         package beside this file, run by the interpreter that runs Snakemake, so that nothing needs activating.
"""

import hashlib
import shlex
import sys
from pathlib import Path

BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE / "scripts"))
PREFIX = (
    f"export PYTHONPATH={shlex.quote(str(BASE / 'scripts'))}; "
    f'targetboard() {{ {shlex.quote(sys.executable)} -m targetboard "$@"; }}; '
)
shell.prefix(PREFIX.replace("{", "{{").replace("}", "}}"))

from snakemake.exceptions import WorkflowError

from targetboard.config import complete_config, find_path, load_schema
from targetboard.errors import TargetboardError
from targetboard.provenance import code_fingerprint
from targetboard.samples import SIDE_FILES, load_samples


configfile: find_path("config/config.yaml", Path.cwd(), BASE)


SCHEMAS = BASE / "workflow" / "schemas"
MAIN = workflow.is_main_process
try:
    CONFIG = complete_config(config, load_schema(SCHEMAS / "config.schema.yaml"), "config/config.yaml")
    SHEET = find_path(CONFIG["samples"], Path.cwd(), BASE)
    SAMPLES = load_samples(SHEET, load_schema(SCHEMAS / "samples.schema.yaml") if MAIN else None)
except TargetboardError as error:
    raise WorkflowError(error.one_line()) from None

KNOWLEDGE = [find_path(folder, Path.cwd(), BASE) for folder in CONFIG["knowledge"]]
KNOWLEDGE_TABLES = sorted(
    table for folder in KNOWLEDGE for table in folder.glob("*.*") if table.suffix in {".tsv", ".yaml"}
)
SIDE_OPTIONS = dict(zip(SIDE_FILES, ("--assay", "--coverage", "--cna", "--fusions", "--markers")))
CODE = {stage: code_fingerprint(stage) for stage in ("annotate", "report", "cohort")}


wildcard_constraints:
    sample=r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",


def sample_vcf(wildcards):
    """A missing file is no input: annotate then says so in a failed document, and the other samples go on."""
    path = SAMPLES[wildcards.sample].vcf
    return path if path.is_file() else []


def reference_files(wildcards):
    reference = CONFIG["reference"].get(SAMPLES[wildcards.sample].assembly, {})
    return [find_path(reference[kind], Path.cwd(), BASE) for kind in ("fasta", "gff3") if reference.get(kind)]


def evidence_files(kind, wildcards):
    files = CONFIG[kind].get(SAMPLES[wildcards.sample].assembly, [])
    return [find_path(name, Path.cwd(), BASE) for name in files]


def evidence_inputs(wildcards):
    files = evidence_files("frequencies", wildcards) + evidence_files("scores", wildcards)
    return files + [Path(f"{path}.tbi") for path in files]


def side_files(wildcards):
    """Files beside the VCF by option; the assay of the configuration where the row names none."""
    sample = SAMPLES[wildcards.sample]
    files = {SIDE_OPTIONS[column]: sample.side_file(column) for column in SIDE_FILES}
    if files["--assay"] is None and CONFIG["assay"]:
        files["--assay"] = find_path(CONFIG["assay"], Path.cwd(), BASE)
    return {option: path for option, path in files.items() if path is not None}


def side_inputs(wildcards):
    return [path for path in side_files(wildcards).values() if path.is_file()]


def annotate_options(wildcards):
    sample = SAMPLES[wildcards.sample]
    options = ["--assembly", sample.assembly]
    if sample.tumour_type.startswith("disease:"):
        options += ["--condition", sample.tumour_type]
    else:
        options += ["--tumour-type", sample.tumour_type]
    for option, files in zip(("--fasta", "--gff3"), reference_files(wildcards)):
        options += [option, str(files)]
    for option, path in side_files(wildcards).items():
        options += [option, str(path)]
    for kind in ("frequencies", "scores"):
        for path in evidence_files(kind, wildcards):
            options += [f"--{kind}", str(path)]
    if CONFIG["frequencies_complete"]:
        options.append("--frequencies-complete")
    for pair in CONFIG["evidence_fields"]:
        options += ["--evidence-field", pair]
    if CONFIG["allow_missing_eof"]:
        options.append("--allow-missing-eof")
    return shlex.join(options)


def sheet_row(wildcards):
    """A digest, so that an edited row re-runs its sample and no identifier stands in Snakemake's metadata."""
    cells = [f"{column}={value}" for column, value in sorted(SAMPLES[wildcards.sample].values.items()) if value]
    return hashlib.sha256("\n".join(cells).encode()).hexdigest()
