"""Scanners: readers of codes."""
