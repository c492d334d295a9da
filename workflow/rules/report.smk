"""One sample document to one report.

Inputs:  results/<sample>/<sample>.json.
Outputs: results/<sample>/<sample>.report.html, self-contained, and the other formats that the configuration lists.
Why:     apart from annotate, so that a change of wording or layout renders again and annotates nothing.
"""


rule report:
    input:
        "results/{sample}/{sample}.json",
    output:
        report(
            expand("results/{{sample}}/{{sample}}{suffix}", suffix=REPORT_SUFFIXES),
            caption="../report/sample.rst",
            category="Samples",
            labels={"sample": "{sample}"},
        ),
    log:
        "logs/report/{sample}.log",
    benchmark:
        "logs/benchmarks/report/{sample}.tsv"
    conda:
        "../envs/runtime.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=CODE["report"],
        formats=",".join(CONFIG["reports"]),
        signed=lambda wildcards: sign_out(wildcards.sample),
    shell:
        "targetboard report --document {input:q} --format {params.formats:q} --out results/{wildcards.sample:q}"
        " 2> {log:q}"
