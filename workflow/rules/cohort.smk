"""All sample documents to one table, and the gate.

Inputs:  every document and report.
Outputs: results/cohort/samples.tsv (one row a sample), results/cohort/failures.tsv, results/cohort/complete.txt (only if no sample failed).
Why:     reports of good samples are delivered whatever happens to others, but a run with a failed sample must not look like a success.
"""


localrules:
    cohort_tables,
    gate,


rule cohort_tables:
    input:
        expand("results/{sample}/{sample}.json", sample=SAMPLES),
    output:
        samples="results/cohort/samples.tsv",
        failures="results/cohort/failures.tsv",
    log:
        "logs/cohort.log",
    conda:
        "../envs/runtime.yaml"
    params:
        code=CODE["cohort"],
        sheet=str(SHEET),
        samples=list(SAMPLES),
    shell:
        "targetboard cohort --samples {params.sheet:q} --results results --out results/cohort 2> {log:q}"


rule gate:
    input:
        "results/cohort/failures.tsv",
        expand("results/{sample}/{sample}.report.html", sample=SAMPLES),
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
