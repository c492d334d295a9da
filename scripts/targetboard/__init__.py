"""From tumour panel VCF to a sourced report of actionable targets."""

__version__ = "0.1.0"
