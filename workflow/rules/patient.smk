"""The documents of one patient's samples to one report over time and sites.

Inputs:  the documents of all samples of a patient_id that the sheet gives to two samples or more.
Outputs: results/patients/<patient>/<patient>.patient.json and .patient.html; with batches, also the flag
         .targetboard/patients.done.
Why:     apart from report.smk, so that a new time point renders that patient only. With batches one job looks at all
         patients and makes those whose documents changed.
"""

from targetboard.patient.plan import patient_files, patients_of, plan_word

PATIENTS = patients_of(SAMPLES)
PATIENTS_DONE = Path(".targetboard/patients.done")
PATIENT_CODE = code_fingerprint("patient")
# what stands for the reports of all patients: the files, or the flag of the one job that makes them
PATIENT_TARGETS = (
    [path for name in PATIENTS for path in patient_files(RESULTS / "patients", name)]
    if BATCH_SIZE == 1
    else [PATIENTS_DONE] if PATIENTS else []
)


localrules:
    patient,
    patients,


wildcard_constraints:
    patient=r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}",


rule patient:
    input:
        lambda wildcards: expand("results/{sample}/{sample}.json", sample=PATIENTS[wildcards.patient]),
    output:
        "results/patients/{patient}/{patient}.patient.json",
        report(
            "results/patients/{patient}/{patient}.patient.html",
            caption="../report/patient.rst",
            category="Patients",
            labels={"patient": "{patient}"},
        ),
    log:
        "logs/patient/{patient}.log",
    conda:
        "../envs/runtime.yaml"
    params:
        code=PATIENT_CODE,
    shell:
        "targetboard patient --documents {input:q} --out results/patients/{wildcards.patient:q} 2> {log:q}"


rule patients:
    input:
        DOCUMENTS,
    output:
        str(PATIENTS_DONE),
    log:
        "logs/patients.log",
    conda:
        "../envs/runtime.yaml"
    params:
        code=PATIENT_CODE,
        state=plan_word(PATIENTS_DONE, PATIENTS, RESULTS / "patients"),
        sheet=str(SHEET),
    shell:
        "targetboard patient --samples {params.sheet:q} --results results --out results/patients --done {output:q}"
        " --state {params.state} 2> {log:q}"
