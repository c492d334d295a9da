"""Many samples a job: the same verbs over a part of the sample sheet, for sheets of more than some dozen samples.

Inputs:  what annotate.smk and report.smk read, for every sample of the batch.
Outputs: results/<sample>/ as there, and one flag a batch and stage, .targetboard/<stage>/<batch>.done, which lists the
         samples; beside it the stage's journal, which remembers what was made from what.
Why:     starting a process and a job costs more than a panel sample. A batch is chosen by a hash of the sample id, so that
         a new sample starts one batch. A batch that starts makes only the samples whose inputs, row, options, knowledge
         or code changed, or whose outputs are gone; a sample that fails costs none of the others.
"""


rule annotate_batch:
    input:
        knowledge="results/knowledge/index.json",
    output:
        ".targetboard/annotate/{batch}.done",
    log:
        "logs/annotate/{batch}.log",
    benchmark:
        "logs/benchmarks/annotate/{batch}.tsv"
    conda:
        "../envs/runtime.yaml"
    threads: 1
    resources:
        mem_mb=batch_memory,
        runtime=batch_minutes,
    params:
        code=CODE["annotate"],
        state=lambda wildcards: PLANS["annotate"].state(wildcards.batch),
        settings=SETTINGS.dump(),
        sheet=str(SHEET),
    shell:
        "targetboard annotate --manifest {params.sheet:q} --batch {wildcards.batch} --settings {params.settings:q}"
        " --knowledge {input.knowledge:q} --failure-document --journal .targetboard/annotate --state {params.state}"
        " --out results --done {output:q} 2> {log:q}"


rule report_batch:
    input:
        ".targetboard/annotate/{batch}.done",
    output:
        ".targetboard/report/{batch}.done",
    log:
        "logs/report/{batch}.log",
    benchmark:
        "logs/benchmarks/report/{batch}.tsv"
    conda:
        "../envs/runtime.yaml"
    threads: 1
    resources:
        mem_mb=batch_memory,
        runtime=batch_minutes,
    params:
        code=CODE["report"],
        state=lambda wildcards: PLANS["report"].state(wildcards.batch),
        formats=",".join(CONFIG["reports"]),
        sheet=str(SHEET),
    shell:
        "targetboard report --manifest {params.sheet:q} --batch {wildcards.batch} --format {params.formats:q}"
        " --journal .targetboard/report --state {params.state} --out results --done {output:q} 2> {log:q}"
