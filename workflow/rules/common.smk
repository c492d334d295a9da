"""What all rules share: the configuration, the samples, the interpreter and the fingerprints. No rules, no domain logic.

Inputs:  config/config.yaml of the working directory, or else the one beside the Snakefile; the sample sheet.
Outputs: CONFIG, SAMPLES, SETTINGS, KNOWLEDGE_TABLES, CODE, PLANS, DOCUMENTS and REPORTS (what stands for all documents and
         all reports: the files, or the flags of the batches), the functions the rules call, and the shell function
         "targetboard": the package beside this file, run by the interpreter that runs Snakemake, so that nothing needs
         activating.
"""

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

from targetboard.batches.assignment import batch_count, batch_size_of
from targetboard.batches.plan import BatchPlan
from targetboard.batches.settings import (
    SampleKeys,
    evidence_files,
    index_files,
    reference_files,
    row_digest,
    sample_options,
    settings_of,
    side_files,
)
from targetboard.commands.report import FORMATS
from targetboard.config import complete_config, find_path, load_schema
from targetboard.errors import TargetboardError
from targetboard.provenance import code_fingerprint
from targetboard.samples import load_samples
from targetboard.signing.files import sign_out_state


configfile: find_path("config/config.yaml", Path.cwd(), BASE)


SCHEMAS = BASE / "workflow" / "schemas"
MAIN = workflow.is_main_process
if MAIN and any(Path(".snakemake/locks").glob("*")):  # Snakemake itself may speak of incomplete files instead
    print(
        "targetboard: warning: this folder is locked: another run is at work here, or one was killed. Wait for the one"
        " that runs; `snakemake --unlock` is only for one that is dead.",
        file=sys.stderr,
    )
try:
    CONFIG = complete_config(config, load_schema(SCHEMAS / "config.schema.yaml"), "config/config.yaml")
    SHEET = find_path(CONFIG["samples"], Path.cwd(), BASE)
    if MAIN:  # jobs read the same sheet again and need not repeat what is said of it
        SAMPLES = load_samples(
            SHEET,
            load_schema(SCHEMAS / "samples.schema.yaml"),
            warn=lambda text: print(f"targetboard: warning: {text}", file=sys.stderr),
        )
    else:
        SAMPLES = load_samples(SHEET)
except TargetboardError as error:
    raise WorkflowError(error.one_line()) from None

SETTINGS = settings_of(CONFIG, Path.cwd(), BASE)
KNOWLEDGE = [find_path(folder, Path.cwd(), BASE) for folder in CONFIG["knowledge"]]
KNOWLEDGE_TABLES = sorted(
    table for folder in KNOWLEDGE for table in folder.glob("*.*") if table.suffix in {".tsv", ".yaml"}
)
CODE = {stage: code_fingerprint(stage) for stage in ("annotate", "report", "cohort")}
RESULTS = Path("results")
REPORT_SUFFIXES = [FORMATS[name].suffix for name in CONFIG["reports"]]


def sign_out(sample):
    """What changes when a document is signed out, so that its report is made again."""
    return sign_out_state(RESULTS / sample, sample)


def batch_plan(stage, planned, extra=""):
    """What a stage makes, batch by batch; its memory of earlier runs lies in .targetboard."""
    return BatchPlan(list(SAMPLES), BATCH_COUNT, Path(".targetboard") / stage, RESULTS, planned, extra)


BATCH_SIZE = batch_size_of(CONFIG["execution"].get("batch_size", "auto"), len(SAMPLES))
BATCH_COUNT = batch_count(len(SAMPLES), BATCH_SIZE)
KEYS = SampleKeys(SETTINGS)
PLANS = {
    "annotate": batch_plan("annotate", lambda sample: KEYS.key(SAMPLES[sample])),
    "report": batch_plan("report", sign_out, ",".join(CONFIG["reports"])),
}
if BATCH_SIZE > 1:
    DOCUMENTS, REPORTS = (
        [f".targetboard/{stage}/{batch}.done" for batch in PLANS[stage].members] for stage in ("annotate", "report")
    )
else:
    DOCUMENTS = expand("results/{sample}/{sample}.json", sample=SAMPLES)
    REPORTS = expand("results/{sample}/{sample}{suffix}", sample=SAMPLES, suffix=REPORT_SUFFIXES)


wildcard_constraints:
    sample=r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",
    batch=r"[0-9]+-of-[0-9]+",


def sample_vcf(wildcards):
    """A missing file is no input: annotate then says so in a failed document, and the other samples go on."""
    path = SAMPLES[wildcards.sample].vcf
    return path if path.is_file() else []


def sample_index(wildcards):
    return [path for path in index_files(SAMPLES[wildcards.sample], SETTINGS) if path.is_file()]


def side_inputs(wildcards):
    return [path for path in side_files(SAMPLES[wildcards.sample], SETTINGS).values() if path.is_file()]


def reference_inputs(wildcards):
    return list(reference_files(SAMPLES[wildcards.sample], SETTINGS).values())


def evidence_inputs(wildcards):
    files = [path for _, path in evidence_files(SAMPLES[wildcards.sample], SETTINGS)]
    return files + [Path(f"{path}.tbi") for path in files]


def annotate_options(wildcards):
    return shlex.join(sample_options(SAMPLES[wildcards.sample], SETTINGS))


def sheet_row(wildcards):
    return row_digest(SAMPLES[wildcards.sample])


def batch_minutes(wildcards, attempt):
    """Two seconds a sample allow for files a hundred times the usual size; doubled at each attempt."""
    return (10 + len(PLANS["annotate"].members[wildcards.batch]) // 30) * 2 ** (attempt - 1)


def batch_memory(wildcards, attempt):
    return 1000 * 2 ** (attempt - 1)
