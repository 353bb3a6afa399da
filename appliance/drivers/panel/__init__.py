"""Panels: lamps, buzzer and button."""
