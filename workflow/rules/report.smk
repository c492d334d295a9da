"""One sample document to one report.

Inputs:  results/<sample>/<sample>.json.
Outputs: results/<sample>/<sample>.report.html, self-contained.
Why:     apart from annotate, so that a change of wording or layout renders again and annotates nothing.
"""


rule report:
    input:
        "results/{sample}/{sample}.json",
    output:
        "results/{sample}/{sample}.report.html",
    log:
        "logs/report/{sample}.log",
    conda:
        "../envs/runtime.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        code=CODE["report"],
    shell:
        "targetboard report --document {input:q} --out results/{wildcards.sample:q} 2> {log:q}"
