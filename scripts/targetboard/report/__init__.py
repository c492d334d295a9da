"""The sample document and its renderings."""
