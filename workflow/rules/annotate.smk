"""One VCF to one sample document.

Inputs:  the sample's VCF, the compiled knowledge, optionally FASTA and GFF3 of its assembly, and VCFs of population
         frequencies and computed scores with their indices.
Outputs: results/<sample>/<sample>.json; beside it <sample>.variants.tsv, .actions.tsv and .annotated.vcf.gz.
Why:     the document is the single source of truth. A file that cannot be analysed yields a document with status "failed"
         (and no other file), so one bad file never costs a batch; the gate in cohort.smk then fails the run. Small sheets
         run this rule once a sample; large ones run batches.smk, and this rule makes a single sample that is asked for.
"""


rule annotate:
    input:
        vcf=sample_vcf,
        index=sample_index,
        knowledge="results/knowledge/index.json",
        reference=reference_inputs,
        side=side_inputs,
        evidence=evidence_inputs,
    output:
        "results/{sample}/{sample}.json",
    log:
        "logs/annotate/{sample}.log",
    benchmark:
        "logs/benchmarks/annotate/{sample}.tsv"
    conda:
        "../envs/runtime.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        code=CODE["annotate"],
        row=sheet_row,
        options=annotate_options,
        sheet=str(SHEET),
        vcf=lambda wildcards: str(SAMPLES[wildcards.sample].vcf),
    shell:
        "targetboard annotate --vcf {params.vcf:q} --sample-id {wildcards.sample:q} {params.options}"
        " --knowledge {input.knowledge:q} --clinical {params.sheet:q} --failure-document"
        " --out results/{wildcards.sample:q} 2> {log:q}"
