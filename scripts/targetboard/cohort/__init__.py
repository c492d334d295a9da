"""Views over all samples of a run."""
