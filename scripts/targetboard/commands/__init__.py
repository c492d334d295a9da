"""The verbs: each parses, opens files, calls pure code and writes atomically."""
