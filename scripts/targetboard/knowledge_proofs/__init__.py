"""Proofs of the knowledge tables: every row shown to fire, and shown not to fire next door, by the real pipeline."""
