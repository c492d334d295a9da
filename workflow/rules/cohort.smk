"""All sample documents to the overview of the cohort, and the gate.

Inputs:  every document and report.
Outputs: results/cohort: cohort.html (the overview), samples.tsv, summary.tsv, alterations.tsv, trials.tsv, failures.tsv,
         oncoprint.svg, tiers.svg, multiqc/ (custom content for MultiQC); complete.txt only if no sample failed.
Why:     reports of good samples are delivered whatever happens to others, but a run with a failed sample must not look like a success.
"""

import hashlib


localrules:
    cohort_tables,
    gate,


rule cohort_tables:
    input:
        DOCUMENTS,
    output:
        page=report(
            "results/cohort/cohort.html",
            caption="../report/cohort_page.rst",
            category="Cohort",
            labels={"overview": "all samples", "kind": "page"},
        ),
        oncoprint=report(
            "results/cohort/oncoprint.svg",
            caption="../report/oncoprint.rst",
            category="Cohort",
            labels={"overview": "drivers by gene and sample", "kind": "figure"},
        ),
        tiers=report(
            "results/cohort/tiers.svg",
            caption="../report/tiers.rst",
            category="Cohort",
            labels={"overview": "outcomes by tumour type", "kind": "figure"},
        ),
        samples=report(
            "results/cohort/samples.tsv",
            caption="../report/table.rst",
            category="Cohort",
            labels={"overview": "samples", "kind": "table"},
        ),
        summary=report(
            "results/cohort/summary.tsv",
            caption="../report/table.rst",
            category="Cohort",
            labels={"overview": "summary", "kind": "table"},
        ),
        alterations=report(
            "results/cohort/alterations.tsv",
            caption="../report/table.rst",
            category="Cohort",
            labels={"overview": "alterations", "kind": "table"},
        ),
        trials=report(
            "results/cohort/trials.tsv",
            caption="../report/table.rst",
            category="Cohort",
            labels={"overview": "trials", "kind": "table"},
        ),
        failures=report(
            "results/cohort/failures.tsv",
            caption="../report/table.rst",
            category="Cohort",
            labels={"overview": "failures", "kind": "table"},
        ),
        multiqc=directory("results/cohort/multiqc"),
    log:
        "logs/cohort.log",
    benchmark:
        "logs/benchmarks/cohort.tsv"
    conda:
        "../envs/runtime.yaml"
    params:
        code=CODE["cohort"],
        sheet=str(SHEET),
        samples=hashlib.sha256("\n".join(SAMPLES).encode()).hexdigest(),
    shell:
        "targetboard cohort --samples {params.sheet:q} --results results --out results/cohort 2> {log:q}"


rule gate:
    input:
        "results/cohort/failures.tsv",
        REPORTS,
    output:
        "results/cohort/complete.txt",
    log:
        "logs/gate.log",
    conda:
        "../envs/runtime.yaml"
    params:
        code=CODE["cohort"],
    shell:
        "targetboard cohort --gate results/cohort/failures.tsv --out results/cohort 2> {log:q} || {{ code=$?; cat {log:q} >&2; exit $code; }}"
