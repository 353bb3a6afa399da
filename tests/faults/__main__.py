"""Runs the table and writes docs/faults.md."""

from tests.faults.page import write

write()
