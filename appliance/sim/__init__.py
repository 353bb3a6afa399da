"""Emulated devices at the wire level. Imports nothing else of ours; shares no code with the drivers."""
