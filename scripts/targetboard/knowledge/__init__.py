"""The curated tables: schema, loading, lint, index and matching."""
