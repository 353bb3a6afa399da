"""Relays on the Pi's pins: cash drawer and stall lights."""
