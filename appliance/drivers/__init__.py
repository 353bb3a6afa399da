"""Hardware: one folder a kind, one module a model."""
