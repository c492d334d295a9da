"""From bytes to alleles: preflight, reading, normalising, consequences, writing."""
