"""Inputs beside the VCF: assay, coverage, copy number, fusions, measured markers. Each is optional and validated."""
