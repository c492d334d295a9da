"""One patient over time and space: what the documents of several samples say together. Reads documents, never a VCF."""
