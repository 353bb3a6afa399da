"""Emulated devices at the level of the wire; ships with the product and imports nothing else of it."""
