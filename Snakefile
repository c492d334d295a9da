"""targetboard: from tumour panel VCFs to one report of actionable targets per sample.

Inputs:  config/config.yaml and the sample sheet it names.
Outputs: results/<sample>/<sample>.report.html (and .json, .variants.tsv, .annotated.vcf.gz), results/patients/<patient>/, results/cohort/.
A file that cannot be analysed costs only its own sample: it gets a failed-sample page, and the last rule fails with a table.
"""

from snakemake.utils import min_version

min_version("9.20")


report: "workflow/report/overview.rst"


include: "workflow/rules/common.smk"


rule all:
    default_target: True
    input:
        REPORTS,
        lambda wildcards: PATIENT_TARGETS,
        "results/cohort/complete.txt",


include: "workflow/rules/knowledge.smk"
include: "workflow/rules/annotate.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/batches.smk"
include: "workflow/rules/patient.smk"
include: "workflow/rules/cohort.smk"


onsuccess:
    print(
        f"Reports: results/<sample>/<sample>.report.html ({len(SAMPLES)} samples); overview: results/cohort/cohort.html"
    )


onerror:
    print("Some samples failed: results/cohort/failures.tsv names them; reports of the others are in results/<sample>/")
