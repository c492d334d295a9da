"""Octopus: VAF = AD alt/ADP where the annotations AD and ADP were asked for, else the modelled haplotype frequency.

By default Octopus writes neither AD nor AF, but MAP_HF, the frequency of each haplotype of the genotype; those that
carry the ALT are added. Before 0.7 it wrote MAP_VAF, which can be far from the reads (issue 81). AF has one value per
allele, the reference included. Genotypes are always phased and may have more than two haplotypes; PS holds the phase
set, HSS marks each haplotype as somatic (1) or germline (0).
"""

from __future__ import annotations

from targetboard.vcf.dialects.declaration import FROM_DOCUMENTATION, Dialect, FieldSet, Rule, RuleKind, Signature

DIALECT = Dialect(
    name="octopus",
    title="Octopus",
    basis=FROM_DOCUMENTATION,
    documentation="luntergroup/octopus docs: models/cancer, advanced/vcf, filtering/annotations; issues 31 and 81",
    signature=Signature(
        sources=(r"octopus$",),
        lines=(r"##octopus_version=", r"##octopus="),
        fields=(
            FieldSet(format=("HSS", "MAP_HF")),
            FieldSet(format=("MAP_VAF", "VAF_CR")),
            FieldSet(format=("HSS", "PS"), info=("SOMATIC",)),
        ),
    ),
    rules=(
        Rule(RuleKind.ALLELE_DEPTHS, "AD", depth="ADP"),
        Rule(RuleKind.ALLELE_DEPTHS, "AD"),
        Rule(RuleKind.FRACTION, "AF", depth="ADP", per_allele=True),
        Rule(RuleKind.HAPLOTYPE_FREQUENCY, "MAP_HF", depth="DP"),
        Rule(RuleKind.FRACTION, "MAP_VAF", depth="DP"),
    ),
    haplotype_status=True,
)
