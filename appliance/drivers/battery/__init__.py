"""Battery boards."""
