"""Knowledge tables to one compiled index.

Inputs:  the tables and manifests of every knowledge folder.
Outputs: results/knowledge/index.json, which carries the release and a digest.
Why:     the tables are linted and proved once a run, not once a sample; a damaged table stops the run before any report.
"""


localrules:
    compile_knowledge,


rule compile_knowledge:
    input:
        KNOWLEDGE_TABLES,
    output:
        "results/knowledge/index.json",
    log:
        "logs/knowledge.log",
    conda:
        "../envs/runtime.yaml"
    params:
        code=CODE["annotate"],
        folders=shlex.join(word for folder in KNOWLEDGE for word in ("--knowledge", str(folder))),
    shell:
        "targetboard knowledge build {params.folders} --out {output:q} > {log:q} 2>&1 || {{ cat {log:q} >&2; exit 5; }}"
